//! Models that learnt nothing are told.

use fraudbench::analyze::leaderboard::{Over, leaderboard};
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
        tied: tied.map(|(rows, positives)| Tied { rows, positives, average_precision: None }),
        ..record(cell, metrics)
    }
}

#[test]
fn each_kind_is_known_and_neighbours_without_a_positive_are_none() {
    let cell = cell(true, "none", "standard", "xgboost", 0);
    let of = |alarms, tied, metrics: &[(&str, f64)]| Nothing::of(&made(&cell, alarms, tied, metrics));
    assert_eq!(of(80, None, &[]), None);
    assert_eq!(of(0, Some((56_746, 95)), &[]), Some(Nothing::OneScore));
    // The other 16,746 rows hold 28 of 95 positives, and 28.03 by chance.
    assert_eq!(of(40, Some((40_000, 67)), &[]), Some(Nothing::OneScoreForMost));
    // By chance 746 rows hold 1.249 with a standard deviation of 1.109, so that 5.08 are three of these and a half more.
    assert_eq!(of(40, Some((56_000, 90)), &[]), Some(Nothing::OneScoreForMost));
    assert_eq!(of(40, Some((56_000, 89)), &[]), Some(Nothing::LittleForMost));
    // 17 rows hold 0.028 with a standard deviation of 0.169: one is more than three of these, but no wonder.
    assert_eq!(of(40, Some((56_746 - 17, 94)), &[]), Some(Nothing::OneScoreForMost));
    assert_eq!(of(40, Some((56_746 - 17, 93)), &[]), None);
    assert_eq!(of(40, Some((56_000, 48)), &[]), Some(Nothing::LittleForMost));
    // Half of 95 positives and more are tied, but the others are found: 47 of 100 rows, where chance is 0.17%.
    assert_eq!(of(40, Some((56_646, 48)), &[]), None);
    // From (share - 95/56,746) / (1 - 95/56,746) = 0.1 on, which is 10.15%: 47 of 463 rows, and not of 464.
    assert_eq!(of(40, Some((56_746 - 463, 48)), &[]), None);
    assert_eq!(of(40, Some((56_746 - 464, 48)), &[]), Some(Nothing::LittleForMost));
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
fn scores_that_are_alike_for_most_rows_are_judged_by_their_average_precision() {
    let cell = cell(true, "none", "standard", "random-forest", 0);
    let listed = |tied, precision| Nothing::of(&made(&cell, 40, Some(tied), &[("pr-auc", precision)]));
    // By chance it is 0.001859 with a standard deviation of 0.000578, so that 0.003593 is three of these more.
    assert_eq!(listed((56_000, 91), 0.0035), Some(Nothing::OneScoreForMost));
    assert_eq!(listed((56_000, 91), 0.0037), Some(Nothing::LittleForMost));
    // 47 positives among the others are more than chance gives, however these are ranked.
    assert_eq!(listed((56_000, 48), 0.0035), Some(Nothing::LittleForMost));
    // A tenth of the way from 95/56,746 to 1 is 0.101507.
    assert_eq!(listed((56_000, 91), 0.1015), Some(Nothing::LittleForMost));
    assert_eq!(listed((56_000, 91), 0.1016), None);
    // It counts where the study does not list it, too.
    let kept = |average_precision| Record {
        tied: Some(Tied { rows: 56_000, positives: 91, average_precision: Some(average_precision) }),
        ..made(&cell, 40, None, &[("f1", 0.3)])
    };
    assert_eq!(Nothing::of(&kept(0.0035)), Some(Nothing::OneScoreForMost));
    assert_eq!(Nothing::of(&kept(0.2)), None);
    let of = |rows, positives, tied, tied_positives, precision| {
        let confusion = Some(Confusion { tp: 1, fp: 1, fn_: positives - 1, tn: rows - positives - 1 });
        let tied = Some(Tied { rows: tied, positives: tied_positives, average_precision: None });
        let metrics = record(&cell, &[("pr-auc", precision)]).metrics;
        Nothing::of(&Record {
            test_rows: rows,
            test_positives: positives,
            confusion,
            tied,
            metrics,
            ..made(&cell, 2, None, &[])
        })
    };
    // A forest of a first afternoon: 18 of 37 positives are among 1,362 of 8,222 rows, three times as many as by chance.
    assert_eq!(of(8_222, 37, 6_860, 19, 0.199_666), None);
    // LightGBM as it collapses on the card data: with a hint of what it could find, and without any.
    assert_eq!(of(28_481, 49, 25_726, 33, 0.014_918), Some(Nothing::LittleForMost));
    assert_eq!(of(28_481, 50, 28_121, 50, 0.001_756), Some(Nothing::OneScoreForMost));
    // The other rows may lie on both sides of those with the same score, so that their number of positives says little.
    assert_eq!(of(28_481, 49, 14_678, 26, 0.132_845), None);
}

#[test]
fn who_learnt_little_is_not_said_to_have_learnt_nothing() {
    let cells: Vec<CellId> = (0..3).map(|fold| cell(true, "none", "standard", "xgboost", fold)).collect();
    let of = |cell: &CellId| {
        let precision = if cell.fold == 0 { 0.5 } else { 0.05 };
        made(cell, 40, (cell.fold > 0).then_some((56_000, 48)), &[("pr-auc", precision)])
    };
    let records = cells.iter().map(of).collect();
    let mut results = results(cells, records, &["pr-auc"], "pr-auc");
    results.planned.iter_mut().for_each(|planned| planned.backend = "xgboost".into());
    let text = crate::report(&results, &leaderboard(&results));
    assert!(!text.contains("learnt nothing"), "{text}");
    let (_, section) = text.split_once("## Models that learnt little").unwrap();
    assert!(
        section.contains("1 pipeline learnt little in at least one of its cells: its scores are alike"),
        "{section}"
    );
    assert!(section.contains(
        "| 2/3 | most rows and at least half of the positives have the same score, and the other scores find more"
    ));
    // The advice is that of models that learnt nothing.
    assert!(section.contains("but little | `base_score = 0.5`"), "{section}");
    assert_eq!(leaderboard(&results).rows[0].idle, 0);
    let said = fraudbench::report::terminal::summary(&results, Over::Planned, false, 80);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("learnt little in at least one of its cells") && said.contains("It is xgboost ("), "{said}");
}

#[test]
fn carried_models_are_judged_by_what_they_tell() {
    let of = |folder: &str, family: &str| {
        let path = std::path::Path::new("results").join(folder).join("records.jsonl");
        let records = fraudbench::store::read_records::<Record>(&path).unwrap();
        let own = records.iter().filter(|record| record.family == family).filter_map(Nothing::of);
        let own: Vec<Nothing> = own.collect();
        [Nothing::OneScoreForMost, Nothing::LittleForMost, Nothing::NoBetterThanChance]
            .map(|kind| own.iter().filter(|one| **one == kind).count())
    };
    // Counted in Python by METHODOLOGY's rule. Of the 75 cells of LightGBM whose other rows hold few positives, 19 rank these so well that
    // their average precision is a tenth and more: these are none.
    assert_eq!(of("ruchay-2023-reproduction/cross-validation", "lightgbm"), [13, 34, 14]);
    assert_eq!(of("ruchay-2023-reproduction/cross-validation", "xgboost"), [1, 0, 7]);
    assert_eq!(of("ruchay-2023-reproduction/cross-validation", "k-neighbors"), [0, 62, 0]);
    assert_eq!(of("kochnev-2023/choices", "mlp"), [24, 0, 0]);
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
