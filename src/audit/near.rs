//! Near duplicates: test rows that are all but a training row.

use std::collections::HashSet;

use ndarray::{Array2, Axis};

use super::finding::{Finding, Judgement};
use super::inspect::Variant;
use super::same;
use crate::component::{Features, Registry, Train};
use crate::data::{Column, Kind};
use crate::error::Result;
use crate::impute;
use crate::neighbors::{Euclidean, Nearest, Pair};
use crate::words::{count, counted};

/// Nearer than this share of the typical distance is all but equal.
const NEAR: f64 = 0.01;
/// Negatives of the test part that are looked at, evenly over it. Positives are all looked at.
const NEGATIVES: usize = 1_000;

/// How many of some rows are near a training row that is not identical; identical ones are another check's.
#[derive(Default)]
struct Near {
    near: usize,
    /// Those among them whose numbers are a training row's: they differ in what has no distance.
    equal: usize,
    rows: usize,
}

impl Near {
    /// Of the distance of each row to its nearest training row, and whether an identical one trains.
    fn of(rows: impl Iterator<Item = (f64, bool)>, typical: f64) -> Self {
        rows.fold(Near::default(), |found, (distance, is_same)| {
            let is_near = !is_same && distance < NEAR * typical;
            Near {
                near: found.near + usize::from(is_near),
                equal: found.equal + usize::from(is_near && distance == 0.0),
                rows: found.rows + 1,
            }
        })
    }
}

/// Whether each of `rows` has a training row whose features are all equal.
fn identical(variant: &Variant<'_>, train: &[usize], rows: &[usize]) -> Vec<bool> {
    let keys: Vec<Vec<u64>> = rows.iter().map(|&row| same::key(variant, row)).collect();
    let wanted: HashSet<&Vec<u64>> = keys.iter().collect();
    let found: HashSet<Vec<u64>> =
        train.iter().map(|&row| same::key(variant, row)).filter(|key| wanted.contains(key)).collect();
    keys.iter().map(|key| found.contains(key)).collect()
}

/// The median distance between a queried row and a training row, over pairs that are spread evenly: near duplicates, however
/// many, hardly move it, as they would the median distance to the nearest row.
fn typical(queries: &[Array2<f64>], train: &Array2<f64>) -> f64 {
    let rows: usize = queries.iter().map(Array2::nrows).sum();
    let pairs = queries.iter().flat_map(|x| x.rows()).enumerate();
    let mut distances: Vec<f64> = pairs
        .map(|(at, query)| {
            let other = train.row(at * train.nrows() / rows);
            query.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
        })
        .collect();
    distances.sort_by(f64::total_cmp);
    distances.get(distances.len() / 2).copied().unwrap_or(0.0)
}

/// On the first split: the distance of test rows to their nearest training row, each column divided by its standard deviation
/// over the training rows (constant columns, and those without a value, left out). Near is less than a hundredth of the typical
/// distance between a test and a training row. Categories have no distance: a row that differs from a training row in them alone is near it.
pub fn check(variant: &Variant<'_>) -> Result<Finding> {
    let split = &variant.splits[0];
    let (trained, test) = (variant.of(&split.train), variant.of(&split.test));
    let mut train = variant.matrix(&trained);
    let (positives, negatives): (Vec<usize>, Vec<usize>) = test.iter().partition(|&&row| variant.data.y[row] == 1);
    let step = negatives.len().div_ceil(NEGATIVES).max(1);
    let negatives: Vec<usize> = negatives.into_iter().step_by(step).collect();
    let mut queries = [variant.matrix(&positives), variant.matrix(&negatives)];
    // Categories have no distance, and nothing can stand for the values of a column that has none in training.
    let columns = &variant.data.columns;
    let is_number = |c: &usize| !matches!(columns[*c].kind, Kind::Category(_));
    let has_value = |c: &usize| train.column(*c).iter().any(|value| !value.is_nan());
    let numbers: Vec<usize> = (0..columns.len()).filter(is_number).filter(has_value).collect();
    train = train.select(Axis(1), &numbers);
    queries = queries.map(|x| x.select(Axis(1), &numbers));
    // Distances need complete numbers: the mean stands for what is missing.
    let numbers: Vec<Column> = numbers.iter().map(|&c| Column::number(columns[c].name.as_str())).collect();
    let mean = impute::MEAN.build(&toml::Table::new(), &Registry::empty())?.component;
    if train.iter().chain(queries.iter().flatten()).any(|value| value.is_nan()) {
        let features = Features { x: train.view(), columns: &numbers };
        let fitted = mean.fit(&Train::new(features, &vec![0; train.nrows()]))?;
        let [first, second] = queries;
        queries = [fitted.transform(first)?, fitted.transform(second)?];
        train = fitted.transform(train)?;
    }
    let deviations: Vec<f64> = train.columns().into_iter().map(|column| column.std(0.0)).collect();
    let kept: Vec<usize> =
        (0..deviations.len()).filter(|&c| deviations[c] > 0.0 && deviations[c].is_finite()).collect();
    if kept.is_empty() {
        return Ok(no_distance(variant, "no column of numbers varies"));
    }
    let scaled = |x: &Array2<f64>| {
        Array2::from_shape_fn((x.nrows(), kept.len()), |(r, c)| x[(r, kept[c])] / deviations[kept[c]])
    };
    let (train, queries) = (scaled(&train), queries.map(|x| scaled(&x)));
    let typical = typical(&queries, &train);
    // Nothing is nearer than a share of nothing.
    if typical == 0.0 {
        return Ok(no_distance(variant, "half of the pairs of a test and a training row are equal in every number"));
    }
    // One class for all: a pair of classes would answer votes without telling distances.
    let pair = Pair::new(train.view(), &vec![0; train.nrows()])?;
    let mut found = Vec::new();
    for (x, rows) in queries.iter().zip([&positives, &negatives]) {
        let distance = |nearest: Nearest| match nearest {
            Nearest::Rows(rows) => rows.first().map(|neighbor| neighbor.sum.sqrt()),
            Nearest::AllMajority => None,
        };
        let nearest = pair.k_nearest::<Euclidean>(x.view(), 1)?;
        let looked = nearest.into_iter().zip(identical(variant, &trained, rows));
        found.push(Near::of(looked.filter_map(|(nearest, is_same)| Some((distance(nearest)?, is_same))), typical));
    }
    Ok(finding(variant, &found[0], &found[1], typical))
}

/// The finding where rows cannot be told to be near each other.
fn no_distance(variant: &Variant<'_>, why: &str) -> Finding {
    let said = format!("{}, {why}, so no distance can be told", variant.name());
    Finding::not_made("near-duplicates", said)
}

fn finding(variant: &Variant<'_>, positives: &Near, negatives: &Near, typical: f64) -> Finding {
    let equal = match positives.equal + negatives.equal {
        0 => String::new(),
        equal => {
            let equal = count(equal as u64);
            format!(
                "; {equal} of these at distance 0, as they differ in categories, missing values or columns that do not vary in \
                 training"
            )
        }
    };
    let said = format!(
        "{}, on the first split {} of {} and {} of {} looked at have a training row, not \
         identical, within {}% of the typical distance between rows ({typical:.3} standard deviations){equal}",
        variant.name(),
        count(positives.near as u64),
        counted(positives.rows as u64, "test positive"),
        count(negatives.near as u64),
        counted(negatives.rows as u64, "test negative"),
        NEAR * 100.0,
    );
    let verdict = if positives.near + negatives.near == 0 { Judgement::Clean } else { Judgement::Look };
    Finding::new("near-duplicates", verdict, said)
}
