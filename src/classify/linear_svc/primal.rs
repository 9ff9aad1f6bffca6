//! The squared hinge loss: Newton's method on a function that is quadratic between the rows' margins, so that it ends at the
//! optimum after finitely many steps (Keerthi and DeCoste 2005, <https://jmlr.org/papers/v6/keerthi05a.html>). With an L1
//! penalty a step is the optimum of the quadratic with that penalty, found coordinate by coordinate.

use ndarray::Array2;

use super::Problem;
use super::wide::{MOST_ROUNDS, Wide};
use crate::numeric::cholesky;
use crate::numeric::dense::{add_scaled, dot};
use crate::numeric::gram::{gram, over_segments};
use crate::numeric::penalised::Penalised;

/// A step that promises less than this share of the objective is the last one.
const LEAST: f64 = 1e-16;
/// The penalty bends the objective by 1 in each direction, so that it is at most half the square of its slope above the optimum,
/// whatever led there. By the rows the steps end where that is less than this share of the objective.
const PROVEN: f64 = 1e-14;
/// A step by the rows that lowers the objective by less than this share of its promise is spoilt by rounding.
const KEPT: f64 = 1e-3;
/// A step is halved so often before it is given up: rounding then hides what is left to gain.
const HALVINGS: usize = 40;
/// A pass over the coordinates of a step's quadratic that gains less than this share of the first one ends the step.
const STILL: f64 = 1e-24;
const MANY_COLUMNS: usize = 512;
/// liblinear's least curvature: that of a column of zeros on all rows with a loss.
const LEAST_BEND: f64 = 1e-12;

/// The coefficients with the least penalty and loss, and whether `max_iter` ended the steps before them.
pub(super) fn solve(problem: &Problem<'_>, absolute: bool, max_iter: usize) -> (Vec<f64>, bool) {
    // What absolute values penalise is not made of rows.
    let wide = (!absolute && is_wide(problem.y.len(), problem.width())).then(|| Wide::of(problem));
    descend(problem, absolute, max_iter, wide)
}

/// Whether the rows are to lead. Their products are made once, those of the columns in each step: with many columns that pays for
/// somewhat more rows, too.
fn is_wide(rows: usize, width: usize) -> bool {
    rows < width || width >= MANY_COLUMNS && 2 * rows <= 3 * width
}

/// The same by the rows as long as rounding lets them lead further, if they are to lead at all.
fn descend(problem: &Problem<'_>, absolute: bool, max_iter: usize, mut wide: Option<Wide>) -> (Vec<f64>, bool) {
    let mut w = vec![0.0; problem.width()];
    let mut at = problem.at(&w, absolute);
    if let Some(start) = wide.as_mut().and_then(|wide| wide.start(MOST_ROUNDS)) {
        let there = problem.at(&start, absolute);
        if there.value < at.value {
            (w, at) = (start, there);
        }
    }
    for _ in 0..max_iter {
        let slope = problem.slope(&at.margins, &w, absolute);
        if let Some(rows) = &mut wide {
            match problem.by_rows(rows, &w, &slope, &at) {
                ByRows::Done => return (w, false),
                ByRows::Further(next) => {
                    (w, at) = next;
                    continue;
                }
                // Columns of very unlike size: the columns' second derivatives keep more digits.
                ByRows::Spoilt => wide = None,
            }
        }
        let curve = problem.curve(&at.margins, absolute);
        let step = if absolute { absolute_step(curve, &slope, &w) } else { newton_step(&curve, &slope) };
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

/// What the rows' step comes to.
enum ByRows {
    /// The coefficients are at the optimum.
    Done,
    Further((Vec<f64>, At)),
    /// Rounding hides where to go.
    Spoilt,
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

    fn by_rows(&self, rows: &mut Wide, w: &[f64], slope: &[f64], at: &At) -> ByRows {
        if dot(slope, slope) / 2.0 <= PROVEN * at.value {
            return ByRows::Done;
        }
        let Some((step, rest)) = rows.step(&at.margins, slope) else { return ByRows::Spoilt };
        let promised = dot(slope, &step);
        // Where a large loss leaves the slope rounding alone. What the step leaves of the slope counts as the slope does above.
        if promised <= 0.0 && -promised <= LEAST * at.value && rest <= PROVEN * at.value {
            return ByRows::Done;
        }
        let next = self.further(w, &step, (at.value, promised), false);
        let is_kept = |(_, there): &(Vec<f64>, At)| promised < 0.0 && at.value - there.value >= -KEPT * promised;
        next.filter(is_kept).map_or(ByRows::Spoilt, ByRows::Further)
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
fn absolute_step(curve: Array2<f64>, slope: &[f64], w: &[f64]) -> Vec<f64> {
    let bends = curve.diag().iter().map(|bend| bend.max(LEAST_BEND)).collect();
    // A new array is in C order.
    let quadratic = Penalised { curve: curve.into_raw_vec_and_offset().0, bends, absolute: vec![1.0; w.len()] };
    let mut first = None;
    let best = quadratic.minimum(w, slope, |pass| pass.gained <= STILL * *first.get_or_insert(pass.gained));
    best.iter().zip(w).map(|(best, w)| best - w).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::class_weight::RowWeight;

    fn rows(shape: (usize, usize), size: impl Fn(usize) -> f64) -> (Array2<f64>, Vec<u8>) {
        let y: Vec<u8> = (0..shape.0).map(|i| u8::from(i % 5 == 1)).collect();
        let x = Array2::from_shape_fn(shape, |(i, j)| {
            let bits = ((i * shape.1 + j) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let bits = (bits ^ (bits >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            ((bits >> 40) as f64 / f64::from(1 << 23) - 1.0 + if j < 3 { 0.4 * f64::from(y[i]) } else { 0.0 }) * size(j)
        });
        (x, y)
    }

    /// The objective at the end of the steps, and the same where every step is made by the matrix of second derivatives.
    fn ends(x: &Array2<f64>, y: &[u8], c: f64, max_iter: usize) -> [(f64, bool); 2] {
        let problem = Problem { x: x.view(), y, costs: RowWeight { classes: [c, c], own: None }, last: 1.0 };
        [solve(&problem, false, max_iter), descend(&problem, false, 1_000, None)]
            .map(|(w, is_cut_short)| (problem.at(&w, false).value, is_cut_short))
    }

    /// Rounding of the multipliers, times a column of size 1e7, is no optimum.
    #[test]
    fn columns_of_very_unlike_sizes_end_at_the_optimum() {
        let one = rows((60, 100), |j| if j == 0 { 1e7 } else { 1.0 });
        let all = rows((60, 100), |j| 10_f64.powi(j as i32 % 9 - 4));
        for (x, y) in [&one, &all] {
            for c in [1.0, 1e3, 1e6] {
                let [(found, is_cut_short), (expected, _)] = ends(x, y, c, 1_000);
                assert!((found / expected - 1.0).abs() < 1e-10, "C {c:e}: {found:e} and {expected:e}");
                assert!(!is_cut_short, "C {c:e}");
            }
        }
    }

    /// Rows of which not all can have a multiplier of their own, with and without a column of another size.
    #[test]
    fn more_rows_than_columns_lead_to_the_same_optimum() {
        assert_eq!(
            [(99, 100), (100, 100), (768, 512), (769, 512)].map(|(n, k)| is_wide(n, k)),
            [true, false, true, false]
        );
        for size in [1.0, 1e4] {
            let (x, y) = rows((130, 100), |j| if j == 0 { size } else { 1.0 });
            for c in [1e-2, 1.0, 1e3] {
                let problem =
                    Problem { x: x.view(), y: &y, costs: RowWeight { classes: [c, c], own: None }, last: 1.0 };
                let [(found, is_cut_short), (expected, _)] =
                    [Some(Wide::of(&problem)), None].map(|wide| descend(&problem, false, 1_000, wide));
                let [found, expected] = [found, expected].map(|w| problem.at(&w, false).value);
                assert!((found / expected - 1.0).abs() < 1e-10, "C {c:e}: {found:e} and {expected:e}");
                assert!(!is_cut_short, "C {c:e}");
            }
        }
    }

    /// The rounds that make a start are no steps, and the best of them is the start.
    #[test]
    fn a_small_max_iter_has_the_best_start() {
        let (x, y) = rows((90, 100), |j| 10_f64.powi(j as i32 % 5 - 2));
        for c in [1.0, 1e3] {
            let [(found, _), (expected, _)] = ends(&x, &y, c, 1);
            assert!((found / expected - 1.0).abs() < 1e-6, "C {c:e}: {found:e} and {expected:e}");
        }
    }
}
