//! Options that say how a file of rows is written: the keys of a study's `[data]`, by the same names.

use crate::data::ReadOptions;

/// How numbers, fields and missing values are written in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub(super) struct Spelling {
    /// What separates fields [default: found in the first lines]
    #[arg(long, value_name = "CHARACTER", value_parser = ascii)]
    separator: Option<u8>,
    /// The decimal mark of numbers, . or , [default: .]
    #[arg(long, value_name = "MARK", value_parser = [".", ","], hide_possible_values = true)]
    decimal: Option<String>,
    /// What stands between groups of three digits
    #[arg(long, value_name = "CHARACTER", value_parser = ascii)]
    thousands: Option<u8>,
    /// A text that is a missing value, instead of the usual ones; may be repeated
    #[arg(long, value_name = "TEXT")]
    missing: Vec<String>,
}

fn ascii(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err("it must be one ASCII character".into()),
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
