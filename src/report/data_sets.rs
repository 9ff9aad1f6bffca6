//! The report of a study over several data sets: a whole report per data set in a folder of its own, and ranks over all of them.
//! No mean is taken over scores of unlike data sets.

use std::path::{Path, PathBuf};

use super::chart::{critical_difference, is_ours};
use super::document::{Block, Document, Section, Table, Text, Width};
use super::number::probability;
use super::render::html::Drawing;
use super::render::{EXPORTERS, Exporter, csv, html, junit, markdown, parquet};
use super::words::{ALL_AGREE, capital, without_ranks};
use super::write::{remove_empty, remove_old, remove_others};
use super::{CHARTS, IN_WORDS, Options, drawn, run, write_files, write_told};
use crate::analyze::Results;
use crate::analyze::best::{ALPHA, ROPE, best};
use crate::analyze::datasets::{Across, Tables};
use crate::analyze::leaderboard::leaderboard_over;
use crate::analyze::statistics::ranks::Corrected;
use crate::data::TableFacts;
use crate::error::Result;
use crate::words::counted;

/// What stands over the ranks.
pub(super) const RANKS: &str = "Ranks over the data sets";

/// Writes a report per data set into folders of `dir`, and `report.html`, `report.md`, `cells.csv`, `cells.parquet` and
/// `junit.xml` over all of them.
///
/// # Errors
/// Those of [`super::write_all`].
pub(super) fn write(
    exporters: &[Exporter],
    results: &Results,
    (from, dir): (&Path, &Path),
    options: &Options,
    told: &mut Vec<String>,
) -> Result<Vec<PathBuf>> {
    let parts = results.data_sets_with_cells();
    let mut written = Vec::new();
    let mut sections = Vec::new();
    for (place, part) in &parts {
        let name = &part.manifest.table().name;
        let folder = folder(*place, name);
        let mut of_part = Vec::new();
        written.extend(write_told(exporters, part, (from, &dir.join(&folder)), options, &mut of_part)?);
        // Alone, a sentence does not say which data set it is about.
        told.extend(of_part.iter().map(|said| format!("{name}: {said}")));
        sections.push(of_one(part, &folder, options));
    }
    for (place, table) in without_cells(results, &parts) {
        remove_report(exporters, &dir.join(folder(place, &table.name)))?;
    }
    let honest: Vec<Results> = parts.iter().map(|(_, part)| part.ranked()).collect();
    let tables = Tables::of(&honest, None);
    let without = tables.iter().flat_map(without_ranks).collect::<Vec<_>>();
    let across = tables.and_then(|tables| tables.across(ALPHA));
    let charts = critical_difference::draw_all(across.as_deref().unwrap_or_default());
    let (mut files, drawings) = drawn(&charts, options.bitmaps)?;
    let mut blocks = match &across {
        Ok(all) => every_ranks(all, &drawings),
        // Why there are none is for the reader; everything else of the report is there.
        Err(why) => vec![Block::Paragraph(Text::quoting(&format!("No ranks: {why}.")))],
    };
    blocks.extend(without.iter().map(|said| Block::said(said)));
    sections.insert(0, Section::new("ranks", RANKS, blocks));
    let document = Document { title: Text::plain(&results.title), lead: lead(results, &parts), sections };
    files.push(("cells.csv".into(), csv::cells(results)?));
    files.push(("cells.parquet".into(), parquet::cells(results)?));
    files.push(("junit.xml".into(), junit::cells(results).into_bytes()));
    files.push(("report.html".into(), html::page(&document, &drawings).into_bytes()));
    files.push((IN_WORDS.into(), markdown::document(&document).into_bytes()));
    let own = write_files(dir, &files)?;
    remove_others(&dir.join(CHARTS), &own, critical_difference::is_ours)?;
    written.extend(own);
    Ok(written)
}

/// How many data sets there are, and which of the study have no cell.
fn lead(results: &Results, parts: &[(usize, Results)]) -> Vec<Block> {
    let said = match parts {
        [_] => "1 data set with its own leaderboard.".to_owned(),
        _ => {
            let count = counted(parts.len() as u64, "data set");
            format!("{count}, each with its own leaderboard; scores of unlike data sets are not averaged.")
        }
    };
    let without: Vec<&str> = without_cells(results, parts).map(|(_, table)| table.name.as_str()).collect();
    let mut blocks = vec![Block::said(&said)];
    if !without.is_empty() {
        let said = format!("No cell was planned on {}, so there is no report on it.", without.join(", "));
        blocks.push(Block::Paragraph(Text::plain(said)));
    }
    blocks
}

/// The data sets that are none of `parts`, with their numbers in the study.
fn without_cells<'r>(
    results: &'r Results,
    parts: &'r [(usize, Results)],
) -> impl Iterator<Item = (usize, &'r TableFacts)> {
    let is_there = |place: usize| parts.iter().any(|(there, _)| *there == place);
    results.manifest.data.iter().enumerate().filter(move |(place, _)| !is_there(*place))
}

/// Removes the report on a data set that now has no cell, as an earlier version wrote one; files of others stay.
fn remove_report(exporters: &[Exporter], folder: &Path) -> Result<()> {
    remove_others(&folder.join(CHARTS), &[], is_ours)?;
    remove_old(folder, exporters.iter().map(|exporter| exporter.file), &[])?;
    remove_empty(&folder.join(CHARTS))?;
    remove_empty(folder)
}

/// Removes the reports that an earlier version wrote of a run which now has a report of another kind.
pub(super) fn remove(results: &Results, dir: &Path) -> Result<()> {
    for (place, table) in results.manifest.data.iter().enumerate() {
        remove_report(EXPORTERS, &dir.join(folder(place, &table.name)))?;
    }
    remove_others(&dir.join(CHARTS), &[], is_ours)?;
    remove_old(dir, EXPORTERS.iter().map(|exporter| exporter.file), &[])
}

/// A data set's folder: its number, and what of its name can stand in a path.
fn folder(place: usize, name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    format!("{}-{}", place + 1, name.chars().take(60).map(safe).collect::<String>())
}

fn of_one(part: &Results, folder: &str, options: &Options) -> Section {
    let board = leaderboard_over(&part.ranked(), options.over);
    let path = |file: &str| format!("{folder}/{file}");
    let more = Text::link("the whole report", &path("report.html"))
        .then(Text::plain(", "))
        .then(Text::link("as Markdown", &path("report.md")))
        .then(Text::plain(", "))
        .then(Text::link("leaderboard.csv", &path("leaderboard.csv")));
    let verdicts = run::best::verdicts(&board, &best(&board, ROPE)).into_iter().map(Block::Verdict);
    let blocks = verdicts.chain([Block::Paragraph(more)]).collect();
    Section { id: folder.to_owned(), heading: Text::plain(&part.manifest.table().name), blocks }
}

/// The ranks of each dataset variant, with their chart; in a section of its own where there are several.
fn every_ranks(all: &[Across], drawings: &[Drawing]) -> Vec<Block> {
    let of = |across: &Across, drawing: &Drawing, id: &str| -> Vec<Block> {
        drawing.picture().blocks().chain(ranks(across, id)).collect()
    };
    let section = |(number, (across, drawing)): (usize, (&Across, &Drawing))| match &across.table.variant {
        None => of(across, drawing, "ranks"),
        Some(name) => {
            let id = format!("ranks-{number}");
            vec![Block::Section(Section::new(&id, &capital(name), of(across, drawing, &id)))]
        }
    };
    let apart = all.iter().any(|across| across.table.variant.is_some()).then(|| Block::said(run::APART));
    apart.into_iter().chain((1..).zip(all.iter().zip(drawings)).flat_map(section)).collect()
}

/// Mean ranks, and what the tests say of them; `id` is the table's.
fn ranks(across: &Across, id: &str) -> Vec<Block> {
    let (table, friedman) = (&across.table, &across.friedman);
    let names = table.names();
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|&a, &b| across.mean_ranks[a].total_cmp(&across.mean_ranks[b]));
    let mut header = vec!["pipeline".to_owned(), "mean rank".to_owned()];
    header.extend(table.datasets.iter().map(|name| format!("{} on {name}", table.metric)));
    let row = |&i: &usize| {
        let means = table.means.iter().map(|row| format!("{:.4}", row[i]));
        [names[i].clone(), format!("{:.2}", across.mean_ranks[i])].into_iter().chain(means).collect()
    };
    let widths: Vec<Width> =
        std::iter::once(Width::Natural).chain(std::iter::repeat_n(Width::Number, header.len() - 1)).collect();
    // The chart shows the second p alone; without its name here the first would seem to contradict it.
    let corrected = match friedman.corrected {
        Some(Corrected { f, p }) => {
            format!("Iman and Davenport's F of the same ranks, as in the chart: {f:.4}, p {}", probability(p))
        }
        None => ALL_AGREE.to_owned(),
    };
    let mut said = format!(
        "Friedman: chi-squared {:.4}, p {}; {corrected}. Mean ranks that differ by at most {:.4} cannot be told apart (Nemenyi, alpha {}).",
        friedman.chi_squared,
        probability(friedman.p),
        across.critical_difference,
        across.alpha,
    );
    if let Some(left_out) = critical_difference::left_out(table) {
        said.push_str(&format!(" {left_out}"));
    }
    said.push_str(" `fraudbench compare --data-sets DIR`, with this run's folder, tests each pair.");
    let rows = order.iter().map(row).collect();
    vec![Block::Table(Table::plain(id, &header, rows).widths(&widths)), Block::said(&said)]
}
