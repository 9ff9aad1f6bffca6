//! The history for programs.

use serde_json::{Value, json};

use super::line;
use crate::analyze::trend::{Series, Trend};
use crate::error::{Error, Result};
use crate::report::gate::place;

/// The version of the file's layout; it rises when a name or a meaning changes.
const LAYOUT: u32 = 1;

/// The file. Numbers have full precision; what does not exist is null.
///
/// # Errors
/// [`Error::Component`] when it cannot be encoded.
pub fn json(trend: &Trend) -> Result<Vec<u8>> {
    let runs = trend.runs.iter().map(|run| {
        json!({
            "run": run.name,
            "started_unix": run.started_unix,
            "fraudbench": run.version,
            "planned": run.cells.0,
            "scored": run.cells.1,
        })
    });
    let regressions = trend.regressions().into_iter().map(|(series, change)| {
        let mut object = place(&series.data_set, &series.pipeline);
        object.insert("measure".into(), json!(series.measure.name()));
        object.insert("first_bad_run".into(), json!(trend.runs[series.points[change.at].run].name));
        object.insert("before".into(), json!(change.before));
        object.insert("after".into(), json!(change.after));
        object.insert("now".into(), json!(series.now(change).unwrap_or(change.after)));
        object.insert("p_adjusted".into(), json!(change.p));
        Value::Object(object)
    });
    let gone = trend.gone.iter().map(|gone| {
        let mut object = place(&gone.data_set, &gone.pipeline);
        object.insert("last_run".into(), json!(trend.runs[gone.run].name));
        Value::Object(object)
    });
    let file = json!({
        "layout": LAYOUT,
        "line": line(trend),
        "alpha": trend.rules.alpha,
        "threshold": trend.rules.threshold,
        "runs_needed": trend.enough,
        "runs": runs.collect::<Vec<_>>(),
        "regressions": regressions.collect::<Vec<_>>(),
        "series": trend.series.iter().map(|s| series(trend, s)).collect::<Vec<_>>(),
        "gone": gone.collect::<Vec<_>>(),
        "notes": trend.notes,
    });
    let mut bytes =
        serde_json::to_vec_pretty(&file).map_err(|e| Error::Component(format!("cannot encode the history: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn series(trend: &Trend, series: &Series) -> Value {
    let points = series
        .points
        .iter()
        .map(|point| json!({ "run": trend.runs[point.run].name, "value": point.value, "splits": point.splits }));
    let changes = series.changes.iter().map(|change| {
        json!({
            "first_run": trend.runs[series.points[change.at].run].name,
            "before": change.before,
            "after": change.after,
            "worse": change.is_worse,
            "in_force": change.is_in_force,
            "p_adjusted": change.p,
        })
    });
    let mut object = place(&series.data_set, &series.pipeline);
    object.insert("measure".into(), json!(series.measure.name()));
    object.insert("points".into(), points.collect());
    object.insert("changes".into(), changes.collect());
    object.insert("too_short".into(), json!(series.is_too_short(trend.enough)));
    Value::Object(object)
}
