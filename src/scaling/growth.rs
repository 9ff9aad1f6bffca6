//! The growth exponent.

/// Fewer points than these say nothing about growth.
const LEAST_POINTS: usize = 3;

/// The exponent b of `value = a rows^b`: the least-squares slope of log value on log rows over the points (rows, value)
/// whose value is above `floor`, below which clocks and allocators say little. None for fewer than three such points, or
/// where all have the same rows.
pub fn exponent(points: &[(f64, f64)], floor: f64) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points
        .iter()
        .filter(|(rows, value)| *rows > 0.0 && *value > floor.max(0.0))
        .map(|(rows, value)| (rows.ln(), value.ln()))
        .collect();
    if logs.len() < LEAST_POINTS {
        return None;
    }
    let n = logs.len() as f64;
    let mean_x = logs.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = logs.iter().map(|p| p.1).sum::<f64>() / n;
    let covariance: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    (variance > 0.0).then(|| covariance / variance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_have_their_own_exponent() {
        for power in [-0.5, 0.0, 1.0, 1.37, 2.0] {
            let points: Vec<(f64, f64)> =
                [1e4, 3e4, 1e5, 1e6].iter().map(|&rows: &f64| (rows, 7.0 * rows.powf(power))).collect();
            let found = exponent(&points, 0.0).unwrap();
            assert!((found - power).abs() < 1e-12, "{power} {found}");
        }
    }

    #[test]
    fn the_slope_is_the_least_squares_one() {
        // numpy.polyfit(log10([10, 100, 1000]), log10([1, 10, 1000]), 1)[0]: logs 1, 2, 3 against 0, 1, 3.
        let found = exponent(&[(10.0, 1.0), (100.0, 10.0), (1_000.0, 1_000.0)], 0.01).unwrap();
        assert!((found - 1.5).abs() < 1e-12, "{found}");
    }

    #[test]
    fn points_on_or_below_the_floor_are_left_out() {
        let steep = [(1e3, 0.01), (1e4, 0.1), (1e5, 1.0), (1e6, 10.0)];
        assert!((exponent(&steep, 0.01).unwrap() - 1.0).abs() < 1e-12);
        let noisy = [(10.0, 0.009), (1e4, 0.1), (1e5, 1.0), (1e6, 10.0)];
        assert!((exponent(&noisy, 0.01).unwrap() - 1.0).abs() < 1e-12);
        assert!((exponent(&noisy, 0.001).unwrap() - 1.0).abs() > 0.1);
    }

    #[test]
    fn two_points_or_one_size_have_none() {
        assert_eq!(exponent(&[(1e4, 1.0), (1e5, 10.0)], 0.01), None);
        assert_eq!(exponent(&[(1e4, 1.0), (1e4, 2.0), (1e4, 3.0)], 0.01), None);
        assert_eq!(exponent(&[(1e4, 0.001), (1e5, 0.002), (1e6, 0.003)], 0.01), None);
    }
}
