//! `near-miss`: the majority rows nearest to the minority, by three rules.

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::interpolate::{at_least_one, enough, told};
use crate::component::{Context, Entry, Idle, InPython, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::{Error, Result};
use crate::neighbors::{Euclidean, Metric, Pair, measurable};
use crate::sampling::{Classes, Strategy, rows_of};
use crate::words::{agree, counted};

const ID: &str = "near-miss";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    /// `auto` (as many majority rows as there are minority rows), or minority rows per majority row afterwards, in (0, 1].
    #[serde(deserialize_with = "Strategy::read_leaving")]
    sampling_strategy: Strategy,
    /// 1: nearest to their nearest minority rows; 2: to their farthest ones; 3: of the minority rows' nearest the farthest.
    version: u8,
    /// How many minority rows a distance is summed over.
    n_neighbors: usize,
    /// Version 3: how many nearest majority rows of each minority row are looked at.
    n_neighbors_ver3: usize,
}

impl Default for Params {
    fn default() -> Self {
        Params { sampling_strategy: Strategy::default(), version: 1, n_neighbors: 3, n_neighbors_ver3: 3 }
    }
}

struct NearMiss(Params);

impl NearMiss {
    fn new(params: Params) -> Result<Self> {
        at_least_one("n_neighbors", params.n_neighbors)?;
        at_least_one("n_neighbors_ver3", params.n_neighbors_ver3)?;
        params.sampling_strategy.leaving()?;
        match params.version {
            1..=3 => Ok(NearMiss(params)),
            other => Err(Error::Study(format!("`version` must be 1, 2 or 3, but is {other}"))),
        }
    }
}

/// An index of the rows `among` of `x`, all of one class.
fn index(x: ArrayView2<'_, f64>, among: &[usize]) -> Result<Pair> {
    Pair::new(x.select(Axis(0), among).view(), &vec![0; among.len()])
}

/// For each of `rows` the sum of its distances to the `k` nearest of the index's rows.
fn nearest(x: ArrayView2<'_, f64>, rows: &[usize], among: &Pair, k: usize) -> Result<Vec<f64>> {
    let near = told(among.k_nearest::<Euclidean>(x.select(Axis(0), rows).view(), k)?)?;
    Ok(near.into_iter().map(|near| near.iter().map(|n| Euclidean::distance(n.sum)).sum()).collect())
}

/// For each of `rows` the sum of its distances to the `k` farthest of `among`.
fn farthest(x: ArrayView2<'_, f64>, rows: &[usize], among: &[usize], k: usize) -> Vec<f64> {
    let columns: Vec<Vec<f64>> =
        x.columns().into_iter().map(|column| among.iter().map(|&row| column[row]).collect()).collect();
    let first = among.len().saturating_sub(k);
    let sum = |squares: &mut Vec<f64>, &row: &usize| {
        squares.clear();
        squares.resize(among.len(), 0.0);
        for (values, own) in columns.iter().zip(x.row(row)) {
            squares.iter_mut().zip(values).for_each(|(sum, value)| *sum += (value - own) * (value - own));
        }
        if first > 0 {
            squares.select_nth_unstable_by(first, f64::total_cmp);
        }
        let farthest = &mut squares[first..];
        farthest.sort_unstable_by(f64::total_cmp);
        farthest.iter().map(|square| square.sqrt()).sum()
    };
    rows.par_iter().map_init(Vec::new, sum).collect()
}

impl Resampler for NearMiss {
    fn resample(&self, train: &Train<'_>, _context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let classes = Classes::both(ID, y)?;
        let left = self.0.sampling_strategy.left(ID, &classes)?;
        let few = classes.counted_minority(train.first_label());
        measurable::<Euclidean>(ID, x)?;
        let minority = rows_of(y, few);
        let mut rows = rows_of(y, 1 - few);
        let k = self.0.n_neighbors;
        let there = minority.len();
        if there < k {
            return Err(Error::Component(format!(
                "{ID} sums distances to {}, and there {} {there}: `n_neighbors` must be at most {there}",
                counted(k as u64, "minority row"),
                agree(there, "is", "are")
            )));
        }
        if self.0.version == 3 {
            enough(ID, ("n_neighbors_ver3", self.0.n_neighbors_ver3), rows.len(), "majority rows")?;
        }
        // Of two classes of one size imbalanced-learn can take one for the minority and reduce the same: each of its rows is its own
        // nearest one, so that all stay.
        let Some(wanted) = left[usize::from(1 - few)] else {
            return Ok(Resampled::chosen((0..y.len()).collect()));
        };
        if self.0.version == 3 {
            let told = told(
                index(x, &rows)?
                    .k_nearest::<Euclidean>(x.select(Axis(0), &minority).view(), self.0.n_neighbors_ver3)?,
            )?;
            let mut near: Vec<usize> = told.into_iter().flatten().map(|n| rows[n.row as usize]).collect();
            near.sort_unstable();
            near.dedup();
            rows = near;
        }
        let sums = match self.0.version {
            2 => farthest(x, &rows, &minority, k),
            _ => nearest(x, &rows, &index(x, &minority)?, k)?,
        };
        let mut order: Vec<usize> = (0..rows.len()).collect();
        // Of equal sums the earlier row comes first, nearest or farthest.
        match self.0.version {
            3 => order.sort_by(|&a, &b| sums[b].total_cmp(&sums[a])),
            _ => order.sort_by(|&a, &b| sums[a].total_cmp(&sums[b])),
        }
        order.truncate(wanted);
        let mut chosen: Vec<usize> = order.into_iter().map(|place| rows[place]).chain(minority).collect();
        chosen.sort_unstable();
        Ok(Resampled::chosen(chosen))
    }
}

/// Zhang and Mani, "kNN approach to unbalanced data distributions", 2003, as imbalanced-learn's `NearMiss`: the same rows, in
/// ascending order. imbalanced-learn's distances lose digits with more than 15 columns: sums that differ by rounding only may
/// be ranked otherwise there. Version 3 keeps fewer rows than asked for where the minority has fewer neighbours, as there.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "the majority rows nearest to the minority, by three rules", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(NearMiss::new(params)?) as Box<dyn Resampler>))
    })
    .idle(&[Idle::new(&["n_neighbors_ver3"], "`version = 3`", "version", |version| *version == 3)])
    .version(2)
    .also(&[N_JOBS])
    .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.NearMiss.html")
    .in_python(InPython::new().other_order());
