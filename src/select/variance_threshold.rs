//! `variance-threshold`: columns that vary more than a threshold.

use serde::{Deserialize, Serialize};

use super::chosen::Chosen;
use super::columns::{means, ranges, sums};
use super::numbers;
use crate::component::{Entry, FittedTransformer, Shape, Train, Transformer, build};
use crate::error::{Error, Result};
use crate::words::short;

const ID: &str = "variance-threshold";

/// scikit-learn's name and default.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Params {
    /// Columns with a variance (divisor: rows) above it stay.
    threshold: f64,
}

struct VarianceThreshold(Params);

fn checked(params: Params) -> Result<Box<dyn Transformer>> {
    match params.threshold >= 0.0 && params.threshold.is_finite() {
        true => Ok(Box::new(VarianceThreshold(params))),
        false => Err(Error::Study(format!("`threshold` must be 0 or more, not {}", short(params.threshold)))),
    }
}

impl Transformer for VarianceThreshold {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        // How many stay is known after a fit only.
        numbers(given).map(|()| given.clone())
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let (x, threshold) = (train.x(), self.0.threshold);
        let mean = means(x);
        let squares = sums(x, mean.len(), |_, row, to| {
            for ((to, value), mean) in to.iter_mut().zip(row).zip(&mean) {
                *to += (value - mean) * (value - mean);
            }
        });
        let variance = squares.iter().zip(ranges(x)).map(|(squares, (low, high))| {
            let variance = squares / x.nrows() as f64;
            // Rounding may leave a constant column some variance.
            if threshold == 0.0 { variance.min(high - low) } else { variance }
        });
        let kept: Vec<bool> = variance.map(|variance| variance > threshold).collect();
        if !kept.contains(&true) {
            return Err(Error::Component(format!(
                "`{ID}`: no column has a variance above {}: lower `threshold`",
                short(threshold)
            )));
        }
        Ok(Box::new(Chosen::new(ID, train, &kept)))
    }
}

/// `VarianceThreshold`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.feature_selection.VarianceThreshold.html>.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "columns whose variance is above a threshold", |table| build::<Params, _>(ID, table, checked))
        .source("https://scikit-learn.org/1.9/modules/generated/sklearn.feature_selection.VarianceThreshold.html");
