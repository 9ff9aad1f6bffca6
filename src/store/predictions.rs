//! What models said of test rows: a small Parquet file a cell, and one a split for the rows themselves, so that curves can be
//! drawn without the data.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{BoolType, DataType, DoubleType, FloatType, Int32Type};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::cell::CellId;
use crate::error::{Error, Result};
use crate::os::{replace_at, replace_with};

/// The folder's name in a results directory.
pub const PREDICTIONS_FOLDER: &str = "predictions";

/// What a cell's model said of its test rows, in the split's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// Scores in single precision: enough for curves; the record's metrics are of the full ones.
    pub score: Vec<f32>,
    /// The model's own labels.
    pub label: Vec<bool>,
}

/// The test rows of a split.
#[derive(Debug, Clone, PartialEq)]
pub struct TestRows {
    /// Places in the data file, from 0.
    pub row: Vec<u32>,
    /// Whether they are positive.
    pub positive: Vec<bool>,
    /// What they are worth, where the data have a column called `Amount`.
    pub amount: Option<Vec<f64>>,
}

/// Where the predictions of the cell with this key are, in a results directory.
pub fn predictions_path(directory: &Path, key: &str) -> PathBuf {
    directory.join(PREDICTIONS_FOLDER).join(format!("{key}.parquet"))
}

/// Where the test rows of a cell's split are.
pub fn rows_path(directory: &Path, cell: &CellId) -> PathBuf {
    let dedup = if cell.dedup { "on" } else { "off" };
    let name = format!("rows-{}-dedup-{dedup}-repeat-{}-fold-{}.parquet", cell.data_set, cell.repeat, cell.fold);
    directory.join(PREDICTIONS_FOLDER).join(name)
}

impl Predictions {
    /// Writes them: whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        write(path, "message predictions { required float score; required boolean label; }", |group| {
            put::<FloatType>(group, &self.score)?;
            put::<BoolType>(group, &self.label)
        })
    }

    /// Reads them; none where there is no such file.
    ///
    /// # Errors
    /// [`Error::Store`] when the file is not what it should be.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        read(path, |columns| match columns {
            [ColumnReader::FloatColumnReader(_), ColumnReader::BoolColumnReader(_)] => {
                Ok(Predictions { score: floats(&mut columns[0])?, label: bools(&mut columns[1])? })
            }
            _ => Err(ParquetError::General("not a file of predictions".into())),
        })
    }
}

impl TestRows {
    /// Writes them: whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        let amount = if self.amount.is_some() { "required double amount;" } else { "" };
        let schema = format!("message rows {{ required int32 row (UINT_32); required boolean positive; {amount} }}");
        write(path, &schema, |group| {
            put::<Int32Type>(group, &self.row.iter().map(|&row| row as i32).collect::<Vec<_>>())?;
            put::<BoolType>(group, &self.positive)?;
            self.amount.as_deref().map_or(Ok(()), |amount| put::<DoubleType>(group, amount))
        })
    }

    /// Reads them; none where there is no such file.
    ///
    /// # Errors
    /// [`Error::Store`] when the file is not what it should be.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        read(path, |columns| {
            let [row, positive, rest @ ..] = columns else {
                return Err(ParquetError::General("not a file of test rows".into()));
            };
            let ColumnReader::Int32ColumnReader(row) = row else {
                return Err(ParquetError::General("`row` is not an integer".into()));
            };
            let mut rows = Vec::new();
            row.read_records(usize::MAX, None, None, &mut rows)?;
            let amount = match rest.first_mut() {
                Some(ColumnReader::DoubleColumnReader(reader)) => {
                    let mut amount = Vec::new();
                    reader.read_records(usize::MAX, None, None, &mut amount)?;
                    Some(amount)
                }
                _ => None,
            };
            Ok(TestRows { row: rows.into_iter().map(|row| row as u32).collect(), positive: bools(positive)?, amount })
        })
    }
}

/// Copies a file of predictions or test rows, whole or not at all; nothing where `old` is not there or `new` is.
///
/// # Errors
/// [`Error::Io`].
pub fn copy_kept(old: &Path, new: &Path) -> Result<()> {
    if !old.exists() || new.exists() {
        return Ok(());
    }
    if let Some(folder) = new.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Error::io("create", folder, e))?;
    }
    replace_at(new, |temporary| std::fs::copy(old, temporary).map(drop).map_err(|e| Error::io("write", new, e)))
}

fn write(
    path: &Path,
    schema: &str,
    fill: impl FnOnce(&mut SerializedRowGroupWriter<'_, &File>) -> ParquetResult<()>,
) -> Result<()> {
    let failed = |e: ParquetError| Error::io("write", path, std::io::Error::other(e));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Error::io("create", folder, e))?;
    }
    let schema = parse_message_type(schema).map_err(failed)?;
    let compression = Compression::ZSTD(ZstdLevel::try_new(3).map_err(failed)?);
    let properties = WriterProperties::builder().set_compression(compression).build();
    replace_with(path, |file| {
        let done = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).and_then(|mut writer| {
            let mut group = writer.next_row_group()?;
            fill(&mut group)?;
            group.close()?;
            writer.close()
        });
        done.map(drop).map_err(std::io::Error::other)
    })
}

fn put<T: DataType>(group: &mut SerializedRowGroupWriter<'_, &File>, values: &[T::T]) -> ParquetResult<()> {
    let column = group.next_column()?;
    let mut column = column.ok_or_else(|| ParquetError::General("more columns than the schema has".into()))?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

fn read<T>(path: &Path, take: impl FnOnce(&mut [ColumnReader]) -> ParquetResult<T>) -> Result<Option<T>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("read", path, e)),
    };
    let taken = SerializedFileReader::new(file).and_then(|reader| {
        let group = reader.get_row_group(0)?;
        let mut columns: Vec<ColumnReader> =
            (0..group.num_columns()).map(|column| group.get_column_reader(column)).collect::<ParquetResult<_>>()?;
        take(&mut columns)
    });
    taken.map(Some).map_err(|e| Error::Store(format!("{}: {e}", path.display())))
}

fn floats(reader: &mut ColumnReader) -> ParquetResult<Vec<f32>> {
    let mut values = Vec::new();
    if let ColumnReader::FloatColumnReader(reader) = reader {
        reader.read_records(usize::MAX, None, None, &mut values)?;
    }
    Ok(values)
}

fn bools(reader: &mut ColumnReader) -> ParquetResult<Vec<bool>> {
    let mut values = Vec::new();
    if let ColumnReader::BoolColumnReader(reader) = reader {
        reader.read_records(usize::MAX, None, None, &mut values)?;
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_comes_back() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = predictions_path(folder.path(), "key");
        assert_eq!(Predictions::read(&path).unwrap(), None);
        let said = Predictions { score: vec![0.25, -1.5, f32::NAN], label: vec![false, true, false] };
        said.write(&path).unwrap();
        let back = Predictions::read(&path).unwrap().unwrap();
        assert_eq!((&back.score[..2], back.score[2].is_nan(), &back.label), (&said.score[..2], true, &said.label));
        for amount in [None, Some(vec![1.5, 2.5])] {
            let rows = TestRows { row: vec![7, 4_000_000_000], positive: vec![true, false], amount };
            rows.write(&path).unwrap();
            assert_eq!(TestRows::read(&path).unwrap(), Some(rows));
        }
        assert!(Predictions::read(&path).unwrap_err().to_string().contains("not a file of predictions"));
        std::fs::write(&path, "no parquet").unwrap();
        assert_eq!(TestRows::read(&path).unwrap_err().exit_code(), 3);
    }
}
