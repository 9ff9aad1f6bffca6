//! The last digits of a working set's coefficients: Newton's steps on those between their bounds, where pairs take very many steps.
//!
//! On the rows whose coefficient is free, and the bound ones that want to move, the dual is a quadratic function with one equation
//! (the coefficients add up to 0). Its optimum is one linear system. The step there stops at the first bound, whose coefficient then
//! stays (an active set, Nocedal and Wright, "Numerical Optimization", section 16.5), until a step is whole; then the rows that want
//! to move are chosen anew. Every step lowers the dual, and nothing ends but by the rule that pairs end by: what is not solved here,
//! pairs go on with.

use super::smo::Working;
use crate::numeric::cholesky::{self, Factor};
use crate::numeric::dense::{add_scaled, dot};

/// More free rows than this are left to pairs: the system costs the cube of them.
const MOST: usize = 1_200;
/// Choices of the rows that move.
const ROUNDS: usize = 60;
/// Steps to bounds before the system is made anew without the rows that stay.
const STOPS: usize = 40;
/// Bound rows that are let go at a time, for each free one, and at least.
const RELEASED_SHARE: usize = 4;
const RELEASED: usize = 16;
/// What is added to the unit diagonal, so that equal rows and few columns leave a system that can be solved: the step is then to
/// the optimum of the dual plus so much of the step's square.
const RIDGE: f64 = 1e-11;

/// Lowers the dual until the extremes are less than `tol` apart, or for as long as that goes on.
pub(super) fn polish(working: &mut Working, tol: f64) {
    for _ in 0..ROUNDS {
        let (highest, lowest) = working.extremes();
        if highest - lowest < tol || working.is_empty() {
            return;
        }
        let moving = moving(working, tol);
        if moving.len() < 2 || moving.len() > MOST || !working.has_room(moving.len()) {
            return;
        }
        let Some(mut face) = Face::of(working, moving) else { return };
        if !face.descend(working) {
            return;
        }
        face.apply(working);
    }
}

/// The free rows, and of the bound ones those that violate the optimality conditions most.
fn moving(working: &Working, tol: f64) -> Vec<usize> {
    let is_free = |t: &usize| working.free_to_rise_and_fall(*t) == (true, true);
    let mut rows: Vec<usize> = (0..working.len()).filter(is_free).collect();
    let (highest, lowest) = working.extremes();
    let level = match rows.is_empty() {
        true => (highest + lowest) / 2.0,
        false => rows.iter().map(|&t| working.v[t]).sum::<f64>() / rows.len() as f64,
    };
    let violation = |t: usize| match working.free_to_rise_and_fall(t) {
        (true, false) => working.v[t] - level,
        (false, true) => level - working.v[t],
        _ => 0.0,
    };
    let mut bound: Vec<(f64, usize)> =
        (0..working.len()).map(|t| (violation(t), t)).filter(|(violation, _)| *violation > tol / 4.0).collect();
    bound.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    bound.truncate((rows.len() / RELEASED_SHARE).max(RELEASED));
    rows.extend(bound.into_iter().map(|(_, t)| t));
    rows.sort_unstable();
    rows
}

/// The rows that may move, their kernel matrix, and how far they have come.
struct Face {
    rows: Vec<usize>,
    kernel: Vec<f64>,
    factor: Factor,
    v: Vec<f64>,
    beta: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    /// The inverse times a column of ones and, for each row that stays, its unit vector.
    solved: Vec<Vec<f64>>,
    stays: Vec<usize>,
}

impl Face {
    /// None where the kernel is not that of a scalar product.
    fn of(working: &mut Working, rows: Vec<usize>) -> Option<Self> {
        let mut kernel = Vec::with_capacity(rows.len() * rows.len());
        for &t in &rows {
            let row = working.kernel_row(t);
            kernel.extend(rows.iter().map(|&s| row[s]));
        }
        let factor = Factor::of(&kernel, rows.len(), RIDGE)?;
        let chosen = |values: &[f64]| rows.iter().map(|&t| values[t]).collect::<Vec<f64>>();
        let (v, beta) = (chosen(&working.v), chosen(&working.beta));
        let (low, high) = (chosen(&working.low), chosen(&working.high));
        let ones = factor.solve(&vec![1.0; rows.len()])?;
        Some(Face { rows, kernel, factor, v, beta, low, high, solved: vec![ones], stays: Vec::new() })
    }

    /// Steps until one is whole, or enough rows have come to stay; false where nothing moved.
    fn descend(&mut self, working: &Working) -> bool {
        while self.stays.len() < STOPS.min(self.rows.len() - 1) {
            let Some(step) = self.step() else { break };
            // A row at a bound that would have to cross it stays.
            let crosses = |at: usize| {
                step[at] > 0.0 && self.beta[at] >= self.high[at] || step[at] < 0.0 && self.beta[at] <= self.low[at]
            };
            let crossing: Vec<usize> = (0..step.len()).filter(|&at| !self.stays.contains(&at) && crosses(at)).collect();
            if !crossing.is_empty() {
                if !crossing.into_iter().all(|at| self.stay(at)) {
                    break;
                }
                continue;
            }
            match self.walk(&step) {
                Some(at) if self.stay(at) => {}
                _ => break,
            }
        }
        self.rows.iter().zip(&self.beta).any(|(&t, beta)| working.beta[t] != *beta)
    }

    /// The step to the optimum of the rows that move.
    fn step(&self) -> Option<Vec<f64>> {
        let mut step = self.factor.solve(&self.v)?;
        // The conditions: the sum is 0, and so is each row's own step that stays.
        let along = |at: usize, column: &[f64]| match at {
            0 => column.iter().sum::<f64>(),
            _ => column[self.stays[at - 1]],
        };
        let size = self.solved.len();
        let mut system = vec![0.0; size * size];
        for at in 0..size {
            for other in 0..size {
                system[at * size + other] = along(at, &self.solved[other]);
            }
        }
        let wanted: Vec<f64> = (0..size).map(|at| along(at, &step)).collect();
        let factors = cholesky::solve(&system, &wanted, 0.0)?;
        for (column, factor) in self.solved.iter().zip(factors) {
            add_scaled(&mut step, -factor, column);
        }
        self.stays.iter().for_each(|&at| step[at] = 0.0);
        Some(step)
    }

    /// From here on the row does not move; false where the system says nothing any more.
    fn stay(&mut self, at: usize) -> bool {
        let mut unit = vec![0.0; self.rows.len()];
        unit[at] = 1.0;
        let Some(column) = self.factor.solve(&unit) else { return false };
        self.solved.push(column);
        self.stays.push(at);
        true
    }

    /// Goes along the step to its end or the first bound, and says whose that is.
    fn walk(&mut self, step: &[f64]) -> Option<usize> {
        let (mut share, mut stopped) = (1.0, None);
        for (at, &by) in step.iter().enumerate() {
            let room = if by > 0.0 { self.high[at] - self.beta[at] } else { self.low[at] - self.beta[at] };
            if by != 0.0 && room / by < share {
                (share, stopped) = (room / by, Some(at));
            }
        }
        for (at, &by) in step.iter().enumerate() {
            self.beta[at] = (self.beta[at] + share * by).clamp(self.low[at], self.high[at]);
        }
        if let Some(at) = stopped {
            self.beta[at] = if step[at] > 0.0 { self.high[at] } else { self.low[at] };
        }
        for (v, row) in self.v.iter_mut().zip(self.kernel.chunks_exact(self.rows.len())) {
            *v -= share * dot(row, step);
        }
        stopped
    }

    /// Gives the working set what has become of its coefficients.
    fn apply(self, working: &mut Working) {
        let before: f64 = self.rows.iter().map(|&t| working.beta[t]).sum();
        let moved: Vec<(usize, f64)> = self
            .rows
            .iter()
            .zip(&self.beta)
            .map(|(&t, beta)| (t, beta - working.beta[t]))
            .filter(|(_, by)| *by != 0.0)
            .collect();
        self.rows.iter().zip(&self.beta).for_each(|(&t, beta)| working.beta[t] = *beta);
        for (t, by) in moved {
            working.add_row(t, -by);
        }
        // What rounding has left of the sum goes to the row with most room.
        let left = before - self.beta.iter().sum::<f64>();
        let room = |t: usize| (working.high[t] - working.beta[t]).min(working.beta[t] - working.low[t]);
        let widest = self.rows.iter().copied().max_by(|&a, &b| room(a).total_cmp(&room(b)));
        if let Some(t) = widest.filter(|&t| left != 0.0 && room(t) > left.abs()) {
            working.beta[t] += left;
            working.add_row(t, -left);
        }
    }
}
