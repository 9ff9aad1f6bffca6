//! What is still to be done: a pure function from planned keys and what is known of them.

use std::collections::HashMap;

/// Indices of the planned `keys` without a valid record. `records` are key and whether there are scores; one without is valid,
/// unless such cells are to be retried. Of several records with one key the last counts.
pub fn outstanding<'r>(
    keys: &[String],
    records: impl IntoIterator<Item = (&'r str, bool)>,
    retry_failed: bool,
) -> Vec<usize> {
    let last: HashMap<&str, bool> = records.into_iter().collect();
    let valid = |key: &String| last.get(key.as_str()).is_some_and(|scored| *scored || !retry_failed);
    (0..keys.len()).filter(|&i| !valid(&keys[i])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The oracle looks for each planned key's last record by going through the whole log.
        #[test]
        fn equals_a_naive_search(
            planned in prop::collection::btree_set(0_u8..20, 0..12),
            log in prop::collection::vec((0_u8..20, any::<bool>()), 0..40),
            retry in any::<bool>(),
        ) {
            let keys: Vec<String> = planned.iter().map(u8::to_string).collect();
            let log: Vec<(String, bool)> = log.into_iter().map(|(key, scored)| (key.to_string(), scored)).collect();
            let mut expected = Vec::new();
            for (i, key) in keys.iter().enumerate() {
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
            let records = log.iter().map(|(key, scored)| (key.as_str(), *scored));
            prop_assert_eq!(outstanding(&keys, records, retry), expected);
        }
    }
}
