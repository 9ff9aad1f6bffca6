//! A forest whose every tree is grown on rows that are drawn for it beforehand.

use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use super::forest::{Draw, Forest, Sampling, class_counts, cumulative, draws, fit};
use super::random::seed;
use super::{ClassWeight, Settings, Tree};
use crate::error::Result;
use crate::numeric::mt19937::Mt19937;

/// Fits `n_estimators` trees, each on the rows that `undersample` gives for a seed: `BalancedRandomForestClassifier`. Rows
/// given twice are two rows. Class weights are those of all rows; a bootstrap sample draws from a tree's own rows, at most as
/// many as these are.
///
/// # Errors
/// As [`super::fit_forest`]; those of `undersample`.
pub fn fit_balanced_forest(
    (x, y): (ArrayView2<'_, f64>, &[u8]),
    (settings, sampling): (&Settings, Sampling),
    undersample: impl Fn(u32) -> Result<Vec<usize>> + Sync,
    n_estimators: usize,
    random_state: u32,
) -> Result<Forest> {
    let columns = x.ncols();
    let weight = ClassWeight::of(settings.class_weight, class_counts(y));
    let most = match sampling {
        Sampling::All => None,
        Sampling::Bootstrap(max_samples) => Some(draws(max_samples, y.len(), y.len() as f64)),
    };
    let mut stream = Mt19937::new(random_state);
    // The tree's seed is drawn before its undersampler's.
    let seeds: Vec<(u32, u32)> = (0..n_estimators).map(|_| (seed(&mut stream), seed(&mut stream))).collect();
    let grow = |&(of_tree, of_rows): &(u32, u32)| -> Result<Vec<Tree>> {
        let rows = undersample(of_rows)?;
        let labels: Vec<u8> = rows.iter().map(|&row| y[row]).collect();
        let draw = match (most, settings.class_weight) {
            (None, _) => Draw::All,
            (Some(most), None) => Draw::Uniform(most.min(rows.len())),
            (Some(most), Some(ClassWeight::BalancedSubsample)) => Draw::Balanced(most.min(rows.len())),
            (Some(most), Some(_)) => Draw::Weighted(most.min(rows.len()), cumulative(weight, &labels)),
        };
        let own = x.select(Axis(0), &rows);
        // Rows that were drawn by their weight weigh the same afterwards.
        let growth = settings.growth(own.dim(), if most.is_some() { [1.0; 2] } else { weight })?;
        fit(own.view(), &labels, &growth, &[of_tree], &draw).map(Forest::into_trees)
    };
    let trees: Vec<Result<Vec<Tree>>> = seeds.par_iter().with_max_len(1).map(grow).collect();
    let trees: Vec<Tree> = trees.into_iter().collect::<Result<Vec<_>>>()?.concat();
    Ok(Forest::new(trees, columns))
}
