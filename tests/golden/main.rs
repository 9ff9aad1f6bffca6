//! Golden tests: the same answers as pinned releases of the Python libraries. `scripts/golden/` made the expected files.

mod boosting;
mod calibration;
mod columns;
mod differential;
mod encoders;
mod ensembles;
mod exceptions;
mod families;
mod linear;
mod linear_svc;
mod metrics;
mod neighbors;
mod parameters;
mod resamplers;
mod scalers;
mod search;
mod selects;
mod significance;
mod splits;
mod trees;
mod values;
mod weights;

use ndarray::Array2;
use serde_json::Value;

/// Rows of numbers as a matrix.
fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// The same from JSON, where null is a missing value.
fn json_matrix(rows: &Value) -> Array2<f64> {
    let value = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let row = |row: &Value| row.as_array().unwrap().iter().map(value).collect();
    matrix(&rows.as_array().unwrap().iter().map(row).collect::<Vec<Vec<f64>>>())
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Places of rows or columns.
fn places(values: &Value) -> Vec<usize> {
    values.as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as usize).collect()
}
