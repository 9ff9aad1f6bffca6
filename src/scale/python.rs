//! `python`: any class with scikit-learn's `fit` and `transform`, in a Python of its own.

use ndarray::{Array2, ArrayView2};

use crate::component::{Entry, Features, FittedScaler, Perhaps, Scaler, Shape};
use crate::error::Result;
use crate::external::step::{self, FittedStep, Step};

impl Scaler for Step {
    /// How many columns the class makes, and of what, is known after its fit only: as many as it is given is what is planned with.
    fn shape(&self, given: &Shape) -> Result<Shape, String> {
        given.complete()?;
        Ok(Shape { perhaps: vec![Perhaps::Anything], ..given.clone() })
    }

    fn fit(&self, x: ArrayView2<'_, f64>) -> Result<Box<dyn FittedScaler>> {
        Ok(Box::new(Step::fit(self, &Features::numbers(x.reborrow()), None, false)?))
    }

    fn cannot_be_saved(&self) -> bool {
        true
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
