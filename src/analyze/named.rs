//! Which pipeline of a run a text such as `family=svc,scaler=standard` names.

use super::leaderboard::{Pipeline, distinct};
use super::{Planned, Results};
use crate::cell::{CellId, Filter};
use crate::error::{Error, Result, unknown};

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

/// The one pipeline that `text` names; `name` says how a message calls one.
///
/// # Errors
/// Those of [`taken`]; [`Error::Usage`] where several pipelines fit.
pub fn named(results: &Results, text: &str, whole: &str, name: impl Fn(&Pipeline) -> String) -> Result<Named> {
    let cells = taken(results, text, whole)?;
    let data_sets = distinct(cells.iter().map(|cell| cell.data_set.clone()));
    let mut pipelines = distinct(cells.into_iter().map(Pipeline::of));
    match pipelines.len() {
        1 => Ok(Named { pipeline: pipelines.remove(0), data_sets }),
        _ => Err(wrong(text, &several(&pipelines, name))),
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
        names.push(format!("and {} more", n - LISTED));
    }
    format!("must name exactly one pipeline, and names {n}: {}", names.join("; "))
}
