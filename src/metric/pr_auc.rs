//! `pr-auc`: average precision.

use super::{Better, Metric, NO_POSITIVES, Need, Scored};

fn average_precision<'a>(scored: &'a Scored<'_>) -> Result<f64, &'a str> {
    let ranks = scored.ranks()?;
    if ranks.positives == 0 {
        return Err(NO_POSITIVES);
    }
    let (mut found, mut sum) = (0, 0.0);
    for step in &ranks.steps {
        found += step.positives;
        let labelled = found + step.negatives_above + step.negatives_tied;
        sum += step.positives as f64 * (found as f64 / labelled as f64);
    }
    Ok(sum / ranks.positives as f64)
}

/// `average_precision_score`, a step function of recall, tied scores taken together:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.average_precision_score.html>.
pub const METRIC: Metric =
    Metric::new("pr-auc", Better::Higher, "area under the precision-recall curve (average precision)", |scored| {
        average_precision(scored).into()
    })
    .needs(&[Need::Scores]);
