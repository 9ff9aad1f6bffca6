//! Whether the tables of a study and the matrices of its cells fit the memory of the run, before any cell is begun.

use crate::cell::Cell;
use crate::data::TableFacts;
use crate::error::{Error, Result};
use crate::run::{Job, Limits};
use crate::study::Study;
use crate::words::{count, counted};

const GIB: f64 = (1_u64 << 30) as f64;
/// A limit counts in these: no cell is scored in less than one.
const MIB: u64 = 1 << 20;

/// Rows, and columns of numbers of 64 bits.
#[derive(Clone, Copy)]
struct Size {
    rows: u64,
    columns: u64,
}

impl Size {
    fn bytes(self) -> u64 {
        self.rows.saturating_mul(self.columns).saturating_mul(size_of::<f64>() as u64)
    }

    fn said(self) -> String {
        let Size { rows, columns } = self;
        format!("{} rows x {} columns x 8 bytes = {}", count(rows), count(columns), bytes_said(self.bytes()))
    }
}

/// Refuses what cannot fit: the tables, or the matrices that one of `cells` stands on beside them. Of a prefix behind a resampler
/// only the rows are counted that it cannot drop. Where cells are skipped that are too much, these are left to that.
///
/// # Errors
/// [`Error::Data`] with the sizes, and what to write instead.
pub(super) fn check(study: &Study, facts: &[TableFacts], job: &Job<'_>, cells: &[&Cell], limits: Limits) -> Result<()> {
    if cells.is_empty() || limits.skip_larger {
        return Ok(());
    }
    let tables: Vec<(&str, Size)> = facts.iter().map(|of| (of.name.as_str(), size(of))).collect();
    let Some((name, largest)) = tables.iter().copied().max_by_key(|(_, size)| size.bytes()) else { return Ok(()) };
    let one_at_a_time = study.limits.one_table == Some(true);
    let beside = match one_at_a_time {
        true => largest.bytes(),
        false => {
            let derived = job.derived.iter().filter_map(|(of, _)| facts.get(*of)).map(|of| size(of).bytes());
            tables.iter().map(|(_, size)| size.bytes()).chain(derived).fold(0, u64::saturating_add)
        }
    };
    if beside > limits.memory {
        let more =
            if beside > largest.bytes() { format!(", all tables {}", bytes_said(beside)) } else { String::new() };
        return Err(refused(name, largest, &more, "", limits));
    }
    for cell in cells {
        let Some(matrices) = matrices(study, facts, job, cell) else { continue };
        if matrices.bytes().saturating_add(beside) > limits.memory {
            let steps = steps(cell);
            let behind = if steps.is_empty() { String::new() } else { format!(" behind {steps}") };
            let beside = format!("{behind}, beside {} of tables", bytes_said(beside));
            return Err(refused(&cell.id.data_set, matrices, &beside, &steps, limits));
        }
    }
    check_shares(limits)
}

/// Refuses limits that leave no memory to a cell, whatever the data are.
///
/// # Errors
/// [`Error::Data`].
pub(crate) fn check_shares(limits: Limits) -> Result<()> {
    if limits.in_process || limits.memory_of(limits.cell_threads) >= MIB {
        return Ok(());
    }
    Err(Error::Data(format!(
        "`memory` of the limits is {}, half of which is shared by {}: less than 1 MiB for each of those that run side by side; allow \
         more memory (`--memory` MIB)",
        bytes_said(limits.memory),
        counted(limits.workers() as u64, "cell")
    )))
}

fn size(of: &TableFacts) -> Size {
    Size { rows: of.rows, columns: of.columns.len() as u64 }
}

/// The least that the matrices of a cell's prefix hold; none where that is not known before it is resampled.
fn matrices(study: &Study, facts: &[TableFacts], job: &Job<'_>, cell: &Cell) -> Option<Size> {
    let of = facts.get(cell.data)?;
    let columns = cell.columns.unwrap_or(of.columns.len()) as u64;
    let is_whole = study.resamplers[cell.resampler].facts.id == "none";
    let rows = match is_whole {
        true => of.rows - if cell.id.dedup { of.duplicate_rows } else { 0 },
        false if job.tables.is_empty() => return None,
        false => job.table(cell).split(cell).map_or(0, |split| (split.validation.len() + split.test.len()) as u64),
    };
    Some(Size { rows, columns })
}

/// What makes the columns that reach a cell's classifier.
fn steps(cell: &Cell) -> String {
    let id = &cell.id;
    let steps = [("encoder", &id.encoder), ("scaler", &id.scaler), ("select", &id.select)];
    let steps = steps.iter().filter(|(_, name)| !matches!(name.as_str(), "none" | "native"));
    steps.map(|(kind, name)| format!("{kind} `{name}`")).collect::<Vec<_>>().join(", ")
}

fn refused(name: &str, size: Size, beside: &str, steps: &str, limits: Limits) -> Error {
    let without = if steps.is_empty() { String::new() } else { format!(", leave out {steps}") };
    Error::Data(format!(
        "{name}: {}{beside}, and this run may use {}: take fewer rows (`sample`) or columns (`ignore`){without}, or allow \
         more memory (`--memory` MIB)",
        size.said(),
        bytes_said(limits.memory)
    ))
}

fn bytes_said(bytes: u64) -> String {
    match bytes as f64 / GIB {
        gib if gib < 1.0 => format!("{:.1} MiB", gib * 1024.0),
        gib => format!("{gib:.2} GiB"),
    }
}
