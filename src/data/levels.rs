//! The distinct texts of a column, and how often each is there.

use std::borrow::Cow;
use std::collections::HashMap;

use super::faults::and_more;

/// A distinct text of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Level<'a> {
    pub text: Cow<'a, [u8]>,
    /// Rows that hold it.
    pub count: usize,
    /// Where it is first: a byte of a CSV file, a row of a Parquet file.
    pub first: usize,
}

/// The first row of those that hold one of `levels`, as `said` tells of a level, and how many more there are; none without a level.
pub(super) fn first_of<'l, 'a: 'l>(
    levels: impl Iterator<Item = &'l Level<'a>> + Clone,
    said: impl Fn(&Level<'_>) -> String,
) -> Option<String> {
    let first = levels.clone().min_by_key(|level| level.first)?;
    Some(format!("{}{}", said(first), and_more(levels.map(|level| level.count).sum())))
}

/// Texts by order of appearance; a text's code is its place.
#[derive(Debug, Default)]
pub(super) struct Interner<'a> {
    codes: HashMap<Cow<'a, [u8]>, u32>,
    levels: Vec<Level<'a>>,
    /// The code that was asked for last: equal texts often follow each other.
    last: usize,
}

impl<'a> Interner<'a> {
    /// The code of a text that stands `at`; `keep` makes the text that is kept where it is new.
    pub fn code(&mut self, text: &[u8], at: usize, keep: impl FnOnce() -> Cow<'a, [u8]>) -> u32 {
        self.add(text, 1, at, keep)
    }

    fn add(&mut self, text: &[u8], count: usize, at: usize, keep: impl FnOnce() -> Cow<'a, [u8]>) -> u32 {
        if let Some(level) = self.levels.get_mut(self.last)
            && level.text == text
        {
            level.count += count;
            return self.last as u32;
        }
        if let Some(&code) = self.codes.get(text) {
            self.last = code as usize;
            self.levels[self.last].count += count;
            return code;
        }
        let code = self.levels.len() as u32;
        self.last = self.levels.len();
        let text = keep();
        self.codes.insert(text.clone(), code);
        self.levels.push(Level { text, count, first: at });
        code
    }

    /// Adds the texts of a later part of the file; for each of its codes, the code here.
    pub fn merge(&mut self, part: Interner<'a>) -> Vec<u32> {
        let add = |Level { text, count, first }: Level<'a>| self.add(&text.clone(), count, first, || text);
        part.levels.into_iter().map(add).collect()
    }

    pub fn into_levels(self) -> Vec<Level<'a>> {
        self.levels
    }
}
