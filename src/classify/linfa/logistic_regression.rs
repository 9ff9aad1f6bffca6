//! `logistic-regression` by linfa-logistic.

use ::linfa::prelude::{DatasetBase, Fit, ParamGuard};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

use crate::classify::backend::{LogisticModel, check_training, require, said};
use crate::component::{Classifier, Context, Entry, Model, Train, build};
use crate::error::Result;

const ID: &str = "logistic-regression";

#[derive(Debug, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "scikit-learn's name")]
struct Params {
    C: f64,
    tol: f64,
    max_iter: u64,
    fit_intercept: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { C: 1.0, tol: 1e-4, max_iter: 100, fit_intercept: true }
    }
}

impl Classifier for Params {
    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        check_training(ID, x, y)?;
        let target: Array1<bool> = y.iter().map(|&label| label == 1).collect();
        let params = linfa_logistic::LogisticRegression::default()
            .alpha(1.0 / self.C)
            .gradient_tolerance(self.tol)
            .max_iterations(self.max_iter)
            .with_intercept(self.fit_intercept)
            .check()
            .map_err(|e| said("linfa", ID, e))?;
        let model = params.fit(&DatasetBase::new(x, target)).map_err(|e| said("linfa", ID, e))?;
        // The library calls the larger class positive, so on rare events the signs are the other way round.
        let sign = if model.labels().pos.class { 1.0 } else { -1.0 };
        let weights: Vec<f64> = model.params().iter().map(|weight| sign * weight).collect();
        let intercept = sign * model.intercept();
        LogisticModel::boxed("linfa", ID, weights, intercept)
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

/// `LogisticRegression` (L2), as far as the library goes:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.LogisticRegression.html>.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    ID,
    "logistic regression with an L2 penalty by linfa-logistic (L-BFGS); slow on unscaled columns",
    |table| {
        build::<Params, _>(ID, table, |p| {
            require(p.C > 0.0 && p.C.is_finite(), &format!("`C` must be a positive number, not {}", p.C))?;
            require(p.tol > 0.0 && p.tol.is_finite(), &format!("`tol` must be a positive number, not {}", p.tol))?;
            require(p.max_iter >= 1, "`max_iter` must be at least 1, not 0")?;
            Ok(Box::new(p) as Box<dyn Classifier>)
        })
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.LogisticRegression.html")
.backend("linfa");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::backend::conformance;
    use crate::classify::smartcore;

    #[test]
    fn conforms() {
        conformance::check(&ENTRY, "");
    }

    #[test]
    fn equals_smartcore_at_the_same_penalty_whichever_class_is_larger() {
        let (x, y) = conformance::rows(1);
        let (test, _) = conformance::rows(2);
        for flip in [0, 1] {
            let y: Vec<u8> = y.iter().map(|label| label ^ flip).collect();
            let score = |entry, params| {
                let model =
                    conformance::build(entry, params).fit(&Train::numbers(x.view(), &y), &Context { seed: 0 }).unwrap();
                model.predict(test.view()).unwrap().score
            };
            let ours = score(&ENTRY, "C = 2.0\ntol = 1e-7\nmax_iter = 1000");
            let theirs = score(&smartcore::logistic_regression::ENTRY, "C = 2.0");
            let gap = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(gap < 1e-3, "{gap}");
        }
    }
}
