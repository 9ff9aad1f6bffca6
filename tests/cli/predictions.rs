use fraudbench::component::{Prediction, ScoreKind};
use std::path::Path;

use fraudbench::metric::{Scored, find};
use fraudbench::store::{Predictions, TestRows, predictions_path, read_records, rows_path};

use crate::{Place, STUDY, csv};

#[test]
fn kept_predictions_give_the_metrics_again() {
    let place = Place::new(&csv(210).replace("a,b,label", "a,Amount,label"), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out", "--predictions", "all"]);
    let records: Vec<fraudbench::store::Record> = read_records(&place.path("out/records.jsonl")).unwrap();
    assert_eq!(records.len(), 18);
    let out = place.path("out");
    for record in &records {
        let said = Predictions::read(&predictions_path(&out, &record.key)).unwrap().expect("has predictions");
        let rows = TestRows::read(&rows_path(&out, &record.cell)).unwrap().expect("has rows");
        let y: Vec<u8> = rows.positive.iter().map(|&p| u8::from(p)).collect();
        let amount = rows.amount.as_ref().expect("the data have amounts");
        // The amount of row i of the file.
        assert!(rows.row.iter().zip(amount).all(|(&i, &a)| a == f64::from(i * 104_729 % 997) - 500.0));
        let prediction = Prediction {
            score: said.score.iter().map(|&s| f64::from(s)).collect(),
            label: said.label.iter().map(|&l| u8::from(l)).collect(),
            kind: ScoreKind::Decision,
        };
        let scored = Scored::new(&y, &prediction).unwrap();
        assert_eq!(Some(scored.confusion), record.confusion);
        let auc = find("roc-auc").unwrap().score(&scored).value().unwrap();
        assert!((auc - record.metrics["roc-auc"].value().unwrap()).abs() < 1e-6, "{}", record.cell);
    }
}

#[test]
fn curves_are_drawn_where_predictions_are() {
    // Frauds of no worth in all would have no share of it: amounts are made positive.
    let worth = |line: &str| {
        let [a, b, label] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        format!("{a},{},{label}\n", b.parse().map_or("Amount".to_owned(), |b: f64| (b + 501.0).to_string()))
    };
    let place = Place::new(&csv(210).lines().map(worth).collect::<String>(), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out"]);
    let table = std::fs::read_to_string(place.path("out/curves.csv")).unwrap();
    // 30 positives of 210 rows, 3 folds: with the 70 highest scores everything is found.
    let last = table.lines().rfind(|l| l.starts_with("decision-tree") && l.contains("recall-by-false-positive-rate"));
    assert!(last.unwrap().ends_with(",1,1,1,1"), "{last:?}");
    assert!(table.contains("amount-among-n-highest"));
    assert!(place.path("out/charts/curves.svg").exists());
    let savings = std::fs::read_to_string(place.path("out/savings.csv")).unwrap();
    assert!(savings.lines().skip(1).all(|line| line.ends_with(",10")), "{savings}");
    let said = place.expect(2, &["report", "out", "--check-cost", "-1"]);
    assert!(said.contains("a positive number"), "{said}");
    place.expect(0, &["report", "out", "--check-cost", "2.5"]);
    let savings = std::fs::read_to_string(place.path("out/savings.csv")).unwrap();
    assert!(savings.lines().skip(1).all(|line| line.ends_with(",2.5")), "{savings}");
    for bad in ["0", "-3", "nan", "inf", "much"] {
        let said = place.expect(2, &["report", "out", &format!("--check-cost={bad}")]);
        assert!(said.contains("the cost of a check is a positive number"), "{said}");
    }
    std::fs::remove_dir_all(place.path("out/predictions")).unwrap();
    place.expect(0, &["report", "out"]);
    assert!(!place.path("out/charts/curves.svg").exists(), "a chart that nothing stands behind any more");
}

#[test]
fn predictions_are_left_out_when_not_wanted() {
    let place = Place::new(&csv(210), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out", "--predictions", "none"]);
    assert!(!Path::new(&place.path("out/predictions")).exists());
}
