//! What the stages of cascades did to the test rows, over all folds.

use std::collections::HashMap;

use serde_json::Value;

use super::Results;
use super::leaderboard::{Pipeline, distinct};
use crate::store::{Outcome, Record, Sieve};

/// The stages of one pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Stages {
    /// Which pipeline.
    pub pipeline: Pipeline,
    /// Folds that are added up.
    pub folds: usize,
    /// Folds that the pipeline has stages in: more where a search chose other stages, or other costs, in some.
    pub of_folds: usize,
    /// Which of its choices in as many folds, from 1; none where there is one only.
    pub choice: Option<usize>,
    /// Whether a `threshold` or a `calibrate` of its own decides which rows are alarms.
    pub is_relabelled: bool,
    /// What people's check of a row costs that has passed all stages.
    pub check_cost: f64,
    /// The stages in order, rows added up over the folds.
    pub sieves: Vec<Sieve>,
}

impl Stages {
    /// Which of the pipeline's folds these are, to stand behind its name; empty where they are all.
    pub fn part(&self) -> String {
        let choice = self.choice.map_or_else(String::new, |nth| format!("choice {nth}, "));
        match self.folds == self.of_folds {
            true => String::new(),
            false => format!(" ({choice}{} of {} folds)", self.folds, self.of_folds),
        }
    }

    /// How many rows people check, on all folds together.
    pub fn checked(&self) -> u64 {
        self.sieves.last().map_or(0, |last| last.left_rows)
    }

    /// What people's checks cost, per fold.
    pub fn cost(&self) -> f64 {
        self.checked() as f64 * self.check_cost / self.folds as f64
    }

    /// The shares of all negatives and of all positives that are left after a stage.
    pub fn left(&self, sieve: &Sieve) -> [f64; 2] {
        let first = &self.sieves[0];
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        [
            share(sieve.left_rows - sieve.left_positives, first.rows - first.positives),
            share(sieve.left_positives, first.positives),
        ]
    }
}

/// What the check of a row costs: what the model tells, which a search may have chosen.
fn check_cost(record: &Record) -> f64 {
    fn told(details: &Value) -> Option<f64> {
        let own = details.get("cascade").and_then(|cascade| cascade["check_cost"].as_f64());
        own.or_else(|| details.get("model").and_then(told))
    }
    let facts = || record.classifier_facts.params["check_cost"].as_f64();
    record.details.as_ref().and_then(told).or_else(facts).unwrap_or_default()
}

/// Records of the same stages and the same cost, in the order of the first of each.
fn alike<'r>(records: &[&'r Record]) -> Vec<Vec<&'r Record>> {
    let is_same = |one: &Record, other: &Record| {
        check_cost(one) == check_cost(other)
            && one.sieves.iter().map(|sieve| &sieve.stage).eq(other.sieves.iter().map(|sieve| &sieve.stage))
    };
    let mut groups: Vec<Vec<&Record>> = Vec::new();
    for &record in records {
        match groups.iter_mut().find(|group| is_same(group[0], record)) {
            Some(group) => group.push(record),
            None => groups.push(vec![record]),
        }
    }
    groups
}

/// Of groups with so many folds the number of each among those with as many: their folds alone do not tell these apart.
fn choices(folds: &[usize]) -> Vec<Option<usize>> {
    let nth = |(place, own): (usize, &usize)| {
        let as_many = |of: &[usize]| of.iter().filter(|other| *other == own).count();
        (as_many(folds) > 1).then(|| as_many(&folds[..=place]))
    };
    folds.iter().enumerate().map(nth).collect()
}

/// Every pipeline that is a cascade and has a scored fold, in plan order; once for each list of stages that a search chose.
pub fn cascades(results: &Results) -> Vec<Stages> {
    let is_one = |record: &&Record| record.outcome == Outcome::Scored && !record.sieves.is_empty();
    let mut by_pipeline: HashMap<Pipeline, Vec<&Record>> = HashMap::new();
    for record in results.records.iter().filter(is_one) {
        by_pipeline.entry(Pipeline::of(&record.cell)).or_default().push(record);
    }
    // Most runs have none, and thousands of cells to look through.
    if by_pipeline.is_empty() {
        return Vec::new();
    }
    let pipelines = distinct(results.planned.iter().map(|planned| Pipeline::of(&planned.cell)));
    let of = |pipeline: Pipeline| {
        let all = by_pipeline.get(&pipeline).map(Vec::as_slice).unwrap_or_default();
        let groups = alike(all);
        let choices = choices(&groups.iter().map(Vec::len).collect::<Vec<_>>());
        let summed = |(records, choice): (Vec<&Record>, Option<usize>)| {
            let mut sieves = records[0].sieves.clone();
            for record in &records[1..] {
                sieves.iter_mut().zip(&record.sieves).for_each(|(sum, own)| sum.add(own));
            }
            let params = &records[0].classifier_facts.params;
            let is_relabelled = ["threshold", "calibrate"].iter().any(|key| params.get(key).is_some());
            let (pipeline, check_cost) = (pipeline.clone(), check_cost(records[0]));
            Stages { pipeline, folds: records.len(), of_folds: all.len(), choice, is_relabelled, check_cost, sieves }
        };
        groups.into_iter().zip(choices).map(summed).collect::<Vec<Stages>>()
    };
    pipelines.into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::CellId;

    fn cell(classifier: &str) -> CellId {
        let none = || "none".to_owned();
        CellId {
            data_set: "data".into(),
            protocol: "hold-out".into(),
            dedup: true,
            imputer: none(),
            resampler: none(),
            encoder: none(),
            scaler: none(),
            select: none(),
            classifier: classifier.into(),
            repeat: 0,
            fold: 0,
        }
    }

    #[test]
    fn choices_in_as_many_folds_are_numbered() {
        assert_eq!(choices(&[1, 2, 1, 3]), [Some(1), None, Some(2), None]);
        assert_eq!(choices(&[2]), [None]);
    }

    #[test]
    fn shares_are_of_all_rows_and_people_cost_per_fold() {
        let sieve = |rows, positives, left_rows, left_positives| Sieve {
            stage: "x".into(),
            rows,
            positives,
            left_rows,
            left_positives,
        };
        let mut stages = Stages {
            pipeline: Pipeline::of(&cell("cascade")),
            folds: 2,
            of_folds: 3,
            choice: None,
            is_relabelled: false,
            check_cost: 10.0,
            sieves: vec![sieve(500, 100, 220, 80), sieve(220, 80, 120, 60)],
        };
        assert_eq!(stages.left(&stages.sieves[0]), [0.35, 0.8]);
        assert_eq!(stages.left(&stages.sieves[1]), [0.15, 0.6]);
        assert_eq!((stages.checked(), stages.cost()), (120, 600.0));
        assert_eq!(stages.part(), " (2 of 3 folds)");
        assert_eq!(Stages { of_folds: 2, ..stages.clone() }.part(), "");
        assert_eq!(Stages { choice: Some(2), ..stages.clone() }.part(), " (choice 2, 2 of 3 folds)");
        let other = stages.sieves[1].clone();
        stages.sieves[1].add(&other);
        assert_eq!((stages.sieves[1].filtered(), stages.sieves[1].missed()), (160, 40));
    }
}
