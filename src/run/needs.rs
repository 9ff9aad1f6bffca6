//! The least memory that a worker needs for a prefix, as far as it is known before.

use super::blocks::rows_of_block;
use super::job::{Divided, Job, Table};
use super::limits::Limits;
use crate::cell::Cell;
use crate::data::Kind;
use crate::split::Split;
use crate::study::Study;

/// Bytes of a number, and of a row's number.
const WORD: u64 = size_of::<f64>() as u64;
/// Bytes of a worker that has nothing to do: one of the smallest table needs so many.
const IDLE: u64 = 2 << 20;

/// How many rows the splits of a table have.
#[derive(Debug, Clone, Default)]
pub struct PartSizes {
    kept: u64,
    /// Rows for training, validation and testing of each split, with and without duplicates, and elsewhere; none of one that cannot
    /// be made.
    splits: [Vec<Option<[u64; 3]>>; 3],
}

/// What is known of a prefix before its resampler has chosen.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Columns of the table.
    pub columns: u64,
    /// Whether all training rows stay.
    pub is_whole: bool,
    /// Columns of the training rows that a step before the last one makes; 0 where none does.
    pub between: u64,
}

/// The least that a worker has to take for a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Rows that it gathers.
    pub rows: u64,
    /// Bytes of its own.
    pub bytes: u64,
}

impl PartSizes {
    /// Those of a table.
    pub fn of(table: &Table<'_>) -> Self {
        let part = |rows: &Vec<usize>| rows.len() as u64;
        let sizes = |split: &Split| [part(&split.train), part(&split.validation), part(&split.test)];
        let of = |all: &Divided| all.iter().map(|split| split.as_ref().ok().map(sizes)).collect();
        let [whole, kept] = &table.splits.of_variant;
        let splits = [of(whole), of(kept), of(&table.splits.elsewhere)];
        PartSizes { kept: table.deduplicated.len() as u64, splits }
    }

    /// Those of each table that a job has, then of those that leaks of columns make of them.
    pub fn of_all(job: &Job<'_>) -> Vec<Self> {
        job.tables.iter().map(PartSizes::of).collect()
    }

    /// Rows that a resampler cannot drop from the prefix of `cell`.
    pub fn judged(&self, cell: &Cell) -> u64 {
        self.split(cell).map_or(0, |[_, validation, test]| validation + test)
    }

    fn split(&self, cell: &Cell) -> Option<[u64; 3]> {
        *self.splits[usize::from(cell.id.dedup)].get(cell.split)?
    }

    /// What a worker needs for the prefix of `cell`; none where its split cannot be made.
    pub fn need(&self, cell: &Cell, shape: Shape) -> Option<Need> {
        let [train, validation, test] = self.split(cell)?;
        let judged = validation + test;
        // Which rows there are, as the worker has them from the start, and once more as the cell has them.
        let loaded: u64 = self.splits.iter().filter_map(|of| of.get(cell.split)?.as_ref()).flatten().sum();
        let lists = self.kept + loaded + train + judged;
        // The resampler sees all training rows; afterwards the parts are gathered, and three lists tell whence the training rows come.
        let resampling = train * (shape.columns + 1);
        let stays = if shape.is_whole { train } else { 0 };
        let rows = stays + judged;
        // Where a step makes more columns of these, fewer rows are in a block, but it has what is made of them beside it.
        let columns = shape.columns as usize;
        let block = rows.min(rows_of_block(columns, columns) as u64) * shape.columns;
        let preparing = rows * shape.columns + stays * (3 + shape.between) + block;
        let (rows, most) = if preparing < resampling { (train, resampling) } else { (rows, preparing) };
        Some(Need { rows, bytes: IDLE + (lists + most) * WORD + rows })
    }
}

impl Shape {
    /// What is known of the prefix of `cell`, whose table has so many columns, categories among them or not.
    pub fn of(study: &Study, cell: &Cell, (columns, has_categories): (usize, bool)) -> Self {
        let is_selected = !study.selects[cell.select].facts.is_none();
        let is_whole = study.resamplers[cell.resampler].facts.is_none();
        let between = match (is_selected, has_categories) {
            (true, _) => columns,
            (false, true) => cell.columns.unwrap_or(columns),
            (false, false) => 0,
        };
        Shape { columns: columns as u64, is_whole, between: between as u64 }
    }
}

/// Whether a worker of those that run side by side cannot make the prefix of `cell` with its own share of the memory; `sizes` are those
/// of the tables of `job`.
pub fn is_alone(job: &Job<'_>, sizes: &[PartSizes], cell: &Cell, limits: Limits) -> bool {
    let columns = job.table(cell).data.columns;
    let has_categories = columns.iter().any(|column| matches!(column.kind, Kind::Category(_)));
    let need = sizes[job.place(cell)].need(cell, Shape::of(job.study, cell, (columns.len(), has_categories)));
    !limits.in_process && need.is_some_and(|need| need.bytes > limits.memory_of(limits.cell_threads))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cell::{Filter, Plan};
    use crate::component::Registry;

    fn cell(resampler: &str) -> (Study, Cell) {
        let text = format!(
            "name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'stratified-k-fold'\nfolds = 10\n[grid]\nresamplers = \
             ['{resampler}']\nclassifiers = ['prior']\n"
        );
        let study = Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).unwrap();
        let cells = Plan::of(&study, &[], &Filter::default()).unwrap().cells;
        // The baseline goes without a resampler.
        let is_it = |cell: &Cell| cell.split == 3 && cell.id.resampler == resampler;
        let cell = cells.into_iter().find(is_it).unwrap();
        (study, cell)
    }

    #[test]
    fn what_a_prefix_takes_is_known_from_its_split() {
        let sizes = PartSizes {
            kept: 100_000,
            splits: [vec![None, None, None, Some([90_000, 0, 10_000])], Vec::new(), Vec::new()],
        };
        let need = |resampler: &str| {
            let (study, cell) = cell(resampler);
            sizes.need(&cell, Shape::of(&study, &cell, (10, false))).unwrap()
        };
        // Three lists of all rows and three of the training rows, 10 values of each row and of a block, a label of each row.
        let words = 3 * 100_000 + 3 * 90_000 + 10 * (100_000 + 16_384);
        assert_eq!(need("none"), Need { rows: 100_000, bytes: IDLE + 8 * words + 100_000 });
        // The training rows before the resampler has chosen, and its list of them.
        let words = 3 * 100_000 + 90_000 + 10 * 90_000;
        assert_eq!(need("random-undersampling"), Need { rows: 90_000, bytes: IDLE + 8 * words + 90_000 });
        let (study, mut cell) = cell("none");
        cell.split = 2;
        assert_eq!(sizes.need(&cell, Shape::of(&study, &cell, (10, false))), None);
    }
}
