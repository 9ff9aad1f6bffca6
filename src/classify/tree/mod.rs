//! The learner that the tree families share: exact CART for two classes at the speed of histograms, because a column
//! needs cutting only at the values of the rarer class.
//!
//! With the same `random_state` a tree here equals scikit-learn 1.9's node for node: same random streams, same order of
//! search and of ties, same thresholds, inputs cast to 32 bits, values within 1e-7 of each other treated as one. Cuts
//! may differ where their merits differ by rounding alone, which takes fractional weights (`class_weight`); boosting then
//! leaves its histograms for `weighted`.
//! <https://scikit-learn.org/1.9/modules/tree.html>
//!
//! | file | what it does |
//! |---|---|
//! | `matrix` | what trees are fitted on, and what other fits on it share |
//! | `bins` | cuts the columns at the rarer class's values, once a fit |
//! | `cells` | the same for columns whose values lie too near each other |
//! | `sample` | a tree's rows, those of a node side by side |
//! | `packed` | columns of a node's rows alone |
//! | `histogram` | a node's rows by bin, inherited from the parent |
//! | `roots` | the same for the roots of many samples at once |
//! | `cut`, `impurity` | the best cut of a column, by bins or by sorting |
//! | `least` | the same where each side must keep a least number of rows |
//! | `random` | scikit-learn's draw of columns |
//! | `limits` | what a cut must keep besides: weights of the sides, constraints |
//! | `build`, `prune` | the order in which nodes are looked at; a tree cut back |
//! | `grow` | a tree from all that |
//! | `forest`, `balanced`, `stumps` | many trees: bagged, on rows drawn beforehand, boosted |
//! | `out_of_bag` | what a forest says of rows that its trees did not draw |
//! | `weighted` | trees on rows that weigh differently |
//! | `random_cuts`, `drawn_rows` | a tree that draws its cuts, and its rows |
//! | `extra`, `isolation` | many of those: extremely randomised, isolating rows |

mod balanced;
mod bins;
mod build;
mod cells;
mod cut;
mod drawn_rows;
mod extra;
mod forest;
mod grow;
mod histogram;
mod impurity;
mod isolation;
mod least;
mod limits;
mod matrix;
mod out_of_bag;
mod packed;
mod prune;
mod random;
mod random_cuts;
mod roots;
mod sample;
mod stumps;
#[cfg(test)]
mod tests;
mod weighted;

use serde::{Deserialize, Serialize};

use super::class_weight::ClassWeight;
use super::column_counts::{never_as_many, other_number};
use crate::component::Shape;
use crate::error::{Error, Result};

pub use balanced::fit_balanced_forest;
pub use extra::fit_extra_trees;
pub use forest::{Forest, MaxSamples, Sampling, fit_forest, fit_tree};
pub use impurity::Criterion;
pub use isolation::{IsolationForest, IsolationSettings, fit_isolation_forest};
pub use matrix::Matrix;
pub(super) use random::{check_members, seed, seeds};
pub use stumps::{Boosted, Stump, boost};
pub use weighted::fit_weighted;

/// How many columns a node looks at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `sqrt`, `log2`, a number of columns, or a share of them above 0, up to 1")]
pub enum MaxFeatures {
    /// A function of the number of columns.
    Named(NamedShare),
    /// So many, at least one.
    Count(usize),
    /// A share of them in (0, 1], at least one column.
    Share(f64),
}

/// The named numbers of columns, rounded down, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamedShare {
    /// The square root.
    Sqrt,
    /// The logarithm to base 2.
    Log2,
}

/// A least number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is a number of rows, or a share of them between 0 and 1")]
pub enum LeastRows {
    /// So many.
    Count(usize),
    /// A share of the training rows, rounded up.
    Share(f64),
}

impl LeastRows {
    fn of(self, rows: usize) -> usize {
        match self {
            LeastRows::Count(count) => count,
            LeastRows::Share(share) => (share * rows as f64).ceil() as usize,
        }
    }
}

/// How a tree cuts a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cuts {
    /// At the best place.
    #[default]
    Best,
    /// At a drawn place.
    Random,
}

/// What stops and steers a tree's growth; the defaults are `DecisionTreeClassifier`'s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How a cut is judged.
    pub criterion: Criterion,
    /// No node lies deeper; none: no limit.
    pub max_depth: Option<usize>,
    /// Nodes with fewer rows are not cut.
    pub min_samples_split: LeastRows,
    /// No child has fewer rows.
    pub min_samples_leaf: LeastRows,
    /// How many columns a node looks at; none: all.
    pub max_features: Option<MaxFeatures>,
    /// How much a row of either class weighs; none: 1.
    pub class_weight: Option<ClassWeight>,
    /// No child has less than this share of the weight of all rows; up to 0.5.
    pub min_weight_fraction_leaf: f64,
    /// The most leaves, those of the best cuts first; none: no limit.
    pub max_leaf_nodes: Option<usize>,
    /// Cuts that lower the impurity by less are not made.
    pub min_impurity_decrease: f64,
    /// Branches that lower the impurity by less a leaf are cut back (minimal cost-complexity pruning).
    pub ccp_alpha: f64,
    /// For each column whether the share of positives may only rise with it (1), only fall (-1), or both (0).
    pub monotonic_cst: Option<Vec<i8>>,
}

const MONOTONIC_CST: &str = "monotonic_cst";

/// Came after the first records: out of the key while at their defaults.
pub(super) const LATER: &[&str] =
    &["min_weight_fraction_leaf", "max_leaf_nodes", "min_impurity_decrease", "ccp_alpha", MONOTONIC_CST];

impl Default for Settings {
    fn default() -> Self {
        Self {
            criterion: Criterion::Gini,
            max_depth: None,
            min_samples_split: LeastRows::Count(2),
            min_samples_leaf: LeastRows::Count(1),
            max_features: None,
            class_weight: None,
            min_weight_fraction_leaf: 0.0,
            max_leaf_nodes: None,
            min_impurity_decrease: 0.0,
            ccp_alpha: 0.0,
            monotonic_cst: None,
        }
    }
}

impl Settings {
    /// Refuses what scikit-learn refuses.
    ///
    /// # Errors
    /// One sentence that names the parameter.
    pub fn check(&self) -> Result<()> {
        let refuse = |what: &str| Err(Error::Component(what.into()));
        if self.max_depth == Some(0) {
            return refuse("`max_depth` must be at least 1, not 0");
        }
        match self.min_samples_split {
            LeastRows::Count(least @ (0 | 1)) => {
                return refuse(&format!("`min_samples_split` must be at least 2, not {least}"));
            }
            LeastRows::Share(share) if !(share > 0.0 && share <= 1.0) => {
                return refuse(&format!("`min_samples_split` as a share must lie in (0, 1], not {share}"));
            }
            _ => {}
        }
        match self.min_samples_leaf {
            LeastRows::Count(0) => return refuse("`min_samples_leaf` must be at least 1, not 0"),
            LeastRows::Share(share) if !(share > 0.0 && share < 1.0) => {
                return refuse(&format!("`min_samples_leaf` as a share must lie in (0, 1), not {share}"));
            }
            _ => {}
        }
        if !(0.0..=0.5).contains(&self.min_weight_fraction_leaf) {
            return refuse(&format!(
                "`min_weight_fraction_leaf` must lie in [0, 0.5], not {}",
                self.min_weight_fraction_leaf
            ));
        }
        if let Some(most) = self.max_leaf_nodes.filter(|most| *most < 2) {
            return refuse(&format!("`max_leaf_nodes` must be at least 2, not {most}"));
        }
        for (value, name) in [(self.min_impurity_decrease, "min_impurity_decrease"), (self.ccp_alpha, "ccp_alpha")] {
            if !(value >= 0.0 && value.is_finite()) {
                return refuse(&format!("`{name}` must be 0 or more, not {value}"));
            }
        }
        if let Some(cst) = self.monotonic_cst.iter().flatten().find(|cst| !(-1..=1).contains(*cst)) {
            return refuse(&format!("`monotonic_cst` must be -1, 0 or 1 for each column, not {cst}"));
        }
        match self.max_features {
            Some(MaxFeatures::Count(0)) => refuse("`max_features` must be at least 1, not 0"),
            Some(MaxFeatures::Share(share)) if !(share > 0.0 && share <= 1.0) => {
                refuse(&format!("`max_features` as a share must lie in (0, 1], not {share}"))
            }
            _ => Ok(()),
        }
    }

    /// That `monotonic_cst` has more or fewer numbers than there are columns, where that is known before a fit.
    pub fn never_fits(&self, given: &Shape) -> Option<String> {
        never_as_many(MONOTONIC_CST, self.monotonic_cst.as_ref()?.len(), given)
    }

    /// For `rows` training rows of `columns` columns.
    ///
    /// # Errors
    /// Constraints for another number of columns.
    fn growth(&self, (rows, columns): (usize, usize), class_weight: [f64; 2]) -> Result<grow::Growth> {
        let share = |of: f64| (of as usize).max(1);
        let min_samples_leaf = self.min_samples_leaf.of(rows).max(1);
        let given = self.monotonic_cst.as_ref().map(Vec::len);
        if let Some(said) = given.and_then(|given| other_number(MONOTONIC_CST, given, columns)) {
            return Err(Error::Component(said));
        }
        // Both let a cut be the best that lies next to no rare value.
        let is_limited = self.monotonic_cst.is_some() || self.min_weight_fraction_leaf > 0.0;
        Ok(grow::Growth {
            criterion: self.criterion,
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_samples_split: self.min_samples_split.of(rows).max(2).max(min_samples_leaf.saturating_mul(2)),
            min_samples_leaf,
            columns: match self.max_features {
                None => columns,
                Some(MaxFeatures::Named(NamedShare::Sqrt)) => share((columns as f64).sqrt()),
                Some(MaxFeatures::Named(NamedShare::Log2)) => share((columns as f64).log2()),
                Some(MaxFeatures::Count(count)) => count,
                Some(MaxFeatures::Share(part)) => share(part * columns as f64),
            },
            class_weight,
            max_leaf_nodes: self.max_leaf_nodes,
            min_impurity_decrease: self.min_impurity_decrease,
            min_weight_fraction_leaf: self.min_weight_fraction_leaf,
            ccp_alpha: self.ccp_alpha,
            // Trees constrain the share of the negative class, as scikit-learn's do.
            monotonic: self.monotonic_cst.as_ref().map(|all| all.iter().map(|cst| -cst).collect()),
            bins_per_row: if is_limited { 0 } else { grow::BINS_PER_ROW },
            packing: packed::Packing::USUAL,
        })
    }
}

/// A grown tree; nodes in preorder, the root first.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// At least one.
    pub nodes: Vec<Node>,
}

/// A node: an inner one sends rows with `x[column] <= threshold` to the next node in the list, others to `right`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// The column it cuts; [`LEAF`] for a leaf.
    pub column: u32,
    /// The index of the right child; 0 for a leaf.
    pub right: u32,
    /// The cut, between two 32-bit values; 0 for a leaf.
    pub threshold: f64,
    /// Shares of the labels 0 and 1 in the weight of its training rows.
    pub shares: [f64; 2],
}

/// The `column` of a leaf.
pub const LEAF: u32 = u32::MAX;

impl Node {
    fn leaf(shares: [f64; 2]) -> Self {
        Self { column: LEAF, right: 0, threshold: 0.0, shares }
    }
}

/// The threshold in 32 bits that divides 32-bit values as `threshold` does: the nearest one not above it.
fn round_down(threshold: f64) -> f32 {
    let nearest = threshold as f32;
    if f64::from(nearest) > threshold { nearest.next_down() } else { nearest }
}
