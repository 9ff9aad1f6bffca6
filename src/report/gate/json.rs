//! The gate for programs.

use serde_json::{Map, Value, json};

use super::line;
use crate::analyze::gate::{Bound, Call, Changed, Comparison, Floor, Gate, Rows};
use crate::analyze::leaderboard::Pipeline;
use crate::cell::axis;
use crate::error::{Error, Result};
use crate::report::columns;

/// The version of the file's layout; it rises when a name or a meaning changes, and when a measure can be called what older readers
/// do not know. Layout 1 has no `one-night`.
const LAYOUT: u32 = 2;

/// The file. Numbers have full precision; what does not exist is null.
///
/// # Errors
/// [`Error::Component`] when it cannot be encoded.
pub fn json(gate: &Gate) -> Result<Vec<u8>> {
    let rules = &gate.rules;
    let file = json!({
        "layout": LAYOUT,
        "passed": gate.is_passed(),
        "line": line(gate),
        "new": gate.new,
        "base": gate.base,
        "runs_left_out": gate.unlike.iter().map(|(run, why)| json!({ "run": run, "reason": super::why_unlike(*why) })).collect::<Vec<_>>(),
        "rules": {
            "metrics": rules.metrics,
            "threshold": rules.threshold,
            "alpha": rules.alpha,
            "seconds_ratio": rules.seconds,
            "memory_ratio": rules.memory,
            "filter": rules.filter.text(),
        },
        "comparisons": gate.comparisons.iter().map(comparison).collect::<Vec<_>>(),
        "newly_without_score": gate.ends.failed.iter().map(changed).collect::<Vec<_>>(),
        "recovered": gate.ends.recovered.iter().map(changed).collect::<Vec<_>>(),
        "only_base": gate.ends.only_base.iter().map(|(set, p)| Value::Object(place(set, p))).collect::<Vec<_>>(),
        "only_new": gate.ends.only_new.iter().map(|(set, p)| Value::Object(place(set, p))).collect::<Vec<_>>(),
        "floors": gate.floors.iter().map(floor).collect::<Vec<_>>(),
        "notes": gate.notes,
    });
    let mut bytes = serde_json::to_vec_pretty(&file)
        .map_err(|e| Error::Component(format!("cannot encode what the gate found: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Data set and pipeline, axis by axis.
pub(in crate::report) fn place(data_set: &str, pipeline: &Pipeline) -> Map<String, Value> {
    let of = |axis: &axis::Axis| {
        let value = match axis.value(pipeline) {
            axis::Value::Text(text) => json!(text),
            axis::Value::Flag(flag) => json!(flag),
            axis::Value::Number(number) => json!(number),
        };
        (axis.column.to_owned(), value)
    };
    std::iter::once(("data_set".to_owned(), json!(data_set))).chain(columns::of_pipelines().map(of)).collect()
}

fn with(mut object: Map<String, Value>, more: Value) -> Value {
    if let Value::Object(more) = more {
        object.extend(more);
    }
    Value::Object(object)
}

/// What the file calls it, and why nothing can be said.
fn called(call: &Call) -> (&'static str, Option<&str>) {
    match call {
        Call::Worse => ("worse", None),
        Call::NotWorse => ("not-worse", None),
        Call::OneNight => ("one-night", None),
        Call::NotJudged(reason) => ("not-judged", Some(reason.as_str())),
    }
}

fn comparison(c: &Comparison) -> Value {
    let (call, reason) = called(&c.call);
    let rows = c.rows.as_ref().map(|rows| match rows {
        Rows::Same { .. } => "same",
        Rows::Other => "other",
    });
    let more = json!({
        "measure": c.measure.name(),
        "call": call,
        "reason": reason,
        "before": c.base,
        "now": c.new,
        "worse_by": c.worse.filter(|_| !c.measure.is_cost()),
        "ratio": c.worse.filter(|_| c.measure.is_cost()),
        "ratio_is": c.worse.filter(|_| c.measure.is_cost()).map(|_| c.bound.map_or("exact", Bound::words)),
        "standard_error": c.error,
        "p_adjusted": Some(c.p).filter(|p| !p.is_nan()),
        "rows": rows,
        "base_runs": c.runs,
        "base_runs_left_out": c.left_out.iter().map(|(why, runs)| json!({ "runs": runs, "reason": super::why(*why) })).collect::<Vec<_>>(),
        "folds_left_out": c.alone,
        "predictions": c.predictions,
    });
    with(place(&c.data_set, &c.pipeline), more)
}

fn changed(c: &Changed) -> Value {
    with(place(&c.data_set, &c.pipeline), json!({ "cells": c.cells, "outcome": c.how, "reason": c.reason }))
}

fn floor(f: &Floor) -> Value {
    json!({
        "data_set": f.data_set,
        "metric": f.metric,
        "wanted": f.wanted,
        "reached": f.is_reached,
        "best": f.best.as_ref().map(|(_, mean)| mean),
        "pipeline": f.best.as_ref().map(|(pipeline, _)| place(&f.data_set, pipeline)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_older_readers_do_not_know_has_a_layout_of_its_own() {
        let all = [Call::Worse, Call::NotWorse, Call::OneNight, Call::NotJudged("too few folds".into())];
        assert_eq!(
            (LAYOUT, all.each_ref().map(|call| called(call).0)),
            (2, ["worse", "not-worse", "one-night", "not-judged"])
        );
        assert_eq!(all.each_ref().map(|call| called(call).1), [None, None, None, Some("too few folds")]);
    }
}
