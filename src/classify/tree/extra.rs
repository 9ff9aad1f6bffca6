//! Extremely randomised trees: Geurts, Ernst and Wehenkel 2006, "Extremely randomized trees".

use rayon::prelude::*;

use super::drawn_rows::Ordered;
use super::forest::{Draw, Forest, Sampling, drawing, weighted_trees};
use super::grow::Growth;
use super::random::seeds;
use super::random_cuts::{Goal, Values, grow};
use super::{Cuts, Matrix, Settings, Tree};
use crate::error::{Error, Result};

/// Fits `n_estimators` trees that draw their cuts: `ExtraTreesClassifier(random_state=...)`.
///
/// # Errors
/// No rows, no columns, labels or weights of another length, no row with a weight, a value that 32 bits cannot hold; a row drawn
/// more than 65,535 times.
pub fn fit_extra_trees<'a>(
    matrix: impl Into<Matrix<'a>>,
    (y, own): (&[u8], Option<&[f64]>),
    settings: &Settings,
    n_estimators: usize,
    sampling: Sampling,
    random_state: u32,
) -> Result<Forest> {
    let (matrix, seeds) = (matrix.into(), seeds(n_estimators, random_state));
    if own.is_some()
        && let Some(trees) = weighted_trees((matrix, y, own), (settings, sampling), Cuts::Random, &seeds)?
    {
        return Ok(Forest::new(trees, matrix.x.ncols()));
    }
    let (draw, weight) = drawing(settings, (y, own), sampling)?;
    fit_extra(matrix, y, &settings.growth(matrix.x.dim(), weight)?, &seeds, &draw)
}

/// A tree for each of `seeds`.
pub(super) fn fit_extra(matrix: Matrix<'_>, y: &[u8], growth: &Growth, seeds: &[u32], draw: &Draw) -> Result<Forest> {
    let (rows, columns) = matrix.x.dim();
    if rows != y.len() {
        return Err(Error::Component(format!("{rows} rows but {} labels", y.len())));
    }
    if u32::try_from(rows).is_err() || matrix.x.is_empty() {
        return Err(Error::Component(format!("trees cannot be fitted on {rows} rows and {columns} columns")));
    }
    let values = Values::all(&matrix)?;
    let ordered = Ordered::of(&matrix, &values, seeds.len() * growth.columns)?;
    let goal = Goal::Labels(growth.criterion);
    let tree = |&seed: &u32| {
        let counts = match draw {
            Draw::All => None,
            _ => Some(draw.counts(y.len(), seed)?),
        };
        let growth = draw.growth(growth, y, counts.as_deref().unwrap_or_default());
        Ok(grow((&values, ordered.as_deref()), y, &growth, &goal, counts, seed))
    };
    // One tree a task: trees differ in time, and their results do not depend on who grows them.
    let trees: Result<Vec<Tree>> = seeds.par_iter().with_max_len(1).map(tree).collect();
    Ok(Forest::new(trees?, columns))
}
