//! Identical rows across training and test parts.

use std::collections::HashSet;

use super::finding::{Finding, Judgement, range, ranged};
use super::inspect::Variant;
use crate::data::bits;
use crate::words::counted;

/// Counts, split by split, the test rows whose features are all equal to a training row's; labels do not matter, as a model
/// sees none of the test rows'.
pub fn check(variant: &Variant<'_>) -> Finding {
    let key = |row: usize| key(variant, row);
    let (mut same, mut positives, mut test_rows, mut test_positives) = (vec![], vec![], vec![], vec![]);
    for split in &variant.splits {
        let test = variant.of(&split.test);
        // The few test rows are put into the set, not the many training rows.
        let wanted: HashSet<Vec<u64>> = test.iter().map(|&row| key(row)).collect();
        let found: HashSet<Vec<u64>> =
            variant.of(&split.train).into_iter().map(key).filter(|row| wanted.contains(row)).collect();
        let hit = |row: &&usize| found.contains(&key(**row));
        let is_positive = |row: &&usize| variant.data.y[**row] == 1;
        same.push(test.iter().filter(hit).count());
        positives.push(test.iter().filter(is_positive).filter(hit).count());
        test_rows.push(test.len());
        test_positives.push(test.iter().filter(is_positive).count());
    }
    let none = same.iter().all(|&n| n == 0);
    let splits = counted(variant.splits.len() as u64, "split");
    let said = match none {
        true => format!("{}, no test row of {splits} has the features of a training row", variant.name()),
        false => format!(
            "{}, {} of {} ({} of {}) have exactly the features of a training row, over {splits}",
            variant.name(),
            range(&same),
            ranged(&test_rows, "test row"),
            range(&positives),
            ranged(&test_positives, "positive"),
        ),
    };
    Finding::new("identical-rows", if none { Judgement::Clean } else { Judgement::Leak }, said)
}

/// What two rows have in common where all of their features are equal, as dedup has it.
pub fn key(variant: &Variant<'_>, row: usize) -> Vec<u64> {
    variant.data.x.row(row).iter().map(|value| bits(*value)).collect()
}
