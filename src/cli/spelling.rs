//! Options that say how a file of rows is written: the keys of a study's `[data]`, by the same names.

use crate::data::{ReadOptions, no_mark, separator_mark, thousands_mark};
use crate::error::{Error, Result};

/// How numbers, fields and missing values are written in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub(super) struct Spelling {
    /// What separates fields [default: found in the first lines]
    #[arg(long, value_name = "CHARACTER", value_parser = |text: &str| character(text, separator_mark))]
    separator: Option<u8>,
    /// The decimal mark of numbers, . or , [default: .]
    #[arg(long, value_name = "MARK", value_parser = [".", ","], hide_possible_values = true)]
    decimal: Option<String>,
    /// What stands between groups of three digits
    #[arg(long, value_name = "CHARACTER", value_parser = |text: &str| character(text, thousands_mark))]
    thousands: Option<u8>,
    /// A text that is a missing value, instead of the usual ones; may be repeated
    #[arg(long, value_name = "TEXT")]
    missing: Vec<String>,
}

fn character(text: &str, mark: fn(&str) -> Option<u8>) -> Result<u8, String> {
    mark(text).ok_or_else(|| format!("it {}", no_mark(text).replace('`', "")))
}

/// Refuses marks by which a number could be two numbers, as a study does.
///
/// # Errors
/// [`Error::Usage`] with what to write.
pub(super) fn check(options: &ReadOptions) -> Result<()> {
    match options.ambiguous_mark() {
        None => Ok(()),
        Some(mark) => {
            let other = if mark == '.' { ',' } else { '.' };
            let said = format!("--thousands {mark}: `{mark}` is the decimal mark: give `--decimal {other}`, too");
            Err(Error::Usage(said))
        }
    }
}

impl Spelling {
    /// As a reader takes it; of the columns it says nothing.
    pub(super) fn options(&self) -> ReadOptions {
        ReadOptions {
            separator: self.separator,
            decimal_comma: self.decimal.as_deref() == Some(","),
            thousands: self.thousands,
            missing: (!self.missing.is_empty()).then(|| self.missing.clone()),
            ..ReadOptions::default()
        }
    }
}
