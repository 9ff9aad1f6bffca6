//! Error types and exit codes.

mod elsewhere;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

pub(crate) use elsewhere::MISSPELT;

use crate::words::{agree, and_more, harmless_line, listed};

/// How zstd tells that an allocation was refused: it hands on no error of the operating system.
pub(crate) const ZSTD_RAN_OUT: &str = "Allocation error : not enough memory";

/// What went wrong, sorted by who can mend it; the sort decides the exit code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line is not one we understand.
    #[error("{}", harmless_line(.0))]
    Usage(String),
    /// The study file is not valid.
    #[error("{0}")]
    Study(String),
    /// The data are missing, unreadable or unusable for what the study asks. Names of columns may hold line breaks, a message
    /// does not.
    #[error("{}", harmless_line(.0))]
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
    /// The same, because of several columns.
    #[error("{}", said.replace(COLUMN, &columns_named(at, |_| None)))]
    Columns {
        /// The columns' places, from 0.
        at: Vec<usize>,
        /// One sentence, with [`COLUMN`] where the columns are named.
        said: String,
    },
    /// A results directory is unreadable or written by a newer version.
    #[error("{0}")]
    Store(String),
    /// The directory for new results has some already, or another process is using it: who knows a better way on than another
    /// directory puts it here.
    #[error("{0}")]
    Taken(String),
    /// The operating system refused; `context` says what we were doing to which file.
    #[error("{context}: {source}{remedy}")]
    Io {
        /// What was being done, with the path.
        context: String,
        /// The path, where anybody knows it.
        path: Option<PathBuf>,
        /// The operating system's reason.
        source: io::Error,
        /// What is to be done about it, behind a semicolon; empty where that is not known.
        remedy: String,
    },
}

/// What stands in a sentence where a column's name belongs.
pub const COLUMN: &str = "{column}";

/// Columns that a sentence about several of them names; the rest is counted.
const COLUMNS_NAMED: usize = 10;

/// What stands for [`COLUMN`]: columns by their names, or by their places where no name is known.
pub(crate) fn columns_named(at: &[usize], name: impl Fn(usize) -> Option<String>) -> String {
    let places = || at.iter().take(COLUMNS_NAMED);
    let names: Option<Vec<String>> = places().map(|&at| name(at).map(|name| format!("`{name}`"))).collect();
    let counted = if names.is_some() { "" } else { " (counted from 0)" };
    let mut all = names.unwrap_or_else(|| places().map(usize::to_string).collect());
    if at.len() > COLUMNS_NAMED {
        all.push(format!("{} more", at.len() - COLUMNS_NAMED));
    }
    format!("{} {}{counted}", agree(at.len(), "column", "columns"), listed(&all))
}

/// The crate's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An I/O failure while doing `what` to `path`.
    pub fn io(what: &str, path: &Path, source: io::Error) -> Self {
        let remedy = of_room(&source).or_else(|| of_limits(what, &source)).or_else(|| of_want(&source));
        let remedy = remedy.or_else(|| of_locks(what, &source));
        let remedy = remedy.map(str::to_owned).or_else(|| of_place(what, path, &source)).unwrap_or_default();
        Error::Io { context: format!("cannot {what} {}", path.display()), path: Some(path.to_owned()), source, remedy }
    }

    /// The same where there is no path that anybody knows: `context` says what was being done.
    pub(crate) fn io_without_path(context: String, source: io::Error) -> Self {
        let remedy = of_room(&source).or_else(|| of_limits(&context, &source)).or_else(|| of_want(&source));
        let remedy = remedy.unwrap_or_default().to_owned();
        Error::Io { context, path: None, source, remedy }
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

    /// What all of these are, or all that is wrong with them in one.
    pub(crate) fn every<T>(tried: impl IntoIterator<Item = Result<T>>) -> Result<Vec<T>> {
        let (mut all, mut faults) = (Vec::new(), Vec::new());
        for one in tried {
            match one {
                Ok(one) => all.push(one),
                Err(e) => faults.push(e),
            }
        }
        Self::all(faults).map_or(Ok(all), Err)
    }

    /// Both, or all that is wrong with them in one.
    pub(crate) fn both<T, U>(one: Result<T>, other: Result<U>) -> Result<(T, U)> {
        match (one, other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(e), Ok(_)) | (Ok(_), Err(e)) => Err(e),
            (Err(one), Err(other)) => Err(Error::Several(vec![one.to_string(), other.to_string()])),
        }
    }

    /// The same from a part that sees only `columns` of the table, or all, with the column's place in the table.
    pub(crate) fn of_columns(self, columns: Option<&[usize]>) -> Self {
        match (self, columns) {
            (Error::Column { at, said }, Some(columns)) => {
                Error::Column { at: columns.get(at).copied().unwrap_or(at), said }
            }
            (Error::Columns { at, said }, Some(columns)) => {
                let at = at.into_iter().map(|at| columns.get(at).copied().unwrap_or(at)).collect();
                Error::Columns { at, said }
            }
            (other, _) => other,
        }
    }

    /// Whether it is that the disk or the quota is full on which `folder` lies: something below it could not be written. Room
    /// there helps nothing elsewhere.
    pub fn lacks_room(&self, folder: &Path) -> bool {
        let Error::Io { source, path: Some(path), .. } = self else { return false };
        path.starts_with(folder) && matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
    }

    /// The process exit code: 2 for usage, study and data errors before any cell; 3 for unreadable or newer results.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Store(_) => 3,
            _ => 2,
        }
    }
}

/// What is to be done where there is no room, whatever was being written.
fn of_room(source: &io::Error) -> Option<&'static str> {
    match source.kind() {
        ErrorKind::StorageFull => Some("; make room on that disk, or write to another one"),
        ErrorKind::QuotaExceeded => Some("; make room within the quota, or write elsewhere"),
        ErrorKind::FileTooLarge => Some("; no file may be as large here: raise the limit (`ulimit -f`)"),
        _ => None,
    }
}

/// What is to be done where the process may not have more files or threads; `what` was being done.
fn of_limits(what: &str, source: &io::Error) -> Option<&'static str> {
    let is_of_workers = what.contains("start") || what.contains("worker");
    if source.raw_os_error() == Some(libc::EMFILE) {
        return Some(match is_of_workers {
            true => "; raise the limit of open files (`ulimit -n`), or take fewer `--threads`",
            false => "; raise the limit of open files (`ulimit -n`)",
        });
    }
    // By their kinds, as a library of threads gives no number: EAGAIN and ENOMEM.
    let is_of_threads = matches!(source.kind(), ErrorKind::WouldBlock | ErrorKind::OutOfMemory) && is_of_workers;
    is_of_threads
        .then_some("; raise the limits of processes and memory (`ulimit -u`, `ulimit -v`), or take fewer `--threads`")
}

/// What is to be done where an allocation was refused.
fn of_want(source: &io::Error) -> Option<&'static str> {
    let is_want = source.kind() == ErrorKind::OutOfMemory || source.to_string().contains(ZSTD_RAN_OUT);
    is_want.then_some("; raise the limit of memory (`ulimit -v`), free some, or take fewer `--threads`")
}

/// What is to be done where a file system cannot lock.
fn of_locks(what: &str, source: &io::Error) -> Option<&'static str> {
    let is_unknown = matches!(source.raw_os_error()?, libc::ENOSYS | libc::EOPNOTSUPP | libc::ENOLCK);
    (what.starts_with("lock") && is_unknown).then_some(
        "; that file system has no locks (`flock`), which keep two runs out of one folder: have it mounted with them (Lustre: `-o flock`; NFS: version 4), or choose a folder on another one",
    )
}

/// What is done to files that are only looked at.
const READING: [&str; 5] = ["read", "look at", "find", "list", "map"];
/// What is done to files and folders that are made or changed.
const WRITING: [&str; 8] = ["write", "create", "make the folder", "open", "lock", "remove", "append", "link"];
const IN_THE_WAY: &str = "; a file stands where a folder is needed: name another place";

/// What is to be done where `path` is no place to read or to write.
fn of_place(what: &str, path: &Path, source: &io::Error) -> Option<String> {
    let is_one_of = |all: &[&str]| all.iter().any(|verb| what.starts_with(verb));
    let (reads, writes) = (is_one_of(&READING), is_one_of(&WRITING));
    match source.kind() {
        ErrorKind::PermissionDenied if reads => {
            Some("; you may not read it: have that changed (`chmod`), or name another one".into())
        }
        ErrorKind::PermissionDenied if writes => {
            Some("; you may not write there: have that changed (`chmod`), or name another place".into())
        }
        ErrorKind::ReadOnlyFilesystem if writes => Some("; that file system is read-only: name another place".into()),
        ErrorKind::NotADirectory if writes => Some(IN_THE_WAY.into()),
        ErrorKind::AlreadyExists if what.starts_with("create") => Some(
            lost_link(path).map_or(IN_THE_WAY.into(), |link| format!("; {link}: make that, or name another place")),
        ),
        ErrorKind::NotFound if writes => {
            if let Some(link) = path.ancestors().skip(1).find_map(lost_link) {
                return Some(format!("; {link}: make that first, or name another place"));
            }
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())?;
            Some(format!("; there is no folder {}: make it first, or name another place", folder.display()))
        }
        _ => None,
    }
}

/// That `path` is a link to what is not there, and to what; none where it is no such link.
pub(crate) fn lost_link(path: &Path) -> Option<String> {
    let target = path.read_link().ok()?;
    let is_lost = path.metadata().is_err_and(|e| e.kind() == ErrorKind::NotFound);
    is_lost.then(|| format!("{} is a link to {}, which is not there", path.display(), target.display()))
}

/// One sentence about a name that is not among `allowed`: names the one that is meant, by other libraries' names or by its
/// spelling, and lists all.
///
/// ```
/// let said = fraudbench::error::unknown("scaler", "standart", &["none", "standard"]);
/// assert_eq!(said, "unknown scaler `standart`; did you mean `standard`? Allowed: none, standard");
/// ```
pub fn unknown(what: &str, given: &str, allowed: &[&str]) -> String {
    unknown_but(what, given, allowed, meant(given, allowed))
}

/// The same of several names, at least one: which there are is said once.
pub(crate) fn unknown_all(what: &str, given: &[&str], allowed: &[&str]) -> String {
    if let [one] = given {
        return unknown(what, one, allowed);
    }
    let one = |given: &&str| {
        let hint = meant(given, allowed).map(|meant| format!(" (did you mean {meant}?)")).unwrap_or_default();
        format!("unknown {what} `{given}`{hint}")
    };
    format!("{}. {}", given.iter().map(one).collect::<Vec<String>>().join("; "), all_of(allowed))
}

/// The same where it is known what is `meant`, if anything.
pub(crate) fn unknown_but(what: &str, given: &str, allowed: &[&str], meant: Option<String>) -> String {
    let hint = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_else(|| ".".into());
    format!("unknown {what} `{given}`{hint} {}", all_of(allowed))
}

/// The names that are allowed, as the end of a sentence about others.
fn all_of(allowed: &[&str]) -> String {
    let shown = &allowed[..allowed.len().min(LISTED)];
    // Columns may be called anything: `a, b` may be one.
    let is_plain = |name: &&str| !name.is_empty() && !name.contains(char::is_whitespace);
    let listed = match shown.iter().all(is_plain) {
        true => shown.join(", "),
        false => shown.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    };
    let more = match allowed.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" {}", and_more(more)),
    };
    format!("Allowed: {listed}{more}")
}

/// The name among `allowed` that `given` is meant for, in backticks; none where no name is like it.
pub(crate) fn meant(given: &str, allowed: &[&str]) -> Option<String> {
    elsewhere::meant(given, allowed)
}

/// Names that a sentence lists; a table may have thousands of columns.
pub(crate) const LISTED: usize = 100;

/// What Parquet's writer failed with: the operating system's own error where there is one, which the library wraps, and its word
/// for that says nothing to a reader.
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
    fn several_columns_are_named_and_a_rest_is_counted() {
        assert_eq!(columns_named(&[3], |_| None), "column 3 (counted from 0)");
        assert_eq!(columns_named(&[3, 5], |at| Some(format!("x{at}"))), "columns `x3` and `x5`");
        let many: Vec<usize> = (0..12).collect();
        assert_eq!(columns_named(&many, |_| None), "columns 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more (counted from 0)");
        let said = Error::Columns { at: vec![0, 1], said: format!("{COLUMN} hold blanks") }.of_columns(Some(&[4, 7]));
        assert_eq!(said.to_string(), "columns 4 and 7 (counted from 0) hold blanks");
    }

    #[test]
    fn of_thousands_of_names_a_hundred_are_listed_and_the_nearest_is_told_all_the_same() {
        let names: Vec<String> = (0..5000).map(|at| format!("x{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let said = unknown("column", "X4321", &names);
        assert!(said.starts_with("unknown column `X4321`; did you mean `x4321`? Allowed: x0, x1, "), "{said}");
        assert!(said.ends_with(", x98, x99 and 4,900 more"), "{said}");
        assert!(unknown("column", "y", &names[..100]).ends_with(", x98, x99"));
    }

    #[test]
    fn several_unknown_names_are_told_in_one_form() {
        let said = |names: &[&str]| unknown_all("column", names, &["Amount", "Time"]);
        assert_eq!(said(&["Amuont"]), "unknown column `Amuont`; did you mean `Amount`? Allowed: Amount, Time");
        assert_eq!(
            said(&["Amuont", "x9", "Tmie"]),
            "unknown column `Amuont` (did you mean `Amount`?); unknown column `x9`; unknown column `Tmie` (did you mean `Time`?). \
             Allowed: Amount, Time"
        );
    }

    #[test]
    fn names_that_would_run_together_are_told_apart() {
        let said = |names: &[&str]| unknown("column", "y", names).split_once("Allowed: ").unwrap().1.to_owned();
        assert_eq!(said(&["a", "shop, kind"]), "`a`, `shop, kind`");
        assert_eq!(said(&["a", "é name"]), "`a`, `é name`");
        assert_eq!(said(&["a", "b"]), "a, b");
    }

    #[test]
    fn a_full_disk_is_told_with_what_to_do() {
        let said = |code| Error::io("write", Path::new("runs/x"), io::Error::from_raw_os_error(code)).to_string();
        let full = "cannot write runs/x: No space left on device (os error 28); make room on that disk, or write to another one";
        assert_eq!(said(28), full);
        let large = "cannot write runs/x: File too large (os error 27); no file may be as large here: raise the limit (`ulimit -f`)";
        assert_eq!(said(27), large);
    }

    #[test]
    fn what_may_not_be_read_or_written_is_told_with_what_to_do() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let said = |what, path: &Path, code| {
            let said = Error::io(what, path, io::Error::from_raw_os_error(code)).to_string();
            said.replace(&folder.path().display().to_string(), "DIR")
        };
        let of = |what, code| said(what, Path::new("runs/x"), code);
        let denied = "Permission denied (os error 13); you may not";
        let write = "write there: have that changed (`chmod`), or name another place";
        assert_eq!(of("write", 13), format!("cannot write runs/x: {denied} {write}"));
        assert_eq!(of("append a record to", 13), format!("cannot append a record to runs/x: {denied} {write}"));
        let read = "read it: have that changed (`chmod`), or name another one";
        assert_eq!(of("read the study", 13), format!("cannot read the study runs/x: {denied} {read}"));
        // Nothing is known of others' programs and threads.
        assert_eq!(of("start", 13), "cannot start runs/x: Permission denied (os error 13)");
        let read_only = "Read-only file system (os error 30); that file system is read-only: name another place";
        assert_eq!(of("create", 30), format!("cannot create runs/x: {read_only}"));
        let no_folder =
            "No such file or directory (os error 2); there is no folder DIR/no: make it first, or name another place";
        assert_eq!(
            said("write", &folder.path().join("no/x.json"), 2),
            format!("cannot write DIR/no/x.json: {no_folder}")
        );
        // A folder that is there is not what is missing, and what is read has advice of its own.
        for (what, path) in [("write", folder.path().join("x")), ("write", "x".into()), ("read", "no/x".into())] {
            assert!(said(what, &path, 2).ends_with("No such file or directory (os error 2)"), "{what}");
        }
        let in_the_way = "a file stands where a folder is needed: name another place";
        let not_a_folder = format!("Not a directory (os error 20); {in_the_way}");
        assert_eq!(said("create", &file.join("x"), 20), format!("cannot create DIR/file/x: {not_a_folder}"));
        assert_eq!(
            said("create", &file, 17),
            format!("cannot create DIR/file: File exists (os error 17); {in_the_way}")
        );
    }

    #[test]
    fn a_link_to_what_is_not_there_is_no_file_in_the_way() {
        let folder = tempfile::TempDir::new().unwrap();
        let link = folder.path().join("lost");
        std::os::unix::fs::symlink("nowhere/x", &link).unwrap();
        let said = |what, path: &Path, code| {
            let said = Error::io(what, path, io::Error::from_raw_os_error(code)).to_string();
            said.replace(&folder.path().display().to_string(), "DIR")
        };
        let lost = "DIR/lost is a link to nowhere/x, which is not there";
        assert_eq!(
            said("create", &link, 17),
            format!("cannot create DIR/lost: File exists (os error 17); {lost}: make that, or name another place")
        );
        // No `mkdir` makes a folder where the link is.
        for path in ["lost/x.json", "lost/folder/x.json"] {
            let gone = "No such file or directory (os error 2)";
            assert_eq!(
                said("write", &link.with_file_name(path), 2),
                format!("cannot write DIR/{path}: {gone}; {lost}: make that first, or name another place")
            );
        }
        std::fs::create_dir_all(folder.path().join("nowhere/x")).unwrap();
        assert!(said("create", &link, 17).ends_with("; a file stands where a folder is needed: name another place"));
    }

    #[test]
    fn what_the_system_has_no_more_of_is_told_with_what_to_do() {
        let said =
            |what, path: &str, code| Error::io(what, Path::new(path), io::Error::from_raw_os_error(code)).to_string();
        let fewer = "or take fewer `--threads`";
        let files = "Too many open files (os error 24); raise the limit of open files (`ulimit -n`)";
        assert_eq!(said("start", "a worker", 24), format!("cannot start a worker: {files}, {fewer}"));
        assert_eq!(said("read", "data.csv", 24), format!("cannot read data.csv: {files}"));
        let more = "raise the limits of processes and memory (`ulimit -u`, `ulimit -v`)";
        let again = "Resource temporarily unavailable (os error 11)";
        assert_eq!(said("start", "a thread", 11), format!("cannot start a thread: {again}; {more}, {fewer}"));
        let wrapped =
            Error::io("start", Path::new("a thread"), io::Error::new(ErrorKind::WouldBlock, "busy")).to_string();
        assert_eq!(wrapped, format!("cannot start a thread: busy; {more}, {fewer}"));
        let context = "cannot share 1 MiB of memory with worker processes".to_owned();
        let shared = Error::io_without_path(context.clone(), io::Error::from_raw_os_error(24)).to_string();
        assert_eq!(shared, format!("{context}: {files}, {fewer}"));
        // A compressor that got no memory says so in words of its own.
        let zstd = Error::io("write", Path::new("p.parquet"), io::Error::other("Allocation error : not enough memory"));
        let want = "raise the limit of memory (`ulimit -v`), free some, or take fewer `--threads`";
        assert_eq!(zstd.to_string(), format!("cannot write p.parquet: Allocation error : not enough memory; {want}"));
        let memory = "Cannot allocate memory (os error 12)";
        assert_eq!(said("map", "data.csv", 12), format!("cannot map data.csv: {memory}; {want}"));
        assert_eq!(said("start", "a thread", 12), format!("cannot start a thread: {memory}; {more}, {fewer}"));
        // What is not ready is no limit.
        assert_eq!(said("read", "a pipe", 11), format!("cannot read a pipe: {again}"));
    }

    #[test]
    fn a_file_system_without_locks_is_told_with_what_to_do() {
        let said = |what, code| Error::io(what, Path::new("d/lock"), io::Error::from_raw_os_error(code)).to_string();
        // ENOSYS, EOPNOTSUPP, ENOLCK.
        for code in [38, 95, 37] {
            let told = said("lock", code);
            let remedy = "; that file system has no locks (`flock`), which keep two runs out of one folder: have it mounted with them \
                          (Lustre: `-o flock`; NFS: version 4), or choose a folder on another one";
            assert!(told.starts_with("cannot lock d/lock: "), "{told}");
            assert!(told.ends_with(&format!(" (os error {code}){remedy}")), "{told}");
        }
        assert!(!said("write", 95).contains("flock") && !said("lock", 5).contains("flock"));
    }

    #[test]
    fn a_full_disk_and_a_full_quota_lack_room() {
        let nights = Path::new("nights");
        let of = |path: &str, code| Error::io("write", Path::new(path), io::Error::from_raw_os_error(code));
        let lacks = |code| of("nights/x/records.jsonl", code).lacks_room(nights);
        // ENOSPC, EDQUOT; EFBIG and EACCES are other wants.
        assert_eq!([28, 122, 27, 13].map(lacks), [true, true, false, false]);
        assert!(!Error::Usage("no room".into()).lacks_room(nights));
        // Another disk may be full, such as that of temporary files.
        let without_path = Error::io_without_path("cannot share memory".into(), io::Error::from_raw_os_error(28));
        assert!(!of("/tmp/x", 28).lacks_room(nights) && !without_path.lacks_room(nights));
    }

    #[test]
    fn a_full_disk_below_the_library_of_parquet_is_told_in_the_systems_words() {
        let full = || io::Error::from_raw_os_error(28);
        let said = of_system(ParquetError::External(Box::new(full())));
        assert_eq!((said.kind(), said.to_string()), (full().kind(), full().to_string()));
        assert!(of_system(ParquetError::General("more columns".into())).to_string().contains("more columns"));
    }
}
