//! Each family's best pipeline, and what its models said of their test rows.

use std::path::Path;

use super::Of;
use crate::analyze::Results;
use crate::analyze::leaderboard::{Leaderboard, Pipeline, Row, value};
use crate::analyze::out_of_fold::Fold;
use crate::error::Result;
use crate::report::words::on_off;
use crate::store::{Outcome, Predictions, Record, TestRows, predictions_path, rows_path};

/// The metrics that have a value only where a score is a probability.
const OF_PROBABILITIES: [&str; 2] = ["brier", "log-loss"];

/// What the models of a pipeline said.
pub(super) struct Said {
    /// Its family.
    pub family: String,
    /// Its name in one line.
    pub pipeline: String,
    /// Whether its scores are known to be probabilities.
    pub probability: bool,
    /// Its folds in plan order, those that its row is over; at least one.
    pub folds: Vec<Fold>,
}

impl Said {
    /// `it`, under this pipeline's name.
    pub fn of<T>(&self, it: T) -> Of<T> {
        Of { family: self.family.clone(), pipeline: self.pipeline.clone(), it }
    }
}

/// The best pipeline of each family, best first.
pub(super) fn best<'a>(results: &Results, board: &'a Leaderboard) -> Vec<&'a Row> {
    let families = board.families(results);
    let mut best: Vec<&Row> = families.iter().filter_map(|family| board.best(|row| row.family == *family)).collect();
    best.sort_by_key(|row| row.rank);
    best
}

/// What was said on each fold of a row; none unless all of it was kept and can be ranked.
pub(super) fn said(results: &Results, row: &Row, directory: &Path) -> Result<Option<Said>> {
    let of_row = |r: &&Record| {
        let split = (r.cell.repeat, r.cell.fold);
        r.outcome == Outcome::Scored && row.splits.contains(&split) && row.pipeline == Pipeline::of(&r.cell)
    };
    let records: Vec<&Record> = results.records.iter().filter(of_row).collect();
    let folds: Option<Vec<Fold>> =
        records.iter().map(|record| fold(record, directory).transpose()).collect::<Option<Result<_>>>().transpose()?;
    // A fold on which another pipeline's scores stand in has no predictions of its own.
    let whole = |folds: &Vec<Fold>| !folds.is_empty() && folds.len() == row.splits.len();
    let Some(folds) = folds.filter(whole) else { return Ok(None) };
    let probability = |r: &&Record| OF_PROBABILITIES.iter().any(|metric| value(r.metrics.get(*metric)).is_some());
    let p = &row.pipeline;
    Ok(Some(Said {
        family: row.family.clone(),
        pipeline: format!("{} · {} · {} · dedup {}", p.classifier, p.scaler, p.resampler, on_off(p.dedup)),
        probability: records.iter().all(probability),
        folds,
    }))
}

/// A cell's test rows; a copied cell's scores are those of the cell that it equals.
fn fold(record: &Record, directory: &Path) -> Result<Option<Fold>> {
    let key = record.equals.as_ref().unwrap_or(&record.key);
    let said = Predictions::read(&predictions_path(directory, key))?;
    let rows = TestRows::read(&rows_path(directory, &record.cell))?;
    let (Some(said), Some(rows)) = (said, rows) else { return Ok(None) };
    Ok(Fold::new((record.cell.repeat, record.cell.fold), rows.positive, said.score, said.label, rows.amount))
}
