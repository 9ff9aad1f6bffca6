//! Damped Newton on the penalised loss. Far from the optimum the line search keeps every step a descent; close to it
//! the steps converge faster than linearly, so that the answer is the optimum to rounding, whatever scikit-learn's lbfgs would
//! have stopped at.

use super::curvature::Curvature;
use super::objective::{Objective, Sample, Standard};
use crate::numeric::dense::{add_scaled, dot};

/// Below this many rows a warm start costs more than it saves.
const WARM_START_ROWS: usize = 4_000;
/// The warm start has about one row in this many.
const WARM_START_SHARE: usize = 16;
const WARM_START_ROWS_A_COLUMN: usize = 128;
/// A rough answer is enough for a start, and a subset may be separable where the whole is not.
const WARM_START_STEPS: usize = 12;
const WARM_START_FALL: f64 = 1e-4;
/// From this many columns on the Hessian is most of the work, and is estimated.
const ESTIMATE_COLUMNS: usize = 64;
/// The estimate sees one row in this many, or more when there are many columns.
const ESTIMATE_SHARE: usize = 8;
const ESTIMATE_ROWS_A_COLUMN: usize = 8;
/// This many columns make a Hessian of all rows as dear as one more gradient.
const COLUMNS_A_GRADIENT: f64 = 32.0;
/// A step that is so much too long or too short comes from a curvature that is not this place's.
const ASTRAY: f64 = 8.0;
/// Steps from one Hessian: with more to remember, a new one is cheaper.
const MOST_CORRECTIONS: usize = 40;
/// A step whose promise is to be believed less than an exact Hessian's is followed by others until they promise this much less.
const INEXACT: f64 = 1e-8;
/// Steps that promise at least this share of the objective are looked along, this often, until the slope is this share of the first.
const SEARCHED: f64 = 1e-3;
const LOOKS: usize = 12;
const FLAT: f64 = 0.1;
/// What a sum of a hundred thousand losses may be off by, relatively.
pub(super) const ROUNDING: f64 = 1e-14;

/// What the solver needs besides the rows.
pub(super) struct Limits {
    pub(super) tol: f64,
    pub(super) max_iter: usize,
}

/// When a descent is done.
pub(super) struct Goal {
    /// The fall that a last step may promise, as a share of the objective, or of 1 where the objective is larger and `capped`.
    share: f64,
    capped: bool,
    /// How much less a step must promise that is not from an exact Hessian.
    inexact: f64,
    /// The most Hessians.
    pub(super) steps: usize,
}

impl Goal {
    /// Of the last answer.
    pub(super) fn of(limits: &Limits) -> Self {
        Goal { share: limits.tol * limits.tol, capped: true, inexact: INEXACT, steps: limits.max_iter }
    }

    pub(super) fn reached(&self, fall: f64, value: f64, exact: bool) -> bool {
        let of = if self.capped { value.min(1.0) } else { value };
        let enough = (self.share * of).max(ROUNDING * value);
        fall <= if exact { enough } else { enough * self.inexact }
    }
}

/// The coefficients that minimise the objective, in standardised units, and whether `max_iter` ended the steps before them. The
/// minority is small, so a first answer comes from all of it and a share of the majority; only the last few steps see every row.
pub(super) fn minimise(objective: &Objective<'_>, counts: [usize; 2], limits: &Limits) -> (Vec<f64>, bool) {
    let zero = vec![0.0; objective.size()];
    let start = warm_start(objective, counts).unwrap_or_else(|| zero.clone());
    descend(objective, vec![zero, start], &Goal::of(limits))
}

fn warm_start(objective: &Objective<'_>, counts: [usize; 2]) -> Option<Vec<f64>> {
    let n = objective.y.len();
    if n < WARM_START_ROWS {
        return None;
    }
    // One row of each class in so many.
    let stride = strides(counts, (n / WARM_START_SHARE).max(WARM_START_ROWS_A_COLUMN * objective.size()))?;
    let mut met = [0; 2];
    let mut kept = [0; 2];
    let rows: Vec<u32> = (0..n as u32)
        .filter(|&i| {
            let class = usize::from(objective.y[i as usize]);
            let is_kept = met[class] % stride[class] == 0;
            met[class] += 1;
            kept[class] += usize::from(is_kept);
            is_kept
        })
        .collect();
    let weight = std::array::from_fn(|class| objective.weight[class] * (counts[class] as f64 / kept[class] as f64));
    let &Objective { y, own, standard, intercept, l1, l2, .. } = objective;
    // A new view, because views keep the lifetime that they were made with.
    let subset = Objective { x: objective.x.view(), y, rows: Some(&rows), weight, own, standard, intercept, l1, l2 };
    let goal = Goal { share: WARM_START_FALL, capped: false, inexact: 1.0, steps: WARM_START_STEPS };
    Some(descend(&subset, vec![vec![0.0; objective.size()]], &goal).0)
}

/// The strides by which a warm start takes rows of each class: all of a small minority and about `least` of the others, or
/// about half as many of each; none where that would leave little out.
fn strides(counts: [usize; 2], least: usize) -> Option<[usize; 2]> {
    let [few, many] = [counts[0].min(counts[1]), counts[0].max(counts[1])];
    let kept = least.max(few);
    let [of_few, of_many] = match few + kept <= (few + many) / 2 {
        true => [1, many / kept],
        false => [few, many].map(|count| count / least.div_ceil(2)),
    };
    (of_few >= 1 && of_many >= 2).then_some(if counts[1] < counts[0] { [of_many, of_few] } else { [of_few, of_many] })
}

/// Newton steps from the best of `starts` to the goal, the last step included; and whether they ran out before it.
fn descend(objective: &Objective<'_>, starts: Vec<Vec<f64>>, goal: &Goal) -> (Vec<f64>, bool) {
    let Some(mut at) = starts.into_iter().map(|v| Point::new(objective, v)).min_by(|a, b| a.value.total_cmp(&b.value))
    else {
        return (vec![0.0; objective.size()], false);
    };
    let mut ridge = 0.0;
    let mut sample = first_sample(objective);
    for made in 0.. {
        if made == goal.steps {
            return (at.v, true);
        }
        sample = sample.map(|sample| sample.moved(objective.curvatures(&at.eta)));
        let derivatives = objective.derivatives(&at.v, &at.eta, sample.as_ref());
        let Some(mut curvature) = Curvature::of(&derivatives.hessian, ridge) else { break };
        // The step shrinks with a ridge, so a ridge that was needed once is tried smaller next time.
        ridge = if curvature.ridge > 1e-13 { curvature.ridge / 100.0 } else { 0.0 };
        let Some(step) = curvature.step(&derivatives.gradient) else { break };
        let taken = at.take(objective, step, derivatives.gradient);
        if goal.reached(taken.fall, at.value, sample.is_none()) {
            break;
        }
        if taken.length == 0.0 {
            if sample.take().is_some() {
                continue;
            }
            // A direction spoilt by rounding: lean towards the gradient, and give up where even that finds nothing.
            if curvature.ridge > 1e-2 {
                break;
            }
            ridge = (curvature.ridge * 1e3).max(1e-9);
            continue;
        }
        let first = taken.fall;
        // A new Hessian lowers the promise about a hundredfold; so must steps that together take as long.
        let seen = sample.as_ref().map_or(1.0, |sample| sample.share_of(objective.rows()));
        let worth = 0.01_f64.powf(1.0 / (1.0 + seen * objective.size() as f64 / COLUMNS_A_GRADIENT));
        let Some(last) = go_on(objective, &mut at, taken, &mut curvature, (goal, worth)) else { break };
        // Close to the optimum, an estimate that brings it hardly closer is not good enough.
        let of_use = last < first / 4.0 || first > 1e-4 * at.value;
        sample = sample.filter(|_| of_use).map(|sample| sample.next(&derivatives.hessian));
    }
    (at.v, false)
}

/// Steps with the curvature of before, while each lowers the promise to `worth` of the one before it; none where the goal is
/// reached, or what the last of them promised.
fn go_on(
    objective: &Objective<'_>,
    at: &mut Point,
    first: Taken,
    curvature: &mut Curvature,
    (goal, worth): (&Goal, f64),
) -> Option<f64> {
    let mut taken = first;
    while (1.0 / ASTRAY..=ASTRAY).contains(&taken.length) && curvature.corrections() < MOST_CORRECTIONS {
        let gradient = objective.gradient(&at.v, &at.eta);
        let change = gradient.iter().zip(&taken.gradient).map(|(after, before)| after - before).collect();
        taken.step.iter_mut().for_each(|step| *step *= taken.length);
        curvature.correct(taken.step, change);
        let Some(step) = curvature.step(&gradient) else { break };
        let before = taken.fall;
        taken = at.take(objective, step, gradient);
        if goal.reached(taken.fall, at.value, false) {
            return None;
        }
        if taken.fall > worth * before {
            break;
        }
    }
    Some(taken.fall)
}

/// How to estimate Hessians, when there are columns enough for that to pay.
fn first_sample(objective: &Objective<'_>) -> Option<Sample> {
    let (rows, columns) = (objective.rows(), objective.size());
    let size = (rows / ESTIMATE_SHARE).max(ESTIMATE_ROWS_A_COLUMN * columns);
    (columns >= ESTIMATE_COLUMNS && 2 * rows >= 3 * size).then(|| Sample::new(size))
}

/// A step along a direction.
pub(super) struct Taken {
    /// How much the objective would have fallen by the whole of it, if it were the quadratic that the step is made from.
    pub(super) fall: f64,
    step: Vec<f64>,
    /// How much of it was taken; 0: none.
    pub(super) length: f64,
    /// The gradient before.
    gradient: Vec<f64>,
}

/// Coefficients with what is known of them.
pub(super) struct Point {
    pub(super) v: Vec<f64>,
    pub(super) eta: Vec<f64>,
    penalty: f64,
    pub(super) value: f64,
}

impl Point {
    pub(super) fn new(objective: &Objective<'_>, v: Vec<f64>) -> Self {
        let eta = objective.decide(&v);
        let penalty = (0..v.len()).map(|j| objective.penalty(j) * v[j] * v[j]).sum::<f64>() / 2.0;
        let value = objective.loss(&eta, &eta, 0.0) + penalty;
        Point { v, eta, penalty, value }
    }

    /// Goes along `step` to about where the objective is smallest, or at least as far as it falls by Armijo's rule.
    pub(super) fn take(&mut self, objective: &Objective<'_>, step: Vec<f64>, gradient: Vec<f64>) -> Taken {
        let slope = dot(&gradient, &step);
        let mut taken = Taken { fall: -slope / 2.0, step, length: 0.0, gradient };
        let delta = objective.decide(&taken.step);
        let weighed = |a: &[f64]| (0..a.len()).map(|j| objective.penalty(j) * a[j] * taken.step[j]).sum::<f64>();
        let penalties = [weighed(&self.v), weighed(&taken.step)];
        let mut t = match taken.fall > SEARCHED * self.value {
            true => self.lowest(objective, &delta, slope, penalties),
            false => 1.0,
        };
        while t > 1e-12 {
            let penalty = self.penalty + t * (penalties[0] + t * penalties[1] / 2.0);
            let value = objective.loss(&self.eta, &delta, t) + penalty;
            if value <= self.value + 1e-4 * t * slope + ROUNDING * self.value {
                add_scaled(&mut self.v, t, &taken.step);
                add_scaled(&mut self.eta, t, &delta);
                // Rounding may leave a penalty of zero a little below it.
                (self.penalty, self.value) = (penalty.max(0.0), value);
                taken.length = t;
                break;
            }
            t /= 2.0;
        }
        taken
    }

    /// About how much of a step leads to the lowest point along it: a look along it costs far less than a Hessian, and where the
    /// classes are nearly apart whole steps are too short by far.
    fn lowest(&self, objective: &Objective<'_>, delta: &[f64], slope: f64, [linear, square]: [f64; 2]) -> f64 {
        let mut t = 1.0;
        // The slope changes its sign between them.
        let (mut low, mut high) = (0.0, f64::INFINITY);
        for _ in 0..LOOKS {
            let [first, second] = objective.along(&self.eta, delta, t);
            let (first, second) = (first + linear + t * square, second + square);
            if first.abs() <= FLAT * slope.abs() {
                break;
            }
            if first < 0.0 {
                low = t
            } else {
                high = t
            }
            let newton = t - first / second;
            let most = if high.is_finite() { high } else { 4.0 * t };
            t = match newton > low && newton < most {
                true => newton,
                false if high.is_finite() => (low + high) / 2.0,
                false => most,
            };
        }
        t
    }
}

/// Coefficients in the caller's units, to be applied to x - centre, and the intercept there.
pub(super) fn in_callers_units(v: &[f64], standard: &Standard) -> (Vec<f64>, f64) {
    let d = standard.inverse.len();
    let coefficients = v[..d].iter().zip(&standard.inverse).map(|(v, inverse)| v * inverse).collect();
    (coefficients, v.get(d).copied().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, arr2};

    use super::*;

    /// A few hundred rows with duplicates, a constant column, collinear columns and one of size 1e10.
    fn rows() -> (Array2<f64>, Vec<u8>) {
        let x = Array2::from_shape_fn((300, 5), |(i, j)| {
            let a = ((i * 37) % 101) as f64 / 10.0 - 5.0;
            match j {
                0 => a,
                1 => 3.5,
                2 => 1e10 + 1e9 * ((i * 17) % 29) as f64,
                3 => 2.0 * a,
                _ => ((i * 53) % 31) as f64 * 1e-3,
            }
        });
        let y = (0..300).map(|i| u8::from((i * 37) % 101 > 80 && i % 7 != 0)).collect();
        (x, y)
    }

    /// The gradient in the caller's units, summed plainly: C sum s_i (p_i - y_i) x_ij + w_j, and without w for the intercept.
    fn gradient(x: &Array2<f64>, y: &[u8], weight: [f64; 2], w: &[f64], b: f64, centre: &[f64]) -> Vec<f64> {
        let mut sums = w.to_vec();
        sums.push(0.0);
        for (row, &label) in x.rows().into_iter().zip(y) {
            let eta: f64 = b + row.iter().zip(centre).zip(w).map(|((x, c), w)| (x - c) * w).sum::<f64>();
            let residual = weight[usize::from(label)] * (1.0 / (1.0 + (-eta).exp()) - f64::from(label));
            for j in 0..w.len() {
                sums[j] += residual * row[j];
            }
            sums[w.len()] += residual;
        }
        sums
    }

    #[test]
    fn the_gradient_is_zero_at_the_answer() {
        let (x, y) = rows();
        for (weight, intercept) in [([1.0, 1.0], true), ([0.6, 4.0], true), ([50.0, 50.0], false)] {
            let standard = Standard::of(x.view(), intercept);
            let (standard, l1, l2) = (&standard, 0.0, 1.0);
            let objective =
                Objective { x: x.view(), y: &y, rows: None, weight, own: None, standard, intercept, l1, l2 };
            let (v, _) = minimise(&objective, [250, 50], &Limits { tol: 1e-6, max_iter: 100 });
            let (w, b) = in_callers_units(&v, standard);
            for (j, g) in gradient(&x, &y, weight, &w, b, &standard.centre).iter().enumerate() {
                // Columns of size 1e10 have a gradient of that size, so what counts is relative to the column.
                let size = x.column(j.min(4)).iter().fold(1.0_f64, |m, x| m.max(x.abs()));
                let free = j < 5 || intercept;
                assert!(!free || g.abs() / size < 1e-7, "weight {weight:?}, column {j}: {g:e}");
            }
        }
    }

    #[test]
    fn estimated_hessians_lead_to_the_same_answer() {
        let x = Array2::from_shape_fn((12_000, 70), |(i, j)| {
            let bits = ((i * 70 + j) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            ((bits ^ (bits >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / f64::from(1 << 23) - 1.0
        });
        let y: Vec<u8> = (0..12_000).map(|i| u8::from(x[[i, 0]] + x[[i, 1]] > 1.2 && i % 9 != 0)).collect();
        let standard = Standard::of(x.view(), true);
        let weight = [0.1, 0.1];
        let (standard, l1, l2) = (&standard, 0.0, 1.0);
        let objective =
            Objective { x: x.view(), y: &y, rows: None, weight, own: None, standard, intercept: true, l1, l2 };
        assert!(first_sample(&objective).is_some(), "this test is about estimates");
        let positives = y.iter().filter(|&&label| label == 1).count();
        let (v, _) = minimise(&objective, [12_000 - positives, positives], &Limits { tol: 1e-6, max_iter: 100 });
        let (w, b) = in_callers_units(&v, standard);
        let worst = gradient(&x, &y, weight, &w, b, &standard.centre).iter().fold(0.0_f64, |m, g| m.max(g.abs()));
        assert!(worst < 1e-8 && w[0] > 1.0, "{worst:e} {w:?}");
    }

    #[test]
    fn a_warm_start_has_all_of_a_rare_class_and_a_share_of_classes_that_are_not() {
        assert_eq!(strides([99_000, 1_000], 6_250), Some([15, 1]));
        assert_eq!(strides([1_000, 99_000], 6_250), Some([1, 15]));
        assert_eq!(strides([50_000, 50_000], 6_250), Some([16, 16]));
        assert_eq!(strides([14_000, 6_000], 1_250), Some([22, 9]));
        assert_eq!(strides([60, 40], 100), None);
    }

    #[test]
    fn a_warm_start_lies_near_the_answer_whatever_the_share_of_positives() {
        let n = 24_000;
        let x = Array2::from_shape_fn((n, 3), |(i, j)| {
            let bits = ((i * 3 + j) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            ((bits ^ (bits >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / f64::from(1 << 23) - 1.0
        });
        let standard = Standard::of(x.view(), true);
        for threshold in [1.5, 0.0, -0.5] {
            let y: Vec<u8> = (0..n).map(|i| u8::from(x[[i, 0]] + x[[i, 1]] > threshold && i % 9 != 0)).collect();
            let (weight, standard, l1, l2) = ([1.0, 1.0], &standard, 0.0, 1.0);
            let objective =
                Objective { x: x.view(), y: &y, rows: None, weight, own: None, standard, intercept: true, l1, l2 };
            let positives = y.iter().filter(|&&label| label == 1).count();
            let counts = [n - positives, positives];
            let value = |v: Vec<f64>| Point::new(&objective, v).value;
            let best = value(minimise(&objective, counts, &Limits { tol: 1e-6, max_iter: 100 }).0);
            let (start, zero) = (value(warm_start(&objective, counts).unwrap()), value(vec![0.0; 4]));
            assert!(start - best < 0.01 * (zero - best), "{positives}: {zero} {start} {best}");
        }
    }

    #[test]
    fn a_step_ends_where_the_slope_along_it_is_a_tenth_of_the_first() {
        let (x, y) = rows();
        let standard = Standard::of(x.view(), true);
        let (weight, standard, l1, l2) = ([1.0, 1.0], &standard, 0.0, 1.0);
        let objective =
            Objective { x: x.view(), y: &y, rows: None, weight, own: None, standard, intercept: true, l1, l2 };
        // From far too short to far too long.
        for size in [1e-3, 0.1, 1.0, 10.0] {
            let mut at = Point::new(&objective, vec![0.0; 6]);
            let gradient = objective.gradient(&at.v, &at.eta);
            let step: Vec<f64> = gradient.iter().map(|slope| -size * slope).collect();
            let first = dot(&gradient, &step);
            let taken = at.take(&objective, step, gradient);
            let last = dot(&objective.gradient(&at.v, &at.eta), &taken.step);
            assert!(taken.length > 0.0 && last.abs() <= FLAT * first.abs() * 1.001, "{size}: {first:e} {last:e}");
        }
    }

    #[test]
    fn separable_rows_end_at_a_finite_optimum() {
        let x = arr2(&[[-1e-3], [-2e-3], [1e-3], [3e-3]]);
        let standard = Standard::of(x.view(), true);
        let objective = Objective {
            x: x.view(),
            y: &[0, 0, 1, 1],
            rows: None,
            weight: [1e12, 1e12],
            own: None,
            standard: &standard,
            intercept: true,
            l1: 0.0,
            l2: 1.0,
        };
        let (v, _) = minimise(&objective, [2, 2], &Limits { tol: 1e-4, max_iter: 200 });
        let derivatives = objective.derivatives(&v, &objective.decide(&v), None);
        let (w, _) = in_callers_units(&v, &standard);
        assert!(w[0] > 1e4 && derivatives.gradient[0].abs() < 1e-6 * w[0] * 3e-3, "{w:?} {:?}", derivatives.gradient);
    }
}
