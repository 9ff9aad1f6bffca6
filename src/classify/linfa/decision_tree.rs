//! `decision-tree` by linfa-trees.

use ::linfa::prelude::{DatasetBase, Fit, ParamGuard};
use linfa_trees::{SplitQuality, TreeNode};
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::classify::backend::{check_training, from_probabilities, require, said};
use crate::component::two_class::same_columns;
use crate::component::{Classifier, Context, Entry, Model, Prediction, Train, build};
use crate::error::{Error, Result};

const ID: &str = "decision-tree";

/// The library counts rows in single precision, which holds whole numbers up to this one.
const MOST_ROWS: usize = 1 << 24;

#[derive(Debug, Serialize, Deserialize)]
struct Params {
    criterion: Criterion,
    max_depth: Option<usize>,
    min_samples_split: u32,
    min_samples_leaf: u32,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Criterion {
    Gini,
    Entropy,
}

impl Default for Params {
    fn default() -> Self {
        Params { criterion: Criterion::Gini, max_depth: None, min_samples_split: 2, min_samples_leaf: 1 }
    }
}

/// The library's tree with the training rows of each leaf counted, since it keeps their commonest label only.
#[derive(Debug, PartialEq)]
enum Tree {
    Leaf { negatives: usize, positives: usize },
    Split { column: usize, cut: f64, children: Box<[Tree; 2]> },
}

impl Tree {
    fn of(node: &TreeNode<f64, bool>, x: ArrayView2<'_, f64>, y: &[u8], rows: Vec<usize>) -> Tree {
        let (column, cut, _) = node.split();
        if let ([Some(below), Some(above)], false) = (node.children().as_slice(), node.is_leaf()) {
            let (low, high) = rows.into_iter().partition(|&row| x[(row, column)] <= cut);
            return Tree::join(column, cut, Tree::of(below, x, y, low), Tree::of(above, x, y, high));
        }
        let positives = rows.iter().filter(|&&row| y[row] == 1).count();
        Tree::Leaf { negatives: rows.len() - positives, positives }
    }

    /// One leaf of two that vote alike, a tie voting either way. The library merges such leaves too, but decides ties by
    /// the order of a hash map, new in every run; merging all that it might have merged gives the same tree always.
    fn join(column: usize, cut: f64, below: Tree, above: Tree) -> Tree {
        use Tree::Leaf;
        if let (Leaf { negatives: n0, positives: p0 }, Leaf { negatives: n1, positives: p1 }) = (&below, &above)
            && ((p0 <= n0 && p1 <= n1) || (p0 >= n0 && p1 >= n1))
        {
            return Leaf { negatives: n0 + n1, positives: p0 + p1 };
        }
        Tree::Split { column, cut, children: Box::new([below, above]) }
    }

    fn share(&self, row: ArrayView1<'_, f64>) -> f64 {
        let mut node = self;
        loop {
            match node {
                Tree::Leaf { negatives, positives } => {
                    return *positives as f64 / (negatives + positives).max(1) as f64;
                }
                Tree::Split { column, cut, children } => node = &children[usize::from(row[*column] > *cut)],
            }
        }
    }
}

struct Fitted {
    tree: Tree,
    columns: usize,
}

impl Classifier for Params {
    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        check_training(ID, x, y)?;
        if x.nrows() > MOST_ROWS {
            return Err(Error::Component(format!("linfa's {ID} counts rows in single precision, up to {MOST_ROWS}")));
        }
        let target: Array1<bool> = y.iter().map(|&label| label == 1).collect();
        let quality = match self.criterion {
            Criterion::Gini => SplitQuality::Gini,
            Criterion::Entropy => SplitQuality::Entropy,
        };
        let params = linfa_trees::DecisionTree::params()
            .split_quality(quality)
            .max_depth(self.max_depth)
            .min_weight_split(self.min_samples_split as f32)
            .min_weight_leaf(self.min_samples_leaf as f32)
            // scikit-learn's default is zero; this is the least that the library accepts.
            .min_impurity_decrease(f64::EPSILON)
            .check()
            .map_err(|e| said("linfa", ID, e))?;
        let fitted = params.fit(&DatasetBase::new(x, target)).map_err(|e| said("linfa", ID, e))?;
        let tree = Tree::of(fitted.root_node(), x, y, (0..x.nrows()).collect());
        Ok(Box::new(Fitted { tree, columns: x.ncols() }))
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        same_columns(ID, self.columns, x.ncols())?;
        Ok(from_probabilities(x.rows().into_iter().map(|row| self.tree.share(row)).collect()))
    }
}

/// `DecisionTreeClassifier`, as far as the library goes: it takes values within 1e-5 for equal, and merges leaves that
/// vote alike: <https://scikit-learn.org/1.9/modules/generated/sklearn.tree.DecisionTreeClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    ID,
    "CART by linfa-trees: values within 1e-5 count as equal, leaves that vote alike are merged",
    |table| {
        build::<Params, _>(ID, table, |p| {
            require(p.max_depth != Some(0), "`max_depth` must be at least 1, not 0")?;
            require(
                p.min_samples_split >= 2,
                &format!("`min_samples_split` must be at least 2, not {}", p.min_samples_split),
            )?;
            require(p.min_samples_leaf >= 1, "`min_samples_leaf` must be at least 1, not 0")?;
            Ok(Box::new(p) as Box<dyn Classifier>)
        })
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.tree.DecisionTreeClassifier.html")
.backend("linfa");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::backend::conformance;

    #[test]
    fn conforms() {
        conformance::check(&ENTRY, "max_depth = 5\nmin_samples_leaf = 5");
        conformance::check(&ENTRY, "criterion = \"entropy\"\nmax_depth = 5\nmin_samples_leaf = 5");
    }

    #[test]
    fn ties_do_not_make_the_tree_a_matter_of_luck() {
        // Pairs of equal rows, one of each class, beside pure ones: every impure leaf is a tie.
        let x = ndarray::Array2::from_shape_fn((40, 1), |(i, _)| (i / 2) as f64);
        let y: Vec<u8> = (0..40).map(|i| u8::from(i % 8 < 2 || i % 4 == 3)).collect();
        let classifier = conformance::build(&ENTRY, "");
        let scores = || {
            let model = classifier.fit(&Train::numbers(x.view(), &y), &Context { seed: 0 }).unwrap();
            model.predict(x.view()).unwrap().score
        };
        let first = scores();
        assert!(first.iter().any(|p| *p != first[0]));
        for _ in 0..30 {
            assert_eq!(scores(), first);
        }
    }

    #[test]
    fn leaves_that_vote_alike_become_one() {
        let leaf = |negatives, positives| Tree::Leaf { negatives, positives };
        assert_eq!(Tree::join(0, 0.5, leaf(3, 1), leaf(2, 2)), leaf(5, 3));
        assert_eq!(Tree::join(0, 0.5, leaf(2, 2), leaf(0, 4)), leaf(2, 6));
        assert!(matches!(Tree::join(0, 0.5, leaf(3, 1), leaf(0, 4)), Tree::Split { .. }));
    }
}
