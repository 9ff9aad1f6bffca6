//! Columns that stay as they are, by their numbers.

use ndarray::Array2;

use crate::component::{FittedTransformer, SavedStep, StepForm, Train, same_columns};
use crate::data::Column;
use crate::error::Result;

/// The columns that stay.
pub(super) struct Chosen {
    id: &'static str,
    given: usize,
    /// Ascending.
    kept: Vec<usize>,
    columns: Vec<Column>,
}

impl Chosen {
    /// Keeps the columns of `train` for which `kept` is true.
    pub fn new(id: &'static str, train: &Train<'_>, kept: &[bool]) -> Self {
        let places: Vec<usize> = (0..kept.len()).filter(|&at| kept[at]).collect();
        let columns = places.iter().map(|&at| column(train, at)).collect();
        Chosen { id, given: kept.len(), kept: places, columns }
    }
}

/// A column by its own name, or by its number where the columns have none.
fn column(train: &Train<'_>, at: usize) -> Column {
    train.features.columns.get(at).cloned().unwrap_or_else(|| Column::number(format!("x{at}")))
}

impl Chosen {
    pub(super) fn restored(given: usize, kept: Vec<usize>, columns: Vec<Column>) -> Self {
        Chosen { id: "select", given, kept, columns }
    }
}

impl FittedTransformer for Chosen {
    fn saved(&self) -> Option<SavedStep> {
        let form = StepForm::Kept { given: self.given, kept: self.kept.clone() };
        Some(SavedStep { form, columns: self.columns.clone() })
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        same_columns(self.id, self.given, x.ncols())?;
        if self.kept.len() == self.given {
            return Ok(x);
        }
        // Row by row: what is handed on must lie so.
        Ok(Array2::from_shape_fn((x.nrows(), self.kept.len()), |(row, nth)| x[(row, self.kept[nth])]))
    }
}
