//! The contract between the grid and its components: what a catalogue entry is, what a component is given, what it gives back.
//!
//! Each folder of components (`impute`, `resample`, `encode`, `scale`, `select`, `classify`, `metric`) lists its entries in one static
//! `CATALOGUE`; a [`Registry`] holds the lists, and can be extended by who uses the library.
//! A component is unfitted: parameters only. Its `fit` can be called any number of times and gives what was learnt as another
//! value. Parallel work uses the current rayon pool (its size is the cell's thread budget); results never depend on its size.

mod also;
mod argument;
mod cost;
mod entry;
mod every_fault;
mod features;
mod given;
mod idle;
mod in_python;
pub(crate) mod indicator;
pub(crate) mod infinite;
mod inner;
mod metric;
mod out_of_range;
mod part;
mod products;
mod registry;
mod remedy;
mod resampled;
mod same_columns;
mod saved;
mod scored;
mod shape;
mod shared;
mod splitter;
pub(crate) mod two_class;
mod unchanged;
pub(crate) mod which_columns;

use ndarray::{Array2, ArrayView2};

pub(crate) use also::without_nones;
pub use also::{
    Also, COPY, DENSE, DTYPE, EXACT, N_JOBS, NOTHING_DRAWN, POWER_ITERATION_NORMALIZER, Takes, Treated, VERBOSE,
    WARM_START, threads,
};
pub use argument::Argument;
pub use cost::{Cost, Work};
pub use entry::{Built, ComponentFacts, Entry, build, find, later};
pub use features::{Features, Train};
pub(crate) use given::as_given;
pub use idle::Idle;
pub use in_python::InPython;
pub use inner::{InnerCut, InnerFold, TrainingRows};
pub use metric::{Better, Confusion, Metric, Need, Score};
pub(crate) use metric::{NO_NEGATIVES, NO_POSITIVES, NO_ROWS, share};
pub(crate) use part::{PYTHON, flat, in_toml, part, steps_of};
pub use products::Products;
pub use registry::Registry;
pub use remedy::{Doing, Remedies, Remedy};
pub use resampled::Resampled;
pub(crate) use same_columns::same_columns;
pub use saved::{
    Curve, Isotonic, Library, Link, MemberSum, RowNorm, SavedCode, SavedDistance, SavedGaussian, SavedKernel,
    SavedLayer, SavedLibrary, SavedLinear, SavedMap, SavedMember, SavedModel, SavedNeighbors, SavedNetwork, SavedPower,
    SavedProjection, SavedScaler, SavedStep, SavedTree, SavedTrees, SavedVectors, Sigmoid, StepForm, TreeSum,
    VennAbers, is_model_file,
};
pub use scored::{Ranks, Scored, Step};
pub use shape::{Perhaps, Shape};
pub use shared::{Common, Shared};
pub use splitter::{Keeping, Lack, Roles, Split, SplitPart, Splitter};
pub(crate) use unchanged::Unchanged;

pub use crate::data::ColumnShape;

use crate::data::{Column, Role};
use crate::error::Result;

/// What a fit may use besides its data.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// This cell's own seed, from [`crate::seed::derive`].
    pub seed: u64,
}

/// Changes columns row by row, whatever the label is: imputers, encoders and what selects columns.
pub trait Transformer: Send + Sync {
    /// What it makes of columns of this shape, or in one sentence why it cannot take them.
    ///
    /// # Errors
    /// Columns that it does not take, and what to use instead.
    fn shape(&self, given: &Shape) -> Result<Shape, String>;

    /// Learns from the training rows.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence.
    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>>;

    /// Whether it deals training rows to folds, so that a row's own label is not in its own features: rows of one origin
    /// ([`Train::origins`]) have one fold.
    fn is_cross_fitted(&self) -> bool {
        false
    }

    /// Whether what it is fitted to can never be told as data ([`FittedTransformer::saved`]), as far as that is known before a fit.
    fn cannot_be_saved(&self) -> bool {
        false
    }
}

/// What an imputer, an encoder or a selection of columns learnt.
pub trait FittedTransformer: Send + Sync {
    /// The columns of what [`FittedTransformer::transform`] gives.
    fn columns(&self) -> &[Column];

    /// Transforms a matrix with the training matrix's columns. Rows come in blocks, of a `native` step several blocks at once: what it
    /// makes of a row must not depend on other rows.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence.
    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>>;

    /// Transforms rows that it learnt from: `places` has for each row of `x` its number among the rows of the fit, and none for
    /// a row that was not among them. Differs from [`FittedTransformer::transform`] only where a row's own label is in what was
    /// learnt: what it would give away must come from other rows.
    ///
    /// # Errors
    /// As [`FittedTransformer::transform`].
    fn transform_training(&self, x: Array2<f64>, places: &[Option<u32>]) -> Result<Array2<f64>> {
        debug_assert_eq!(x.nrows(), places.len());
        self.transform(x)
    }

    /// Nothing more is asked: a process that has answered ends now, and how it ends is looked at.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`]: what it has made is not to be trusted.
    fn close(&self) -> Result<()> {
        Ok(())
    }

    /// What it is, as data; none where it cannot be said.
    fn saved(&self) -> Option<SavedStep> {
        None
    }
}

/// An unfitted scaler. It sees columns of numbers only: categories pass by it unchanged.
pub trait Scaler: Send + Sync {
    /// What it makes of columns of this shape, or in one sentence why it cannot take them.
    ///
    /// # Errors
    /// Blanks, for all but those that leave values as they are.
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        given.complete().map(|()| given.clone())
    }

    /// Learns from the training matrix `x` (rows x columns, C order, finite unless [`Scaler::shape`] takes blanks).
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence.
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>>;

    /// Whether what it makes of a row depends on other rows.
    fn learns(&self) -> bool {
        true
    }

    /// Whether what it is fitted to can never be told as data ([`FittedScaler::saved`]), as far as that is known before a fit.
    fn cannot_be_saved(&self) -> bool {
        false
    }

    /// What so few training rows change about a parameter that was named, and what is taken instead; none where they change nothing.
    fn cut_by(&self, rows: usize) -> Option<String> {
        let _ = rows;
        None
    }
}

/// What a scaler learned.
pub trait FittedScaler: Send + Sync {
    /// Transforms a matrix with the training matrix's columns. Takes it by value: most scalers work in place, and only
    /// those that change the number of columns allocate. The result is in C order and finite.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence.
    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>>;

    /// As [`FittedTransformer::close`].
    ///
    /// # Errors
    /// As there.
    fn close(&self) -> Result<()> {
        Ok(())
    }

    /// What it is, as data; none where it cannot be said.
    fn saved(&self) -> Option<SavedScaler> {
        None
    }
}

/// The id of the resampler that applies others one after the other; `a+b` is short for it.
pub(crate) const CHAIN: &str = "chain";

/// Chooses, repeats and makes up training rows.
pub trait Resampler: Send + Sync {
    /// What it makes of columns of this shape, or in one sentence why it cannot take them.
    ///
    /// # Errors
    /// Columns that distances mean nothing for, unless the resampler needs none.
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        given.numbers_only().and_then(|()| given.complete()).map(|()| given.clone())
    }

    /// Whether it can act on encoded and scaled rows (`on = "scaled"`), whatever their columns.
    ///
    /// # Errors
    /// In one sentence why not, and what to leave out.
    fn on_scaled(&self) -> Result<(), String> {
        Ok(())
    }

    /// Which training rows stay, how often, and which rows are added.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence.
    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled>;
}

/// An unfitted classifier.
pub trait Classifier: Send + Sync {
    /// Whether it takes columns of this shape.
    ///
    /// # Errors
    /// In one sentence why not, and what to use instead. Most families take numbers without blanks.
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        given.numbers_only().and_then(|()| given.complete())
    }

    /// Why its parameters, or a listed value of its search, can be of no use with columns of this shape, though
    /// [`Classifier::accepts`] takes them: every fit would fail, or those of the candidates with the value. Studies with such
    /// parameters have been run, so that this refuses runs and no plan.
    fn never_fits(&self, given: &Shape) -> Option<String> {
        let _ = given;
        None
    }

    /// Fits on the training rows.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence, for example when `y` has one class and the family needs two.
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>>;

    /// Fits a member of an ensemble that has drawn `context.seed` as its `random_state`, as scikit-learn's `_set_random_states` does:
    /// what stands alone with its library's own seed ([`Entry::fixed_seed`]) draws by this one here.
    ///
    /// # Errors
    /// As [`Classifier::fit`].
    fn fit_drawn(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        self.fit(train, context)
    }

    /// Whether its fit looks at [`Train::rows`], as what cuts inner folds does: its models then follow from the rows before
    /// imputer, resampler, encoder, scaler and select too.
    fn uses_raw_rows(&self) -> bool {
        false
    }

    /// The inner folds that every fit of it cuts out of all rows of [`Train::rows`]: where that cannot be done, no fit can.
    fn inner_cuts(&self) -> Vec<InnerCut> {
        Vec::new()
    }

    /// Why no fit on rows with the labels `y` can keep some of them out to stop early by, whatever the seed, and what to write instead;
    /// none where one can, and where it keeps none out. `has_validation` tells whether these have [`Train::validation`].
    fn cannot_stop_early(&self, y: &[u8], has_validation: bool) -> Option<String> {
        let _ = (y, has_validation);
        None
    }

    /// Whether what it is fitted to can never be told as data ([`Model::saved`]), as far as that is known before a fit.
    fn cannot_be_saved(&self) -> bool {
        false
    }

    /// Whether its scores are probabilities under the share of positives of the rows that it is fitted on, as far as that is
    /// known before a fit.
    fn says_probabilities(&self) -> bool {
        !self.decides_only()
    }

    /// Whether its scores are known before a fit to be no probabilities, under whatever share of positives.
    fn decides_only(&self) -> bool {
        false
    }

    /// The roles of the columns that rows of inner folds are judged by, beside their labels.
    fn judged_by(&self) -> Vec<Role> {
        Vec::new()
    }

    /// Whether its fit takes [`Train::weight`], as the library's takes `sample_weight`.
    ///
    /// # Errors
    /// In one sentence why not. Most families' libraries take none.
    fn weights(&self) -> Result<(), String> {
        Err("it takes no weights of rows".into())
    }

    /// Whether [`Classifier::weights`] says so.
    fn takes_weights(&self) -> bool {
        self.weights().is_ok()
    }

    /// The same classifier with the candidate that a search has chosen in the place of the search; none where it searches nothing.
    ///
    /// # Errors
    /// Parameters that do not fit the family.
    fn settled(&self, chosen: &serde_json::Map<String, serde_json::Value>) -> Option<Result<Box<dyn Classifier>>> {
        let _ = chosen;
        None
    }

    /// How many parameters called `random_state` the library's estimator has, its members' included and its own last: what an
    /// ensemble draws for it, as scikit-learn's `_set_random_states` does.
    fn random_states(&self) -> usize {
        1
    }
}

/// A fitted classifier.
pub trait Model: Send + Sync {
    /// Scores and labels for the rows of `x`, which has the columns of the training matrix.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] with one sentence.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction>;

    /// As [`Model::predict`], where other models are asked about the same rows: what any of them makes of the rows may be kept in
    /// `shared`.
    ///
    /// # Errors
    /// As [`Model::predict`].
    fn predict_sharing(&self, x: ArrayView2<'_, f64>, shared: &Shared) -> Result<Prediction> {
        let _ = shared;
        self.predict(x)
    }

    /// Probabilities of labels 0 and 1 for the rows of `x`, as an ensemble adds them up. A model without probabilities gives
    /// all of it to its label.
    ///
    /// # Errors
    /// As [`Model::predict`].
    fn shares(&self, x: ArrayView2<'_, f64>) -> Result<Vec<[f64; 2]>> {
        let Prediction { score, label, kind } = self.predict(x)?;
        let positive: Vec<f64> = match kind {
            ScoreKind::Probability => score,
            ScoreKind::Decision => label.into_iter().map(f64::from).collect(),
        };
        Ok(positive.into_iter().map(|p| [1.0 - p, p]).collect())
    }

    /// What else a record should hold of it: the candidates of a search, the members of an ensemble. Most have nothing.
    fn details(&self) -> Option<serde_json::Value> {
        None
    }

    /// The stages of a model that lets rows pass one stage after another, by name. Others have none.
    fn stages(&self) -> Vec<String> {
        Vec::new()
    }

    /// How many of its [`Model::stages`] each row of `x` has passed, of which it has `said` this: the whole part of the row's score.
    ///
    /// # Errors
    /// As [`Model::predict`].
    fn passed(&self, x: ArrayView2<'_, f64>, said: &Prediction) -> Result<Vec<usize>> {
        let _ = x;
        Ok(said.score.iter().map(|score| *score as usize).collect())
    }

    /// What it is, as data; none where it cannot be said.
    fn saved(&self) -> Option<SavedModel> {
        None
    }

    /// It is asked nothing any more. Most have nothing to do then.
    ///
    /// # Errors
    /// [`crate::error::Error::Component`] where it turns out only now that its predictions are not to be trusted.
    fn close(&self) -> Result<()> {
        Ok(())
    }
}

/// What a model says of the rows it was shown; both vectors have one element per row.
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
