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
/// Up to so many columns a factor stays in the cache, and row by row is as fast.
const BY_ROWS: usize = 256;

/// `h + ridge * diag(h) = S L L^T S` for a diagonal S and a lower triangular L (k x k, row-major).
pub(crate) struct Factor {
    /// 1 / the diagonal of S.
    pub(crate) scale: Vec<f64>,
    pub(crate) lower: Vec<f64>,
}

impl Factor {
    /// Of the symmetric `h` (k x k, only its lower triangle is read, row-major). `None` when the matrix is not positive
    /// definite to working precision, or not finite. The threads change no bit.
    pub(crate) fn of(h: &[f64], k: usize, ridge: f64) -> Option<Self> {
        if k > BY_ROWS { Self::by_blocks(h.to_vec(), k, ridge) } else { Self::by_rows(h, k, ridge) }
    }

    fn by_rows(h: &[f64], k: usize, ridge: f64) -> Option<Self> {
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

    /// The same in the memory of `h`, by blocks whatever its size.
    pub(crate) fn in_blocks(h: Array2<f64>, ridge: f64) -> Option<Self> {
        let k = h.nrows();
        Self::by_blocks(h.into_raw_vec_and_offset().0, k, ridge)
    }

    /// For hundreds of columns and more: other roundings, and many times as fast.
    fn by_blocks(mut lower: Vec<f64>, k: usize, ridge: f64) -> Option<Self> {
        let scale: Vec<f64> = (0..k).map(|i| 1.0 / lower[i * k + i].sqrt()).collect();
        if scale.iter().any(|s| !s.is_finite()) {
            return None;
        }
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
    use proptest::prelude::*;

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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        /// Up to three panels, columns of many sizes and one that may repeat another: then only a ridge lets either go on.
        #[test]
        fn both_ways_make_one_factor(
            k in 2_usize..=2 * PANEL + 30,
            seed in any::<u64>(),
            repeats in any::<bool>(),
            ridge in prop::sample::select(vec![0.0, 1e-8, 1.0]),
        ) {
            let draw = |i: usize, j: usize| {
                let bits = seed.wrapping_add((i * 1_000 + j) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                ((bits >> 40) as f64 / f64::from(1 << 23) - 1.0) * 10_f64.powi(i as i32 % 9 - 4)
            };
            let z = Array2::from_shape_fn((k, 2 * k), |(i, j)| if repeats && i == k - 1 { draw(0, j) } else { draw(i, j) });
            let h = z.dot(&z.t()).into_raw_vec_and_offset().0;
            let (rows, blocks) = (Factor::by_rows(&h, k, ridge), Factor::by_blocks(h.clone(), k, ridge));
            prop_assert_eq!(rows.is_none(), repeats && ridge == 0.0);
            prop_assert_eq!(blocks.is_none(), rows.is_none());
            if let (Some(rows), Some(blocks)) = (rows, blocks) {
                prop_assert_eq!(rows.scale, blocks.scale);
                // Above the diagonal of a panel there is what nobody reads.
                let below = (0..k * k).filter(|at| at % k <= at / k);
                let off = worst(below.map(|at| rows.lower[at] - blocks.lower[at]));
                // The last pivot of a repeated column is what the ridge adds, and holds as many digits fewer.
                prop_assert!(off < if ridge == 1e-8 && repeats { 1e-7 } else { 1e-11 }, "{off:e}");
            }
        }

        #[test]
        fn what_is_given_by_rows_is_solved_whatever_the_size(k in BY_ROWS - 2..BY_ROWS + 3) {
            let h: Vec<f64> = (0..k * k).map(|at| if at / k == at % k { 3.0 } else { 1.0 / k as f64 }).collect();
            // What solves to ones; the upper triangle is not read.
            let b = vec![3.0 + (k - 1) as f64 / k as f64; k];
            let lower: Vec<f64> = (0..k * k).map(|at| if at % k > at / k { f64::NAN } else { h[at] }).collect();
            let off = worst(solve(&lower, &b, 0.0).unwrap().iter().map(|s| s - 1.0));
            prop_assert!(off < 1e-13, "{off:e}");
        }
    }
}
