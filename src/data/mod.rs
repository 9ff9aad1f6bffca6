//! Data: reading, catalogue and fetch, dedup.
//!
//! A [`Dataset`] comes from [`read`] (CSV or Parquet), by name from [`catalogue::read`], or from
//! [`crate::simulate`]. Nothing is learnt here that could leak: exact duplicates are found row by row.

mod agree;
mod assemble;
mod assign;
mod beside;
mod blanks;
mod called;
pub mod catalogue;
mod column;
mod csv;
mod dates;
mod dedup;
mod describe;
mod digest;
mod facts;
mod faults;
mod fetch;
mod label;
mod levels;
mod made;
mod memory;
mod missing;
mod moment;
mod parquet;
mod read;
mod recognize;
mod rows;
mod sample;
mod sides;
mod source;
mod spellings;
mod spelt;
mod survey;
mod table;
mod texts;
mod whence;

use ndarray::{Array2, Axis};

pub(crate) use assign::first_listed;
pub(crate) use beside::{Beside, write_beside};
pub use called::Called;
pub(crate) use called::OPTION_KEYS;
pub use column::{Column, Folds, Kind, Role, Sides, Words};
pub use dedup::{Deduplicated, dedup};
pub(crate) use dedup::{bits, dedup_beside};
pub use describe::{ColumnFacts, Description, describe};
pub use digest::Digests;
pub(crate) use digest::hex;
pub use facts::{ColumnShape, TableFacts};
pub use fetch::fetch;
pub use label::Unlabelled;
pub(crate) use label::{LABEL_LACKS, called_like_a_label};
pub(crate) use made::{MadeColumn, Sort, made};
pub(crate) use memory::check as check_memory;
pub(crate) use missing::{Wanted, unread};
pub(crate) use moment::{DAY, Mistaken, civil, day_of, day_text, mistaken_for_seconds, offset_of, time_text, today};
pub use read::{ReadOptions, read, read_files, read_parts};
pub(crate) use read::{no_mark, separator_mark, thousands_mark};
pub(crate) use read::{read_to_look, stem};
pub(crate) use recognize::Format;
pub(crate) use rows::read_rows;
pub use sample::Sample;
pub(crate) use sides::micros_of;
pub(crate) use spellings::fewer_values;
pub use survey::{Almost, Looks, Survey, Surveyed, label_values, survey};
pub(crate) use texts::shown;
pub(crate) use whence::Whence;

use crate::error::{Error, Result, unknown};

/// A table with a two-valued label.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Short name for records and reports: the catalogue's, or the file's stem.
    pub name: String,
    /// SHA-256 of the file's bytes (uncompressed), or of a simulation's parameters and version; lower-case hex. For
    /// people; what decides whether two tables are the same are `digests`.
    pub sha256: String,
    /// Digests of what was read.
    pub digests: Digests,
    /// The features, one per column of `x`, in file order.
    pub columns: Vec<Column>,
    /// The other columns of the file, in file order: the label, what is ignored, and sides that are no features.
    pub others: Vec<Column>,
    /// Rows x features, C order. A missing value is NaN. [`Kind`] says what the numbers are.
    pub x: Array2<f64>,
    /// 0 or 1; the positive class (1) is fixed when the file is read, never by label order. Where rows may have no label
    /// ([`Unlabelled`]), those without one have another number.
    pub y: Vec<u8>,
    /// What the two labels are called in the file: (negative, positive). Nothing where a table is looked at whose label is none.
    pub labels: (String, String),
    /// Groups, times, amounts, weights and folds of the rows.
    pub sides: Sides,
    /// What a person should know about how the table was read, a sentence each.
    pub notes: Vec<String>,
    /// Columns without a use of their own that were asked for, as window features need them.
    pub(crate) kept: Vec<Kept>,
    /// The files that its rows were read from, in this order; none where there is no file, or where these are some of its rows.
    pub(crate) whence: Option<Whence>,
}

/// The values of a column that is no feature.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub name: String,
    /// NaN is missing; texts are codes.
    pub values: Vec<f64>,
    pub is_text: bool,
}

impl Dataset {
    /// How many rows are positive.
    pub fn positives(&self) -> usize {
        self.y.iter().filter(|&&label| label == 1).count()
    }

    /// Whether its rows have labels.
    pub(crate) fn is_labelled(&self) -> bool {
        self.labels.0 != self.labels.1
    }

    /// What messages call it: its file, or its name where it has none.
    pub(crate) fn read_from(&self) -> String {
        self.whence.as_ref().map_or_else(|| self.name.clone(), Whence::file)
    }

    /// What messages call a row: as its file has it.
    pub(crate) fn row_place(&self, row: usize) -> String {
        self.whence.as_ref().and_then(|whence| whence.row(row)).unwrap_or_else(|| format!("row {}", row + 1))
    }

    /// The label's column; empty where the table was made without one.
    pub fn label(&self) -> &str {
        self.others.iter().find(|column| column.role == Some(Role::Label)).map_or("", |column| &column.name)
    }

    /// The place of the feature that is the money without being told: the only column of numbers that is called `amount`, in
    /// whatever case. None where a column has the role.
    pub(crate) fn called_amount(&self) -> Option<usize> {
        let is_it = |column: &Column| column.kind == Kind::Number && column.name.eq_ignore_ascii_case("amount");
        let mut called_so = (0..self.columns.len()).filter(|&at| is_it(&self.columns[at]));
        // Of several nobody knows which is meant.
        let only = called_so.next().filter(|_| called_so.next().is_none());
        only.filter(|_| self.sides.amount.is_none())
    }

    /// One feature's values, one per row.
    ///
    /// # Errors
    /// [`Error::Data`] for a name that is no feature, with the nearest one.
    pub fn column(&self, name: &str) -> Result<Vec<f64>> {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        match names.iter().position(|&column| column == name) {
            Some(place) => Ok(self.x.column(place).to_vec()),
            None => Err(Error::Data(unknown(&format!("column of {}", self.name), name, &names))),
        }
    }

    /// A table of features that are numbers, with its digests; labels are called `0` and `1`, and there are no sides.
    ///
    /// # Errors
    /// [`Error::Data`] when names, values and labels differ in number.
    pub fn of_numbers(name: &str, columns: &[&str], x: Array2<f64>, y: Vec<u8>) -> Result<Self> {
        if x.dim() != (y.len(), columns.len()) {
            let (rows, width) = x.dim();
            return Err(Error::Data(format!(
                "{name}: {rows} rows x {width} columns for {} labels and {} column names",
                y.len(),
                columns.len()
            )));
        }
        let x = x.as_standard_layout().into_owned();
        let columns: Vec<Column> = columns.iter().map(|&column| Column::number(column)).collect();
        let (labels, sides) = (("0".to_owned(), "1".to_owned()), Sides::default());
        let digests = Digests::of(&columns, x.as_slice().unwrap_or_default(), &y, &labels, &sides);
        let sha256 = digests.features.clone();
        Ok(Dataset {
            name: name.to_owned(),
            sha256,
            digests,
            columns,
            others: Vec::new(),
            x,
            y,
            labels,
            sides,
            notes: Vec::new(),
            kept: Vec::new(),
            whence: None,
        })
    }

    /// These rows only, in this order; name, hash and digests stay those of the whole.
    pub fn select(&self, rows: &[usize]) -> Dataset {
        Dataset {
            name: self.name.clone(),
            sha256: self.sha256.clone(),
            digests: self.digests.clone(),
            columns: self.columns.clone(),
            others: self.others.clone(),
            x: self.x.select(Axis(0), rows),
            y: rows.iter().map(|&row| self.y[row]).collect(),
            labels: self.labels.clone(),
            sides: self.sides.select(rows),
            notes: self.notes.clone(),
            kept: Vec::new(),
            whence: None,
        }
    }
}

#[cfg(test)]
mod tests;
