//! The minimum of a quadratic and absolute values, found coordinate by coordinate: passes over all coordinates find out which are
//! not 0, and passes over those alone, on a matrix of their own that is small enough for the cache, settle them (Friedman, Hastie and
//! Tibshirani 2010, "Regularization Paths for Generalized Linear Models via Coordinate Descent", 2.2 and 2.6). Where coordinates hang
//! together passes take very many, and a linear system is solved between them.

use super::cholesky::Factor;
use super::dense::{add_scaled, dot};

/// Passes at the most.
const PASSES: usize = 10_000;
/// A move by so many roundings of what it is made from is rounding.
const ROUNDINGS: f64 = 4.0;
/// Passes over those that are not 0 end for one over all when they gain less than this share of the last such pass: others may have
/// to join them.
const SETTLED: f64 = 1e-4;
/// A linear system takes as long as one pass for each so many coordinates.
const COORDINATES_A_PASS: usize = 8;
const FEWEST_PASSES: usize = 8;
/// A pivot below this share of its diagonal leaves too few digits of the solution.
const LEAST_PIVOT: f64 = 1e-10;

/// `slope * (u - v) + (u - v) * curve * (u - v) / 2 + sum of absolute * |u|`, without what differs from call to call.
pub(crate) struct Penalised {
    /// Symmetric, row-major.
    pub(crate) curve: Vec<f64>,
    /// What stands for its diagonal; a coordinate that has 0 there is left alone.
    pub(crate) bends: Vec<f64>,
    pub(crate) absolute: Vec<f64>,
}

/// What a pass came to, without moves that are rounding.
#[derive(Debug, Default)]
pub(crate) struct Pass {
    /// The largest move, and the largest coordinate.
    pub(crate) moved: f64,
    pub(crate) largest: f64,
    /// The sum of the moves' squares, each times its bend.
    pub(crate) gained: f64,
}

impl Penalised {
    /// The `u` with the least value, from `v` on, as soon as a pass over all coordinates is still.
    pub(crate) fn minimum(&self, v: &[f64], slope: &[f64], mut is_still: impl FnMut(&Pass) -> bool) -> Vec<f64> {
        let (mut u, mut slope) = (v.to_vec(), slope.to_vec());
        let mut left = PASSES;
        while left > 0 {
            left -= 1;
            let all = self.pass(&mut u, &mut slope);
            if is_still(&all) {
                break;
            }
            let active = self.active(&u);
            let own = self.part(&active);
            let (mut own_u, mut own_slope) = (chosen(&u, &active), chosen(&slope, &active));
            own.settle(&mut own_u, &mut own_slope, &mut left, |pass| {
                is_still(pass) || pass.gained <= SETTLED * all.gained
            });
            for (&j, to) in active.iter().zip(own_u) {
                self.set(&mut u, &mut slope, j, to);
            }
        }
        u
    }

    /// Passes until one is what is waited for.
    fn settle(&self, u: &mut [f64], slope: &mut [f64], left: &mut usize, mut is_done: impl FnMut(&Pass) -> bool) {
        let wait = FEWEST_PASSES.max(u.len() / COORDINATES_A_PASS);
        let mut leaps = true;
        for made in 1.. {
            if *left == 0 {
                break;
            }
            *left -= 1;
            if is_done(&self.pass(u, slope)) {
                break;
            }
            if leaps && made % wait == 0 {
                leaps = self.leap(u, slope);
            }
        }
    }

    /// Goes towards where all coordinates that are not 0 would be best if they kept their signs, to the lowest point on that way.
    /// False where coordinates nearly repeat each other, and it goes nowhere.
    fn leap(&self, u: &mut [f64], slope: &mut [f64]) -> bool {
        let active = self.active(u);
        let downhill: Vec<f64> = active.iter().map(|&j| -slope[j] - self.absolute[j].copysign(u[j])).collect();
        let k = active.len();
        let factor = Factor::of(&self.part(&active).curve, k, 0.0);
        let well = factor.filter(|factor| (0..k).all(|at| factor.lower[at * k + at].powi(2) > LEAST_PIVOT));
        let Some(step) = well.and_then(|factor| factor.solve(&downhill)) else { return false };
        let crossing = active.iter().zip(&step).filter(|&(&j, by)| self.absolute[j] > 0.0 && u[j] * (u[j] + by) < 0.0);
        let kinks = crossing.map(|(&j, by)| (-u[j] / by, 2.0 * self.absolute[j] * by.abs())).collect();
        let share = lowest(dot(&downhill, &step), kinks);
        for (&j, by) in active.iter().zip(step) {
            let to = u[j] + share * by;
            let is_rounding = to.abs() <= ROUNDINGS * f64::EPSILON * u[j].abs();
            self.set(u, slope, j, if is_rounding && self.absolute[j] > 0.0 { 0.0 } else { to });
        }
        true
    }

    /// The coordinates that are not 0 and can be moved.
    fn active(&self, u: &[f64]) -> Vec<usize> {
        (0..u.len()).filter(|&j| u[j] != 0.0 && self.bends[j] > 0.0).collect()
    }

    /// The same of some coordinates, where the others stay.
    fn part(&self, active: &[usize]) -> Penalised {
        let curve = active.iter().flat_map(|&j| chosen(self.row(j), active)).collect();
        Penalised { curve, bends: chosen(&self.bends, active), absolute: chosen(&self.absolute, active) }
    }

    fn row(&self, j: usize) -> &[f64] {
        let k = self.bends.len();
        &self.curve[j * k..(j + 1) * k]
    }

    fn set(&self, u: &mut [f64], slope: &mut [f64], j: usize, to: f64) {
        if to != u[j] {
            add_scaled(slope, to - u[j], self.row(j));
            u[j] = to;
        }
    }

    /// Moves every coordinate to where it is best beside the others. `slope` is that of the quadratic at `u`, before and after.
    fn pass(&self, u: &mut [f64], slope: &mut [f64]) -> Pass {
        let mut pass = Pass::default();
        for j in 0..u.len() {
            let bend = self.bends[j];
            if bend <= 0.0 {
                continue;
            }
            let free = u[j] - slope[j] / bend;
            let next = free.signum() * (free.abs() - self.absolute[j] / bend).max(0.0);
            let by = next - u[j];
            self.set(u, slope, j, next);
            if by.abs() > ROUNDINGS * f64::EPSILON * free.abs() {
                pass.moved = pass.moved.max(by.abs());
                pass.gained += bend * by * by;
            }
            pass.largest = pass.largest.max(next.abs());
        }
        pass
    }
}

/// The share of a step at which it is lowest. Its slope, of size `slope` at first, would come to 0 at its end, and grows besides at
/// each kink, given as a share of the step and by how much.
fn lowest(slope: f64, mut kinks: Vec<(f64, f64)>) -> f64 {
    kinks.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut passed, mut share) = (0.0, 1.0);
    for (at, growth) in kinks {
        if share <= at {
            break;
        }
        passed = at;
        share -= growth / slope;
    }
    f64::max(share, passed)
}

fn chosen(values: &[f64], at: &[usize]) -> Vec<f64> {
    at.iter().map(|&at| values[at]).collect()
}

/// Copies the lower triangle of a matrix (k x k, row-major) to the upper one.
pub(crate) fn mirror(lower: &mut [f64], k: usize) {
    for i in 1..k {
        let (above, row) = lower.split_at_mut(i * k);
        for (j, value) in row[..i].iter().enumerate() {
            above[j * k + i] = *value;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by passes over all coordinates alone, with the slope summed anew for each.
    fn plain(quadratic: &Penalised, v: &[f64], slope: &[f64]) -> Vec<f64> {
        let mut u = v.to_vec();
        for _ in 0..10_000 {
            let before = u.clone();
            for (j, row) in quadratic.curve.chunks_exact(v.len()).enumerate() {
                let slope = slope[j] + (0..v.len()).map(|i| row[i] * (u[i] - v[i])).sum::<f64>();
                let bend = quadratic.bends[j];
                if bend > 0.0 {
                    let free = u[j] - slope / bend;
                    u[j] = free.signum() * (free.abs() - quadratic.absolute[j] / bend).max(0.0);
                }
            }
            if u == before {
                break;
            }
        }
        u
    }

    #[test]
    fn one_coordinate_is_the_soft_threshold() {
        // 2 (u - 1)^2 / 2 - 5 (u - 1) + penalty * |u|, which without a penalty is least at 3.5.
        let least = |bend: f64, penalty: f64, slope: f64| {
            let one = Penalised { curve: vec![bend], bends: vec![bend], absolute: vec![penalty] };
            one.minimum(&[1.0], &[slope], |pass| pass.moved == 0.0)
        };
        assert_eq!(least(2.0, 1.0, -5.0), [3.0]);
        assert_eq!(least(2.0, 9.0, -5.0), [0.0]);
        assert_eq!(least(0.0, 1.0, 0.0), [1.0]);
    }

    #[test]
    fn a_step_ends_where_it_is_lowest() {
        assert_eq!(lowest(8.0, vec![]), 1.0);
        // Behind the first kink the slope is -3 and comes to 0 at 7/8, behind the second one it is more than 0.
        assert_eq!(lowest(8.0, vec![(0.75, 9.0), (0.5, 1.0)]), 0.75);
        assert_eq!(lowest(8.0, vec![(0.9375, 9.0), (0.5, 1.0)]), 0.875);
        assert_eq!(lowest(8.0, vec![(0.25, 1e9)]), 0.25);
    }

    /// Passes alone would take tens of thousands, and 10,000 is the most.
    #[test]
    fn coordinates_that_hang_together_are_settled() {
        let k = 40;
        let of = |i: usize, j: usize| 1.0 + if i == j { 1e-4 } else { 0.0 };
        let curve: Vec<f64> = (0..k * k).map(|at| of(at / k, at % k)).collect();
        let model = Penalised { curve, bends: vec![of(0, 0); k], absolute: vec![1e-4; k] };
        let slope: Vec<f64> = (0..k).map(|j| -1.0 - 1e-3 * j as f64).collect();
        let mut passes = 0;
        let u = model.minimum(&vec![0.0; k], &slope, |pass| {
            passes += 1;
            pass.moved <= 1e-14 * pass.largest
        });
        // Each is where its slope and the penalty's cancel, or 0 where neither side can.
        let all: f64 = u.iter().sum();
        for j in 0..k {
            let slope = slope[j] + all + 1e-4 * u[j];
            let off = if u[j] == 0.0 { (slope.abs() - 1e-4).max(0.0) } else { slope + 1e-4 * u[j].signum() };
            assert!(off.abs() < 1e-12, "{j}: {off:e} at {}", u[j]);
        }
        assert!(passes < PASSES / 10, "{passes}");
    }

    #[test]
    fn a_triangle_is_mirrored() {
        let mut matrix = [1.0, 9.0, 9.0, 2.0, 3.0, 9.0, 4.0, 5.0, 6.0];
        mirror(&mut matrix, 3);
        assert_eq!(matrix, [1.0, 2.0, 4.0, 2.0, 3.0, 5.0, 4.0, 5.0, 6.0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// A column of zeros, a repeated one, a larger one, and one without a penalty; fewer rows than columns, too.
        #[test]
        fn the_minimum_is_that_of_plain_passes(
            k in 1_usize..=12,
            rows in 1_usize..=30,
            values in prop::collection::vec(-1.0..1.0, 12 * 30),
            start in prop::collection::vec(-1.0..1.0, 12),
            penalty in prop::sample::select(vec![0.0, 0.01, 0.3, 3.0, 100.0]),
            repeated in any::<bool>(),
            ridge in prop::sample::select(vec![0.25, 2.0]),
        ) {
            let z = |row: usize, j: usize| match j {
                3 => 0.0,
                5 if repeated => values[row * 12 + 1],
                7 => 8.0 * values[row * 12 + j],
                _ => values[row * 12 + j],
            };
            let product = |i: usize, j: usize| (0..rows).map(|row| z(row, i) * z(row, j)).sum::<f64>();
            let of = |i: usize, j: usize| product(i, j) + if i == j && j != 3 { ridge } else { 0.0 };
            let curve: Vec<f64> = (0..k * k).map(|at| of(at / k, at % k)).collect();
            let bends: Vec<f64> = (0..k).map(|j| of(j, j)).collect();
            let slope: Vec<f64> = (0..k).map(|j| (0..rows).map(|row| z(row, j)).sum()).collect();
            let absolute: Vec<f64> = (0..k).map(|j| if j == 0 { 0.0 } else { penalty }).collect();
            let v: Vec<f64> = (0..k).map(|j| if j % 2 == 0 { 0.0 } else { start[j] }).collect();
            let quadratic = Penalised { curve, bends, absolute };
            let found = quadratic.minimum(&v, &slope, |pass| pass.moved <= 1e-14 * pass.largest);
            let expected = plain(&quadratic, &v, &slope);
            for (found, expected) in found.iter().zip(&expected) {
                prop_assert!((found - expected).abs() < 1e-10, "{found:e} and {expected:e}");
            }
        }
    }
}
