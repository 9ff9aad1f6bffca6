//! `condensed-nearest-neighbour`: majority rows that a nearest-neighbour rule gets wrong, each of which joins the rule.

use std::collections::HashSet;

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::interpolate::enough;
use super::one_sided_selection::{Params, STARTS, vote};
use crate::component::{Context, Entry, InPython, N_JOBS, Resampled, Resampler, Train, build};
use crate::error::Result;
use crate::neighbors::{Euclidean, Neighbor, measurable};
use crate::numeric::mt19937::Mt19937;
use crate::sampling::{Classes, rows_of};

const ID: &str = "condensed-nearest-neighbour";

struct Condensed(Params);

/// The majority rows, and for each its nearest rows of the rule so far.
struct Rule<'x> {
    x: ArrayView2<'x, f64>,
    k: usize,
    rows: Vec<usize>,
    /// The rule's rows, in the order in which they joined.
    known: Vec<usize>,
    near: Vec<Vec<Neighbor>>,
}

impl Rule<'_> {
    /// A row joins. Each other row looks at this one only.
    fn join(&mut self, new: usize) {
        let place = self.known.len() as u32;
        self.known.push(new);
        let (x, k) = (self.x, self.k);
        let query = x.row(new);
        self.rows.par_iter().zip(&mut self.near).for_each(|(&row, near)| {
            let worst = if near.len() < k { Neighbor::FARTHEST } else { near[k - 1] };
            let mut sum = 0.0;
            for (a, b) in x.row(row).iter().zip(query) {
                sum += (a - b) * (a - b);
                // Sums only grow, and of equally far rows the earlier one is ahead.
                if sum >= worst.sum {
                    return;
                }
            }
            near.truncate(k - 1);
            let at = near.partition_point(|known| known.sum <= sum);
            near.insert(at, Neighbor { sum, row: place });
        });
    }

    fn says(&self, nth: usize, y: &[u8]) -> u8 {
        vote(self.near[nth].iter().map(|n| y[self.known[n.row as usize]]))
    }
}

impl Resampler for Condensed {
    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        let (x, y) = (train.x(), train.y);
        let classes = Classes::both(ID, y)?;
        measurable::<Euclidean>(ID, x)?;
        let larger = self.0.sampling_strategy.larger(&classes);
        let (minority, rows) = (rows_of(y, 1 - larger), rows_of(y, larger));
        let mut random = Mt19937::new(self.0.random_state.unwrap_or(context.seed as u32));
        let seeds: Vec<usize> =
            (0..self.0.n_seeds).map(|_| rows[random.randint(0, rows.len() as i64) as usize]).collect();
        let k = self.0.n_neighbors.unwrap_or(1);
        enough(ID, ("n_neighbors", k), minority.len() + seeds.len(), STARTS)?;
        let near = vec![Vec::new(); rows.len()];
        let mut rule = Rule { x, k, rows, known: Vec::new(), near };
        minority.iter().chain(&seeds).copied().for_each(|row| rule.join(row));
        let mut chosen: HashSet<usize> = seeds.into_iter().collect();
        for nth in 0..rule.rows.len() {
            // imbalanced-learn leaves out the places of rows that it takes for right, and puts the numbers of the chosen rows
            // among these places.
            if chosen.contains(&nth) || rule.says(nth, y) == y[rule.rows[nth]] {
                continue;
            }
            let row = rule.rows[nth];
            chosen.insert(row);
            rule.join(row);
        }
        let mut kept = minority;
        kept.extend(chosen);
        kept.sort_unstable();
        Ok(Resampled::chosen(kept))
    }
}

/// Hart, "The condensed nearest neighbor rule", 1968, as imbalanced-learn's `CondensedNearestNeighbour`: with the same
/// `random_state` the same rows, in ascending order and each once (a drawn row that its own rule gets wrong, or that is drawn
/// twice, stands twice in imbalanced-learn), with the exceptions that `edited-nearest-neighbours` names and, of two classes of one size, the one of
/// `one-sided-selection`.
pub const ENTRY: Entry<dyn Resampler> =
    Entry::new(ID, "the majority rows that a nearest-neighbour rule got wrong until they joined it", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(Condensed(params.checked()?)) as Box<dyn Resampler>))
    })
    .version(2)
    .also(&[N_JOBS])
    .source(
        "https://imbalanced-learn.org/0.14/references/generated/imblearn.under_sampling.CondensedNearestNeighbour.html",
    )
    .in_python(InPython::new().other_order());
