//! Columns that tell rows apart and nothing else.

use std::collections::HashSet;

use rayon::prelude::*;

use super::finding::{Finding, Judgement};
use super::inspect::Variant;
use crate::data::{Kind, Role};
use crate::words::count;

/// Fewer rows may differ in any column.
const FEWEST: usize = 100;
/// A category with fewer rows per level is a name, not a class.
const ROWS_PER_LEVEL: usize = 10;

/// Looks for features of whole numbers with another value in every row, and for categories with few rows per level; the column
/// that says when is none.
pub fn check(variant: &Variant<'_>) -> Finding {
    let columns = &variant.data.columns;
    let found: Vec<String> = (0..columns.len()).into_par_iter().filter_map(|column| said(variant, column)).collect();
    let (verdict, said) = match found.is_empty() {
        false => (Judgement::Look, format!("{}, {}", variant.name(), found.join("; "))),
        true => {
            let said = format!(
                "{}, no feature of {} has another whole number in every row, and no category fewer than {ROWS_PER_LEVEL} rows per level",
                variant.name(),
                columns.len()
            );
            (Judgement::Clean, said)
        }
    };
    Finding { check: "id-columns", verdict, said }
}

fn said(variant: &Variant<'_>, column: usize) -> Option<String> {
    let of = &variant.data.columns[column];
    if variant.rows.len() < FEWEST || of.role == Some(Role::Time) || of.kind == Kind::Time {
        return None;
    }
    let values = || variant.rows.iter().map(|&row| variant.data.x[(row, column)]).filter(|value| !value.is_nan());
    let (name, rows) = (&of.name, values().count());
    match &of.kind {
        Kind::Category(_) => {
            let levels = values().map(f64::to_bits).collect::<HashSet<u64>>().len();
            (levels > 1 && rows < levels * ROWS_PER_LEVEL).then(|| {
                format!(
                    "`{name}` has {} levels in {} rows: put it into `ignore`, or give it as `group` if it says whose row it is",
                    count(levels as u64),
                    count(rows as u64)
                )
            })
        }
        _ => {
            let mut known = HashSet::with_capacity(rows);
            // Ends at the first value that is not whole or stands there again, which is soon in any other column.
            let differ = rows >= FEWEST && values().all(|value| value.fract() == 0.0 && known.insert(value.to_bits()));
            // A clock rises too; what is called so is looked at as a time.
            (differ && !super::order::is_time(name)).then(|| {
                format!(
                    "`{name}` has another whole number in each of {} rows: put it into `ignore`, as it tells rows apart and may tell \
                     when they were",
                    count(rows as u64)
                )
            })
        }
    }
}
