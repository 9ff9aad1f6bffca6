//! Products of the small matrices of a network. At 32 rows and 16 units a general product spends its time on packing.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};

use crate::numeric::dense::fma;

/// Rows and columns of a block of sums that the processor keeps in registers.
const ROWS: usize = 4;
const COLUMNS: usize = 8;
/// Numbers in the right matrix from which a general product, which keeps to the caches, is faster.
const LARGE: usize = 1 << 15;

/// A matrix, or a transposed one: the steps to the next row and to the next column.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) values: &'a [f64],
    pub(super) row: usize,
    pub(super) column: usize,
}

/// Adds `left` (rows x depth) times `right` (depth x width) to `out` (rows x width). `width` is a multiple of four.
pub(super) fn add_product(left: Left<'_>, depth: usize, (right, width): (&[f64], usize), out: &mut [f64]) {
    if depth * width > LARGE {
        return add_large_product(left, depth, (right, width), out);
    }
    let rows = out.len() / width;
    let whole = rows - rows % ROWS;
    for at in (0..whole).step_by(ROWS) {
        add_rows::<ROWS>(left, at, depth, (right, width), out);
    }
    for at in whole..rows {
        add_rows::<1>(left, at, depth, (right, width), out);
    }
}

fn add_rows<const M: usize>(left: Left<'_>, at: usize, depth: usize, (right, width): (&[f64], usize), out: &mut [f64]) {
    let left = Left { values: &left.values[at * left.row..], ..left };
    let out = &mut out[at * width..(at + M) * width];
    let mut from = 0;
    while from + COLUMNS <= width {
        add_block::<M, COLUMNS>(left, depth, (&right[from..], width), &mut out[from..]);
        from += COLUMNS;
    }
    while from < width {
        add_block::<M, { COLUMNS / 2 }>(left, depth, (&right[from..], width), &mut out[from..]);
        from += COLUMNS / 2;
    }
}

#[inline(always)]
fn add_block<const M: usize, const N: usize>(
    left: Left<'_>,
    depth: usize,
    (right, width): (&[f64], usize),
    out: &mut [f64],
) {
    let Left { values, row, column } = left;
    let mut sums = [[0.0; N]; M];
    for (nth, sums) in sums.iter_mut().enumerate() {
        sums.copy_from_slice(&out[nth * width..][..N]);
    }
    for k in 0..depth {
        let Some(factors) = right[k * width..].first_chunk::<N>() else { return };
        for (nth, sums) in sums.iter_mut().enumerate() {
            let value = values[nth * row + k * column];
            for (sum, factor) in sums.iter_mut().zip(factors) {
                *sum = fma(value, *factor, *sum);
            }
        }
    }
    for (nth, sums) in sums.iter().enumerate() {
        out[nth * width..][..N].copy_from_slice(sums);
    }
}

fn add_large_product(left: Left<'_>, depth: usize, (right, width): (&[f64], usize), out: &mut [f64]) {
    let rows = out.len() / width;
    let shape = (rows, depth).strides((left.row, left.column));
    let views = (
        ArrayView2::from_shape(shape, left.values),
        ArrayView2::from_shape((depth, width), &right[..depth * width]),
        ArrayViewMut2::from_shape((rows, width), out),
    );
    // Callers give slices of these sizes, as the small product asserts by its indices.
    if let (Ok(left), Ok(right), Ok(mut out)) = views {
        general_mat_mul(1.0, &left, &right, 1.0, &mut out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_sums_of_products() {
        for (rows, depth, width) in [(1, 1, 4), (5, 3, 4), (9, 30, 32), (4, 7, 12), (6, 300, 128)] {
            let a: Vec<f64> = (0..rows * depth).map(|i| f64::from((i * 7 % 11) as u32) - 5.0).collect();
            let b: Vec<f64> = (0..depth * width).map(|i| f64::from((i * 5 % 13) as u32) - 6.0).collect();
            // Whole numbers: sums are exact in any order.
            let want = |i: usize, j: usize| 1.0 + (0..depth).map(|k| a[i * depth + k] * b[k * width + j]).sum::<f64>();
            let want: Vec<f64> = (0..rows * width).map(|at| want(at / width, at % width)).collect();
            let mut out = vec![1.0; rows * width];
            add_product(Left { values: &a, row: depth, column: 1 }, depth, (&b, width), &mut out);
            assert_eq!(out, want, "{rows} x {depth} x {width}");
            let turned: Vec<f64> = (0..rows * depth).map(|at| a[at % rows * depth + at / rows]).collect();
            let mut out = vec![1.0; rows * width];
            add_product(Left { values: &turned, row: 1, column: rows }, depth, (&b, width), &mut out);
            assert_eq!(out, want, "{rows} x {depth} x {width}, turned");
        }
    }
}
