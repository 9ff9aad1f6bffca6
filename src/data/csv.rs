//! CSV, read in parts that are cut at line ends and parsed side by side straight into the matrix.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};
use rayon::prelude::*;

use super::label::Seen;
use super::read::{Part, ReadOptions, Table, roles};
use crate::error::{Error, Result};

/// Bytes a part, about; the result does not depend on it.
const PART: usize = 1 << 20;

/// A fault: at which byte of the file, and what.
type Fault = (usize, String);

/// What a field holds, and what follows its comma, if there is one.
type Field<'a, T> = std::result::Result<(T, Option<&'a [u8]>), String>;

pub(super) fn parse(file: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table> {
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let body = memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |end| start + end + 1);
    let names = header(file, trim_line(&bytes[start..body]))?;
    let roles = roles(file, &names, options)?;
    let features = roles.iter().filter(|role| **role == Part::Feature).count();

    let parts = cut(bytes, body);
    let rows: Vec<usize> = parts.par_iter().map(|part| count_rows(&bytes[part.clone()])).collect();
    let total: usize = rows.iter().sum();
    if total == 0 {
        return Err(Error::Data(format!("{file}: a header but no rows")));
    }
    let mut x = vec![0.0; total * features];
    let mut y = vec![0u8; total];
    let mut work = Vec::with_capacity(parts.len());
    let (mut x_left, mut y_left) = (&mut x[..], &mut y[..]);
    for (part, &n) in parts.iter().zip(&rows) {
        let (x_part, x_rest) = x_left.split_at_mut(n * features);
        let (y_part, y_rest) = y_left.split_at_mut(n);
        work.push((part.clone(), x_part, y_part));
        (x_left, y_left) = (x_rest, y_rest);
    }
    let reader = Reader { bytes, names: &names, roles: &roles };
    let read: Vec<std::result::Result<Seen, Fault>> =
        work.into_par_iter().map(|(part, x, y)| reader.part(part, x, y)).collect();

    let mut seen = Seen::default();
    let mut at = 0;
    for (part, &n) in read.into_iter().zip(&rows) {
        // Parts are in file order, so the first fault is the file's first.
        let part = part.map_err(|(at, what)| {
            let line = memchr_iter(b'\n', &bytes[..at]).count() + 1;
            Error::Data(format!("{file}, line {line}: {what}"))
        })?;
        let codes = seen.merge(&part).map_err(|what| Error::Data(format!("{file}: {what}")))?;
        y[at..at + n].iter_mut().for_each(|code| *code = codes[usize::from(*code)]);
        at += n;
    }
    Ok(Table { names, roles, x, y, seen })
}

fn header(file: &str, line: &[u8]) -> Result<Vec<String>> {
    let wrong = |what: &str| Error::Data(format!("{file}, line 1: {what}"));
    if line.is_empty() {
        return Err(wrong("the first line is empty, and a header with the columns' names is needed"));
    }
    let text = std::str::from_utf8(line).map_err(|_| wrong("the header is not UTF-8 text"))?;
    let mut names = Vec::new();
    let mut rest = Some(text.as_bytes());
    while let Some(bytes) = rest {
        let (name, after) = field(bytes).map_err(|what| wrong(&what))?;
        names.push(String::from_utf8_lossy(&name).into_owned());
        rest = after;
    }
    let numbers = names.iter().filter(|name| name.parse::<f64>().is_ok()).count();
    let fractions = names.iter().any(|name| name.contains('.') && name.parse::<f64>().is_ok());
    if numbers == names.len() || fractions {
        return Err(wrong("here are numbers where a header with the columns' names is needed"));
    }
    Ok(names)
}

/// Parts of about [`PART`] bytes from `start`, each ending behind a line end.
fn cut(bytes: &[u8], start: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut from = start;
    while from < bytes.len() {
        let wanted = (from + PART).min(bytes.len());
        let to = match memrchr(b'\n', &bytes[from..wanted]) {
            _ if wanted == bytes.len() => wanted,
            Some(end) => from + end + 1,
            // A line that is longer than a part.
            None => memchr(b'\n', &bytes[wanted..]).map_or(bytes.len(), |end| wanted + end + 1),
        };
        parts.push(from..to);
        from = to;
    }
    parts
}

/// Lines of a part: (where it begins in the part, its bytes), without blank ones.
fn lines(part: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = part.get(from..).filter(|rest| !rest.is_empty())?;
        let length = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let begin = from;
        from += length;
        Some((begin, trim_line(&rest[..length])))
    })
    .filter(|(_, line)| !line.is_empty())
}

fn count_rows(part: &[u8]) -> usize {
    lines(part).count()
}

fn trim_line(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The first field of a line and what follows its comma, if there is one.
fn field(line: &[u8]) -> Field<'_, Cow<'_, [u8]>> {
    let begin = line.iter().position(|b| *b != b' ' && *b != b'\t').unwrap_or(line.len());
    if line.get(begin) != Some(&b'"') {
        let end = memchr(b',', line).unwrap_or(line.len());
        return Ok((line[..end].trim_ascii().into(), line.get(end + 1..)));
    }
    let inside = &line[begin + 1..];
    let mut doubled = false;
    let mut from = 0;
    let close = loop {
        let quote = from + memchr(b'"', &inside[from..]).ok_or("a quote is not closed on its line")?;
        if inside.get(quote + 1) != Some(&b'"') {
            break quote;
        }
        doubled = true;
        from = quote + 2;
    };
    let after = &inside[close + 1..];
    let end = memchr(b',', after).unwrap_or(after.len());
    if !after[..end].trim_ascii().is_empty() {
        return Err("text follows a closing quote".into());
    }
    let text = inside[..close].trim_ascii();
    let text = match doubled {
        true => Cow::Owned(String::from_utf8_lossy(text).replace("\"\"", "\"").into_bytes()),
        false => Cow::Borrowed(text),
    };
    Ok((text, after.get(end + 1..)))
}

fn is_missing(text: &[u8]) -> bool {
    text.is_empty()
        || text == b"?"
        || [&b"nan"[..], b"na", b"n/a", b"null"].iter().any(|m| text.eq_ignore_ascii_case(m))
}

struct Reader<'a> {
    bytes: &'a [u8],
    names: &'a [String],
    roles: &'a [Part],
}

impl Reader<'_> {
    fn part(&self, part: Range<usize>, x: &mut [f64], y: &mut [u8]) -> std::result::Result<Seen, Fault> {
        let mut seen = Seen::default();
        let features = x.len() / y.len().max(1);
        let rows = x.chunks_exact_mut(features).zip(y);
        for ((begin, line), (x, y)) in lines(&self.bytes[part.clone()]).zip(rows) {
            *y = self.row(line, x, &mut seen).map_err(|what| (part.start + begin, what))?;
        }
        Ok(seen)
    }

    /// Fills `x` with a line's features and gives its label's code.
    fn row(&self, line: &[u8], x: &mut [f64], seen: &mut Seen) -> std::result::Result<u8, String> {
        let mut rest = Some(line);
        let mut code = 0;
        let mut slots = x.iter_mut();
        for (name, role) in self.names.iter().zip(self.roles) {
            let here = rest.ok_or_else(|| self.ragged(line))?;
            if *role == Part::Feature {
                let value;
                (value, rest) = number(here).map_or_else(|| odd(name, here), Ok)?;
                slots.next().into_iter().for_each(|slot| *slot = value);
                continue;
            }
            let (text, after) = field(here)?;
            if *role == Part::Label {
                if is_missing(&text) {
                    return Err(format!("the label `{name}` is missing"));
                }
                code = seen.code(&text)?;
            }
            rest = after;
        }
        if rest.is_some() { Err(self.ragged(line)) } else { Ok(code) }
    }

    fn ragged(&self, line: &[u8]) -> String {
        let mut found = 0;
        let mut rest = Some(line);
        while let Some(Ok((_, after))) = rest.map(field) {
            found += 1;
            rest = after;
        }
        format!("{found} field{} where the header has {}", if found == 1 { "" } else { "s" }, self.names.len())
    }
}

/// A plain number right up to a comma or the end, and what follows the comma. The common case, in one pass.
fn number(line: &[u8]) -> Option<(f64, Option<&[u8]>)> {
    let (value, used) = fast_float2::parse_partial::<f64, _>(line).ok()?;
    let after = match line.get(used) {
        None => None,
        Some(b',') => Some(&line[used + 1..]),
        Some(_) => return None,
    };
    (!value.is_infinite()).then_some((value, after))
}

/// Any other field of a feature: quoted, padded, missing, or no number.
fn odd<'a>(name: &str, line: &'a [u8]) -> Field<'a, f64> {
    let (text, after) = field(line)?;
    if is_missing(&text) {
        return Ok((f64::NAN, after));
    }
    match fast_float2::parse::<f64, _>(&text) {
        Ok(value) if !value.is_infinite() => Ok((value, after)),
        Ok(_) => Err(format!("column `{name}` holds `{}`, which is not finite", shown(&text))),
        Err(_) => Err(format!("column `{name}` holds `{}`, which is not a number", shown(&text))),
    }
}

fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    if text.chars().count() > 40 { text.chars().take(40).chain("...".chars()).collect() } else { text.into_owned() }
}
