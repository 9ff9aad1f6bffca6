//! The CSV exports, with full precision: `cells.csv` and `leaderboard.csv`.

use crate::analyze::Results;
use crate::analyze::leaderboard::{Leaderboard, Row, distinct, matched, value};
use crate::error::{Error, Result};
use crate::metric::Score;
use crate::store::{Record, Stage};

/// `cells.csv`: a row a planned cell, in plan order; scores on validation rows, where there are any, are the last columns. Numbers are written so that reading them gives the same `f64`.
///
/// # Errors
/// [`Error::Component`] when the table cannot be encoded.
pub fn cells(results: &Results) -> Result<Vec<u8>> {
    let validation = validation_metrics(results);
    let mut header: Vec<String> = [
        "protocol",
        "dedup",
        "resampler",
        "scaler",
        "classifier",
        "family",
        "backend",
        "repeat",
        "fold",
        "outcome",
        "stage",
        "reason",
        "tp",
        "fp",
        "fn",
        "tn",
    ]
    .map(str::to_owned)
    .to_vec();
    header.extend(results.metrics.iter().cloned());
    header.extend(
        [
            "undefined",
            "train_rows",
            "train_positives",
            "removed_rows",
            "columns",
            "test_rows",
            "test_positives",
            "resample_s",
            "scale_s",
            "fit_s",
            "predict_s",
            "threads",
            "key",
        ]
        .map(str::to_owned),
    );
    header.extend(validation.iter().map(|metric| format!("validation_{metric}")));
    let mut rows = vec![header];
    for (planned, record) in results.planned.iter().zip(matched(results)) {
        let cell = &planned.cell;
        let mut row = vec![
            cell.protocol.clone(),
            on_off(cell.dedup).to_owned(),
            cell.resampler.clone(),
            cell.scaler.clone(),
            cell.classifier.clone(),
            planned.family.clone(),
            planned.backend.clone(),
            cell.repeat.to_string(),
            cell.fold.to_string(),
            record.map_or("missing", |r| r.outcome.name()).to_owned(),
        ];
        row.extend(measured(record, &results.metrics, &validation));
        rows.push(row);
    }
    encode(&rows)
}

/// `leaderboard.csv`: a row a pipeline, in the leaderboard's order; the rank is empty where the pipeline is not complete.
/// `n_used` is how many folds the numbers are over, `ci_low` and `ci_high` bound the mean of the primary metric at 95%
/// (corrected resampled t).
///
/// # Errors
/// [`Error::Component`] when the table cannot be encoded.
pub fn leaderboard(board: &Leaderboard) -> Result<Vec<u8>> {
    let mut header: Vec<String> = [
        "rank",
        "protocol",
        "dedup",
        "resampler",
        "scaler",
        "classifier",
        "family",
        "backend",
        "n_planned",
        "n_scored",
        "n_failed",
        "n_missing",
        "n_used",
        "n_imputed",
        "ci_low",
        "ci_high",
    ]
    .map(str::to_owned)
    .to_vec();
    for metric in &board.metrics {
        header.extend(["mean", "sd", "n_undefined"].map(|what| format!("{metric}_{what}")));
    }
    header.extend(["fit_s_mean", "predict_s_mean"].map(str::to_owned));
    let mut rows = vec![header];
    rows.extend(board.rows.iter().map(leaderboard_row));
    encode(&rows)
}

fn leaderboard_row(row: &Row) -> Vec<String> {
    let pipeline = &row.pipeline;
    let mut cells = vec![
        row.rank.map_or_else(String::new, |rank| rank.to_string()),
        pipeline.protocol.clone(),
        on_off(pipeline.dedup).to_owned(),
        pipeline.resampler.clone(),
        pipeline.scaler.clone(),
        pipeline.classifier.clone(),
        row.family.clone(),
        row.backend.clone(),
        row.coverage.planned.to_string(),
        row.coverage.scored.to_string(),
        row.coverage.failed.to_string(),
        row.coverage.missing.to_string(),
        row.splits.len().to_string(),
        row.imputed.to_string(),
        exact(row.interval.map(|(low, _)| low)),
        exact(row.interval.map(|(_, high)| high)),
    ];
    for summary in &row.summaries {
        cells.extend([exact(summary.mean), exact(summary.sd), summary.undefined.to_string()]);
    }
    cells.extend([exact(row.fit_s), exact(row.predict_s)]);
    cells
}

/// The columns from `stage` on; empty for a cell without a record.
fn measured(record: Option<&Record>, metrics: &[String], validation: &[String]) -> Vec<String> {
    let Some(record) = record else { return vec![String::new(); 19 + metrics.len() + validation.len()] };
    let mut row = vec![record.stage.map_or("", Stage::name).to_owned(), record.reason.clone().unwrap_or_default()];
    match record.confusion {
        Some(c) => row.extend([c.tp, c.fp, c.fn_, c.tn].map(|n| n.to_string())),
        None => row.extend(std::iter::repeat_n(String::new(), 4)),
    }
    row.extend(metrics.iter().map(|metric| exact(value(record.metrics.get(metric)))));
    row.push(undefined(record, metrics, validation));
    row.extend(
        [
            record.train_rows,
            record.train_positives,
            record.removed_rows,
            record.columns,
            record.test_rows,
            record.test_positives,
        ]
        .map(|n| n.to_string()),
    );
    let s = &record.seconds;
    row.extend([s.resample, s.scale, s.fit, s.predict].map(|seconds| exact(Some(seconds))));
    row.extend([record.threads.to_string(), record.key.clone()]);
    row.extend(validation.iter().map(|metric| exact(value(record.validation.get(metric)))));
    row
}

/// `metric: reason` of every metric that has no value, separated by `; `.
pub(super) fn undefined(record: &Record, metrics: &[String], validation: &[String]) -> String {
    let reason = |name: String, score: Option<&Score>| match score {
        Some(Score::Undefined { undefined }) => Some(format!("{name}: {undefined}")),
        Some(Score::Value(v)) if !v.is_finite() => Some(format!("{name}: not a finite number")),
        _ => None,
    };
    let test = metrics.iter().filter_map(|m| reason(m.clone(), record.metrics.get(m)));
    let valid = validation.iter().filter_map(|m| reason(format!("validation_{m}"), record.validation.get(m)));
    test.chain(valid).collect::<Vec<_>>().join("; ")
}

/// The metrics that any record has on validation rows: the study's in its order, then others by name.
pub(super) fn validation_metrics(results: &Results) -> Vec<String> {
    let has = |metric: &str| results.records.iter().any(|r| r.validation.contains_key(metric));
    let known = results.metrics.iter().filter(|m| has(m)).cloned();
    let mut others: Vec<String> = results.records.iter().flat_map(|r| r.validation.keys().cloned()).collect();
    others.sort();
    distinct(known.chain(others))
}

/// `on` or `off`.
pub fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// The shortest decimal that reads back as the same number.
pub(super) fn exact(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| format!("{v:?}"))
}

pub(super) fn encode(rows: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|e| Error::Component(format!("cannot encode a table: {e}")))?;
    }
    writer.into_inner().map_err(|e| Error::Component(format!("cannot encode a table: {e}")))
}
