//! Exact SHAP values of trees and planes, interventional: what a column adds is measured by taking its value from the row or from
//! background rows, over all orders of columns.
//!
//! Lundberg, Erion, Chen et al., "From local explanations to global understanding with explainable AI for trees" (Nature Machine
//! Intelligence 2, 2020), algorithm 3; shap's `TreeExplainer(model, background, feature_perturbation="interventional")` and
//! `LinearExplainer`. Values explain the decision of planes and boosted trees (log odds) and the score of averaged trees.

use ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

use crate::component::{SavedLinear, SavedModel, SavedTree, SavedTrees, TreeSum};

/// The values of some rows.
pub(super) struct Shap {
    /// Rows x columns.
    pub values: Array2<f64>,
    /// The mean of what is explained over the background rows: what a row's values add up to beyond it.
    pub base: f64,
    /// What is explained.
    pub explains: &'static str,
}

/// The values of `rows` against `background`, both as they reach the classifier.
///
/// # Errors
/// In one sentence where the model is no tree and no plane.
pub(super) fn shap(
    model: &SavedModel,
    rows: ArrayView2<'_, f64>,
    background: ArrayView2<'_, f64>,
) -> Result<Shap, String> {
    match model.inner() {
        SavedModel::Linear(plane) => Ok(of_plane(plane, rows, background)),
        SavedModel::Trees(trees) => Ok(of_trees(trees, rows, background)),
        SavedModel::Library(library) => match &library.trees {
            Some(trees) if library.missing.is_none() => Ok(of_trees(trees, rows, background)),
            _ => Err("the library's trees do more than we read".into()),
        },
        _ => Err("exact SHAP values are those of trees and of planes".into()),
    }
}

/// A plane's values are its coefficients times the distances from the background's mean.
fn of_plane(plane: &SavedLinear, rows: ArrayView2<'_, f64>, background: ArrayView2<'_, f64>) -> Shap {
    let means: Vec<f64> = background.columns().into_iter().map(|column| column.sum() / column.len() as f64).collect();
    let value = |(row, at): (usize, usize)| plane.coefficients[at] * (rows[(row, at)] - means[at]);
    let values = Array2::from_shape_fn(rows.dim(), value);
    let centre = |at: usize| plane.centre.as_ref().map_or(0.0, |centre| centre[at]);
    let terms = plane.coefficients.iter().enumerate().map(|(at, weight)| weight * (means[at] - centre(at)));
    Shap { values, base: plane.intercept + terms.sum::<f64>(), explains: "decision" }
}

fn of_trees(trees: &SavedTrees, rows: ArrayView2<'_, f64>, background: ArrayView2<'_, f64>) -> Shap {
    let narrowed = |x: ArrayView2<'_, f64>| match trees.narrow {
        true => x.as_standard_layout().mapv(|value| f64::from(value as f32)),
        false => x.as_standard_layout().into_owned(),
    };
    let (rows, background) = (narrowed(rows), narrowed(background));
    let (factor, start, explains) = match trees.says {
        TreeSum::Mean => (1.0 / trees.trees.len() as f64, 0.0, "score"),
        TreeSum::Vote(total) => (2.0 / total, 0.0, "decision"),
        TreeSum::LogOdds(baseline) => (1.0, baseline, "log odds"),
    };
    let share = factor / background.nrows() as f64;
    let of_row = |row: &[f64]| {
        let mut values = vec![0.0; trees.columns];
        for other in background.outer_iter() {
            // Both matrices are in C order.
            let other = other.to_slice().unwrap_or_default();
            for tree in &trees.trees {
                Walk { tree, row, other, taken: Vec::new(), values: &mut values }.from(0);
            }
        }
        values.iter_mut().for_each(|value| *value *= share);
        values
    };
    let all: Vec<Vec<f64>> =
        (0..rows.nrows()).into_par_iter().map(|row| of_row(rows.row(row).to_slice().unwrap_or_default())).collect();
    let values = Array2::from_shape_fn((rows.nrows(), trees.columns), |(row, at)| all[row][at]);
    let worth = |row: ArrayView1<'_, f64>| {
        let row = row.to_slice().unwrap_or_default();
        trees.trees.iter().map(|tree| tree.value[tree.leaf(row)]).sum::<f64>()
    };
    let sums = background.rows().into_iter().map(worth);
    Shap { values, base: start + sums.sum::<f64>() * share, explains }
}

/// One tree, one row, one background row.
struct Walk<'w> {
    tree: &'w SavedTree,
    row: &'w [f64],
    other: &'w [f64],
    /// Columns on the way at which the two part, and whether the row's value was taken.
    taken: Vec<(u32, bool)>,
    values: &'w mut [f64],
}

impl Walk<'_> {
    /// Adds what the leaves below a node say.
    fn from(&mut self, node: usize) {
        if self.tree.is_leaf(node) {
            return self.leaf(self.tree.value[node]);
        }
        let column = self.tree.column[node];
        let of = |x: &[f64]| self.tree.child(node, x[column as usize]);
        let (own, others) = (of(self.row), of(self.other));
        if own == others {
            return self.from(own);
        }
        match self.taken.iter().find(|(known, _)| *known == column).map(|(_, is_own)| *is_own) {
            Some(is_own) => self.from(if is_own { own } else { others }),
            None => {
                for (is_own, next) in [(true, own), (false, others)] {
                    self.taken.push((column, is_own));
                    self.from(next);
                    self.taken.pop();
                }
            }
        }
    }

    /// A leaf that is reached with `a` columns of the row and `b` of the other: each of the first adds `(a-1)! b! / (a+b)!` of its value,
    /// each of the second takes off `a! (b-1)! / (a+b)!` of it.
    fn leaf(&mut self, value: f64) {
        let own = self.taken.iter().filter(|(_, is_own)| *is_own).count();
        let others = self.taken.len() - own;
        // 1 / ((a + b) choose a), of which a-th and b-th parts are the weights.
        let mut ways = 1.0;
        for k in 0..own {
            ways *= (others + k + 1) as f64 / (k + 1) as f64;
        }
        let whole = value / ways;
        for (column, is_own) in &self.taken {
            let change = if *is_own { whole / own as f64 } else { -whole / others as f64 };
            self.values[*column as usize] += change;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two trees over three columns, one of which is looked at twice on a way; with blanks and levels.
    fn trees() -> SavedTrees {
        let one = SavedTree {
            column: vec![0, 1, 0, 0, 0, 0, 0],
            threshold: vec![1.0, 0.5, 0.2, 0.0, 0.0, 0.0, 0.0],
            next: vec![[1, 3], [2, 4], [5, 6], [3, 3], [4, 4], [5, 5], [6, 6]],
            missing_left: vec![false, true, false, false, false, false, false],
            value: vec![0.0, 0.0, 0.0, 3.0, -1.0, 0.5, 7.0],
            ..SavedTree::default()
        };
        let two = SavedTree {
            column: vec![2, 0, 0],
            threshold: vec![0.0; 3],
            next: vec![[1, 2], [1, 1], [2, 2]],
            missing_left: vec![false; 3],
            levels: vec![Some(vec![1, 3]), None, None],
            value: vec![0.0, -2.0, 4.0],
            ..SavedTree::default()
        };
        SavedTrees { columns: 3, narrow: false, trees: vec![one, two], says: TreeSum::LogOdds(0.25) }
    }

    fn rows() -> Array2<f64> {
        ndarray::arr2(&[[0.1, 0.4, 1.0], [0.5, f64::NAN, 2.0], [2.0, 0.9, 3.0], [1.0, 0.6, f64::NAN], [0.2, 0.5, 0.0]])
    }

    /// By the definition: over all sets of columns.
    fn defined(value: &dyn Fn(&[f64]) -> f64, row: &[f64], background: &Array2<f64>, column: usize) -> f64 {
        let worth = |set: usize| {
            let of = |other: ArrayView1<'_, f64>| {
                let mixed: Vec<f64> =
                    (0..row.len()).map(|at| if set >> at & 1 == 1 { row[at] } else { other[at] }).collect();
                value(&mixed)
            };
            background.rows().into_iter().map(of).sum::<f64>() / background.nrows() as f64
        };
        let factorial = |n: usize| (1..=n).product::<usize>() as f64;
        let n = row.len();
        (0..1 << n)
            .filter(|set| set >> column & 1 == 0)
            .map(|set: usize| {
                let size = set.count_ones() as usize;
                factorial(size) * factorial(n - size - 1) / factorial(n) * (worth(set | 1 << column) - worth(set))
            })
            .sum()
    }

    #[test]
    fn trees_have_the_values_of_the_definition() {
        let trees = trees();
        let (all, background) = (rows(), rows().slice(ndarray::s![1.., ..]).to_owned());
        let shap = of_trees(&trees, all.view(), background.view());
        let value = |row: &[f64]| 0.25 + trees.trees.iter().map(|tree| tree.value[tree.leaf(row)]).sum::<f64>();
        for (row, values) in all.rows().into_iter().zip(shap.values.rows()) {
            let row = row.to_vec();
            for column in 0..3 {
                let wanted = defined(&value, &row, &background, column);
                assert!((values[column] - wanted).abs() < 1e-12, "{row:?}, {column}: {} {wanted}", values[column]);
            }
            assert!((shap.base + values.sum() - value(&row)).abs() < 1e-12);
        }
    }

    #[test]
    fn a_plane_has_the_values_of_the_definition() {
        let plane = SavedLinear {
            centre: Some(vec![0.5, -1.0]),
            coefficients: vec![2.0, -3.0],
            intercept: 0.75,
            link: crate::component::Link::Logistic,
        };
        let (rows, background) =
            (ndarray::arr2(&[[1.0, 2.0], [0.0, -4.0]]), ndarray::arr2(&[[3.0, 0.0], [1.0, 1.0], [2.0, 5.0]]));
        let shap = of_plane(&plane, rows.view(), background.view());
        let value = |row: &[f64]| 0.75 + 2.0 * (row[0] - 0.5) - 3.0 * (row[1] + 1.0);
        for (row, values) in rows.rows().into_iter().zip(shap.values.rows()) {
            let row = row.to_vec();
            (0..2).for_each(|at| assert!((values[at] - defined(&value, &row, &background, at)).abs() < 1e-12));
            assert!((shap.base + values.sum() - value(&row)).abs() < 1e-12);
        }
    }
}
