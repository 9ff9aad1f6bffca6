//! Means that are too good: the best possible, or nearly so. Rare events are hardly ever told without an error, so a column may give
//! the label away.

use super::words::pipeline;
use crate::analyze::is_leaky;
use crate::analyze::leaderboard::{BASELINE, Leaderboard, Row};
use crate::analyze::statistics::rounding;
use crate::component::Better;
use crate::words::{agree, counted};

/// From here on a mean of one of [`OF_BOTH`] is nearly the best possible.
const NEARLY: f64 = 0.999;

/// Metrics that come near 1 only where hardly a row of either class is taken for one of the other, however rare the positives.
const OF_BOTH: [&str; 5] = ["pr-auc", "f1", "f2", "f0.5", "mcc"];

/// Metrics that come near 1 by the many negatives alone, and are 1 only where no error is made.
const OF_ALL: [&str; 7] = ["roc-auc", "g-mean", "balanced-accuracy", "accuracy", "iba-0.1", "iba-1", "iba-multiclass"];

/// Losses that are 0 only where no error is made; others than the primary metric have no known range here.
const LOSSES: [&str; 2] = ["brier", "log-loss"];

/// The best pipeline with a mean that is too good, that mean, how many others have such means, and what to do; none where no pipeline
/// has one.
pub(super) fn said(board: &Leaderboard) -> Option<String> {
    let good = |row: &Row| board.metrics.iter().find_map(|id| Some((id.clone(), is_too_good(board, row, id)?)));
    // What a named leak is worth is no news.
    let is_judged = |row: &&Row| row.family != BASELINE && row.rank.is_some() && !is_leaky(&row.pipeline);
    let rows = board.rows.iter().filter(is_judged);
    let mut found = rows.filter_map(|row| Some((row, good(row)?)));
    let (first, (metric, mean)) = found.next()?;
    let others = found.count();
    let more = match others {
        0 => String::new(),
        n => format!(", and {} {} such a mean, too", counted(n as u64, "other pipeline"), agree(n, "has", "have")),
    };
    let best = best_of(board, &metric);
    let shown = format!("{mean:.4}");
    let which = match rounding::equal(mean, best) {
        true => format!("{shown}, the best possible"),
        false if shown == format!("{best:.4}") => "the best possible but for the fifth digit".to_owned(),
        false => format!("{shown}, nearly the best possible"),
    };
    Some(format!(
        "The mean {metric} of {} is {which}{more}: that may be a leak, such as a column that is filled in after the fraud was \
         found. `fraudbench audit STUDY --inspect` looks for columns that give the label away.",
        pipeline(&first.pipeline)
    ))
}

/// The mean of a metric, where it is too good to be taken as it is.
fn is_too_good(board: &Leaderboard, row: &Row, metric: &str) -> Option<f64> {
    // A mean over some folds is none of the others.
    let mean = board.summary(row, metric).filter(|summary| summary.undefined == 0)?.mean?;
    let is_whole = OF_BOTH.contains(&metric) || OF_ALL.contains(&metric);
    let is_loss = metric == board.primary && LOSSES.contains(&metric);
    let is_best = || rounding::equal(mean, best_of(board, metric));
    let is = (OF_BOTH.contains(&metric) && mean >= NEARLY) || ((is_whole || is_loss) && is_best());
    is.then_some(mean)
}

/// The best value of a metric: of the primary one by its range, of others that are asked about 1.
fn best_of(board: &Leaderboard, metric: &str) -> f64 {
    match (metric == board.primary, board.better) {
        (false, _) => 1.0,
        (true, Better::Higher) => board.range.1,
        (true, Better::Lower) => board.range.0,
    }
}
