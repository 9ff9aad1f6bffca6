//! `specificity`: the share of negatives left alone.

use super::{Better, Metric};

/// `specificity_score(average="binary")`:
/// <https://imbalanced-learn.org/stable/references/generated/imblearn.metrics.specificity_score.html>.
pub const METRIC: Metric = Metric::new(
    "specificity",
    Better::Higher,
    "share of the negatives labelled negative (true negative rate)",
    |scored| scored.confusion.tnr().into(),
);
