//! Wilcoxon's signed-rank test on paired values.

use super::distribution::normal_cdf;
use super::ranks::{ranks, ties};
use super::rounding::is_nothing;

/// Up to so many differences the null distribution is counted out, as in SciPy.
const EXACT: usize = 50;

/// Two-sided p-value of `x - y` being symmetric about 0, from `differences`; zeros are left out (Wilcoxon's rule). 1 where
/// nothing is left. What is 0, and what is tied, is so up to rounding.
///
/// `scipy.stats.wilcoxon` with its defaults: exact up to 50 differences, else the normal approximation with its correction
/// for ties. One thing is better here: with ties or zeros and 14 to 50 differences SciPy falls back to the approximation; the
/// exact distribution given the tied ranks (what its `PermutationMethod` counts out) is used instead.
pub fn signed_rank(differences: &[f64]) -> f64 {
    let kept: Vec<f64> = differences.iter().copied().filter(|d| !is_nothing(*d, 0.0)).collect();
    if kept.is_empty() {
        return 1.0;
    }
    let magnitudes: Vec<f64> = kept.iter().map(|d| d.abs()).collect();
    let ranks = ranks(&magnitudes);
    let positive: f64 = ranks.iter().zip(&kept).filter(|(_, d)| **d > 0.0).map(|(rank, _)| rank).sum();
    match differences.len() <= EXACT {
        true => exact(&ranks, positive),
        false => approximate(&magnitudes, positive),
    }
}

/// Counts all signs: `ways[s]` is the share of sign choices with a positive rank sum of `s / 2`. Twice a rank is whole, ties
/// or not.
fn exact(ranks: &[f64], positive: f64) -> f64 {
    let doubled: Vec<usize> = ranks.iter().map(|rank| (2.0 * rank).round() as usize).collect();
    let mut ways = vec![0.0; doubled.iter().sum::<usize>() + 1];
    ways[0] = 1.0;
    for &rank in &doubled {
        for sum in (0..ways.len()).rev() {
            let with = if sum >= rank { ways[sum - rank] } else { 0.0 };
            ways[sum] = 0.5 * (ways[sum] + with);
        }
    }
    let at = (2.0 * positive).round() as usize;
    let below: f64 = ways[..=at].iter().sum();
    let above: f64 = ways[at..].iter().sum();
    (2.0 * below.min(above)).min(1.0)
}

fn approximate(magnitudes: &[f64], positive: f64) -> f64 {
    let n = magnitudes.len() as f64;
    let error = ((n * (n + 1.0) * (2.0 * n + 1.0) - ties(magnitudes) / 2.0) / 24.0).sqrt();
    let z = (positive - n * (n + 1.0) / 4.0) / error;
    2.0 * normal_cdf(-z.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_that_differ_by_rounding_are_ties_and_what_rounding_leaves_is_0() {
        // 0.025 three times, one of them the other way round, 0.05 and nothing.
        let differences = [0.05 - 0.025, 0.85 - 0.875, 0.15 - 0.125, 0.55 - 0.5, 0.1 + 0.2 - 0.3];
        assert!(differences[0] != differences[2] && differences[4] != 0.0);
        // Ranks 2, 2, 2 and 4. The one below 0 has 2; of 16 signs 1 has 0 and 3 have 2.
        assert_eq!(signed_rank(&differences), 2.0 * 4.0 / 16.0);
        assert_eq!(signed_rank(&[0.1 + 0.2 - 0.3, 0.0]), 1.0);
        // Beyond 50 differences, of four sizes: with and without rounding.
        let signs = |i: usize| if i.is_multiple_of(3) { -1.0 } else { 1.0 };
        let exact: Vec<f64> = (0..60).map(|i| signs(i) * 0.125 * (1 + i % 4) as f64).collect();
        let rounded: Vec<f64> =
            (0..60).map(|i| signs(i) * (0.125 * (1 + i % 4) as f64 + if i % 5 == 0 { 1e-16 } else { 0.0 })).collect();
        assert_eq!(signed_rank(&rounded), signed_rank(&exact));
    }
}
