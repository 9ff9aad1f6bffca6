//! `decision-tree` by smartcore.

use ::smartcore::linalg::basic::matrix::DenseMatrix;
use ::smartcore::tree::decision_tree_regressor::{DecisionTreeRegressor, DecisionTreeRegressorParameters};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::{check_growth, depth, in_chunks, matrix_by_columns};
use crate::classify::backend::{check_training, from_probabilities, said};
use crate::component::two_class::same_columns;
use crate::component::{Classifier, Context, Entry, Model, Prediction, Train, build};
use crate::error::Result;

const ID: &str = "decision-tree";

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    max_depth: Option<u16>,
    min_samples_split: usize,
    min_samples_leaf: usize,
}

impl Default for Params {
    fn default() -> Self {
        Params { max_depth: None, min_samples_split: 2, min_samples_leaf: 1 }
    }
}

struct Fitted {
    tree: DecisionTreeRegressor<f64, f64, DenseMatrix<f64>, Vec<f64>>,
    columns: usize,
}

impl Classifier for Params {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        check_training(ID, x, y)?;
        let target: Vec<f64> = y.iter().map(|&label| f64::from(label)).collect();
        let params = DecisionTreeRegressorParameters {
            max_depth: depth(self.max_depth),
            min_samples_leaf: self.min_samples_leaf,
            min_samples_split: self.min_samples_split,
            seed: Some(context.seed),
        };
        let tree = DecisionTreeRegressor::fit(&matrix_by_columns(ID, x)?, &target, params)
            .map_err(|e| said("smartcore", ID, e))?;
        Ok(Box::new(Fitted { tree, columns: x.ncols() }))
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        same_columns(ID, self.columns, x.ncols())?;
        in_chunks(ID, x, |rows| self.tree.predict(rows).map_err(|e| said("smartcore", ID, e))).map(from_probabilities)
    }
}

/// `DecisionTreeClassifier(criterion="gini")`, as far as the library goes:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.tree.DecisionTreeClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "CART by smartcore: its regression tree on labels 0 and 1, which cuts as Gini does", |table| {
        build::<Params, _>(ID, table, |p| {
            check_growth(p.max_depth, p.min_samples_split, p.min_samples_leaf)?;
            Ok(Box::new(p) as Box<dyn Classifier>)
        })
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.tree.DecisionTreeClassifier.html")
    .backend("smartcore");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::backend::conformance;
    use crate::component::Registry;

    #[test]
    fn conforms() {
        conformance::check(&ENTRY, "max_depth = 4");
    }

    #[test]
    fn a_depth_of_one_is_one_cut() {
        let mut scores = conformance::predict(&ENTRY, "max_depth = 1", 0).score;
        scores.sort_by(f64::total_cmp);
        scores.dedup();
        assert_eq!(scores.len(), 2, "{scores:?}");
    }

    #[test]
    fn refuses_a_depth_of_zero() {
        let said = ENTRY.build(&"max_depth = 0".parse().unwrap(), &Registry::empty()).err().unwrap().to_string();
        assert!(said.contains("`max_depth` must be at least 1"), "{said}");
    }
}
