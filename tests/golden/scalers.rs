//! The scalers against scikit-learn 1.9.1: `scripts/golden/scalers.py`.

use std::path::Path;

use fraudbench::component::{Registry, Scaler, find};
use fraudbench::scale::CATALOGUE;
use ndarray::{Array2, ArrayView2, Axis};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    names: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    id: String,
    params: String,
    columns: Vec<usize>,
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data/scalers").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn matrix(name: &str) -> Array2<f64> {
    let text = read(&format!("{name}.csv"));
    let rows: Vec<Vec<f64>> = text.lines().map(|line| line.split(',').map(|v| v.parse().unwrap()).collect()).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn scaler(id: &str, params: &str) -> Box<dyn Scaler> {
    let entry = find("scaler", CATALOGUE, id, None).unwrap();
    entry.build(&toml::from_str(params).unwrap(), &Registry::built_in()).unwrap().component
}

fn fit_transform(id: &str, params: &str, x: &Array2<f64>) -> Array2<f64> {
    scaler(id, params).fit(x.view()).unwrap().transform(x.clone()).unwrap()
}

fn largest(column: ArrayView2<'_, f64>) -> f64 {
    column.iter().fold(0.0, |so_far, v| f64::max(so_far, v.abs()))
}

/// Relative to the value itself, down to a trillionth of its column's largest: differences of large numbers cancel.
fn assert_close(case: &Case, names: &[String], test: &Array2<f64>, found: &Array2<f64>, expected: &Array2<f64>) {
    assert_eq!(found.dim(), expected.dim(), "{}", case.name);
    for j in 0..expected.ncols() {
        let mut floor = 1e-12 * largest(expected.slice(ndarray::s![.., j..=j]));
        // The likelihood's top is flat: its last bits, which the order of operations decides, move the best Box-Cox
        // power by some 1e-8. (For Yeo-Johnson the order is SciPy's.)
        let (relative, unit) = if case.name == "power-box-cox" { (5e-8, 1.0) } else { (1e-9, 0.0) };
        // Scikit-learn sends a constant column through a logarithm and back, we leave it as it is.
        if case.id == "power" && names[case.columns[j]].ends_with("constant") {
            floor += 4.0 * f64::EPSILON * largest(test.slice(ndarray::s![.., j..=j]));
        }
        for i in 0..expected.nrows() {
            let (found, expected) = (found[(i, j)], expected[(i, j)]);
            let close = (found - expected).abs() <= f64::max(relative * (unit + expected.abs()), floor);
            assert!(close, "{}: row {i}, column {j}: {found:e}, scikit-learn {expected:e}", case.name);
        }
    }
}

#[test]
fn every_scaler_equals_scikit_learn_inside_and_outside_of_the_training_range() {
    let golden: Golden = serde_json::from_str(&read("cases.json")).unwrap();
    let (train, test) = (matrix("train"), matrix("test"));
    for case in &golden.cases {
        let select = |x: &Array2<f64>| x.select(Axis(1), &case.columns).as_standard_layout().into_owned();
        let test = select(&test);
        let fitted = scaler(&case.id, &case.params).fit(select(&train).view()).unwrap();
        let found = fitted.transform(test.clone()).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        assert_close(case, &golden.names, &test, &found, &matrix(&case.name));
    }
    for entry in CATALOGUE.iter().filter(|e| e.id != "none") {
        assert!(golden.cases.iter().any(|case| case.id == entry.id), "{} has no golden case", entry.id);
    }
}

/// Rows of several chunks and columns of several blocks, of both signs, with ties and a constant column.
fn wide() -> Array2<f64> {
    Array2::from_shape_fn((2500, 19), |(i, j)| match j {
        7 => 0.3,
        8 => (i % 3) as f64,
        _ => ((i * (2 * j + 3) + j * j) % 1009) as f64 / 37.0 - 9.0 + (i as f64 * 0.001).sin(),
    })
}

#[test]
fn no_bit_depends_on_the_number_of_threads() {
    let x = wide();
    for entry in CATALOGUE {
        let outcomes: Vec<Vec<u64>> = [1, 2, 5]
            .into_iter()
            .map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let found = pool.install(|| fit_transform(entry.id, "", &x));
                found.iter().map(|v| v.to_bits()).collect()
            })
            .collect();
        assert!(outcomes[0] == outcomes[1] && outcomes[0] == outcomes[2], "{}", entry.id);
    }
}

#[test]
fn whitened_columns_are_uncorrelated_and_a_direction_without_variance_is_zero() {
    let mut x = wide();
    // The last column repeats the first: one direction less. Column 7 is constant: another one.
    let copy = x.column(0).to_owned();
    x.column_mut(18).assign(&copy);
    let found = fit_transform("whitening", "", &x);
    let covariance = found.t().dot(&found) / (x.nrows() - 1) as f64;
    for ((i, j), c) in covariance.indexed_iter() {
        let expected = if i == j && i < 17 { 1.0 } else { 0.0 };
        assert!((c - expected).abs() < 1e-9, "{i} {j} {c}");
    }
}

#[test]
fn values_whose_squares_overflow_are_scaled_all_the_same() {
    let x = Array2::from_shape_fn((9, 1), |(i, _)| (i as f64 - 3.0) * 1e300);
    let small = x.mapv(|v| v / 1e300);
    let (huge, plain) = (fit_transform("standard", "", &x), fit_transform("standard", "", &small));
    assert!(huge.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-12));
    let unit = fit_transform("normalizer", "", &Array2::from_elem((1, 4), -1e300));
    assert!(unit.iter().all(|v| (v + 0.5).abs() < 1e-15));
    let power = fit_transform("power", "", &x.mapv(f64::abs));
    assert!((power.mean().unwrap()).abs() < 1e-9 && (power.std(0.0) - 1.0).abs() < 1e-9);
}

#[test]
fn what_cannot_be_scaled_is_one_sentence_that_names_the_column() {
    let x = ndarray::array![[1.0, 4.0], [2.0, -3.0], [3.0, 0.5]];
    let said = |id: &str, params: &str, x: &Array2<f64>| {
        scaler(id, params).fit(x.view()).and_then(|fitted| fitted.transform(x.clone())).unwrap_err().to_string()
    };
    let log = "`function`: column 1 (counted from 0) holds -3, whose log1p is not a finite number";
    assert_eq!(said("function", "func = \"log1p\"", &x), log);
    assert!(said("function", "func = \"sqrt\"", &x).contains("column 1 (counted from 0) holds -3, whose sqrt"));
    assert!(said("power", "method = \"box-cox\"", &x).contains("column 1 (counted from 0) holds -3"));
    let ends = ndarray::array![[0.0, -1.7e308], [1.0, 1.7e308]];
    assert!(said("min-max", "", &ends).contains("column 1 (counted from 0) has no finite range"));
    assert!(said("whitening", "", &ends).contains("column 1 (counted from 0)"));
    assert!(said("power", "", &ends).contains("column 1 (counted from 0)"));
    let both_signs = ndarray::array![[0.0, -1e300], [1.0, 1e300], [2.0, 3e300]];
    assert!(said("power", "", &both_signs).contains("column 1 (counted from 0) is too large"));
    assert!(said("polynomial", "", &ends).contains("the new column 5 (counted from 0) becomes inf"));
    assert!(said("whitening", "", &ndarray::array![[1.0]]).contains("at least two rows"));
    for entry in CATALOGUE.iter().filter(|e| !["none", "normalizer", "function"].contains(&e.id)) {
        assert!(said(entry.id, "", &Array2::zeros((0, 3))).contains("0 rows and 3 columns"), "{}", entry.id);
        let fitted = scaler(entry.id, "").fit(x.view()).unwrap();
        let error = fitted.transform(Array2::zeros((1, 3))).unwrap_err().to_string();
        assert!(error.contains("fitted on 2 columns, but 3"), "{error}");
        assert_eq!(fitted.transform(Array2::zeros((0, 2))).unwrap().nrows(), 0);
    }
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    for (id, params) in [
        ("min-max", "feature_range = [1, 1]"),
        ("robust", "quantile_range = [75, 25]"),
        ("robust", "quantile_range = [0, 100]\nunit_variance = true"),
        ("quantile", "n_quantiles = 0"),
        ("polynomial", "degree = 4"),
        ("normalizer", "norm = \"l3\""),
        ("function", "func = \"sin\""),
        ("power", "method = \"log\""),
    ] {
        let entry = find("scaler", CATALOGUE, id, None).unwrap();
        assert!(entry.build(&toml::from_str(params).unwrap(), &Registry::built_in()).is_err(), "{id} {params}");
    }
}

/// A matrix of 2 to 40 rows and three columns, one of them with many ties.
fn small() -> impl Strategy<Value = Array2<f64>> {
    let row = (-1e3..1e3, 0.0..1e6, -3..3i8).prop_map(|(a, b, c)| [a, b, f64::from(c)]);
    prop::collection::vec(row, 2..40).prop_map(|rows| Array2::from_shape_vec((rows.len(), 3), rows.concat()).unwrap())
}

proptest! {
    #[test]
    fn outputs_stay_in_their_ranges(x in small()) {
        let within = |found: Array2<f64>, low: f64, high: f64| found.iter().all(|&v| v >= low - 1e-9 && v <= high + 1e-9);
        prop_assert!(within(fit_transform("min-max", "", &x), 0.0, 1.0));
        prop_assert!(within(fit_transform("max-abs", "", &x), -1.0, 1.0));
        prop_assert!(within(fit_transform("quantile", "", &x), 0.0, 1.0));
        let standard = fit_transform("standard", "", &x);
        for column in standard.columns() {
            prop_assert!(column.mean().unwrap().abs() < 1e-7);
            let spread = column.std(0.0);
            prop_assert!((spread - 1.0).abs() < 1e-6 || spread < 1e-6);
        }
        for row in fit_transform("normalizer", "", &x).rows() {
            let length = row.dot(&row).sqrt();
            prop_assert!((length - 1.0).abs() < 1e-12 || length < 1e-12);
        }
    }

    #[test]
    fn columns_keep_their_order(x in small()) {
        for id in ["min-max", "max-abs", "standard", "power", "quantile", "robust"] {
            let found = fit_transform(id, "", &x);
            for (before, after) in x.columns().into_iter().zip(found.columns()) {
                let mut order: Vec<usize> = (0..before.len()).collect();
                order.sort_by(|&a, &b| before[a].total_cmp(&before[b]));
                prop_assert!(order.windows(2).all(|w| after[w[0]] <= after[w[1]]), "{}", id);
                prop_assert!(order.windows(2).all(|w| before[w[0]] < before[w[1]] || after[w[0]] == after[w[1]]), "{}", id);
            }
        }
    }

    #[test]
    fn scaling_twice_is_scaling_once(x in small()) {
        for id in ["min-max", "max-abs", "normalizer", "none", "function"] {
            let once = fit_transform(id, "", &x);
            let twice = fit_transform(id, "", &once);
            prop_assert!(once.iter().zip(&twice).all(|(a, b)| (a - b).abs() < 1e-12), "{}", id);
        }
    }
}
