//! `sgd`: a linear model by stochastic gradient descent, row by row, with scikit-learn's draws and its arithmetic.

mod descend;
mod loss;
mod vector;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::boosting::{require, require_not_negative, require_positive};
use super::class_weight::{ClassWeight, RowWeight};
use super::limit::{self, Limit, Reached};
use super::two_class;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Idle, Model, Prediction, SavedLinear, SavedModel, ScoreKind, Takes, Train,
    build,
};
use crate::component::{N_JOBS, VERBOSE, WARM_START};
use crate::error::{Error, Result};
use crate::numeric::dense::dot;
use crate::numeric::gram::map_rows;
use crate::numeric::mt19937::Mt19937;
use crate::split::stratified_parts;
use descend::{Descent, Ended, Rows};
use loss::Loss;

const ID: &str = "sgd";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Penalty {
    L2,
    L1,
    Elasticnet,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LearningRate {
    Constant,
    Optimal,
    Invscaling,
    Adaptive,
}

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// `hinge`, `log_loss`, `modified_huber`, `squared_hinge` or `perceptron`.
    loss: Loss,
    /// `l2`, `l1`, `elasticnet` or `none`.
    penalty: Penalty,
    /// The weight of the penalty, and the learning rate `optimal`.
    alpha: f64,
    /// The share of L1 in the penalty `elasticnet`, for which it must be there.
    l1_ratio: Option<f64>,
    fit_intercept: bool,
    /// The most passes over the rows.
    max_iter: usize,
    /// Passes that gain less than this are idle; without it every pass is made.
    tol: Option<f64>,
    shuffle: bool,
    learning_rate: LearningRate,
    eta0: f64,
    power_t: f64,
    /// Whether a part of the training rows is kept out to tell idle passes.
    early_stopping: bool,
    validation_fraction: f64,
    n_iter_no_change: usize,
    /// `"balanced"`, a table, or null for equal weights.
    class_weight: Option<ClassWeight>,
    /// Whether the coefficients are averaged over the steps, or from which step on.
    average: Average,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is true, false, or a number of steps")]
enum Average {
    Flag(bool),
    From(u32),
}

impl Default for Params {
    fn default() -> Self {
        Params {
            loss: Loss::Hinge,
            penalty: Penalty::L2,
            alpha: 1e-4,
            l1_ratio: Some(0.15),
            fit_intercept: true,
            max_iter: 1_000,
            tol: Some(1e-3),
            shuffle: true,
            learning_rate: LearningRate::Optimal,
            eta0: 0.01,
            power_t: 0.5,
            early_stopping: false,
            validation_fraction: 0.1,
            n_iter_no_change: 5,
            class_weight: None,
            average: Average::Flag(false),
            random_state: None,
        }
    }
}

struct Sgd(Params);

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    ClassWeight::refuse_subsample(params.class_weight)?;
    params.check()?;
    Ok(Box::new(Sgd(params)))
}

impl Params {
    /// # Errors
    /// The first parameter that is out of range, with its value.
    fn check(&self) -> Result<()> {
        require_not_negative("alpha", self.alpha)?;
        let has_rate = self.alpha > 0.0 || self.learning_rate != LearningRate::Optimal;
        require(has_rate, "alpha", self.alpha, "above 0 for the learning rate `optimal`")?;
        let l1_ratio = self.l1_ratio.unwrap_or(0.0);
        require((0.0..=1.0).contains(&l1_ratio), "l1_ratio", l1_ratio, "between 0 and 1")?;
        if self.l1_ratio.is_none() && self.penalty == Penalty::Elasticnet {
            return Err(Error::Study("the penalty `elasticnet` needs an `l1_ratio`".into()));
        }
        require(self.max_iter > 0, "max_iter", self.max_iter, "at least 1")?;
        require_not_negative("tol", self.tol.unwrap_or(0.0))?;
        require_positive("eta0", self.eta0)?;
        require(self.power_t.is_finite(), "power_t", self.power_t, "a finite number")?;
        let share = self.validation_fraction;
        require(share > 0.0 && share < 1.0, "validation_fraction", share, "between 0 and 1 (neither)")?;
        require(self.n_iter_no_change > 0, "n_iter_no_change", self.n_iter_no_change, "at least 1")?;
        require(self.average != Average::From(0), "average", 0, "true, false, or a step from 1")
    }

    /// From which step on coefficients are averaged; 0 for never.
    fn average_from(&self) -> u32 {
        match self.average {
            Average::Flag(flag) => u32::from(flag),
            Average::From(step) => step,
        }
    }
}

struct Fitted {
    loss: Loss,
    coefficients: Vec<f64>,
    intercept: f64,
    reached: Reached,
}

impl Classifier for Sgd {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let counts = two_class::counts(ID, x.nrows(), y)?;
        let params = &self.0;
        let random_state = params.random_state.unwrap_or(context.seed as u32);
        let mut kept_out = vec![false; y.len()];
        if params.early_stopping {
            let mut stream = Mt19937::new(random_state);
            let (_, validation) = stratified_parts(y, params.validation_fraction, "validation", &mut stream)?;
            validation.into_iter().for_each(|row| kept_out[row] = true);
        }
        let mut stream = Mt19937::new(random_state);
        // scikit-learn draws the seed of an order of rows that it does not use first.
        stream.randint(1, i64::from(i32::MAX));
        let seed = stream.randint(0, i64::from(i32::MAX)) as u32;
        let x = x.as_standard_layout();
        if let Some(own) = train.weight
            && !own.iter().zip(&kept_out).any(|(own, out)| *own > 0.0 && *out == params.early_stopping)
        {
            let of = if params.early_stopping { "that are kept out to tell idle passes " } else { "" };
            return Err(Error::Component(format!("{ID}: all rows {of}weigh 0")));
        }
        let weights = RowWeight { classes: ClassWeight::of(params.class_weight, counts), own: train.weight };
        let rows = Rows { x: x.view(), y, kept_out, weights };
        let Ended { coefficients, intercept, is_cut_short } =
            Descent::new(params, &rows).run(seed).map_err(|pass| {
                Error::Component(format!(
                    "{ID}: the coefficients are not finite after pass {pass}: use a scaler such as `standard`"
                ))
            })?;
        let reached = is_cut_short.then_some((Limit::MaxIter, params.max_iter as u64));
        Ok(Box::new(Fitted { loss: params.loss, coefficients, intercept, reached }))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn cannot_stop_early(&self, y: &[u8], _has_validation: bool) -> Option<String> {
        // Whether there are enough rows of either class is the same for every seed.
        let draw = || stratified_parts(y, self.0.validation_fraction, "validation", &mut Mt19937::new(0));
        let why = self.0.early_stopping.then(draw)?.err()?;
        Some(format!("{why}: take another `validation_fraction`, or write `early_stopping = false`"))
    }

    fn decides_only(&self) -> bool {
        !self.0.loss.says_probabilities()
    }
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        Some(SavedModel::Linear(SavedLinear {
            centre: None,
            coefficients: self.coefficients.clone(),
            intercept: self.intercept,
            link: self.loss.link(),
        }))
    }

    fn details(&self) -> Option<serde_json::Value> {
        limit::details(limit::told(self.reached))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.coefficients.len(), x.ncols())?;
        let decisions = map_rows(x, |row| dot(row, &self.coefficients) + self.intercept);
        let said = Prediction {
            label: decisions.iter().map(|&decision| u8::from(decision > 0.0)).collect(),
            score: decisions.into_iter().map(|decision| self.loss.score(decision)).collect(),
            kind: if self.loss.says_probabilities() { ScoreKind::Probability } else { ScoreKind::Decision },
        };
        two_class::finite(ID, x, said)
    }
}

/// `SGDClassifier`: <https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.SGDClassifier.html>, the same steps in the
/// same order for the same `random_state`; the score is `predict_proba[:, 1]` with `log_loss` and `modified_huber`, else
/// `decision_function`. Losses of regression and the passive-aggressive learning rates are left out.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "a linear model by stochastic gradient descent", |table| build::<Params, _>(ID, table, checked))
        .source("https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.SGDClassifier.html")
        .cost(Cost::seconds(0.5))
        .idle(&[
            Idle::new(&["l1_ratio"], "`penalty = \"elasticnet\"`", "penalty", |penalty| penalty == "elasticnet"),
            Idle::new(&["eta0"], "another `learning_rate` than \"optimal\"", "learning_rate", |rate| rate != "optimal"),
            Idle::new(&["power_t"], "`learning_rate = \"invscaling\"`", "learning_rate", |rate| rate == "invscaling"),
            Idle::new(&["validation_fraction"], "`early_stopping = true`", "early_stopping", |early| *early == true),
            Idle::new(&["n_iter_no_change"], "a `tol`", "tol", |tol| !tol.is_null()),
            Idle::new(&["alpha"], "a `penalty`, or `learning_rate = \"optimal\"`", "penalty", |penalty| {
                penalty != "none"
            })
            .or(&[("learning_rate", |rate| rate == "optimal")]),
        ])
        .also(&[
            N_JOBS,
            VERBOSE,
            WARM_START,
            Also::harmless("epsilon", "losses of classes do not look at it").takes(Takes::POSITIVES),
        ])
        .space(
            r#"
    loss = ["hinge", "log_loss", "modified_huber"]
    alpha = { low = 0.000001, high = 0.1, log = true }
    "#,
        )
        .look(19);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    #[test]
    fn scores_that_overflow_are_refused_with_their_column() {
        let fitted = Fitted { loss: Loss::Hinge, coefficients: vec![0.5, 1e200], intercept: 1.0, reached: None };
        let said = fitted.predict(ndarray::array![[2.0, 0.25], [4.0, -1e200]].view()).unwrap_err().to_string();
        assert_eq!(said, "sgd: column 1 (counted from 0) holds -1e200, too large to score: use a scaler before it");
        let said = fitted.predict(ndarray::array![[2.0, 0.0]].view()).unwrap();
        assert_eq!((said.score, said.label), (vec![2.0], vec![1]));
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let said = |table: &str| ENTRY.build(&table.parse().unwrap(), &Registry::empty()).err().map(|e| e.to_string());
        assert!(said("alpha = 0.0").unwrap().contains("for the learning rate `optimal`"));
        assert!(said("loss = 'squared_error'").unwrap().contains("`loss`"));
        for (given, told) in [
            ("eta0 = 0.0", "`eta0` must be a finite number above 0, not 0"),
            ("max_iter = 0", "`max_iter` must be at least 1, not 0"),
            ("max_iter = -3", "`max_iter` must be at least 1, not -3"),
            ("validation_fraction = 1.5", "`validation_fraction` must be between 0 and 1 (neither), not 1.5"),
            ("average = 0", "`average` must be true, false, or a step from 1, not 0"),
            ("tol = -1.0", "`tol` must be a finite number, at least 0, not -1"),
        ] {
            assert_eq!(said(given).unwrap(), format!("`sgd`: {told}"));
        }
        assert!(said("average = 0").is_some() && said("tol = 'never'").is_some() && said("eta0 = 0.0").is_some());
        assert_eq!(said("tol = 'none'\naverage = 10\nalpha = 0.0\nlearning_rate = 'constant'"), None);
        // As scikit-learn, which takes these bounds of the ranges and not the others.
        assert_eq!(
            said("tol = 0.0\nl1_ratio = 1.0\nmax_iter = 1\nn_iter_no_change = 1\naverage = 1\npower_t = -1.0"),
            None
        );
        for share in ["0.0", "1.0"] {
            assert!(said(&format!("validation_fraction = {share}")).unwrap().contains("(neither)"), "{share}");
        }
    }
}
