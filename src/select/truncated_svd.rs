//! `truncated-svd`: the first singular directions of the rows as they are, without centring.

use serde::{Deserialize, Serialize};

use super::numbers;
use super::projection::{Projection, directions, names};
use crate::component::{
    Also, EXACT, Entry, FittedTransformer, NOTHING_DRAWN, POWER_ITERATION_NORMALIZER, Shape, Takes, Train, Transformer,
    build,
};
use crate::data::ColumnShape;
use crate::error::{Error, Result, unknown};
use crate::words::{agree, counted};

const ID: &str = "truncated-svd";
const PREFIX: &str = "svd";
const ALGORITHMS: [&str; 2] = ["randomized", "arpack"];

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    n_components: usize,
    /// Taken for its name only: the directions are exact with both.
    algorithm: String,
}

impl Default for Params {
    fn default() -> Self {
        Params { n_components: 2, algorithm: "randomized".into() }
    }
}

struct TruncatedSvd(Params);

fn checked(params: Params) -> Result<Box<dyn Transformer>> {
    if params.n_components == 0 {
        return Err(Error::Study("`n_components` must be at least 1, not 0".into()));
    }
    if !ALGORITHMS.contains(&params.algorithm.as_str()) {
        return Err(Error::Study(unknown("`algorithm`", &params.algorithm, &ALGORITHMS)));
    }
    Ok(Box::new(TruncatedSvd(params)))
}

impl TruncatedSvd {
    fn fits(&self, columns: usize) -> Result<usize, String> {
        let count = self.0.n_components;
        match count <= columns {
            true => Ok(count),
            // scikit-learn refuses its default, too.
            false => Err(format!(
                "`n_components` is {count}, and there {} {}: lower it",
                agree(columns, "is", "are"),
                counted(columns as u64, "column")
            )),
        }
    }
}

impl Transformer for TruncatedSvd {
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        numbers(given)?;
        let count = self.fits(given.columns.len())?;
        let columns = names(PREFIX, count).map(|name| ColumnShape { name, levels: None, blanks: false, empty: false });
        Ok(Shape::new(given.rows, columns.collect()))
    }

    fn fit(&self, train: &Train<'_>) -> Result<Box<dyn FittedTransformer>> {
        let x = train.x();
        if x.is_empty() {
            return Err(Error::Component(format!("`{ID}` cannot be fitted on {} rows", x.nrows())));
        }
        let count = self.fits(x.ncols()).map_err(|said| Error::Component(format!("`{ID}`: {said}")))?;
        let centre = vec![0.0; x.ncols()];
        let kept: Vec<Vec<f64>> = directions(ID, x, &centre, count)?.into_iter().take(count).map(|(_, d)| d).collect();
        Ok(Box::new(Projection::new(ID, PREFIX, centre, &kept)))
    }
}

/// `TruncatedSVD`: <https://scikit-learn.org/1.9/modules/generated/sklearn.decomposition.TruncatedSVD.html>, with the exact
/// singular directions; scikit-learn's `randomized` ones come close to them.
pub const ENTRY: Entry<dyn Transformer> =
    Entry::new(ID, "the first singular directions of the rows, not centred", |table| {
        build::<Params, _>(ID, table, checked)
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.decomposition.TruncatedSVD.html")
    .also(&[
        NOTHING_DRAWN,
        Also::harmless("n_iter", EXACT).takes(&[Takes::Whole(0, i64::MAX)]),
        Also::harmless("tol", EXACT).takes(Takes::POSITIVES),
        Also::harmless("n_oversamples", EXACT).takes(Takes::COUNTS),
        POWER_ITERATION_NORMALIZER,
    ]);
