//! `svc`: the support vector classifier, libsvm's dual solved minority-first.

mod kernel;
mod polish;
mod smo;
mod solve;
#[cfg(target_arch = "x86_64")]
mod wide;

use ndarray::{ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::class_weight::{ClassWeight, RowWeight, weighing};
use super::limit::{self, Limit, Reached};
use super::two_class;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Idle, InPython, Model, NOTHING_DRAWN, Prediction, Remedy, SavedKernel,
    SavedModel, SavedVectors, ScoreKind, Takes, Train, VERBOSE, build, later,
};
use crate::error::{Error, Result};
use kernel::{Kernel, Vectors};
use solve::{FIRST, Problem, Solution};

const ID: &str = "svc";

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// The largest dual coefficient; positive.
    #[serde(rename = "C")]
    c: f64,
    /// `"rbf"`, `"linear"`, `"poly"` or `"sigmoid"`.
    kernel: KernelName,
    /// `"scale"`, `"auto"` or a positive number; the linear kernel has none.
    gamma: Gamma,
    /// `"balanced"`, weights of the classes, or null for equal weights.
    class_weight: Option<ClassWeight>,
    /// libsvm's stopping tolerance on the optimality conditions.
    tol: f64,
    /// The most pairs of coefficients to improve; -1 for no limit.
    max_iter: i64,
    /// Room for kernel rows, in MB.
    cache_size: f64,
    /// The degree of the polynomial kernel.
    degree: u32,
    /// What is added to the products of the polynomial and the sigmoid kernel.
    coef0: f64,
}

/// Came after the first records: out of the key while at their defaults.
const LATER: &[&str] = &["degree", "coef0"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KernelName {
    Rbf,
    Linear,
    Poly,
    Sigmoid,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `scale`, `auto` or a number")]
enum Gamma {
    Named(GammaName),
    Value(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum GammaName {
    /// 1 / (columns x variance of all values)
    Scale,
    /// 1 / columns
    Auto,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            c: 1.0,
            kernel: KernelName::Rbf,
            gamma: Gamma::Named(GammaName::Scale),
            class_weight: None,
            tol: 1e-3,
            max_iter: -1,
            cache_size: 200.0,
            degree: 3,
            coef0: 0.0,
        }
    }
}

struct Svc {
    params: Params,
}

struct Fitted {
    kernel: Kernel,
    centre: Vec<f64>,
    solution: Solution,
    reached: Reached,
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    ClassWeight::refuse_subsample(params.class_weight)?;
    let positive = |name: &str, value: f64| match value > 0.0 && value.is_finite() {
        true => Ok(()),
        false => Err(Error::Component(format!("`{name}` must be positive and finite, not {value}"))),
    };
    positive("C", params.c)?;
    positive("tol", params.tol)?;
    positive("cache_size", params.cache_size)?;
    if let Gamma::Value(gamma) = params.gamma {
        positive("gamma", gamma)?;
    }
    if params.degree > 100 {
        return Err(Error::Component(format!("`degree` must be at most 100, not {}", params.degree)));
    }
    if !params.coef0.is_finite() {
        return Err(Error::Component(format!("`coef0` must be finite, not {}", params.coef0)));
    }
    if params.max_iter < -1 {
        return Err(Error::Component(format!("`max_iter` must be -1 (no limit) or more, not {}", params.max_iter)));
    }
    Ok(Box::new(Svc { params }))
}

impl Svc {
    fn kernel(&self, x: ArrayView2<'_, f64>) -> Result<Kernel> {
        let columns = x.ncols() as f64;
        let variance = variance(x);
        // Then every squared distance is finite too, whatever the kernel.
        if !variance.is_finite() {
            return Err(two_class::too_large(ID, x, "square"));
        }
        let gamma = match (self.params.kernel, self.params.gamma) {
            (KernelName::Linear, _) => return Ok(Kernel::Linear),
            (_, Gamma::Value(gamma)) => gamma,
            (_, Gamma::Named(GammaName::Auto)) => 1.0 / columns,
            // scikit-learn's rule for values that are all equal.
            (_, Gamma::Named(GammaName::Scale)) if variance == 0.0 => 1.0,
            (_, Gamma::Named(GammaName::Scale)) => 1.0 / (columns * variance),
        };
        let Params { kernel, coef0, degree, .. } = self.params;
        match gamma.is_finite() && gamma > 0.0 {
            true => Ok(match kernel {
                KernelName::Poly => Kernel::Poly { gamma, coef0, degree: degree as i32 },
                KernelName::Sigmoid => Kernel::Sigmoid { gamma, coef0 },
                KernelName::Rbf | KernelName::Linear => Kernel::Rbf { gamma },
            }),
            false => Err(Error::Component(format!("{ID}: the values are too large or too small for gamma"))),
        }
    }
}

/// The population variance of all values of the matrix together.
fn variance(x: ArrayView2<'_, f64>) -> f64 {
    let size = x.len() as f64;
    let mean = x.rows().into_iter().map(|row| row.sum()).sum::<f64>() / size;
    x.rows().into_iter().map(|row| row.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>()).sum::<f64>() / size
}

impl Svc {
    /// The largest coefficient of each row. Classes weigh by their numbers of rows, whatever these weigh.
    ///
    /// # Errors
    /// A class without rows that weigh more than 0.
    fn bounds<'w>(&self, rows: usize, y: &[u8], own: Option<&'w [f64]>) -> Result<RowWeight<'w>> {
        two_class::weights(ID, rows, y, own)?;
        let of = ClassWeight::of(self.params.class_weight, two_class::counts(ID, rows, y)?);
        Ok(RowWeight { classes: of.map(|weight| weight * self.params.c), own })
    }

    /// The dual on these rows.
    fn problem<'d>(
        &self,
        (x, y): (ArrayView2<'d, f64>, &'d [u8]),
        (kernel, c): (Kernel, RowWeight<'d>),
        centre: &'d [f64],
    ) -> Result<(Problem<'d>, [usize; 2])> {
        let counts = two_class::counts(ID, x.nrows(), y)?;
        let params = &self.params;
        let problem = Problem {
            x,
            y,
            centre,
            kernel,
            c,
            tol: params.tol,
            max_iter: u64::try_from(params.max_iter).ok(),
            cache_bytes: (params.cache_size * 1_048_576.0) as usize,
            first: FIRST,
        };
        Ok((problem, counts))
    }
}

fn centre(x: ArrayView2<'_, f64>) -> Vec<f64> {
    x.mean_axis(Axis(0)).map(|mean| mean.to_vec()).unwrap_or_default()
}

/// The support vectors of the classifier with default parameters: places of rows, ascending.
///
/// # Errors
/// As its fit: rows of one class, values that are too large.
pub(crate) fn support_rows(x: ArrayView2<'_, f64>, y: &[u8]) -> Result<Vec<usize>> {
    let centre = centre(x);
    let svc = Svc { params: Params::default() };
    let c = svc.bounds(x.nrows(), y, None)?;
    let (problem, counts) = svc.problem((x.reborrow(), y), (svc.kernel(x)?, c), &centre)?;
    Ok(problem.support(counts))
}

impl Classifier for Svc {
    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let x = train.features.x.as_standard_layout();
        let centre = match self.params.kernel {
            KernelName::Poly | KernelName::Sigmoid => vec![0.0; x.ncols()],
            KernelName::Rbf | KernelName::Linear => centre(x.view()),
        };
        let c = self.bounds(x.nrows(), train.y, train.weight)?;
        let kernel = self.kernel(x.view())?;
        let solution = match weighing(train.weight) {
            None => {
                let (problem, counts) = self.problem((x.view(), train.y), (kernel, c), &centre)?;
                problem.solve(counts)
            }
            // As in libsvm, rows that weigh 0 have no part in the dual; `gamma` has seen them.
            Some(rows) => {
                let y: Vec<u8> = rows.iter().map(|&row| train.y[row]).collect();
                let own: Option<Vec<f64>> = train.weight.map(|own| rows.iter().map(|&row| own[row]).collect());
                let x = x.select(Axis(0), &rows);
                let c = RowWeight { own: own.as_deref(), ..c };
                let (problem, counts) = self.problem((x.view(), &y), (kernel, c), &centre)?;
                problem.solve(counts)
            }
        };
        if solution.coefficients.iter().chain([&solution.intercept]).any(|value| !value.is_finite()) {
            return Err(Error::Component(format!("{ID}: the coefficients are not finite")));
        }
        let reached = solution.exhausted.then_some((Limit::MaxIter, self.params.max_iter.unsigned_abs()));
        Ok(Box::new(Fitted { kernel, centre, solution, reached }))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn decides_only(&self) -> bool {
        true
    }
}

/// The model that said this of itself; none where it cannot be one.
pub(super) fn restored(saved: SavedVectors) -> Option<Box<dyn Model>> {
    let SavedVectors { kernel, centre, vectors: rows, coefficients, intercept } = saved;
    let fits = rows.len() == coefficients.len() && rows.iter().all(|row| row.len() == centre.len());
    let mut vectors = Vectors::new(centre.len());
    let nothing = vec![0.0; centre.len()];
    rows.iter().for_each(|row| vectors.push_centred(row, &nothing));
    let solution = Solution { vectors, coefficients, intercept, exhausted: false };
    fits.then_some(Box::new(Fitted { kernel: kernel.into(), centre, solution, reached: None }))
}

impl From<SavedKernel> for Kernel {
    fn from(saved: SavedKernel) -> Self {
        match saved {
            SavedKernel::Rbf { gamma } => Kernel::Rbf { gamma },
            SavedKernel::Linear => Kernel::Linear,
            SavedKernel::Poly { gamma, coef0, degree } => Kernel::Poly { gamma, coef0, degree },
            SavedKernel::Sigmoid { gamma, coef0 } => Kernel::Sigmoid { gamma, coef0 },
        }
    }
}

impl From<Kernel> for SavedKernel {
    fn from(kernel: Kernel) -> Self {
        match kernel {
            Kernel::Rbf { gamma } => SavedKernel::Rbf { gamma },
            Kernel::Linear => SavedKernel::Linear,
            Kernel::Poly { gamma, coef0, degree } => SavedKernel::Poly { gamma, coef0, degree },
            Kernel::Sigmoid { gamma, coef0 } => SavedKernel::Sigmoid { gamma, coef0 },
        }
    }
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        let Solution { vectors, coefficients, intercept, .. } = &self.solution;
        Some(SavedModel::Vectors(SavedVectors {
            kernel: self.kernel.into(),
            centre: self.centre.clone(),
            vectors: (0..vectors.len()).map(|nth| vectors.row(nth).to_vec()).collect(),
            coefficients: coefficients.clone(),
            intercept: *intercept,
        }))
    }

    fn details(&self) -> Option<serde_json::Value> {
        limit::details(limit::told(self.reached))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.centre.len(), x.ncols())?;
        let Solution { vectors, coefficients, intercept, .. } = &self.solution;
        let mut score = vec![*intercept; x.nrows()];
        vectors.add_weighted(self.kernel, coefficients, x, |row| row, &self.centre, &mut score);
        // libsvm votes for its first class, the negative one, above 0 of its own sign alone.
        let label = score.iter().map(|&score| u8::from(score >= 0.0)).collect();
        two_class::finite(ID, x, Prediction { score, label, kind: ScoreKind::Decision })
    }
}

/// `SVC`: <https://scikit-learn.org/1.9/modules/generated/sklearn.svm.SVC.html>. The dual and the stopping rule are
/// libsvm's (Chang and Lin 2011, "LIBSVM: a library for support vector machines"); the score is `decision_function`.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    ID,
    "support vector machine (RBF, linear, polynomial or sigmoid kernel), libsvm's dual solved on the few rows that matter",
    |table| build::<Params, _>(ID, table, checked).map(|built| later::<Params, _>(built, LATER)),
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.svm.SVC.html")
.in_python(InPython::new().calibrated_alike())
.remedy(
    &[Remedy::scaler("a scaler such as `standard`")],
    "with columns of unlike scales a kernel sees the widest one only",
)
.cost(Cost::seconds(8.1))
.unset(&[("probability", "deprecated")])
.notes(&[
    "`max_iter` counts steps of this solver, which takes the first ones on a part of the rows: after as many steps libsvm's scores are \
     others. Where it ends a fit before the optimum, the record's `details` have `max_iter_reached`",
    "`kernel = \"sigmoid\"`, or \"poly\" with a negative `coef0`, may have several optima: libsvm may end at another one",
])
.idle(&[
    Idle::new(&["degree"], "`kernel = \"poly\"`", "kernel", |kernel| kernel == "poly"),
    Idle::new(&["coef0"], "`kernel = \"poly\"` or `\"sigmoid\"`", "kernel", |kernel| {
        kernel == "poly" || kernel == "sigmoid"
    }),
    Idle::new(&["gamma"], "another `kernel` than \"linear\"", "kernel", |kernel| kernel != "linear"),
])
.also(&[
    NOTHING_DRAWN,
    VERBOSE,
    Also::harmless("shrinking", "it changes the way to the solution, not the solution").takes(Takes::TRUTHS),
    Also::harmless("decision_function_shape", "two classes have one decision function")
        .takes(&[Takes::Texts(&["ovr", "ovo"])]),
    Also::harmless("break_ties", "two classes cannot tie in votes").takes(Takes::TRUTHS),
    // SVC's default is `"deprecated"`.
    Also::only("probability", "false", "write `calibrate = \"sigmoid\"` beside `params`: Platt's scaling, on inner folds"),
]).look(4);

#[cfg(test)]
mod tests {
    use crate::component::Registry;
    use ndarray::{Array2, arr2};

    use super::*;

    fn fit(table: &str, x: &Array2<f64>, y: &[u8]) -> Result<Prediction> {
        let built = ENTRY.build(&table.parse().unwrap(), &Registry::empty())?;
        built.component.fit(&Train::numbers(x.view(), y), &Context { seed: 0 })?.predict(x.view())
    }

    #[test]
    fn equal_rows_with_opposite_labels_and_values_that_are_all_equal_are_fine() {
        let same = Array2::from_elem((5, 3), 7.0);
        let fitted = fit("", &same, &[0, 1, 0, 0, 1]).unwrap();
        assert!(fitted.score.iter().all(|&score| score == fitted.score[0]), "{fitted:?}");
        assert_eq!(fitted.kind, ScoreKind::Decision);
        assert!(fit("kernel = 'linear'", &same, &[0, 1, 0, 0, 1]).is_ok());
    }

    #[test]
    fn a_row_on_the_border_is_positive_as_libsvms_vote_is() {
        let x = arr2(&[[-1.0, 0.0], [1.0, 0.0]]);
        let built = ENTRY.build(&"kernel = 'linear'".parse().unwrap(), &Registry::empty()).unwrap();
        let model = built.component.fit(&Train::numbers(x.view(), &[0, 1]), &Context { seed: 0 }).unwrap();
        let asked = model.predict(arr2(&[[0.0, 5.0], [-0.5, 0.0], [0.5, 0.0]]).view()).unwrap();
        assert_eq!((asked.score[0], asked.label), (0.0, vec![1, 0, 1]));
    }

    #[test]
    fn a_fit_that_its_limit_ends_says_so_in_the_record() {
        let x = Array2::from_shape_fn((40, 2), |(i, j)| ((i * 7 + j) % 11) as f64);
        let y: Vec<u8> = (0..40).map(|i| u8::from(i % 3 == 0)).collect();
        let details = |table: &str| {
            let built = ENTRY.build(&table.parse().unwrap(), &Registry::empty()).unwrap();
            built.component.fit(&Train::numbers(x.view(), &y), &Context { seed: 0 }).unwrap().details()
        };
        assert_eq!(details("max_iter = 1"), Some(serde_json::json!({ "max_iter_reached": 1 })));
        assert_eq!(details("max_iter = 1000000"), None);
        assert_eq!(details(""), None);
    }

    #[test]
    fn what_cannot_be_fitted_is_one_sentence() {
        let said = |table: &str, x: &Array2<f64>, y: &[u8]| fit(table, x, y).unwrap_err().to_string();
        let x = arr2(&[[1.0], [2.0], [4.0]]);
        assert_eq!(said("", &x, &[0, 0, 0]), "svc needs rows of both classes, but all rows are negative");
        for table in ["", "gamma = 0.5", "kernel = 'linear'"] {
            assert!(said(table, &(&x * 1e200), &[0, 1, 0]).contains("too large"));
        }
        for table in ["C = 0.0", "gamma = -1.0", "gamma = 'scaled'", "max_iter = -2", "class_weight = 'half'"] {
            assert!(fit(table, &x, &[0, 1, 0]).is_err(), "{table}");
        }
        assert_eq!(said("degree = 101", &x, &[0, 1, 0]), "`svc`: `degree` must be at most 100, not 101");
        assert!(fit("gamma = 'auto'\nclass_weight = 'balanced'\nC = 2", &x, &[0, 1, 0]).is_ok());
    }
}
