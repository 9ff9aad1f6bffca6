//! Grid search against scikit-learn's `GridSearchCV`: same candidates in the same order, same inner scores, same choice.

use fraudbench::classify::CATALOGUE;
use fraudbench::component::{self, Context, Train};
use fraudbench::search;
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
    let entry = component::find("family", CATALOGUE, &case.family, Some("native")).unwrap();
    let mut asked = toml::Table::new();
    asked.insert("kind".into(), "grid".into());
    asked.insert("goal".into(), case.goal.as_str().into());
    asked.insert("folds".into(), i64::from(case.folds).into());
    asked.insert("seed".into(), i64::from(case.seed).into());
    asked.insert("space".into(), table(&case.space).into());
    let classifier = toml::Table::from_iter([("search".to_owned(), asked.into())]);
    let fixed = table(&case.fixed);
    let built = search::wrap(&classifier, entry, &fixed, (entry.build)(&fixed).unwrap()).unwrap();
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
