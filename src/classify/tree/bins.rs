//! The training matrix cut at the values of the rarer class.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::cells::Cells;
use super::cut::key;
use super::matrix::Matrix;
use super::packed::Lines;
use crate::component::{Common, Shared};
use crate::error::{COLUMN, Error, Result};

/// The index of a bin in its column.
pub(super) trait Bin: Copy + Send + Sync + Default + Into<u32> + 'static {
    /// The largest index.
    const MOST: usize;
    /// `index` as a bin; it fits by the choice made in [`Binned::of`]'s caller.
    fn of(index: usize) -> Self;
}

impl Bin for u16 {
    const MOST: usize = u16::MAX as usize;
    fn of(index: usize) -> Self {
        index as u16
    }
}

impl Bin for u32 {
    const MOST: usize = u32::MAX as usize;
    fn of(index: usize) -> Self {
        index as u32
    }
}

/// Two values nearer than this are one value to scikit-learn's trees (`FEATURE_THRESHOLD`), hence to ours.
pub(super) const NEAR: f32 = 1e-7;

/// Whether no cut can lie between `low` and the next larger value `high`.
#[inline]
pub(super) fn too_near(low: f32, high: f32) -> bool {
    high <= low + NEAR
}

/// The threshold between two neighbouring values.
#[inline]
pub(super) fn midpoint(low: f32, high: f32) -> f64 {
    f64::from(low) / 2.0 + f64::from(high) / 2.0
}

/// A value as the trees see it: 32 bits, and one zero only.
#[inline]
pub(super) fn narrow(value: f64) -> f32 {
    value as f32 + 0.0
}

/// The training rows, each column cut at the distinct values `v` of the rarer class. Bins `2k` and `2k + 1` of a column
/// hold the values in the open interval `(v[k - 1], v[k])` and those equal to `v[k]`; bin `2K` those above the last.
///
/// For two classes and a concave impurity an optimal cut lies next to a value of each class (Fayyad and Irani 1992,
/// "On the handling of continuous-valued attributes in decision tree generation", theorem 1), hence on an edge of these
/// bins. That holds in every node, since it has no values but these.
pub(super) struct Binned<'a, B> {
    /// Row-major values.
    x: &'a [f64],
    bins: Arc<Bins<B>>,
}

/// What [`Binned`] has made of the values and the labels: other fits on the same rows can use it.
pub(super) struct Bins<B> {
    /// Number of columns.
    pub(super) columns: usize,
    /// Number of rows.
    pub(super) rows: usize,
    /// The label of the rarer class (1 when both are as frequent).
    pub(super) rare: u8,
    /// The rows of the rarer class, ascending.
    pub(super) rare_rows: Vec<u32>,
    /// The rows of the other class, ascending.
    pub(super) common_rows: Vec<u32>,
    bins: Vec<B>,
    /// A column's cut values, ascending; for a column with cells, the smallest value of each.
    values: Vec<Vec<f32>>,
    /// The cells of columns that have any.
    cells: Vec<Option<Cells>>,
    /// The common rows of a column sorted by bin, and where each bin starts in them. Columns with cells have them in the order of
    /// their values.
    by_bin: Vec<u32>,
    starts: Vec<Vec<u32>>,
    /// See [`Binned::in_order`]; made when first asked for.
    ordered: Vec<OnceLock<Vec<u64>>>,
    /// See [`Bins::lines`]; made when first asked for.
    lines: OnceLock<Lines<B>>,
}

impl<B> Deref for Binned<'_, B> {
    type Target = Bins<B>;

    fn deref(&self) -> &Bins<B> {
        &self.bins
    }
}

impl<B: Bin> Common for Bins<B> {
    const NAME: &'static str = "bins of trees";

    /// Columns with cells are those that may be put in order later.
    fn bytes(&self) -> usize {
        let ordered = self.cells.iter().flatten().count() * self.rows * size_of::<u64>();
        let values: usize = self.values.iter().map(Vec::len).sum();
        // The bins may be there column by column and row by row.
        2 * size_of_val(&self.bins[..]) + size_of_val(&self.by_bin[..]) + 3 * values * size_of::<u32>() + ordered
    }
}

/// Row numbers of the rarer class, of the other class, and the rarer class's label.
fn sides(y: &[u8]) -> (Vec<u32>, Vec<u32>, u8) {
    let (ones, zeros): (Vec<u32>, Vec<u32>) = (0..y.len() as u32).partition(|&row| y[row as usize] == 1);
    if ones.len() <= zeros.len() { (ones, zeros, 1) } else { (zeros, ones, 0) }
}

/// How many rows the rarer class has; decides how wide a bin index must be.
pub(super) fn rare_count(y: &[u8]) -> usize {
    let ones = y.iter().filter(|&&label| label == 1).count();
    ones.min(y.len() - ones)
}

/// Looks up the bin of a value: a linear table narrows the cut values to a few, binary search does the rest.
struct Lookup<'a> {
    values: &'a [f32],
    scale: f64,
    cells: Vec<u32>,
}

impl<'a> Lookup<'a> {
    fn new(values: &'a [f32]) -> Self {
        let count = (4 * values.len()).next_power_of_two();
        let span = match values {
            [first, .., last] => f64::from(*last) - f64::from(*first),
            _ => 1.0,
        };
        let mut lookup = Self { values, scale: (count - 1) as f64 / span, cells: vec![0; count + 1] };
        for &value in values {
            let cell = lookup.cell(value);
            lookup.cells[cell + 1] += 1;
        }
        for cell in 0..count {
            lookup.cells[cell + 1] += lookup.cells[cell];
        }
        lookup
    }

    /// Never decreases with `value`, so equal values share a cell and cells are ordered as values are.
    #[inline]
    fn cell(&self, value: f32) -> usize {
        ((f64::from(value) - f64::from(self.values[0])) * self.scale) as usize
    }

    #[inline]
    fn bin(&self, value: f32) -> usize {
        let (Some(&first), Some(&last)) = (self.values.first(), self.values.last()) else { return 0 };
        if value < first {
            return 0;
        }
        if value > last {
            return 2 * self.values.len();
        }
        let cell = self.cell(value);
        let (from, to) = (self.cells[cell] as usize, self.cells[cell + 1] as usize);
        let at = from + self.values[from..to].partition_point(|&v| v < value);
        // Above the cell's last value and below the next cell's first: `at` is then that first one.
        if self.values[at] == value { 2 * at + 1 } else { 2 * at }
    }
}

/// The row of a key of [`Binned::in_order`], and whether it is of the rarer class.
#[inline]
pub(super) fn row_and_side(key: u64) -> (u32, bool) {
    (key as u32 >> 1, key & 1 == 1)
}

/// Columns binned by one task: as many as share a cache line of a row-major row.
const TOGETHER: usize = 8;

impl<'a, B: Bin> Binned<'a, B> {
    /// The matrix's own bins; `values` are its values, row-major.
    ///
    /// # Errors
    /// A value that is not finite in 32 bits; more rows than half a `u32` counts.
    pub(super) fn of(matrix: &Matrix<'_>, values: &'a [f64], y: &[u8], with_cells: bool) -> Result<Self> {
        let (how, columns) = (|| format!("cells {with_cells}"), matrix.x.ncols());
        let bins = Shared::or_own(matrix.shared, how, || Bins::new(values, columns, y, with_cells))?;
        Ok(Binned { x: values, bins })
    }

    /// The value of a row in a column.
    #[inline]
    pub(super) fn value(&self, row: u32, column: usize) -> f32 {
        narrow(self.x[row as usize * self.columns + column])
    }

    /// All rows of a column in the order of its values: [`key`]s that carry what [`row_and_side`] reads. Only columns whose
    /// values lie so near each other that bins do not tell where to cut need it; sorted once, they need no sorting in every
    /// node.
    pub(super) fn in_order(&self, column: usize) -> &[u64] {
        let sides = (&self.common_rows[..], &self.rare_rows[..]);
        self.ordered[column].get_or_init(|| in_order(sides, |row| self.value(row as u32, column)))
    }
}

impl<B: Bin> Bins<B> {
    /// Bins `x` (row-major, `y.len()` rows). `2 * rare_count(y) + 1` bins must fit `B`. Columns get cells where that pays, if
    /// `with_cells`.
    ///
    /// # Errors
    /// A value that is not finite in 32 bits; more rows than half a `u32` counts.
    fn new(x: &[f64], columns: usize, y: &[u8], with_cells: bool) -> Result<Self> {
        // Keys of rows keep one bit for the class.
        if y.len() > u32::MAX as usize / 2 {
            return Err(Error::Component(format!("{} rows are more than trees can count", y.len())));
        }
        let (rare_rows, common_rows, rare) = sides(y);
        let rows = y.len();
        let mut values: Vec<Vec<f32>> = (0..columns)
            .into_par_iter()
            .map(|column| {
                let value = |&row: &u32| checked(column, x[row as usize * columns + column]);
                let mut values = rare_rows.iter().map(value).collect::<Result<Vec<f32>>>()?;
                values.sort_unstable_by(f32::total_cmp);
                values.dedup();
                Ok(values)
            })
            .collect::<Result<_>>()?;
        let mut bins = vec![B::default(); rows * columns];
        bins.par_chunks_mut((rows * TOGETHER).max(1))
            .zip(values.par_chunks(TOGETHER))
            .enumerate()
            .try_for_each(|(block, (bins, values))| fill(x, columns, block * TOGETHER, values, bins))?;
        let mut cells: Vec<Option<Cells>> = Vec::new();
        cells.resize_with(columns, || None);
        let mut by_bin = vec![0; common_rows.len() * columns];
        let mut starts: Vec<Vec<u32>> = Vec::new();
        if common_rows.is_empty() {
            starts.resize_with(columns, || vec![0, 0]);
        } else {
            bins.par_chunks_mut(rows)
                .zip(by_bin.par_chunks_mut(common_rows.len()))
                .zip(values.par_iter_mut().zip(&mut cells))
                .enumerate()
                .map(|(column, ((bins, sorted), (values, cells)))| {
                    let value = |row: usize| narrow(x[row * columns + column]);
                    if with_cells && Cells::pay(values, bins, value) {
                        let keys = in_order((&common_rows, &rare_rows), value);
                        *cells = tighten(&keys, bins, values);
                        if cells.is_some() {
                            let common = keys.into_iter().map(row_and_side).filter(|(_, is_rare)| !is_rare);
                            let rows: Vec<u32> = common.map(|(row, _)| row).collect();
                            return sort_by_bin(&rows, bins, 2 * values.len() + 1, sorted);
                        }
                    }
                    sort_by_bin(&common_rows, bins, 2 * values.len() + 1, sorted)
                })
                .collect_into_vec(&mut starts);
        }
        let ordered = (0..columns).map(|_| OnceLock::new()).collect();
        let lines = OnceLock::new();
        Ok(Self { columns, rows, rare, rare_rows, common_rows, bins, values, cells, by_bin, starts, ordered, lines })
    }

    /// The bins of a column, an element a row.
    #[inline]
    pub(super) fn column(&self, column: usize) -> &[B] {
        &self.bins[column * self.rows..(column + 1) * self.rows]
    }

    /// The bins row by row.
    pub(super) fn lines(&self) -> &Lines<B> {
        self.lines.get_or_init(|| Lines::of(self))
    }

    /// Whether they were asked for.
    #[cfg(test)]
    pub(super) fn has_lines(&self) -> bool {
        self.lines.get().is_some()
    }

    /// How many bins a column has.
    #[inline]
    pub(super) fn bin_count(&self, column: usize) -> usize {
        2 * self.values[column].len() + 1
    }

    /// The number of bins of the column that has most.
    pub(super) fn most_bins(&self) -> usize {
        (0..self.columns).map(|column| self.bin_count(column)).max().unwrap_or(1)
    }

    /// The values at which a column is cut.
    #[inline]
    pub(super) fn cut_values(&self, column: usize) -> &[f32] {
        &self.values[column]
    }

    /// The cells of a column that has them.
    #[inline]
    pub(super) fn cells(&self, column: usize) -> Option<&Cells> {
        self.cells[column].as_ref()
    }

    /// The common rows of the training data in bins `from..to` of a column.
    #[inline]
    pub(super) fn common_rows_in(&self, column: usize, from: usize, to: usize) -> &[u32] {
        let starts = &self.starts[column];
        let base = column * self.common_rows.len();
        &self.by_bin[base + starts[from] as usize..base + starts[to] as usize]
    }
}

/// See [`Binned::in_order`].
fn in_order((common, rare): (&[u32], &[u32]), value: impl Fn(usize) -> f32) -> Vec<u64> {
    let keys = |rows: &'_ [u32], side: u32| -> Vec<u64> {
        rows.iter().map(|&row| key(value(row as usize), row << 1 | side)).collect()
    };
    let mut all = keys(common, 0);
    all.extend(keys(rare, 1));
    all.sort_unstable();
    all
}

/// Bins a column, whose rows come [`in_order`], by cells instead of its rare values; leaves it as it is, and gives none, where these
/// would be too many.
fn tighten<B: Bin>(keys: &[u64], bins: &mut [B], values: &mut Vec<f32>) -> Option<Cells> {
    let cells = Cells::new(keys, (B::MOST - 1) / 2)?;
    cells.fill(keys, bins);
    values.clone_from(&cells.low);
    Some(cells)
}

/// Bins up to [`TOGETHER`] columns from `first` on; `bins` is column-major.
fn fill<B: Bin>(x: &[f64], columns: usize, first: usize, values: &[Vec<f32>], bins: &mut [B]) -> Result<()> {
    let rows = bins.len() / values.len().max(1);
    let lookups: Vec<Lookup> = values.iter().map(|values| Lookup::new(values)).collect();
    for (row, line) in x.chunks_exact(columns).enumerate() {
        for (column, lookup) in lookups.iter().enumerate() {
            let value = checked(first + column, line[first + column])?;
            bins[column * rows + row] = B::of(lookup.bin(value));
        }
    }
    Ok(())
}

/// [`narrow`] for a value that has not been looked at yet.
///
/// # Errors
/// A value that 32 bits cannot hold, as in scikit-learn.
#[inline]
pub(super) fn checked(column: usize, value: f64) -> Result<f32> {
    let narrowed = narrow(value);
    if narrowed.is_finite() { Ok(narrowed) } else { Err(out_of_range(column, value)) }
}

#[cold]
fn out_of_range(column: usize, value: f64) -> Error {
    let said =
        format!("{COLUMN} holds {value:e}, which is not finite in 32 bits, with which trees work; scale or clip it");
    Error::Column { at: column, said }
}

/// Counting sort, which leaves the rows of a bin in their order; returns where each of `count` bins starts in `sorted`, and its end.
fn sort_by_bin<B: Bin>(rows: &[u32], bins: &[B], count: usize, sorted: &mut [u32]) -> Vec<u32> {
    let mut starts = vec![0_u32; count + 1];
    for &row in rows {
        let bin: u32 = bins[row as usize].into();
        starts[bin as usize + 1] += 1;
    }
    for bin in 0..count {
        starts[bin + 1] += starts[bin];
    }
    let mut next = starts.clone();
    for &row in rows {
        let bin: u32 = bins[row as usize].into();
        let slot = &mut next[bin as usize];
        sorted[*slot as usize] = row;
        *slot += 1;
    }
    starts
}
