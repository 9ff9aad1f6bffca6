//! The rows as a Parquet or CSV file, in bounded memory: some days at a time.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use ::parquet::data_type::{DataType, DoubleType, Int32Type, Int64Type};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{Type, TypePtr};

use super::reports::Reports;
use super::rows::{Row, Rows};
use super::table::{KNOWN, SCENARIO, TRUTH};
use super::{Handbook, SECONDS};
use crate::data::{Format, day_text};
use crate::error::{Error, Result, of_system};
use crate::os::put;

pub(super) const COLUMNS: [&str; 9] = [
    "TRANSACTION_ID",
    "TX_DATETIME",
    "CUSTOMER_ID",
    "TERMINAL_ID",
    "TX_AMOUNT",
    "TX_TIME_SECONDS",
    "TX_TIME_DAYS",
    "TX_FRAUD",
    SCENARIO,
];
/// Rows of a row group at most, and of one with columns beside the rows' own.
const GROUP: usize = 1 << 20;
const WIDE_GROUP: usize = 1 << 18;

/// Columns that are made of the rows on their way into the file, and written after theirs.
pub struct Beside<'a> {
    /// What they are called.
    pub names: Vec<String>,
    /// Their values for the next rows.
    pub make: &'a mut dyn FnMut(&Passed<'_>) -> Result<Vec<Vec<f64>>>,
}

/// Rows on their way into the file, sorted by time.
pub struct Passed<'a> {
    of: &'a Handbook,
    reports: &'a Reports,
    first: u64,
    rows: &'a [Row],
}

impl Passed<'_> {
    /// When they were, microseconds since 1970.
    pub fn time(&self) -> Vec<i64> {
        self.rows.iter().map(|row| micros(self.of, i64::from(row.second))).collect()
    }

    /// Their labels, 0 or 1.
    pub fn labels(&self) -> Vec<u8> {
        self.rows.iter().map(|row| u8::from(self.reports.is_fraud(row))).collect()
    }

    /// The columns of numbers that tell nothing of the label.
    pub const NUMBERS: &'static [&'static str] =
        &["TRANSACTION_ID", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_TIME_SECONDS", "TX_TIME_DAYS"];

    /// One of [`Self::NUMBERS`]; none for another name.
    pub fn column(&self, name: &str) -> Option<Vec<f64>> {
        let of = |value: fn(&Row) -> f64| Some(self.rows.iter().map(value).collect());
        match name {
            "TRANSACTION_ID" => Some((self.first..).take(self.rows.len()).map(|id| id as f64).collect()),
            "CUSTOMER_ID" => of(|row| f64::from(row.customer)),
            "TERMINAL_ID" => of(|row| f64::from(row.terminal)),
            "TX_AMOUNT" => of(|row| row.amount),
            "TX_TIME_SECONDS" => of(|row| f64::from(row.second)),
            "TX_TIME_DAYS" => of(|row| f64::from(row.day())),
            _ => None,
        }
    }
}

/// Writes the rows to `path`, sorted by time: Parquet, or CSV where the name ends in `.csv`. The file appears when it is
/// whole. Gives the number of rows and of those whose label says
/// fraud.
///
/// # Errors
/// As [`Handbook::check`]; [`Error::Data`] where there is no row; [`Error::Usage`] for another ending; [`Error::Io`] when the file cannot be written.
pub fn write(of: &Handbook, path: &Path) -> Result<(u64, u64)> {
    write_with(of, path, true, None)
}

/// The same with columns beside the rows' own, over a file that is there only where it is to `overwrite`.
///
/// # Errors
/// As [`write()`]; [`Error::Usage`] for a column that is there already; what making the columns returns.
pub fn write_with(of: &Handbook, path: &Path, overwrite: bool, mut beside: Option<Beside<'_>>) -> Result<(u64, u64)> {
    of.check()?;
    let format = Format::named(path)?;
    let (source, reports) = (Rows::new(of), Reports::new(&of.labels));
    let own: Vec<&str> = COLUMNS.into_iter().chain(of.more_columns()).collect();
    let more = &own[COLUMNS.len()..];
    let made = beside.iter().flat_map(|beside| beside.names.iter().map(String::as_str));
    let columns: Vec<&str> = own.iter().copied().chain(made).collect();
    if let Some(place) = (own.len()..columns.len()).find(|&place| columns[..place].contains(&columns[place])) {
        return Err(Error::Usage(format!("two columns are called `{}`", columns[place])));
    }
    let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
    let group = if beside.is_some() { WIDE_GROUP } else { GROUP };
    let (mut count, mut frauds) = (0, 0);
    put(path, overwrite, |file| {
        let failed = |e: std::io::Error| Error::io("write", path, e);
        let file = BufWriter::new(file);
        let mut sink = match format {
            Format::Csv => Sink::csv(file, &columns).map_err(failed)?,
            Format::Parquet => Sink::parquet(file, &columns).map_err(|e| failed(of_system(e)))?,
        };
        for days in source.blocks() {
            for rows in source.of_days(&days).chunks(group) {
                let passed = Passed { of, reports: &reports, first: count, rows };
                let made = beside.as_mut().map_or_else(|| Ok(Vec::new()), |beside| (beside.make)(&passed))?;
                sink.rows(&Batch { passed, more, made }).map_err(failed)?;
                count += rows.len() as u64;
                frauds += rows.iter().filter(|row| reports.is_fraud(row)).count() as u64;
            }
        }
        if count == 0 {
            return Err(source.why_none());
        }
        sink.close().map_err(failed)
    })?;
    Ok((count, frauds))
}

/// Rows that are written together.
struct Batch<'a> {
    passed: Passed<'a>,
    /// The columns behind the published ones.
    more: &'a [&'a str],
    /// The values of those beside them.
    made: Vec<Vec<f64>>,
}

enum Sink {
    Csv(BufWriter<File>),
    Parquet(Box<SerializedFileWriter<BufWriter<File>>>),
}

impl Sink {
    fn csv(mut file: BufWriter<File>, columns: &[String]) -> std::io::Result<Self> {
        writeln!(file, "{}", columns.join(","))?;
        Ok(Sink::Csv(file))
    }

    fn parquet(file: BufWriter<File>, columns: &[String]) -> ::parquet::errors::Result<Self> {
        let fields = columns.iter().map(|name| field(name)).collect::<::parquet::errors::Result<_>>()?;
        let schema = Arc::new(Type::group_type_builder("transactions").with_fields(fields).build()?);
        let zstd = Compression::ZSTD(ZstdLevel::try_new(1)?);
        let properties = WriterProperties::builder().set_compression(zstd).build();
        Ok(Sink::Parquet(Box::new(SerializedFileWriter::new(file, schema, Arc::new(properties))?)))
    }

    fn rows(&mut self, batch: &Batch<'_>) -> std::io::Result<()> {
        match self {
            Sink::Csv(file) => {
                let mut day = (u32::MAX, String::new());
                let Batch { passed: Passed { of, reports, first, rows }, more, made } = batch;
                for (id, row) in (*first..).zip(*rows) {
                    if row.day() != day.0 {
                        day = (row.day(), day_text(of.start + i64::from(row.day())));
                    }
                    let (second, scenario) = (row.second % SECONDS, row.scenario());
                    write!(
                        file,
                        "{id},{} {:02}:{:02}:{:02},{},{},{},{},{},{},{scenario}",
                        day.1,
                        second / 3600,
                        second / 60 % 60,
                        second % 60,
                        row.customer,
                        row.terminal,
                        row.amount,
                        row.second,
                        row.day(),
                        u8::from(reports.is_fraud(row))
                    )?;
                    for name in *more {
                        match *name {
                            KNOWN => write!(file, ",{}", moment(of, reports.known(row)))?,
                            _ => write!(file, ",{}", u8::from(scenario > 0))?,
                        }
                    }
                    for column in made {
                        match column[(id - first) as usize] {
                            value if value.is_nan() => write!(file, ",")?,
                            value => write!(file, ",{value}")?,
                        }
                    }
                    writeln!(file)?;
                }
                Ok(())
            }
            Sink::Parquet(writer) => group(writer, batch).map_err(of_system),
        }
    }

    fn close(self) -> std::io::Result<()> {
        match self {
            Sink::Csv(mut file) => file.flush(),
            Sink::Parquet(mut writer) => {
                writer.finish().map_err(of_system)?;
                writer.inner_mut().flush()
            }
        }
    }
}

/// `2018-04-01 00:00:00` of a second since the start.
fn moment(of: &Handbook, second: i64) -> String {
    let (day, second) = (second / i64::from(SECONDS), second % i64::from(SECONDS));
    format!("{} {:02}:{:02}:{:02}", day_text(of.start + day), second / 3600, second / 60 % 60, second % 60)
}

fn field(name: &str) -> ::parquet::errors::Result<TypePtr> {
    let (physical, logical) = match name {
        "TRANSACTION_ID" => (Physical::INT64, None),
        "TX_DATETIME" | KNOWN => (Physical::INT64, Some(LogicalType::timestamp(false, TimeUnit::MICROS))),
        "TX_AMOUNT" => (Physical::DOUBLE, None),
        name if COLUMNS.contains(&name) || name == TRUTH => (Physical::INT32, None),
        _ => (Physical::DOUBLE, None),
    };
    let builder = Type::primitive_type_builder(name, physical).with_logical_type(logical);
    Ok(Arc::new(builder.with_repetition(Repetition::REQUIRED).build()?))
}

fn group(writer: &mut SerializedFileWriter<BufWriter<File>>, batch: &Batch<'_>) -> ::parquet::errors::Result<()> {
    let Batch { passed: Passed { of, reports, first, rows }, more, made } = batch;
    let micros = |second: i64| micros(of, second);
    let mut group = writer.next_row_group()?;
    // `Handbook::check` keeps numbers of customers and terminals, and the days' seconds, below 2^31.
    column::<Int64Type>(&mut group, (*first as i64..).take(rows.len()))?;
    column::<Int64Type>(&mut group, rows.iter().map(|row| micros(i64::from(row.second))))?;
    column::<Int32Type>(&mut group, rows.iter().map(|row| row.customer as i32))?;
    column::<Int32Type>(&mut group, rows.iter().map(|row| row.terminal as i32))?;
    column::<DoubleType>(&mut group, rows.iter().map(|row| row.amount))?;
    column::<Int32Type>(&mut group, rows.iter().map(|row| row.second as i32))?;
    column::<Int32Type>(&mut group, rows.iter().map(|row| row.day() as i32))?;
    column::<Int32Type>(&mut group, rows.iter().map(|row| i32::from(reports.is_fraud(row))))?;
    column::<Int32Type>(&mut group, rows.iter().map(|row| i32::from(row.scenario())))?;
    for name in *more {
        match *name {
            KNOWN => column::<Int64Type>(&mut group, rows.iter().map(|row| micros(reports.known(row))))?,
            _ => column::<Int32Type>(&mut group, rows.iter().map(|row| i32::from(row.scenario() > 0)))?,
        }
    }
    for values in made {
        column::<DoubleType>(&mut group, values.iter().copied())?;
    }
    group.close()?;
    Ok(())
}

/// Microseconds since 1970 of a second since the start.
fn micros(of: &Handbook, second: i64) -> i64 {
    (of.start * i64::from(SECONDS) + second) * 1_000_000
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>,
    values: impl Iterator<Item = T::T>,
) -> ::parquet::errors::Result<()> {
    let values: Vec<T::T> = values.collect();
    // There is a column for every field of the schema.
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(&values, None, None)?;
    column.close()
}
