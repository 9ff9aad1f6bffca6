//! Which pipeline of a run a text such as `family=svc,scaler=standard` names.

use super::leaderboard::distinct;
use super::{Planned, Results};
use crate::cell::{CellId, Filter};
use crate::error::{Error, Result, unknown};

/// Pipelines that a message names at most.
const LISTED: usize = 8;

/// What `of` makes of the planned cells that `text` takes, which must be one thing; `name` says what it is called, `whole` why a fold
/// cannot be named.
///
/// # Errors
/// [`Error::Usage`] for a key or a value that no cell has, with the nearest, and where none or several fit.
pub fn named<T: PartialEq>(
    results: &Results,
    text: &str,
    whole: &str,
    of: impl Fn(&CellId) -> T,
    name: impl Fn(&T) -> String,
) -> Result<T> {
    let wrong =
        |message: String| Error::Usage(format!("pipeline `{text}`: {}", message.trim_start_matches("--filter: ")));
    let filter = Filter::parse(text).map_err(|e| wrong(e.to_string()))?;
    let planned = &results.planned;
    for (key, values) in filter.conditions() {
        if matches!(*key, "fold" | "repeat") {
            return Err(wrong(format!("{whole}, leave out `{key}`")));
        }
        let value = |p: &Planned| Filter::value(key, &p.cell, &p.family, &p.backend);
        let known = distinct(planned.iter().map(value));
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        if let Some(value) = values.iter().find(|v| !known.contains(&v.as_str())) {
            return Err(wrong(unknown(&format!("value of {key}"), value, &known)));
        }
    }
    let taken = planned.iter().filter(|p| filter.takes(&p.cell, &p.family, &p.backend));
    let mut taken = distinct(taken.map(|p| of(&p.cell)));
    match taken.len() {
        1 => Ok(taken.remove(0)),
        0 => Err(wrong("no pipeline of the run fits all of it".to_owned())),
        n => {
            let mut names: Vec<String> = taken.iter().take(LISTED).map(name).collect();
            if n > LISTED {
                names.push(format!("and {} more", n - LISTED));
            }
            Err(wrong(format!("must name exactly one pipeline, and names {n}: {}", names.join("; "))))
        }
    }
}
