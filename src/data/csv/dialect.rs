//! How a CSV file is written: where it begins, what separates its fields, and its header.

use super::fields::fields;
use super::lines::{Lines, trim};
use crate::error::{Error, Result};

/// What separates fields where a study does not say, in the order of preference.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Records that are looked at to find the separator.
const LOOKED_AT: usize = 10;

/// Where the header begins, and what separates fields.
pub(super) struct Dialect {
    pub start: usize,
    pub separator: u8,
}

impl Dialect {
    /// Byte order marks are skipped, and so is Excel's first line `sep=;`, which is believed.
    pub fn of(bytes: &[u8], given: Option<u8>) -> Self {
        let mut start = 0;
        while bytes[start..].starts_with(b"\xef\xbb\xbf") {
            start += 3;
        }
        let mut said = None;
        if let Some(rest) = bytes[start..].strip_prefix(b"sep=")
            && let [separator, b'\r' | b'\n', ..] = *rest
        {
            said = Some(separator);
            start += 5 + if rest[1..].starts_with(b"\r\n") { 2 } else { 1 };
        }
        let separator = given.or(said).unwrap_or_else(|| separator(bytes, start));
        Dialect { start, separator }
    }
}

/// The separator that gives all of the first records the header's number of fields, and the most fields; else the one
/// that gives the header the most.
fn separator(bytes: &[u8], start: usize) -> u8 {
    let mut best = (b',', (false, 1));
    for separator in SEPARATORS {
        // A quote that is never closed is told when the file is read.
        let Ok(lines) = Lines::new(&bytes[..bytes.len().min(start + (1 << 16))], start, separator) else { continue };
        let records: Vec<&[u8]> = lines.records(start..lines.bytes.len()).map(|(_, r)| r).take(LOOKED_AT).collect();
        let counts: Vec<usize> =
            records.iter().map(|r| fields(r, separator).map_or(0, |fields| fields.len())).collect();
        let Some((&header, others)) = counts.split_first() else { continue };
        // The last record may be cut off.
        let whole = &others[..others.len().saturating_sub(usize::from(counts.len() < LOOKED_AT && !others.is_empty()))];
        let found = (header > 1 && whole.iter().all(|count| *count == header), header);
        if found.1 > 1 && found > best.1 {
            best = (separator, found);
        }
    }
    best.0
}

/// The place of the first row and its number of fields, where the first rows all have the same number of them, and several: a header of
/// one field, which begins at `start`, is none then, but a line above it. Without a `given` separator it may be any, as such a line holds
/// none. A header that another separator divides as it does the rows is one: then the separator is wrong.
pub(super) fn row_under_title(
    lines: &Lines<'_>,
    (start, body): (usize, usize),
    given: Option<u8>,
) -> Option<(usize, usize)> {
    let records = || lines.records(body..lines.bytes.len()).take(LOOKED_AT);
    let (first, _) = records().next()?;
    let fields_of = |record, separator| fields(record, separator).map_or(0, |fields| fields.len());
    let fields_by = |separator: u8| {
        let mut counts = records().map(|(_, record)| fields_of(record, separator));
        let count = counts.next()?;
        counts.all(|other| other == count).then_some(count)
    };
    let header = trim(&lines.bytes[start..body]);
    let is_header = |separator: &u8| {
        let count = fields_of(header, *separator);
        count > 1 && fields_by(*separator) == Some(count)
    };
    if SEPARATORS.iter().any(is_header) {
        return None;
    }
    let may_be = given.map_or(SEPARATORS.to_vec(), |given| vec![given]);
    let most = may_be.into_iter().filter_map(fields_by).max()?;
    (most > 1).then_some((first, most))
}

/// The columns' names, and where the rows begin. `label` tells a header whose names are numbers from a row of numbers.
pub(super) fn header(
    file: &str,
    lines: &Lines<'_>,
    dialect: &Dialect,
    label: Option<&str>,
) -> Result<(Vec<String>, usize)> {
    let line = lines.number(dialect.start);
    let wrong = |what: &str| Error::Data(format!("{file}, line {line}: {what}"));
    let body = lines.next(dialect.start);
    let record = trim(&lines.bytes[dialect.start..body]);
    if record.is_empty() {
        return Err(wrong("the first line is empty, and a header with the columns' names is needed"));
    }
    if std::str::from_utf8(record).is_err() {
        return Err(wrong("the header is not UTF-8 text: save the file as UTF-8"));
    }
    let texts = fields(record, dialect.separator).map_err(|what| wrong(&what))?;
    let names: Vec<String> = texts.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    let numbers = names.iter().filter(|name| name.parse::<f64>().is_ok()).count();
    let fractions = names.iter().any(|name| name.contains('.') && name.parse::<f64>().is_ok());
    let named = label.is_some_and(|label| names.iter().any(|name| name == label));
    if !named && (numbers == names.len() || fractions) {
        return Err(wrong("here are numbers where a header with the columns' names is needed"));
    }
    Ok((names, body))
}
