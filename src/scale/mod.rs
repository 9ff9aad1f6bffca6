//! The scalers, a file each. A scaler learns from training rows only; what it learned is then applied to both sides.

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
mod python;
mod quantile;
mod robust;
mod standard;
mod whitening;

use crate::component::{Entry, Scaler};

/// The scaler that is whatever class of Python it is given.
pub static GIVEN: &[&Entry<dyn Scaler>] = &[&python::ENTRY];

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
