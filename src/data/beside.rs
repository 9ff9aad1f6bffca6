//! The rows of a table's files as they stand there, in a new file with columns of numbers behind theirs.

use std::io::{BufWriter, Write};
use std::path::Path;

use ::bytes::Bytes;
use ndarray::ArrayView2;

use super::read::{digest_of, opened};
use super::recognize::Format;
use super::{Whence, csv, parquet};
use crate::error::{Error, Result};
use crate::os::put;

/// Columns to be written behind those of a file.
pub(crate) struct Beside<'a> {
    pub names: &'a [String],
    /// A row per row of the files, a column per name. NaN is missing.
    pub values: ArrayView2<'a, f64>,
}

/// Writes the rows of a table's files with the columns behind them to `out`, which is of the files' format; over a file that is there
/// only where it is to `overwrite`. `sha256` is of what the files held when they were read. Row groups of Parquet are copied as they are, and so are the texts of CSV, whose numbers are
/// written as the table's own options say.
///
/// # Errors
/// [`Error::Io`]; [`Error::Data`] where the files are not what they were when the table was read, and where a column cannot stand in
/// them.
pub(crate) fn write_beside(
    (whence, sha256): (&Whence, &str),
    made: &Beside<'_>,
    (out, overwrite): (&Path, bool),
) -> Result<()> {
    let sources = opened(&whence.paths)?;
    if digest_of(&sources) != sha256 {
        return Err(changed(&whence.file()));
    }
    let files: Vec<(String, Bytes)> = whence.paths.iter().map(|path| path.display().to_string()).zip(sources).collect();
    let failed = |e: std::io::Error| Error::io("write", out, e);
    put(out, overwrite, |to| {
        let mut to = BufWriter::new(to);
        match whence.format {
            Format::Csv => csv::write_beside(&files, &whence.options, made, (&mut to, &failed))?,
            Format::Parquet => parquet::write_beside(&files, made, (&mut to, &failed))?,
        }
        to.flush().map_err(failed)
    })
}

/// That files have other rows than when they were read.
pub(super) fn changed(file: &str) -> Error {
    Error::Data(format!("{file} was changed while it was read: try again once nobody writes it"))
}
