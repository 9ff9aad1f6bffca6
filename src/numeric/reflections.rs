//! Householder's reflections by the block: `H_1 H_2 ... H_b = I - V^T T V` with the u of each as a row of V (Golub and Van Loan,
//! Matrix Computations, section 5.1.7), so that products of matrices do the work.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, linalg::general_mat_mul};
use rayon::prelude::*;

use super::dense::dot;

/// Reflections of a block: long enough for the products of matrices, short enough for what is done one by one.
pub(crate) const BLOCK: usize = 32;
/// Rows that a thread reflects at a time.
const ROWS: usize = 128;

/// `to += factor * a b`, in parallel by fixed groups of rows: the threads change no bit.
pub(crate) fn add_product(factor: f64, a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>, mut to: ArrayViewMut2<'_, f64>) {
    to.axis_chunks_iter_mut(Axis(0), ROWS)
        .into_par_iter()
        .zip(a.axis_chunks_iter(Axis(0), ROWS))
        .for_each(|(mut to, a)| general_mat_mul(factor, &a, &b, 1.0, &mut to));
}

/// `I - V^T T V`.
pub(crate) struct Reflections<'a> {
    /// V, with zeros where a u has no entries.
    vectors: ArrayView2<'a, f64>,
    /// T, upper triangular.
    inner: Array2<f64>,
}

impl<'a> Reflections<'a> {
    /// Of the reflections `I - factor u u^T`; u are the rows of `vectors`, in C order.
    pub(crate) fn new(vectors: ArrayView2<'a, f64>, factors: &[f64]) -> Self {
        let count = factors.len();
        let row = |k: usize| vectors.row(k).to_slice().unwrap_or_default();
        let mut inner = Array2::zeros((count, count));
        for (k, &factor) in factors.iter().enumerate() {
            let along: Vec<f64> = (0..k).map(|before| dot(row(before), row(k))).collect();
            for i in 0..k {
                let sum: f64 = (i..k).map(|before| inner[(i, before)] * along[before]).sum();
                inner[(i, k)] = -factor * sum;
            }
            inner[(k, k)] = factor;
        }
        Reflections { vectors, inner }
    }

    /// Each row c becomes `c H_1 H_2 ... H_b`.
    pub(crate) fn first_to_last(&self, rows: ArrayViewMut2<'_, f64>) {
        self.reflect(rows, self.inner.view());
    }

    /// Each row c becomes `c H_b ... H_2 H_1`.
    pub(crate) fn last_to_first(&self, rows: ArrayViewMut2<'_, f64>) {
        self.reflect(rows, self.inner.t());
    }

    fn reflect(&self, mut rows: ArrayViewMut2<'_, f64>, inner: ArrayView2<'_, f64>) {
        rows.axis_chunks_iter_mut(Axis(0), ROWS).into_par_iter().for_each(|mut rows| {
            let along = rows.dot(&self.vectors.t()).dot(&inner);
            general_mat_mul(-1.0, &along, &self.vectors, 1.0, &mut rows);
        });
    }
}

/// The blocks of so many reflections, as their first and the one behind the last.
pub(crate) fn blocks(count: usize) -> impl DoubleEndedIterator<Item = (usize, usize)> {
    (0..count.div_ceil(BLOCK)).map(move |block| (block * BLOCK, (block * BLOCK + BLOCK).min(count)))
}

#[cfg(test)]
mod tests {
    use super::super::dense::worst;
    use super::*;

    #[test]
    fn a_block_is_its_reflections_one_after_another() {
        let (count, width) = (5, 9);
        let vectors = Array2::from_shape_fn((count, width), |(i, j)| ((i * 5 + j * 3) % 7) as f64 - 2.5);
        let factors: Vec<f64> = vectors.rows().into_iter().map(|u| 2.0 / u.dot(&u)).collect();
        let block = Reflections::new(vectors.view(), &factors);
        let given = Array2::from_shape_fn((ROWS + 2, width), |(i, j)| ((i * 11 + j * 4) % 13) as f64);
        let one_by_one = |order: &mut dyn Iterator<Item = usize>| {
            let mut rows = given.clone();
            for k in order {
                let u = vectors.row(k);
                for mut row in rows.rows_mut() {
                    let along = factors[k] * row.dot(&u);
                    row.scaled_add(-along, &u);
                }
            }
            rows
        };
        let (mut forth, mut back) = (given.clone(), given.clone());
        block.first_to_last(forth.view_mut());
        block.last_to_first(back.view_mut());
        let off = |a: &Array2<f64>, b: &Array2<f64>| worst(&(a - b));
        assert!(off(&forth, &one_by_one(&mut (0..count))) < 1e-13);
        assert!(off(&back, &one_by_one(&mut (0..count).rev())) < 1e-13);
        assert_eq!(
            blocks(2 * BLOCK + 1).collect::<Vec<_>>(),
            [(0, BLOCK), (BLOCK, 2 * BLOCK), (2 * BLOCK, 2 * BLOCK + 1)]
        );
    }
}
