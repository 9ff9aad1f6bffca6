//! Whether the tables of a study and the matrices of its cells fit the memory of the run, before any cell is begun.

use super::load::Outlook;
use crate::cell::Cell;
use crate::data::TableFacts;
use crate::error::{Error, Result};
use crate::run::{Limits, Need, PartSizes, Shape, asked};
use crate::study::{LimitSpec, Study};
use crate::words::{agree, count, counted};

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

/// Faults that are told at most.
const TOLD: usize = 5;

/// What is known of a study's tables.
#[derive(Clone, Copy)]
pub(super) struct Tables<'t> {
    /// Of each.
    pub facts: &'t [TableFacts],
    /// Of each, the rows of its splits; empty where they are not known.
    pub sizes: &'t [PartSizes],
    /// Tables that leaks of columns make of them, by the numbers of those.
    pub derived: &'t [usize],
}

/// Refuses what cannot fit: the tables; the matrices that one of `cells` stands on beside them; and what a worker needs to make these. Of a
/// prefix behind a resampler only the rows are counted that it cannot drop. Where cells are skipped that are too much, these are
/// left to that.
///
/// # Errors
/// [`Error::Data`] with the sizes, and what to write instead; all that do not fit at once.
pub(super) fn check(study: &Study, tables: Tables<'_>, cells: &[&Cell], limits: Limits) -> Result<()> {
    if cells.is_empty() || limits.skip_larger {
        return Ok(());
    }
    let all: Vec<(&str, Size)> = tables.facts.iter().map(|of| (of.name.as_str(), size(of))).collect();
    let Some((name, largest)) = all.iter().copied().max_by_key(|(_, size)| size.bytes()) else { return Ok(()) };
    let one_at_a_time = study.limits.one_table == Some(true);
    let beside = match one_at_a_time {
        true => largest.bytes(),
        false => {
            let derived = tables.derived.iter().filter_map(|&of| tables.facts.get(of)).map(|of| size(of).bytes());
            all.iter().map(|(_, size)| size.bytes()).chain(derived).fold(0, u64::saturating_add)
        }
    };
    if beside > limits.memory {
        let more =
            if beside > largest.bytes() { format!(", all tables {}", bytes_said(beside)) } else { String::new() };
        return Err(refused(name, largest, &more, "", limits));
    }
    let (mut faults, mut needs) = (Vec::new(), Vec::new());
    for (of, cells) in tables.facts.iter().zip(by_table(tables.facts, cells)) {
        let (large, others): (Vec<&Cell>, Vec<&Cell>) = cells.into_iter().partition(|cell| {
            matrices(study, tables, cell).is_some_and(|of| of.bytes().saturating_add(beside) > limits.memory)
        });
        faults.extend(too_large(study, tables, &large, beside, limits));
        let need = others.into_iter().filter_map(|cell| need(study, tables, cell)).max_by_key(|need| need.bytes);
        needs.extend(need.filter(|_| !limits.in_process).map(|need| (of, need)));
    }
    match check_shares(limits) {
        Err(e) => faults.push(e),
        Ok(()) => {
            let share = limits.memory_of(limits.threads);
            let beyond = needs.into_iter().filter(|(_, need)| need.bytes > share);
            faults.extend(beyond.map(|(of, need)| no_worker_can(of, need, limits)));
        }
    }
    let more = faults.len().saturating_sub(TOLD);
    if more > 0 {
        faults.truncate(TOLD);
        faults.push(Error::Data(format!("{} more {} not fit either", count(more as u64), agree(more, "does", "do"))));
    }
    Error::all(faults).map_or(Ok(()), Err)
}

/// Refuses what no run of a study could fit within the `memory` that it names, whatever the machine and the threads, unless the command
/// line gives it more. Where a table's rows are not known to the last one, nothing is refused.
///
/// # Errors
/// Those of [`check`].
pub(crate) fn check_known(study: &Study, tables: &[&Outlook], cells: &[&Cell]) -> Result<()> {
    let facts: Option<Vec<TableFacts>> =
        tables.iter().map(|table| table.facts.clone().filter(|_| !table.about)).collect();
    let (Some(_), Some(facts)) = (study.limits.memory, facts) else { return Ok(()) };
    let sizes: Vec<PartSizes> = tables.iter().map(|table| table.sizes.clone().unwrap_or_default()).collect();
    let specs = study.data.iter().enumerate();
    let derived: Vec<usize> =
        specs.flat_map(|(data, spec)| asked(&study.leaks, &spec.features).into_iter().map(move |_| data)).collect();
    // With one thread a worker has all that workers share.
    let limits = Limits::of(&LimitSpec::default(), &study.limits, Some(1), 1);
    check(study, Tables { facts: &facts, sizes: &sizes, derived: &derived }, cells, limits)
}

/// The cells of each table, in the order of `facts`.
fn by_table<'c>(facts: &[TableFacts], cells: &[&'c Cell]) -> Vec<Vec<&'c Cell>> {
    let mut of: Vec<Vec<&Cell>> = vec![Vec::new(); facts.len()];
    cells.iter().for_each(|cell| of[cell.data].push(cell));
    of
}

/// What is said of cells of a table whose matrices do not fit, one sentence for all behind the same steps: of the largest.
fn too_large(study: &Study, tables: Tables<'_>, cells: &[&Cell], beside: u64, limits: Limits) -> Vec<Error> {
    let mut largest: Vec<(String, &str, Size)> = Vec::new();
    for cell in cells {
        let (Some(of), behind) = (matrices(study, tables, cell), steps(cell)) else { continue };
        match largest.iter_mut().find(|(steps, _, _)| *steps == behind) {
            Some((_, _, most)) if most.bytes() >= of.bytes() => {}
            Some((_, _, most)) => *most = of,
            None => largest.push((behind, &cell.id.data_set, of)),
        }
    }
    let said = |(steps, name, of): (String, &str, Size)| {
        let behind = if steps.is_empty() { String::new() } else { format!(" behind {steps}") };
        refused(name, of, &format!("{behind}, beside {} of tables", bytes_said(beside)), &steps, limits)
    };
    largest.into_iter().map(said).collect()
}

/// What a worker needs to make the prefix of `cell`; none where that is not known before.
fn need(study: &Study, tables: Tables<'_>, cell: &Cell) -> Option<Need> {
    let (of, sizes) = (tables.facts.get(cell.data)?, tables.sizes.get(cell.data)?);
    let has_categories = of.columns.iter().any(|column| column.levels.is_some());
    sizes.need(cell, Shape::of(study, cell, (of.columns.len(), has_categories)))
}

/// That no worker can make the matrices of a table.
fn no_worker_can(of: &TableFacts, need: Need, limits: Limits) -> Error {
    let (whose, instead) = match limits.cell_memory {
        Some(_) => ("`cell_memory`", "allow a worker more memory (`--cell-memory` MIB)"),
        None => ("half of `memory`", "allow more memory (`--memory` MIB, or `--cell-memory` for a worker alone)"),
    };
    Error::Data(format!(
        "{}: a worker needs {} to prepare {} x {}, and may take {} ({whose}): take fewer rows (`sample`) or columns (`ignore`), or {instead}",
        of.name,
        bytes_said(need.bytes),
        counted(need.rows, "row"),
        counted(of.columns.len() as u64, "column"),
        bytes_said(limits.memory_of(limits.threads)),
    ))
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
fn matrices(study: &Study, tables: Tables<'_>, cell: &Cell) -> Option<Size> {
    let of = tables.facts.get(cell.data)?;
    let columns = cell.columns.unwrap_or(of.columns.len()) as u64;
    let rows = match study.resamplers[cell.resampler].facts.is_none() {
        true => of.rows - if cell.id.dedup { of.duplicate_rows } else { 0 },
        false => tables.sizes.get(cell.data)?.judged(cell),
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
