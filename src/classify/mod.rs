//! The classifier families, a file each; `tree/` is the learner that the tree families share, `smartcore/` and `linfa/` hold
//! the same families by those libraries.

mod adaboost;
mod backend;
mod boosting;
mod cholesky;
mod class_moments;
mod debug;
mod decision_tree;
mod dense;
mod early_stopping;
pub mod external;
mod extra_trees;
mod gaussian_nb;
mod gram;
mod hist_boosting;
mod isolation_forest;
mod k_neighbors;
mod lda;
mod least_squares;
mod lightgbm;
mod linfa;
mod logistic_regression;
mod mlp;
mod prior;
mod qda;
mod random_forest;
mod smartcore;
mod svc;
pub mod tree;
mod two_class;
mod xgboost;

use std::sync::LazyLock;

use ndarray::ArrayView2;

pub use boosting::quiet_openmp;

use crate::error::Result;
use crate::registry::Entry;

/// What a fit may use besides its data.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// This cell's own seed, from [`crate::seed::derive`].
    pub seed: u64,
}

/// An unfitted classifier: parameters only. `fit` can be called any number of times.
///
/// Parallel work uses the current rayon pool (its size is the cell's thread budget); results never depend on its size.
pub trait Classifier: Send + Sync {
    /// Fits on `x` (rows x columns, C order, finite) and labels `y` (0 or 1, 1 is the positive class).
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence, for example when `y` has one class and the family needs two.
    fn fit(&self, x: ArrayView2<'_, f64>, y: &[u8], context: &Context) -> Result<Box<dyn Model>>;
}

/// A fitted classifier.
pub trait Model: Send + Sync {
    /// Scores and labels for the rows of `x`, which has the columns of the training matrix.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction>;

    /// What else a record should hold of it: the candidates of a search, the members of an ensemble. Most have nothing.
    fn details(&self) -> Option<serde_json::Value> {
        None
    }
}

/// What a model says of the rows it was shown; both vectors have one element a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Ranks the rows: larger means more likely positive.
    pub score: Vec<f64>,
    /// 0 or 1, by the family's own rule (scikit-learn's `predict`).
    pub label: Vec<u8>,
    /// What `score` is.
    pub kind: ScoreKind,
}

/// Whether a score can be read as a probability; log loss and Brier need that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreKind {
    /// In [0, 1], an estimate of P(positive).
    Probability,
    /// A real number, such as a signed distance to a boundary.
    Decision,
}

/// What a study may name: the catalogue, the families that are whatever program they are given, and the hidden family
/// `debug`, which misbehaves on demand.
pub fn every() -> &'static [&'static Entry<dyn Classifier>] {
    static EVERY: LazyLock<Vec<&'static Entry<dyn Classifier>>> =
        LazyLock::new(|| CATALOGUE.iter().chain(GIVEN).copied().chain([&debug::ENTRY]).collect());
    &EVERY
}

/// The families that are whatever program they are given.
pub static GIVEN: &[&Entry<dyn Classifier>] = &[&external::ENTRY, &external::python::ENTRY];

/// Every family and backend; the first entry of a family is its default backend.
pub static CATALOGUE: &[&Entry<dyn Classifier>] = &[
    &prior::ENTRY,
    &logistic_regression::ENTRY,
    &smartcore::logistic_regression::ENTRY,
    &linfa::logistic_regression::ENTRY,
    &decision_tree::ENTRY,
    &smartcore::decision_tree::ENTRY,
    &linfa::decision_tree::ENTRY,
    &random_forest::ENTRY,
    &smartcore::random_forest::ENTRY,
    &adaboost::ENTRY,
    &k_neighbors::ENTRY,
    &smartcore::k_neighbors::ENTRY,
    &svc::ENTRY,
    &gaussian_nb::ENTRY,
    &lda::ENTRY,
    &qda::ENTRY,
    &least_squares::LINEAR,
    &least_squares::QUADRATIC,
    &extra_trees::ENTRY,
    &mlp::ENTRY,
    &hist_boosting::ENTRY,
    &isolation_forest::ENTRY,
    &xgboost::ENTRY,
    &lightgbm::ENTRY,
    &external::python::CATBOOST,
    &crate::search::tpot::ENTRY,
    &crate::search::autosklearn::ENTRY,
];
