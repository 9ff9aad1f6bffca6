//! Histograms of gradients, and the best cut of a node: scikit-learn's `histogram.pyx` and `splitting.pyx`.

use rayon::prelude::*;

use super::bins::Binned;
use crate::numeric::dense::pairwise;

/// Nodes of fewer rows x columns are not worth handing to other threads.
const WORTH_SHARING: usize = 1 << 16;

/// Sums over the rows in one bin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    gradient: f64,
    hessian: f64,
    rows: u32,
}

/// One histogram a column, `stride` cells each.
pub(super) struct Histograms {
    stride: usize,
    cells: Vec<Cell>,
}

impl Histograms {
    /// Of the rows with these numbers, added in their order; `slopes` has gradient and hessian of every training row.
    pub(super) fn of(data: &Binned, slopes: &[[f32; 2]], rows: &[u32]) -> Self {
        let stride = 1 + data.thresholds.iter().map(Vec::len).max().unwrap_or(0);
        let mut cells = vec![Cell::default(); stride * data.columns()];
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
        if rows.len() * data.columns() >= WORTH_SHARING {
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

    /// Gradients and hessians of all rows, from the first column, in the order in which numpy adds `bins` numbers.
    pub(super) fn totals(&self, bins: usize) -> Totals {
        let cells = self.column(0);
        let padded = |of: fn(&Cell) -> f64| pairwise(0..bins, &|bin| cells.get(bin).map_or(0.0, of));
        Totals { gradient: padded(|cell| cell.gradient), hessian: padded(|cell| cell.hessian) }
    }
}

/// Sums over the rows of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Totals {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
}

impl Totals {
    /// The Newton step of a leaf: equation 5 of Chen and Guestrin 2016, "XGBoost: a scalable tree boosting system".
    pub(super) fn value(self, l2: f64) -> f64 {
        -self.gradient / (self.hessian + l2 + 1e-15)
    }

    fn without(self, part: Totals) -> Totals {
        Totals { gradient: self.gradient - part.gradient, hessian: self.hessian - part.hessian }
    }
}

/// What a cut has to keep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) min_samples_leaf: usize,
    pub(super) l2: f64,
}

/// Children with a smaller sum of hessians are not made (`min_hessian_to_split`).
const LEAST_HESSIAN: f64 = 1e-3;

/// The best cut of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub(super) gain: f64,
    pub(super) column: usize,
    /// Bins up to this one go left.
    pub(super) bin: u8,
    pub(super) left: Totals,
    pub(super) right: Totals,
}

/// The best cut of a node of so many rows whose own value is `value`; of equal ones the first.
pub(super) fn best_cut(
    data: &Binned,
    histograms: &Histograms,
    rows: usize,
    all: Totals,
    value: f64,
    limits: Limits,
) -> Option<Cut> {
    let mut best: Option<Cut> = None;
    for column in 0..data.columns() {
        let bins = data.thresholds[column].len() + 1;
        let found = best_of_column(&histograms.column(column)[..bins], rows, all, value, limits);
        if let Some((gain, bin, left)) = found
            && best.is_none_or(|best| gain > best.gain)
        {
            best = Some(Cut { gain, column, bin, left, right: all.without(left) });
        }
    }
    best
}

/// `_find_best_bin_to_split_left_to_right`: the gain, the last bin on the left, and the sums there.
fn best_of_column(cells: &[Cell], rows: usize, all: Totals, value: f64, limits: Limits) -> Option<(f64, u8, Totals)> {
    let mut best: Option<(f64, u8, Totals)> = None;
    let mut left = Totals { gradient: 0.0, hessian: 0.0 };
    let mut rows_left = 0;
    let loss = all.gradient * value;
    for (bin, cell) in cells[..cells.len() - 1].iter().enumerate() {
        rows_left += cell.rows as usize;
        left.hessian += cell.hessian;
        left.gradient += cell.gradient;
        let right = all.without(left);
        if rows_left < limits.min_samples_leaf {
            continue;
        }
        // Further to the right, what is left there only shrinks.
        if rows - rows_left < limits.min_samples_leaf {
            break;
        }
        if left.hessian < LEAST_HESSIAN {
            continue;
        }
        if right.hessian < LEAST_HESSIAN {
            break;
        }
        let gain = loss - left.gradient * left.value(limits.l2) - right.gradient * right.value(limits.l2);
        if gain > 0.0 && best.is_none_or(|best| gain > best.0) {
            best = Some((gain, bin as u8, left));
        }
    }
    best
}
