//! `roc-auc`: the chance that a positive outscores a negative.

use super::{Better, Metric, NO_NEGATIVES, NO_POSITIVES, Need, Scored};

fn roc_auc<'a>(scored: &'a Scored<'_>) -> Result<f64, &'a str> {
    let ranks = scored.ranks()?;
    if ranks.positives == 0 {
        return Err(NO_POSITIVES);
    }
    if ranks.negatives == 0 {
        return Err(NO_NEGATIVES);
    }
    // Pairs counted twice, so that the half of a tie is a whole number and the sum is exact.
    let won: u128 = ranks
        .steps
        .iter()
        .map(|step| {
            let below = ranks.negatives - step.negatives_above - step.negatives_tied;
            u128::from(step.positives) * u128::from(2 * below + step.negatives_tied)
        })
        .sum();
    Ok(won as f64 / (2 * u128::from(ranks.positives) * u128::from(ranks.negatives)) as f64)
}

/// `roc_auc_score`, the trapezoid area, in which a tie counts half:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.roc_auc_score.html>.
pub const METRIC: Metric = Metric::new(
    "roc-auc",
    Better::Higher,
    "area under the ROC curve: the chance that a positive outscores a negative",
    |scored| roc_auc(scored).into(),
)
.needs(&[Need::Scores]);
