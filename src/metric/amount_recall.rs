//! `amount-recall`: recall in money.

use super::{Better, Metric, NO_POSITIVES, Need, Scored};

fn amount_recall(scored: &Scored<'_>) -> Result<f64, &'static str> {
    let (mut found, mut all) = (0.0, 0.0);
    for (label, amount) in scored.positives_worth() {
        if !(0.0..f64::INFINITY).contains(&amount) {
            return Err("the amount of a positive is missing, negative or infinite");
        }
        all += amount;
        found += if label == 1 { amount } else { 0.0 };
    }
    match scored.confusion.positives() {
        0 => Err(NO_POSITIVES),
        _ if all == 0.0 => Err("the positives are worth nothing"),
        _ if all.is_infinite() => Err("the amounts of the positives add up to more than a number holds"),
        _ => Ok(found / all),
    }
}

/// `recall_score(sample_weight=amount)`: <https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.recall_score.html>.
/// Undefined where a positive's amount is missing or negative.
pub const METRIC: Metric =
    Metric::new("amount-recall", Better::Higher, "share of the positives' amount that is found", |scored| {
        amount_recall(scored).into()
    })
    .needs(&[Need::Amount]);
