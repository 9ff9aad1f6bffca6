//! Resamplers: they act on training rows only and return which rows to keep.

mod chain;
mod none;
mod random_undersampling;
mod tomek_links;

use ndarray::ArrayView2;

use crate::classify::Context;
use crate::error::Result;
use crate::registry::Entry;

/// Chooses training rows.
pub trait Resampler: Send + Sync {
    /// Indices of the rows to keep, ascending and distinct, out of `x` (rows x columns, C order, finite) with labels
    /// `y` (0 or 1).
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence.
    fn resample(&self, x: ArrayView2<'_, f64>, y: &[u8], context: &Context) -> Result<Vec<usize>>;
}

/// Every resampler.
pub static CATALOGUE: &[&Entry<dyn Resampler>] =
    &[&none::ENTRY, &tomek_links::ENTRY, &random_undersampling::ENTRY, &chain::ENTRY];
