//! `one-hot`: a column of 0 and 1 for each level of the training rows.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::levels::{Known, known, same_width};
use crate::component::{Entry, FittedTransformer, Shape, Train, Transformer, build};
use crate::data::{Column, ColumnShape};
use crate::error::Result;

const ID: &str = "one-hot";
/// What the indicator of missing values is called, as in scikit-learn.
const MISSING: &str = "nan";

/// Which level has no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Drop {
    First,
    #[serde(alias = "if_binary")]
    IfBinary,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {
    /// Leaves out the column of the first level, always or where there are two; none is left out without it.
    drop: Option<Drop>,
}

struct OneHot(Params);

/// What a column of the training rows becomes.
enum Made {
    Same,
    /// The level with this number (the one after the last is what is missing) has no column.
    Indicators {
        known: Known,
        dropped: Option<usize>,
    },
}

struct Fitted {
    made: Vec<Made>,
    columns: Vec<Column>,
}

impl OneHot {
    fn dropped(&self, levels: usize) -> Option<usize> {
        match self.0.drop {
            Some(Drop::First) => Some(0),
            Some(Drop::IfBinary) if levels == 2 => Some(0),
            _ => None,
        }
    }
}

impl Transformer for OneHot {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut columns = Vec::new();
        for column in &given.columns {
            let Some(levels) = column.levels else {
                columns.push(column.clone());
                continue;
            };
            // At most: the training rows may lack some.
            let count = levels + usize::from(column.blanks);
            let shown = count - usize::from(self.dropped(count).is_some());
            columns.extend((0..shown).map(|_| ColumnShape { name: column.name.clone(), levels: None, blanks: false }));
        }
        Ok(Shape { columns, ..given.clone() })
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let mut fitted = Fitted { made: Vec::new(), columns: Vec::new() };
        for (known, column) in known(train).into_iter().zip(train.features.columns) {
            let Some(known) = known else {
                fitted.columns.push(Column::number(column.name.as_str()));
                fitted.made.push(Made::Same);
                continue;
            };
            let missing = known.blanks.then_some(MISSING);
            let names = known.texts.iter().map(String::as_str).chain(missing);
            let dropped = self.dropped(known.texts.len() + usize::from(known.blanks));
            let shown = names.enumerate().filter(|(place, _)| Some(*place) != dropped);
            fitted.columns.extend(shown.map(|(_, level)| Column::number(format!("{}_{level}", column.name))));
            fitted.made.push(Made::Indicators { known, dropped });
        }
        Ok(Box::new(fitted))
    }
}

impl FittedTransformer for Fitted {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        if self.made.is_empty() {
            return Ok(x);
        }
        same_width(ID, self.made.len(), x.ncols())?;
        let mut wide = Array2::zeros((x.nrows(), self.columns.len()));
        let mut first = 0;
        for (values, made) in x.axis_iter(Axis(1)).zip(&self.made) {
            let Made::Indicators { known, dropped } = made else {
                wide.column_mut(first).assign(&values);
                first += 1;
                continue;
            };
            let levels = known.texts.len() + usize::from(known.blanks);
            for (row, &value) in values.iter().enumerate() {
                let level = match known.of(value) {
                    Some(place) => Some(place as usize),
                    None if value.is_nan() && known.blanks => Some(known.texts.len()),
                    None => None,
                };
                // The dropped level is the first one: the others move up by it.
                if let Some(level) = level.filter(|level| Some(*level) != *dropped) {
                    wide[(row, first + level - usize::from(dropped.is_some()))] = 1.0;
                }
            }
            first += levels - usize::from(dropped.is_some());
        }
        Ok(wide)
    }
}

/// `OneHotEncoder(handle_unknown="ignore", sparse_output=False)`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.OneHotEncoder.html>. Columns stand where their category
/// stood. A level that the training rows lack is zeros; what is missing among them has a column of its own.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "a column of 0 and 1 for each level of the training rows; unseen levels are zeros", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(OneHot(params)) as Box<dyn Transformer>))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.OneHotEncoder.html");
