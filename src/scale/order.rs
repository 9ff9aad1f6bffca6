//! Order statistics as NumPy computes them.

use crate::numeric::percentile::{between, place};

/// Keys that sort as the values do: integers compare and move faster than floating-point numbers.
pub(super) fn keys(values: &[f64]) -> Vec<i64> {
    values.iter().map(|v| flip(v.to_bits() as i64)).collect()
}

/// The value of a key.
pub(super) fn value(key: i64) -> f64 {
    f64::from_bits(flip(key) as u64)
}

/// Turns the bits of an `f64` into a number of the same order (`f64::total_cmp`), and back.
fn flip(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// The percentile of sorted keys.
pub(super) fn percentile_of_sorted(sorted: &[i64], share: f64) -> f64 {
    let (at, part) = place(sorted.len(), share);
    let low = value(sorted[at]);
    // At the end there is no next value, and none is needed.
    sorted.get(at + 1).map_or(low, |&next| between(low, value(next), part))
}

/// The percentile of keys in any order, which it partly sorts.
pub(super) fn percentile(keys: &mut [i64], share: f64) -> f64 {
    let (at, part) = place(keys.len(), share);
    let (_, &mut low, above) = keys.select_nth_unstable(at);
    above.iter().min().map_or(value(low), |&next| between(value(low), value(next), part))
}

/// The median of keys in any order, which it partly sorts; the mean of the middle two for an even number.
pub(super) fn median(keys: &mut [i64]) -> f64 {
    let middle = keys.len() / 2;
    let even = keys.len().is_multiple_of(2);
    let (below, &mut upper, _) = keys.select_nth_unstable(middle);
    match below.iter().max() {
        // Halved before they are added: the sum of two huge values would overflow.
        Some(&lower) if even => 0.5 * value(lower) + 0.5 * value(upper),
        _ => value(upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_order_and_value() {
        let values = [-1e300, -2.5, -1e-300, -0.0, 0.0, 1e-300, 2.5, 1e300];
        let keyed = keys(&values);
        assert!(keyed.is_sorted());
        assert_eq!(keyed.iter().map(|&k| value(k).to_bits()).collect::<Vec<_>>(), values.map(f64::to_bits));
    }

    #[test]
    fn percentiles_by_hand() {
        // numpy.percentile([4, 1, 9, 2], [0, 25, 50, 80, 100]) = 1, 1.75, 3, 6, 9 (80%: 4 + 0.4 * 5).
        for (share, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.8, 6.0), (1.0, 9.0)] {
            assert!((percentile(&mut keys(&[4.0, 1.0, 9.0, 2.0]), share) - expected).abs() < 1e-14);
            assert!((percentile_of_sorted(&keys(&[1.0, 2.0, 4.0, 9.0]), share) - expected).abs() < 1e-14);
        }
        assert_eq!(percentile(&mut keys(&[5.0]), 0.3), 5.0);
    }

    #[test]
    fn medians_of_odd_even_single_and_huge() {
        assert_eq!(median(&mut keys(&[3.0, 1.0, 2.0])), 2.0);
        assert_eq!(median(&mut keys(&[4.0, 1.0, 3.0, 2.0])), 2.5);
        assert_eq!(median(&mut keys(&[7.0])), 7.0);
        assert_eq!(median(&mut keys(&[1.5e308, 1.7e308])), 1.6e308);
    }
}
