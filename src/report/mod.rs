//! What is written about a run: a [`document`] in words, tables, a page and charts. Exporters ([`render`]) give bytes; [`mod@write`]
//! alone touches the disk.

mod audit;
pub mod chart;
pub(crate) mod cluster;
pub mod columns;
mod data_sets;
pub mod document;
pub mod explained;
pub mod gate;
pub mod html;
pub(crate) mod inspection;
mod leakage;
pub mod number;
pub mod own;
mod perfect;
pub mod predicted;
pub mod render;
pub mod run;
pub mod scaling;
pub mod terminal;
mod tested;
pub mod trend;
pub mod words;
pub mod write;

use std::path::{Path, PathBuf};

use crate::analyze::Results;
use crate::analyze::best::{ROPE, best};
use crate::analyze::ladder::ladders;
use crate::analyze::leaderboard::{Over, leaderboard_over};
use crate::error::Result;
use chart::Chart;
use document::Picture;
use render::html::Drawing;
use render::{EXPORTERS, Exporter, Report};

use write::File;
pub(crate) use write::remove_others;
pub use write::write_files;

/// The folder of the charts inside the report's.
pub(crate) const CHARTS: &str = "charts";

/// Writes the report into `dir` and returns the paths: `charts/*.svg|png` (no PNG file of a chart that is too large), and a file per exporter of [`EXPORTERS`] that has
/// something to say. A study over several data sets has such a report per data set, each in its folder, and ranks over them.
///
/// Works on a run that is still going on. Each file is written whole under another name and then renamed, so that a full
/// disk or a kill leaves the file of the report before. Charts and files of an earlier report that this run has nothing for are removed.
///
/// # Errors
/// [`crate::error::Error::Io`] when a file cannot be written; [`crate::error::Error::Component`] when a table or chart cannot
/// be made.
pub fn write_all(results: &Results, dir: &Path) -> Result<Vec<PathBuf>> {
    write_all_with(results, dir, dir, &Options::default())
}

/// Writes `report.html` and the charts of a run that is still going on; the page loads itself again from time to time. Bitmaps would take
/// memory beside the cells that run.
///
/// # Errors
/// Those of [`write_all`].
pub(crate) fn write_live(results: &Results, dir: &Path) -> Result<()> {
    let options = Options { bitmaps: false, ..Options::default() };
    write_by(&[html::LIVE], results, dir, dir, &options).map(drop)
}

/// The report in words: the file that is written last, so that where it is, the others are.
pub(crate) const IN_WORDS: &str = "report.md";

/// The file of a report that says most to a person who reads text.
pub fn in_words(results: &Results) -> &'static str {
    match results.is_leaky() {
        _ if scaling::is_of_command(results) => scaling::FILE,
        true => "audit.md",
        false => IN_WORDS,
    }
}

/// What a report can be asked to do differently.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The splits that are ranked over.
    pub over: Over,
    /// What a check of an alarm costs, in the unit of the data's amounts; positive and finite.
    pub check_cost: f64,
    /// Whether charts are written as PNG files, too.
    pub bitmaps: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { over: Over::Planned, check_cost: predicted::CHECK_COST, bitmaps: true }
    }
}

/// As [`write_all`], with options; kept predictions are looked for in the results directory `from`.
///
/// # Errors
/// Those of [`write_all`].
pub fn write_all_with(results: &Results, from: &Path, dir: &Path, options: &Options) -> Result<Vec<PathBuf>> {
    write_by(EXPORTERS, results, from, dir, options)
}

/// As [`write_all_with`], by these exporters.
///
/// # Errors
/// Those of [`write_all`].
pub fn write_by(
    exporters: &[Exporter],
    results: &Results,
    from: &Path,
    dir: &Path,
    options: &Options,
) -> Result<Vec<PathBuf>> {
    write_told(exporters, results, (from, dir), options, &mut Vec::new())
}

/// As [`write_told`] by all exporters; of a run of `fraudbench scaling`, what that command writes.
///
/// # Errors
/// Those of [`write_all`].
pub(crate) fn write_of_command(
    results: &Results,
    (from, dir): (&Path, &Path),
    options: &Options,
    told: &mut Vec<String>,
) -> Result<Vec<PathBuf>> {
    if !scaling::is_of_command(results) {
        return write_told(EXPORTERS, results, (from, dir), options, told);
    }
    let written = scaling::write(results, dir)?;
    data_sets::remove(results, dir)?;
    Ok(written)
}

/// As [`write_by`], from one directory into another; `told` gets a sentence about everything of the run that cannot be read.
///
/// # Errors
/// Those of [`write_all`].
fn write_told(
    exporters: &[Exporter],
    results: &Results,
    (from, dir): (&Path, &Path),
    options: &Options,
    told: &mut Vec<String>,
) -> Result<Vec<PathBuf>> {
    if results.has_several_data_sets() {
        return data_sets::write(exporters, results, (from, dir), options, told);
    }
    let (all, results) = (results, &results.ranked());
    let board = leaderboard_over(results, options.over);
    let predicted = predicted::of(results, &board, from, options.check_cost)?;
    let ladders = if all.is_leaky() { ladders(all) } else { Vec::new() };
    let mut charts = chart::all(results, &board);
    charts.extend(chart::predicted(results, &board, &predicted));
    charts.extend(chart::search::draw(results));
    let explained = explained::read(from, results, &board)?;
    told.extend(predicted.unread());
    told.extend(explained.refused.iter().map(|said| format!("{said}.")));
    charts.extend(chart::explained(&explained));
    charts.extend(chart::ladder::draw(all, &ladders));
    let (mut files, drawings) = drawn(&charts, options.bitmaps)?;
    let pictures: Vec<Picture> = drawings.iter().map(Drawing::picture).collect();
    let mut document = run::document(results, &board, (&predicted, &explained), &pictures);
    let audit = if all.is_leaky() {
        document.lead.push(run::leaky());
        let made = inspection::checks_made(from, &all.manifest.table().name)?;
        Some(audit::document(all, &ladders, &made, pictures.iter().find(|picture| picture.id == chart::ladder::ID)))
    } else {
        None
    };
    let report = Report {
        all,
        results,
        board: &board,
        bests: &best(&board, ROPE),
        predicted: &predicted,
        explained: &explained,
        ladders: &ladders,
        drawings: &drawings,
        document: &document,
        audit: audit.as_ref(),
    };
    for exporter in exporters {
        files.extend((exporter.bytes)(&report)?.map(|bytes| (exporter.file.into(), bytes)));
    }
    let written = write_files(dir, &files)?;
    write::remove_others(&dir.join(CHARTS), &written, chart::is_ours)?;
    write::remove_old(dir, exporters.iter().map(|exporter| exporter.file), &written)?;
    Ok(written)
}

/// The charts' drawings, for pages.
pub(crate) fn drawings(charts: &[Chart]) -> Vec<Drawing> {
    let drawing = |chart: &Chart| Drawing {
        id: chart.id.clone(),
        caption: chart.caption.clone(),
        svg: chart.scene.svg(),
        note: None,
    };
    charts.iter().map(drawing).collect()
}

/// The charts' files, with `bitmaps` or without, and their drawings for pages, which say which bitmap is left out.
///
/// # Errors
/// [`crate::error::Error::Component`] when one cannot be drawn.
pub(crate) fn drawn(charts: &[Chart], bitmaps: bool) -> Result<(Vec<File>, Vec<Drawing>)> {
    let (mut files, mut drawings) = (Vec::new(), drawings(charts));
    for (chart, drawing) in charts.iter().zip(&mut drawings) {
        let place = |name: String| Path::new(CHARTS).join(name);
        if bitmaps {
            let (of_chart, left_out) = chart.files()?;
            files.extend(of_chart.into_iter().map(|(name, bytes)| (place(name), bytes)));
            drawing.note = left_out;
        } else {
            files.push((place(format!("{}.svg", chart.id)), drawing.svg.clone()));
        }
    }
    Ok((files, drawings))
}

#[cfg(test)]
mod tests {
    use super::chart::scene::Scene;
    use super::*;

    fn chart(id: &str, width: f64, height: f64) -> Chart {
        let (mut scene, _) = Scene::titled(width, "A title", &[]);
        scene.height = height;
        Chart { id: id.to_owned(), caption: String::new(), scene }
    }

    #[test]
    fn bitmaps_are_drawn_where_they_are_asked_for_and_not_too_large() {
        // Two dots per px: ten million dots, and two rows of 5,000 dots more.
        let charts = [chart("most", 2_500.0, 1_000.0), chart("more", 2_500.0, 1_001.0)];
        let drawn = |bitmaps| {
            let (files, drawings) = drawn(&charts, bitmaps).unwrap();
            let files: Vec<String> = files.iter().map(|(path, _)| path.display().to_string()).collect();
            (files, drawings.into_iter().map(|drawing| drawing.note).collect::<Vec<_>>())
        };
        let said = "`more.png` is left out: it would have 5,000 x 2,002 dots, and at most 10,000,000 dots are drawn; `more.svg` has the \
                    whole chart.";
        let files = ["charts/most.svg", "charts/most.png", "charts/more.svg"].map(str::to_owned).to_vec();
        assert_eq!(drawn(true), (files, vec![None, Some(said.to_owned())]));
        let files = ["charts/most.svg", "charts/more.svg"].map(str::to_owned).to_vec();
        assert_eq!(drawn(false), (files, vec![None, None]));
        // Nor is the memory of one taken that would be.
        assert!(chart("vast", 1e9, 1e9).scene.png().is_err());
    }
}
