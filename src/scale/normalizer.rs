//! `normalizer`: each row divided by its own length.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::matrix::{nonzero_scale, update_rows};
use crate::component::{COPY, Entry, FittedScaler, RowNorm, SavedScaler, Scaler, build};
use crate::error::Result;

const ID: &str = "normalizer";

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Params {
    norm: RowNorm,
}

/// Learns nothing: unfitted and fitted are the same.
#[derive(Clone, Copy)]
pub(super) struct Normalizer(Params);

impl Normalizer {
    pub(super) fn new(norm: RowNorm) -> Self {
        Normalizer(Params { norm })
    }
}

fn length(norm: RowNorm, row: &[f64]) -> f64 {
    match norm {
        RowNorm::L1 => row.iter().map(|v| v.abs()).sum(),
        RowNorm::L2 => row.iter().map(|v| v * v).sum::<f64>().sqrt(),
        RowNorm::Max => largest(row),
    }
}

fn largest(row: &[f64]) -> f64 {
    row.iter().fold(0.0, |so_far, v| f64::max(so_far, v.abs()))
}

impl Scaler for Normalizer {
    fn fit(&self, _x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        Ok(Box::new(*self))
    }

    fn learns(&self) -> bool {
        false
    }
}

impl FittedScaler for Normalizer {
    fn saved(&self) -> Option<SavedScaler> {
        Some(SavedScaler::Normed { norm: self.0.norm })
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        update_rows(ID, x, |row| {
            let mut norm = nonzero_scale(length(self.0.norm, row));
            if !norm.is_finite() {
                // The norm of huge values overflows where the normalised row does not: divide by the largest first.
                let unit = largest(row);
                row.iter_mut().for_each(|v| *v /= unit);
                norm = length(self.0.norm, row);
            }
            row.iter_mut().for_each(|v| *v /= norm);
        })
    }
}

/// `Normalizer`: <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.Normalizer.html>. Rows whose norm
/// is (nearly) zero stay as they are. One difference: a row whose norm overflows gets its unit length, not zeros.
pub const ENTRY: Entry<dyn Scaler> = Entry::new(ID, "each row divided by its own l2, l1 or max norm", |table| {
    build::<Params, _>(ID, table, |params| Ok(Box::new(Normalizer(params)) as Box<dyn Scaler>))
})
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.Normalizer.html")
.also(&[COPY])
.space("");
