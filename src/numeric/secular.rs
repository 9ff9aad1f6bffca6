//! Eigenvalues of a diagonal matrix with a change of rank one: the roots of `1 + rho sum z_i^2 / (d_i - x) = 0` (LAPACK's `dlaed4`;
//! Ren-Cang Li, "Solving secular equations stably and efficiently", 1993).

use super::dense::fma;

/// Steps after which a root is taken as it is; half a dozen are usual, and halving ends by itself.
const MOST_STEPS: usize = 400;

/// `diag(values) + rho z z^T`: values rise, and no z is nothing.
pub(super) struct Change {
    values: Vec<f64>,
    signs: Vec<f64>,
    /// rho z^2.
    weights: Vec<f64>,
}

pub(super) struct Root {
    pub(super) value: f64,
    /// Of each of the values, less the root. Both are told from the value next to the root: no digit is lost.
    differences: Vec<f64>,
}

/// Sums over the values on one side of a root.
#[derive(Clone, Copy, Default)]
struct Side {
    sum: f64,
    slope: f64,
}

impl Side {
    fn of(weights: &[f64], distances: &[f64], at: f64) -> Self {
        const LANES: usize = 8;
        let (many_weights, weights) = weights.as_chunks::<LANES>();
        let (many_distances, distances) = distances.as_chunks::<LANES>();
        let (mut sums, mut slopes) = ([0.0; LANES], [0.0; LANES]);
        for (weights, distances) in many_weights.iter().zip(many_distances) {
            for lane in 0..LANES {
                let inverse = 1.0 / (distances[lane] - at);
                let term = weights[lane] * inverse;
                sums[lane] += term;
                slopes[lane] = fma(term, inverse, slopes[lane]);
            }
        }
        let mut side = Side { sum: sums.iter().sum(), slope: slopes.iter().sum() };
        for (weight, distance) in weights.iter().zip(distances) {
            let inverse = 1.0 / (distance - at);
            side.sum += weight * inverse;
            side.slope = fma(weight * inverse, inverse, side.slope);
        }
        side
    }
}

impl Change {
    pub(super) fn new(values: Vec<f64>, z: &[f64], rho: f64) -> Self {
        let signs = z.iter().map(|z| 1f64.copysign(*z)).collect();
        Change { values, signs, weights: z.iter().map(|z| rho * z * z).collect() }
    }

    /// The root above the `nth` value.
    pub(super) fn root(&self, nth: usize) -> Root {
        let (values, weights) = (&self.values, &self.weights);
        let is_last = nth + 1 == values.len();
        let from = |origin: usize| values.iter().map(|value| value - values[origin]).collect::<Vec<f64>>();
        // The two values that the root is told by: those around it, or the last two.
        let left = if is_last { nth.saturating_sub(1) } else { nth };
        let split = if is_last { nth } else { nth + 1 };
        let mut origin = nth;
        let mut distances = from(origin);
        let (mut low, mut high) = (0.0, weights.iter().sum::<f64>());
        let mut at = high / 2.0;
        if is_last && nth == 0 {
            at = high;
        } else if !is_last {
            high = distances[nth + 1] / 2.0;
            at = high;
            let [below, above] = [
                Side::of(&weights[..split], &distances[..split], at),
                Side::of(&weights[split..], &distances[split..], at),
            ];
            if 1.0 + below.sum + above.sum < 0.0 {
                // Nearer to the next value.
                origin = nth + 1;
                distances = from(origin);
                (low, high) = (distances[nth] / 2.0, 0.0);
                at = low;
            }
        }
        let poles = [distances[left], distances[split]];
        for _ in 0..MOST_STEPS {
            if is_last && nth == 0 {
                break;
            }
            let below = Side::of(&weights[..split], &distances[..split], at);
            let above = Side::of(&weights[split..], &distances[split..], at);
            let value = 1.0 + below.sum + above.sum;
            let slope = below.slope + above.slope;
            let rounding = 4.0 * (1.0 + below.sum.abs() + above.sum.abs()) + at.abs() * slope;
            if value.abs() <= f64::EPSILON / 2.0 * rounding {
                break;
            }
            if value < 0.0 {
                low = at
            } else {
                high = at
            }
            let next = at + step(value, [below.slope, above.slope], poles.map(|pole| pole - at), is_last);
            // Halving also where a step leaves the bracket, or is not a number.
            let next = if next > low && next < high { next } else { low + (high - low) / 2.0 };
            if next == at || next == low || next == high {
                break;
            }
            at = next;
        }
        distances.iter_mut().for_each(|distance| *distance -= at);
        Root { value: values[origin] + at, differences: distances }
    }

    /// The z of which the roots are the exact ones, to rounding: only with it the directions stand at right angles (Gu and Eisenstat).
    pub(super) fn exact_for(&self, roots: &[Root]) -> Vec<f64> {
        let values = &self.values;
        let mut squares = vec![1.0; values.len()];
        for (nth, root) in roots.iter().enumerate() {
            for (i, (square, difference)) in squares.iter_mut().zip(&root.differences).enumerate() {
                *square *= if i == nth { -difference } else { difference / (values[i] - values[nth]) };
            }
        }
        squares.iter().zip(&self.signs).map(|(square, sign)| square.abs().sqrt() * sign).collect()
    }

    /// The eigenvector of a root, of length 1.
    pub(super) fn direction(&self, root: &Root, z: &[f64], to: &mut [f64]) {
        for ((to, z), difference) in to.iter_mut().zip(z).zip(&root.differences) {
            *to = z / difference;
        }
        let length = to.iter().map(|value| value * value).sum::<f64>().sqrt();
        to.iter_mut().for_each(|value| *value /= length);
    }
}

/// To the root of `c + a / (pole_0 - x) + b / (pole_1 - x)` with the function's value and slopes ("the middle way").
fn step(value: f64, slopes: [f64; 2], poles: [f64; 2], is_last: bool) -> f64 {
    let [left, right] = poles;
    let slope = slopes[0] + slopes[1];
    let c = value - left * slopes[0] - right * slopes[1];
    let a = (left + right) * value - left * right * slope;
    let b = left * right * value;
    let root = (a * a - 4.0 * b * c).abs().sqrt();
    match is_last {
        true if a >= 0.0 => (a + root) / (2.0 * c.abs()),
        true => 2.0 * b / (a - root),
        false if a <= 0.0 => (a - root) / (2.0 * c),
        false => 2.0 * b / (a + root),
    }
}
