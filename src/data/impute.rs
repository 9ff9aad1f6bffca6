//! Missing values: filled in with what the training rows say, or refused.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::{Column, Dataset};
use crate::error::{Error, Result};

/// What replaces a missing value: scikit-learn's `SimpleImputer` with this strategy.
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.impute.SimpleImputer.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impute {
    /// The mean of the column's present values.
    Mean,
    /// Their median; the mean of the middle two when they are even in number.
    Median,
}

impl Impute {
    /// One value a column, from training rows (rows x `columns`).
    ///
    /// # Errors
    /// [`Error::Component`] naming a column without any present value.
    pub fn fit(self, training: ArrayView2<'_, f64>, columns: &[Column]) -> Result<Vec<f64>> {
        training
            .columns()
            .into_iter()
            .zip(columns)
            .map(|(column, Column { name, .. })| {
                let mut present: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
                if present.is_empty() {
                    return Err(Error::Component(format!(
                        "column `{name}` has no value in {} training rows, so nothing can stand for its missing ones",
                        column.len()
                    )));
                }
                Ok(match self {
                    Impute::Mean => present.iter().sum::<f64>() / present.len() as f64,
                    Impute::Median => median(&mut present),
                })
            })
            .collect()
    }

    /// Puts `fill`, a value a column, in place of every missing value of `x` (rows x columns).
    pub fn transform(x: &mut Array2<f64>, fill: &[f64]) {
        for mut row in x.rows_mut() {
            row.iter_mut().zip(fill).filter(|(value, _)| value.is_nan()).for_each(|(value, fill)| *value = *fill);
        }
    }
}

/// The median of `values`, which holds one or more and no NaN; reorders them.
fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if even { below.iter().copied().fold(f64::NEG_INFINITY, f64::max) } else { *upper };
    // Halves are added, not the sum halved: the sum of two large values may overflow.
    if even { lower / 2.0 + *upper / 2.0 } else { *upper }
}

/// For studies that do not impute.
///
/// # Errors
/// [`Error::Data`] naming the columns with missing values and how many, if there are any.
pub fn refuse_missing(data: &Dataset) -> Result<()> {
    let listed: Vec<String> = data
        .columns
        .iter()
        .zip(missing(data.x.view()))
        .filter(|(_, count)| *count > 0)
        .map(|(column, count)| format!("`{}` ({count})", column.name))
        .collect();
    if listed.is_empty() {
        return Ok(());
    }
    let (shown, more) = listed.split_at(listed.len().min(10));
    let more = if more.is_empty() { String::new() } else { format!(" and {} other columns", more.len()) };
    Err(Error::Data(format!(
        "{} has missing values in {}{more}: impute them by `mean` or `median`, or mend the file",
        data.name,
        shown.join(", ")
    )))
}

/// Missing values a column.
pub(super) fn missing(x: ArrayView2<'_, f64>) -> Vec<usize> {
    let mut counts = vec![0; x.ncols()];
    for row in x.rows() {
        counts.iter_mut().zip(row).for_each(|(count, value)| *count += usize::from(value.is_nan()));
    }
    counts
}
