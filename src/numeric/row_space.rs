//! Fewer rows than columns: the same rows in as many coordinates as there are rows.

use ndarray::{Array2, s};
use rayon::prelude::*;

use super::dense::{add_scaled, dot, power_of_two};
use super::gram::gram;
use super::reflections::{BLOCK, Reflections, blocks};
use super::row_products::filled;

/// Products that a thread should have to add before it is worth waking.
const WORTH_A_THREAD: usize = 1 << 15;

/// Up to so many rows are reflected one by one: blocks would save nothing.
const MOST_SINGLE: usize = 64;

/// `Z = L Q^T` for the rows Z (n x d, n <= d), a lower triangular L (n x n) and orthonormal columns Q (d x n), by
/// Householder's reflections (Golub and Van Loan, Matrix Computations, section 5.2).
///
/// Whatever depends on products of rows only, and what the squares of coefficients penalise, is the same for L as for Z; the
/// coefficients for Z are Q times those for L. Unlike the matrix of the rows' products this squares no condition number.
pub(crate) struct RowSpace {
    /// L: the rows in their coordinates.
    pub(crate) rows: Array2<f64>,
    /// Row k holds, from its entry k on, the u of the reflection I - factor u u^T.
    reflectors: Array2<f64>,
    factors: Vec<f64>,
}

impl RowSpace {
    /// Of `rows` rows that `fill(row, z)` writes.
    pub(crate) fn made(rows: usize, columns: usize, fill: impl Fn(usize, &mut [f64])) -> Self {
        RowSpace::of(filled((rows, columns), fill))
    }

    /// The coordinates of a row.
    pub(crate) fn row(&self, row: usize) -> &[f64] {
        // A standard layout's rows are contiguous.
        self.rows.row(row).to_slice().unwrap_or_default()
    }

    /// The sum of z z^T over the rows in their coordinates.
    pub(crate) fn gram(&self) -> Array2<f64> {
        let rows = self.rows.nrows();
        gram(rows, rows, |row, z| z.copy_from_slice(self.row(row)))
    }

    /// Of rows in C order.
    pub(crate) fn of(mut z: Array2<f64>) -> Self {
        let (n, d) = z.dim();
        debug_assert!(n <= d && z.is_standard_layout());
        // Squares of what is left are finite.
        let scale = power_of_two(&z);
        z.iter_mut().for_each(|v| *v /= scale);
        let mut factors = vec![0.0; n];
        let mut rows = Array2::zeros((n, n));
        let together = if n > MOST_SINGLE { BLOCK } else { n.max(1) };
        for start in (0..n).step_by(together) {
            let end = (start + together).min(n);
            // A standard layout is contiguous.
            let flat = &mut z.as_slice_mut().unwrap_or_default()[..end * d];
            for k in start..end {
                (rows[(k, k)], factors[k]) = reflect_by_row(flat, k, d);
            }
            for i in start..end {
                for j in 0..i {
                    rows[(i, j)] = std::mem::take(&mut z[(i, j)]);
                }
            }
            let (done, mut below) = z.multi_slice_mut((s![start..end, start..], s![end.., start..]));
            if end < n {
                let done = done.to_owned();
                Reflections::new(done.view(), &factors[start..end]).first_to_last(below.view_mut());
            }
        }
        rows.iter_mut().for_each(|v| *v *= scale);
        RowSpace { rows, reflectors: z, factors }
    }

    /// `Q^T b`, for a `b` with an entry per column.
    pub(crate) fn coordinates(&self, b: &[f64]) -> Vec<f64> {
        let mut b = b.to_vec();
        for k in 0..self.factors.len() {
            reflect(&mut b[k..], self.factors[k], self.reflector(k));
        }
        b.truncate(self.factors.len());
        b
    }

    /// `Q c`: coefficients for the columns from coefficients for the coordinates.
    pub(crate) fn columns(&self, c: &[f64]) -> Vec<f64> {
        let mut all = vec![0.0; self.reflectors.ncols()];
        all[..c.len()].copy_from_slice(c);
        for k in (0..self.factors.len()).rev() {
            reflect(&mut all[k..], self.factors[k], self.reflector(k));
        }
        all
    }

    /// The same for each of many.
    pub(crate) fn all_columns(&self, many: &[&[f64]]) -> Vec<Vec<f64>> {
        let (n, d) = self.reflectors.dim();
        if n <= MOST_SINGLE {
            return many.par_iter().map(|c| self.columns(c)).collect();
        }
        let mut all = Array2::zeros((many.len(), d));
        for (mut all, c) in all.outer_iter_mut().zip(many) {
            all.slice_mut(s![..c.len()]).assign(&ndarray::aview1(c));
        }
        for (start, end) in blocks(n).rev() {
            // Contiguous rows are cheaper to multiply.
            let vectors = self.reflectors.slice(s![start..end, start..]).to_owned();
            let block = Reflections::new(vectors.view(), &self.factors[start..end]);
            block.last_to_first(all.slice_mut(s![.., start..]));
        }
        all.outer_iter().map(|row| row.to_vec()).collect()
    }

    fn reflector(&self, k: usize) -> &[f64] {
        let row = self.reflectors.row(k);
        // A standard layout's rows are contiguous.
        &row.to_slice().unwrap_or_default()[k..]
    }
}

/// Makes the row k of rows of `d` columns the u of a reflection, which changes the rows below it; says what stays of the row, and the
/// factor.
fn reflect_by_row(rows: &mut [f64], k: usize, d: usize) -> (f64, f64) {
    let (done, below) = rows.split_at_mut((k + 1) * d);
    let u = &mut done[k * d + k..];
    // A reflection is the same for any length of its u; the factor stays in the range of an f64.
    let scale = power_of_two(&*u);
    u.iter_mut().for_each(|v| *v /= scale);
    let length = dot(u, u).sqrt();
    if length == 0.0 {
        return (0.0, 0.0);
    }
    let own = -length.copysign(u[0]);
    let factor = 1.0 / (length * (length + u[0].abs()));
    u[0] -= own;
    let u = &*u;
    below.par_chunks_exact_mut(d).with_min_len(WORTH_A_THREAD.div_ceil(d)).for_each(|row| {
        reflect(&mut row[k..], factor, u);
    });
    (own * scale, factor)
}

/// v -= factor u (u . v)
fn reflect(v: &mut [f64], factor: f64, u: &[f64]) {
    let along = -factor * dot(u, v);
    add_scaled(v, along, u);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_coordinates_are_those_of_the_rows(
            n in 1_usize..=12,
            more in 0_usize..=40,
            values in prop::collection::vec(-1.0..1.0, 12 * 52),
            repeated in any::<bool>(),
            size in prop::sample::select(vec![1e-200, 1.0, 1e200]),
        ) {
            let d = n + more;
            // Every third row may repeat the first one, and every fourth column be zero.
            let z = Array2::from_shape_fn((n, d), |(i, j)| match repeated {
                true if j % 4 == 2 => 0.0,
                true if i % 3 == 0 => size * values[j],
                _ => size * values[i * 52 + j],
            });
            let space = RowSpace::of(z.clone());
            for i in 0..n {
                let row = z.row(i).to_vec();
                let found = space.coordinates(&row);
                let back = space.columns(&space.rows.row(i).to_vec());
                for (found, expected) in found.iter().zip(space.row(i)).chain(back.iter().zip(&row)) {
                    prop_assert!((found - expected).abs() < 1e-13 * size);
                }
                let unit: Vec<f64> = (0..n).map(|j| f64::from(u8::from(i == j))).collect();
                let direction = space.columns(&unit);
                prop_assert!((dot(&direction, &direction) - 1.0).abs() < 1e-13);
            }
        }
    }

    /// Squares of the small rows are less than any f64, and so are their factors' inverses.
    #[test]
    fn small_rows_beside_large_ones_keep_their_digits() {
        for (n, d) in [(40, 90), (100, 200)] {
            for small in [1e-150, 1e-158, 1e-170] {
                let size = |i: usize| if i >= n / 2 { small } else { 1.0 };
                let z = Array2::from_shape_fn((n, d), |(i, j)| (((i + 1) * (j + 3) * 7) % 101) as f64 * size(i));
                let space = RowSpace::of(z.clone());
                for (i, row) in z.rows().into_iter().enumerate() {
                    let length = |row: &[f64]| row.iter().map(|v| (v / size(i)).powi(2)).sum::<f64>().sqrt();
                    let (found, expected) = (length(space.row(i)), length(&row.to_vec()));
                    assert!((found / expected - 1.0).abs() < 1e-12, "row {i}: {found:e} and {expected:e}");
                }
            }
        }
    }

    /// Blocks of reflections, of which the last is not full.
    #[test]
    fn many_rows_have_their_coordinates_whatever_the_threads() {
        let (n, d) = (MOST_SINGLE + BLOCK + 3, 130);
        // A row that repeats another one, and a column of zeros.
        let value = |at: usize| {
            let hash = (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            ((hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f64 / f64::from(1 << 23) - 1.0
        };
        let z = Array2::from_shape_fn((n, d), |(i, j)| if j == 7 { 0.0 } else { value(i % 70 * d + j) });
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| RowSpace::of(z.clone()))
        };
        let space = with(1);
        let (again, other) = (with(3), space.all_columns(&(0..n).map(|i| space.row(i)).collect::<Vec<_>>()));
        assert!(space.rows == again.rows && space.reflectors == again.reflectors);
        for (i, other) in other.iter().enumerate() {
            assert!(space.rows.row(i).iter().skip(i + 1).all(|&above| above == 0.0));
            let row = z.row(i).to_vec();
            let found = space.coordinates(&row);
            let back = space.columns(space.row(i));
            let pairs = found.iter().zip(space.row(i)).chain(back.iter().zip(&row)).chain(other.iter().zip(&row));
            for (found, expected) in pairs {
                assert!((found - expected).abs() < 1e-12, "row {i}: {found} and {expected}");
            }
        }
    }
}
