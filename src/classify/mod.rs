//! The classifier families, a file each; `tree/` is the learner that the tree families share, `smartcore/` and `linfa/` hold
//! the same families by those libraries.

mod adaboost;
mod backend;
mod bernoulli_nb;
mod boosting;
mod class_moments;
mod class_weight;
mod column_counts;
mod complement_nb;
mod contamination;
mod debug;
mod decision_tree;
mod directions;
mod draws;
mod early_stopping;
mod empirical_tails;
mod ensemble;
mod extra_trees;
mod gaussian_nb;
mod hist_boosting;
mod isolation_forest;
mod k_neighbors;
mod lda;
mod least_squares;
mod lightgbm;
mod likelihood_ratio;
pub(crate) mod limit;
mod linear_svc;
mod linfa;
mod lof;
mod logistic_regression;
mod mlp;
mod naive_counts;
mod prior;
mod qda;
mod random_forest;
pub(crate) mod rectangles;
mod restored;
mod ridge;
mod sgd;
mod shrinkage;
mod smartcore;
mod subeh_yarovenko_mlp;
mod svc;
pub mod tree;
mod xgboost;

#[cfg(test)]
mod wide_tests;

pub(crate) use boosting::give_way;
pub use boosting::quiet_openmp;
pub(crate) use boosting::require;
pub use class_weight::ClassWeight;
pub(crate) use ensemble::{final_seed, member_seed};
pub(crate) use hist_boosting::AUTO_ROWS;
pub(crate) use k_neighbors::{is_multiplied, summing_order};
pub use prior::ID as BASELINE;
pub(crate) use restored::restored;
pub(crate) use svc::support_rows;

use crate::component::two_class;
use crate::component::{Classifier, Entry};
use crate::external;

/// The families that are whatever program they are given.
pub static GIVEN: &[&Entry<dyn Classifier>] = &[&external::ENTRY, &external::python::ENTRY];

/// The family that misbehaves on demand, for tests.
pub static HIDDEN: &[&Entry<dyn Classifier>] = &[&debug::ENTRY];

/// Every family and backend; the first entry of a family is its default backend.
pub static CATALOGUE: &[&Entry<dyn Classifier>] = &[
    &prior::ENTRY,
    &logistic_regression::ENTRY,
    &smartcore::logistic_regression::ENTRY,
    &linfa::logistic_regression::ENTRY,
    &decision_tree::ENTRY,
    &smartcore::decision_tree::ENTRY,
    &linfa::decision_tree::ENTRY,
    &random_forest::ENTRY,
    &smartcore::random_forest::ENTRY,
    &adaboost::ENTRY,
    &k_neighbors::ENTRY,
    &smartcore::k_neighbors::ENTRY,
    &svc::ENTRY,
    &gaussian_nb::ENTRY,
    &bernoulli_nb::ENTRY,
    &complement_nb::ENTRY,
    &lda::ENTRY,
    &qda::ENTRY,
    &least_squares::LINEAR,
    &least_squares::QUADRATIC,
    &extra_trees::ENTRY,
    &mlp::ENTRY,
    &hist_boosting::ENTRY,
    &linear_svc::ENTRY,
    &sgd::ENTRY,
    &ridge::ENTRY,
    &isolation_forest::ENTRY,
    &lof::ENTRY,
    &empirical_tails::ECOD,
    &empirical_tails::COPOD,
    &rectangles::ENTRY,
    &likelihood_ratio::ENTRY,
    &ensemble::bagging::ENTRY,
    &ensemble::balanced_bagging::ENTRY,
    &ensemble::balanced_random_forest::ENTRY,
    &ensemble::easy_ensemble::ENTRY,
    &ensemble::rus_boost::ENTRY,
    &ensemble::voting::ENTRY,
    &ensemble::stacking::ENTRY,
    &ensemble::cascade::ENTRY,
    &subeh_yarovenko_mlp::ENTRY,
    &xgboost::ENTRY,
    &lightgbm::ENTRY,
    &external::catboost::ENTRY,
];
