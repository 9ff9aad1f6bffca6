//! Reading a table: which files, which format, which bytes.

use std::path::{Path, PathBuf};

use ::bytes::Bytes;
use sha2::{Digest, Sha256};

use super::assemble::{Whole, assemble};
use super::assign::assign;
use super::digest::hex;
use super::recognize::{Format, recognize};
use super::source::Source;
use super::table::Table;
use super::texts::{Spelling, THOUSANDS_ALIKE};
use super::{Called, Dataset, Role, Unlabelled, Whence, csv, parquet};
use crate::error::{Error, Result};

/// What to make of a file's columns, and how it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The data set's short name; by default the file's name without endings.
    pub name: Option<String>,
    /// The label column; by default the last one.
    pub label: Option<String>,
    /// The label's value that is positive; by default 1 (beside 0 or -1) or true (beside false).
    pub positive: Option<String>,
    /// The column that says whose row it is. It is no feature unless it is in `categorical` or `numeric`.
    pub group: Option<String>,
    /// The column that says when a row became known: dates and times, or seconds. It is a feature unless it is ignored.
    pub time: Option<String>,
    /// The column with the money at stake. It is a feature unless it is ignored.
    pub amount: Option<String>,
    /// The column that gives rows to folds. It is no feature unless it is in `categorical` or `numeric`.
    pub fold: Option<String>,
    /// The column that says how much a row counts. It is no feature unless it is in `numeric`.
    pub weight: Option<String>,
    /// Columns that are no features; they may hold anything.
    pub ignore: Vec<String>,
    /// Features that are categories, whatever they look like.
    pub categorical: Vec<String>,
    /// Features that are numbers; anything else in them is an error.
    pub numeric: Vec<String>,
    /// Columns that are read even where they are ignored: those that window features are made of.
    pub keep: Vec<String>,
    /// Those of `keep` by which rows are told apart, and of which nothing is made that needs numbers.
    pub keys: Vec<String>,
    /// What separates the fields of a CSV file; by default what gives its first lines the same number of fields.
    pub separator: Option<u8>,
    /// Whether numbers in texts have a decimal comma.
    pub decimal_comma: bool,
    /// What stands between groups of three digits of numbers in texts.
    pub thousands: Option<u8>,
    /// The texts of a CSV file that are missing values, instead of the usual ones.
    pub missing: Option<Vec<String>>,
    /// Whether rows may have no label.
    pub unlabelled: Unlabelled,
    /// How messages call these: as keys of a study, or as options of the command line.
    pub called: Called,
}

/// What separates no fields: quotes and ends of lines.
const NEVER_SEPARATOR: &[u8] = b"\"\r\n";
/// What stands between no digits: what numbers are written with themselves.
const NEVER_THOUSANDS: &[u8] = b"0123456789+-eE";

/// A text of one ASCII character that is none of `never`.
fn one_character(text: &str, never: &[u8]) -> Option<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !never.contains(byte) => Some(*byte),
        _ => None,
    }
}

/// What stands between thousands: one ASCII character, or another one that is read as such, as a blank that does not break is.
pub(crate) fn thousands_mark(text: &str) -> Option<u8> {
    let alike = || {
        let (mark, _) = THOUSANDS_ALIKE.iter().find(|(_, alike)| alike.iter().any(|c| text.chars().eq([*c])))?;
        Some(*mark)
    };
    one_character(text, NEVER_THOUSANDS).or_else(alike)
}

/// What stands between fields.
pub(crate) fn separator_mark(text: &str) -> Option<u8> {
    one_character(text, NEVER_SEPARATOR)
}

/// Why a text is no such mark.
pub(crate) fn no_mark(text: &str) -> &'static str {
    match text.chars().count() == 1 && !text.is_ascii() {
        true => "must be one ASCII character, such as `;` or `,`: replace this one in the file",
        false => "must be one character, such as `;` or `,`",
    }
}

impl ReadOptions {
    /// The mark that is to stand both between groups of three digits and before decimals; none where the two differ.
    pub(crate) fn ambiguous_mark(&self) -> Option<char> {
        let decimal = if self.decimal_comma { b',' } else { b'.' };
        self.thousands.filter(|mark| *mark == decimal).map(char::from)
    }

    /// The columns with a role of their own.
    pub(crate) fn roles(&self) -> impl Iterator<Item = (Role, &str)> {
        let roles = [
            (Role::Group, &self.group),
            (Role::Time, &self.time),
            (Role::Amount, &self.amount),
            (Role::Fold, &self.fold),
            (Role::Weight, &self.weight),
        ];
        roles.into_iter().filter_map(|(role, name)| Some((role, name.as_deref()?)))
    }

    /// Whether a column is named anywhere.
    pub(super) fn names(&self, column: &str) -> bool {
        let lists = [&self.ignore, &self.categorical, &self.numeric];
        self.label.as_deref() == Some(column)
            || self.roles().any(|(_, name)| name == column)
            || lists.iter().any(|names| names.iter().any(|name| name == column))
    }

    pub(super) fn spelling(&self) -> Spelling {
        let missing = self.missing.as_ref();
        Spelling {
            comma: self.decimal_comma,
            thousands: self.thousands,
            missing: missing.map(|texts| texts.iter().map(|text| text.as_bytes().to_vec()).collect()),
        }
    }
}

/// Reads a data set: CSV (a header line, UTF-8, quotes where wanted, any line ends; also compressed by gzip or Zstandard)
/// or Parquet (flat columns), told apart by their first bytes. A folder is a table of several Parquet files, in the
/// order of their names.
///
/// Kinds of columns are inferred: numbers, booleans (as 0 and 1), ISO dates and times, else categories. Missing values
/// (Parquet's nulls; in CSV empty fields, `NA`, `NaN`, `null` and the like) are NaN. The result does not depend on the
/// number of threads of the current rayon pool.
///
/// # Errors
/// [`Error::Io`] when the file cannot be read; [`Error::Data`] with one sentence naming file, line and every column that
/// does not fit.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Dataset> {
    read_at(path, options, false)
}

/// The same for whoever wants to see the columns: what is wrong with the label is a note, and then no row has one.
///
/// # Errors
/// As [`read`], but for the label's values.
pub(crate) fn read_to_look(path: &Path, options: &ReadOptions) -> Result<Dataset> {
    read_at(path, options, true)
}

fn read_at(path: &Path, options: &ReadOptions, label_may_fail: bool) -> Result<Dataset> {
    let files = files_of(path)?;
    if !path.is_dir() {
        return read_all(&files, &[], options, label_may_fail);
    }
    let name = options.name.clone().unwrap_or_else(|| stem(path));
    read_all(&files, &[], &ReadOptions { name: Some(name), ..options.clone() }, label_may_fail)
}

/// The files of the table at a path: those of a folder in the order of their names, or the file itself.
fn files_of(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |e| Error::io("read", path, e);
    let entries = std::fs::read_dir(path).map_err(failed)?;
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed)?;
    files.retain(|file| file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet")));
    files.sort();
    if files.is_empty() {
        return Err(Error::Data(format!("{}: a folder without a file that ends in .parquet", path.display())));
    }
    Ok(files)
}

/// A table's files with their bytes, whatever its columns are for.
pub(super) struct Opened {
    /// What messages call the files.
    pub file: String,
    pub format: Format,
    /// Each with its name.
    pub files: Vec<(String, Bytes)>,
}

impl Opened {
    /// The files of the table at a path, as [`read`] takes them.
    ///
    /// # Errors
    /// As [`read`], for what cannot be opened.
    pub fn at(path: &Path) -> Result<Self> {
        let paths = files_of(path)?;
        let sources = opened(&paths)?;
        let formats: Vec<Format> =
            paths.iter().zip(&sources).map(|(path, bytes)| recognize(path, bytes)).collect::<Result<_>>()?;
        check_formats(&paths, &formats, false)?;
        let names = paths.iter().map(|path| path.display().to_string());
        Ok(Opened { file: called(&paths), format: formats[0], files: names.zip(sources).collect() })
    }
}

/// Reads one table from several Parquet files with the same columns, in this order, or from a single file of any format.
///
/// # Errors
/// As [`read`].
pub fn read_files(paths: &[PathBuf], options: &ReadOptions) -> Result<Dataset> {
    read_all(paths, &[], options, false)
}

/// Reads one table from the files of its parts (all CSV with the same header, or all Parquet with the same columns), in this
/// order: each row gets the name of its file's part as its fold.
///
/// # Errors
/// As [`read`].
pub fn read_parts(parts: &[(&'static str, PathBuf)], options: &ReadOptions) -> Result<Dataset> {
    let (names, paths): (Vec<&'static str>, Vec<PathBuf>) = parts.iter().cloned().unzip();
    read_all(&paths, &names, options, false)
}

/// The bytes of every file.
///
/// # Errors
/// All files that cannot be read, each by its own error.
pub(super) fn opened(paths: &[PathBuf]) -> Result<Vec<Bytes>> {
    let (mut sources, mut faults) = (Vec::new(), Vec::new());
    for path in paths {
        match Source::open(path) {
            Ok(source) => sources.push(Bytes::from_owner(source)),
            Err(e) => faults.push(e),
        }
    }
    Error::all(faults).map_or(Ok(sources), Err)
}

/// SHA-256 of files as they were opened, one after the other.
pub(super) fn digest_of(sources: &[Bytes]) -> String {
    let mut hash = Sha256::new();
    sources.iter().for_each(|bytes| hash.update(bytes));
    hex(&hash.finalize())
}

fn read_all(paths: &[PathBuf], parts: &[&'static str], options: &ReadOptions, label_may_fail: bool) -> Result<Dataset> {
    let [path, ..] = paths else { return Err(Error::Data("no file is named to read data from".into())) };
    let sources = opened(paths)?;
    let formats: Vec<Format> =
        paths.iter().zip(&sources).map(|(path, bytes)| recognize(path, bytes)).collect::<Result<_>>()?;
    check_formats(paths, &formats, !parts.is_empty())?;
    let hash = || digest_of(&sources);
    let whole = Whole {
        file: called(paths),
        name: options.name.clone().unwrap_or_else(|| stem(path)),
        positive: options.positive.clone(),
        spelling: options.spelling(),
        label_is_named: options.label.is_some(),
        label_may_fail,
        unlabelled: options.unlabelled,
        called: options.called,
        parts: parts.to_vec(),
    };
    let parse = || parsed((paths, &sources), formats[0], options, |table| assemble(table, whole));
    let (sha256, data) = rayon::join(hash, parse);
    let whence = Some(Whence { paths: paths.to_vec(), options: options.clone(), format: formats[0] });
    Ok(Dataset { sha256, whence, ..data? })
}

/// Refuses files that are not read as one table by their formats; `are_parts` says whether each is a part with a name.
fn check_formats(paths: &[PathBuf], formats: &[Format], are_parts: bool) -> Result<()> {
    if !are_parts
        && paths.len() > 1
        && let Some(place) = formats.iter().position(|format| *format == Format::Csv)
    {
        return Err(Error::Data(format!(
            "{}: several files are read as one table only if all are Parquet",
            paths[place].display()
        )));
    }
    if let Some(place) = formats.iter().position(|format| *format != formats[0]) {
        return Err(Error::Data(format!(
            "{} and {} are of different formats: the files of a table's parts are all CSV or all Parquet",
            paths[0].display(),
            paths[place].display()
        )));
    }
    Ok(())
}

/// What messages call the files of a table.
pub(super) fn called(paths: &[PathBuf]) -> String {
    match paths {
        [] => String::new(),
        [path] => path.display().to_string(),
        [path, more @ ..] => format!("{} and {} more", path.display(), more.len()),
    }
}

/// Hands the table of the files to `then`.
fn parsed<T>(
    (paths, sources): (&[PathBuf], &[Bytes]),
    format: Format,
    options: &ReadOptions,
    then: impl FnOnce(Table<'_>) -> Result<T>,
) -> Result<T> {
    let (file, named) = (called(paths), paths.iter().map(|path| path.display().to_string()));
    match format {
        Format::Csv => {
            let files: Vec<(String, &[u8])> = named.zip(sources.iter().map(|bytes| &bytes[..])).collect();
            csv::parse(&file, &files, (options, &assign), then)
        }
        Format::Parquet => {
            parquet::parse(&file, named.zip(sources.iter().cloned()).collect(), (options, &assign), then)
        }
    }
}

/// What a row of files that were read before is called in them; an empty text where there is no such row.
///
/// # Errors
/// As [`read`].
pub(super) fn row_place(paths: &[PathBuf], options: &ReadOptions, row: usize) -> Result<String> {
    let [path, ..] = paths else { return Ok(String::new()) };
    let sources = opened(paths)?;
    let format = recognize(path, &sources[0])?;
    parsed((paths, &sources), format, options, |table| Ok((table.row_place)(row)))
}

/// A file's name without its folders and known endings.
pub(crate) fn stem(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut short = name.as_str();
    for ending in [".zst", ".gz", ".csv", ".tsv", ".txt", ".parquet", ".pq"] {
        short = short.strip_suffix(ending).unwrap_or(short);
    }
    short.to_string()
}
