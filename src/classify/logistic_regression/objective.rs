//! The penalised loss of scikit-learn's `LogisticRegression`, its gradient and its Hessian, over rows in fixed segments.
//!
//! Columns are centred and divided by their largest deviation on the fly, in blocks of rows: a change of variables
//! that keeps columns of size 1e10 next to columns of size 1 well conditioned. The penalty stays in the caller's units, so the objective
//! and its optimum are the caller's.

use std::ops::Range;

use ndarray::{ArrayView2, s};

use crate::numeric::dense::{add_scaled, centred_dot, fma};
use crate::numeric::gram::{BLOCK, add_gram, over_segments};

/// A column whose values differ by less is constant: its optimal coefficient is below 1e-140 and moves no score.
const CONSTANT: f64 = 1e-150;

/// z = (x - centre) * inverse, column by column.
pub(super) struct Standard {
    pub(super) centre: Vec<f64>,
    /// 1 / the largest |x - centre|, or 0 for a constant column.
    pub(super) inverse: Vec<f64>,
}

impl Standard {
    /// Without an intercept the columns may not be moved, only scaled.
    pub(super) fn of(x: ArrayView2<'_, f64>, centred: bool) -> Self {
        let (n, d) = x.dim();
        let parts = over_segments(n, |rows| {
            let mut part = (vec![0.0; d], vec![f64::INFINITY; d], vec![f64::NEG_INFINITY; d]);
            for row in x.slice(s![rows, ..]).rows() {
                for (j, &value) in row.iter().enumerate() {
                    part.0[j] += value / n as f64;
                    part.1[j] = part.1[j].min(value);
                    part.2[j] = part.2[j].max(value);
                }
            }
            part
        });
        let mut centre = vec![0.0; d];
        let mut inverse = vec![0.0; d];
        for j in 0..d {
            let low = parts.iter().map(|p| p.1[j]).fold(f64::INFINITY, f64::min);
            let high = parts.iter().map(|p| p.2[j]).fold(f64::NEG_INFINITY, f64::max);
            if centred {
                // A constant column must become exactly 0, which its rounded mean would not make it.
                centre[j] = if low == high { low } else { parts.iter().map(|p| p.0[j]).sum() };
            }
            let widest = (high - centre[j]).max(centre[j] - low);
            inverse[j] = if widest > CONSTANT { 1.0 / widest } else { 0.0 };
        }
        Standard { centre, inverse }
    }
}

/// Rows (all, or some of them) with their weights, and the penalty.
pub(super) struct Objective<'a> {
    pub(super) x: ArrayView2<'a, f64>,
    pub(super) y: &'a [u8],
    /// The rows that count, or all.
    pub(super) rows: Option<&'a [u32]>,
    /// C times the weight of a negative and of a positive row.
    pub(super) weight: [f64; 2],
    /// Each row's own weight besides, by its number; none: 1.
    pub(super) own: Option<&'a [f64]>,
    pub(super) standard: &'a Standard,
    pub(super) intercept: bool,
    /// The shares of the absolute coefficients and of their squares in the penalty.
    pub(super) l1: f64,
    pub(super) l2: f64,
}

/// First and second derivatives with respect to the standardised coefficients (the intercept is the last one).
pub(super) struct Derivatives {
    pub(super) gradient: Vec<f64>,
    /// k x k, row-major; only the lower triangle is meaningful.
    pub(super) hessian: Vec<f64>,
}

/// Which rows the Hessian is estimated from. Far from the optimum an estimate steers as well as the matrix itself, and
/// with hundreds of columns the matrix is nearly all of the work; gradient and loss always see every row.
///
/// A row is taken with a probability that grows with its leverage and is weighed by its inverse, so the estimate is
/// unbiased, and the few rows that decide (the minority and what lies near it) are always in.
pub(super) struct Sample {
    /// Rows to expect.
    pub(super) size: usize,
    /// The diagonal of the Hessian a step earlier; without one, all rows are equally likely.
    pub(super) diagonal: Option<Vec<f64>>,
    /// Numbers the estimates, so that each takes other rows.
    pub(super) round: u64,
}

impl Sample {
    /// The next estimate, given this one's k x k result.
    pub(super) fn next(self, hessian: &[f64]) -> Self {
        let k = hessian.len().isqrt();
        let diagonal = (0..k).map(|j| hessian[j * k + j]).collect();
        Sample { diagonal: Some(diagonal), round: self.round + 1, ..self }
    }

    /// The probability of a standardised row with this weight in the Hessian, among `rows`.
    fn probability(&self, rows: usize, z: &[f64], weight: f64) -> f64 {
        let size = self.size as f64;
        let share = match &self.diagonal {
            None => size / rows as f64,
            // The leverages of all rows add up to about the number of columns.
            Some(diagonal) => {
                let leverage: f64 = weight * z.iter().zip(diagonal).map(|(z, d)| z * z / d).sum::<f64>();
                leverage * size / z.len() as f64
            }
        };
        share.min(1.0)
    }

    /// A number in [0, 1) that depends on the row and the round only.
    fn uniform(&self, row: usize) -> f64 {
        let mut bits = (row as u64 ^ (self.round << 40)).wrapping_add(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Objective<'_> {
    pub(super) fn rows(&self) -> usize {
        self.rows.map_or(self.y.len(), <[u32]>::len)
    }

    /// How many coefficients there are, with the intercept.
    pub(super) fn size(&self) -> usize {
        self.x.ncols() + usize::from(self.intercept)
    }

    fn row(&self, position: usize) -> usize {
        self.rows.map_or(position, |rows| rows[position] as usize)
    }

    fn own(&self, row: usize) -> f64 {
        self.own.map_or(1.0, |own| own[row])
    }

    /// The factor of v_j^2 / 2 in the penalty: 1 / scale^2, as the penalty is on the caller's coefficients. A constant
    /// column gets 1, which holds its coefficient at 0.
    pub(super) fn penalty(&self, j: usize) -> f64 {
        match self.standard.inverse.get(j) {
            Some(0.0) => 1.0,
            Some(inverse) => self.l2 * inverse * inverse,
            None => 0.0,
        }
    }

    /// The factor of |v_j| in the penalty.
    pub(super) fn absolute(&self, j: usize) -> f64 {
        self.standard.inverse.get(j).map_or(0.0, |inverse| self.l1 * inverse)
    }

    /// A row's values. A standard layout's rows are contiguous, and loops over slices become vector code.
    fn values(&self, position: usize) -> &[f64] {
        self.x.row(self.row(position)).to_slice().unwrap_or_default()
    }

    /// Standardises a row into `z`, whose last element, with an intercept, is 1.
    fn standardise(&self, position: usize, z: &mut [f64]) {
        let Standard { centre, inverse } = self.standard;
        for (((z, &x), &centre), &inverse) in z.iter_mut().zip(self.values(position)).zip(centre).zip(inverse) {
            *z = (x - centre) * inverse;
        }
        if self.intercept {
            z[self.x.ncols()] = 1.0;
        }
    }

    /// Z v: what `v` adds to the decision value of each row.
    pub(super) fn decide(&self, v: &[f64]) -> Vec<f64> {
        let scaled: Vec<f64> = v.iter().zip(&self.standard.inverse).map(|(v, inverse)| v * inverse).collect();
        let offset = if self.intercept { v[self.x.ncols()] } else { 0.0 };
        let parts = over_segments(self.rows(), |range| {
            range
                .map(|i| offset + centred_dot(self.x.row(self.row(i)).as_slice(), &self.standard.centre, &scaled))
                .collect::<Vec<f64>>()
        });
        parts.concat()
    }

    /// The loss at the decision values `eta + t * delta`, without the penalty.
    pub(super) fn loss(&self, eta: &[f64], delta: &[f64], t: f64) -> f64 {
        let parts = over_segments(eta.len(), |range| {
            let mut sums = [0.0; 2];
            for i in range {
                let row = self.row(i);
                let label = self.y[row];
                let margin = signed(label, fma(t, delta[i], eta[i]));
                sums[usize::from(label)] += self.own(row) * ((-margin).max(0.0) + (-margin.abs()).exp().ln_1p());
            }
            sums[0] * self.weight[0] + sums[1] * self.weight[1]
        });
        parts.iter().sum()
    }

    /// The derivatives of loss and penalty at `v`, whose decision values are `eta`; with a sample, the Hessian is estimated.
    pub(super) fn derivatives(&self, v: &[f64], eta: &[f64], sample: Option<&Sample>) -> Derivatives {
        let k = self.size();
        let parts = over_segments(eta.len(), |range| self.part(range, eta, sample));
        let mut gradient: Vec<f64> = (0..k).map(|j| self.penalty(j) * v[j]).collect();
        let mut hessian = vec![0.0; k * k];
        for part in &parts {
            add_scaled(&mut gradient, 1.0, &part.gradient);
            add_scaled(&mut hessian, 1.0, &part.hessian);
        }
        for j in 0..k {
            hessian[j * k + j] += self.penalty(j);
        }
        Derivatives { gradient, hessian }
    }

    /// One segment's share of the loss's derivatives.
    fn part(&self, range: Range<usize>, eta: &[f64], sample: Option<&Sample>) -> Derivatives {
        let k = self.size();
        let mut part = Derivatives { gradient: vec![0.0; k], hessian: vec![0.0; k * k] };
        let mut block = vec![0.0; BLOCK * k];
        let mut filled = 0;
        for i in range {
            let z = &mut block[filled * k..(filled + 1) * k];
            self.standardise(i, z);
            let row = self.row(i);
            let label = self.y[row];
            let margin = signed(label, eta[i]);
            // e <= 1, so neither quotient can overflow or cancel, however far the row lies from the boundary.
            let e = (-margin.abs()).exp();
            let wrong = if margin >= 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) };
            let weight = self.weight[usize::from(label)] * self.own(row);
            add_scaled(&mut part.gradient, signed(label, -weight * wrong), z);
            let mut curvature = weight * e / ((1.0 + e) * (1.0 + e));
            if let Some(sample) = sample {
                let probability = sample.probability(eta.len(), z, curvature);
                if sample.uniform(i) >= probability {
                    continue;
                }
                curvature /= probability;
            }
            let root = curvature.sqrt();
            z.iter_mut().for_each(|z| *z *= root);
            filled += 1;
            if filled == BLOCK {
                add_gram(&block, filled, k, &mut part.hessian);
                filled = 0;
            }
        }
        add_gram(&block[..filled * k], filled, k, &mut part.hessian);
        part
    }
}

/// `value` for a positive row, `-value` for a negative one.
fn signed(label: u8, value: f64) -> f64 {
    if label == 1 { value } else { -value }
}
