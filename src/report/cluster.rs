//! `cluster.md`, `cluster.csv` and a chart: what the cells of committed runs would take on many machines, against the bound.

use std::path::{Path, PathBuf};

use super::chart::Chart;
use super::chart::growth::{Growth, Panel, draw};
use super::document::{Block, Document, Picture, Section, Table, Text, Width};
use super::drawn;
use super::render::html::Drawing;
use super::render::markdown;
use super::write::write_files;
use crate::cluster::simulate::{FAILING, Point};
use crate::error::{Error, Result};
use crate::words::{count, counted};

/// The report.
pub const FILE: &str = "cluster.md";
const TABLE: &str = "cluster.csv";

/// A run on clusters of several sizes.
pub struct Simulated {
    /// The run, in words.
    pub name: String,
    /// Its cells.
    pub cells: usize,
    /// Cells of its plan without a record, which are left out.
    pub missing: usize,
    /// Thread-seconds of all cells, each prefix once.
    pub work: f64,
    /// Per number of nodes: without failures, and with them.
    pub points: Vec<(Point, Point)>,
}

/// Writes them into `dir`, which exists; `command` made them.
///
/// # Errors
/// [`Error::Io`]; [`Error::Component`] when the chart cannot be drawn.
pub fn write(runs: &[Simulated], command: &str, dir: &Path) -> Result<Vec<PathBuf>> {
    // Markdown shows no bitmap.
    let (mut files, drawings) = drawn(&[chart(runs)], false)?;
    let charts: Vec<Picture> = drawings.iter().map(Drawing::picture).collect();
    files.push((TABLE.into(), csv(runs)?));
    files.push((FILE.into(), markdown::document(&document(runs, command, charts)).into_bytes()));
    write_files(dir, &files)
}

const HEADER: [&str; 10] = [
    "run",
    "cells",
    "nodes",
    "shards",
    "bound_s",
    "makespan_s",
    "ratio",
    "failures",
    "makespan_with_failures_s",
    "overhead_with_failures_s",
];

fn csv(runs: &[Simulated]) -> Result<Vec<u8>> {
    let failed = |e: String| Error::Component(format!("cannot encode a table: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).map_err(|e| failed(e.to_string()))?;
    for run in runs {
        for (calm, failing) in &run.points {
            let row = [
                run.name.clone(),
                run.cells.to_string(),
                calm.cluster.nodes.to_string(),
                calm.shards.to_string(),
                format!("{:.1}", calm.bound),
                format!("{:.1}", calm.outcome.makespan),
                format!("{:.4}", calm.ratio()),
                format!("{:.2}", failing.outcome.failures),
                format!("{:.1}", failing.outcome.makespan),
                format!("{:.1}", failing.outcome.overhead),
            ];
            writer.write_record(&row).map_err(|e| failed(e.to_string()))?;
        }
    }
    writer.into_inner().map_err(|e| failed(e.to_string()))
}

fn document(runs: &[Simulated], command: &str, charts: Vec<Picture>) -> Document {
    let mut lead = vec![
        Block::said(
            "A simulation, not a measurement of a cluster: the seconds of every cell and every prefix are those that the run recorded on one \
             machine. Shards are cut by what the same pipeline took on the average of its splits, as `fraudbench submit --times` with an \
             earlier run of the study cuts them; then each cell takes what it really took. A node takes the first shard that waits, starts, reads the data, and runs the shard's cells one \
             after the other. A node that fails loses the cell in flight; the shard waits, starts again, and goes on where its log ends.",
        ),
        Block::said(
            "Bound: one start, and the larger of an even part of all work (each prefix once) and the longest cell with its prefix. No \
             schedule is faster. Where the longest cell decides, more machines do not help.",
        ),
    ];
    if let Some((calm, failing)) = runs.first().and_then(|run| run.points.first()) {
        let (start, failures) = (calm.cluster.start, failing.cluster.failures);
        lead.push(Block::Paragraph(Text::plain(format!(
            "A start takes {start} s. With failures: {failures} per hour of a node's work, and {} s in the queue again; what they cost is \
             the mean of {FAILING} draws of when nodes fail.",
            failing.cluster.requeue
        ))));
    }
    let all = || runs.iter().flat_map(|run| run.points.iter().map(move |points| (run, points)));
    let within = all().filter(|(_, (calm, _))| calm.ratio() <= 1.1).count();
    lead.push(Block::Paragraph(Text::plain(format!(
        "Without failures {within} of {} are within 10% of the bound.",
        counted(all().count() as u64, "simulation")
    ))));
    lead.extend(charts.into_iter().flat_map(Picture::blocks));
    lead.push(Block::Paragraph(Text::plain("Made by: ").then(Text::code(command))));
    let sections = runs.iter().enumerate().map(|(nth, run)| section(nth, run)).collect();
    Document { title: Text::plain("Simulated clusters"), lead, sections }
}

/// Seconds as people compare them.
fn whole(seconds: f64) -> String {
    if seconds < 100.0 { format!("{seconds:.1}") } else { count(seconds.round() as u64) }
}

/// A mean of counts, which may be much less than one.
fn few(mean: f64) -> String {
    if mean < 100.0 { format!("{mean:.2}") } else { count(mean.round() as u64) }
}

fn section(nth: usize, run: &Simulated) -> Section {
    let mut said = format!("{}, {} of one thread.", counted(run.cells as u64, "cell"), whole(run.work) + " s");
    if run.missing > 0 {
        said += &format!(" Left out: {} without a record.", counted(run.missing as u64, "planned cell"));
    }
    let header = [
        "nodes",
        "shards",
        "bound, s",
        "makespan, s",
        "of the bound",
        "failures",
        "makespan with failures, s",
        "of the bound",
    ];
    let row = |(calm, failing): &(Point, Point)| {
        vec![
            count(calm.cluster.nodes as u64),
            count(calm.shards as u64),
            whole(calm.bound),
            whole(calm.outcome.makespan),
            format!("{:.3}", calm.ratio()),
            few(failing.outcome.failures),
            whole(failing.outcome.makespan),
            format!("{:.3}", failing.ratio()),
        ]
    };
    let table = Table::plain("cluster", &header, run.points.iter().map(row).collect()).widths(&[Width::Number; 8]);
    Section::new(&format!("run-{}", nth + 1), &run.name, vec![Block::Paragraph(Text::plain(said)), Block::Table(table)])
}

fn chart(runs: &[Simulated]) -> Chart {
    let title = "Makespan by the number of nodes, simulated".to_owned();
    let names = ["bound", "no failures", "with failures"].map(str::to_owned).to_vec();
    let panel = |run: &Simulated| {
        let values = |(calm, failing): &(Point, Point)| [calm.bound, calm.outcome.makespan, failing.outcome.makespan];
        let line = |of: usize| -> Vec<(f64, f64)> {
            run.points.iter().map(|points| (points.0.cluster.nodes as f64, values(points)[of])).collect()
        };
        Panel { title: run.name.clone(), lines: (0..names.len()).map(|of| (of, line(of))).collect() }
    };
    let growth = Growth {
        title: title.clone(),
        lines: vec!["Cells take what they took in the run.".to_owned()],
        horizontal: "nodes".to_owned(),
        guide: false,
        vertical: "seconds".to_owned(),
        floor: 1.0,
        panels: runs.iter().map(panel).collect(),
        names: names.clone(),
        notes: vec!["Where the bound is flat the longest cell decides.".to_owned()],
    };
    Chart { id: "cluster-makespan".to_owned(), caption: title, scene: draw(&growth) }
}
