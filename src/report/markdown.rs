//! `report.md`: what was run on what, the leaderboard, what failed, and how far the numbers can be trusted.

use std::fmt::Write as _;

use super::best;
use super::number::{change, count, counted, mean_sd, score, seconds};
use super::predicted::{Part, Predicted, certainty};
use super::tables::on_off;
use super::words::{cautions, coverage_text, facts, prior, scored};
use crate::analyze::Results;
use crate::analyze::best::{ROPE, best as find_best};
use crate::analyze::effect::{baseline_resampler, removed_rows, resampler_effects};
use crate::analyze::leaderboard::{Leaderboard, Row, Summary, distinct};
use crate::store::{Outcome, Stage};

/// Pipelines in the main table.
pub(super) const TOP: usize = 20;
/// Metrics shown beside the primary one, where the study has them.
pub(super) const BESIDE: [&str; 5] = ["f1", "recall", "precision", "mcc", "g-mean"];

/// A picture that the report links: path relative to the report, and caption.
pub struct Picture {
    /// Path of the image file, relative to the report.
    pub path: String,
    /// What it shows.
    pub caption: String,
}

/// The report as Markdown (tables and images as GitHub reads them).
pub fn report(results: &Results, board: &Leaderboard, pictures: &[Picture]) -> String {
    report_with(results, board, pictures, &Predicted::default())
}

/// As [`report`], with what is made from kept predictions.
pub fn report_with(results: &Results, board: &Leaderboard, pictures: &[Picture], predicted: &Predicted) -> String {
    let mut out = String::new();
    let bests = find_best(board, ROPE);
    paragraph(&mut out, &format!("# {}", one_line(&results.title)));
    paragraph(&mut out, &best::verdict(board, &bests));
    what_was_run(&mut out, results);
    coverage(&mut out, board);
    best::section(&mut out, board, &bests);
    top(&mut out, board);
    unranked(&mut out, board);
    families(&mut out, results, board, predicted);
    from_predictions(&mut out, predicted);
    resampling(&mut out, results, board);
    failures(&mut out, results);
    if !pictures.is_empty() {
        paragraph(&mut out, "## Pictures");
        for picture in pictures {
            paragraph(&mut out, &format!("![{}]({})", one_line(&picture.caption), picture.path));
        }
    }
    caution(&mut out, results, board);
    format!("{}\n", out.trim_end())
}

fn what_was_run(out: &mut String, results: &Results) {
    paragraph(out, "## What was run");
    let rows: Vec<Vec<String>> = facts(results).into_iter().map(|(name, fact)| vec![name.to_owned(), fact]).collect();
    table(out, &["what", "value"], &rows);
}

fn coverage(out: &mut String, board: &Leaderboard) {
    paragraph(out, "## Coverage");
    paragraph(out, &coverage_text(board));
}

fn top(out: &mut String, board: &Leaderboard) {
    let ranked: Vec<&Row> = board.rows.iter().filter(|row| row.rank.is_some()).collect();
    paragraph(out, &format!("## Leaderboard by {}", board.primary));
    if ranked.is_empty() {
        return paragraph(out, "No pipeline is complete yet.");
    }
    if ranked.len() > TOP {
        paragraph(out, &format!("The first {TOP} of {}; all are in `leaderboard.csv`.", ranked.len()));
    }
    paragraph(
        out,
        "Mean ± sample SD over the folds; 95% CI of the mean by the corrected resampled t. Where a metric is undefined on some folds, the folds that have it are named.",
    );
    let rows: Vec<&Row> = ranked.into_iter().take(TOP).collect();
    board_table(out, board, &rows);
}

fn unranked(out: &mut String, board: &Leaderboard) {
    let (rows, without): (Vec<&Row>, Vec<&Row>) =
        board.rows.iter().filter(|row| row.rank.is_none()).partition(|row| row.coverage.scored > 0);
    if rows.is_empty() && without.is_empty() {
        return;
    }
    paragraph(out, "## Not ranked");
    if !rows.is_empty() {
        let mut text =
            "These means are over fewer folds than the ranked ones and must not be compared with them.".to_owned();
        if rows.len() > TOP {
            let _ = write!(text, " The first {TOP} of {}:", rows.len());
        }
        paragraph(out, &text);
        board_table(out, board, &rows[..rows.len().min(TOP)]);
    }
    if !without.is_empty() {
        paragraph(out, &format!("Without any score: {}.", counted(without.len() as u64, "pipeline")));
    }
}

fn board_table(out: &mut String, board: &Leaderboard, rows: &[&Row]) {
    let beside: Vec<&str> =
        BESIDE.into_iter().filter(|m| *m != board.primary && board.metrics.iter().any(|known| known == m)).collect();
    let mut header =
        vec!["rank", "classifier", "scaler", "resampler", "dedup", &board.primary, "95% CI", "scored/planned"];
    header.extend(&beside);
    header.extend(["fit s", "predict s"]);
    let body: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let p = &row.pipeline;
            let mut cells = vec![
                row.rank.map_or_else(String::new, |rank| rank.to_string()),
                p.classifier.clone(),
                p.scaler.clone(),
                p.resampler.clone(),
                on_off(p.dedup).to_owned(),
                summary(board.summary(row, &board.primary)),
                best::interval(row.interval),
                scored(row),
            ];
            cells.extend(beside.iter().map(|metric| summary(board.summary(row, metric))));
            cells.extend([seconds(row.fit_s), seconds(row.predict_s)]);
            cells
        })
        .collect();
    table(out, &header, &body);
}

fn families(out: &mut String, results: &Results, board: &Leaderboard, predicted: &Predicted) {
    paragraph(out, "## Best pipeline of each family");
    let mut rows: Vec<&Row> =
        board.families(results).iter().filter_map(|family| board.best(|row| row.family == *family)).collect();
    rows.sort_by_key(|row| row.rank);
    if rows.is_empty() {
        return paragraph(out, "No family has a complete pipeline yet.");
    }
    board_table(out, board, &rows);
    best::families(out, board, &rows);
    if let Some(part) = certainty::part(board, predicted) {
        piece(out, &part);
    }
    let without: Vec<String> =
        board.families(results).into_iter().filter(|f| !rows.iter().any(|row| row.family == *f)).collect();
    if !without.is_empty() {
        paragraph(out, &format!("Without a complete pipeline: {}.", without.join(", ")));
    }
}

fn from_predictions(out: &mut String, predicted: &Predicted) {
    let parts = predicted.parts();
    if parts.is_empty() && predicted.lacking().is_none() {
        return;
    }
    paragraph(out, "## From the predictions");
    parts.iter().for_each(|part| piece(out, part));
    predicted.lacking().iter().for_each(|said| paragraph(out, said));
}

fn piece(out: &mut String, part: &Part) {
    paragraph(out, &format!("### {}", part.title));
    paragraph(out, &part.text);
    table(out, &part.header.iter().map(String::as_str).collect::<Vec<_>>(), &part.rows);
}

fn resampling(out: &mut String, results: &Results, board: &Leaderboard) {
    let baseline = baseline_resampler(results);
    let removed = removed_rows(results);
    if removed.iter().all(|r| Some(&r.resampler) == baseline.as_ref()) {
        return;
    }
    paragraph(out, "## What resampling did");
    let rows: Vec<Vec<String>> = removed
        .iter()
        .map(|r| {
            let range = format!("{} to {}", count(r.least), count(r.most));
            vec![
                on_off(r.dedup).to_owned(),
                r.resampler.clone(),
                format!("{:.1}", r.mean),
                range,
                format!("{}/{}", r.folds, r.planned),
            ]
        })
        .collect();
    paragraph(out, "Training rows removed:");
    table(out, &["dedup", "resampler", "mean a fold", "range", "folds scored/planned"], &rows);
    let effects = resampler_effects(results, board.better);
    let Some(baseline) = baseline.filter(|_| !effects.is_empty()) else { return };
    let text = format!(
        "Change of {} against `{baseline}`, over pairs of cells that differ in the resampler alone. Pairs of one fold are not independent.",
        board.primary
    );
    paragraph(out, &text);
    let rows: Vec<Vec<String>> = effects
        .iter()
        .map(|e| {
            let sd = score(e.sd);
            let worse = e.pairs - e.better - e.equal;
            let verdicts = format!("{} / {} / {worse}", e.better, e.equal);
            vec![
                e.family.clone(),
                e.resampler.clone(),
                change(e.mean),
                sd,
                format!("{}/{}", e.pairs, e.planned),
                verdicts,
            ]
        })
        .collect();
    table(out, &["family", "resampler", "mean change", "SD", "pairs scored/planned", "better / equal / worse"], &rows);
}

fn failures(out: &mut String, results: &Results) {
    let failed: Vec<_> = results.records.iter().filter(|r| r.outcome != Outcome::Scored).collect();
    if failed.is_empty() {
        return;
    }
    paragraph(out, "## Failed cells");
    let key = |r: &&crate::store::Record| {
        (r.family.clone(), r.outcome.name(), r.stage.map_or("", Stage::name), r.reason.clone())
    };
    let mut groups: Vec<_> = distinct(failed.iter().map(key))
        .into_iter()
        .map(|group| (failed.iter().filter(|r| key(r) == group).count(), group))
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.0));
    if groups.len() > TOP {
        paragraph(out, &format!("The first {TOP} of {} reasons; `cells.csv` has all.", groups.len()));
    }
    let rows: Vec<Vec<String>> = groups
        .into_iter()
        .take(TOP)
        .map(|(n, (family, outcome, stage, reason))| {
            vec![n.to_string(), family, outcome.to_owned(), stage.to_owned(), reason.unwrap_or_default()]
        })
        .collect();
    table(out, &["cells", "family", "outcome", "stage", "reason"], &rows);
}

fn caution(out: &mut String, results: &Results, board: &Leaderboard) {
    paragraph(out, "## Read with care");
    for text in cautions(results, board) {
        paragraph(out, &format!("- {text}"));
    }
    if let Some(row) = prior(board) {
        let shown: Vec<&String> = board.metrics.iter().take(12).collect();
        let header: Vec<&str> = ["scored/planned"].into_iter().chain(shown.iter().map(|m| m.as_str())).collect();
        let coverage = scored(row);
        let values = shown.iter().map(|metric| summary(board.summary(row, metric)));
        table(out, &header, &[[coverage].into_iter().chain(values).collect()]);
    }
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

/// A pipeline in words.
pub(super) fn describe(row: &Row) -> String {
    let p = &row.pipeline;
    format!("{} (scaler {}, resampler {}, dedup {})", p.classifier, p.scaler, p.resampler, on_off(p.dedup))
}

pub(super) fn paragraph(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\n\n");
}

pub(super) fn table(out: &mut String, header: &[&str], rows: &[Vec<String>]) {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push_str(&line(header.iter().map(|h| escape(h)).collect()));
    out.push_str(&line(header.iter().map(|_| "---".to_owned()).collect()));
    for row in rows {
        out.push_str(&line(row.iter().map(|cell| escape(cell)).collect()));
    }
    out.push('\n');
}

/// Text that can neither end its table cell nor open a tag; code spans show `<` as it is.
fn escape(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    if text.starts_with('`') { text } else { text.replace('<', "&lt;") }
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
