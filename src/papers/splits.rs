//! Means over the splits of a part, with their intervals.

use crate::analyze::Results;
use crate::analyze::folds::{Ratios, Split};
use crate::analyze::leaderboard::LEVEL;
use crate::analyze::statistics::corrected_t::CorrectedT;
use crate::analyze::statistics::mean::mean_and_sd;

/// A mean over splits with its 95% interval by the corrected resampled t; none for a single split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    pub mean: f64,
    pub interval: Option<(f64, f64)>,
}

/// The mean of proportions that pipelines with (`dedup`) or without the removal of duplicates have on these splits; none without
/// any. Its interval stays between 0 and 1.
pub fn mean(results: &Results, dedup: bool, values: &[(Split, f64)]) -> Option<Mean> {
    mean_within(results, dedup, values, (0.0, 1.0))
}

/// As [`mean`], of values that cannot leave `range`.
pub fn mean_within(results: &Results, dedup: bool, values: &[(Split, f64)], range: (f64, f64)) -> Option<Mean> {
    with_interval(results, dedup, values, |t| t.interval_within(LEVEL, range))
}

/// The mean of differences on these splits.
pub fn mean_difference(results: &Results, dedup: bool, differences: &[(Split, f64)]) -> Option<Mean> {
    with_interval(results, dedup, differences, |t| t.interval(LEVEL))
}

/// First minus second on the splits that both have.
pub fn difference(results: &Results, dedup: bool, first: &[(Split, f64)], second: &[(Split, f64)]) -> Option<Mean> {
    let paired = first.iter().filter_map(|(split, value)| {
        let (_, other) = second.iter().find(|(known, _)| known == split)?;
        Some((*split, value - other))
    });
    mean_difference(results, dedup, &paired.collect::<Vec<_>>())
}

/// The mean with its interval by the honest splits' sizes: leaky protocols are held against these.
fn with_interval(
    results: &Results,
    dedup: bool,
    values: &[(Split, f64)],
    interval: impl FnOnce(CorrectedT) -> Option<(f64, f64)>,
) -> Option<Mean> {
    let (splits, numbers): (Vec<Split>, Vec<f64>) = values.iter().copied().unzip();
    let ranked = results.ranked();
    let protocol = &ranked.planned.first()?.cell.protocol;
    let ratio = Ratios::of(&ranked).mean((protocol, dedup), &splits);
    Some(Mean { mean: mean_and_sd(&numbers).0?, interval: CorrectedT::new(&numbers, ratio).and_then(interval) })
}
