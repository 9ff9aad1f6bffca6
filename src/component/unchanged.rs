//! The step `none`: what reaches it goes on as it is.

use ndarray::Array2;

use super::{FittedTransformer, SavedStep, Shape, StepForm, Train, Transformer};
use crate::data::Column;
use crate::error::Result;

/// Leaves columns and rows as they are.
pub(crate) struct Unchanged;

/// The columns that it was shown.
struct Fitted(Vec<Column>);

impl Transformer for Unchanged {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        Ok(given.clone())
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        Ok(Box::new(Fitted(train.features.columns.to_vec())))
    }
}

impl FittedTransformer for Fitted {
    fn saved(&self) -> Option<SavedStep> {
        Some(SavedStep { form: StepForm::Same, columns: self.0.clone() })
    }

    fn columns(&self) -> &[Column] {
        &self.0
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        Ok(x)
    }
}
