use std::path::Path;

use super::parts::{IN_SAMPLE, PARTS, SEARCH, UNSEEN_CARDS};
use super::*;
use crate::analyze::Results;
use crate::component::{Prediction, Registry, ScoreKind};
use crate::metric::Score;
use crate::papers::ruchay_2023::sample::{manifest, record};
use crate::papers::{Finding, Part, Verdict};
use crate::split::{Leak, Leaks};
use crate::store::{KeptRows, Predictions, SplitRows};

/// A part's plan on a table with the nine inputs, without records.
fn planned(part: &Part) -> Results {
    let registry = Registry::built_in();
    let mut manifest = manifest(&part.study(&registry).unwrap().text);
    manifest.data[0].columns.truncate(9);
    Results::of(manifest, Vec::new(), &registry).unwrap()
}

/// A part whose cells have these areas on test and validation rows.
fn part(part: &Part, area: impl Fn(&str, &str, u32) -> (f64, f64)) -> Results {
    let mut results = planned(part);
    for planned in &results.planned {
        let cell = planned.cell.clone();
        let (test, validation) = area(&cell.classifier, &cell.scaler, cell.fold);
        let mut made = record(cell, &planned.family, &[("roc-auc", test)]);
        made.validation.insert("roc-auc".into(), Score::Value(validation));
        results.records.push(made);
    }
    results
}

fn judged(evidence: &Evidence, id: &str) -> Finding {
    let claim = claims::CLAIMS.iter().find(|claim| claim.id == id).unwrap();
    (claim.judge)(evidence)
}

fn only_with_the_leak() -> Verdict {
    Verdict::OnlyWithLeak(vec![Leaks::of(&[Leak::JudgedOnTrainingRows])])
}

#[test]
fn the_studies_in_the_program_are_valid_and_of_their_kind() {
    let registry = Registry::built_in();
    for part in &PARTS {
        let study = part.study(&registry).unwrap();
        let wrong = part.check(&planned(part), Path::new("x")).err().map(|e| e.to_string());
        // The made-up manifest is of other data; kind and leak of the protocol are asked after the data.
        assert!(wrong.is_some_and(|said| said.contains("the paper's data are `handbook`")), "{}", part.name);
        assert_eq!(study.protocol.name(), part.protocol, "{}", part.name);
    }
}

#[test]
fn a_network_is_chosen_on_validation_rows_and_judged_on_test_rows() {
    // Best on test rows is another one, and the best 9-5-2 is the second on validation rows.
    let of = |classifier: &str, _: &str, _: u32| match classifier {
        "9-7-2-tanh-1" => (0.70, 0.90),
        "9-5-2-logistic-0" => (0.99, 0.80),
        _ => (0.60, 0.50),
    };
    let evidence = Evidence::default().with(&SEARCH, part(&SEARCH, of));
    let shape = judged(&evidence, "chosen-shape");
    assert_eq!(shape.verdict, Verdict::NotReproduced);
    assert_eq!(shape.measured, "9-7-2-tanh-1 with 0.9000 on the validation rows; the best 9-5-2 has 0.8000");
    let value = judged(&evidence, "value-of-the-curve");
    assert_eq!((value.value, value.verdict), (Some(0.70), Verdict::NotReproduced));
    let printed = Evidence::default().with(
        &SEARCH,
        part(&SEARCH, |classifier, _, _| match classifier {
            "9-5-2-tanh-0" => (0.76871, 0.9),
            _ => (0.6, 0.5),
        }),
    );
    assert_eq!(judged(&printed, "chosen-shape").verdict, Verdict::Reproduced);
    assert_eq!(judged(&printed, "value-of-the-curve").verdict, Verdict::Reproduced);
}

#[test]
fn areas_of_1_need_test_rows_or_the_leak() {
    let with = |test: f64, train: f64| {
        let search = part(&SEARCH, |_, _, _| (test, test));
        let evidence = Evidence::default().with(&SEARCH, search);
        evidence.with(&IN_SAMPLE, part(&IN_SAMPLE, |_, _, _| (train, train)))
    };
    assert_eq!(judged(&with(0.9994, 1.0), "areas-of-1").verdict, Verdict::Reproduced);
    assert_eq!(judged(&with(0.9993, 1.0), "areas-of-1").verdict, only_with_the_leak());
    assert_eq!(judged(&with(0.9, 0.9993), "areas-of-1").verdict, Verdict::NotReproduced);
}

#[test]
fn the_printed_network_is_judged_without_a_scaler_and_by_its_interval() {
    let with = |none: f64, spread: f64| {
        let of = move |classifier: &str, scaler: &str, fold: u32| match (classifier, scaler) {
            ("subeh-yarovenko-mlp", "none") => (none + spread * (f64::from(fold) - 2.0), 0.0),
            // Another scaler, another classifier: they decide nothing.
            _ => (0.95 + 0.001 * f64::from(fold), 0.0),
        };
        judged(&Evidence::default().with(&UNSEEN_CARDS, part(&UNSEEN_CARDS, of)), "predicts-fraud")
    };
    let found = with(0.6, 0.01);
    let (low, high) = found.interval.unwrap();
    assert!(found.verdict == Verdict::Reproduced && 0.5 < low && low < 0.6 && high < 0.7, "{found:?}");
    assert_eq!(with(0.6, 0.1).verdict, Verdict::NotReproduced);
    assert_eq!(with(0.4, 0.01).verdict, Verdict::NotReproduced);
}

#[test]
fn all_rows_are_correct_where_kept_predictions_say_so() {
    let place = tempfile::tempdir().unwrap();
    let folder = |name: &str| place.path().join(name);
    // Of the first network of the plan; it is chosen, as no other is better.
    let keep = |part: &Part, mut results: Results, label: [u8; 4]| {
        let rows =
            |first: u32| KeptRows { row: (first..first + 4).collect(), y: vec![0, 1, 0, 1], ..KeptRows::default() };
        let said = || Prediction { score: vec![0.2, 0.9, 0.1, 0.8], label: label.into(), kind: ScoreKind::Probability };
        let split = SplitRows { test: rows(0), validation: Some(rows(4)) };
        let directory = folder(part.name);
        std::fs::create_dir_all(&directory).unwrap();
        split.write(&directory).unwrap();
        results.records[0].key = "0123456789abcdef0123456789abcdef".into();
        results.records[0].rows = Some(split.digest());
        // Both positives have higher scores than both negatives.
        results.records[0].metrics.insert("roc-auc".into(), Score::Value(1.0));
        let said = Predictions { test: said(), validation: Some(said()) };
        said.write(&directory, &results.records[0].key).unwrap();
        results
    };
    let with = |test: [u8; 4], train: [u8; 4]| {
        let search = keep(&SEARCH, part(&SEARCH, |_, _, _| (0.5, 0.5)), test);
        let in_sample = keep(&IN_SAMPLE, part(&IN_SAMPLE, |_, _, _| (0.5, 0.5)), train);
        let evidence = Evidence::default().with(&SEARCH, search).with(&IN_SAMPLE, in_sample);
        evidence.at(&SEARCH, &folder(SEARCH.name)).at(&IN_SAMPLE, &folder(IN_SAMPLE.name))
    };
    let (right, wrong) = ([0, 1, 0, 1], [0, 1, 1, 1]);
    assert_eq!(judged(&with(right, wrong), "all-correct").verdict, Verdict::Reproduced);
    let leaky = with(wrong, right);
    let found = judged(&leaky, "all-correct");
    assert_eq!((found.value, found.verdict), (Some(75.0), only_with_the_leak()));
    let table = figures::classification(&leaky).unwrap();
    let line = |nth: usize| table.rows[nth].iter().map(crate::report::document::Text::words).collect::<Vec<_>>();
    assert_eq!(line(0), ["Train", "2", "2", "2", "2", "4", "4", "100.000"]);
    assert_eq!(line(3), ["all samples", "6", "4", "6", "6", "12", "10", "83.333"]);
    assert_eq!(figures::predictions(&leaky).unwrap().rows.len(), 12);
    // Scores that do not give the record's area are not what it was scored from.
    let mut other = leaky.part(&SEARCH).unwrap().records[0].clone();
    assert!(leaky.said(&SEARCH, &other).is_some());
    other.metrics.insert("roc-auc".into(), Score::Value(0.75));
    assert!(leaky.said(&SEARCH, &other).is_none());
    // The files are read when they are asked for: these replace those before.
    assert_eq!(judged(&with(wrong, wrong), "all-correct").verdict, Verdict::NotReproduced);
}
