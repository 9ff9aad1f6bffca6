//! `lda`: a Gaussian a class with one covariance for both, which makes the boundary a plane.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::class_moments::{ClassMoments, Priors, check_priors, of_log_odds};
use super::shrinkage::{Shrinkage, check_shrinkage, covariance_of};
use super::two_class;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Idle, Link, Model, Prediction, SavedLinear, SavedModel, Takes, Train, build,
};
use crate::error::{Error, Result};
use crate::numeric::cholesky;
use crate::numeric::dense::{centred_dot, dot};
use crate::numeric::eigen::eigen;
use crate::numeric::gram::{gram, map_rows};
use crate::numeric::row_space::RowSpace;

const ID: &str = "lda";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Solver {
    /// Whitens the columns, divided by their standard deviation inside the classes; leaves out directions below `tol`.
    Svd,
    /// Solves with the covariance itself; knows shrinkage.
    Lsqr,
    /// The same, which here needs a covariance that can be inverted.
    Eigen,
}

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    solver: Solver,
    shrinkage: Option<Shrinkage>,
    /// Probabilities of the negative and the positive class; without them, their shares of the training rows.
    priors: Priors,
    /// Singular values (of the whitened columns, divided by the root of the number of rows) up to this count as 0.
    tol: f64,
}

impl Default for Params {
    fn default() -> Self {
        Params { solver: Solver::Svd, shrinkage: None, priors: None, tol: 1e-4 }
    }
}

struct Lda(Params);

struct Fitted {
    /// Log odds: `(x - centre) . coefficients + intercept`.
    centre: Vec<f64>,
    coefficients: Vec<f64>,
    intercept: f64,
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    check_priors("priors", params.priors)?;
    match params.shrinkage {
        Some(_) if params.solver == Solver::Svd => {
            return Err(Error::Component("`shrinkage` needs `solver = \"lsqr\"` or `\"eigen\"`".into()));
        }
        shrinkage => check_shrinkage(shrinkage)?,
    }
    if !(params.tol >= 0.0 && params.tol.is_finite()) {
        return Err(Error::Component(format!("`tol` must be 0 or more, not {}", params.tol)));
    }
    // scikit-learn asks it of the directions between the classes, too: each against the largest of them.
    if params.solver == Solver::Svd && params.tol >= 1.0 {
        return Err(Error::Component(format!(
            "a `tol` of {} leaves no direction between the classes: write one below 1",
            params.tol
        )));
    }
    Ok(Box::new(Lda(params)))
}

impl Classifier for Lda {
    fn random_states(&self) -> usize {
        0
    }

    fn weights(&self) -> Result<(), String> {
        Err("scikit-learn's class takes no weights of rows".into())
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let x = x.as_standard_layout();
        let x = x.view();
        let moments = ClassMoments::of(ID, x, y)?;
        if x.nrows() == 2 {
            return Err(Error::Component(format!("{ID} needs more rows than classes, but there are two rows")));
        }
        let priors = moments.priors(self.0.priors);
        let apart: Vec<f64> = moments.means[1].iter().zip(&moments.means[0]).map(|(a, b)| a - b).collect();
        let coefficients = match self.0.solver {
            Solver::Svd => whitened(x, y, &moments, &apart, self.0.tol),
            Solver::Lsqr | Solver::Eigen => self.solved((x, y), &moments, &apart, priors)?,
        };
        // The odds are even, priors aside, halfway between the means; that is also what scikit-learn's intercepts say.
        let centre: Vec<f64> = moments.means[0].iter().zip(&moments.means[1]).map(|(a, b)| a + (b - a) * 0.5).collect();
        let intercept = (priors[1] / priors[0]).ln();
        if !coefficients.iter().all(|c| c.is_finite()) {
            return Err(Error::Component(format!("{ID}: the coefficients are not finite")));
        }
        Ok(Box::new(Fitted { centre, coefficients, intercept }))
    }
}

/// `_solve_svd`: the pseudo-inverse of the covariance inside the classes, times the distance of the means. The squares
/// of the singular values are the eigenvalues of the matrix of correlations.
fn whitened(x: ArrayView2<'_, f64>, y: &[u8], moments: &ClassMoments, apart: &[f64], tol: f64) -> Vec<f64> {
    let (rows, columns) = x.dim();
    let inverse: Vec<f64> = (0..columns)
        .map(|j| match moments.constant[j] {
            true => 0.0,
            false => {
                let spread = ((moments.squares[0][j] + moments.squares[1][j]) / rows as f64).sqrt();
                if spread > 0.0 { 1.0 / spread } else { 1.0 }
            }
        })
        .collect();
    let standard = |row: usize, z: &mut [f64]| {
        let means = &moments.means[usize::from(y[row])];
        for (((z, x), mean), inverse) in z.iter_mut().zip(x.row(row)).zip(means).zip(&inverse) {
            *z = (x - mean) * inverse;
        }
    };
    let apart: Vec<f64> = apart.iter().zip(&inverse).map(|(apart, inverse)| apart * inverse).collect();
    let solved = if rows < columns {
        // The shortest solution is made of the rows.
        let space = RowSpace::made(rows, columns, standard);
        let products = space.gram() / rows as f64;
        space.columns(&pseudo_solve(&eigen(products), &space.coordinates(&apart), tol * tol))
    } else {
        pseudo_solve(&eigen(gram(rows, columns, standard) / rows as f64), &apart, tol * tol)
    };
    solved.iter().zip(&inverse).map(|(solved, inverse)| solved * inverse).collect()
}

/// The solution of `matrix s = b` of least length, from the matrix's eigenvalues, of which those up to `least` count as 0.
fn pseudo_solve(pairs: &[(f64, Vec<f64>)], b: &[f64], least: f64) -> Vec<f64> {
    let mut solution = vec![0.0; b.len()];
    for (value, vector) in pairs.iter().take_while(|(value, _)| *value > least) {
        let share = dot(vector, b) / value;
        solution.iter_mut().zip(vector).for_each(|(s, v)| *s += share * v);
    }
    solution
}

impl Lda {
    /// `_solve_lstsq`: the mean of the classes' (shrunk) covariances, weighed by the priors, and LAPACK's `gelsd` on it.
    /// `_solve_eigen`: its inverse.
    fn solved(
        &self,
        (x, y): (ArrayView2<'_, f64>, &[u8]),
        moments: &ClassMoments,
        apart: &[f64],
        priors: [f64; 2],
    ) -> Result<Vec<f64>> {
        let columns = x.ncols();
        let mut covariance = Array2::zeros((columns, columns));
        for (class, prior) in priors.into_iter().enumerate() {
            covariance += &(prior * covariance_of((x, y), moments, class, self.0.shrinkage));
        }
        if self.0.solver == Solver::Eigen {
            // The factor scales columns to one size first: a small unit is no lack of rank.
            let flat = covariance.as_slice().unwrap_or_default();
            return cholesky::solve(flat, apart, 0.0).ok_or_else(|| {
                Error::Component(format!(
                    "{ID}: the covariance is not of full rank, which `solver = \"eigen\"` needs: write `\"svd\"`, or \
                     `shrinkage`"
                ))
            });
        }
        let pairs = eigen(covariance);
        let least = pairs.first().map_or(0.0, |(largest, _)| largest * f64::EPSILON);
        Ok(pseudo_solve(&pairs, apart, least))
    }
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        Some(SavedModel::Linear(SavedLinear {
            centre: Some(self.centre.clone()),
            coefficients: self.coefficients.clone(),
            intercept: self.intercept,
            link: Link::Logistic,
        }))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.centre.len(), x.ncols())?;
        let odds = |row: &[f64]| centred_dot(Some(row), &self.centre, &self.coefficients) + self.intercept;
        two_class::finite(ID, x, of_log_odds(&map_rows(x, odds)))
    }
}

/// `LinearDiscriminantAnalysis`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.discriminant_analysis.LinearDiscriminantAnalysis.html>; the
/// score is `predict_proba[:, 1]`.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "linear discriminant analysis: a Gaussian a class, one covariance for both", |table| {
        build::<Params, _>(ID, table, checked)
    })
    // 2: what column is constant is told by `StandardScaler`'s rule under `shrinkage = "auto"`.
    .version(2)
    .source(
        "https://scikit-learn.org/1.9/modules/generated/sklearn.discriminant_analysis.LinearDiscriminantAnalysis.html",
    )
    .cost(Cost::seconds(0.07))
    .idle(&[Idle::new(&["tol"], "`solver = \"svd\"`", "solver", |solver| solver == "svd")])
    .notes(&["`solver = \"lsqr\"` without full rank takes the shortest solution, by its own bound for what counts as 0: where rows are \
              fewer than columns, scikit-learn's scores may be far from it"])
    .also(&[
        Also::harmless("n_components", "it is for the transformation, not for the classes")
            .takes(&[Takes::Whole(1, 1), Takes::Nothing]),
        Also::harmless("store_covariance", "the fitted covariance is shown nowhere").takes(Takes::TRUTHS),
        Also::only(
            "covariance_estimator",
            "null",
            "it is an object of Python: write `shrinkage`, or `python = \"module:Class\"`",
        ),
    ])
    .look(15);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    #[test]
    fn eigen_takes_columns_of_any_units_and_refuses_those_that_repeat_others() {
        let y: Vec<u8> = (0..40).map(|i| u8::from(i % 4 == 0)).collect();
        let value = |i: usize, j: usize| ((i * (7 + 4 * j) + i * i) % 23) as f64 + f64::from(y[i]);
        let said = |units: [f64; 2], twice: f64| {
            let x = Array2::from_shape_fn((40, 3), |(i, j)| {
                if j < 2 { value(i, j) * units[j] } else { value(i, 2) + twice * value(i, 0) }
            });
            let x = if twice == 0.0 { x } else { Array2::from_shape_fn((40, 2), |(i, j)| value(i, 0) * units[j]) };
            let lda = Lda(Params { solver: Solver::Eigen, ..Params::default() });
            let fitted = lda.fit(&Train::numbers(x.view(), &y), &Context { seed: 0 });
            fitted.and_then(|model| model.predict(x.view())).map(|said| said.score).map_err(|e| e.to_string())
        };
        let plain = said([1.0, 1.0], 0.0).unwrap();
        let scaled = said([1e9, 1e-7], 0.0).unwrap();
        let off = crate::numeric::dense::worst(plain.iter().zip(&scaled).map(|(a, b)| a - b));
        assert!(off < 1e-12, "{off:e}");
        assert!(said([1.0, 2.0], 1.0).unwrap_err().contains("not of full rank"));
    }

    #[test]
    fn parameters_that_do_not_go_together_are_refused() {
        let said = |table: &str| ENTRY.build(&table.parse().unwrap(), &Registry::empty()).err().map(|e| e.to_string());
        assert_eq!(said("shrinkage = 0.5").unwrap(), "`lda`: `shrinkage` needs `solver = \"lsqr\"` or `\"eigen\"`");
        assert_eq!(said("solver = 'lsqr'\nshrinkage = 1.5").unwrap(), "`lda`: `shrinkage` must lie in [0, 1], not 1.5");
        assert_eq!(said("solver = 'lsqr'\nshrinkage = 'auto'\npriors = [0.25, 0.75]"), None);
        assert!(said("tol = -1.0").is_some());
        let none_left = "`lda`: a `tol` of 1 leaves no direction between the classes: write one below 1";
        assert_eq!(said("tol = 1.0").unwrap(), none_left);
        assert!(said("tol = 2.0").is_some());
        assert_eq!(said("tol = 0.99"), None);
        assert_eq!(said("solver = 'lsqr'\ntol = 2.0"), None);
    }
}
