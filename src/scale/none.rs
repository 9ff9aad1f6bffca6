//! `none`: the columns as they are.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::component::{Entry, FittedScaler, SavedScaler, Scaler, Shape, build};
use crate::error::Result;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {}

pub(super) struct Untouched;

impl Scaler for Untouched {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        Ok(given.clone())
    }

    fn fit(&self, _x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        Ok(Box::new(Untouched))
    }

    fn learns(&self) -> bool {
        false
    }
}

impl FittedScaler for Untouched {
    fn saved(&self) -> Option<SavedScaler> {
        Some(SavedScaler::Same)
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        Ok(x)
    }
}

/// Leaves the columns as they are.
pub const ENTRY: Entry<dyn Scaler> = Entry::new("none", "the columns as they are", |table| {
    build::<Params, _>("none", table, |_| Ok(Box::new(Untouched) as Box<dyn Scaler>))
});
