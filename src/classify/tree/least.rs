//! The best cut of a column by bins where each side must keep a least number of rows.
//!
//! Between two neighbouring values of the rarer class a cut is better the nearer it lies to one of them, as the impurity is
//! strictly concave. So of the cuts that leave enough rows, only those next to such a value, the first one and the
//! last one can be the best. The first and the last may lie inside a bin, whose rows are then looked at; not if even
//! the better edge of that bin, which bounds every cut inside, is no better than what there is.

use super::bins::{midpoint, too_near};
use super::cut::{At, Cut, Judge, value_of};
use super::histogram::Tally;
use super::impurity::Sums;

/// What lies left of a place in a column: draws of either class, and rows of both.
#[derive(Debug, Clone, Copy, Default)]
struct Left {
    common: u64,
    rare: u64,
    rows: u64,
}

/// The bin that a first or last allowed cut falls into, with what lies left of it and left of its end.
#[derive(Clone, Copy)]
struct Crossing {
    bin: usize,
    before: Left,
    after: Left,
}

/// A column of a node, by bins.
pub(super) struct Column<'a, T> {
    /// Common rows, an element a bin.
    pub(super) common: &'a [T],
    /// Rare rows, an element for each odd bin.
    pub(super) rare: &'a [T],
    /// The fewest rows a side may have.
    pub(super) least: u64,
}

impl<T: Tally> Column<'_, T> {
    /// The first best cut that leaves enough rows on each side. `inside` gives the sorted keys of the node's common rows in
    /// an even bin, with their draws below.
    pub(super) fn best<F: Fn(u64, u64) -> Sums>(
        &self,
        judge: &Judge<F>,
        mut inside: impl FnMut(usize) -> Vec<u64>,
    ) -> Option<Cut<u64>> {
        let proxy = |left: Left| judge.criterion.proxy(judge.all, (judge.sums)(left.common, left.rare));
        let cut = |left: Left, at| Cut { proxy: proxy(left), at, common: left.common, rare: left.rare };
        let rows = self.rows();
        let most = rows.checked_sub(self.least)?;
        let allowed = |left: Left| (self.least..=most).contains(&left.rows);
        let (mut best, mut first, mut last) = (None::<Cut<u64>>, None, None);
        let mut left = Left::default();
        for bin in 0..self.common.len() {
            if self.beside_rare(bin) && allowed(left) {
                let edge = cut(left, At::Bin(bin));
                best = Some(best.filter(|best| edge.proxy <= best.proxy).unwrap_or(edge));
            }
            let before = left;
            left = self.add(bin, before);
            let crossing = Crossing { bin, before, after: left };
            if before.rows < self.least && left.rows >= self.least {
                first = Some(crossing);
            }
            if before.rows <= most && left.rows > most {
                last = Some(crossing);
            }
        }
        // Weights of nothing have no impurity: NaN, which `max` passes over.
        let promises = |place: &Crossing, best: &Option<Cut<u64>>| {
            best.is_none_or(|best| proxy(place.before).max(proxy(place.after)) > best.proxy)
        };
        if let Some(place) = first.filter(|place| promises(place, &best)) {
            let (at, left) = self.first_in(place, &mut inside);
            let cut = cut(left, at);
            if allowed(left) && best.is_none_or(|best| cut.proxy >= best.proxy) {
                best = Some(cut);
            }
        }
        if let Some(place) = last.filter(|place| promises(place, &best)) {
            let (at, left) = self.last_in(place, most, &mut inside);
            let cut = cut(left, at);
            if allowed(left) && best.is_none_or(|best| cut.proxy > best.proxy) {
                best = Some(cut);
            }
        }
        best
    }

    fn rows(&self) -> u64 {
        self.common.iter().chain(self.rare).map(|tally| tally.rows()).sum()
    }

    /// Whether the lower edge of a bin lies next to a value of a rare row.
    fn beside_rare(&self, bin: usize) -> bool {
        let filled = |value: usize| self.rare[value] != T::default();
        if bin % 2 == 1 { filled(bin / 2) } else { bin > 0 && filled(bin / 2 - 1) }
    }

    fn add(&self, bin: usize, left: Left) -> Left {
        let common = self.common[bin];
        let rare = if bin % 2 == 1 { self.rare[bin / 2] } else { T::default() };
        Left {
            common: left.common + common.draws(),
            rare: left.rare + rare.draws(),
            rows: left.rows + common.rows() + rare.rows(),
        }
    }

    /// The first cut at `place` that leaves enough rows on the left.
    fn first_in(&self, place: Crossing, inside: impl FnOnce(usize) -> Vec<u64>) -> (At, Left) {
        let edge = (At::Bin(place.bin + 1), place.after);
        if place.bin % 2 == 1 || place.after.rows == self.least {
            return edge;
        }
        let keys = inside(place.bin);
        let from = (self.least - place.before.rows) as usize;
        (from..keys.len()).find_map(|count| cut_after(&keys, count, place)).unwrap_or(edge)
    }

    /// The last cut at `place` that leaves at most `most` rows on the left.
    fn last_in(&self, place: Crossing, most: u64, inside: impl FnOnce(usize) -> Vec<u64>) -> (At, Left) {
        let edge = (At::Bin(place.bin), place.before);
        if place.bin % 2 == 1 || place.before.rows == most {
            return edge;
        }
        let keys = inside(place.bin);
        let to = (most - place.before.rows) as usize;
        (1..=to).rev().find_map(|count| cut_after(&keys, count, place)).unwrap_or(edge)
    }
}

/// The cut after the first `count` rows (at least one, not all) of a bin, if their values differ there.
fn cut_after(keys: &[u64], count: usize, place: Crossing) -> Option<(At, Left)> {
    let (low, high) = (value_of(keys[count - 1]), value_of(keys[count]));
    if too_near(low, high) {
        return None;
    }
    let draws: u64 = keys[..count].iter().map(|&key| key & u64::from(u32::MAX)).sum();
    let before = place.before;
    let left = Left { common: before.common + draws, rows: before.rows + count as u64, ..before };
    Some((At::Inside(place.bin, midpoint(low, high)), left))
}
