//! Histograms of a node's common rows, taken over from its parent where that is less work.

use super::bins::{Bin, Binned};
use super::sample::Sample;

/// Rows added to one column's histogram before the next column's, so that their numbers and draws stay in the cache.
const TOGETHER: usize = 2048;

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

    /// Makes the histograms of `columns` count the common rows in `range`, which lies within what was last asked for.
    pub(super) fn count<B: Bin>(
        &mut self,
        data: &Binned<B>,
        sample: &Sample,
        columns: &[usize],
        range: (usize, usize),
    ) {
        let len = range.1 - range.0;
        let mut anew = Vec::with_capacity(columns.len());
        for &column in columns {
            let held = self.held[column];
            let held_len = held.1 - held.0;
            if held_len == 0 || held_len - len >= len {
                self.of(data, column).fill(0);
                anew.push(column);
            } else if held_len > len {
                let counts = self.of(data, column);
                let bins = data.column(column);
                for rows in [sample.common((held.0, range.0)), sample.common((range.1, held.1))] {
                    for &row in rows {
                        counts[bins[row as usize].into() as usize] -= u32::from(sample.counts[row as usize]);
                    }
                }
            }
            self.held[column] = range;
        }
        if !anew.is_empty() {
            self.add(data, sample, &anew, sample.common(range));
        }
    }

    fn add<B: Bin>(&mut self, data: &Binned<B>, sample: &Sample, columns: &[usize], rows: &[u32]) {
        // Neighbouring rows often fall into one bin, and an addition would then wait for the one before: the second row
        // of each pair goes to a histogram of its own.
        let mut second = vec![0_u32; columns.len() * self.stride];
        let mut draws = [0_u32; TOGETHER];
        for rows in rows.chunks(TOGETHER) {
            for (draws, &row) in draws.iter_mut().zip(rows) {
                *draws = u32::from(sample.counts[row as usize]);
            }
            for (&column, second) in columns.iter().zip(second.chunks_exact_mut(self.stride)) {
                let bins = data.column(column);
                let first = self.of(data, column);
                for (rows, draws) in rows.chunks(2).zip(draws.chunks_exact(2)) {
                    first[bins[rows[0] as usize].into() as usize] += draws[0];
                    if let Some(&row) = rows.get(1) {
                        second[bins[row as usize].into() as usize] += draws[1];
                    }
                }
            }
        }
        for (&column, second) in columns.iter().zip(second.chunks_exact(self.stride)) {
            self.of(data, column).iter_mut().zip(second).for_each(|(first, second)| *first += second);
        }
    }

    /// Draws by bin of a column, of the rows it was last made to count.
    pub(super) fn of<B: Bin>(&mut self, data: &Binned<B>, column: usize) -> &mut [u32] {
        let from = column * self.stride;
        &mut self.counts[from..from + data.bin_count(column)]
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
