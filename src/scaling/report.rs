//! `scaling.csv`, `scaling.md` and the charts: everything that is made from points, and from points alone.

use std::path::{Path, PathBuf};

use super::picture::{percent, pictures};
use super::point::{Ending, Point, SubjectKind};
use super::runner::setting;
use super::series::{ALL, Cell, Group, Series, Table};
use crate::error::{Error, Result};
use crate::report::document::{Block, Document, Picture, Section, Table as Rows, Text, Width};
use crate::report::number::{count, score, seconds};
use crate::report::render::html::Drawing;
use crate::report::render::markdown;
use crate::report::{drawn, write_files};

/// Writes tables and charts of `points` into `dir` and returns their paths.
///
/// # Errors
/// [`Error::Store`] when there are no points; [`Error::Io`]; [`Error::Component`] when a chart cannot be drawn.
pub fn write_all(points: &[Point], dir: &Path) -> Result<Vec<PathBuf>> {
    let Some(first) = points.first() else {
        return Err(Error::Store(format!("no points of a scaling study in {}", dir.display())));
    };
    let setting = setting(&first.task, &first.machine);
    let table = Table::of(points);
    let (mut files, drawings) = drawn(&pictures(&table, &setting))?;
    let charts: Vec<Picture> = drawings.iter().map(Drawing::picture).collect();
    files.push(("scaling.csv".into(), csv(&table)?));
    let report = document(&table, points, &setting, charts);
    files.push(("scaling.md".into(), markdown::document(&report).into_bytes()));
    write_files(dir, &files)
}

/// A row per component, stage and share; for each quantity a column per size. Numbers with full precision.
fn csv(table: &Table) -> Result<Vec<u8>> {
    let failed = |e: String| Error::Component(format!("cannot encode a table: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header: Vec<String> =
        ["kind", "name", "stage", "positives", "seconds_exponent", "memory_exponent"].map(str::to_owned).to_vec();
    for quantity in ["outcome", "seconds", "extra_mib", "peak_mib", "pr_auc"] {
        header.extend(table.rows.iter().map(|rows| format!("{quantity}_{rows}")));
    }
    writer.write_record(&header).map_err(|e| failed(e.to_string()))?;
    let exact = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:?}"));
    for series in &table.series {
        let mut row = vec![
            series.group.name().to_owned(),
            series.name.clone(),
            series.stage.clone(),
            exact(Some(series.positives)),
        ];
        row.extend([exact(series.seconds_exponent), exact(series.memory_exponent)]);
        row.extend(series.cells.iter().map(|cell| cell.as_ref().map_or("", |c| c.outcome.name()).to_owned()));
        let values: [fn(&Cell) -> Option<f64>; 4] = [|c| c.seconds, |c| c.extra_mib, |c| c.peak_mib, |c| c.pr_auc];
        for value in values {
            row.extend(series.cells.iter().map(|cell| exact(cell.as_ref().and_then(value))));
        }
        writer.write_record(&row).map_err(|e| failed(e.to_string()))?;
    }
    writer.into_inner().map_err(|e| failed(e.to_string()))
}

fn document(table: &Table, points: &[Point], setting: &str, charts: Vec<Picture>) -> Document {
    let mut lead = vec![
        Block::Paragraph(Text::plain(format!("Simulated data, {setting}; one process per measurement."))),
        Block::said(
            "Four fifths of the rows train. Exponent: least-squares slope of log value on log rows, over seconds above 0.01 and MiB \
             above 4; at least three points. MiB: the most resident memory during the work, minus what was resident when it \
             began. `scaling.csv` has each stage apart, and the process's peak.",
        ),
    ];
    lead.extend(charts.into_iter().map(Block::Chart));
    let groups = [
        ("families", "Families: fit and predict", Group::Component(SubjectKind::Family)),
        ("scalers", "Scalers: fit and transform", Group::Component(SubjectKind::Scaler)),
        ("resamplers", "Resamplers", Group::Component(SubjectKind::Resampler)),
        ("preparation", "What comes before", Group::Common),
    ];
    let mut sections = Vec::new();
    for (id, title, group) in groups {
        for (place, &share) in table.positives.iter().enumerate() {
            let series: Vec<&Series> =
                table.whole(group, share).filter(|s| s.cells.iter().any(Option::is_some)).collect();
            if !series.is_empty() {
                let heading = format!("{title}, {}% positive", percent(share));
                let tables = quantities(table, group, &series).into_iter().map(Block::Table).collect();
                sections.push(Section::new(&format!("{id}-{}", place + 1), &heading, tables));
            }
        }
    }
    sections.extend(not_measured(points));
    Document { title: Text::plain("Growth with the number of rows"), lead, sections }
}

/// Seconds and memory, and the PR-AUC of families: a row per component, a column per size.
fn quantities(table: &Table, group: Group, series: &[&Series]) -> Vec<Rows> {
    let parts = |series: &Series| -> Vec<Option<f64>> {
        let own = table.series.iter().filter(|s| s.group == group && s.name == series.name && s.stage != ALL);
        own.filter(|s| s.positives == series.positives).map(|s| s.seconds_exponent).collect()
    };
    let part_names: &[&str] = match group {
        Group::Component(SubjectKind::Family) => &["exponent", "fit", "predict"],
        Group::Component(SubjectKind::Scaler) => &["exponent", "fit", "transform"],
        Group::Component(SubjectKind::Resampler) | Group::Common => &["exponent"],
    };
    let made = |name: &str, more: &[&str], line: &dyn Fn(&Series) -> Vec<String>| {
        let mut header = vec![name.to_owned()];
        header.extend(table.rows.iter().map(|rows| count(*rows as u64)));
        header.extend(more.iter().map(|more| (*more).to_owned()));
        let row = |s: &&Series| std::iter::once(s.name.clone()).chain(line(s)).collect();
        let widths: Vec<Width> =
            std::iter::once(Width::Natural).chain(std::iter::repeat_n(Width::Number, header.len() - 1)).collect();
        Rows::plain(name, &header, series.iter().map(row).collect()).widths(&widths)
    };
    let mut tables = vec![
        made("seconds", part_names, &|s| {
            let late = |c: &Cell| format!("> {} s", c.limit_seconds);
            let cells = s.cells.iter().map(|cell| show(cell.as_ref(), |c| c.seconds, |v| seconds(Some(v)), late));
            cells.chain(std::iter::once(s.seconds_exponent).chain(parts(s)).map(exponent)).collect()
        }),
        made("MiB", &["exponent"], &|s| {
            let cells = s.cells.iter().map(|cell| show(cell.as_ref(), |c| c.extra_mib, mib, none));
            cells.chain([exponent(s.memory_exponent)]).collect()
        }),
    ];
    if group == Group::Component(SubjectKind::Family) {
        tables.push(made("PR-AUC", &[], &|s| {
            s.cells.iter().map(|cell| show(cell.as_ref(), |c| c.pr_auc, |v| score(Some(v)), none)).collect()
        }));
    }
    tables
}

/// A cell's value as `write` writes it; `late` says what stands for one that timed out.
fn show(
    cell: Option<&Cell>,
    value: fn(&Cell) -> Option<f64>,
    write: impl Fn(f64) -> String,
    late: impl Fn(&Cell) -> String,
) -> String {
    let Some(cell) = cell else { return "–".to_owned() };
    match (cell.outcome, value(cell)) {
        (Ending::Measured, Some(value)) => write(value),
        (Ending::Measured | Ending::Skipped, _) => "–".to_owned(),
        (Ending::TimedOut, _) => late(cell),
        (other, _) => other.name().to_owned(),
    }
}

fn none(_: &Cell) -> String {
    "–".to_owned()
}

fn exponent(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"))
}

fn mib(value: f64) -> String {
    if value < 1.0 { "<1".to_owned() } else { count(value.round() as u64) }
}

/// Every point without a measurement, but for those skipped, and why.
fn not_measured(points: &[Point]) -> Option<Section> {
    let last = |point: &&Point| points.iter().rfind(|other| other.task == point.task) == Some(point);
    let wanted = |point: &&Point| !matches!(point.outcome, Ending::Measured | Ending::Skipped);
    let line = |point: &Point| {
        Text::plain(format!(
            "{}, {} rows, {}% positive: {}: {} (limits: {} s, {} MiB of address space)",
            point.task.subject.title(),
            count(point.task.rows as u64),
            percent(point.task.positives),
            point.outcome.name(),
            point.reason.as_deref().unwrap_or("no reason recorded"),
            point.limit_seconds,
            count(point.limit_mib)
        ))
    };
    let lines: Vec<Text> = points.iter().filter(wanted).filter(last).map(line).collect();
    let said = "Larger sizes than these were skipped (–), except after a failure.";
    (!lines.is_empty())
        .then(|| Section::new("not-measured", "Not measured", vec![Block::said(said), Block::List(lines)]))
}
