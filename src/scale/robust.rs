//! `robust`: each column less its median, divided by its interquartile range.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::matrix::{check_fit, map_columns, nonzero_scale, update_rows};
use super::normal::inverse_cdf;
use super::order::{keys, median, percentile};
use crate::component::{COPY, Entry, FittedScaler, Idle, SavedScaler, Scaler, build, same_columns};
use crate::error::{Error, Result};
use crate::words::short;

const ID: &str = "robust";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    with_centering: bool,
    with_scaling: bool,
    quantile_range: (f64, f64),
    unit_variance: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { with_centering: true, with_scaling: true, quantile_range: (25.0, 75.0), unit_variance: false }
    }
}

struct Robust(Params);

struct Fitted {
    /// Centre and scale of each column.
    columns: Vec<(f64, f64)>,
}

fn make(params: Params) -> Result<Box<dyn Scaler>> {
    let (low, high) = params.quantile_range;
    if !(0.0 <= low && low <= high && high <= 100.0) {
        let (low, high) = (short(low), short(high));
        return Err(Error::Study(format!("`quantile_range` must rise within 0 and 100, not {low}, {high}")));
    }
    if params.unit_variance && !(0.0 < low && low < high && high < 100.0) {
        return Err(Error::Study(
            "`unit_variance` needs a `quantile_range` that rises strictly between 0 and 100".into(),
        ));
    }
    Ok(Box::new(Robust(params)))
}

impl Scaler for Robust {
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        check_fit(ID, x)?;
        let Params { with_centering, with_scaling, quantile_range, unit_variance } = self.0;
        let (low, high) = (quantile_range.0 / 100.0, quantile_range.1 / 100.0);
        let unit = if unit_variance { inverse_cdf(high) - inverse_cdf(low) } else { 1.0 };
        let columns = map_columns(x, |_, column| {
            let mut keys = keys(column);
            let range = match with_scaling {
                true => nonzero_scale(-percentile(&mut keys, low) + percentile(&mut keys, high)) / unit,
                false => 1.0,
            };
            let centre = if with_centering { median(&mut keys) } else { 0.0 };
            Ok((centre, range))
        })?;
        Ok(Box::new(Fitted { columns }))
    }
}

impl FittedScaler for Fitted {
    fn saved(&self) -> Option<SavedScaler> {
        let (centre, scale) = self.columns.iter().copied().unzip();
        Some(SavedScaler::Centred { centre, scale })
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        same_columns(ID, self.columns.len(), x.ncols())?;
        update_rows(ID, x, |row| {
            for (v, (centre, range)) in row.iter_mut().zip(&self.columns) {
                *v = (*v - centre) / range;
            }
        })
    }
}

/// `RobustScaler`: <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.RobustScaler.html>.
pub const ENTRY: Entry<dyn Scaler> =
    Entry::new(ID, "each column less its median, divided by its interquartile range", |table| {
        build::<Params, _>(ID, table, make)
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.RobustScaler.html")
    .idle(&[Idle::new(&["quantile_range", "unit_variance"], "`with_scaling = true`", "with_scaling", |scales| {
        *scales == true
    })])
    .also(&[COPY])
    .space("");
