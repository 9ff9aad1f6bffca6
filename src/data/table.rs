//! What a format's reader hands over: columns as they stand in the file, before kinds and roles are settled.

use std::borrow::Cow;

use super::Words;
use super::assign::Assigned;
use super::faults::Why;
use super::levels::Level;
use super::texts::{Spelling, has_leading_zero, shown};

/// A file's columns and values. Codes of texts are places in the column's list.
pub(super) struct Table<'a> {
    pub assigned: Assigned,
    /// One per column of the file; none where it was skipped.
    pub columns: Vec<Option<Raw<'a>>>,
    /// Features, row after row, in file order.
    pub x: Vec<f64>,
    /// Columns that are read and are no features, row after row, in file order.
    pub beside: Vec<f64>,
    /// The rows of each file, where there are several.
    pub files: Vec<usize>,
    /// The name of a place in the file: `line 3`, `row 2`.
    pub place: &'a dyn Fn(usize) -> String,
    /// The name of a row in the file.
    pub row_place: &'a dyn Fn(usize) -> String,
}

/// A column as it was read.
pub(super) struct Raw<'a> {
    /// Its place among the columns of its matrix.
    pub slot: usize,
    pub values: Values<'a>,
    pub odd: Odd,
    /// The words that its numbers stood as, if they did.
    pub words: Option<Words>,
    /// Texts that were taken for missing values, where the study does not name these and the others are texts or words.
    pub missing: Vec<Level<'a>>,
    /// The same where the others are numbers or times; of very many the first ones.
    pub taken: Vec<Cow<'a, [u8]>>,
}

impl Table<'_> {
    /// The texts of all columns that were taken for missing values, empty ones aside; none where the study names these.
    pub fn taken(&self) -> Vec<Vec<u8>> {
        let mut all: Vec<Vec<u8>> = Vec::new();
        for raw in self.columns.iter().flatten() {
            for text in raw.missing.iter().map(|level| &level.text).chain(&raw.taken) {
                if !all.iter().any(|known| known[..] == text[..]) {
                    all.push(text.to_vec());
                }
            }
        }
        all
    }
}

/// What the numbers of a column are.
pub(super) enum Values<'a> {
    Numbers,
    /// Seconds since 1970.
    Times,
    /// Codes of these.
    Texts(Vec<Level<'a>>),
    /// None that can be read; the second says what they are.
    Unfit(Why, String),
}

/// The values of one column of a matrix that lies row after row.
pub(super) fn column(matrix: &[f64], width: usize, slot: usize) -> impl Iterator<Item = f64> + Clone + '_ {
    matrix.iter().skip(slot).step_by(width.max(1)).copied()
}

/// Whether all values of a column of a matrix, which lies row after row, are whole numbers, missing ones left aside. Where some
/// of them are too large for an f64, they are names, such as account numbers.
pub(super) fn are_whole(matrix: &[f64], width: usize, slot: usize) -> bool {
    matrix.iter().skip(slot).step_by(width).all(|value| value.is_nan() || value.fract() == 0.0)
}

/// Values that cannot be held as they are written.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Odd {
    pub infinite: Option<Oddity>,
    /// Whole numbers that an f64 cannot hold.
    pub inexact: Option<Oddity>,
    /// Times with more digits than microseconds.
    pub finer: Option<Oddity>,
    /// Digits with zeros before them, which a number does not keep.
    pub zeros: Option<Oddity>,
}

/// Where the first such value is, its text, and how many rows hold one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Oddity {
    pub at: usize,
    pub text: String,
    pub rows: usize,
}

impl Oddity {
    fn add(place: &mut Option<Oddity>, at: usize, text: &[u8], rows: usize) {
        place.get_or_insert_with(|| Oddity { at, text: shown(text), rows: 0 }).rows += rows;
    }

    fn merge(first: &mut Option<Oddity>, later: Option<Oddity>) {
        match (first.as_mut(), later) {
            (Some(first), Some(later)) => first.rows += later.rows,
            (None, later) => *first = later,
            (Some(_), None) => {}
        }
    }
}

impl Odd {
    pub fn infinite(&mut self, at: usize, text: &[u8], rows: usize) {
        Oddity::add(&mut self.infinite, at, text, rows);
    }

    pub fn inexact(&mut self, at: usize, text: &[u8], rows: usize) {
        Oddity::add(&mut self.inexact, at, text, rows);
    }

    /// Looks at a number that stands as `text`.
    pub fn number(&mut self, at: usize, (text, value): (&[u8], f64), rows: usize, spelling: &Spelling) {
        if value.is_infinite() {
            self.infinite(at, text, rows);
        } else if spelling.is_inexact(text, value) {
            self.inexact(at, text, rows);
        }
        self.zeros(at, text, rows);
    }

    /// Looks whether a number stands there with zeros before it.
    pub fn zeros(&mut self, at: usize, text: &[u8], rows: usize) {
        if has_leading_zero(text) {
            Oddity::add(&mut self.zeros, at, text, rows);
        }
    }

    pub fn finer(&mut self, at: usize, text: &[u8], rows: usize) {
        Oddity::add(&mut self.finer, at, text, rows);
    }

    /// Adds what a later part of the file holds.
    pub fn merge(&mut self, later: Odd) {
        Oddity::merge(&mut self.infinite, later.infinite);
        Oddity::merge(&mut self.inexact, later.inexact);
        Oddity::merge(&mut self.finer, later.finer);
        Oddity::merge(&mut self.zeros, later.zeros);
    }
}
