//! `leaderboard.json`: the leaderboard for programs.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Exporter, Report};
use crate::analyze::best::{ALPHA, Best, ROPE, best};
use crate::analyze::leaderboard::{LEVEL, Leaderboard, Row, Summary};
use crate::analyze::statistics::bootstrap::Interval;
use crate::cell::axis::{self, Axis};
use crate::error::{Error, Result};
use crate::metric::Better;
use crate::report::columns;
use crate::report::predicted::Predicted;

/// `leaderboard.json`.
pub(super) const LEADERBOARD: Exporter = Exporter {
    file: "leaderboard.json",
    bytes: |report: &Report<'_>| leaderboard_with(report.board, report.predicted).map(Some),
};

/// The version of the file's layout; it rises when a name or a meaning changes.
const LAYOUT: u32 = 3;

#[derive(Serialize)]
struct File<'a> {
    layout: u32,
    primary: &'a str,
    better: &'a str,
    interval_level: f64,
    metrics: &'a [String],
    /// The best of each dataset variant.
    best: Vec<Value>,
    pipelines: Vec<Value>,
}

/// `leaderboard.json`: the columns of `leaderboard.csv`, one object per pipeline in the leaderboard's order. Numbers have full
/// precision; what does not exist is null.
///
/// # Errors
/// [`Error::Component`] when it cannot be encoded.
pub fn leaderboard(board: &Leaderboard) -> Result<Vec<u8>> {
    leaderboard_with(board, &Predicted::default())
}

/// As [`leaderboard`], where each family's best pipeline also has `bootstrap`: its primary metric over pooled out-of-fold rows.
///
/// # Errors
/// Those of [`leaderboard`].
fn leaderboard_with(board: &Leaderboard, predicted: &Predicted) -> Result<Vec<u8>> {
    let mut pipelines: Vec<Value> = board.rows.iter().map(|row| pipeline(board, row)).collect();
    for one in &predicted.certainty {
        let row = board.first_of_families().into_iter().find(|row| row.family == one.family);
        let place = board.rows.iter().position(|other| row.is_some_and(|row| row.pipeline == other.pipeline));
        if let Some(object) = place.and_then(|place| pipelines[place].as_object_mut()) {
            let Interval { low, high, chosen, defined, undefined } = one.it.interval;
            let value = json!({
                "pooled": one.it.value,
                "by_fold": one.it.by_fold,
                "low": low,
                "high": high,
                "corrected_low": chosen.map(|(low, _)| low),
                "corrected_high": chosen.map(|(_, high)| high),
                "n_resamples": defined + undefined,
                "n_undefined": undefined,
                "why_none": one.it.no_interval(),
            });
            object.insert("bootstrap".to_owned(), value);
        }
    }
    let file = File {
        layout: LAYOUT,
        primary: &board.primary,
        better: if board.better == Better::Lower { "lower" } else { "higher" },
        interval_level: LEVEL,
        metrics: &board.metrics,
        best: best(board, ROPE).iter().map(|found| of_best(board, found)).collect(),
        pipelines,
    };
    let mut bytes = serde_json::to_vec_pretty(&file)
        .map_err(|e| Error::Component(format!("cannot encode leaderboard.json: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The best of a dataset variant: its mean, what it has on folds on which it was not chosen, and what these folds can tell.
fn of_best(board: &Leaderboard, found: &Best<'_>) -> Value {
    let Best { choice, callable, .. } = found;
    let interval = choice.and_then(|choice| choice.interval);
    json!({
        "pipeline": place(board, found.best),
        "mean": board.primary_mean(found.best),
        "read_mean": choice.map(|choice| choice.read),
        "extrapolated_by": choice.map(|choice| choice.factor),
        "corrected_mean": choice.and_then(|choice| choice.mean),
        "corrected_ci_low": interval.map(|(low, _)| low),
        "corrected_ci_high": interval.map(|(_, high)| high),
        "flattery": choice.and_then(|choice| choice.flattery),
        "alpha": ALPHA,
        "n_compared": found.compared.len(),
        "n_not_distinguishable": found.equals(ALPHA).len(),
        "smallest_callable_sd": callable.map(|callable| callable.deviations),
        "smallest_callable": callable.and_then(|callable| callable.typical),
    })
}

/// The place of a row among `pipelines`, from 0.
fn place(board: &Leaderboard, row: &Row) -> Option<usize> {
    board.rows.iter().position(|other| other.pipeline == row.pipeline)
}

fn pipeline(board: &Leaderboard, row: &Row) -> Value {
    let summary = |s: &Summary| json!({ "mean": s.mean, "sd": s.sd, "n_undefined": s.undefined });
    let scores: Map<String, Value> =
        board.metrics.iter().zip(&row.summaries).map(|(metric, s)| (metric.clone(), summary(s))).collect();
    let place = |axis: &Axis| {
        let value = match axis.value(&row.pipeline) {
            axis::Value::Text(text) => json!(text),
            axis::Value::Flag(flag) => json!(flag),
            axis::Value::Number(number) => json!(number),
        };
        (axis.column.to_owned(), value)
    };
    let mut object = json!({
        "rank": row.rank,
        "family": row.family,
        "backend": row.backend,
        "n_planned": row.coverage.planned,
        "n_scored": row.coverage.scored,
        "n_imputed": row.imputed,
        "n_learnt_nothing": row.idle,
        "n_failed": row.coverage.failed,
        "n_missing": row.coverage.missing,
        "n_used": row.splits.len(),
        "ci_low": row.interval.map(|(low, _)| low),
        "ci_high": row.interval.map(|(_, high)| high),
        "scores": scores,
        "fit_s_mean": row.fit_s,
        "predict_s_mean": row.predict_s,
    });
    if let Some(object) = object.as_object_mut() {
        object.extend(columns::of_pipelines().map(place));
    }
    object
}
