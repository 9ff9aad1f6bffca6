//! Imputers: what stands for missing values. They learn from a split's training rows before these are resampled.

mod filling;
mod none;

pub(crate) use filling::MEAN;

use crate::component::{Entry, Transformer};

/// Every imputer.
pub static CATALOGUE: &[&Entry<dyn Transformer>] =
    &[&none::ENTRY, &filling::MEAN, &filling::MEDIAN, &filling::MOST_FREQUENT, &filling::CONSTANT];
