use std::collections::HashSet;

use super::measure::METRICS;
use super::tables::{Layout, Printed, TABLES, numbers};
use super::*;
use crate::analyze::Results;
use crate::cell::{Filter, Plan};
use crate::component::Registry;
use crate::papers::report::write_all;
use crate::papers::ruchay_2023::sample::{manifest, record};
use crate::papers::{Agreement, Ours, Part, Statistic, Verdict};

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
            Layout::Grid(search) | Layout::Summary(search) | Layout::Chosen(search) => vec![*search],
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

/// What the grids print of a pipeline: resampler, classifier and fold give the metrics.
fn as_printed(part: &Part) -> Results {
    let text = part.study(&Registry::built_in()).unwrap().text;
    let mut manifest = manifest(&text);
    manifest.data[0].name = "handbook".into();
    // `smote` is told that these are whole numbers.
    for (column, name) in manifest.data[0].columns.iter_mut().zip(["TX_DURING_WEEKEND", "TX_DURING_NIGHT"]) {
        column.name = name.into();
    }
    let mut results = Results::of(manifest, Vec::new(), &Registry::built_in()).unwrap();
    for printed in TABLES {
        let Layout::Grid(search) = printed.layout else { continue };
        let (header, rows) = tables::read(printed.csv).unwrap();
        let place = |name: &str| header.iter().position(|column| column == name);
        for row in rows {
            let pipeline = (search.pipeline)(&row[place("Parameters summary").unwrap()]);
            let set = if *pipeline.folds.test == *part { "Test" } else { "Validation" };
            let is_it = *pipeline.folds.test == *part || *pipeline.folds.validation == *part;
            // Mean and standard deviation in four folds.
            for fold in (0..4).filter(|_| is_it) {
                let value = |(name, id): (&str, &'static str)| {
                    let number = |of: &str| row[place(&format!("{name} {set}{of}")).unwrap()].parse::<f64>().unwrap();
                    (id, number("") + number(" Std") * if fold % 2 == 0 { 1.0 } else { -1.0 })
                };
                if place(&format!("AUC ROC {set}")).is_none() {
                    continue;
                }
                let metrics = METRICS.map(value);
                let planned = results.planned.iter().map(|planned| &planned.cell).find(|cell| {
                    (&cell.resampler, &cell.classifier, cell.fold) == (&pipeline.resampler, &pipeline.classifier, fold)
                });
                let cell = planned.expect("the cell is planned").clone();
                results.records.retain(|known| known.cell != cell);
                results.records.push(record(cell, "any", &metrics));
            }
        }
    }
    results
}

#[test]
fn with_the_printed_values_every_table_comes_out_as_printed() {
    let evidence = parts::PARTS
        .iter()
        .filter(|part| part.name != parts::FIRST.name && part.name != parts::KNOWN_CARDS.name)
        .fold(Evidence::default(), |evidence, part| evidence.with(part, as_printed(part)));
    let all = numbers(&evidence).unwrap();
    let measured: Vec<_> = all.iter().filter(|number| number.agreement() != Agreement::NotMeasured).collect();
    assert!(measured.len() > 800, "{}", measured.len());
    let has_summary = |printed: &&Printed| matches!(printed.layout, Layout::Summary(_) | Layout::Models(_));
    assert!(TABLES.iter().filter(has_summary).any(|printed| measured.iter().any(|n| n.table == printed.id)));
    // The depths are of one of the folds, and the four here are made up.
    for number in measured.iter().filter(|number| !number.table.starts_with("ValidationStrategies-1")) {
        let is_one_fold = number.table.starts_with("ValidationStrategies-26");
        assert!(is_one_fold || number.agreement() == Agreement::Equal, "{number:?}");
    }
    // The report of it, whole.
    let folder = tempfile::tempdir().unwrap();
    let files = write_all(&PAPER, &evidence, &[], folder.path()).unwrap();
    let names: HashSet<String> =
        files.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    for name in
        ["reproduction.md", "report.html", "reproduction.tex", "numbers.csv", "claims.csv", "printed-and-ours.svg"]
    {
        assert!(names.contains(name), "{name} of {names:?}");
    }
    let text = std::fs::read_to_string(folder.path().join("reproduction.md")).unwrap();
    for said in [
        "printed numbers are equal to the printed digits",
        "XGBoost, 50 trees of depth 3",
        "0.867643 ± 0.015404 / 0.867643 ± 0.015404",
        "told from 0",
    ] {
        assert!(text.contains(said), "{said}");
    }
}
