//! `k-neighbors` by smartcore.

use ::smartcore::algorithm::neighbour::KNNAlgorithmName;
use ::smartcore::linalg::basic::matrix::DenseMatrix;
use ::smartcore::metrics::distance::euclidian::Euclidian;
use ::smartcore::neighbors::KNNWeightFunction;
use ::smartcore::neighbors::knn_classifier::{KNNClassifier, KNNClassifierParameters};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::{in_chunks, matrix};
use crate::classify::backend::{check_training, from_probabilities, require, said};
use crate::component::two_class::same_columns;
use crate::component::{Classifier, Context, Entry, Model, Prediction, Train, build};
use crate::error::{Error, Result};
use crate::neighbors::{Euclidean, Ranges, cannot_measure};

const ID: &str = "k-neighbors";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    n_neighbors: usize,
    weights: Weights,
    algorithm: Algorithm,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Weights {
    Uniform,
    Distance,
}

/// `auto` is the cover tree.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Algorithm {
    Auto,
    Brute,
    CoverTree,
}

impl Default for Params {
    fn default() -> Self {
        Params { n_neighbors: 5, weights: Weights::Uniform, algorithm: Algorithm::Auto }
    }
}

struct Fitted {
    neighbors: KNNClassifier<f64, u8, DenseMatrix<f64>, Vec<u8>, Euclidian<f64>>,
    ranges: Ranges,
    columns: usize,
}

/// Refuses rows `x` where a distance between rows of these ranges, which hold them, overflows.
fn check(ranges: &Ranges, x: ArrayView2<'_, f64>) -> Result<()> {
    if ranges.can_measure::<Euclidean>() { Ok(()) } else { Err(cannot_measure(ID, x)) }
}

impl Classifier for Params {
    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        check_training(ID, x, y)?;
        let ranges = Ranges::of(x);
        check(&ranges, x)?;
        if self.n_neighbors > x.nrows() {
            let (k, rows) = (self.n_neighbors, x.nrows());
            return Err(Error::Component(format!("{ID}: `n_neighbors` is {k}, but there are {rows} training rows")));
        }
        let params = KNNClassifierParameters::default()
            .with_k(self.n_neighbors)
            .with_weight(match self.weights {
                Weights::Uniform => KNNWeightFunction::Uniform,
                Weights::Distance => KNNWeightFunction::Distance,
            })
            .with_algorithm(match self.algorithm {
                Algorithm::Brute => KNNAlgorithmName::LinearSearch,
                Algorithm::Auto | Algorithm::CoverTree => KNNAlgorithmName::CoverTree,
            });
        let neighbors =
            KNNClassifier::fit(&matrix(ID, x)?, &y.to_vec(), params).map_err(|e| said("smartcore", ID, e))?;
        Ok(Box::new(Fitted { neighbors, ranges, columns: x.ncols() }))
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        same_columns(ID, self.columns, x.ncols())?;
        check(&self.ranges.joined(&Ranges::of(x)), x)?;
        let shares = in_chunks(ID, x, |rows| {
            let shares = self.neighbors.predict_proba(rows).map_err(|e| said("smartcore", ID, e))?;
            // The library sorts the classes; both were seen, so the second is the positive one. Its shares are products
            // with a rounded reciprocal, which may pass 1 by a rounding.
            Ok(shares.iter().map(|share| share[1].min(1.0)).collect())
        })?;
        Ok(from_probabilities(shares))
    }
}

/// `KNeighborsClassifier` with Euclidean distance, as far as the library goes:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.neighbors.KNeighborsClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    ID,
    "k nearest neighbours by smartcore: cover tree or brute force; slow beyond some ten thousand rows",
    |table| {
        build::<Params, _>(ID, table, |p| {
            require(p.n_neighbors >= 1, "`n_neighbors` must be at least 1, not 0")?;
            Ok(Box::new(p) as Box<dyn Classifier>)
        })
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.neighbors.KNeighborsClassifier.html")
.backend("smartcore");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::backend::conformance;

    #[test]
    fn conforms() {
        conformance::check(&ENTRY, "");
        conformance::check(&ENTRY, "weights = \"distance\"\nalgorithm = \"brute\"\nn_neighbors = 9");
    }

    #[test]
    fn distances_that_overflow_are_refused_with_their_column() {
        let x = ndarray::array![[1.0, 1e200], [2.0, -1e200], [3.0, 1e200]];
        let fit = |x: ArrayView2<'_, f64>| {
            let classifier = conformance::build(&ENTRY, "n_neighbors = 1");
            classifier.fit(&Train::numbers(x, &[1, 0, 1]), &Context { seed: 0 })
        };
        let wanted = "k-neighbors: column 1 (counted from 0) holds 1e200, too large to measure distances with";
        assert_eq!(fit(x.view()).err().unwrap().to_string(), wanted);
        let model = fit(x.mapv(|value| value.clamp(-5.0, 5.0)).view()).unwrap();
        assert_eq!(model.predict(x.view()).unwrap_err().to_string(), wanted);
    }

    #[test]
    fn the_cover_tree_finds_what_brute_force_finds() {
        let tree = conformance::predict(&ENTRY, "algorithm = \"cover_tree\"", 0);
        assert_eq!(tree, conformance::predict(&ENTRY, "algorithm = \"brute\"", 0));
    }

    #[test]
    fn refuses_more_neighbors_than_rows() {
        let (x, y) = conformance::rows(1);
        let all =
            conformance::build(&ENTRY, "n_neighbors = 601").fit(&Train::numbers(x.view(), &y), &Context { seed: 0 });
        assert!(all.err().unwrap().to_string().contains("`n_neighbors` is 601, but there are 600"));
    }
}
