//! The best cut of a category: scikit-learn's `_find_best_bin_to_split_category`.

use super::bins::{BinnedColumn, MISSING};
use super::histograms::Cell;
use super::split::{Found, Parent, Rule, Totals, Weighed};

/// Levels that have less support than so many rows stay on the right; and what is added to a level's hessians where levels
/// are put in order. scikit-learn's `MIN_CAT_SUPPORT`, which is no parameter there; LightGBM's `cat_smooth`.
const LEAST_SUPPORT: f64 = 10.0;

/// A set of bins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LevelSet([u64; 4]);

impl LevelSet {
    pub(super) fn insert(&mut self, bin: u8) {
        self.0[usize::from(bin / 64)] |= 1 << (bin % 64);
    }

    pub(super) fn contains(&self, bin: u8) -> bool {
        self.0[usize::from(bin / 64)] >> (bin % 64) & 1 == 1
    }
}

/// A level, and the gradient by hessian that levels are ordered by (Fisher 1958, "On grouping for maximum homogeneity").
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ranked {
    bin: u8,
    value: f64,
}

/// Levels in the order of their values, cut from either end up to the middle. Missing values are a level like others.
pub(super) fn best(cells: &[Cell], column: &BinnedColumn, node: &Parent) -> Option<Found> {
    let support = node.rows as f64 / node.all.hessian;
    // No category has more levels than there are bins.
    let bins = (0..column.count()).map(|bin| bin as u8).chain(column.blanks.then_some(MISSING));
    let mut ranked: Vec<Ranked> = bins
        .map(|bin| (bin, &cells[usize::from(bin)]))
        .filter(|(_, cell)| cell.hessian * support >= LEAST_SUPPORT)
        .map(|(bin, cell)| Ranked { bin, value: cell.gradient / (cell.hessian + LEAST_SUPPORT) })
        .collect();
    if ranked.len() < 2 {
        return None;
    }
    sort(&mut ranked);
    let middle = ranked.len().div_ceil(2);
    let backwards: Vec<Ranked> = ranked.iter().rev().copied().collect();
    let mut best: Option<Found> = None;
    for scanned in [&ranked[..middle], &backwards[..middle - 1]] {
        scan(scanned, cells, node, &mut best);
    }
    best
}

/// Moves one level after the other to the left.
fn scan(levels: &[Ranked], cells: &[Cell], node: &Parent, best: &mut Option<Found>) {
    let mut left = Totals::default();
    let (mut rows_left, mut chosen) = (0, LevelSet::default());
    for level in levels {
        let cell = &cells[usize::from(level.bin)];
        rows_left += cell.rows as usize;
        left.add(cell);
        chosen.insert(level.bin);
        match node.weigh(left, rows_left) {
            Weighed::TooSmall => continue,
            Weighed::TooLarge => break,
            Weighed::Fits => {}
        }
        let gain = node.gain(left, node.all.without(left));
        if gain > best.map_or(0.0, |(gain, ..)| gain) {
            *best = Some((gain, Rule::Levels(chosen), left));
        }
    }
}

/// The C library's merge sort, which scikit-learn calls with a comparison that never says "equal": of two levels of equal
/// value it puts the later half's first.
fn sort(levels: &mut [Ranked]) {
    if levels.len() < 2 {
        return;
    }
    let middle = levels.len() / 2;
    sort(&mut levels[..middle]);
    sort(&mut levels[middle..]);
    let (front, back) = (levels[..middle].to_vec(), levels[middle..].to_vec());
    let (mut front, mut back) = (front.iter().peekable(), back.iter().peekable());
    for slot in levels {
        let next = match (front.peek(), back.peek()) {
            (Some(one), Some(other)) if one.value < other.value => front.next(),
            (_, Some(_)) => back.next(),
            _ => front.next(),
        };
        // As many slots as levels in both halves.
        if let Some(level) = next {
            *slot = *level;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_levels_are_put_in_the_order_of_the_c_library() {
        let mut levels: Vec<Ranked> =
            [2.0, 1.0, 1.0, 0.5, 1.0].iter().zip(0..).map(|(&value, bin)| Ranked { bin, value }).collect();
        sort(&mut levels);
        // What `qsort` of glibc 2.36 makes of them.
        assert_eq!(levels.iter().map(|level| level.bin).collect::<Vec<_>>(), [3, 4, 2, 1, 0]);
    }

    #[test]
    fn a_set_holds_all_bins_that_there_are() {
        let mut set = LevelSet::default();
        [0, 63, 64, 200, MISSING].into_iter().for_each(|bin| set.insert(bin));
        let held: Vec<u8> = (0..=255).filter(|&bin| set.contains(bin)).collect();
        assert_eq!(held, [0, 63, 64, 200, 255]);
    }
}
