//! Newton's method without a Hessian, for fewer rows than columns or very many of both: a step is found by conjugate gradients, each of which reads the rows
//! once, and is found the more exactly the closer the optimum is.

use super::newton::{Goal, Limits, Point};
use super::objective::Objective;
use crate::numeric::dense::{add_scaled, dot};
use crate::numeric::row_products::{across, sum};

/// The least and the most that conjugate gradients may leave of a gradient: the root of what they leave of a step's fall.
const EXACT: f64 = 1e-6;
const ROUGH: f64 = 0.1;
/// How much less than that of a factorised Hessian the last step promises: these steps close in more slowly, so that what the last one
/// leaves is nearer to what it promised.
const LAST: f64 = 1e-4;
/// Readings of the rows at the most. Then columns of unlike sizes keep the gradients from ending, and a factorisation is as fast.
const LEAST_READINGS: usize = 200;
const ROWS_A_READING: usize = 4;
/// With more rows than columns, a Hessian and its factorisation take as long as about one reading for each 32 columns, and some eight
/// of them are needed: no more than a third of that is ventured.
const COLUMNS_A_READING: usize = 12;

/// How often the rows may be read at the most.
pub(super) fn readings(rows: usize, columns: usize) -> usize {
    if rows < columns { LEAST_READINGS.max(rows / ROWS_A_READING) } else { columns / COLUMNS_A_READING }
}

/// The coefficients that minimise the objective, whose columns are not to be standardised. None where that would take more `readings`,
/// or more steps than `max_iter`: these are inexact, and a factorisation needs fewer.
pub(super) fn minimise(objective: &Objective<'_>, limits: &Limits, mut readings: usize) -> Option<Vec<f64>> {
    let goal = Goal::of(limits);
    let mut at = Point::new(objective, vec![0.0; objective.size()]);
    let mut first = None;
    for _ in 0..goal.steps {
        let [slopes, curvatures] = objective.bends(&at.eta);
        let quadratic = Quadratic::of(objective, curvatures)?;
        let mut gradient = quadratic.across(&slopes);
        (0..gradient.len()).for_each(|j| gradient[j] += objective.penalty(j) * at.v[j]);
        let size = quadratic.size(&gradient);
        if size == 0.0 {
            return Some(at.v);
        }
        let share = (size / *first.get_or_insert(size)).sqrt();
        let left = if share.is_nan() { return None } else { share.clamp(EXACT, ROUGH) };
        let step = quadratic.step(&gradient, left, &mut readings)?;
        let taken = at.take(objective, step, gradient);
        // A share of a step's length leaves the square of it of the step's fall.
        if goal.reached(taken.fall * (left / EXACT).powi(2) / LAST, at.value, true) {
            return Some(at.v);
        }
        if taken.length == 0.0 {
            return None;
        }
    }
    None
}

/// The second derivatives at a point, as what they make of a vector.
struct Quadratic<'q, 'o> {
    objective: &'q Objective<'o>,
    /// Of the loss, by each row's decision value.
    curvatures: Vec<f64>,
    /// One over the diagonal.
    inverse: Vec<f64>,
    /// With an intercept: the curvature between it and each column.
    ones: Vec<f64>,
}

impl<'q, 'o> Quadratic<'q, 'o> {
    /// None where a square of a column is too large or too small for an f64.
    fn of(objective: &'q Objective<'o>, curvatures: Vec<f64>) -> Option<Self> {
        let mut diagonal: Vec<f64> = (0..objective.size()).map(|j| objective.penalty(j)).collect();
        for (row, curvature) in objective.x.rows().into_iter().zip(&curvatures) {
            diagonal.iter_mut().zip(row).for_each(|(own, value)| *own += curvature * (value * value));
        }
        if objective.intercept {
            diagonal[objective.x.ncols()] += curvatures.iter().sum::<f64>();
        }
        let inverse: Vec<f64> = diagonal.iter().map(|own| 1.0 / own).collect();
        let ones = across(objective.x.view(), &curvatures);
        let is_whole = inverse.iter().all(|inverse| *inverse > 0.0 && inverse.is_finite());
        is_whole.then_some(Quadratic { objective, curvatures, inverse, ones })
    }

    /// The rows, each with its 1 for the intercept, times `a`.
    fn across(&self, a: &[f64]) -> Vec<f64> {
        let mut sum = across(self.objective.x.view(), a);
        if self.objective.intercept {
            sum.push(a.iter().sum());
        }
        sum
    }

    fn applied(&self, v: &[f64]) -> Vec<f64> {
        let columns = self.objective.x.ncols();
        let offset = v.get(columns).copied().unwrap_or(0.0);
        let bent = |row: usize, own: &[f64]| (dot(own, &v[..columns]) + offset) * self.curvatures[row];
        let mut made = sum(self.objective.x.view(), bent);
        if self.objective.intercept {
            made.push(dot(&self.ones, &v[..columns]) + offset * self.curvatures.iter().sum::<f64>());
        }
        (0..v.len()).for_each(|j| made[j] += self.objective.penalty(j) * v[j]);
        made
    }

    /// The squared length of a gradient, each column in its own unit.
    fn size(&self, gradient: &[f64]) -> f64 {
        gradient.iter().zip(&self.inverse).map(|(own, inverse)| own * own * inverse).sum()
    }

    /// The step to the minimum, as far as `share` of the gradient is left there; none when there are no `readings` left.
    fn step(&self, gradient: &[f64], share: f64, readings: &mut usize) -> Option<Vec<f64>> {
        let mut step = vec![0.0; gradient.len()];
        let mut left: Vec<f64> = gradient.iter().map(|own| -own).collect();
        let mut along: Vec<f64> = left.iter().zip(&self.inverse).map(|(left, inverse)| left * inverse).collect();
        let mut size = self.size(&left);
        let enough = share * share * size;
        while size > enough {
            *readings = readings.checked_sub(1)?;
            let made = self.applied(&along);
            let by = size / dot(&along, &made);
            if !by.is_finite() {
                return None;
            }
            add_scaled(&mut step, by, &along);
            add_scaled(&mut left, -by, &made);
            let next = self.size(&left);
            for ((along, left), inverse) in along.iter_mut().zip(&left).zip(&self.inverse) {
                *along = left * inverse + next / size * *along;
            }
            size = next;
        }
        Some(step)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::super::objective::Standard;
    use super::*;
    use crate::numeric::dense::worst;

    fn rows(size: impl Fn(usize) -> f64) -> (Array2<f64>, Vec<u8>) {
        shaped((300, 500), size)
    }

    fn shaped((n, columns): (usize, usize), size: impl Fn(usize) -> f64) -> (Array2<f64>, Vec<u8>) {
        let x = Array2::from_shape_fn((n, columns), |(i, j)| {
            let bits = ((i * columns + j) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let bits = (bits ^ (bits >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            ((bits >> 40) as f64 / f64::from(1 << 23) - 1.0) * size(j)
        });
        (x, (0..n).map(|i| u8::from(i % 7 == 2)).collect())
    }

    fn minimised(x: &Array2<f64>, y: &[u8], intercept: bool, max_iter: usize) -> Option<(f64, f64)> {
        let (standard, own) = (&Standard::none(x.ncols()), None);
        let objective =
            Objective { x: x.view(), y, rows: None, weight: [1.0, 2.0], own, standard, intercept, l1: 0.0, l2: 1.0 };
        let v = minimise(&objective, &Limits { tol: 1e-4, max_iter }, LEAST_READINGS)?;
        Some((worst(objective.gradient(&v, &objective.decide(&v))), dot(&v, &v).sqrt()))
    }

    #[test]
    fn the_gradient_is_zero_at_the_answer() {
        let (x, y) = rows(|_| 1.0);
        for intercept in [true, false] {
            let (slope, length) = minimised(&x, &y, intercept, 100).unwrap();
            assert!(slope < 1e-8 && length > 1.0, "{slope:e} {length}");
        }
    }

    /// With a column of zeros.
    #[test]
    fn it_is_with_more_rows_than_columns_too() {
        let (x, y) = shaped((400, 300), |j| if j == 4 { 0.0 } else { 1.0 });
        for intercept in [true, false] {
            let (slope, length) = minimised(&x, &y, intercept, 100).unwrap();
            assert!(slope < 1e-8 && length > 1.0, "{slope:e} {length}");
        }
        assert_eq!([readings(400, 300), readings(300, 500), readings(4_000, 5_000)], [25, 200, 1_000]);
    }

    #[test]
    fn columns_of_unlike_sizes_are_left_to_a_factorisation() {
        let (x, y) = rows(|j| 10_f64.powi(j as i32 % 7 - 3));
        assert_eq!(minimised(&x, &y, true, 100), None);
    }

    /// A factorisation decides: its exact steps are fewer.
    #[test]
    fn more_steps_than_max_iter_are_left_to_a_factorisation() {
        let (x, y) = rows(|_| 1.0);
        assert_eq!(minimised(&x, &y, true, 2), None);
    }

    /// Its square is infinite and the gradient's is not: its coefficient would have been 0 whatever it says.
    #[test]
    fn a_column_that_is_too_large_to_square_is_left_to_a_factorisation() {
        let (mut x, y) = rows(|j| if j == 4 { 0.0 } else { 1.0 });
        x[(5, 4)] = 1.5e154;
        assert_eq!(minimised(&x, &y, true, 100), None);
    }
}
