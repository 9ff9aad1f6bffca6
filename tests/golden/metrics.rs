//! The metrics against scikit-learn and imbalanced-learn (`scripts/golden/metrics.py`).

use fraudbench::component::{Prediction, Registry, ScoreKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fraudbench::data::Sides;
use fraudbench::metric::Scored;
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
    /// Sides of the rows; times in seconds.
    amount: Option<Vec<f64>>,
    group: Option<Vec<u32>>,
    time: Option<Vec<i64>>,
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
    let registry = Registry::built_in();
    let (mut compared, mut asked) = (0, BTreeSet::new());
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
        let sides = Sides {
            amount: case.amount,
            group: case.group,
            time: case.time.map(|seconds| seconds.into_iter().map(|s| s * 1_000_000).collect()),
            ..Sides::default()
        };
        let scored = scored.with(&sides).unwrap();
        for (id, expected) in &case.expected {
            let metric = registry.metric(id).unwrap();
            asked.insert(id.split('(').next().unwrap().to_owned());
            let score = metric.score(&scored);
            match (score.value(), *expected) {
                (Some(ours), Some(theirs)) => {
                    let gap = (ours - theirs).abs() / theirs.abs().max(1.0);
                    assert!(gap < 1e-12, "{}: {id} is {ours}, expected {theirs}", case.name);
                    compared += 1;
                }
                (ours, theirs) => assert_eq!(ours, theirs, "{}: {id}: {score:?}", case.name),
            }
        }
    }
    let all: BTreeSet<String> = registry.metrics().iter().map(|metric| metric.id.to_owned()).collect();
    assert_eq!(asked, all, "a metric has no expected value");
    assert!(compared > 400, "only {compared} values were compared");
}
