//! Fewer rows than columns: what the rows' products alone decide.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, linalg::general_mat_mul, s};
use rayon::prelude::*;

use super::cholesky::Factor;
use super::dense::{add_scaled, dot};
use super::gram::over_segments;

/// Rows of the products that are made at a time; the blocks above the diagonal are left out.
const PANEL: usize = 128;
/// A pivot below this share of its diagonal leaves fewer than half of the digits of what is solved by it.
const LEAST_PIVOT: f64 = 1e-8;
/// A row of which less than this share of the longest, squared, is left beside the rows before it may be rounding alone, per row.
const NOTHING: f64 = 1e-13;
/// Times that the solution takes in what it left over: each brings at least the digits that the pivots left.
const ROUNDS: usize = 2;
/// The last of them may be this share of the solution, both squared. Pivots may hide how many digits are lost; this does not.
const SETTLED: f64 = 1e-20;

/// A matrix in C order, whose rows `fill(row, z)` writes.
pub(crate) fn filled((rows, columns): (usize, usize), mut fill: impl FnMut(usize, &mut [f64])) -> Array2<f64> {
    let mut z = Array2::zeros((rows, columns));
    // A new array is in C order.
    let rows = z.as_slice_mut().unwrap_or_default().chunks_exact_mut(columns.max(1));
    rows.enumerate().for_each(|(row, z)| fill(row, z));
    z
}

/// `Z Z^T` of rows in C order, on and below the diagonal. The threads change no bit.
pub(crate) fn products(z: ArrayView2<'_, f64>) -> Array2<f64> {
    let n = z.nrows();
    let mut all = Array2::zeros((n, n));
    // A new array is in C order.
    let panels = all.as_slice_mut().unwrap_or_default().par_chunks_mut((PANEL * n).max(1));
    panels.enumerate().for_each(|(nth, panel)| {
        let (start, rows) = (nth * PANEL, panel.len() / n);
        let Ok(mut panel) = ArrayViewMut2::from_shape((rows, n), panel) else {
            unreachable!("a panel is cut between rows");
        };
        let end = start + rows;
        let (left, right) = (z.slice(s![start..end, ..]), z.slice(s![..end, ..]));
        general_mat_mul(1.0, &left, &right.t(), 0.0, &mut panel.slice_mut(s![.., ..end]));
    });
    all
}

/// `Z b`
pub(crate) fn times(z: ArrayView2<'_, f64>, b: &[f64]) -> Vec<f64> {
    over_segments(z.nrows(), |rows| rows.map(|row| dot(slice(&z, row), b)).collect::<Vec<f64>>()).concat()
}

/// `Z^T a`
pub(crate) fn across(z: ArrayView2<'_, f64>, a: &[f64]) -> Vec<f64> {
    sum(z, |row, _| a[row])
}

/// The sum of the rows, each times what `factor` says of its number and itself: each is read from memory once.
pub(crate) fn sum(z: ArrayView2<'_, f64>, factor: impl Fn(usize, &[f64]) -> f64 + Sync) -> Vec<f64> {
    let parts = over_segments(z.nrows(), |rows| {
        let mut sum = vec![0.0; z.ncols()];
        for row in rows {
            let own = slice(&z, row);
            let factor = factor(row, own);
            if factor != 0.0 {
                add_scaled(&mut sum, factor, own);
            }
        }
        sum
    });
    parts.iter().fold(vec![0.0; z.ncols()], |mut all, part| {
        add_scaled(&mut all, 1.0, part);
        all
    })
}

/// A row. Only matrices in C order get here, whose rows are contiguous.
fn slice<'z>(z: &'z ArrayView2<'_, f64>, row: usize) -> &'z [f64] {
    let columns = z.ncols();
    &z.as_slice().unwrap_or_default()[row * columns..(row + 1) * columns]
}

/// The shortest `b` with the least |Z b - t|^2 + alpha |b|^2: it is made of the rows. `none` is what the rows are to be multiplied with
/// so that they add up to nothing, where they do. None where the rows' products have lost too many digits to tell.
pub(crate) fn least_squares(z: ArrayView2<'_, f64>, t: &[f64], alpha: f64, none: Option<&[f64]>) -> Option<Vec<f64>> {
    let n = t.len();
    let mut squares = products(z);
    let mean = squares.diag().sum() / n as f64;
    squares.diag_mut().iter_mut().for_each(|own| *own += alpha);
    if let Some(none) = none {
        // What is solved has no share of this direction, so that any size will do: the mean of the others.
        let size = mean * n as f64 / dot(none, none);
        for (row, own) in none.iter().enumerate() {
            // A new array is in C order.
            let to = &mut squares.as_slice_mut().unwrap_or_default()[row * n..=row * n + row];
            add_scaled(to, size * own, none);
        }
    }
    let longest = squares.diag().iter().fold(0.0, |longest: f64, own| longest.max(*own));
    let factor = Factor::in_blocks(squares, 0.0)?;
    let is_lost = |row: usize| {
        let pivot = factor.lower[row * n + row].powi(2);
        pivot <= LEAST_PIVOT || pivot / factor.scale[row].powi(2) <= NOTHING * n as f64 * longest
    };
    if (0..n).any(is_lost) {
        return None;
    }
    let mut a = factor.solve(t)?;
    let mut last = f64::INFINITY;
    for _ in 0..ROUNDS {
        let made = times(z, &across(z, &a));
        let left: Vec<f64> = (0..n).map(|row| t[row] - made[row] - alpha * a[row]).collect();
        let more = factor.solve(&left)?;
        last = dot(&more, &more);
        add_scaled(&mut a, 1.0, &more);
    }
    // All targets may be 0.
    (last <= SETTLED * dot(&a, &a)).then(|| across(z, &a))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn products_are_scalar_products_beyond_a_panel() {
        let n = 2 * PANEL + 3;
        // Whole numbers: sums are exact in whatever order.
        let z = Array2::from_shape_fn((n, n + 5), |(i, j)| ((i * 7 + j * 13) % 11) as f64 - 5.0);
        let found = products(z.view());
        for (a, b) in [(0, 0), (PANEL, 3), (PANEL, PANEL), (n - 1, 0), (n - 1, n - 2)] {
            assert_eq!(found[(a, b)], z.row(a).dot(&z.row(b)), "{a}, {b}");
        }
        let ones = vec![1.0; n + 5];
        assert_eq!(times(z.view(), &ones)[PANEL], z.row(PANEL).sum());
        assert_eq!(across(z.view(), &ones[..n])[3], z.column(3).sum());
    }

    /// Each pivot keeps its size, and the products have no digit of the least singular value, 1e-17 of the largest.
    #[test]
    fn rows_that_pivots_do_not_show_to_be_dependent_are_left_to_others() {
        let z = filled((200, 600), |i, z| {
            z[..i].fill(-0.2);
            z[i] = 1.0;
        });
        let t: Vec<f64> = (0..200).map(|i| f64::from(u8::from(i % 7 == 2)) - 0.3).collect();
        assert!(least_squares(z.view(), &t, 0.0, None).is_none());
        // A tenth of the rows are far from dependent, and nothing is made of targets that are 0.
        let few = z.slice(s![..20, ..]);
        assert!(least_squares(few, &t[..20], 0.0, None).is_some());
        assert_eq!(least_squares(few, &[0.0; 20], 0.0, None), Some(vec![0.0; 600]));
    }

    #[test]
    fn the_shortest_solution_is_made_of_the_rows() {
        // Z b = t for b = (a + c, a, c), with 2 a + c = 3 and a + 2 c = 3: a = c = 1.
        let z = array![[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]];
        let near = |found: Vec<f64>, expected: [f64; 3]| {
            assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-14), "{found:?}");
        };
        near(least_squares(z.view(), &[3.0, 3.0], 0.0, None).unwrap(), [2.0, 1.0, 1.0]);
        // (2 + 3) a + c = 3 and a + (2 + 3) c = 3: a = c = 1 / 2.
        near(least_squares(z.view(), &[3.0, 3.0], 3.0, None).unwrap(), [1.0, 0.5, 0.5]);
        // These rows add up to nothing, and b = (2, -2, 0) / 2 has Z b = (2, -2).
        let z = array![[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]];
        near(least_squares(z.view(), &[2.0, -2.0], 0.0, Some(&[1.0, 1.0])).unwrap(), [1.0, -1.0, 0.0]);
        assert!(least_squares(z.view(), &[2.0, -2.0], 0.0, None).is_none());
    }
}
