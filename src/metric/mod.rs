//! The metrics, a file each, over one confusion matrix and one score vector.
//!
//! A [`Scored`] is built once a cell and shared by all metrics; a [`Metric`] only reads it. Values equal scikit-learn's
//! and imbalanced-learn's; where those libraries warn and return zero or NaN, the score is `undefined`, with its reason.

mod accuracy;
mod amount_recall;
mod balanced_accuracy;
mod brier;
mod calibration;
mod error_rates;
mod f_beta;
mod g_mean;
mod iba;
mod log_loss;
mod mcc;
mod money;
mod operating;
mod partial_roc_auc;
mod per_day;
mod pr_auc;
mod roc_auc;
mod specificity;
mod top;

pub(crate) use calibration::{CALIBRATION_ERROR, DISCRIMINATION, MISCALIBRATION};
pub use money::CHECK_COST;
pub(crate) use pr_auc::METRIC as PR_AUC;
pub(crate) use roc_auc::METRIC as ROC_AUC;

pub use crate::component::{Argument, Better, Confusion, Metric, Need, Ranks, Score, Scored, Step};
pub(crate) use crate::component::{NO_NEGATIVES, NO_POSITIVES, NO_ROWS, share};

/// Every metric: first those of the labels, then those of the scores, then those that read more of the data.
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
    &amount_recall::METRIC,
    &operating::RECALL_AT_FPR,
    &operating::FPR_AT_RECALL,
    &top::PRECISION_AT,
    &top::RECALL_AT,
    &partial_roc_auc::METRIC,
    &calibration::CALIBRATION_ERROR,
    &calibration::MISCALIBRATION,
    &calibration::DISCRIMINATION,
    &per_day::ALARMS_PER_DAY,
    &per_day::PRECISION_AT_PER_DAY,
    &per_day::CARD_PRECISION_AT,
    &money::COST,
    &money::SAVINGS,
];

#[cfg(test)]
mod tests;
