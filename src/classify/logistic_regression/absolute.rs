//! Penalties with absolute values: Newton steps whose quadratic model keeps the penalty as it is, each solved by coordinate
//! descent (Lee, Sun and Saunders 2014, "Proximal Newton-type methods for minimizing composite functions").

use super::newton::{Limits, ROUNDING};
use super::objective::Objective;
use crate::numeric::dense::dot;
use crate::numeric::penalised::{Penalised, mirror};

/// A pass that moves no coefficient by more than this share of the largest one ends the model's descent.
const STILL: f64 = 1e-14;

/// The coefficients that minimise the objective, in standardised units, and whether `max_iter` ended the steps before them.
pub(super) fn minimise(objective: &Objective<'_>, limits: &Limits) -> (Vec<f64>, bool) {
    let mut v = vec![0.0; objective.size()];
    let mut eta = objective.decide(&v);
    let mut value = objective.loss(&eta, &eta, 0.0);
    for _ in 0..limits.max_iter {
        let derivatives = objective.derivatives(&v, &eta, None);
        let goal = model_minimum(objective, &v, &derivatives.gradient, derivatives.hessian);
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

/// Where g (u - v) + (u - v) H (u - v) / 2 + penalty(u) is smallest. Of H only the lower triangle is meaningful.
fn model_minimum(objective: &Objective<'_>, v: &[f64], gradient: &[f64], mut hessian: Vec<f64>) -> Vec<f64> {
    let k = v.len();
    mirror(&mut hessian, k);
    let bends = (0..k).map(|j| hessian[j * k + j]).collect();
    let absolute = (0..k).map(|j| objective.absolute(j)).collect();
    let model = Penalised { curve: hessian, bends, absolute };
    model.minimum(v, gradient, |pass| pass.moved <= STILL * pass.largest)
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
