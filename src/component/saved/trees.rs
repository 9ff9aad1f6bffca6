//! Trees as data.

use serde::{Deserialize, Serialize};

use super::exact;

/// Trees, and what their leaves say together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedTrees {
    /// Columns that go in.
    pub columns: usize,
    /// Whether values are rounded to 32 bits before they are compared.
    pub narrow: bool,
    /// The trees.
    pub trees: Vec<SavedTree>,
    /// What is made of the leaves that a row comes to.
    pub says: TreeSum,
}

/// What is made of the leaves that a row comes to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TreeSum {
    /// The score is their mean; the label is 1 where it is above that of the leaves' shares of label 0.
    Mean,
    /// The decision is twice their sum divided by this; the score is its logistic.
    Vote(f64),
    /// The decision is this and their sum; the score is its logistic.
    LogOdds(f64),
}

/// One tree. The root is the first node; a node without children (`next` is itself twice) is a leaf.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedTree {
    /// The column that a node looks at, by node; 0 in a leaf.
    pub column: Vec<u32>,
    /// Values up to this one go left, by node; 0 in a leaf.
    #[serde(with = "exact::list")]
    pub threshold: Vec<f64>,
    /// The left and the right child, by node.
    pub next: Vec<[u32; 2]>,
    /// Where a missing value goes left, by node; empty where none does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_left: Vec<bool>,
    /// The levels that go left, in nodes that cut a category; empty where no node does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Option<Vec<u32>>>,
    /// What a leaf says, by node; 0 in other nodes.
    pub value: Vec<f64>,
    /// The shares of label 0, by node; there where the sum is a mean of shares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<f64>,
}

impl SavedTree {
    /// Whether its lists fit each other, for rows of so many columns.
    pub fn is_sound(&self, columns: usize) -> bool {
        let nodes = self.next.len();
        let fits = |length: usize| length == nodes;
        let may_lack = |length: usize| length == 0 || length == nodes;
        // Children stand behind their parents, so that every way ends.
        let leads_on = |(node, [left, right]): (usize, &[u32; 2])| {
            let [left, right] = [*left as usize, *right as usize];
            left == node || (node < left && left < nodes && node < right && right < nodes)
        };
        nodes > 0
            && [self.column.len(), self.threshold.len(), self.value.len()].into_iter().all(fits)
            && [self.missing_left.len(), self.levels.len(), self.other.len()].into_iter().all(may_lack)
            && self.column.iter().all(|&column| (column as usize) < columns)
            && self.next.iter().enumerate().all(leads_on)
    }

    /// Whether a node has no children.
    pub fn is_leaf(&self, node: usize) -> bool {
        self.next[node][0] as usize == node
    }

    /// The child that a value goes to.
    pub fn child(&self, node: usize, value: f64) -> usize {
        let blank_left = || self.missing_left.get(node).copied().unwrap_or(false);
        let goes_left = match self.levels.get(node).and_then(Option::as_ref) {
            Some(levels) => match value.is_nan() {
                true => blank_left(),
                false => levels.contains(&(value as u32)),
            },
            None => value <= self.threshold[node] || value.is_nan() && blank_left(),
        };
        self.next[node][usize::from(!goes_left)] as usize
    }

    /// The leaf that a row comes to.
    pub fn leaf(&self, row: &[f64]) -> usize {
        let mut node = 0;
        while !self.is_leaf(node) {
            node = self.child(node, row[self.column[node] as usize]);
        }
        node
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_levels_and_blanks_go_where_a_tree_sends_them() {
        let tree = SavedTree {
            column: vec![0, 1, 0, 0, 0],
            threshold: vec![2.0, 0.0, 0.0, 0.0, 0.0],
            next: vec![[1, 2], [3, 4], [2, 2], [3, 3], [4, 4]],
            missing_left: vec![true, false, false, false, false],
            levels: vec![None, Some(vec![0, 3]), None, None, None],
            value: vec![0.0, 0.0, 1.0, 2.0, 3.0],
            other: Vec::new(),
        };
        assert_eq!(tree.leaf(&[2.5, 0.0]), 2);
        assert_eq!(tree.leaf(&[2.0, 3.0]), 3);
        assert_eq!(tree.leaf(&[f64::NAN, 1.0]), 4);
        assert_eq!(tree.leaf(&[0.0, f64::NAN]), 4);
    }
}
