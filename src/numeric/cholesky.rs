//! Factors and solves symmetric systems. Columns of any size and exact collinearity occur, so the matrix is scaled to a unit
//! diagonal first, and a ridge is added only as far as the caller asks for one.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, linalg::general_mat_mul, s};
use rayon::prelude::*;

use super::dense::dot;

/// A pivot below this share of its diagonal means that the column repeats earlier ones to working precision.
const SMALLEST_PIVOT: f64 = 1e-13;
/// Columns that are factored together, so that most of the work is products of matrices that stay in the cache.
const PANEL: usize = 128;

/// `h + ridge * diag(h) = S L L^T S` for a diagonal S and a lower triangular L (k x k, row-major).
pub(crate) struct Factor {
    /// 1 / the diagonal of S.
    pub(crate) scale: Vec<f64>,
    pub(crate) lower: Vec<f64>,
}

impl Factor {
    /// Of the symmetric `h` (k x k, only its lower triangle is read, row-major). `None` when the matrix is not positive
    /// definite to working precision, or not finite.
    pub(crate) fn of(h: &[f64], k: usize, ridge: f64) -> Option<Self> {
        let scale: Vec<f64> = (0..k).map(|i| 1.0 / h[i * k + i].sqrt()).collect();
        if scale.iter().any(|s| !s.is_finite()) {
            return None;
        }
        let mut lower = vec![0.0; k * k];
        for i in 0..k {
            for j in 0..=i {
                let (done, row) = lower.split_at_mut(i * k);
                let scaled = h[i * k + j] * scale[i] * scale[j];
                if j == i {
                    let pivot = scaled + ridge - dot(&row[..i], &row[..i]);
                    if pivot.is_nan() || pivot <= SMALLEST_PIVOT {
                        return None;
                    }
                    row[i] = pivot.sqrt();
                } else {
                    let above = &done[j * k..j * k + k];
                    row[j] = (scaled - dot(&row[..j], &above[..j])) / above[j];
                }
            }
        }
        Some(Factor { scale, lower })
    }

    /// The same for thousands of columns: other roundings, and many times as fast. The threads change no bit.
    pub(crate) fn in_blocks(h: Array2<f64>, ridge: f64) -> Option<Self> {
        let k = h.nrows();
        let scale: Vec<f64> = h.diag().iter().map(|own| 1.0 / own.sqrt()).collect();
        if scale.iter().any(|s| !s.is_finite()) {
            return None;
        }
        let mut lower = h.into_raw_vec_and_offset().0;
        for (i, row) in lower.chunks_exact_mut(k.max(1)).enumerate() {
            row[..=i].iter_mut().zip(&scale).for_each(|(value, scale)| *value *= scale);
            row[..=i].iter_mut().for_each(|value| *value *= scale[i]);
            row[i] += ridge;
            row[i + 1..].fill(0.0);
        }
        for start in (0..k).step_by(PANEL) {
            let end = (start + PANEL).min(k);
            let (done, below) = lower.split_at_mut(end * k);
            let panel = &mut done[start * k..];
            subtract(panel, None, k, start..end);
            for i in 0..end - start {
                let (above, row) = panel.split_at_mut(i * k);
                let row = &mut row[start..start + i + 1];
                against(&mut row[..i], above, k, start);
                let pivot = row[i] - dot(&row[..i], &row[..i]);
                if pivot.is_nan() || pivot <= SMALLEST_PIVOT {
                    return None;
                }
                row[i] = pivot.sqrt();
            }
            let panel = &*panel;
            below.par_chunks_mut(PANEL * k).for_each(|rows| {
                subtract(rows, Some(panel), k, start..end);
                rows.chunks_exact_mut(k).for_each(|row| against(&mut row[start..end], panel, k, start));
            });
        }
        Some(Factor { scale, lower })
    }

    /// L^-1 transposed, as rows of `k`. The threads change no bit.
    pub(crate) fn inverse_in_blocks(&self) -> Array2<f64> {
        let k = self.scale.len();
        let mut inverse = Array2::<f64>::eye(k);
        let Ok(lower) = ArrayView2::from_shape((k, k), &self.lower) else {
            unreachable!("the factor is made of k rows of k numbers");
        };
        // A new array is in C order.
        let all = inverse.as_slice_mut().unwrap_or_default().par_chunks_mut((PANEL * k).max(1));
        all.enumerate().for_each(|(nth, rows)| {
            let first = nth * PANEL;
            for start in (first..k).step_by(PANEL) {
                let end = (start + PANEL).min(k);
                if let Ok(mut rows) = ArrayViewMut2::from_shape((rows.len() / k, k), &mut *rows) {
                    let (known, mut to) = rows.multi_slice_mut((s![.., first..start], s![.., start..end]));
                    general_mat_mul(-1.0, &known, &lower.slice(s![start..end, first..start]).t(), 1.0, &mut to);
                }
                let panel = &self.lower[start * k..end * k];
                rows.chunks_exact_mut(k).for_each(|row| against(&mut row[start..end], panel, k, start));
            }
        });
        inverse
    }

    /// The `s` with `(h + ridge * diag(h)) s = b`; `None` when it is not finite.
    pub(crate) fn solve(&self, b: &[f64]) -> Option<Vec<f64>> {
        let k = b.len();
        let (scale, lower) = (&self.scale, &self.lower);
        let mut s: Vec<f64> = b.iter().zip(scale).map(|(b, scale)| b * scale).collect();
        for i in 0..k {
            s[i] = (s[i] - dot(&lower[i * k..i * k + i], &s[..i])) / lower[i * k + i];
        }
        for i in (0..k).rev() {
            s[i] /= lower[i * k + i];
            let solved = s[i];
            for j in 0..i {
                s[j] -= lower[i * k + j] * solved;
            }
        }
        s.iter_mut().zip(scale).for_each(|(s, scale)| *s *= scale);
        s.iter().all(|s| s.is_finite()).then_some(s)
    }
}

/// Takes from the `columns` of rows of `k` numbers what the columns before them say, by the rows of the panel: its own without one.
fn subtract(rows: &mut [f64], panel: Option<&[f64]>, k: usize, columns: Range<usize>) {
    let count = rows.len() / k;
    let Range { start, end } = columns;
    let Ok(mut rows) = ArrayViewMut2::from_shape((count, k), rows) else {
        unreachable!("the rows are cut to k numbers by the caller");
    };
    let (before, mut to) = rows.multi_slice_mut((s![.., ..start], s![.., start..end]));
    match panel.map(|panel| ArrayView2::from_shape((end - start, k), panel)) {
        Some(Ok(panel)) => general_mat_mul(-1.0, &before, &panel.slice(s![.., ..start]).t(), 1.0, &mut to),
        _ => general_mat_mul(-1.0, &before, &before.t(), 1.0, &mut to),
    }
}

/// Solves for a row of L from its first column of a panel on, by the panel's rows.
fn against(row: &mut [f64], panel: &[f64], k: usize, start: usize) {
    for j in 0..row.len() {
        let above = &panel[j * k + start..=j * k + start + j];
        row[j] = (row[j] - dot(&row[..j], &above[..j])) / above[j];
    }
}

/// Solves `(h + ridge * diag(h)) s = b` for the symmetric `h` (k x k, only its lower triangle is read, row-major).
/// `None` when the matrix is not positive definite to working precision, or not finite.
pub(crate) fn solve(h: &[f64], b: &[f64], ridge: f64) -> Option<Vec<f64>> {
    Factor::of(h, b.len(), ridge)?.solve(b)
}

#[cfg(test)]
mod tests {
    use super::super::dense::worst;
    use super::*;

    #[test]
    fn solves_badly_scaled_systems_and_refuses_collinear_ones() {
        // h = D [[4, 2], [2, 3]] D with D = diag(1e8, 1e-4), and h s = b has s = (1, 1) / D.
        let h = [4e16, 2e4, 2e4, 3e-8];
        let s = solve(&h, &[6e8, 5e-4], 0.0).unwrap();
        assert!((s[0] * 1e8 - 1.0).abs() < 1e-14 && (s[1] * 1e-4 - 1.0).abs() < 1e-14, "{s:?}");
        assert!(solve(&[1.0, 2.0, 2.0, 4.0], &[1.0, 2.0], 0.0).is_none());
        assert!(solve(&[1.0, 2.0, 2.0, 4.0], &[1.0, 2.0], 1e-10).is_some());
        assert!(solve(&[f64::NAN], &[1.0], 0.0).is_none());
    }

    #[test]
    fn blocks_factor_as_rows_do() {
        let k = 2 * PANEL + 7;
        // Products of rows that are longer than they are many, some of them of other sizes.
        let z = Array2::from_shape_fn((k, k + 40), |(i, j)| {
            let hash = ((i * 331 + j) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let hash = (hash ^ (hash >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            ((hash >> 40) as f64 / f64::from(1 << 23) - 1.0) * if i % 5 == 0 { 1e6 } else { 1.0 }
        });
        let h = z.dot(&z.t());
        // What solves to ones, in the unit of each row.
        let ones: Vec<f64> = (0..k).map(|i| if i % 5 == 0 { 1e-6 } else { 1.0 }).collect();
        let b = h.dot(&ndarray::Array1::from(ones.clone())).to_vec();
        let s = Factor::in_blocks(h, 0.0).unwrap().solve(&b).unwrap();
        let off = worst(s.iter().zip(&ones).map(|(s, one)| s / one - 1.0));
        assert!(off < 1e-8, "{off:e}");
        // The inverse times the factor.
        let factor = Factor::in_blocks(z.dot(&z.t()), 0.0).unwrap();
        let lower = Array2::from_shape_fn((k, k), |(i, j)| if j <= i { factor.lower[i * k + j] } else { 0.0 });
        let unit = lower.dot(&factor.inverse_in_blocks().t());
        let off = worst(unit - Array2::<f64>::eye(k));
        assert!(off < 1e-11, "{off:e}");
        let twice = ndarray::array![[1.0, 2.0], [2.0, 4.0]];
        assert!(Factor::in_blocks(twice.clone(), 0.0).is_none() && Factor::in_blocks(twice, 1e-10).is_some());
        assert!(Factor::in_blocks(ndarray::array![[f64::NAN]], 0.0).is_none());
    }
}
