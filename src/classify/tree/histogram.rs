//! Histograms of a node's common rows, taken over from its parent where that is less work.

use super::bins::{Bin, Binned};
use super::sample::Sample;

/// One histogram a column, each of the rows of the last node it was asked for. Handed down from a node to its larger
/// child, so that along a path of nodes that lose a few rows at a time each row is added once and taken out once a
/// column, however long the path is.
pub(super) struct Histograms {
    stride: usize,
    counts: Vec<u32>,
    /// Which range of the sample's common rows each histogram counts; an empty one: none yet.
    held: Vec<(usize, usize)>,
}

impl Histograms {
    /// For `columns` columns of at most `bins` bins.
    fn new(columns: usize, bins: usize) -> Self {
        Self { stride: bins, counts: vec![0; columns * bins], held: vec![(0, 0); columns] }
    }

    /// Draws by bin of a column, of the common rows in `range`, which lies within the range last asked for.
    pub(super) fn of<B: Bin>(
        &mut self,
        data: &Binned<B>,
        sample: &Sample,
        column: usize,
        range: (usize, usize),
    ) -> &[u32] {
        let bins = data.column(column);
        let from = column * self.stride;
        let counts = &mut self.counts[from..from + data.bin_count(column)];
        let held = self.held[column];
        let (len, held_len) = (range.1 - range.0, held.1 - held.0);
        if held_len > 0 && held_len - len < len {
            for rows in [sample.common((held.0, range.0)), sample.common((range.1, held.1))] {
                for &row in rows {
                    counts[bins[row as usize].into() as usize] -= sample.counts[row as usize];
                }
            }
        } else {
            counts.fill(0);
            for &row in sample.common(range) {
                counts[bins[row as usize].into() as usize] += sample.counts[row as usize];
            }
        }
        self.held[column] = range;
        counts
    }
}

/// The histograms of the nodes that are still to be split, and those free for reuse.
pub(super) struct Pool {
    columns: usize,
    bins: usize,
    all: Vec<Histograms>,
    free: Vec<usize>,
}

impl Pool {
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
    pub(super) fn get(&mut self, index: usize) -> &mut Histograms {
        &mut self.all[index]
    }
}
