//! Histograms of a node's common rows, taken over from its parent where that is less work.

use std::ops::{AddAssign, SubAssign};

use super::bins::{Bin, Binned};
use super::roots::Roots;
use super::sample::Sample;

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

/// Rows added to one column's histogram before the next column's, so that their numbers and draws stay in the cache.
const TOGETHER: usize = 2048;

/// One histogram a column, each of the rows of the last node it was asked for. Handed down from a node to its larger
/// child, so that along a path of nodes that lose a few rows at a time each row is added once and taken out once a
/// column, however long the path is.
pub(super) struct Histograms<T> {
    stride: usize,
    counts: Vec<T>,
    /// Which range of the sample's common rows each histogram counts; an empty one: none yet.
    held: Vec<(usize, usize)>,
}

impl<T: Tally> Histograms<T> {
    /// For `columns` columns of at most `bins` bins.
    fn new(columns: usize, bins: usize) -> Self {
        Self { stride: bins, counts: vec![T::default(); columns * bins], held: vec![(0, 0); columns] }
    }

    /// Makes the histograms of `columns` count the common rows in `range`, which lies within what was last asked for. `root` has
    /// those of all rows of the sample, if anything has.
    pub(super) fn count<B: Bin>(
        &mut self,
        data: &Binned<B>,
        (sample, root): (&Sample, Option<&Root<'_>>),
        columns: &[usize],
        range: (usize, usize),
    ) {
        let len = range.1 - range.0;
        let all = sample.all().common;
        let mut anew = Vec::with_capacity(columns.len());
        for &column in columns {
            let mut held = self.held[column];
            if held.1 == held.0
                && all.1 < 2 * len
                && let Some(root) = root
                && T::copy_root(root, column, self.of(data, column))
            {
                held = all;
            }
            let held_len = held.1 - held.0;
            if held_len == 0 || held_len - len >= len {
                self.of(data, column).fill(T::default());
                anew.push(column);
            } else if held_len > len {
                let counts = self.of(data, column);
                let bins = data.column(column);
                for gone in [(held.0, range.0), (range.1, held.1)] {
                    for (&row, &draws) in sample.common(gone).iter().zip(sample.draws(gone)) {
                        counts[bins[row as usize].into() as usize] -= T::of(draws);
                    }
                }
            }
            self.held[column] = range;
        }
        if !anew.is_empty() {
            self.add(data, &anew, (sample.common(range), sample.draws(range)));
        }
    }

    fn add<B: Bin>(&mut self, data: &Binned<B>, columns: &[usize], (rows, draws): (&[u32], &[u16])) {
        // Neighbouring rows often fall into one bin, and an addition would then wait for the one before: the second row
        // of each pair goes to a histogram of its own.
        let mut second = vec![T::default(); columns.len() * self.stride];
        for (rows, draws) in rows.chunks(TOGETHER).zip(draws.chunks(TOGETHER)) {
            for (&column, second) in columns.iter().zip(second.chunks_exact_mut(self.stride)) {
                let bins = data.column(column);
                let first = self.of(data, column);
                for (rows, draws) in rows.chunks(2).zip(draws.chunks(2)) {
                    first[bins[rows[0] as usize].into() as usize] += T::of(draws[0]);
                    if let ([_, row], [_, draws]) = (rows, draws) {
                        second[bins[*row as usize].into() as usize] += T::of(*draws);
                    }
                }
            }
        }
        for (&column, second) in columns.iter().zip(second.chunks_exact(self.stride)) {
            self.of(data, column).iter_mut().zip(second).for_each(|(first, &second)| *first += second);
        }
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
            self.all[index].held.fill((0, 0));
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
