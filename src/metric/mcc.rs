//! `mcc`: Matthews' correlation between truth and label.

use super::{Better, Confusion, Metric, NO_NEGATIVES, NO_POSITIVES};

fn mcc(c: &Confusion) -> Result<f64, &'static str> {
    let (labelled, left) = (c.tp + c.fp, c.tn + c.fn_);
    let margins = [
        (c.positives(), NO_POSITIVES),
        (c.negatives(), NO_NEGATIVES),
        (labelled, "no row was predicted positive"),
        (left, "no row was predicted negative"),
    ];
    if let Some((_, reason)) = margins.iter().find(|(margin, _)| *margin == 0) {
        return Err(reason);
    }
    // Whole numbers until the last step: the two products are nearly equal when the labels tell little.
    let difference = i128::from(c.tp) * i128::from(c.tn) - i128::from(c.fp) * i128::from(c.fn_);
    let root = |a: u64, b: u64| (a as f64 * b as f64).sqrt();
    let value = difference as f64 / (root(labelled, c.positives()) * root(left, c.negatives()));
    Ok(value.clamp(-1.0, 1.0))
}

/// `matthews_corrcoef`: <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.matthews_corrcoef.html>.
/// Undefined when a margin of the confusion matrix is zero (scikit-learn then says 0).
pub const METRIC: Metric =
    Metric::new("mcc", Better::Higher, "Matthews' correlation coefficient between truth and label", |scored| {
        mcc(&scored.confusion).into()
    })
    .range(-1.0, 1.0);
