//! Sums over rows that do not depend on the threads, and the Gram matrix of rows that are made on the fly.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, linalg::general_mat_mul, s};
use rayon::prelude::*;

#[cfg(target_arch = "x86_64")]
use super::{dense::has_wide_vectors, gram_wide};

/// Rows whose transformed copies are held at a time.
pub(crate) const BLOCK: usize = 256;
/// Columns of the Gram matrix made by one product; the blocks above the diagonal are left out.
const PANEL: usize = 128;
/// Rows are summed in at most this many segments, whatever the threads, and the sums are added in order.
const SEGMENTS: usize = 16;
const SMALLEST_SEGMENT: usize = 4_096;
/// Numbers that the partial sums of all segments may take together: half a gigabyte.
const MOST_PARTIAL: usize = 1 << 26;

/// Applies `work` to fixed segments of `0..n`, in parallel; the results are in order and do not depend on the threads.
pub(crate) fn over_segments<T: Send>(n: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    in_segments(n, SEGMENTS, work)
}

/// The same where each segment's result has the size of a matrix of `width` times `width`, in as many segments as memory allows.
fn over_segments_of_squares<T: Send>(n: usize, width: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    in_segments(n, (MOST_PARTIAL / (width * width).max(1)).clamp(1, SEGMENTS), work)
}

fn in_segments<T: Send>(n: usize, segments: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let length = n.div_ceil(segments).max(SMALLEST_SEGMENT);
    let starts: Vec<usize> = (0..n).step_by(length).collect();
    starts.into_par_iter().map(|start| work(start..(start + length).min(n))).collect()
}

/// The sum over `rows` rows of `z z^T` (width x width, symmetric), where `fill(row, z)` writes the row's `width` values.
pub(crate) fn gram(rows: usize, width: usize, fill: impl Fn(usize, &mut [f64]) + Sync) -> Array2<f64> {
    let parts = over_segments_of_squares(rows, width, |range| {
        let mut part = vec![0.0; width * width];
        let mut block = vec![0.0; BLOCK * width];
        let mut from = range.start;
        while from < range.end {
            let count = BLOCK.min(range.end - from);
            for (i, z) in block.chunks_exact_mut(width.max(1)).take(count).enumerate() {
                fill(from + i, z);
            }
            add_gram(&block[..count * width], count, width, &mut part);
            from += count;
        }
        part
    });
    let mut sum = Array2::zeros((width, width));
    for part in &parts {
        for (sum, part) in sum.iter_mut().zip(part) {
            *sum += part;
        }
    }
    for i in 0..width {
        for j in i + 1..width {
            sum[(i, j)] = sum[(j, i)];
        }
    }
    sum
}

/// sum += block^T block on and below the diagonal, in panels of columns.
pub(crate) fn add_gram(block: &[f64], rows: usize, k: usize, sum: &mut [f64]) {
    // A longer block would be added up in several parts by the product below.
    #[cfg(target_arch = "x86_64")]
    if (1..=BLOCK).contains(&rows) && k > 0 && has_wide_vectors() {
        // SAFETY: the processor has just said that it knows the instructions.
        return unsafe { gram_wide::add(&block[..rows * k], k, sum) };
    }
    add_by_panels(block, rows, k, sum);
}

fn add_by_panels(block: &[f64], rows: usize, k: usize, sum: &mut [f64]) {
    let (Ok(block), Ok(mut sum)) = (ArrayView2::from_shape((rows, k), block), ArrayViewMut2::from_shape((k, k), sum))
    else {
        unreachable!("both slices are cut to rows * k and k * k by the caller");
    };
    for start in (0..k).step_by(PANEL) {
        let end = (start + PANEL).min(k);
        let left = block.slice(s![.., start..end]);
        let right = block.slice(s![.., ..end]);
        general_mat_mul(1.0, &left.t(), &right, 1.0, &mut sum.slice_mut(s![start..end, ..end]));
    }
}

/// What `work` says of each row, in parallel, in the order of the rows.
pub(crate) fn map_rows<T: Send>(x: ArrayView2<'_, f64>, work: impl Fn(&[f64]) -> T + Sync) -> Vec<T> {
    let x = x.as_standard_layout();
    let view = x.view();
    // A standard layout's rows are contiguous.
    let row = |i| work(view.row(i).to_slice().unwrap_or_default());
    (0..view.nrows()).into_par_iter().with_min_len(BLOCK).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_sum_of_outer_products_beyond_a_segment_a_block_and_a_panel() {
        let (rows, width) = (2 * SMALLEST_SEGMENT + BLOCK + 3, PANEL + 2);
        // Whole numbers: sums are exact in whatever order.
        let value = |i: usize, j: usize| ((i * 7 + j * 13) % 11) as f64 - 5.0;
        let found = gram(rows, width, |i, z| z.iter_mut().enumerate().for_each(|(j, z)| *z = value(i, j)));
        for (a, b) in [(0, 0), (3, 1), (1, 3), (PANEL + 1, 0), (PANEL, PANEL + 1)] {
            let expected: f64 = (0..rows).map(|i| value(i, a) * value(i, b)).sum();
            assert_eq!(found[(a, b)], expected, "{a}, {b}");
        }
        assert!(gram(0, 3, |_, _| ()).iter().all(|&sum| sum == 0.0));
    }

    #[test]
    fn the_width_of_vectors_changes_no_bit() {
        if !cfg!(target_feature = "fma") {
            return;
        }
        for (rows, k) in [(1, 1), (7, 3), (BLOCK, 30), (BLOCK, 64), (200, 131), (BLOCK, PANEL + 23)] {
            let block: Vec<f64> = (0..rows * k).map(|i| ((i * 7919) % 1013) as f64 / 97.0 - 5.0).collect();
            let (mut chosen, mut panels) = (vec![0.25; k * k], vec![0.25; k * k]);
            for _ in 0..2 {
                add_gram(&block, rows, k, &mut chosen);
                add_by_panels(&block, rows, k, &mut panels);
            }
            for row in 0..k {
                let lower = row * k..row * k + row + 1;
                assert_eq!(chosen[lower.clone()], panels[lower], "{rows} rows, {k} columns, row {row}");
            }
        }
    }
}
