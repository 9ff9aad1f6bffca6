//! Error types and exit codes.

mod elsewhere;

use std::io;
use std::path::Path;

use parquet::errors::ParquetError;

/// What went wrong, sorted by who can mend it; the sort decides the exit code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line is not one we understand.
    #[error("{0}")]
    Usage(String),
    /// The study file is not valid.
    #[error("{0}")]
    Study(String),
    /// The data are missing, unreadable or unusable for what the study asks.
    #[error("{0}")]
    Data(String),
    /// Several things are wrong with the study or its data, a sentence each: a study tells each in a line of its own.
    #[error("{}", .0.join("; "))]
    Several(Vec<String>),
    /// A component (resampler, scaler, classifier) could not do its work; inside a run this fails the cell only.
    #[error("{0}")]
    Component(String),
    /// The same, because of a column's values. Who knows the columns' names puts one in.
    #[error("{}", said.replace(COLUMN, &format!("column {at} (counted from 0)")))]
    Column {
        /// The column's place, from 0.
        at: usize,
        /// One sentence, with [`COLUMN`] where the column is named.
        said: String,
    },
    /// A results directory is unreadable or written by a newer version.
    #[error("{0}")]
    Store(String),
    /// The operating system refused; `context` says what we were doing to which file.
    #[error("{context}: {source}{}", remedy(source))]
    Io {
        /// What was being done, with the path.
        context: String,
        /// The operating system's reason.
        source: io::Error,
    },
}

/// What stands in a sentence where a column's name belongs.
pub const COLUMN: &str = "{column}";

/// The crate's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An I/O failure while doing `what` to `path`.
    pub fn io(what: &str, path: &Path, source: io::Error) -> Self {
        Error::Io { context: format!("cannot {what} {}", path.display()), source }
    }

    /// What refuses a study of which these things are wrong, a sentence each; none where nothing is.
    pub(crate) fn of_all(mut said: Vec<String>) -> Option<Self> {
        match said.len() {
            0 => None,
            1 => said.pop().map(Error::Study),
            _ => Some(Error::Several(said)),
        }
    }

    /// All of these errors in one; none where there is none.
    pub(crate) fn all(mut errors: Vec<Self>) -> Option<Self> {
        match errors.len() {
            0 | 1 => errors.pop(),
            _ => Some(Error::Several(errors.iter().map(Self::to_string).collect())),
        }
    }

    /// The same from a part that sees only `columns` of the table, or all, with the column's place in the table.
    pub(crate) fn of_columns(self, columns: Option<&[usize]>) -> Self {
        match (self, columns) {
            (Error::Column { at, said }, Some(columns)) => {
                Error::Column { at: columns.get(at).copied().unwrap_or(at), said }
            }
            (other, _) => other,
        }
    }

    /// The process exit code: 2 for usage, study and data errors before any cell; 3 for unreadable or newer results.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Store(_) => 3,
            _ => 2,
        }
    }
}

/// What is to be done about it, where that follows from the system's word alone.
fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull => "; make room on that disk, or write to another one",
        io::ErrorKind::QuotaExceeded => "; make room within the quota, or write elsewhere",
        io::ErrorKind::FileTooLarge => "; no file may be as large here: raise the limit (`ulimit -f`)",
        _ => "",
    }
}

/// One sentence about a name that is not among `allowed`: names the one that is meant, by other libraries' names or by its spelling,
/// and lists all.
///
/// ```
/// let said = fraudbench::error::unknown("scaler", "standart", &["none", "standard"]);
/// assert_eq!(said, "unknown scaler `standart`; did you mean `standard`? Allowed: none, standard");
/// ```
pub fn unknown(what: &str, given: &str, allowed: &[&str]) -> String {
    unknown_but(what, given, allowed, elsewhere::meant(given, allowed))
}

/// The same where it is known what is `meant`, if anything.
pub(crate) fn unknown_but(what: &str, given: &str, allowed: &[&str], meant: Option<String>) -> String {
    let hint = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_else(|| ".".into());
    let listed = allowed[..allowed.len().min(LISTED)].join(", ");
    let more = match allowed.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("unknown {what} `{given}`{hint} Allowed: {listed}{more}")
}

/// Names that a sentence lists; a table may have thousands of columns.
const LISTED: usize = 100;

/// What Parquet's writer failed with: the operating system's own error where there is one, which the library wraps, and its word for that says nothing to a reader.
pub(crate) fn of_system(error: ParquetError) -> std::io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(own) => *own,
            Err(other) => std::io::Error::other(other),
        },
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_thousands_of_names_a_hundred_are_listed_and_the_nearest_is_told_all_the_same() {
        let names: Vec<String> = (0..5000).map(|at| format!("x{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let said = unknown("column", "X4321", &names);
        assert!(said.starts_with("unknown column `X4321`; did you mean `x4321`? Allowed: x0, x1, "), "{said}");
        assert!(said.ends_with(", x98, x99 and 4900 more"), "{said}");
        assert!(unknown("column", "y", &names[..100]).ends_with(", x98, x99"));
    }

    #[test]
    fn a_full_disk_is_told_with_what_to_do() {
        let said = |code| Error::io("write", Path::new("runs/x"), io::Error::from_raw_os_error(code)).to_string();
        let full = "cannot write runs/x: No space left on device (os error 28); make room on that disk, or write to another one";
        assert_eq!(said(28), full);
        assert_eq!(said(13), "cannot write runs/x: Permission denied (os error 13)");
        let large = "cannot write runs/x: File too large (os error 27); no file may be as large here: raise the limit (`ulimit -f`)";
        assert_eq!(said(27), large);
    }

    #[test]
    fn a_full_disk_below_the_library_of_parquet_is_told_in_the_systems_words() {
        let full = || io::Error::from_raw_os_error(28);
        let said = of_system(ParquetError::External(Box::new(full())));
        assert_eq!((said.kind(), said.to_string()), (full().kind(), full().to_string()));
        assert!(of_system(ParquetError::General("more columns".into())).to_string().contains("more columns"));
    }
}
