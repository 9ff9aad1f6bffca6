//! Extremely randomised trees: Geurts, Ernst and Wehenkel 2006, "Extremely randomized trees".

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::drawn_rows::Ordered;
use super::forest::{Draw, Forest, Sampling, drawing, seeds, weighted_trees};
use super::grow::Growth;
use super::random_cuts::{Goal, Values, grow};
use super::{Cuts, Settings, Tree};
use crate::error::{Error, Result};

/// Fits `n_estimators` trees that draw their cuts: `ExtraTreesClassifier(random_state=...)`.
///
/// # Errors
/// No rows, no columns, labels or weights of another length, no row with a weight, a value that 32 bits cannot hold; a row drawn
/// more than 65,535 times.
pub fn fit_extra_trees(
    x: ArrayView2<'_, f64>,
    (y, own): (&[u8], Option<&[f64]>),
    settings: &Settings,
    n_estimators: usize,
    sampling: Sampling,
    random_state: u32,
) -> Result<Forest> {
    let seeds = seeds(n_estimators, random_state);
    if own.is_some()
        && let Some(trees) = weighted_trees((x, y, own), (settings, sampling), Cuts::Random, &seeds)?
    {
        return Ok(Forest::new(trees, x.ncols()));
    }
    let (draw, weight) = drawing(settings, (y, own), sampling)?;
    fit_extra(x, y, &settings.growth(x.dim(), weight)?, &seeds, &draw)
}

/// A tree for each of `seeds`.
pub(super) fn fit_extra(
    x: ArrayView2<'_, f64>,
    y: &[u8],
    growth: &Growth,
    seeds: &[u32],
    draw: &Draw,
) -> Result<Forest> {
    if x.nrows() != y.len() {
        return Err(Error::Component(format!("{} rows but {} labels", x.nrows(), y.len())));
    }
    let rows: Vec<u32> = match u32::try_from(y.len()) {
        Ok(rows) if !x.is_empty() => (0..rows).collect(),
        _ => {
            let (rows, columns) = x.dim();
            return Err(Error::Component(format!("trees cannot be fitted on {rows} rows and {columns} columns")));
        }
    };
    let values = Values::of(x, &rows)?;
    let ordered = Ordered::of(&values, y.len(), seeds.len() * growth.columns);
    let goal = Goal::Labels(growth.criterion);
    let tree = |&seed: &u32| {
        let counts = match draw {
            Draw::All => None,
            _ => Some(draw.counts(y.len(), seed)?),
        };
        let growth = draw.growth(growth, y, counts.as_deref().unwrap_or_default());
        Ok(grow((&values, ordered.as_ref()), y, &growth, &goal, counts, seed))
    };
    // One tree a task: trees differ in time, and their results do not depend on who grows them.
    let trees: Result<Vec<Tree>> = seeds.par_iter().with_max_len(1).map(tree).collect();
    Ok(Forest::new(trees?, x.ncols()))
}
