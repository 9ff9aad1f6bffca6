//! `python`: any class with scikit-learn's `fit` and `transform`, in a Python of its own.

use ndarray::{Array2, ArrayView2};

use crate::component::{Entry, Features, FittedScaler, Scaler};
use crate::error::Result;
use crate::external::step::{self, FittedStep, Step};

impl Scaler for Step {
    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        Ok(Box::new(Step::fit(self, &Features::numbers(x.reborrow()), None, false)?))
    }
}

impl FittedScaler for FittedStep {
    fn transform(&self, x: Array2<f64>) -> Result<Array2<f64>> {
        FittedStep::transform(self, x.view())
    }

    fn close(&self) -> Result<()> {
        FittedStep::close(self)
    }
}

/// `python`.
pub const ENTRY: Entry<dyn Scaler> = Entry::new(
    "python",
    "any class with scikit-learn's fit and transform: python = \"module:Class\", params passed to it",
    |table| step::built(table, |step| Box::new(step) as Box<dyn Scaler>),
)
.backend("python")
.least("estimator = \"sklearn.preprocessing:SplineTransformer\"");
