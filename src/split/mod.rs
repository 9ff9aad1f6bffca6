//! Which rows train and which test. Splits depend on data and seed alone, so every pipeline sees the same folds.

pub mod mt19937;

/// One (train, test) pair of row indices, ascending. `validation` rows, where a protocol has them, are neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The repeat's number, from 0.
    pub repeat: u32,
    /// The fold's number in its repeat, from 0.
    pub fold: u32,
    /// Training rows.
    pub train: Vec<usize>,
    /// Validation rows; empty where the protocol has none.
    pub validation: Vec<usize>,
    /// Test rows.
    pub test: Vec<usize>,
}
