//! Distributions of scores as a table.

use super::Of;
use crate::analyze::histogram::{Histogram, histogram};
use crate::analyze::out_of_fold::Fold;
use crate::error::Result;
use crate::report::render::csv::encode;
use crate::report::render::{Exporter, Report};
use crate::words::short;

/// `scores.csv`, where there is anything for it.
pub(in crate::report) const CSV: Exporter = Exporter {
    file: "scores.csv",
    bytes: |report: &Report<'_>| match report.predicted.scores.is_empty() {
        true => Ok(None),
        false => table(&report.predicted.scores).map(Some),
    },
};

/// Bins of a histogram.
const BINS: usize = 40;

/// The distribution of pooled scores in each class.
pub(super) fn of(rows: &Fold, probability: bool) -> Histogram {
    histogram(rows, BINS, probability)
}

/// `scores.csv`: a row per bin.
///
/// # Errors
/// [`crate::error::Error::Component`] when it cannot be encoded.
fn table(all: &[Of<Histogram>]) -> Result<Vec<u8>> {
    let header = ["family", "pipeline", "from", "to", "positives", "negatives"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for one in all {
        rows.extend((0..one.it.positives.len()).map(|bin| {
            let limits = [bin, bin + 1].map(|bin| short(one.it.limit(bin)));
            let counts = [one.it.positives[bin], one.it.negatives[bin]].map(|n| n.to_string());
            [one.family.clone(), one.pipeline.clone()].into_iter().chain(limits).chain(counts).collect()
        }));
    }
    encode(&rows)
}
