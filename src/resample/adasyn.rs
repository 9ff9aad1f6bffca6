//! `adasyn`: SMOTE that makes more rows from minority rows with more majority rows around them.

use serde::{Deserialize, Serialize};

use super::interpolate::{Adding, Step, at_least_one, nearest_among, strangers};
use crate::component::{Context, Entry, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::{Error, Result};
use crate::neighbors::{Euclidean, Pair, measurable};
use crate::numeric::mt19937::Mt19937;
use crate::numeric::sum::pairwise;
use crate::sampling::Strategy;

const ID: &str = "adasyn";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// `auto` (about as many rows as the majority has), or about so many minority rows per majority row, in (0, 1].
    #[serde(deserialize_with = "Strategy::read_adding")]
    sampling_strategy: Strategy,
    /// `null`: the cell's own seed.
    random_state: Option<u32>,
    /// Among how many nearest rows those of the majority are counted, and how many minority rows a row is joined with.
    n_neighbors: usize,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::default(), random_state: None, n_neighbors: 5 }
    }
}

struct Adasyn(Params);

impl Adasyn {
    fn new(params: Params) -> Result<Self> {
        at_least_one("n_neighbors", params.n_neighbors)?;
        params.sampling_strategy.adding()?;
        Ok(Adasyn(params))
    }
}

/// How many rows each minority row gets, by the majority rows around it.
fn shares(strangers: Vec<usize>, k: usize, wanted: usize) -> Result<Vec<usize>> {
    let mut shares: Vec<f64> = strangers.into_iter().map(|count| count as f64 / k as f64).collect();
    let all = pairwise(&shares);
    if all == 0.0 {
        return Err(Error::Component(format!(
            "{ID}: no majority row is among the {k} nearest rows of a minority row, so it does not know where to make rows: \
             use `smote`"
        )));
    }
    shares.iter_mut().for_each(|share| *share /= all);
    Ok(shares.into_iter().map(|share| (share * wanted as f64).round_ties_even() as usize).collect())
}

impl Resampler for Adasyn {
    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let adding = Adding::new(ID, self.0.sampling_strategy, y)?;
        if adding.wanted == 0 {
            return Ok(adding.resampled);
        }
        let k = self.0.n_neighbors;
        let rows = adding.minority(ID, ("n_neighbors", k), y)?;
        measurable::<Euclidean>(ID, x)?;
        let pair = Pair::new(x, y)?;
        let counts = shares(strangers(&pair, x, y, &rows, k), k, adding.wanted)?;
        let joins = nearest_among(ID, x, &rows, &rows, k)?;
        let from = counts.iter().enumerate().flat_map(|(place, &count)| std::iter::repeat_n(place, count));
        let mut random = Mt19937::new(self.0.random_state.unwrap_or(context.seed as u32));
        // All neighbours are drawn before all shares.
        let mut steps: Vec<Step> =
            from.map(|from| Step { from, near: from * k + random.randint(0, k as i64) as usize, share: 0.0 }).collect();
        if steps.is_empty() {
            return Err(Error::Component(format!(
                "{ID}: {} rows shared among the minority rows are less than one for each: use `smote`",
                adding.wanted
            )));
        }
        steps.iter_mut().for_each(|step| step.share = random.next_f64());
        Ok(adding.with(joins.made(x, &steps, |_| None), joins.origins(&steps)))
    }
}

/// He, Bai, Garcia, Li, "ADASYN: adaptive synthetic sampling approach for imbalanced learning", IJCNN 2008, as
/// imbalanced-learn's `ADASYN`; with the same `random_state` the same rows, with the exceptions that `smote` names.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "SMOTE that makes more rows where more majority rows are near", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(Adasyn::new(params)?) as Box<dyn Resampler>))
    })
    .also(&[N_JOBS])
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.over_sampling.ADASYN.html");
