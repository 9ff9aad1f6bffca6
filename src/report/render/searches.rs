//! `search.csv`: what the searches of a run have tried, with the columns of scikit-learn's `cv_results_`.

use serde_json::Value;

use super::csv::{encode, exact};
use super::python::literal;
use super::{Exporter, Report};
use crate::analyze::Results;
use crate::analyze::leaderboard::distinct;
use crate::cell::axis::AXES;
use crate::error::Result;
use crate::metric::Better;
use crate::search::found;
use crate::store::Record;

/// `search.csv`.
pub(super) const CSV: Exporter = Exporter { file: "search.csv", bytes: |report: &Report<'_>| trials(report.results) };

/// What follows the axes.
const HEADER: [&str; 5] = ["family", "kind", "goal", "candidate", "rows"];

/// Wall seconds over the inner folds; behind them come `param_*`, `params` and the scores.
const TIMES: [&str; 4] = ["mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time"];

/// A trial of a cell's search.
struct Tried<'a> {
    record: &'a Record,
    search: &'a Value,
    number: usize,
    trial: &'a Value,
    /// 1 is the best of its cell on so many rows; candidates that failed share the last rank.
    rank: usize,
}

impl Tried<'_> {
    fn scores(&self) -> Vec<f64> {
        self.trial["scores"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
    }
}

/// A row per cell and candidate, in plan order and the order in which the candidates were tried (on several rungs of rows, a
/// candidate has a row on each). `params` is a Python dict, scores are the goal's own on each inner fold. None where no cell
/// searched.
///
/// # Errors
/// [`crate::error::Error::Component`] when the table cannot be encoded.
fn trials(results: &Results) -> Result<Option<Vec<u8>>> {
    let all: Vec<Tried<'_>> = results.records.iter().flat_map(|record| of_cell(results, record)).collect();
    let names = |one: &Tried<'_>| {
        one.trial["params"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let params: Vec<String> = distinct(all.iter().flat_map(names));
    let folds = all.iter().map(|one| one.scores().len()).max().unwrap_or(0);
    let mut header: Vec<String> = AXES.iter().map(|axis| axis.column).chain(HEADER).map(str::to_owned).collect();
    header.extend(TIMES.map(str::to_owned));
    header.extend(params.iter().map(|name| format!("param_{name}")));
    header.push("params".into());
    header.extend((0..folds).map(|fold| format!("split{fold}_test_score")));
    header.extend(["mean_test_score", "std_test_score", "rank_test_score", "chosen", "failed"].map(str::to_owned));
    let mut rows = vec![header];
    rows.extend(all.iter().map(|one| row(one, &params, folds)));
    if rows.len() > 1 { encode(&rows).map(Some) } else { Ok(None) }
}

fn of_cell<'a>(results: &Results, record: &'a Record) -> Vec<Tried<'a>> {
    let Some(search) = record.details.as_ref().and_then(found) else { return Vec::new() };
    let trials: Vec<&Value> = search["candidates"].as_array().into_iter().flatten().collect();
    let is_lower = search["goal"].as_str().is_some_and(|goal| results.better(goal) == Better::Lower);
    // No mean is worse than any.
    let worth =
        |trial: &Value| trial["mean"].as_f64().map_or(f64::NEG_INFINITY, |mean| if is_lower { -mean } else { mean });
    let rank = |trial: &Value| {
        1 + trials.iter().filter(|other| other["rows"] == trial["rows"] && worth(other) > worth(trial)).count()
    };
    let one = |(number, trial): (usize, &&'a Value)| Tried { record, search, number, trial, rank: rank(trial) };
    trials.iter().enumerate().map(one).collect()
}

fn row(one: &Tried<'_>, params: &[String], folds: usize) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let scores = one.scores();
    let mut cells: Vec<String> = AXES.iter().map(|axis| axis.value(&one.record.cell).to_string()).collect();
    cells.extend([
        one.record.family.clone(),
        text(&one.search["kind"]),
        text(&one.search["goal"]),
        one.number.to_string(),
        one.trial["rows"].to_string(),
    ]);
    // None of runs of older builds.
    let spent = one.record.candidate_seconds.get(one.number);
    let [fit, score] = spent.map_or([&[][..]; 2], |spent| [&spent.fit, &spent.score]);
    cells.extend([mean(fit), deviation(fit), mean(score), deviation(score)].map(exact));
    cells.extend(params.iter().map(|name| one.trial["params"].get(name).map_or_else(String::new, bare)));
    cells.push(literal(&one.trial["params"]));
    cells.extend((0..folds).map(|fold| exact(scores.get(fold).copied())));
    cells.extend([
        exact(one.trial["mean"].as_f64()),
        exact(deviation(&scores)),
        one.rank.to_string(),
        if one.trial["chosen"] == true { "yes" } else { "no" }.to_owned(),
        text(&one.trial["failed"]),
    ]);
    cells
}

/// A value alone in its column: texts without quotes.
fn bare(value: &Value) -> String {
    match value {
        Value::String(text) if text != "none" => text.clone(),
        other => literal(other),
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// numpy's `std`: over all, not all but one.
fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    Some((values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / values.len() as f64).sqrt())
}
