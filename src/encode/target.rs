//! `target`: how often the rows of a level are positive; a training row gets it from other rows.

use std::collections::HashMap;

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::levels::{Known, LEARNT, known, saved};
use crate::component::{
    Also, Entry, FittedTransformer, Idle, InPython, SavedStep, Shape, Train, Transformer, build, same_columns,
};
use crate::data::{Column, Kind};
use crate::error::{Error, Result};
use crate::numeric::sum::pairwise;
use crate::split::stratified_by;
use crate::words::short;

const ID: &str = "target";

/// How much a level's mean is drawn to the mean of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `auto` or a number of 0 or more")]
enum Smooth {
    Named(Auto),
    Rows(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Auto {
    /// By the variance within the level and over all rows: an empirical Bayes estimate.
    Auto,
}

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// `auto`, or how many rows with the mean of all rows each level gets beside its own.
    smooth: Smooth,
    /// Folds: a training row's value comes from the other folds.
    cv: u32,
    /// Whether rows are dealt to folds at random.
    shuffle: bool,
    /// The seed of that: scikit-learn's `random_state`.
    random_state: u32,
}

impl Default for Params {
    fn default() -> Self {
        Params { smooth: Smooth::Named(Auto::Auto), cv: 5, shuffle: true, random_state: 0 }
    }
}

struct Target(Params);

/// The value of each level of the columns that are categories, and of what the rows lack.
struct Encoding {
    /// The last element of a column is what is missing.
    levels: Vec<Vec<f64>>,
    mean: f64,
}

struct Fitted {
    known: Vec<Option<Known>>,
    columns: Vec<Column>,
    /// Learnt from all training rows.
    whole: Encoding,
    /// Learnt from the training rows without those of each fold.
    folds: Vec<Encoding>,
    /// The fold of each training row.
    fold_of_row: Vec<u32>,
}

impl Known {
    /// The level's number, where what is missing is a level too; none for what the training rows lack.
    fn or_missing(&self, value: f64) -> Option<usize> {
        match self.of(value) {
            Some(place) => Some(place as usize),
            None if value.is_nan() && self.missing > 0 => Some(self.texts.len()),
            None => None,
        }
    }
}

/// The values of a column's levels, learnt from some rows: `_fit_encoding_fast` and `_fit_encoding_fast_auto_smooth`.
fn values(smooth: Smooth, levels: usize, rows: &[(usize, f64)], mean: f64, variance: f64) -> Vec<f64> {
    let (mut counts, mut sums) = (vec![0.0; levels], vec![0.0; levels]);
    if let Smooth::Rows(smooth) = smooth {
        counts.fill(smooth);
        sums.fill(smooth * mean);
    }
    for &(level, y) in rows {
        counts[level] += 1.0;
        sums[level] += y;
    }
    if smooth != Smooth::Named(Auto::Auto) {
        let value = |(sum, count): (f64, f64)| if count == 0.0 { mean } else { sum / count };
        return sums.into_iter().zip(counts).map(value).collect();
    }
    let means: Vec<f64> = sums.iter().zip(&counts).map(|(sum, count)| sum / count).collect();
    let mut squares = vec![0.0; levels];
    rows.iter().for_each(|&(level, y)| squares[level] += (y - means[level]) * (y - means[level]));
    let value = |level: usize| {
        let share = variance * counts[level] / (variance * counts[level] + squares[level] / counts[level]);
        // A level without rows, or labels that are all equal.
        if share.is_nan() { mean } else { share * means[level] + (1.0 - share) * mean }
    };
    (0..levels).map(value).collect()
}

impl Target {
    fn learnt(&self, x: ArrayView2<'_, f64>, known: &[Option<Known>], y: &[u8], rows: &[usize]) -> Encoding {
        let labels: Vec<f64> = rows.iter().map(|&row| f64::from(y[row])).collect();
        let count = labels.len() as f64;
        let mean = labels.iter().sum::<f64>() / count;
        let squares: Vec<f64> = labels.iter().map(|y| (y - mean) * (y - mean)).collect();
        let variance = pairwise(&squares) / count;
        let of = |(at, known): (usize, &Option<Known>)| {
            let Some(known) = known else { return Vec::new() };
            let level = |(&row, &y): (&usize, &f64)| known.or_missing(x[(row, at)]).map(|level| (level, y));
            let values_of: Vec<(usize, f64)> = rows.iter().zip(&labels).filter_map(level).collect();
            values(self.0.smooth, known.texts.len() + 1, &values_of, mean, variance)
        };
        Encoding { levels: known.iter().enumerate().map(of).collect(), mean }
    }

    /// `StratifiedKFold(cv, shuffle=shuffle, random_state=random_state)`: the fold in which each row tests. Rows of one origin, such as a
    /// row that a resampler has repeated, are dealt as one: else the label of one would be in the feature of another.
    fn fold_of_rows(&self, y: &[u8], origins: Option<&[usize]>) -> Result<Vec<u32>> {
        let seed = self.0.shuffle.then_some(self.0.random_state);
        let (mut known, mut labels) = (HashMap::new(), Vec::new());
        let number = |row: usize| {
            *known.entry(origins.map_or(row, |origins| origins[row])).or_insert_with(|| {
                labels.push(y[row]);
                labels.len() - 1
            })
        };
        let dealt: Vec<usize> = (0..y.len()).map(number).collect();
        let splits = stratified_by(&labels, self.0.cv, seed);
        let splits = splits.map_err(|e| Error::Component(format!("{ID}, `cv`: {e}")))?;
        let mut fold_of = vec![0; labels.len()];
        for (fold, split) in (0..).zip(splits) {
            split.test.into_iter().for_each(|one| fold_of[one] = fold);
        }
        Ok(dealt.into_iter().map(|one| fold_of[one]).collect())
    }
}

impl Transformer for Target {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        let mut shape = given.clone();
        for column in shape.columns.iter_mut().filter(|column| column.levels.is_some()) {
            (column.levels, column.blanks) = (None, false);
        }
        Ok(shape)
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let (x, y) = (train.x(), train.y);
        let known = known(train);
        let mut columns = train.features.columns.to_vec();
        columns.iter_mut().for_each(|column| column.kind = Kind::Number);
        let all: Vec<usize> = (0..y.len()).collect();
        let whole = self.learnt(x, &known, y, &all);
        let (mut folds, mut fold_of_row) = (Vec::new(), vec![0; y.len()]);
        // Without a category there is nothing to learn, and rows of one class are no reason to fail.
        if known.iter().any(Option::is_some) {
            fold_of_row = self.fold_of_rows(y, train.origins)?;
            for fold in 0..self.0.cv {
                let others: Vec<usize> = all.iter().copied().filter(|&row| fold_of_row[row] != fold).collect();
                folds.push(self.learnt(x, &known, y, &others));
            }
        }
        Ok(Box::new(Fitted { known, columns, whole, folds, fold_of_row }))
    }

    fn is_cross_fitted(&self) -> bool {
        true
    }
}

impl Fitted {
    fn encoded<'e>(&'e self, mut x: Array2<f64>, encoding: impl Fn(usize) -> &'e Encoding) -> Result<Array2<f64>> {
        if self.known.is_empty() {
            return Ok(x);
        }
        same_columns(ID, self.known.len(), x.ncols())?;
        for (at, (mut values, known)) in x.axis_iter_mut(Axis(1)).zip(&self.known).enumerate() {
            let Some(known) = known else { continue };
            for (row, value) in values.iter_mut().enumerate() {
                let encoding = encoding(row);
                *value = known.or_missing(*value).map_or(encoding.mean, |level| encoding.levels[at][level]);
            }
        }
        Ok(x)
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

    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        self.encoded(x, |_| &self.whole)
    }

    fn transform_training(&self, x: Array2<f64>, places: &[Option<u32>]) -> Result<Array2<f64>> {
        self.encoded(x, |row| match places[row] {
            Some(place) => &self.folds[self.fold_of_row[place as usize] as usize],
            None => &self.whole,
        })
    }
}

/// `TargetEncoder` for two classes: <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.TargetEncoder.html>.
/// Training rows get what its `fit_transform` gives them (values of folds that they are not in), other rows what its `transform`
/// gives. What is missing is a level if training rows have it; a level that they lack is the mean of all. Without `random_state`
/// scikit-learn draws other folds each time; here the seed is 0.
pub const ENTRY: Entry<dyn Transformer> = Entry::new(
    ID,
    "the share of positives among the level's training rows, cross-fitted; unseen levels are the mean",
    |table| {
        build::<Params, _>(ID, table, |params| {
            if params.cv < 2 {
                return Err(Error::Study(format!("`cv` must be at least 2, but is {}", params.cv)));
            }
            match params.smooth {
                Smooth::Rows(rows) if !(rows >= 0.0 && rows.is_finite()) => {
                    Err(Error::Study(format!("`smooth` must be `auto` or 0 or more, but is {}", short(rows))))
                }
                _ => Ok(Box::new(Target(params)) as Box<dyn Transformer>),
            }
        })
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.TargetEncoder.html")
.also(&[
    Also::only("categories", "\"auto\"", LEARNT),
    Also::only("target_type", "\"binary\"", "labels are 0 and 1: leave it out"),
])
.idle(&[Idle::new(&["random_state"], "`shuffle = true`", "shuffle", |shuffle| *shuffle == true)])
.unset(&[("shuffle", "deprecated"), ("random_state", "deprecated"), ("random_state", "none"), ("target_type", "auto")])
.in_python(InPython::new().given("target_type = \"binary\""));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Features, Registry};

    /// What training rows of one category become, whose level is the number of their origin.
    fn encoded(table: &str, origins: &[usize], y: &[u8], told: bool) -> Result<Vec<f64>> {
        let levels: Vec<String> = ('a'..='z').take(10).map(String::from).collect();
        let columns = [Column { kind: Kind::Category(levels.into()), ..Column::number("c") }];
        let x = Array2::from_shape_fn((y.len(), 1), |(row, _)| origins[row] as f64);
        let train = Train::new(Features { x: x.view(), columns: &columns }, y);
        let train = if told { train.of_origins(origins) } else { train };
        let encoder = ENTRY.build(&table.parse().unwrap(), &Registry::built_in()).unwrap().component;
        let places: Vec<Option<u32>> = (0..y.len() as u32).map(Some).collect();
        let made = encoder.fit(&train)?.transform_training(x.clone(), &places)?;
        Ok(made.column(0).to_vec())
    }

    /// Ten rows, half of them positive, and each of these twice more.
    fn repeated() -> (Vec<usize>, Vec<u8>) {
        let origins: Vec<usize> = (0..10).chain(0..5).chain(0..5).collect();
        let y = origins.iter().map(|&origin| u8::from(origin < 5)).collect();
        (origins, y)
    }

    #[test]
    fn a_rows_own_label_is_not_in_its_own_feature_through_a_copy_of_it() {
        let (origins, y) = repeated();
        for table in ["shuffle = false", "", "smooth = 3.0"] {
            // No other row has a row's level. Without its fold there are four of the five positives, three times each, and four negatives.
            assert_eq!(encoded(table, &origins, &y, true).unwrap(), vec![12.0 / 16.0; 20], "{table}");
        }
        let leaky = encoded("shuffle = false", &origins, &y, false).unwrap();
        assert!(leaky[..5].iter().all(|value| *value > 0.9), "{leaky:?}");
    }

    #[test]
    fn rows_of_their_own_are_dealt_as_before() {
        let (origins, y): (Vec<usize>, Vec<u8>) = ((0..10).collect(), vec![0, 1, 0, 0, 1, 1, 0, 1, 0, 1]);
        let levels = |told| encoded("smooth = 1.0\nrandom_state = 3", &origins, &y, told).unwrap();
        assert_eq!(levels(true), levels(false));
    }

    #[test]
    fn copies_are_no_rows_of_more_folds() {
        let (origins, y) = repeated();
        let said = encoded("cv = 6", &origins, &y, true).unwrap_err().to_string();
        assert_eq!(
            said,
            "target, `cv`: 6 folds need 6 rows of each class, but there are 5 positives and 5 negatives: use at most 5 folds"
        );
    }
}
