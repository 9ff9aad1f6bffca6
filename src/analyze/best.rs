//! The best pipeline, and those that are not distinguishable from it.

use super::leaderboard::{Leaderboard, Row, distinct};
use super::statistics::corrected_t::{CorrectedT, Probabilities};
use super::statistics::holm;
use crate::metric::Better;

/// Below this adjusted p-value a pipeline is said to be worse than the best.
pub const ALPHA: f64 = 0.05;
/// Half the width of the region of practical equivalence, in the metric's own units.
pub const ROPE: f64 = 0.01;

/// The best pipeline of one dataset variant, and every other ranked one compared with it. Pipelines of another variant were
/// tested on other rows, so they cannot be paired with these.
#[derive(Debug, Clone, PartialEq)]
pub struct Best<'a> {
    /// The best by the mean of the primary metric.
    pub best: &'a Row,
    /// The other ranked pipelines of the variant, by rank; empty where there are fewer than two folds to test on.
    pub compared: Vec<Compared<'a>>,
    /// Ranked pipelines of the variant besides the best, compared or not.
    pub others: usize,
    /// Pipelines of the variant that lack a fold: they are not compared.
    pub left_out: usize,
}

/// One pipeline against the best, over paired folds.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared<'a> {
    /// The pipeline.
    pub row: &'a Row,
    /// Best minus this one, with the sign turned where smaller is better: positive speaks for the best.
    pub difference: CorrectedT,
    /// Two-sided p-value of the corrected resampled t-test.
    pub p: f64,
    /// The same by Holm over all comparisons with the best.
    pub p_holm: f64,
    /// `above`: the best is better by more than the rope; `within`: practically equal; `below`: this one is better.
    pub probabilities: Probabilities,
}

impl Compared<'_> {
    /// Whether it is told apart from the best at `alpha`.
    pub fn is_distinguishable(&self, alpha: f64) -> bool {
        self.p_holm <= alpha
    }
}

impl<'a> Best<'a> {
    /// The pipelines that are not told apart from the best at `alpha`, by rank.
    pub fn equals(&self, alpha: f64) -> Vec<&Compared<'a>> {
        self.compared.iter().filter(|other| !other.is_distinguishable(alpha)).collect()
    }
}

/// The best of each dataset variant that has a ranked pipeline, the best variant first; `rope` is for the Bayesian
/// probabilities (Corani and Benavoli 2015).
pub fn best(board: &Leaderboard, rope: f64) -> Vec<Best<'_>> {
    let variant = |row: &Row| (row.pipeline.protocol.clone(), row.pipeline.dedup);
    let ranked: Vec<&Row> = board.rows.iter().filter(|row| row.rank.is_some()).collect();
    let of = |key: (String, bool)| {
        let mut rows = ranked.iter().copied().filter(|row| variant(row) == key);
        let best = rows.next()?;
        let others: Vec<&Row> = rows.collect();
        let left_out = board.rows.iter().filter(|row| row.rank.is_none() && variant(row) == key).count();
        Some(Best { best, others: others.len(), compared: compare(board, best, &others, rope), left_out })
    };
    distinct(ranked.iter().map(|row| variant(row))).into_iter().filter_map(of).collect()
}

/// Two ranked pipelines, over paired folds.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested<'a> {
    /// The first.
    pub a: &'a Row,
    /// The second, after the first in the rows given.
    pub b: &'a Row,
    /// First minus second, with the sign turned where smaller is better: positive speaks for the first.
    pub difference: CorrectedT,
    /// Two-sided p-value of the corrected resampled t-test.
    pub p: f64,
    /// The same by Holm over all these pairs.
    pub p_holm: f64,
}

/// Tests every pair of `rows` that can be paired: ranked ones of the same dataset variant, with at least two folds.
pub fn pairwise<'a>(board: &Leaderboard, rows: &[&'a Row]) -> Vec<Tested<'a>> {
    let ranked: Vec<&'a Row> = rows.iter().copied().filter(|row| row.rank.is_some()).collect();
    let mut tested = Vec::new();
    for (i, &a) in ranked.iter().enumerate() {
        for &b in &ranked[i + 1..] {
            if let Some(difference) = difference(board, a, b) {
                let p = difference.p_value();
                tested.push(Tested { a, b, difference, p, p_holm: p });
            }
        }
    }
    let adjusted = holm::adjust(&tested.iter().map(|pair| pair.p).collect::<Vec<_>>());
    for (pair, p_holm) in tested.iter_mut().zip(adjusted) {
        pair.p_holm = p_holm;
    }
    tested
}

/// The fold-wise differences of the primary metric, positive where `a` is better; none where the folds cannot be paired.
fn difference(board: &Leaderboard, a: &Row, b: &Row) -> Option<CorrectedT> {
    let variant = |row: &Row| (row.pipeline.protocol.clone(), row.pipeline.dedup);
    // Ranked rows have a value on every split in the same order; a plan of another shape would leave them unpaired.
    if variant(a) != variant(b) || a.splits != b.splits {
        return None;
    }
    let sign = if board.better == Better::Lower { -1.0 } else { 1.0 };
    let values = |row| board.summary(row, &board.primary).map(|s| s.values.as_slice());
    let differences: Vec<f64> = values(a)?.iter().zip(values(b)?).map(|(a, b)| sign * (a - b)).collect();
    CorrectedT::new(&differences, a.ratio)
}

fn compare<'a>(board: &Leaderboard, best: &Row, others: &[&'a Row], rope: f64) -> Vec<Compared<'a>> {
    let tested: Vec<(&Row, CorrectedT)> =
        others.iter().filter_map(|row| Some((*row, difference(board, best, row)?))).collect();
    let p: Vec<f64> = tested.iter().map(|(_, difference)| difference.p_value()).collect();
    let adjusted = holm::adjust(&p);
    tested
        .into_iter()
        .zip(p.into_iter().zip(adjusted))
        .map(|((row, difference), (p, p_holm))| {
            let probabilities = difference.probabilities(rope);
            Compared { row, difference, p, p_holm, probabilities }
        })
        .collect()
}
