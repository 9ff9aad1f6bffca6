//! `logistic-regression`: scikit-learn's penalised logistic regression, solved to its optimum.

mod absolute;
mod curvature;
mod newton;
mod objective;
mod wide;

use ndarray::{Array2, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};

use super::class_weight::{ClassWeight, weighing};
use super::limit::{self, Limit, Reached};
use super::two_class;
use crate::component::infinite;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Idle, Link, Model, N_JOBS, NOTHING_DRAWN, Prediction, SavedLinear,
    SavedModel, ScoreKind, Takes, Train, VERBOSE, WARM_START, build, later,
};
use crate::error::{Error, Result};
use crate::numeric::dense::{centred_dot, dot};
use crate::numeric::row_products::filled;
use crate::numeric::row_space::RowSpace;
use newton::{Limits, in_callers_units, minimise};
use objective::{Objective, Standard};

const ID: &str = "logistic-regression";

/// The factorisation of fewer rows than these takes less than the products that would save it.
const FEWEST_PRODUCTS: usize = 256;
/// From so many columns on products may save the factorisation where rows are more, but not so many for each column that a centred
/// copy of them were larger than the matrices.
const MANY_COLUMNS: usize = 2_048;
const ROWS_A_COLUMN: usize = 4;

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// The weight of the loss against the penalty; positive. Infinite: there is no penalty.
    #[serde(rename = "C", with = "infinite")]
    c: f64,
    /// Whether there is an (unpenalised) intercept.
    fit_intercept: bool,
    /// `"balanced"`, weights of the classes, or null for equal weights.
    class_weight: Option<ClassWeight>,
    /// The steps end with the one that promises to lower the objective by less than tol^2, in all or as a share; one that is not
    /// from an exact Hessian must promise less than a hundred-millionth of that.
    tol: f64,
    /// The most Hessians, each with the steps made from it; the best coefficients so far are then the answer.
    max_iter: usize,
    /// What is penalised; as in scikit-learn 1.9, `l1_ratio` says it where this is `"deprecated"`.
    penalty: Penalty,
    /// The share of the absolute coefficients in the penalty, the rest being their squares; in [0, 1]. None: 0.
    l1_ratio: Option<f64>,
    /// Only `"liblinear"` means something: its objective penalises the intercept too. The solver is ours.
    solver: Solver,
    /// With `"liblinear"`: the value of the column whose coefficient is the intercept.
    intercept_scaling: f64,
}

/// What is penalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Penalty {
    Deprecated,
    L2,
    L1,
    ElasticNet,
    #[serde(alias = "None")]
    None,
}

/// scikit-learn's solvers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Solver {
    Lbfgs,
    Liblinear,
    NewtonCg,
    NewtonCholesky,
    Sag,
    Saga,
}

/// Came after the first records: out of the key while at their defaults.
const LATER: &[&str] = &["penalty", "l1_ratio", "solver", "intercept_scaling"];

impl Default for Params {
    fn default() -> Self {
        Params {
            c: 1.0,
            fit_intercept: true,
            class_weight: None,
            tol: 1e-4,
            max_iter: 100,
            penalty: Penalty::Deprecated,
            l1_ratio: Some(0.0),
            solver: Solver::Lbfgs,
            intercept_scaling: 1.0,
        }
    }
}

impl Params {
    /// The shares of the absolute coefficients and of their squares in the penalty.
    fn shares(&self) -> (f64, f64) {
        let l1_ratio = self.l1_ratio.unwrap_or(0.0);
        match self.penalty {
            _ if self.c == f64::INFINITY => (0.0, 0.0),
            Penalty::L2 => (0.0, 1.0),
            Penalty::L1 => (1.0, 0.0),
            Penalty::None => (0.0, 0.0),
            Penalty::Deprecated | Penalty::ElasticNet => (l1_ratio, 1.0 - l1_ratio),
        }
    }
}

struct LogisticRegression {
    params: Params,
}

struct Fitted {
    centre: Vec<f64>,
    coefficients: Vec<f64>,
    intercept: f64,
    reached: Reached,
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    ClassWeight::refuse_subsample(params.class_weight)?;
    if params.c.is_nan() || params.c <= 0.0 {
        return Err(Error::Component(format!("`C` must be positive, not {}", params.c)));
    }
    if !(params.tol > 0.0 && params.tol.is_finite()) {
        return Err(Error::Component(format!("`tol` must be positive and finite, not {}", params.tol)));
    }
    if let Some(ratio) = params.l1_ratio.filter(|ratio| !(0.0..=1.0).contains(ratio)) {
        return Err(Error::Component(format!("`l1_ratio` must lie in [0, 1], not {ratio}")));
    }
    if params.penalty == Penalty::ElasticNet && params.l1_ratio.is_none() {
        return Err(Error::Component("`penalty = \"elasticnet\"` needs an `l1_ratio`".into()));
    }
    if params.solver == Solver::Liblinear && params.shares() == (0.0, 0.0) {
        return Err(Error::Component("liblinear always has a penalty: give another `solver`, or a finite `C`".into()));
    }
    if !(params.intercept_scaling > 0.0 && params.intercept_scaling.is_finite()) {
        return Err(Error::Component(format!(
            "`intercept_scaling` must be positive, not {}",
            params.intercept_scaling
        )));
    }
    Ok(Box::new(LogisticRegression { params }))
}

impl LogisticRegression {
    /// Coefficients of columns that are moved by `centre`, and the intercept.
    fn solve(&self, x: ArrayView2<'_, f64>, rows: (&[u8], Option<&[f64]>), intercept: bool) -> Result<Fitted> {
        // Absolute values of coefficients change with the coordinates; their squares do not. Without any penalty a coordinate
        // that is rounding alone would count.
        let (l1, l2) = self.params.shares();
        if l1 > 0.0 || l2 == 0.0 {
            return self.solve_by_columns(x, rows, intercept);
        }
        if x.nrows() < x.ncols() {
            return self.solve_by_rows(x, rows, intercept);
        }
        let is_large = x.ncols() >= MANY_COLUMNS && x.nrows() <= ROWS_A_COLUMN * x.ncols();
        let centre = is_large.then(|| Standard::of(x, intercept).centre);
        let solved =
            centre.and_then(|centre| self.solve_by_products(centred(x, &centre).view(), centre, rows, intercept));
        solved.map_or_else(|| self.solve_by_columns(x, rows, intercept), Ok)
    }

    /// Where rows are fewer than columns: the optimum is made of the rows, so it is found in their coordinates.
    fn solve_by_rows(&self, x: ArrayView2<'_, f64>, rows: (&[u8], Option<&[f64]>), intercept: bool) -> Result<Fitted> {
        let centre = Standard::of(x, intercept).centre;
        if x.iter().chain(&centre).any(|value| !value.is_finite()) {
            return Err(two_class::too_large(ID, x, "add"));
        }
        let z = centred(x, &centre);
        if let Some(solved) = self.solve_by_products(z.view(), centre.clone(), rows, intercept) {
            return Ok(solved);
        }
        let space = RowSpace::of(z);
        let found = self.solve_by_columns(space.rows.view(), rows, intercept)?;
        let intercept = found.intercept - dot(&found.centre, &found.coefficients);
        Ok(Fitted { coefficients: space.columns(&found.coefficients), centre, intercept, reached: found.reached })
    }

    /// The same by the rows `z` less their `centre` and without a matrix, where that ends soon.
    fn solve_by_products(
        &self,
        z: ArrayView2<'_, f64>,
        centre: Vec<f64>,
        (y, own): (&[u8], Option<&[f64]>),
        intercept: bool,
    ) -> Option<Fitted> {
        if z.nrows() < FEWEST_PRODUCTS {
            return None;
        }
        let standard = &Standard::none(z.ncols());
        let (_, weight) = self.classes(y, own);
        let (l1, l2) = self.params.shares();
        let objective = Objective { x: z.view(), y, rows: None, weight, own, standard, intercept, l1, l2 };
        let v = wide::minimise(&objective, &self.limits(), wide::readings(z.nrows(), z.ncols()))?;
        let (coefficients, rest) = v.split_at(z.ncols());
        let (coefficients, intercept) = (coefficients.to_vec(), rest.first().copied().unwrap_or(0.0));
        Some(Fitted { centre, coefficients, intercept, reached: self.reached(false) })
    }

    fn limits(&self) -> Limits {
        Limits { tol: self.params.tol, max_iter: self.params.max_iter }
    }

    fn reached(&self, is_cut_short: bool) -> Reached {
        is_cut_short.then_some((Limit::MaxIter, self.params.max_iter as u64))
    }

    /// How many rows the classes have, and C times what a row of each weighs.
    fn classes(&self, y: &[u8], own: Option<&[f64]>) -> ([usize; 2], [f64; 2]) {
        let positives = y.iter().filter(|&&label| label == 1).count();
        let sums = [0, 1].map(|class| {
            let weight = |row: usize| own.map_or(1.0, |own| own[row]);
            (0..y.len()).filter(|&row| usize::from(y[row]) == class).map(weight).sum::<f64>()
        });
        let Params { c, class_weight, .. } = self.params;
        let weight = ClassWeight::of_sums(class_weight, sums);
        ([y.len() - positives, positives], weight.map(|weight| if c.is_finite() { weight * c } else { weight }))
    }

    fn solve_by_columns(
        &self,
        x: ArrayView2<'_, f64>,
        (y, own): (&[u8], Option<&[f64]>),
        intercept: bool,
    ) -> Result<Fitted> {
        let (counts, weight) = self.classes(y, own);
        let standard = Standard::of(x, intercept);
        if standard.centre.iter().chain(&standard.inverse).any(|value| !value.is_finite()) {
            return Err(two_class::too_large(ID, x, "add"));
        }
        let (l1, l2) = self.params.shares();
        let objective = Objective {
            // A new view, because views keep the lifetime that they were made with.
            x: x.view(),
            y,
            rows: None,
            weight,
            own,
            standard: &standard,
            intercept,
            l1,
            l2,
        };
        let limits = self.limits();
        let (v, is_cut_short) = match l1 > 0.0 {
            true => absolute::minimise(&objective, &limits),
            false => minimise(&objective, counts, &limits),
        };
        let (coefficients, intercept) = in_callers_units(&v, &standard);
        if coefficients.iter().chain([&intercept]).any(|value| !value.is_finite()) {
            return Err(Error::Component(format!("{ID}: the coefficients are not finite")));
        }
        Ok(Fitted { centre: standard.centre, coefficients, intercept, reached: self.reached(is_cut_short) })
    }

    fn fitted(&self, x: ArrayView2<'_, f64>, rows: (&[u8], Option<&[f64]>)) -> Result<Box<dyn Model>> {
        let Params { fit_intercept, solver, .. } = self.params;
        Ok(Box::new(match (solver, fit_intercept) {
            (Solver::Liblinear, true) => self.solve_with_column(x, rows)?,
            _ => self.solve(x, rows, fit_intercept)?,
        }))
    }

    /// What can be learnt where one class's rows all weigh 0: without an end, as the intercept goes to where the other class is
    /// certain, but for the two cases in which scikit-learn has no answer either.
    ///
    /// # Errors
    /// These cases, in one sentence.
    fn check_one_class(&self) -> Result<()> {
        let why = match (self.params.class_weight, self.params.solver) {
            (Some(ClassWeight::Balanced), _) => "`class_weight = \"balanced\"` divides by the weight of each class",
            (_, Solver::Liblinear) => "liblinear takes the only class that weighs anything for the positive one",
            _ => return Ok(()),
        };
        Err(Error::Component(format!("{ID} needs rows of both classes that weigh more than 0 here: {why}")))
    }

    /// liblinear's objective: the intercept is the coefficient of one more column, and penalised as such.
    fn solve_with_column(&self, x: ArrayView2<'_, f64>, rows: (&[u8], Option<&[f64]>)) -> Result<Fitted> {
        let columns = x.ncols();
        let mut wider = Array2::from_elem((x.nrows(), columns + 1), self.params.intercept_scaling);
        wider.slice_mut(s![.., ..columns]).assign(&x);
        let mut fitted = self.solve(wider.view(), rows, false)?;
        fitted.centre.truncate(columns);
        fitted.intercept = fitted.coefficients.split_off(columns)[0] * self.params.intercept_scaling;
        Ok(fitted)
    }
}

/// The rows less their `centre`.
fn centred(x: ArrayView2<'_, f64>, centre: &[f64]) -> Array2<f64> {
    filled(x.dim(), |row, z| {
        z.iter_mut().zip(x.row(row)).zip(centre).for_each(|((z, value), centre)| *z = value - centre);
    })
}

impl Classifier for LogisticRegression {
    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let sums = two_class::weighed(ID, train.x().nrows(), train.y, train.weight)?;
        if sums.contains(&0.0) {
            self.check_one_class()?;
        }
        // A row that weighs 0 is none: a column may be constant among the others.
        if let Some(rows) = weighing(train.weight) {
            let of = |all: &[f64]| rows.iter().map(|&row| all[row]).collect::<Vec<f64>>();
            let (x, weight) = (train.x().select(Axis(0), &rows), train.weight.map(of));
            let y: Vec<u8> = rows.iter().map(|&row| train.y[row]).collect();
            return self.fitted(x.view(), (&y, weight.as_deref()));
        }
        let x = train.features.x.as_standard_layout();
        self.fitted(x.view(), (train.y, train.weight))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
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

    fn details(&self) -> Option<serde_json::Value> {
        limit::details(limit::told(self.reached))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.coefficients.len(), x.ncols())?;
        let x = x.as_standard_layout();
        let decide = |row| self.intercept + centred_dot(row, &self.centre, &self.coefficients);
        let decisions: Vec<f64> = x.rows().into_iter().map(|row| decide(row.to_slice())).collect();
        let said = Prediction {
            score: decisions.iter().map(|decision| 1.0 / (1.0 + (-decision).exp())).collect(),
            label: decisions.iter().map(|&decision| u8::from(decision > 0.0)).collect(),
            kind: ScoreKind::Probability,
        };
        two_class::finite(ID, x.view(), said)
    }
}

/// `LogisticRegression` (two classes):
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.LogisticRegression.html>. The objective is
/// scikit-learn's; the answer is its optimum, where scikit-learn's lbfgs with `max_iter=100` may stop short of it on
/// unscaled columns.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    ID,
    "penalised logistic regression (L2, L1, both or none), at the exact optimum of scikit-learn's objective",
    |table| build::<Params, _>(ID, table, checked).map(|built| later::<Params, _>(built, LATER)),
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.linear_model.LogisticRegression.html")
.cost(Cost::seconds(0.3))
.idle(&[
    Idle::new(&["l1_ratio"], "`penalty = \"elasticnet\"`, or none", "penalty", |penalty| {
        penalty == "elasticnet" || penalty == "deprecated"
    }),
    Idle::new(&["l1_ratio"], "a finite `C`", "C", |c| c.is_number()),
    Idle::new(&["C"], "a `penalty`", "penalty", |penalty| penalty != "none"),
    Idle::new(&["intercept_scaling"], "`solver = \"liblinear\"`", "solver", |solver| solver == "liblinear"),
    Idle::new(&["intercept_scaling"], "`fit_intercept = true`", "fit_intercept", |fit| *fit == true),
])
.also(&[
    N_JOBS,
    NOTHING_DRAWN,
    VERBOSE,
    WARM_START,
    Also::harmless("dual", "primal and dual have one optimum").takes(Takes::TRUTHS),
])
.space("C = { low = 0.0001, high = 100.0, log = true }")
.look(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;
    use crate::numeric::dense::worst;

    #[test]
    fn liblinear_has_a_penalty_and_an_infinite_c_has_none() {
        let said = |table: &str| ENTRY.build(&table.parse().unwrap(), &Registry::empty()).err().map(|e| e.to_string());
        for table in ["C = inf\nsolver = 'liblinear'", "penalty = 'none'\nsolver = 'liblinear'"] {
            assert!(said(table).unwrap().contains("liblinear always has a penalty"), "{table}");
        }
        assert_eq!(said("C = inf\nl1_ratio = 1.0"), None);
        assert!(said("C = 0.0").unwrap().contains("`C` must be positive"));
        let shares = |c| Params { c, l1_ratio: Some(0.25), ..Params::default() }.shares();
        assert_eq!((shares(2.0), shares(f64::INFINITY)), ((0.25, 0.75), (0.0, 0.0)));
    }

    #[test]
    fn many_columns_of_more_rows_are_solved_without_a_matrix() {
        let y: Vec<u8> = (0..MANY_COLUMNS + 50).map(|i| u8::from(i % 7 == 2)).collect();
        let x = Array2::from_shape_fn((y.len(), MANY_COLUMNS), |(i, j)| {
            let bits = ((i * MANY_COLUMNS + j) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let bits = (bits ^ (bits >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            (bits >> 40) as f64 / f64::from(1 << 23) + if y[i] == 1 && j < 3 { 2.0 } else { 1.0 }
        });
        let model = LogisticRegression { params: Params { c: 1e-3, ..Params::default() } };
        for intercept in [true, false] {
            let centre = Standard::of(x.view(), intercept).centre;
            let without = model.solve_by_products(centred(x.view(), &centre).view(), centre, (&y, None), intercept);
            let found = model.solve(x.view(), (&y, None), intercept).unwrap();
            assert_eq!(without.unwrap().coefficients, found.coefficients);
            let mut slope = found.coefficients.clone();
            for (row, &label) in x.rows().into_iter().zip(&y) {
                let row = row.to_slice().unwrap();
                let decision = found.intercept + centred_dot(Some(row), &found.centre, &found.coefficients);
                let wrong = 1.0 / (1.0 + (-decision).exp()) - f64::from(label);
                slope.iter_mut().zip(row).for_each(|(slope, value)| *slope += 1e-3 * wrong * value);
            }
            assert!(worst(&slope) < 1e-8 && worst(&found.coefficients) > 1e-3, "{:e}", worst(&slope));
        }
    }
}
