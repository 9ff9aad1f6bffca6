//! The report of a run in words: what was run on what, the leaderboard, what failed, and how far the numbers can be trusted.

pub(in crate::report) mod answer;
pub(crate) mod best;
mod cascade;
pub(in crate::report) mod chosen;
pub(in crate::report) mod learnt;
mod resampling;

use std::collections::HashMap;

use super::columns::shown;
use super::document::{Block, Document, Picture, Section, Table, Text};
use super::explained::{self, Explained};
use super::number::{mean_sd, seconds};
use super::predicted::{Predicted, certainty};
use super::words::{self, capital, cautions, coverage_text, facts, prior, scored};
use crate::analyze::Results;
use crate::analyze::best::{ROPE, best as find_best};
use crate::analyze::leaderboard::{Leaderboard, Row, Summary, distinct};
use crate::store::{Outcome, Stage};
use crate::words::counted;

/// Pipelines in the main table.
pub(super) const TOP: usize = 20;
/// Metrics shown beside the primary one where a study names none and so has more than a table has room for.
const BESIDE: [&str; 5] = ["f1", "recall", "precision", "mcc", "g-mean"];

/// What stands over the study, the data and the machine.
pub(in crate::report) const WHAT_WAS_RUN: &str = "What was run";
/// What stands over all that is made from kept predictions.
pub(in crate::report) const FROM_PREDICTIONS: &str = "From the predictions";

/// The metrics that tables show beside the primary one.
pub(super) fn beside(board: &Leaderboard) -> Vec<&str> {
    let others = board.metrics.iter().map(String::as_str).filter(|metric| *metric != board.primary);
    match board.names_metrics {
        true => others.collect(),
        false => {
            let known: Vec<&str> = others.collect();
            BESIDE.into_iter().filter(|metric| known.contains(metric)).collect()
        }
    }
}

/// Why a run with several variants has several rankings.
pub(in crate::report) const APART: &str =
    "Pipelines with and without duplicate rows were tested on different rows, so they are ranked apart.";

/// The report of a run; `pictures` are its charts in their order.
pub fn document(
    results: &Results,
    board: &Leaderboard,
    (predicted, explained): (&Predicted, &Explained),
    pictures: &[Picture],
) -> Document {
    let bests = find_best(board, ROPE);
    let mut sections = vec![
        Section::new("run", WHAT_WAS_RUN, vec![Block::Table(about(results))]),
        Section::new("coverage", "Coverage", vec![Block::said(&coverage_text(board))]),
    ];
    sections.extend(best::section(board, &bests));
    sections.push(top(board));
    sections.extend(unranked(board));
    sections.extend(learnt::sections(results));
    sections.push(families(results, board, predicted));
    sections.extend(from_predictions(predicted));
    sections.extend(explained::section(explained));
    sections.extend(resampling::section(results, board));
    sections.extend(cascade::section(results));
    sections.extend(chosen::section(results));
    sections.extend(failures(results));
    if !pictures.is_empty() {
        sections.push(Section::new(
            "pictures",
            "Pictures",
            pictures.iter().cloned().flat_map(Picture::blocks).collect(),
        ));
    }
    sections.push(caution(results, board));
    let lead = answer::blocks(board, &bests, &answer::Counts::of(results), predicted);
    Document { title: Text::plain(&results.title), lead, sections }
}

/// That some protocols of the run leak, and where they are.
pub(super) fn leaky() -> Block {
    let said = Text::plain("This study has leaky protocols, which are not ranked. What they do is in ");
    let files = Text::link("audit.md", "audit.md").then(Text::plain(" and in ")).then(Text::code("cells.csv"));
    Block::Paragraph(said.then(files).then(Text::plain(".")))
}

fn about(results: &Results) -> Table {
    let row = |(name, fact): (&str, Text)| vec![Text::plain(name), fact];
    Table::of("facts", &["what", "value"], facts(results).into_iter().map(row).collect())
}

fn top(board: &Leaderboard) -> Section {
    let said = "Mean ± sample SD over the folds; 95% CI of the mean by the corrected resampled t-test. Where a metric is undefined \
                on some folds, the number of folds that have it is given.";
    let variants = board.variants();
    let blocks = match variants.as_slice() {
        [] => vec![Block::said(&best::none_ranked(board))],
        [only] => [vec![Block::said(said)], ranking(board, *only, "leaderboard")].concat(),
        several => {
            let of = |(place, variant): (usize, &(&str, bool))| {
                let id = format!("leaderboard-{}", place + 1);
                let section =
                    Section::new(&id, &capital(&words::ranking(board, *variant)), ranking(board, *variant, &id));
                Block::Section(section)
            };
            let first = Block::said(&format!("{said} {APART}"));
            [first].into_iter().chain(several.iter().enumerate().map(of)).collect()
        }
    };
    Section::new("leaderboard", &format!("Leaderboard by {}", board.primary), blocks)
}

/// The first pipelines of one variant.
fn ranking(board: &Leaderboard, variant: (&str, bool), id: &str) -> Vec<Block> {
    let is_here = |row: &&Row| row.rank.is_some() && row.pipeline.variant() == variant;
    let ranked: Vec<&Row> = board.rows.iter().filter(is_here).collect();
    let first = format!("The first {TOP} of {}; all are in `leaderboard.csv`.", ranked.len());
    let more = (ranked.len() > TOP).then(|| Block::said(&first));
    let table = Block::Table(board_table(id, board, &ranked[..ranked.len().min(TOP)]));
    more.into_iter().chain([table]).collect()
}

fn unranked(board: &Leaderboard) -> Option<Section> {
    let (rows, without): (Vec<&Row>, Vec<&Row>) =
        board.rows.iter().filter(|row| row.rank.is_none()).partition(|row| row.coverage.scored > 0);
    let (whole, fewer): (Vec<&Row>, Vec<&Row>) = rows.into_iter().partition(|row| row.is_whole());
    let mut blocks = Vec::new();
    let of_fewer = "These means are over fewer folds than the ranked ones and must not be compared with them.";
    let of_whole = format!(
        "{} is undefined on some fold of these pipelines: its means are over fewer folds than the ranked ones and must not be compared \
         with them. All other means are over the same folds, unless a number of folds stands behind them.",
        board.primary
    );
    let tables = [("unranked", of_fewer, fewer), ("undefined", of_whole.as_str(), whole)];
    for (id, said, rows) in tables.into_iter().filter(|(_, _, rows)| !rows.is_empty()) {
        let more = if rows.len() > TOP { format!(" The first {TOP} of {}:", rows.len()) } else { String::new() };
        blocks.push(Block::said(&format!("{said}{more}")));
        blocks.push(Block::Table(board_table(id, board, &rows[..rows.len().min(TOP)])));
    }
    if !without.is_empty() {
        blocks.push(Block::said(&format!("Without any score: {}.", counted(without.len() as u64, "pipeline"))));
    }
    (!blocks.is_empty()).then(|| Section::new("unranked", "Not ranked", blocks))
}

fn board_table(id: &str, board: &Leaderboard, rows: &[&Row]) -> Table {
    let beside = beside(board);
    let axes = shown(board.rows.iter().map(|row| &*row.pipeline));
    let mut header = vec!["rank"];
    header.extend(axes.iter().map(|axis| axis.id));
    header.extend([&board.primary, "95% CI", "scored/planned"]);
    header.extend(&beside);
    header.extend(["fit s", "predict s"]);
    let line = |row: &&Row| {
        let mut cells = vec![row.rank.map_or_else(String::new, |rank| rank.to_string())];
        cells.extend(axes.iter().map(|axis| axis.value(&row.pipeline).to_string()));
        let primary = summary(board.summary(row, &board.primary));
        cells.extend([primary, best::interval(row.interval), scored(row)]);
        cells.extend(beside.iter().map(|metric| summary(board.summary(row, metric))));
        cells.extend([seconds(row.fit_s), seconds(row.predict_s)]);
        cells
    };
    Table::plain(id, &header, rows.iter().map(line).collect())
}

fn families(results: &Results, board: &Leaderboard, predicted: &Predicted) -> Section {
    let variants = board.variants();
    // What is made from predictions is of one variant, and stands with it.
    let mut sure = certainty::section(board, predicted).map(Block::Section);
    let blocks = match variants.as_slice() {
        [] => vec![Block::said(&format!("No family has a complete pipeline{}.", best::yet(board)))],
        [only] => families_of(results, board, *only, ["families", "family-pairs"], sure),
        several => {
            let of = |(place, variant): (usize, &(&str, bool))| {
                let [id, pairs] = ["families", "family-pairs"].map(|id| format!("{id}-{}", place + 1));
                let sure = if board.shown() == Some(*variant) { sure.take() } else { None };
                let blocks = families_of(results, board, *variant, [&id, &pairs], sure);
                Block::Section(Section::new(&id, &capital(&words::ranking(board, *variant)), blocks))
            };
            [Block::said(APART)].into_iter().chain(several.iter().enumerate().map(of)).collect()
        }
    };
    Section::new("families", "Best pipeline of each family", blocks)
}

/// The best pipeline of each family within a variant, and these against each other; `ids` are those of both tables.
fn families_of(
    results: &Results,
    board: &Leaderboard,
    variant: (&str, bool),
    [id, pairs]: [&str; 2],
    sure: Option<Block>,
) -> Vec<Block> {
    let all = board.families(results);
    let rows = board.best_of_families(variant);
    let mut blocks = vec![Block::Table(board_table(id, board, &rows))];
    blocks.extend(best::families(board, &rows, pairs));
    blocks.extend(sure);
    let without: Vec<&str> =
        all.iter().map(String::as_str).filter(|f| !rows.iter().any(|row| row.family == *f)).collect();
    if !without.is_empty() {
        blocks.push(Block::said(&format!("Without a complete pipeline: {}.", without.join(", "))));
    }
    blocks
}

fn from_predictions(predicted: &Predicted) -> Option<Section> {
    let mut blocks: Vec<Block> = predicted.sections().into_iter().map(Block::Section).collect();
    blocks.extend(predicted.lacking().map(|said| Block::said(&said)));
    (!blocks.is_empty()).then(|| Section::new("predictions", FROM_PREDICTIONS, blocks))
}

fn failures(results: &Results) -> Option<Section> {
    let key = |r: &crate::store::Record| {
        (r.family.clone(), r.outcome.name(), r.stage.map_or("", Stage::name), r.reason.clone())
    };
    let failed: Vec<_> = results.records.iter().filter(|r| r.outcome != Outcome::Scored).map(key).collect();
    // Each cell may have a reason of its own.
    let mut counts: HashMap<_, usize> = HashMap::new();
    failed.iter().for_each(|one| *counts.entry(one).or_default() += 1);
    let mut groups: Vec<_> = distinct(&failed).into_iter().map(|group| (counts[group], group.clone())).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.0));
    let mut blocks = Vec::new();
    if groups.len() > TOP {
        blocks.push(Block::said(&format!("The first {TOP} of {} reasons; `cells.csv` has all.", groups.len())));
    }
    let row = |(n, (family, outcome, stage, reason)): (usize, (String, &str, &str, Option<String>))| {
        let said = Text::quoting(&reason.unwrap_or_default());
        let told = [n.to_string(), family, outcome.to_owned(), stage.to_owned()];
        told.into_iter().map(Text::plain).chain([said]).collect()
    };
    let rows = groups.into_iter().take(TOP).map(row).collect();
    blocks.push(Block::Table(Table::of("failed", &["cells", "family", "outcome", "stage", "reason"], rows)));
    (!failed.is_empty()).then(|| Section::new("failed", "Failed cells", blocks))
}

fn caution(results: &Results, board: &Leaderboard) -> Section {
    let items = cautions(results, board).iter().map(|said| Text::marked(said)).collect();
    let mut blocks = vec![Block::List(items)];
    if let Some(row) = prior(board) {
        let shown: Vec<&String> = board.metrics.iter().take(12).collect();
        let header: Vec<&str> = ["scored/planned"].into_iter().chain(shown.iter().map(|m| m.as_str())).collect();
        let values = shown.iter().map(|metric| summary(board.summary(row, metric)));
        let cells = [scored(row)].into_iter().chain(values).collect();
        blocks.push(Block::Table(Table::plain("prior", &header, vec![cells])));
    }
    Section::new("care", "Read with care", blocks)
}

/// Mean ± SD; with the number of folds it is over where that is not all of the scored ones.
pub(super) fn summary(summary: Option<&Summary>) -> String {
    match summary {
        None => "–".to_owned(),
        Some(s) if s.undefined > 0 && s.mean.is_some() => {
            format!("{} ({}/{})", mean_sd(s.mean, s.sd), s.values.len(), s.values.len() + s.undefined)
        }
        Some(s) if s.undefined > 0 => "undefined".to_owned(),
        Some(s) => mean_sd(s.mean, s.sd),
    }
}
