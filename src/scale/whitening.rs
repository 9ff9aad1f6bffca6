//! `whitening`: principal components, each with variance 1.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, linalg::general_mat_mul};
use serde::{Deserialize, Serialize};

use super::matrix::{check_columns, check_fit, column_error, map_chunks, update_chunks};
use super::moments::moments;
use crate::component::{Entry, FittedScaler, SavedProjection, SavedScaler, Scaler, build};
use crate::error::{Error, Result};
use crate::numeric::eigen::eigen;

const ID: &str = "whitening";

/// Rows whose partial sums are held at once: bounds the memory for wide matrices.
const GROUP_ROWS: usize = 1 << 14;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {}

struct Whitening;

pub(super) struct Fitted {
    mean: Vec<f64>,
    /// Columns x components: each component divided by its standard deviation.
    weights: Array2<f64>,
}

/// A copy of the rows of `chunk`, less `mean`.
fn centred(chunk: &[f64], mean: &[f64]) -> Array2<f64> {
    let columns = mean.len();
    let mut rows = chunk.to_vec();
    for row in rows.chunks_exact_mut(columns) {
        for (v, mean) in row.iter_mut().zip(mean) {
            *v -= mean;
        }
    }
    // A chunk is whole rows, so it always has this shape.
    Array2::from_shape_vec((chunk.len() / columns, columns), rows).unwrap_or_default()
}

/// The covariance of the columns (divisor n - 1), summed chunk by chunk in the order of the rows.
fn covariance(data: &[f64], mean: &[f64]) -> Array2<f64> {
    let columns = mean.len();
    let mut total = Array2::zeros((columns, columns));
    for group in data.chunks(GROUP_ROWS * columns) {
        for part in map_chunks(group, columns, |chunk| {
            let rows = centred(chunk, mean);
            rows.t().dot(&rows)
        }) {
            total += &part;
        }
    }
    total / (data.len() / columns - 1) as f64
}

impl Scaler for Whitening {
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        check_fit(ID, x)?;
        if x.nrows() < 2 {
            return Err(Error::Component(format!("`{ID}` needs at least two rows to measure a variance")));
        }
        let columns = x.ncols();
        let x = x.as_standard_layout();
        // `as_standard_layout` is contiguous by definition.
        let data = x.as_slice().unwrap_or_default();
        let mean: Vec<f64> = moments(data, columns).iter().map(|m| m.mean).collect();
        let covariance = covariance(data, &mean);
        if let Some(j) = (0..columns).find(|&j| !covariance[(j, j)].is_finite()) {
            return Err(column_error(ID, j, "has no finite variance"));
        }
        let pairs = eigen(covariance);
        let largest = pairs.first().map_or(0.0, |(variance, _)| variance.max(0.0));
        let mut weights = Array2::zeros((columns, columns));
        for (k, (variance, mut component)) in pairs.into_iter().enumerate() {
            // Rounding alone leaves a variance of this size: there is nothing to be scaled up.
            if variance <= largest * columns as f64 * f64::EPSILON {
                break;
            }
            // The first of the largest entries is positive (scikit-learn's `svd_flip`).
            let leading = component.iter().fold(0.0, |so_far: f64, v| if v.abs() > so_far.abs() { *v } else { so_far });
            let scale = variance.sqrt().copysign(leading);
            component.iter_mut().for_each(|v| *v /= scale);
            weights.column_mut(k).assign(&ndarray::aview1(&component));
        }
        Ok(Box::new(Fitted { mean, weights }))
    }
}

impl Fitted {
    pub(super) fn new(SavedProjection { centre, weights }: SavedProjection) -> Self {
        let made = weights.first().map_or(0, Vec::len);
        let weights = Array2::from_shape_fn((centre.len(), made), |(from, to)| weights[from][to]);
        Fitted { mean: centre, weights }
    }
}

impl FittedScaler for Fitted {
    fn saved(&self) -> Option<SavedScaler> {
        let weights = self.weights.rows().into_iter().map(|row| row.to_vec()).collect();
        Some(SavedScaler::Projected(SavedProjection { centre: self.mean.clone(), weights }))
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        let columns = self.mean.len();
        check_columns(ID, columns, x.ncols())?;
        update_chunks(ID, x, |chunk| {
            let rows = centred(chunk, &self.mean);
            // A chunk is whole rows, so it always has this shape.
            if let Ok(mut to) = ArrayViewMut2::from_shape(rows.dim(), chunk) {
                general_mat_mul(1.0, &rows, &self.weights, 0.0, &mut to);
            }
        })
    }
}

/// `PCA(whiten=True)`: <https://scikit-learn.org/1.9/modules/generated/sklearn.decomposition.PCA.html>. As many columns
/// come out as go in. A direction without variance (below columns * 2.2e-16 of the largest) becomes a column of zeros;
/// scikit-learn divides its rounding errors by themselves, or leaves it out when rows are fewer than columns.
pub const ENTRY: Entry<dyn Scaler> = Entry::new(ID, "principal components, each with mean 0 and variance 1", |table| {
    build::<Params, _>(ID, table, |_| Ok(Box::new(Whitening) as Box<dyn Scaler>))
})
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.decomposition.PCA.html");
