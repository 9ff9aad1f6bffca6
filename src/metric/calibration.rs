//! `calibration-error(bins)`, `brier-miscalibration` and `brier-discrimination`: whether probabilities are what they say.

use super::{Argument, Better, Metric, Need, Scored};
use crate::numeric::percentile::{between, linspace, over_percents, place};
use crate::numeric::rising;

/// `|sum of labels - sum of probabilities|` of each bin, added up, over the rows. The bins' edges are quantiles of the
/// probabilities alone, so that no bin is cut at a positive's own score; rows of one probability share a bin.
fn calibration_error(scored: &Scored<'_>, bins: f64) -> Result<f64, String> {
    let rows = scored.sorted_probabilities()?;
    let n = rows.len();
    let edge = |share: f64| {
        let (below, part) = place(n, over_percents(share));
        let low = rows[below].0;
        rows.get(below + 1).map_or(low, |above| between(low, above.0, part))
    };
    let bins = bins as usize;
    let mut sum = 0.0;
    let mut first = 0;
    for (bin, share) in linspace(bins + 1).enumerate().skip(1) {
        // A probability on an edge belongs to the bin below it.
        let end = if bin == bins { n } else { rows.partition_point(|row| row.0 <= edge(share)) };
        if end > first {
            let gap: f64 = rows[first..end].iter().map(|(p, y)| f64::from(*y) - p).sum();
            sum += gap.abs();
            first = end;
        }
    }
    Ok(sum / n as f64)
}

/// Mean squared errors of the probabilities, of the best rising function of them, and of the share of positives.
fn scores(scored: &Scored<'_>) -> Result<[f64; 3], String> {
    let rows = scored.sorted_probabilities()?;
    let n = rows.len() as f64;
    let positives: f64 = rows.iter().map(|(_, y)| f64::from(*y)).sum();
    let share = positives / n;
    let group = |rows: &[(f64, u8)]| (rows.len(), rows.iter().filter(|(_, y)| *y == 1).count());
    let blocks = rising::blocks(rows.chunk_by(|a, b| a.0 == b.0).map(group));
    let brier = rows.iter().map(|(p, y)| (f64::from(*y) - p).powi(2)).sum::<f64>() / n;
    // Within a block of m rows with k positives the mean squared error is k (m - k) / m over the rows.
    let left =
        |block: &rising::Block| block.positives as f64 * (block.rows - block.positives) as f64 / block.rows as f64;
    let recalibrated = blocks.iter().map(left).sum::<f64>() / n;
    Ok([brier, recalibrated, share * (1.0 - share)])
}

/// Expected calibration error over equal-mass bins (ten without a number): the edges are `numpy.percentile` of the probabilities, as
/// in <https://scikit-learn.org/1.9/modules/generated/sklearn.calibration.calibration_curve.html> with `strategy="quantile"`.
pub const CALIBRATION_ERROR: Metric = Metric::with_argument(
    "calibration-error",
    Better::Lower,
    "mean gap between probability and share of positives, over n bins of equal mass",
    Argument { default: Some(10.0), ..Argument::count("how many bins") },
    |scored, bins| calibration_error(scored, bins).into(),
)
.needs(&[Need::Probabilities])
.on_request()
// A quantile that falls on a row is numpy's to the last digit.
.version(2);

/// How much of the Brier score the best recalibration would take away: MCB of Dimitriadis, Gneiting and Jordan (2021), by
/// isotonic regression. `brier` = this - `brier-discrimination` + share (1 - share).
pub const MISCALIBRATION: Metric = Metric::new(
    "brier-miscalibration",
    Better::Lower,
    "part of the Brier score that recalibration takes away",
    |scored| scores(scored).map(|[brier, recalibrated, _]| (brier - recalibrated).max(0.0)).into(),
)
.needs(&[Need::Probabilities])
.on_request();

/// How much better the recalibrated probabilities are than the share of positives: DSC of the same paper.
pub const DISCRIMINATION: Metric = Metric::new(
    "brier-discrimination",
    Better::Higher,
    "part of the Brier score that telling rows apart takes away",
    |scored| scores(scored).map(|[_, recalibrated, uncertainty]| (uncertainty - recalibrated).max(0.0)).into(),
)
.needs(&[Need::Probabilities])
.on_request();
