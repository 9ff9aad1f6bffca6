//! Histograms of gradients, and the best cut of a node: scikit-learn's `histogram.pyx` and `splitting.pyx`.

use rayon::prelude::*;

use super::bins::{Binned, BinnedColumn, Bins, MISSING};
use super::levels::{self, LevelSet};
use crate::numeric::dense::pairwise;

/// Nodes of fewer rows x columns are not worth handing to other threads.
const WORTH_SHARING: usize = 1 << 16;

/// Sums over the rows in one bin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
    pub(super) rows: u32,
}

/// One histogram a column, `stride` cells each.
pub(super) struct Histograms {
    stride: usize,
    cells: Vec<Cell>,
}

impl Histograms {
    /// Of the rows with these numbers, added in their order; `slopes` has gradient and hessian of every training row.
    pub(super) fn of(data: &Binned, slopes: &[[f32; 2]], rows: &[u32]) -> Self {
        let stride = match data.columns.iter().any(|column| column.blanks) {
            true => usize::from(MISSING) + 1,
            false => data.columns.iter().map(BinnedColumn::count).max().unwrap_or(1),
        };
        let mut cells = vec![Cell::default(); stride * data.columns.len()];
        let ordered: Vec<[f32; 2]> = rows.iter().map(|&row| slopes[row as usize]).collect();
        let count = |(column, cells): (usize, &mut [Cell])| {
            let bins = data.column(column);
            for (&row, &[gradient, hessian]) in rows.iter().zip(&ordered) {
                let cell = &mut cells[usize::from(bins[row as usize])];
                cell.gradient += f64::from(gradient);
                cell.hessian += f64::from(hessian);
                cell.rows += 1;
            }
        };
        if rows.len() * data.columns.len() >= WORTH_SHARING {
            cells.par_chunks_mut(stride).enumerate().for_each(count);
        } else {
            cells.chunks_mut(stride).enumerate().for_each(count);
        }
        Self { stride, cells }
    }

    /// What is left of a node when `part` is taken out.
    pub(super) fn without(mut self, part: &Histograms) -> Self {
        for (cell, part) in self.cells.iter_mut().zip(&part.cells) {
            cell.gradient -= part.gradient;
            cell.hessian -= part.hessian;
            cell.rows -= part.rows;
        }
        self
    }

    fn column(&self, column: usize) -> &[Cell] {
        &self.cells[column * self.stride..(column + 1) * self.stride]
    }

    /// Gradients and hessians of all rows, from the first column, in the order in which numpy adds `bins` numbers, the
    /// last of them that of missing values.
    pub(super) fn totals(&self, bins: usize) -> Totals {
        let cells = self.column(0);
        let place = |bin: usize| if bin == bins - 1 { usize::from(MISSING) } else { bin };
        let padded = |of: fn(&Cell) -> f64| pairwise(0..bins, &|bin| cells.get(place(bin)).map_or(0.0, of));
        Totals { gradient: padded(|cell| cell.gradient), hessian: padded(|cell| cell.hessian) }
    }
}

/// Sums over the rows of a node.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
}

impl Totals {
    pub(super) fn add(&mut self, cell: &Cell) {
        self.gradient += cell.gradient;
        self.hessian += cell.hessian;
    }

    /// The Newton step of a leaf: equation 5 of Chen and Guestrin 2016, "XGBoost: a scalable tree boosting system".
    pub(super) fn value(self, l2: f64) -> f64 {
        -self.gradient / (self.hessian + l2 + 1e-15)
    }

    /// The same within bounds.
    pub(super) fn value_within(self, l2: f64, bounds: Bounds) -> f64 {
        let value = self.value(l2);
        if value < bounds.0 {
            bounds.0
        } else if value > bounds.1 {
            bounds.1
        } else {
            value
        }
    }

    pub(super) fn without(self, part: Totals) -> Totals {
        Totals { gradient: self.gradient - part.gradient, hessian: self.hessian - part.hessian }
    }
}

/// What a cut has to keep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) min_samples_leaf: usize,
    pub(super) l2: f64,
}

/// Smallest and largest value of a node's leaves, so that constraints of its ancestors hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds(pub(super) f64, pub(super) f64);

impl Bounds {
    pub(super) const NONE: Self = Bounds(f64::NEG_INFINITY, f64::INFINITY);

    /// Those of children of these values, cut at a column of this constraint.
    pub(super) fn of_children(self, constraint: i8, values: [f64; 2]) -> [Self; 2] {
        let middle = (values[0] + values[1]) / 2.0;
        match constraint {
            0 => [self; 2],
            1 => [Bounds(self.0, middle), Bounds(middle, self.1)],
            _ => [Bounds(middle, self.1), Bounds(self.0, middle)],
        }
    }
}

/// Children with a smaller sum of hessians are not made (`min_hessian_to_split`).
const LEAST_HESSIAN: f64 = 1e-3;

/// Which rows of a node go left, by their bins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// Those in bins up to this one, and perhaps those whose value is missing.
    UpTo { bin: u8, missing_left: bool },
    /// Those of these levels; a missing value counts as a level.
    Levels(LevelSet),
}

/// The best cut of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub(super) gain: f64,
    /// A column of the binned data.
    pub(super) column: usize,
    pub(super) rule: Rule,
    pub(super) left: Totals,
    pub(super) right: Totals,
}

/// The best cut of a column: the gain, the rule, and the sums on the left.
pub(super) type Found = (f64, Rule, Totals);

/// A node that is to be cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parent {
    pub(super) rows: usize,
    pub(super) all: Totals,
    /// What it would say as a leaf, before the learning rate.
    pub(super) value: f64,
    pub(super) limits: Limits,
    pub(super) bounds: Bounds,
    /// Of the column that is being cut: 1 where values must not fall from left to right, -1 where they must not rise.
    pub(super) constraint: i8,
}

impl Parent {
    /// What a cut gains, or none where the side that a scan has filled so far (`near`) is too small, or the other one.
    pub(super) fn weigh(&self, near: Totals, near_rows: usize) -> Weighed {
        let Parent { rows, all, limits, .. } = *self;
        let far = all.without(near);
        if near_rows < limits.min_samples_leaf {
            return Weighed::TooSmall;
        }
        // Further on, what is left on the far side only shrinks.
        if rows - near_rows < limits.min_samples_leaf {
            return Weighed::TooLarge;
        }
        if near.hessian < LEAST_HESSIAN {
            return Weighed::TooSmall;
        }
        if far.hessian < LEAST_HESSIAN {
            return Weighed::TooLarge;
        }
        Weighed::Fits
    }

    /// The gain of a cut; that of one which its column's constraint forbids is less than any.
    pub(super) fn gain(&self, left: Totals, right: Totals) -> f64 {
        let value = |totals: Totals| totals.value_within(self.limits.l2, self.bounds);
        let (low, high) = (value(left), value(right));
        if self.constraint == 1 && low > high || self.constraint == -1 && low < high {
            return -1.0;
        }
        self.all.gradient * self.value - left.gradient * low - right.gradient * high
    }
}

/// Whether the children of a cut are large enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weighed {
    /// The side that the scan fills is not.
    TooSmall,
    /// The other side is not, and will not be further on.
    TooLarge,
    Fits,
}

/// The best cut of a node; of equal ones the first. `constraint_of` gives none for a column that may not be cut here, by
/// its place among the binned columns.
pub(super) fn best_cut(
    data: &Binned,
    histograms: &Histograms,
    node: &Parent,
    constraint_of: impl Fn(usize) -> Option<i8>,
) -> Option<Cut> {
    let mut best: Option<Cut> = None;
    for (place, column) in data.columns.iter().enumerate() {
        let Some(constraint) = constraint_of(place) else { continue };
        let node = Parent { constraint, ..*node };
        let cells = histograms.column(place);
        let found = match &column.bins {
            Bins::Numbers(_) => best_number(cells, column, &node),
            Bins::Levels(_) => levels::best(cells, column, &node),
        };
        if let Some((gain, rule, left)) = found
            && best.is_none_or(|best| gain > best.gain)
        {
            best = Some(Cut { gain, column: place, rule, left, right: node.all.without(left) });
        }
    }
    best
}

/// The best cut of a column of numbers, with the missing values on the right, or on the left where that gains more.
fn best_number(cells: &[Cell], column: &BinnedColumn, node: &Parent) -> Option<Found> {
    let known = &cells[..column.count()];
    let best = left_to_right(known, column.blanks, node);
    if !column.blanks {
        return best;
    }
    right_to_left(known, best.map_or(0.0, |(gain, ..)| gain), node).or(best)
}

/// `_find_best_bin_to_split_left_to_right`. With missing values, all others can go left.
fn left_to_right(cells: &[Cell], blanks: bool, node: &Parent) -> Option<Found> {
    let mut best: Option<Found> = None;
    let mut left = Totals::default();
    let mut rows_left = 0;
    for (bin, cell) in cells[..cells.len() - usize::from(!blanks)].iter().enumerate() {
        rows_left += cell.rows as usize;
        left.add(cell);
        match node.weigh(left, rows_left) {
            Weighed::TooSmall => continue,
            Weighed::TooLarge => break,
            Weighed::Fits => {}
        }
        let gain = node.gain(left, node.all.without(left));
        if gain > best.map_or(0.0, |(gain, ..)| gain) {
            best = Some((gain, Rule::UpTo { bin: bin as u8, missing_left: false }, left));
        }
    }
    best
}

/// `_find_best_bin_to_split_right_to_left`: cuts that gain more than `least`, with missing values on the left.
fn right_to_left(cells: &[Cell], least: f64, node: &Parent) -> Option<Found> {
    let mut best: Option<Found> = None;
    let mut right = Totals::default();
    let mut rows_right = 0;
    for (bin, cell) in cells.iter().enumerate().skip(1).rev() {
        rows_right += cell.rows as usize;
        right.add(cell);
        match node.weigh(right, rows_right) {
            Weighed::TooSmall => continue,
            Weighed::TooLarge => break,
            Weighed::Fits => {}
        }
        let left = node.all.without(right);
        let gain = node.gain(left, right);
        if gain > best.map_or(least, |(gain, ..)| gain) {
            best = Some((gain, Rule::UpTo { bin: bin as u8 - 1, missing_left: true }, left));
        }
    }
    best
}
