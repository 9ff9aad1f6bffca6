//! The scalers, a file each. A scaler learns from training rows only; what it learned is then applied to both sides.

pub(crate) mod eigen;
mod function;
mod matrix;
mod max_abs;
mod min_max;
mod moments;
mod none;
mod normal;
mod normalizer;
mod order;
pub(crate) mod polynomial;
mod power;
mod quantile;
mod robust;
mod standard;
mod whitening;

use ndarray::{Array2, ArrayView2};

use crate::error::Result;
use crate::registry::Entry;

/// An unfitted scaler: parameters only.
pub trait Scaler: Send + Sync {
    /// Learns from the training matrix `x` (rows x columns, C order, finite).
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence.
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>>;
}

/// What a scaler learned.
pub trait FittedScaler: Send + Sync {
    /// Transforms a matrix with the training matrix's columns. Takes it by value: most scalers work in place, and only
    /// those that change the number of columns allocate. The result is in C order and finite.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence.
    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>>;
}

/// Every scaler, in the paper's order; `whitening` is ours.
pub static CATALOGUE: &[&Entry<dyn Scaler>] = &[
    &none::ENTRY,
    &min_max::ENTRY,
    &max_abs::ENTRY,
    &standard::ENTRY,
    &power::ENTRY,
    &quantile::ENTRY,
    &normalizer::ENTRY,
    &function::ENTRY,
    &polynomial::ENTRY,
    &robust::ENTRY,
    &whitening::ENTRY,
];
