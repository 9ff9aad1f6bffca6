//! `precision-at-per-day(k)` and `card-precision-at(k)`: what people find who check k alarms a day.

use std::collections::{BTreeMap, HashSet};

use super::{Argument, Better, Metric, NO_ROWS, Need, Scored};
use crate::data::DAY;
use crate::numeric::quicksort::argsort_descending;

/// The days of the test part in order, each with its rows; days begin at midnight (UTC), or at a multiple of 86,400 s.
fn days(scored: &Scored<'_>) -> Result<Vec<Vec<usize>>, String> {
    scored.ranks()?;
    let mut days: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (row, time) in scored.times().iter().enumerate() {
        days.entry(time.div_euclid(DAY)).or_default().push(row);
    }
    if days.is_empty() { Err(NO_ROWS.into()) } else { Ok(days.into_values().collect()) }
}

fn alarms_per_day(scored: &Scored<'_>) -> Result<f64, String> {
    let days = scored.times().iter().map(|time| time.div_euclid(DAY)).collect::<HashSet<i64>>().len();
    match days {
        0 => Err(NO_ROWS.into()),
        days => Ok((scored.confusion.tp + scored.confusion.fp) as f64 / days as f64),
    }
}

fn mean(days: &[f64]) -> f64 {
    days.iter().sum::<f64>() / days.len() as f64
}

fn precision_at_per_day(scored: &Scored<'_>, k: f64) -> Result<f64, String> {
    let of_day = |rows: Vec<usize>| super::top::found(&scored.ranks_of(&rows), k) / k;
    Ok(mean(&days(scored)?.into_iter().map(of_day).collect::<Vec<_>>()))
}

/// A card's day: its highest score, and whether any of its rows is positive.
type Card = (f64, bool);

fn card_precision_at(scored: &Scored<'_>, k: f64) -> Result<f64, String> {
    let mut known: HashSet<u32> = HashSet::new();
    let mut precisions = Vec::new();
    for rows in days(scored)? {
        // In the order of their names, as pandas' groupby has them.
        let mut cards: BTreeMap<u32, Card> = BTreeMap::new();
        for row in rows {
            let (group, score, positive) = scored.row_of_group(row);
            if !known.contains(&group) {
                let card = cards.entry(group).or_insert((f64::NEG_INFINITY, false));
                *card = (card.0.max(score), card.1 || positive);
            }
        }
        let cards: Vec<(u32, Card)> = cards.into_iter().collect();
        let scores: Vec<f64> = cards.iter().map(|(_, (score, _))| *score).collect();
        // Which of equally scored cards counts first has to be decided, as what is found today is not looked for tomorrow. Any
        // order would do; this one gives the published numbers of trees, whose scores are few.
        let highest = argsort_descending(&scores).into_iter().take(k as usize).map(|place| cards[place as usize]);
        let found: Vec<u32> = highest.filter(|(_, (_, positive))| *positive).map(|(group, _)| group).collect();
        precisions.push(found.len() as f64 / k);
        known.extend(found);
    }
    Ok(mean(&precisions))
}

/// Mean over the days of the share of positives among the day's k highest scores; ties as in `precision-at`. A day with fewer
/// rows counts k all the same, as `card-precision-at` does.
pub const PRECISION_AT_PER_DAY: Metric = Metric::with_argument(
    "precision-at-per-day",
    Better::Higher,
    "share of positives among the n highest scores of a day, mean over days",
    Argument::count("how many alarms a day"),
    |scored, k| precision_at_per_day(scored, k).into(),
)
.needs(&[Need::Scores, Need::Time])
.whole_days();

/// Alarms by the model's own labels, mean over the days of the test part that have rows.
pub const ALARMS_PER_DAY: Metric =
    Metric::new("alarms-per-day", Better::Lower, "alarms a day at the model's own labels", |scored| {
        alarms_per_day(scored).into()
    })
    .range(0.0, f64::MAX)
    .needs(&[Need::Time])
    .whole_days();

/// Card precision top-k of the Fraud Detection Handbook (Le Borgne et al. 2022, chapter 4): a card's score of a day is the largest
/// of its rows', and so is its label; of the day's k highest cards the share that is positive, mean over days. A card that was
/// found is left out on the following days. Equally scored cards stand as the Handbook's pandas left them: as numpy's quicksort
/// without vector instructions does, from cards in the order of their names.
pub const CARD_PRECISION_AT: Metric = Metric::with_argument(
    "card-precision-at",
    Better::Higher,
    "share of positive cards among the n highest of a day, mean over days; found cards are left out later",
    Argument::count("how many cards a day"),
    |scored, k| card_precision_at(scored, k).into(),
)
.needs(&[Need::Scores, Need::Group, Need::Time])
.whole_days()
// Ties are no longer decided by names.
.version(2);
