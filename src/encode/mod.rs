//! Encoders: what categories become. Each knows the levels of the training rows; what it makes of others is said in its file.

mod coded;
mod frequency;
mod hashing;
mod levels;
mod native;
mod one_hot;
mod ordinal;
mod python;
mod target;

use crate::component::{Entry, FittedTransformer, SavedStep, StepForm, Transformer};

/// The encoder that is whatever class of Python it is given.
pub static GIVEN: &[&Entry<dyn Transformer>] = &[&python::ENTRY];

/// Every encoder.
pub static CATALOGUE: &[&Entry<dyn Transformer>] =
    &[&native::ENTRY, &one_hot::ENTRY, &ordinal::ENTRY, &target::ENTRY, &frequency::ENTRY, &hashing::ENTRY];

/// The fitted encoder that said this of itself; none where it is no encoder's form.
pub(crate) fn restored(saved: SavedStep) -> Option<Box<dyn FittedTransformer>> {
    match saved.form {
        StepForm::Coded { codes } => Some(Box::new(coded::Coded::new(codes, saved.columns))),
        _ => None,
    }
}
