//! Passes over the columns of a matrix, in parallel, with the same bits for any number of threads.

use ndarray::ArrayView2;

use crate::numeric::gram::over_segments;

/// The sum over all rows of what `add` adds to `width` sums for a row.
pub(super) fn sums(x: ArrayView2<'_, f64>, width: usize, add: impl Fn(usize, &[f64], &mut [f64]) + Sync) -> Vec<f64> {
    let x = x.as_standard_layout();
    let view = x.view();
    let parts = over_segments(view.nrows(), |range| {
        let mut part = vec![0.0; width];
        for row in range {
            // A standard layout's rows are contiguous.
            add(row, view.row(row).to_slice().unwrap_or_default(), &mut part);
        }
        part
    });
    parts
        .into_iter()
        .reduce(|mut sum, part| {
            sum.iter_mut().zip(&part).for_each(|(sum, part)| *sum += part);
            sum
        })
        .unwrap_or_else(|| vec![0.0; width])
}

/// Each column's mean, corrected for the rounding of a first one.
pub(super) fn means(x: ArrayView2<'_, f64>) -> Vec<f64> {
    let (rows, columns) = (x.nrows() as f64, x.ncols());
    let mut mean = vec![0.0; columns];
    for _ in 0..2 {
        let off = sums(x, columns, |_, row, to| {
            for ((to, value), mean) in to.iter_mut().zip(row).zip(&mean) {
                *to += value - mean;
            }
        });
        mean.iter_mut().zip(&off).for_each(|(mean, off)| *mean += off / rows);
    }
    mean
}

/// Each column's least and largest value.
pub(super) fn ranges(x: ArrayView2<'_, f64>) -> Vec<(f64, f64)> {
    let range = |column: ndarray::ArrayView1<'_, f64>| {
        column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)))
    };
    x.columns().into_iter().map(range).collect()
}
