//! `cells.parquet`: the cells of `cells.csv` with typed columns, for pandas, DuckDB and the like.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::tables::{undefined, validation_metrics};
use crate::analyze::Results;
use crate::analyze::leaderboard::{matched, value};
use crate::error::{Error, Result};
use crate::store::{Record, Stage};

/// The values of one column, a cell each.
enum Values {
    Text(Vec<Option<String>>),
    Flag(Vec<bool>),
    Count(Vec<Option<u64>>),
    Number(Vec<Option<f64>>),
}

/// `cells.parquet`: a row a planned cell, in plan order, with the columns of `cells.csv` and besides `peak_memory_mib` and
/// `equals`. Text is UTF-8, `dedup` a boolean, counts are 64-bit integers, scores and seconds doubles; what a cell does not
/// have is null.
///
/// # Errors
/// [`Error::Component`] when the table cannot be encoded.
pub fn cells(results: &Results) -> Result<Vec<u8>> {
    encode(&columns(results)).map_err(|e| Error::Component(format!("cannot encode cells.parquet: {e}")))
}

fn columns(results: &Results) -> Vec<(String, Values)> {
    let records = matched(results);
    let planned = &results.planned;
    let validation = validation_metrics(results);
    let text = |of: &dyn Fn(&Record) -> Option<String>| Values::Text(records.iter().map(|r| of((*r)?)).collect());
    let count = |of: &dyn Fn(&Record) -> Option<u64>| Values::Count(records.iter().map(|r| of((*r)?)).collect());
    let number = |of: &dyn Fn(&Record) -> Option<f64>| Values::Number(records.iter().map(|r| of((*r)?)).collect());
    let name =
        |of: &dyn Fn(&crate::analyze::Planned) -> String| Values::Text(planned.iter().map(|p| Some(of(p))).collect());
    let place = |of: &dyn Fn(&crate::analyze::Planned) -> u32| {
        Values::Count(planned.iter().map(|p| Some(u64::from(of(p)))).collect())
    };
    let outcome = records.iter().map(|r| Some(r.map_or("missing", |r| r.outcome.name()).to_owned())).collect();
    let mut columns = vec![
        ("protocol", name(&|p| p.cell.protocol.clone())),
        ("dedup", Values::Flag(planned.iter().map(|p| p.cell.dedup).collect())),
        ("resampler", name(&|p| p.cell.resampler.clone())),
        ("scaler", name(&|p| p.cell.scaler.clone())),
        ("classifier", name(&|p| p.cell.classifier.clone())),
        ("family", name(&|p| p.family.clone())),
        ("backend", name(&|p| p.backend.clone())),
        ("repeat", place(&|p| p.cell.repeat)),
        ("fold", place(&|p| p.cell.fold)),
        ("outcome", Values::Text(outcome)),
        ("stage", text(&|r| r.stage.map(|s| Stage::name(s).to_owned()))),
        ("reason", text(&|r| r.reason.clone())),
        ("tp", count(&|r| r.confusion.map(|c| c.tp))),
        ("fp", count(&|r| r.confusion.map(|c| c.fp))),
        ("fn", count(&|r| r.confusion.map(|c| c.fn_))),
        ("tn", count(&|r| r.confusion.map(|c| c.tn))),
    ]
    .into_iter()
    .map(|(name, values)| (name.to_owned(), values))
    .collect::<Vec<_>>();
    columns.extend(results.metrics.iter().map(|m| (m.clone(), number(&|r| value(r.metrics.get(m))))));
    let reasons = |r: &Record| Some(undefined(r, &results.metrics, &validation)).filter(|text| !text.is_empty());
    let rest = [
        ("undefined", text(&reasons)),
        ("train_rows", count(&|r| Some(r.train_rows))),
        ("train_positives", count(&|r| Some(r.train_positives))),
        ("removed_rows", count(&|r| Some(r.removed_rows))),
        ("columns", count(&|r| Some(r.columns))),
        ("test_rows", count(&|r| Some(r.test_rows))),
        ("test_positives", count(&|r| Some(r.test_positives))),
        ("resample_s", number(&|r| Some(r.seconds.resample))),
        ("scale_s", number(&|r| Some(r.seconds.scale))),
        ("fit_s", number(&|r| Some(r.seconds.fit))),
        ("predict_s", number(&|r| Some(r.seconds.predict))),
        ("threads", count(&|r| Some(u64::from(r.threads)))),
        ("key", text(&|r| Some(r.key.clone()))),
        ("peak_memory_mib", count(&|r| r.peak_memory_mib)),
        ("equals", text(&|r| r.equals.clone())),
    ];
    columns.extend(rest.map(|(name, values)| (name.to_owned(), values)));
    columns.extend(validation.iter().map(|m| (format!("validation_{m}"), number(&|r| value(r.validation.get(m))))));
    columns
}

fn encode(columns: &[(String, Values)]) -> parquet::errors::Result<Vec<u8>> {
    let fields = columns.iter().map(|(name, values)| field(name, values)).collect::<parquet::errors::Result<_>>()?;
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

fn field(name: &str, values: &Values) -> parquet::errors::Result<TypePtr> {
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
) -> parquet::errors::Result<()> {
    let levels: Vec<i16> = values.clone().map(|value| i16::from(value.is_some())).collect();
    let present: Vec<T::T> = values.flatten().collect();
    // There is a column for every field of the schema, which was made from the same list.
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(&present, Some(&levels), None)?;
    column.close()
}
