//! `qda`: a Gaussian a class, each with a covariance of its own, which makes the boundary a quadric.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::class_moments::{ClassMoments, Priors, check_priors, of_log_odds};
use super::shrinkage::{Shrinkage, check_shrinkage, covariance_of};
use super::two_class;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Model, Prediction, SavedGaussian, SavedModel, Takes, Train, build, later,
};
use crate::error::{Error, Result};
use crate::numeric::cholesky::Factor;
use crate::numeric::gram::{BLOCK, gram};
use crate::words::{agree, counted, listed};

const ID: &str = "qda";

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Params {
    /// Probabilities of the negative and the positive class; without them, their shares of the training rows.
    priors: Priors,
    /// A class's covariance S becomes (1 - reg_param) S + reg_param I; in [0, 1].
    reg_param: f64,
    solver: Solver,
    /// With `"eigen"`: how much of a class's covariance gives way to a multiple of the identity.
    shrinkage: Option<Shrinkage>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Solver {
    /// Knows `reg_param`.
    #[default]
    Svd,
    /// Knows `shrinkage`.
    Eigen,
}

/// So many columns are named in a message.
const NAMED: usize = 5;

/// Beyond so many columns matrices are factored and inverted by blocks.
const MANY_COLUMNS: usize = 256;

/// Came after the first records: out of the key while at their defaults.
const LATER: &[&str] = &["solver", "shrinkage"];

struct Qda(Params);

struct Fitted {
    columns: usize,
    /// The columns that are not constant in the training rows.
    varying: Vec<usize>,
    classes: [Gaussian; 2],
}

/// Log-likelihood plus log prior: `offset - |(x - mean) whitener|^2 / 2`.
struct Gaussian {
    mean: Vec<f64>,
    /// Columns x columns: turns deviations into uncorrelated ones of variance 1.
    whitener: Array2<f64>,
    offset: f64,
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    check_priors("priors", params.priors)?;
    if !(0.0..=1.0).contains(&params.reg_param) {
        return Err(Error::Component(format!("`reg_param` must lie in [0, 1], not {}", params.reg_param)));
    }
    check_shrinkage(params.shrinkage)?;
    match (params.solver, params.shrinkage) {
        (Solver::Svd, Some(_)) => return Err(Error::Component("`shrinkage` needs `solver = \"eigen\"`".into())),
        (Solver::Eigen, _) if params.reg_param != 0.0 => {
            return Err(Error::Component(
                "`reg_param` is for `solver = \"svd\"`: write `shrinkage`, which `\"eigen\"` takes".into(),
            ));
        }
        _ => {}
    }
    Ok(Box::new(Qda(params)))
}

impl Qda {
    /// The covariance of a class's rows in the columns that vary.
    fn covariance(
        &self,
        (x, y): (ArrayView2<'_, f64>, &[u8]),
        moments: &ClassMoments,
        varying: &[usize],
        class: usize,
    ) -> Array2<f64> {
        if self.0.solver == Solver::Eigen {
            return covariance_of((x, y), moments, class, self.0.shrinkage);
        }
        let rows: Vec<usize> = (0..y.len()).filter(|&row| usize::from(y[row]) == class).collect();
        let deviations = |at: usize, z: &mut [f64]| {
            let row = x.row(rows[at]);
            for (z, &column) in z.iter_mut().zip(varying) {
                *z = row[column] - moments.means[class][column];
            }
        };
        let mut covariance =
            gram(rows.len(), varying.len(), deviations) * ((1.0 - self.0.reg_param) / rows.len() as f64);
        covariance.diag_mut().iter_mut().for_each(|variance| *variance += self.0.reg_param);
        covariance
    }
}

impl Classifier for Qda {
    fn random_states(&self) -> usize {
        0
    }

    fn weights(&self) -> Result<(), String> {
        Err("scikit-learn's class takes no weights of rows".into())
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let x = x.as_standard_layout();
        let moments = ClassMoments::of(ID, x.view(), y)?;
        let priors = moments.priors(self.0.priors);
        // What is constant in all rows tells the classes apart in none; a regularised variance would be the same in both. A
        // shrunk one would not.
        let is_shrunk = self.0.solver == Solver::Eigen;
        let varying: Vec<usize> = (0..x.ncols()).filter(|&column| is_shrunk || !moments.constant[column]).collect();
        let gaussian = |class: usize| {
            let mean: Vec<f64> = varying.iter().map(|&column| moments.means[class][column]).collect();
            let width = varying.len();
            let covariance = self.covariance((x.view(), y), &moments, &varying, class);
            let factor = match width > MANY_COLUMNS {
                true => Factor::in_blocks(covariance, 0.0),
                false => Factor::of(covariance.as_slice().unwrap_or_default(), width, 0.0),
            };
            let factor = factor.ok_or_else(|| self.singular(train, &moments, class))?;
            let (whitener, log_determinant) = whiten(&factor, width);
            Ok(Gaussian { mean, whitener, offset: priors[class].ln() - 0.5 * log_determinant })
        };
        let classes = [gaussian(0)?, gaussian(1)?];
        Ok(Box::new(Fitted { columns: x.ncols(), varying, classes }))
    }
}

impl Qda {
    /// That a class's covariance has no inverse; names the columns that have one value in all its rows, which is the usual reason.
    fn singular(&self, train: &Train<'_>, moments: &ClassMoments, class: usize) -> Error {
        let rows: Vec<usize> = (0..train.y.len()).filter(|&row| usize::from(train.y[row]) == class).collect();
        let same = |at: &usize| rows.iter().all(|&row| train.x()[(row, *at)] == train.x()[(rows[0], *at)]);
        let takes_part = |at: &usize| self.0.solver == Solver::Eigen || !moments.constant[*at];
        let names: Vec<String> = (0..moments.constant.len())
            .filter(takes_part)
            .filter(same)
            .map(|at| match train.features.columns.get(at) {
                Some(column) => format!("`{}`", column.name),
                None => format!("column {at} (counted from 0)"),
            })
            .collect();
        let why = match &names[..] {
            [] => String::new(),
            [name] => format!(": {name} has one value in all of them"),
            names if names.len() <= NAMED => format!(": {} have one value in all of them", listed(names)),
            names => format!(": {} columns have one value in all of them, such as {}", names.len(), names[0]),
        };
        let write = match self.0.solver {
            Solver::Svd => "raise `reg_param`",
            Solver::Eigen => "write `shrinkage`, such as `shrinkage = \"auto\"`,",
        };
        let vary = moments.constant.iter().filter(|constant| !**constant).count();
        Error::Component(format!(
            "{ID}: the covariance of class {class} ({}, {} that {}) is not of full rank{why}; {write} or leave out columns",
            counted(rows.len() as u64, "row"),
            counted(vary as u64, "column"),
            agree(vary, "varies", "vary"),
        ))
    }
}

/// From C = S L L^T S: S^-1 L^-T, and the logarithm of the determinant of C.
fn whiten(factor: &Factor, k: usize) -> (Array2<f64>, f64) {
    let lower = |i: usize, j: usize| factor.lower[i * k + j];
    // Row j of `inverse` is column j of L^-1.
    let mut inverse = if k > MANY_COLUMNS { factor.inverse_in_blocks() } else { substituted(factor, k) };
    for (mut column, scale) in inverse.outer_iter_mut().zip(&factor.scale) {
        column.iter_mut().for_each(|value| *value *= scale);
    }
    let logarithms = (0..k).map(|i| lower(i, i).ln() - factor.scale[i].ln());
    (inverse, 2.0 * logarithms.sum::<f64>())
}

/// The inverse's columns by forward substitution.
fn substituted(factor: &Factor, k: usize) -> Array2<f64> {
    let lower = |i: usize, j: usize| factor.lower[i * k + j];
    let mut inverse = Array2::<f64>::zeros((k, k));
    inverse.outer_iter_mut().into_par_iter().enumerate().for_each(|(j, mut column)| {
        for i in j..k {
            let known: f64 = (j..i).map(|m| lower(i, m) * column[m]).sum();
            column[i] = (f64::from(u8::from(i == j)) - known) / lower(i, i);
        }
    });
    inverse
}

/// The model that said this of itself; none where it cannot be one.
pub(super) fn restored(columns: usize, varying: Vec<usize>, classes: [SavedGaussian; 2]) -> Option<Box<dyn Model>> {
    let width = varying.len();
    let gaussian = |SavedGaussian { mean, whitener, offset }: SavedGaussian| {
        let is_square = mean.len() == width && whitener.len() == width;
        let whitener = Array2::from_shape_vec((width, width), whitener.concat()).ok().filter(|_| is_square)?;
        Some(Gaussian { mean, whitener, offset })
    };
    let [negative, positive] = classes.map(gaussian);
    let is_there = varying.iter().all(|&column| column < columns);
    is_there.then_some(Box::new(Fitted { columns, varying, classes: [negative?, positive?] }))
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        let gaussian = |class: usize| {
            let Gaussian { mean, whitener, offset } = &self.classes[class];
            let whitener = whitener.outer_iter().map(|row| row.to_vec()).collect();
            SavedGaussian { mean: mean.clone(), whitener, offset: *offset }
        };
        let classes = [0, 1].map(gaussian);
        Some(SavedModel::Quadric { columns: self.columns, varying: self.varying.clone(), classes })
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.columns, x.ncols())?;
        let starts: Vec<usize> = (0..x.nrows()).step_by(BLOCK).collect();
        let blocks: Vec<Vec<f64>> = starts
            .into_par_iter()
            .map(|start| {
                let rows = start..(start + BLOCK).min(x.nrows());
                let [negative, positive] = [0, 1].map(|class: usize| {
                    let Gaussian { mean, whitener, offset } = &self.classes[class];
                    let deviations = Array2::from_shape_fn((rows.len(), mean.len()), |(i, j)| {
                        x[(rows.start + i, self.varying[j])] - mean[j]
                    });
                    let white = deviations.dot(whitener);
                    white.outer_iter().map(|z| offset - 0.5 * z.dot(&z)).collect::<Vec<f64>>()
                });
                // Rows so far away that both likelihoods overflow are as likely in either class.
                let odds = |(n, p): (f64, f64)| if (p - n).is_nan() { 0.0 } else { p - n };
                negative.into_iter().zip(positive).map(odds).collect()
            })
            .collect();
        Ok(of_log_odds(&blocks.concat()))
    }
}

/// `QuadraticDiscriminantAnalysis` (solver svd):
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis.html>; the
/// score is `predict_proba[:, 1]`. scikit-learn refuses a covariance with an eigenvalue below 1e-4 in the units of the
/// columns; here it is refused where a column repeats others to working precision, whatever the units, and a column that
/// is constant in all training rows takes no part.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    ID,
    "quadratic discriminant analysis: a Gaussian a class, each with its own covariance",
    |table| build::<Params, _>(ID, table, checked).map(|built| later::<Params, _>(built, LATER)),
)
// 2: as in `lda`.
.version(2)
.source(
    "https://scikit-learn.org/1.9/modules/generated/sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis.html",
)
.notes(&["with a `reg_param` a class may have fewer rows than there are columns, even one, which scikit-learn refuses"])
.cost(Cost::seconds(0.14))
.also(&[
    Also::harmless("store_covariance", "the fitted covariances are shown nowhere").takes(Takes::TRUTHS),
    Also::harmless("tol", "a covariance that can be inverted is taken, however small a direction of it is")
        .takes(Takes::POSITIVES),
    Also::only(
        "covariance_estimator",
        "null",
        "it is an object of Python: write `solver = \"eigen\"` with `shrinkage`, or `python = \"module:Class\"`",
    ),
])
.look(16);

#[cfg(test)]
mod tests {
    use crate::component::Registry;
    use ndarray::arr2;

    use super::*;

    #[test]
    fn a_covariance_without_full_rank_is_refused_until_it_is_regularised() {
        // The second column is twice the first in class 1.
        let x = arr2(&[[1.0, 5.0], [2.0, 1.0], [4.0, 2.0], [3.0, 6.0], [5.0, 10.0], [7.0, 14.0]]);
        let fit = |table: &str| {
            let built = ENTRY.build(&table.parse().unwrap(), &Registry::empty()).unwrap();
            built
                .component
                .fit(&Train::numbers(x.view(), &[0, 0, 0, 1, 1, 1]), &Context { seed: 0 })
                .map(|_| ())
                .map_err(|e| e.to_string())
        };
        let said = fit("").unwrap_err();
        assert!(said.starts_with("qda: the covariance of class 1 (3 rows, 2 columns that vary) is not"), "{said}");
        assert!(said.ends_with("is not of full rank; raise `reg_param` or leave out columns"), "{said}");
        assert_eq!(fit("reg_param = 0.1"), Ok(()));
        assert!(ENTRY.build(&"reg_param = 2.0".parse().unwrap(), &Registry::empty()).is_err());
    }

    #[test]
    fn a_covariance_without_full_rank_names_the_columns_and_what_its_solver_takes() {
        use crate::component::Features;
        use crate::data::Column;

        // `b` is 3 in every row, `c` is 1 in the rows of class 0.
        let x = arr2(&[
            [1.0, 3.0, 1.0],
            [2.0, 3.0, 1.0],
            [4.0, 3.0, 1.0],
            [3.0, 3.0, 6.0],
            [5.0, 3.0, 9.0],
            [8.0, 3.0, 7.0],
        ]);
        let columns = ["a", "b", "c"].map(Column::number);
        let fit = |table: &str| {
            let built = ENTRY.build(&table.parse().unwrap(), &Registry::empty()).unwrap();
            let train = Train::new(Features { x: x.view(), columns: &columns }, &[0, 0, 0, 1, 1, 1]);
            built.component.fit(&train, &Context { seed: 0 }).map(|_| ()).map_err(|e| e.to_string())
        };
        assert_eq!(
            fit("solver = 'eigen'").unwrap_err(),
            "qda: the covariance of class 0 (3 rows, 2 columns that vary) is not of full rank: `b` and `c` have one value in all of \
             them; write `shrinkage`, such as `shrinkage = \"auto\"`, or leave out columns"
        );
        assert_eq!(
            fit("").unwrap_err(),
            "qda: the covariance of class 0 (3 rows, 2 columns that vary) is not of full rank: `c` has one value in all of them; \
             raise `reg_param` or leave out columns"
        );
        assert_eq!(fit("solver = 'eigen'\nshrinkage = 0.5"), Ok(()));
        assert_eq!(fit("reg_param = 0.1"), Ok(()));
    }

    #[test]
    fn a_regularised_class_may_have_fewer_rows_than_columns() {
        // One positive row: its covariance is 0, and with the half of the identity 1/2; that of the negative ones is 1/2 * 1 + 1/2.
        let x = arr2(&[[-1.0], [1.0], [3.0]]);
        let built = ENTRY.build(&"reg_param = 0.5\npriors = [0.5, 0.5]".parse().unwrap(), &Registry::empty()).unwrap();
        let train = Train::numbers(x.view(), &[0, 0, 1]);
        let model = built.component.fit(&train, &Context { seed: 0 }).unwrap();
        // At 3 the exponents are -9/2 and 0, and the densities are as 1 to the root of 2.
        let score = model.predict(arr2(&[[3.0]]).view()).unwrap().score[0];
        let wanted = 2f64.sqrt() / (2f64.sqrt() + (-4.5f64).exp());
        assert!((score - wanted).abs() < 1e-12, "{score}");
        assert!(ENTRY.notes.concat().contains("which scikit-learn refuses"));
    }

    /// A covariance of many columns, in units of 1 and of 1,000: W^T C W is 1 on the diagonal and 0 beside it.
    #[test]
    fn many_columns_are_whitened() {
        let k = MANY_COLUMNS + 3;
        let unit = |i: usize| if i.is_multiple_of(5) { 1e3 } else { 1.0 };
        let covariance = Array2::from_shape_fn((k, k), |(i, j)| unit(i) * unit(j) * 0.5_f64.powi(i.abs_diff(j) as i32));
        let factor = Factor::in_blocks(covariance.clone(), 0.0).unwrap();
        let (whitener, log_determinant) = whiten(&factor, k);
        let off = whitener.t().dot(&covariance).dot(&whitener) - Array2::<f64>::eye(k);
        assert!(off.iter().all(|off| off.abs() < 1e-11));
        // The determinant without units is (1 - 0.5^2)^(k - 1).
        let units = 2.0 * k.div_ceil(5) as f64 * 1e3_f64.ln();
        let expected = (k - 1) as f64 * 0.75_f64.ln() + units;
        assert!((log_determinant - expected).abs() < 1e-9, "{log_determinant} and {expected}");
    }
}
