//! What choosing the best of many is worth: its mean flatters it, as it was chosen on the folds that the mean is over.
//!
//! For every fold the best is chosen on other folds and read on this one, so that no value counts on which it was chosen. Where
//! a repeat has several folds, the other folds are those of the same repeat: those of another hold the same test rows. Test parts
//! that are drawn anew each time, as repeated hold-outs are, share rows, so that choosing on the others still sees a part of the
//! one. What it sees is known: with a correlation of folds as Nadeau and Bengio (2003) put it, a mean over `n` of them has
//! `1 + n n_test / n_train` times the variance of their own draws alone, and what chance adds to the best is so many times larger. What
//! is left then was read nowhere: it is an estimate, and none where it leaves the metric's range.
//!
//! That mean scatters, and how much it scatters is not known where folds share rows. So the interval does not rest on it: at the end that
//! choosing flatters it is as far away as intervals must be that hold for all pipelines at once, and with them for whichever is chosen.
//!
//! The bootstrap over rows of Tsamardinos, Greasidou and Borboudakis (2018) needs every pipeline's predictions; this needs the
//! scores only, and measures the same thing. `results/power` says how far it is right.

use super::folds::Split;
use super::leaderboard::{LEVEL, Leaderboard, Row};
use super::statistics::corrected_t::CorrectedT;
use super::statistics::rounding::equal;
use crate::metric::Better;

/// The best of several pipelines, read on folds on which it was not chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// What was read: the mean over the folds, on each of which stands what is best without it.
    pub read: f64,
    /// How many times larger what choosing adds is than what shows there; 1 where folds share no test rows.
    pub factor: f64,
    /// What the best is worth on folds on which it was not chosen: what was read, or what is left by `factor`. None where that leaves
    /// the metric's range: its limit would be no estimate.
    pub mean: Option<f64>,
    /// What choosing on the same folds adds: the best's own mean minus that one, or the other way round where smaller is better.
    pub flattery: Option<f64>,
    /// What the best is worth at [`LEVEL`], whichever it is: the end that choosing flatters is that of intervals of all pipelines at
    /// once (Bonferroni). None where its folds tell no variance.
    pub interval: Option<(f64, f64)>,
}

impl Choice {
    /// Whether its mean was read nowhere, as the splits share test rows.
    pub fn is_extrapolated(&self) -> bool {
        self.factor != 1.0
    }
}

/// Reads the best of `rows` of the primary metric: ranked ones with values on the same splits. None for fewer than two rows
/// or folds.
pub fn choice(board: &Leaderboard, rows: &[&Row]) -> Option<Choice> {
    let first = rows.first()?;
    let values: Vec<&[f64]> = rows
        .iter()
        .filter(|row| row.splits == first.splits)
        .filter_map(|row| Some(board.summary(row, &board.primary)?.values.as_slice()))
        .filter(|values| values.len() == first.splits.len())
        .collect();
    let sign = if board.better == Better::Lower { -1.0 } else { 1.0 };
    let read: Option<Vec<f64>> =
        (0..first.splits.len()).map(|left| read(&values, &others(&first.splits, left), left, sign)).collect();
    let read = read.filter(|_| values.len() > 1)?;
    let own = board.primary_mean(first)?;
    let seen = CorrectedT::new(&read, first.ratio)?;
    let factor = unseen(&first.splits, first.ratio);
    let mean = left(own, seen.mean, factor, board.range);
    let t = CorrectedT::new(values.first()?, first.ratio)?;
    let at = |level: f64| t.interval_within(level, board.range);
    let all = 1.0 - (1.0 - LEVEL) / values.len() as f64;
    let interval = at(LEVEL).zip(at(all)).map(|((low, high), (lower, higher))| match board.better {
        Better::Lower => (low, higher),
        Better::Higher => (lower, high),
    });
    let flattery = mean.map(|mean| sign * (own - mean));
    Some(Choice { read: seen.mean, factor, mean, flattery, interval })
}

/// What is left of the best's `own` mean where what choosing adds is `factor` times as much as shows in what was `read`; none outside
/// the metric's range.
fn left(own: f64, read: f64, factor: f64, (least, most): (f64, f64)) -> Option<f64> {
    // What was read is in the range, and is not put at risk by rounding.
    let mean = if factor == 1.0 { read } else { own - (own - read) * factor };
    let inside = mean.clamp(least, most);
    equal(mean, inside).then_some(inside)
}

/// How many times larger what chance adds is than what shows when the choice is read on another split.
fn unseen(splits: &[Split], ratio: f64) -> f64 {
    let has_folds = splits.iter().any(|split| splits.iter().filter(|other| other.0 == split.0).count() > 1);
    if has_folds { 1.0 } else { 1.0 + splits.len() as f64 * ratio }
}

/// The same of the best pipeline of a family, chosen among its pipelines on the same rows; none where it has no other.
pub fn of_family(board: &Leaderboard, best: &Row) -> Option<Choice> {
    choice(board, &family(board, best))
}

/// A family's best pipeline and those that it was chosen from.
pub fn family<'a>(board: &'a Leaderboard, best: &'a Row) -> Vec<&'a Row> {
    let is_beside = |row: &&Row| {
        let (a, b) = (&row.pipeline, &best.pipeline);
        row.rank.is_some() && row.family == best.family && (&a.protocol, a.dedup) == (&b.protocol, b.dedup)
    };
    let others = board.rows.iter().filter(is_beside).filter(|row| row.pipeline != best.pipeline);
    std::iter::once(best).chain(others).collect()
}

/// The splits on which to choose what is read on the one at `left`.
fn others(splits: &[Split], left: usize) -> Vec<usize> {
    let all = || (0..splits.len()).filter(|at| *at != left);
    let same: Vec<usize> = all().filter(|at| splits[*at].0 == splits[left].0).collect();
    if same.is_empty() { all().collect() } else { same }
}

/// The value at `left` of the pipeline that is best at `others`; of equally good ones the mean, so that their order adds nothing.
fn read(values: &[&[f64]], others: &[usize], left: usize, sign: f64) -> Option<f64> {
    let sums: Vec<f64> = values.iter().map(|of| others.iter().map(|at| sign * of[*at]).sum()).collect();
    let best = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let chosen: Vec<f64> =
        values.iter().zip(&sums).filter(|(_, sum)| equal(**sum, best)).map(|(of, _)| of[left]).collect();
    (!others.is_empty()).then(|| chosen.iter().sum::<f64>() / chosen.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_on_the_others_is_read_on_the_one() {
        let (a, b): (&[f64], &[f64]) = (&[0.9, 0.1, 0.5], &[0.2, 0.8, 0.4]);
        let values = [a, b];
        // On folds 1 and 2 the second is best, on 0 and 2 the first, on 0 and 1 both are: the mean of the two.
        let found: Vec<f64> =
            (0..3).map(|i| read(&values, &others(&[(0, 0), (0, 1), (0, 2)], i), i, 1.0).unwrap()).collect();
        assert_eq!(found, [0.2, 0.1, 0.45]);
        let smaller = read(&values, &[1, 2], 0, -1.0).unwrap();
        assert_eq!(smaller, 0.9);
    }

    #[test]
    fn sums_that_differ_by_rounding_are_equally_good() {
        // 0.6 both on the first three folds; the mean of what they have on the fourth is 0.5, whichever sum is larger.
        let (a, b): (&[f64], &[f64]) = (&[0.1, 0.2, 0.3, 0.25], &[0.3, 0.2, 0.1, 0.75]);
        assert!(a[0] + a[1] + a[2] > b[0] + b[1] + b[2]);
        assert_eq!([1.0, -1.0].map(|sign| read(&[a, b], &[0, 1, 2], 3, sign)), [Some(0.5); 2]);
    }

    #[test]
    fn folds_of_other_repeats_hold_the_same_rows() {
        let repeated = [(0, 0), (0, 1), (1, 0), (1, 1)];
        assert_eq!(others(&repeated, 2), [3]);
        let hold_outs = [(0, 0), (1, 0), (2, 0)];
        assert_eq!(others(&hold_outs, 1), [0, 2]);
        assert_eq!((unseen(&repeated, 0.25), unseen(&hold_outs, 0.25)), (1.0, 1.75));
    }

    #[test]
    fn what_leaves_the_range_is_no_estimate() {
        // 0.5 - 2 * 0.125, and 0.5 - 8 * 0.125 below 0.
        assert_eq!(left(0.5, 0.375, 2.0, (0.0, 1.0)), Some(0.25));
        assert_eq!(left(0.5, 0.375, 8.0, (0.0, 1.0)), None);
        // Smaller is better: 0.5 + 8 * 0.125 above 1.
        assert_eq!((left(0.5, 0.625, 8.0, (0.0, 1.0)), left(0.5, 0.625, 8.0, (0.0, f64::MAX))), (None, Some(1.5)));
        assert_eq!(left(0.5, 0.375, 1.0, (0.0, 1.0)), Some(0.375));
        // 0.8 - 4 * 0.2 is 0, and less than that by rounding.
        let (own, seen) = (0.8, 0.6);
        assert!(own - (own - seen) * 4.0 < 0.0);
        assert_eq!(left(own, seen, 4.0, (0.0, 1.0)), Some(0.0));
        // Nothing was chosen badly anywhere, at the limit itself.
        assert_eq!(left(1.0, 1.0, 8.0, (0.0, 1.0)), Some(1.0));
    }
}
