//! `svm-smote`: SMOTE from the minority's support vectors, inwards where majority rows are near and outwards elsewhere.

use ndarray::{Axis, concatenate};
use serde::{Deserialize, Serialize};

use super::interpolate::{Adding, OTHERS, at_least_one, enough, nearest_among, strangers};
use crate::classify::support_rows;
use crate::component::{Also, Context, Entry, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::{Error, Result};
use crate::neighbors::{Euclidean, Pair, measurable};
use crate::numeric::legacy::Legacy;
use crate::numeric::mt19937::Mt19937;
use crate::sampling::Strategy;
use crate::words::short;

const ID: &str = "svm-smote";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// `auto` (as many rows as the majority has), or minority rows per majority row afterwards, in (0, 1].
    #[serde(deserialize_with = "Strategy::read_adding")]
    sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    random_state: Option<u32>,
    /// How many nearest minority rows a support vector is joined with.
    k_neighbors: usize,
    /// Among how many nearest rows of both classes those of the majority are counted.
    m_neighbors: usize,
    /// How far rows are made beyond a support vector, in distances to its neighbour; 0 to 1.
    out_step: f64,
}

impl Default for Params {
    fn default() -> Self {
        let (sampling_strategy, random_state) = (Strategy::default(), None);
        Params { sampling_strategy, random_state, k_neighbors: 5, m_neighbors: 10, out_step: 0.5 }
    }
}

struct SvmSmote(Params);

impl SvmSmote {
    fn new(params: Params) -> Result<Self> {
        at_least_one("k_neighbors", params.k_neighbors)?;
        at_least_one("m_neighbors", params.m_neighbors)?;
        params.sampling_strategy.adding()?;
        match (0.0..=1.0).contains(&params.out_step) {
            true => Ok(SvmSmote(params)),
            false => Err(Error::Study(format!("`out_step` must be from 0 to 1, but is {}", short(params.out_step)))),
        }
    }
}

impl Resampler for SvmSmote {
    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let adding = Adding::new(ID, self.0.sampling_strategy, y)?;
        if adding.wanted == 0 {
            return Ok(adding.resampled);
        }
        let (k, m) = (self.0.k_neighbors, self.0.m_neighbors);
        let rows = adding.minority(ID, ("k_neighbors", k), y)?;
        enough(ID, ("m_neighbors", m), y.len().saturating_sub(1), OTHERS)?;
        measurable::<Euclidean>(ID, x)?;
        let support: Vec<usize> =
            support_rows(x, y)?.into_iter().filter(|&row| y[row] == adding.classes.minority).collect();
        let counts = strangers(&Pair::new(x, y)?, x, y, &support, m);
        let (mut danger, mut safe) = (Vec::new(), Vec::new());
        for (row, count) in support.into_iter().zip(counts).filter(|(_, count)| *count < m) {
            if 2 * count >= m { danger.push(row) } else { safe.push(row) }
        }
        if danger.is_empty() && safe.is_empty() {
            return Err(Error::Component(format!(
                "{ID}: all {m} nearest rows of every support vector are majority rows: use another kind of SMOTE"
            )));
        }
        let seed = self.0.random_state.unwrap_or(context.seed as u32);
        let share = Legacy::new(&mut Mt19937::new(seed)).beta(10.0, 10.0);
        let inwards = (share * (adding.wanted + 1) as f64) as usize;
        let (mut made, mut origins) = (Vec::new(), Vec::new());
        // Where one of the two has no support vector its share of the rows is not made, as in imbalanced-learn.
        for (rows_from, count, step) in [(danger, inwards, 1.0), (safe, adding.wanted - inwards, -self.0.out_step)] {
            if rows_from.is_empty() {
                continue;
            }
            let joins = nearest_among(ID, x, &rows, &rows_from, k)?;
            let steps = joins.steps(count, step, seed);
            made.push(joins.made(x, &steps, |_| None));
            origins.extend(joins.origins(&steps));
        }
        let views: Vec<_> = made.iter().map(|made| made.view()).collect();
        let made = concatenate(Axis(0), &views).map_err(|e| Error::Component(format!("{ID}: {e}")))?;
        Ok(adding.with(made, origins))
    }
}

/// Nguyen, Cooper, Kamei, "Borderline over-sampling for imbalanced data classification", 2011, as imbalanced-learn's
/// `SVMSMOTE`. The support vectors are those of our `svc` with its defaults, which solves the same problem to the same
/// tolerance: where both find the same ones, the same `random_state` gives the same rows, with the exceptions that `smote`
/// names.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "SMOTE from the minority's support vectors, towards or away from their neighbours", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(SvmSmote::new(params)?) as Box<dyn Resampler>))
    })
    .also(&[
        N_JOBS,
        Also::only("svm_estimator", "null", "the support vectors are those of `svc` with its defaults: leave it out"),
    ])
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.SVMSMOTE.html");
