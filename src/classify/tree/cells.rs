//! Columns whose values lie so near each other that most neighbours are one value to scikit-learn, such as a large number's
//! share of rows that are divided by their length.
//!
//! There an edge beside a rare row mostly is no place to cut: the next one lies where a chain of near values ends. So such a
//! column is binned by cells, narrow enough that no cut can lie inside one, wherever a chain holds a rare row. Rows of
//! both classes share cells, and a cut may lie between any two filled cells that are not near. As in the ordinary bins
//! an optimal cut lies next to a chain with a rare row (Fayyad and Irani 1992), and what lies between such chains is one bin.

use super::bins::{Bin, NEAR, row_and_side, too_near};
use super::cut::{At, Cut, Judge, Weight, value_of};
use super::impurity::Sums;

/// More cells than this are no gain over sorting.
const MOST: usize = 16_384;

/// Rows that are looked at to decide whether a column is tight.
const LOOKS: usize = 4096;

/// A column is tight if more than one in so many of its rows is near a rare row's value without having it.
const ONE_IN: usize = 100;

/// The cells of a column, ascending: the smallest and the largest value in each. Cell `k` is bin `2k + 1`.
pub(super) struct Cells {
    pub(super) low: Vec<f32>,
    pub(super) high: Vec<f32>,
}

/// How far the rows of two filled bins are from each other, if there is none between them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Near,
    Apart,
    /// The bins' bounds do not tell.
    Unsure,
}

impl Cells {
    /// Whether a column should have cells, judged by some of its rows; `bin` are their ordinary bins at the distinct rare
    /// `values`.
    pub(super) fn pay<B: Bin>(values: &[f32], bins: &[B], value: impl Fn(usize) -> f32) -> bool {
        let step = (bins.len() / LOOKS).max(1);
        let is_near = |row: &usize| {
            let (bin, value): (u32, f32) = (bins[*row].into(), value(*row));
            let above = bin as usize / 2;
            bin % 2 == 0
                && (above.checked_sub(1).is_some_and(|below| too_near(values[below], value))
                    || values.get(above).is_some_and(|&above| too_near(value, above)))
        };
        let near = (0..bins.len()).step_by(step).filter(is_near).count();
        near * ONE_IN > bins.len() / step
    }

    /// Cuts a column, given as [`super::bins::Binned::in_order`] gives it; none if that takes more than [`MOST`] cells or
    /// than `most` allows.
    pub(super) fn new(in_order: &[u64], most: usize) -> Option<Self> {
        let mut cells = Self { low: Vec::new(), high: Vec::new() };
        let chains = in_order.chunk_by(|&low, &high| too_near(value_of(low), value_of(high)));
        for chain in chains.filter(|chain| chain.iter().any(|&key| row_and_side(key).1)) {
            let first = cells.low.len();
            for value in chain.iter().map(|&key| value_of(key)) {
                match cells.low.last() {
                    Some(&low) if cells.low.len() > first && value <= low + NEAR / 3.0 => {
                        let last = cells.high.len() - 1;
                        cells.high[last] = value;
                    }
                    _ => {
                        cells.low.push(value);
                        cells.high.push(value);
                    }
                }
            }
            if cells.low.len() > MOST.min(most) {
                return None;
            }
        }
        Some(cells)
    }

    /// Puts every row of the column into its bin.
    pub(super) fn fill<B: Bin>(&self, in_order: &[u64], bins: &mut [B]) {
        let mut cell = 0;
        for &key in in_order {
            let value = value_of(key);
            while self.high.get(cell).is_some_and(|&high| high < value) {
                cell += 1;
            }
            let inside = self.low.get(cell).is_some_and(|&low| low <= value);
            bins[row_and_side(key).0 as usize] = B::of(2 * cell + usize::from(inside));
        }
    }

    /// Between rows of two filled bins. What is in an even bin is not near any cell.
    fn gap(&self, below: usize, above: usize) -> Gap {
        if below.is_multiple_of(2) || above.is_multiple_of(2) {
            return Gap::Apart;
        }
        let (below, above) = (below / 2, above / 2);
        if too_near(self.low[below], self.high[above]) {
            Gap::Near
        } else if too_near(self.high[below], self.low[above]) {
            Gap::Unsure
        } else {
            Gap::Apart
        }
    }

    /// The cuts between two filled bins that may be apart, ascending, each with whether they surely are. Arguments as in
    /// [`Judge::by_bins`].
    pub(super) fn cuts<F, C: Copy, W: Weight>(
        &self,
        judge: &Judge<F>,
        (common, rare): (&[C], &[C]),
        weigh: impl Fn(C) -> W,
    ) -> Vec<(Cut<W>, bool)>
    where
        F: Fn(W, W) -> Sums,
    {
        let zero = W::default();
        let (mut left_common, mut left_rare) = (zero, zero);
        let mut last = None;
        let mut cuts = Vec::new();
        for (bin, &of_common) in common.iter().enumerate() {
            let of_common = weigh(of_common);
            let of_rare = if bin % 2 == 1 { weigh(rare[bin / 2]) } else { zero };
            if !(of_common > zero || of_rare > zero) {
                continue;
            }
            let gap = last.map_or(Gap::Near, |last| self.gap(last, bin));
            if gap != Gap::Near {
                let proxy = judge.criterion.proxy(judge.all, (judge.sums)(left_common, left_rare));
                let cut = Cut { proxy, at: At::Bin(bin), common: left_common, rare: left_rare };
                cuts.push((cut, gap == Gap::Apart));
            }
            left_common += of_common;
            left_rare += of_rare;
            last = Some(bin);
        }
        cuts
    }
}
