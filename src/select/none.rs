//! `none`: every column stays.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::component::{Entry, FittedTransformer, Shape, Train, Transformer, build};
use crate::data::Column;
use crate::error::Result;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {}

struct Nothing;

struct Fitted(Vec<Column>);

impl Transformer for Nothing {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        Ok(given.clone())
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        Ok(Box::new(Fitted(train.features.columns.to_vec())))
    }
}

impl FittedTransformer for Fitted {
    fn columns(&self) -> &[Column] {
        &self.0
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        Ok(x)
    }
}

/// The axis at its default: no record and no key says anything of it.
pub const ENTRY: Entry<dyn Transformer> = Entry::new("none", "every column stays", |table| {
    build::<Params, _>("none", table, |_| Ok(Box::new(Nothing) as Box<dyn Transformer>))
});
