//! Columns that do not fit, all told at once with what to write for each.

use super::texts::{Spelling, Spelt};
use super::{Called, Words};
use crate::error::LISTED;
use crate::words::counted;

/// Why a column does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Texts, nearly each row another.
    Unique,
    /// Numbers, nearly each row another, in a column of texts.
    TextNumbers,
    /// Numbers as another spelling has them, nearly each row another.
    Spelt(Spelt),
    /// Numbers, and a few texts; with what the study says of how numbers are written.
    AmongNumbers {
        decimal: bool,
        thousands: bool,
    },
    /// Dates or times, and a few texts.
    AmongTimes,
    /// Texts where numbers are asked for.
    NotNumeric,
    /// `true` and `false`, or `yes` and `no`, which are numbers, and a few others.
    AmongBooleans,
    /// Others than the words that a model was fitted on.
    NotWords(Words),
    /// No times where they are asked for.
    NotTime,
    Infinite,
    /// Times finer than a microsecond.
    Finer,
    NotUtf8,
    /// A side column with missing values.
    Missing,
    /// Dates and times in another form than ISO 8601.
    Dates,
    /// Numbers beyond what 64 bits hold.
    OutOfRange,
    /// Numbers that are no seconds of any time.
    NoSeconds,
    /// Whole numbers by which rows are told apart, read as numbers that are equal.
    Merged,
    /// Weights of rows that are below zero or not finite.
    Weight,
    /// Lists, maps and structures of Parquet.
    Nested,
    /// A Parquet type that is no value per row.
    Unreadable,
}

/// What to write where numbers are asked for.
const NO_NUMBERS: &str =
    "mend the file, add the text to `missing`, or take the column out of `numeric`, `amount` or `weight`";

impl Why {
    /// What is wrong with columns, and what to write.
    pub fn parts(self) -> (&'static str, &'static str) {
        match self {
            Why::Unique => (
                "nearly every row has another text in",
                "add the column to `ignore`, or to `categorical` if these are levels",
            ),
            Why::TextNumbers => (
                "numbers stored as texts are in",
                "add the column to `numeric`, to `categorical` if these are levels, or to `ignore`",
            ),
            Why::Spelt(spelt) => (spelt.in_columns(), spelt.remedy()),
            Why::AmongNumbers { decimal, thousands } => {
                ("texts stand among numbers in", among_numbers(decimal, thousands))
            }
            Why::AmongTimes => (
                "texts stand among dates and times in",
                "add the text to `missing`, or the column to `categorical` or `ignore`",
            ),
            Why::NotNumeric => ("numbers are asked for, and texts stand in", NO_NUMBERS),
            Why::AmongBooleans => ("other texts stand among `true` and `false`, or `yes` and `no`, in", NO_NUMBERS),
            Why::NotWords(Words::TrueFalse) => {
                ("the model was fitted on `true` and `false`, and others stand in", "mend the file")
            }
            Why::NotWords(Words::YesNo) => {
                ("the model was fitted on `yes` and `no`, and others stand in", "mend the file")
            }
            Why::NotTime => (
                "`time` needs numbers (seconds) or ISO dates and times (2018-04-01 00:00:31), and others stand in",
                "mend the file, or name another column",
            ),
            Why::Infinite => ("values that are not finite stand in", "mend the file, or add the column to `ignore`"),
            Why::Finer => (
                "times finer than a microsecond stand in",
                "round them in the file, or add the column to `ignore` (as `time` it may stay)",
            ),
            Why::NotUtf8 => {
                ("texts that are not UTF-8 stand in", "save the file as UTF-8, or add the column to `ignore`")
            }
            Why::Missing => ("values are missing in", "fill them in the file; without them these roles mean nothing"),
            Why::Weight => {
                ("weights are finite and at least 0, and others stand in", "mend the file, or name another column")
            }
            Why::Dates => (
                "dates and times that are not ISO stand in",
                "write them as 2018-04-01 00:00:31, or add the column to `categorical` or `ignore`",
            ),
            Why::OutOfRange => ("values are out of range in", "mend the file, or name another column"),
            Why::NoSeconds => (
                "`time` needs numbers (seconds) or ISO dates and times (2018-04-01 00:00:31), and numbers out of range stand in",
                "mend the file, or name another column",
            ),
            Why::Merged => (
                "whole numbers that 64-bit floats do not tell apart stand in",
                "take the column out of `numeric`: as `group` or `fold` it is read by its digits",
            ),
            Why::Nested => ("lists or structures, and no single values, are in", "add the column to `ignore`"),
            Why::Unreadable => ("values of a type that is not read are in", "add the column to `ignore`"),
        }
    }
}

/// What to write where texts stand among numbers: what is set already is not what lacks.
fn among_numbers(decimal: bool, thousands: bool) -> &'static str {
    match (decimal, thousands) {
        (false, false) => {
            "add the text to `missing`, set `decimal` or `thousands`, or add the column to `categorical` or `ignore`"
        }
        (true, false) => {
            "add the text to `missing`, set `thousands` too, write all numbers alike, or add the column to `categorical` \
             or `ignore`"
        }
        (false, true) => {
            "add the text to `missing`, set `decimal` too, write all numbers alike, or add the column to `categorical` or \
             `ignore`"
        }
        (true, true) => {
            "add the text to `missing`, write all numbers alike, or add the column to `categorical` or `ignore`"
        }
    }
}

/// What follows the place of the first row that does not fit, where there are more: ` and 3 more rows`. `rows` are all of them.
pub(super) fn and_more(rows: usize) -> String {
    match rows.saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {}", counted(more as u64, "more row")),
    }
}

/// Columns of a sentence; of thousands the first ones, with how many more there are.
pub(super) fn some_columns(columns: &[impl AsRef<str>]) -> String {
    let listed: Vec<&str> = columns.iter().take(LISTED).map(AsRef::as_ref).collect();
    match columns.len().saturating_sub(LISTED) {
        0 => listed.join(", "),
        more => format!("{} and {}", listed.join(", "), counted(more as u64, "more column")),
    }
}

/// Faults in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<(Why, String)>);

impl Faults {
    /// `found` is what stands in the column and where.
    pub fn add(&mut self, why: Why, column: &str, found: &str) {
        let found = if found.is_empty() { String::new() } else { format!(" ({found})") };
        self.0.push((why, format!("`{column}`{found}")));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One sentence per kind of fault, with every column.
    pub fn sentence(&self, called: Called) -> String {
        self.said(|why, columns| {
            let (wrong, write) = why.parts();
            format!("{} {columns}: {}", called.words(wrong), called.words(write))
        })
    }

    /// The same without what to write.
    pub fn what(&self) -> String {
        self.said(|why, columns| format!("{} {columns}", why.parts().0))
    }

    /// The same about rows for a model: nothing but the file can be mended. It is read by the `spelling` of the model's own table.
    pub fn for_model(&self, spelling: &Spelling) -> String {
        let remedy = |why: Why| match why {
            Why::NotUtf8 => "save the file as UTF-8".to_owned(),
            Why::Spelt(_) => spelt_as(spelling),
            Why::NotNumeric if !spelling.is_plain() => spelt_as(spelling),
            Why::NotWords(_) => {
                "mend the file, in which a column has `true` and `false`, or `yes` and `no`, or 1 and 0 in all rows"
                    .to_owned()
            }
            _ => "mend the file".to_owned(),
        };
        let mut remedies: Vec<String> = Vec::new();
        for said in self.0.iter().map(|(why, _)| remedy(*why)) {
            if !remedies.contains(&said) {
                remedies.push(said);
            }
        }
        let of = |wanted: &String| {
            let faults = self.0.iter().filter(|(why, _)| remedy(*why) == *wanted).cloned();
            let said = Faults(faults.collect()).said(|why, columns| match why {
                Why::NotTime => {
                    format!("ISO dates and times (2018-04-01 00:00:31) are needed, and others stand in {columns}")
                }
                why => format!("{} {columns}", why.parts().0),
            });
            format!("{said}: {wanted}")
        };
        remedies.iter().map(of).collect::<Vec<_>>().join("; ")
    }

    fn said(&self, sentence: impl Fn(Why, &str) -> String) -> String {
        let mut kinds: Vec<Why> = Vec::new();
        for (why, _) in &self.0 {
            if !kinds.contains(why) {
                kinds.push(*why);
            }
        }
        let of = |kind: &Why| {
            let columns: Vec<&str> = self.0.iter().filter(|(why, _)| why == kind).map(|(_, c)| c.as_str()).collect();
            sentence(*kind, &some_columns(&columns))
        };
        kinds.iter().map(of).collect::<Vec<_>>().join("; ")
    }
}

/// How numbers must be written for a model: its table's `decimal` and `thousands` count, not those of the file.
fn spelt_as(spelling: &Spelling) -> String {
    let point = if spelling.comma { "a decimal comma" } else { "a decimal point" };
    let thousands = match spelling.thousands {
        Some(mark) => format!("`{}` or nothing", char::from(mark)),
        None => "nothing".to_owned(),
    };
    format!(
        "write numbers with {point} and with {thousands} between thousands, as the table has that the model was fitted on"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_thousands_of_columns_that_do_not_fit_the_first_are_told() {
        let mut faults = Faults::default();
        (0..5000).for_each(|at| faults.add(Why::Nested, &format!("c{at}"), ""));
        let said = faults.what();
        assert!(said.starts_with("lists or structures, and no single values, are in `c0`, `c1`, "), "{said}");
        assert!(said.ends_with(", `c98`, `c99` and 4,900 more columns"), "{said}");
        assert_eq!(some_columns(&["a", "b"]), "a, b");
    }
}
