//! What a component is given: a matrix, what its columns are, and the labels.

use ndarray::ArrayView2;

use crate::data::{Column, Kind};

/// A matrix and its columns.
#[derive(Debug, Clone, Copy)]
pub struct Features<'a> {
    /// Rows x columns. A category is its level's number, a missing value is NaN.
    pub x: ArrayView2<'a, f64>,
    /// What the columns are; empty where all of them are numbers.
    pub columns: &'a [Column],
}

impl<'a> Features<'a> {
    /// Columns that are all numbers.
    pub fn numbers(x: ArrayView2<'a, f64>) -> Self {
        Features { x, columns: &[] }
    }

    /// The number of levels of a column; none where it is a number.
    pub fn levels(&self, column: usize) -> Option<usize> {
        match self.columns.get(column).map(|column| &column.kind) {
            Some(Kind::Category(levels)) => Some(levels.len()),
            _ => None,
        }
    }
}

/// The rows that a component learns from.
#[derive(Debug, Clone, Copy)]
pub struct Train<'a> {
    /// The matrix (C order) and its columns.
    pub features: Features<'a>,
    /// Labels, 0 or 1, where 1 is the positive class; one per row.
    pub y: &'a [u8],
}

impl<'a> Train<'a> {
    /// Rows whose columns are all numbers.
    pub fn numbers<'x: 'a>(x: ArrayView2<'x, f64>, y: &'a [u8]) -> Self {
        // A view is invariant in its lifetime: it has to be shortened by hand.
        Train { features: Features::numbers(x.reborrow()), y }
    }

    /// The matrix.
    pub fn x(&self) -> ArrayView2<'a, f64> {
        self.features.x
    }

    /// The same columns with other rows.
    pub fn with<'b, 'x: 'b>(&self, x: ArrayView2<'x, f64>, y: &'b [u8]) -> Train<'b>
    where
        'a: 'b,
    {
        Train { features: Features { x: x.reborrow(), columns: self.features.columns }, y }
    }
}
