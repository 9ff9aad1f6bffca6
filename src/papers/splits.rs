//! Means over the splits of a part, with their intervals.

use crate::analyze::Results;
use crate::analyze::folds::{Split, mean_ratio, ratios};
use crate::analyze::leaderboard::{LEVEL, mean_and_sd};
use crate::analyze::statistics::corrected_t::CorrectedT;

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

/// As [`mean`], of values that cannot leave `range`; `(f64::MIN, f64::MAX)` for differences.
pub fn mean_within(results: &Results, dedup: bool, values: &[(Split, f64)], range: (f64, f64)) -> Option<Mean> {
    let (splits, numbers): (Vec<Split>, Vec<f64>) = values.iter().copied().unzip();
    let ratio = mean_ratio(&ratios(&results.ranked()), dedup, &splits);
    let interval = CorrectedT::new(&numbers, ratio).and_then(|t| t.interval_within(LEVEL, range));
    Some(Mean { mean: mean_and_sd(&numbers).0?, interval })
}

/// First minus second on the splits that both have.
pub fn difference(results: &Results, dedup: bool, first: &[(Split, f64)], second: &[(Split, f64)]) -> Option<Mean> {
    let paired = first.iter().filter_map(|(split, value)| {
        let (_, other) = second.iter().find(|(known, _)| known == split)?;
        Some((*split, value - other))
    });
    mean_within(results, dedup, &paired.collect::<Vec<_>>(), (f64::MIN, f64::MAX))
}
