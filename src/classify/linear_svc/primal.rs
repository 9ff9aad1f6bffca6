//! The squared hinge loss: Newton's method on a function that is quadratic between the rows' margins, so that it ends at the
//! optimum after finitely many steps (Keerthi and DeCoste 2005, <https://jmlr.org/papers/v6/keerthi05a.html>). With an L1
//! penalty a step is the optimum of the quadratic with that penalty, found coordinate by coordinate.

use ndarray::Array2;

use super::Problem;
use crate::numeric::cholesky;
use crate::numeric::dense::{add_scaled, dot};
use crate::numeric::gram::{gram, over_segments};

/// A step that promises less than this share of the objective is the last one.
const LEAST: f64 = 1e-16;
/// A step is halved so often before it is given up: rounding then hides what is left to gain.
const HALVINGS: usize = 40;
/// Passes over the coordinates of one step's quadratic.
const PASSES: usize = 10_000;

/// The coefficients with the least penalty and loss, and whether `max_iter` ended the steps before them.
pub(super) fn solve(problem: &Problem<'_>, absolute: bool, max_iter: usize) -> (Vec<f64>, bool) {
    let mut w = vec![0.0; problem.width()];
    let mut at = problem.at(&w, absolute);
    for _ in 0..max_iter {
        let slope = problem.slope(&at.margins, &w, absolute);
        let curve = problem.curve(&at.margins, absolute);
        let step = match absolute {
            true => absolute_step(&curve, &slope, &w),
            false => newton_step(&curve, &slope),
        };
        // What the quadratic promises of the whole step.
        let promised = dot(&slope, &step) + if absolute { change(&w, &step) } else { 0.0 };
        if promised.is_nan() || -promised <= LEAST * at.value {
            return (w, false);
        }
        let Some(next) = problem.further(&w, &step, (at.value, promised), absolute) else { return (w, false) };
        (w, at) = next;
    }
    (w, true)
}

/// How much the sum of absolute values grows by a step.
fn change(w: &[f64], step: &[f64]) -> f64 {
    w.iter().zip(step).map(|(w, step)| (w + step).abs() - w.abs()).sum()
}

struct At {
    /// 1 - y * decision of each row: a loss where it is positive.
    margins: Vec<f64>,
    value: f64,
}

impl Problem<'_> {
    fn at(&self, w: &[f64], absolute: bool) -> At {
        let parts = over_segments(self.y.len(), |rows| {
            let margins: Vec<f64> = rows.clone().map(|row| 1.0 - self.sign(row) * self.decision(row, w)).collect();
            let lost = rows.zip(&margins).filter(|(_, margin)| **margin > 0.0);
            let loss: f64 = lost.map(|(row, margin)| self.cost(row) * margin * margin).sum();
            (margins, loss)
        });
        let penalty = if absolute { w.iter().map(|w| w.abs()).sum() } else { 0.5 * dot(w, w) };
        let value = penalty + parts.iter().map(|(_, loss)| loss).sum::<f64>();
        At { margins: parts.into_iter().flat_map(|(margins, _)| margins).collect(), value }
    }

    /// The gradient; of the loss alone where the penalty has none.
    fn slope(&self, margins: &[f64], w: &[f64], absolute: bool) -> Vec<f64> {
        let columns = self.x.ncols();
        let parts = over_segments(self.y.len(), |rows| {
            let mut sum = vec![0.0; w.len()];
            for row in rows.filter(|&row| margins[row] > 0.0) {
                let factor = -2.0 * self.cost(row) * self.sign(row) * margins[row];
                add_scaled(&mut sum[..columns], factor, self.row(row));
                sum[columns..].iter_mut().for_each(|last| *last += factor * self.last);
            }
            sum
        });
        let start = if absolute { vec![0.0; w.len()] } else { w.to_vec() };
        parts.iter().fold(start, |mut all, part| {
            add_scaled(&mut all, 1.0, part);
            all
        })
    }

    /// The matrix of second derivatives where the margins stay on their sides.
    fn curve(&self, margins: &[f64], absolute: bool) -> Array2<f64> {
        let lost: Vec<usize> = (0..margins.len()).filter(|&row| margins[row] > 0.0).collect();
        let mut curve = gram(lost.len(), self.width(), |nth, z| {
            self.write(lost[nth], z);
            let root = (2.0 * self.cost(lost[nth])).sqrt();
            z.iter_mut().for_each(|z| *z *= root);
        });
        if !absolute {
            curve.diag_mut().iter_mut().for_each(|value| *value += 1.0);
        }
        curve
    }

    /// The first of the halved steps that lowers the objective enough; none where rounding lets none do so.
    fn further(
        &self,
        w: &[f64],
        step: &[f64],
        (value, promised): (f64, f64),
        absolute: bool,
    ) -> Option<(Vec<f64>, At)> {
        let mut share = 1.0;
        for _ in 0..HALVINGS {
            let next: Vec<f64> = w.iter().zip(step).map(|(w, step)| w + share * step).collect();
            let at = self.at(&next, absolute);
            if at.value <= value + 1e-4 * share * promised && at.value < value {
                return Some((next, at));
            }
            share /= 2.0;
        }
        None
    }
}

fn newton_step(curve: &Array2<f64>, slope: &[f64]) -> Vec<f64> {
    let against: Vec<f64> = slope.iter().map(|slope| -slope).collect();
    let flat = curve.as_slice().unwrap_or_default();
    // Columns of very unlike size leave the matrix singular to working precision; a little more of its diagonal helps.
    [0.0, 1e-12, 1e-8, 1e-4].iter().find_map(|ridge| cholesky::solve(flat, &against, *ridge)).unwrap_or(against)
}

/// The step to the least of slope * d + d * curve * d / 2 + the absolute values of w + d.
fn absolute_step(curve: &Array2<f64>, slope: &[f64], w: &[f64]) -> Vec<f64> {
    let width = w.len();
    let mut step = vec![0.0; width];
    // The gradient of the quadratic at the step so far.
    let mut along = slope.to_vec();
    let mut first = 0.0;
    for pass in 0..PASSES {
        let mut moved = 0.0;
        for at in 0..width {
            // A column of zeros on all rows with a loss: liblinear's least curvature.
            let bend = curve[(at, at)].max(1e-12);
            let here = w[at] + step[at];
            let target = here - along[at] / bend;
            let next = target.signum() * (target.abs() - 1.0 / bend).max(0.0);
            let by = next - here;
            if by != 0.0 {
                step[at] += by;
                for (other, along) in along.iter_mut().enumerate() {
                    *along += curve[(other, at)] * by;
                }
                moved += bend * by * by;
            }
        }
        if pass == 0 {
            first = moved;
        }
        if moved <= 1e-24 * first {
            break;
        }
    }
    step
}
