//! Components that a resampler is made of: a chain's steps, the classifier that tells hard rows.

use serde_json::{Map, Value};

use crate::component::{Entry, Registry, find};
use crate::error::{Error, Result};

/// The component that `given` names by its `id`, and its id and parameters with every default filled in. `place` is what
/// messages call it.
///
/// # Errors
/// No `id`, an unknown one, or parameters that do not fit.
pub(super) fn part<T: ?Sized>(
    place: &str,
    kind: &str,
    (entries, registry): (&[&'static Entry<T>], &Registry),
    mut given: Map<String, Value>,
) -> Result<(Box<T>, Value)> {
    let Some(Value::String(id)) = given.shift_remove("id") else {
        return Err(Error::Study(format!("{place} needs an `id`")));
    };
    // TOML has no null: a parameter that is null is one that was left at its default.
    given.retain(|_, value| !value.is_null());
    let table = toml::Table::try_from(given).map_err(|e| Error::Study(format!("{place}, `{id}`: {e}")))?;
    let entry = find(kind, entries, &id, None)?;
    let built = entry.build(&table, registry)?;
    let mut resolved = Map::from_iter([("id".to_owned(), Value::from(id))]);
    // A part whose results have changed changes those of what is made of it.
    if entry.version > 1 {
        resolved.insert("version".to_owned(), entry.version.into());
    }
    if let Value::Object(params) = built.params {
        resolved.extend(params);
    }
    Ok((built.component, resolved.into()))
}
