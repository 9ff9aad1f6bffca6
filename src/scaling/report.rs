//! `scaling.csv`, `scaling.md` and the charts: everything that is made from points, and from points alone.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::picture::{percent, pictures};
use super::point::{Kind, Outcome, Point};
use super::runner::setting;
use super::series::{ALL, Cell, Group, Series, Table};
use crate::error::{Error, Result};
use crate::os::replace;
use crate::report::CHARTS;
use crate::report::chart::Chart;
use crate::report::number::{count, score, seconds};

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
    let charts = pictures(&table, &setting);
    let folder = dir.join(CHARTS);
    fs::create_dir_all(&folder).map_err(|e| Error::io("create", &folder, e))?;
    let mut files = Vec::new();
    for chart in &charts {
        files.push((folder.join(format!("{}.svg", chart.id)), chart.scene.svg()?));
        files.push((folder.join(format!("{}.png", chart.id)), chart.scene.png()?));
    }
    files.push((dir.join("scaling.csv"), csv(&table)?));
    files.push((dir.join("scaling.md"), markdown(&table, points, &setting, &charts).into_bytes()));
    for (path, bytes) in &files {
        replace(path, bytes)?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// A row a component, stage and share; for each quantity a column a size. Numbers with full precision.
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

fn markdown(table: &Table, points: &[Point], setting: &str, charts: &[Chart]) -> String {
    let mut out = String::from("# Growth with the number of rows\n\n");
    let _ = writeln!(
        out,
        "Simulated data, {setting}; a process a measurement. Four fifths of the rows train. Exponent: least-squares slope of \
         log value on log rows, over seconds above 0.01 and MiB above 4; three points at least. MiB: the most resident \
         memory during the work, less what was resident when it began. `scaling.csv` has each stage apart, and the process's peak.\n"
    );
    for chart in charts {
        let _ = writeln!(out, "![{}]({CHARTS}/{}.svg)\n", chart.caption, chart.id);
    }
    let sections = [
        ("Families: fit and predict", Group::Component(Kind::Family)),
        ("Scalers: fit and transform", Group::Component(Kind::Scaler)),
        ("Resamplers", Group::Component(Kind::Resampler)),
        ("What comes before", Group::Common),
    ];
    for (title, group) in sections {
        for &share in &table.positives {
            let series: Vec<&Series> =
                table.whole(group, share).filter(|s| s.cells.iter().any(Option::is_some)).collect();
            if !series.is_empty() {
                let _ = writeln!(out, "## {title}, {}% positive\n", percent(share));
                section(&mut out, table, group, &series);
            }
        }
    }
    not_measured(&mut out, points);
    format!("{}\n", out.trim_end())
}

/// Seconds and memory, and the PR-AUC of families: a row a component, a column a size.
fn section(out: &mut String, table: &Table, group: Group, series: &[&Series]) {
    let parts = |series: &Series| -> Vec<Option<f64>> {
        let own = table.series.iter().filter(|s| s.group == group && s.name == series.name && s.stage != ALL);
        own.filter(|s| s.positives == series.positives).map(|s| s.seconds_exponent).collect()
    };
    let part_names: Vec<String> = match group {
        Group::Component(Kind::Family) => vec!["fit".into(), "predict".into()],
        Group::Component(Kind::Scaler) => vec!["fit".into(), "transform".into()],
        Group::Component(Kind::Resampler) | Group::Common => Vec::new(),
    };
    let head = |name: &str, more: &[String]| {
        let sizes: Vec<String> = table.rows.iter().map(|rows| count(*rows as u64)).collect();
        let columns = [&[name.to_owned()][..], &sizes, more].concat();
        format!("| {} |\n|---|{}\n", columns.join(" | "), "---:|".repeat(columns.len() - 1))
    };
    let exponents = [&["exponent".to_owned()][..], &part_names].concat();
    out.push_str(&head("seconds", &exponents));
    for s in series {
        let cells = s.cells.iter().map(|cell| {
            show(cell.as_ref(), |c| c.seconds, |v| seconds(Some(v)), |c| format!("> {} s", c.limit_seconds))
        });
        let growth = std::iter::once(s.seconds_exponent).chain(parts(s)).map(exponent);
        let _ = writeln!(out, "| {} | {} |", s.name, cells.chain(growth).collect::<Vec<_>>().join(" | "));
    }
    out.push('\n');
    out.push_str(&head("MiB", &["exponent".to_owned()]));
    for s in series {
        let cells = s.cells.iter().map(|cell| show(cell.as_ref(), |c| c.extra_mib, mib, none));
        let growth = std::iter::once(exponent(s.memory_exponent));
        let _ = writeln!(out, "| {} | {} |", s.name, cells.chain(growth).collect::<Vec<_>>().join(" | "));
    }
    out.push('\n');
    if group == Group::Component(Kind::Family) {
        out.push_str(&head("PR-AUC", &[]));
        for s in series {
            let cells = s.cells.iter().map(|cell| show(cell.as_ref(), |c| c.pr_auc, |v| score(Some(v)), none));
            let _ = writeln!(out, "| {} | {} |", s.name, cells.collect::<Vec<_>>().join(" | "));
        }
        out.push('\n');
    }
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
        (Outcome::Measured, Some(value)) => write(value),
        (Outcome::Measured | Outcome::Skipped, _) => "–".to_owned(),
        (Outcome::TimedOut, _) => late(cell),
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
fn not_measured(out: &mut String, points: &[Point]) {
    let last = |point: &&Point| points.iter().rfind(|other| other.task == point.task) == Some(point);
    let wanted = |point: &&Point| !matches!(point.outcome, Outcome::Measured | Outcome::Skipped);
    let mut lines: Vec<String> = Vec::new();
    for point in points.iter().filter(wanted).filter(last) {
        let (task, reason) = (&point.task, point.reason.as_deref().unwrap_or("no reason recorded"));
        let rows = count(task.rows as u64);
        let reason = reason.replace(['\n', '|'], " ");
        lines.push(format!(
            "- {}, {rows} rows, {}% positive: {}: {reason} (limits: {} s, {} MiB of address space)",
            task.subject.title(),
            percent(task.positives),
            point.outcome.name(),
            point.limit_seconds,
            count(point.limit_mib)
        ));
    }
    if !lines.is_empty() {
        let _ = writeln!(
            out,
            "## Not measured\n\nLarger sizes than these were skipped (–), except after a failure.\n\n{}",
            lines.join("\n")
        );
    }
}
