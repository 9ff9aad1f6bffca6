//! The corrected resampled t: means over folds that share training rows.
//!
//! The variance of a mean over `n` folds is not `s^2 / n`, as folds are not independent. Nadeau and Bengio (2003,
//! equation 9 and its discussion) put `(1/n + n_test/n_train) s^2` in its place, with `n - 1` degrees of freedom. The same
//! posterior, read as a probability, is the Bayesian correlated t-test of Corani and Benavoli (2015): for k-fold
//! cross-validation their correlation `1/k` gives `rho / (1 - rho) = 1 / (k - 1) = n_test / n_train`.

use super::distribution::{student_cdf, student_quantile, student_two_sided};
use super::rounding::is_nothing;
use crate::analyze::statistics::mean::mean_and_sd;

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

    /// Whether the values are equal up to rounding: then they tell no variance, and nothing can be judged by it. That happens with
    /// few positives, whose metrics take few values.
    pub fn is_constant(&self) -> bool {
        is_nothing(self.sd, self.mean)
    }

    /// Whether the values are all 0 up to rounding.
    fn is_nothing(&self) -> bool {
        is_nothing(self.sd, 0.0) && is_nothing(self.mean, 0.0)
    }

    /// The `t` of the hypothesis that the true mean is 0; 0 where the values tell no variance.
    pub fn statistic(&self) -> f64 {
        if self.is_constant() { 0.0 } else { self.mean / self.error }
    }

    /// Two-sided p-value of the hypothesis that the true mean is 0; 1 where the values tell no variance.
    pub fn p_value(&self) -> f64 {
        if self.is_constant() {
            return 1.0;
        }
        student_two_sided(self.statistic(), self.df())
    }

    /// The interval of a difference: it holds the true mean at `level`, such as 0.95. Differences that are all 0 have one from 0 to 0;
    /// others that tell no variance have none.
    pub fn interval(&self, level: f64) -> Option<(f64, f64)> {
        if self.is_constant() {
            return self.is_nothing().then_some((0.0, 0.0));
        }
        let reach = self.reach(level);
        (!reach.is_nan()).then_some((self.mean - reach, self.mean + reach))
    }

    /// As [`CorrectedT::interval`], of a mean of values that cannot leave `least` to `most`. Where both are finite it is symmetric on the
    /// scale of log-odds (the delta method), so that it stays between them; where one is, it is cut there. None where the values tell no
    /// variance, 0 as any other: a metric that is 0 on every fold is not known to be 0.
    pub fn interval_within(&self, level: f64, (least, most): (f64, f64)) -> Option<(f64, f64)> {
        let (low, high) = self.interval(level).filter(|_| !self.is_constant())?;
        let width = most - least;
        let place = (self.mean - least) / width;
        if !(width.is_finite() && width < f64::MAX && place > 0.0 && place < 1.0) {
            return Some((low.max(least), high.min(most)));
        }
        let (odds, reach) = ((place / (1.0 - place)).ln(), self.reach(level) / (width * place * (1.0 - place)));
        let back = |at: f64| least + width / (1.0 + (-at).exp());
        Some((back(odds - reach), back(odds + reach)))
    }

    fn reach(&self, level: f64) -> f64 {
        student_quantile(0.5 + level / 2.0, self.df()) * self.error
    }

    /// The posterior of the true mean against a region of practical equivalence from `-rope` to `rope`, `rope` >= 0.
    ///
    /// Of differences `x - y`, `above` is what baycomp's `two_on_single(x, y, rope)` gives first (its left: `x` is better)
    /// and `below` what it gives last. Values that are all 0 are within; others that tell no variance have no posterior.
    pub fn probabilities(&self, rope: f64) -> Option<Probabilities> {
        if self.is_constant() {
            return self.is_nothing().then_some(Probabilities { below: 0.0, within: 1.0, above: 0.0 });
        }
        let below = student_cdf((-rope - self.mean) / self.error, self.df());
        let above = student_cdf((self.mean - rope) / self.error, self.df());
        Some(Probabilities { below, within: (1.0 - below - above).max(0.0), above })
    }
}
