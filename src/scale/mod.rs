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

use crate::component::{Entry, FittedScaler, SavedScaler, Scaler};
use crate::error::{Error, Result};

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

/// The fitted scaler that said this of itself.
///
/// # Errors
/// [`Error::Store`] for a function that this version does not know.
pub(crate) fn restored(saved: SavedScaler) -> Result<Box<dyn FittedScaler>> {
    Ok(match saved {
        SavedScaler::Same => Box::new(none::Untouched),
        SavedScaler::Centred { centre, scale } => Box::new(standard::Fitted::new(centre, scale)),
        SavedScaler::Ranged { scale, offset, bounds } => Box::new(min_max::Fitted::new(scale, offset, bounds)),
        SavedScaler::Divided { scale, bound } => Box::new(max_abs::Fitted::new(scale, bound.is_some())),
        SavedScaler::Normed { norm } => Box::new(normalizer::Normalizer::new(norm)),
        SavedScaler::Quantiles { normal, references, quantiles } => {
            Box::new(quantile::Fitted::new(normal, references, quantiles))
        }
        SavedScaler::Powers { columns } => Box::new(power::Fitted::new(columns)),
        SavedScaler::Function { func } => match function::Function::named(&func) {
            Some(function) => Box::new(function),
            None => return Err(Error::Store(format!("the scaler's function `{func}` is not known"))),
        },
        SavedScaler::Products { columns, degree, interaction_only, include_bias } => {
            Box::new(polynomial::of_degree(columns, degree, interaction_only, include_bias))
        }
        SavedScaler::Projected(projection) => Box::new(whitening::Fitted::new(projection)),
    })
}
