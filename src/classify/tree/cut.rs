//! The best cut of one column of a node: from histograms over the rarer class's values, or from all values in order.

use std::ops::AddAssign;

use super::bins::{midpoint, too_near};
use super::impurity::{Criterion, Sums};
use super::limits::Limits;

/// A weight that can be summed: a count of draws, or a boosted weight.
pub(super) trait Weight: Copy + Default + PartialOrd + AddAssign {}

impl Weight for u64 {}
impl Weight for f64 {}

/// How cuts of one node are judged.
#[derive(Clone, Copy)]
pub(super) struct Judge<F> {
    pub(super) criterion: Criterion,
    /// The node's weights.
    pub(super) all: Sums,
    /// Weights of labels 0 and 1 from weights of the common and of the rare class.
    pub(super) sums: F,
    /// What cuts must keep besides, where every value is looked at; none: nothing.
    pub(super) limits: Option<Limits>,
}

/// The best cut of one column, weights in `W`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut<W> {
    /// Larger is better; see [`Criterion::proxy`].
    pub(super) proxy: f64,
    /// Where it is.
    pub(super) at: At,
    /// Weight of the common class on the left.
    pub(super) common: W,
    /// Weight of the rare class on the left.
    pub(super) rare: W,
}

/// Where a cut is.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    /// Bins below this one go left.
    Bin(usize),
    /// Bins below this one go left, and its values up to this one.
    Inside(usize, f64),
    /// Values up to this one go left.
    Value(f64),
}

impl<F> Judge<F> {
    /// The first best cut on an edge of a bin that holds rare rows. `common` has an element a bin, `rare` one for each
    /// value of the rarer class, that is for each odd bin; `weigh` turns them into weights.
    pub(super) fn by_bins<C: Copy, W: Weight>(&self, common: &[C], rare: &[C], weigh: impl Fn(C) -> W) -> Option<Cut<W>>
    where
        F: Fn(W, W) -> Sums,
    {
        let mut best: Option<Cut<W>> = None;
        self.on_edges(common, rare, weigh, |cut| {
            if best.is_none_or(|best| cut.proxy > best.proxy) {
                best = Some(cut);
            }
        });
        best
    }

    /// Calls `consider` with every cut on an edge of a bin that holds rare rows. Arguments as in [`Self::by_bins`].
    #[inline]
    pub(super) fn on_edges<C: Copy, W: Weight>(
        &self,
        common: &[C],
        rare: &[C],
        weigh: impl Fn(C) -> W,
        mut consider: impl FnMut(Cut<W>),
    ) where
        F: Fn(W, W) -> Sums,
    {
        let zero = W::default();
        let filled = |bin: usize| weigh(common[bin]) > zero || (bin % 2 == 1 && weigh(rare[bin / 2]) > zero);
        let Some(last) = (0..common.len()).rev().find(|&bin| filled(bin)) else { return };
        let (mut left_common, mut left_rare) = (zero, zero);
        let mut consider = |common: W, rare: W, bin: usize| {
            let proxy = self.criterion.proxy(self.all, (self.sums)(common, rare));
            consider(Cut { proxy, at: At::Bin(bin), common, rare });
        };
        for (value, &rare) in rare.iter().enumerate() {
            let (bin, rare) = (2 * value, weigh(rare));
            left_common += weigh(common[bin]);
            if rare > zero && (left_common > zero || left_rare > zero) {
                consider(left_common, left_rare, bin + 1);
            }
            left_common += weigh(common[bin + 1]);
            left_rare += rare;
            if rare > zero && bin + 1 < last {
                consider(left_common, left_rare, bin + 2);
            }
        }
    }

    /// The first best cut among all, with `least` rows on each side. `rows` are keys of [`key`], sorted here; `weigh`
    /// turns their lower half into weights of the common and the rare class.
    pub(super) fn by_sorting<W: Weight>(
        &self,
        rows: &mut [u64],
        least: usize,
        weigh: impl Fn(u32) -> (W, W),
    ) -> Option<Cut<W>>
    where
        F: Fn(W, W) -> Sums,
    {
        rows.sort_unstable();
        let weighed = rows.iter().map(|&key| (value_of(key), weigh(key as u32)));
        self.in_order(weighed, rows.len(), least)
    }

    /// The same for `count` rows that come in the order of their values, with their weights of the common and the rare
    /// class.
    pub(super) fn in_order<W: Weight>(
        &self,
        rows: impl Iterator<Item = (f32, (W, W))>,
        count: usize,
        least: usize,
    ) -> Option<Cut<W>>
    where
        F: Fn(W, W) -> Sums,
    {
        let mut best: Option<Cut<W>> = None;
        self.on_values(rows, count, least, |cut| {
            if best.is_none_or(|best| cut.proxy > best.proxy) {
                best = Some(cut);
            }
        });
        best
    }

    /// Calls `consider` with every cut. Arguments as in [`Self::in_order`].
    #[inline]
    pub(super) fn on_values<W: Weight>(
        &self,
        rows: impl Iterator<Item = (f32, (W, W))>,
        count: usize,
        least: usize,
        mut consider: impl FnMut(Cut<W>),
    ) where
        F: Fn(W, W) -> Sums,
    {
        let (mut common, mut rare) = (W::default(), W::default());
        // Farther than anything: no cut lies before the first row.
        let mut low = f32::INFINITY;
        for (left, (high, (more_common, more_rare))) in rows.enumerate() {
            if !too_near(low, high) && left >= least && count - left >= least {
                let left = (self.sums)(common, rare);
                if self.limits.is_none_or(|limits| limits.allow(self.all, left)) {
                    let proxy = self.criterion.proxy(self.all, left);
                    consider(Cut { proxy, at: At::Value(midpoint(low, high)), common, rare });
                }
            }
            common += more_common;
            rare += more_rare;
            low = high;
        }
    }
}

/// Sorts as `value` (finite) does; carries `payload` in its lower half.
#[inline]
pub(super) fn key(value: f32, payload: u32) -> u64 {
    let bits = value.to_bits();
    let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    u64::from(ordered) << 32 | u64::from(payload)
}

/// The value of a [`key`].
#[inline]
pub(super) fn value_of(key: u64) -> f32 {
    let ordered = (key >> 32) as u32;
    f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered })
}
