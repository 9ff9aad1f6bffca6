//! The metrics against scikit-learn and imbalanced-learn (`scripts/golden/metrics.py`).

use fraudbench::component::{Prediction, Registry, ScoreKind};
use std::collections::BTreeMap;
use std::path::Path;

use fraudbench::metric::{Scored, score_all};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    kind: String,
    #[serde(default)]
    y: Vec<u8>,
    #[serde(default)]
    score: Vec<f64>,
    #[serde(default)]
    label: Vec<u8>,
    /// Set instead of the three vectors: the rows come from a formula.
    rows: Option<i64>,
    expected: BTreeMap<String, Option<f64>>,
}

/// The rows of the script's `large`.
fn large(rows: i64) -> (Vec<u8>, Vec<f64>, Vec<u8>) {
    let y: Vec<u8> = (0..rows).map(|i| u8::from(i % 577 == 3)).collect();
    let score: Vec<f64> = (0..rows)
        .zip(&y)
        .map(|(i, &label)| {
            let mixed = (i * i % 9973 * 31 + i * 17) % 9973;
            (mixed / (1 + (1 - i64::from(label)) * (i % 3))) as f64 / 9973.0
        })
        .collect();
    let label = score.iter().map(|&s| u8::from(s > 0.97)).collect();
    (y, score, label)
}

#[test]
fn every_metric_equals_the_python_libraries() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/metrics/cases.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut compared = 0;
    for case in golden.cases {
        let (y, score, label) = match case.rows {
            Some(rows) => large(rows),
            None => (case.y, case.score, case.label),
        };
        let kind = match case.kind.as_str() {
            "probability" => ScoreKind::Probability,
            _ => ScoreKind::Decision,
        };
        let prediction = Prediction { score, label, kind };
        let scored = Scored::new(&y, &prediction).unwrap();
        assert_eq!(
            case.expected.len(),
            Registry::built_in().metrics_of_any_data().count(),
            "{}: a metric has no expected value",
            case.name
        );
        for (id, score) in score_all(&scored, &Registry::built_in().metrics_of_any_data().collect::<Vec<_>>()) {
            match (score.value(), case.expected[id]) {
                (Some(ours), Some(theirs)) => {
                    let gap = (ours - theirs).abs() / theirs.abs().max(1.0);
                    assert!(gap < 1e-12, "{}: {id} is {ours}, expected {theirs}", case.name);
                    compared += 1;
                }
                (ours, theirs) => assert_eq!(ours, theirs, "{}: {id}: {score:?}", case.name),
            }
        }
    }
    assert!(compared > 200, "only {compared} values were compared");
}
