//! The steps of [`super::primal`] where rows are fewer than columns, or hardly more: the optimum of the quadratic is made of the rows
//! with a loss, and is found among as many multipliers as there are of them. A matrix of the columns' second derivatives would be
//! larger, or have to be made in every step.
//!
//! Coefficients that are made of multipliers have the rounding of these, times the rows: with a column of size 1e7 that is much. So
//! they are a start only. A step from there is found by what the slope says, and its rounding shrinks with the slope.

use ndarray::Array2;

use super::Problem;
use crate::numeric::cholesky::Factor;
use crate::numeric::dense::{add_scaled, dot};
use crate::numeric::row_products::{across, filled, products, times};

/// What the multipliers may leave of the signs, as a share of their length.
const LEAST: f64 = 1e-13;
/// Conjugate gradients from one factor; with more to do, a new one is cheaper.
const MOST_STEPS: usize = 30;
/// Rows that may have changed sides since a factor was made: about as many steps are needed, each a share of a new factor.
const MOST_OTHERS: usize = 16;
/// What a step may leave of the slope, squared, in the unit of the second derivatives: the slope there says the rest.
const ROUGH: f64 = 1e-12;
/// Rounds of changes of sides, and those in a row that may leave more rows on the wrong side than the best so far.
pub(super) const MOST_ROUNDS: usize = 200;
const MOST_TRIES: usize = 3;
/// Ridges to try where rows repeat each other to working precision: the factor only guides the gradients.
const RIDGES: [f64; 4] = [0.0, 1e-12, 1e-8, 1e-4];

pub(super) struct Wide {
    /// The rows with their last column.
    z: Array2<f64>,
    signs: Vec<f64>,
    /// 1 / (2 * cost) of each row; infinite where a loss costs nothing.
    slack: Vec<f64>,
    /// z z^T, on and below the diagonal.
    squares: Array2<f64>,
    factor: Option<Part>,
    multipliers: Vec<f64>,
}

/// The factored matrix of some rows.
struct Part {
    rows: Vec<usize>,
    factor: Factor,
}

impl Wide {
    pub(super) fn of(problem: &Problem<'_>) -> Self {
        let rows = problem.y.len();
        let z = filled((rows, problem.width()), |row, z| problem.write(row, z));
        let squares = products(z.view());
        let signs = (0..rows).map(|row| problem.sign(row)).collect();
        let slack = (0..rows).map(|row| 1.0 / (2.0 * problem.cost(row))).collect();
        Wide { z, signs, slack, squares, factor: None, multipliers: vec![0.0; rows] }
    }

    /// Coefficients at the optimum or near it: those with the least objective among what at most so many rounds found. Rows that are on the wrong side
    /// change it all at once, or one by one where that makes no fewer of them (block principal pivoting: Portugal, Judice and Vicente
    /// 1994, <https://doi.org/10.1090/S0025-5718-1994-1250776-4>). None where no factor is to be had.
    pub(super) fn start(&mut self, most: usize) -> Option<Vec<f64>> {
        let mut is_lost: Vec<bool> = self.slack.iter().map(|slack| slack.is_finite()).collect();
        let (mut fewest, mut tries) = (usize::MAX, 0);
        let mut best: Option<(f64, Vec<f64>)> = None;
        for _ in 0..most {
            let Some((w, is_done)) = self.optimum(&is_lost) else { break };
            let decisions = times(self.z.view(), &w);
            let margins: Vec<f64> = self.signs.iter().zip(&decisions).map(|(sign, said)| 1.0 - sign * said).collect();
            let value = self.value(&w, &margins);
            let is_wrong = |row: &usize| self.slack[*row].is_finite() && (margins[*row] > 0.0) != is_lost[*row];
            let wrong: Vec<usize> = (0..is_lost.len()).filter(is_wrong).collect();
            if best.as_ref().is_none_or(|(least, _)| value < *least) {
                best = Some((value, w));
            }
            let Some(last) = wrong.last().filter(|_| is_done) else { break };
            if wrong.len() < fewest {
                (fewest, tries) = (wrong.len(), 0);
            } else {
                tries += 1;
            }
            match tries <= MOST_TRIES {
                true => wrong.iter().for_each(|&row| is_lost[row] = !is_lost[row]),
                false => is_lost[*last] = !is_lost[*last],
            }
        }
        best.map(|(_, w)| w)
    }

    fn value(&self, w: &[f64], margins: &[f64]) -> f64 {
        let losses = margins.iter().zip(&self.slack).map(|(margin, slack)| margin.max(0.0).powi(2) / (2.0 * slack));
        dot(w, w) / 2.0 + losses.sum::<f64>()
    }

    /// The step to the optimum of the quadratic in which the rows with positive margins have a loss, by conjugate gradients that are
    /// guided by a factor of nearly these rows, and the square of what it leaves of the slope; none where no factor is to be had.
    pub(super) fn step(&mut self, margins: &[f64], slope: &[f64]) -> Option<(Vec<f64>, f64)> {
        let is_lost: Vec<bool> =
            margins.iter().zip(&self.slack).map(|(m, slack)| *m > 0.0 && slack.is_finite()).collect();
        if !self.is_near(&is_lost) {
            self.factor = Some(self.part(&is_lost)?);
        }
        let mut step = vec![0.0; slope.len()];
        let mut left: Vec<f64> = slope.iter().map(|slope| -slope).collect();
        let mut guided = self.without_curvature(&left)?;
        let mut along = guided.clone();
        let first = dot(&left, &guided);
        let mut size = first;
        for _ in 0..MOST_STEPS {
            // Rounding may leave nothing to go along.
            if size.is_nan() || size <= ROUGH * first {
                break;
            }
            let made = self.curved(&along, &is_lost);
            let by = size / dot(&along, &made);
            add_scaled(&mut step, by, &along);
            add_scaled(&mut left, -by, &made);
            guided = self.without_curvature(&left)?;
            // Of the two forms of this share, the one that bears a guide with rounding.
            let share = -by * dot(&made, &guided) / size;
            along.iter_mut().zip(&guided).for_each(|(along, guided)| *along = guided + share * *along);
            size = dot(&left, &guided);
        }
        // Anew, as the sums so far leave out their rounding.
        let mut rest = self.curved(&step, &is_lost);
        add_scaled(&mut rest, 1.0, slope);
        Some((step, dot(&rest, &rest)))
    }

    /// The second derivatives where these rows have a loss, times a vector.
    fn curved(&self, v: &[f64], is_lost: &[bool]) -> Vec<f64> {
        let mut bent = times(self.z.view(), v);
        for (row, bent) in bent.iter_mut().enumerate() {
            *bent = if is_lost[row] { *bent / self.slack[row] } else { 0.0 };
        }
        let mut made = across(self.z.view(), &bent);
        add_scaled(&mut made, 1.0, v);
        made
    }

    /// The inverse of the second derivatives of the factor's rows, times a vector: `v - Z^T (slack + Z Z^T)^-1 Z v`.
    fn without_curvature(&self, v: &[f64]) -> Option<Vec<f64>> {
        let part = self.factor.as_ref()?;
        let along = times(self.z.view(), v);
        let own: Vec<f64> = part.rows.iter().map(|&row| along[row]).collect();
        let mut shares = vec![0.0; along.len()];
        for (row, solved) in part.rows.iter().zip(part.factor.solve(&own)?) {
            shares[*row] = -solved;
        }
        let mut made = across(self.z.view(), &shares);
        add_scaled(&mut made, 1.0, v);
        Some(made)
    }

    /// The coefficients at the optimum of the quadratic in which these rows have a loss, and whether rounding let the multipliers come
    /// to it; none where no factor is to be had.
    fn optimum(&mut self, is_lost: &[bool]) -> Option<(Vec<f64>, bool)> {
        self.multipliers.iter_mut().zip(is_lost).filter(|(_, lost)| !**lost).for_each(|(value, _)| *value = 0.0);
        if !is_lost.contains(&true) {
            return Some((vec![0.0; self.z.ncols()], true));
        }
        let mut is_done = self.is_near(is_lost) && self.descend(is_lost)?;
        if !is_done {
            self.factor = Some(self.part(is_lost)?);
            is_done = self.descend(is_lost)?;
        }
        let found = across(self.z.view(), &self.multipliers);
        found.iter().all(|value| value.is_finite()).then_some((found, is_done))
    }

    /// Whether there is a factor of nearly the same rows.
    fn is_near(&self, is_lost: &[bool]) -> bool {
        self.factor.as_ref().is_some_and(|part| {
            let common = part.rows.iter().filter(|row| is_lost[**row]).count();
            let lost = is_lost.iter().filter(|lost| **lost).count();
            part.rows.len() + lost - 2 * common <= MOST_OTHERS
        })
    }

    fn part(&self, is_lost: &[bool]) -> Option<Part> {
        let rows: Vec<usize> = (0..is_lost.len()).filter(|&row| is_lost[row]).collect();
        let matrix = |ridge| {
            let mut matrix = Array2::from_shape_fn((rows.len(), rows.len()), |(i, j)| match i >= j {
                true => self.squares[(rows[i], rows[j])],
                false => 0.0,
            });
            matrix.diag_mut().iter_mut().zip(&rows).for_each(|(own, row)| *own += self.slack[*row]);
            Factor::in_blocks(matrix, ridge)
        };
        let factor = RIDGES.into_iter().find_map(matrix)?;
        Some(Part { rows, factor })
    }

    /// What the multipliers of the rows with a loss leave of their signs.
    fn left(&self, is_lost: &[bool]) -> Vec<f64> {
        let made = self.applied(&self.multipliers, is_lost);
        let left = self.signs.iter().zip(made).zip(is_lost);
        left.map(|((sign, made), lost)| if *lost { sign - made } else { 0.0 }).collect()
    }

    /// The matrix of the rows with a loss, times a vector that is 0 for the others.
    fn applied(&self, a: &[f64], is_lost: &[bool]) -> Vec<f64> {
        let mut made = times(self.z.view(), &across(self.z.view(), a));
        for (row, made) in made.iter_mut().enumerate() {
            *made = if is_lost[row] { *made + self.slack[row] * a[row] } else { 0.0 };
        }
        made
    }

    /// What the factor makes of `left`. Rows that it does not know stand alone.
    fn guided(&self, part: &Part, left: &[f64], is_lost: &[bool]) -> Option<Vec<f64>> {
        let alone = |row: usize| left[row] / (self.squares[(row, row)] + self.slack[row]);
        let mut guided: Vec<f64> = (0..left.len()).map(|row| if is_lost[row] { alone(row) } else { 0.0 }).collect();
        let own: Vec<f64> = part.rows.iter().map(|&row| left[row]).collect();
        for (row, solved) in part.rows.iter().zip(part.factor.solve(&own)?) {
            guided[*row] = if is_lost[*row] { solved } else { 0.0 };
        }
        Some(guided)
    }

    /// Conjugate gradients from the multipliers so far, and whether they came to the end; none where there is no factor.
    fn descend(&mut self, is_lost: &[bool]) -> Option<bool> {
        let part = self.factor.take()?;
        let least = LEAST * (is_lost.iter().filter(|lost| **lost).count() as f64).sqrt();
        let mut left = self.left(is_lost);
        let mut guided = self.guided(&part, &left, is_lost)?;
        let (mut along, mut size) = (guided.clone(), dot(&left, &guided));
        let mut is_done = dot(&left, &left).sqrt() <= least;
        for _ in 0..MOST_STEPS {
            // Rounding may leave nothing to go along.
            if is_done || size.is_nan() || size <= 0.0 {
                break;
            }
            let made = self.applied(&along, is_lost);
            let by = size / dot(&along, &made);
            add_scaled(&mut self.multipliers, by, &along);
            add_scaled(&mut left, -by, &made);
            is_done = dot(&left, &left).sqrt() <= least;
            guided = self.guided(&part, &left, is_lost)?;
            let next = dot(&left, &guided);
            along.iter_mut().zip(&guided).for_each(|(along, guided)| *along = guided + next / size * *along);
            size = next;
        }
        self.factor = Some(part);
        Some(is_done)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::classify::class_weight::RowWeight;

    fn problem<'a>(x: &'a Array2<f64>, y: &'a [u8], last: f64) -> Problem<'a> {
        Problem { x: x.view(), y, costs: RowWeight { classes: [1.0, 1.0], own: None }, last }
    }

    #[test]
    fn rows_that_share_nothing_have_multipliers_of_their_own() {
        // (1 + 1 / 2) a = 1 and (4 + 1 / 2) a = -1, and w = a_1 z_1 + a_2 z_2.
        let x = array![[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]];
        let w = Wide::of(&problem(&x, &[1, 0], 0.0)).start(1).unwrap();
        assert!(w.iter().zip([2.0 / 3.0, -4.0 / 9.0, 0.0]).all(|(w, expected)| (w - expected).abs() < 1e-14), "{w:?}");
    }

    #[test]
    fn a_few_changes_of_sides_end_at_the_optimum() {
        let y: Vec<u8> = (0..120).map(|i| u8::from(i % 4 == 1)).collect();
        let x = Array2::from_shape_fn((120, 150), |(i, j)| {
            let bits = ((i * 150 + j) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let bits = (bits ^ (bits >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            ((bits >> 40) as f64 / f64::from(1 << 23) - 1.0) * [0.1, 1.0, 10.0][j % 3]
        });
        let problem = problem(&x, &y, 1.0);
        let w = Wide::of(&problem).start(19).unwrap();
        let mut slope = w.clone();
        let mut lost = 0;
        for row in 0..y.len() {
            let margin = 1.0 - problem.sign(row) * problem.decision(row, &w);
            let mut z = vec![0.0; problem.width()];
            problem.write(row, &mut z);
            add_scaled(&mut slope, -2.0 * problem.sign(row) * margin.max(0.0), &z);
            lost += usize::from(margin > 0.0);
        }
        assert!(lost < 120, "{lost} rows with a loss");
        assert!(slope.iter().all(|slope| slope.abs() < 1e-9), "{slope:?}");
    }
}
