//! What is still to be done: a pure function from planned keys and records.

use std::collections::HashMap;

use crate::store::{Outcome, Record};

/// Indices of the planned `keys` without a valid record. A failed record is valid, unless failed cells are to be retried;
/// of several records with one key the last counts.
pub fn outstanding(keys: &[String], records: &[Record], retry_failed: bool) -> Vec<usize> {
    let last: HashMap<&str, Outcome> = records.iter().map(|r| (r.key.as_str(), r.outcome)).collect();
    let valid = |key: &String| match last.get(key.as_str()) {
        Some(Outcome::Scored) => true,
        Some(Outcome::Failed) => !retry_failed,
        None => false,
    };
    (0..keys.len()).filter(|&i| !valid(&keys[i])).collect()
}
