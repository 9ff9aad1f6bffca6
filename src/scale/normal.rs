//! The inverse of the standard normal distribution function.

use std::f64::consts::SQRT_2;

use statrs::function::erf::erfc_inv;

/// The value below which a standard normal variable falls with probability `p`; minus or plus infinity for 0 and 1.
pub(super) fn inverse_cdf(p: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * p)
}

#[cfg(test)]
mod tests {
    use super::inverse_cdf;

    #[test]
    fn agrees_with_scipy() {
        // scipy.stats.norm.ppf
        let expected = [
            (1e-7 - f64::EPSILON, -5.199337582605575),
            (0.001, -3.090232306167813),
            (0.13, -1.1263911290388007),
            (0.25, -0.6744897501960817),
            (0.5001, 0.0002506628300880075),
            (0.75, 0.6744897501960817),
            (0.999999, 4.753424308817087),
        ];
        for (p, x) in expected {
            assert!((inverse_cdf(p) - x).abs() < 1e-12, "{p}: {} {x}", inverse_cdf(p));
        }
        assert_eq!((inverse_cdf(0.0), inverse_cdf(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
    }
}
