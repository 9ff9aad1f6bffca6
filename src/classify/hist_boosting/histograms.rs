//! Histograms of gradients: scikit-learn's `histogram.pyx`.
//!
//! A node's histograms of many columns are more than the processor's caches hold, and a cut needs those of both children. So they
//! are made column by column: the smaller child's rows are counted, taken out of the parent's cells, and both columns are looked
//! at before the next one is begun.

use rayon::prelude::*;

use super::bins::{Binned, BinnedColumn, MISSING};
use super::split::Totals;
use crate::numeric::dense::pairwise;

/// Nodes of fewer rows and bins x columns are not worth handing to other threads.
const WORTH_SHARING: usize = 1 << 16;

/// Cells that a column can have.
pub(super) const MOST: usize = MISSING as usize + 1;

/// Sums over the rows in one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
    pub(super) rows: u64,
}

/// One histogram a column, `stride` cells each.
pub(super) struct Histograms {
    stride: usize,
    cells: Vec<Cell>,
}

/// The rows of a node: their numbers, and gradient and hessian of each.
pub(super) struct Rows<'r> {
    numbers: &'r [u32],
    slopes: Vec<[f32; 2]>,
}

impl<'r> Rows<'r> {
    /// `slopes` has gradient and hessian of every training row.
    pub(super) fn new(numbers: &'r [u32], slopes: &[[f32; 2]]) -> Self {
        Rows { numbers, slopes: numbers.iter().map(|&row| slopes[row as usize]).collect() }
    }

    /// Makes `cells` the histogram of a column with these bins: its rows, added in their order.
    fn count(&self, bins: &[u8], cells: &mut [Cell; MOST]) {
        cells.fill(Cell::default());
        for (&row, &[gradient, hessian]) in self.numbers.iter().zip(&self.slopes) {
            let cell = &mut cells[usize::from(bins[row as usize])];
            cell.gradient += f64::from(gradient);
            cell.hessian += f64::from(hessian);
            cell.rows += 1;
        }
    }
}

impl Histograms {
    /// For the columns of `data`, with nothing counted.
    pub(super) fn new(data: &Binned) -> Self {
        let stride = match data.columns.iter().any(|column| column.blanks) {
            true => MOST,
            false => data.columns.iter().map(BinnedColumn::count).max().unwrap_or(1),
        };
        Histograms { stride, cells: vec![Cell::default(); stride * data.columns.len()] }
    }

    /// Forgets what was counted, and counts these rows.
    pub(super) fn count(&mut self, data: &Binned, rows: &Rows<'_>) {
        let stride = self.stride;
        let count = |counted: &mut [Cell; MOST], (column, cells): (usize, &mut [Cell])| {
            rows.count(data.column(column), counted);
            cells.copy_from_slice(&counted[..stride]);
        };
        let mut counted = [Cell::default(); MOST];
        match is_worth_sharing(data, rows) {
            true => self.cells.par_chunks_mut(stride).enumerate().for_each_init(|| counted, count),
            false => self.cells.chunks_mut(stride).enumerate().for_each(|column| count(&mut counted, column)),
        }
    }

    /// Makes a parent's histograms those of its child without these rows, and `part` those of the child that has them. What `look`
    /// sees in a column's cells, of the rows first and of the others then, is returned by column; it is lent what `lend` makes.
    pub(super) fn divide<L, T: Send>(
        &mut self,
        part: &mut Histograms,
        (data, rows): (&Binned, &Rows<'_>),
        lend: impl Fn() -> L + Send + Sync,
        look: impl Fn(&mut L, usize, [&[Cell]; 2]) -> T + Send + Sync,
    ) -> Vec<T> {
        let stride = self.stride;
        type Lent<L> = ([Cell; MOST], L);
        let divide = |(counted, lent): &mut Lent<L>, (column, (left, part)): (usize, (&mut [Cell], &mut [Cell]))| {
            rows.count(data.column(column), counted);
            let counted = &counted[..stride];
            for (cell, counted) in left.iter_mut().zip(counted) {
                cell.gradient -= counted.gradient;
                cell.hessian -= counted.hessian;
                cell.rows -= counted.rows;
            }
            part.copy_from_slice(counted);
            look(lent, column, [counted, left])
        };
        if is_worth_sharing(data, rows) {
            let columns = self.cells.par_chunks_mut(stride).zip(part.cells.par_chunks_mut(stride));
            return columns.enumerate().map_init(|| ([Cell::default(); MOST], lend()), divide).collect();
        }
        let mut lent = ([Cell::default(); MOST], lend());
        let columns = self.cells.chunks_mut(stride).zip(part.cells.chunks_mut(stride));
        columns.enumerate().map(|column| divide(&mut lent, column)).collect()
    }

    pub(super) fn column(&self, column: usize) -> &[Cell] {
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

fn is_worth_sharing(data: &Binned, rows: &Rows<'_>) -> bool {
    (rows.numbers.len() + MOST) * data.columns.len() >= WORTH_SHARING
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::component::Features;
    use crate::data::Column;
    use crate::numeric::mt19937::Mt19937;

    #[test]
    fn children_have_what_counting_their_rows_says() {
        let columns: Vec<Column> = (0..20).map(|_| Column::number("x")).collect();
        // Few rows are counted by one thread, many by all.
        for count in [60_u32, 5000] {
            let mut random = Mt19937::new(count);
            let x = Array2::from_shape_fn((count as usize, 20), |(row, column)| match (row + column) % 17 {
                0 => f64::NAN,
                _ => (random.next_f64() * 300.0).floor(),
            });
            let numbers: Vec<u32> = (0..count).collect();
            let data = Binned::new(&Features { x: x.view(), columns: &columns }, &numbers, None, 255, 0);
            // Sums of eighths are exact.
            let slopes: Vec<[f32; 2]> = numbers.iter().map(|row| [(row % 9) as f32 / 8.0 - 0.5, 0.125]).collect();
            let counted = |rows: &[u32]| {
                let mut counted = Histograms::new(&data);
                counted.count(&data, &Rows::new(rows, &slopes));
                counted
            };
            let (small, large): (Vec<u32>, Vec<u32>) = numbers.iter().partition(|&&row| row % 3 == 1);
            // What a spare one holds is forgotten.
            let (mut parent, mut part) = (counted(&numbers), counted(&large));
            let rows = Rows::new(&small, &slopes);
            let seen = parent.divide(
                &mut part,
                (&data, &rows),
                || 7,
                |lent, column, cells| (*lent, column, cells.map(|cells| cells.to_vec())),
            );
            let (small, large) = (counted(&small), counted(&large));
            assert!(part.cells == small.cells && parent.cells == large.cells);
            for (place, (lent, column, cells)) in seen.into_iter().enumerate() {
                assert_eq!((lent, column), (7, place));
                assert!(cells[0] == small.column(column) && cells[1] == large.column(column));
            }
        }
    }
}
