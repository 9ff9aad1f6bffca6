//! Minimal cost-complexity pruning: Breiman, Friedman, Olshen and Stone 1984, chapter 3; scikit-learn's `_cost_complexity_prune`.

use super::build::Branch;
use super::{LEAF, Node};

/// Makes leaves of the branches whose leaves lower the impurity of the tree by less than `alpha` each, the weakest first.
pub(super) fn pruned(branches: &mut [Branch], alpha: f64) {
    let mut links = Links::of(branches);
    while let Some((weakest, strength)) = links.weakest(branches) {
        if alpha < strength {
            break;
        }
        links.cut_back(branches, weakest);
    }
}

/// What is known of the nodes that are not cut away.
struct Links {
    parent: Vec<Option<usize>>,
    /// Impurity of a node, as a share of the tree's weight.
    own: Vec<f64>,
    /// The same of the leaves below it.
    below: Vec<f64>,
    leaves: Vec<usize>,
    is_cut_away: Vec<bool>,
}

impl Links {
    fn of(branches: &[Branch]) -> Self {
        let total = branches[0].weight;
        let own: Vec<f64> = branches.iter().map(|branch| branch.weight * branch.impurity / total).collect();
        let mut parent = vec![None; branches.len()];
        for (at, branch) in branches.iter().enumerate() {
            branch.children.into_iter().flatten().for_each(|child| parent[child] = Some(at));
        }
        let (below, leaves) = (vec![0.0; branches.len()], vec![0; branches.len()]);
        let mut links = Links { parent, own, below, leaves, is_cut_away: vec![false; branches.len()] };
        for (leaf, _) in branches.iter().enumerate().filter(|(_, branch)| branch.children.is_none()) {
            links.below[leaf] = links.own[leaf];
            links.leaves[leaf] = 1;
            let mut at = links.parent[leaf];
            while let Some(node) = at {
                links.below[node] += links.own[leaf];
                links.leaves[node] += 1;
                at = links.parent[node];
            }
        }
        links
    }

    /// The first of the nodes whose leaves gain least, and what each of them gains.
    fn weakest(&self, branches: &[Branch]) -> Option<(usize, f64)> {
        let mut weakest: Option<(usize, f64)> = None;
        for (at, _) in branches.iter().enumerate().filter(|(_, branch)| branch.children.is_some()) {
            let gain = (self.own[at] - self.below[at]) / (self.leaves[at] - 1) as f64;
            if !self.is_cut_away[at] && weakest.is_none_or(|(_, least)| gain < least) {
                weakest = Some((at, gain));
            }
        }
        weakest
    }

    /// Makes a leaf of a node.
    fn cut_back(&mut self, branches: &mut [Branch], node: usize) {
        let mut stack: Vec<usize> = branches[node].children.into_iter().flatten().collect();
        while let Some(at) = stack.pop() {
            self.is_cut_away[at] = true;
            stack.extend(branches[at].children.into_iter().flatten());
        }
        let (fewer, more) = (self.leaves[node] - 1, self.own[node] - self.below[node]);
        branches[node].children = None;
        branches[node].node = Node { column: LEAF, right: 0, threshold: 0.0, shares: branches[node].node.shares };
        self.below[node] = self.own[node];
        let mut at = Some(node);
        while let Some(node) = at {
            self.leaves[node] -= fewer;
            at = self.parent[node];
            if let Some(parent) = at {
                self.below[parent] += more;
            }
        }
    }
}
