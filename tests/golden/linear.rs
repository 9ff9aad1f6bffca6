//! Linear families, naive Bayes of counts and unsupervised floors against scikit-learn 1.9.1 and PyOD: `scripts/golden/linear.py`,
//! `scripts/golden/outliers.py`.

use std::path::Path;

use fraudbench::classify::CATALOGUE;
use fraudbench::component::{Context, Registry, Train, find};
use ndarray::{Array2, Axis};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f64>>,
    /// Nothing looks at labels where there are none.
    #[serde(default)]
    y: Vec<u8>,
    asked: Vec<Vec<f64>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    family: String,
    params: serde_json::Value,
    /// All without them.
    #[serde(default)]
    columns: Vec<usize>,
    score: Vec<f64>,
    label: Vec<u8>,
}

/// How far a score may lie from the library's.
fn tolerance(family: &str) -> f64 {
    match family {
        // liblinear ends at a tolerance of its own, and its hinge loss has no curvature that would bring it nearer.
        "linear-svc" => 1e-6,
        "ridge" => 1e-9,
        _ => 1e-11,
    }
}

fn shown(rows: &[Vec<f64>], case: &Case) -> Array2<f64> {
    let all = Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap();
    let columns: Vec<usize> = if case.columns.is_empty() { (0..all.ncols()).collect() } else { case.columns.clone() };
    let chosen = all.select(Axis(1), &columns);
    let chosen = if case.family == "complement-nb" { chosen.mapv(f64::abs) } else { chosen };
    chosen.as_standard_layout().into_owned()
}

fn check(name: &str, families: &[&str]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/data/{name}.json"));
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let y = if golden.y.is_empty() { vec![0; golden.x.len()] } else { golden.y.clone() };
    let mut faults = Vec::new();
    for family in families {
        let mut checked = 0;
        for case in golden.cases.iter().filter(|case| case.family == *family) {
            let what = format!("{name}: {} {}", case.family, case.params);
            let (x, asked) = (shown(&golden.x, case), shown(&golden.asked, case));
            let params: toml::Table = toml::from_str(&toml::to_string(&case.params).unwrap()).unwrap();
            let entry = find("family", CATALOGUE, &case.family, Some("native")).unwrap();
            let classifier = entry.build(&params, &Registry::built_in()).unwrap().component;
            let model = classifier.fit(&Train::numbers(x.view(), &y), &Context { seed: 1 }).unwrap();
            let said = model.predict(asked.view()).unwrap();
            let off = |(ours, theirs): (&f64, &f64)| (ours - theirs).abs() / theirs.abs().max(1.0);
            let most = said.score.iter().zip(&case.score).map(off).fold(0.0, f64::max);
            if most.is_nan() || most > tolerance(family) || said.label != case.label {
                let labels = said.label.iter().zip(&case.label).filter(|(a, b)| a != b).count();
                faults.push(format!("{what}: scores differ by {most:e}, {labels} labels differ"));
            }
            checked += 1;
        }
        assert!(checked >= 2, "{name}: {checked} cases for {family}");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn naive_bayes_of_counts() {
    check("linear/rare", &["bernoulli-nb", "complement-nb"]);
    check("linear/fifth", &["bernoulli-nb", "complement-nb"]);
}

#[test]
fn ridge_and_linear_support_vectors() {
    check("linear/rare", &["ridge", "linear-svc"]);
    check("linear/fifth", &["ridge", "linear-svc"]);
}

#[test]
fn stochastic_gradient_descent() {
    check("linear/rare", &["sgd"]);
    check("linear/fifth", &["sgd"]);
}

#[test]
fn unsupervised_floors() {
    check("outliers/large", &["ecod", "copod", "lof"]);
    check("outliers/small", &["ecod", "copod", "lof"]);
    for table in ["ties", "tails", "halves"] {
        check(&format!("outliers/{table}"), &["ecod", "copod"]);
    }
}
