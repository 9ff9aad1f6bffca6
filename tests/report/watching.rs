//! Trainings that stop early by resampled rows are told.

use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::analyze::watched::watched_behind_resampler;
use fraudbench::cell::CellId;
use fraudbench::store::Record;
use serde_json::{Value, json};

use crate::sample::{cell, record, results};

/// A run of pipelines: the classifier, its parameters, rows that the resampler made up, training rows.
fn run(of: &[(&str, Value, u64, u64)]) -> fraudbench::analyze::Results {
    let cells: Vec<CellId> = of
        .iter()
        .map(|(name, _, made, _)| cell(true, if *made > 0 { "smote" } else { "none" }, "standard", name, 0))
        .collect();
    let records = cells.iter().zip(of).map(|(cell, (_, params, made, rows))| {
        let mut record = Record { made_rows: *made, train_rows: *rows, ..record(cell, &[("pr-auc", 0.7)]) };
        record.classifier_facts.params = params.clone();
        record
    });
    let records = records.collect();
    results(cells, records, &["pr-auc"], "pr-auc")
}

#[test]
fn those_that_watch_resampled_rows_are_known() {
    let rounds = json!({ "early_stopping_rounds": 20, "validation_fraction": 0.1 });
    let early = |stops: Value| json!({ "early_stopping": stops, "validation_fraction": 0.1 });
    let protocol = json!({ "early_stopping": true, "validation_fraction": 0.1, "validation": "protocol" });
    let found = watched_behind_resampler(&run(&[
        ("boosted", rounds.clone(), 500, 9_000),
        ("plain", rounds.clone(), 0, 9_000),
        ("tuned", json!({ "params": rounds, "threshold": { "rule": "max-f1" } }), 500, 9_000),
        ("network", early(json!(true)), 500, 9_000),
        ("own-part", protocol, 500, 9_000),
        ("few", early(json!("auto")), 500, 10_000),
        ("many", early(json!("auto")), 500, 10_001),
        ("never", early(json!(false)), 500, 10_001),
        ("all-rows", json!({ "early_stopping": true, "validation_fraction": null }), 500, 9_000),
    ]));
    let names: Vec<&str> = found.iter().map(|pipeline| pipeline.classifier.as_str()).collect();
    assert_eq!(names, ["boosted", "tuned", "network", "many"]);
}

#[test]
fn the_report_says_what_the_value_is_worth() {
    let said = |of: &[(&str, Value, u64, u64)]| {
        let results = run(of);
        crate::report(&results, &leaderboard(&results))
    };
    let rounds = || json!({ "early_stopping_rounds": 20, "validation_fraction": 0.1 });
    let text = said(&[("boosted", rounds(), 500, 9_000), ("other", rounds(), 500, 9_000)]);
    assert!(text.contains("2 pipelines (such as boosted ("), "{text}");
    assert!(text.contains("stop early by rows that are kept out of the resampled training rows: the value"), "{text}");
    assert!(!said(&[("boosted", rounds(), 0, 9_000)]).contains("kept out of the resampled"));
}
