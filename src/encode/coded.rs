//! A fitted encoder that was told as data: what each level becomes is written down.

use ndarray::{Array2, Axis};

use crate::component::{FittedTransformer, SavedCode, SavedStep, StepForm, same_columns};
use crate::data::Column;
use crate::error::Result;

/// Puts the numbers of its level in the place of each category. A level that the table lacked has a number beyond the last one.
pub(super) struct Coded {
    codes: Vec<SavedCode>,
    columns: Vec<Column>,
}

impl Coded {
    pub(super) fn new(codes: Vec<SavedCode>, columns: Vec<Column>) -> Self {
        Coded { codes, columns }
    }
}

impl FittedTransformer for Coded {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        same_columns("encoder", self.codes.len(), x.ncols())?;
        let mut made = Array2::zeros((x.nrows(), self.columns.len()));
        let mut first = 0;
        for (values, code) in x.axis_iter(Axis(1)).zip(&self.codes) {
            let SavedCode::Levels { values: of_level, missing, unseen } = code else {
                made.column_mut(first).assign(&values);
                first += 1;
                continue;
            };
            for (row, value) in values.iter().enumerate() {
                let numbers = match value.is_nan() {
                    true => missing,
                    false => of_level.get(*value as usize).unwrap_or(unseen),
                };
                numbers.iter().enumerate().for_each(|(nth, number)| made[(row, first + nth)] = *number);
            }
            first += missing.len();
        }
        Ok(made)
    }

    fn saved(&self) -> Option<SavedStep> {
        let form = StepForm::Coded { codes: self.codes.clone() };
        Some(SavedStep { form, columns: self.columns.clone() })
    }
}
