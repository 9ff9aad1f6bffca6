//! Models that learnt nothing: scores that tell no row, or hardly any positive, from the others, and labels that are all alike.

use super::Results;
use super::folds::by_pipeline;
use super::leaderboard::{BASELINE, Pipeline, value};
use crate::store::{Outcome, Record};

/// How it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// Every test row has the same score.
    OneScore,
    /// Most rows have the same score, and with them at least half of the positives.
    OneScoreForMost,
    /// Positives do not even rank above the others: a ROC-AUC of 0.5 or less.
    NoBetterThanChance,
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
            Nothing::NoAlarm => "no-alarm",
            Nothing::AllAlarms => "all-alarms",
        }
    }

    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Nothing::OneScore => "every test row has the same score",
            Nothing::OneScoreForMost => "most rows and at least half of the positives have the same score",
            Nothing::NoBetterThanChance => "positives do not rank above the other rows",
            Nothing::NoAlarm => "no row is an alarm",
            Nothing::AllAlarms => "every row is an alarm",
        }
    }

    /// Whether the scores are at fault, and not only where they are cut.
    pub fn is_of_scores(self) -> bool {
        !matches!(self, Nothing::NoAlarm | Nothing::AllAlarms)
    }

    /// What a scored cell's record shows; none where it learnt something, and for the baseline, which is not meant to.
    pub fn of(record: &Record) -> Option<Self> {
        if record.outcome != Outcome::Scored || record.family == BASELINE {
            return None;
        }
        let (rows, positives) = (record.test_rows, record.test_positives);
        let tied = record.tied.filter(|tied| 2 * tied.rows > rows);
        if tied.is_some_and(|tied| tied.rows == rows) || (record.tied.is_none() && is_blind(record)) {
            return Some(Nothing::OneScore);
        }
        if tied.is_some_and(|tied| 2 * tied.positives >= positives) {
            return Some(Nothing::OneScoreForMost);
        }
        if value(record.metrics.get("roc-auc")).is_some_and(|area| area <= 0.5) {
            return Some(Nothing::NoBetterThanChance);
        }
        match record.confusion?.alarms() {
            0 => Some(Nothing::NoAlarm),
            n if n == rows => Some(Nothing::AllAlarms),
            _ => None,
        }
    }
}

/// Whether a record that does not tell its ties has the metrics of one score for all rows.
fn is_blind(record: &Record) -> bool {
    let metric = |id: &str| value(record.metrics.get(id));
    let share = record.test_positives as f64 / record.test_rows as f64;
    metric("roc-auc") == Some(0.5) && metric("pr-auc").is_some_and(|found| (found - share).abs() < 1e-12)
}

/// A pipeline of which cells learnt nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Idle {
    /// Which.
    pub pipeline: Pipeline,
    /// Its classifier's family.
    pub family: String,
    /// What implements it.
    pub backend: String,
    /// How it shows in most of these cells.
    pub what: Nothing,
    /// In how many cells anything of the kind shows.
    pub cells: usize,
    /// Scored cells.
    pub scored: usize,
}

/// Every pipeline with a cell that learnt nothing, those with the most such cells first, then in plan order.
pub fn idle(results: &Results) -> Vec<Idle> {
    let kinds = [
        Nothing::OneScore,
        Nothing::OneScoreForMost,
        Nothing::NoBetterThanChance,
        Nothing::NoAlarm,
        Nothing::AllAlarms,
    ];
    let mut all: Vec<Idle> = by_pipeline(results)
        .into_iter()
        .filter_map(|group| {
            let shown: Vec<Nothing> = group.scored().filter_map(Nothing::of).collect();
            let count = |kind: &Nothing| shown.iter().filter(|other| *other == kind).count();
            // Of equally many the first: it says more.
            let what = kinds.into_iter().rev().max_by_key(count).filter(|kind| count(kind) > 0)?;
            let planned = &results.planned[group.first];
            let (family, backend) = (planned.family.clone(), planned.backend.clone());
            let scored = group.scored().count();
            Some(Idle { pipeline: group.pipeline, family, backend, what, cells: shown.len(), scored })
        })
        .collect();
    all.sort_by_key(|idle| std::cmp::Reverse(idle.cells));
    all
}
