//! Resamplers: they act on training rows only and return which rows to keep.

mod chain;
mod none;
mod random_undersampling;
mod smote;
mod tomek_links;

use crate::component::{Entry, Resampler};

/// Every resampler.
pub static CATALOGUE: &[&Entry<dyn Resampler>] =
    &[&none::ENTRY, &tomek_links::ENTRY, &random_undersampling::ENTRY, &smote::ENTRY, &chain::ENTRY];
