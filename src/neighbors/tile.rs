//! Sixteen rows side by side: the unit that the distance loops work on.
//!
//! A tile holds `LANES` rows column by column (`tile[column * LANES + lane]`), so that one vector instruction advances
//! several rows by one column and each row's sum is still added up column after column.

use super::Metric;

/// Rows in a tile. Four registers of four f64: enough independent sums to hide the latency of an addition.
pub(super) const LANES: usize = 16;

/// Columns between two looks at whether any row can still be near enough.
const STRETCH: usize = 8;

/// Sums of the rows of one tile against `query` (one value a column), or `None` as soon as all exceed `bound`.
#[inline]
pub(super) fn sums<M: Metric>(tile: &[f64], query: &[f64], bound: f64) -> Option<[f64; LANES]> {
    let mut sums = [0.0; LANES];
    for (columns, values) in tile.chunks(STRETCH * LANES).zip(query.chunks(STRETCH)) {
        for (column, &value) in columns.chunks_exact(LANES).zip(values) {
            for (sum, &cell) in sums.iter_mut().zip(column) {
                *sum += M::term(cell - value);
            }
        }
        if !any_within(&sums, bound) {
            return None;
        }
    }
    Some(sums)
}

/// Lower bounds of the sums of sixteen boxes, given as tiles of their lowest and highest values a column.
#[inline]
pub(super) fn box_sums<M: Metric>(low: &[f64], high: &[f64], query: &[f64], bound: f64) -> Option<[f64; LANES]> {
    let mut sums = [0.0; LANES];
    let stretches = low.chunks(STRETCH * LANES).zip(high.chunks(STRETCH * LANES));
    for ((lows, highs), values) in stretches.zip(query.chunks(STRETCH)) {
        let columns = lows.chunks_exact(LANES).zip(highs.chunks_exact(LANES));
        for ((low, high), &value) in columns.zip(values) {
            for lane in 0..LANES {
                let below = low[lane] - value;
                let above = value - high[lane];
                let gap = if below > above { below } else { above };
                sums[lane] += M::term(if gap > 0.0 { gap } else { 0.0 });
            }
        }
        if !any_within(&sums, bound) {
            return None;
        }
    }
    Some(sums)
}

/// Whether a sum is still at most `bound`; equality counts, because a tie may be won by the row number.
#[inline(always)]
fn any_within(sums: &[f64; LANES], bound: f64) -> bool {
    sums.iter().fold(false, |any, &sum| any | (sum <= bound))
}
