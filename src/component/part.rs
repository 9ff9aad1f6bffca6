//! Components that another component is made of: a chain's steps, the members of an ensemble, the classifier that tells hard
//! rows.

use serde_json::{Map, Value};

use super::{Entry, Registry, find};
use crate::error::{Error, Result, unknown};

/// The component that `given` names, and its id and parameters with every default filled in. A resampler is written
/// `{ id = "smote", k_neighbors = 3 }`, a classifier so too or as in a study's list,
/// `{ family = "decision-tree", params = { max_depth = 3 } }`, or by its name alone. `place` is what messages call it.
///
/// # Errors
/// No name, an unknown one, or parameters that do not fit.
pub(crate) fn part<T: ?Sized>(
    place: &str,
    kind: &str,
    (entries, registry): (&[&'static Entry<T>], &Registry),
    given: Value,
) -> Result<(Box<T>, Value)> {
    let mut given = match given {
        Value::Object(given) => given,
        Value::String(name) if kind == FAMILY => Map::from_iter([(FAMILY.to_owned(), Value::from(name))]),
        other => return Err(Error::Study(format!("{place} must be a table, and is {other}"))),
    };
    let (key, id) = match (given.shift_remove("id"), given.shift_remove(FAMILY).filter(|_| kind == FAMILY)) {
        (Some(Value::String(id)), None) => ("id", id),
        (None, Some(Value::String(id))) => (FAMILY, id),
        _ => {
            let key = if kind == FAMILY { "a `family`" } else { "an `id`" };
            return Err(Error::Study(format!("{place} needs {key}")));
        }
    };
    let backend = match given.shift_remove("backend") {
        Some(Value::String(backend)) => Some(backend),
        Some(Value::Null) | None => None,
        Some(other) => return Err(Error::Study(format!("{place}, `{id}`: `backend` must be a text, and is {other}"))),
    };
    let params = if key == FAMILY { nested(place, &id, given)? } else { given };
    let entry = find(kind, entries, &id, backend.as_deref())?;
    let built = entry.build(&table(place, &id, params)?, registry).map_err(|e| within(place, e))?;
    let mut resolved = Map::from_iter([(key.to_owned(), Value::from(id))]);
    if let Some(backend) = backend {
        resolved.insert("backend".to_owned(), backend.into());
    }
    // A part whose results have changed changes those of what is made of it.
    if entry.version > 1 {
        resolved.insert("version".to_owned(), entry.version.into());
    }
    match built.params {
        params if key == FAMILY => {
            resolved.insert("params".to_owned(), params);
        }
        Value::Object(params) => resolved.extend(params),
        _ => {}
    }
    Ok((built.component, resolved.into()))
}

/// The key that names a classifier.
const FAMILY: &str = "family";

/// What stands in `params`, beside which nothing else may stand.
fn nested(place: &str, id: &str, mut given: Map<String, Value>) -> Result<Map<String, Value>> {
    let params = given.shift_remove("params");
    if let Some(key) = given.keys().next() {
        return Err(Error::Study(format!("{place}, `{id}`: {}", unknown("key", key, &[FAMILY, "backend", "params"]))));
    }
    match params {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(params)) => Ok(params),
        Some(other) => Err(Error::Study(format!("{place}, `{id}`: `params` must be a table, and is {other}"))),
    }
}

/// TOML has no null: a parameter that is null is one that was left at its default.
fn table(place: &str, id: &str, mut params: Map<String, Value>) -> Result<toml::Table> {
    params.retain(|_, value| !value.is_null());
    toml::Table::try_from(params).map_err(|e| Error::Study(format!("{place}, `{id}`: {e}")))
}

fn within(place: &str, e: Error) -> Error {
    match e {
        Error::Study(said) => Error::Study(format!("{place}: {said}")),
        other => other,
    }
}
