//! `logistic-regression` and `svc` against scikit-learn; `scripts/golden/linear_svc.py` made the expected values.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use fraudbench::classify::CATALOGUE;
use fraudbench::component::{Context, Prediction, Registry, Train, find};
use ndarray::Array2;
use serde::Deserialize;

use crate::matrix;

#[derive(Deserialize)]
struct Golden {
    y: Vec<u8>,
    data: HashMap<String, Rows>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Rows {
    x: Vec<Vec<f64>>,
    test: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Case {
    family: String,
    name: String,
    data: String,
    params: toml::Table,
    score: Vec<f64>,
    label: Vec<u8>,
}

fn golden() -> Golden {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/linear_svc/cases.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn predict(golden: &Golden, case: &Case) -> Prediction {
    let rows = &golden.data[&case.data];
    let family = find("family", CATALOGUE, &case.family, Some("native"))
        .unwrap()
        .build(&case.params, &Registry::built_in())
        .unwrap();
    let model = family.component.fit(&Train::numbers(matrix(&rows.x).view(), &golden.y), &Context { seed: 1 }).unwrap();
    model.predict(matrix(&rows.test).view()).unwrap()
}

/// Scores within `tolerance`, and labels equal wherever the decision is not a tie within it.
fn check(case: &Case, ours: &Prediction, boundary: f64, tolerance: f64) {
    let what = format!("{} {} {} {}", case.family, case.name, case.data, case.params);
    for (row, (ours, theirs)) in ours.score.iter().zip(&case.score).enumerate() {
        assert!((ours - theirs).abs() < tolerance, "{what}, row {row}: {ours} and not {theirs}");
    }
    for (row, (ours, theirs)) in ours.label.iter().zip(&case.label).enumerate() {
        let tie = (case.score[row] - boundary).abs() < tolerance;
        assert!(tie || ours == theirs, "{what}, row {row}: label {ours} and not {theirs}");
    }
}

#[test]
fn logistic_regression_is_at_the_optimum_of_scikit_learn() {
    let golden = golden();
    let cases: Vec<&Case> = golden.cases.iter().filter(|case| case.family == "logistic-regression").collect();
    assert_eq!(cases.len(), 15);
    cases.iter().for_each(|case| check(case, &predict(&golden, case), 0.5, 1e-6));
}

#[test]
fn svc_solves_the_dual_of_scikit_learn() {
    let golden = golden();
    let cases: Vec<&Case> = golden.cases.iter().filter(|case| case.family == "svc").collect();
    assert_eq!(cases.len(), 17);
    for case in cases {
        // libsvm holds kernel values in single precision, so its decision values are off by a share of C. At the default
        // tolerance both answers are that far from the optimum, each on its own side.
        let c = case.params.get("C").map_or(1.0, |c| c.as_float().unwrap());
        let tight = case.params["tol"].as_float().unwrap() < 1e-6;
        // Values of the polynomial kernel are as large as its degree makes them.
        let size = if case.params.get("kernel").is_some_and(|k| k.as_str() == Some("poly")) { 10.0 } else { 1.0 };
        let tolerance = if tight { 1e-5 * size * c.max(1.0) } else { 1e-2 };
        check(case, &predict(&golden, case), 0.0, tolerance);
    }
}

#[test]
fn rows_are_predicted_alike_alone_and_together() {
    let golden = golden();
    for family in ["logistic-regression", "svc"] {
        let case = golden.cases.iter().find(|case| case.family == family).unwrap();
        let rows = &golden.data[&case.data];
        let built =
            find("family", CATALOGUE, family, None).unwrap().build(&case.params, &Registry::built_in()).unwrap();
        let model =
            built.component.fit(&Train::numbers(matrix(&rows.x).view(), &golden.y), &Context { seed: 1 }).unwrap();
        let together = model.predict(matrix(&rows.test).view()).unwrap();
        let none = model.predict(Array2::zeros((0, 6)).view()).unwrap();
        assert!(none.score.is_empty() && none.label.is_empty());
        let refused = model.predict(Array2::zeros((1, 5)).view()).unwrap_err().to_string();
        assert!(refused.contains("fitted on 6 columns, but is given 5"), "{refused}");
        for (row, &score) in rows.test.iter().zip(&together.score) {
            let alone = model.predict(matrix(std::slice::from_ref(row)).view()).unwrap();
            assert!((alone.score[0] - score).abs() < 1e-12);
        }
    }
}

/// Twelve thousand rows, enough for several segments and tiles.
#[test]
fn the_number_of_threads_changes_no_bit() {
    let y: Vec<u8> = (0..12_000).map(|i| u8::from(i % 97 == 5 || i % 1_301 == 8)).collect();
    let x = Array2::from_shape_fn((y.len(), 5), |(i, j)| {
        let hash = ((i * 71 + j * 1_009) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        hash as f64 / f64::from(1 << 23) + if j < 2 { 1.5 * f64::from(y[i]) } else { 0.0 }
    });
    for family in ["logistic-regression", "svc"] {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let built = find("family", CATALOGUE, family, None)
                .unwrap()
                .build(&toml::Table::new(), &Registry::built_in())
                .unwrap();
            pool.install(|| {
                built
                    .component
                    .fit(&Train::numbers(x.view(), &y), &Context { seed: 1 })
                    .unwrap()
                    .predict(x.view())
                    .unwrap()
            })
        };
        let alone = run(1);
        assert!(alone.label.contains(&1) && alone.label.contains(&0), "{family} should tell the classes apart");
        assert_eq!(alone, run(3), "{family}");
    }
}
