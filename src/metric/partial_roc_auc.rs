//! `partial-roc-auc(x)`: the part of the ROC curve in which anybody works.

use super::{Argument, Better, Metric, NO_NEGATIVES, NO_POSITIVES, Need, Scored};

fn partial<'a>(scored: &'a Scored<'_>, most: f64) -> Result<f64, &'a str> {
    let ranks = scored.ranks()?;
    if ranks.positives == 0 {
        return Err(NO_POSITIVES);
    }
    if ranks.negatives == 0 {
        return Err(NO_NEGATIVES);
    }
    let (mut area, mut found) = (0.0, 0);
    let (mut from, mut height) = (0.0, 0.0);
    // The curve up to the false positive rate `to`, where it has risen to `rise`.
    let mut reach = |to: f64, rise: f64| {
        let end = to.min(most);
        if end > from {
            let at_end = height + (rise - height) * ((end - from) / (to - from));
            area += (end - from) * (height + at_end) / 2.0;
        }
        (from, height) = (to.max(from), rise);
    };
    for step in &ranks.steps {
        let rate = |negatives: u64| negatives as f64 / ranks.negatives as f64;
        reach(rate(step.negatives_above), found as f64 / ranks.positives as f64);
        found += step.positives;
        reach(rate(step.negatives_above + step.negatives_tied), found as f64 / ranks.positives as f64);
    }
    reach(1.0, 1.0);
    let least = most * most / 2.0;
    Ok((1.0 + (area - least) / (most - least)) / 2.0)
}

/// `roc_auc_score(max_fpr=x)`, which McClish's (1989) formula stretches so that chance is 0.5 and perfection 1:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.roc_auc_score.html>.
pub const METRIC: Metric = Metric::with_argument(
    "partial-roc-auc",
    Better::Higher,
    "area under the ROC curve up to a false positive rate of x, stretched to 0.5 for chance",
    Argument::share("the largest false positive rate"),
    |scored, most| partial(scored, most).into(),
)
.needs(&[Need::Scores]);
