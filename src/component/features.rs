//! What a component is given: a matrix, what its columns are, and the labels.

use ndarray::ArrayView2;

use super::{Shared, TrainingRows};
use crate::data::{Column, Kind};

/// A matrix and its columns.
#[derive(Debug, Clone, Copy)]
pub struct Features<'a> {
    /// Rows x columns. A category is its level's number, a missing value is NaN.
    pub x: ArrayView2<'a, f64>,
    /// What the columns are. It may be empty where all of them are numbers: nobody knows their names then.
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
#[derive(Clone, Copy)]
pub struct Train<'a> {
    /// The matrix (C order) and its columns.
    pub features: Features<'a>,
    /// Labels, 0 or 1, where 1 is the positive class; one per row.
    pub y: &'a [u8],
    /// What each row weighs, finite and at least 0 (scikit-learn's `sample_weight`); none where all weigh the same. Only a
    /// classifier that takes weights is given any.
    pub weight: Option<&'a [f64]>,
    /// What inner folds are cut from; none where that is the matrix itself.
    pub rows: Option<&'a dyn TrainingRows>,
    /// The protocol's validation part after the same steps, never resampled, with its labels: for a classifier that stops early by
    /// it. None where the protocol has none, and inside inner folds.
    pub validation: Option<(ArrayView2<'a, f64>, &'a [u8])>,
    /// What other fits on these rows, with these labels and weights, share; none where there are no others.
    pub shared: Option<&'a Shared>,
    /// For each row the number of the row that a resampler chose, repeated or made it from; none where that is each row itself. Rows of
    /// one number know one label.
    pub origins: Option<&'a [usize]>,
    /// Whether imbalanced-learn would have the rows class after class, as its undersamplers leave them.
    pub is_by_class: bool,
}

impl<'a> Train<'a> {
    /// Rows that inner folds are cut from as they are.
    pub fn new(features: Features<'a>, y: &'a [u8]) -> Self {
        Train {
            features,
            y,
            weight: None,
            rows: None,
            validation: None,
            shared: None,
            origins: None,
            is_by_class: false,
        }
    }

    /// The same, told of the rows that it was made of: inner folds are cut from these.
    #[must_use]
    pub fn made_of(self, rows: &'a dyn TrainingRows) -> Self {
        Train { rows: Some(rows), ..self }
    }

    /// The same, told which rows were made of one row.
    #[must_use]
    pub fn of_origins(self, origins: &'a [usize]) -> Self {
        Train { origins: Some(origins), ..self }
    }

    /// The label of the row that imbalanced-learn would see first; none without rows.
    pub fn first_label(&self) -> Option<u8> {
        match self.is_by_class {
            true => self.y.iter().min(),
            false => self.y.first(),
        }
        .copied()
    }

    /// The same rows with what each of them weighs; what is shared knows other weights.
    pub fn weighted<'b>(&self, weight: &'b [f64]) -> Train<'b>
    where
        'a: 'b,
    {
        let features = Features { x: self.features.x.reborrow(), columns: self.features.columns };
        let validation = self.validation.as_ref().map(|(x, y)| (x.reborrow(), *y));
        let (rows, origins) = (self.rows, self.origins);
        Train {
            features,
            y: self.y,
            weight: Some(weight),
            rows,
            validation,
            shared: None,
            origins,
            is_by_class: self.is_by_class,
        }
    }

    /// Rows whose columns are all numbers.
    pub fn numbers<'x: 'a>(x: ArrayView2<'x, f64>, y: &'a [u8]) -> Self {
        // A view is invariant in its lifetime: it has to be shortened by hand.
        Train::new(Features::numbers(x.reborrow()), y)
    }

    /// The same rows, told of what other fits on them share.
    pub fn sharing<'b>(&self, shared: Option<&'b Shared>) -> Train<'b>
    where
        'a: 'b,
    {
        let features = Features { x: self.features.x.reborrow(), columns: self.features.columns };
        let validation = self.validation.as_ref().map(|(x, y)| (x.reborrow(), *y));
        let (weight, rows, origins) = (self.weight, self.rows, self.origins);
        Train { features, y: self.y, weight, rows, validation, shared, origins, is_by_class: self.is_by_class }
    }

    /// The matrix.
    pub fn x(&self) -> ArrayView2<'a, f64> {
        self.features.x
    }

    /// The same columns with other rows, which inner folds are cut from and which weigh the same.
    pub fn with<'b, 'x: 'b>(&self, x: ArrayView2<'x, f64>, y: &'b [u8]) -> Train<'b>
    where
        'a: 'b,
    {
        Train::new(Features { x: x.reborrow(), columns: self.features.columns }, y)
    }
}
