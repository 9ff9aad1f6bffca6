//! Columns that do not fit, all told at once with what to write for each.

use super::called::missing_options;
use super::spelt::{Common, Spelt, are_signed};
use super::texts::{Spelling, shown};
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
    /// The same where some are whole numbers that 64-bit floats cannot hold, which is why a CSV file's are texts.
    LongNumbers,
    /// Numbers as another spelling has them, nearly each row another.
    Spelt(Spelt),
    /// The same where numbers are asked for.
    SpeltNumbers(Spelt),
    /// Numbers with a sign of money or per cent, in brackets, or with a minus behind them.
    Signed,
    /// The same where numbers are asked for.
    SignedNumbers,
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
    /// Texts that are missing values as a rule, and are none in the table that a model was fitted on.
    NotMissing,
    /// Others than the words that a model was fitted on.
    NotWords(Words),
    /// No times where they are asked for.
    NotTime,
    Infinite,
    /// The same in a column with a role, which `ignore` does not take away.
    InfiniteSide,
    /// Times finer than a microsecond.
    Finer,
    NotUtf8,
    /// The same in a column with a role.
    NotUtf8Side,
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
    /// The same in a column with a role.
    NestedSide,
    /// A Parquet type that is no value per row.
    Unreadable,
    /// The same in a column with a role.
    UnreadableSide,
}

/// What to write where numbers are asked for.
const NO_NUMBERS: &str = "mend the file, add the text to `missing`";

impl Why {
    /// Why texts are no numbers where numbers are asked for.
    pub fn no_numbers<'t>(texts: impl Iterator<Item = &'t [u8]> + Clone, spelling: &Spelling, common: Common) -> Why {
        Spelt::of(texts, spelling, common).map_or(Why::NotNumeric, Why::SpeltNumbers)
    }

    /// The same for a column with a role: `ignore` does not take that away.
    pub fn of_role(self) -> Why {
        match self {
            Why::Infinite => Why::InfiniteSide,
            Why::NotUtf8 => Why::NotUtf8Side,
            Why::Nested => Why::NestedSide,
            Why::Unreadable => Why::UnreadableSide,
            why => why,
        }
    }

    /// What is wrong with columns, and what to write.
    pub fn parts(self) -> (&'static str, String) {
        let (wrong, write) = self.without_end();
        let end = match self {
            Why::Spelt(_) | Why::Signed => ", or add the column to `categorical` or `ignore`",
            // Where numbers are asked for, neither of the two changes anything.
            Why::SpeltNumbers(_) | Why::SignedNumbers | Why::NotNumeric | Why::NotMissing | Why::AmongBooleans => {
                ", or take the column out of `numeric`, `amount` or `weight`"
            }
            _ => "",
        };
        (wrong, format!("{write}{end}"))
    }

    /// What is wrong, and what to write first of all.
    fn without_end(self) -> (&'static str, &'static str) {
        match self {
            Why::Unique => (
                "nearly every row has another text in",
                "add the column to `ignore`, or to `categorical` if these are levels",
            ),
            Why::TextNumbers => (
                "numbers stored as texts are in",
                "add the column to `numeric`, to `categorical` if these are levels, or to `ignore`",
            ),
            Why::LongNumbers => (
                "whole numbers beyond 2^53, which 64-bit floats cannot hold, are in",
                "add the column to `ignore`, to `categorical` if these are levels, or to `numeric` to round them",
            ),
            Why::Spelt(spelt) | Why::SpeltNumbers(spelt) => (spelt.in_columns(), spelt.remedy()),
            Why::Signed | Why::SignedNumbers => (
                "numbers with a sign of money or per cent, in brackets or with a minus behind them are texts in",
                "write them without it in the file, with a minus before what is below zero",
            ),
            Why::AmongNumbers { decimal, thousands } => {
                ("texts stand among numbers in", among_numbers(decimal, thousands))
            }
            Why::AmongTimes => (
                "texts stand among dates and times in",
                "add the text to `missing`, or the column to `categorical` or `ignore`",
            ),
            Why::NotNumeric => ("numbers are asked for, and texts stand in", NO_NUMBERS),
            Why::NotMissing => ("texts stand among numbers in", NO_NUMBERS),
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
            Why::InfiniteSide => ("values that are not finite stand in", "mend the file, or name another column"),
            Why::Finer => (
                "times finer than a microsecond stand in",
                "round them in the file, or add the column to `ignore` (as `time` it may stay)",
            ),
            Why::NotUtf8 => {
                ("texts that are not UTF-8 stand in", "save the file as UTF-8, or add the column to `ignore`")
            }
            Why::NotUtf8Side => ("texts that are not UTF-8 stand in", "save the file as UTF-8, or name another column"),
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
            Why::NestedSide => ("lists or structures, and no single values, are in", "name another column"),
            Why::UnreadableSide => ("values of a type that is not read are in", "name another column"),
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
pub(super) struct Faults {
    found: Vec<(Why, String)>,
    /// Texts that may be meant for missing values.
    missing: Vec<Vec<u8>>,
    /// Where there are some: the texts of the file that were taken for missing values.
    taken: Vec<Vec<u8>>,
}

impl Faults {
    /// `found` is what stands in the column and where.
    pub fn add(&mut self, why: Why, column: &str, found: &str) {
        let found = if found.is_empty() { String::new() } else { format!(" ({found})") };
        self.found.push((why, format!("`{column}`{found}")));
    }

    /// Takes texts of a column that does not fit for what may be meant for missing values there; `taken` are those of the file
    /// that were taken for such.
    pub fn add_missing(&mut self, texts: Vec<Vec<u8>>, taken: impl FnOnce() -> Vec<Vec<u8>>) {
        if self.missing.is_empty() && !texts.is_empty() {
            self.taken = taken();
        }
        let new: Vec<Vec<u8>> = texts.into_iter().filter(|text| !self.missing.contains(text)).collect();
        self.missing.extend(new);
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// One sentence per kind of fault, with every column. `spelling` is that of the file.
    pub fn sentence(&self, called: Called, spelling: &Spelling) -> String {
        let said = self.said(|why, columns| {
            let (wrong, write) = why.parts();
            format!("{} {columns}: {}", called.words(wrong), called.words(&write))
        });
        match self.missing.is_empty() {
            true => said,
            false => {
                let call = called.missing(&self.all_missing(spelling));
                format!("{said}; {} has to list all texts that are missing values: {call}", called.name("missing"))
            }
        }
    }

    /// The options by which all of a column is numbers, where a few texts that may be meant for missing values are in the way.
    pub fn numbers_by_missing(&self, spelling: &Spelling) -> Option<String> {
        let is_it =
            self.found.iter().any(|(why, _)| matches!(why, Why::AmongNumbers { .. })) && !self.missing.is_empty();
        is_it.then(|| missing_options(&self.all_missing(spelling)))
    }

    /// The missing texts of a study that takes these for such, too: a list stands in the place of all usual ones, so that those
    /// which the file has must be in it, and so must empty fields.
    fn all_missing(&self, spelling: &Spelling) -> Vec<String> {
        let usual = || std::iter::once(Vec::new()).chain(self.taken.iter().cloned()).collect();
        let mut all: Vec<Vec<u8>> = spelling.missing.clone().unwrap_or_else(usual);
        all.extend(self.missing.iter().filter(|text| !all.contains(text)).cloned().collect::<Vec<_>>());
        all.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect()
    }

    /// The same without what to write.
    pub fn what(&self) -> String {
        self.said(|why, columns| format!("{} {columns}", why.parts().0))
    }

    /// The same about rows for a model: nothing but the file can be mended. It is read by the `spelling` of the model's own
    /// table.
    pub fn for_model(&self, spelling: &Spelling) -> String {
        let remedy = |why: Why| match why {
            Why::NotUtf8 => "save the file as UTF-8".to_owned(),
            Why::Spelt(_) | Why::SpeltNumbers(_) => spelt_as(spelling),
            Why::NotMissing => missing_as(spelling),
            Why::NotNumeric if !spelling.is_plain() => spelt_as(spelling),
            Why::NotTime => "write all of them in that form".to_owned(),
            Why::Infinite => finite_as(spelling),
            Why::NotWords(_) => {
                "mend the file, in which a column has `true` and `false`, or `yes` and `no`, or 1 and 0 in all rows"
                    .to_owned()
            }
            _ => "mend the file".to_owned(),
        };
        let mut remedies: Vec<String> = Vec::new();
        for said in self.found.iter().map(|(why, _)| remedy(*why)) {
            if !remedies.contains(&said) {
                remedies.push(said);
            }
        }
        let of = |wanted: &String| {
            let found = self.found.iter().filter(|(why, _)| remedy(*why) == *wanted).cloned().collect();
            let said = Faults { found, ..Faults::default() }.said(|why, columns| match why {
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
        for (why, _) in &self.found {
            if !kinds.contains(why) {
                kinds.push(*why);
            }
        }
        let of = |kind: &Why| {
            let columns: Vec<&str> =
                self.found.iter().filter(|(why, _)| why == kind).map(|(_, c)| c.as_str()).collect();
            sentence(*kind, &some_columns(&columns))
        };
        kinds.iter().map(of).collect::<Vec<_>>().join("; ")
    }
}

/// What stands for a missing value where the study names it; none where it says that nothing does, or does not say it.
fn named_missing(spelling: &Spelling) -> Option<String> {
    let called = |text: &Vec<u8>| if text.is_empty() { "an empty field".into() } else { format!("`{}`", shown(text)) };
    let texts: Vec<String> = spelling.missing.iter().flatten().map(called).collect();
    (!texts.is_empty()).then(|| texts.join(" or "))
}

/// How a missing value must be written for a model.
fn missing_as(spelling: &Spelling) -> String {
    let write = match named_missing(spelling) {
        None => "write a value there".to_owned(),
        Some(texts) => format!("write a missing value as {texts}"),
    };
    format!("{write}, as the table has that the model was fitted on")
}

/// What must be written for a model in the place of a value that is not finite.
fn finite_as(spelling: &Spelling) -> String {
    let blank = match &spelling.missing {
        None => Some("nothing".to_owned()),
        Some(_) => named_missing(spelling),
    };
    let blank = blank.map_or_else(String::new, |blank| format!(", and {blank} where a value is missing"));
    format!("write finite numbers{blank}")
}

/// A column whose other texts are more may hold anything, and none of them is likely to be a missing value.
const FEW_MISSING: usize = 3;

/// The texts of a column that may be meant for missing values, of those in it that do not fit: these are few, and no numbers.
pub(super) fn may_be_missing<'t>(others: impl Iterator<Item = &'t [u8]>, spelling: &Spelling) -> Vec<Vec<u8>> {
    let others: Vec<&[u8]> = others.take(FEW_MISSING + 1).collect();
    let is_number = |text: &&&[u8]| {
        let one = || std::iter::once(**text);
        Spelt::of(one(), spelling, Common::default()).is_some() || are_signed(one(), spelling)
    };
    match others.len() > FEW_MISSING || others.iter().any(|text| is_number(&text)) {
        true => Vec::new(),
        false => others.into_iter().map(<[u8]>::to_vec).collect(),
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
    fn a_text_for_missing_values_is_told_with_all_that_stay_missing() {
        let may_be = |texts: &[&str]| {
            let found = may_be_missing(texts.iter().map(|text| text.as_bytes()), &Spelling::default());
            found.iter().map(|text| String::from_utf8(text.clone()).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(may_be(&["-", "n.a.", "\\N"]), ["-", "n.a.", "\\N"]);
        // Too many of them, and numbers of other spellings, which nobody means so.
        assert_eq!([may_be(&["a", "b", "c", "d"]), may_be(&["2,5"]), may_be(&["-", "(5.3)"])], [[""; 0]; 3]);
        let with = |missing: Option<&[&str]>, taken: &[&str]| {
            let missing = missing.map(|texts| texts.iter().map(|text| text.as_bytes().to_vec()).collect());
            let spelling = Spelling { missing, ..Spelling::default() };
            let mut faults = Faults::default();
            faults.add(Why::AmongTimes, "when", "line 3: `-`");
            let taken = || taken.iter().map(|text| text.as_bytes().to_vec()).collect();
            faults.add_missing(vec![b"-".to_vec()], taken);
            faults.add_missing(vec![b"-".to_vec()], taken);
            [Called::InStudy, Called::ToTry].map(|called| {
                faults.sentence(called, &spelling).split_once("; ").map(|(_, end)| end.to_owned()).unwrap()
            })
        };
        assert_eq!(
            with(None, &[]),
            [
                "`missing` has to list all texts that are missing values: write missing = [\"\", \"-\"]",
                "`--missing` has to list all texts that are missing values: give `--missing '' --missing -`"
            ]
        );
        let named = with(Some(&["?", "x y"]), &[]);
        assert!(named[0].ends_with(": write missing = [\"?\", \"x y\", \"-\"]"));
        assert!(named[1].ends_with(": give `--missing '?' --missing 'x y' --missing -`"));
        // A list takes the usual ones away, of which the file has some.
        let usual = with(None, &["NA", "n/a"]);
        assert!(usual[0].ends_with(": write missing = [\"\", \"NA\", \"n/a\", \"-\"]"));
        assert!(usual[1].ends_with(": give `--missing '' --missing NA --missing n/a --missing -`"));
    }

    #[test]
    fn a_missing_value_of_a_model_may_be_an_empty_field() {
        let write = |texts: &[&str]| {
            let missing = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
            missing_as(&Spelling { missing: Some(missing), ..Spelling::default() })
        };
        let end = "as the table has that the model was fitted on";
        assert_eq!(write(&["", "-"]), format!("write a missing value as an empty field or `-`, {end}"));
        assert_eq!(write(&["-"]), format!("write a missing value as `-`, {end}"));
        assert_eq!(write(&[]), format!("write a value there, {end}"));
    }

    #[test]
    fn rows_for_a_model_are_told_what_to_write_for_times_and_for_what_is_not_finite() {
        let said = |why: Why, missing: Option<&[&str]>| {
            let mut faults = Faults::default();
            faults.add(why, "a", "line 2: `x`");
            let missing = missing.map(|texts| texts.iter().map(|text| text.as_bytes().to_vec()).collect());
            faults.for_model(&Spelling { missing, ..Spelling::default() })
        };
        assert_eq!(
            said(Why::NotTime, None),
            "ISO dates and times (2018-04-01 00:00:31) are needed, and others stand in `a` (line 2: `x`): write all of them in that form"
        );
        let infinite = "values that are not finite stand in `a` (line 2: `x`): write finite numbers";
        let blank = |text: &str| format!("{infinite}, and {text} where a value is missing");
        assert_eq!(said(Why::Infinite, None), blank("nothing"));
        assert_eq!(said(Why::Infinite, Some(&["", "-"])), blank("an empty field or `-`"));
        assert_eq!(said(Why::Infinite, Some(&[])), infinite);
    }

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
