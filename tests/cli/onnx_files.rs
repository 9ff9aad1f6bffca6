//! `refit`: which models have an ONNX file, and why others have none.

use crate::Place;
use crate::refitting::{ok, with_one_cell};

const STUDY: &str = r#"
name = "small"
seed = 5
[data]
path = "data.csv"
label = "label"
ignore = ["name", "shop"]
[protocol]
kind = "stratified-k-fold"
folds = 3
[grid]
imputers = ["median"]
scalers = [
    "none", "standard", "power", "quantile", "normalizer", "whitening",
    { id = "normalizer", name = "longest", params = { norm = "max" } },
    { id = "function", name = "logs", params = { func = "signed-log1p" } },
    { id = "function", name = "cubes", params = { func = "cbrt" } },
    { id = "function", name = "roots", params = { func = "sqrt" } },
]
selects = ["none", { id = "pca", params = { n_components = 2 } }, { id = "truncated-svd", params = { n_components = 2 } }]
classifiers = [
    "prior", "k-neighbors", { family = "hist-gradient-boosting", params = { max_iter = 3 } },
    { family = "lightgbm", params = { n_estimators = 3, min_child_samples = 3 } }, { family = "xgboost", params = { n_estimators = 3 } },
    { family = "bagging", name = "bag", params = { estimator = { family = "hist-gradient-boosting", params = { max_iter = 2 } }, n_estimators = 2 } },
    { family = "random-forest", name = "shares", params = { n_estimators = 5, max_depth = 2 }, calibrate = "venn-abers" },
    { family = "random-forest", name = "whole", params = { n_estimators = 5 }, calibrate = "venn-abers" },
    { family = "xgboost", name = "boosted", params = { n_estimators = 3 }, calibrate = "venn-abers" },
    { family = "adaboost", name = "stumps", params = { n_estimators = 3 }, calibrate = "venn-abers" },
    { family = "lda", name = "plane", calibrate = "venn-abers" }, { family = "gaussian-nb", name = "bayes", calibrate = "venn-abers" },
    { family = "stacking", name = "cut", params = { estimators = ["lda", { family = "xgboost", params = { n_estimators = 3 } }], final_estimator = "decision-tree" } },
    { family = "stacking", name = "smooth", params = { estimators = ["lda", { family = "xgboost", params = { n_estimators = 3 } }] } },
]
"#;

fn place() -> Place {
    with_one_cell(STUDY, "fold=0,scaler=none,select=none,classifier=prior")
}

/// Why the model of a pipeline has no ONNX file; none where it has one.
fn lacks(place: &Place, scaler: &str, select: &str, classifier: &str) -> Option<String> {
    let pipeline = format!("scaler={scaler},select={select},classifier={classifier}");
    ok(place, &["refit", "r", &pipeline, "--out", "m", "--overwrite"]);
    let model: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(place.path("m/model.json")).unwrap()).unwrap();
    let why = model["no_onnx"].as_str().map(str::to_owned);
    assert_eq!(place.path("m/model.onnx").exists(), why.is_none(), "{pipeline}");
    why
}

#[test]
fn what_is_rounded_otherwise_has_no_file_before_what_tells_last_digits_apart() {
    let place = place();
    let behind = [
        ("none", "none", None),
        ("standard", "none", None),
        ("quantile", "none", None),
        ("longest", "none", None),
        ("roots", "none", None),
        ("power", "none", Some("behind `power`, ONNX's exponentials")),
        ("normalizer", "none", Some("behind `normalizer`, ONNX's sums")),
        ("whitening", "none", Some("behind `whitening`, ONNX's sums")),
        ("logs", "none", Some("behind `function`, ONNX's logarithms")),
        ("cubes", "none", Some("behind `function`, ONNX's roots")),
        ("none", "pca", Some("behind `pca`, ONNX's sums")),
        ("logs", "truncated-svd", Some("behind `function` and `truncated-svd`, ONNX's logarithms and sums")),
    ];
    for (scaler, select, behind) in behind {
        let with = |end: &str| behind.map(|behind| format!("{behind} {end}, by last digits"));
        let misses = with("miss its trees' thresholds, which may be values of rows");
        for classifier in ["hist-gradient-boosting", "lightgbm", "bag"] {
            assert_eq!(lacks(&place, scaler, select, classifier), misses, "{classifier}");
        }
        assert_eq!(lacks(&place, scaler, select, "k-neighbors"), with("tell equally far neighbours apart"));
        // These trees compare 32 bits.
        assert_eq!(lacks(&place, scaler, select, "xgboost"), None);
    }
}

#[test]
fn what_jumps_between_scores_has_a_file_behind_scores_that_are_equal() {
    let place = place();
    let jumps = Some("`calibrate = \"venn-abers\"` jumps where ONNX rounds the scores before it otherwise");
    let last = Some("its last model jumps where ONNX rounds the scores of the members before it otherwise");
    for (classifier, why) in [
        ("shares", jumps),
        ("boosted", jumps),
        ("stumps", jumps),
        ("bayes", jumps),
        ("whole", None),
        ("plane", None),
        ("cut", last),
        ("smooth", None),
    ] {
        assert_eq!(lacks(&place, "none", "none", classifier).as_deref(), why, "{classifier}");
    }
}
