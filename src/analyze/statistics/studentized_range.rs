//! The studentized range at infinite degrees of freedom: the range of `k` independent standard normals, which Nemenyi's
//! test needs.

use super::distribution::{bisect, normal_cdf};

/// The step of the sum below, and how far it goes from 0.
const STEP: f64 = 1.0 / 32.0;
const REACH: f64 = 9.0;

/// `P(Q >= q)` for `k` >= 2 groups; `scipy.stats.studentized_range.sf(q, k, inf)`.
///
/// `1 - k * integral of phi(z) * (Phi(z) - Phi(z - q))^(k - 1) dz`. The integrand is analytic and falls off as a normal
/// density does, so that the trapezoidal rule is exact to rounding. The 1 is drawn into the integral
/// (`k * integral of phi * Phi^(k - 1)`), which keeps small tails.
pub fn upper(q: f64, k: usize) -> f64 {
    if q.is_nan() || k < 2 {
        return f64::NAN;
    }
    if q <= 0.0 {
        return 1.0;
    }
    let others = (k - 1) as f64;
    // In the tail the integrand has its peak near q / 2.
    let steps = ((2.0 * REACH + q.min(2.0 * REACH)) / STEP) as i32;
    let sum: f64 = (0..=steps)
        .map(|i| {
            let z = f64::from(i) * STEP - REACH;
            let (all, outside) = (normal_cdf(z), normal_cdf(z - q));
            // all^n - (all - outside)^n without the difference of two near numbers.
            let gap = all.powf(others) * -(others * (-outside / all).ln_1p()).exp_m1();
            (-0.5 * z * z).exp() * gap
        })
        .sum();
    let density = 1.0 / (2.0 * std::f64::consts::PI).sqrt();
    (k as f64 * density * STEP * sum).clamp(0.0, 1.0)
}

/// The `q` with `P(Q >= q) = alpha`; `scipy.stats.studentized_range.ppf(1 - alpha, k, inf)`.
pub fn critical(alpha: f64, k: usize) -> f64 {
    bisect(0.0, 100.0, |q| upper(q, k) > alpha)
}
