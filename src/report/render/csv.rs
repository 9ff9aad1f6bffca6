//! The CSV exports, with full precision: `cells.csv` and `leaderboard.csv`.

use super::{Exporter, Report};
use crate::analyze::Results;
use crate::analyze::leaderboard::{Leaderboard, Row};
use crate::error::{Error, Result};
use crate::report::columns::{self, Values};
use crate::report::words::on_off;
use crate::words::harmless;

/// `cells.csv`.
pub(super) const CELLS: Exporter =
    Exporter { file: "cells.csv", bytes: |report: &Report<'_>| cells(report.all).map(Some) };

/// `leaderboard.csv`.
pub(super) const LEADERBOARD: Exporter =
    Exporter { file: "leaderboard.csv", bytes: |report: &Report<'_>| leaderboard(report.board).map(Some) };

/// `cells.csv`: a row per planned cell, in plan order; scores on validation rows, where there are any, are the last columns.
/// Numbers are written so that reading them gives the same `f64`; what a cell does not have is empty.
///
/// # Errors
/// [`Error::Component`] when the table cannot be encoded.
pub fn cells(results: &Results) -> Result<Vec<u8>> {
    table(&columns::cells(results), results.planned.len())
}

/// A table of named columns with so many rows.
///
/// # Errors
/// As [`cells`].
pub(crate) fn table(columns: &[(String, Values)], count: usize) -> Result<Vec<u8>> {
    let mut rows = vec![columns.iter().map(|(name, _)| name.clone()).collect()];
    rows.extend((0..count).map(|at| columns.iter().map(|(_, values)| cell(values, at)).collect()));
    encode(&rows)
}

/// Words of others in a cell: a spreadsheet that opens the file must not take them for a formula.
fn text(words: &str) -> String {
    let words = harmless(words);
    match words.starts_with(['=', '+', '-', '@', '\t']) {
        true => format!("'{words}"),
        false => words.into_owned(),
    }
}

fn cell(values: &Values, at: usize) -> String {
    match values {
        Values::Text(texts) => texts[at].as_deref().map(text).unwrap_or_default(),
        Values::Flag(flags) => on_off(flags[at]).to_owned(),
        Values::Count(counts) => counts[at].map_or_else(String::new, |n| n.to_string()),
        Values::Number(numbers) => exact(numbers[at]),
    }
}

/// `leaderboard.csv`: a row per pipeline, in the leaderboard's order; the rank is empty where the pipeline is not complete.
/// `n_used` is how many folds the numbers are over, `ci_low` and `ci_high` bound the mean of the primary metric at 95%
/// (corrected resampled t).
///
/// # Errors
/// [`Error::Component`] when the table cannot be encoded.
pub fn leaderboard(board: &Leaderboard) -> Result<Vec<u8>> {
    let mut header = vec!["rank".to_owned()];
    header.extend(columns::of_pipelines().map(|axis| axis.column.to_owned()));
    header.extend(
        [
            "family",
            "backend",
            "n_planned",
            "n_scored",
            "n_failed",
            "n_missing",
            "n_used",
            "n_imputed",
            "n_learnt_nothing",
            "ci_low",
            "ci_high",
        ]
        .map(str::to_owned),
    );
    for metric in &board.metrics {
        header.extend(["mean", "sd", "n_undefined"].map(|what| format!("{metric}_{what}")));
    }
    header.extend(["fit_s_mean", "predict_s_mean"].map(str::to_owned));
    let mut rows = vec![header];
    rows.extend(board.rows.iter().map(leaderboard_row));
    encode(&rows)
}

fn leaderboard_row(row: &Row) -> Vec<String> {
    let mut cells = vec![row.rank.map_or_else(String::new, |rank| rank.to_string())];
    cells.extend(columns::of_pipelines().map(|axis| text(&axis.value(&row.pipeline).to_string())));
    cells.extend([
        row.family.clone(),
        row.backend.clone(),
        row.coverage.planned.to_string(),
        row.coverage.scored.to_string(),
        row.coverage.failed.to_string(),
        row.coverage.missing.to_string(),
        row.splits.len().to_string(),
        row.imputed.to_string(),
        row.idle.to_string(),
        exact(row.interval.map(|(low, _)| low)),
        exact(row.interval.map(|(_, high)| high)),
    ]);
    for summary in &row.summaries {
        cells.extend([exact(summary.mean), exact(summary.sd), summary.undefined.to_string()]);
    }
    cells.extend([exact(row.fit_s), exact(row.predict_s)]);
    cells
}

/// The shortest decimal that reads back as the same number.
pub(crate) fn exact(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| format!("{v:?}"))
}

pub(crate) fn encode(rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|e| Error::Component(format!("cannot encode a table: {e}")))?;
    }
    writer.into_inner().map_err(|e| Error::Component(format!("cannot encode a table: {e}")))
}
