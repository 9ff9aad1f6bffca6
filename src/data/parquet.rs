//! Parquet: flat files, a column at a time.

use std::fs::File;
use std::path::Path;

use parquet::basic::{ConvertedType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{DataType, DoubleType, Int64Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use super::label::Seen;
use super::read::{Part, ReadOptions, Table, roles};
use crate::error::{Error, Result};

pub(super) fn parse(path: &Path, options: &ReadOptions) -> Result<Table> {
    let file = path.display().to_string();
    let broken = |e: parquet::errors::ParquetError| Error::Data(format!("{file}: {e}"));
    let reader =
        SerializedFileReader::new(File::open(path).map_err(|e| Error::io("read", path, e))?).map_err(broken)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let names: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
    let roles = roles(&file, &names, options)?;
    let features = roles.iter().filter(|role| **role == Part::Feature).count();
    for ((column, name), role) in schema.columns().iter().zip(&names).zip(&roles) {
        let unfit = refusal(column, *role).map(|why| Error::Data(format!("{file}: column `{name}` {why}")));
        unfit.map_or(Ok(()), Err)?;
    }
    let total: usize = reader.metadata().row_groups().iter().map(|group| group.num_rows().max(0) as usize).sum();
    if total == 0 {
        return Err(Error::Data(format!("{file}: no rows")));
    }
    let mut table = Table { names, roles, x: vec![0.0; total * features], y: vec![0; total], seen: Seen::default() };
    let mut written = Seen::default();
    let mut first = 0;
    for index in 0..reader.num_row_groups() {
        let group = reader.get_row_group(index).map_err(broken)?;
        let rows = group.metadata().num_rows().max(0) as usize;
        let mut feature = 0;
        for place in 0..table.roles.len() {
            let name = &table.names[place];
            let column = || group.get_column_reader(place).map_err(broken);
            let short =
                |found: usize| Error::Data(format!("{file}: column `{name}` has {found} values for {rows} rows"));
            match table.roles[place] {
                Part::Dropped => {}
                Part::Feature => {
                    let values = numbers(column()?, &schema.columns()[place], rows).map_err(broken)?;
                    if values.len() != rows {
                        return Err(short(values.len()));
                    }
                    for (row, value) in (first..).zip(values) {
                        if value.is_infinite() {
                            return Err(Error::Data(format!(
                                "{file}, row {}: column `{name}` holds `{value}`, which is not finite",
                                row + 1
                            )));
                        }
                        table.x[row * features + feature] = value;
                    }
                    feature += 1;
                }
                Part::Label => {
                    let values = texts(column()?, &schema.columns()[place], rows).map_err(broken)?;
                    if values.len() != rows {
                        return Err(short(values.len()));
                    }
                    for (row, text) in (first..).zip(values) {
                        let at = |what: String| Error::Data(format!("{file}, row {}: {what}", row + 1));
                        let text = text.ok_or_else(|| at(format!("the label `{name}` is missing")))?;
                        table.y[row] = written.code(&text).map_err(at)?;
                    }
                }
            }
        }
        first += rows;
    }
    let codes = table.seen.merge(&written).map_err(|what| Error::Data(format!("{file}: {what}")))?;
    table.y.iter_mut().for_each(|code| *code = codes[usize::from(*code)]);
    Ok(table)
}

/// Why a column cannot be used in its role.
fn refusal(column: &ColumnDescriptor, role: Part) -> Option<&'static str> {
    let text = matches!(column.physical_type(), Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY | Type::INT96);
    match role {
        Part::Dropped => None,
        _ if column.max_rep_level() > 0 => Some("is a list, and a value a row is needed"),
        _ if column.converted_type() == ConvertedType::DECIMAL => Some("is decimal: store it as double"),
        Part::Feature if text => Some("is not numeric"),
        _ => None,
    }
}

/// Reads `rows` values of one column of one row group; None for nulls.
fn values<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    column: &ColumnDescriptor,
    rows: usize,
) -> parquet::errors::Result<Vec<Option<T::T>>> {
    let (mut found, mut levels) = (Vec::with_capacity(rows), Vec::new());
    while levels.len().max(found.len()) < rows {
        let wanted = rows - levels.len().max(found.len());
        let (records, _, _) = reader.read_records(wanted, Some(&mut levels), None, &mut found)?;
        if records == 0 {
            break;
        }
    }
    let most = column.max_def_level();
    if most == 0 {
        return Ok(found.into_iter().map(Some).collect());
    }
    let mut found = found.into_iter();
    Ok(levels.into_iter().map(|level| if level == most { found.next() } else { None }).collect())
}

fn numbers(reader: ColumnReader, column: &ColumnDescriptor, rows: usize) -> parquet::errors::Result<Vec<f64>> {
    fn all<T>(values: Vec<Option<T>>, number: impl Fn(T) -> f64) -> Vec<f64> {
        values.into_iter().map(|value| value.map_or(f64::NAN, &number)).collect()
    }
    let unsigned = matches!(column.converted_type(), ConvertedType::UINT_32 | ConvertedType::UINT_64);
    Ok(match reader {
        ColumnReader::BoolColumnReader(r) => all(values(r, column, rows)?, |v| f64::from(u8::from(v))),
        ColumnReader::Int32ColumnReader(r) if unsigned => all(values(r, column, rows)?, |v| f64::from(v as u32)),
        ColumnReader::Int32ColumnReader(r) => all(values(r, column, rows)?, f64::from),
        ColumnReader::Int64ColumnReader(r) if unsigned => {
            all(values::<Int64Type>(r, column, rows)?, |v| v as u64 as f64)
        }
        ColumnReader::Int64ColumnReader(r) => all(values::<Int64Type>(r, column, rows)?, |v| v as f64),
        ColumnReader::FloatColumnReader(r) => all(values(r, column, rows)?, f64::from),
        ColumnReader::DoubleColumnReader(r) => all(values::<DoubleType>(r, column, rows)?, |v| v),
        // `refusal` has let no other type through.
        _ => Vec::new(),
    })
}

/// A label column's values as text, None where missing.
fn texts(
    reader: ColumnReader,
    column: &ColumnDescriptor,
    rows: usize,
) -> parquet::errors::Result<Vec<Option<Vec<u8>>>> {
    match reader {
        ColumnReader::BoolColumnReader(r) => {
            Ok(values(r, column, rows)?.into_iter().map(|v| v.map(|v| v.to_string().into_bytes())).collect())
        }
        ColumnReader::ByteArrayColumnReader(r) => {
            Ok(values(r, column, rows)?.into_iter().map(|v| v.map(|v| v.data().to_vec())).collect())
        }
        ColumnReader::FixedLenByteArrayColumnReader(r) => {
            Ok(values(r, column, rows)?.into_iter().map(|v| v.map(|v| v.data().to_vec())).collect())
        }
        other => {
            let numbers = numbers(other, column, rows)?;
            Ok(numbers.into_iter().map(|v| (!v.is_nan()).then(|| v.to_string().into_bytes())).collect())
        }
    }
}
