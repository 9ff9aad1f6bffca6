//! What is still to be done: a pure function from planned keys and records.

use std::collections::HashMap;

use crate::store::{Outcome, Record};

/// Indices of the planned `keys` without a valid record. A record without scores is valid, unless such cells are to be retried;
/// of several records with one key the last counts.
pub fn outstanding(keys: &[String], records: &[Record], retry_failed: bool) -> Vec<usize> {
    let last: HashMap<&str, Outcome> = records.iter().map(|r| (r.key.as_str(), r.outcome)).collect();
    let valid = |key: &String| match last.get(key.as_str()) {
        Some(Outcome::Scored) => true,
        Some(_) => !retry_failed,
        None => false,
    };
    (0..keys.len()).filter(|&i| !valid(&keys[i])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn record(key: u8, scored: bool) -> Record {
        let facts = json!({"id": "x", "backend": "native", "version": 1, "params": {}});
        let record = json!({
            "v": 1, "key": key.to_string(), "protocol": "hold-out", "dedup": false, "resampler": "none", "scaler": "none",
            "classifier": "prior", "repeat": 0, "fold": 0, "family": "prior", "backend": "native",
            "outcome": if scored { "scored" } else { "failed" },
            "train_rows": 1, "train_positives": 1, "removed_rows": 0, "columns": 1, "test_rows": 1, "test_positives": 1,
            "seconds": {"resample": 0.0, "scale": 0.0, "fit": 0.0, "predict": 0.0}, "threads": 1, "seed": 0,
            "resampler_facts": facts, "scaler_facts": facts, "classifier_facts": facts,
        });
        serde_json::from_value(record).unwrap()
    }

    proptest! {
        /// The oracle looks for each planned key's last record by going through the whole log.
        #[test]
        fn equals_a_naive_search(
            planned in prop::collection::btree_set(0_u8..20, 0..12),
            log in prop::collection::vec((0_u8..20, any::<bool>()), 0..40),
            retry in any::<bool>(),
        ) {
            let keys: Vec<String> = planned.iter().map(u8::to_string).collect();
            let records: Vec<Record> = log.iter().map(|&(key, scored)| record(key, scored)).collect();
            let mut expected = Vec::new();
            for (i, key) in planned.iter().enumerate() {
                let mut valid = false;
                for (other, scored) in &log {
                    if other == key {
                        valid = *scored || !retry;
                    }
                }
                if !valid {
                    expected.push(i);
                }
            }
            prop_assert_eq!(outstanding(&keys, &records, retry), expected);
        }
    }
}
