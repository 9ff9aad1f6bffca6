//! What the stages of cascades did to the test rows, over all folds.

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
    /// What people's check of a row costs that has passed all stages.
    pub check_cost: f64,
    /// The stages in order, rows added up over the folds.
    pub sieves: Vec<Sieve>,
}

impl Stages {
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

/// Every pipeline that is a cascade and has a scored fold, in plan order.
pub fn cascades(results: &Results) -> Vec<Stages> {
    let is_one = |record: &&Record| record.outcome == Outcome::Scored && !record.sieves.is_empty();
    let pipelines = distinct(results.planned.iter().map(|planned| Pipeline::of(&planned.cell)));
    let of = |pipeline: Pipeline| {
        let is_its = |record: &&Record| Pipeline::of(&record.cell) == pipeline;
        let records: Vec<&Record> = results.records.iter().filter(is_one).filter(is_its).collect();
        let check_cost = records.first()?.classifier_facts.params["check_cost"].as_f64().unwrap_or_default();
        let mut sieves = records[0].sieves.clone();
        for record in &records[1..] {
            sieves.iter_mut().zip(&record.sieves).for_each(|(sum, own)| sum.add(own));
        }
        Some(Stages { pipeline, folds: records.len(), check_cost, sieves })
    };
    pipelines.into_iter().filter_map(of).collect()
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
            check_cost: 10.0,
            sieves: vec![sieve(500, 100, 220, 80), sieve(220, 80, 120, 60)],
        };
        assert_eq!(stages.left(&stages.sieves[0]), [0.35, 0.8]);
        assert_eq!(stages.left(&stages.sieves[1]), [0.15, 0.6]);
        assert_eq!((stages.checked(), stages.cost()), (120, 600.0));
        let other = stages.sieves[1].clone();
        stages.sieves[1].add(&other);
        assert_eq!((stages.sieves[1].filtered(), stages.sieves[1].missed()), (160, 40));
    }
}
