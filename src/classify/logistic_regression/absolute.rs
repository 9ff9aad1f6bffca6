//! Penalties with absolute values: Newton steps whose quadratic model keeps the penalty as it is, each solved by coordinate
//! descent (Lee, Sun and Saunders 2014, "Proximal Newton-type methods for minimizing composite functions").

use super::newton::{Limits, ROUNDING};
use super::objective::Objective;
use crate::numeric::dense::dot;

/// Passes over the coefficients of one model; hardly any needs a tenth of them.
const PASSES: usize = 10_000;
/// A pass that moves no coefficient by more than this share of the largest one ends the model's descent.
const STILL: f64 = 1e-14;

/// The coefficients that minimise the objective, in standardised units, and whether `max_iter` ended the steps before them.
pub(super) fn minimise(objective: &Objective<'_>, limits: &Limits) -> (Vec<f64>, bool) {
    let mut v = vec![0.0; objective.size()];
    let mut eta = objective.decide(&v);
    let mut value = objective.loss(&eta, &eta, 0.0);
    for _ in 0..limits.max_iter {
        let derivatives = objective.derivatives(&v, &eta, None);
        let goal = model_minimum(objective, &v, &derivatives.gradient, &derivatives.hessian);
        let step: Vec<f64> = goal.iter().zip(&v).map(|(goal, v)| goal - v).collect();
        // What the model promises, at least, of a whole step.
        let slope = dot(&derivatives.gradient, &step) + absolute(objective, &goal) - absolute(objective, &v);
        let fall = -slope / 2.0;
        let done = fall <= limits.tol * limits.tol * value.min(1.0) || fall <= ROUNDING * value;
        match moved(objective, (&v, &eta, value), &step, slope) {
            Some(next) => (v, eta, value) = next,
            None => return (v, false),
        }
        if done {
            return (v, false);
        }
    }
    (v, true)
}

/// The part of the penalty that has no derivative.
fn absolute(objective: &Objective<'_>, v: &[f64]) -> f64 {
    v.iter().enumerate().map(|(j, v)| objective.absolute(j) * v.abs()).sum()
}

/// Where g (u - v) + (u - v) H (u - v) / 2 + penalty(u) is smallest.
fn model_minimum(objective: &Objective<'_>, v: &[f64], gradient: &[f64], hessian: &[f64]) -> Vec<f64> {
    let k = v.len();
    // Only the lower triangle is meaningful.
    let entry = |i: usize, j: usize| if i >= j { hessian[i * k + j] } else { hessian[j * k + i] };
    let mut u = v.to_vec();
    let mut slopes = gradient.to_vec();
    for _ in 0..PASSES {
        let (mut largest, mut moved) = (0.0_f64, 0.0_f64);
        for j in 0..k {
            let curvature = entry(j, j);
            if curvature <= 0.0 {
                continue;
            }
            let free = u[j] - slopes[j] / curvature;
            let threshold = objective.absolute(j) / curvature;
            let next = free.signum() * (free.abs() - threshold).max(0.0);
            let by = next - u[j];
            if by != 0.0 {
                u[j] = next;
                slopes.iter_mut().enumerate().for_each(|(i, slope)| *slope += by * entry(i, j));
            }
            (largest, moved) = (largest.max(next.abs()), moved.max(by.abs()));
        }
        if moved <= STILL * largest {
            break;
        }
    }
    u
}

/// Coefficients, their decision values and the objective there.
type Point = (Vec<f64>, Vec<f64>, f64);

/// The point along `step` where the objective has fallen by Armijo's rule; none where it never does.
fn moved(objective: &Objective<'_>, at: (&[f64], &[f64], f64), step: &[f64], slope: f64) -> Option<Point> {
    let (v, eta, value) = at;
    let delta = objective.decide(step);
    let mut t = 1.0;
    while t > 1e-12 {
        let next: Vec<f64> = v.iter().zip(step).map(|(v, step)| v + t * step).collect();
        let squares: f64 = next.iter().enumerate().map(|(j, v)| objective.penalty(j) * v * v).sum();
        let reached = objective.loss(eta, &delta, t) + squares / 2.0 + absolute(objective, &next);
        if reached <= value + 1e-4 * t * slope + ROUNDING * value {
            let eta = eta.iter().zip(&delta).map(|(eta, delta)| eta + t * delta).collect();
            return Some((next, eta, reached));
        }
        t /= 2.0;
    }
    None
}
