//! Which pipeline of a results directory is meant.

use std::collections::HashSet;
use std::path::Path;

use crate::analyze::Results;
use crate::analyze::leaderboard::{Pipeline, distinct, leaderboard};
use crate::analyze::named::{name, several, taken, wrong};
use crate::cell::{Cell, CellId, Plan};
use crate::component::Classifier;
use crate::error::{Error, Result};
use crate::harness::Reopened;
use crate::report::render::best_params::searched;
use crate::store::{Outcome, Record, folder_name_beside};
use crate::words::{agree, counted, quoted_path};

/// Different reasons of failed cells that a message tells at most.
const REASONS: usize = 3;

/// A pipeline of a run, by the cell of its first split.
pub(crate) struct Chosen<'c> {
    /// The cell.
    pub cell: &'c Cell,
    /// The parameters that its search has chosen; none where nothing is searched.
    pub params: Option<serde_json::Map<String, serde_json::Value>>,
    /// Why there are none where something is searched, and what to do.
    unchosen: String,
}

/// The best honest pipeline of those that `text` (`key=value,...`) names, by the leaderboard; without a text, the best of the run. What
/// names exactly one need not be ranked.
///
/// # Errors
/// [`Error::Usage`] where it names none, or several of which none is ranked or that no one leaderboard ranks: those of several data
/// sets or variants.
pub(crate) fn choose<'c>(run: &Reopened, plan: &'c Plan, text: Option<&str>) -> Result<Chosen<'c>> {
    let honest: Vec<&Cell> = plan.cells.iter().filter(|cell| cell.leaks.is_empty()).collect();
    let results = run.results.ranked();
    if honest.is_empty() {
        let said = format!(
            "{} has leaky protocols only: a refit fits honestly, and there is nothing to compare it with",
            run.directory.display()
        );
        return Err(Error::Usage(said));
    }
    let (pipeline, data_set) = wanted(run, &results, text)?;
    let of_wanted = |cell: &&&Cell| Pipeline::of(&cell.id) == pipeline && cell.id.data_set == data_set;
    let cell = honest.iter().find(of_wanted).copied();
    let cell = cell.ok_or_else(|| Error::Usage("the best pipeline is none of the plan".into()))?;
    let results = results.on(&data_set);
    let params = searched(&results, &pipeline);
    Ok(Chosen { cell, params, unchosen: unchosen(&run.directory, &results, &pipeline) })
}

/// Why no record of a pipeline says what its search chose, and what to do. `results` are of one data set.
fn unchosen(directory: &Path, results: &Results, pipeline: &Pipeline) -> String {
    let is_of = |cell: &CellId| Pipeline::of(cell) == *pipeline;
    let planned = results.planned.iter().filter(|planned| is_of(&planned.cell)).count();
    let records: Vec<&Record> = results.records.iter().filter(|record| is_of(&record.cell)).collect();
    let resume = format!("fraudbench run --resume {}", quoted_path(directory));
    // Cells that are still to be run may be scored.
    if records.len() < planned || records.iter().any(|record| record.outcome == Outcome::Scored) {
        return format!("no fold of the pipeline has a record of what its search chose: go on with `{resume}`");
    }
    let why = |record: &&Record| match (record.stage, &record.reason) {
        (Some(stage), Some(reason)) => format!("{}: {reason}", stage.name()),
        (None, Some(reason)) => reason.clone(),
        (_, None) => record.outcome.name().to_owned(),
    };
    let reasons = distinct(records.iter().map(why));
    let more = match reasons.len().saturating_sub(REASONS) {
        0 => String::new(),
        more => format!("; and {}", counted(more as u64, "more reason")),
    };
    format!(
        "nothing is known of what the pipeline's search chooses, as its {} no scores ({}{more}): mend that and run \
         `{resume} --retry-failed`, or name another pipeline",
        agree(planned, "cell has", "cells have"),
        reasons[..reasons.len().min(REASONS)].join("; ")
    )
}

/// The name of the folder of what is made of a cell's pipeline, and of no other one of the plan; it begins with the data set where
/// there are several.
pub(super) fn folder(plan: &Plan, cell: &CellId, several_data_sets: bool) -> String {
    let name = |id: &CellId| match several_data_sets {
        true => format!("{} {}", id.data_set, id.pipeline()),
        false => id.pipeline(),
    };
    folder_name_beside(&name(cell), plan.cells.iter().map(|cell| name(&cell.id)))
}

/// A pipeline, and the data set that it is fitted on.
type Wanted = (Pipeline, String);

fn wanted(run: &Reopened, results: &Results, text: Option<&str>) -> Result<Wanted> {
    let cells = taken(results, text.unwrap_or_default(), "a pipeline is fitted on all rows")?;
    let mut seen: HashSet<Wanted> = HashSet::new();
    let each = cells.iter().map(|cell| (Pipeline::of(cell), cell.data_set.clone()));
    let mut all: Vec<Wanted> = each.filter(|one| seen.insert(one.clone())).collect();
    if text.is_some() && all.len() == 1 {
        return Ok(all.remove(0));
    }
    let wrong = |said: String| match text {
        Some(text) => wrong(text, &said),
        None => Error::Usage(said),
    };
    let data_sets = distinct(cells.iter().map(|cell| cell.data_set.as_str()));
    let [data_set] = data_sets[..] else {
        let names: Vec<String> = data_sets.iter().map(|name| format!("data-set={name}")).collect();
        let said = "the run has several data sets, each with a best pipeline: name one with";
        return Err(wrong(format!("{said} {}", names.join(" or "))));
    };
    let mut board = leaderboard(&results.on(data_set));
    board.rows.retain(|row| seen.contains(&(row.pipeline.clone(), data_set.to_owned())));
    let variants = board.variants().len();
    match board.best(|_| true) {
        Some(_) if variants > 1 => Err(wrong(
            "the run has several variants of its data, each with a best pipeline: name one with dedup=on or dedup=off"
                .into(),
        )),
        Some(row) => Ok((row.pipeline.clone(), data_set.to_owned())),
        None if text.is_some() => {
            let name = |(pipeline, _): &Wanted| name(results, &[], pipeline);
            Err(wrong(format!("{}; none of them has scores on all its folds", several(&all, name))))
        }
        None => Err(Error::Usage(format!(
            "{} has no pipeline with scores on all its folds: name one, or go on with `fraudbench run --resume {}{}`",
            run.directory.display(),
            quoted_path(&run.directory),
            // Without it nothing is left to run.
            if results.is_complete() { " --retry-failed" } else { "" }
        ))),
    }
}

impl Chosen<'_> {
    /// The classifier to be fitted in the place of the study's, where a search has chosen its parameters.
    ///
    /// # Errors
    /// [`Error::Usage`] where a search has no record to say what it chose, with the reason; parameters that the family refuses.
    pub fn settled(&self, classifier: &dyn Classifier) -> Result<Option<Box<dyn Classifier>>> {
        let Some(chosen) = &self.params else {
            return match classifier.settled(&serde_json::Map::new()) {
                Some(_) => Err(Error::Usage(self.unchosen.clone())),
                None => Ok(None),
            };
        };
        classifier.settled(chosen).transpose()
    }
}
