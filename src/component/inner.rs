//! Inner folds: what a classifier that judges candidates or thresholds asks for.

use ndarray::Array2;

use super::{Features, Train};
use crate::data::{Column, Sides};
use crate::error::Result;

/// A split's own training rows, as they were before imputer, resampler, encoder and scaler had learnt from them. Inner folds
/// are cut out of these rows, and the steps are fitted again inside each fold's training part: cut out of the matrix that the
/// classifier gets, a made-up row and the row that it was made from could stand on both sides.
pub trait TrainingRows: Send + Sync {
    /// The rows' labels, 0 or 1.
    fn labels(&self) -> &[u8];

    /// Cuts the rows at the places `rows` (ascending) into `folds` inner folds; `seed` is that of a shuffle, if there is one;
    /// without it rows of each class are cut into blocks in their order, where the protocol would shuffle.
    /// Results depend neither on the current rayon pool nor on what was asked before.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence: the rows cannot be cut so, or a step fails on a fold.
    fn inner_folds(&self, rows: &[usize], folds: u32, seed: Option<u32>) -> Result<Vec<InnerFold<'_>>>;

    /// The folds that candidates, thresholds and calibrations are judged by: the inner folds. A leak may have them judged by rows
    /// that are none of these; `places` then count those.
    ///
    /// # Errors
    /// As [`TrainingRows::inner_folds`].
    fn judging_folds(&self, rows: &[usize], folds: u32, seed: Option<u32>) -> Result<Vec<InnerFold<'_>>> {
        self.inner_folds(rows, folds, seed)
    }
}

/// Inner folds that a classifier cuts out of all its training rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InnerCut {
    /// How many folds.
    pub folds: u32,
    /// The seed of a shuffle, if there is one.
    pub seed: Option<u32>,
    /// The key of a study that has their number, as messages name it.
    pub key: &'static str,
    /// Whether they are [`TrainingRows::judging_folds`].
    pub judges: bool,
}

/// Rows to learn from and rows to be judged on, as a classifier gets them.
pub struct InnerFold<'a> {
    /// Rows to learn from, resampled if the pipeline does that: rows x columns.
    pub train: Array2<f64>,
    /// Their labels.
    pub train_y: Vec<u8>,
    /// What they weigh; none where all weigh the same.
    pub weight: Option<Vec<f64>>,
    /// The columns of both parts; empty where all are numbers without names.
    pub columns: Vec<Column>,
    /// Rows to be judged on, never resampled: rows x columns.
    pub test: Array2<f64>,
    /// Their labels.
    pub test_y: Vec<u8>,
    /// Which of the rows that were cut they are, ascending.
    pub places: Vec<usize>,
    /// What the data say of the rows to be judged on, beside their features.
    pub sides: Sides,
    /// The rows to learn from as they were before any step, for a classifier that cuts inner folds of its own; none where
    /// they are `train`.
    pub rows: Option<Box<dyn TrainingRows + 'a>>,
}

impl InnerFold<'_> {
    /// The part to learn from.
    pub fn training(&self) -> Train<'_> {
        let features = Features { x: self.train.view(), columns: &self.columns };
        let mut train = Train::new(features, &self.train_y);
        train.weight = self.weight.as_deref();
        match &self.rows {
            Some(rows) => train.made_of(rows.as_ref()),
            None => train,
        }
    }
}
