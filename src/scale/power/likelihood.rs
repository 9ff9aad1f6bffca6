//! The power that makes a column most normal, by maximum likelihood, as SciPy 1.17 finds it.
//!
//! The likelihood is flat at its top: two computations that differ in the last bit can end 1e-8 apart in lambda. So the
//! Yeo-Johnson likelihood is computed in SciPy's order of operations, down to NumPy's pairwise sums, and then equals it
//! bit for bit wherever NumPy calls the system's `log1p` and `expm1` (it has its own on processors with AVX-512).

use super::minimum::{bounded, brent};

/// Tolerance of SciPy's `optimize.brent`.
const TOLERANCE: f64 = 1.48e-8;

/// `scipy.stats.yeojohnson_normmax`, for values that are not all the same: lambda, or nothing where no range of lambda
/// is safe from overflow. <https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.yeojohnson_normmax.html>
pub(super) fn yeo_johnson_lambda(values: &[f64]) -> Option<f64> {
    let logs: Vec<f64> = values.iter().map(|v| v.abs().ln_1p().copysign(*v)).collect();
    let sum_of_logs = pairwise_sum(&logs);
    let (low, high) = safe_lambdas(values)?;
    let mut powers = vec![0.0; logs.len()];
    let cost = |lambda: f64| {
        yeo_johnson_powers(&logs, lambda, &mut powers);
        let variance = variance(&mut powers);
        // Also true of NaN: a variance that can't be had has no likelihood. An infinite one costs infinitely, below.
        if variance.is_nan() || variance < f64::MIN_POSITIVE {
            return f64::INFINITY;
        }
        let count = logs.len() as f64;
        -(-count / 2.0 * variance.ln() + (lambda - 1.0) * sum_of_logs)
    };
    Some(bounded(cost, low, high, TOLERANCE))
}

/// The range of lambda in which values up to 20 times the largest do not overflow (SciPy's pull request 18852).
fn safe_lambdas(values: &[f64]) -> Option<(f64, f64)> {
    let largest = values.iter().fold(0.0, |so_far, v| f64::max(so_far, v.abs()));
    let log_largest = (20.0 * largest).ln_1p();
    let log_epsilon = f64::EPSILON.ln();
    let low = (f64::MIN_POSITIVE.ln() - log_epsilon) / 2.0 / log_largest;
    let high = (f64::MAX.ln() + log_epsilon) / 2.0 / log_largest;
    let negative = values.iter().filter(|v| **v < 0.0).count();
    let (low, high) = match negative {
        0 => (low, high),
        all if all == values.len() => (2.0 - high, 2.0 - low),
        _ => (low.max(2.0 - high), high.min(2.0 - low)),
    };
    (low < high).then_some((low, high))
}

/// The Yeo-Johnson transformation of values given by their signed log1p.
fn yeo_johnson_powers(logs: &[f64], lambda: f64, to: &mut [f64]) {
    // Indexed by sign, without a branch: signs come in no order that could be predicted.
    let power = [lambda, 2.0 - lambda];
    let linear = [lambda.abs() < f64::EPSILON, (lambda - 2.0).abs() <= f64::EPSILON];
    for (to, &log) in to.iter_mut().zip(logs) {
        let side = usize::from(log < 0.0);
        let size = if linear[side] { log.abs() } else { (power[side] * log.abs()).exp_m1() / power[side] };
        *to = size.copysign(log);
    }
}

/// `numpy.var`; overwrites the values.
fn variance(values: &mut [f64]) -> f64 {
    let count = values.len() as f64;
    let mean = pairwise_sum(values) / count;
    for v in values.iter_mut() {
        let deviation = *v - mean;
        *v = deviation * deviation;
    }
    pairwise_sum(values) / count
}

/// NumPy's order of summation: halves down to runs of at most 128 values, each summed by eight accumulators.
fn pairwise_sum(values: &[f64]) -> f64 {
    match values.len() {
        0..8 => values.iter().fold(0.0, |sum, v| sum + v),
        8..=128 => {
            let (eights, rest) = values.as_chunks::<8>();
            let mut r = [0.0; 8];
            for eight in eights {
                for (r, v) in r.iter_mut().zip(eight) {
                    *r += v;
                }
            }
            let sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
            rest.iter().fold(sum, |sum, v| sum + v)
        }
        count => {
            let half = count / 2;
            let (a, b) = values.split_at(half - half % 8);
            pairwise_sum(a) + pairwise_sum(b)
        }
    }
}

/// `scipy.stats.boxcox_normmax` with `method="mle"`, for positive values: lambda, or nothing where the search finds no
/// maximum. <https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.boxcox_normmax.html>
pub(super) fn box_cox_lambda(values: &[f64]) -> Option<f64> {
    let logs: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    let (low, high) = logs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (v.min(l), v.max(h)));
    if low == high {
        return None;
    }
    let sum_of_logs = pairwise_sum(&logs);
    let count = logs.len() as f64;
    let mut powers = vec![0.0; logs.len()];
    let cost = |lambda: f64| {
        let log_variance = if lambda == 0.0 {
            powers.copy_from_slice(&logs);
            variance(&mut powers).ln()
        } else {
            // The variance of x^lambda, in units of the largest x^lambda so that it can't overflow.
            let top = (lambda * low).max(lambda * high);
            for (to, log) in powers.iter_mut().zip(&logs) {
                *to = (lambda * log - top).exp_m1();
            }
            variance(&mut powers).ln() + 2.0 * top - 2.0 * lambda.abs().ln()
        };
        -((lambda - 1.0) * sum_of_logs - count / 2.0 * log_variance)
    };
    brent(cost, -2.0, 2.0, TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_as_numpy_does() {
        // numpy.add.reduce and numpy.var of (i * 0.1) ** 3 for i in range(n): the last bits tell the order of summation.
        let expected = [
            (7, 0.4410000000000001, 0.005626857142857147),
            (100, 24502.5, 77869.89056550001),
            (1000, 249500250.00000003, 80107268106.91371),
            (1003, 252509265.00900003, 81560817324.65388),
        ];
        for (count, sum, spread) in expected {
            let mut values: Vec<f64> = (0..count).map(|i| f64::from(i) * 0.1).map(|v| v * v * v).collect();
            assert_eq!((pairwise_sum(&values), variance(&mut values)), (sum, spread));
        }
    }

    #[test]
    fn a_lognormal_shape_is_unbent() {
        // exp of an even grid: Box-Cox must find the logarithm, lambda 0.
        let values: Vec<f64> = (-50..=50).map(|i| (f64::from(i) / 20.0).exp()).collect();
        assert!(box_cox_lambda(&values).unwrap().abs() < 1e-6);
        // expm1 of a symmetric positive grid: Yeo-Johnson as well.
        let values: Vec<f64> = (1..=101).map(|i| (f64::from(i) / 20.0).exp_m1()).collect();
        let straight: Vec<f64> = (1..=101).map(|i| f64::from(i) / 20.0).collect();
        let (bent, even) = (yeo_johnson_lambda(&values).unwrap(), yeo_johnson_lambda(&straight).unwrap());
        assert!(bent < 0.4 && even > 0.7, "{bent} {even}");
    }

    #[test]
    fn values_of_both_signs_near_the_largest_number_have_no_safe_power() {
        assert_eq!(yeo_johnson_lambda(&[-1.7e308, 1.7e308, 5.0]), None);
    }
}
