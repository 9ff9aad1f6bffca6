//! Sums in numpy's order, for answers that turn on the last bit.

/// `numpy.sum` of values that lie side by side: in blocks of at most 128 values eight sums are made and added in pairs, and
/// blocks are added in pairs.
pub(crate) fn pairwise(values: &[f64]) -> f64 {
    let n = values.len();
    if n < 8 {
        return values.iter().sum();
    }
    if n > 128 {
        let half = n / 2;
        let (left, right) = values.split_at(half - half % 8);
        return pairwise(left) + pairwise(right);
    }
    let (eights, rest) = values.as_chunks::<8>();
    let mut s = eights[0];
    for eight in &eights[1..] {
        s.iter_mut().zip(eight).for_each(|(sum, value)| *sum += value);
    }
    let sum = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    rest.iter().fold(sum, |sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_numpys() {
        // numpy 2.4.6: x = 1 / np.arange(1, n + 1); x.sum()
        for (n, expected) in [
            (3, 1.8333333333333333),
            (8, 2.7178571428571425),
            (13, 3.180133755133755),
            (100, 5.187377517639621),
            (129, 5.440899030573669),
            (1000, 7.485470860550345),
            (4321, 8.94857351032533),
        ] {
            let values: Vec<f64> = (1..=n).map(|i| 1.0 / i as f64).collect();
            assert_eq!(pairwise(&values), expected, "{n}");
        }
    }
}
