//! Columns that tell rows apart and nothing else.

use std::collections::HashSet;

use rayon::prelude::*;

use super::finding::{Finding, Judgement};
use super::inspect::Variant;
use crate::data::{Kind, Role};
use crate::words::{count, counted};

const CHECK: &str = "id-columns";

/// Fewer rows may differ in any column.
const FEWEST: usize = 100;
/// A category with fewer rows per level is a name, not a class.
const ROWS_PER_LEVEL: usize = 10;

/// What a column says of rows.
enum Looked {
    /// It tells them apart, in a sentence.
    Id(String),
    /// Nothing of the kind.
    Nothing,
    /// It says when they were: a clock rises, too, and is looked at as a time.
    Time,
    /// Too few rows have it.
    Few,
}

/// Looks for features of whole numbers with another value in every row, and for categories with few rows per level; the column
/// that says when is none.
pub fn check(variant: &Variant<'_>) -> Finding {
    let finding = |verdict, said: String| Finding::new(CHECK, verdict, format!("{}, {said}", variant.name()));
    if variant.rows.len() < FEWEST {
        let said = format!(
            "{}, {} of {FEWEST} that are needed, so columns that tell rows apart were not looked for",
            variant.name(),
            counted(variant.rows.len() as u64, "row")
        );
        return Finding::not_made(CHECK, said);
    }
    let columns = &variant.data.columns;
    let looked: Vec<Looked> = (0..columns.len()).into_par_iter().map(|column| look(variant, column)).collect();
    let ids: Vec<&str> =
        looked.iter().filter_map(|of| if let Looked::Id(said) = of { Some(&**said) } else { None }).collect();
    if !ids.is_empty() {
        return finding(Judgement::Look, ids.join("; "));
    }
    let names = |is_it: fn(&Looked) -> bool| {
        let of = columns.iter().zip(&looked).filter(|(_, of)| is_it(of));
        of.map(|(column, _)| format!("`{}`", column.name)).collect::<Vec<_>>()
    };
    let (times, few) = (names(|of| matches!(of, Looked::Time)), names(|of| matches!(of, Looked::Few)));
    let mut said = format!(
        "no feature of {} has another whole number in every row, and no category fewer than {ROWS_PER_LEVEL} rows per level",
        columns.len() - times.len() - few.len()
    );
    if !times.is_empty() {
        said.push_str(&format!("; times are left aside: {}", times.join(", ")));
    }
    if !few.is_empty() {
        said.push_str(&format!("; fewer than {FEWEST} rows have {}, which was not looked at", few.join(", ")));
    }
    finding(Judgement::Clean, said)
}

fn look(variant: &Variant<'_>, column: usize) -> Looked {
    let of = &variant.data.columns[column];
    if of.role == Some(Role::Time) || of.kind == Kind::Time {
        return Looked::Time;
    }
    let values = || variant.rows.iter().map(|&row| variant.data.x[(row, column)]).filter(|value| !value.is_nan());
    let (name, rows) = (&of.name, values().count());
    match &of.kind {
        Kind::Category(_) => {
            let levels = values().map(f64::to_bits).collect::<HashSet<u64>>().len();
            if levels <= 1 || rows >= levels * ROWS_PER_LEVEL {
                return Looked::Nothing;
            }
            Looked::Id(format!(
                "`{name}` has {} levels in {} rows: put it into `ignore`, or give it as `group` if it says whose row it is",
                count(levels as u64),
                count(rows as u64)
            ))
        }
        _ if super::order::is_time(name) => Looked::Time,
        _ if rows < FEWEST => Looked::Few,
        _ => {
            let mut known = HashSet::with_capacity(rows);
            // Ends at the first value that is not whole or stands there again, which is soon in any other column.
            if !values().all(|value| value.fract() == 0.0 && known.insert(value.to_bits())) {
                return Looked::Nothing;
            }
            Looked::Id(format!(
                "`{name}` has another whole number in each of {} rows: put it into `ignore`, as it tells rows apart and may tell \
                 when they were",
                count(rows as u64)
            ))
        }
    }
}
