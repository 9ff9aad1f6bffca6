//! Means and standard deviations as scikit-learn computes them for `StandardScaler`.

use super::matrix::map_chunks;

/// A column's centre and spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation (divisor n), or 1 for a constant column.
    pub scale: f64,
    /// Whether the variance cannot be told from that of a constant column.
    pub constant: bool,
}

/// The moments of each of the `columns` columns of the row-major `data` (at least one row).
///
/// The corrected two-pass algorithm of Chan, Golub and LeVeque (The American Statistician 37(3), 1983), with
/// scikit-learn's bound for constant columns (`_incremental_mean_and_var`, `_is_constant_feature` of
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.preprocessing.StandardScaler.html>). Partial sums are
/// combined chunk by chunk. Where the squares overflow (values beyond about 1e150) scikit-learn takes the column for
/// constant; here it is measured in a larger unit instead.
pub(super) fn moments(data: &[f64], columns: usize) -> Vec<Moments> {
    let count = (data.len() / columns) as f64;
    let mean: Vec<f64> = sum(data, columns, |row, to| {
        for (to, v) in to.iter_mut().zip(row) {
            *to += v;
        }
    })
    .into_iter()
    .map(|s| s / count)
    .collect();
    let spread = sum_pairs(data, columns, &mean);
    (0..columns)
        .map(|j| {
            let (correction, squares) = spread[j];
            let variance = (squares - correction * correction / count) / count;
            if variance.is_finite() {
                return of_variance(mean[j], variance, count);
            }
            in_larger_unit(data.iter().skip(j).step_by(columns).copied(), count)
        })
        .collect()
}

fn of_variance(mean: f64, variance: f64, count: f64) -> Moments {
    let constant = variance <= count * f64::EPSILON * variance + (count * mean * f64::EPSILON).powi(2);
    // Rounding can leave a hair below zero only where the column is constant by the bound above.
    Moments { mean, scale: if constant { 1.0 } else { variance.sqrt() }, constant }
}

/// Moments of values whose squares overflow: by a power of two smaller, which is exact.
fn in_larger_unit(values: impl Iterator<Item = f64> + Clone, count: f64) -> Moments {
    let unit = 2f64.powi(600);
    let mean = values.clone().map(|v| v / unit).sum::<f64>() / count;
    let (correction, squares) = values.map(|v| v / unit - mean).fold((0.0, 0.0), |(c, s), d| (c + d, s + d * d));
    let small = of_variance(mean, (squares - correction * correction / count) / count, count);
    Moments { mean: mean * unit, scale: if small.constant { 1.0 } else { small.scale * unit }, ..small }
}

fn sum(data: &[f64], columns: usize, add: impl Fn(&[f64], &mut [f64]) + Sync) -> Vec<f64> {
    let partial = map_chunks(data, columns, |chunk| {
        let mut to = vec![0.0; columns];
        chunk.chunks_exact(columns).for_each(|row| add(row, &mut to));
        to
    });
    let mut total = vec![0.0; columns];
    for part in partial {
        for (t, p) in total.iter_mut().zip(part) {
            *t += p;
        }
    }
    total
}

/// Sums of the deviations from `mean` and of their squares, a column each.
fn sum_pairs(data: &[f64], columns: usize, mean: &[f64]) -> Vec<(f64, f64)> {
    let partial = map_chunks(data, columns, |chunk| {
        let (mut first, mut second) = (vec![0.0; columns], vec![0.0; columns]);
        for row in chunk.chunks_exact(columns) {
            for (((first, second), v), mean) in first.iter_mut().zip(&mut second).zip(row).zip(mean) {
                let deviation = v - mean;
                *first += deviation;
                *second += deviation * deviation;
            }
        }
        (first, second)
    });
    let mut total = vec![(0.0, 0.0); columns];
    for (first, second) in partial {
        for (total, (a, b)) in total.iter_mut().zip(first.into_iter().zip(second)) {
            *total = (total.0 + a, total.1 + b);
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_case_by_hand_with_a_constant_column() {
        // 1, 2, 6: mean 3, variance (4 + 1 + 9) / 3.
        let found = moments(&[1.0, 0.1, 2.0, 0.1, 6.0, 0.1], 2);
        assert_eq!((found[0].mean, found[0].scale), (3.0, (14f64 / 3.0).sqrt()));
        assert!(found[1].constant && found[1].scale == 1.0 && (found[1].mean - 0.1).abs() < 1e-16);
    }

    #[test]
    fn values_whose_squares_overflow_are_measured_all_the_same() {
        let found = moments(&[1e300, 2e300, 6e300], 1)[0];
        assert!((found.mean / 3e300 - 1.0).abs() < 1e-15 && !found.constant);
        assert!((found.scale / 1e300 - (14f64 / 3.0).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn chunks_do_not_change_what_a_column_is() {
        let data: Vec<f64> = (0..5000).flat_map(|i| [f64::from(i), 1e9 + f64::from(i % 3)]).collect();
        let found = moments(&data, 2);
        assert!((found[0].mean - 2499.5).abs() < 1e-9);
        assert!((found[0].scale - ((5000f64 * 5000.0 - 1.0) / 12.0).sqrt()).abs() < 1e-9);
        assert!((found[1].scale - (2f64 / 3.0).sqrt()).abs() < 1e-3 && !found[1].constant);
    }
}
