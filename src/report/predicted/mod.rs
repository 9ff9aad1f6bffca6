//! What is made from the predictions that a run kept: curves, calibration, distributions of scores, thresholds, savings, and how
//! sure the primary metric is. All of each family's best pipeline; where a run has several variants, of those of the one that is
//! shown, and of the best of each other one the money alone.

pub mod calibration;
pub mod certainty;
pub mod curves;
mod read;
pub mod savings;
pub mod scores;
pub mod thresholds;

use std::path::Path;

use crate::analyze::Results;
use crate::analyze::calibration::{Calibration, calibration as reliability};
use crate::analyze::choice::family;
use crate::analyze::histogram::Histogram;
use crate::analyze::leaderboard::{Leaderboard, Row};
use crate::analyze::out_of_fold::pooled;
use crate::error::Result;
use crate::report::document::{Block, Section, Table};
use crate::report::words::ranking;
use crate::words::{agree, counted};
use certainty::Certainty;
use curves::Curves;
use read::Lacking;

pub use crate::metric::CHECK_COST;

/// Something of a family's best pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Of<T> {
    /// The family.
    pub family: String,
    /// The pipeline in one line.
    pub pipeline: String,
    /// What is said of it.
    pub it: T,
}

/// All that is made from predictions, each list in the order of the families' ranks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Predicted {
    /// Curves over folds.
    pub curves: Vec<Curves>,
    /// Reliability; only of scores that are probabilities.
    pub calibration: Vec<Of<Calibration>>,
    /// Families whose score is no probability, or is not known to be one.
    pub uncalibrated: Vec<String>,
    /// Distributions of scores.
    pub scores: Vec<Of<Histogram>>,
    /// Operating points.
    pub thresholds: Vec<Of<thresholds::Thresholds>>,
    /// Money saved; only where the data have amounts.
    pub savings: Vec<Of<savings::Savings>>,
    /// Money saved by the best pipeline of each other variant; only where the data have amounts.
    pub savings_of_others: Vec<Of<savings::Savings>>,
    /// Bootstrap intervals of the primary metric.
    pub certainty: Vec<Of<Certainty>>,
    /// Which pipelines all of it is of, where the run has several variants.
    pub only: Option<String>,
    /// Families of which predictions are lacking.
    pub left_out: Vec<String>,
    /// Families whose rows cannot be ranked, with the fold and why.
    pub unranked: Vec<String>,
    /// What is wrong with files of predictions, one sentence each; they are lacking too.
    pub refused: Vec<String>,
    /// What a check of an alarm costs.
    pub check_cost: f64,
    /// Test rows that are positives whose amount is blank, negative or infinite, of the first family; none where no column has the
    /// role `amount`.
    pub unworthy: Option<usize>,
    /// What follows from positives that are worth 0, or more than a number holds, of the first family; none where those of each fold are
    /// worth something. It says nothing where not all amounts are known.
    pub uncounted: Option<String>,
}

/// Makes all of it, a family at a time; nothing where no predictions were kept.
///
/// # Errors
/// [`crate::error::Error::Store`] for a file of predictions that is not what it should be.
pub fn of(results: &Results, board: &Leaderboard, directory: &Path, check_cost: f64) -> Result<Predicted> {
    let only = board.shown().filter(|_| board.variants().len() > 1).map(|variant| ranking(board, variant));
    let mut all = Predicted { check_cost, only, ..Predicted::default() };
    for row in board.first_of_families() {
        let said = match read::said(results, row, directory, &mut all.refused)? {
            Ok(said) => said,
            Err(Lacking::Predictions) => {
                all.left_out.push(row.family.clone());
                continue;
            }
            Err(Lacking::Ranking(why)) => {
                all.unranked.push(format!("{} ({why})", row.family));
                continue;
            }
        };
        let Some(rows) = pooled(&said.folds) else { continue };
        all.unworthy = all.unworthy.or(said.unworthy);
        all.uncounted = all.uncounted.or_else(|| savings::uncounted(&said.folds));
        all.curves.extend(curves::of(&said));
        let key = &said.pipeline;
        match said.probability.then(|| reliability(&rows, key)).flatten() {
            Some(it) => all.calibration.push(said.of(it)),
            None => all.uncalibrated.push(said.family.clone()),
        }
        all.scores.push(said.of(scores::of(&rows, said.probability)));
        all.thresholds.extend(thresholds::of(&rows, check_cost).map(|it| said.of(it)));
        all.savings.extend(savings::of(&said.folds, check_cost).map(|it| said.of(it)));
        let among = family(board, row).len();
        all.certainty.push(said.of(certainty::of(&said, &rows, row, results.registry.metric(&board.primary)?, among)?));
    }
    for row in bests_of_others(board) {
        if let Ok(said) = read::said(results, row, directory, &mut all.refused)? {
            all.savings_of_others.extend(savings::of(&said.folds, check_cost).map(|it| said.of(it)));
        }
    }
    Ok(all)
}

/// The best row of each variant but the one that is shown.
fn bests_of_others(board: &Leaderboard) -> Vec<&Row> {
    let others = board.variants().into_iter().filter(|variant| board.shown() != Some(*variant));
    others.filter_map(|variant| board.best(|row| row.pipeline.variant() == variant)).collect()
}

impl Predicted {
    /// What the alarms of a pipeline, by its name in one line, save; none where its predictions or amounts were not kept.
    pub(super) fn saved_by(&self, pipeline: &str) -> Option<&savings::Savings> {
        let mut all = self.savings.iter().chain(&self.savings_of_others);
        all.find(|one| one.pipeline == pipeline).map(|one| &one.it)
    }

    /// What the scores are worth, in words and tables; none where no predictions were kept.
    pub(super) fn sections(&self) -> Vec<Section> {
        [savings::section(self), calibration::section(self)].into_iter().flatten().collect()
    }

    /// What is lacking although other things were made from predictions: pipelines, families, and money.
    pub(super) fn lacking(&self) -> Option<String> {
        let mut said = Vec::new();
        if let Some(only) = self.only.as_ref().filter(|_| !self.scores.is_empty()) {
            let money = match self.savings_of_others.is_empty() {
                true => "",
                false => " What the best of the others saves is said at the top.",
            };
            said.push(format!(
                "All that is made from predictions is of the pipelines with {only}: the others were tested on other rows.{money}"
            ));
        }
        match self.unworthy {
            _ if self.scores.is_empty() => {}
            None => said.push(
                "No money is computed: no column has the role `amount` (`amount = \"NAME\"` under `[data]`).".to_owned(),
            ),
            Some(0) => said.extend(self.uncounted.clone()),
            Some(n) => said.push(format!(
                "No money is computed: the column with the role `amount` is blank, negative or infinite in {} of the test parts. \
                 Fill in what they are worth, or leave them out of the data.",
                counted(n as u64, "positive row")
            )),
        }
        if !self.left_out.is_empty() && !self.scores.is_empty() {
            said.push(format!("Without the predictions of every fold: {}.", self.left_out.join(", ")));
        }
        if !self.unranked.is_empty() {
            said.push(format!("Left out because their rows cannot be ranked by score: {}.", self.unranked.join(", ")));
        }
        said.extend(self.unread());
        (!said.is_empty()).then(|| said.join(" "))
    }

    /// What is wrong with files of predictions, in one sentence; none where nothing is.
    pub(super) fn unread(&self) -> Option<String> {
        let (first, n) = (self.refused.first()?, self.refused.len());
        let cells = counted(n as u64, "cell");
        Some(format!(
            "Left out because the files kept of {cells} are gone or not what the run wrote: {first}. Remove those that are \
             still there, and `fraudbench run --resume DIR` runs the {} again.",
            agree(n, "cell", "cells"),
        ))
    }
}

/// A section of one sentence and one table; none without rows.
fn section(id: &str, heading: &str, text: &str, header: &[&str], rows: Vec<Vec<String>>) -> Option<Section> {
    if rows.is_empty() {
        return None;
    }
    Some(Section::new(id, heading, vec![Block::said(text), Block::Table(Table::plain(id, header, rows))]))
}
