//! The penalised loss of scikit-learn's `LogisticRegression`, its gradient and its Hessian, over rows in fixed segments.
//!
//! Columns are centred and divided by their largest deviation on the fly, in blocks of rows: a change of variables
//! that keeps columns of size 1e10 next to columns of size 1 well conditioned. The penalty stays in the caller's units, so the objective
//! and its optimum are the caller's.

use std::ops::Range;

use ndarray::{ArrayView2, s};

use crate::numeric::dense::{add_scaled, centred_dot, dot, exp_nonpositive, fma, ln_1p_unit, weighed_square};
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
    /// Of columns that are to stay as they are.
    pub(super) fn none(columns: usize) -> Self {
        Standard { centre: vec![0.0; columns], inverse: vec![1.0; columns] }
    }

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

/// Which rows the Hessian is estimated from. An estimate steers as well as the matrix itself, and with hundreds of columns the
/// matrix is nearly all of the work; gradient and loss always see every row.
///
/// A row is taken with a probability that grows with its leverage and is weighed by its inverse, so the estimate is
/// unbiased, and the few rows that decide (the minority and what lies near it) are always in.
pub(super) struct Sample {
    /// Rows to expect.
    size: usize,
    /// One over the diagonal of the Hessian that was estimated last; without it, all rows are equally likely.
    inverse: Option<Vec<f64>>,
    /// What all rows' curvatures add up to.
    total: f64,
    /// Numbers the estimates, so that each takes other rows.
    round: u64,
}

impl Sample {
    pub(super) fn new(size: usize) -> Self {
        Sample { size, inverse: None, total: 0.0, round: 0 }
    }

    /// The next estimate, given this one's k x k result.
    pub(super) fn next(self, hessian: &[f64]) -> Self {
        let k = hessian.len().isqrt();
        let inverse = (0..k).map(|j| 1.0 / hessian[j * k + j]).collect();
        Sample { inverse: Some(inverse), round: self.round + 1, ..self }
    }

    /// The same where all rows' curvatures add up to `total`: far from the optimum they shrink threefold in a step, and the
    /// diagonal shrinks with them.
    pub(super) fn moved(mut self, total: f64) -> Self {
        let by = self.total / total;
        self.inverse.iter_mut().flatten().for_each(|inverse| *inverse *= by);
        Sample { total, ..self }
    }

    /// The share of `rows` that it has, about.
    pub(super) fn share_of(&self, rows: usize) -> f64 {
        self.size as f64 / rows as f64
    }

    /// The probability of a standardised row with this weight in the Hessian, among `rows`.
    fn probability(&self, rows: usize, z: &[f64], weight: f64) -> f64 {
        self.share(rows, weight, |inverse| weighed_square(z, inverse))
    }

    /// What it is at most: no standardised value is beyond 1.
    fn at_most(&self, rows: usize, weight: f64) -> f64 {
        self.share(rows, weight, |inverse| inverse.iter().sum())
    }

    /// `size` among `rows`, by the leverage: the weight times what `length` says. The leverages of all rows add up to about the
    /// number of columns.
    fn share(&self, rows: usize, weight: f64, length: impl Fn(&[f64]) -> f64) -> f64 {
        match &self.inverse {
            None => self.size as f64 / rows as f64,
            Some(inverse) => weight * length(inverse) * self.size as f64 / inverse.len() as f64,
        }
        .min(1.0)
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

    /// Adds `factor` times a standardised row.
    fn add_standardised(&self, position: usize, factor: f64, sum: &mut [f64]) {
        let Standard { centre, inverse } = self.standard;
        for (((sum, &x), &centre), &inverse) in sum.iter_mut().zip(self.values(position)).zip(centre).zip(inverse) {
            *sum = fma(factor, (x - centre) * inverse, *sum);
        }
        if self.intercept {
            sum[self.x.ncols()] += factor;
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
            let mut told = Told::new();
            let mut sum = 0.0;
            for block in blocks(range) {
                let len = self.weigh(&mut told, block.clone());
                for (i, (eta, delta)) in eta[block.clone()].iter().zip(&delta[block]).enumerate() {
                    let margin = told.sign[i] * fma(t, *delta, *eta);
                    let loss = (-margin).max(0.0) + ln_1p_unit(exp_nonpositive(-margin.abs()));
                    told.first[i] = told.weight[i] * loss;
                }
                sum += told.first[..len].iter().sum::<f64>();
            }
            sum
        });
        parts.iter().sum()
    }

    /// The slope and the curvature of the loss along `delta` at `eta + t * delta`, without the penalty.
    pub(super) fn along(&self, eta: &[f64], delta: &[f64], t: f64) -> [f64; 2] {
        let parts = over_segments(eta.len(), |range| {
            let mut told = Told::new();
            let mut sums = [0.0; 2];
            for block in blocks(range) {
                let len = self.weigh(&mut told, block.clone());
                let (eta, delta) = (&eta[block.clone()], &delta[block]);
                told.derive(len, |i| fma(t, delta[i], eta[i]));
                sums[0] += dot(&told.first[..len], delta);
                sums[1] += (0..len).map(|i| told.second[i] * delta[i] * delta[i]).sum::<f64>();
            }
            sums
        });
        parts.iter().fold([0.0; 2], |sums, part| [sums[0] + part[0], sums[1] + part[1]])
    }

    /// The derivatives of loss and penalty at `v`, whose decision values are `eta`; with a sample, the Hessian is estimated.
    pub(super) fn derivatives(&self, v: &[f64], eta: &[f64], sample: Option<&Sample>) -> Derivatives {
        let k = self.size();
        let parts = over_segments(eta.len(), |range| self.part(range, eta, Curves::These(sample)));
        let mut hessian = vec![0.0; k * k];
        parts.iter().for_each(|part| add_scaled(&mut hessian, 1.0, &part.hessian));
        for j in 0..k {
            hessian[j * k + j] += self.penalty(j);
        }
        Derivatives { gradient: self.summed(&parts, v), hessian }
    }

    /// The sum of all rows' second derivatives by the decision value.
    pub(super) fn curvatures(&self, eta: &[f64]) -> f64 {
        let parts = over_segments(eta.len(), |range| {
            let mut told = Told::new();
            let sum = |rows: Range<usize>| {
                let len = self.weigh(&mut told, rows.clone());
                told.derive(len, |i| eta[rows.start + i]);
                told.second[..len].iter().sum::<f64>()
            };
            blocks(range).map(sum).sum::<f64>()
        });
        parts.iter().sum()
    }

    /// The first and the second derivatives of the loss by each row's decision value.
    pub(super) fn bends(&self, eta: &[f64]) -> [Vec<f64>; 2] {
        let (mut told, mut bends) = (Told::new(), [Vec::new(), Vec::new()]);
        for rows in blocks(0..eta.len()) {
            let len = self.weigh(&mut told, rows.clone());
            told.derive(len, |i| eta[rows.start + i]);
            bends[0].extend(&told.first[..len]);
            bends[1].extend(&told.second[..len]);
        }
        bends
    }

    /// The first derivatives alone.
    pub(super) fn gradient(&self, v: &[f64], eta: &[f64]) -> Vec<f64> {
        self.summed(&over_segments(eta.len(), |range| self.part(range, eta, Curves::None)), v)
    }

    fn summed(&self, parts: &[Derivatives], v: &[f64]) -> Vec<f64> {
        let mut gradient: Vec<f64> = v.iter().enumerate().map(|(j, v)| self.penalty(j) * v).collect();
        parts.iter().for_each(|part| add_scaled(&mut gradient, 1.0, &part.gradient));
        gradient
    }

    /// One segment's share of the loss's derivatives.
    fn part(&self, range: Range<usize>, eta: &[f64], curves: Curves<'_>) -> Derivatives {
        let k = self.size();
        let (kept, sizes) = match curves {
            Curves::None => (0, 0),
            Curves::These(_) => (BLOCK * k, k * k),
        };
        let mut part = Derivatives { gradient: vec![0.0; k], hessian: vec![0.0; sizes] };
        let (mut z, mut block, mut told) = (vec![0.0; k], vec![0.0; kept], Told::new());
        let mut filled = 0;
        for rows in blocks(range) {
            let len = self.weigh(&mut told, rows.clone());
            told.derive(len, |i| eta[rows.start + i]);
            for (i, row) in rows.enumerate() {
                let Curves::These(sample) = curves else {
                    self.add_standardised(row, told.first[i], &mut part.gradient);
                    continue;
                };
                self.standardise(row, &mut z);
                add_scaled(&mut part.gradient, told.first[i], &z);
                let Some(curvature) = self.curvature(row, &z, told.second[i], sample) else { continue };
                let root = curvature.sqrt();
                block[filled * k..(filled + 1) * k].iter_mut().zip(&z).for_each(|(kept, z)| *kept = z * root);
                filled += 1;
                if filled == BLOCK {
                    add_gram(&block, filled, k, &mut part.hessian);
                    filled = 0;
                }
            }
        }
        if filled > 0 {
            add_gram(&block[..filled * k], filled, k, &mut part.hessian);
        }
        part
    }

    /// What a row weighs in the Hessian; none: the sample leaves it out.
    fn curvature(&self, row: usize, z: &[f64], curvature: f64, sample: Option<&Sample>) -> Option<f64> {
        let Some(sample) = sample else { return Some(curvature) };
        let drawn = sample.uniform(row);
        // Most rows of a rare class's table weigh next to nothing, and need no more to be left out.
        if drawn >= sample.at_most(self.rows(), curvature) {
            return None;
        }
        let probability = sample.probability(self.rows(), z, curvature);
        (drawn < probability).then(|| curvature / probability)
    }

    /// Labels as signs, and weights, of a block of positions; how many there are.
    fn weigh(&self, told: &mut Told, positions: Range<usize>) -> usize {
        let len = positions.len();
        for (i, position) in positions.enumerate() {
            let row = self.row(position);
            let label = self.y[row];
            told.sign[i] = if label == 1 { 1.0 } else { -1.0 };
            told.weight[i] = self.weight[usize::from(label)] * self.own(row);
        }
        len
    }
}

/// Whose curvatures are wanted besides the gradient.
#[derive(Clone, Copy)]
enum Curves<'a> {
    None,
    /// The sample's, or those of all rows.
    These(Option<&'a Sample>),
}

/// What the loss says of a block of rows; whole arrays, so that loops become vector code.
struct Told {
    /// 1 for a positive row, -1 for a negative one.
    sign: [f64; BLOCK],
    weight: [f64; BLOCK],
    /// The first and second derivative by the decision value.
    first: [f64; BLOCK],
    second: [f64; BLOCK],
}

impl Told {
    fn new() -> Self {
        let zero = [0.0; BLOCK];
        Told { sign: zero, weight: zero, first: zero, second: zero }
    }

    /// Both derivatives at the decision values `eta(i)`.
    fn derive(&mut self, len: usize, eta: impl Fn(usize) -> f64) {
        for i in 0..len {
            let margin = self.sign[i] * eta(i);
            // e <= 1, so neither quotient can overflow or cancel, however far the row lies from the boundary.
            let e = exp_nonpositive(-margin.abs());
            let part = 1.0 / (1.0 + e);
            let wrong = if margin >= 0.0 { e * part } else { part };
            self.first[i] = -self.sign[i] * self.weight[i] * wrong;
            self.second[i] = self.weight[i] * (e * part) * part;
        }
    }
}

/// A range in blocks.
fn blocks(range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(BLOCK).map(move |start| start..(start + BLOCK).min(end))
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// More rows than a block has, every third positive, with a constant column.
    fn rows() -> (Array2<f64>, Vec<u8>) {
        let x =
            Array2::from_shape_fn((600, 4), |(i, j)| if j == 2 { 7.0 } else { ((i * (37 + j)) % 101) as f64 - 40.0 });
        (x, (0..600).map(|i| u8::from(i % 3 == 0)).collect())
    }

    /// The loss and its derivatives by each decision value, as the textbook has them.
    fn textbook(eta: f64, label: u8) -> [f64; 3] {
        let p = 1.0 / (1.0 + (-eta).exp());
        let loss = if label == 1 { -p.ln() } else { -(1.0 - p).ln() };
        [loss, p - f64::from(label), p * (1.0 - p)]
    }

    #[test]
    fn sums_over_rows_are_the_textbooks() {
        let (x, y) = rows();
        let own: Vec<f64> = (0..600).map(|i| f64::from(i % 5)).collect();
        let standard = Standard::of(x.view(), true);
        let weight = [0.5, 3.0];
        let objective = Objective {
            x: x.view(),
            y: &y,
            rows: None,
            weight,
            own: Some(&own),
            standard: &standard,
            intercept: true,
            l1: 0.0,
            l2: 1.0,
        };
        let (v, step) = ([1.0, -2.0, 0.0, 0.5, -0.25], [0.5, 1.0, 0.0, -1.0, 2.0]);
        let (eta, delta, t) = (objective.decide(&v), objective.decide(&step), 1.5);
        let sum = |at: &dyn Fn(usize) -> f64| (0..600).map(|i| weight[usize::from(y[i])] * own[i] * at(i)).sum::<f64>();
        let near = |found: f64, expected: f64| {
            assert!((found - expected).abs() <= 1e-11 * expected.abs(), "{found} {expected}")
        };
        let moved = |i: usize| textbook(eta[i] + t * delta[i], y[i]);
        near(objective.loss(&eta, &delta, t), sum(&|i| moved(i)[0]));
        let [slope, curvature] = objective.along(&eta, &delta, t);
        near(slope, sum(&|i| moved(i)[1] * delta[i]));
        near(curvature, sum(&|i| moved(i)[2] * delta[i] * delta[i]));
        near(objective.curvatures(&eta), sum(&|i| textbook(eta[i], y[i])[2]));
        let gradient = objective.gradient(&v, &eta);
        let z = |i: usize| (x[(i, 1)] - standard.centre[1]) * standard.inverse[1];
        near(gradient[1], sum(&|i| textbook(eta[i], y[i])[1] * z(i)) + v[1] * standard.inverse[1].powi(2));
        near(gradient[4], sum(&|i| textbook(eta[i], y[i])[1]));
        let both = objective.derivatives(&v, &eta, None);
        both.gradient.iter().zip(&gradient).for_each(|(both, alone)| near(*both, *alone));
        near(both.hessian[6], sum(&|i| textbook(eta[i], y[i])[2] * z(i) * z(i)) + standard.inverse[1].powi(2));
    }

    #[test]
    fn no_row_is_likelier_to_be_taken_than_its_weight_allows() {
        let sample = Sample::new(100).moved(8.0).next(&[4.0, 0.0, 1.0, 0.5]).moved(2.0);
        // The curvatures have fallen to a quarter of what they were, and the diagonal with them: from 4 and 0.5 to 1 and 0.125.
        let expected = 1e-3 * (0.25 / 1.0 + 1.0 / 0.125) * 100.0 / 2.0;
        assert!((sample.probability(600, &[0.5, 1.0], 1e-3) - expected).abs() < 1e-12);
        for z in [[0.5, 1.0], [-1.0, 1.0], [0.0, 0.0]] {
            for weight in [0.0, 1e-5, 1e-3, 0.25] {
                assert!(sample.probability(600, &z, weight) <= sample.at_most(600, weight), "{z:?} {weight}");
            }
        }
        assert_eq!(Sample::new(150).at_most(600, 1e-9), 0.25, "without a diagonal all rows are equally likely");
    }
}
