//! Means and variances of each class's rows: what the families that fit a Gaussian a class share.

use crate::component::{Prediction, ScoreKind};
use ndarray::ArrayView2;

use super::two_class::{counts, too_large};
use crate::error::{Error, Result};
use crate::numeric::gram::over_segments;

/// Per class: how many rows, and per column their mean and the sum of their squared deviations from it.
pub(super) struct ClassMoments {
    pub(super) counts: [usize; 2],
    pub(super) means: [Vec<f64>; 2],
    pub(super) squares: [Vec<f64>; 2],
    /// Whether a column has one value only, which its rounded mean cannot tell.
    pub(super) constant: Vec<bool>,
}

impl ClassMoments {
    /// Of the rows of `x` (in C order) by their labels; two passes.
    ///
    /// # Errors
    /// A class without rows, another number of labels than rows, or values too large to add and square.
    pub(super) fn of(family: &str, x: ArrayView2<'_, f64>, y: &[u8]) -> Result<Self> {
        let counts = counts(family, x.nrows(), y)?;
        let columns = x.ncols();
        let mut means = sums(x, y, |value, _, _| value);
        for (mean, count) in means.iter_mut().zip(counts) {
            mean.iter_mut().for_each(|sum| *sum /= count as f64);
        }
        let squares = sums(x, y, |value, class, column| {
            let deviation = value - means[class][column];
            deviation * deviation
        });
        if means.iter().chain(&squares).flatten().any(|value| !value.is_finite()) {
            return Err(too_large(family, x, "add and square"));
        }
        let first: Vec<f64> = x.row(0).to_vec();
        let differs = over_segments(x.nrows(), |rows| {
            let mut differs = vec![false; columns];
            for row in rows {
                for ((differs, value), first) in differs.iter_mut().zip(x.row(row)).zip(&first) {
                    *differs |= value != first;
                }
            }
            differs
        });
        let constant = (0..columns).map(|column| !differs.iter().any(|part| part[column])).collect();
        Ok(ClassMoments { counts, means, squares, constant })
    }

    /// The classes' shares of the rows, or `given` instead.
    pub(super) fn priors(&self, given: Option<[f64; 2]>) -> [f64; 2] {
        let rows = (self.counts[0] + self.counts[1]) as f64;
        given.unwrap_or(self.counts.map(|count| count as f64 / rows))
    }
}

/// Sums of `term(value, class, column)` by class and column.
fn sums(x: ArrayView2<'_, f64>, y: &[u8], term: impl Fn(f64, usize, usize) -> f64 + Sync) -> [Vec<f64>; 2] {
    let parts = over_segments(x.nrows(), |rows| {
        let mut part = [vec![0.0; x.ncols()], vec![0.0; x.ncols()]];
        for row in rows {
            let class = usize::from(y[row]);
            for (column, (sum, &value)) in part[class].iter_mut().zip(x.row(row)).enumerate() {
                *sum += term(value, class, column);
            }
        }
        part
    });
    let mut total = [vec![0.0; x.ncols()], vec![0.0; x.ncols()]];
    for part in &parts {
        for (total, part) in total.iter_mut().zip(part) {
            total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
        }
    }
    total
}

/// Probabilities of the negative and of the positive class, for families that take them as `priors`.
pub(super) type Priors = Option<[f64; 2]>;

/// Refuses priors that are no probabilities. A zero is refused too: its logarithm would decide every row. `name` is the
/// parameter's.
///
/// # Errors
/// One sentence.
pub(super) fn check_priors(name: &str, priors: Priors) -> Result<()> {
    match priors {
        Some([a, b]) if !(a > 0.0 && b > 0.0 && (a + b - 1.0).abs() <= 1e-8) => {
            Err(Error::Component(format!("`{name}` must be two positive numbers that add up to 1, not [{a}, {b}]")))
        }
        _ => Ok(()),
    }
}

/// Probabilities and labels from the logarithms of the odds of the positive class; even odds go to class 0.
pub(super) fn of_log_odds(log_odds: &[f64]) -> Prediction {
    Prediction {
        score: log_odds.iter().map(|odds| 1.0 / (1.0 + (-odds).exp())).collect(),
        label: log_odds.iter().map(|&odds| u8::from(odds > 0.0)).collect(),
        kind: ScoreKind::Probability,
    }
}
