//! Rows that weigh differently, against what the libraries make of `sample_weight`.

use std::collections::BTreeMap;

use fraudbench::component::{Context, Registry, Train};
use ndarray::{Array1, Array2};
use serde::Deserialize;

use crate::matrix;

#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    asked: Vec<Vec<f64>>,
    /// What the columns of scaled cases are divided by.
    spread: Vec<f64>,
    /// What is taken from them then in centred cases.
    middle: Vec<f64>,
    weights: BTreeMap<String, Vec<f64>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    family: String,
    params: serde_json::Value,
    weights: String,
    score: Vec<f64>,
    label: Vec<u8>,
    scaled: bool,
    centred: bool,
}

#[test]
fn rows_weigh_what_they_weigh_in_the_libraries() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/weights.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (x, asked) = (matrix(&golden.x), matrix(&golden.asked));
    let (registry, mut apart) = (Registry::built_in(), Vec::new());
    for case in &golden.cases {
        let what = format!("{} {}, weights: {}", case.family, case.params, case.weights);
        let params: toml::Table = toml::from_str(&toml::to_string(&case.params).unwrap()).unwrap();
        let entry = registry.classifier(&case.family, None).unwrap();
        let classifier = entry.build(&params, &registry).unwrap().component;
        assert!(classifier.takes_weights(), "{what}");
        let absolute = |all: &Array2<f64>| all.mapv(f64::abs);
        let scaled = |all: &Array2<f64>| {
            let scaled = all / &Array1::from(golden.spread.clone());
            if case.centred { scaled - &Array1::from(golden.middle.clone()) } else { scaled }
        };
        let (x, asked) = match case.family == "complement-nb" {
            true => (absolute(&x), absolute(&asked)),
            false if case.scaled => (scaled(&x), scaled(&asked)),
            false => (x.clone(), asked.clone()),
        };
        let train = Train::numbers(x.view(), &golden.y);
        let model = classifier.fit(&train.weighted(&golden.weights[&case.weights]), &Context { seed: 1 });
        let said = model.unwrap_or_else(|e| panic!("{what}: {e}")).predict(asked.view()).unwrap();
        let distance = |(ours, theirs): (&f64, &f64)| (ours - theirs).abs();
        let most = said.score.iter().zip(&case.score).map(distance).fold(0.0, f64::max);
        let plain = classifier.fit(&train, &Context { seed: 1 }).unwrap().predict(asked.view()).unwrap();
        if plain.score == said.score {
            apart.push(format!("{what}: the weights change nothing"));
        }
        if most > tolerance(case) || said.label != case.label {
            let labels = said.label.iter().zip(&case.label).filter(|(ours, theirs)| ours != theirs).count();
            apart.push(format!("{what}: scores differ by up to {most:e}, {labels} labels differ"));
        }
    }
    assert_eq!(golden.cases.len(), 126);
    assert!(apart.is_empty(), "{}", apart.join("\n"));
}

/// Sums of Gaussians, 32-bit trees, and optima that two solvers come to.
fn tolerance(case: &Case) -> f64 {
    let text = format!("{} {}", case.family, case.params);
    let is_any = |families: &[&str]| families.iter().any(|family| text.contains(family));
    match () {
        // libsvm keeps kernel values in 32 bits.
        () if case.family == "svc" => 1e-4,
        () if is_any(&["svc", "logistic-regression"]) => 1e-6,
        () if is_any(&["gaussian-nb", "lda", "xgboost"]) => 1e-7,
        () if is_any(&["ridge", "sgd", "-nb", "hist-gradient-boosting"]) => 1e-9,
        () => 1e-12,
    }
}
