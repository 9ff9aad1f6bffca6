//! Impurity of a set of rows of two classes, in the order of operations of scikit-learn's `_criterion.pyx`: two cuts that
//! tie there tie here, and the same one wins.

use serde::{Deserialize, Serialize};

/// How a cut is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Criterion {
    /// Gini index (Breiman et al. 1984).
    #[serde(rename = "gini")]
    Gini,
    /// Shannon entropy in bits.
    #[serde(rename = "entropy")]
    Entropy,
    /// Another name of `entropy`.
    #[serde(rename = "log_loss")]
    LogLoss,
}

/// Sums of weights of the two classes, `[of label 0, of label 1]`.
pub(super) type Sums = [f64; 2];

/// What is on the right when `left` of `all` is on the left.
#[inline]
pub(super) fn rest(all: Sums, left: Sums) -> Sums {
    [all[0] - left[0], all[1] - left[1]]
}

impl Criterion {
    /// Impurity of rows whose class weights are `sums`; `weight` is their total.
    #[inline]
    pub(super) fn impurity(self, sums: Sums, weight: f64) -> f64 {
        match self {
            Criterion::Gini => {
                let squares = sums[0] * sums[0] + sums[1] * sums[1];
                1.0 - squares / (weight * weight)
            }
            Criterion::Entropy | Criterion::LogLoss => {
                let mut entropy = 0.0;
                for sum in sums {
                    if sum > 0.0 {
                        let share = sum / weight;
                        entropy -= share * (share.ln() / std::f64::consts::LN_2);
                    }
                }
                entropy
            }
        }
    }

    /// Larger is better; orders the cuts of one node as the decrease of impurity does.
    #[inline]
    pub(super) fn proxy(self, all: Sums, left: Sums) -> f64 {
        let right = rest(all, left);
        let weight_left = left[0] + left[1];
        let weight_right = (all[0] + all[1]) - weight_left;
        -weight_right * self.impurity(right, weight_right) - weight_left * self.impurity(left, weight_left)
    }

    /// Decrease of impurity by a cut of a node of impurity `before`, weighted by the node's share of `total`.
    pub(super) fn improvement(self, before: f64, all: Sums, left: Sums, total: f64) -> f64 {
        let right = rest(all, left);
        let weight = all[0] + all[1];
        let weight_left = left[0] + left[1];
        let weight_right = weight - weight_left;
        weight / total
            * (before
                - weight_right / weight * self.impurity(right, weight_right)
                - weight_left / weight * self.impurity(left, weight_left))
    }
}
