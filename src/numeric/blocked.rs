//! Eigenvalues and eigenvectors of large symmetric matrices: Householder's tridiagonal form by blocks of reflections (LAPACK's
//! `dsytrd`), which is then divided.

use ndarray::{Array2, ArrayView2, Axis, concatenate, linalg::general_mat_mul, s};
use rayon::prelude::*;

use super::dense::{add_scaled, dot, power_of_two};
use super::divide;
use super::reflections::{BLOCK, Reflections, blocks};
use super::tridiagonal::{Form, householder};

/// Rows of the matrix that one product changes.
const ROWS: usize = 128;

/// The `wanted` largest eigenvalues, falling, each with its eigenvector of length 1. Of `a` only the lower triangle is read.
pub(super) fn eigen(a: Array2<f64>, wanted: usize) -> Vec<(f64, Vec<f64>)> {
    let n = a.nrows();
    if a.iter().any(|v| !v.is_finite()) {
        return vec![(f64::NAN, vec![f64::NAN; n]); wanted.min(n)];
    }
    // Squares stay in the range of an f64.
    let scale = power_of_two(&a);
    let form = Form::by_blocks(a / scale);
    let mut solved = divide::solve(&form.diagonal, &form.beside, wanted);
    form.restore(&mut solved.vectors);
    let pairs = solved.values.iter().zip(solved.vectors.outer_iter()).rev();
    pairs.map(|(value, vector)| (value * scale, vector.to_vec())).collect()
}

impl Form {
    /// `T = H_1 ... H_(n-1) A H_(n-1) ... H_1`; behind the numbers of u a row of `reflectors` has zeros.
    fn by_blocks(mut a: Array2<f64>) -> Self {
        let n = a.nrows();
        let mut form = Form {
            diagonal: vec![0.0; n],
            beside: vec![0.0; n],
            reflectors: Array2::zeros((n, n)),
            factors: vec![0.0; n],
        };
        let mut end = n;
        while end > 0 {
            let start = end.saturating_sub(BLOCK);
            form.take(&mut a, start, end);
            end = start;
        }
        form
    }

    /// Makes the rows `start..end` those of T, and changes those before them as the reflections do.
    fn take(&mut self, a: &mut Array2<f64>, start: usize, end: usize) {
        // A is changed by -u q^T - q u^T for each reflection; the rows before `start` all at once, behind the loop.
        let (mut us, mut qs): (Vec<Vec<f64>>, Vec<Vec<f64>>) = (Vec::new(), Vec::new());
        for i in (start..end).rev() {
            let mut row = a.row(i).to_vec();
            row.truncate(i + 1);
            for (u, q) in us.iter().zip(&qs) {
                add_scaled(&mut row, -u[i], &q[..=i]);
                add_scaled(&mut row, -q[i], &u[..=i]);
            }
            self.diagonal[i] = row[i];
            row.truncate(i);
            if i == 0 {
                break;
            }
            (self.beside[i - 1], self.factors[i]) = householder(&mut row);
            let factor = self.factors[i];
            let mut product = times(a.view(), &row);
            for (u, q) in us.iter().zip(&qs) {
                let (along_u, along_q) = (dot(&u[..i], &row), dot(&q[..i], &row));
                add_scaled(&mut product, -along_q, &u[..i]);
                add_scaled(&mut product, -along_u, &q[..i]);
            }
            let half = factor * factor * dot(&product, &row) / 2.0;
            let q = product.iter().zip(&row).map(|(p, u)| factor * p - half * u).collect();
            self.reflectors.slice_mut(s![i, ..i]).assign(&ndarray::aview1(&row));
            us.push(row);
            qs.push(q);
        }
        if start == 0 {
            return;
        }
        let rows = |of: &[Vec<f64>]| Array2::from_shape_fn((of.len(), start), |(k, at)| of[k][at]);
        let (us, qs) = (rows(&us), rows(&qs));
        // Rows and columns alike, so that one product makes both terms.
        let (left, right) = (joined(&us, &qs), joined(&qs, &us));
        let mut before = a.slice_mut(s![..start, ..start]);
        before.axis_chunks_iter_mut(Axis(0), ROWS).into_par_iter().enumerate().for_each(|(nth, mut rows)| {
            let (from, to) = (nth * ROWS, nth * ROWS + rows.nrows());
            let left = left.slice(s![.., from..to]);
            let right = right.slice(s![.., ..to]);
            general_mat_mul(-1.0, &left.t(), &right, 1.0, &mut rows.slice_mut(s![.., ..to]));
        });
    }

    /// Makes the eigenvectors of A of those of T, which are rows.
    fn restore(&self, vectors: &mut Array2<f64>) {
        for (start, end) in blocks(self.factors.len()) {
            let reflectors = self.reflectors.slice(s![start..end, ..end]);
            // Contiguous rows are cheaper to multiply.
            let reflectors = reflectors.to_owned();
            let block = Reflections::new(reflectors.view(), &self.factors[start..end]);
            block.first_to_last(vectors.slice_mut(s![.., ..end]));
        }
    }
}

fn joined(one: &Array2<f64>, other: &Array2<f64>) -> Array2<f64> {
    // Both have as many columns.
    concatenate(Axis(0), &[one.view(), other.view()]).unwrap_or_default()
}

/// The product of the first rows and columns of a symmetric matrix, of which the lower triangle is read, with as many numbers.
fn times(a: ArrayView2<'_, f64>, u: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; u.len()];
    for (r, row) in a.outer_iter().take(u.len()).enumerate() {
        // Rows of a matrix in C order are contiguous.
        let row = &row.to_slice().unwrap_or_default()[..=r];
        let own = dot(row, &u[..=r]);
        add_scaled(&mut product[..r], u[r], &row[..r]);
        product[r] += own;
    }
    product
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::dense::worst;
    use super::*;

    /// A = V^T diag(w) V for the pairs of all, V V^T = I, and the largest are the first of all.
    fn assert_exact(a: &Array2<f64>) {
        let n = a.nrows();
        let all = eigen(a.clone(), n);
        assert!(all.windows(2).all(|pair| pair[0].0 >= pair[1].0));
        let v = Array2::from_shape_fn((n, n), |(k, i)| all[k].1[i]);
        let scaled = Array2::from_shape_fn((n, n), |(k, i)| all[k].1[i] * all[k].0);
        let most = 1e-14 * (n as f64 + 10.0);
        let rebuilt = worst(&(scaled.t().dot(&v) - a)) / worst(a).max(f64::MIN_POSITIVE);
        let orthonormal = worst(&(v.dot(&v.t()) - Array2::<f64>::eye(n)));
        assert!(rebuilt < most && orthonormal < most, "{rebuilt:e} and {orthonormal:e} of {n} rows");
        let some = n.div_ceil(3);
        assert_eq!(eigen(a.clone(), some), all[..some]);
    }

    fn noise(at: usize) -> f64 {
        let hash = (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / f64::from(1 << 23) - 1.0
    }

    fn symmetric(n: usize, shape: usize, block: usize, value: impl Fn(usize) -> f64) -> Array2<f64> {
        let plain = |i: usize, j: usize| value(i.max(j) * n + i.min(j));
        Array2::from_shape_fn((n, n), |(i, j)| match shape {
            0 => plain(i, j),
            1 => f64::round(plain(i, j) * 1.4),
            2 if i / block == j / block => plain(i, j),
            3 => (0..3).map(|k| value(k * n + i) * value(k * n + j)).sum(),
            // A chain, as nearly tied as Wilkinson's matrix.
            4 if i.abs_diff(j) == 1 => 1.0,
            4 if i == j => (i as f64 - n as f64 / 2.0).abs(),
            2 | 4 => 0.0,
            _ => f64::from(u8::from(i == j)) + f64::from(u8::from(i / block == j / block)),
        })
    }

    proptest! {
        /// Ties, zeros, blocks, low rank and nearly tied chains, of less than a block and of several.
        #[test]
        fn rebuilds_the_matrix(
            n in 1_usize..=110,
            values in prop::collection::vec(-1.0..1.0, 110 * 110),
            shape in 0_usize..6,
            block in 1_usize..=60,
        ) {
            assert_exact(&symmetric(n, shape, block, |at| values[at]));
        }
    }

    #[test]
    fn several_groups_of_rows_and_sizes_at_the_ends_of_the_range() {
        for shape in 0..6 {
            assert_exact(&symmetric(2 * ROWS + BLOCK + 5, shape, 50, noise));
        }
        for factor in [1e-300, 1e300] {
            assert_exact(&(symmetric(60, 0, 1, noise) * factor));
        }
        assert_exact(&Array2::zeros((40, 40)));
        assert!(eigen(Array2::zeros((0, 0)), 3).is_empty());
        assert!(eigen(Array2::from_elem((30, 30), f64::NAN), 2).iter().all(|(value, _)| value.is_nan()));
    }

    /// Half of the rows and columns are so small that squares of their size are less than any f64.
    #[test]
    fn rows_that_are_nothing_beside_the_others() {
        let n = 300;
        for small in [1e-150, 1e-160] {
            let a = Array2::from_shape_fn((n, n), |(i, j)| {
                ((i * j + i + j) * 7 % 23) as f64 * if i < n / 2 || j < n / 2 { small } else { 1.0 }
            });
            assert_exact(&a);
        }
        assert_exact(&Array2::ones((n, n)));
    }

    /// The second difference's eigenvalues are 2 - 2 cos(k pi / (n + 1)).
    #[test]
    fn values_that_are_known() {
        let n = 300;
        let a = Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        for (k, (value, _)) in eigen(a, n).into_iter().enumerate() {
            let exact = 2.0 - 2.0 * ((n - k) as f64 * std::f64::consts::PI / (n + 1) as f64).cos();
            assert!((value - exact).abs() < 1e-14 * 4.0, "{value} and {exact}");
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let a = symmetric(300, 0, 1, noise);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| eigen(a.clone(), 300))
        };
        assert_eq!(with(1), with(3));
    }
}
