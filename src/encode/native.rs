//! `native`: categories go as they are to the families that take them.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::levels::{Known, known, saved};
use crate::component::{Entry, FittedTransformer, SavedStep, Shape, Train, Transformer, build, same_columns};
use crate::data::{Column, Kind};
use crate::error::Result;

const ID: &str = "native";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {}

struct Native;

struct Fitted {
    known: Vec<Option<Known>>,
    columns: Vec<Column>,
}

impl Transformer for Native {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut shape = given.clone();
        // A level that the training rows lack is missing in the test rows.
        shape.columns.iter_mut().filter(|column| column.levels.is_some()).for_each(|column| column.blanks = true);
        Ok(shape)
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let known = known(train);
        let mut columns = train.features.columns.to_vec();
        for (column, known) in columns.iter_mut().zip(&known) {
            column.kind = match known {
                Some(known) => Kind::Category(known.texts.iter().cloned().collect()),
                None => Kind::Number,
            };
        }
        Ok(Box::new(Fitted { known, columns }))
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
        // Where all columns are numbers nobody has named them.
        if self.known.is_empty() {
            return Ok(x);
        }
        same_columns(ID, self.known.len(), x.ncols())?;
        for (mut values, known) in x.axis_iter_mut(Axis(1)).zip(&self.known) {
            let Some(known) = known else { continue };
            values.mapv_inplace(|value| known.of(value).map_or(f64::NAN, f64::from));
        }
        Ok(x)
    }
}

/// Levels keep their order and are numbered among those of the training rows; others are missing values.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "categories as they are, for the families that take them; unseen levels are missing", |table| {
        build::<Params, _>(ID, table, |_| Ok(Box::new(Native) as Box<dyn Transformer>))
    });
