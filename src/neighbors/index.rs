//! The rows of one class, cut into leaves of rows that lie near each other, each with its bounding box.

use std::ops::Range;

use ndarray::ArrayView2;

use super::Neighbor;
use super::descend::{Boxes, FEW_COLUMNS};
use super::means::Means;
use super::tile::{LANES, STRETCH};

/// Rows in a leaf: few enough that boxes stay small, enough that a leaf costs more than its box.
pub(super) const LEAF: usize = 4 * LANES;

/// Rows that are looked at to choose the column a node is cut at. The choice affects speed only.
const SAMPLED: usize = 64;

/// Leaves whose rows are copied side by side before they are cut further. The number affects speed only.
const TOGETHER: usize = 64;

/// Median cuts along the column of the largest variance, as in a k-d tree. Every leaf but the last is full, which makes
/// the tree's shape a function of the number of leaves: the node over leaves `a..b` is cut at leaf [`middle`]`(a, b)`.
///
/// Few rows are one leaf, which every query looks at as a whole: it has no more tiles than its rows need, and no box and no mean.
pub(super) struct Index {
    /// The rows' values, tile by tile; lanes beyond the last row are infinitely far away.
    pub tiles: Vec<f64>,
    /// Original row numbers, in the order of the tiles; `u32::MAX` in the lanes beyond the last row.
    pub rows: Vec<u32>,
    /// The least row number in each leaf.
    pub first: Vec<u32>,
    /// Lowest values of sixteen leaves a tile; none of a single leaf.
    pub low: Vec<f64>,
    /// Highest values of sixteen leaves a tile; none of a single leaf.
    pub high: Vec<f64>,
    /// The cut in front of leaf `i`, for i from 1: column and smallest value behind it.
    cuts: Vec<(u32, f64)>,
    /// Columns a row, padding included.
    pub width: usize,
    /// A point in the middle of the rows, in the order of the tiles' columns.
    pub centre: Vec<f64>,
    /// The leaves' means; none of a single leaf.
    pub means: Means,
    /// The boxes of the tree's nodes, where there are several leaves and few columns.
    pub boxes: Option<Boxes>,
}

/// The leaf in front of which a node over leaves `a..b` is cut.
pub(super) fn middle(a: usize, b: usize) -> usize {
    a + (b - a).div_ceil(2)
}

impl Index {
    /// Indexes `rows` of `x`, whose columns are taken in the order `columns`, of which there is at least one.
    pub fn new(x: ArrayView2<'_, f64>, mut rows: Vec<u32>, columns: &[usize]) -> Self {
        let x = x.as_standard_layout();
        let x = Table { values: x.as_slice().unwrap_or_default(), width: x.ncols() };
        let leaves = rows.len().div_ceil(LEAF);
        let width = columns.len().next_multiple_of(STRETCH);
        let lanes = if leaves > 1 { leaves * LEAF } else { rows.len().next_multiple_of(LANES) };
        let mut cuts = vec![(0, 0.0); leaves];
        // Zeros cost nothing until they are written: each thread fetches the pages that it fills.
        let mut tiles = vec![0.0; lanes * width];
        let mut boxes = vec![[0.0; 3]; leaves * width];
        Part { rows: &mut rows, cuts: &mut cuts, tiles: &mut tiles, boxes: &mut boxes }.fill(x, columns);
        rows.resize(lanes, u32::MAX);
        let first: Vec<u32> = rows.chunks(LEAF).map(|rows| rows.iter().copied().fold(u32::MAX, u32::min)).collect();
        let has_tree = columns.len() <= FEW_COLUMNS && leaves > 1;
        let tree = has_tree.then(|| Boxes::new(columns.len(), &boxes, &first));
        let of = |which: usize| boxes.iter().map(|of| of[which]).collect::<Vec<f64>>();
        let means = of(MEAN);
        let centre = centre(&means, width);
        let beside = |values: &[f64]| if leaves > 1 { side_by_side(values, width) } else { Vec::new() };
        let (low, high) = (beside(&of(LOW)), beside(&of(HIGH)));
        let means = Means::new(if leaves > 1 { &means } else { &[] }, &centre);
        Index { tiles, rows, first, low, high, cuts, width, centre, means, boxes: tree }
    }

    /// Number of leaves.
    pub fn leaves(&self) -> usize {
        self.cuts.len()
    }

    /// The rows of a leaf; `u32::MAX` in the lanes beyond the last row.
    pub fn leaf(&self, leaf: usize) -> &[u32] {
        &self.rows[self.lanes(leaf)]
    }

    /// Where a leaf's rows stand in the order of the tiles.
    pub fn lanes(&self, leaf: usize) -> Range<usize> {
        leaf * LEAF..((leaf + 1) * LEAF).min(self.rows.len())
    }

    /// What no row of a leaf comes before that is at least `sum` away.
    pub fn foremost(&self, leaf: usize, sum: f64) -> Neighbor {
        Neighbor { sum, row: self.first[leaf] }
    }

    /// All rows, in the order of the leaves.
    pub fn members(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().copied().filter(|&row| row != u32::MAX)
    }

    /// The values of the row at a place of `rows`, padding included.
    pub fn values(&self, place: usize) -> Vec<f64> {
        let tile = &self.tiles[place / LANES * LANES * self.width..][..LANES * self.width];
        tile.iter().copied().skip(place % LANES).step_by(LANES).collect()
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

/// Rows of numbers, one after another.
#[derive(Clone, Copy)]
struct Table<'v> {
    values: &'v [f64],
    width: usize,
}

impl<'v> Table<'v> {
    fn row(&self, row: u32) -> &'v [f64] {
        &self.values[row as usize * self.width..][..self.width]
    }

    fn value(&self, row: u32, column: usize) -> f64 {
        self.values[row as usize * self.width + column]
    }
}

/// Rows that become consecutive leaves of an index, and the places where these are written.
struct Part<'p> {
    rows: &'p mut [u32],
    /// One element a leaf; the first is another part's.
    cuts: &'p mut [(u32, f64)],
    tiles: &'p mut [f64],
    /// Leaf by leaf and column by column.
    boxes: &'p mut [[f64; 3]],
}

/// What is known of a leaf's values in a column: the least, the largest and their mean.
pub(super) const LOW: usize = 0;
pub(super) const HIGH: usize = 1;
const MEAN: usize = 2;

impl Part<'_> {
    /// Cuts the rows into leaves and writes these.
    fn fill(self, x: Table<'_>, columns: &[usize]) {
        let leaves = self.cuts.len();
        if leaves <= TOGETHER {
            return self.fill_together(x, columns);
        }
        let width = self.boxes.len() / leaves;
        let m = middle(0, leaves);
        let cut = halve(x, columns, self.rows, m * LEAF);
        let (left_rows, rows) = self.rows.split_at_mut(m * LEAF);
        let (left_cuts, cuts) = self.cuts.split_at_mut(m);
        let (left_tiles, tiles) = self.tiles.split_at_mut(m * LEAF * width);
        let (left_boxes, boxes) = self.boxes.split_at_mut(m * width);
        cuts[0] = cut;
        let left = Part { rows: left_rows, cuts: left_cuts, tiles: left_tiles, boxes: left_boxes };
        let right = Part { rows, cuts, tiles, boxes };
        rayon::join(|| left.fill(x, columns), || right.fill(x, columns));
    }

    /// The same for few rows, which are copied first: all that follows happens in the processor's cache.
    fn fill_together(self, x: Table<'_>, columns: &[usize]) {
        if self.rows.is_empty() {
            return;
        }
        let width = self.boxes.len() / self.cuts.len();
        if self.cuts.len() == 1 {
            return x.fill_leaf(columns, self.rows, self.tiles, self.boxes);
        }
        let mut values = Vec::with_capacity(self.rows.len() * x.width);
        self.rows.iter().for_each(|&row| values.extend_from_slice(x.row(row)));
        let near = Table { values: &values, ..x };
        let mut places: Vec<u32> = (0..self.rows.len() as u32).collect();
        cut(near, columns, &mut places, self.cuts);
        let sorted: Vec<u32> = places.iter().map(|&place| self.rows[place as usize]).collect();
        self.rows.copy_from_slice(&sorted);
        let leaves = places.chunks(LEAF).zip(self.tiles.chunks_exact_mut(LEAF * width));
        for ((places, tiles), boxes) in leaves.zip(self.boxes.chunks_exact_mut(width)) {
            near.fill_leaf(columns, places, tiles, boxes);
        }
    }
}

impl Table<'_> {
    /// Writes the tiles of a leaf of some rows, and what is known of it.
    fn fill_leaf(&self, columns: &[usize], rows: &[u32], tiles: &mut [f64], boxes: &mut [[f64; 3]]) {
        for (nth, tile) in tiles.chunks_exact_mut(LANES * boxes.len()).enumerate() {
            let rows = &rows[(nth * LANES).min(rows.len())..((nth + 1) * LANES).min(rows.len())];
            self.write(columns, rows, tile.as_chunks_mut().0);
        }
        self.bound(columns, rows, boxes);
    }

    /// Writes some rows side by side; lanes beyond them are infinitely far away.
    fn write(&self, columns: &[usize], rows: &[u32], tile: &mut [[f64; LANES]]) {
        let from: [&[f64]; LANES] = std::array::from_fn(|lane| rows.get(lane).map_or(&[][..], |&row| self.row(row)));
        for (at, lanes) in tile.iter_mut().enumerate() {
            *lanes = match columns.get(at) {
                Some(&column) if rows.len() == LANES => from.map(|row| row[column]),
                column => from.map(|row| match (row.is_empty(), column) {
                    (true, _) => f64::INFINITY,
                    (false, column) => column.map_or(0.0, |&column| row[column]),
                }),
            };
        }
    }

    /// The box and the mean of some rows, of which there is at least one, in the order of `columns`.
    fn bound(&self, columns: &[usize], rows: &[u32], boxes: &mut [[f64; 3]]) {
        let mut all = vec![[f64::INFINITY, f64::NEG_INFINITY, 0.0]; self.width];
        for &row in rows {
            for ([low, high, sum], &value) in all.iter_mut().zip(self.row(row)) {
                *low = if value < *low { value } else { *low };
                *high = if value > *high { value } else { *high };
                *sum += value;
            }
        }
        for (to, &column) in boxes.iter_mut().zip(columns) {
            let [low, high, sum] = all[column];
            let mean = sum / rows.len() as f64;
            *to = [low, high, if mean.is_finite() { mean } else { low / 2.0 + high / 2.0 }];
        }
    }
}

/// Reorders `rows` so that consecutive runs of `LEAF` rows are leaves; `cuts` has one element a leaf, the first unused.
fn cut(x: Table<'_>, columns: &[usize], rows: &mut [u32], cuts: &mut [(u32, f64)]) {
    if cuts.len() < 2 {
        return;
    }
    let m = middle(0, cuts.len());
    let found = halve(x, columns, rows, m * LEAF);
    let (left, right) = rows.split_at_mut(m * LEAF);
    let (left_cuts, right_cuts) = cuts.split_at_mut(m);
    right_cuts[0] = found;
    cut(x, columns, left, left_cuts);
    cut(x, columns, right, right_cuts);
}

/// Reorders `rows` so that those from place `at` on have the larger values in some column; the column's place in `columns`, and
/// the least of these values. Values that are equal in 32 bits are told apart by row: that affects speed only.
fn halve(x: Table<'_>, columns: &[usize], rows: &mut [u32], at: usize) -> (u32, f64) {
    let widest = widest(x, columns, rows);
    let column = columns[widest];
    let origin = x.value(rows[0], column);
    // One whole number holds value and row, and has their order.
    let key = |row: u32| {
        let bits = ((x.value(row, column) - origin) as f32).to_bits();
        let ordered = if bits >> 31 == 0 { bits | 1 << 31 } else { !bits };
        u64::from(ordered) << 32 | u64::from(row)
    };
    let mut keys: Vec<u64> = rows.iter().map(|&row| key(row)).collect();
    keys.select_nth_unstable(at);
    rows.iter_mut().zip(&keys).for_each(|(row, &key)| *row = key as u32);
    (widest as u32, x.value(rows[at], column))
}

/// The place in `columns` of the column with the largest variance over a sample of `rows`; 0 if none varies.
fn widest(x: Table<'_>, columns: &[usize], rows: &[u32]) -> usize {
    let step = rows.len().div_ceil(SAMPLED).max(1);
    let variances = variances(x.width, rows.iter().step_by(step).map(|&row| x.row(row)));
    let mut best = (0, 0.0);
    for (at, &column) in columns.iter().enumerate() {
        if variances[column] > best.1 {
            best = (at, variances[column]);
        }
    }
    best.0
}

/// Variance of each column over rows of so many columns, shifted by the first row so that large means do no harm.
pub(super) fn variances<'r>(columns: usize, rows: impl Iterator<Item = &'r [f64]>) -> Vec<f64> {
    let (mut sum, mut squares) = (vec![0.0; columns], vec![0.0; columns]);
    let (mut first, mut count) = (None, 0.0);
    for row in rows {
        let origin = *first.get_or_insert(row);
        count += 1.0;
        for (((sum, square), value), origin) in sum.iter_mut().zip(&mut squares).zip(row).zip(origin) {
            let shifted = value - origin;
            *sum += shifted;
            *square += shifted * shifted;
        }
    }
    sum.iter().zip(&squares).map(|(s, q)| (q - s * s / count) / count).collect()
}

/// The mean of the leaves' means, or of nothing: zeros.
fn centre(means: &[f64], width: usize) -> Vec<f64> {
    let leaves = (means.len() / width) as f64;
    let mut centre = vec![0.0; width];
    for mean in means.chunks_exact(width) {
        centre.iter_mut().zip(mean).for_each(|(centre, mean)| *centre += mean / leaves);
    }
    centre
}

/// Values of leaves, leaf by leaf, as tiles of sixteen leaves; missing leaves are infinitely far away.
fn side_by_side(values: &[f64], width: usize) -> Vec<f64> {
    let leaves = values.len() / width;
    let mut tiles = vec![f64::INFINITY; leaves.next_multiple_of(LANES) * width];
    for (leaf, values) in values.chunks_exact(width).enumerate() {
        let tile = &mut tiles[leaf / LANES * LANES * width..][..LANES * width];
        tile.iter_mut().skip(leaf % LANES).step_by(LANES).zip(values).for_each(|(to, &from)| *to = from);
    }
    tiles
}
