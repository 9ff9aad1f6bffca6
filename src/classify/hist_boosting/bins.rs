//! The training matrix in at most 255 bins a column: `_BinMapper` of scikit-learn's histogram boosting.

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::numeric::mt19937::Mt19937;

/// With more rows than this, the bins come from as many rows drawn with replacement.
const SUBSAMPLE: usize = 200_000;

/// Columns binned by one task: as many as share a cache line of a row.
const TOGETHER: usize = 8;

/// Rows by bin, column after column, and the values between the bins.
pub(super) struct Binned {
    pub(super) rows: usize,
    bins: Vec<u8>,
    /// A column's bin i holds values in (thresholds[i - 1], thresholds[i]].
    pub(super) thresholds: Vec<Vec<f64>>,
}

impl Binned {
    /// Of the rows of `x` (in C order) with these numbers, in at most `most` bins a column.
    pub(super) fn new(x: ArrayView2<'_, f64>, rows: &[u32], most: usize, random_state: u32) -> Self {
        let columns = x.ncols();
        let drawn: Vec<u32> = if rows.len() > SUBSAMPLE {
            let mut stream = Mt19937::new(random_state);
            (0..SUBSAMPLE).map(|_| rows[stream.interval(rows.len() as u64 - 1) as usize]).collect()
        } else {
            rows.to_vec()
        };
        let thresholds: Vec<Vec<f64>> = (0..columns)
            .into_par_iter()
            .map(|column| thresholds(drawn.iter().map(|&row| x[(row as usize, column)]).collect(), most))
            .collect();
        let mut bins = vec![0; rows.len() * columns];
        bins.par_chunks_mut((rows.len() * TOGETHER).max(1)).enumerate().for_each(|(block, bins)| {
            for (at, &row) in rows.iter().enumerate() {
                for (column, bins) in bins.chunks_exact_mut(rows.len()).enumerate() {
                    let column = block * TOGETHER + column;
                    let value = x[(row as usize, column)];
                    // At most 254 thresholds, so that an index fits.
                    bins[at] = thresholds[column].partition_point(|&threshold| threshold < value) as u8;
                }
            }
        });
        Binned { rows: rows.len(), bins, thresholds }
    }

    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        self.thresholds.len()
    }

    /// The bins of a column, an element a row.
    pub(super) fn column(&self, column: usize) -> &[u8] {
        &self.bins[column * self.rows..(column + 1) * self.rows]
    }
}

/// `_find_binning_thresholds`: midpoints of few distinct values, else quantiles.
fn thresholds(mut values: Vec<f64>, most: usize) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let mut distinct = values.clone();
    distinct.dedup();
    if distinct.len() <= most {
        return distinct.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).collect();
    }
    let step = 100.0 / most as f64;
    let mut thresholds: Vec<f64> = (1..most).map(|i| quantile(&values, i as f64 * step / 100.0)).collect();
    thresholds.dedup();
    thresholds
}

/// numpy's `averaged_inverted_cdf` of sorted values, in its order of operations.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share - 1.0).max(0.0);
    let below = (place.floor() as usize).min(sorted.len() - 1);
    let above = (below + 1).min(sorted.len() - 1);
    let apart = sorted[above] - sorted[below];
    if place == place.floor() { sorted[above] - apart * 0.5 } else { sorted[above] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_cut_halfway_and_many_at_quantiles() {
        assert_eq!(thresholds(vec![4.0, 1.0, 1.0, 2.0], 3), [1.5, 3.0]);
        assert!(thresholds(vec![7.0; 5], 3).is_empty());
        // numpy.percentile(range(8), [25, 50, 75], method="averaged_inverted_cdf")
        assert_eq!(thresholds((0..8).map(f64::from).collect(), 4), [1.5, 3.5, 5.5]);
        assert_eq!(thresholds((0..10).map(f64::from).collect(), 4), [2.0, 4.5, 7.0]);
    }
}
