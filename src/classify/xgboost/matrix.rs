//! XGBoost's own matrices, and those that several boosters use.

use ndarray::{ArrayView2, Axis};
use xgb::parameters::BoosterParameters;
use xgb::{Booster, DMatrix, XGBError};

use super::super::boosting::{ROW_WEIGHTS, categories, narrow_weights};
use crate::component::{Common, Train};
use crate::error::{Error, Result};

/// Rows that are predicted at a time: bounds what the library's own copy of the matrix takes.
pub(super) const BLOCK: usize = 65_536;

/// About what the library keeps of a value: its column and 32 bits, and for training its bin by row and by column.
const BYTES: usize = 8;
const BYTES_IN_BINS: usize = 12;

/// A matrix that boosters of several threads may use at once.
struct Lent(DMatrix);

// SAFETY: a matrix belongs to no thread. The library's entries per thread, for which the crate does not say so, are made by
// questions for names of columns and the like, which nobody asks here.
unsafe impl Send for Lent {}
// SAFETY: boosters read rows, labels and weights of a matrix. What the library makes of them when it is first asked and keeps in
// the matrix, the bins, is there before it is lent, and is not made anew for the same number of bins: see `Rows::quantised`.
unsafe impl Sync for Lent {}

/// Rows to train on.
pub(super) struct Rows(Lent, usize);

impl Common for Rows {
    const NAME: &'static str = "xgboost's training rows";

    fn bytes(&self) -> usize {
        self.1
    }
}

impl Rows {
    /// Those of `train`, for one booster.
    pub(super) fn new(train: &Train<'_>, labels: &[f32], missing: Option<f64>) -> Result<Self> {
        Ok(Rows(Lent(labelled(train, labels, missing)?), train.x().len() * BYTES_IN_BINS))
    }

    /// The same in at most so many bins a column, for any number of boosters of `tree_method = "hist"`. The library puts rows in
    /// bins before a first tree: this one is cut once and thrown away.
    pub(super) fn quantised(self, max_bin: u32) -> Result<Self> {
        let mut booster =
            Booster::new_with_cached_dmats(&BoosterParameters::default(), &[self.get()]).map_err(failed)?;
        let threads = rayon::current_num_threads().to_string();
        let settings = [("verbosity", "0"), ("objective", "binary:logistic"), ("tree_method", "hist")];
        for (name, value) in settings.into_iter().chain([("max_depth", "1"), ("nthread", &threads)]) {
            booster.set_param(name, value).map_err(failed)?;
        }
        booster.set_param("max_bin", &max_bin.to_string()).map_err(failed)?;
        booster.update(self.get(), 0).map_err(failed)?;
        Ok(self)
    }

    pub(super) fn get(&self) -> &DMatrix {
        &self.0.0
    }
}

/// Rows that several models are asked about, in blocks.
pub(super) struct Asked(Vec<Lent>, usize);

impl Common for Asked {
    const NAME: &'static str = "xgboost's rows to predict";

    fn bytes(&self) -> usize {
        self.1
    }
}

impl Asked {
    pub(super) fn new(x: ArrayView2<'_, f64>, missing: Option<f64>) -> Result<Self> {
        let blocks = x.axis_chunks_iter(Axis(0), BLOCK).map(|block| matrix(block, missing).map(Lent));
        Ok(Asked(blocks.collect::<Result<_>>()?, x.len() * BYTES))
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = &DMatrix> {
        self.0.iter().map(|block| &block.0)
    }
}

/// As [`matrix`], with labels and weights, and told which columns are categories. The trees remember it: predictions need not be told.
pub(super) fn labelled(train: &Train<'_>, labels: &[f32], missing: Option<f64>) -> Result<DMatrix> {
    let mut matrix = matrix(train.x(), missing)?;
    matrix.set_labels(labels).map_err(failed)?;
    if let Some(weight) = train.weight {
        let floats = narrow_weights("xgboost", weight, train.y, ROW_WEIGHTS)?;
        matrix.set_weights(&floats).map_err(failed)?;
    }
    let categories = categories(&train.features);
    if !categories.is_empty() {
        let kind = |column: usize| if categories.contains(&column) { "c" } else { "float" };
        let kinds: Vec<&str> = (0..train.x().ncols()).map(kind).collect();
        matrix.set_feature_types(&kinds).map_err(failed)?;
    }
    Ok(matrix)
}

/// The library's matrix of `x`, which it keeps in 32-bit floats. NaN is a missing value to it, and so is `missing`.
pub(super) fn matrix(x: ArrayView2<'_, f64>, missing: Option<f64>) -> Result<DMatrix> {
    let missing = missing.map_or(f32::NAN, |value| value as f32);
    let narrowed = |&value: &f64| if value as f32 == missing { f32::NAN } else { value as f32 };
    let floats: Vec<f32> = x.iter().map(narrowed).collect();
    if let Some(at) = floats.iter().position(|value| value.is_infinite()) {
        let said = "xgboost works in 32-bit floats, and {column} holds a value beyond their range; scale it first";
        return Err(Error::Column { at: at % x.ncols(), said: said.into() });
    }
    DMatrix::from_dense(&floats, x.nrows()).map_err(failed)
}

/// The library's messages carry a time stamp and a stack trace; the first line says what is wrong.
pub(super) fn failed(error: XGBError) -> Error {
    let said = error.to_string();
    Error::Component(said.lines().next().unwrap_or("XGBoost failed without a message").to_owned())
}
