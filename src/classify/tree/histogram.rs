//! Histograms of a node's common rows, taken over from its parent where that is less work.

use std::ops::{AddAssign, SubAssign};

use super::bins::{Bin, Binned};
use super::roots::Roots;
use super::sample::Rows;

/// What is counted of the rows in a bin.
pub(super) trait Tally: Copy + Default + PartialEq + AddAssign + SubAssign {
    /// One row, drawn so often.
    fn of(draws: u16) -> Self;
    /// How often the rows were drawn together.
    fn draws(self) -> u64;
    /// How many rows there are.
    fn rows(self) -> u64;
    /// What all rows of a sample count by bin of a column, where `roots` can say it.
    fn copy_root(roots: &Root<'_>, column: usize, counts: &mut [Self]) -> bool;
}

/// A sample's number among those whose roots were counted together.
#[derive(Clone, Copy)]
pub(super) struct Root<'r> {
    pub(super) roots: &'r Roots,
    pub(super) nth: usize,
}

/// Draws only, which are the rows where each row is drawn once.
impl Tally for u32 {
    #[inline]
    fn of(draws: u16) -> Self {
        u32::from(draws)
    }

    #[inline]
    fn draws(self) -> u64 {
        u64::from(self)
    }

    #[inline]
    fn rows(self) -> u64 {
        u64::from(self)
    }

    fn copy_root(root: &Root<'_>, column: usize, counts: &mut [Self]) -> bool {
        root.roots.copy(root.nth, column, counts);
        true
    }
}

/// Rows in the upper half, draws in the lower half.
impl Tally for u64 {
    #[inline]
    fn of(draws: u16) -> Self {
        1 << 32 | u64::from(draws)
    }

    #[inline]
    fn draws(self) -> u64 {
        self & u64::from(u32::MAX)
    }

    #[inline]
    fn rows(self) -> u64 {
        self >> 32
    }

    /// Roots do not count rows.
    fn copy_root(_: &Root<'_>, _: usize, _: &mut [Self]) -> bool {
        false
    }
}

/// One histogram a column, of the rows of a node. Handed down from a node to its larger child, less the rows of the smaller one, so that
/// along a path of nodes that lose a few rows at a time each row is added once and taken out once a column, however long the path
/// is.
pub(super) struct Histograms<T> {
    stride: usize,
    counts: Vec<T>,
    /// Which columns' histograms count the node's rows.
    held: Vec<bool>,
}

impl<T: Tally> Histograms<T> {
    /// For `columns` columns of at most `bins` bins.
    fn new(columns: usize, bins: usize) -> Self {
        Self { stride: bins, counts: vec![T::default(); columns * bins], held: vec![false; columns] }
    }

    /// Makes the histograms of `columns` count a node's common rows.
    pub(super) fn count<B: Bin>(&mut self, data: &Binned<B>, columns: &[usize], rows: &Rows<'_, B>) {
        for &column in columns {
            if !std::mem::replace(&mut self.held[column], true) {
                let counts = self.of(data, column);
                counts.fill(T::default());
                rows.each_bin(data, column, |bin, draws| counts[bin] += T::of(draws));
            }
        }
    }

    /// Makes all histograms count the rows that `root` has counted, where it has.
    pub(super) fn copy<B: Bin>(&mut self, data: &Binned<B>, root: &Root<'_>) {
        for column in 0..data.columns {
            self.held[column] = T::copy_root(root, column, self.of(data, column));
        }
    }

    /// Takes rows out of all histograms, which leaves those of `left` rows, of which `columns` columns will be asked for next. Where that
    /// is more work than to count these anew, nothing is held afterwards.
    pub(super) fn lose<B: Bin>(&mut self, data: &Binned<B>, gone: &Rows<'_, B>, (left, columns): (usize, usize)) {
        let held = self.held.iter().filter(|held| **held).count();
        if columns == 0 || gone.len() * held > left * columns {
            self.held.fill(false);
            return;
        }
        let columns: Vec<usize> = (0..data.columns).filter(|&column| self.held[column]).collect();
        let (stride, counts) = (self.stride, &mut self.counts);
        gone.each_bin_of(data, &columns, |nth, bin, draws| counts[columns[nth] * stride + bin] -= T::of(draws));
    }

    /// Counts by bin of a column, of the rows it was last made to count.
    pub(super) fn of<B: Bin>(&mut self, data: &Binned<B>, column: usize) -> &mut [T] {
        let from = column * self.stride;
        &mut self.counts[from..from + data.bin_count(column)]
    }
}

/// The histograms of the nodes that are still to be split, and those free for reuse.
pub(super) struct Pool<T> {
    columns: usize,
    bins: usize,
    all: Vec<Histograms<T>>,
    free: Vec<usize>,
}

impl<T: Tally> Pool<T> {
    /// For trees over `data`.
    pub(super) fn new<B: Bin>(data: &Binned<B>) -> Self {
        Self { columns: data.columns, bins: data.most_bins(), all: Vec::new(), free: Vec::new() }
    }

    /// Histograms that hold nothing yet.
    pub(super) fn take(&mut self) -> usize {
        if let Some(index) = self.free.pop() {
            self.all[index].held.fill(false);
            return index;
        }
        self.all.push(Histograms::new(self.columns, self.bins));
        self.all.len() - 1
    }

    /// Ends the use of what [`Pool::take`] gave.
    pub(super) fn give_back(&mut self, index: usize) {
        self.free.push(index);
    }

    /// What [`Pool::take`] gave.
    pub(super) fn get(&mut self, index: usize) -> &mut Histograms<T> {
        &mut self.all[index]
    }
}
