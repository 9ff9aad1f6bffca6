//! Precision by recall, recall by false-positive rate, and what is found among the highest scores, over folds.

use super::read::Said;
use crate::analyze::curves::{Band, Ranking, bands};
use crate::analyze::out_of_fold::Fold;
use crate::error::{Error, Result};
use crate::report::render::{Exporter, Report};

/// `curves.csv`, where there is anything for it.
pub(in crate::report) const CSV: Exporter = Exporter {
    file: "curves.csv",
    bytes: |report: &Report<'_>| match report.predicted.curves.is_empty() {
        true => Ok(None),
        false => table(&report.predicted.curves).map(Some),
    },
};

/// A pipeline's curves.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// Its family.
    pub family: String,
    /// Its name in one line.
    pub pipeline: String,
    /// How many folds they are over.
    pub folds: usize,
    /// Precision over recall.
    pub precision: Vec<Band>,
    /// Recall over the false-positive rate.
    pub roc: Vec<Band>,
    /// Recall among the n highest scores.
    pub top: Vec<Band>,
    /// Share of the frauds' amount among the n highest scores; empty without amounts, and where those of a fold are worth nothing.
    pub amount: Vec<Band>,
}

/// The curves of a pipeline; none where a fold cannot be ranked.
pub(super) fn of(said: &Said) -> Option<Curves> {
    let folds: Vec<Ranking> = said.folds.iter().map(Fold::ranking).collect::<Option<_>>()?;
    let folds = folds.as_slice();
    let shares: Vec<f64> = (1..=100).map(|i| f64::from(i) / 100.0).collect();
    let mut rates: Vec<f64> = (-50..=0).map(|i| 10_f64.powf(f64::from(i) / 10.0)).collect();
    // Below one row the rate is that of no row at all.
    let least_rows = folds.iter().map(Ranking::rows).fold(f64::INFINITY, f64::min);
    rates.retain(|rate| rate * least_rows >= 1.0);
    let mut counts: Vec<f64> = (0..=60).map(|i| 10_f64.powf(f64::from(i) / 10.0).round()).collect();
    counts.dedup();
    counts.retain(|&n| n <= least_rows);
    Some(Curves {
        family: said.family.clone(),
        pipeline: said.pipeline.clone(),
        folds: folds.len(),
        precision: bands(folds, &shares, |fold, x| Some(fold.precision_at_recall(x))),
        roc: bands(folds, &rates, |fold, x| Some(fold.recall_at_false_positive_rate(x))),
        top: bands(folds, &counts, |fold, n| Some(fold.recall_at_top(n))),
        amount: bands(folds, &counts, Ranking::share_at_top),
    })
}

/// All curves as one long table.
///
/// # Errors
/// [`Error::Component`] when it cannot be encoded.
fn table(curves: &[Curves]) -> Result<Vec<u8>> {
    let failed = |e: &dyn std::fmt::Display| Error::Component(format!("curves.csv cannot be made: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["family", "pipeline", "curve", "x", "mean", "least_fold", "largest_fold"];
    writer.write_record(header).map_err(|e| failed(&e))?;
    for one in curves {
        let named = [
            ("precision-by-recall", &one.precision),
            ("recall-by-false-positive-rate", &one.roc),
            ("recall-among-n-highest", &one.top),
            ("amount-among-n-highest", &one.amount),
        ];
        for (name, curve) in named {
            for band in curve {
                let numbers = [band.x, band.mean, band.least, band.largest].map(|v| format!("{v}"));
                let row = [&one.family, &one.pipeline, name].into_iter().chain(numbers.iter().map(String::as_str));
                writer.write_record(row).map_err(|e| failed(&e))?;
            }
        }
    }
    writer.into_inner().map_err(|e| failed(&e))
}
