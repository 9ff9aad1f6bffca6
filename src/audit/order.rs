//! Time order: whether a split lets the model learn from rows that come after those it is tested on.

use super::finding::{Finding, Judgement};
use super::inspect::Variant;
use crate::words::counted;

/// Whether a column is called like a time.
pub fn is_time(name: &str) -> bool {
    ["time", "timestamp", "date", "datetime", "step"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The finding where no column is known to order the rows.
pub fn no_column() -> Finding {
    Finding {
        check: "time-order",
        verdict: Judgement::Clean,
        said: "no column is called like a time, so the order was not looked at (`--time COLUMN` names one)".into(),
    }
}

/// The share of test rows that are older than the newest training row, and than half of the training rows; `time` has a value
/// a row of the data.
pub fn check(variant: &Variant<'_>, name: &str, time: &[f64]) -> Finding {
    let (mut before_newest, mut before_half, mut rows) = (0, 0, 0);
    for split in &variant.splits {
        let mut train: Vec<f64> =
            variant.of(&split.train).into_iter().map(|row| time[row]).filter(|t| !t.is_nan()).collect();
        train.sort_by(f64::total_cmp);
        let (Some(&newest), Some(&middle)) = (train.last(), train.get(train.len() / 2)) else { continue };
        let test: Vec<f64> = variant.of(&split.test).into_iter().map(|row| time[row]).filter(|t| !t.is_nan()).collect();
        before_newest += test.iter().filter(|t| **t < newest).count();
        before_half += test.iter().filter(|t| **t < middle).count();
        rows += test.len();
    }
    let percent = |n: usize| 100.0 * n as f64 / rows.max(1) as f64;
    let said = format!(
        "{}, {:.1}% of the test rows of {} are older by `{name}` than the newest training row, {:.1}% older than half of \
         the training rows{}",
        variant.name(),
        percent(before_newest),
        counted(variant.splits.len() as u64, "split"),
        percent(before_half),
        if before_newest == 0 {
            ""
        } else {
            ": split in time (`time-series`, `prequential`) if the model is for later rows"
        },
    );
    Finding { check: "time-order", verdict: if before_newest == 0 { Judgement::Clean } else { Judgement::Look }, said }
}
