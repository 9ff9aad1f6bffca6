//! Near duplicates: test rows that are all but a training row.

use ndarray::Array2;

use super::finding::{Finding, Judgement};
use super::inspect::Variant;
use crate::component::{Features, Registry, Train};
use crate::data::{Column, Kind};
use crate::error::Result;
use crate::impute;
use crate::neighbors::{Euclidean, Nearest, Pair};
use crate::words::count;

/// Nearer than this share of the typical distance is all but equal.
const NEAR: f64 = 0.01;
/// Negatives of the test part that are looked at, evenly over it. Positives are all looked at.
const NEGATIVES: usize = 1_000;

/// How many of some rows are near a training row that is not identical; identical ones are another check's.
struct Near {
    near: usize,
    rows: usize,
}

impl Near {
    fn of(distances: &[f64], typical: f64) -> Self {
        let near = distances.iter().filter(|d| **d > 0.0 && **d < NEAR * typical).count();
        Near { near, rows: distances.len() }
    }
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
/// over the training rows (constant columns left out). Near is less than a hundredth of the typical distance between
/// a test and a training row.
pub fn check(variant: &Variant<'_>) -> Result<Finding> {
    let split = &variant.splits[0];
    let (mut train, test) = (variant.matrix(&variant.of(&split.train)), variant.of(&split.test));
    let (positives, negatives): (Vec<usize>, Vec<usize>) = test.iter().partition(|&&row| variant.data.y[row] == 1);
    let step = negatives.len().div_ceil(NEGATIVES).max(1);
    let negatives: Vec<usize> = negatives.into_iter().step_by(step).collect();
    let mut queries = [variant.matrix(&positives), variant.matrix(&negatives)];
    // Distances need complete numbers: the mean stands for what is missing, and categories are left out below.
    let numbers: Vec<Column> = variant.data.columns.iter().map(|column| Column::number(column.name.as_str())).collect();
    let mean = impute::MEAN.build(&toml::Table::new(), &Registry::empty())?.component;
    if train.iter().chain(queries.iter().flatten()).any(|value| value.is_nan()) {
        let features = Features { x: train.view(), columns: &numbers };
        let fitted = mean.fit(&Train::new(features, &vec![0; train.nrows()]))?;
        let [first, second] = queries;
        queries = [fitted.transform(first)?, fitted.transform(second)?];
        train = fitted.transform(train)?;
    }
    let deviations: Vec<f64> = train.columns().into_iter().map(|column| column.std(0.0)).collect();
    let is_number = |c: usize| !matches!(variant.data.columns[c].kind, Kind::Category(_));
    let kept: Vec<usize> =
        (0..deviations.len()).filter(|&c| is_number(c) && deviations[c] > 0.0 && deviations[c].is_finite()).collect();
    if kept.is_empty() {
        let said = format!("{}, no column varies, so no distance can be told", variant.name());
        return Ok(Finding { check: "near-duplicates", verdict: Judgement::Look, said });
    }
    let scaled = |x: &Array2<f64>| {
        Array2::from_shape_fn((x.nrows(), kept.len()), |(r, c)| x[(r, kept[c])] / deviations[kept[c]])
    };
    let (train, queries) = (scaled(&train), queries.map(|x| scaled(&x)));
    let typical = typical(&queries, &train);
    // One class for all: a pair of classes would answer votes without telling distances.
    let pair = Pair::new(train.view(), &vec![0; train.nrows()])?;
    let mut found = Vec::new();
    for x in &queries {
        let distance = |nearest: Nearest| match nearest {
            Nearest::Rows(rows) => rows.first().map(|neighbor| neighbor.sum.sqrt()),
            Nearest::AllMajority => None,
        };
        let nearest = pair.k_nearest::<Euclidean>(x.view(), 1)?;
        let distances: Vec<f64> = nearest.into_iter().filter_map(distance).collect();
        found.push(Near::of(&distances, typical));
    }
    Ok(finding(variant, &found[0], &found[1], typical))
}

fn finding(variant: &Variant<'_>, positives: &Near, negatives: &Near, typical: f64) -> Finding {
    let said = format!(
        "{}, on the first split {} of {} test positives and {} of {} test negatives looked at have a training row, not \
         identical, within {}% of the typical distance between rows ({typical:.3} standard deviations)",
        variant.name(),
        count(positives.near as u64),
        count(positives.rows as u64),
        count(negatives.near as u64),
        count(negatives.rows as u64),
        NEAR * 100.0,
    );
    let verdict = if positives.near + negatives.near == 0 { Judgement::Clean } else { Judgement::Look };
    Finding { check: "near-duplicates", verdict, said }
}
