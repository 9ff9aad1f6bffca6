//! What a cut must keep besides a least number of rows a side: a least weight, and monotonicity. Both can make a cut the best
//! one that lies next to no value of the rarer class, so columns are then searched value by value.

use super::impurity::{Sums, rest};

/// Smallest and largest share of label 0 that a node may say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds(f64, f64);

impl Bounds {
    /// Those of a root.
    pub(super) const NONE: Self = Bounds(f64::NEG_INFINITY, f64::INFINITY);

    /// Those of the children of a node that is cut into `left` and the rest of `all`, at a column of this constraint.
    pub(super) fn of_children(self, constraint: i8, all: Sums, left: Sums) -> [Self; 2] {
        let right = rest(all, left);
        let weight_left = left[0] + left[1];
        let weight_right = (all[0] + all[1]) - weight_left;
        let middle = left[0] / (2.0 * weight_left) + right[0] / (2.0 * weight_right);
        match constraint {
            0 => [self; 2],
            1 => [Bounds(self.0, middle), Bounds(middle, self.1)],
            _ => [Bounds(middle, self.1), Bounds(self.0, middle)],
        }
    }

    /// Shares of the labels within the bounds.
    pub(super) fn clip(self, shares: [f64; 2]) -> [f64; 2] {
        let zero = if shares[0] < self.0 {
            self.0
        } else if shares[0] > self.1 {
            self.1
        } else {
            shares[0]
        };
        [zero, 1.0 - zero]
    }
}

/// What cuts of one column of a node must keep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The least weight of a side.
    pub(super) least_weight: f64,
    /// 1: the share of label 0 must not fall from left to right; -1: it must not rise; 0: free.
    pub(super) constraint: i8,
    pub(super) bounds: Bounds,
}

impl Limits {
    /// Whether a node of `all` may be cut into `left` and the rest.
    pub(super) fn allow(&self, all: Sums, left: Sums) -> bool {
        let right = rest(all, left);
        let weight_left = left[0] + left[1];
        let weight_right = (all[0] + all[1]) - weight_left;
        if weight_left < self.least_weight || weight_right < self.least_weight {
            return false;
        }
        if self.constraint == 0 {
            return true;
        }
        let (low, high) = (left[0] / weight_left, right[0] / weight_right);
        let within = |share: f64| self.bounds.0 <= share && share <= self.bounds.1;
        within(low) && within(high) && (low - high) * f64::from(self.constraint) <= 0.0
    }
}
