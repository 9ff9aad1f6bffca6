//! Imputers: what stands for missing values. They learn from a split's training rows before these are resampled.

mod filling;
mod none;

pub(crate) use filling::MEAN;

use crate::component::{Entry, FittedTransformer, SavedStep, StepForm, Transformer};

/// Every imputer.
pub static CATALOGUE: &[&Entry<dyn Transformer>] =
    &[&none::ENTRY, &filling::MEAN, &filling::MEDIAN, &filling::MOST_FREQUENT, &filling::CONSTANT];

/// The fitted imputer that said this of itself; none where it is no imputer's form.
pub(crate) fn restored(saved: SavedStep) -> Option<Box<dyn FittedTransformer>> {
    match saved.form {
        StepForm::Filled { fill, inserted, indicated } => {
            Some(Box::new(filling::Fitted::new(fill, inserted, indicated, saved.columns)))
        }
        _ => None,
    }
}
