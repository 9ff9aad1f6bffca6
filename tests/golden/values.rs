//! Values of parameters that are None or infinite in the libraries, and bagging on tables with so few positives that members draw
//! none.

use std::collections::BTreeMap;

use fraudbench::component::{Context, Model, Registry, Train};
use fraudbench::error::Result;
use ndarray::{Array2, s};
use serde::Deserialize;

use crate::matrix;

#[derive(Deserialize)]
struct Golden {
    data: BTreeMap<String, Rows>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Rows {
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
}

#[derive(Deserialize)]
struct Case {
    data: String,
    family: String,
    params: serde_json::Value,
    score: Vec<f64>,
    label: Vec<u8>,
}

fn golden() -> Golden {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/values.json");
    let mut golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    golden.data.insert("large".into(), large());
    golden
}

/// As `scripts/golden/values.py` makes it.
fn large() -> Rows {
    let x: Vec<[u64; 2]> = (0..12_000).map(|i| [(i * 37) % 1009, (i * i) % 257]).collect();
    let is_positive = |(i, [a, b]): (u64, &[u64; 2])| (i * i * 17 + i / 3) % 101 < 4 + a / 100 + b / 50;
    let y = (0..).zip(&x).map(|row| u8::from(is_positive(row))).collect();
    Rows { x: x.iter().map(|row| row.map(|value| value as f64).to_vec()).collect(), y }
}

fn fitted(family: &str, params: &serde_json::Value, x: &Array2<f64>, y: &[u8]) -> Result<Box<dyn Model>> {
    let registry = Registry::built_in();
    let params: toml::Table = toml::from_str(&toml::to_string(params).unwrap()).unwrap();
    let entry = registry.classifier(family, None).unwrap();
    let built = entry.build(&params, &registry)?;
    built.component.fit(&Train::numbers(x.view(), y), &Context { seed: 1 })
}

/// What is solved stops where its tolerance lets it; XGBoost's scores have 32 bits.
fn tolerance(case: &Case) -> f64 {
    match case.params.to_string() {
        params if case.family == "logistic-regression" || params.contains("logistic-regression") => 1e-6,
        _ if case.family == "xgboost" => 1e-6,
        _ if case.family == "lda" => 1e-8,
        _ => 1e-11,
    }
}

#[test]
fn values_that_the_libraries_take_mean_the_same() {
    let golden = golden();
    let mut apart = Vec::new();
    for case in &golden.cases {
        let what = format!("{}: {} {}", case.data, case.family, case.params);
        let Rows { x, y } = &golden.data[&case.data];
        let x = matrix(x);
        let asked = x.slice(s![..x.nrows().min(200), ..]);
        let said = match fitted(&case.family, &case.params, &x, y) {
            Ok(model) => model.predict(asked).unwrap(),
            Err(e) => {
                apart.push(format!("{what}: {e}"));
                continue;
            }
        };
        let distance = |(ours, theirs): (&f64, &f64)| (ours - theirs).abs() / theirs.abs().max(1.0);
        let most = said.score.iter().zip(&case.score).map(distance).fold(0.0, f64::max);
        if most.is_nan() || most > tolerance(case) || said.label != case.label {
            let labels = said.label.iter().zip(&case.label).filter(|(ours, theirs)| ours != theirs).count();
            apart.push(format!("{what}: scores differ by up to {most:e}, {labels} labels differ"));
        }
    }
    assert!(apart.is_empty() && golden.cases.len() >= 36, "{}", apart.join("\n"));
}

/// scikit-learn fails (svc), fits nothing (balanced weights), or takes the only class for the positive one (liblinear).
#[test]
fn a_member_without_positives_that_scikit_learn_cannot_fit_says_why() {
    let golden = golden();
    let Rows { x, y } = &golden.data["few"];
    for (family, params) in [
        ("svc", "{}"),
        ("linear-svc", "{}"),
        ("logistic-regression", r#"{ "solver": "liblinear" }"#),
        ("logistic-regression", r#"{ "class_weight": "balanced" }"#),
    ] {
        let params = format!(r#"{{ "random_state": 0, "estimator": {{ "family": "{family}", "params": {params} }} }}"#);
        let said = fitted("bagging", &serde_json::from_str(&params).unwrap(), &matrix(x), y).err().unwrap().to_string();
        assert!(said.contains("both classes that weigh more than 0"), "{family}: {said}");
        assert!(said.contains("a member drew no positive row: `balanced-bagging`"), "{family}: {said}");
    }
}
