//! What is written about a run: tables, the report and its charts. Every exporter returns bytes; [`write_all`] alone writes.

mod audit;
mod best;
pub mod chart;
pub mod columns;
pub mod html;
pub mod json;
pub mod latex;
pub mod markdown;
pub mod number;
pub mod predicted;
pub mod reproduction;
pub mod searches;
pub mod tables;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use crate::analyze::best::{ROPE, best};
use crate::analyze::ladder::ladders;
use crate::analyze::leaderboard::{Over, leaderboard_over};
use crate::analyze::{Results, better};
use crate::error::{Error, Result};
use crate::os::replace;
use html::Drawing;
use markdown::Picture;

/// The folder of the charts inside the report's.
pub(crate) const CHARTS: &str = "charts";

/// Writes the report into `dir` and returns the paths: `charts/*.svg|png`, `cells.csv|parquet`, `leaderboard.csv|json|tex`,
/// `report.html` and `report.md`; where cells searched also `search.csv`, where predictions were kept also the tables of
/// [`predicted::Predicted::tables`].
///
/// Works on a run that is still going on. Each file is written whole under another name and then renamed, so that a full
/// disk or a kill leaves the file of the report before. Charts of an earlier report that this run has nothing for are removed.
///
/// # Errors
/// [`Error::Io`] when a file cannot be written; [`Error::Component`] when a table or chart cannot be made.
pub fn write_all(results: &Results, dir: &Path) -> Result<Vec<PathBuf>> {
    write_all_with(results, dir, dir, &Options::default())
}

/// What a report can be asked to do differently.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The splits that are ranked over.
    pub over: Over,
    /// What a check of an alarm costs, in the unit of the data's amounts; positive and finite.
    pub check_cost: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options { over: Over::Planned, check_cost: predicted::CHECK_COST }
    }
}

/// As [`write_all`], with options; kept predictions are looked for in the results directory `from`.
///
/// # Errors
/// Those of [`write_all`].
pub fn write_all_with(results: &Results, from: &Path, dir: &Path, options: &Options) -> Result<Vec<PathBuf>> {
    let (all, results) = (results, &results.ranked());
    let board = leaderboard_over(results, better, options.over);
    let predicted = predicted::of(results, &board, from, options.check_cost)?;
    let ladders = if all.is_leaky() { ladders(all) } else { Vec::new() };
    let mut charts = chart::all(results, &board);
    charts.extend(chart::predicted(results, &board, &predicted));
    charts.extend(chart::search::draw(results));
    charts.extend(chart::ladder::draw(all, &ladders));
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    let (mut pictures, mut drawings) = (Vec::new(), Vec::new());
    for chart in &charts {
        let file = |extension: &str| Path::new(CHARTS).join(format!("{}.{extension}", chart.id));
        let svg = chart.scene.svg()?;
        drawings.push(Drawing { id: chart.id.clone(), caption: chart.caption.clone(), svg: svg.clone() });
        files.push((file("svg"), svg));
        files.push((file("png"), chart.scene.png()?));
        pictures.push(Picture { path: format!("{CHARTS}/{}.svg", chart.id), caption: chart.caption.clone() });
    }
    files.push(("cells.csv".into(), tables::cells(all)?));
    files.push(("cells.parquet".into(), columns::cells(all)?));
    files.push(("leaderboard.csv".into(), tables::leaderboard(&board)?));
    files.extend(predicted.tables()?);
    files.extend(searches::trials(results)?.map(|table| ("search.csv".into(), table)));
    files.push(("leaderboard.json".into(), json::leaderboard_with(&board, &predicted)?));
    files.push(("leaderboard.tex".into(), latex::leaderboard(&board, &best(&board, ROPE)).into_bytes()));
    files.push(("report.html".into(), html::page(results, &board, &predicted, &drawings)?));
    let mut report = markdown::report_with(results, &board, &pictures, &predicted);
    if all.is_leaky() {
        report.push_str("\nThis study has leaky protocols; what they do is in `audit.md` and in `cells.csv`.\n");
        files.push(("audit.csv".into(), audit::table(all, &ladders)?));
        files.push(("audit.md".into(), audit::report(all, &ladders).into_bytes()));
    }
    files.push(("report.md".into(), report.into_bytes()));
    let folder = dir.join(CHARTS);
    fs::create_dir_all(&folder).map_err(|e| Error::io("create", &folder, e))?;
    let written = write_files(dir, &files)?;
    remove_old_charts(&folder, &written)?;
    Ok(written)
}

/// Writes files into a folder that exists, each whole or not at all, and returns their paths.
///
/// # Errors
/// [`Error::Io`] for the first that cannot be written.
pub fn write_files(dir: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<Vec<PathBuf>> {
    let write = |(name, bytes): &(PathBuf, Vec<u8>)| {
        let path = dir.join(name);
        replace(&path, bytes).map(|()| path)
    };
    files.iter().map(write).collect()
}

/// Removes chart files that an earlier report left and this one did not write; files of other names stay.
fn remove_old_charts(folder: &Path, written: &[PathBuf]) -> Result<()> {
    let entries = fs::read_dir(folder).map_err(|e| Error::io("read", folder, e))?;
    for path in entries.filter_map(|entry| entry.ok().map(|e| e.path())) {
        let is_picture = path.extension().is_some_and(|e| e == "svg" || e == "png");
        let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let is_ours = matches!(&name[..], "heatmap" | "families" | "time-quality" | "ladder")
            || chart::PREDICTED.contains(&&name[..])
            || ["scalers-", "search-"].iter().any(|kind| name.starts_with(kind));
        if is_picture && is_ours && !written.contains(&path) {
            fs::remove_file(&path).map_err(|e| Error::io("remove", &path, e))?;
        }
    }
    Ok(())
}
