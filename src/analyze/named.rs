//! Which pipeline of a run a text such as `family=svc,scaler=standard` names.

use super::leaderboard::{Pipeline, distinct};
use super::{Planned, Results};
use crate::cell::axis::{Axis, of_pipelines};
use crate::cell::{CellId, Filter};
use crate::error::{Error, Result, unknown};
use crate::words::and_more;

/// Names that a message lists at most.
const LISTED: usize = 8;

/// One pipeline, and where it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Which.
    pub pipeline: Pipeline,
    /// The data sets on which it is planned and that the text takes, in plan order.
    pub data_sets: Vec<String>,
}

/// The planned cells that `text` takes, in plan order: all of them for an empty text. `whole` says why a fold cannot be named.
///
/// # Errors
/// [`Error::Usage`] for a key or a value that no cell has, with the nearest, and where no cell fits.
pub fn taken<'r>(results: &'r Results, text: &str, whole: &str) -> Result<Vec<&'r CellId>> {
    let wrong = |message: String| wrong(text, message.trim_start_matches("--filter: "));
    let filter = Filter::parse(text).map_err(|e| wrong(e.to_string()))?;
    if let Some(key) = filter.split_key() {
        return Err(wrong(format!("{whole}, leave out `{key}`")));
    }
    let planned = &results.planned;
    for (key, values) in filter.conditions() {
        let value = |p: &Planned| Filter::value(key, &p.cell, &p.family, &p.backend);
        let known = distinct(planned.iter().map(value));
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        if let Some(value) = values.iter().find(|v| !known.contains(&v.as_str())) {
            return Err(wrong(unknown(&format!("value of {key}"), value, &known)));
        }
    }
    let takes = |p: &&Planned| filter.takes(&p.cell, &p.family, &p.backend);
    let cells: Vec<&CellId> = planned.iter().filter(takes).map(|p| &p.cell).collect();
    match cells.is_empty() {
        true => Err(wrong("no pipeline of the run fits all of it".to_owned())),
        false => Ok(cells),
    }
}

/// A pipeline as its run tells it from all others: with the axes `first`, then with those that it uses, and those in which any two
/// pipelines of the run differ. So [`named`] takes the name for this pipeline alone.
pub fn name(results: &Results, first: &[&str], pipeline: &Pipeline) -> String {
    let place = |axis: &Axis| first.iter().position(|id| *id == axis.id).unwrap_or(first.len());
    let differs = |axis: &Axis| results.planned.iter().any(|p| axis.value(&p.cell) != axis.value(pipeline));
    let tells = |axis: &&Axis| place(axis) < first.len() || !axis.is_default(pipeline) || differs(axis);
    let mut axes: Vec<&Axis> = of_pipelines().filter(tells).collect();
    axes.sort_by_key(|axis| place(axis));
    axes.iter().map(|axis| format!("{}={}", axis.id, axis.value(pipeline))).collect::<Vec<_>>().join(",")
}

/// The one pipeline that `text` names; a message calls one as [`name`] does with the axes `first`.
///
/// # Errors
/// Those of [`taken`]; [`Error::Usage`] where several pipelines fit.
pub fn named(results: &Results, text: &str, whole: &str, first: &[&str]) -> Result<Named> {
    let cells = taken(results, text, whole)?;
    let data_sets = distinct(cells.iter().map(|cell| cell.data_set.clone()));
    let mut pipelines = distinct(cells.into_iter().map(Pipeline::of));
    match pipelines.len() {
        1 => Ok(Named { pipeline: pipelines.remove(0), data_sets }),
        _ => Err(wrong(text, &several(&pipelines, |pipeline| name(results, first, pipeline)))),
    }
}

/// What is wrong with the name `text` of a pipeline.
pub(crate) fn wrong(text: &str, message: &str) -> Error {
    Error::Usage(format!("pipeline `{text}`: {message}"))
}

/// The sentence about a name that fits several pipelines.
pub(crate) fn several<T>(pipelines: &[T], name: impl Fn(&T) -> String) -> String {
    let n = pipelines.len();
    let mut names: Vec<String> = pipelines.iter().take(LISTED).map(name).collect();
    if n > LISTED {
        names.push(and_more(n - LISTED));
    }
    format!("must name exactly one pipeline, and names {n}: {}", names.join("; "))
}
