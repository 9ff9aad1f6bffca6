//! Models that learnt nothing are told.

use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::analyze::learnt::{Nothing, idle};
use fraudbench::cell::CellId;
use fraudbench::metric::Confusion;
use fraudbench::store::{Record, Tied};

use serde_json::json;

use crate::sample::{cell, record, results};

/// A record of 56,746 test rows with 95 positives.
fn made(cell: &CellId, alarms: u64, tied: Option<(u64, u64)>, metrics: &[(&str, f64)]) -> Record {
    let tp = alarms.min(90);
    let fp = alarms - tp;
    Record {
        confusion: Some(Confusion { tp, fp, fn_: 95 - tp, tn: 56_651 - fp }),
        tied: tied.map(|(rows, positives)| Tied { rows, positives }),
        ..record(cell, metrics)
    }
}

#[test]
fn each_kind_is_known_and_neighbours_without_a_positive_are_none() {
    let cell = cell(true, "none", "standard", "xgboost", 0);
    let of = |alarms, tied, metrics: &[(&str, f64)]| Nothing::of(&made(&cell, alarms, tied, metrics));
    assert_eq!(of(80, None, &[]), None);
    assert_eq!(of(0, Some((56_746, 95)), &[]), Some(Nothing::OneScore));
    assert_eq!(of(40, Some((56_000, 48)), &[]), Some(Nothing::OneScoreForMost));
    // Half of 95 positives and more are tied, but the others are found: 47 of 100 rows, where chance is 0.17%.
    assert_eq!(of(40, Some((56_646, 48)), &[]), None);
    // From (share - 95/56,746) / (1 - 95/56,746) = 0.1 on, which is 10.15%: 47 of 463 rows, and not of 464.
    assert_eq!(of(40, Some((56_746 - 463, 48)), &[]), None);
    assert_eq!(of(40, Some((56_746 - 464, 48)), &[]), Some(Nothing::OneScoreForMost));
    // A ROC-AUC of chance is one all the same.
    assert_eq!(of(40, Some((56_646, 48)), &[("roc-auc", 0.5)]), Some(Nothing::NoBetterThanChance));
    // So is one that the study does not list.
    let told = Record { no_better_than_chance: true, ..made(&cell, 40, None, &[("pr-auc", 0.2)]) };
    assert_eq!(Nothing::of(&told), Some(Nothing::NoBetterThanChance));
    // Nearly all rows of k-neighbors have no positive neighbour, and with them a few positives.
    assert_eq!(of(80, Some((56_600, 15)), &[]), None);
    assert_eq!(of(0, None, &[]), Some(Nothing::NoAlarm));
    // Records of older builds do not tell their ties, but their metrics do.
    let share = 95.0 / 56_746.0;
    assert_eq!(of(0, None, &[("roc-auc", 0.5), ("pr-auc", share)]), Some(Nothing::OneScore));
    assert_eq!(of(10, None, &[("roc-auc", 0.5), ("pr-auc", 0.2)]), Some(Nothing::NoBetterThanChance));
    assert_eq!(of(10, None, &[("roc-auc", 0.51), ("pr-auc", 0.2)]), None);
    let all = Record { confusion: Some(Confusion { tp: 95, fp: 56_651, fn_: 0, tn: 0 }), ..made(&cell, 0, None, &[]) };
    assert_eq!(Nothing::of(&all), Some(Nothing::AllAlarms));
    assert_eq!(Nothing::of(&Record { family: "prior".into(), ..all }), None);
}

#[test]
fn the_report_names_them_and_says_what_helps() {
    let cells: Vec<CellId> = ["xgboost", "svc"]
        .iter()
        .flat_map(|name| (0..3).map(|fold| cell(true, "none", "standard", name, fold)))
        .collect();
    let of = |cell: &CellId| match (cell.classifier.as_str(), cell.fold) {
        ("xgboost", 0) => made(cell, 80, None, &[("pr-auc", 0.7)]),
        ("xgboost", _) => {
            Record { backend: "xgboost".into(), ..made(cell, 0, Some((56_746, 95)), &[("pr-auc", 0.0017)]) }
        }
        (_, fold) => made(cell, if fold == 1 { 0 } else { 70 }, None, &[("pr-auc", 0.5 + 0.01 * f64::from(fold))]),
    };
    let records = cells.iter().map(of).collect();
    let mut results = results(cells, records, &["pr-auc"], "pr-auc");
    for planned in results.planned.iter_mut().filter(|planned| planned.family == "xgboost") {
        planned.backend = "xgboost".into();
    }
    let found = idle(&results);
    let told: Vec<_> = found.iter().map(|one| (one.family.as_str(), one.what, one.cells, one.scored)).collect();
    assert_eq!(told, [("xgboost", Nothing::OneScore, 2, 3), ("svc", Nothing::NoAlarm, 1, 3)]);
    let text = crate::report(&results, &leaderboard(&results));
    assert!(text.contains("## Models that learnt nothing") && text.contains("1 pipeline learnt nothing"), "{text}");
    assert!(text.contains("## Models whose threshold parts no rows"), "{text}");
    assert!(
        text.contains("1 pipeline raises no alarm, or calls every row one, in at least one of its cells"),
        "{text}"
    );
    assert!(text.contains("| 2/3 | every test row has the same score | `base_score = 0.5`"), "{text}");
    assert!(text.contains("| 1/3 | no row is an alarm | the scores may part"), "{text}");
    assert!(text.contains("3/3, 2 learnt nothing"), "{text}");
    // Good scores that no threshold parts are no model that learnt nothing, in no table.
    assert!(!text.contains("3/3, 1 learnt nothing"), "{text}");
    let told = leaderboard(&results).rows.iter().map(|row| (row.family.clone(), row.idle)).collect::<Vec<_>>();
    assert!(told.contains(&("svc".into(), 0)) && told.contains(&("xgboost".into(), 2)), "{told:?}");
}

#[test]
fn no_pipeline_is_advised_what_it_does_already() {
    let resamplers = ["none", "smote"];
    let cells: Vec<CellId> = ["gaussian-nb", "balanced", "decision-tree", "short", "k-neighbors", "xgboost"]
        .iter()
        .flat_map(|name| resamplers.map(|resampler| cell(true, resampler, "standard", name, 0)))
        .collect();
    let of = |cell: &CellId| {
        let mut record = made(cell, 0, Some((56_746, 95)), &[("pr-auc", 0.0017)]);
        record.classifier_facts.params = match cell.classifier.as_str() {
            "balanced" => json!({ "class_weight": "balanced" }),
            "decision-tree" => json!({ "max_depth": null, "min_samples_leaf": 1 }),
            "short" => json!({ "params": { "max_depth": 3, "min_samples_leaf": 1 }, "threshold": {} }),
            "xgboost" => json!({ "base_score": 0.5, "scale_pos_weight": 1.0 }),
            _ => json!({}),
        };
        record
    };
    let records = cells.iter().map(of).collect();
    let mut results = results(cells, records, &["pr-auc"], "pr-auc");
    for planned in &mut results.planned {
        match planned.cell.classifier.as_str() {
            "balanced" => planned.family = "logistic-regression".into(),
            "short" => planned.family = "decision-tree".into(),
            "xgboost" => planned.backend = "xgboost".into(),
            _ => {}
        }
    }
    let text = crate::report(&results, &leaderboard(&results));
    let (_, section) = text.split_once("## Models that learnt nothing").unwrap();
    let row = |start: &str| {
        let row = section.lines().find(|line| line.starts_with(&format!("| {start}"))).unwrap();
        row.trim_end_matches(" |").rsplit(" | ").next().unwrap().to_owned()
    };
    // A family is advised what it takes: naive Bayes weighs no classes, and has no `C`.
    assert_eq!(row("gaussian-nb (scaler standard, resampler none"), "resample");
    let none_known = "columns that tell more, or more positives";
    assert_eq!(row("gaussian-nb (scaler standard, resampler smote"), none_known);
    assert_eq!(row("balanced (scaler standard, resampler none"), "resample or a larger `C`");
    assert_eq!(row("balanced (scaler standard, resampler smote"), "a larger `C`");
    // Nothing holds back a tree that grows until its leaves are pure.
    let ensemble = "an ensemble of trees such as `random-forest`";
    let limit = "a limit of the depth or of the leaves' size (`max_depth`, `min_samples_leaf`)";
    assert_eq!(row("decision-tree ("), format!("{limit}, or {ensemble}: leaves of single rows keep what is chance"));
    assert_eq!(row("short ("), ensemble);
    // What is scaled already needs other advice than a scaler.
    assert_eq!(row("k-neighbors (scaler standard, resampler smote"), none_known);
    assert_eq!(row("xgboost ("), "a `scale_pos_weight`");
}
