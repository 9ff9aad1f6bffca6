//! The rows of one class, cut into leaves of rows that lie near each other, each with its bounding box.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::tile::{LANES, STRETCH};

/// Rows in a leaf: few enough that boxes stay small, enough that a leaf costs more than its box.
pub(super) const LEAF: usize = 4 * LANES;

/// Rows that are looked at to choose the column a node is cut at. The choice affects speed only.
const SAMPLED: usize = 256;

/// Median cuts along the column of the largest variance, as in a k-d tree. Every leaf but the last is full, which makes
/// the tree's shape a function of the number of leaves: the node over leaves `a..b` is cut at leaf [`middle`]`(a, b)`.
pub(super) struct Index {
    /// The rows' values, tile by tile; lanes beyond the last row are infinitely far away.
    pub tiles: Vec<f64>,
    /// Original row numbers, in the order of the tiles; `u32::MAX` in the lanes beyond the last row.
    pub rows: Vec<u32>,
    /// Lowest values of sixteen leaves a tile.
    pub low: Vec<f64>,
    /// Highest values of sixteen leaves a tile.
    pub high: Vec<f64>,
    /// The cut in front of leaf `i`, for i from 1: column and smallest value behind it.
    cuts: Vec<(u32, f64)>,
    /// Columns a row, padding included.
    pub width: usize,
    /// A point in the middle of the rows, in the order of the tiles' columns.
    pub centre: Vec<f64>,
}

/// The leaf in front of which a node over leaves `a..b` is cut.
fn middle(a: usize, b: usize) -> usize {
    a + (b - a).div_ceil(2)
}

impl Index {
    /// Indexes `rows` of `x`, whose columns are taken in the order `columns`, of which there is at least one.
    pub fn new(x: ArrayView2<'_, f64>, mut rows: Vec<u32>, columns: &[usize]) -> Self {
        let leaves = rows.len().div_ceil(LEAF);
        let mut cuts = vec![(0, 0.0); leaves];
        cut(x, columns, &mut rows, &mut cuts);
        rows.resize(leaves * LEAF, u32::MAX);
        let width = columns.len().next_multiple_of(STRETCH);
        let mut tiles = vec![f64::INFINITY; leaves * LEAF * width];
        tiles.par_chunks_mut(LANES * width).zip(rows.par_chunks(LANES)).for_each(|(tile, rows)| {
            for (lane, &row) in rows.iter().enumerate().filter(|&(_, &row)| row != u32::MAX) {
                let row = x.row(row as usize);
                for at in 0..width {
                    tile[at * LANES + lane] = columns.get(at).map_or(0.0, |&column| row[column]);
                }
            }
        });
        let (low, high) = boxes(&tiles, &rows, leaves, width);
        let centre = centre(&tiles, leaves, width);
        Index { tiles, rows, low, high, cuts, width, centre }
    }

    /// Number of leaves.
    pub fn leaves(&self) -> usize {
        self.cuts.len()
    }

    /// The rows of a leaf; `u32::MAX` in the lanes beyond the last row.
    pub fn leaf(&self, leaf: usize) -> &[u32] {
        &self.rows[leaf * LEAF..(leaf + 1) * LEAF]
    }

    /// The leaf whose region holds `query`: where near rows are likely.
    pub fn home(&self, query: &[f64]) -> usize {
        let (mut a, mut b) = (0, self.leaves());
        while b - a > 1 {
            let m = middle(a, b);
            let (column, value) = self.cuts[m];
            if query[column as usize] < value { b = m } else { a = m }
        }
        a
    }
}

/// Reorders `rows` so that consecutive runs of `LEAF` rows are leaves; `cuts` has one element a leaf, the first unused.
fn cut(x: ArrayView2<'_, f64>, columns: &[usize], rows: &mut [u32], cuts: &mut [(u32, f64)]) {
    if cuts.len() < 2 {
        return;
    }
    let m = middle(0, cuts.len());
    let widest = widest(x, columns, rows);
    let mut keys: Vec<(f64, u32)> = rows.iter().map(|&row| (x[(row as usize, columns[widest])], row)).collect();
    let by_value = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    let (_, &mut (value, _), _) = keys.select_nth_unstable_by(m * LEAF, by_value);
    rows.iter_mut().zip(&keys).for_each(|(row, key)| *row = key.1);
    drop(keys);
    let (left, right) = rows.split_at_mut(m * LEAF);
    let (left_cuts, right_cuts) = cuts.split_at_mut(m);
    right_cuts[0] = (widest as u32, value);
    rayon::join(|| cut(x, columns, left, left_cuts), || cut(x, columns, right, right_cuts));
}

/// The place in `columns` of the column with the largest variance over a sample of `rows`; 0 if none varies.
fn widest(x: ArrayView2<'_, f64>, columns: &[usize], rows: &[u32]) -> usize {
    let step = rows.len().div_ceil(SAMPLED).max(1);
    let variances = variances(x, rows.iter().step_by(step).map(|&row| row as usize));
    let mut best = (0, 0.0);
    for (at, &column) in columns.iter().enumerate() {
        if variances[column] > best.1 {
            best = (at, variances[column]);
        }
    }
    best.0
}

/// Variance of each column of `x` over `rows`, shifted by the first row so that large means do no harm.
pub(super) fn variances(x: ArrayView2<'_, f64>, rows: impl Iterator<Item = usize>) -> Vec<f64> {
    let (mut sum, mut squares) = (vec![0.0; x.ncols()], vec![0.0; x.ncols()]);
    let (mut first, mut count) = (None, 0.0);
    for row in rows {
        let row = x.row(row);
        let origin = *first.get_or_insert(row);
        count += 1.0;
        for (column, (value, origin)) in row.iter().zip(origin).enumerate() {
            let shifted = value - origin;
            sum[column] += shifted;
            squares[column] += shifted * shifted;
        }
    }
    sum.iter().zip(&squares).map(|(s, q)| (q - s * s / count) / count).collect()
}

/// The mean of one row of every full leaf, or of nothing: zeros.
fn centre(tiles: &[f64], leaves: usize, width: usize) -> Vec<f64> {
    let full = leaves.saturating_sub(1);
    let mut centre = vec![0.0; width];
    for leaf in tiles.chunks_exact(LEAF * width).take(full) {
        for (mean, lanes) in centre.iter_mut().zip(leaf.chunks_exact(LANES)) {
            *mean += lanes[0] / full as f64;
        }
    }
    centre
}

/// Bounding boxes of the leaves, as tiles of sixteen leaves; missing leaves are infinitely far away.
fn boxes(tiles: &[f64], rows: &[u32], leaves: usize, width: usize) -> (Vec<f64>, Vec<f64>) {
    let size = leaves.div_ceil(LANES) * LANES * width;
    let (mut low, mut high) = (vec![f64::INFINITY; size], vec![f64::INFINITY; size]);
    let chunks = low.par_chunks_mut(LANES * width).zip(high.par_chunks_mut(LANES * width)).enumerate();
    chunks.for_each(|(chunk, (low, high))| {
        for (lane, leaf) in (chunk * LANES..leaves.min((chunk + 1) * LANES)).enumerate() {
            for column in 0..width {
                let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
                for tile in (leaf * LEAF..(leaf + 1) * LEAF).step_by(LANES) {
                    let values = &tiles[tile * width + column * LANES..][..LANES];
                    for (value, _) in values.iter().zip(&rows[tile..]).filter(|&(_, &row)| row != u32::MAX) {
                        least = least.min(*value);
                        most = most.max(*value);
                    }
                }
                low[column * LANES + lane] = least;
                high[column * LANES + lane] = most;
            }
        }
    });
    (low, high)
}
