//! `random-oversampling`: minority rows repeated, or drawn near minority rows.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::interpolate::Adding;
use crate::component::{Context, Entry, Resampled, Resampler, Shape, Train, build};
use crate::error::{Error, Result};
use crate::numeric::legacy::Legacy;
use crate::numeric::mt19937::Mt19937;
use crate::sampling::{Strategy, rows_of};
use crate::words::short;

const ID: &str = "random-oversampling";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {
    /// `auto` (as many rows as the majority has), or minority rows per majority row afterwards, in (0, 1].
    #[serde(deserialize_with = "Strategy::read_adding")]
    sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    random_state: Option<u32>,
    /// `null`: rows are repeated as they are. A number: normal noise is added, this many times Silverman's bandwidth.
    shrinkage: Option<f64>,
}

struct RandomOversampling(Params);

impl RandomOversampling {
    fn new(params: Params) -> Result<Self> {
        params.sampling_strategy.adding()?;
        match params.shrinkage {
            Some(shrinkage) if !(shrinkage >= 0.0 && shrinkage.is_finite()) => {
                Err(Error::Study(format!("`shrinkage` must be 0 or more, but is {}", short(shrinkage))))
            }
            _ => Ok(RandomOversampling(params)),
        }
    }
}

/// The standard deviation of each column over `rows`, each sum from the first row to the last, as numpy adds along columns.
fn deviations(x: ArrayView2<'_, f64>, rows: &[usize]) -> Vec<f64> {
    let count = rows.len() as f64;
    let mut means = vec![0.0; x.ncols()];
    for &row in rows {
        means.iter_mut().zip(x.row(row)).for_each(|(sum, value)| *sum += value);
    }
    means.iter_mut().for_each(|sum| *sum /= count);
    let mut squares = vec![0.0; x.ncols()];
    for &row in rows {
        for ((sum, value), mean) in squares.iter_mut().zip(x.row(row)).zip(&means) {
            *sum += (value - mean) * (value - mean);
        }
    }
    squares.into_iter().map(|sum| (sum / count).sqrt()).collect()
}

impl Resampler for RandomOversampling {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        match self.0.shrinkage {
            None => Ok(given.clone()),
            Some(_) => given.numbers_only().and_then(|()| given.complete()).map(|()| given.clone()),
        }
    }

    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let mut adding = Adding::new(ID, self.0.sampling_strategy, y)?;
        if adding.wanted == 0 {
            return Ok(adding.resampled);
        }
        let rows = rows_of(y, adding.classes.minority);
        if rows.is_empty() {
            return Err(Error::Component(format!("{ID} needs rows of both classes")));
        }
        let mut random = Mt19937::new(self.0.random_state.unwrap_or(context.seed as u32));
        let drawn: Vec<usize> =
            (0..adding.wanted).map(|_| rows[random.randint(0, rows.len() as i64) as usize]).collect();
        let Some(shrinkage) = self.0.shrinkage else {
            adding.resampled.rows.extend(drawn);
            return Ok(adding.resampled);
        };
        let (n, p) = (y.len() as f64, x.ncols() as f64);
        let constant = (4.0 / ((p + 2.0) * n)).powf(1.0 / (p + 4.0));
        let spread: Vec<f64> = deviations(x, &rows).into_iter().map(|d| shrinkage * constant * d).collect();
        let mut normal = Legacy::new(&mut random);
        let mut made = Array2::zeros((drawn.len(), x.ncols()));
        for (mut out, &row) in made.rows_mut().into_iter().zip(&drawn) {
            for ((out, value), spread) in out.iter_mut().zip(x.row(row)).zip(&spread) {
                *out = normal.normal() * spread + value;
            }
        }
        Ok(adding.with(made, drawn))
    }
}

/// `RandomOverSampler`; with the same `random_state` the same rows in the same order. With `shrinkage` it is the smoothed
/// bootstrap (Menardi and Torelli, "Training and assessing classification rules with imbalanced data", 2014).
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "minority rows repeated at random, or drawn near them", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(RandomOversampling::new(params)?) as Box<dyn Resampler>))
    })
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.RandomOverSampler.html");
