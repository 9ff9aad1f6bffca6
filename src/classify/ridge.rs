//! `ridge`: least squares on the labels -1 and 1, with an L2 penalty.

use ndarray::{Array2, ArrayView2, aview1, s};
use serde::{Deserialize, Serialize};

use super::class_weight::{ClassWeight, RowWeight};
use super::two_class;
use crate::component::NOTHING_DRAWN;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Link, Model, Prediction, SavedLinear, SavedModel, ScoreKind, Takes, Train,
    build,
};
use crate::error::{Error, Result};
use crate::numeric::cholesky::{self, Factor};
use crate::numeric::dense::{add_scaled, centred_dot};
use crate::numeric::eigen::eigen;
use crate::numeric::gram::{gram, map_rows, over_segments};
use crate::numeric::row_products;
use crate::numeric::row_space::RowSpace;

const ID: &str = "ridge";

/// Those of scikit-learn without the one that coefficients of one sign need.
const SOLVERS: &[&str] = &["auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga"];

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// The weight of the penalty: the sum of squared coefficients.
    alpha: f64,
    /// Whether there is an (unpenalised) intercept.
    fit_intercept: bool,
    /// `"balanced"`, a table, or null for equal weights.
    class_weight: Option<ClassWeight>,
}

impl Default for Params {
    fn default() -> Self {
        Params { alpha: 1.0, fit_intercept: true, class_weight: None }
    }
}

struct Ridge(Params);

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    ClassWeight::refuse_subsample(params.class_weight)?;
    match params.alpha >= 0.0 && params.alpha.is_finite() {
        true => Ok(Box::new(Ridge(params))),
        false => Err(Error::Study(format!("`alpha` must be 0 or more, not {}", params.alpha))),
    }
}

struct Fitted {
    centre: Vec<f64>,
    coefficients: Vec<f64>,
    intercept: f64,
}

impl Classifier for Ridge {
    fn random_states(&self) -> usize {
        1
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let counts = two_class::counts(ID, x.nrows(), y)?;
        let x = x.as_standard_layout();
        two_class::weighed(ID, x.nrows(), y, train.weight)?;
        let weights = RowWeight { classes: ClassWeight::of(self.0.class_weight, counts), own: train.weight };
        let problem = Problem::of(x.view(), y, weights, self.0.fit_intercept);
        let coefficients = problem.solve(self.0.alpha);
        if coefficients.iter().chain(&problem.centre).any(|value| !value.is_finite()) {
            return Err(two_class::too_large(ID, x.view(), "square"));
        }
        Ok(Box::new(Fitted { centre: problem.centre, coefficients, intercept: problem.mean_label }))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn decides_only(&self) -> bool {
        true
    }
}

struct Problem<'a> {
    x: ArrayView2<'a, f64>,
    y: &'a [u8],
    weights: RowWeight<'a>,
    /// Whether there is an intercept.
    is_centred: bool,
    /// The weighted means of columns and labels; zeros without an intercept.
    centre: Vec<f64>,
    mean_label: f64,
}

impl<'a> Problem<'a> {
    fn of(x: ArrayView2<'a, f64>, y: &'a [u8], weights: RowWeight<'a>, fit_intercept: bool) -> Self {
        let (is_centred, centre) = (fit_intercept, vec![0.0; x.ncols()]);
        let mut problem = Problem { x, y, weights, is_centred, centre, mean_label: 0.0 };
        if fit_intercept {
            let all: f64 = y.iter().zip(0..).map(|(&label, row)| weights.of(row, label)).sum();
            let sums: f64 = y.iter().zip(0..).map(|(&label, row)| weights.of(row, label) * target(label)).sum();
            problem.mean_label = sums / all;
            // The second pass takes back what the first one's rounding left.
            for _ in 0..2 {
                let off = problem.sum(|weight, _| weight / all);
                problem.centre.iter_mut().zip(&off).for_each(|(centre, off)| *centre += off);
            }
        }
        problem
    }

    fn row(&self, row: usize) -> &[f64] {
        // A standard layout's rows are contiguous.
        self.x.row(row).to_slice().unwrap_or_default()
    }

    /// The sum of the centred rows, each times what `factor` says of its weight and target.
    fn sum(&self, factor: impl Fn(f64, f64) -> f64 + Sync) -> Vec<f64> {
        let parts = over_segments(self.y.len(), |rows| {
            let (mut sum, mut centred) = (vec![0.0; self.centre.len()], vec![0.0; self.centre.len()]);
            for row in rows {
                for ((to, value), centre) in centred.iter_mut().zip(self.row(row)).zip(&self.centre) {
                    *to = value - centre;
                }
                let label = self.y[row];
                add_scaled(&mut sum, factor(self.weights.of(row, label), target(label)), &centred);
            }
            sum
        });
        parts.iter().fold(vec![0.0; self.centre.len()], |mut all, part| {
            add_scaled(&mut all, 1.0, part);
            all
        })
    }

    fn solve(&self, alpha: f64) -> Vec<f64> {
        let (rows, width) = (self.y.len(), self.centre.len());
        let weighed = |row: usize, z: &mut [f64]| {
            let root = self.weights.of(row, self.y[row]).sqrt();
            for ((z, value), centre) in z.iter_mut().zip(self.row(row)).zip(&self.centre) {
                *z = (value - centre) * root;
            }
        };
        let right = self.sum(|weight, target| weight * (target - self.mean_label));
        if rows < width {
            // Other directions than those of the rows would only cost their penalty.
            if let Some(solved) = self.by_products(alpha, weighed) {
                return solved;
            }
            let space = RowSpace::made(rows, width, weighed);
            let squares = space.gram();
            let right = space.coordinates(&right);
            // A factorisation scales columns first, and would take one that is rounding alone for a column like others.
            let rounding = squares.diag().sum() * f64::EPSILON;
            let solved = if alpha > rounding { penalised(squares, &right, alpha) } else { shortest(squares, &right) };
            return space.columns(&solved);
        }
        let squares = gram(rows, width, weighed);
        let well = by_squares(&squares, &right, alpha).or_else(|| self.by_rows(alpha, weighed));
        well.unwrap_or_else(|| penalised(squares, &right, alpha))
    }

    /// The solution where rows are fewer than columns, by the rows' products; none where these leave too few digits.
    fn by_products(&self, alpha: f64, weighed: impl Fn(usize, &mut [f64])) -> Option<Vec<f64>> {
        let z = row_products::filled((self.y.len(), self.centre.len()), weighed);
        let roots: Vec<f64> = self.y.iter().zip(0..).map(|(&label, row)| self.weights.of(row, label).sqrt()).collect();
        let targets: Vec<f64> =
            self.y.iter().zip(&roots).map(|(&label, root)| root * (target(label) - self.mean_label)).collect();
        row_products::least_squares(z.view(), &targets, alpha, self.is_centred.then_some(&roots[..]))
    }

    /// The solution by reflections of the rows themselves (Golub and Van Loan, "Matrix Computations", 5.3): their squares would have
    /// lost what little tells far columns apart. None where a column repeats earlier ones and nothing is penalised.
    fn by_rows(&self, alpha: f64, weighed: impl Fn(usize, &mut [f64])) -> Option<Vec<f64>> {
        let width = self.centre.len();
        // Row k holds what is left of column k in as many coordinates, the targets' last; the penalty is a row per column.
        let mut columns = Array2::zeros((width + 1, width + 1));
        columns.diag_mut().slice_mut(s![..width]).fill(alpha.sqrt());
        let together = (MORE_ROWS * width).max(FEWEST_ROWS);
        let mut row = vec![0.0; width + 1];
        for start in (0..self.y.len()).step_by(together) {
            let end = (start + together).min(self.y.len());
            let mut longer = Array2::zeros((width + 1, width + 1 + end - start));
            longer.slice_mut(s![.., ..=width]).assign(&columns);
            for at in start..end {
                weighed(at, &mut row[..width]);
                let label = self.y[at];
                row[width] = self.weights.of(at, label).sqrt() * (target(label) - self.mean_label);
                longer.column_mut(width + 1 + at - start).assign(&aview1(&row));
            }
            columns = RowSpace::of(longer).rows;
        }
        let mut solution = vec![0.0; width];
        for at in (0..width).rev() {
            // What is left of a column beside the earlier ones, against all of it: whatever its unit.
            let whole = columns.row(at).iter().fold(0.0, |so_far, value| f64::hypot(so_far, *value));
            let own: f64 = columns[(at, at)];
            if own.abs() <= whole * width as f64 * f64::EPSILON {
                return None;
            }
            let rest: f64 = (at + 1..width).map(|other| columns[(other, at)] * solution[other]).sum();
            solution[at] = (columns[(width, at)] - rest) / own;
        }
        solution.iter().all(|value| value.is_finite()).then_some(solution)
    }
}

/// Rows per column that are reflected together, and the fewest: each time the columns' own coordinates are reflected once more.
const MORE_ROWS: usize = 3;
const FEWEST_ROWS: usize = 512;

/// A pivot below this share of its diagonal leaves fewer than half of the digits of what is solved by it.
const LEAST_PIVOT: f64 = 1e-8;

/// `(squares + alpha I) s = right`; none where the rounding of the squares would be seen in it.
fn by_squares(squares: &Array2<f64>, right: &[f64], alpha: f64) -> Option<Vec<f64>> {
    let width = right.len();
    let mut squares = squares.clone();
    squares.diag_mut().iter_mut().for_each(|own| *own += alpha);
    let factor = Factor::of(squares.as_slice().unwrap_or_default(), width, 0.0)?;
    let is_well = (0..width).all(|at| factor.lower[at * width + at].powi(2) > LEAST_PIVOT);
    if is_well { factor.solve(right) } else { None }
}

/// `(squares + alpha I) s = right`.
fn penalised(mut squares: Array2<f64>, right: &[f64], alpha: f64) -> Vec<f64> {
    for at in 0..right.len() {
        squares[(at, at)] += alpha;
    }
    let flat = squares.as_slice().unwrap_or_default();
    cholesky::solve(flat, right, 0.0).unwrap_or_else(|| shortest(squares, right))
}

/// The shortest of the solutions, where columns repeat each other and nothing is penalised.
fn shortest(squares: Array2<f64>, right: &[f64]) -> Vec<f64> {
    if squares.iter().any(|value| !value.is_finite()) {
        return vec![f64::NAN; right.len()];
    }
    let pairs = eigen(squares);
    let largest = pairs.first().map_or(0.0, |(value, _)| value.max(0.0));
    let mut solution = vec![0.0; right.len()];
    for (value, direction) in pairs {
        if value > largest * right.len() as f64 * f64::EPSILON {
            let along: f64 = direction.iter().zip(right).map(|(d, r)| d * r).sum();
            add_scaled(&mut solution, along / value, &direction);
        }
    }
    solution
}

/// Labels as numbers: -1 and 1.
fn target(label: u8) -> f64 {
    if label == 1 { 1.0 } else { -1.0 }
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        Some(SavedModel::Linear(SavedLinear {
            centre: Some(self.centre.clone()),
            coefficients: self.coefficients.clone(),
            intercept: self.intercept,
            link: Link::Identity,
        }))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.coefficients.len(), x.ncols())?;
        let score = map_rows(x, |row| self.intercept + centred_dot(Some(row), &self.centre, &self.coefficients));
        let label = score.iter().map(|&decision| u8::from(decision > 0.0)).collect();
        two_class::finite(ID, x, Prediction { score, label, kind: ScoreKind::Decision })
    }
}

/// `RidgeClassifier`: <https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.RidgeClassifier.html>, at the exact
/// optimum; the score is `decision_function`.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "least squares on the labels -1 and 1, with an L2 penalty", |table| {
        build::<Params, _>(ID, table, checked)
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.RidgeClassifier.html")
    .cost(Cost::seconds(0.1))
    .also(&[
        NOTHING_DRAWN,
        Also::harmless("solver", "every solver has the same optimum, and it is found without iterations")
            .takes(&[Takes::Texts(SOLVERS)]),
        Also::harmless("max_iter", "the optimum is found without iterations")
            .takes(&[Takes::Whole(1, i64::MAX), Takes::Nothing]),
        Also::harmless("tol", "the optimum is found without iterations").takes(Takes::POSITIVES),
        Also::harmless("copy_X", "the rows are never written to").takes(Takes::TRUTHS),
        Also::only("positive", "false", "there is no such constraint: leave it out"),
    ])
    .space("alpha = { low = 0.001, high = 1000.0, log = true }")
    .look(20);

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::*;
    use crate::component::Registry;
    use crate::numeric::dense::worst;

    /// Exact solutions of the same equations in fractions (Python's `fractions`).
    #[test]
    fn columns_far_from_0_are_solved_without_an_intercept() {
        for (far, expected) in [(1e8, FAR), (1.7e9, FARTHER)] {
            let x = arr2(&ROWS).mapv(f64::from) + &arr2(&[[far, far, 0.0]]);
            let built = ENTRY.build(&"fit_intercept = false".parse().unwrap(), &Registry::empty()).unwrap();
            let model = built.component.fit(&Train::numbers(x.view(), &LABELS), &Context { seed: 0 }).unwrap();
            let score = model.predict(x.view()).unwrap().score;
            let off = worst(score.iter().zip(expected).map(|(score, expected)| score - expected));
            assert!(off < 1e-6, "{far}: {score:?}");
        }
    }

    /// A far column with a spread of its own makes no ordinary one beside it a repetition.
    #[test]
    fn a_columns_unit_does_not_decide_whether_it_counts() {
        let x = arr2(&ROWS).mapv(f64::from) * &arr2(&[[1e9, 1e9, 0.25]]) + &arr2(&[[1.7e15, 1.7e15, 0.0]]);
        let built = ENTRY.build(&"fit_intercept = false".parse().unwrap(), &Registry::empty()).unwrap();
        let model = built.component.fit(&Train::numbers(x.view(), &LABELS), &Context { seed: 0 }).unwrap();
        let score = model.predict(x.view()).unwrap().score;
        let off = worst(score.iter().zip(SPREAD).map(|(score, expected)| score - expected));
        assert!(off < 1e-6, "{score:?}");
    }

    /// More rows than two times those that are reflected together. The penalty alone shares the coefficients out: they have no part along the
    /// combination of columns that is always 0, and the scores stay those without the third column.
    #[test]
    fn a_sum_of_two_columns_in_a_large_unit_shares_their_coefficients() {
        let rows = 2 * FEWEST_ROWS + 7;
        let value = |i: usize, j: usize| 64.0 * ((i * (7 + 12 * j) + i * i % 31) % 101) as f64;
        let two = Array2::from_shape_fn((rows, 2), |(i, j)| value(i, j));
        let three =
            Array2::from_shape_fn((rows, 3), |(i, j)| if j < 2 { value(i, j) } else { value(i, 0) + value(i, 1) });
        let y: Vec<u8> = (0..rows).map(|i| u8::from((i * 5 + i * i % 13) % 10 == 0)).collect();
        let weights = || RowWeight { classes: [1.0; 2], own: None };
        let problem = Problem::of(three.view(), &y, weights(), true);
        let plain = Problem::of(two.view(), &y, weights(), true);
        let (found, of_two) = (problem.solve(1.0), plain.solve(0.0));
        let size = worst(&found);
        assert!((found[0] + found[1] - found[2]).abs() < 1e-4 * size, "{found:?}");
        for (alone, shared) in of_two.iter().zip([found[0] + found[2], found[1] + found[2]]) {
            assert!((alone - shared).abs() < 1e-9 * size, "{of_two:?} and {found:?}");
        }
    }

    const ROWS: [[i32; 3]; 8] =
        [[1, 0, 2], [0, 3, 1], [4, 1, 0], [2, 2, 5], [7, 1, 3], [3, 6, 1], [0, 1, 4], [5, 5, 2]];
    const LABELS: [u8; 8] = [0, 0, 1, 0, 1, 0, 0, 1];
    const FAR: [f64; 8] =
        [-0.041515062, -0.829088522, 0.877973709, -0.921821074, 0.995521974, -0.829088518, -0.961003830, -0.290978625];
    const FARTHER: [f64; 8] =
        [-0.041515066, -0.829088534, 0.877973693, -0.921821066, 0.995521971, -0.829088533, -0.961003825, -0.290978635];
    const SPREAD: [f64; 8] =
        [-0.061585633, -0.950929707, 0.687417799, -0.679552654, 1.080527411, -0.950929833, -0.810589150, -0.314354979];
}
