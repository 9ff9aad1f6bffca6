//! The rows of a tree whose cuts are drawn, and what a cut does to those of a node.
//!
//! A cut that is drawn between a column's ends cuts few rows off where the column has long tails, as amounts and the like have, so that most of a
//! tree's nodes are nearly as large as their parents. With the rows of each column in order, such a node costs the rows that are cut off
//! and not those that stay: its ends are the first and the last rows in order that it holds, a cut's smaller side is counted and moved,
//! and the other one is what is left. Where a cut lies in a column's order says how many rows it may leave on the left at most, and where few
//! rows are of one class, which are looked up, that tells most of the cuts that cannot be a node's best without counting the others.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::matrix::Matrix;
use super::random_cuts::Values;
use crate::component::{Common, Shared};
use crate::error::Result;

/// A table with fewer rows is not worth the sorting, and no column is that is drawn less often at the roots of all trees.
const FEWEST: usize = 4_096;
const FEWEST_DRAWS: usize = 2;
/// Nodes with less than this part of all rows are looked at row by row: others lie between theirs in every column.
const PART: usize = 64;
/// The rows of a cut's smaller side that are looked at, at most, as a part of the node's; each is looked up in two places.
const SIDE: usize = 6;
/// Nodes with less than this part of all rows keep their rows as they were moved: sorting them takes longer than it saves.
const SORTED: usize = 16;
/// Rows of the rarer class that are looked up to save the look at a cut's smaller side, as a part of that side.
const RARE: usize = 4;
/// Rows of a column's order from one value that is kept to the next.
const STEP: usize = 256;
/// A row that the tree was not given.
const ABSENT: u32 = u32::MAX;

/// Row numbers by ascending value, column after column.
pub(super) struct Ordered {
    rows: usize,
    order: Vec<u32>,
    /// The value of every [`STEP`]th row in order, column after column: the first steps of a search stay in the nearest cache.
    steps: Vec<f32>,
}

impl Common for Ordered {
    const NAME: &'static str = "columns of trees in order";

    fn bytes(&self) -> usize {
        size_of_val(&self.order[..]) + size_of_val(&self.steps[..])
    }
}

impl Ordered {
    /// Of a matrix, if it is large enough, and trees look at that many columns in their roots together. Other fits on it share this.
    ///
    /// # Errors
    /// None of its own.
    pub(super) fn of(matrix: &Matrix<'_>, values: &Values, drawn: usize) -> Result<Option<Arc<Self>>> {
        let rows = matrix.x.nrows();
        if rows < FEWEST || drawn < FEWEST_DRAWS * values.columns() {
            return Ok(None);
        }
        Shared::or_own(matrix.shared, String::new, || Ok(Self::sorted(values, rows))).map(Some)
    }

    pub(super) fn sorted(values: &Values, rows: usize) -> Self {
        let mut order = vec![0; rows * values.columns()];
        order.par_chunks_mut(rows).enumerate().for_each(|(column, order)| {
            let keyed =
                values.column(column).iter().zip(0_u64..).map(|(&value, row)| u64::from(key(value)) << 32 | row);
            let mut keyed: Vec<u64> = keyed.collect();
            keyed.sort_unstable();
            order.iter_mut().zip(keyed).for_each(|(to, key)| *to = key as u32);
        });
        let columns = order.chunks_exact(rows).enumerate();
        let steps = columns.flat_map(|(column, order)| {
            let values = values.column(column);
            order.iter().step_by(STEP).map(|&row| values[row as usize])
        });
        Self { rows, steps: steps.collect(), order }
    }

    fn column(&self, column: usize) -> &[u32] {
        &self.order[column * self.rows..(column + 1) * self.rows]
    }

    /// The part of a column's order that holds its first value above `cut`, or ends before it.
    fn around(&self, column: usize, cut: f32) -> Range<usize> {
        let each = self.rows.div_ceil(STEP);
        let above = self.steps[column * each..(column + 1) * each].partition_point(|&value| value <= cut);
        above.saturating_sub(1) * STEP..(above * STEP).min(self.rows)
    }
}

/// A finite number's place in the order of all of them.
fn key(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

/// The rows of a node: half-open ranges of its tree's, by label.
pub(super) type Span = [(usize, usize); 2];

pub(super) fn len(span: Span) -> usize {
    span.iter().map(|(from, to)| to - from).sum()
}

/// For each column a range of its order that holds all rows of a node; none for a node that is looked at row by row.
pub(super) type Window = Option<Vec<(u32, u32)>>;

/// What lies left of a cut, by label.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Left {
    pub(super) rows: [usize; 2],
    /// How often these rows count.
    pub(super) draws: [u64; 2],
}

/// The rows of one tree.
pub(super) struct DrawnRows<'d> {
    values: &'d Values,
    ordered: Option<&'d Ordered>,
    /// How often each row counts; none: once.
    counts: Option<Vec<u16>>,
    /// The rows of each label, those of a node side by side.
    rows: [Vec<u32>; 2],
    /// Where a row is among those of label 0, and behind them those of label 1. Kept for nodes with a window.
    place: Vec<u32>,
    /// A node's values of one column, by label.
    scratch: [Vec<f32>; 2],
    /// Room for the rows of a right child.
    right: Vec<u32>,
}

impl<'d> DrawnRows<'d> {
    /// Of the rows with these labels that `counts` (none: every row once) does not leave out.
    pub(super) fn new(values: &'d Values, ordered: Option<&'d Ordered>, y: &[u8], counts: Option<Vec<u16>>) -> Self {
        let rows: [Vec<u32>; 2] = [0, 1].map(|label| {
            let drawn = |row: usize| counts.as_ref().is_none_or(|counts| counts[row] > 0);
            (0..y.len()).filter(|&row| y[row] == label && drawn(row)).map(|row| row as u32).collect()
        });
        let mut place = Vec::new();
        if ordered.is_some() {
            place.resize(y.len(), ABSENT);
            rows.iter().flatten().zip(0..).for_each(|(&row, at)| place[row as usize] = at);
        }
        Self { values, ordered, counts, rows, place, scratch: [Vec::new(), Vec::new()], right: Vec::new() }
    }

    /// Of these rows, which have no labels.
    pub(super) fn unlabelled(values: &'d Values, rows: Vec<u32>) -> Self {
        let rows = [rows, Vec::new()];
        let scratch = [Vec::new(), Vec::new()];
        Self { values, ordered: None, counts: None, rows, place: Vec::new(), scratch, right: Vec::new() }
    }

    pub(super) fn columns(&self) -> usize {
        self.values.columns()
    }

    /// All rows, and their window.
    pub(super) fn all(&self) -> (Span, Window) {
        let span = [0, 1].map(|label: usize| (0, self.rows[label].len()));
        let whole = |ordered: &Ordered| vec![(0, ordered.rows as u32); self.values.columns()];
        (span, self.windowed(span, self.ordered.map(whole)))
    }

    /// How often the rows of a node count, by label.
    pub(super) fn draws(&self, span: Span) -> [u64; 2] {
        [0, 1].map(|label| {
            let (from, to) = span[label];
            match &self.counts {
                None => (to - from) as u64,
                Some(counts) => self.rows[label][from..to].iter().map(|&row| u64::from(counts[row as usize])).sum(),
            }
        })
    }

    /// The window, where the node is large enough to have one.
    fn windowed(&self, span: Span, window: Window) -> Window {
        window.filter(|_| len(span) * PART >= self.place.len())
    }

    /// Whether a row is in a node, by label.
    #[inline]
    fn holds(&self, span: Span, row: u32) -> [bool; 2] {
        let place = self.place[row as usize] as usize;
        let behind = place.wrapping_sub(self.rows[0].len());
        [(span[0].0..span[0].1).contains(&place), (span[1].0..span[1].1).contains(&behind)]
    }

    /// Smallest and largest value of a column in a node.
    pub(super) fn ends(&mut self, span: Span, window: &mut Window, column: usize) -> (f32, f32) {
        self.scratch[0].clear();
        self.scratch[1].clear();
        if let (Some(ordered), Some(window)) = (self.ordered, window)
            && self.narrow(span, ordered.column(column), &mut window[column])
        {
            let (from, to) = window[column];
            let value = |at: u32| self.values.column(column)[ordered.column(column)[at as usize] as usize];
            return (value(from), value(to - 1));
        }
        self.gather(span, column);
        let [(low, high), (lowest, highest)] = [0, 1].map(|label: usize| ends(&self.scratch[label]));
        (low.min(lowest), high.max(highest))
    }

    /// Narrows a window to the first and the last row that the node holds; false where more rows lie before them than it holds.
    fn narrow(&self, span: Span, order: &[u32], window: &mut (u32, u32)) -> bool {
        let most = len(span);
        let outside = |row: &&u32| self.holds(span, **row) == [false, false];
        let inside = &order[window.0 as usize..window.1 as usize];
        let before = inside.iter().take(most).take_while(outside).count();
        let behind = inside.iter().rev().take(most).take_while(outside).count();
        *window = (window.0 + before as u32, window.1 - behind as u32);
        before < most && behind < most
    }

    /// Puts the values of a node's rows side by side.
    fn gather(&mut self, span: Span, column: usize) {
        let values = self.values.column(column);
        for ((scratch, rows), (from, to)) in self.scratch.iter_mut().zip(&self.rows).zip(span) {
            scratch.clear();
            scratch.extend(rows[from..to].iter().map(|&row| values[row as usize]));
        }
    }

    /// Whether the values of the column that [`Self::ends`] was asked for last are side by side.
    pub(super) fn is_gathered(&self) -> bool {
        self.scratch.iter().any(|values| !values.is_empty())
    }

    /// Where a cut lies in the order of its column, within a window.
    fn middle(&self, window: &[(u32, u32)], column: usize, cut: f32) -> Option<u32> {
        let ordered = self.ordered?;
        let values = self.values.column(column);
        let [from, to] = [window[column].0, window[column].1].map(|at| at as usize);
        let Range { start, end } = ordered.around(column, cut);
        let (start, end) = (start.clamp(from, to), end.clamp(from, to));
        let inside = &ordered.column(column)[start..end];
        Some((start + inside.partition_point(|&row| values[row as usize] <= cut)) as u32)
    }

    /// The fewest and the most rows, by label, that a cut may leave on the left of a node with rows of both classes and a value on each side
    /// of the cut. None where finding out is as much work as counting them, and where rows do not count once.
    pub(super) fn left_between(&self, span: Span, window: &Window, column: usize, cut: f32) -> Option<[[usize; 2]; 2]> {
        if self.counts.is_some() {
            return None;
        }
        let window = window.as_ref()?;
        let (from, to) = window[column];
        let middle = self.middle(window, column, cut)?;
        let (left, right) = ((middle - from) as usize, (to - middle) as usize);
        let sizes = span.map(|(from, to)| to - from);
        let (rare, common) = if sizes[1] < sizes[0] { (1, 0) } else { (0, 1) };
        if sizes[rare] * RARE > left.min(right) {
            return None;
        }
        let values = self.values.column(column);
        let of_rare = &self.rows[rare][span[rare].0..span[rare].1];
        let rare_left = of_rare.iter().filter(|&&row| values[row as usize] <= cut).count();
        let rare_right = sizes[rare] - rare_left;
        // One row is on each side, whichever its class.
        let most_right = (right - rare_right).min(sizes[common] - usize::from(rare_left == 0));
        let most_left = (left - rare_left).min(sizes[common] - usize::from(rare_right == 0));
        Some([sizes[common] - most_right, most_left].map(|common_left| {
            let mut on_left = [common_left; 2];
            on_left[rare] = rare_left;
            on_left
        }))
    }

    /// The smaller side of a cut, as rows in order, and whether it is the left one; none where looking at the node's rows is less work.
    fn smaller_side(&self, span: Span, window: &Window, column: usize, cut: f32) -> Option<(&'d [u32], bool)> {
        let (ordered, window) = (self.ordered?, window.as_ref()?);
        let middle = self.middle(window, column, cut)?;
        let (from, to) = window[column];
        let is_left = middle - from <= to - middle;
        let (from, to) = if is_left { (from, middle) } else { (middle, to) };
        let side = &ordered.column(column)[from as usize..to as usize];
        (side.len() <= len(span) / SIDE).then_some((side, is_left))
    }

    /// What a cut leaves on the left of a node whose rows count `all` and of which [`Self::ends`] was asked last.
    pub(super) fn left_of(&mut self, span: Span, window: &Window, all: [u64; 2], column: usize, cut: f32) -> Left {
        let Some((side, is_left)) = self.smaller_side(span, window, column, cut) else {
            if !self.is_gathered() {
                self.gather(span, column);
            }
            return self.left_in_scratch(span, cut);
        };
        let mut found = Left::default();
        for &row in side {
            let count = self.counts.as_ref().map_or(1, |counts| counts[row as usize]);
            for (label, is_inside) in self.holds(span, row).into_iter().enumerate() {
                found.rows[label] += usize::from(is_inside);
                found.draws[label] += u64::from(is_inside) * u64::from(count);
            }
        }
        if is_left {
            return found;
        }
        Left {
            rows: [0, 1].map(|label: usize| span[label].1 - span[label].0 - found.rows[label]),
            draws: [0, 1].map(|label: usize| all[label] - found.draws[label]),
        }
    }

    fn left_in_scratch(&self, span: Span, cut: f32) -> Left {
        let rows = [0, 1].map(|label: usize| self.scratch[label].iter().filter(|&&value| value <= cut).count());
        let draws = [0, 1].map(|label: usize| match &self.counts {
            None => rows[label] as u64,
            Some(counts) => {
                let (from, to) = span[label];
                let rows = self.rows[label][from..to].iter().zip(&self.scratch[label]);
                rows.filter(|(_, value)| **value <= cut).map(|(&row, _)| u64::from(counts[row as usize])).sum()
            }
        });
        Left { rows, draws }
    }

    /// Reorders a node's rows so that those on the left, of which there are `left`, come first; returns the children.
    pub(super) fn part(
        &mut self,
        span: Span,
        window: Window,
        (column, cut): (usize, f32),
        left: [usize; 2],
    ) -> [(Span, Window); 2] {
        match self.smaller_side(span, &window, column, cut) {
            Some((side, is_left)) => self.move_out(span, side, is_left, left),
            None => self.move_all(span, column, cut, window.is_some()),
        }
        let spans: [Span; 2] = [
            [0, 1].map(|label: usize| (span[label].0, span[label].0 + left[label])),
            [0, 1].map(|label: usize| (span[label].0 + left[label], span[label].1)),
        ];
        let mut windows = [window.clone(), window];
        if let [Some(on_left), Some(on_right)] = &mut windows
            && let Some(middle) = self.middle(on_left, column, cut)
        {
            on_left[column].1 = middle;
            on_right[column].0 = middle;
        }
        let [on_left, on_right] = windows;
        [(spans[0], self.windowed(spans[0], on_left)), (spans[1], self.windowed(spans[1], on_right))]
    }

    /// Brings the rows of one side to its end of the node.
    fn move_out(&mut self, span: Span, side: &[u32], is_left: bool, left: [usize; 2]) {
        let mut next = [0, 1].map(|label: usize| span[label].0 + if is_left { 0 } else { left[label] });
        for &row in side {
            for (label, is_inside) in self.holds(span, row).into_iter().enumerate() {
                if is_inside {
                    let behind = self.behind(label);
                    let at = self.place[row as usize] as usize - behind;
                    let other = self.rows[label][next[label]];
                    (self.rows[label][next[label]], self.rows[label][at]) = (row, other);
                    self.place[other as usize] = (behind + at) as u32;
                    self.place[row as usize] = (behind + next[label]) as u32;
                    next[label] += 1;
                }
            }
        }
        let moved = [0, 1].map(|label: usize| match is_left {
            true => (span[label].0, span[label].0 + left[label]),
            false => (span[label].0 + left[label], span[label].1),
        });
        // They came in the order of the column; where they are many, looking up their values is to go through memory in one direction again.
        if len(moved) * SORTED >= self.place.len() {
            for (label, (from, to)) in moved.into_iter().enumerate() {
                self.rows[label][from..to].sort_unstable();
                self.find_again(label, from..to);
            }
        }
    }

    /// Notes where rows are after they were moved.
    fn find_again(&mut self, label: usize, range: Range<usize>) {
        let behind = self.behind(label);
        for (&row, at) in self.rows[label][range.clone()].iter().zip(behind + range.start..) {
            self.place[row as usize] = at as u32;
        }
    }

    /// How many places come before those of a label.
    fn behind(&self, label: usize) -> usize {
        if label == 0 { 0 } else { self.rows[0].len() }
    }

    /// Looks at every row. On each side the rows stay in their order, so that looking up their values goes through memory in one direction.
    fn move_all(&mut self, span: Span, column: usize, cut: f32, has_places: bool) {
        let values = self.values.column(column);
        for (label, (from, to)) in span.into_iter().enumerate() {
            let rows = &mut self.rows[label][from..to];
            self.right.resize(rows.len(), 0);
            let (mut on_left, mut on_right) = (0, 0);
            // Which side a row is on is hard to guess, so there is no branch.
            for at in 0..rows.len() {
                let row = rows[at];
                let is_left = values[row as usize] <= cut;
                (rows[on_left], self.right[on_right]) = (row, row);
                on_left += usize::from(is_left);
                on_right += usize::from(!is_left);
            }
            rows[on_left..].copy_from_slice(&self.right[..on_right]);
            if has_places {
                self.find_again(label, from..to);
            }
        }
    }
}

/// Smallest and largest of some finite values, eight at a time, as each comparison would otherwise wait for the one before.
fn ends(values: &[f32]) -> (f32, f32) {
    let (mut lows, mut highs) = ([f32::INFINITY; 8], [f32::NEG_INFINITY; 8]);
    let (eights, rest) = values.as_chunks::<8>();
    for eight in eights {
        for at in 0..8 {
            lows[at] = if eight[at] < lows[at] { eight[at] } else { lows[at] };
            highs[at] = if eight[at] > highs[at] { eight[at] } else { highs[at] };
        }
    }
    let all = |ends: [f32; 8], nearer: fn(f32, f32) -> f32, start| ends.iter().chain(rest).copied().fold(start, nearer);
    (all(lows, f32::min, f32::INFINITY), all(highs, f32::max, f32::NEG_INFINITY))
}
