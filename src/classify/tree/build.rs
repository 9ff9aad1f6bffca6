//! The order in which a tree's nodes are looked at: depth first, or the best cut first, as scikit-learn's two builders have it.

use super::prune::pruned;
use super::{Node, Tree};

/// What is learnt of a node by looking at it.
pub(super) struct Seen<C> {
    /// Shares of the labels.
    pub(super) shares: [f64; 2],
    pub(super) impurity: f64,
    pub(super) weight: f64,
    pub(super) cut: Option<Best<C>>,
}

/// The best cut of a node.
pub(super) struct Best<C> {
    pub(super) column: usize,
    pub(super) threshold: f64,
    /// By how much it lowers the impurity of the tree.
    pub(super) improvement: f64,
    pub(super) how: C,
}

/// Cuts nodes. What is drawn at random is drawn while a node is looked at, so the order of looks is part of the result.
pub(super) trait Cutter {
    /// A node's rows.
    type Part;
    /// What carrying a cut out needs.
    type How;

    /// Looks at a node; none is cut that lies too deep or is too small.
    fn look(&mut self, part: &mut Self::Part) -> Seen<Self::How>;

    /// Carries a cut out: left and right child.
    fn divide(&mut self, part: Self::Part, column: usize, how: &Self::How) -> [Self::Part; 2];

    /// A leaf's rows are done with.
    fn forget(&mut self, part: Self::Part);
}

/// A node with what pruning needs to know; children by number, in the order of their making.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub(super) node: Node,
    pub(super) impurity: f64,
    pub(super) weight: f64,
    pub(super) children: Option<[usize; 2]>,
}

/// Grows a tree from all rows: of at most `max_leaf_nodes` leaves, and cut back by `ccp_alpha`.
pub(super) fn build<C: Cutter>(cutter: &mut C, root: C::Part, max_leaf_nodes: Option<usize>, ccp_alpha: f64) -> Tree {
    let mut branches = match max_leaf_nodes {
        None => depth_first(cutter, root),
        Some(most) => best_first(cutter, root, most),
    };
    if ccp_alpha > 0.0 {
        pruned(&mut branches, ccp_alpha);
    }
    Tree { nodes: in_preorder(&branches) }
}

fn add<H>(branches: &mut Vec<Branch>, seen: &Seen<H>) -> usize {
    let node = Node::leaf(seen.shares);
    branches.push(Branch { node, impurity: seen.impurity, weight: seen.weight, children: None });
    branches.len() - 1
}

fn cut<H>(branch: &mut Branch, best: &Best<H>, children: [usize; 2]) {
    branch.node.column = best.column as u32;
    branch.node.threshold = best.threshold;
    branch.children = Some(children);
}

fn depth_first<C: Cutter>(cutter: &mut C, root: C::Part) -> Vec<Branch> {
    let mut branches: Vec<Branch> = Vec::new();
    // A right child knows its parent; a left one follows it.
    let mut stack = vec![(root, None::<usize>)];
    while let Some((mut part, right_of)) = stack.pop() {
        let seen = cutter.look(&mut part);
        let id = add(&mut branches, &seen);
        if let Some([_, right]) = right_of.and_then(|parent| branches[parent].children.as_mut()) {
            *right = id;
        }
        match seen.cut {
            Some(best) => {
                cut(&mut branches[id], &best, [id + 1, 0]);
                let [left, right] = cutter.divide(part, best.column, &best.how);
                stack.push((right, Some(id)));
                stack.push((left, None));
            }
            None => cutter.forget(part),
        }
    }
    branches
}

/// A node that has been looked at.
struct Open<C: Cutter> {
    id: usize,
    part: C::Part,
    cut: Option<Best<C::How>>,
}

impl<C: Cutter> Open<C> {
    fn improvement(&self) -> f64 {
        self.cut.as_ref().map_or(0.0, |best| best.improvement)
    }
}

fn best_first<C: Cutter>(cutter: &mut C, root: C::Part, max_leaf_nodes: usize) -> Vec<Branch> {
    let mut branches = Vec::new();
    let open = |cutter: &mut C, branches: &mut Vec<Branch>, mut part: C::Part| {
        let seen = cutter.look(&mut part);
        Open::<C> { id: add(branches, &seen), part, cut: seen.cut }
    };
    let mut left_to_cut = max_leaf_nodes - 1;
    let mut frontier = Frontier(vec![open(cutter, &mut branches, root)]);
    while let Some(Open { id, part, cut: best }) = frontier.pop() {
        let Some(best) = best.filter(|_| left_to_cut > 0) else {
            cutter.forget(part);
            continue;
        };
        left_to_cut -= 1;
        let [left, right] = cutter.divide(part, best.column, &best.how);
        let left = open(cutter, &mut branches, left);
        let right = open(cutter, &mut branches, right);
        cut(&mut branches[id], &best, [left.id, right.id]);
        frontier.push(left);
        frontier.push(right);
    }
    branches
}

/// The heap of the C++ library that scikit-learn is built with: of equal improvements it takes the same one out.
struct Frontier<C: Cutter>(Vec<Open<C>>);

impl<C: Cutter> Frontier<C> {
    fn push(&mut self, open: Open<C>) {
        self.0.push(open);
        self.rise(self.0.len() - 1);
    }

    /// `__push_heap`.
    fn rise(&mut self, mut at: usize) {
        while at > 0 {
            let parent = (at - 1) / 2;
            if self.0[parent].improvement() >= self.0[at].improvement() {
                break;
            }
            self.0.swap(parent, at);
            at = parent;
        }
    }

    /// `__pop_heap` with `__adjust_heap`: the hole moves down to a leaf, and the last element rises from there.
    fn pop(&mut self) -> Option<Open<C>> {
        if self.0.is_empty() {
            return None;
        }
        let first = self.0.swap_remove(0);
        let end = self.0.len();
        let mut at = 0;
        while 2 * at + 1 < end {
            let (left, right) = (2 * at + 1, 2 * at + 2);
            let child = match right < end && self.0[right].improvement() >= self.0[left].improvement() {
                true => right,
                false => left,
            };
            self.0.swap(at, child);
            at = child;
        }
        if end > 0 {
            self.rise(at);
        }
        Some(first)
    }
}

/// The nodes as a tree lists them: a left child behind its parent.
fn in_preorder(branches: &[Branch]) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::with_capacity(branches.len());
    let mut stack = vec![(0, None::<usize>)];
    while let Some((at, right_of)) = stack.pop() {
        let branch = &branches[at];
        let id = nodes.len();
        nodes.push(branch.node);
        if let Some(parent) = right_of {
            nodes[parent].right = id as u32;
        }
        if let Some([left, right]) = branch.children {
            stack.push((right, Some(id)));
            stack.push((left, None));
        }
    }
    nodes
}
