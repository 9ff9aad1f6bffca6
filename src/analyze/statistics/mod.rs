//! The statistics of a report: pure functions of numbers, without a notion of runs or pipelines.
//!
//! Each is checked against SciPy, baycomp, autorank, scikit-posthocs or statsmodels (`tests/golden/significance.rs`).

pub mod best_of_many;
pub mod binomial;
pub mod bootstrap;
pub mod by_rows;
pub mod change_point;
pub mod corrected_t;
pub mod counts;
pub mod distribution;
pub mod holm;
pub mod ranks;
pub mod studentized_range;
pub mod wilcoxon;
pub mod wilson;
pub mod worse;

/// The quantile of ascending values by linear interpolation (numpy's default, type 7 of Hyndman and Fan 1996); none without
/// values.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = share * last as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(last);
    Some(sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64))
}
