//! Inner loops over contiguous `f64` that LLVM turns into vector instructions.

use std::borrow::Borrow;
use std::ops::Range;

/// `a * b + c`, fused where the target has the instruction; elsewhere `mul_add` would be a slow library call.
#[inline(always)]
pub(crate) fn fma(a: f64, b: f64, c: f64) -> f64 {
    if cfg!(target_feature = "fma") { a.mul_add(b, c) } else { a * b + c }
}

/// Whether functions for AVX-512 may be called: they add by fused operations, and so must what they stand in for.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn has_wide_vectors() -> bool {
    cfg!(target_feature = "fma") && std::arch::is_x86_feature_detected!("avx512f")
}

/// The scalar product, in a fixed order of additions over sixteen lanes.
#[inline]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 16;
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (x, z) in a_lanes.iter().zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] = fma(x[lane], z[lane], sums[lane]);
        }
    }
    let rest = a_rest.iter().zip(b_rest).fold(0.0, |sum, (&x, &z)| fma(x, z, sum));
    // Halving adds lanes of equal history and keeps the order independent of the target.
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0] + rest
}

/// A power of two about as large as the largest of the values: to divide by it rounds nothing. 1 where that is 0, or no number.
pub(crate) fn power_of_two(values: impl IntoIterator<Item: Borrow<f64>>) -> f64 {
    let largest = values.into_iter().fold(0.0, |largest: f64, value| largest.max(value.borrow().abs()));
    let is_usual = largest > 0.0 && largest.is_finite();
    if is_usual { largest.log2().floor().clamp(-1000.0, 1000.0).exp2() } else { 1.0 }
}

/// Sum of (x - centre) * coefficient. `x` is `None` only for a matrix that is not in C order.
pub(crate) fn centred_dot(x: Option<&[f64]>, centre: &[f64], coefficient: &[f64]) -> f64 {
    const LANES: usize = 8;
    // The traits promise C order, so a row is always contiguous.
    let x = x.unwrap_or_default();
    let (x_lanes, x_rest) = x.as_chunks::<LANES>();
    let (centre_lanes, centre_rest) = centre.as_chunks::<LANES>();
    let (lanes, rest) = coefficient.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for ((x, centre), coefficient) in x_lanes.iter().zip(centre_lanes).zip(lanes) {
        for lane in 0..LANES {
            sums[lane] = fma(x[lane] - centre[lane], coefficient[lane], sums[lane]);
        }
    }
    let rest: f64 = x_rest.iter().zip(centre_rest).zip(rest).map(|((x, centre), c)| (x - centre) * c).sum();
    sums.iter().sum::<f64>() + rest
}

/// Sum of x^2 * weight, in a fixed order of additions over eight lanes.
pub(crate) fn weighed_square(x: &[f64], weight: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (x_lanes, x_rest) = x.as_chunks::<LANES>();
    let (weight_lanes, weight_rest) = weight.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (x, weight) in x_lanes.iter().zip(weight_lanes) {
        for lane in 0..LANES {
            sums[lane] = fma(x[lane] * x[lane], weight[lane], sums[lane]);
        }
    }
    let rest: f64 = x_rest.iter().zip(weight_rest).map(|(x, weight)| x * x * weight).sum();
    sums.iter().sum::<f64>() + rest
}

/// `sum += factor * row`.
#[inline]
pub(crate) fn add_scaled(sum: &mut [f64], factor: f64, row: &[f64]) {
    for (s, &r) in sum.iter_mut().zip(row) {
        *s = fma(factor, r, *s);
    }
}

/// The sum of `term(i)` over a range in the order of numpy's pairwise summation: where scikit-learn ranks rows by what such
/// a sum leaves of two large numbers, rounding decides.
pub(crate) fn pairwise(range: Range<usize>, term: &impl Fn(usize) -> f64) -> f64 {
    const LANES: usize = 8;
    let Range { start, end } = range;
    match range.len() {
        0..LANES => range.map(term).sum(),
        LANES..=128 => {
            let mut sums: [f64; LANES] = std::array::from_fn(|lane| term(start + lane));
            let whole = end - range.len() % LANES;
            for from in (start + LANES..whole).step_by(LANES) {
                for (lane, sum) in sums.iter_mut().enumerate() {
                    *sum += term(from + lane);
                }
            }
            let [a, b, c, d, e, f, g, h] = sums;
            (whole..end).fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, i| sum + term(i))
        }
        length => {
            let half = length / 2 - length / 2 % LANES;
            pairwise(start..start + half, term) + pairwise(start + half..end, term)
        }
    }
}

/// Taylor coefficients 1/13!, 1/12!, ..., 1/0!: on |r| <= ln(2)/2 the first one left out is below 5e-18.
pub(crate) const TAYLOR: [f64; 14] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// Adding 1.5 * 2^52 rounds to an integer and leaves that integer in the low bits.
pub(crate) const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts: the first has trailing zeros, so its product with the integer is exact.
pub(crate) const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
pub(crate) const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Below it, exponentials stay what they are there.
pub(crate) const SMALLEST_EXPONENT: f64 = -708.0;

/// e^x for x <= 0, branch-free so that a loop of it becomes vector code; relative error below 1e-15.
/// Below -708 it stays at e^-708, about 3e-308.
#[inline(always)]
pub(crate) fn exp_nonpositive(x: f64) -> f64 {
    let x = if x < SMALLEST_EXPONENT { SMALLEST_EXPONENT } else { x };
    let shifted = fma(x, std::f64::consts::LOG2_E, ROUND);
    let power = shifted - ROUND;
    let r = fma(power, -LN2_LOW, fma(power, -LN2_HIGH, x));
    let mut value = TAYLOR[0];
    for &coefficient in &TAYLOR[1..] {
        value = fma(value, r, coefficient);
    }
    f64::from_bits((shifted.to_bits() << 52).wrapping_add(value.to_bits()))
}

/// ln(1 + x) for x in [0, 1], branch-free as [`exp_nonpositive`] is; relative error below 1e-15. It is twice the area tangent of
/// s = x / (2 + x), at most a third: the first term left out of its series is below 2e-17 of the whole.
#[inline(always)]
pub(crate) fn ln_1p_unit(x: f64) -> f64 {
    const TERMS: usize = 17;
    const SERIES: [f64; TERMS] = {
        let mut series = [0.0; TERMS];
        let mut term = 0;
        while term < TERMS {
            series[term] = 1.0 / (2 * (TERMS - term) - 1) as f64;
            term += 1;
        }
        series
    };
    let s = x / (2.0 + x);
    let square = s * s;
    let mut value = SERIES[0];
    for &coefficient in &SERIES[1..] {
        value = fma(value, square, coefficient);
    }
    2.0 * s * value
}

/// The largest size of these values; NaN where one of them is, which `f64::max` would leave out.
#[cfg(test)]
pub(crate) fn worst(values: impl IntoIterator<Item: Borrow<f64>>) -> f64 {
    values.into_iter().fold(0.0, |worst: f64, value| {
        let size = value.borrow().abs();
        if worst.is_nan() || size <= worst { worst } else { size }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_values_with_a_nan_is_nan() {
        assert_eq!(worst([1.0, -3.0, 2.0]), 3.0);
        assert!([[f64::NAN, 1.0], [1.0, f64::NAN]].iter().all(|values| worst(values).is_nan()));
        assert!(worst([f64::NAN, 1.0, f64::INFINITY]).is_nan());
        assert_eq!(worst([0.0; 0]), 0.0);
    }

    #[test]
    fn the_power_of_two_is_that_of_the_largest() {
        for (values, expected) in
            [([3.0, -9.0], 8.0), ([0.5, 0.25], 0.5), ([0.0, 0.0], 1.0), ([1.0, f64::INFINITY], 1.0)]
        {
            assert_eq!(power_of_two(values), expected, "{values:?}");
        }
        // Both it and its inverse are whole powers in the range of an f64.
        assert_eq!(power_of_two([1e-320]), 0.5_f64.powi(1000));
        assert_eq!(power_of_two([1e308]), 2.0_f64.powi(1000));
    }

    #[test]
    fn pairwise_sums_are_sums() {
        for length in [0, 3, 8, 100, 129, 256, 300] {
            let sum: usize = (2..2 + length).sum();
            assert_eq!(pairwise(2..2 + length, &|i| i as f64), sum as f64);
        }
    }

    #[test]
    fn exp_agrees_with_the_library() {
        let steps = (0..=1_400_000).map(|step| -f64::from(step) * 5e-4);
        let off = worst(steps.map(|x| exp_nonpositive(x) / x.exp() - 1.0));
        assert!(off < 1e-15, "relative error {off:e}");
        assert_eq!(exp_nonpositive(0.0), 1.0);
        assert_eq!(exp_nonpositive(-0.0), 1.0);
        assert!(exp_nonpositive(f64::NEG_INFINITY) < 1e-300);
    }

    #[test]
    fn ln_1p_agrees_with_the_library() {
        let steps = (0..=1_000_000).map(|step| f64::from(step) * 1e-6);
        let steps = steps.chain((1..300).map(|power| 0.5_f64.powi(power))).filter(|&x| x > 0.0);
        let off = worst(steps.map(|x| ln_1p_unit(x) / x.ln_1p() - 1.0));
        assert!(off < 1e-15, "relative error {off:e}");
        assert_eq!(ln_1p_unit(0.0), 0.0);
    }

    #[test]
    fn dot_adds_every_element_once() {
        for length in [0, 1, 15, 16, 17, 40] {
            let a: Vec<f64> = (0..length).map(f64::from).collect();
            let b: Vec<f64> = (0..length).map(|i| f64::from(i * i % 7)).collect();
            let expected: f64 = a.iter().zip(&b).map(|(x, z)| x * z).sum();
            assert_eq!(dot(&a, &b), expected);
            let squares: f64 = a.iter().zip(&b).map(|(x, z)| x * x * z).sum();
            assert_eq!(weighed_square(&a, &b), squares);
        }
    }
}
