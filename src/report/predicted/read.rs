//! Each family's best pipeline, and what its models said of their test rows.

use std::path::Path;

use super::Of;
use crate::analyze::Results;
use crate::analyze::leaderboard::{Pipeline, Row};
use crate::analyze::out_of_fold::{Fold, unworthy};
use crate::component::ScoreKind;
use crate::error::{Error, Result};
use crate::metric::Scored;
use crate::report::words::{fold_name, one_line};
use crate::run::rescore::{differing, kept, may_be_of_others, misranked};
use crate::store::{Outcome, Record, predictions_path, rows_path};

/// What the models of a pipeline said.
pub(super) struct Said {
    /// Its family.
    pub family: String,
    /// Its name in one line.
    pub pipeline: String,
    /// Whether its scores are known to be probabilities.
    pub probability: bool,
    /// How many test rows are positives whose amount is blank, negative or infinite; none where no column has the role.
    pub unworthy: Option<usize>,
    /// Its folds in plan order, those that its row is over; at least one.
    pub folds: Vec<Fold>,
}

impl Said {
    /// `it`, under this pipeline's name.
    pub fn of<T>(&self, it: T) -> Of<T> {
        Of { family: self.family.clone(), pipeline: self.pipeline.clone(), it }
    }
}

/// Why nothing can be made of what a pipeline's models said.
pub(super) enum Lacking {
    /// Not all of it was kept.
    Predictions,
    /// The rows of a fold cannot be ranked: which fold, and why.
    Ranking(String),
}

/// What was said on each fold of a row.
///
/// Predictions that are not what the run wrote, or not there although it wrote them, or do not give the record's counts, its ranking of the
/// rows and its scores by amounts, groups and days, are as good as not kept; `refused` is told.
pub(super) fn said(
    results: &Results,
    row: &Row,
    directory: &Path,
    refused: &mut Vec<String>,
) -> Result<std::result::Result<Said, Lacking>> {
    let of_row = |r: &&Record| {
        let split = (r.cell.repeat, r.cell.fold);
        r.outcome == Outcome::Scored && row.splits.contains(&split) && row.pipeline == Pipeline::of(&r.cell)
    };
    let mut folds: Vec<Fold> = Vec::new();
    let mut unranked = None;
    let (mut probability, mut bad) = (true, Some(0));
    // Every fold is read, so that all that is refused is told.
    for record in results.records.iter().filter(of_row) {
        let read = match read(results, record, directory) {
            Err(Error::Store(said)) => {
                refused.push(said);
                None
            }
            read => read?,
        };
        let Some(read) = read else { continue };
        probability &= read.kind == ScoreKind::Probability;
        bad = bad.zip(read.unworthy).map(|(bad, more)| bad + more);
        match read.fold {
            Ok(fold) => folds.push(fold),
            Err(why) => {
                unranked.get_or_insert_with(|| format!("{}: {why}", fold_name((record.cell.repeat, record.cell.fold))));
            }
        }
    }
    if let Some(why) = unranked {
        return Ok(Err(Lacking::Ranking(why)));
    }
    // A fold on which another pipeline's scores stand in has no predictions of its own.
    if folds.is_empty() || folds.len() != row.splits.len() {
        return Ok(Err(Lacking::Predictions));
    }
    Ok(Ok(Said { family: row.family.clone(), pipeline: one_line(&row.pipeline), probability, unworthy: bad, folds }))
}

/// A fold, or why its rows cannot be ranked, with what its files say beside the rows.
struct Read {
    fold: std::result::Result<Fold, String>,
    kind: ScoreKind,
    unworthy: Option<usize>,
}

/// Refuses files that the run wrote and somebody took away: rows are written wherever predictions are.
fn gone(record: &Record, directory: &Path) -> Result<()> {
    let Some(rows) = record.rows_file() else { return Ok(()) };
    let said = predictions_path(directory, record.equals.as_ref().unwrap_or(&record.key))?;
    let lost = match (said.exists(), record.kept) {
        (true, _) => rows_path(directory, rows)?,
        (false, true) => said,
        (false, false) => return Ok(()),
    };
    Err(Error::Store(format!("{}: the file is not there", lost.display())))
}

/// A cell's test rows and what its model said of them.
fn read(results: &Results, record: &Record, directory: &Path) -> Result<Option<Read>> {
    let Some((said, rows)) = kept(directory, record)? else { return gone(record, directory).map(|()| None) };
    let (said, rows) = (said.test, rows.test);
    let sides = rows.sides();
    if !may_be_of_others(record, &sides, &results.tables, &results.registry).is_empty() {
        return Err(Error::Store(format!(
            "the rows kept of {} may have the amounts, groups or days of another data set: run the study again with another `--out`",
            record.cell
        )));
    }
    let scored = Scored::new(&rows.y, &said).and_then(|scored| scored.with(&sides)).ok();
    if scored.as_ref().map(|scored| scored.confusion) != record.confusion {
        return Err(Error::Store(format!("the predictions of {} do not give its record's counts", record.cell)));
    }
    if let Some(id) = scored.as_ref().and_then(|scored| misranked(scored, record, &results.registry)) {
        let path = predictions_path(directory, record.equals.as_ref().unwrap_or(&record.key))?;
        let (path, cell) = (path.display(), &record.cell);
        return Err(Error::Store(format!("{path}: the predictions of {cell} give another {id} than its record has")));
    }
    // The counts say nothing of what the rows are worth, whose they are, and when they were.
    let of_sides = |id: &str| {
        let metric = results.registry.metric(id).ok()?;
        (!metric.is_of_any_data() && metric.needs.iter().all(|need| need.is_met(Some(&sides)))).then_some(metric)
    };
    if let Some(id) = scored.and_then(|scored| differing(&scored, record, &record.metrics, of_sides)) {
        return Err(Error::Store(format!("the rows kept of {} give another {id} than its record has", record.cell)));
    }
    let flags = |numbers: &[u8]| -> Vec<bool> { numbers.iter().map(|&number| number == 1).collect() };
    let positive = flags(&rows.y);
    let unworthy = rows.amount.as_ref().map(|amount| unworthy(&positive, amount));
    let split = (record.cell.repeat, record.cell.fold);
    let fold = Fold::new(split, positive, said.score, flags(&said.label), sides);
    Ok(Some(Read { fold, kind: said.kind, unworthy }))
}
