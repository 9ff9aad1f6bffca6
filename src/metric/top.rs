//! `precision-at(k)` and `recall-at(k)`: what the k rows with the highest scores hold.

use super::{Argument, Better, Metric, NO_POSITIVES, Need, Ranks, Scored};

/// Positives among the `k` rows with the highest scores. Of the rows that share the last score, so many are taken as there is
/// room for, and their share of positives is what they hold on average.
pub(super) fn found(ranks: &Ranks, k: f64) -> f64 {
    let mut found = 0;
    for step in &ranks.steps {
        let above = (found + step.negatives_above) as f64;
        let tied = (step.positives + step.negatives_tied) as f64;
        if above + tied > k {
            let room = (k - above).max(0.0);
            return found as f64 + step.positives as f64 * (room / tied);
        }
        found += step.positives;
    }
    found as f64
}

/// Refuses more rows than there are: the k best of fewer rows would be all of them.
fn enough(ranks: &Ranks, k: f64) -> Result<(), String> {
    let rows = ranks.positives + ranks.negatives;
    if (rows as f64) < k { Err(format!("there are {rows} test rows, and {k} are asked for")) } else { Ok(()) }
}

fn precision_at(scored: &Scored<'_>, k: f64) -> Result<f64, String> {
    let ranks = scored.ranks()?;
    enough(ranks, k)?;
    Ok(found(ranks, k) / k)
}

fn recall_at(scored: &Scored<'_>, k: f64) -> Result<f64, String> {
    let ranks = scored.ranks()?;
    enough(ranks, k)?;
    match ranks.positives {
        0 => Err(NO_POSITIVES.into()),
        positives => Ok(found(ranks, k) / positives as f64),
    }
}

/// The share of positives among the k rows with the highest scores; where the k-th shares its score, the mean over all orders.
pub const PRECISION_AT: Metric = Metric::with_argument(
    "precision-at",
    Better::Higher,
    "share of positives among the n highest scores",
    Argument::count("how many alarms"),
    |scored, k| precision_at(scored, k).into(),
)
.needs(&[Need::Scores])
.of_one_part();

/// The share of all positives that is among the k rows with the highest scores; ties as in `precision-at`.
pub const RECALL_AT: Metric = Metric::with_argument(
    "recall-at",
    Better::Higher,
    "share of the positives that is among the n highest scores",
    Argument::count("how many alarms"),
    |scored, k| recall_at(scored, k).into(),
)
.needs(&[Need::Scores])
.of_one_part();
