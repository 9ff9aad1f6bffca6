//! Families from the smartcore library, to check ours against and to compare with.
//!
//! Its classifiers of trees give labels only, so the trees here are its regressors on labels 0 and 1: the variance that
//! they minimise is half of Gini's impurity, so the splits are those of a classifier, and a leaf's mean is its share of
//! positives. Its support vector classifier is not here: a fitted one borrows its parameters and cannot leave its thread.

pub(super) mod decision_tree;
pub(super) mod k_neighbors;
pub(super) mod logistic_regression;
pub(super) mod random_forest;

use ::smartcore::linalg::basic::matrix::DenseMatrix;
use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use super::backend::{require, said};
use crate::error::Result;

/// Rows that one task predicts; a library call needs them in a matrix of its own.
const CHUNK: usize = 2048;

/// The one copy that the library needs, in C order.
fn matrix(family: &str, x: ArrayView2<'_, f64>) -> Result<DenseMatrix<f64>> {
    let values = x.iter().copied().collect();
    DenseMatrix::new(x.nrows(), x.ncols(), values, false).map_err(|e| said("smartcore", family, e))
}

/// The copy in Fortran order, for what walks down columns.
fn matrix_by_columns(family: &str, x: ArrayView2<'_, f64>) -> Result<DenseMatrix<f64>> {
    let values = x.t().iter().copied().collect();
    DenseMatrix::new(x.nrows(), x.ncols(), values, true).map_err(|e| said("smartcore", family, e))
}

/// Scores of all rows, a chunk a task; chunks are independent, so their number changes nothing.
fn in_chunks(
    family: &str,
    x: ArrayView2<'_, f64>,
    score: impl Fn(&DenseMatrix<f64>) -> Result<Vec<f64>> + Sync,
) -> Result<Vec<f64>> {
    let chunks: Vec<_> = x.axis_chunks_iter(Axis(0), CHUNK).collect();
    let parts: Vec<Vec<f64>> = chunks
        .into_par_iter()
        .map(|chunk| if chunk.is_empty() { Ok(Vec::new()) } else { score(&matrix(family, chunk)?) })
        .collect::<Result<_>>()?;
    Ok(parts.concat())
}

/// scikit-learn's depth counts the cuts on a path, smartcore's the nodes.
fn depth(max_depth: Option<u16>) -> Option<u16> {
    max_depth.map(|cuts| cuts.saturating_add(1))
}

fn check_growth(max_depth: Option<u16>, min_samples_split: usize, min_samples_leaf: usize) -> Result<()> {
    require(max_depth != Some(0), "`max_depth` must be at least 1, not 0")?;
    require(min_samples_split >= 2, &format!("`min_samples_split` must be at least 2, not {}", min_samples_split))?;
    require(min_samples_leaf >= 1, "`min_samples_leaf` must be at least 1, not 0")
}
