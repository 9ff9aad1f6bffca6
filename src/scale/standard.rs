//! `standard`: each column less its training mean, divided by its training standard deviation.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::matrix::{check_fit, update_rows};
use super::moments::moments;
use crate::component::{COPY, Entry, FittedScaler, SavedScaler, Scaler, build, same_columns};
use crate::error::Result;

const ID: &str = "standard";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    with_mean: bool,
    with_std: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { with_mean: true, with_std: true }
    }
}

struct Standard(Params);

pub(super) struct Fitted {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl Scaler for Standard {
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        check_fit(ID, x)?;
        let columns = x.ncols();
        let x = x.as_standard_layout();
        // `as_standard_layout` is contiguous by definition.
        let found = moments(x.as_slice().unwrap_or_default(), columns);
        // What is not wanted becomes the operation's identity: subtracting 0, dividing by 1.
        let mean = found.iter().map(|m| if self.0.with_mean { m.mean } else { 0.0 }).collect();
        let scale = found.iter().map(|m| if self.0.with_std { m.scale } else { 1.0 }).collect();
        Ok(Box::new(Fitted { mean, scale }))
    }
}

impl Fitted {
    pub(super) fn new(mean: Vec<f64>, scale: Vec<f64>) -> Self {
        Fitted { mean, scale }
    }
}

impl FittedScaler for Fitted {
    fn saved(&self) -> Option<SavedScaler> {
        Some(SavedScaler::Centred { centre: self.mean.clone(), scale: self.scale.clone() })
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        same_columns(ID, self.mean.len(), x.ncols())?;
        update_rows(ID, x, |row| {
            for ((v, mean), scale) in row.iter_mut().zip(&self.mean).zip(&self.scale) {
                *v = (*v - mean) / scale;
            }
        })
    }
}

/// `StandardScaler`: <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.StandardScaler.html>.
/// One difference: a column whose squares overflow (values beyond about 1e150) is scaled, not taken for constant.
pub const ENTRY: Entry<dyn Scaler> = Entry::new(ID, "each column to mean 0 and standard deviation 1", |table| {
    build::<Params, _>(ID, table, |params| Ok(Box::new(Standard(params)) as Box<dyn Scaler>))
})
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.StandardScaler.html")
.also(&[COPY])
.space("");
