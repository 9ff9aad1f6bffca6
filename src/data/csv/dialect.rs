//! How a CSV file is written: where it begins, what separates its fields, and its header.

use std::borrow::Cow;

use super::fields::fields;
use super::lines::{Lines, trim};
use crate::error::{Error, Result};

/// What separates fields where a study does not say, in the order of preference.
pub(in crate::data) const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
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

/// Where a file has lines above its header: the place of the header, and its number of fields.
pub(super) struct Below {
    pub at: usize,
    pub fields: usize,
}

/// The header, where the first line is a line above it, as the title or the date of an export: one text, or a comment behind `#`,
/// maybe with more of such below it. Then come lines with several fields, all as many, the first without a number. Without a
/// `given` separator it may be any, as such a line holds none. A first line that another separator divides as it does the rows is
/// a header: then the separator is wrong.
pub(super) fn header_below(lines: &Lines<'_>, (start, body): (usize, usize), given: Option<u8>) -> Option<Below> {
    let first = trim(&lines.bytes[start..body]);
    let records: Vec<(usize, &[u8])> = lines.records(body..lines.bytes.len()).take(2 * LOOKED_AT).collect();
    let count_of = |record: &[u8], separator: u8| fields_of(record, separator).len();
    // How many fields the first records have, where all have as many.
    let count_by = |records: &[(usize, &[u8])], separator: u8| {
        let mut counts = records.iter().take(LOOKED_AT).map(|(_, record)| count_of(record, separator));
        let count = counts.next()?;
        counts.all(|other| other == count).then_some(count)
    };
    let is_header = |separator: &u8| {
        texts_of(first, *separator) > 1 && count_by(&records, *separator) == Some(count_of(first, *separator))
    };
    if SEPARATORS.iter().any(is_header) {
        return None;
    }
    let of = |separator: u8| {
        let is_above = |record: &[u8]| record.starts_with(b"#") || texts_of(record, separator) < 2;
        let above = records.iter().take(LOOKED_AT).take_while(|(_, record)| is_above(record)).count();
        let below = is_above(first).then(|| &records[above..])?;
        let (&(at, header), fields) = (below.first()?, count_by(below, separator)?);
        // A row of numbers is none.
        let has_number = fields_of(header, separator).iter().any(|text| is_number(text));
        (fields > 1 && !has_number).then_some(Below { at, fields })
    };
    let may_be = given.map_or(SEPARATORS.to_vec(), |given| vec![given]);
    may_be.into_iter().filter_map(of).max_by_key(|below| below.fields)
}

fn fields_of(record: &[u8], separator: u8) -> Vec<Cow<'_, [u8]>> {
    fields(record, separator).unwrap_or_default()
}

/// How many fields of a record hold anything.
fn texts_of(record: &[u8], separator: u8) -> usize {
    fields_of(record, separator).iter().filter(|text| !text.is_empty()).count()
}

pub(super) fn is_number(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<f64>().is_ok())
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
    if dialect.start == lines.bytes.len() {
        return Err(Error::Data(format!("{file}: the file is empty, and a header with the columns' names is needed")));
    }
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
