//! `scaling.csv`, `scaling.md` and the charts of growth: all that is made from the records of a study over simulated tables.

mod picture;

use std::path::{Path, PathBuf};

use super::document::{Block, Document, Picture, Section, Table, Text, Width};
use super::number::{score, seconds};
use super::render::html::Drawing;
use super::render::markdown;
use super::write::{remove_others, write_files};
use super::{CHARTS, drawn};
use crate::analyze::Results;
use crate::error::{Error, Result};
use crate::scaling::{ALL, Alike, Cell, Group, Growth, Series, Sizes};
use crate::store::{Outcome, Record};
use crate::words::{count, counted};

/// The report.
pub const FILE: &str = "scaling.md";
const TABLE: &str = "scaling.csv";

/// Whether the results are of a run of `fraudbench scaling`, whose report tells growth and ranks nothing.
pub fn is_of_command(results: &Results) -> bool {
    Sizes::is_study(&results.manifest.study_file, &results.manifest.study)
}

/// Writes tables and charts of the growth that `results` tell into `dir` and returns their paths.
///
/// # Errors
/// [`Error::Store`] when no data set of theirs is simulated; [`Error::Io`]; [`Error::Component`] when a chart cannot be drawn.
pub fn write(results: &Results, dir: &Path) -> Result<Vec<PathBuf>> {
    let growth = Growth::of(results)?;
    let setting = setting(results, &growth);
    let (mut files, drawings) = drawn(&picture::pictures(&growth, &setting), true)?;
    let charts: Vec<Picture> = drawings.iter().map(Drawing::picture).collect();
    files.push((TABLE.into(), csv(&growth)?));
    let report = document(results, &growth, &setting, charts);
    files.push((FILE.into(), markdown::document(&report).into_bytes()));
    let written = write_files(dir, &files)?;
    remove_others(&dir.join(CHARTS), &written, picture::is_ours)?;
    Ok(written)
}

/// What all points share: columns and seed where all tables have the same, threads and machine.
fn setting(results: &Results, growth: &Growth) -> String {
    let manifest = &results.manifest;
    let mut said = Vec::new();
    if let [first, others @ ..] = &growth.alike[..] {
        if others.iter().all(|other| other.columns == first.columns) {
            said.push(counted(first.columns as u64, "column"));
        }
        if others.iter().all(|other| other.seed == first.seed) {
            said.push(format!("seed {}", first.seed));
        }
    }
    said.push(format!(
        "{} per cell, {} in all, on {} of {}",
        counted(u64::from(manifest.cell_threads), "thread"),
        manifest.threads,
        counted(u64::from(manifest.machine.cores), "core"),
        manifest.machine.cpu
    ));
    said.join(", ")
}

/// A row per component, stage and kind of table; for each quantity a column per size. Numbers with full precision.
fn csv(growth: &Growth) -> Result<Vec<u8>> {
    let failed = |e: String| Error::Component(format!("cannot encode a table: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header: Vec<String> =
        ["kind", "name", "stage", "positives", "columns", "seed", "seconds_exponent", "memory_exponent"]
            .map(str::to_owned)
            .to_vec();
    let metric = growth.metric.replace('-', "_");
    for quantity in ["outcome", "seconds", "memory_mib", "peak_mib", &metric] {
        header.extend(growth.rows.iter().map(|rows| format!("{quantity}_{rows}")));
    }
    writer.write_record(&header).map_err(|e| failed(e.to_string()))?;
    let exact = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:?}"));
    for series in &growth.series {
        let Alike { positives, columns, seed } = series.alike;
        let mut row = vec![
            series.group.name().to_owned(),
            series.name.clone(),
            series.stage.to_owned(),
            exact(Some(positives)),
            columns.to_string(),
            seed.to_string(),
            exact(series.seconds_exponent),
            exact(series.memory_exponent),
        ];
        row.extend(series.cells.iter().map(|cell| cell.as_ref().map_or("", |c| c.outcome.name()).to_owned()));
        let values: [fn(&Cell) -> Option<f64>; 4] = [|c| c.seconds, |c| c.memory_mib, |c| c.peak_mib, |c| c.score];
        for value in values {
            row.extend(series.cells.iter().map(|cell| exact(cell.as_ref().and_then(value))));
        }
        writer.write_record(&row).map_err(|e| failed(e.to_string()))?;
    }
    writer.into_inner().map_err(|e| failed(e.to_string()))
}

fn document(results: &Results, growth: &Growth, setting: &str, charts: Vec<Picture>) -> Document {
    let mut lead = vec![
        Block::Paragraph(Text::plain(format!("Simulated data, {setting}."))),
        Block::said(
            "Rows are those of the whole table; exact duplicates are dropped, and four fifths of the others train unless the \
             study says otherwise. Exponent: least-squares slope of log value on log rows, over seconds above 0.01 and MiB \
             above 4; at least three points. MiB: the most resident memory during the work minus what was resident when it \
             began; a scaler's and a resampler's contains their copy of the rows. `scaling.csv` has fit and predict apart, and \
             the most memory of each cell's worker.",
        ),
    ];
    lead.extend(results.left_out.iter().map(|kind| Block::Paragraph(Text::quoting(&format!("Left out: {kind}.")))));
    let missing = results.planned.len().saturating_sub(results.records.len());
    if missing > 0 {
        let planned = counted(results.planned.len() as u64, "cell");
        lead.push(Block::Paragraph(Text::plain(format!(
            "{} of {planned} without a record yet.",
            count(missing as u64)
        ))));
    }
    lead.extend(charts.into_iter().flat_map(Picture::blocks));
    let groups = [
        ("families", "Families: fit and predict", Group::Family),
        ("scalers", "Scalers: fit and transform", Group::Scaler),
        ("resamplers", "Resamplers", Group::Resampler),
    ];
    let mut sections = Vec::new();
    for (id, title, group) in groups {
        for (place, &alike) in growth.alike.iter().enumerate() {
            let series: Vec<&Series> =
                growth.whole(group, alike).filter(|s| s.cells.iter().any(Option::is_some)).collect();
            if !series.is_empty() {
                let heading = format!("{title}, {}", growth.title(alike));
                let tables = quantities(growth, group, &series).into_iter().map(Block::Table).collect();
                sections.push(Section::new(&format!("{id}-{}", place + 1), &heading, tables));
            }
        }
    }
    sections.extend(not_measured(results));
    Document { title: Text::plain(&results.title), lead, sections }
}

/// Seconds and memory, and the primary metric of families: a row per component, a column per size.
fn quantities(growth: &Growth, group: Group, series: &[&Series]) -> Vec<Table> {
    let parts = |series: &Series| -> Vec<Option<f64>> {
        let own = growth.series.iter().filter(|s| s.group == group && s.name == series.name && s.stage != ALL);
        own.filter(|s| s.alike == series.alike).map(|s| s.seconds_exponent).collect()
    };
    let part_names: &[&str] = match group {
        Group::Family => &["exponent", "fit", "predict"],
        Group::Scaler | Group::Resampler => &["exponent"],
    };
    let made = |name: &str, more: &[&str], line: &dyn Fn(&Series) -> Vec<String>| {
        let mut header = vec![name.to_owned()];
        header.extend(growth.rows.iter().map(|rows| count(*rows as u64)));
        header.extend(more.iter().map(|more| (*more).to_owned()));
        let row = |s: &&Series| std::iter::once(s.name.clone()).chain(line(s)).collect();
        let widths: Vec<Width> =
            std::iter::once(Width::Natural).chain(std::iter::repeat_n(Width::Number, header.len() - 1)).collect();
        Table::plain(name, &header, series.iter().map(row).collect()).widths(&widths)
    };
    let mut tables = vec![
        made("seconds", part_names, &|s| {
            let cells = s.cells.iter().map(|cell| show(cell.as_ref(), |c| c.seconds, |v| seconds(Some(v)), true));
            cells.chain(std::iter::once(s.seconds_exponent).chain(parts(s)).map(exponent)).collect()
        }),
        made("MiB", &["exponent"], &|s| {
            let cells = s.cells.iter().map(|cell| show(cell.as_ref(), |c| c.memory_mib, mib, false));
            cells.chain([exponent(s.memory_exponent)]).collect()
        }),
    ];
    if group == Group::Family {
        tables.push(made(&growth.metric, &[], &|s| {
            s.cells.iter().map(|cell| show(cell.as_ref(), |c| c.score, |v| score(Some(v)), false)).collect()
        }));
    }
    tables
}

/// A cell's value as `write` writes it; without one a dash, or where `says_why` how it ended.
fn show(cell: Option<&Cell>, value: fn(&Cell) -> Option<f64>, write: impl Fn(f64) -> String, says_why: bool) -> String {
    match cell.map(|cell| (cell.outcome, value(cell))) {
        Some((Outcome::Scored, Some(value))) => write(value),
        Some((outcome, _)) if says_why && !matches!(outcome, Outcome::Scored | Outcome::Skipped) => {
            outcome.name().to_owned()
        }
        _ => "–".to_owned(),
    }
}

fn exponent(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"))
}

fn mib(value: f64) -> String {
    if value < 1.0 { "<1".to_owned() } else { count(value.round() as u64) }
}

/// Every cell without scores, but for those skipped, and why.
fn not_measured(results: &Results) -> Option<Section> {
    let line = |record: &Record| {
        let stage = record.stage.map_or_else(String::new, |stage| format!(" ({})", stage.name()));
        let reason = record.reason.as_deref().unwrap_or("no reason recorded");
        let (table, pipeline) = (&record.cell.data_set, record.cell.pipeline());
        Text::plain(format!("{table}, {pipeline}: {}{stage}: ", record.outcome.name())).then(Text::quoting(reason))
    };
    let unscored = |record: &&Record| !matches!(record.outcome, Outcome::Scored | Outcome::Skipped);
    let lines: Vec<Text> = results.records.iter().filter(unscored).map(line).collect();
    let said = "After a cell that timed out or ran out of memory the same cells of larger tables are skipped (–) where the study \
                sets `skip_larger`.";
    (!lines.is_empty())
        .then(|| Section::new("not-measured", "Not measured", vec![Block::said(said), Block::List(lines)]))
}
