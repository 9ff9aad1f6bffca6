//! Row groups of Parquet files as they stand there, with columns of numbers behind theirs.

use std::io::{self, Write};
use std::sync::Arc;

use ::bytes::Bytes;
use ndarray::s;
use parquet::basic::{Compression, Repetition, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::DoubleType;
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::FileReader;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::OneFile;
use crate::data::beside::{Beside, changed};
use crate::error::{Error, Result, of_system};

/// What pyarrow says of the columns, as many as there were.
const OF_ARROW: &str = "ARROW:schema";

/// Writes the row groups of files with the same columns to `to`; `failed` says what it means that this fails.
pub(in crate::data) fn write_beside<W: Write + Send>(
    files: &[(String, Bytes)],
    made: &Beside<'_>,
    (to, failed): (W, &dyn Fn(io::Error) -> Error),
) -> Result<()> {
    let parts: Vec<OneFile> = files.iter().cloned().map(OneFile::open).collect::<Result<_>>()?;
    let Some(first) = parts.first() else { return Ok(()) };
    if let Some(said) = parts[1..].iter().find_map(|part| differing(first, part)) {
        return Err(Error::Data(said));
    }
    if parts.iter().map(|part| part.rows).sum::<usize>() != made.values.nrows() {
        return Err(changed(&first.name));
    }
    let written = || -> ParquetResult<()> {
        let mut writer = writer(first, made, to)?;
        let mut row = 0;
        for (part, (_, bytes)) in parts.iter().zip(files) {
            for group in part.reader.metadata().row_groups() {
                row += copied(&mut writer, (group, bytes), made, row)?;
            }
        }
        writer.finish()?;
        writer.inner_mut().flush()?;
        Ok(())
    };
    written().map_err(|e| failed(of_system(e)))
}

/// Why the row groups of two files cannot stand in one, though they were read as one table; nothing where they can.
fn differing(first: &OneFile, part: &OneFile) -> Option<String> {
    let [ours, theirs] = [first, part].map(|one| one.reader.metadata().file_metadata().schema_descr().columns());
    let at = (0..ours.len().max(theirs.len())).find(|&at| ours.get(at) != theirs.get(at))?;
    let name = ours.get(at).or(theirs.get(at)).map(|column| column.path().string()).unwrap_or_default();
    Some(format!(
        "{} and {} hold `{name}` in two forms of Parquet, and their rows cannot be copied into one file: write them into one file first",
        first.name, part.name
    ))
}

/// A writer of the first file's columns and the new ones, with what is said of the table beside it.
fn writer<W: Write + Send>(first: &OneFile, made: &Beside<'_>, to: W) -> ParquetResult<SerializedFileWriter<W>> {
    let facts = first.reader.metadata().file_metadata();
    let root = facts.schema_descr().root_schema();
    let mut fields = root.get_fields().to_vec();
    for name in made.names {
        let field = Type::primitive_type_builder(name, Physical::DOUBLE).with_repetition(Repetition::OPTIONAL);
        fields.push(Arc::new(field.build()?));
    }
    let schema = Arc::new(Type::group_type_builder(root.name()).with_fields(fields).build()?);
    let beside = facts.key_value_metadata().into_iter().flatten().filter(|pair| pair.key != OF_ARROW);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_key_value_metadata(Some(beside.cloned().collect()))
        // The copied columns have no index of their pages, and a file has one of all columns or of none.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    SerializedFileWriter::new(to, schema, Arc::new(properties.build()))
}

/// Writes a row group of a file, whose first row is the table's row `first`, with the new columns; gives its number of rows.
fn copied<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    (group, bytes): (&RowGroupMetaData, &Bytes),
    made: &Beside<'_>,
    first: usize,
) -> ParquetResult<usize> {
    let rows = group.num_rows().max(0) as usize;
    let mut to = writer.next_row_group()?;
    for column in group.columns() {
        let copy = ColumnCloseResult {
            bytes_written: column.compressed_size().max(0) as u64,
            rows_written: rows as u64,
            metadata: column.clone(),
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        to.append_column(bytes, copy)?;
    }
    for at in 0..made.names.len() {
        let values = made.values.slice(s![first..first + rows, at]);
        let levels: Vec<i16> = values.iter().map(|value| i16::from(!value.is_nan())).collect();
        let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        // There is a column for every field of the schema.
        let Some(mut column) = to.next_column()? else { break };
        column.typed::<DoubleType>().write_batch(&present, Some(&levels), None)?;
        column.close()?;
    }
    to.close()?;
    Ok(rows)
}
