//! Fewer rows than columns: the same rows in as many coordinates as there are rows.

use ndarray::Array2;
use rayon::prelude::*;

use super::dense::{add_scaled, dot};
use super::gram::gram;

/// Products that a thread should have to add before it is worth waking.
const WORTH_A_THREAD: usize = 1 << 15;

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
        let mut z = Array2::zeros((rows, columns));
        // A new array is in C order.
        for (row, z) in z.as_slice_mut().unwrap_or_default().chunks_exact_mut(columns.max(1)).enumerate() {
            fill(row, z);
        }
        RowSpace::of(z)
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
    fn of(mut z: Array2<f64>) -> Self {
        let (n, d) = z.dim();
        debug_assert!(n <= d && z.is_standard_layout());
        let largest = z.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
        // A power of two rounds nothing; squares of what is left are finite.
        let scale = if largest > 0.0 && largest.is_finite() { largest.log2().floor().max(-1000.0).exp2() } else { 1.0 };
        z.iter_mut().for_each(|v| *v /= scale);
        let mut factors = vec![0.0; n];
        let mut rows = Array2::zeros((n, n));
        // A standard layout is contiguous.
        let flat = z.as_slice_mut().unwrap_or_default();
        for (k, kept) in factors.iter_mut().enumerate() {
            let (done, below) = flat.split_at_mut((k + 1) * d);
            let u = &mut done[k * d + k..];
            let length = dot(u, u).sqrt();
            if length == 0.0 {
                continue;
            }
            rows[(k, k)] = -length.copysign(u[0]);
            let factor = 1.0 / (length * (length + u[0].abs()));
            u[0] -= rows[(k, k)];
            let u = &*u;
            below.par_chunks_exact_mut(d).with_min_len(WORTH_A_THREAD.div_ceil(d)).for_each(|row| {
                reflect(&mut row[k..], factor, u);
            });
            *kept = factor;
        }
        for i in 0..n {
            for j in 0..i {
                rows[(i, j)] = z[(i, j)];
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

    fn reflector(&self, k: usize) -> &[f64] {
        let row = self.reflectors.row(k);
        // A standard layout's rows are contiguous.
        &row.to_slice().unwrap_or_default()[k..]
    }
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
}
