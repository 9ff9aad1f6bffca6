//! Ensembles against scikit-learn's and imbalanced-learn's.

use fraudbench::component::{self, Context, Registry, Train};
use std::path::PathBuf;

use fraudbench::classify::CATALOGUE;

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
    params: serde_json::Value,
    score: Vec<f64>,
    label: Vec<u8>,
    /// Why the peer fits nothing.
    refused: Option<String>,
}

/// How far a score may lie from the peer's: members that solve something stop where their tolerance lets them.
fn tolerance(params: &serde_json::Value) -> f64 {
    let is_solved = params.to_string().contains("logistic-regression");
    if is_solved { 1e-6 } else { 1e-12 }
}

/// Compares the cases of a family on a data set with at least `least` of them.
fn check(family: &str, least: usize) {
    let mut apart = Vec::new();
    for name in ["one-in-a-hundred", "tenth", "half", "mostly-positive"] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/data/ensembles/{name}.json"));
        let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let (x, asked) = (matrix(&golden.x), matrix(&golden.asked));
        let mut checked = 0;
        for case in golden.cases.iter().filter(|case| case.family == family) {
            let what = format!("{name}: {family} {}", case.params);
            let params: toml::Table = toml::from_str(&toml::to_string(&case.params).unwrap()).unwrap();
            let entry = component::find("family", CATALOGUE, family, Some("native")).unwrap();
            let classifier = entry.build(&params, &Registry::built_in()).unwrap().component;
            let fitted = classifier.fit(&Train::numbers(x.view(), &golden.y), &Context { seed: 1 });
            checked += 1;
            if case.refused.is_some() {
                assert!(fitted.err().unwrap().to_string().contains("no better than guessing"), "{what}");
                continue;
            }
            let model = fitted.unwrap_or_else(|e| panic!("{what}: {e}"));
            let said = model.predict(asked.view()).unwrap();
            let distance = |(ours, theirs): (&f64, &f64)| (ours - theirs).abs();
            let most = said.score.iter().zip(&case.score).map(distance).fold(0.0, f64::max);
            if most > tolerance(&case.params) || said.label != case.label {
                apart.push(format!("{what}: scores differ by up to {most:e}"));
            }
        }
        assert!(checked >= least, "{name}: {checked} cases of {family}");
    }
    assert!(apart.is_empty(), "{}", apart.join("\n"));
}

#[test]
fn balanced_bagging() {
    check("balanced-bagging", 10);
}

#[test]
fn balanced_random_forests() {
    check("balanced-random-forest", 8);
}

#[test]
fn easy_ensembles() {
    check("easy-ensemble", 5);
}

#[test]
fn boosted_trees() {
    check("adaboost", 4);
}

#[test]
fn bagging() {
    check("bagging", 6);
}

#[test]
fn rus_boosts() {
    check("rus-boost", 4);
}

#[test]
fn votes() {
    check("voting", 4);
}

#[test]
fn stacks() {
    check("stacking", 3);
}

/// Why no case has a tree over `svc` in a stack, or `svc` anywhere that an order of its scores decides: nearly all rows are support
/// vectors between their bounds, whose scores are -1 or 1 but for the solver's tolerance, and their order follows from it alone.
#[test]
fn scores_of_support_vectors_differ_by_the_solvers_tolerance_alone() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/ensembles/one-in-a-hundred.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let x = matrix(&golden.x);
    let order = |tol: f64| {
        let entry = component::find("family", CATALOGUE, "svc", None).unwrap();
        let params = toml::Table::from_iter([("C".to_owned(), 0.7.into()), ("tol".to_owned(), tol.into())]);
        let svc = entry.build(&params, &Registry::built_in()).unwrap().component;
        let model = svc.fit(&Train::numbers(x.view(), &golden.y), &Context { seed: 1 }).unwrap();
        let score = model.predict(x.view()).unwrap().score;
        let near: Vec<usize> = (0..score.len()).filter(|&row| (score[row].abs() - 1.0).abs() < 1e-6).collect();
        let mut order = near.clone();
        order.sort_by(|&a, &b| score[a].total_cmp(&score[b]));
        (near.len(), order)
    };
    let ((near, first), (_, second)) = (order(1e-9), order(1e-8));
    assert!(near > 600, "{near} of {} rows", x.nrows());
    assert_ne!(first, second);
}
