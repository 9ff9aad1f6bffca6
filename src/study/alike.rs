//! Whether the texts of two studies say the same: comments, blanks and the order of keys say nothing.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

/// The keys of a study that may change between the runs into one directory.
pub(crate) const MAY_CHANGE: &[&str] = &["metrics", "primary"];

/// What a study's text says but for what may change, in a form of its own. What is no TOML stands as it is.
pub(crate) fn lasting(text: &str) -> String {
    let Ok(mut table) = text.parse::<Table>() else { return text.to_owned() };
    table.retain(|key, _| !MAY_CHANGE.contains(&key));
    in_order(&Value::Table(table))
}

/// A value with the keys of its tables in order.
fn in_order(value: &Value) -> String {
    match value {
        Value::Table(table) => {
            let sorted: BTreeMap<&String, String> = table.iter().map(|(key, value)| (key, in_order(value))).collect();
            format!("{sorted:?}")
        }
        Value::Array(values) => format!("{:?}", values.iter().map(in_order).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

/// Whether two texts are one study.
pub(crate) fn are_alike(one: &str, other: &str) -> bool {
    are_alike_but(one, other, &[])
}

/// The same, whatever the two say of the top-level keys `but`. What is no TOML is like its equal only.
pub(crate) fn are_alike_but(one: &str, other: &str, but: &[&str]) -> bool {
    let tables = || {
        let [mut one, mut other] = [one.parse::<Table>().ok()?, other.parse::<Table>().ok()?];
        for key in but {
            one.remove(*key);
            other.remove(*key);
        }
        Some(one == other)
    };
    one == other || tables().unwrap_or(false)
}

/// The keys that two studies do not have alike, those of a table by its name: `grid.scalers`, `seed`.
pub(crate) fn differing(one: &str, other: &str) -> Vec<String> {
    let [one, other] = [one, other].map(|text| text.parse::<Table>().unwrap_or_default());
    let mut found = Vec::new();
    for key in different(&one, &other) {
        match (one.get(key), other.get(key)) {
            (Some(Value::Table(one)), Some(Value::Table(other))) => {
                found.extend(different(one, other).iter().map(|inner| format!("{key}.{inner}")));
            }
            _ => found.push(key.clone()),
        }
    }
    found
}

/// The keys of two tables with different values, in the order of the alphabet.
fn different<'t>(one: &'t Table, other: &'t Table) -> BTreeSet<&'t String> {
    one.keys().chain(other.keys()).filter(|key| one.get(*key) != other.get(*key)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDY: &str =
        "name = 'x'\nseed = 5\n[data]\npath = 'x.csv'\n[grid]\nscalers = ['none']\nclassifiers = ['prior']\n";

    #[test]
    fn comments_blanks_and_the_order_of_keys_make_no_other_study() {
        for same in [
            format!("# of today\n{STUDY}"),
            STUDY.replace("seed = 5", "\nseed  =  5 # as before"),
            STUDY.replace("name = 'x'\nseed = 5\n", "seed = 5\nname = \"x\"\n"),
        ] {
            assert!(same != STUDY && are_alike(STUDY, &same) && differing(STUDY, &same).is_empty(), "{same}");
        }
        let other = STUDY.replace("'none'", "'none', 'robust'").replace("seed = 5", "title = 'X'");
        assert!(!are_alike(STUDY, &other));
        assert_eq!(differing(STUDY, &other), ["grid.scalers", "seed", "title"]);
        assert!(!are_alike_but(STUDY, &other, &["grid"]) && are_alike_but(STUDY, &other, &["grid", "seed", "title"]));
        // Keys in another order and other metrics make no other study that lasts.
        let moved = "seed = 5\nname = 'x'\n";
        assert_eq!(lasting("name = 'x'\nseed = 5 # as before"), lasting(&format!("{moved}metrics = ['f1']\n")));
        assert_ne!(lasting(moved), lasting("seed = 6\nname = 'x'\n"));
        // What cannot be read is like nothing else.
        assert!(are_alike("x", "x") && !are_alike("x", "y") && !are_alike("x", ""));
    }
}
