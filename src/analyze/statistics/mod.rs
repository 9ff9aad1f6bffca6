//! The statistics of a report: pure functions of numbers, without a notion of runs or pipelines.
//!
//! Each is checked against SciPy, baycomp, autorank, scikit-posthocs or statsmodels (`tests/golden/significance.rs`).

pub mod bootstrap;
pub mod corrected_t;
pub mod distribution;
pub mod holm;
pub mod ranks;
pub mod studentized_range;
pub mod wilcoxon;
