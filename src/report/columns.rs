//! The columns of the tables, derived from the axes: those of `cells.csv` and `cells.parquet` are one list for both.

use crate::analyze::leaderboard::{distinct, matched, value};
use crate::analyze::learnt::{Learnt, Nothing};
use crate::analyze::{Planned, Results};
use crate::cell::CellId;
pub(super) use crate::cell::axis::of_pipelines;
use crate::cell::axis::{AXES, Axis, Value};
use crate::metric::Score;
use crate::store::{Record, Stage};

/// The values of one column, one per planned cell.
pub enum Values {
    /// Text.
    Text(Vec<Option<String>>),
    /// Yes or no.
    Flag(Vec<bool>),
    /// Numbers of things.
    Count(Vec<Option<u64>>),
    /// Measured numbers.
    Number(Vec<Option<f64>>),
}

/// Every column with its name, in order: what the cell is, how it ended, its scores, its size and seconds, and its scores on
/// validation rows where there are any. What a cell does not have is none.
pub fn cells(results: &Results) -> Vec<(String, Values)> {
    let records = matched(results);
    let planned = &results.planned;
    let validation = validation_metrics(results);
    let text = |of: &dyn Fn(&Record) -> Option<String>| Values::Text(records.iter().map(|r| of((*r)?)).collect());
    let count = |of: &dyn Fn(&Record) -> Option<u64>| Values::Count(records.iter().map(|r| of((*r)?)).collect());
    let number = |of: &dyn Fn(&Record) -> Option<f64>| Values::Number(records.iter().map(|r| of((*r)?)).collect());
    let name = |of: &dyn Fn(&Planned) -> String| Values::Text(planned.iter().map(|p| Some(of(p))).collect());
    let outcome = records.iter().map(|r| Some(r.map_or("missing", |r| r.outcome.name()).to_owned())).collect();
    let first = [
        ("family", name(&|p| p.family.clone())),
        ("backend", name(&|p| p.backend.clone())),
        ("outcome", Values::Text(outcome)),
        ("stage", text(&|r| r.stage.map(|s| Stage::name(s).to_owned()))),
        ("reason", text(&|r| r.reason.clone())),
        ("tp", count(&|r| r.confusion.map(|c| c.tp))),
        ("fp", count(&|r| r.confusion.map(|c| c.fp))),
        ("fn", count(&|r| r.confusion.map(|c| c.fn_))),
        ("tn", count(&|r| r.confusion.map(|c| c.tn))),
    ];
    let mut columns: Vec<(String, Values)> =
        AXES.iter().map(|axis| (axis.column.to_owned(), places(axis, planned))).collect();
    columns.extend(first.map(|(name, values)| (name.to_owned(), values)));
    columns.extend(results.metrics.iter().map(|m| (m.clone(), number(&|r| value(r.metrics.get(m))))));
    let reasons = |r: &Record| Some(undefined(r, &results.metrics, &validation)).filter(|text| !text.is_empty());
    let rest = [
        ("undefined", text(&reasons)),
        ("train_rows", count(&|r| Some(r.train_rows))),
        ("train_positives", count(&|r| Some(r.train_positives))),
        ("removed_rows", count(&|r| Some(r.removed_rows))),
        ("columns", count(&|r| Some(r.columns))),
        ("test_rows", count(&|r| Some(r.test_rows))),
        ("test_positives", count(&|r| Some(r.test_positives))),
        ("resample_s", number(&|r| Some(r.seconds.resample))),
        ("scale_s", number(&|r| Some(r.seconds.scale))),
        ("fit_s", number(&|r| Some(r.seconds.fit))),
        ("predict_s", number(&|r| Some(r.seconds.predict))),
        ("threads", count(&|r| Some(u64::from(r.threads)))),
        ("key", text(&|r| Some(r.key.clone()))),
        ("peak_memory_mib", count(&|r| r.peak_memory_mib)),
        ("equals", text(&|r| r.equals.clone())),
        // Who learnt little did learn, and labels that are all alike show in the counts.
        (
            "learnt_nothing",
            text(&|r| Nothing::of(r).filter(|what| what.learnt() == Learnt::Nothing).map(|what| what.id().to_owned())),
        ),
    ];
    columns.extend(rest.map(|(name, values)| (name.to_owned(), values)));
    columns.extend(validation.iter().map(|m| (format!("validation_{m}"), number(&|r| value(r.validation.get(m))))));
    columns
}

/// Where each planned cell stands on an axis.
fn places(axis: &Axis, planned: &[Planned]) -> Values {
    let all = || planned.iter().map(|p| axis.value(&p.cell));
    match all().next() {
        Some(Value::Flag(_)) => Values::Flag(all().map(|v| v == Value::Flag(true)).collect()),
        Some(Value::Number(_)) => {
            let number = |v| if let Value::Number(n) = v { Some(u64::from(n)) } else { None };
            Values::Count(all().map(number).collect())
        }
        _ => Values::Text(all().map(|v| Some(v.to_string())).collect()),
    }
}

/// The axes that tell pipelines apart, for people: those that any of `cells` uses, the classifier first.
pub(super) fn shown<'c>(cells: impl IntoIterator<Item = &'c CellId> + Clone) -> Vec<&'static Axis> {
    of_pipelines().collect::<Vec<_>>().into_iter().rev().filter(|axis| axis.is_used(cells.clone())).collect()
}

/// `metric: reason` of every metric that has no value, separated by `; `.
fn undefined(record: &Record, metrics: &[String], validation: &[String]) -> String {
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
fn validation_metrics(results: &Results) -> Vec<String> {
    let has = |metric: &str| results.records.iter().any(|r| r.validation.contains_key(metric));
    let known = results.metrics.iter().filter(|m| has(m)).cloned();
    let mut others: Vec<String> = results.records.iter().flat_map(|r| r.validation.keys().cloned()).collect();
    others.sort();
    distinct(known.chain(others))
}
