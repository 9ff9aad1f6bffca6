//! Kept predictions that are not what the run wrote.

use std::fs;

use fraudbench::component::{Prediction, Registry, ScoreKind};
use fraudbench::metric::{Score, Scored};
use fraudbench::report::write_all;
use fraudbench::run::rescore::misranked;
use fraudbench::store::{Record, predictions_path};

use crate::predicted::{made, report, run, table};

#[test]
fn predictions_that_were_swapped_or_edited_are_left_out_and_told() {
    let results = run(3, 3);
    let (dir, _) = report(&results, "predicted-swapped", true);
    let of = |family: &str| results.records.iter().find(|r| r.family == family && r.cell.fold == 1).unwrap();
    let path = |family: &str| predictions_path(&dir, &of(family).key).unwrap();
    let told = |why: &str| {
        write_all(&results, &dir).unwrap();
        for document in ["report.md", "report.html"] {
            let text = fs::read_to_string(dir.join(document)).unwrap();
            assert!(
                text.contains("Left out because the files kept of 1 cell are gone or not what the run wrote"),
                "{text}"
            );
            assert!(text.contains(why), "{text}");
        }
        let curves = table(&dir.join("curves.csv"));
        assert!(curves.iter().all(|row| row["family"] != "logistic-regression"));
    };
    let kept = fs::read(path("logistic-regression")).unwrap();
    fs::copy(path("prior"), path("logistic-regression")).unwrap();
    told("these are the predictions of another cell");
    // Written as the run would write them, and of another model.
    let (mut said, _) = made(of("logistic-regression"), true);
    said.test.label.iter_mut().for_each(|label| *label = 1 - *label);
    said.write(&dir, &of("logistic-regression").key).unwrap();
    told("do not give its record's counts");
    fs::write(path("logistic-regression"), &kept[..kept.len() / 2]).unwrap();
    told(".parquet");
}

#[test]
fn predictions_that_rank_the_rows_otherwise_than_the_record_says_are_left_out_and_told() {
    let mut results = run(3, 3);
    let (dir, _) = report(&results, "predicted-ranked-otherwise", true);
    let has = |file: &str| table(&dir.join(file)).iter().any(|row| row["family"] == "logistic-regression");
    let made_of = ["curves.csv", "scores.csv", "thresholds.csv", "savings.csv", "calibration.csv"];
    assert!(made_of.iter().all(|file| has(file)));
    let at = results.records.iter().position(|r| r.family == "logistic-regression" && r.cell.fold == 1).unwrap();
    let key = results.records[at].key.clone();
    // What another build computes in another order of the same scores.
    let Some(Score::Value(value)) = results.records[at].metrics.get_mut("pr-auc") else { panic!("no pr-auc") };
    *value += 5e-10;
    write_all(&results, &dir).unwrap();
    assert!(made_of.iter().all(|file| has(file)));
    // Written as the run would write them, with the same labels, and rounded: all scores below 0.05 are tied now.
    let (mut said, _) = made(&results.records[at], true);
    said.test.score.iter_mut().for_each(|score| *score = (*score * 10.0).round() / 10.0);
    said.write(&dir, &key).unwrap();
    write_all(&results, &dir).unwrap();
    assert!(!made_of.iter().any(|file| has(file)));
    for document in ["report.md", "report.html"] {
        let text = fs::read_to_string(dir.join(document)).unwrap();
        for wanted in [
            "Left out because the files kept of 1 cell are gone or not what the run wrote: ",
            &format!("{key}.parquet: the predictions of "),
            " give another pr-auc than its record has",
            "Without the predictions of every fold: logistic-regression.",
        ] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
    }
}

#[test]
fn a_record_is_held_against_its_ranking_metric_that_reads_scores_alone() {
    let record = run(1, 1).records.remove(0);
    // The positives are the first and the third: average precision (1 + 2/3) / 2, and three of four pairs are in order.
    let said = Prediction { score: vec![0.9, 0.8, 0.7, 0.1], label: vec![1, 1, 0, 0], kind: ScoreKind::Probability };
    let y = [1, 0, 1, 0];
    let found = |metrics: &[(&str, Option<f64>)]| {
        let score = |value: Option<f64>| match value {
            Some(value) => Score::Value(value),
            None => Score::Undefined { undefined: "a reason".into() },
        };
        let metrics = metrics.iter().map(|(id, value)| ((*id).to_owned(), score(*value))).collect();
        let record = Record { metrics, ..record.clone() };
        misranked(&Scored::new(&y, &said).unwrap(), &record, &Registry::built_in())
    };
    let (precision, area) = (Some(5.0 / 6.0), Some(0.75));
    assert_eq!(found(&[("pr-auc", precision), ("roc-auc", area)]), None);
    assert_eq!(found(&[("pr-auc", Some(5.0 / 6.0 - 1e-8)), ("roc-auc", area)]), Some("pr-auc"));
    assert_eq!(found(&[("pr-auc", None)]), Some("pr-auc"));
    assert_eq!(found(&[("recall", Some(0.1)), ("roc-auc", area)]), None);
    assert_eq!(found(&[("recall", Some(0.1)), ("roc-auc", Some(0.5))]), Some("roc-auc"));
    // Of the two with the highest scores one is positive.
    assert_eq!(found(&[("precision-at(2)", Some(0.5))]), None);
    assert_eq!(found(&[("precision-at(2)", Some(1.0))]), Some("precision-at(2)"));
    // Counts and probabilities are no ranking.
    assert_eq!(found(&[("recall", Some(0.1)), ("brier", Some(0.1))]), None);
    assert_eq!(found(&[]), None);
}
