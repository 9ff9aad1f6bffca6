//! `random-forest` by smartcore.

use ::smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};
use ::smartcore::linalg::basic::matrix::DenseMatrix;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::{check_growth, depth, in_chunks, matrix_by_columns};
use crate::classify::backend::{check_training, from_probabilities, require, said};
use crate::classify::tree::check_members;
use crate::component::two_class::same_columns;
use crate::component::{Classifier, Context, Entry, Model, Prediction, Train, build};
use crate::error::Result;

const ID: &str = "random-forest";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    n_estimators: usize,
    max_depth: Option<u16>,
    min_samples_split: usize,
    min_samples_leaf: usize,
    max_features: MaxFeatures,
}

/// Columns that a cut is chosen from.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `sqrt`, `log2` or a number of columns")]
enum MaxFeatures {
    Rule(Rule),
    Count(usize),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rule {
    Sqrt,
    Log2,
}

impl MaxFeatures {
    fn of(self, columns: usize) -> usize {
        let count = match self {
            MaxFeatures::Rule(Rule::Sqrt) => columns.isqrt(),
            MaxFeatures::Rule(Rule::Log2) => columns.max(1).ilog2() as usize,
            MaxFeatures::Count(count) => count,
        };
        count.clamp(1, columns)
    }
}

impl Default for Params {
    fn default() -> Self {
        Params {
            n_estimators: 100,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            max_features: MaxFeatures::Rule(Rule::Sqrt),
        }
    }
}

struct Fitted {
    forest: RandomForestRegressor<f64, f64, DenseMatrix<f64>, Vec<f64>>,
    columns: usize,
}

impl Classifier for Params {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        check_training(ID, x, y)?;
        let target: Vec<f64> = y.iter().map(|&label| f64::from(label)).collect();
        let params = RandomForestRegressorParameters {
            max_depth: depth(self.max_depth),
            min_samples_leaf: self.min_samples_leaf,
            min_samples_split: self.min_samples_split,
            n_trees: self.n_estimators,
            m: Some(self.max_features.of(x.ncols())),
            keep_samples: false,
            seed: context.seed,
        };
        let forest = RandomForestRegressor::fit(&matrix_by_columns(ID, x)?, &target, params)
            .map_err(|e| said("smartcore", ID, e))?;
        Ok(Box::new(Fitted { forest, columns: x.ncols() }))
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        same_columns(ID, self.columns, x.ncols())?;
        in_chunks(ID, x, |rows| self.forest.predict(rows).map_err(|e| said("smartcore", ID, e))).map(from_probabilities)
    }
}

/// `RandomForestClassifier(criterion="gini")`, as far as the library goes: it grows its trees on one thread, and a node whose
/// drawn columns are all constant stays a leaf, where scikit-learn draws on:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.RandomForestClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    ID,
    "random forest by smartcore: its regression forest on labels 0 and 1, which cuts as Gini does",
    |table| {
        build::<Params, _>(ID, table, |p| {
            check_members(p.n_estimators)?;
            require(!matches!(p.max_features, MaxFeatures::Count(0)), "`max_features` must be at least 1, not 0")?;
            check_growth(p.max_depth, p.min_samples_split, p.min_samples_leaf)?;
            Ok(Box::new(p) as Box<dyn Classifier>)
        })
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.RandomForestClassifier.html")
.backend("smartcore");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::backend::conformance;

    #[test]
    fn conforms() {
        conformance::check(&ENTRY, "n_estimators = 30");
    }

    #[test]
    fn the_seed_matters_and_full_trees_that_see_all_columns_vote() {
        let predict = |seed| conformance::predict(&ENTRY, "n_estimators = 10\nmax_features = 5", seed).score;
        let scores = predict(1);
        assert_ne!(scores, predict(2));
        assert!(scores.iter().all(|p| (p * 10.0 - (p * 10.0).round()).abs() < 1e-9), "leaves of full trees are pure");
    }

    #[test]
    fn counts_columns_as_scikit_learn_does() {
        let of = |text: &str, columns| serde_json::from_str::<MaxFeatures>(text).unwrap().of(columns);
        assert_eq!(
            [of("\"sqrt\"", 30), of("\"log2\"", 30), of("7", 30), of("99", 30), of("\"log2\"", 1)],
            [5, 4, 7, 30, 1]
        );
    }
}
