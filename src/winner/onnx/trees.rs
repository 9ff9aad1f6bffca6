//! Trees as one operator, in 64 bits.

use super::proto::{Attribute, doubles};
use super::{Builder, Wire};
use crate::component::{SavedTree, SavedTrees};

/// The nodes of all trees, side by side as the operator takes them.
#[derive(Default)]
struct Nodes {
    tree: Vec<i64>,
    node: Vec<i64>,
    column: Vec<i64>,
    mode: Vec<String>,
    value: Vec<f64>,
    left: Vec<i64>,
    right: Vec<i64>,
    blank_left: Vec<i64>,
    leaf_tree: Vec<i64>,
    leaf_node: Vec<i64>,
    leaf_value: Vec<f64>,
}

impl Nodes {
    fn push(&mut self, tree: i64, node: i64, (column, mode, value): (u32, &str, f64), (left, right): (i64, i64)) {
        self.tree.push(tree);
        self.node.push(node);
        self.column.push(i64::from(column));
        self.mode.push(mode.to_owned());
        self.value.push(value);
        self.left.push(left);
        self.right.push(right);
        self.blank_left.push(0);
    }

    fn add(&mut self, number: i64, tree: &SavedTree) {
        // Behind a tree's own nodes stand those that ask for one level after the other.
        let mut next = tree.next.len() as i64;
        for at in 0..tree.next.len() {
            let node = at as i64;
            if tree.is_leaf(at) {
                self.push(number, node, (0, "LEAF", 0.0), (0, 0));
                self.leaf_tree.push(number);
                self.leaf_node.push(node);
                self.leaf_value.push(tree.value[at]);
                continue;
            }
            let [left, right] = tree.next[at].map(i64::from);
            let blank_left = i64::from(tree.missing_left.get(at).copied().unwrap_or(false));
            let column = tree.column[at];
            match tree.levels.get(at).and_then(Option::as_ref).map(Vec::as_slice) {
                None => {
                    self.push(number, node, (column, "BRANCH_LEQ", tree.threshold[at]), (left, right));
                    self.set_blank(blank_left);
                }
                // No level goes left: no number is equal to this one.
                Some([]) => {
                    self.push(number, node, (column, "BRANCH_EQ", -1.0), (left, right));
                    self.set_blank(blank_left);
                }
                Some(levels) => {
                    let mut own = node;
                    for (nth, level) in levels.iter().enumerate() {
                        let is_last = nth + 1 == levels.len();
                        let other = if is_last { right } else { next };
                        self.push(number, own, (column, "BRANCH_EQ", f64::from(*level)), (left, other));
                        self.set_blank(blank_left);
                        if !is_last {
                            own = next;
                            next += 1;
                        }
                    }
                }
            }
        }
    }

    fn set_blank(&mut self, left: i64) {
        if let Some(last) = self.blank_left.last_mut() {
            *last = left;
        }
    }
}

/// The sum of the leaves that a row comes to, a matrix of one column in 32 bits: the operator gives no more.
pub(super) fn sum(b: &mut Builder, x: &str, trees: &SavedTrees) -> Wire {
    let mut nodes = Nodes::default();
    (0..).zip(&trees.trees).for_each(|(number, tree)| nodes.add(number, tree));
    let tensor = |name: &str, values: &[f64]| Attribute::Tensor(doubles(name, &[values.len()], values));
    let zeros = vec![0; nodes.leaf_value.len()];
    let attributes = [
        ("n_targets", Attribute::Int(1)),
        ("aggregate_function", Attribute::Text("SUM".into())),
        ("post_transform", Attribute::Text("NONE".into())),
        ("nodes_treeids", Attribute::Ints(nodes.tree)),
        ("nodes_nodeids", Attribute::Ints(nodes.node)),
        ("nodes_featureids", Attribute::Ints(nodes.column)),
        ("nodes_modes", Attribute::Texts(nodes.mode)),
        ("nodes_values_as_tensor", tensor("nodes_values", &nodes.value)),
        ("nodes_truenodeids", Attribute::Ints(nodes.left)),
        ("nodes_falsenodeids", Attribute::Ints(nodes.right)),
        ("nodes_missing_value_tracks_true", Attribute::Ints(nodes.blank_left)),
        ("target_treeids", Attribute::Ints(nodes.leaf_tree)),
        ("target_nodeids", Attribute::Ints(nodes.leaf_node)),
        ("target_ids", Attribute::Ints(zeros)),
        ("target_weights_as_tensor", tensor("target_weights", &nodes.leaf_value)),
    ];
    b.learnt("TreeEnsembleRegressor", x, &attributes)
}
