//! The best pipeline, and those that are not distinguishable from it.

use super::choice::{Choice, choice};
use super::leaderboard::{Leaderboard, Row};
use super::statistics::best_of_many::BestOfMany;
use super::statistics::corrected_t::{CorrectedT, Probabilities};
use super::statistics::rounding::exceeds;
use super::statistics::{holm, quantile};
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
    /// The best read on folds on which it was not chosen; none without others or with one fold.
    pub choice: Option<Choice>,
    /// The smallest difference that these folds can tell; none where nothing is compared.
    pub callable: Option<Callable>,
}

/// The smallest difference from the best that is called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Callable {
    /// In standard deviations of a difference over the folds.
    pub deviations: f64,
    /// In the metric's units, at the median of the compared pipelines' standard deviations: of the differences that vary, as those that
    /// are the same on every fold are never called. None where none varies.
    pub typical: Option<f64>,
    /// The largest difference that there can be: from the best's mean to the bad end of the metric's range.
    pub room: f64,
}

impl Callable {
    /// A difference of more standard deviations than this is rare, so that little or nothing is called where it takes that.
    const HOPELESS: f64 = 10.0;

    /// Whether these folds can tell little, or nothing.
    pub fn is_hopeless(&self) -> bool {
        self.is_rare() || self.typical.is_none() || self.is_beyond_room()
    }

    /// Whether a difference that is called is rare.
    pub fn is_rare(&self) -> bool {
        self.deviations > Self::HOPELESS
    }

    /// Whether a pipeline of the median's standard deviation would have to lie outside the metric's range to be told from the best.
    pub fn is_beyond_room(&self) -> bool {
        self.typical.is_some_and(|typical| exceeds(typical, self.room))
    }
}

/// One pipeline against the best, over paired folds.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared<'a> {
    /// The pipeline.
    pub row: &'a Row,
    /// Best minus this one, with the sign turned where smaller is better: positive speaks for the best.
    pub difference: CorrectedT,
    /// Two-sided p-value of the corrected resampled t-test, as if the two had been named before.
    pub p: f64,
    /// The same for the best of all that are compared ([`BestOfMany`]).
    pub p_adjusted: f64,
    /// `above`: the best is better by more than the rope; `within`: practically equal; `below`: this one is better. None where the
    /// folds tell no variance.
    pub probabilities: Option<Probabilities>,
}

impl Compared<'_> {
    /// Whether it is told apart from the best at `alpha`.
    pub fn is_distinguishable(&self, alpha: f64) -> bool {
        self.p_adjusted <= alpha
    }
}

impl<'a> Best<'a> {
    /// The pipelines that are not told apart from the best at `alpha`, by rank.
    pub fn equals(&self, alpha: f64) -> Vec<&Compared<'a>> {
        self.compared.iter().filter(|other| !other.is_distinguishable(alpha)).collect()
    }

    /// The ranked pipelines of the variant, the best first.
    pub fn ranking<'b>(&self, board: &'b Leaderboard) -> Vec<&'b Row> {
        let is_beside = |row: &&Row| row.rank.is_some() && row.pipeline.variant() == self.best.pipeline.variant();
        board.rows.iter().filter(is_beside).collect()
    }
}

/// The best of each dataset variant that has a ranked pipeline, the best variant first; `rope` is for the Bayesian
/// probabilities (Corani and Benavoli 2015).
pub fn best(board: &Leaderboard, rope: f64) -> Vec<Best<'_>> {
    let ranked: Vec<&Row> = board.rows.iter().filter(|row| row.rank.is_some()).collect();
    let of = |key: (&str, bool)| {
        let mut rows = ranked.iter().copied().filter(|row| row.pipeline.variant() == key);
        let best = rows.next()?;
        let others: Vec<&Row> = rows.collect();
        let left_out = board.rows.iter().filter(|row| row.rank.is_none() && row.pipeline.variant() == key).count();
        let (compared, callable) = compare(board, best, &others, rope);
        let all: Vec<&Row> = [best].into_iter().chain(others.iter().copied()).collect();
        Some(Best { best, others: others.len(), compared, left_out, choice: choice(board, &all), callable })
    };
    board.variants().into_iter().filter_map(of).collect()
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
    // Ranked rows have a value on every split in the same order; a plan of another shape would leave them unpaired.
    if a.pipeline.variant() != b.pipeline.variant() || a.splits != b.splits {
        return None;
    }
    let sign = if board.better == Better::Lower { -1.0 } else { 1.0 };
    let values = |row| board.summary(row, &board.primary).map(|s| s.values.as_slice());
    let differences: Vec<f64> = values(a)?.iter().zip(values(b)?).map(|(a, b)| sign * (a - b)).collect();
    CorrectedT::new(&differences, a.ratio)
}

fn compare<'a>(
    board: &Leaderboard,
    best: &Row,
    others: &[&'a Row],
    rope: f64,
) -> (Vec<Compared<'a>>, Option<Callable>) {
    let tested: Vec<(&Row, CorrectedT)> =
        others.iter().filter_map(|row| Some((*row, difference(board, best, row)?))).collect();
    let Some((_, first)) = tested.first() else { return (Vec::new(), None) };
    let chance = BestOfMany::new(tested.len() + 1, first.n);
    let deviations = chance.critical(ALPHA) * (1.0 / first.n as f64 + best.ratio).sqrt();
    let varying = tested.iter().filter(|(_, difference)| !difference.is_constant());
    let mut spreads: Vec<f64> = varying.map(|(_, difference)| difference.sd).collect();
    spreads.sort_by(f64::total_cmp);
    let (mean, (least, most)) = (board.primary_mean(best).unwrap_or(f64::NAN), board.range);
    let room = if board.better == Better::Lower { most - mean } else { mean - least };
    let callable = Callable { deviations, typical: quantile(&spreads, 0.5).map(|sd| deviations * sd), room };
    let compared = tested.into_iter().map(|(row, difference)| {
        let p = difference.p_value();
        let p_adjusted = if difference.is_constant() { p } else { chance.p_value(difference.statistic()) };
        Compared { row, difference, p, p_adjusted, probabilities: difference.probabilities(rope) }
    });
    (compared.collect(), Some(callable))
}
