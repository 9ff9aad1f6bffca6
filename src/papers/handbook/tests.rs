use std::collections::HashSet;

use super::tables::{Layout, TABLES, numbers};
use super::*;
use crate::cell::{Filter, Plan};
use crate::component::Registry;
use crate::papers::{Agreement, Ours, Statistic, Verdict};

#[test]
fn every_printed_cell_is_a_number_of_its_kind() {
    let all = numbers(&Evidence::default()).unwrap();
    for number in &all {
        let is_number = number.printed.parse::<f64>().is_ok_and(|value| (0.0..=1.0).contains(&value));
        assert!(is_number || number.statistic == Statistic::Choice, "{number:?}");
        assert_eq!(number.agreement(), Agreement::NotMeasured, "{number:?}");
        let Ours::Nothing(why) = &number.ours else { panic!("{number:?}") };
        assert!(!why.contains("none of the Handbook's") && !why.contains("neither validation"), "{why}: {number:?}");
    }
    // A cell of a table counts once: its place and its kind tell it from all others.
    let places: HashSet<_> = all.iter().map(|n| (n.table, &n.row, &n.column, n.statistic.name())).collect();
    assert_eq!(places.len(), all.len());
    // A grid of 11 depths has three metrics on two sets of folds, each with a standard deviation.
    let of = |table: &str| all.iter().filter(|number| number.table == table).count();
    assert_eq!((of("ModelSelection-12"), of("ModelSelection-16"), of("BaselineModeling-41")), (132, 24, 15));
}

#[test]
fn every_row_of_a_grid_is_a_pipeline_of_the_parts() {
    let registry = Registry::built_in();
    let mut planned = HashSet::new();
    for part in &parts::PARTS {
        let study = part.study(&registry).unwrap();
        let plan = Plan::of(&study, &[], &Filter::default()).unwrap();
        planned.extend(plan.cells.iter().map(|c| (part.name, c.id.resampler.clone(), c.id.classifier.clone())));
    }
    for printed in TABLES {
        let searches: Vec<_> = match &printed.layout {
            Layout::Grid(search) | Layout::Summary(search) => vec![*search],
            Layout::Models(models) => models.iter().map(|(_, search)| *search).collect(),
            _ => Vec::new(),
        };
        for (search, label) in searches.iter().flat_map(|search| search.labels.iter().map(move |label| (search, label)))
        {
            let pipeline = (search.pipeline)(label);
            for part in [pipeline.folds.validation, pipeline.folds.test] {
                let name = (part.name, pipeline.resampler.clone(), pipeline.classifier.clone());
                assert!(planned.contains(&name), "{}: {label} is {name:?}", printed.id);
            }
        }
        if let Layout::Grid(search) = &printed.layout {
            let (header, rows) = tables::read(printed.csv).unwrap();
            let label = header.iter().position(|column| column == "Parameters summary").unwrap();
            assert!(rows.iter().all(|row| search.labels.contains(&row[label].as_str())), "{}", printed.id);
        }
    }
}

#[test]
fn the_standard_deviation_is_numpys() {
    // numpy.std([0.8, 0.82, 0.79, 0.85])
    assert!((measure::spread(&[0.8, 0.82, 0.79, 0.85]) - 0.022_912_878_474_779_2).abs() < 1e-15);
}

#[test]
fn without_parts_no_claim_is_judged() {
    for claim in PAPER.claims {
        let verdict = (claim.judge)(&Evidence::default()).verdict;
        assert!(matches!(verdict, Verdict::NotMeasured(_)), "{}: {verdict}", claim.id);
    }
}
