//! `explain`: values that can be known beforehand, and what the report makes of them.

use std::fs;

use fraudbench::numeric::mt19937::Mt19937;
use fraudbench::store::{Predictions, Record, SplitRows, read_records};
use serde_json::Value;

use crate::Place;

const ROWS: usize = 240;

/// Every sixth row is positive.
fn is_positive(row: usize) -> bool {
    row % 6 == 2
}

/// `planted` tells the classes apart, `near` does so partly, `noise` knows nothing, and `constant` cannot be looked at.
fn rows() -> String {
    let line = |row: usize| {
        let (noise, positive) = ((row * 7919 % 400) as f64 / 40.0, f64::from(u8::from(is_positive(row))));
        let near = (row * 104_729 % 60) as f64 / 10.0 + 3.0 * positive;
        format!("{},{near},{noise},7,{positive}\n", noise / 100.0 + positive)
    };
    format!("planted,near,noise,constant,label\n{}", (0..ROWS).map(line).collect::<String>())
}

const STUDY: &str = r#"
name = "small"
seed = 5
primary = "pr-auc"
[data]
path = "data.csv"
label = "label"
[protocol]
kind = "stratified-k-fold"
folds = 3
[grid]
scalers = ["standard"]
classifiers = [
    { family = "decision-tree", name = "stump", params = { max_depth = 1 } }, { family = "decision-tree", params = { max_depth = 3 } },
    "logistic-regression", { family = "xgboost", params = { n_estimators = 8 } }, "bernoulli-nb",
]
"#;

fn place() -> Place {
    let place = Place::new(&rows(), STUDY);
    place.expect(0, &["run", "study.toml", "--out", "out", "--predictions", "all"]);
    place
}

/// Explains a classifier's pipeline; what it found, from its folder in the run's.
fn explained(place: &Place, classifier: &str) -> Value {
    let pipeline = format!("classifier={classifier},dedup=off");
    place.expect(0, &["explain", "out", &pipeline, "--repeats", "3", "--rows", "30", "--seed", "11"]);
    let named = |entry: fs::DirEntry| -> Option<Value> {
        let it: Value = serde_json::from_slice(&fs::read(entry.path().join("explain.json")).ok()?).ok()?;
        let is_it = it["pipeline"].as_str()?.split(' ').any(|part| part == format!("classifier={classifier}"));
        is_it.then_some(it)
    };
    let mut all = fs::read_dir(place.path("out/explain")).unwrap();
    all.find_map(|entry| named(entry.unwrap())).unwrap_or_else(|| panic!("{classifier}"))
}

/// Average precision where the alarms are one group of equal scores and all other rows another.
fn average_precision(is_alarm: &[bool], is_positive: &[bool]) -> f64 {
    let (alarms, rows) = (is_alarm.iter().filter(|&&alarm| alarm).count() as f64, is_alarm.len() as f64);
    let positives = is_positive.iter().filter(|&&positive| positive).count() as f64;
    let hits = is_alarm.iter().zip(is_positive).filter(|(alarm, positive)| **alarm && **positive).count() as f64;
    let recall = hits / positives;
    recall * hits / alarms + (1.0 - recall) * positives / rows
}

#[test]
fn a_planted_column_loses_what_its_shuffles_take_and_others_nothing() {
    let it = explained(&place(), "stump");
    assert_eq!(it["columns"], serde_json::json!(["planted", "near", "noise", "constant"]));
    for fold in it["folds"].as_array().unwrap() {
        assert_eq!(fold["score"], 1.0);
        let test: Vec<usize> = serde_json::from_value(fold["test"].clone()).unwrap();
        let labels: Vec<bool> = test.iter().map(|&row| is_positive(row)).collect();
        // scikit-learn's shuffles, each on top of the one before.
        let mut draw = Mt19937::new(Mt19937::new(11).randint(0, 1 << 31) as u32);
        let (mut order, mut alarms): (Vec<usize>, _) = ((0..test.len()).collect(), labels.clone());
        let importance: Vec<Vec<f64>> = serde_json::from_value(fold["importance"].clone()).unwrap();
        for found in &importance[0] {
            draw.shuffle(&mut order);
            alarms = order.iter().map(|&row| alarms[row]).collect();
            let wanted = 1.0 - average_precision(&alarms, &labels);
            assert!((found - wanted).abs() < 1e-12 && wanted > 0.3, "{found} instead of {wanted}");
        }
        assert_eq!(importance[1..], [[0.0; 3], [0.0; 3], [0.0; 3]]);
        // The stump's whole score lies in the planted column.
        for values in fold["shap"]["values"].as_array().unwrap() {
            assert_eq!(values.as_array().unwrap()[1..], [0.0; 3].map(Value::from));
        }
    }
}

#[test]
fn shap_values_add_up_to_what_the_model_says_beyond_its_base() {
    let place = place();
    let records = read_records(&place.path("out/records.jsonl")).unwrap();
    let said = |record: &Record| {
        let scores = Predictions::read(&place.path("out"), &record.key).unwrap().unwrap().test.score;
        let rows = SplitRows::read(&place.path("out"), record.rows.as_ref().unwrap()).unwrap().unwrap().test.row;
        rows.into_iter().zip(scores).collect::<std::collections::HashMap<_, _>>()
    };
    let log_odds = |p: f64| (p / (1.0 - p)).ln();
    for (classifier, what, close, explained_of) in [
        ("decision-tree", "score", 1e-12, (|p| p) as fn(f64) -> f64),
        ("logistic-regression", "decision", 1e-9, log_odds),
        // Its leaves and sums have 32 bits.
        ("xgboost", "log odds", 1e-5, log_odds),
    ] {
        let it = explained(&place, classifier);
        assert_eq!(it["shap_explains"], what);
        let mut checked = 0;
        for fold in it["folds"].as_array().unwrap() {
            let number = fold["fold"].as_u64().unwrap();
            let of_fold = |r: &&Record| r.cell.classifier == classifier && u64::from(r.cell.fold) == number;
            let scores = said(records.iter().find(of_fold).unwrap());
            let shap = &fold["shap"];
            let rows: Vec<usize> = serde_json::from_value(shap["rows"].clone()).unwrap();
            let values: Vec<Vec<f64>> = serde_json::from_value(shap["values"].clone()).unwrap();
            let base = shap["base"].as_f64().unwrap();
            for (row, values) in rows.iter().zip(&values) {
                let wanted = explained_of(scores[&(*row as u32)]);
                let found = base + values.iter().sum::<f64>();
                assert!((found - wanted).abs() < close * wanted.abs().max(1.0), "{classifier}: {found} {wanted}");
                checked += 1;
            }
        }
        // All positives of the three folds, and 30 negatives of each.
        assert_eq!(checked, ROWS / 6 + 90);
    }
}

#[test]
fn the_report_shows_explanations_that_stand_in_the_runs_folder() {
    let place = place();
    place.expect(0, &["report", "out"]);
    let text = |file: &str| fs::read_to_string(place.path(file)).unwrap();
    assert!(
        !text("out/report.md").contains("What pipelines look at") && !text("out/report.html").contains("Explained")
    );
    let stump = explained(&place, "stump");
    let bayes = explained(&place, "bernoulli-nb");
    assert_eq!(bayes["no_shap"], "the classifier cannot be told as data");
    place.expect(0, &["report", "out"]);
    let (report, page) = (text("out/report.md"), text("out/report.html"));
    assert!(report.contains("## What pipelines look at"), "{report}");
    // Means over shuffles, then over folds.
    let folds = stump["folds"].as_array().unwrap().iter();
    let means: Vec<f64> = folds
        .map(|fold| fold["importance"][0].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).sum::<f64>() / 3.0)
        .collect();
    let mean = means.iter().sum::<f64>() / 3.0;
    let sd = (means.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>() / 2.0).sqrt();
    assert!(report.contains(&format!("| planted | {mean:.4} ± {sd:.4} |")), "{mean} {sd}: {report}");
    assert!(report.contains("| noise | 0.0000 ± 0.0000 |") && report.contains("No SHAP values: the classifier cannot"));
    assert!(page.contains("<section id=\"explained\">") && page.contains("href=\"#explained\""));
    let charts =
        ["1-importance.svg", "1-shap.png", "2-importance.svg"].map(|name| format!("out/charts/explained-{name}"));
    assert!(charts.iter().all(|chart| place.path(chart).exists()) && page.contains("explained-2-importance"));
    // What is drawn is a loss: of a column that tells nothing it may be below 0, which the metric never is.
    let axis = text("out/charts/explained-1-importance.svg");
    assert!(axis.matches(">loss of pr-auc<").count() == 2 && !axis.contains(">pr-auc<"), "{axis}");
    // The better pipeline stands first, and only it has SHAP values.
    assert!(!place.path("out/charts/explained-2-shap.svg").exists());
    // One that is broken is told, and charts of what is gone are gone.
    let mut broken = fs::read_dir(place.path("out/explain")).unwrap().map(|entry| entry.unwrap().path());
    let broken = broken.find(|path| path.to_string_lossy().contains("bernoulli")).unwrap();
    fs::write(broken.join("explain.json"), "{}").unwrap();
    place.expect(0, &["report", "out"]);
    let report = text("out/report.md");
    assert!(report.contains("is no explanation of this version: run `fraudbench explain` again"), "{report}");
    assert!(!place.path("out/charts/explained-2-importance.svg").exists());
    // As is one that cannot be read, and what explains nothing is not missed.
    fs::remove_file(broken.join("explain.json")).unwrap();
    fs::create_dir(broken.join("explain.json")).unwrap();
    fs::create_dir(place.path("out/explain/empty-one")).unwrap();
    place.write("out/explain/a-note", "of mine");
    let said = place.expect(0, &["report", "out"]);
    let wanted =
        "/explain.json` cannot be read (Is a directory (os error 21)): remove it, and run `fraudbench explain` again.";
    assert!(said.contains(wanted) && !said.contains("empty-one") && !said.contains("a-note"), "{said}");
    assert!(text("out/report.md").contains("explain.json` cannot be read"));
    assert!(place.path("out/charts/explained-1-importance.svg").exists());
}
