//! What the roots of many bootstrap samples count, bin by bin, counted together.
//!
//! Trees of a forest see the same rows in the same bins and differ in how often they drew each. One pass over a column then adds a
//! row's draws for all of them at once, side by side in a vector register, where every tree by itself would go through memory for
//! one number. What comes out are counts, so nothing depends on who counted.

use rayon::prelude::*;

use super::bins::{Bin, Binned};

/// Trees counted together: their numbers of one bin are a cache line.
pub(super) const TOGETHER: usize = 32;

/// With fewer common rows a bin, nodes soon have fewer rows than bins, and histograms are not what their cuts are found by.
const ROWS_PER_BIN: usize = 8;

/// Bytes that the histograms of all columns may take.
const MOST_BYTES: usize = 1 << 27;

/// Histograms of the common rows that [`TOGETHER`] samples drew, of every column.
pub(super) struct Roots {
    stride: usize,
    lines: Vec<[u32; TOGETHER]>,
}

impl Roots {
    /// Of samples that drew the rows as often as `draws` says; none where that does not pay, or where one row was drawn more than
    /// 255 times.
    pub(super) fn of<B: Bin>(data: &Binned<B>, draws: &[Vec<u16>]) -> Option<Self> {
        let stride = data.most_bins();
        let bytes = data.columns * stride * size_of::<[u32; TOGETHER]>();
        if draws.len() < 2 || data.common_rows.len() < ROWS_PER_BIN * stride || bytes > MOST_BYTES {
            return None;
        }
        let (by_row, most) = side_by_side(&data.common_rows, draws)?;
        // So many rows can be added up in 16 bits.
        let block = usize::from(u16::MAX) / usize::from(most.max(1));
        let mut lines = vec![[0; TOGETHER]; data.columns * stride];
        lines.par_chunks_mut(stride).enumerate().for_each(|(column, lines)| {
            let bins = data.column(column);
            let mut narrow = vec![[0_u16; TOGETHER]; stride];
            // Bins that so many rows are in that 16 bits might not hold the sum of all of them.
            let crowded: Vec<usize> = (0..data.bin_count(column))
                .filter(|&bin| data.common_rows_in(column, bin, bin + 1).len() > block)
                .collect();
            for (rows, by_row) in data.common_rows.chunks(block).zip(by_row.chunks(block)) {
                for (&row, draws) in rows.iter().zip(by_row) {
                    add(&mut narrow[bins[row as usize].into() as usize], draws);
                }
                crowded.iter().for_each(|&bin| widen(&mut lines[bin], &mut narrow[bin]));
            }
            lines.iter_mut().zip(&mut narrow).for_each(|(line, narrow)| widen(line, narrow));
        });
        Some(Self { stride, lines })
    }

    /// Puts the counts of a column into `counts`, for the sample of this number.
    pub(super) fn copy(&self, nth: usize, column: usize, counts: &mut [u32]) {
        let lines = &self.lines[column * self.stride..];
        counts.iter_mut().zip(lines).for_each(|(count, line)| *count = line[nth]);
    }
}

/// Moves sums to where they can grow.
fn widen(line: &mut [u32; TOGETHER], narrow: &mut [u16; TOGETHER]) {
    line.iter_mut().zip(&*narrow).for_each(|(sum, &more)| *sum += u32::from(more));
    narrow.fill(0);
}

/// In chunks that the compiler makes vectors of.
#[inline]
fn add(sums: &mut [u16; TOGETHER], draws: &[u8; TOGETHER]) {
    let (sums, _) = sums.as_chunks_mut::<16>();
    let (draws, _) = draws.as_chunks::<16>();
    for (sums, draws) in sums.iter_mut().zip(draws) {
        let wide = draws.map(u16::from);
        let mut sum = *sums;
        (0..16).for_each(|at| sum[at] += wide[at]);
        *sums = sum;
    }
}

/// How often each of `rows` was drawn by each sample, and the most of these numbers; none where a byte cannot say it.
fn side_by_side(rows: &[u32], draws: &[Vec<u16>]) -> Option<(Vec<[u8; TOGETHER]>, u8)> {
    let most = draws.iter().flat_map(|draws| draws.iter().copied()).max()?;
    let line = |&row: &u32| {
        let mut line = [0; TOGETHER];
        line.iter_mut().zip(draws).for_each(|(drawn, draws)| *drawn = draws[row as usize] as u8);
        line
    };
    let most = u8::try_from(most).ok()?;
    Some((rows.par_iter().with_min_len(4096).map(line).collect(), most))
}
