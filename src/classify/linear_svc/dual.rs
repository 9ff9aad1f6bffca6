//! The hinge loss: coordinate descent on the dual, row by row in random order, leaving out rows that stay at their bounds
//! (Hsieh et al. 2008, <https://doi.org/10.1145/1390156.1390208>, algorithm 3).

use super::Problem;
use crate::numeric::dense::{add_scaled, dot};
use crate::numeric::mt19937::Mt19937;

/// What the projected gradients of a pass ranged over.
#[derive(Clone, Copy)]
struct Range {
    low: f64,
    high: f64,
}

const EVERYTHING: Range = Range { low: f64::NEG_INFINITY, high: f64::INFINITY };

/// The coefficients with the least penalty and loss, and whether `max_iter` ended the descent before them. The optimum is one point,
/// whatever the order of the rows.
pub(super) fn solve<'p>(problem: &'p Problem<'p>, tol: f64, max_iter: usize) -> (Vec<f64>, bool) {
    let rows = problem.y.len();
    let squares: Vec<f64> =
        (0..rows).map(|row| dot(problem.row(row), problem.row(row)) + problem.last * problem.last).collect();
    let mut state = State { problem, squares, multipliers: vec![0.0; rows], w: vec![0.0; problem.width()] };
    let mut random = Mt19937::new(0);
    let mut active: Vec<usize> = (0..rows).collect();
    let mut bounds = EVERYTHING;
    for _ in 0..max_iter {
        random.shuffle(&mut active);
        let seen = state.pass(&mut active, bounds);
        if seen.high - seen.low <= tol {
            if active.len() == rows {
                return (state.w, false);
            }
            // Rows that were left out may have moved off their bounds: look at all of them once more.
            active = (0..rows).collect();
            bounds = EVERYTHING;
            continue;
        }
        bounds = Range {
            low: if seen.low < 0.0 { seen.low } else { f64::NEG_INFINITY },
            high: if seen.high > 0.0 { seen.high } else { f64::INFINITY },
        };
    }
    (state.w, true)
}

struct State<'p> {
    problem: &'p Problem<'p>,
    squares: Vec<f64>,
    /// Of each row, from 0 to its cost.
    multipliers: Vec<f64>,
    w: Vec<f64>,
}

impl State<'_> {
    /// One pass over the active rows; drops those that press against their bounds beyond `bounds`.
    fn pass(&mut self, active: &mut Vec<usize>, bounds: Range) -> Range {
        let mut seen = Range { low: f64::INFINITY, high: f64::NEG_INFINITY };
        active.retain(|&row| {
            let (sign, cost) = (self.problem.sign(row), self.problem.cost(row));
            let slope = sign * self.problem.decision(row, &self.w) - 1.0;
            let multiplier = self.multipliers[row];
            let (is_low, is_high) = (multiplier == 0.0, multiplier == cost);
            if (is_low && slope > bounds.high) || (is_high && slope < bounds.low) {
                return false;
            }
            let projected = match (is_low, is_high) {
                (true, _) => slope.min(0.0),
                (_, true) => slope.max(0.0),
                _ => slope,
            };
            seen.low = seen.low.min(projected);
            seen.high = seen.high.max(projected);
            if projected.abs() > 1e-12 && self.squares[row] > 0.0 {
                let next = (multiplier - slope / self.squares[row]).clamp(0.0, cost);
                self.multipliers[row] = next;
                let columns = self.problem.x.ncols();
                let by = (next - multiplier) * sign;
                add_scaled(&mut self.w[..columns], by, self.problem.row(row));
                self.w[columns..].iter_mut().for_each(|last| *last += by * self.problem.last);
            }
            true
        });
        if active.is_empty() { Range { low: 0.0, high: 0.0 } } else { seen }
    }
}
