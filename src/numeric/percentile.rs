//! Percentiles as numpy has them, in its order of operations: the last digit decides on which side of a row a quantile lies.

/// `numpy.linspace(0, 1, points)`. It multiplies by the step, which rounds otherwise than a division does.
pub(crate) fn linspace(points: usize) -> impl Iterator<Item = f64> {
    let step = 1.0 / (points.max(2) - 1) as f64;
    (0..points).map(move |i| if i > 0 && i + 1 == points { 1.0 } else { i as f64 * step })
}

/// Where `numpy.quantile(values, share)` lies between the sorted values, of which there are some: the lower index and the share of
/// the way to the next (<https://numpy.org/doc/2.4/reference/generated/numpy.quantile.html>, method "linear").
pub(crate) fn place(count: usize, share: f64) -> (usize, f64) {
    let at = (count - 1) as f64 * share;
    let below = at.floor();
    match below as usize >= count - 1 {
        true => (count - 1, 0.0),
        false => (below as usize, at - below),
    }
}

/// A point between two values, computed from the nearer end: numpy's `_lerp`, which is exact at both ends.
pub(crate) fn between(low: f64, high: f64, share: f64) -> f64 {
    let step = high - low;
    match share >= 0.5 {
        true => high - step * (1.0 - share),
        false => low + step * share,
    }
}

/// What `numpy.percentile(values, 100 * share)` takes for the share: the way over percents and back rounds.
pub(crate) fn over_percents(share: f64) -> f64 {
    100.0 * share / 100.0
}

/// `numpy.percentile(values, 100 * share)`, interpolated linearly between neighbours; sorts the values, of which there are some.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let (below, part) = place(values.len(), over_percents(share));
    let low = values[below];
    // At the end there is no next value, and none is needed.
    values.get(below + 1).map_or(low, |&high| between(low, high, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_exact_and_what_lies_between_is_interpolated() {
        let of = |share| percentile(&mut [4.0, 1.0, 2.0], share);
        assert_eq!([of(0.0), of(0.25), of(0.5), of(0.75), of(1.0)], [1.0, 1.5, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn shares_are_numpys_to_the_last_digit() {
        // numpy 2.4.6: linspace(0, 1, 8)[5] is 0.7142857142857142, where 5 / 7 is 0.7142857142857143.
        let shares: Vec<f64> = linspace(8).collect();
        assert_eq!((shares[5].to_bits(), shares[7]), ((5.0_f64 / 7.0).to_bits() - 1, 1.0));
        assert_eq!(linspace(1).collect::<Vec<_>>(), [0.0]);
        assert_eq!(linspace(3).collect::<Vec<_>>(), [0.0, 0.5, 1.0]);
        // The quantile of 49 steps is just below the 35th one and not on it.
        assert_eq!(place(50, 5.0 / 7.0).0, 35);
        assert_eq!(place(50, over_percents(shares[5])).0, 34);
    }

    #[test]
    fn percentiles_are_numpys() {
        // numpy 2.4.6: percentile([5, 1, 2, 9], [0, 30, 60, 100])
        let of = |share| percentile(&mut [5.0, 1.0, 2.0, 9.0], share);
        assert_eq!([of(0.0), of(0.3), of(0.6), of(1.0)], [1.0, 1.9, 4.3999999999999995, 9.0]);
    }
}
