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
pub mod mean;
pub mod ranks;
pub mod rounding;
pub mod studentized_range;
pub mod wilcoxon;
pub mod wilson;
pub mod worse;

use crate::numeric::span;

/// The quantile of ascending values by linear interpolation (numpy's default, type 7 of Hyndman and Fan 1996); none without
/// values.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = share * last as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(last);
    Some(span::at((sorted[low], sorted[high]), at - low as f64, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_values_that_are_farther_apart_than_the_largest_number() {
        let of = |share| quantile(&[-1.5e308, 1.5e308], share);
        assert_eq!([of(0.0), of(0.25), of(0.5), of(1.0)], [-1.5e308, -0.75e308, 0.0, 1.5e308].map(Some));
        assert_eq!((quantile(&[1.0, 2.0, 4.0], 0.75), quantile(&[], 0.5)), (Some(3.0), None));
    }
}
