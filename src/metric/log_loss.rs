//! `log-loss`: the mean negative log likelihood of the true labels.

use super::{Better, Metric, Need};

/// `-ln` of the machine epsilon is 36.04.
const LARGEST: f64 = 36.05;

/// `log_loss(labels=[0, 1])`, which clips probabilities to `[eps, 1 - eps]` with the machine epsilon:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.log_loss.html>.
/// Undefined when the score is not a probability.
pub const METRIC: Metric =
    Metric::new("log-loss", Better::Lower, "mean negative log likelihood of the true labels", |scored| {
        scored
            .mean_loss(|label, p| {
                let of_truth = if label == 1 { p } else { 1.0 - p };
                -of_truth.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
            })
            .into()
    })
    .range(0.0, LARGEST)
    .needs(&[Need::Probabilities]);
