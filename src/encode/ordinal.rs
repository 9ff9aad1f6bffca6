//! `ordinal`: the number of a category's level among the sorted levels of the training rows.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::levels::{Known, MinFrequency, Rare, known, same_width, saved};
use crate::component::{Entry, FittedTransformer, InPython, SavedStep, Shape, Train, Transformer, build, later};
use crate::data::{Column, Kind};
use crate::error::{Error, Result};

const ID: &str = "ordinal";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// What a level becomes that the training rows lack.
    unknown_value: f64,
    /// What a missing category becomes; without it, it stays missing.
    encoded_missing_value: Option<f64>,
    /// Levels of fewer training rows (a number, or a share of all) have one number together, the last one.
    min_frequency: Option<MinFrequency>,
    /// At most so many numbers; the rarest levels have one together.
    max_categories: Option<u32>,
}

impl Default for Params {
    fn default() -> Self {
        Params { unknown_value: -1.0, encoded_missing_value: None, min_frequency: None, max_categories: None }
    }
}

struct Ordinal {
    unknown: f64,
    missing: Option<f64>,
    rare: Rare,
}

struct Fitted {
    /// Each with the numbers of its levels.
    known: Vec<Option<(Known, Vec<u32>)>>,
    columns: Vec<Column>,
    unknown: f64,
    missing: f64,
}

impl Transformer for Ordinal {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut shape = given.clone();
        for column in shape.columns.iter_mut().filter(|column| column.levels.is_some()) {
            column.levels = None;
            column.blanks &= self.missing.is_none();
        }
        Ok(shape)
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let mut columns = train.features.columns.to_vec();
        columns.iter_mut().for_each(|column| column.kind = Kind::Number);
        let numbered = |known: Known| {
            let groups = self.rare.grouped(&known.counts, train.y.len()).group;
            (known, groups)
        };
        let known = known(train).into_iter().map(|known| known.map(numbered)).collect();
        Ok(Box::new(Fitted { known, columns, unknown: self.unknown, missing: self.missing.unwrap_or(f64::NAN) }))
    }
}

impl FittedTransformer for Fitted {
    fn saved(&self) -> Option<SavedStep> {
        saved(
            self,
            &self.known.iter().map(|known| known.as_ref().map(|(known, _)| (known.place.len(), 1))).collect::<Vec<_>>(),
        )
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, mut x: Array2<f64>) -> Result<Array2<f64>> {
        if self.known.is_empty() {
            return Ok(x);
        }
        same_width(ID, self.known.len(), x.ncols())?;
        for (mut values, known) in x.axis_iter_mut(Axis(1)).zip(&self.known) {
            let Some((known, groups)) = known else { continue };
            values.mapv_inplace(|value| match known.of(value) {
                Some(place) => f64::from(groups[place as usize]),
                None if value.is_nan() => self.missing,
                None => self.unknown,
            });
        }
        Ok(x)
    }
}

/// `OrdinalEncoder(handle_unknown="use_encoded_value")`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.OrdinalEncoder.html>. The order of levels is that of
/// their texts, which means nothing to a learner but for trees, which can cut anywhere.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "the number of the level among the sorted ones of the training rows; unseen is -1", |table| {
        let built = build::<Params, _>(ID, table, |params| {
            let Params { unknown_value: unknown, encoded_missing_value: missing, min_frequency, max_categories } =
                params;
            if !(missing.is_none_or(f64::is_finite) && unknown.is_finite()) {
                return Err(Error::Study("`unknown_value` and `encoded_missing_value` must be numbers".into()));
            }
            let rare = Rare { min_frequency, max_categories }.checked()?;
            Ok(Box::new(Ordinal { unknown, missing, rare }) as Box<dyn Transformer>)
        })?;
        Ok(later::<Params, _>(built, &["min_frequency", "max_categories"]))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.OrdinalEncoder.html")
    .in_python(InPython::new().given("handle_unknown = \"use_encoded_value\"\nunknown_value = -1"));
