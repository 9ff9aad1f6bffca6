//! Records of CSV files as they stand there, with columns of numbers behind theirs.

use std::borrow::Cow;
use std::io::{self, Write};

use ::bytes::Bytes;

use super::dialect::{Dialect, header};
use super::lines::trim;
use super::lines_of;
use crate::data::beside::{Beside, changed};
use crate::data::read::ReadOptions;
use crate::error::{Error, Result};

/// Writes the records of files with the same header, the first one's header before them, to `to`; `failed` says what it means that
/// this fails.
pub(in crate::data) fn write_beside(
    files: &[(String, Bytes)],
    options: &ReadOptions,
    made: &Beside<'_>,
    (to, failed): (&mut dyn Write, &dyn Fn(io::Error) -> Error),
) -> Result<()> {
    let Some((name, _)) = files.first() else { return Ok(()) };
    let missing = missing(name, options, made)?;
    let mut rows = made.values.rows().into_iter();
    for (at, (file, bytes)) in files.iter().enumerate() {
        // DOS ends a text file with this byte.
        let bytes = bytes.strip_suffix(b"\x1a").unwrap_or(bytes);
        let dialect = Dialect::of(bytes, options.separator);
        let lines = lines_of(file, bytes, &dialect)?;
        let (_, body) = header(file, &lines, &dialect, options.label.as_deref())?;
        let mut line = Vec::new();
        if at == 0 {
            // With the marks before it.
            line.extend_from_slice(trim(&bytes[..body]));
            made.names.iter().for_each(|name| field(&mut line, dialect.separator, name));
            ended(to, &mut line).map_err(failed)?;
        }
        for (_, record) in lines.records(body..bytes.len()) {
            let row = rows.next().ok_or_else(|| changed(file))?;
            line.extend_from_slice(record);
            for value in row {
                let text = if value.is_nan() { Cow::Borrowed(missing) } else { Cow::Owned(number(*value, options)) };
                field(&mut line, dialect.separator, &text);
            }
            ended(to, &mut line).map_err(failed)?;
        }
    }
    match (rows.next(), files.last()) {
        (Some(_), Some((file, _))) => Err(changed(file)),
        _ => Ok(()),
    }
}

/// Writes a line with its end, and empties it.
fn ended(to: &mut dyn Write, line: &mut Vec<u8>) -> io::Result<()> {
    line.push(b'\n');
    to.write_all(line)?;
    line.clear();
    Ok(())
}

/// Adds a field to a line.
fn field(line: &mut Vec<u8>, separator: u8, text: &str) {
    line.push(separator);
    let is_quoted = text.bytes().any(|byte| byte == separator || matches!(byte, b'"' | b'\n' | b'\r'));
    match is_quoted || text.trim() != text {
        true => line.extend_from_slice(format!("\"{}\"", text.replace('"', "\"\"")).as_bytes()),
        false => line.extend_from_slice(text.as_bytes()),
    }
}

/// A number as the file writes them. Groups of digits need no mark.
fn number(value: f64, options: &ReadOptions) -> String {
    let plain = value.to_string();
    let (mark, mut text) = if options.decimal_comma { (',', plain.replace('.', ",")) } else { ('.', plain) };
    // The same number, written so that it is no missing value.
    while options.missing.iter().flatten().any(|missing| *missing == text) {
        if !text.contains(mark) {
            text.push(mark);
        }
        text.push('0');
    }
    text
}

/// The text that is a missing value in the file.
fn missing<'o>(file: &str, options: &'o ReadOptions, made: &Beside<'_>) -> Result<&'o str> {
    let Some(listed) = &options.missing else { return Ok("") };
    let blank = |at: &usize| made.values.column(*at).iter().any(|value| value.is_nan());
    match (listed.iter().find(|text| text.is_empty()).or(listed.first()), (0..made.names.len()).find(blank)) {
        (Some(text), _) => Ok(text),
        (None, None) => Ok(""),
        (None, Some(at)) => Err(Error::Data(format!(
            "{file}: the feature `{}` has missing values, and the study's `missing` names no text for them: add one, such as \"\"",
            made.names[at]
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_listed_as_missing_is_written_otherwise() {
        let of = |value: f64, decimal_comma: bool| {
            let missing = ["0", "0.0", "1,5", ""].map(str::to_owned).to_vec();
            number(value, &ReadOptions { missing: Some(missing), decimal_comma, ..ReadOptions::default() })
        };
        assert_eq!([of(0.0, false), of(1.5, false), of(2.0, false)], ["0.00", "1.5", "2"]);
        assert_eq!([of(0.0, true), of(1.5, true), of(10.0, true)], ["0,0", "1,50", "10"]);
        assert_eq!(number(0.0, &ReadOptions::default()), "0");
    }
}
