//! Components that another component is made of: a chain's steps, the members of an ensemble, the classifier that tells hard
//! rows.

use serde_json::{Map, Value};

use super::also::NONE;
use super::{Entry, Registry, find, infinite};
use crate::error::{Error, Result, unknown};

/// The component that `given` names, and its id and parameters with every default filled in. It is written as in a study's list,
/// `{ family = "decision-tree", params = { max_depth = 3 } }` or `{ id = "smote", params = { k_neighbors = 3 } }`, by its name alone,
/// or with its parameters beside its id, `{ id = "smote", k_neighbors = 3 }`. `place` is what messages call it.
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
        Value::String(name) => {
            Map::from_iter([(if kind == FAMILY { FAMILY } else { "id" }.to_owned(), Value::from(name))])
        }
        other => return Err(Error::Study(format!("{place} must be a name or a table, and is {other}"))),
    };
    let (key, id) = match (given.shift_remove("id"), given.shift_remove(FAMILY).filter(|_| kind == FAMILY)) {
        (Some(Value::String(id)), None) => ("id", id),
        (None, Some(Value::String(id))) => (FAMILY, id),
        _ => {
            let key = if kind == FAMILY { "a `family`" } else { "an `id`" };
            let more = if given.contains_key(PYTHON) { ": a class of Python cannot stand here" } else { "" };
            return Err(Error::Study(format!("{place} needs {key}{more}")));
        }
    };
    let backend = match given.shift_remove("backend") {
        Some(Value::String(backend)) => Some(backend),
        Some(Value::Null) | None => None,
        Some(other) => return Err(Error::Study(format!("{place}, `{id}`: `backend` must be a text, and is {other}"))),
    };
    let params = if key == FAMILY { nested(place, &id, given)? } else { flat(place, given)? };
    let entry = find(kind, entries, &id, backend.as_deref()).map_err(|e| within(place, e))?;
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

/// The key, and the id, of a class of Python.
pub(crate) const PYTHON: &str = "python";

/// The steps of the chain that `a+b` is short for: `a`, then `b` on what `a` left. None where it is the id of one component.
pub(crate) fn steps_of(id: &str) -> Option<Vec<&str>> {
    id.contains('+').then(|| id.split('+').map(str::trim).collect())
}

/// What stands in `params` and what stands beside an `id`, as one.
///
/// # Errors
/// A parameter in both places.
pub(crate) fn flat(place: &str, mut given: Map<String, Value>) -> Result<Map<String, Value>> {
    let Some(params) = given.get_mut("params").and_then(Value::as_object_mut).map(std::mem::take) else {
        return Ok(given);
    };
    given.shift_remove("params");
    for (name, value) in params {
        if given.contains_key(&name) {
            return Err(Error::Study(format!("{place} has `{name}` beside `params` and in it: write it once")));
        }
        given.insert(name, value);
    }
    Ok(given)
}

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

/// A part's parameters as a study writes them.
fn table(place: &str, id: &str, params: Map<String, Value>) -> Result<toml::Table> {
    in_toml(&params).map_err(|e| Error::Study(format!("{place}, `{id}`: {e}")))
}

/// Parameters in JSON as a study writes them.
///
/// # Errors
/// What TOML cannot hold.
pub(crate) fn in_toml(params: &Map<String, Value>) -> Result<toml::Table, toml::ser::Error> {
    params.iter().map(|(name, value)| Ok((name.clone(), written(value)?))).collect()
}

fn written(value: &Value) -> Result<toml::Value, toml::ser::Error> {
    Ok(match value {
        // TOML has no null: a study writes `none`, which is more than a parameter that is left at its default.
        Value::Null => NONE.into(),
        Value::String(text) => infinite::unmarked(text).map_or_else(|| text.as_str().into(), toml::Value::Float),
        Value::Array(items) => items.iter().map(written).collect::<Result<Vec<_>, _>>()?.into(),
        Value::Object(params) => in_toml(params)?.into(),
        other => toml::Value::try_from(other)?,
    })
}

fn within(place: &str, e: Error) -> Error {
    match e {
        Error::Study(said) => Error::Study(format!("{place}: {said}")),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What `given` becomes as a member, or why it is refused.
    fn member(given: Value) -> Result<Value, String> {
        let registry = Registry::built_in();
        let read = part("`estimator`", FAMILY, (registry.classifiers(), &registry), given);
        read.map(|(_, facts)| facts).map_err(|e| e.to_string())
    }

    #[test]
    fn a_null_of_a_member_is_none_and_not_its_default() {
        // The default of `max_features` is a rule, and that of `max_leaf_nodes` 31.
        let forest = json!({ "family": "random-forest", "params": { "max_features": null } });
        assert_eq!(member(forest).unwrap()["params"].get("max_features"), Some(&Value::Null));
        let boosted = json!({ "id": "hist-gradient-boosting", "max_leaf_nodes": null });
        assert_eq!(member(boosted.clone()).unwrap().get("max_leaf_nodes"), Some(&Value::Null));
        let nested = json!({ "family": "bagging", "params": { "estimator": boosted, "max_samples": null } });
        let facts = member(nested).unwrap();
        assert_eq!(facts["params"]["estimator"].get("max_leaf_nodes"), Some(&Value::Null));
        assert_eq!(facts["params"].get("max_samples"), Some(&Value::Null));
    }

    #[test]
    fn a_plus_parts_the_steps_of_a_chain() {
        assert_eq!(steps_of("smote + tomek-links+enn"), Some(vec!["smote", "tomek-links", "enn"]));
        assert_eq!(steps_of("smote"), None);
    }

    #[test]
    fn what_a_member_became_is_read_as_itself() {
        for given in [
            json!({ "family": "random-forest", "params": { "max_features": null } }),
            json!({ "family": "logistic-regression", "params": { "C": "inf" } }),
            json!({ "id": "k-neighbors", "p": "inf" }),
        ] {
            let facts = member(given).unwrap();
            let mut again = facts.clone();
            again.as_object_mut().unwrap().shift_remove("version");
            assert_eq!(member(again), Ok(facts));
        }
    }
}
