//! Percentiles as numpy has them.

/// `numpy.percentile(values, 100 * share)`, interpolated linearly between neighbours; sorts the values, of which there are some.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let place = (values.len() - 1) as f64 * (100.0 * share / 100.0);
    let below = place.floor() as usize;
    let above = (below + 1).min(values.len() - 1);
    let (weight, apart) = (place - below as f64, values[above] - values[below]);
    // numpy's `_lerp`, which is exact at both ends.
    if weight >= 0.5 { values[above] - apart * (1.0 - weight) } else { values[below] + apart * weight }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_exact_and_what_lies_between_is_interpolated() {
        let of = |share| percentile(&mut [4.0, 1.0, 2.0], share);
        assert_eq!([of(0.0), of(0.25), of(0.5), of(0.75), of(1.0)], [1.0, 1.5, 2.0, 3.0, 4.0]);
    }
}
