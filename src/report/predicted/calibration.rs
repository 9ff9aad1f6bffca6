//! Reliability as a table and in words.

use super::{Of, Predicted};
use crate::analyze::calibration::{Bin, Calibration};
use crate::error::Result;
use crate::report::document::Section;
use crate::report::render::csv::encode;
use crate::report::render::{Exporter, Report};
use crate::words::short;

/// `calibration.csv`, where there is anything for it.
pub(in crate::report) const CSV: Exporter = Exporter {
    file: "calibration.csv",
    bytes: |report: &Report<'_>| match report.predicted.calibration.is_empty() {
        true => Ok(None),
        false => table(&report.predicted.calibration).map(Some),
    },
};

/// `calibration.csv`: a row per piece of the line.
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
        "calibrated_low",
        "calibrated_high",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for one in all {
        rows.extend(one.it.bins.iter().zip(1..).map(|(bin, number)| line(one, number, bin)));
    }
    encode(&rows)
}

fn line(one: &Of<Calibration>, number: usize, bin: &Bin) -> Vec<String> {
    let (low, high) = bin.calibrated;
    let mut cells = vec![one.family.clone(), one.pipeline.clone(), number.to_string()];
    // Scores may be as small as 1e-300.
    cells.extend([bin.least, bin.largest].map(short));
    cells.extend([bin.rows, bin.positives].map(|v| v.to_string()));
    cells.extend([bin.mean_score, bin.share(), low, high].map(short));
    cells
}

/// One number a family, with what it means; none without probabilities.
pub(super) fn section(all: &Predicted) -> Option<Section> {
    let mut text = "Pooled out-of-fold rows. Bins: pieces of the isotonic regression of labels on scores, which nobody chooses (CORP, \
                    Dimitriadis, Gneiting and Jordan 2021); told: those whose share of positives calibrated scores would have in \
                    less than 5% of cases. Miscalibration and discrimination are parts of the Brier score: it is the first minus the \
                    second plus share (1 - share). ECE: mean gap over ten bins that are cut at \
                    quantiles of the scores; rows of one score share a bin, so bins can hold unequal numbers of rows, or none."
        .to_owned();
    if !all.uncalibrated.is_empty() {
        text.push_str(&format!(" Not known to be probabilities: {}.", all.uncalibrated.join(", ")));
    }
    let line = |one: &Of<Calibration>| {
        let Calibration { bins, error, miscalibration, discrimination, mean_score, share, .. } = &one.it;
        let numbers = [error, miscalibration, discrimination, mean_score, share].map(|v| format!("{v:.5}"));
        let told = bins.iter().filter(|bin| !bin.is_calibrated()).count();
        let counts = [bins.len().to_string(), told.to_string()];
        [one.family.clone()].into_iter().chain(numbers).chain(counts).collect()
    };
    let header =
        ["family", "ECE", "miscalibration", "discrimination", "mean score", "share of positives", "bins", "told"];
    super::section("calibration", "Calibration", &text, &header, all.calibration.iter().map(line).collect())
}
