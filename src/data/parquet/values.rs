//! Values of one column of one row group.

use std::borrow::Cow;

use ::half::f16;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{AsBytes, DataType};
use parquet::errors::{ParquetError, Result};

use super::super::assign::Way;
use super::super::levels::Interner;
use super::super::moment;
use super::super::table::Odd;
use super::super::texts::EXACT;
use super::form::{Form, Sort};

/// Values that are decoded at a time.
const BATCH: usize = 1 << 13;

/// A column of a row group; NaN is missing.
pub(super) struct Found {
    pub values: Vec<f64>,
    pub chunk: Chunk,
    pub odd: Odd,
}

/// What its values are.
pub(super) enum Chunk {
    Numbers,
    /// Codes of these.
    Texts(Interner<'static>),
}

/// Reads `rows` values; the first of them is the table's row `first`. Fewer values come back where the file has fewer.
pub(super) fn decode(reader: ColumnReader, form: &Form, way: Way, rows: usize, first: usize) -> Result<Found> {
    let mut sink = Sink {
        values: Vec::with_capacity(rows),
        texts: Interner::default(),
        odd: Odd::default(),
        as_texts: way == Way::Texts,
        first,
    };
    match reader {
        ColumnReader::BoolColumnReader(r) => each(r, form, rows, |v| match v {
            Some(value) if sink.as_texts => sink.text(if *value { b"true" } else { b"false" }),
            value => sink.number(value.map(|value| f64::from(u8::from(*value)))),
        })?,
        ColumnReader::Int32ColumnReader(r) => each(r, form, rows, |v| {
            let whole = |v: &i32| if form.sort == Sort::Unsigned { i128::from(*v as u32) } else { i128::from(*v) };
            sink.whole(form.sort, v.map(whole));
        })?,
        ColumnReader::Int64ColumnReader(r) => each(r, form, rows, |v| {
            let whole = |v: &i64| if form.sort == Sort::Unsigned { i128::from(*v as u64) } else { i128::from(*v) };
            sink.whole(form.sort, v.map(whole));
        })?,
        ColumnReader::Int96ColumnReader(r) => each(r, form, rows, |v| {
            sink.time(v.map(|v| (v.to_micros(), v.to_nanos() % 1_000 != 0)));
        })?,
        ColumnReader::FloatColumnReader(r) => each(r, form, rows, |v| sink.float(v.map(|v| f64::from(*v))))?,
        ColumnReader::DoubleColumnReader(r) => each(r, form, rows, |v| sink.float(v.copied()))?,
        ColumnReader::ByteArrayColumnReader(r) => {
            each(r, form, rows, |v| sink.bytes(form.sort, v.map(AsBytes::as_bytes)))?
        }
        ColumnReader::FixedLenByteArrayColumnReader(r) => {
            each(r, form, rows, |v| sink.bytes(form.sort, v.map(AsBytes::as_bytes)))?;
        }
    }
    let is_text = sink.as_texts || form.sort == Sort::Texts;
    let chunk = if is_text { Chunk::Texts(sink.texts) } else { Chunk::Numbers };
    Ok(Found { values: sink.values, chunk, odd: sink.odd })
}

/// Calls `with` for every value, None for nulls.
fn each<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    form: &Form,
    rows: usize,
    mut with: impl FnMut(Option<&T::T>),
) -> Result<()> {
    let (mut found, mut levels) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
    let mut left = rows;
    while left > 0 {
        found.clear();
        levels.clear();
        let (records, values, _) = reader.read_records(left.min(BATCH), Some(&mut levels), None, &mut found)?;
        if records == 0 {
            break;
        }
        left -= records;
        if values == records {
            found.iter().for_each(|value| with(Some(value)));
            continue;
        }
        let mut present = found.iter();
        for level in &levels {
            let value = if *level == form.present { present.next() } else { None };
            if *level == form.present && value.is_none() {
                return Err(ParquetError::General(format!("column `{}` lacks values", form.name)));
            }
            with(value);
        }
    }
    Ok(())
}

/// Where decoded values go.
struct Sink {
    values: Vec<f64>,
    texts: Interner<'static>,
    odd: Odd,
    as_texts: bool,
    first: usize,
}

impl Sink {
    fn row(&self) -> usize {
        self.first + self.values.len()
    }

    fn number(&mut self, value: Option<f64>) {
        self.values.push(value.unwrap_or(f64::NAN));
    }

    fn text(&mut self, text: &[u8]) {
        let row = self.row();
        let code = self.texts.code(text, row, || Cow::Owned(text.to_vec()));
        self.values.push(f64::from(code));
    }

    fn float(&mut self, value: Option<f64>) {
        match value.filter(|value| !value.is_nan()) {
            Some(value) if self.as_texts => self.text(value.to_string().as_bytes()),
            Some(value) if value.is_infinite() => {
                self.odd.infinite(self.row(), value.to_string().as_bytes());
                self.number(None);
            }
            value => self.number(value),
        }
    }

    fn time(&mut self, value: Option<(i64, bool)>) {
        let Some((micros, finer)) = value else { return self.number(None) };
        if self.as_texts {
            return self.text(moment::text(micros).as_bytes());
        }
        if finer {
            self.odd.finer(self.row(), moment::text(micros).as_bytes(), 1);
        }
        self.number(Some(micros as f64 / 1e6));
    }

    fn whole(&mut self, sort: Sort, value: Option<i128>) {
        let Some(value) = value else { return self.number(None) };
        match sort {
            // Both are 64 bits at most.
            Sort::Times(per_second) => {
                let value = value as i64;
                let micros = match per_second {
                    1_000 => (value.saturating_mul(1_000), false),
                    1_000_000 => (value, false),
                    _ => (value.div_euclid(1_000), value.rem_euclid(1_000) != 0),
                };
                self.time(Some(micros));
            }
            Sort::Days => self.time(Some(((value as i64).saturating_mul(86_400_000_000), false))),
            Sort::Decimal(scale) => self.decimal(value, scale),
            _ if self.as_texts => self.text(value.to_string().as_bytes()),
            _ => {
                let number = value as f64;
                if number.abs() >= EXACT && number as i128 != value {
                    self.odd.inexact(self.row(), value.to_string().as_bytes());
                }
                self.number(Some(number));
            }
        }
    }

    fn decimal(&mut self, value: i128, scale: u32) {
        // Both are exact, so that their quotient is the nearest number.
        if !self.as_texts && value.unsigned_abs() < EXACT as u128 && scale <= 22 {
            return self.number(Some(value as f64 / 10_f64.powi(scale as i32)));
        }
        let text = format!("{value}e-{scale}");
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        if self.as_texts { self.text(number.to_string().as_bytes()) } else { self.number(Some(number)) }
    }

    fn bytes(&mut self, sort: Sort, value: Option<&[u8]>) {
        let Some(value) = value else { return self.number(None) };
        match sort {
            Sort::Half => {
                let half = value.try_into().map_or(f16::NAN, f16::from_le_bytes);
                self.float(Some(f64::from(half)));
            }
            Sort::Decimal(scale) if (1..=16).contains(&value.len()) => {
                // Two's complement, the most significant byte first.
                let sign = if value[0] & 0x80 == 0 { 0 } else { 0xff };
                let mut whole = [sign; 16];
                whole[16 - value.len()..].copy_from_slice(value);
                self.decimal(i128::from_be_bytes(whole), scale);
            }
            Sort::Decimal(_) => self.number(None),
            _ => self.text(value),
        }
    }
}
