//! `cells.parquet`: the cells of `cells.csv` with typed columns, for pandas, DuckDB and the like.

use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{Type, TypePtr};

use super::{Exporter, Report};
use crate::analyze::Results;
use crate::error::{Error, Result};
use crate::report::columns::{self, Values};

/// `cells.parquet`.
pub(super) const CELLS: Exporter =
    Exporter { file: "cells.parquet", bytes: |report: &Report<'_>| cells(report.all).map(Some) };

/// `cells.parquet`: a row per planned cell, in plan order, with the columns of `cells.csv`. Text is UTF-8, `dedup` a boolean,
/// counts are 64-bit integers, scores and seconds doubles; what a cell does not have is null.
///
/// # Errors
/// [`Error::Component`] when the table cannot be encoded.
pub fn cells(results: &Results) -> Result<Vec<u8>> {
    encode(&columns::cells(results)).map_err(|e| Error::Component(format!("cannot encode cells.parquet: {e}")))
}

/// A table of named columns.
///
/// # Errors
/// [`Error::Component`] when it cannot be encoded.
pub(crate) fn table(columns: &[(String, Values)]) -> Result<Vec<u8>> {
    encode(columns).map_err(|e| Error::Component(format!("cannot encode the table: {e}")))
}

fn encode(columns: &[(String, Values)]) -> ::parquet::errors::Result<Vec<u8>> {
    let fields = columns.iter().map(|(name, values)| field(name, values)).collect::<::parquet::errors::Result<_>>()?;
    let schema = Arc::new(Type::group_type_builder("cells").with_fields(fields).build()?);
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for (_, values) in columns {
        match values {
            Values::Text(texts) => {
                column::<ByteArrayType>(&mut group, texts.iter().map(|t| t.as_deref().map(ByteArray::from)))?;
            }
            Values::Flag(flags) => column::<BoolType>(&mut group, flags.iter().map(|flag| Some(*flag)))?,
            // Counts of rows, bytes and threads: none reaches half of what 64 bits hold.
            Values::Count(counts) => column::<Int64Type>(&mut group, counts.iter().map(|n| n.map(|n| n as i64)))?,
            Values::Number(numbers) => column::<DoubleType>(&mut group, numbers.iter().copied())?,
        }
    }
    group.close()?;
    writer.into_inner()
}

fn field(name: &str, values: &Values) -> ::parquet::errors::Result<TypePtr> {
    let (physical, logical) = match values {
        Values::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Values::Flag(_) => (Physical::BOOLEAN, None),
        Values::Count(_) => (Physical::INT64, None),
        Values::Number(_) => (Physical::DOUBLE, None),
    };
    let builder = Type::primitive_type_builder(name, physical).with_logical_type(logical);
    Ok(Arc::new(builder.with_repetition(Repetition::OPTIONAL).build()?))
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: impl Iterator<Item = Option<T::T>> + Clone,
) -> ::parquet::errors::Result<()> {
    let levels: Vec<i16> = values.clone().map(|value| i16::from(value.is_some())).collect();
    let present: Vec<T::T> = values.flatten().collect();
    // There is a column for every field of the schema, which was made from the same list.
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(&present, Some(&levels), None)?;
    column.close()
}
