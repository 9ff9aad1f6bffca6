//! What is still to be done: a pure function from planned cells with their keys and what is known of them.

use std::collections::HashMap;

use super::CellId;

/// Indices of the `planned` cells without a valid record. `records` are cell, key and whether there are scores; one without is valid,
/// unless such cells are to be retried. Of several records of one cell with one key the last counts. A key alone is not enough:
/// data sets with the same features and labels share keys.
pub fn outstanding<'r>(
    planned: &[(&CellId, &str)],
    records: impl IntoIterator<Item = ((&'r CellId, &'r str), bool)>,
    retry_failed: bool,
) -> Vec<usize> {
    let last: HashMap<(&CellId, &str), bool> = records.into_iter().collect();
    let valid = |cell: &(&CellId, &str)| last.get(cell).is_some_and(|scored| *scored || !retry_failed);
    (0..planned.len()).filter(|&i| !valid(&planned[i])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell(data: u8) -> CellId {
        CellId {
            data_set: data.to_string(),
            protocol: String::new(),
            dedup: false,
            imputer: String::new(),
            resampler: String::new(),
            encoder: String::new(),
            scaler: String::new(),
            select: String::new(),
            classifier: String::new(),
            repeat: 0,
            fold: 0,
        }
    }

    #[test]
    fn a_record_of_another_data_set_with_the_same_key_is_not_the_cells_own() {
        let (gross, net) = (cell(0), cell(1));
        let planned = [(&gross, "key"), (&net, "key")];
        assert_eq!(outstanding(&planned, [((&gross, "key"), true)], false), [1]);
        assert_eq!(outstanding(&planned, [((&gross, "key"), true), ((&net, "key"), false)], true), [1]);
    }

    proptest! {
        /// The oracle looks for each planned cell's last record by going through the whole log. Two data sets share keys.
        #[test]
        fn equals_a_naive_search(
            planned in prop::collection::btree_set((0_u8..2, 0_u8..10), 0..12),
            log in prop::collection::vec(((0_u8..2, 0_u8..10), any::<bool>()), 0..40),
            retry in any::<bool>(),
        ) {
            let named = |(data, key): (u8, u8)| (cell(data), key.to_string());
            let planned: Vec<(CellId, String)> = planned.into_iter().map(named).collect();
            let log: Vec<((CellId, String), bool)> = log.into_iter().map(|(of, scored)| (named(of), scored)).collect();
            let mut expected = Vec::new();
            for (i, one) in planned.iter().enumerate() {
                let mut valid = false;
                for (other, scored) in &log {
                    if other == one {
                        valid = *scored || !retry;
                    }
                }
                if !valid {
                    expected.push(i);
                }
            }
            let planned: Vec<(&CellId, &str)> = planned.iter().map(|(cell, key)| (cell, key.as_str())).collect();
            let records = log.iter().map(|((cell, key), scored)| ((cell, key.as_str()), *scored));
            prop_assert_eq!(outstanding(&planned, records, retry), expected);
        }
    }
}
