//! The metrics, a file each, over one confusion matrix and one score vector.
//!
//! A [`Scored`] is built once a cell and shared by all metrics; a [`Metric`] only reads it. Values equal scikit-learn's
//! and imbalanced-learn's; where those libraries warn and return zero or NaN, the score is `undefined`, with its reason.

mod accuracy;
mod balanced_accuracy;
mod brier;
mod error_rates;
mod f_beta;
mod g_mean;
mod iba;
mod log_loss;
mod mcc;
mod pr_auc;
mod roc_auc;
mod scored;
mod specificity;

use serde::{Deserialize, Serialize};

pub use scored::{Ranks, Scored, Step};

use crate::error::{Error, Result, unknown};

/// Counts at the model's own labels; the positive class is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// True positives.
    pub tp: u64,
    /// False positives.
    pub fp: u64,
    /// False negatives.
    #[serde(rename = "fn")]
    pub fn_: u64,
    /// True negatives.
    pub tn: u64,
}

impl Confusion {
    /// Rows whose true class is 1.
    pub fn positives(&self) -> u64 {
        self.tp + self.fn_
    }

    /// Rows whose true class is 0.
    pub fn negatives(&self) -> u64 {
        self.fp + self.tn
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.positives() + self.negatives()
    }

    /// True positive rate (recall, sensitivity), or why there is none.
    fn tpr(&self) -> Result<f64, &'static str> {
        share(self.tp, self.positives(), NO_POSITIVES)
    }

    /// True negative rate (specificity), or why there is none.
    fn tnr(&self) -> Result<f64, &'static str> {
        share(self.tn, self.negatives(), NO_NEGATIVES)
    }
}

const NO_POSITIVES: &str = "the test rows hold no positives";
const NO_NEGATIVES: &str = "the test rows hold no negatives";
const NO_ROWS: &str = "there are no test rows";

fn share(part: u64, whole: u64, otherwise: &'static str) -> Result<f64, &'static str> {
    if whole == 0 { Err(otherwise) } else { Ok(part as f64 / whole as f64) }
}

/// The value of a metric, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Score {
    /// Its value.
    Value(f64),
    /// The reason why it is not defined here, never a made-up zero.
    Undefined {
        /// One sentence.
        undefined: String,
    },
}

impl Score {
    /// The value, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Score::Value(value) => Some(*value),
            Score::Undefined { .. } => None,
        }
    }
}

impl<R: Into<String>> From<Result<f64, R>> for Score {
    fn from(result: Result<f64, R>) -> Self {
        match result {
            Ok(value) => Score::Value(value),
            Err(reason) => Score::Undefined { undefined: reason.into() },
        }
    }
}

/// Whether larger or smaller values are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Larger is better.
    Higher,
    /// Smaller is better.
    Lower,
}

/// One metric that a study can name.
pub struct Metric {
    /// Kebab-case name, identical in TOML, records and reports.
    pub id: &'static str,
    /// One line for listings.
    pub about: &'static str,
    /// Which end of its range is the good one.
    pub better: Better,
    /// Its value on one cell's test rows.
    pub compute: fn(&Scored<'_>) -> Score,
}

/// Every metric: first those of the labels, then those of the scores.
pub static CATALOGUE: &[&Metric] = &[
    &accuracy::METRIC,
    &f_beta::PRECISION,
    &f_beta::RECALL,
    &f_beta::F1,
    &f_beta::F2,
    &f_beta::F_HALF,
    &specificity::METRIC,
    &g_mean::METRIC,
    &iba::TENTH,
    &iba::ONE,
    &iba::MULTICLASS,
    &mcc::METRIC,
    &balanced_accuracy::METRIC,
    &error_rates::FALSE_NEGATIVE,
    &error_rates::FALSE_POSITIVE,
    &roc_auc::METRIC,
    &pr_auc::METRIC,
    &log_loss::METRIC,
    &brier::METRIC,
];

/// The metric named `id`.
///
/// # Errors
/// [`Error::Study`] for an unknown name, with the nearest valid one.
pub fn find(id: &str) -> Result<&'static Metric> {
    CATALOGUE.iter().find(|metric| metric.id == id).copied().ok_or_else(|| {
        let ids: Vec<&str> = CATALOGUE.iter().map(|metric| metric.id).collect();
        Error::Study(unknown("metric", id, &ids))
    })
}

/// The scores of `metrics`, in their order, by id.
pub fn score_all(scored: &Scored<'_>, metrics: &[&Metric]) -> Vec<(&'static str, Score)> {
    metrics.iter().map(|metric| (metric.id, (metric.compute)(scored))).collect()
}

#[cfg(test)]
mod tests;
