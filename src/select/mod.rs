//! What selects columns or makes fewer of them, a file each. It stands between scaler and classifier, sees numbers only, and
//! learns from training rows only.

mod chosen;
mod columns;
mod columns_by_name;
mod k_best;
mod mutual_information;
mod none;
mod pca;
mod projection;
mod score;
mod truncated_svd;
mod variance_threshold;

use crate::component::{Entry, FittedTransformer, SavedStep, Shape, StepForm, Transformer};

/// Every selection of columns.
pub static CATALOGUE: &[&Entry<dyn Transformer>] = &[
    &none::ENTRY,
    &pca::ENTRY,
    &truncated_svd::ENTRY,
    &k_best::ENTRY,
    &variance_threshold::ENTRY,
    &columns_by_name::ENTRY,
];

/// What all but `none` need: numbers, none of them missing.
fn numbers(given: &Shape) -> Result<(), String> {
    given.numbers_only().and_then(|()| given.complete())
}

/// The fitted selection that said this of itself; none where it is no selection's form.
pub(crate) fn restored(saved: SavedStep) -> Option<Box<dyn FittedTransformer>> {
    match saved.form {
        StepForm::Kept { given, kept } => Some(Box::new(chosen::Chosen::restored(given, kept, saved.columns))),
        StepForm::Projected(projection) => Some(Box::new(projection::Projection::restored(projection, saved.columns))),
        _ => None,
    }
}
