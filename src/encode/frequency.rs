//! `frequency`: how many training rows have the level.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::levels::{Known, known, saved};
use crate::component::{Entry, FittedTransformer, SavedStep, Shape, Train, Transformer, build, same_columns};
use crate::data::{Column, Kind};
use crate::error::Result;

const ID: &str = "frequency";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// Whether the number of rows is divided by that of all training rows.
    normalize: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { normalize: true }
    }
}

struct Frequency(Params);

struct Fitted {
    known: Vec<Option<Known>>,
    columns: Vec<Column>,
    /// What a count is divided by.
    all: f64,
}

impl Transformer for Frequency {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut shape = given.clone();
        for column in shape.columns.iter_mut().filter(|column| column.levels.is_some()) {
            (column.levels, column.blanks) = (None, false);
        }
        Ok(shape)
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let mut columns = train.features.columns.to_vec();
        columns.iter_mut().for_each(|column| column.kind = Kind::Number);
        let all = if self.0.normalize { train.y.len() as f64 } else { 1.0 };
        Ok(Box::new(Fitted { known: known(train), columns, all }))
    }
}

impl FittedTransformer for Fitted {
    fn saved(&self) -> Option<SavedStep> {
        saved(
            self,
            &self.known.iter().map(|known| known.as_ref().map(|known| (known.place.len(), 1))).collect::<Vec<_>>(),
        )
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, mut x: Array2<f64>) -> Result<Array2<f64>> {
        if self.known.is_empty() {
            return Ok(x);
        }
        same_columns(ID, self.known.len(), x.ncols())?;
        for (mut values, known) in x.axis_iter_mut(Axis(1)).zip(&self.known) {
            let Some(known) = known else { continue };
            let count = |value: f64| match known.of(value) {
                Some(place) => known.counts[place as usize],
                None if value.is_nan() => known.missing,
                None => 0,
            };
            values.mapv_inplace(|value| count(value) as f64 / self.all);
        }
        Ok(x)
    }
}

/// What is missing counts as a level; a level that the training rows lack is 0. Levels that are equally frequent cannot be told
/// apart afterwards.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "the share of training rows that have the level; unseen levels are 0", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(Frequency(params)) as Box<dyn Transformer>))
    });
