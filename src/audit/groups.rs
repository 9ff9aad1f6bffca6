//! Groups across training and test parts.

use std::collections::HashSet;

use super::finding::{Finding, Judgement, range, ranged};
use super::inspect::Variant;
use crate::data::{Column, Role};
use crate::words::counted;

/// Counts, split by split, the test rows whose group has training rows; none where the data have no groups. It is no leak by
/// itself: a known card's later transactions may be what the model is for.
pub fn check(variant: &Variant<'_>) -> Option<Finding> {
    let group = variant.data.sides.group.as_ref()?;
    let mut columns = variant.data.columns.iter().chain(&variant.data.others);
    let name = columns.find(|column: &&Column| column.role == Some(Role::Group)).map_or("group", |column| &column.name);
    let (mut same, mut positives, mut test_rows, mut test_positives) = (vec![], vec![], vec![], vec![]);
    for split in &variant.splits {
        let trained: HashSet<u32> = variant.of(&split.train).into_iter().map(|row| group[row]).collect();
        let test = variant.of(&split.test);
        let known = |row: &&usize| trained.contains(&group[**row]);
        let is_positive = |row: &&usize| variant.data.y[**row] == 1;
        same.push(test.iter().filter(known).count());
        positives.push(test.iter().filter(is_positive).filter(known).count());
        test_rows.push(test.len());
        test_positives.push(test.iter().filter(is_positive).count());
    }
    let none = same.iter().all(|&n| n == 0);
    let splits = counted(variant.splits.len() as u64, "split");
    let said = match none {
        true => format!("{}, no test row of {splits} has a `{name}` that trains", variant.name()),
        false => format!(
            "{}, {} of {} ({} of {}) have a `{name}` that has training rows, over {splits}: keep groups apart \
             (`group-k-fold`, or `groups = \"apart\"` in time) if the model is for ones that it has never seen",
            variant.name(),
            range(&same),
            ranged(&test_rows, "test row"),
            range(&positives),
            ranged(&test_positives, "positive"),
        ),
    };
    Some(Finding::new("groups-across-split", if none { Judgement::Clean } else { Judgement::Look }, said))
}
