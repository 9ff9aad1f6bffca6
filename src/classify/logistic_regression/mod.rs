//! `logistic-regression`: scikit-learn's L2-penalised logistic regression, solved to its optimum.

mod newton;
mod objective;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::two_class::{self, ClassWeight};
use crate::component::{Classifier, Context, Cost, Entry, Model, Prediction, ScoreKind, Train, build};
use crate::error::{Error, Result};
use crate::numeric::dense::centred_dot;
use newton::{Limits, in_callers_units, minimise};
use objective::{Objective, Standard};

const ID: &str = "logistic-regression";

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// The weight of the loss against the penalty; positive.
    #[serde(rename = "C")]
    c: f64,
    /// Whether there is an (unpenalised) intercept.
    fit_intercept: bool,
    /// `"balanced"`, or null for equal weights.
    class_weight: Option<ClassWeight>,
    /// The Newton steps end with the one that promises to lower the objective by less than tol^2, in all or as a share.
    tol: f64,
    /// The most Newton steps; the best coefficients so far are then the answer.
    max_iter: usize,
}

impl Default for Params {
    fn default() -> Self {
        Params { c: 1.0, fit_intercept: true, class_weight: None, tol: 1e-4, max_iter: 100 }
    }
}

struct LogisticRegression {
    params: Params,
}

struct Fitted {
    centre: Vec<f64>,
    coefficients: Vec<f64>,
    intercept: f64,
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    if !(params.c > 0.0 && params.c.is_finite()) {
        return Err(Error::Component(format!("C must be positive and finite, not {}", params.c)));
    }
    if !(params.tol > 0.0 && params.tol.is_finite()) {
        return Err(Error::Component(format!("tol must be positive and finite, not {}", params.tol)));
    }
    Ok(Box::new(LogisticRegression { params }))
}

impl Classifier for LogisticRegression {
    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let counts = two_class::counts(ID, x.nrows(), y)?;
        let x = x.as_standard_layout();
        let Params { c, fit_intercept, class_weight, tol, max_iter } = self.params;
        let standard = Standard::of(x.view(), fit_intercept);
        if standard.centre.iter().chain(&standard.inverse).any(|value| !value.is_finite()) {
            return Err(two_class::too_large(ID, x.view(), "add"));
        }
        let objective = Objective {
            x: x.view(),
            y,
            rows: None,
            weight: two_class::weights(class_weight, counts).map(|weight| weight * c),
            standard: &standard,
            intercept: fit_intercept,
        };
        let v = minimise(&objective, counts, &Limits { tol, max_iter });
        let (coefficients, intercept) = in_callers_units(&v, &standard);
        if coefficients.iter().chain([&intercept]).any(|value| !value.is_finite()) {
            return Err(Error::Component(format!("{ID}: the coefficients are not finite")));
        }
        Ok(Box::new(Fitted { centre: standard.centre, coefficients, intercept }))
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.coefficients.len(), x.ncols())?;
        let x = x.as_standard_layout();
        let decide = |row| self.intercept + centred_dot(row, &self.centre, &self.coefficients);
        let decisions: Vec<f64> = x.rows().into_iter().map(|row| decide(row.to_slice())).collect();
        Ok(Prediction {
            score: decisions.iter().map(|decision| 1.0 / (1.0 + (-decision).exp())).collect(),
            label: decisions.iter().map(|&decision| u8::from(decision > 0.0)).collect(),
            kind: ScoreKind::Probability,
        })
    }
}

/// `LogisticRegression` (L2, two classes):
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.LogisticRegression.html>. The objective is
/// scikit-learn's; the answer is its optimum, where scikit-learn's lbfgs with `max_iter=100` may stop short of it on
/// unscaled columns.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    ID,
    "logistic regression with an L2 penalty, at the exact optimum of scikit-learn's objective",
    |table| build::<Params, _>(ID, table, checked),
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.LogisticRegression.html")
.cost(Cost::seconds(0.3))
.space("C = { low = 0.0001, high = 100.0, log = true }");
