//! Families from the linfa libraries, to check ours against and to compare with.
//!
//! Its forest draws columns once a tree and its AdaBoost resamples instead of weighting: other algorithms than the
//! families' names promise, so they are not here; its support vectors need the square of the rows in memory.

pub(super) mod decision_tree;
pub(super) mod logistic_regression;
