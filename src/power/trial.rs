//! What the report of one study says, in numbers that can be held against the truth.

use std::path::Path;

use crate::analyze::Results;
use crate::analyze::best::{ALPHA, ROPE, best};
use crate::analyze::choice::Choice;
use crate::analyze::leaderboard::{Row, leaderboard};
use crate::analyze::pair::pair;
use crate::analyze::statistics::corrected_t::CorrectedT;
use crate::error::Result;
use crate::report::predicted::certainty::{Certainty, of_pipeline};

/// An interval's ends.
pub type Ends = Option<(f64, f64)>;

/// What is said of one draw. Pipelines are in the order of their columns.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The mean of the primary metric, and its interval.
    pub means: Vec<(f64, Ends)>,
    /// Which one is best by its mean; none where not all were scored.
    pub best: Option<usize>,
    /// Whether each is told apart from the best.
    pub told: Vec<bool>,
    /// The best read on folds on which it was not chosen.
    pub choice: Option<Choice>,
    /// The smallest difference that is called, in the metric's units.
    pub callable: Option<f64>,
    /// The last pipeline minus the one before, which were named before anything was looked at.
    pub named: Option<CorrectedT>,
    /// The best's metric on pooled rows with its interval over rows, as a report prints it, and the last pipeline's.
    pub pooled: [Option<(f64, Ends)>; 2],
}

impl Trial {
    /// Of the results on one draw; predictions are looked for in `directory`.
    ///
    /// # Errors
    /// [`crate::error::Error::Store`] for a file of predictions that cannot be read.
    pub fn of(results: &Results, directory: &Path) -> Result<Self> {
        let board = leaderboard(results);
        let mut rows: Vec<&Row> = board.rows.iter().filter(|row| row.rank.is_some()).collect();
        // `x2` before `x10`.
        rows.sort_by_key(|row| column(row));
        let found = best(&board, ROPE).into_iter().next();
        let at = |row: &Row| rows.iter().position(|other| other.pipeline == row.pipeline);
        let mut told = vec![false; rows.len()];
        for other in found.iter().flat_map(|found| &found.compared).filter(|other| other.is_distinguishable(ALPHA)) {
            if let Some(at) = at(other.row) {
                told[at] = true;
            }
        }
        let pooled = |row: Option<&Row>, among: usize| -> Result<Option<(f64, Ends)>> {
            let Some(row) = row else { return Ok(None) };
            let said = of_pipeline(results, row, directory, among)?;
            Ok(said.and_then(|certainty: Certainty| Some((certainty.value?, certainty.interval.chosen))))
        };
        Ok(Trial {
            means: rows.iter().filter_map(|row| Some((board.primary_mean(row)?, row.interval))).collect(),
            best: found.as_ref().and_then(|found| at(found.best)),
            told,
            choice: found.as_ref().and_then(|found| found.choice),
            callable: found.as_ref().and_then(|found| found.callable?.typical),
            named: named(results, &rows),
            pooled: [pooled(found.as_ref().map(|found| found.best), rows.len())?, pooled(rows.last().copied(), 1)?],
        })
    }
}

/// The number in `x12`.
fn column(row: &Row) -> usize {
    row.pipeline.select.trim_start_matches('x').parse().unwrap_or(0)
}

fn named(results: &Results, rows: &[&Row]) -> Option<CorrectedT> {
    let [.., before, last] = rows else { return None };
    pair(results, &last.pipeline, &before.pipeline, &results.primary).ok()?.corrected()
}
