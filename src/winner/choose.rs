//! Which pipeline of a results directory is meant.

use crate::analyze::Results;
use crate::analyze::leaderboard::{Pipeline, distinct, leaderboard};
use crate::analyze::named::named;
use crate::cell::{Cell, CellId, Plan};
use crate::component::Classifier;
use crate::error::{Error, Result};
use crate::harness::Reopened;
use crate::report::render::best_params::searched;

/// A pipeline of a run, by the cell of its first split.
pub(crate) struct Chosen<'c> {
    /// The cell.
    pub cell: &'c Cell,
    /// The parameters that its search has chosen; none where nothing is searched.
    pub params: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The honest pipeline that `text` (`key=value,...`) names; without it, the first of the leaderboard.
///
/// # Errors
/// [`Error::Usage`] where it names none or several, or there is no ranked pipeline.
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
    let wanted = match text {
        Some(text) => wanted(&results, text)?,
        None => best(run, &results)?,
    };
    let of_wanted = |cell: &&&Cell| Pipeline::of(&cell.id) == wanted.0 && cell.id.data_set == wanted.1;
    let cell = honest.iter().find(of_wanted).copied();
    let cell = cell.ok_or_else(|| Error::Usage("the best pipeline is none of the plan".into()))?;
    let params = searched(&results, &wanted.0);
    Ok(Chosen { cell, params })
}

/// A pipeline, and the data set that it is fitted on.
type Wanted = (Pipeline, String);

fn wanted(results: &Results, text: &str) -> Result<Wanted> {
    let several = distinct(results.planned.iter().map(|p| p.cell.data_set.as_str())).len() > 1;
    let of = |cell: &CellId| (Pipeline::of(cell), cell.data_set.clone());
    let name = |(pipeline, data): &Wanted| {
        let name = pipeline.pipeline().replace(' ', ",");
        if several { format!("data-set={data},{name}") } else { name }
    };
    named(results, text, "a pipeline is fitted on all rows", of, name)
}

fn best(run: &Reopened, results: &Results) -> Result<Wanted> {
    if let [_, _, ..] = &run.study.data[..] {
        return Err(Error::Usage("the run has several data sets: name a pipeline with data-set=NAME".into()));
    }
    let board = leaderboard(results);
    let variants = board.variants().len();
    match board.best(|_| true) {
        Some(_) if variants > 1 => Err(Error::Usage(
            "the run has several variants of its data, each with a best pipeline: name one with dedup=on or dedup=off"
                .into(),
        )),
        Some(row) => Ok((row.pipeline.clone(), run.study.data[0].name.clone())),
        None => Err(Error::Usage(format!(
            "{} has no pipeline with scores on all its folds: name one, or go on with `fraudbench run --resume`",
            run.directory.display()
        ))),
    }
}

impl Chosen<'_> {
    /// The classifier to be fitted in the place of the study's, where a search has chosen its parameters.
    ///
    /// # Errors
    /// [`Error::Usage`] where a search has no record to say what it chose; parameters that the family refuses.
    pub fn settled(&self, classifier: &dyn Classifier) -> Result<Option<Box<dyn Classifier>>> {
        let Some(chosen) = &self.params else {
            return match classifier.settled(&serde_json::Map::new()) {
                Some(_) => Err(Error::Usage(
                    "no fold of the pipeline has a record of what its search chose: go on with `fraudbench run --resume`".into(),
                )),
                None => Ok(None),
            };
        };
        classifier.settled(chosen).transpose()
    }
}
