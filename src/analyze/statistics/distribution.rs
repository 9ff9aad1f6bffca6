//! Tails of the distributions that the tests need.

use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor};
use statrs::function::beta::beta_reg;
use statrs::function::erf::erfc;

/// `P(Z <= z)` of the standard normal.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// `P(T <= t)` of Student's t with `df` > 0 degrees of freedom.
pub fn student_cdf(t: f64, df: f64) -> f64 {
    let tail = 0.5 * student_two_sided(t, df);
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// `P(|T| >= |t|)`: the two-sided p-value, accurate near 0 and far from it.
///
/// The incomplete beta function of Abramowitz and Stegun 26.5.27, at that end of its range where the argument keeps its
/// digits.
pub fn student_two_sided(t: f64, df: f64) -> f64 {
    let square = t * t;
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        f64::NAN
    } else if square < 1.0 {
        1.0 - beta_reg(0.5, df / 2.0, square / (df + square))
    } else {
        beta_reg(df / 2.0, 0.5, df / (df + square))
    }
}

/// The `t` with `P(T <= t) = p`, for `p` in (0, 1); by bisection, as exact as the distribution itself.
pub fn student_quantile(p: f64, df: f64) -> f64 {
    if p < 0.5 {
        return -student_quantile(1.0 - p, df);
    }
    let mut high = 1.0;
    while student_cdf(high, df) < p && high < 1e300 {
        high *= 2.0;
    }
    bisect(0.0, high, |t| student_cdf(t, df) < p)
}

/// `P(X >= x)` of chi-squared with `df` > 0 degrees of freedom.
pub fn chi_squared_upper(x: f64, df: f64) -> f64 {
    ChiSquared::new(df).map_or(f64::NAN, |law| law.sf(x))
}

/// `P(X >= x)` of Fisher and Snedecor's F.
pub fn f_upper(x: f64, df1: f64, df2: f64) -> f64 {
    FisherSnedecor::new(df1, df2).map_or(f64::NAN, |law| law.sf(x))
}

/// Where `is_below` turns false between `low` and `high`, to the last bit that halving can tell.
pub(super) fn bisect(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}
