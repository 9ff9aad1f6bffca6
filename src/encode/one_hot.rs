//! `one-hot`: a column of 0 and 1 for each level of the training rows.

use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use super::levels::{Grouped, Known, MinFrequency, Rare, known, same_width, saved};
use crate::component::{
    Entry, FittedTransformer, InPython, Perhaps, SavedStep, Shape, Train, Transformer, build, later,
};
use crate::data::{Column, ColumnShape};
use crate::error::Result;

const ID: &str = "one-hot";
/// What the indicator of missing values is called, as in scikit-learn.
const MISSING: &str = "nan";
/// What the indicator of rare levels is called, as in scikit-learn.
const RARE: &str = "infrequent_sklearn";

/// Which level has no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Drop {
    First,
    #[serde(alias = "if_binary")]
    IfBinary,
}

/// What a level becomes that the training rows lack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Unknown {
    /// Zeros.
    #[default]
    Ignore,
    /// A rare level, if there is any; else zeros.
    #[serde(alias = "infrequent_if_exist")]
    InfrequentIfExist,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {
    /// Leaves out the column of the first level, always or where there are two; none is left out without it.
    drop: Option<Drop>,
    /// Levels of fewer training rows (a number, or a share of all) have one column together, the last one.
    min_frequency: Option<MinFrequency>,
    /// At most so many columns per category; the rarest levels have one together.
    max_categories: Option<u32>,
    /// `ignore`: a level that the training rows lack is zeros; `infrequent-if-exist`: it is a rare one, if there is any.
    handle_unknown: Unknown,
}

struct OneHot {
    drop: Option<Drop>,
    rare: Rare,
    unknown: Unknown,
}

/// What a column of the training rows becomes.
enum Made {
    Same,
    /// The group with this number has no column; the level after the last one is what is missing.
    Indicators {
        known: Known,
        grouped: Grouped,
        dropped: Option<usize>,
    },
}

struct Fitted {
    made: Vec<Made>,
    columns: Vec<Column>,
    unknown: Unknown,
}

/// What the column of 0 and 1 for a level is called, as in scikit-learn.
fn indicator_of(column: &str, level: &str) -> String {
    format!("{column}_{level}")
}

impl OneHot {
    fn dropped(&self, levels: usize) -> Option<usize> {
        match self.drop {
            Some(Drop::First) => Some(0),
            Some(Drop::IfBinary) if levels == 2 => Some(0),
            _ => None,
        }
    }
}

impl Transformer for OneHot {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let (mut columns, mut perhaps) = (Vec::new(), given.perhaps.clone());
        for column in &given.columns {
            let Some(levels) = column.levels else {
                columns.push(column.clone());
                continue;
            };
            // At most: the training rows may lack some.
            let all = levels + usize::from(column.blanks);
            let count = self.rare.max_categories.map_or(all, |most| all.min(most as usize));
            let shown = count - usize::from(self.dropped(count).is_some());
            // Which levels the training rows have is known after a fit only.
            let indicator = || ColumnShape { name: String::new(), levels: None, blanks: false, empty: false };
            columns.extend(std::iter::repeat_with(indicator).take(shown));
            perhaps.push(Perhaps::Starts(indicator_of(&column.name, "")));
        }
        Ok(Shape { rows: given.rows, columns, perhaps })
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let mut fitted = Fitted { made: Vec::new(), columns: Vec::new(), unknown: self.unknown };
        for (known, column) in known(train).into_iter().zip(train.features.columns) {
            let Some(known) = known else {
                fitted.columns.push(Column::number(column.name.as_str()));
                fitted.made.push(Made::Same);
                continue;
            };
            let mut counts = known.counts.clone();
            counts.extend((known.missing > 0).then_some(known.missing));
            let grouped = self.rare.grouped(&counts, train.y.len());
            let level = |&level: &usize| known.texts.get(level).map_or(MISSING, String::as_str);
            let names = grouped.frequent.iter().map(level).chain(grouped.has_rare.then_some(RARE));
            let dropped = self.dropped(grouped.count);
            let shown = names.enumerate().filter(|(place, _)| Some(*place) != dropped);
            fitted.columns.extend(shown.map(|(_, level)| Column::number(indicator_of(&column.name, level))));
            fitted.made.push(Made::Indicators { known, grouped, dropped });
        }
        Ok(Box::new(fitted))
    }
}

impl Fitted {
    /// The group of a value; none for what the training rows lack.
    fn group(&self, value: f64, known: &Known, grouped: &Grouped) -> Option<usize> {
        let level = match known.of(value) {
            Some(place) => Some(place as usize),
            None if value.is_nan() && known.missing > 0 => Some(known.texts.len()),
            None => None,
        };
        match level {
            Some(level) => Some(grouped.group[level] as usize),
            None if self.unknown == Unknown::InfrequentIfExist && grouped.has_rare => Some(grouped.count - 1),
            None => None,
        }
    }
}

impl FittedTransformer for Fitted {
    fn saved(&self) -> Option<SavedStep> {
        let width = |made: &Made| match made {
            Made::Same => None,
            Made::Indicators { known, grouped, dropped } => {
                Some((known.place.len(), grouped.count - usize::from(dropped.is_some())))
            }
        };
        saved(self, &self.made.iter().map(width).collect::<Vec<_>>())
    }

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
            let Made::Indicators { known, grouped, dropped } = made else {
                wide.column_mut(first).assign(&values);
                first += 1;
                continue;
            };
            for (row, &value) in values.iter().enumerate() {
                let group = self.group(value, known, grouped);
                // The dropped group is the first one: the others move up by it.
                if let Some(group) = group.filter(|group| Some(*group) != *dropped) {
                    wide[(row, first + group - usize::from(dropped.is_some()))] = 1.0;
                }
            }
            first += grouped.count - usize::from(dropped.is_some());
        }
        Ok(wide)
    }
}

/// `OneHotEncoder(handle_unknown="ignore", sparse_output=False)`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.OneHotEncoder.html>. Columns stand where their category
/// stood. A level that the training rows lack is zeros; what is missing among them has a column of its own.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "a column of 0 and 1 for each level of the training rows; unseen levels are zeros", |table| {
        let built = build::<Params, _>(ID, table, |params| {
            let Params { drop, min_frequency, max_categories, handle_unknown: unknown } = params;
            let rare = Rare { min_frequency, max_categories }.checked()?;
            Ok(Box::new(OneHot { drop, rare, unknown }) as Box<dyn Transformer>)
        })?;
        Ok(later::<Params, _>(built, &["min_frequency", "max_categories", "handle_unknown"]))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.OneHotEncoder.html")
    .in_python(InPython::new().given("handle_unknown = \"ignore\"\nsparse_output = false"));
