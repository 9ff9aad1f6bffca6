//! Reading a file: which format, which bytes, which columns are what.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;
use ndarray::Array2;
use sha2::{Digest, Sha256};

use super::digest::hex;
use super::label::{Seen, decide};
use super::{Column, Dataset, Digests, Role, Sides, csv, parquet};
use crate::error::{Error, Result, unknown};

/// What to make of a file's columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The data set's short name; by default the file's name without endings.
    pub name: Option<String>,
    /// The label column; by default the last one.
    pub label: Option<String>,
    /// The label's value that is positive; by default 1 (beside 0 or -1) or true (beside false).
    pub positive: Option<String>,
    /// Columns to leave out; they may hold anything.
    pub drop: Vec<String>,
}

/// What a column of the file becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Feature,
    Label,
    Dropped,
}

/// What a format's reader hands back: labels are still codes of `seen`.
pub(super) struct Table {
    pub names: Vec<String>,
    pub roles: Vec<Part>,
    /// Row after row, features only.
    pub x: Vec<f64>,
    pub y: Vec<u8>,
    pub seen: Seen,
}

/// Reads a data set: CSV (comma-separated, a header line, UTF-8, quotes where wanted, `\n` or `\r\n`), the same
/// compressed as `.zst`, or Parquet (flat, numeric or boolean columns; a label of any kind).
///
/// Missing values (empty, `NaN`, `NA`, `N/A`, `null`, `?`; Parquet's nulls) become NaN. The result does not depend on
/// the number of threads of the current rayon pool.
///
/// # Errors
/// [`Error::Io`] when the file cannot be read; [`Error::Data`] with one sentence naming file, line and column when it is
/// not such a table.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Dataset> {
    let file = path.display().to_string();
    let bytes = Bytes::of(path)?;
    let (digest, table) = rayon::join(
        || Sha256::digest(&*bytes),
        || match inner_extension(path).as_str() {
            "parquet" => parquet::parse(path, options),
            _ => csv::parse(&file, &bytes, options),
        },
    );
    let mut table = table?;
    drop(bytes);
    let (mut columns, mut others) = (Vec::new(), Vec::new());
    for (name, part) in table.names.iter().zip(&table.roles) {
        let (feature, role) = match part {
            Part::Feature => (true, None),
            Part::Label => (false, Some(Role::Label)),
            Part::Dropped => (false, Some(Role::Ignored)),
        };
        let column = Column { feature, role, ..Column::number(name) };
        if feature { columns.push(column) } else { others.push(column) }
    }
    let label = others.iter().find(|column| column.role == Some(Role::Label)).map_or("", |column| &column.name);
    let labels = decide(&file, label, &table.seen, options.positive.as_deref(), &mut table.y)?;
    let x = Array2::from_shape_vec((table.y.len(), columns.len()), table.x)
        .map_err(|e| Error::Data(format!("{file}: {e}")))?;
    let name = options.name.clone().unwrap_or_else(|| stem(path));
    let sides = Sides::default();
    let digests = Digests::of(&columns, x.as_slice().unwrap_or_default(), &table.y, &labels, &sides);
    Ok(Dataset { name, sha256: hex(&digest), digests, columns, others, x, y: table.y, labels, sides })
}

/// A file's uncompressed bytes.
enum Bytes {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Owned(bytes) => bytes,
        }
    }
}

impl Bytes {
    fn of(path: &Path) -> Result<Self> {
        let failed = |e| Error::io("read", path, e);
        let file = File::open(path).map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        if meta.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        if ends_with(path, "zst") {
            return Ok(Bytes::Owned(zstd::decode_all(file).map_err(failed)?));
        }
        if !meta.is_file() {
            // A pipe has no length and cannot be mapped.
            return Ok(Bytes::Owned(std::fs::read(path).map_err(failed)?));
        }
        if meta.len() == 0 {
            return Ok(Bytes::Owned(Vec::new()));
        }
        // SAFETY: the map is read-only and lives until `read` returns. Another process that shortens the file meanwhile
        // would end this one (SIGBUS); one that overwrites it would give a table with another hash. Both are theirs to
        // avoid: no data set is read while it is being written, `fetch` renames whole files into place.
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        Ok(Bytes::Mapped(map))
    }
}

fn ends_with(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(extension))
}

fn inner_extension(path: &Path) -> String {
    let inner = if ends_with(path, "zst") { path.with_extension("") } else { path.to_path_buf() };
    inner.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// A file's name without its folders and known endings.
pub(crate) fn stem(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut short = name.as_str();
    for ending in [".zst", ".csv", ".parquet"] {
        short = short.strip_suffix(ending).unwrap_or(short);
    }
    short.to_string()
}

/// What each column becomes, for a header that names each column once.
pub(super) fn roles(file: &str, names: &[String], options: &ReadOptions) -> Result<Vec<Part>> {
    let wrong = |what: String| Err(Error::Data(format!("{file}: {what}")));
    for (place, name) in names.iter().enumerate() {
        if name.is_empty() {
            return wrong(format!("column {} has no name in the header", place + 1));
        }
        if names[..place].contains(name) {
            return wrong(format!("the header names column `{name}` twice"));
        }
    }
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let find = |what: &str, name: &str| {
        let place = known.iter().position(|&column| column == name);
        place.ok_or_else(|| Error::Data(format!("{file}: {}", unknown(what, name, &known))))
    };
    let mut roles = vec![Part::Feature; names.len()];
    for name in &options.drop {
        roles[find("column to drop", name)?] = Part::Dropped;
    }
    let label = match &options.label {
        Some(name) => find("label column", name)?,
        None => names.len().saturating_sub(1),
    };
    if roles.get(label) == Some(&Part::Dropped) {
        return wrong(format!("column `{}` is the label and cannot be dropped", names[label]));
    }
    if let Some(role) = roles.get_mut(label) {
        *role = Part::Label;
    }
    if !roles.contains(&Part::Feature) {
        return wrong("no column is left beside the label (fields are separated by commas)".into());
    }
    Ok(roles)
}
