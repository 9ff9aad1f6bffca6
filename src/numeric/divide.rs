//! Eigenvalues and eigenvectors of a symmetric tridiagonal matrix by dividing it: both halves are solved, and what was cut between
//! them is a change of rank one (Cuppen 1981; Gu and Eisenstat, SIAM J. Matrix Anal. Appl. 16, 1995; LAPACK's `dstedc`).
//!
//! Exact to rounding of the largest eigenvalue. Nearly all the work is a product of matrices per division.

use ndarray::{Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::eigen::jacobi;
use super::reflections::add_product;
use super::secular::{Change, Root};

/// Parts of up to so many rows are rotated.
const SMALL: usize = 24;

/// The eigenvalues, rising, with the eigenvectors as rows.
pub(super) struct Solved {
    pub(super) values: Vec<f64>,
    pub(super) vectors: Array2<f64>,
}

/// The last `wanted` pairs of the matrix with this diagonal and, at i, `beside[i]` at (i, i + 1).
pub(super) fn solve(diagonal: &[f64], beside: &[f64], wanted: usize) -> Solved {
    let n = diagonal.len();
    if n <= SMALL {
        return rotated(diagonal, beside, wanted);
    }
    let half = n / 2;
    let (mut upper, mut lower) = (diagonal[..half].to_vec(), diagonal[half..].to_vec());
    let cut = beside[half - 1];
    upper[half - 1] -= cut.abs();
    lower[0] -= cut.abs();
    let (upper, lower) =
        rayon::join(|| solve(&upper, &beside[..half - 1], half), || solve(&lower, &beside[half..], n - half));
    Halves::new(upper, lower, cut).join(wanted)
}

fn rotated(diagonal: &[f64], beside: &[f64], wanted: usize) -> Solved {
    let n = diagonal.len();
    let mut matrix = Array2::zeros((n, n));
    for (i, &value) in diagonal.iter().enumerate() {
        matrix[(i, i)] = value;
    }
    for (i, &value) in beside.iter().enumerate().take(n.saturating_sub(1)) {
        matrix[(i, i + 1)] = value;
        matrix[(i + 1, i)] = value;
    }
    let mut pairs = jacobi(matrix);
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let pairs = &pairs[n - wanted.min(n)..];
    Solved {
        values: pairs.iter().map(|(value, _)| *value).collect(),
        vectors: Array2::from_shape_fn((pairs.len(), n), |(k, at)| pairs[k].1[at]),
    }
}

/// In which columns a vector has entries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Upper,
    Lower,
    Both,
}

/// `diag(values) + rho z z^T` in the directions of the two halves' eigenvectors.
struct Halves {
    half: usize,
    values: Vec<f64>,
    z: Vec<f64>,
    rho: f64,
    /// As rows, those of the upper half first.
    vectors: Array2<f64>,
    sides: Vec<Side>,
}

impl Halves {
    /// Both are done with afterwards: their vectors are not kept beside those of the whole.
    fn new(upper: Solved, lower: Solved, cut: f64) -> Self {
        let (half, rest) = (upper.values.len(), lower.values.len());
        let n = half + rest;
        let mut vectors = Array2::zeros((n, n));
        vectors.slice_mut(s![..half, ..half]).assign(&upper.vectors);
        vectors.slice_mut(s![half.., half..]).assign(&lower.vectors);
        // The change is |cut| times the square of (last row of the one, first row of the other), which has length 2.
        let ends = upper.vectors.column(half - 1).into_iter().copied();
        let starts = lower.vectors.column(0).into_iter().map(|&start| start * 1f64.copysign(cut));
        let z = ends.chain(starts).map(|value| value * std::f64::consts::FRAC_1_SQRT_2).collect();
        let sides = (0..n).map(|at| if at < half { Side::Upper } else { Side::Lower }).collect();
        Halves {
            half,
            values: [&upper.values[..], &lower.values[..]].concat(),
            z,
            rho: 2.0 * cut.abs(),
            vectors,
            sides,
        }
    }

    /// Which directions take part, with rising values; all others are eigenvectors as they are.
    fn deflate(&mut self) -> (Vec<usize>, Vec<usize>) {
        let largest = |values: &[f64]| values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let least = 8.0 * (f64::EPSILON / 2.0) * largest(&self.values).max(largest(&self.z));
        let mut order: Vec<usize> = (0..self.values.len()).collect();
        order.sort_by(|&a, &b| self.values[a].total_cmp(&self.values[b]));
        let (mut parts, mut apart) = (Vec::new(), Vec::new());
        let mut last: Option<usize> = None;
        for next in order {
            if self.rho * self.z[next].abs() <= least {
                apart.push(next);
                continue;
            }
            match last {
                // Two values that are nearly one: a rotation leaves one of them without a part.
                Some(last) if self.turn(last, next, least) => apart.push(last),
                Some(last) => parts.push(last),
                None => {}
            }
            last = Some(next);
        }
        parts.extend(last);
        (parts, apart)
    }

    /// Turns two directions so that the first has no part in the change; false where that would change the matrix.
    fn turn(&mut self, first: usize, second: usize, least: f64) -> bool {
        let length = self.z[first].hypot(self.z[second]);
        let (c, s) = (self.z[second] / length, -self.z[first] / length);
        let (a, b) = (self.values[first], self.values[second]);
        if ((b - a) * c * s).abs() > least {
            return false;
        }
        (self.z[first], self.z[second]) = (0.0, length);
        (self.values[first], self.values[second]) = (a * c * c + b * s * s, a * s * s + b * c * c);
        let (one, other) = self.vectors.multi_slice_mut((s![first, ..], s![second, ..]));
        for (x, y) in one.into_iter().zip(other) {
            (*x, *y) = (c * *x + s * *y, c * *y - s * *x);
        }
        if self.sides[first] != self.sides[second] {
            (self.sides[first], self.sides[second]) = (Side::Both, Side::Both);
        }
        true
    }

    fn join(mut self, wanted: usize) -> Solved {
        let n = self.values.len();
        let (parts, apart) = self.deflate();
        let of = |values: &[f64]| parts.iter().map(|&at| values[at]).collect::<Vec<f64>>();
        let change = Change::new(of(&self.values), &of(&self.z), self.rho);
        let roots: Vec<Root> = (0..parts.len()).into_par_iter().map(|nth| change.root(nth)).collect();
        // Each pair is a root or one of those apart; the last `wanted` by value.
        let mut all: Vec<(f64, Result<usize, usize>)> =
            roots.iter().enumerate().map(|(k, root)| (root.value, Ok(k))).collect();
        all.extend(apart.iter().map(|&at| (self.values[at], Err(at))));
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let all = &all[n - wanted.min(n)..];
        let chosen: Vec<usize> = all.iter().filter_map(|(_, from)| from.ok()).collect();
        let z = change.exact_for(&roots);
        let mut weights = Array2::zeros((chosen.len(), parts.len()));
        weights.outer_iter_mut().into_par_iter().zip(&chosen).for_each(|(mut row, &nth)| {
            // A new array's rows are contiguous.
            change.direction(&roots[nth], &z, row.as_slice_mut().unwrap_or_default());
        });
        // Each has a number per part, as the vectors have.
        drop(roots);
        let made = self.combined(&parts, weights.view());
        drop(weights);
        let mut vectors = Array2::zeros((all.len(), n));
        let mut made = made.outer_iter();
        for (mut to, (_, from)) in vectors.outer_iter_mut().zip(all) {
            match from {
                Ok(_) => made.next().into_iter().for_each(|row| to.assign(&row)),
                Err(at) => to.assign(&self.vectors.row(*at)),
            }
        }
        Solved { values: all.iter().map(|(value, _)| *value).collect(), vectors }
    }

    /// `weights` times the vectors of the parts, without the zeros of either half.
    fn combined(&self, parts: &[usize], weights: ArrayView2<'_, f64>) -> Array2<f64> {
        let n = self.values.len();
        let mut made = Array2::zeros((weights.nrows(), n));
        for (other, columns) in [(Side::Lower, 0..self.half), (Side::Upper, self.half..n)] {
            let there: Vec<usize> = (0..parts.len()).filter(|&at| self.sides[parts[at]] != other).collect();
            let rows: Vec<usize> = there.iter().map(|&at| parts[at]).collect();
            let vectors = self.vectors.slice(s![.., columns.clone()]).select(Axis(0), &rows);
            let weights = weights.select(Axis(1), &there);
            add_product(1.0, weights.view(), vectors.view(), made.slice_mut(s![.., columns]));
        }
        made
    }
}
