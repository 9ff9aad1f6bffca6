//! `brier`: the mean squared error of the probabilities.

use super::{Better, Metric, Need};

/// `brier_score_loss`: <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.brier_score_loss.html>.
/// Undefined when the score is not a probability.
pub const METRIC: Metric =
    Metric::new("brier", Better::Lower, "mean squared difference between probability and truth", |scored| {
        scored.mean_loss(|label, p| (f64::from(label) - p).powi(2)).into()
    })
    .needs(&[Need::Probabilities]);
