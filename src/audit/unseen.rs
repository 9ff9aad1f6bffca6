//! Levels of categories that only test rows have.

use std::collections::HashSet;

use super::finding::{Finding, Judgement, range};
use super::inspect::Variant;
use crate::data::Kind;
use crate::words::counted;

/// Counts, split by split, the test rows with a level that no training row has, for each category; none without categories.
pub fn check(variant: &Variant<'_>) -> Option<Finding> {
    let columns = &variant.data.columns;
    let categories: Vec<usize> =
        (0..columns.len()).filter(|&column| matches!(columns[column].kind, Kind::Category(_))).collect();
    if categories.is_empty() {
        return None;
    }
    let splits = counted(variant.splits.len() as u64, "split");
    let found: Vec<String> = categories.iter().filter_map(|&column| unseen(variant, column)).collect();
    let (verdict, said) = match found.is_empty() {
        true => {
            let of = counted(categories.len() as u64, "category");
            (
                Judgement::Clean,
                format!("{}, no test row of {splits} has a level of {of} that no training row has", variant.name()),
            )
        }
        false => {
            let said = format!(
                "{}, over {splits}, test rows with a level that no training row has: {}; choose how the encoder takes them \
                 (`handle_unknown`, `min_frequency`), or leave out a column that is mostly such",
                variant.name(),
                found.join("; ")
            );
            (Judgement::Look, said)
        }
    };
    Some(Finding::new("unseen-levels", verdict, said))
}

fn unseen(variant: &Variant<'_>, column: usize) -> Option<String> {
    let value = |row: usize| variant.data.x[(row, column)];
    let (mut rows, mut positives, mut tested) = (vec![], vec![], vec![]);
    for split in &variant.splits {
        let trained: HashSet<u64> = variant.of(&split.train).into_iter().map(|row| value(row).to_bits()).collect();
        let test = variant.of(&split.test);
        // A missing value is no level.
        let is_new = |row: &&usize| !value(**row).is_nan() && !trained.contains(&value(**row).to_bits());
        rows.push(test.iter().filter(is_new).count());
        positives.push(test.iter().filter(is_new).filter(|&&row| variant.data.y[row] == 1).count());
        tested.push(test.len());
    }
    let name = &variant.data.columns[column].name;
    let said = || format!("`{name}` {} of {} (positives {})", range(&rows), range(&tested), range(&positives));
    rows.iter().any(|&n| n > 0).then(said)
}
