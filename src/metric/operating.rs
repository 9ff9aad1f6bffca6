//! `recall-at-fpr(x)` and `fpr-at-recall(x)`: points of the ROC curve.

use super::{Argument, Better, Metric, NO_NEGATIVES, NO_POSITIVES, Need, Ranks, Scored};

/// The ranked scores of rows of both classes.
fn both<'a>(scored: &'a Scored<'_>) -> Result<&'a Ranks, &'a str> {
    let ranks = scored.ranks()?;
    match (ranks.positives, ranks.negatives) {
        (0, _) => Err(NO_POSITIVES),
        (_, 0) => Err(NO_NEGATIVES),
        _ => Ok(ranks),
    }
}

/// False positive rate and recall at each threshold that is a positive's score, the highest first.
fn points(ranks: &Ranks) -> impl Iterator<Item = (f64, f64)> {
    let mut found = 0;
    ranks.steps.iter().map(move |step| {
        found += step.positives;
        let alarms = step.negatives_above + step.negatives_tied;
        (alarms as f64 / ranks.negatives as f64, found as f64 / ranks.positives as f64)
    })
}

fn recall_at_fpr<'a>(scored: &'a Scored<'_>, most: f64) -> Result<f64, &'a str> {
    Ok(points(both(scored)?).take_while(|(fpr, _)| *fpr <= most).last().map_or(0.0, |(_, recall)| recall))
}

fn fpr_at_recall<'a>(scored: &'a Scored<'_>, least: f64) -> Result<f64, &'a str> {
    // The last point has all positives, so there is one.
    Ok(points(both(scored)?).find(|(_, recall)| *recall >= least).map_or(1.0, |(fpr, _)| fpr))
}

/// The largest recall of a threshold whose false positive rate is at most x: `tpr[fpr <= x].max()` of
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.roc_curve.html>; rows of one score are alarms together.
pub const RECALL_AT_FPR: Metric = Metric::with_argument(
    "recall-at-fpr",
    Better::Higher,
    "largest recall at a false positive rate of at most x",
    Argument::share("the false positive rate"),
    |scored, most| recall_at_fpr(scored, most).into(),
)
.needs(&[Need::Scores]);

/// The smallest false positive rate of a threshold whose recall is at least x: `fpr[tpr >= x].min()` of `roc_curve`.
pub const FPR_AT_RECALL: Metric = Metric::with_argument(
    "fpr-at-recall",
    Better::Lower,
    "smallest false positive rate at a recall of at least x",
    Argument::share("the recall"),
    |scored, least| fpr_at_recall(scored, least).into(),
)
.needs(&[Need::Scores]);
