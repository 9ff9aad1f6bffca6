//! Models that learnt nothing: their scores tell rows apart no better than chance. Models that learnt little: half of the positives have
//! the score of most rows, and the others are hardly found. And models whose scores may be good, but whose labels are all alike, because
//! no score or every one reaches the threshold: these have learnt something.

use super::Results;
use super::folds::by_pipeline;
use super::leaderboard::{BASELINE, Pipeline, value};
use crate::component::ComponentFacts;
use crate::store::{Outcome, Record, Tied};

/// Where most rows have one score, the others tell enough once the share of positives among them, or the average precision, has come
/// so much of the way from the share of positives among all rows to 1.
const FOUND: f64 = 0.1;
/// By so many standard deviations something is above what it is by chance.
const CLEARLY: f64 = 3.0;

/// What a model learnt although something is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learnt {
    /// Nothing that is told apart from chance.
    Nothing,
    /// More than chance, but little.
    Little,
    /// Its scores may be good: the threshold is at fault.
    Ranking,
}

/// How it shows that scores, or the labels that are cut from them, tell nothing or little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nothing {
    /// Every test row has the same score.
    OneScore,
    /// Most rows have the same score, and with them at least half of the positives, and nothing tells the scores from chance.
    OneScoreForMost,
    /// Positives do not even rank above the others: a ROC-AUC of 0.5 or less.
    NoBetterThanChance,
    /// Most rows have the same score, and with them at least half of the positives, while the other scores tell more than chance, but
    /// little.
    LittleForMost,
    /// No row is an alarm.
    NoAlarm,
    /// Every row is an alarm.
    AllAlarms,
}

impl Nothing {
    /// The name in tables.
    pub fn id(self) -> &'static str {
        match self {
            Nothing::OneScore => "one-score",
            Nothing::OneScoreForMost => "one-score-for-most",
            Nothing::NoBetterThanChance => "no-better-than-chance",
            Nothing::LittleForMost => "little-for-most",
            Nothing::NoAlarm => "no-alarm",
            Nothing::AllAlarms => "all-alarms",
        }
    }

    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Nothing::OneScore => "every test row has the same score",
            Nothing::OneScoreForMost => {
                "most rows and at least half of the positives have the same score, and the other scores find no more than chance would"
            }
            Nothing::NoBetterThanChance => "positives do not rank above the other rows",
            Nothing::LittleForMost => {
                "most rows and at least half of the positives have the same score, and the other scores find more than chance would, but \
                 little"
            }
            Nothing::NoAlarm => "no row is an alarm",
            Nothing::AllAlarms => "every row is an alarm",
        }
    }

    /// What the model learnt all the same.
    pub fn learnt(self) -> Learnt {
        match self {
            Nothing::OneScore | Nothing::OneScoreForMost | Nothing::NoBetterThanChance => Learnt::Nothing,
            Nothing::LittleForMost => Learnt::Little,
            Nothing::NoAlarm | Nothing::AllAlarms => Learnt::Ranking,
        }
    }

    /// What a scored cell's record shows; none where scores and labels tell something, and for the baseline, which is not meant to.
    pub fn of(record: &Record) -> Option<Self> {
        if record.outcome != Outcome::Scored || record.family == BASELINE {
            return None;
        }
        let (rows, positives) = (record.test_rows, record.test_positives);
        let tied = record.tied.filter(|tied| 2 * tied.rows > rows);
        // What a record tells of itself does not depend on the metrics that its study lists; one of an older build has these alone.
        let is_blind = record.tied.is_none() && !record.no_better_than_chance && is_blind(record);
        if tied.is_some_and(|tied| tied.rows == rows) || is_blind {
            return Some(Nothing::OneScore);
        }
        let half = tied.filter(|tied| 2 * tied.positives >= positives).and_then(|tied| of_others(record, tied));
        if half == Some(Nothing::OneScoreForMost) {
            return half;
        }
        let is_by_chance = value(record.metrics.get("roc-auc")).is_some_and(|area| area <= 0.5);
        if record.no_better_than_chance || is_by_chance {
            return Some(Nothing::NoBetterThanChance);
        }
        if half.is_some() {
            return half;
        }
        match record.confusion?.alarms() {
            0 => Some(Nothing::NoAlarm),
            n if n == rows => Some(Nothing::AllAlarms),
            _ => None,
        }
    }
}

/// What the scores apart from that of the `tied` rows, who are most and have half of the positives, tell: nothing or little; none where
/// it is enough. So it is for a tree that finds some positives with hardly a false alarm, and for a forest that ranks half of the
/// positives well. Nothing: neither the average precision, where the record knows it, nor the number of positives among the other rows
/// is above what chance gives.
fn of_others(record: &Record, tied: Tied) -> Option<Nothing> {
    let (rows, positives) = (record.test_rows as f64, record.test_positives as f64);
    let (others, found) = (rows - tied.rows as f64, positives - tied.positives as f64);
    let all = positives / rows;
    let has_come = |share: f64| (share - all) / (1.0 - all) >= FOUND;
    let precision = tied.average_precision.or_else(|| value(record.metrics.get("pr-auc")));
    if has_come(found / others) || precision.is_some_and(has_come) {
        return None;
    }
    let is_precise = precision.is_some_and(|precision| {
        let (mean, sd) = precision_by_chance(rows, positives);
        precision > mean + CLEARLY * sd
    });
    // Half a positive more: of few rows one positive is no wonder.
    let (mean, sd) = found_by_chance(rows, positives, others);
    let has_more = found > mean + CLEARLY * sd + 0.5;
    Some(if is_precise || has_more { Nothing::LittleForMost } else { Nothing::OneScoreForMost })
}

/// Mean and standard deviation of the number of positives among so many rows that are drawn by chance (hypergeometric).
fn found_by_chance(rows: f64, positives: f64, drawn: f64) -> (f64, f64) {
    let mean = drawn * positives / rows;
    (mean, (mean * (1.0 - positives / rows) * (rows - drawn) / (rows - 1.0)).sqrt())
}

/// Mean and standard deviation of the average precision of rows in an order by chance. The mean is exact, but for the sum of `1 / rank`, which
/// is right to 1e-4 from four rows on. To the variance the first
/// ranks give the share of positives times the sum of `1 / rank^2`, over the square of the positives, and all the ranks below them the
/// square of the share over the positives.
fn precision_by_chance(rows: f64, positives: f64) -> (f64, f64) {
    /// Euler's.
    const GAMMA: f64 = 0.577_215_664_901_532_9;
    let share = positives / rows;
    // The sum of 1 / rank over all ranks.
    let harmonic = rows.ln() + GAMMA + 1.0 / (2.0 * rows) - 1.0 / (12.0 * rows * rows);
    let mean = (harmonic + (positives - 1.0) / (rows - 1.0) * (rows - harmonic)) / rows;
    let first = std::f64::consts::PI.powi(2) / 6.0 / (positives * positives);
    (mean, (share * (1.0 - share) * (first + share / positives)).sqrt())
}

/// Whether a record that does not tell its ties has the metrics of one score for all rows.
fn is_blind(record: &Record) -> bool {
    let metric = |id: &str| value(record.metrics.get(id));
    let share = record.test_positives as f64 / record.test_rows as f64;
    metric("roc-auc") == Some(0.5) && metric("pr-auc").is_some_and(|found| (found - share).abs() < 1e-12)
}

/// A pipeline with cells whose scores tell nothing, with cells whose scores tell little, or with cells whose labels alone tell nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Idle {
    /// Which.
    pub pipeline: Pipeline,
    /// Its classifier's family.
    pub family: String,
    /// What implements it.
    pub backend: String,
    /// Its scaler, as its first such cell used it.
    pub scaler: ComponentFacts,
    /// Its resampler, likewise.
    pub resampler: ComponentFacts,
    /// Its classifier, likewise.
    pub classifier: ComponentFacts,
    /// How it shows in most of these cells.
    pub what: Nothing,
    /// In how many cells something shows of which the model learnt as much, or as little, as in `what`.
    pub cells: usize,
    /// Scored cells.
    pub scored: usize,
}

/// Every pipeline with a cell that learnt nothing, after these every one with a cell that learnt little, and then every one with a cell
/// whose labels alone are all alike. A pipeline with several of these stands in each. Those with the most such cells come first, then in
/// plan order.
pub fn idle(results: &Results) -> Vec<Idle> {
    let of_scores = [Nothing::OneScore, Nothing::OneScoreForMost, Nothing::NoBetterThanChance];
    let of_few = [Nothing::LittleForMost];
    let of_labels = [Nothing::NoAlarm, Nothing::AllAlarms];
    let groups = by_pipeline(results);
    let of = |kinds: &[Nothing]| {
        let mut all: Vec<Idle> = groups
            .iter()
            .filter_map(|group| {
                let shown = group.scored().filter_map(|record| Some((record, Nothing::of(record)?)));
                let shown: Vec<(&Record, Nothing)> = shown.filter(|(_, what)| kinds.contains(what)).collect();
                let count = |kind: &Nothing| shown.iter().filter(|(_, other)| other == kind).count();
                // Of equally many the first: it says more.
                let what = kinds.iter().copied().rev().max_by_key(count).filter(|kind| count(kind) > 0)?;
                let planned = &results.planned[group.first];
                let (family, backend) = (planned.family.clone(), planned.backend.clone());
                let (pipeline, scored) = (group.pipeline.clone(), group.scored().count());
                let first = shown.first()?.0;
                Some(Idle {
                    pipeline,
                    family,
                    backend,
                    scaler: first.scaler_facts.clone(),
                    resampler: first.resampler_facts.clone(),
                    classifier: first.classifier_facts.clone(),
                    what,
                    cells: shown.len(),
                    scored,
                })
            })
            .collect();
        all.sort_by_key(|idle| std::cmp::Reverse(idle.cells));
        all
    };
    [of(&of_scores), of(&of_few), of(&of_labels)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_chance_an_average_precision_is_what_orders_by_chance_have() {
        // Of the six orders of two positives and two others: 1, 5/6, 3/4, 7/12, 1/2 and 5/12.
        let (mean, _) = precision_by_chance(4.0, 2.0);
        assert!((mean - 49.0 / 72.0).abs() < 1e-4, "{mean}");
        // Rows, positives, and what 3,000 orders by NumPy's generator have: their mean and standard deviation.
        let drawn = [
            (28_481.0, 49.0, 0.00207, 0.00123),
            (19_643.0, 95.0, 0.00530, 0.00115),
            (1_000.0, 300.0, 0.30428, 0.01482),
        ];
        for (rows, positives, mean, sd) in drawn {
            let found = precision_by_chance(rows, positives);
            assert!((found.0 / mean - 1.0).abs() < 0.01 && (found.1 / sd - 1.0).abs() < 0.11, "{found:?}");
        }
    }

    #[test]
    fn by_chance_drawn_rows_hold_their_share_of_positives() {
        // Two of four rows, two of them positive: 0, 1 and 2 in 1, 4 and 1 of six draws.
        let (mean, sd) = found_by_chance(4.0, 2.0, 2.0);
        assert!((mean - 1.0).abs() < 1e-15 && (sd * sd - 1.0 / 3.0).abs() < 1e-15, "{mean} {sd}");
    }
}
