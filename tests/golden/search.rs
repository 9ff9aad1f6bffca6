//! Grid search against scikit-learn's `GridSearchCV`, over a family and over imbalanced-learn's `Pipeline`s: same candidates in
//! the same order, same inner scores, same choice, same thresholds.

use std::path::Path;

use fraudbench::component::{Context, Registry, Train};
use fraudbench::harness::{self, How};
use fraudbench::run::{Displays, Limits};
use fraudbench::search;
use fraudbench::store::{Outcome, Record};
use fraudbench::study::Study;
use ndarray::Array2;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    family: String,
    fixed: Map<String, Value>,
    space: Map<String, Value>,
    goal: String,
    folds: u32,
    seed: u32,
    candidates: Vec<Map<String, Value>>,
    scores: Vec<Vec<f64>>,
    means: Vec<f64>,
    best: usize,
    probability: Vec<f64>,
}

fn table(of: &Map<String, Value>) -> toml::Table {
    toml::Table::try_from(of).unwrap()
}

fn check(case: &Case, x: &Array2<f64>, y: &[u8]) {
    let what = format!("{} {:?}", case.family, case.space);
    let registry = Registry::built_in();
    let entry = registry.classifier(&case.family, Some("native")).unwrap();
    let mut asked = toml::Table::new();
    asked.insert("kind".into(), "grid".into());
    asked.insert("goal".into(), case.goal.as_str().into());
    asked.insert("folds".into(), i64::from(case.folds).into());
    asked.insert("seed".into(), i64::from(case.seed).into());
    asked.insert("space".into(), table(&case.space).into());
    let classifier = toml::Table::from_iter([("search".to_owned(), asked.into())]);
    let fixed = table(&case.fixed);
    let built = search::wrap(&classifier, (entry, &registry), &fixed, entry.build(&fixed, &registry).unwrap()).unwrap();
    let model = built.component.fit(&Train::numbers(x.view(), y), &Context { seed: 77 }).unwrap();
    let details = model.details().unwrap();
    let trials = details["search"]["candidates"].as_array().unwrap();
    assert_eq!(trials.len(), case.candidates.len(), "{what}");
    for (i, trial) in trials.iter().enumerate() {
        assert_eq!(trial["params"].as_object().unwrap(), &case.candidates[i], "{what}");
        let mean = trial["mean"].as_f64().unwrap();
        assert!((mean - case.means[i]).abs() < 1e-9, "{what}: candidate {i}: {mean} instead of {}", case.means[i]);
        for (ours, theirs) in trial["scores"].as_array().unwrap().iter().zip(&case.scores[i]) {
            assert!(
                (ours.as_f64().unwrap() - theirs).abs() < 1e-9,
                "{what}: candidate {i}: {ours} instead of {theirs}"
            );
        }
        assert_eq!(trial["chosen"].as_bool(), Some(i == case.best), "{what}: candidate {i}");
    }
    let said = model.predict(x.view()).unwrap();
    for (ours, theirs) in said.score.iter().zip(&case.probability) {
        assert!((ours - theirs).abs() < 1e-12, "{what}: {ours} instead of {theirs}");
    }
}

#[test]
fn a_grid_is_searched_as_by_grid_search_cv() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/search/grid.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let x = Array2::from_shape_vec((golden.x.len(), golden.x[0].len()), golden.x.concat()).unwrap();
    assert_eq!(golden.cases.len(), 5);
    golden.cases.iter().for_each(|case| check(case, &x, &golden.y));
}

#[derive(Deserialize)]
struct Pipelines {
    x: Vec<Vec<Option<f64>>>,
    y: Vec<u8>,
    cases: Vec<Pipeline>,
}

#[derive(Deserialize)]
struct Pipeline {
    name: String,
    imputer: String,
    resampler: Option<Value>,
    scaler: String,
    family: String,
    fixed: Map<String, Value>,
    space: Map<String, Value>,
    goal: String,
    in_time: bool,
    scores: Vec<Vec<f64>>,
    best: usize,
    test: f64,
    #[serde(rename = "max-f1")]
    max_f1: Tuned,
    #[serde(rename = "max-mcc")]
    max_mcc: Tuned,
}

#[derive(Deserialize)]
struct Tuned {
    value: f64,
    merit: f64,
}

/// The table as a file, with a column that says when each row was.
fn write(golden: &Pipelines, path: &Path) {
    let mut text = String::from("when,a,b,c,d,e,label\n");
    for (at, (row, label)) in golden.x.iter().zip(&golden.y).enumerate() {
        let values: Vec<String> = row.iter().map(|v| v.map_or(String::new(), |v| v.to_string())).collect();
        text.push_str(&format!("{at},{},{label}\n", values.join(",")));
    }
    std::fs::write(path, text).unwrap();
}

/// The records of a case, searched with each rule for the threshold, by so many threads.
fn records(case: &Pipeline, folder: &Path, threads: usize) -> Vec<Record> {
    let protocol = match case.in_time {
        true => "kind = 'time-ordered'\ntest = 0.25",
        false => "kind = 'hold-out'\ntest = 0.25\nseed = 4\nstratify = true",
    };
    let mut text = format!(
        "name = 'x'\nmetrics = ['pr-auc']\n[data]\npath = 'table.csv'\nlabel = 'label'\ntime = 'when'\nignore = ['when']\n\
         [protocol]\n{protocol}\n"
    );
    let one = |name: &str| toml::Value::Array(vec![name.into()]);
    let mut grid = toml::Table::new();
    grid.insert("imputers".into(), one(&case.imputer));
    grid.insert("scalers".into(), one(&case.scaler));
    if let Some(resampler) = &case.resampler {
        grid.insert("resamplers".into(), toml::Value::try_from(vec![resampler]).unwrap());
    }
    let classifiers = ["max-f1", "max-mcc"].map(|rule| {
        serde_json::json!({
            "family": case.family, "name": rule, "params": case.fixed, "threshold": rule,
            "search": { "kind": "grid", "goal": case.goal, "space": case.space },
        })
    });
    grid.insert("classifiers".into(), toml::Value::try_from(classifiers.to_vec()).unwrap());
    let grid = toml::Table::from_iter([("grid".to_owned(), toml::Value::Table(grid))]);
    text.push_str(&toml::to_string(&grid).unwrap());
    let study = Study::parse(&text, "x.toml", folder, &Registry::built_in()).unwrap();
    let limits = Limits {
        threads,
        cell_threads: threads,
        cell_time: None,
        cell_memory: None,
        memory: 1 << 30,
        retries: 0,
        fresh_workers: false,
        skip_larger: false,
        in_process: true,
    };
    let directory = folder.join(format!("{}-{threads}", case.name));
    let planned = harness::begin(study, "", &directory).unwrap();
    let how = How { limits: Some(limits), refit: true, ..How::default() };
    harness::run(planned, &how, &mut Displays::default()).unwrap().results.records
}

fn check_pipeline(case: &Pipeline, folder: &Path) {
    let records = records(case, folder, 1);
    for (rule, tuned) in [("max-f1", &case.max_f1), ("max-mcc", &case.max_mcc)] {
        let what = format!("{}, {rule}", case.name);
        let record = records.iter().find(|record| record.cell.classifier == rule).unwrap();
        assert_eq!(record.outcome, Outcome::Scored, "{what}: {:?}", record.reason);
        let details = record.details.as_ref().unwrap();
        let trials = details["search"]["candidates"].as_array().unwrap();
        assert_eq!(trials.len(), case.scores.len());
        for (i, trial) in trials.iter().enumerate() {
            let ours: Vec<f64> = trial["scores"].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
            for (ours, theirs) in ours.iter().zip(&case.scores[i]) {
                assert!((ours - theirs).abs() < 1e-9, "{what}: candidate {i}: {ours} instead of {theirs}");
            }
            assert_eq!((ours.len(), trial["chosen"].as_bool()), (3, Some(i == case.best)), "{what}: candidate {i}");
        }
        let threshold = &details["model"]["threshold"];
        for (ours, theirs) in [("value", tuned.value), ("out_of_fold", tuned.merit)] {
            let ours = threshold[ours].as_f64().unwrap();
            // Fitted to the optimum on both sides, as far as floating point goes.
            assert!((ours - theirs).abs() < 1e-7, "{what}: threshold {ours} instead of {theirs}");
        }
        let test = record.metrics["pr-auc"].value().unwrap();
        assert!((test - case.test).abs() < 1e-9, "{what}: {test} instead of {} on the test rows", case.test);
    }
}

#[test]
fn steps_before_a_search_learn_inside_each_inner_fold() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/search/pipelines.json");
    let golden: Pipelines = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(golden.cases.len(), 7);
    let folder = tempfile::TempDir::new().unwrap();
    write(&golden, &folder.path().join("table.csv"));
    golden.cases.iter().for_each(|case| check_pipeline(case, folder.path()));
    let case = golden.cases.iter().find(|case| case.name == "smote").unwrap();
    let told = |threads| -> Vec<_> { records(case, folder.path(), threads).into_iter().map(|r| r.details).collect() };
    assert_eq!(told(2), told(3), "results depend on the number of threads");
}
