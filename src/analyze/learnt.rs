//! Models that learnt nothing: scores that tell no row, or hardly any positive, from the others. And models whose scores may be good,
//! but whose labels are all alike, because no score or every one reaches the threshold: these have learnt something.

use super::Results;
use super::folds::by_pipeline;
use super::leaderboard::{BASELINE, Pipeline, value};
use crate::component::ComponentFacts;
use crate::store::{Outcome, Record, Tied};

/// The rows apart from those of one score tell something from this share on of what they could hold beyond chance.
const FOUND: f64 = 0.1;

/// How it shows that scores, or the labels that are cut from them, tell nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nothing {
    /// Every test row has the same score.
    OneScore,
    /// Most rows have the same score, and with them at least half of the positives, while the other rows hold hardly more positives than
    /// chance.
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
            Nothing::OneScoreForMost => {
                "most rows and at least half of the positives have the same score, and the others hold hardly more positives than chance"
            }
            Nothing::NoBetterThanChance => "positives do not rank above the other rows",
            Nothing::NoAlarm => "no row is an alarm",
            Nothing::AllAlarms => "every row is an alarm",
        }
    }

    /// Whether the scores are at fault: the model learnt nothing. Else the threshold is.
    pub fn is_of_scores(self) -> bool {
        !matches!(self, Nothing::NoAlarm | Nothing::AllAlarms)
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
        if tied.is_some_and(|tied| 2 * tied.positives >= positives && !finds(record, tied)) {
            return Some(Nothing::OneScoreForMost);
        }
        let is_by_chance = value(record.metrics.get("roc-auc")).is_some_and(|area| area <= 0.5);
        if record.no_better_than_chance || is_by_chance {
            return Some(Nothing::NoBetterThanChance);
        }
        match record.confusion?.alarms() {
            0 => Some(Nothing::NoAlarm),
            n if n == rows => Some(Nothing::AllAlarms),
            _ => None,
        }
    }
}

/// Whether the rows apart from the tied ones hold clearly more positives than chance: of the way from the share of positives among all
/// rows to 1, their own share has come [`FOUND`] at least. So does a tree that finds some positives with hardly a false alarm.
fn finds(record: &Record, tied: Tied) -> bool {
    let (rows, positives) = (record.test_rows as f64, record.test_positives as f64);
    let (rest, all) = ((positives - tied.positives as f64) / (rows - tied.rows as f64), positives / rows);
    (rest - all) / (1.0 - all) >= FOUND
}

/// Whether a record that does not tell its ties has the metrics of one score for all rows.
fn is_blind(record: &Record) -> bool {
    let metric = |id: &str| value(record.metrics.get(id));
    let share = record.test_positives as f64 / record.test_rows as f64;
    metric("roc-auc") == Some(0.5) && metric("pr-auc").is_some_and(|found| (found - share).abs() < 1e-12)
}

/// A pipeline with cells whose scores tell nothing, or with cells whose labels alone do.
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
    /// In how many cells anything of scores shows, where `what` is of scores; else anything of labels.
    pub cells: usize,
    /// Scored cells.
    pub scored: usize,
}

/// Every pipeline with a cell that learnt nothing, and after these every one with a cell whose labels alone are all alike. A pipeline
/// with both stands in both. Those with the most such cells come first, then in plan order.
pub fn idle(results: &Results) -> Vec<Idle> {
    let of_scores = [Nothing::OneScore, Nothing::OneScoreForMost, Nothing::NoBetterThanChance];
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
    [of(&of_scores), of(&of_labels)].concat()
}
