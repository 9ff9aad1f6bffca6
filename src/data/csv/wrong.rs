//! What is wrong with a record that is no row.

use std::fmt;

use crate::words::counted;

/// Why a record is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Fewer or more fields than the header.
    Ragged { found: usize, wanted: usize },
    /// One more than the header, and the last one is empty.
    Ended { found: usize, wanted: usize },
    /// The header once more.
    Header,
    /// Quotes that are not as they should be.
    Quotes(String),
}

impl Wrong {
    /// What to write instead.
    pub fn remedy(&self, separator: u8) -> String {
        match self {
            Wrong::Ragged { .. } | Wrong::Ended { .. } => format!(
                "write as many fields in every row as in the header, and `\"` around a field that holds a `{}`",
                char::from(separator).escape_default()
            ),
            Wrong::Header => "take the line out of the file".to_owned(),
            Wrong::Quotes(_) => "write `\"` around the whole field, and every quote in it twice".to_owned(),
        }
    }
}

impl From<String> for Wrong {
    fn from(what: String) -> Self {
        Wrong::Quotes(what)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Ragged { found, wanted } | Wrong::Ended { found, wanted } => {
                write!(f, "{} where the header has {wanted}", counted(*found as u64, "field"))
            }
            Wrong::Header => write!(f, "the header stands here again"),
            Wrong::Quotes(what) => write!(f, "{what}"),
        }
    }
}
