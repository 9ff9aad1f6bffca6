//! The corrected resampled t: means over folds that share training rows.
//!
//! The variance of a mean over `n` folds is not `s^2 / n`, as folds are not independent. Nadeau and Bengio (2003,
//! equation 9 and its discussion) put `(1/n + n_test/n_train) s^2` in its place, with `n - 1` degrees of freedom. The same
//! posterior, read as a probability, is the Bayesian correlated t-test of Corani and Benavoli (2015): for k-fold
//! cross-validation their correlation `1/k` gives `rho / (1 - rho) = 1 / (k - 1) = n_test / n_train`.

use super::distribution::{student_cdf, student_quantile, student_two_sided};
use crate::analyze::leaderboard::mean_and_sd;

/// A mean over folds, or over fold-wise differences, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorrectedT {
    /// Folds.
    pub n: usize,
    /// The mean.
    pub mean: f64,
    /// Sample standard deviation (n - 1) of the folds.
    pub sd: f64,
    /// Standard error of the mean, corrected.
    pub error: f64,
}

/// Posterior probabilities of where the true mean lies; they add up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probabilities {
    /// Below `-rope`.
    pub below: f64,
    /// Between `-rope` and `rope`: practically zero.
    pub within: f64,
    /// Above `rope`.
    pub above: f64,
}

impl CorrectedT {
    /// Over the values of all folds; `ratio` is `n_test / n_train` of a fold. None below two values.
    pub fn new(values: &[f64], ratio: f64) -> Option<Self> {
        let (Some(mean), Some(sd)) = mean_and_sd(values) else { return None };
        let n = values.len();
        Some(CorrectedT { n, mean, sd, error: sd * (1.0 / n as f64 + ratio).sqrt() })
    }

    fn df(&self) -> f64 {
        (self.n - 1) as f64
    }

    /// Two-sided p-value of the hypothesis that the true mean is 0. Where all values are equal it is 1 for a mean of 0, else 0.
    pub fn p_value(&self) -> f64 {
        if self.error == 0.0 {
            return f64::from(self.mean == 0.0);
        }
        student_two_sided(self.mean / self.error, self.df())
    }

    /// The interval that holds the true mean at `level`, such as 0.95.
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let reach = student_quantile(0.5 + level / 2.0, self.df()) * self.error;
        (self.mean - reach, self.mean + reach)
    }

    /// The posterior of the true mean against a region of practical equivalence from `-rope` to `rope`, `rope` >= 0.
    ///
    /// Of differences `x - y`, `above` is what baycomp's `two_on_single(x, y, rope)` gives first (its left: `x` is better)
    /// and `below` what it gives last. With a `rope` of 0 and equal values that are 0, nobody is better: baycomp gives halves.
    pub fn probabilities(&self, rope: f64) -> Probabilities {
        if self.error == 0.0 {
            let (below, above) = (f64::from(self.mean < -rope), f64::from(self.mean > rope));
            return Probabilities { below, within: 1.0 - below - above, above };
        }
        let below = student_cdf((-rope - self.mean) / self.error, self.df());
        let above = student_cdf((self.mean - rope) / self.error, self.df());
        Probabilities { below, within: (1.0 - below - above).max(0.0), above }
    }
}
