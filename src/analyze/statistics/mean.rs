//! Means and deviations.

/// Mean and sample standard deviation (n - 1), in two passes and in the order given.
pub fn mean_and_sd(values: &[f64]) -> (Option<f64>, Option<f64>) {
    let (mean, sd) = in_two_passes(values);
    if [mean, sd].into_iter().flatten().all(f64::is_finite) {
        return (mean, sd);
    }
    // Squares of money can be more than a number holds, and so can a sum. A power of two changes no digit.
    let smaller = 2_f64.powi(-600);
    let (mean, sd) = in_two_passes(&values.iter().map(|value| value * smaller).collect::<Vec<_>>());
    (mean.map(|mean| mean / smaller), sd.map(|sd| sd / smaller))
}

fn in_two_passes(values: &[f64]) -> (Option<f64>, Option<f64>) {
    if values.is_empty() {
        return (None, None);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd =
        (values.len() > 1).then(|| (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt());
    (Some(mean), sd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_beyond_the_root_of_the_largest_number_has_a_mean_and_a_deviation() {
        // Deviations of 1e200 from 2e200: the deviation is the root of 2e400 / (2 - 1).
        let (mean, sd) = mean_and_sd(&[1e200, 3e200]);
        assert_eq!(mean, Some(2e200));
        assert!((sd.unwrap() / 1e200 - std::f64::consts::SQRT_2).abs() < 1e-15, "{sd:?}");
        // The sum alone is more than a number holds.
        assert_eq!(mean_and_sd(&[f64::MAX, f64::MAX]), (Some(f64::MAX), Some(0.0)));
        assert_eq!(mean_and_sd(&[-1e308, -1e308, -1e308]).0, Some(-1e308));
        assert_eq!(mean_and_sd(&[1.0, 3.0]), (Some(2.0), Some(std::f64::consts::SQRT_2)));
        assert_eq!((mean_and_sd(&[]), mean_and_sd(&[0.5])), ((None, None), (Some(0.5), None)));
        // What is infinite stays so.
        assert_eq!(mean_and_sd(&[f64::INFINITY, 1.0]).0, Some(f64::INFINITY));
    }
}
