//! Keys that a study does not have, and what is meant by those of other tools.

use toml::Table;

use super::{data, limits};
use crate::error::{Error, MISSPELT, Result, unknown, unknown_but};

/// Keys outside of all tables, and those of `[grid]`.
pub(super) const TOP: &[&str] = &["name", "title", "seed", "data", "protocol", "grid", "metrics", "primary", "limits"];
pub(super) const GRID: &[&str] = &["dedup", "imputers", "resamplers", "encoders", "scalers", "selects", "classifiers"];

/// Where each key belongs.
const PLACES: [(&str, &[&str]); 4] =
    [("outside of all tables", TOP), ("in [grid]", GRID), ("in [data]", data::KEYS), ("in [limits]", limits::KEYS)];

/// What other tools call a key that is called otherwise here.
const MEANT: &[(&str, &str)] = &[
    ("columns_to_drop", "ignore"),
    ("cv", "protocol"),
    ("date", "time"),
    ("delimiter", "separator"),
    ("drop", "ignore"),
    ("drop_columns", "ignore"),
    ("drop_duplicates", "dedup"),
    ("encoder", "encoders"),
    ("estimators", "classifiers"),
    ("exclude", "ignore"),
    ("families", "classifiers"),
    ("file", "path"),
    ("imbalance", "resamplers"),
    ("impute", "imputers"),
    ("metric", "metrics"),
    ("models", "classifiers"),
    ("na_values", "missing"),
    ("random_state", "seed"),
    ("sample_weight", "weight"),
    ("samplers", "resamplers"),
    ("scaling", "scalers"),
    ("scoring", "metrics"),
    ("sep", "separator"),
    ("split", "protocol"),
    ("target", "label"),
    ("timestamp", "time"),
];

/// A sentence for each key of `table` that is not among `allowed`: what is meant by it where that is known, else the nearest one.
pub(super) fn unknown_keys(table: &Table, what: &str, allowed: &[&str]) -> Vec<String> {
    let strange = table.keys().filter(|key| !allowed.contains(&key.as_str()));
    strange
        .map(|key| match meant(key, allowed) {
            Some(meant) => unknown_but(what, key, allowed, Some(meant)),
            None => unknown(what, key, allowed),
        })
        .collect()
}

/// What a key is called that other tools call so, or where it belongs that stands at a wrong place.
fn meant(key: &str, allowed: &[&str]) -> Option<String> {
    let own = MEANT.iter().find(|(other, _)| *other == key).map_or(key, |(_, own)| own);
    if allowed.contains(&own) {
        return Some(format!("`{own}`"));
    }
    if allowed.iter().any(|name| strsim::normalized_damerau_levenshtein(key, name) > MISSPELT) {
        return None;
    }
    PLACES.iter().find(|(_, keys)| keys.contains(&own)).map(|(place, _)| format!("`{own}` {place}"))
}

/// Refuses keys that are not among `allowed`, all of them at once.
pub(super) fn check_keys(table: &Table, what: &str, allowed: &[&str]) -> Result<()> {
    Error::of_all(unknown_keys(table, what, allowed)).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_a_key_and_what_other_tools_write_is_none() {
        let is_key = |name: &str| PLACES.iter().any(|(_, keys)| keys.contains(&name));
        for (other, own) in MEANT {
            assert!(is_key(own) && !is_key(other), "{other}: {own}");
        }
    }
}
