//! `borderline-smote`: SMOTE from those minority rows that have many majority rows around them, but not only such.

use serde::{Deserialize, Serialize};

use super::interpolate::{Adding, Joins, OTHERS, at_least_one, enough, nearest_among, strangers, told};
use crate::component::{Context, Entry, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::Result;
use crate::neighbors::{Ask, Euclidean, Pair, measurable};
use crate::numeric::mt19937::Mt19937;
use crate::sampling::Strategy;

const ID: &str = "borderline-smote";

/// Which rows a row is joined with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Border {
    /// Minority rows.
    #[default]
    #[serde(rename = "borderline-1")]
    One,
    /// Rows of both classes; towards a majority row at most half way.
    #[serde(rename = "borderline-2")]
    Two,
}

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// `auto` (as many rows as the majority has), or minority rows per majority row afterwards, in (0, 1].
    #[serde(deserialize_with = "Strategy::read_adding")]
    sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    random_state: Option<u32>,
    /// How many nearest rows a row is joined with.
    k_neighbors: usize,
    /// Among how many nearest rows of both classes those of the majority are counted.
    m_neighbors: usize,
    kind: Border,
}

impl Default for Params {
    fn default() -> Self {
        let (sampling_strategy, random_state) = (Strategy::default(), None);
        Params { sampling_strategy, random_state, k_neighbors: 5, m_neighbors: 10, kind: Border::One }
    }
}

struct BorderlineSmote(Params);

impl BorderlineSmote {
    fn new(params: Params) -> Result<Self> {
        at_least_one("k_neighbors", params.k_neighbors)?;
        at_least_one("m_neighbors", params.m_neighbors)?;
        params.sampling_strategy.adding()?;
        Ok(BorderlineSmote(params))
    }
}

impl Resampler for BorderlineSmote {
    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let adding = Adding::new(ID, self.0.sampling_strategy, y)?;
        if adding.wanted == 0 {
            return Ok(adding.resampled);
        }
        let (k, m) = (self.0.k_neighbors, self.0.m_neighbors);
        let others = y.len().saturating_sub(1);
        enough(ID, ("m_neighbors", m), others, OTHERS)?;
        let rows = match self.0.kind {
            Border::One => adding.minority(ID, ("k_neighbors", k), y)?,
            Border::Two => {
                enough(ID, ("k_neighbors", k), others, OTHERS)?;
                adding.classes.minority_rows(y)
            }
        };
        measurable::<Euclidean>(ID, x)?;
        let pair = Pair::new(x, y)?;
        let counts = strangers(&pair, x, y, &rows, m);
        let danger: Vec<usize> =
            rows.iter().zip(counts).filter(|&(_, count)| 2 * count >= m && count < m).map(|(&row, _)| row).collect();
        // imbalanced-learn makes no row then either.
        if danger.is_empty() {
            return Ok(adding.resampled);
        }
        let seed = self.0.random_state.unwrap_or(context.seed as u32);
        if self.0.kind == Border::One {
            let joins = nearest_among(ID, x, &rows, &danger, k)?;
            let steps = joins.steps(adding.wanted, 1.0, seed);
            return Ok(adding.with(joins.made(x, &steps, |_| None), joins.origins(&steps)));
        }
        let near = told(pair.others::<Euclidean>(x, &danger, k, Ask::Rows))?;
        let near = near.into_iter().flatten().map(|n| n.row as usize).collect();
        let joins = Joins { from: danger, near, k };
        let steps = joins.steps(adding.wanted, 1.0, seed);
        // imbalanced-learn starts the stream anew for what shortens steps.
        let mut random = Mt19937::new(seed);
        let minority = adding.classes.minority;
        let made = joins.made(x, &steps, |to| (y[to] != minority).then(|| 0.5 * random.next_f64()));
        Ok(adding.with(made, joins.origins(&steps)))
    }
}

/// Han, Wang, Mao, "Borderline-SMOTE", ICIC 2005, as imbalanced-learn's `BorderlineSMOTE`; with the same `random_state` the
/// same rows, with the exceptions that `smote` names. Without any row in danger no row is made, as there.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "SMOTE from minority rows with many majority rows around them", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(BorderlineSmote::new(params)?) as Box<dyn Resampler>))
    })
    .also(&[N_JOBS])
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.BorderlineSMOTE.html");
