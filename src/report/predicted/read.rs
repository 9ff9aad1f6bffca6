//! Each family's best pipeline, and what its models said of their test rows.

use std::path::Path;

use super::Of;
use crate::analyze::Results;
use crate::analyze::leaderboard::{Pipeline, Row};
use crate::analyze::out_of_fold::{Fold, unworthy};
use crate::component::ScoreKind;
use crate::error::{Error, Result};
use crate::metric::Scored;
use crate::report::words::one_line;
use crate::run::rescore::kept;
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

/// What was said on each fold of a row; none unless all of it was kept and can be ranked.
///
/// Predictions that are not what the run wrote, or not there although it wrote them, or do not give the record's counts, are as good as
/// not kept; `refused` is told.
pub(super) fn said(results: &Results, row: &Row, directory: &Path, refused: &mut Vec<String>) -> Result<Option<Said>> {
    let of_row = |r: &&Record| {
        let split = (r.cell.repeat, r.cell.fold);
        r.outcome == Outcome::Scored && row.splits.contains(&split) && row.pipeline == Pipeline::of(&r.cell)
    };
    let records: Vec<&Record> = results.records.iter().filter(of_row).collect();
    let mut folds: Option<Vec<Fold>> = Some(Vec::new());
    let (mut probability, mut bad) = (true, Some(0));
    for record in &records {
        let fold = match fold(record, directory) {
            Err(Error::Store(said)) => {
                refused.push(said);
                None
            }
            fold => fold?,
        };
        if let Some(fold) = &fold {
            probability &= fold.probability;
            bad = bad.zip(fold.unworthy).map(|(bad, more)| bad + more);
        }
        folds = folds.zip(fold).map(|(folds, fold)| [folds, vec![fold.it]].concat());
    }
    // A fold on which another pipeline's scores stand in has no predictions of its own.
    let whole = |folds: &Vec<Fold>| !folds.is_empty() && folds.len() == row.splits.len();
    let Some(folds) = folds.filter(whole) else { return Ok(None) };
    Ok(Some(Said { family: row.family.clone(), pipeline: one_line(&row.pipeline), probability, unworthy: bad, folds }))
}

/// A fold with what its files say beside the rows.
struct Read {
    it: Fold,
    probability: bool,
    unworthy: Option<usize>,
}

/// Refuses files that the run wrote and somebody took away: rows are written wherever predictions are.
fn gone(record: &Record, directory: &Path) -> Result<()> {
    let Some(rows) = &record.rows else { return Ok(()) };
    let said = predictions_path(directory, record.equals.as_ref().unwrap_or(&record.key))?;
    let lost = match (said.exists(), record.kept) {
        (true, _) => rows_path(directory, rows)?,
        (false, true) => said,
        (false, false) => return Ok(()),
    };
    Err(Error::Store(format!("{}: the file is not there", lost.display())))
}

/// A cell's test rows and what its model said of them.
fn fold(record: &Record, directory: &Path) -> Result<Option<Read>> {
    let Some((said, rows)) = kept(directory, record)? else { return gone(record, directory).map(|()| None) };
    let (said, rows) = (said.test, rows.test);
    if Scored::new(&rows.y, &said).ok().map(|scored| scored.confusion) != record.confusion {
        return Err(Error::Store(format!("the predictions of {} do not give its record's counts", record.cell)));
    }
    let positive: Vec<bool> = rows.y.iter().map(|&y| y == 1).collect();
    let label = said.label.iter().map(|&label| label == 1).collect();
    // Curves are drawn from single precision; metrics are computed from the scores as they are.
    let score = said.score.iter().map(|&score| score as f32).collect();
    let probability = said.kind == ScoreKind::Probability;
    let unworthy = rows.amount.as_ref().map(|amount| unworthy(&positive, amount));
    let it = Fold::new((record.cell.repeat, record.cell.fold), positive, score, label, rows.amount);
    Ok(it.map(|it| Read { it, probability, unworthy }))
}
