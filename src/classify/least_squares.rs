//! `linear-regression` and `quadratic-regression`: least squares on the labels 0 and 1, cut at one half.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::two_class;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, InPython, Model, N_JOBS, Prediction, ScoreKind, Takes, Train, build,
};
use crate::error::{Error, Result};
use crate::numeric::cholesky::Factor;
use crate::numeric::dense::{add_scaled, dot};
use crate::numeric::eigen::eigen;
use crate::numeric::gram::{BLOCK, gram, over_segments};
use crate::numeric::row_products;
use crate::numeric::row_space::RowSpace;
use crate::scale::polynomial::Quadratic;

/// More would need gigabytes for the matrix of their products and hours to make it, unless rows are few: then rows times
/// features may be as many as this squared.
const MOST_FEATURES: usize = 4_096;

/// A direction whose share of the variance of the features, each scaled to length 1, is below this counts as none.
const NO_VARIANCE: f64 = 1e-13;

/// scikit-learn's name and default.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    fit_intercept: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { fit_intercept: true }
    }
}

/// The features of a row: the row itself, or the row and its products.
enum Features {
    Columns(usize),
    Quadratic(Quadratic),
}

impl Features {
    fn width(&self) -> usize {
        match self {
            Features::Columns(columns) => *columns,
            Features::Quadratic(products) => products.width(),
        }
    }

    fn write(&self, row: &[f64], out: &mut [f64]) {
        match self {
            Features::Columns(_) => out.copy_from_slice(row),
            Features::Quadratic(products) => products.write(row, out),
        }
    }
}

struct LeastSquares {
    id: &'static str,
    quadratic: bool,
    params: Params,
}

struct Fitted {
    id: &'static str,
    columns: usize,
    features: Features,
    centre: Vec<f64>,
    coefficients: Vec<f64>,
    intercept: f64,
}

/// The training rows as standardised features: z = (feature - centre) * inverse.
struct Problem<'a> {
    x: ArrayView2<'a, f64>,
    y: &'a [u8],
    /// What each row weighs; none: 1.
    weight: Option<&'a [f64]>,
    features: &'a Features,
    /// Whether there is an intercept.
    is_centred: bool,
    centre: Vec<f64>,
    /// 1 / the length of a feature's deviations, or 0 where there are none.
    inverse: Vec<f64>,
    mean_label: f64,
}

impl Classifier for LeastSquares {
    fn random_states(&self) -> usize {
        0
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let sums = two_class::weighed(self.id, x.nrows(), y, train.weight)?;
        let columns = x.ncols();
        let most = if self.quadratic { columns.saturating_mul(columns + 3) / 2 } else { columns };
        if most > MOST_FEATURES && most.saturating_mul(x.nrows()) > MOST_FEATURES * MOST_FEATURES {
            return Err(Error::Component(format!(
                "{}: {columns} columns make {most} features, and more than {MOST_FEATURES} are not fitted to {} rows",
                self.id,
                x.nrows()
            )));
        }
        let features =
            if self.quadratic { Features::Quadratic(Quadratic::new(columns)) } else { Features::Columns(columns) };
        let x = x.as_standard_layout();
        let centred = self.params.fit_intercept;
        let problem = Problem::of(x.view(), (y, train.weight), &features, sums, centred);
        let mean_label = problem.mean_label;
        let standardised = problem.solve();
        let coefficients: Vec<f64> =
            standardised.iter().zip(&problem.inverse).map(|(c, inverse)| c * inverse).collect();
        let centre = problem.centre;
        if coefficients.iter().chain(&centre).any(|value| !value.is_finite()) {
            return Err(two_class::too_large(self.id, x.view(), "square"));
        }
        Ok(Box::new(Fitted { id: self.id, columns, features, centre, coefficients, intercept: mean_label }))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn decides_only(&self) -> bool {
        true
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl<'a> Problem<'a> {
    /// `sums` is what the rows of each class weigh together.
    fn of(
        x: ArrayView2<'a, f64>,
        (y, weight): (&'a [u8], Option<&'a [f64]>),
        features: &'a Features,
        sums: [f64; 2],
        centred: bool,
    ) -> Self {
        let (width, all) = (features.width(), sums[0] + sums[1]);
        let mean_label = if centred { sums[1] / all } else { 0.0 };
        let (centre, inverse) = (vec![0.0; width], vec![1.0; width]);
        let mut problem = Problem { x, y, weight, features, is_centred: centred, centre, inverse, mean_label };
        let rows = y.len() as f64;
        if centred {
            problem.centre = problem.sum(|row, z, sum| add_scaled(sum, problem.weight(row) / all, z));
        }
        let squares = problem.sum(|row, z, sum| {
            let weight = problem.weight(row);
            sum.iter_mut().zip(z).for_each(|(sum, z)| *sum += weight * (z * z));
        });
        problem.inverse = squares
            .iter()
            .zip(&problem.centre)
            .map(|(square, centre)| {
                // What rounding of the mean leaves of a constant feature.
                let noise = all * (rows * f64::EPSILON * centre).powi(2);
                if *square > noise.max(f64::MIN_POSITIVE) { 1.0 / square.sqrt() } else { 0.0 }
            })
            .collect();
        problem
    }

    fn standardise(&self, row: usize, z: &mut [f64]) {
        // `fit` made the layout standard, in which rows are contiguous.
        self.features.write(self.x.row(row).to_slice().unwrap_or_default(), z);
        for ((z, centre), inverse) in z.iter_mut().zip(&self.centre).zip(&self.inverse) {
            *z = (*z - centre) * inverse;
        }
    }

    /// Adds up what `add` makes of every standardised row.
    fn sum(&self, add: impl Fn(usize, &[f64], &mut [f64]) + Sync) -> Vec<f64> {
        let width = self.features.width();
        let parts = over_segments(self.y.len(), |rows| {
            let (mut z, mut sum) = (vec![0.0; width], vec![0.0; width]);
            for row in rows {
                self.standardise(row, &mut z);
                add(row, &z, &mut sum);
            }
            sum
        });
        let mut total = vec![0.0; width];
        parts.iter().for_each(|part| add_scaled(&mut total, 1.0, part));
        total
    }

    fn label(&self, row: usize) -> f64 {
        f64::from(self.y[row]) - self.mean_label
    }

    fn weight(&self, row: usize) -> f64 {
        self.weight.map_or(1.0, |weight| weight[row])
    }

    /// The coefficients of the standardised features, by the normal equations, and once more for what these left over:
    /// as exact as an orthogonal factorisation unless features are nearly collinear.
    fn solve(&self) -> Vec<f64> {
        let (rows, width) = (self.y.len(), self.features.width());
        if rows < width {
            return self.solve_by_rows();
        }
        let products = gram(rows, width, |row, z| {
            self.standardise(row, z);
            let root = self.weight(row).sqrt();
            z.iter_mut().for_each(|z| *z *= root);
        });
        let inverse = Inverse::of(products);
        let right = self.sum(|row, z, sum| add_scaled(sum, self.weight(row) * self.label(row), z));
        let mut solution = inverse.apply(&right);
        let left = self.sum(|row, z, sum| {
            add_scaled(sum, self.weight(row) * (self.label(row) - dot(z, &solution)), z);
        });
        add_scaled(&mut solution, 1.0, &inverse.apply(&left));
        solution
    }

    /// The same where rows are fewer than features: the shortest solution is made of the rows.
    fn solve_by_rows(&self) -> Vec<f64> {
        let rows = self.y.len();
        let roots: Vec<f64> = (0..rows).map(|row| self.weight(row).sqrt()).collect();
        let z = row_products::filled((rows, self.features.width()), |row, z| {
            self.standardise(row, z);
            z.iter_mut().for_each(|z| *z *= roots[row]);
        });
        let targets: Vec<f64> = (0..rows).map(|row| roots[row] * self.label(row)).collect();
        let none = self.is_centred.then_some(&roots[..]);
        if let Some(solved) = row_products::least_squares(z.view(), &targets, 0.0, none) {
            return solved;
        }
        let space = RowSpace::of(z);
        // A factorisation scales columns first, and would take one that is rounding alone for a column like others.
        let inverse = Inverse::directions(space.gram());
        let mut solution = vec![0.0; rows];
        for _ in 0..2 {
            let left = (0..rows).map(|row| targets[row] - dot(space.row(row), &solution));
            let right = left.enumerate().fold(vec![0.0; rows], |mut right, (row, left)| {
                add_scaled(&mut right, left, space.row(row));
                right
            });
            add_scaled(&mut solution, 1.0, &inverse.apply(&right));
        }
        space.columns(&solution)
    }
}

/// The (pseudo-)inverse of a matrix of products.
enum Inverse {
    Factor(Factor),
    /// The eigenvalues that are not none, each with its vector.
    Directions(Vec<(f64, Vec<f64>)>),
}

impl Inverse {
    fn of(products: Array2<f64>) -> Self {
        if let Some(factor) = Factor::of(products.as_slice().unwrap_or_default(), products.nrows(), 0.0) {
            return Inverse::Factor(factor);
        }
        Inverse::directions(products)
    }

    fn directions(products: Array2<f64>) -> Self {
        let mut pairs = eigen(products);
        let least = pairs.first().map_or(0.0, |(value, _)| value * NO_VARIANCE * pairs.len() as f64);
        pairs.retain(|(value, _)| *value > least);
        Inverse::Directions(pairs)
    }

    fn apply(&self, b: &[f64]) -> Vec<f64> {
        match self {
            Inverse::Factor(factor) => factor.solve(b).unwrap_or_else(|| vec![f64::NAN; b.len()]),
            Inverse::Directions(pairs) => {
                let mut solution = vec![0.0; b.len()];
                for (value, vector) in pairs {
                    add_scaled(&mut solution, dot(vector, b) / value, vector);
                }
                solution
            }
        }
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(self.id, self.columns, x.ncols())?;
        let x = x.as_standard_layout();
        let view = x.view();
        let score: Vec<f64> = (0..view.nrows())
            .into_par_iter()
            .with_min_len(BLOCK)
            .map_init(
                || vec![0.0; self.centre.len()],
                |z, row| {
                    // A standard layout's rows are contiguous.
                    self.features.write(view.row(row).to_slice().unwrap_or_default(), z);
                    z.iter_mut().zip(&self.centre).for_each(|(z, centre)| *z -= centre);
                    self.intercept + dot(z, &self.coefficients)
                },
            )
            .collect();
        let label = score.iter().map(|&score| u8::from(score > 0.5)).collect();
        two_class::finite(self.id, view, Prediction { score, label, kind: ScoreKind::Decision })
    }
}

/// `LinearRegression` on the labels: <https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.LinearRegression.html>;
/// the score is the fitted value, the label is 1 above one half.
pub const LINEAR: Entry<dyn Classifier> =
    Entry::new("linear-regression", "least squares on the labels 0 and 1, cut at one half", |table| {
        build::<Params, _>("linear-regression", table, |params| make("linear-regression", false, params))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.LinearRegression.html")
    .in_python(InPython::new().regressor())
    .cost(Cost::seconds(0.07))
    .also(ALSO)
    .look(34);

/// The same on the columns and all their products of degree 2 (`PolynomialFeatures(2, include_bias=False)` before it), made row by
/// row.
pub const QUADRATIC: Entry<dyn Classifier> = Entry::new(
    "quadratic-regression",
    "least squares on the labels, on the columns and all their products of degree 2",
    |table| build::<Params, _>("quadratic-regression", table, |params| make("quadratic-regression", true, params)),
)
.notes(&["there is no column of ones among the products, so that `fit_intercept = false` leaves the intercept out: \
          `PolynomialFeatures(2, include_bias=False)` before `LinearRegression`"])
.cost(Cost::seconds(2.3))
.also(ALSO)
.look(35);

const ALSO: &[Also] = &[
    N_JOBS,
    Also::harmless("copy_X", "the training rows are never overwritten").takes(Takes::TRUTHS),
    Also::harmless("tol", "no direction is left out for its size, which scikit-learn does: METHODOLOGY, Least squares")
        .takes(Takes::POSITIVES),
    Also::only(
        "positive",
        "false",
        "coefficients of one sign are not fitted: write `python = \"sklearn.linear_model:LinearRegression\"`",
    ),
];

fn make(id: &'static str, quadratic: bool, params: Params) -> Result<Box<dyn Classifier>> {
    Ok(Box::new(LeastSquares { id, quadratic, params }))
}

#[cfg(test)]
mod tests {
    use crate::component::Registry;
    use ndarray::Array2;

    use super::*;

    #[test]
    fn columns_that_repeat_others_change_nothing() {
        let y: Vec<u8> = (0..40).map(|i| u8::from(i % 5 == 2)).collect();
        let value = |i: usize, j: usize| ((i * (j + 3) * 7) % 13) as f64 + if y[i] == 1 { 2.0 } else { 0.0 };
        let plain = Array2::from_shape_fn((40, 3), |(i, j)| value(i, j));
        // The fourth column is the sum of two others, the fifth is constant.
        let more = Array2::from_shape_fn((40, 5), |(i, j)| match j {
            3 => value(i, 0) + value(i, 1),
            4 => 0.1,
            _ => value(i, j),
        });
        let scores = |x: &Array2<f64>| {
            let built = LINEAR.build(&toml::Table::new(), &Registry::empty()).unwrap();
            built
                .component
                .fit(&Train::numbers(x.view(), &y), &Context { seed: 0 })
                .unwrap()
                .predict(x.view())
                .unwrap()
                .score
        };
        for (a, b) in scores(&plain).iter().zip(scores(&more)) {
            assert!((a - b).abs() < 1e-12, "{a} and {b}");
        }
    }

    #[test]
    fn too_many_features_are_one_sentence() {
        let x = Array2::<f64>::zeros((4_000, 100));
        let y: Vec<u8> = (0..4_000).map(|row| u8::from(row == 7)).collect();
        let built = QUADRATIC.build(&toml::Table::new(), &Registry::empty()).unwrap();
        let said = built.component.fit(&Train::numbers(x.view(), &y), &Context { seed: 0 }).err().unwrap().to_string();
        assert_eq!(
            said,
            "quadratic-regression: 100 columns make 5150 features, and more than 4096 are not fitted to 4000 rows"
        );
    }

    #[test]
    fn products_have_no_column_of_ones() {
        // a + b = 0 and 2 a + 4 b = 1 for the score a x + b x^2, with which 0 has 0 and 3 has 3 * -1/2 + 9 * 1/2.
        let x = Array2::from_shape_vec((2, 1), vec![1.0, 2.0]).unwrap();
        let built = QUADRATIC.build(&"fit_intercept = false".parse().unwrap(), &Registry::empty()).unwrap();
        let model = built.component.fit(&Train::numbers(x.view(), &[0, 1]), &Context { seed: 0 }).unwrap();
        let asked = Array2::from_shape_vec((2, 1), vec![0.0, 3.0]).unwrap();
        let score = model.predict(asked.view()).unwrap().score;
        assert!(score[0].abs() < 1e-12 && (score[1] - 3.0).abs() < 1e-12, "{score:?}");
        assert!(QUADRATIC.notes.concat().contains("`fit_intercept = false`"));
    }
}
