//! The columns of `cells.csv` and `cells.parquet`: one list for both.

use crate::analyze::leaderboard::{distinct, matched, value};
use crate::analyze::{Planned, Results};
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
    let place = |of: &dyn Fn(&Planned) -> u32| Values::Count(planned.iter().map(|p| Some(u64::from(of(p)))).collect());
    let outcome = records.iter().map(|r| Some(r.map_or("missing", |r| r.outcome.name()).to_owned())).collect();
    let first = [
        ("protocol", name(&|p| p.cell.protocol.clone())),
        ("dedup", Values::Flag(planned.iter().map(|p| p.cell.dedup).collect())),
        ("resampler", name(&|p| p.cell.resampler.clone())),
        ("scaler", name(&|p| p.cell.scaler.clone())),
        ("classifier", name(&|p| p.cell.classifier.clone())),
        ("family", name(&|p| p.family.clone())),
        ("backend", name(&|p| p.backend.clone())),
        ("repeat", place(&|p| p.cell.repeat)),
        ("fold", place(&|p| p.cell.fold)),
        ("outcome", Values::Text(outcome)),
        ("stage", text(&|r| r.stage.map(|s| Stage::name(s).to_owned()))),
        ("reason", text(&|r| r.reason.clone())),
        ("tp", count(&|r| r.confusion.map(|c| c.tp))),
        ("fp", count(&|r| r.confusion.map(|c| c.fp))),
        ("fn", count(&|r| r.confusion.map(|c| c.fn_))),
        ("tn", count(&|r| r.confusion.map(|c| c.tn))),
    ];
    let mut columns: Vec<(String, Values)> =
        first.into_iter().map(|(name, values)| (name.to_owned(), values)).collect();
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
    ];
    columns.extend(rest.map(|(name, values)| (name.to_owned(), values)));
    columns.extend(validation.iter().map(|m| (format!("validation_{m}"), number(&|r| value(r.validation.get(m))))));
    columns
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
