//! Early stopping: when no more trees are added.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::levels::LevelSet;
use super::params::{Params, Scoring};
use super::{Boosting, value};
use crate::classify::class_moments::of_log_odds;
use crate::error::Result;
use crate::metric::{self, Scored};
use crate::numeric::mt19937::Mt19937;
use crate::split::stratified_draw;

/// Of more training rows than this, a draw of so many is judged by a scorer.
const JUDGED_ROWS: usize = 10_000;

impl Boosting<'_> {
    /// Adds trees until what is watched of the `validation` rows of `x`, whose labels and weights are `y`, has not got better by
    /// more than `tol` in `n_iter_no_change` of them.
    pub(super) fn until_no_change(
        &mut self,
        params: &Params,
        (x, known): (ArrayView2<'_, f64>, &[Option<LevelSet>]),
        validation: &[u32],
        y: (&[u8], Option<&[f64]>),
    ) {
        let mut raw = vec![self.baseline; validation.len()];
        self.until_no_better(params, |boosting| {
            if let Some(tree) = boosting.trees.last() {
                raw.par_iter_mut().zip(validation).with_min_len(1024).for_each(|(raw, &row)| {
                    *raw += value(tree, known, |column| x[(row as usize, column)]);
                });
            }
            score(params.watched(), &raw, y)
        });
    }

    /// The same where the training rows are watched: all of them by the loss, at most [`JUDGED_ROWS`] by another score.
    ///
    /// # Errors
    /// Too few rows of a class for such a draw.
    pub(super) fn until_learnt(&mut self, params: &Params, seed: u32) -> Result<()> {
        let rows = self.y.len();
        if params.watched() == Scoring::Loss || rows <= JUDGED_ROWS {
            self.until_no_better(params, |boosting| {
                score(params.watched(), &boosting.raw, (boosting.y, boosting.weights))
            });
            return Ok(());
        }
        let judged = stratified_draw(self.y, JUDGED_ROWS, "judged", &mut Mt19937::new(seed))?;
        let y: Vec<u8> = judged.iter().map(|&row| self.y[row]).collect();
        self.until_no_better(params, |boosting| {
            let raw: Vec<f64> = judged.iter().map(|&row| boosting.raw[row]).collect();
            score(params.watched(), &raw, (&y, None))
        });
        Ok(())
    }

    /// Adds trees until none of the last `n_iter_no_change` has a score that is better by more than `tol`. `score` is asked before
    /// the first tree and after each.
    fn until_no_better(&mut self, params: &Params, mut score: impl FnMut(&Self) -> f64) {
        let mut scores = vec![score(self)];
        for _ in 0..params.max_iter {
            self.step();
            scores.push(score(self));
            if let Some(reference) = scores.len().checked_sub(params.n_iter_no_change + 1)
                && !scores[reference + 1..].iter().any(|&score| score > scores[reference] + params.tol)
            {
                break;
            }
        }
    }
}

/// What early stopping watches, larger being better.
fn score(scoring: Scoring, raw: &[f64], (y, weights): (&[u8], Option<&[f64]>)) -> f64 {
    let Some((id, more_is_better)) = scoring.metric() else { return -mean_loss(raw, y, weights) };
    let said = of_log_odds(raw);
    let metric = metric::CATALOGUE.iter().find(|metric| metric.id == id);
    // What is undefined on these rows never is any better.
    let scored = Scored::new(y, &said).ok();
    let value = metric.zip(scored).and_then(|(metric, scored)| metric.score(&scored).value());
    value.map_or(f64::NEG_INFINITY, |value| if more_is_better { value } else { -value })
}

/// The mean log loss of rows by their weights.
fn mean_loss(raw: &[f64], y: &[u8], weights: Option<&[f64]>) -> f64 {
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let loss = |((&raw, &label), row): ((&f64, &u8), usize)| {
        weight(row) * (raw.max(0.0) + (-raw.abs()).exp().ln_1p() - f64::from(label) * raw)
    };
    let total: f64 = (0..y.len()).map(weight).sum();
    raw.iter().zip(y).zip(0..).map(loss).sum::<f64>() / total
}
