//! Reliability as a table and in words.

use super::{Of, Predicted};
use crate::analyze::calibration::{Bin, Calibration};
use crate::error::Result;
use crate::report::document::Section;
use crate::report::render::csv::encode;
use crate::report::render::{Exporter, Report};

/// `calibration.csv`, where there is anything for it.
pub(in crate::report) const CSV: Exporter = Exporter {
    file: "calibration.csv",
    bytes: |report: &Report<'_>| match report.predicted.calibration.is_empty() {
        true => Ok(None),
        false => table(&report.predicted.calibration).map(Some),
    },
};

/// `calibration.csv`: a row per bin.
///
/// # Errors
/// [`crate::error::Error::Component`] when it cannot be encoded.
fn table(all: &[Of<Calibration>]) -> Result<Vec<u8>> {
    let header = [
        "family",
        "pipeline",
        "bin",
        "least_score",
        "largest_score",
        "rows",
        "positives",
        "mean_score",
        "share_of_positives",
        "share_low",
        "share_high",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for one in all {
        rows.extend(one.it.bins.iter().zip(1..).map(|(bin, number)| line(one, number, bin)));
    }
    encode(&rows)
}

fn line(one: &Of<Calibration>, number: usize, bin: &Bin) -> Vec<String> {
    let (low, high) = bin.interval();
    let mut cells = vec![one.family.clone(), one.pipeline.clone(), number.to_string()];
    cells.extend([bin.least, bin.largest].map(|v| v.to_string()));
    cells.extend([bin.rows, bin.positives].map(|v| v.to_string()));
    cells.extend([bin.mean_score, bin.share(), low, high].map(|v| v.to_string()));
    cells
}

/// One number a family, with what it means; none without probabilities.
pub(super) fn section(all: &Predicted) -> Option<Section> {
    let mut text = "Pooled out-of-fold rows in up to ten bins with equal numbers of positives. ECE: the mean over rows of \
                    |mean score - share of positives| of the row's bin. With rare positives nearly all rows lie in the lowest \
                    bin, so look at the picture too."
        .to_owned();
    if !all.uncalibrated.is_empty() {
        text.push_str(&format!(" Not known to be probabilities: {}.", all.uncalibrated.join(", ")));
    }
    let line = |one: &Of<Calibration>| {
        let Calibration { bins, error, mean_score, share } = &one.it;
        let numbers = [error, mean_score, share].map(|v| format!("{v:.5}"));
        [one.family.clone()].into_iter().chain(numbers).chain([bins.len().to_string()]).collect()
    };
    let header = ["family", "ECE", "mean score", "share of positives", "bins"];
    super::section("calibration", "Calibration", &text, &header, all.calibration.iter().map(line).collect())
}
