//! What the records say of a network under a protocol, and of two of them side by side.

use crate::analyze::Results;
use crate::analyze::folds::{Group, Split, by_pipeline};
use crate::analyze::history::History;
use crate::analyze::leaderboard::value;
use crate::papers::Cells;
use crate::papers::splits::{self, Mean};
use crate::split::{Leak, Leaks};
use crate::store::Record;

/// Balanced before the split.
pub const BEFORE: &[Leak] = &[Leak::ResampleBeforeSplit];
/// Standardised and balanced before the split.
pub const BOTH: &[Leak] = &[Leak::ScalerOnAllRows, Leak::ResampleBeforeSplit];

/// The cells of a classifier after a scaler, under these leaks; none where they were not planned.
pub fn group<'r>(results: &'r Results, classifier: &str, scaler: &str, leaks: &[Leak]) -> Option<Group<'r>> {
    let leaks = Leaks::of(leaks);
    by_pipeline(results).into_iter().find(|group| {
        let p = &group.pipeline;
        p.classifier == classifier && p.scaler == scaler && Leaks::of_protocol(&p.protocol) == leaks
    })
}

/// How many of its cells there are.
pub fn cells(group: &Group<'_>) -> Cells {
    let there = group.records.iter().flatten().count();
    let scored = group.scored().count();
    Cells { scored, failed: there - scored, planned: group.records.len() }
}

/// A value of every split that has one.
pub fn values(group: &Group<'_>, of: impl Fn(&Record) -> Option<f64>) -> Vec<(Split, f64)> {
    group.scored().filter_map(|record| Some(((record.cell.repeat, record.cell.fold), of(record)?))).collect()
}

/// A metric of the test rows.
pub fn metric(name: &str) -> impl Fn(&Record) -> Option<f64> {
    move |record| value(record.metrics.get(name))
}

/// The accuracy of calling no test row a fraud.
pub fn nothing(record: &Record) -> Option<f64> {
    (record.test_rows > 0).then(|| 1.0 - record.test_positives as f64 / record.test_rows as f64)
}

/// The epochs of every fit.
pub fn histories(group: &Group<'_>) -> Vec<History> {
    group.scored().filter_map(History::of).collect()
}

/// The mean of `values`; none without any. All of the studies leave duplicates out.
pub fn mean(results: &Results, values: &[(Split, f64)]) -> Option<Mean> {
    splits::mean(results, true, values)
}

/// First minus second on the splits that both have.
pub fn difference(results: &Results, first: &[(Split, f64)], second: &[(Split, f64)]) -> Option<Mean> {
    splits::difference(results, true, first, second)
}
