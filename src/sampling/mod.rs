//! What resamplers and balanced ensembles share: how many rows of which class, and the draw of those that stay.

mod strategy;
mod undersample;

#[cfg(test)]
pub(crate) use strategy::Name;
pub(crate) use strategy::{Classes, Strategy, rows_of};
pub(crate) use undersample::undersampled;
