//! Several CSV files as one: the first one, and behind it the rows of the others.

use super::super::agree::disagreement;
use super::super::read::ReadOptions;
use super::dialect::{Dialect, header};
use super::lines::Lines;
use crate::error::{Error, Result};

/// Where a file's rows begin in the joined bytes.
pub(super) struct Begin {
    pub name: String,
    /// The first byte of its rows.
    pub at: usize,
    /// The line of the file that stands there.
    line: usize,
}

/// Joins files whose headers agree; each is a name and its bytes.
pub(super) fn join(files: &[(String, &[u8])], options: &ReadOptions) -> Result<(Vec<u8>, Vec<Begin>)> {
    let (mut joined, mut begins) = (Vec::new(), Vec::new());
    let mut first: Option<(&str, Vec<String>, u8)> = None;
    let mut said = Vec::new();
    for (name, bytes) in files {
        let bytes = bytes.strip_suffix(b"\x1a").unwrap_or(bytes);
        let dialect = Dialect::of(bytes, options.separator);
        let lines = super::lines_of(name, bytes, &dialect)?;
        let (names, body) = header(name, &lines, &dialect, options.label.as_deref())?;
        let line = lines.number(body);
        let begin = |at| Begin { name: name.clone(), at, line };
        let Some((first_name, first_names, separator)) = &first else {
            joined.extend_from_slice(bytes);
            begins.push(begin(body));
            first = Some((name, names, dialect.separator));
            continue;
        };
        if dialect.separator != *separator {
            let [own, other] = [dialect.separator, *separator].map(char::from);
            said.push(format!("{name} separates fields by `{own}`, and {first_name} by `{other}`"));
            continue;
        }
        said.extend(disagreement((first_name, first_names), (name, &names)));
        if joined.last() != Some(&b'\n') {
            joined.push(b'\n');
        }
        begins.push(begin(joined.len()));
        joined.extend_from_slice(&bytes[body..]);
    }
    match said.is_empty() {
        true => Ok((joined, begins)),
        false => Err(Error::Data(said.join("; "))),
    }
}

/// The line of its own file that a byte stands in, with the file's name where there are several.
pub(super) fn place(lines: &Lines<'_>, begins: &[Begin], at: usize) -> String {
    match begins.iter().rfind(|begin| begin.at <= at) {
        Some(begin) if begins.len() > 1 => {
            format!("line {} of {}", lines.number(at) - lines.number(begin.at) + begin.line, begin.name)
        }
        _ => format!("line {}", lines.number(at)),
    }
}
