//! Where the records of a CSV file begin and end.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

/// Bytes a part, about; the result does not depend on it.
const PART: usize = 1 << 20;

/// The bytes of a file, with what is needed to tell its records apart.
pub(super) struct Lines<'a> {
    pub bytes: &'a [u8],
    /// `\n`, or `\r` where that ends lines alone.
    end: u8,
    /// Quoted fields that contain line ends, in order.
    quoted: Vec<Range<usize>>,
}

impl<'a> Lines<'a> {
    /// `start` is where the header begins. Where a quote is opened and never closed, its place is the error.
    pub fn new(bytes: &'a [u8], start: usize, separator: u8) -> Result<Self, usize> {
        let end = line_end(bytes);
        Ok(Lines { bytes, end, quoted: quoted(bytes, start, separator, end)? })
    }

    /// The line of the file that a byte stands in, counted from 1.
    pub fn number(&self, at: usize) -> usize {
        memchr_iter(self.end, &self.bytes[..at]).count() + 1
    }

    /// Behind the end of the record that begins at or before `from`.
    pub fn next(&self, mut from: usize) -> usize {
        while let Some(length) = memchr(self.end, &self.bytes[from..]) {
            let end = from + length;
            match self.around(end) {
                Some(field) => from = field.end,
                None => return end + 1,
            }
        }
        self.bytes.len()
    }

    /// The quoted field that the line end at `at` is part of.
    fn around(&self, at: usize) -> Option<&Range<usize>> {
        let next = self.quoted.partition_point(|field| field.end <= at);
        self.quoted.get(next).filter(|field| field.start <= at)
    }

    /// Parts of about [`PART`] bytes from `start`, each ending behind a record.
    pub fn parts(&self, start: usize) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut from = start;
        while from < self.bytes.len() {
            let wanted = (from + PART).min(self.bytes.len());
            let last = memrchr(self.end, &self.bytes[from..wanted]).map(|end| from + end);
            let to = match last.filter(|end| self.around(*end).is_none()) {
                _ if wanted == self.bytes.len() => wanted,
                Some(end) => end + 1,
                // A record that is longer than a part, or a quoted field at the end of one.
                None => self.next(wanted),
            };
            parts.push(from..to);
            from = to;
        }
        parts
    }

    /// Records of a part: (where one begins in the file, its bytes without the line end), without blank ones.
    pub fn records(&self, part: Range<usize>) -> impl Iterator<Item = (usize, &'a [u8])> {
        let mut from = part.start;
        std::iter::from_fn(move || {
            let begin = from;
            (begin < part.end).then(|| {
                from = self.next(begin);
                (begin, trim(&self.bytes[begin..from]))
            })
        })
        .filter(|(_, record)| !record.is_empty())
    }
}

/// A record without the line end behind it.
pub(super) fn trim(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}

/// Old Macintosh files have no `\n` at all.
fn line_end(bytes: &[u8]) -> u8 {
    if memchr(b'\n', bytes).is_none() && memchr(b'\r', bytes).is_some() { b'\r' } else { b'\n' }
}

fn quoted(bytes: &[u8], start: usize, separator: u8, end: u8) -> Result<Vec<Range<usize>>, usize> {
    let mut found = Vec::new();
    let mut from = start;
    while let Some(length) = memchr(b'"', &bytes[from..]) {
        let open = from + length;
        from = open + 1;
        let before =
            bytes[start..open].iter().rev().find(|byte| **byte != b' ' && (**byte != b'\t' || separator == b'\t'));
        // A quote inside an unquoted field is text.
        if !before.is_none_or(|byte| *byte == separator || matches!(*byte, b'\n' | b'\r')) {
            continue;
        }
        loop {
            let close = from + memchr(b'"', &bytes[from..]).ok_or(open)?;
            from = close + 1;
            if bytes.get(from) != Some(&b'"') {
                break;
            }
            from += 1;
        }
        if memchr(end, &bytes[open..from]).is_some() {
            found.push(open..from);
        }
    }
    Ok(found)
}
