//! Calibrated probabilities against scikit-learn's `CalibratedClassifierCV(ensemble=False)` (`scripts/golden/calibration.py`).

use fraudbench::component::{Context, Registry, ScoreKind, Train};
use fraudbench::search;
use ndarray::{Array2, s};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Golden {
    train: usize,
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    family: String,
    params: Map<String, Value>,
    method: String,
    probability: Vec<f64>,
    label: Vec<u8>,
}

#[test]
fn probabilities_are_those_of_calibrated_classifier_cv() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/calibration/expected.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let x = Array2::from_shape_vec((golden.x.len(), golden.x[0].len()), golden.x.concat()).unwrap();
    assert_eq!(golden.cases.len(), 10);
    for case in &golden.cases {
        let what = format!("{}, {}", case.family, case.method);
        let registry = Registry::built_in();
        let entry = registry.classifier(&case.family, Some("native")).unwrap();
        let params = toml::Table::try_from(&case.params).unwrap();
        let asked = toml::Table::from_iter([("calibrate".to_owned(), case.method.as_str().into())]);
        let built = entry.build(&params, &registry).unwrap();
        let built = search::wrap(&asked, (entry, &registry), &params, built).unwrap();
        let train = Train::numbers(x.slice(s![..golden.train, ..]), &golden.y[..golden.train]);
        let model = built.component.fit(&train, &Context { seed: 1 }).unwrap();
        let said = model.predict(x.slice(s![golden.train.., ..])).unwrap();
        assert_eq!(said.kind, ScoreKind::Probability, "{what}");
        // scikit-learn's sigmoid stops at a gradient of 1e-6; ours goes to the optimum. Its svc stops at its own tolerance.
        let most = if case.method == "sigmoid" || case.family == "svc" { 2e-4 } else { 1e-12 };
        for (nth, (ours, theirs)) in said.score.iter().zip(&case.probability).enumerate() {
            assert!((ours - theirs).abs() < most, "{what}: row {nth}: {ours} instead of {theirs}");
            let sure = (theirs - 0.5).abs() > most;
            assert!(!sure || said.label[nth] == case.label[nth], "{what}: row {nth}");
        }
    }
}
