//! Kernel values by blocks: a matrix product gives the scalar products of a tile of rows with a tile of support
//! vectors, and one vectorised loop turns them into kernel values and adds them up.

use ndarray::{ArrayView2, ArrayViewMut2, linalg::general_mat_mul};
use rayon::prelude::*;

#[cfg(target_arch = "x86_64")]
use super::wide;
#[cfg(target_arch = "x86_64")]
use crate::numeric::dense::has_wide_vectors;
use crate::numeric::dense::{dot, exp_nonpositive, fma};

/// Rows of one tile; each row's sum is made inside its tile, so it does not depend on the threads.
const ROWS: usize = 128;
/// Support vectors of one tile: with `ROWS`, 256 KB of products.
const VECTORS: usize = 256;

/// The kernel function. Rows may be centred for the first two: the RBF sees differences only, and in the linear
/// dual the sum of the signed coefficients is 0, so that a shift moves nothing but the intercept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kernel {
    /// exp(-gamma |a - b|^2)
    Rbf { gamma: f64 },
    /// <a, b>
    Linear,
    /// (gamma <a, b> + coef0)^degree, on rows as they are.
    Poly { gamma: f64, coef0: f64, degree: i32 },
    /// tanh(gamma <a, b> + coef0), on rows as they are. No scalar product of any space: the dual may have several optima.
    Sigmoid { gamma: f64, coef0: f64 },
}

impl Kernel {
    /// K(a, b) from the scalar product and both squared norms.
    #[inline(always)]
    fn value(self, product: f64, norm_a: f64, norm_b: f64) -> f64 {
        match self {
            // Rounding may leave a squared distance a little below 0.
            Kernel::Rbf { gamma } => exp_nonpositive((-gamma * fma(-2.0, product, norm_a + norm_b)).min(0.0)),
            Kernel::Linear => product,
            Kernel::Poly { gamma, coef0, degree } => fma(gamma, product, coef0).powi(degree),
            Kernel::Sigmoid { gamma, coef0 } => fma(gamma, product, coef0).tanh(),
        }
    }

    /// K(a, a).
    pub(super) fn diagonal(self, norm: f64) -> f64 {
        match self {
            Kernel::Rbf { .. } => 1.0,
            Kernel::Linear | Kernel::Poly { .. } | Kernel::Sigmoid { .. } => self.value(norm, norm, norm),
        }
    }
}

/// Centred rows kept for kernel values: the working set, or the support vectors of a fitted model.
#[derive(Debug, Clone)]
pub(super) struct Vectors {
    pub(super) columns: usize,
    /// Row after row.
    values: Vec<f64>,
    norms: Vec<f64>,
}

impl Vectors {
    pub(super) fn new(columns: usize) -> Self {
        Vectors { columns, values: Vec::new(), norms: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.norms.len()
    }

    pub(super) fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.columns..(i + 1) * self.columns]
    }

    pub(super) fn norm(&self, i: usize) -> f64 {
        self.norms[i]
    }

    /// Appends `row - centre`.
    pub(super) fn push_centred<'a>(&mut self, row: impl IntoIterator<Item = &'a f64>, centre: &[f64]) {
        self.values.extend(row.into_iter().zip(centre).map(|(x, c)| x - c));
        let start = self.norms.len() * self.columns;
        let pushed = &self.values[start..];
        self.norms.push(dot(pushed, pushed));
    }

    /// The chosen rows.
    pub(super) fn select(&self, chosen: impl IntoIterator<Item = usize>) -> Self {
        let mut selected = Vectors::new(self.columns);
        for i in chosen {
            selected.values.extend_from_slice(self.row(i));
            selected.norms.push(self.norms[i]);
        }
        selected
    }

    /// Appends K(row i, row j) for j in `held..self.len()`, for several rows i whose values so far are `held` each.
    pub(super) fn extend_kernel_rows(&self, kernel: Kernel, rows: &[usize], values: &mut [Vec<f64>]) {
        let held = values.first().map_or(0, Vec::len);
        values.iter_mut().for_each(|values| values.reserve_exact(self.len() - held));
        self.push_products(rows, held, values);
        // In a second loop: the products are reductions, the kernel function is one long vector loop.
        for (values, &i) in values.iter_mut().zip(rows) {
            for (value, &other) in values[held..].iter_mut().zip(&self.norms[held..]) {
                *value = kernel.value(*value, self.norms[i], other);
            }
        }
    }

    /// Appends the scalar products of several rows with the rows from `held` on.
    fn push_products(&self, rows: &[usize], held: usize, values: &mut [Vec<f64>]) {
        // Fewer rows than are multiplied at a time would be multiplied in vain.
        #[cfg(target_arch = "x86_64")]
        if (wide::ABREAST..=wide::TOGETHER).contains(&rows.len()) && has_wide_vectors() {
            let own: Vec<&[f64]> = rows.iter().map(|&i| self.row(i)).collect();
            for j in (held..self.len()).step_by(2) {
                let count = 2.min(self.len() - j);
                let mut made = [[0.0; wide::TOGETHER]; 2];
                // SAFETY: the processor has said that it knows the instructions.
                unsafe { wide::dots(&own, [self.row(j), self.row(j + count - 1)], &mut made) };
                for made in &made[..count] {
                    values.iter_mut().zip(made).for_each(|(values, product)| values.push(*product));
                }
            }
            return;
        }
        for j in held..self.len() {
            let other = self.row(j);
            values.iter_mut().zip(rows).for_each(|(values, &i)| values.push(dot(self.row(i), other)));
        }
    }

    /// sums[p] += sum over vectors s of coefficient[s] K(s, x[row_of(p)] - centre), in parallel over tiles of rows.
    pub(super) fn add_weighted(
        &self,
        kernel: Kernel,
        coefficient: &[f64],
        x: ArrayView2<'_, f64>,
        row_of: impl Fn(usize) -> usize + Sync,
        centre: &[f64],
        sums: &mut [f64],
    ) {
        if coefficient.is_empty() {
            return;
        }
        #[cfg(target_arch = "x86_64")]
        if let Kernel::Rbf { gamma } = kernel
            && has_wide_vectors()
        {
            return self.add_on_wide_vectors(gamma, coefficient, (x, &row_of), centre, sums);
        }
        sums.par_chunks_mut(ROWS).enumerate().for_each_init(
            || (Vectors::new(self.columns), vec![0.0; ROWS * VECTORS]),
            |(tile, products), (number, sums)| {
                tile.values.clear();
                tile.norms.clear();
                for offset in 0..sums.len() {
                    tile.push_centred(x.row(row_of(number * ROWS + offset)), centre);
                }
                for start in (0..self.len()).step_by(VECTORS) {
                    let end = (start + VECTORS).min(self.len());
                    self.add_tile(kernel, start, &coefficient[start..end], tile, products, sums);
                }
            },
        );
    }

    /// The same with the RBF's values, on the wide vectors of a processor that has them.
    #[cfg(target_arch = "x86_64")]
    fn add_on_wide_vectors(
        &self,
        gamma: f64,
        coefficient: &[f64],
        (x, row_of): (ArrayView2<'_, f64>, &(impl Fn(usize) -> usize + Sync)),
        centre: &[f64],
        sums: &mut [f64],
    ) {
        let vectors = wide::Weighed { values: &self.values, norms: &self.norms, coefficient };
        sums.par_chunks_mut(wide::LANES).with_min_len(ROWS / wide::LANES).enumerate().for_each_init(
            || (Vectors::new(self.columns), vec![[0.0; wide::LANES]; self.columns]),
            |(tile, columns), (number, sums)| {
                tile.values.clear();
                tile.norms.clear();
                let (mut norms, mut all) = ([0.0; wide::LANES], [0.0; wide::LANES]);
                for (lane, sum) in sums.iter().enumerate() {
                    tile.push_centred(x.row(row_of(number * wide::LANES + lane)), centre);
                    columns.iter_mut().zip(tile.row(lane)).for_each(|(lanes, value)| lanes[lane] = *value);
                    (norms[lane], all[lane]) = (tile.norms[lane], *sum);
                }
                let mut group = wide::Group { columns, norms: &norms, sums: &mut all };
                // SAFETY: the caller has asked whether the processor has the instructions.
                unsafe { wide::add(gamma, &vectors, &mut group) };
                sums.copy_from_slice(&all[..sums.len()]);
            },
        );
    }

    /// One tile of rows with the vectors from `start` on, as many as there are coefficients.
    fn add_tile(
        &self,
        kernel: Kernel,
        start: usize,
        coefficient: &[f64],
        tile: &Vectors,
        products: &mut [f64],
        sums: &mut [f64],
    ) {
        let (vectors, rows, d) = (coefficient.len(), tile.len(), self.columns);
        let own = &self.values[start * d..(start + vectors) * d];
        let products = &mut products[..vectors * rows];
        let (Ok(left), Ok(right), Ok(mut out)) = (
            ArrayView2::from_shape((vectors, d), own),
            ArrayView2::from_shape((rows, d), &tile.values),
            ArrayViewMut2::from_shape((vectors, rows), &mut *products),
        ) else {
            unreachable!("the slices are cut to these shapes");
        };
        general_mat_mul(1.0, &left, &right.t(), 0.0, &mut out);
        for ((products, &coefficient), &norm) in products.chunks_exact(rows).zip(coefficient).zip(&self.norms[start..])
        {
            for ((sum, &product), &row_norm) in sums.iter_mut().zip(products).zip(&tile.norms) {
                *sum = fma(coefficient, kernel.value(product, norm, row_norm), *sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn blocks_agree_with_the_definition() {
        let x = Array2::from_shape_fn((300, 7), |(i, j)| ((i * 31 + j * 17) % 23) as f64 / 7.0 + j as f64 * 100.0);
        let centre: Vec<f64> = x.mean_axis(ndarray::Axis(0)).unwrap().to_vec();
        let mut vectors = Vectors::new(7);
        (0..270).for_each(|i| vectors.push_centred(x.row(i), &centre));
        let coefficient: Vec<f64> = (0..270).map(|s| (s % 5) as f64 - 1.5).collect();
        for kernel in [Kernel::Rbf { gamma: 0.05 }, Kernel::Linear] {
            let mut sums = vec![1.0; 300];
            vectors.add_weighted(kernel, &coefficient, x.view(), |p| 299 - p, &centre, &mut sums);
            for (p, sum) in sums.iter().enumerate() {
                let (row, mut expected) = (x.row(299 - p), 1.0);
                for (s, c) in coefficient.iter().enumerate() {
                    let square: f64 = row.iter().zip(x.row(s)).map(|(a, b)| (a - b) * (a - b)).sum();
                    let product: f64 = row.iter().zip(x.row(s)).zip(&centre).map(|((a, b), m)| (a - m) * (b - m)).sum();
                    expected += c * if kernel == Kernel::Linear { product } else { (-0.05 * square).exp() };
                }
                assert!((sum - expected).abs() < 1e-10 * expected.abs().max(1.0), "row {p}: {sum} {expected}");
            }
            let mut rows = vec![vec![9.0; 3], vec![8.0; 3]];
            vectors.extend_kernel_rows(kernel, &[4, 200], &mut rows);
            for (i, held, row) in [(4, 9.0, &rows[0]), (200, 8.0, &rows[1])] {
                assert_eq!((row.len(), row[2]), (270, held), "what is there already is kept");
                assert!((row[i] - kernel.diagonal(vectors.norm(i))).abs() < 1e-12);
            }
            assert_eq!(rows[0][200], rows[1][4], "the kernel is symmetric, to the bit");
        }
    }

    /// Whatever vectors the processor has: terms of a product one after the other, 256 of them at a time, then the vectors one
    /// after the other.
    #[test]
    fn sums_are_made_in_one_order() {
        if !cfg!(target_feature = "fma") {
            return;
        }
        for columns in [19, 256, 300, 515] {
            let x = Array2::from_shape_fn((150, columns), |(i, j)| ((i * 37 + j * 11) % 29) as f64 / 13.0 - 1.0);
            let centre = vec![0.25; columns];
            let mut vectors = Vectors::new(columns);
            (0..150).for_each(|i| vectors.push_centred(x.row(i), &centre));
            // Not a multiple of the vectors that are taken together.
            let chosen = vectors.select(0..103);
            let coefficient: Vec<f64> = (0..103).map(|s| (s % 7) as f64 / 3.0 - 0.9).collect();
            let kernel = Kernel::Rbf { gamma: 0.03 / columns as f64 };
            let mut sums = vec![0.5; 150];
            chosen.add_weighted(kernel, &coefficient, x.view(), |p| p, &centre, &mut sums);
            for (row, sum) in sums.into_iter().enumerate() {
                let mut expected = 0.5;
                for (s, &factor) in coefficient.iter().enumerate() {
                    let panels = chosen.row(s).chunks(256).zip(vectors.row(row).chunks(256));
                    let chain = |(a, b): (&[f64], &[f64])| a.iter().zip(b).fold(0.0, |sum, (a, b)| fma(*a, *b, sum));
                    let product = panels.map(chain).fold(0.0, |sum, panel| sum + panel);
                    expected = fma(factor, kernel.value(product, chosen.norm(s), vectors.norm(row)), expected);
                }
                assert_eq!(sum, expected, "{columns} columns, row {row}");
            }
        }
    }

    /// Products of several rows at a time are those of one row and another, to the bit.
    #[test]
    fn kernel_rows_are_made_of_plain_products() {
        for columns in [3, 16, 37] {
            let x = Array2::from_shape_fn((31, columns), |(i, j)| ((i * 37 + j * 11) % 29) as f64 / 13.0 - 1.0);
            let mut vectors = Vectors::new(columns);
            (0..31).for_each(|i| vectors.push_centred(x.row(i), &vec![0.25; columns]));
            for count in [1, 3, 4, 5, 8, 9] {
                let rows: Vec<usize> = (0..count).map(|at| at * 3 + 1).collect();
                let mut values = vec![Vec::new(); count];
                vectors.extend_kernel_rows(Kernel::Linear, &rows, &mut values);
                for (i, values) in rows.into_iter().zip(values) {
                    let expected: Vec<f64> = (0..31).map(|j| dot(vectors.row(i), vectors.row(j))).collect();
                    assert_eq!(values, expected, "{columns} columns, {count} rows");
                }
            }
        }
    }
}
