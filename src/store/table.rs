//! Small Parquet files: a row group per part, facts and a digest in the file's metadata.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::reader::ColumnReader;
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use crate::error::{Error, Result, of_system};
use crate::os::{calmly, replace_with};

const DIGEST: &str = "fraudbench.digest";
/// Bytes of a page at most.
const PAGE: usize = 64 << 20;

/// Names and values in a file's metadata.
pub type Facts = Vec<(&'static str, String)>;

/// A file's facts by name, and its parts.
pub type Content<P> = (HashMap<String, String>, Vec<P>);

/// What writes the columns of a part.
type Group<'f, 'w> = SerializedRowGroupWriter<'f, &'w File>;

/// How the values of a column are written; columns that nobody says it of have a dictionary of their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Numbers that hardly come twice: their first bytes, then their second ones, and so on.
    Spread,
    /// As they are, where a dictionary would be large.
    Plain,
    /// Whole numbers that mostly rise: the steps from each to the next.
    Steps,
}

impl Coding {
    fn of(self, builder: WriterPropertiesBuilder, column: &str) -> WriterPropertiesBuilder {
        let encoding = match self {
            Coding::Spread => Encoding::BYTE_STREAM_SPLIT,
            Coding::Plain => Encoding::PLAIN,
            Coding::Steps => Encoding::DELTA_BINARY_PACKED,
        };
        let column = ColumnPath::from(column);
        builder.set_column_dictionary_enabled(column.clone(), false).set_column_encoding(column, encoding)
    }
}

/// What a file is: its columns, and how those are written that are named in `codings`.
pub struct Form<'a> {
    pub schema: &'a str,
    pub codings: &'a [(&'a str, Coding)],
    pub effort: Effort,
}

/// How hard files are made small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// While cells wait.
    Quick,
    /// For a folder that is kept.
    Long,
}

impl Effort {
    /// Of zstd.
    fn level(self) -> i32 {
        match self {
            Effort::Quick => 3,
            Effort::Long => 19,
        }
    }
}

/// Writes a file with these facts and parts, whole or not at all.
///
/// # Errors
/// [`Error::Io`].
pub fn write<P>(
    path: &Path,
    form: &Form<'_>,
    facts: Facts,
    digest: &str,
    parts: &[P],
    fill: impl Fn(&mut Group<'_, '_>, &P) -> ParquetResult<()>,
) -> Result<()> {
    let failed = |e: ParquetError| Error::io("write", path, of_system(e));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Error::io("create", folder, e))?;
    }
    let schema = parse_message_type(form.schema).map_err(failed)?;
    let compression = Compression::ZSTD(ZstdLevel::try_new(form.effort.level()).map_err(failed)?);
    let facts = facts.into_iter().chain([(DIGEST, digest.to_owned())]);
    let facts = facts.map(|(name, value)| KeyValue::new(name.to_owned(), value)).collect();
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_key_value_metadata(Some(facts))
        // A part is read whole: one page is best, and nobody skips any by its smallest value.
        .set_data_page_row_count_limit(usize::MAX)
        .set_data_page_size_limit(PAGE)
        .set_dictionary_page_size_limit(PAGE)
        .set_statistics_enabled(EnabledStatistics::None);
    let properties = form.codings.iter().fold(properties, |all, (column, coding)| coding.of(all, column)).build();
    replace_with(path, |file| {
        let done = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).and_then(|mut writer| {
            for part in parts {
                let mut group = writer.next_row_group()?;
                fill(&mut group, part)?;
                group.close()?;
            }
            writer.close()
        });
        done.map(drop).map_err(of_system)
    })
}

/// Writes the next column.
pub fn put<T: DataType>(group: &mut Group<'_, '_>, values: &[T::T]) -> ParquetResult<()> {
    let column = group.next_column()?;
    let mut column = column.ok_or_else(|| ParquetError::General("more columns than the schema has".into()))?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

/// A file's facts and its parts; none where there is no such file.
///
/// # Errors
/// [`Error::Store`] when it is no Parquet or `take` finds other columns than it should.
pub fn read<P>(path: &Path, take: impl Fn(&mut [ColumnReader]) -> ParquetResult<P>) -> Result<Option<Content<P>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Error::io("read", path, e)),
    };
    let read = || {
        let reader = SerializedFileReader::new(file)?;
        let metadata = reader.metadata();
        let facts = metadata.file_metadata().key_value_metadata().into_iter().flatten();
        let facts = facts.filter_map(|fact| Some((fact.key.clone(), fact.value.clone()?))).collect();
        let part = |place: usize| {
            let group = reader.get_row_group(place)?;
            let columns = (0..group.num_columns()).map(|column| group.get_column_reader(column));
            take(&mut columns.collect::<ParquetResult<Vec<ColumnReader>>>()?)
        };
        Ok((facts, (0..metadata.num_row_groups()).map(part).collect::<ParquetResult<Vec<P>>>()?))
    };
    // The library panics on some files that are damaged.
    let taken = calmly(read).unwrap_or_else(|said| Err(ParquetError::General(said)));
    taken.map(Some).map_err(|e| {
        let why = match e {
            // The library would put its own name before these.
            ParquetError::General(said) | ParquetError::EOF(said) => said,
            e => e.to_string(),
        };
        Error::Store(format!(
            "{}: the file is damaged, cut or of another kind ({})",
            path.display(),
            why.trim_end_matches('.')
        ))
    })
}

/// Whether `digest` is the one in the file's metadata.
pub fn is_digest(facts: &HashMap<String, String>, digest: &str) -> bool {
    facts.get(DIGEST).is_some_and(|stored| stored == digest)
}

/// A column of 32 or 64-bit numbers.
pub fn doubles(reader: &mut ColumnReader) -> ParquetResult<Vec<f64>> {
    match reader {
        ColumnReader::DoubleColumnReader(reader) => {
            let mut values = Vec::new();
            reader.read_records(usize::MAX, None, None, &mut values)?;
            Ok(values)
        }
        ColumnReader::FloatColumnReader(reader) => {
            let mut values: Vec<f32> = Vec::new();
            reader.read_records(usize::MAX, None, None, &mut values)?;
            Ok(values.into_iter().map(f64::from).collect())
        }
        _ => Err(ParquetError::General("a column of numbers is of another type".into())),
    }
}

/// A column of truth values, as 0 and 1.
pub fn bools(reader: &mut ColumnReader) -> ParquetResult<Vec<u8>> {
    let ColumnReader::BoolColumnReader(reader) = reader else {
        return Err(ParquetError::General("a column of labels is of another type".into()));
    };
    let mut values = Vec::new();
    reader.read_records(usize::MAX, None, None, &mut values)?;
    Ok(values.into_iter().map(u8::from).collect())
}
