//! Discriminants, naive Bayes, least squares, boosting and networks against scikit-learn's.

use fraudbench::component::{self, Context, Registry, Train};
use std::path::PathBuf;

use fraudbench::classify::CATALOGUE;

use ndarray::{Array2, Axis};
use serde::Deserialize;

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
    columns: Vec<usize>,
    score: Vec<f64>,
    label: Vec<u8>,
}

fn matrix(rows: &[Vec<f64>], columns: &[usize]) -> Array2<f64> {
    let all = Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap();
    all.select(Axis(1), columns)
}

/// How far a score may lie from scikit-learn's: sums in another order, elsewhere nothing.
fn tolerance(family: &str) -> f64 {
    match family {
        "gaussian-nb" | "lda" | "qda" | "linear-regression" | "quadratic-regression" => 1e-9,
        // Rounding in products of matrices grows with the steps of Adam.
        "mlp" => 1e-8,
        _ => 1e-12,
    }
}

fn check(name: &str, families: &[&str]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/data/families/{name}.json"));
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut checked = 0;
    for case in golden.cases.iter().filter(|case| families.contains(&case.family.as_str())) {
        let what = format!("{name}: {} {}", case.family, case.params);
        let (x, asked) = (matrix(&golden.x, &case.columns), matrix(&golden.asked, &case.columns));
        let params: toml::Table = toml::from_str(&toml::to_string(&case.params).unwrap()).unwrap();
        let entry = component::find("family", CATALOGUE, &case.family, Some("native")).unwrap();
        let classifier = entry.build(&params, &Registry::built_in()).unwrap().component;
        let model = classifier.fit(&Train::numbers(x.view(), &golden.y), &Context { seed: 1 }).unwrap();
        let said = model.predict(asked.view()).unwrap();
        for (row, (ours, theirs)) in said.score.iter().zip(&case.score).enumerate() {
            assert!((ours - theirs).abs() < tolerance(&case.family), "{what}: row {row}: {ours} instead of {theirs}");
        }
        assert_eq!(said.label, case.label, "{what}");
        checked += 1;
    }
    assert!(checked >= families.len(), "{name}: {checked} cases for {families:?}");
}

#[test]
fn gaussians() {
    check("rare", &["gaussian-nb", "lda", "qda"]);
    check("fifth", &["gaussian-nb", "lda", "qda"]);
}

#[test]
fn least_squares() {
    check("rare", &["linear-regression", "quadratic-regression"]);
    check("fifth", &["linear-regression", "quadratic-regression"]);
}

#[test]
fn trees_with_drawn_cuts() {
    check("rare", &["extra-trees", "isolation-forest"]);
    check("fifth", &["extra-trees", "isolation-forest"]);
}

#[test]
fn boosting_on_histograms() {
    check("rare", &["hist-gradient-boosting"]);
    check("fifth", &["hist-gradient-boosting"]);
}

#[test]
fn networks() {
    check("rare", &["mlp"]);
    check("fifth", &["mlp"]);
}

#[derive(Deserialize)]
struct Weighted {
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    weight: Vec<f64>,
    asked: Vec<Vec<f64>>,
    cases: Vec<WeightedCase>,
}

#[derive(Deserialize)]
struct WeightedCase {
    params: serde_json::Value,
    score: Vec<f64>,
    label: Vec<u8>,
}

#[test]
fn networks_of_rows_that_weigh_differently() {
    let golden: Weighted = serde_json::from_str(include_str!("data/networks.json")).unwrap();
    let whole = |rows: &[Vec<f64>]| Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap();
    let (x, asked) = (whole(&golden.x), whole(&golden.asked));
    let entry = component::find("family", CATALOGUE, "mlp", Some("native")).unwrap();
    for WeightedCase { params, score, label } in &golden.cases {
        let table: toml::Table = toml::from_str(&toml::to_string(params).unwrap()).unwrap();
        let classifier = entry.build(&table, &Registry::built_in()).unwrap().component;
        let train = Train::numbers(x.view(), &golden.y);
        let model = classifier.fit(&train.weighted(&golden.weight), &Context { seed: 1 }).unwrap();
        let said = model.predict(asked.view()).unwrap();
        for (ours, theirs) in said.score.iter().zip(score) {
            assert!((ours - theirs).abs() < 1e-8, "{params}: {ours} instead of {theirs}");
        }
        assert_eq!((said.label, golden.cases.len()), (label.clone(), 4), "{params}");
    }
}
