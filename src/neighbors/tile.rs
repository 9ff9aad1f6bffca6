//! Sixteen rows side by side: the unit that the distance loops work on.
//!
//! A tile holds `LANES` rows column by column (`tile[column * LANES + lane]`), so that one vector instruction advances
//! several rows by one column and each row's sum is still added up column after column.

use super::Metric;
#[cfg(target_arch = "x86_64")]
use super::wide;
#[cfg(target_arch = "x86_64")]
use crate::numeric::dense::has_wide_vectors;

/// Rows in a tile. Four registers of four f64: enough independent sums to hide the latency of an addition.
pub(crate) const LANES: usize = 16;

/// Columns between two looks at whether any row can still be near enough. Rows are padded with zeros to a multiple of it:
/// loops of fixed size over rows, with the columns inside, are what the compiler turns into vector instructions.
pub(crate) const STRETCH: usize = 8;

type Columns = [[f64; LANES]; STRETCH];

/// Sums of the rows of one tile against `query` (one value a column), or `None` as soon as all exceed `bound`.
#[inline]
pub(crate) fn sums<M: Metric>(tile: &[f64], query: &[f64], bound: f64) -> Option<[f64; LANES]> {
    #[cfg(target_arch = "x86_64")]
    if M::SQUARES && has_wide_vectors() {
        // SAFETY: the processor has just said that it knows the instructions.
        return unsafe { wide::squares(stretches(tile), query.as_chunks::<STRETCH>().0, bound) };
    }
    sums_by_stretches::<M>(tile, query, bound)
}

/// The same on any processor.
pub(super) fn sums_by_stretches<M: Metric>(tile: &[f64], query: &[f64], bound: f64) -> Option<[f64; LANES]> {
    let mut sums = [0.0; LANES];
    for (columns, values) in stretches(tile).iter().zip(query.as_chunks::<STRETCH>().0) {
        add::<M>(&mut sums, columns, values);
        if !any_within(&sums, bound) {
            return None;
        }
    }
    Some(sums)
}

/// The sums of a tile of few columns, whose padding is left out: zeros change no bit.
#[inline]
pub(super) fn few_sums<M: Metric>(tile: &[f64], query: &[f64]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for (lanes, value) in tile.as_chunks::<LANES>().0.iter().zip(query) {
        sums = std::array::from_fn(|lane| M::join(sums[lane], M::term(lanes[lane] - value)));
    }
    sums
}

/// Lower bounds of the sums of sixteen boxes, given as tiles of their lowest and highest values a column.
#[inline]
pub(super) fn box_sums<M: Metric>(low: &[f64], high: &[f64], query: &[f64], bound: f64) -> Option<[f64; LANES]> {
    let mut sums = [0.0; LANES];
    let boxes = stretches(low).iter().zip(stretches(high));
    for ((low, high), values) in boxes.zip(query.as_chunks::<STRETCH>().0) {
        add_gaps::<M>(&mut sums, low, high, values);
        if !any_within(&sums, bound) {
            return None;
        }
    }
    Some(sums)
}

fn stretches(tile: &[f64]) -> &[Columns] {
    tile.as_chunks::<LANES>().0.as_chunks::<STRETCH>().0
}

#[inline(always)]
fn add<M: Metric>(sums: &mut [f64; LANES], columns: &Columns, values: &[f64; STRETCH]) {
    for lane in 0..LANES {
        let mut sum = sums[lane];
        for column in 0..STRETCH {
            sum = M::join(sum, M::term(columns[column][lane] - values[column]));
        }
        sums[lane] = sum;
    }
}

#[inline(always)]
fn add_gaps<M: Metric>(sums: &mut [f64; LANES], low: &Columns, high: &Columns, values: &[f64; STRETCH]) {
    for lane in 0..LANES {
        let mut sum = sums[lane];
        for column in 0..STRETCH {
            let below = low[column][lane] - values[column];
            let above = values[column] - high[column][lane];
            let gap = if below > above { below } else { above };
            sum = M::join(sum, M::term(if gap > 0.0 { gap } else { 0.0 }));
        }
        sums[lane] = sum;
    }
}

/// Whether a sum is still at most `bound`; equality counts, because a tie may be won by the row number.
#[inline(always)]
pub(super) fn any_within(sums: &[f64; LANES], bound: f64) -> bool {
    sums.iter().fold(false, |any, &sum| any | (sum <= bound))
}
