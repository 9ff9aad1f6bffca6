//! Trees, forests and boosted stumps against scikit-learn's, node for node.

use fraudbench::component::{self, Context, Registry, Train};
use std::path::PathBuf;

use fraudbench::classify::CATALOGUE;
use fraudbench::classify::tree::{self, Cuts, LEAF, MaxSamples, Sampling, Settings, Tree};

use ndarray::Array2;
use serde::Deserialize;

use crate::matrix;

#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    asked: Vec<Vec<f64>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    family: String,
    params: serde_json::Map<String, serde_json::Value>,
    all_features: bool,
    trees: Vec<Structure>,
    score: Vec<f64>,
    label: Vec<u8>,
    oob_score: Option<f64>,
    #[serde(default)]
    weights: Vec<f64>,
    #[serde(default)]
    errors: Vec<f64>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Structure {
    feature: Vec<i64>,
    threshold: Vec<f64>,
    right: Vec<u32>,
}

impl Structure {
    fn of(tree: &Tree) -> Self {
        Self {
            feature: tree.nodes.iter().map(|n| if n.column == LEAF { -2 } else { i64::from(n.column) }).collect(),
            threshold: tree.nodes.iter().map(|n| n.threshold).collect(),
            right: tree.nodes.iter().map(|n| n.right).collect(),
        }
    }
}

/// The tree settings in `params`, other parameters left aside.
fn settings(params: &serde_json::Map<String, serde_json::Value>, of_forest: bool, all_features: bool) -> Settings {
    let mut merged = serde_json::to_value(Settings::default()).unwrap();
    if of_forest && !all_features {
        merged["max_features"] = "sqrt".into();
    }
    for (key, value) in params {
        merged[key] = value.clone();
    }
    serde_json::from_value(merged).unwrap()
}

fn check(name: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/data/trees/{name}.json"));
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (x, asked) = (matrix(&golden.x), matrix(&golden.asked));
    for case in &golden.cases {
        let what = format!("{name}: {} {:?}", case.family, case.params);
        check_structure(&what, case, &x, &golden.y);
        if case.all_features {
            // `max_features = null` cannot be written in TOML; the structure above has shown that it works.
            continue;
        }
        let params: toml::Table = case.params.iter().map(|(k, v)| (k.clone(), toml_value(v))).collect();
        let entry = component::find("family", CATALOGUE, &case.family, Some("native")).unwrap();
        let classifier = entry.build(&params, &Registry::built_in()).unwrap().component;
        let model = classifier.fit(&Train::numbers(x.view(), &golden.y), &Context { seed: 1 }).unwrap();
        let said = model.predict(asked.view()).unwrap();
        assert_eq!(said.label, case.label, "{what}");
        let out_of_bag = model.details().map(|details| details["oob_score"].as_f64().unwrap());
        assert_eq!(out_of_bag, case.oob_score, "{what}");
        for (row, (ours, theirs)) in said.score.iter().zip(&case.score).enumerate() {
            assert!((ours - theirs).abs() < 1e-12, "{what}: row {row}: {ours} instead of {theirs}");
        }
    }
}

fn toml_value(value: &serde_json::Value) -> toml::Value {
    match value.as_i64() {
        Some(whole) => toml::Value::Integer(whole),
        None => toml::Value::try_from(value).unwrap(),
    }
}

fn check_structure(what: &str, case: &Case, x: &Array2<f64>, y: &[u8]) {
    let random_state = case.params["random_state"].as_u64().unwrap() as u32;
    let number = |key: &str| case.params.get(key).and_then(serde_json::Value::as_f64);
    if case.family == "adaboost" {
        let settings = settings(&case.params, false, false);
        let rounds = number("n_estimators").unwrap() as usize;
        let rate = number("learning_rate").unwrap_or(1.0);
        let boosted = tree::boost(x.view(), y, rounds, rate, settings.criterion, random_state).unwrap();
        // Where rounding decides, the family adds weights up as scikit-learn does; the scores below show that.
        let Some(boosted) = boosted else { return };
        assert_eq!(boosted.stumps().len(), case.trees.len(), "{what}");
        for (round, (ours, theirs)) in boosted.stumps().iter().zip(&case.trees).enumerate() {
            let cut = (theirs.feature[0] >= 0).then(|| (theirs.feature[0] as u32, theirs.threshold[0]));
            assert_eq!(ours.cut, cut, "{what}: round {round}");
            assert!((ours.weight - case.weights[round]).abs() < 1e-9, "{what}: round {round}: {ours:?}");
            assert!((ours.error - case.errors[round]).abs() < 1e-12, "{what}: round {round}: {ours:?}");
        }
        return;
    }
    let of_forest = case.family == "random-forest";
    let settings = settings(&case.params, of_forest, case.all_features);
    let forest = if of_forest {
        let max_samples: Option<MaxSamples> =
            case.params.get("max_samples").map(|given| serde_json::from_value(given.clone()).unwrap());
        let bootstrap = case.params.get("bootstrap").is_none_or(|given| given.as_bool().unwrap());
        let sampling = if bootstrap { Sampling::Bootstrap(max_samples) } else { Sampling::All };
        let trees = number("n_estimators").unwrap() as usize;
        tree::fit_forest(x.view(), (y, None), &settings, trees, sampling, random_state).unwrap()
    } else {
        let splitter: Option<Cuts> = case.params.get("splitter").map(|s| serde_json::from_value(s.clone()).unwrap());
        tree::fit_tree(x.view(), y, &settings, splitter.unwrap_or_default(), random_state).unwrap()
    };
    assert_eq!(forest.trees().len(), case.trees.len(), "{what}");
    for (number, (ours, theirs)) in forest.trees().iter().zip(&case.trees).enumerate() {
        assert_eq!(&Structure::of(ours), theirs, "{what}: tree {number}");
    }
}

#[test]
fn few_positives() {
    check("rare");
}

#[test]
fn one_positive() {
    check("single");
}

#[test]
fn as_many_positives_as_negatives() {
    check("balanced");
}

#[test]
fn positives_are_the_majority() {
    check("mostly-positive");
}

#[test]
fn labels_all_the_same() {
    check("one-class");
    check("one-class-positive");
}
