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
use super::super::texts::{EXACT, is_inexact};
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

impl Found {
    /// A column of a file that has no value in it, whatever it is in other files.
    pub fn nothing(form: &Form, way: Way, rows: usize) -> Self {
        Found { values: vec![f64::NAN; rows], chunk: Chunk::of(form, way, Interner::default()), odd: Odd::default() }
    }
}

impl Chunk {
    fn of(form: &Form, way: Way, texts: Interner<'static>) -> Self {
        if way == Way::Texts || form.sort == Sort::Texts { Chunk::Texts(texts) } else { Chunk::Numbers }
    }
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
            sink.time(v.map(|v| (v.to_micros(), v.to_nanos().rem_euclid(1_000))));
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
    Ok(Found { values: sink.values, chunk: Chunk::of(form, way, sink.texts), odd: sink.odd })
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
                self.odd.infinite(self.row(), value.to_string().as_bytes(), 1);
                self.number(None);
            }
            value => self.number(value),
        }
    }

    /// Microseconds since 1970, and the nanoseconds beyond them.
    fn time(&mut self, value: Option<(i64, i64)>) {
        let Some((micros, nanos)) = value else { return self.number(None) };
        if self.as_texts {
            // Two moments are two texts, however near they are.
            let text = if nanos == 0 { moment::text(micros) } else { moment::text_in_full(micros, nanos) };
            return self.text(text.as_bytes());
        }
        if nanos != 0 {
            self.odd.finer(self.row(), moment::text_in_full(micros, nanos).as_bytes(), 1);
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
                    1_000 => (value.saturating_mul(1_000), 0),
                    1_000_000 => (value, 0),
                    _ => (value.div_euclid(1_000), value.rem_euclid(1_000)),
                };
                self.time(Some(micros));
            }
            Sort::Days => self.time(Some(((value as i64).saturating_mul(moment::DAY), 0))),
            Sort::Decimal(scale) => self.decimal(value, scale),
            _ if self.as_texts => self.text(value.to_string().as_bytes()),
            _ => {
                let number = value as f64;
                if number.abs() >= EXACT && number as i128 != value {
                    self.odd.inexact(self.row(), value.to_string().as_bytes(), 1);
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
        self.digits(value < 0, &value.unsigned_abs().to_string(), scale);
    }

    /// A decimal by its digits, of which so many as `scale` are decimals.
    fn digits(&mut self, is_negative: bool, digits: &str, scale: u32) {
        let text = plain(is_negative, digits, scale);
        if self.as_texts {
            return self.text(text.as_bytes());
        }
        // The nearest number, of any digits; none is too long for a text of digits and a point.
        let number = text.parse().unwrap_or(f64::NAN);
        if is_inexact(text.as_bytes(), number) {
            self.odd.inexact(self.row(), text.as_bytes(), 1);
        }
        self.float(Some(number));
    }

    /// A decimal in two's complement, the most significant byte first.
    fn long_decimal(&mut self, bytes: &[u8], scale: u32) {
        let Some(first) = bytes.first() else { return self.number(None) };
        let sign = if first & 0x80 == 0 { 0 } else { 0xff };
        let (beyond, rest) = bytes.split_at(bytes.len().saturating_sub(16));
        if beyond.iter().all(|byte| *byte == sign) && (rest[0] ^ sign) & 0x80 == 0 {
            let mut whole = [sign; 16];
            whole[16 - rest.len()..].copy_from_slice(rest);
            return self.decimal(i128::from_be_bytes(whole), scale);
        }
        let is_negative = sign != 0;
        self.digits(is_negative, &digits(magnitude(bytes, is_negative)), scale);
    }

    fn bytes(&mut self, sort: Sort, value: Option<&[u8]>) {
        let Some(value) = value else { return self.number(None) };
        match sort {
            Sort::Half => {
                let half = value.try_into().map_or(f16::NAN, f16::from_le_bytes);
                self.float(Some(f64::from(half)));
            }
            Sort::Decimal(scale) => self.long_decimal(value, scale),
            _ => self.text(value),
        }
    }
}

/// The bytes of a whole number in two's complement without its sign.
fn magnitude(bytes: &[u8], is_negative: bool) -> Vec<u8> {
    let mut magnitude = bytes.to_vec();
    if is_negative {
        magnitude.iter_mut().for_each(|byte| *byte = !*byte);
        for byte in magnitude.iter_mut().rev() {
            let carries;
            (*byte, carries) = byte.overflowing_add(1);
            if !carries {
                break;
            }
        }
    }
    magnitude
}

/// The decimal digits of a whole number of any length, the most significant byte first.
fn digits(mut bytes: Vec<u8>) -> String {
    /// Digits that one division gives.
    const AT_ONCE: usize = 9;
    const BILLION: u64 = 1_000_000_000;
    let mut groups: Vec<u64> = Vec::new();
    while bytes.iter().any(|byte| *byte != 0) {
        let mut rest = 0;
        for byte in &mut bytes {
            let value = rest << 8 | u64::from(*byte);
            // The rest is below the divisor, so that this is one byte.
            *byte = (value / BILLION) as u8;
            rest = value % BILLION;
        }
        groups.push(rest);
    }
    let all: String = groups.iter().rev().map(|group| format!("{group:0>AT_ONCE$}")).collect();
    all.trim_start_matches('0').to_owned()
}

/// A decimal in full, without zeros behind its last decimal: whole numbers have no point, as CSV files have them.
fn plain(is_negative: bool, digits: &str, scale: u32) -> String {
    let scale = scale as usize;
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    let decimals = decimals.trim_end_matches('0');
    let sign = if is_negative { "-" } else { "" };
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{decimals}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_of_any_length_are_written_in_full() {
        // Python: int.to_bytes(length, "big", signed=True) of the whole numbers.
        let mut least = [0; 32];
        least[0] = 0x80;
        let shifted = |from: usize| {
            let mut bytes = [0; 20];
            bytes[from] = 1;
            bytes
        };
        for (bytes, is_negative, expected) in [
            (&[0xff; 20][..], true, "1"),
            // 2^128, and 2^152, whose first byte is not one of its sign.
            (&shifted(3)[..], false, "340282366920938463463374607431768211456"),
            (&shifted(0)[..], false, "5708990770823839524233143877797980545530986496"),
            // -2^255.
            (&least[..], true, "57896044618658097711785492504343953926634992332820282019728792003956564819968"),
        ] {
            assert_eq!(digits(magnitude(bytes, is_negative)), expected);
        }
        let written = [(false, "0", 0), (false, "0", 2), (true, "1230", 2), (true, "5", 3), (false, "1000", 0)];
        let written = written.map(|(is_negative, digits, scale)| plain(is_negative, digits, scale));
        assert_eq!(written, ["0", "0", "-12.3", "-0.005", "1000"]);
    }
}
