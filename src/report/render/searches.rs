//! `search.csv`: what the searches of a run have tried.

use serde_json::Value;

use super::csv::{encode, exact};
use super::{Exporter, Report};
use crate::analyze::Results;
use crate::cell::axis::AXES;
use crate::error::Result;
use crate::search::found;
use crate::store::Record;

/// `search.csv`.
pub(super) const CSV: Exporter = Exporter { file: "search.csv", bytes: |report: &Report<'_>| trials(report.results) };

/// What follows the axes.
const HEADER: [&str; 10] =
    ["family", "kind", "goal", "candidate", "rows", "mean", "scores", "chosen", "failed", "params"];

/// A row per cell and candidate, in plan order and the order in which the candidates were tried (on several rungs of rows, a
/// candidate has a row on each). `scores` are those of the inner folds, separated by `;`, and `params` is JSON. None where
/// no cell searched.
///
/// # Errors
/// [`crate::error::Error::Component`] when the table cannot be encoded.
fn trials(results: &Results) -> Result<Option<Vec<u8>>> {
    let header = AXES.iter().map(|axis| axis.column).chain(HEADER);
    let mut rows = vec![header.map(str::to_owned).collect()];
    for record in &results.records {
        if let Some(search) = record.details.as_ref().and_then(found) {
            let trials = search["candidates"].as_array().into_iter().flatten().enumerate();
            rows.extend(trials.map(|(number, trial)| row(record, search, number, trial)));
        }
    }
    if rows.len() > 1 { encode(&rows).map(Some) } else { Ok(None) }
}

fn row(record: &Record, search: &Value, number: usize, trial: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let scores = trial["scores"].as_array().into_iter().flatten().map(|score| exact(score.as_f64()));
    let own = [
        record.family.clone(),
        text(&search["kind"]),
        text(&search["goal"]),
        number.to_string(),
        trial["rows"].to_string(),
        exact(trial["mean"].as_f64()),
        scores.collect::<Vec<_>>().join(";"),
        if trial["chosen"] == true { "yes" } else { "no" }.to_owned(),
        text(&trial["failed"]),
        trial["params"].to_string(),
    ];
    AXES.iter().map(|axis| axis.value(&record.cell).to_string()).chain(own).collect()
}
