//! `logistic-regression` by smartcore.

use ::smartcore::linalg::basic::arrays::Array;
use ::smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};
use serde::{Deserialize, Serialize};

use super::matrix;
use crate::classify::backend::{LogisticModel, check_training, require, said};
use crate::component::{Classifier, Context, Entry, Model, Train, build};
use crate::error::Result;

const ID: &str = "logistic-regression";

#[derive(Debug, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "scikit-learn's name")]
struct Params {
    C: f64,
}

impl Default for Params {
    fn default() -> Self {
        Params { C: 1.0 }
    }
}

impl Classifier for Params {
    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        check_training(ID, x, y)?;
        // Both minimise loss + alpha / 2 |w|^2 without the intercept; scikit-learn's C is 1 / alpha.
        let params = LogisticRegressionParameters::default().with_alpha(1.0 / self.C);
        let model =
            LogisticRegression::fit(&matrix(ID, x)?, &y.to_vec(), params).map_err(|e| said("smartcore", ID, e))?;
        let weights: Vec<f64> = model.coefficients().iterator(0).copied().collect();
        let intercept = *model.intercept().get((0, 0));
        LogisticModel::boxed("smartcore", ID, weights, intercept)
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

/// `LogisticRegression` (L2), as far as the library goes:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.LogisticRegression.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "logistic regression with an L2 penalty by smartcore (L-BFGS)", |table| {
        build::<Params, _>(ID, table, |p| {
            require(p.C > 0.0 && p.C.is_finite(), &format!("`C` must be a positive number, not {}", p.C))?;
            Ok(Box::new(p) as Box<dyn Classifier>)
        })
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.LogisticRegression.html")
    .backend("smartcore");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::backend::conformance;
    use crate::component::Registry;

    #[test]
    fn conforms() {
        conformance::check(&ENTRY, "");
    }

    #[test]
    fn a_wrong_penalty_is_told_with_what_was_found() {
        let said = ENTRY.build(&"C = -1.5".parse().unwrap(), &Registry::built_in()).err().unwrap().to_string();
        assert_eq!(said, "`logistic-regression`: `C` must be a positive number, not -1.5");
    }

    #[test]
    fn the_fit_stands_at_the_penalised_optimum() {
        let (x, y) = conformance::rows(1);
        let p = conformance::build(&ENTRY, "C = 0.5").fit(&Train::numbers(x.view(), &y), &Context { seed: 0 }).unwrap();
        let p = p.predict(x.view()).unwrap().score;
        // At the optimum the intercept's gradient is zero: the mean probability is the share of positives.
        let excess: f64 = p.iter().zip(&y).map(|(p, &label)| p - f64::from(label)).sum();
        assert!(excess.abs() < 1e-3, "{excess}");
    }
}
