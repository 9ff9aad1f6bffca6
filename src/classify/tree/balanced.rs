//! A forest whose every tree is grown on rows that are drawn for it beforehand.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::forest::{Draw, Forest, Sampling, check_weights, cumulative, draws, fit, row_weights};
use super::random::seed;
use super::weighted::{fit_balanced_draws, fit_trees};
use super::{ClassWeight, Cuts, Settings, Tree};
use crate::error::Result;
use crate::numeric::mt19937::Mt19937;
use crate::numeric::sum::pairwise;

/// Fits `n_estimators` trees, each on the rows that `undersample` gives for a seed: `BalancedRandomForestClassifier`. Rows
/// given twice are two rows. Weights are those of all rows; a bootstrap sample draws from a tree's own rows, at most as
/// many as these are.
///
/// # Errors
/// As [`super::fit_forest`]; those of `undersample`.
pub fn fit_balanced_forest(
    (x, y, own): (ArrayView2<'_, f64>, &[u8], Option<&[f64]>),
    (settings, sampling): (&Settings, Sampling),
    undersample: impl Fn(u32) -> Result<Vec<usize>> + Sync,
    n_estimators: usize,
    random_state: u32,
) -> Result<Forest> {
    let columns = x.ncols();
    own.map_or(Ok(()), |own| check_weights(y, own))?;
    // Trees that draw nothing see both classes balanced among all rows, whichever way that is asked for.
    let by = match (sampling, settings.class_weight) {
        (Sampling::All, Some(ClassWeight::BalancedSubsample)) => Some(ClassWeight::Balanced),
        (_, by) => by,
    };
    let weights = row_weights(by, (y, own));
    let most = match sampling {
        Sampling::All => None,
        Sampling::Bootstrap(max_samples) => {
            Some(draws(max_samples, y.len(), weights.as_deref().map_or(y.len() as f64, pairwise)))
        }
    };
    let mut stream = Mt19937::new(random_state);
    // The tree's seed is drawn before its undersampler's.
    let seeds: Vec<(u32, u32)> = (0..n_estimators).map(|_| (seed(&mut stream), seed(&mut stream))).collect();
    let grow = |&(of_tree, of_rows): &(u32, u32)| -> Result<Vec<Tree>> {
        let rows = undersample(of_rows)?;
        let labels: Vec<u8> = rows.iter().map(|&row| y[row]).collect();
        let weights: Option<Vec<f64>> = weights.as_ref().map(|all| rows.iter().map(|&row| all[row]).collect());
        fit_one((&x.select(Axis(0), &rows), &labels, weights), settings, most, of_tree)
    };
    let trees: Vec<Result<Vec<Tree>>> = seeds.par_iter().with_max_len(1).map(grow).collect();
    let trees: Vec<Tree> = trees.into_iter().collect::<Result<Vec<_>>>()?.concat();
    Ok(Forest::new(trees, columns))
}

/// The tree of rows that were drawn for it, with their labels and weights. Where a bootstrap sample is drawn from them, as many as
/// `most`.
fn fit_one(
    (x, y, weights): (&Array2<f64>, &[u8], Option<Vec<f64>>),
    settings: &Settings,
    most: Option<usize>,
    seed: u32,
) -> Result<Vec<Tree>> {
    // Few rows: weights are added up as scikit-learn adds them, so that rounding decides between equal cuts as there.
    let draw = match (most, weights) {
        (None, None) => Draw::All,
        (None, Some(weights)) => return fit_trees((x.view().into(), y, &weights), settings, Cuts::Best, &[seed]),
        (Some(most), weights) => {
            let most = most.min(y.len());
            let cumulative = weights.map(|weights| cumulative(&weights, pairwise(&weights)));
            match (settings.class_weight, cumulative) {
                (Some(ClassWeight::BalancedSubsample), cumulative) => {
                    let draw = Draw::Balanced(most, cumulative);
                    return fit_balanced_draws((x.view().into(), y), &draw, settings, Cuts::Best, &[seed]);
                }
                (_, Some(cumulative)) => Draw::Weighted(most, cumulative),
                (_, None) => Draw::Uniform(most),
            }
        }
    };
    // Rows that were drawn by their weight weigh the same afterwards.
    let growth = settings.growth(x.dim(), [1.0; 2])?;
    fit(x.view().into(), y, &growth, &[seed], &draw).map(Forest::into_trees)
}
