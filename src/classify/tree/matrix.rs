//! What trees are fitted on.

use std::borrow::Cow;

use ndarray::ArrayView2;

use crate::component::{Shared, Train};
use crate::error::{Error, Result};

/// A matrix, and what other fits on it with the same labels share.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    pub(super) x: ArrayView2<'a, f64>,
    pub(super) shared: Option<&'a Shared>,
}

impl<'a> From<ArrayView2<'a, f64>> for Matrix<'a> {
    fn from(x: ArrayView2<'a, f64>) -> Self {
        Matrix { x, shared: None }
    }
}

impl<'a> From<&Train<'a>> for Matrix<'a> {
    fn from(train: &Train<'a>) -> Self {
        Matrix { x: train.x(), shared: train.shared }
    }
}

impl Matrix<'_> {
    /// Row-major values that trees can be fitted on.
    ///
    /// # Errors
    /// No rows, no columns, labels of another length.
    pub(super) fn values(&self, y: &[u8]) -> Result<Cow<'_, [f64]>> {
        let x = &self.x;
        if x.nrows() != y.len() {
            return Err(Error::Component(format!("{} rows but {} labels", x.nrows(), y.len())));
        }
        if x.is_empty() {
            return Err(Error::Component(format!(
                "nothing to fit trees on: {} rows, {} columns",
                x.nrows(),
                x.ncols()
            )));
        }
        Ok(match x.as_slice() {
            Some(values) => values.into(),
            None => x.iter().copied().collect::<Vec<f64>>().into(),
        })
    }
}
