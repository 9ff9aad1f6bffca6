//! `python`: any class with imbalanced-learn's `fit_resample`, in a Python of its own.

use crate::component::{Context, Entry, Resampled, Resampler, Train};
use crate::error::Result;
use crate::external::step::{self, Step};

impl Resampler for Step {
    fn resample(&self, train: &Train<'_>, context: &Context) -> Result<Resampled> {
        Step::resample(self, train, context)
    }
}

/// `python`.
pub const ENTRY: Entry<dyn Resampler> = Entry::new(
    "python",
    "any class with imbalanced-learn's fit_resample: python = \"module:Class\", params passed to it",
    |table| step::built(table, |step| Box::new(step) as Box<dyn Resampler>),
)
.backend("python")
.least("estimator = \"imblearn.over_sampling:SMOTE\"");
