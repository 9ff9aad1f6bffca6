//! Models that learnt nothing are told.

use fraudbench::analyze::leaderboard::leaderboard;
use fraudbench::analyze::learnt::{Nothing, idle};
use fraudbench::cell::CellId;
use fraudbench::metric::Confusion;
use fraudbench::store::{Record, Tied};

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
