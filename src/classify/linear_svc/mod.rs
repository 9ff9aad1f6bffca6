//! `linear-svc`: a linear support vector machine, at the optimum of liblinear's objective.

mod dual;
mod primal;
mod wide;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::class_weight::{ClassWeight, RowWeight};
use super::limit::{self, Limit, Reached};
use super::two_class;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Idle, InPython, Link, Model, Prediction, SavedLinear, SavedModel,
    ScoreKind, Train, build,
};
use crate::component::{NOTHING_DRAWN, VERBOSE};
use crate::error::{Error, Result};
use crate::numeric::dense::dot;
use crate::numeric::gram::map_rows;

const ID: &str = "linear-svc";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Loss {
    Hinge,
    SquaredHinge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Penalty {
    L1,
    L2,
}

/// Which of liblinear's solvers is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `auto`, true or false")]
enum Dual {
    Given(bool),
    Named(Auto),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Auto {
    Auto,
}

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// `l2`, or `l1` with the loss `squared_hinge`.
    penalty: Penalty,
    /// `squared_hinge` or `hinge`.
    loss: Loss,
    /// Taken for its name only: the optimum is the same either way.
    dual: Dual,
    /// `hinge` ends when no row's multiplier is further than this from where it belongs; `squared_hinge` is solved to the end.
    tol: f64,
    /// The weight of the loss against the penalty; positive.
    #[serde(rename = "C")]
    c: f64,
    /// Whether there is an intercept. It is penalised, as in liblinear.
    fit_intercept: bool,
    /// The intercept is the coefficient of a column with this value, times the value: larger is penalised less.
    intercept_scaling: f64,
    /// `"balanced"`, a table, or null for equal weights.
    class_weight: Option<ClassWeight>,
    /// The most Newton steps, or passes over the rows with `hinge`; the best coefficients so far are then the answer.
    max_iter: usize,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            penalty: Penalty::L2,
            loss: Loss::SquaredHinge,
            dual: Dual::Named(Auto::Auto),
            tol: 1e-4,
            c: 1.0,
            fit_intercept: true,
            intercept_scaling: 1.0,
            class_weight: None,
            max_iter: 1_000,
        }
    }
}

struct LinearSvc(Params);

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    ClassWeight::refuse_subsample(params.class_weight)?;
    let positive = [("C", params.c), ("tol", params.tol), ("intercept_scaling", params.intercept_scaling)];
    if let Some((name, value)) = positive.into_iter().find(|(_, value)| !(*value > 0.0 && value.is_finite())) {
        return Err(Error::Study(format!("`{name}` must be positive and finite, not {value}")));
    }
    if params.max_iter == 0 {
        return Err(Error::Study("`max_iter` must be at least 1, not 0".into()));
    }
    if (params.penalty, params.loss) == (Penalty::L1, Loss::Hinge) {
        return Err(Error::Study("the penalty `l1` goes with the loss `squared_hinge` only, as in liblinear".into()));
    }
    Ok(Box::new(LinearSvc(params)))
}

/// The rows, and what a unit of each one's loss costs.
struct Problem<'a> {
    x: ArrayView2<'a, f64>,
    y: &'a [u8],
    costs: RowWeight<'a>,
    /// The value of a last column that is the same in every row; 0 without an intercept.
    last: f64,
}

impl Problem<'_> {
    /// Columns, the last one included.
    fn width(&self) -> usize {
        self.x.ncols() + usize::from(self.last != 0.0)
    }

    fn row(&self, row: usize) -> &[f64] {
        // `fit` made the layout standard, in which rows are contiguous.
        self.x.row(row).to_slice().unwrap_or_default()
    }

    fn cost(&self, row: usize) -> f64 {
        self.costs.of(row, self.y[row])
    }

    /// -1 or 1.
    fn sign(&self, row: usize) -> f64 {
        if self.y[row] == 1 { 1.0 } else { -1.0 }
    }

    /// The row with its last column, times the coefficients.
    fn decision(&self, row: usize, w: &[f64]) -> f64 {
        let columns = self.x.ncols();
        dot(self.row(row), &w[..columns]) + w.get(columns).map_or(0.0, |w| w * self.last)
    }

    /// Writes the row with its last column.
    fn write(&self, row: usize, z: &mut [f64]) {
        let columns = self.x.ncols();
        z[..columns].copy_from_slice(self.row(row));
        z[columns..].fill(self.last);
    }
}

struct Fitted {
    coefficients: Vec<f64>,
    intercept: f64,
    reached: Reached,
}

impl Classifier for LinearSvc {
    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let sums = two_class::weights(ID, x.nrows(), y, train.weight)?;
        let x = x.as_standard_layout();
        if x.iter().any(|value| !(value * value).is_finite()) {
            return Err(two_class::too_large(ID, x.view(), "square"));
        }
        let params = &self.0;
        let problem = Problem {
            x: x.view(),
            y,
            costs: RowWeight {
                classes: ClassWeight::of_sums(params.class_weight, sums).map(|weight| weight * params.c),
                own: train.weight,
            },
            last: if params.fit_intercept { params.intercept_scaling } else { 0.0 },
        };
        let (w, is_cut_short) = match params.loss {
            Loss::Hinge => dual::solve(&problem, params.tol, params.max_iter),
            Loss::SquaredHinge => primal::solve(&problem, params.penalty == Penalty::L1, params.max_iter),
        };
        if w.iter().any(|value| !value.is_finite()) {
            return Err(Error::Component(format!("{ID}: the coefficients are not finite; scale the columns")));
        }
        let (coefficients, last) = w.split_at(x.ncols());
        let intercept = last.first().map_or(0.0, |last| last * problem.last);
        let reached = is_cut_short.then_some((Limit::MaxIter, params.max_iter as u64));
        Ok(Box::new(Fitted { coefficients: coefficients.to_vec(), intercept, reached }))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn decides_only(&self) -> bool {
        true
    }
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        Some(SavedModel::Linear(SavedLinear {
            centre: None,
            coefficients: self.coefficients.clone(),
            intercept: self.intercept,
            link: Link::Identity,
        }))
    }

    fn details(&self) -> Option<serde_json::Value> {
        limit::details(limit::told(self.reached))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.coefficients.len(), x.ncols())?;
        let score = map_rows(x, |row| dot(row, &self.coefficients) + self.intercept);
        let label = score.iter().map(|&decision| u8::from(decision > 0.0)).collect();
        two_class::finite(ID, x, Prediction { score, label, kind: ScoreKind::Decision })
    }
}

/// `LinearSVC`: <https://scikit-learn.org/1.9/modules/generated/sklearn.svm.LinearSVC.html>; the score is `decision_function`. The
/// objective is liblinear's, its penalised intercept included; the answer is its optimum, where liblinear with its defaults
/// stops short of it.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    ID,
    "a linear support vector machine, at the optimum of liblinear's objective",
    |table| build::<Params, _>(ID, table, checked),
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.svm.LinearSVC.html")
.in_python(InPython::new().calibrated_alike())
.cost(Cost::seconds(1.0))
.idle(&[
    Idle::new(&["intercept_scaling"], "`fit_intercept = true`", "fit_intercept", |fit| *fit == true),
    Idle::new(&["tol"], "`loss = \"hinge\"`", "loss", |loss| loss == "hinge"),
])
.also(&[
    NOTHING_DRAWN,
    VERBOSE,
    Also::only(
        "multi_class",
        "\"ovr\"",
        "Crammer and Singer's loss is not fitted: of two classes it is that of `loss = \"hinge\"` with twice the `C`",
    ),
])
.space("C = { low = 0.0001, high = 100.0, log = true }")
.look(18);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;
    use crate::numeric::dense::worst;

    #[test]
    fn a_row_of_weight_two_is_two_rows_and_one_of_weight_0_is_none() {
        let x = ndarray::Array2::from_shape_fn((40, 2), |(i, j)| ((i * (7 + 4 * j)) % 13) as f64 / 6.5 - 1.0);
        let y: Vec<u8> = (0..40).map(|i| u8::from(x[(i, 0)] + x[(i, 1)] > 0.4 || i % 9 == 2)).collect();
        let weight: Vec<f64> = (0..40).map(|i| (i % 3) as f64).collect();
        let repeated: Vec<usize> = (0..40).flat_map(|i| std::iter::repeat_n(i, i % 3)).collect();
        let (more, more_y) =
            (x.select(ndarray::Axis(0), &repeated), repeated.iter().map(|&i| y[i]).collect::<Vec<u8>>());
        for loss in ["hinge", "squared_hinge"] {
            let table = format!("loss = '{loss}'\ntol = 1e-10\nmax_iter = 100000\nclass_weight = 'balanced'");
            let svc = ENTRY.build(&table.parse().unwrap(), &Registry::empty()).unwrap().component;
            let said =
                |train: &Train<'_>| svc.fit(train, &Context { seed: 0 }).unwrap().predict(x.view()).unwrap().score;
            let weighted = said(&Train::numbers(x.view(), &y).weighted(&weight));
            let repeated = said(&Train::numbers(more.view(), &more_y));
            let off = worst(weighted.iter().zip(&repeated).map(|(a, b)| a - b));
            assert!(off < 1e-6, "{loss}: {off:e}");
        }
    }

    #[test]
    fn what_liblinear_does_not_take_is_refused() {
        let said = |table: &str| ENTRY.build(&table.parse().unwrap(), &Registry::empty()).err().map(|e| e.to_string());
        assert!(said("penalty = 'l1'\nloss = 'hinge'").unwrap().contains("goes with the loss `squared_hinge` only"));
        assert!(
            said("C = 0.0").is_some() && said("dual = 'never'").is_some() && said("intercept_scaling = -1.0").is_some()
        );
        assert_eq!(said("penalty = 'l1'\ndual = false"), None);
        assert_eq!(said("class_weight = { 1 = 10.0 }"), None);
    }
}
