//! A node's rows with their columns, side by side.
//!
//! What a node costs is not adding up but waiting for memory: of a column in which one row in sixteen is the node's, nearly all of it is
//! read. So a node that has few of the rows around it gets columns of its own, made from bins that lie row by row.

use std::cell::OnceCell;

use super::bins::{Bin, Binned, Bins};

/// A node of no more than this part of the rows that its columns have gets columns of its own.
pub(super) const ROWS_PER_PACKED: usize = 4;

/// When nodes get columns of their own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packing {
    /// Bins of no more bytes than these stay in the cache as they are.
    pub(super) near: usize,
    /// Fewer rows than these lie near enough to each other in any column.
    pub(super) fewest: usize,
}

impl Packing {
    /// By measurement.
    pub(super) const USUAL: Self = Packing { near: 1 << 23, fewest: 1024 };

    /// The fewest rows that get columns of their own in trees over `data`; none: no node does.
    pub(super) fn fewest<B: Bin>(self, data: &Binned<B>) -> Option<usize> {
        (data.rows * data.columns * size_of::<B>() > self.near).then_some(self.fewest)
    }
}

/// Bytes that a processor reads from memory at once.
const CACHE_LINE: usize = 64;

/// Rows turned into lines together, so few that their lines stay in the cache until they are full.
const BLOCK: usize = 256;

/// Rows turned back together, so many that their lines stay in the nearest cache.
const READ: usize = 128;

/// Bins row by row: all columns of a row, or as many as a cache line holds, are read at once.
pub(super) struct Lines<B> {
    /// Columns that lie together.
    together: usize,
    stride: usize,
    /// Where the first row is, so that no row lies across the ends of cache lines that could lie in one.
    from: usize,
    bins: Vec<B>,
}

impl<B: Bin> Lines<B> {
    /// Of columns.
    pub(super) fn of(columns: &Bins<B>) -> Self {
        let line = CACHE_LINE / size_of::<B>();
        let together = columns.columns.next_power_of_two().min(line);
        let stride = columns.columns.next_multiple_of(together);
        let mut bins = vec![B::default(); columns.rows * stride + line];
        let from = bins.as_ptr().align_offset(CACHE_LINE).min(line);
        // By one thread: trees ask for lines while they are grown, and a thread that waited for others here could take up one of those.
        let blocks = bins[from..].chunks_mut(stride * BLOCK).zip((0..columns.rows).step_by(BLOCK));
        for (lines, first) in blocks {
            let rows = first..columns.rows.min(first + BLOCK);
            for column in 0..columns.columns {
                let bins = &columns.column(column)[rows.clone()];
                lines.chunks_exact_mut(stride).zip(bins).for_each(|(line, &bin)| line[column] = bin);
            }
        }
        Lines { together, stride, from, bins }
    }

    /// Calls `visit` with a few of `rows` at a time: the place of the first among them, and the bins of the columns that lie together
    /// with number `group`, row after row.
    #[inline]
    pub(super) fn read(&self, rows: &[u32], group: usize, mut visit: impl FnMut(usize, &[B])) {
        let (from, together) = (self.from + group * self.together, self.together);
        let mut read = vec![B::default(); READ * together];
        for (block, rows) in rows.chunks(READ).enumerate() {
            for (to, &row) in read.chunks_exact_mut(together).zip(rows) {
                let at = from + row as usize * self.stride;
                let line = &self.bins[at..at + together];
                // Of a known length: a call to copy one would take longer than to read it.
                match (<&mut [B; 32]>::try_from(&mut *to), <&[B; 32]>::try_from(line)) {
                    (Ok(to), Ok(line)) => *to = *line,
                    _ => to.copy_from_slice(line),
                }
            }
            visit(block * READ, &read[..rows.len() * together]);
        }
    }

    /// How many columns lie together.
    pub(super) fn together(&self) -> usize {
        self.together
    }
}

/// Some rows and their columns.
pub(super) struct Packed<B> {
    rows: Vec<u32>,
    draws: Vec<u16>,
    /// Columns that lie together in a line, one after the other, made when one of them is first asked for.
    columns: Vec<OnceCell<Vec<B>>>,
}

impl<B: Bin> Packed<B> {
    /// Of the training rows with these numbers, each drawn so often.
    pub(super) fn new(data: &Binned<B>, rows: Vec<u32>, draws: Vec<u16>) -> Self {
        let groups = data.columns.div_ceil(data.lines().together);
        Packed { rows, draws, columns: (0..groups).map(|_| OnceCell::new()).collect() }
    }

    /// The training rows, an element a place.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// How often each was drawn.
    pub(super) fn draws(&self) -> &[u16] {
        &self.draws
    }

    /// The bins of a column, an element a place.
    pub(super) fn column(&self, data: &Binned<B>, column: usize) -> &[B] {
        let (lines, count) = (data.lines(), self.rows.len());
        let (group, nth) = (column / lines.together, column % lines.together);
        let bins = self.columns[group].get_or_init(|| {
            let first = group * lines.together;
            let columns = lines.together.min(data.columns - first);
            let mut bins = vec![B::default(); columns * count];
            lines.read(&self.rows, group, |from, read| {
                let here = read.len() / lines.together;
                for (nth, bins) in bins.chunks_exact_mut(count).enumerate() {
                    let read = read.chunks_exact(lines.together).map(|line| line[nth]);
                    bins[from..from + here].iter_mut().zip(read).for_each(|(to, bin)| *to = bin);
                }
            });
            bins
        });
        &bins[nth * count..(nth + 1) * count]
    }
}
