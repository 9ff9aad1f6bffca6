//! What a results directory keeps of a table, so that a report can plan the study again without the data.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::{Column, Dataset, Deduplicated, Digests, Kind};

/// A table's name, size and columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableFacts {
    /// The data set's name in the study.
    pub name: String,
    /// SHA-256 of the uncompressed file.
    pub sha256: String,
    /// Rows before dedup.
    pub rows: u64,
    /// Positives before dedup.
    pub positives: u64,
    /// Rows that dedup removes.
    pub duplicate_rows: u64,
    /// Positives among the rows that dedup removes.
    pub duplicate_positives: u64,
    /// Groups of equal feature rows with different labels.
    pub conflicting: u64,
    /// Digests of what was read; part of every record's key.
    pub digests: Digests,
    /// The label's column; empty where the table was made without one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The features.
    pub columns: Vec<ColumnShape>,
}

/// What a component needs to know of a column before anything is fitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnShape {
    /// Its name.
    pub name: String,
    /// The number of levels of a category; none for a number or a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<usize>,
    /// Whether values are missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blanks: bool,
    /// Whether no row has a value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub empty: bool,
}

impl ColumnShape {
    /// Those of all columns of the matrix `x`.
    pub(crate) fn all(columns: &[Column], x: ArrayView2<'_, f64>) -> Vec<Self> {
        let of = |(column, missing): (&Column, usize)| ColumnShape {
            name: column.name.clone(),
            levels: match &column.kind {
                Kind::Category(levels) => Some(levels.len()),
                Kind::Number | Kind::Time => None,
            },
            blanks: missing > 0,
            empty: missing == x.nrows(),
        };
        columns.iter().zip(missing(x)).map(of).collect()
    }
}

impl TableFacts {
    /// The facts of `data`, which the study calls `name`.
    pub fn of(name: &str, data: &Dataset, dedup: &Deduplicated) -> Self {
        let kept = dedup.keep.iter().filter(|&&row| data.y[row] == 1).count();
        let columns = ColumnShape::all(&data.columns, data.x.view());
        TableFacts {
            name: name.to_owned(),
            sha256: data.sha256.clone(),
            rows: data.y.len() as u64,
            positives: data.positives() as u64,
            duplicate_rows: (data.y.len() - dedup.keep.len()) as u64,
            duplicate_positives: (data.positives() - kept) as u64,
            conflicting: dedup.conflicting as u64,
            digests: data.digests.clone(),
            label: data.label().to_owned(),
            columns,
        }
    }
}

/// Missing values per column.
fn missing(x: ArrayView2<'_, f64>) -> Vec<usize> {
    let mut counts = vec![0; x.ncols()];
    for row in x.rows() {
        counts.iter_mut().zip(row).for_each(|(count, value)| *count += usize::from(value.is_nan()));
    }
    counts
}
