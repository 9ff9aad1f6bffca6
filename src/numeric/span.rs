//! Places between two ends of an axis or of bins. Ends that users' values set may be farther apart than the largest number.

/// The share of the way from `low` to `high` that lies before `value`.
pub(crate) fn share((low, high): (f64, f64), value: f64) -> f64 {
    let span = high - low;
    match span.is_finite() {
        true => (value - low) / span,
        false => (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0),
    }
}

/// The value at `part` of `parts` of the way from `low` to `high`.
pub(crate) fn at((low, high): (f64, f64), part: f64, parts: f64) -> f64 {
    let (way, share) = ((high - low) * part / parts, part / parts);
    if way.is_finite() { low + way } else { low * (1.0 - share) + high * share }
}

/// `part` of `parts` of the distance from `low` to `high`; the largest number where it is larger.
pub(crate) fn part_of((low, high): (f64, f64), part: f64, parts: f64) -> f64 {
    let (way, share) = ((high - low) * part / parts, part / parts);
    if way.is_finite() { way } else { (high * share - low * share).min(f64::MAX) }
}

/// A finite end of an axis in the place of one beyond all numbers.
pub(crate) fn end(value: f64) -> f64 {
    value.clamp(f64::MIN, f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twice as far apart as the largest number, nearly.
    const FAR: (f64, f64) = (-1.5e308, 1.5e308);

    #[test]
    fn ends_beyond_the_largest_number_have_places_between_them() {
        assert_eq!([-1.5e308, -0.75e308, 0.0, 1.5e308].map(|value| share(FAR, value)), [0.0, 0.25, 0.5, 1.0]);
        assert_eq!([0.0, 1.0, 2.0, 4.0].map(|part| at(FAR, part, 4.0)), [-1.5e308, -0.75e308, 0.0, 1.5e308]);
        assert_eq!((part_of(FAR, 0.5, 1.0), part_of(FAR, 1.0, 1.0)), (1.5e308, f64::MAX));
        assert_eq!([end(f64::INFINITY), end(-2.0), end(f64::NEG_INFINITY)], [f64::MAX, -2.0, f64::MIN]);
        // The distance is a number here, and forty times it is none.
        assert_eq!(at((0.0, 1e308), 40.0, 40.0), 1e308);
    }

    #[test]
    fn other_ends_have_the_bits_of_the_plain_formula() {
        let (low, high) = (0.1, 0.7);
        for nth in 0..=7 {
            let value = f64::from(nth) / 10.0;
            assert_eq!(share((low, high), value), (value - low) / (high - low));
            assert_eq!(at((low, high), f64::from(nth), 7.0), low + (high - low) * f64::from(nth) / 7.0);
            assert_eq!(part_of((low, high), value, 3.0), (high - low) * value / 3.0);
        }
    }
}
