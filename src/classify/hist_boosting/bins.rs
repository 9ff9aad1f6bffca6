//! The training matrix in at most 255 bins a column, and one for missing values: `_BinMapper` of scikit-learn's histogram
//! boosting.

use rayon::prelude::*;

use crate::component::{Common, Features};
use crate::numeric::mt19937::Mt19937;

/// With more rows than this, the bins come from as many rows drawn with replacement.
const SUBSAMPLE: usize = 200_000;

/// Columns binned by one task: as many as share a cache line of a row.
const TOGETHER: usize = 8;

/// The bin of missing values, whatever the number of others: no column has so many that it would be one of them.
pub(super) const MISSING: u8 = u8::MAX;

/// What the bins of a column are.
pub(super) enum Bins {
    /// Bin i holds values in (thresholds[i - 1], thresholds[i]].
    Numbers(Vec<f64>),
    /// A bin for each of so many levels.
    Levels(usize),
}

/// A column in bins.
pub(super) struct BinnedColumn {
    /// Its place in the matrix.
    pub(super) source: usize,
    pub(super) bins: Bins,
    /// Whether a value is missing.
    pub(super) blanks: bool,
}

impl BinnedColumn {
    /// How many bins there are besides the one for missing values.
    pub(super) fn count(&self) -> usize {
        match &self.bins {
            Bins::Numbers(thresholds) => thresholds.len() + 1,
            Bins::Levels(levels) => *levels,
        }
    }

    fn bin(&self, value: f64) -> u8 {
        match &self.bins {
            _ if value.is_nan() => MISSING,
            // At most 254 thresholds, so that an index fits.
            Bins::Numbers(thresholds) => thresholds.partition_point(|&threshold| threshold < value) as u8,
            Bins::Levels(_) => value as u8,
        }
    }
}

/// Rows by bin, column after column.
pub(super) struct Binned {
    pub(super) rows: usize,
    values: Vec<u8>,
    /// In the [`order`] of columns: of equally good cuts the first column's is taken.
    pub(super) columns: Vec<BinnedColumn>,
}

impl Common for Binned {
    const NAME: &'static str = "bins of hist-gradient-boosting";

    fn bytes(&self) -> usize {
        self.values.len() + self.columns.len() * MISSING as usize * size_of::<f64>()
    }
}

/// The columns in the order in which they are binned: categories first, as scikit-learn puts them.
pub(super) fn order(features: &Features<'_>) -> Vec<usize> {
    let (categories, numbers): (Vec<usize>, Vec<usize>) =
        (0..features.x.ncols()).partition(|&column| features.levels(column).is_some());
    [categories, numbers].concat()
}

impl Binned {
    /// Of the rows (in C order) with these numbers, in at most `most` bins a column; no category has more levels.
    /// Rows with weights (in the order of `rows`) count by them.
    pub(super) fn new(
        features: &Features<'_>,
        rows: &[u32],
        weights: Option<&[f64]>,
        most: usize,
        random_state: u32,
    ) -> Self {
        let x = features.x;
        let (drawn, weights) = drawn(rows, weights, random_state);
        let mut columns: Vec<BinnedColumn> = order(features)
            .into_par_iter()
            .map(|source| {
                let value = |&row: &u32| x[(row as usize, source)];
                let bins = match (features.levels(source), weights) {
                    (Some(levels), _) => Bins::Levels(levels),
                    (None, None) => {
                        Bins::Numbers(thresholds(drawn.iter().map(value).filter(|v| !v.is_nan()).collect(), most))
                    }
                    (None, Some(weights)) => {
                        let weighted = drawn.iter().map(value).zip(weights.iter().copied());
                        let seen = weighted.filter(|(value, weight)| !value.is_nan() && *weight != 0.0);
                        Bins::Numbers(weighted_thresholds(seen.collect(), most))
                    }
                };
                BinnedColumn { source, bins, blanks: false }
            })
            .collect();
        let mut values = vec![0; rows.len() * columns.len()];
        values.par_chunks_mut((rows.len() * TOGETHER).max(1)).enumerate().for_each(|(block, values)| {
            for (at, &row) in rows.iter().enumerate() {
                for (column, values) in values.chunks_exact_mut(rows.len()).enumerate() {
                    let column = &columns[block * TOGETHER + column];
                    values[at] = column.bin(x[(row as usize, column.source)]);
                }
            }
        });
        for (column, values) in columns.iter_mut().zip(values.chunks_exact(rows.len().max(1))) {
            column.blanks = values.contains(&MISSING);
        }
        Binned { rows: rows.len(), values, columns }
    }

    /// The bins of a column, an element a row.
    pub(super) fn column(&self, column: usize) -> &[u8] {
        &self.values[column * self.rows..(column + 1) * self.rows]
    }
}

/// The rows that bins are made of, with their weights: where there are many, as many as are drawn, which then weigh the same.
fn drawn<'w>(rows: &[u32], weights: Option<&'w [f64]>, random_state: u32) -> (Vec<u32>, Option<&'w [f64]>) {
    if rows.len() <= SUBSAMPLE {
        return (rows.to_vec(), weights);
    }
    let mut stream = Mt19937::new(random_state);
    let Some(weights) = weights else {
        return ((0..SUBSAMPLE).map(|_| rows[stream.interval(rows.len() as u64 - 1) as usize]).collect(), None);
    };
    // numpy's `choice` with probabilities.
    let (total, mut sum) = (weights.iter().sum::<f64>(), 0.0);
    let mut shares: Vec<f64> = weights
        .iter()
        .map(|weight| {
            sum += weight / total;
            sum
        })
        .collect();
    shares.iter_mut().for_each(|share| *share /= sum);
    let draw = |_| {
        let uniform = stream.next_f64();
        rows[shares.partition_point(|&share| share <= uniform).min(rows.len() - 1)]
    };
    ((0..SUBSAMPLE).map(draw).collect(), None)
}

/// [`thresholds`] of values with weights: where they are many, `_weighted_percentile(average=True)`.
fn weighted_thresholds(mut values: Vec<(f64, f64)>, most: usize) -> Vec<f64> {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut distinct: Vec<f64> = values.iter().map(|(value, _)| *value).collect();
    distinct.dedup();
    if distinct.len() <= most {
        return thresholds(distinct, most);
    }
    let mut sum = 0.0;
    let sums: Vec<f64> = values
        .iter()
        .map(|(_, weight)| {
            sum += weight;
            sum
        })
        .collect();
    let last = values.len() - 1;
    let step = 100.0 / most as f64;
    let at = |share: f64| {
        let place = share / 100.0 * sums[last];
        let index = sums.partition_point(|&sum| sum < place).min(last);
        match sums[index] - place > f64::EPSILON {
            true => values[index].0,
            false => (values[index].0 + values[(index + 1).min(last)].0) / 2.0,
        }
    };
    let mut thresholds: Vec<f64> = (1..most).map(|i| at(i as f64 * step)).collect();
    thresholds.sort_unstable_by(f64::total_cmp);
    thresholds.dedup();
    thresholds
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
    use crate::data::{Column, Kind};

    #[test]
    fn categories_come_first_and_missing_values_have_a_bin_of_their_own() {
        let x = ndarray::array![[1.5, 2.0], [f64::NAN, 0.0], [0.5, 1.0], [2.5, f64::NAN], [9.0, 2.0]];
        let levels = ["a", "b", "c"].map(str::to_owned);
        let category = Column { kind: Kind::Category(levels.into()), ..Column::number("category") };
        let columns = [Column::number("number"), category];
        let data = Binned::new(&Features { x: x.view(), columns: &columns }, &[0, 1, 2, 4], None, 255, 0);
        assert_eq!(
            data.columns.iter().map(|c| (c.source, c.count(), c.blanks)).collect::<Vec<_>>(),
            [(1, 3, false), (0, 3, true)]
        );
        assert_eq!(data.column(0), [2, 0, 1, 2]);
        assert_eq!(data.column(1), [1, MISSING, 0, 2]);
    }

    #[test]
    fn few_values_are_cut_halfway_and_many_at_quantiles() {
        assert_eq!(thresholds(vec![4.0, 1.0, 1.0, 2.0], 3), [1.5, 3.0]);
        assert!(thresholds(vec![7.0; 5], 3).is_empty());
        // numpy.percentile(range(8), [25, 50, 75], method="averaged_inverted_cdf")
        assert_eq!(thresholds((0..8).map(f64::from).collect(), 4), [1.5, 3.5, 5.5]);
        assert_eq!(thresholds((0..10).map(f64::from).collect(), 4), [2.0, 4.5, 7.0]);
    }
}
