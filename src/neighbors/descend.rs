//! Searching an index of few columns: down its tree, the nearer box first. There boxes rule out nearly all rows, and whole subtrees
//! at once.
//!
//! A box also knows the least row number in it: a box as near as the row to beat is left out if all its rows
//! come after that one, which ends searches among many equal rows early.

use super::index::{HIGH, Index, LOW, middle};
use super::search::Search;
use super::{Metric, Neighbor};

/// Columns up to which an index is searched so. The number affects speed only.
pub(super) const FEW_COLUMNS: usize = 8;

/// The boxes of a tree's nodes. A node comes before the nodes of its left half, and these before those of its right half.
pub(super) struct Boxes {
    columns: usize,
    /// Lowest and highest value, node by node and column by column.
    ranges: Vec<[f64; 2]>,
    /// The least row number, node by node.
    first: Vec<u32>,
}

/// A node over leaves `a..b`, and what no row in it comes before.
#[derive(Clone, Copy)]
struct Node {
    at: usize,
    a: usize,
    b: usize,
    bound: Neighbor,
}

impl Boxes {
    /// Boxes over leaves, at least one, from what is known of their values, leaf by leaf and column by column, and their least row
    /// numbers.
    pub fn new(columns: usize, leaves: &[[f64; 3]], first: &[u32]) -> Self {
        let nodes = 2 * first.len() - 1;
        let mut boxes = Boxes { columns, ranges: vec![[0.0; 2]; nodes * columns], first: vec![0; nodes] };
        boxes.fill(0, leaves, first);
        boxes
    }

    /// Writes a node and those below it.
    fn fill(&mut self, at: usize, leaves: &[[f64; 3]], first: &[u32]) {
        let own = at * self.columns;
        if let [first] = first {
            let ranges = self.ranges[own..][..self.columns].iter_mut().zip(leaves);
            ranges.for_each(|(range, of)| *range = [of[LOW], of[HIGH]]);
            self.first[at] = *first;
            return;
        }
        let m = middle(0, first.len());
        let (left, right) = (at + 1, at + 2 * m);
        let (left_leaves, right_leaves) = leaves.split_at(leaves.len() / first.len() * m);
        self.fill(left, left_leaves, &first[..m]);
        self.fill(right, right_leaves, &first[m..]);
        for column in 0..self.columns {
            let [low, high] = self.ranges[left * self.columns + column];
            let other = self.ranges[right * self.columns + column];
            self.ranges[own + column] = [low.min(other[0]), high.max(other[1])];
        }
        self.first[at] = self.first[left].min(self.first[right]);
    }

    /// What no row of a node comes before: the sum of the nearest point of its box, taken as a row's is, and its least row number.
    #[inline(always)]
    fn bound<M: Metric>(&self, at: usize, query: &[f64]) -> Neighbor {
        let mut sum = 0.0;
        for (&[low, high], value) in self.ranges[at * self.columns..][..self.columns].iter().zip(query) {
            let (below, above) = (low - value, value - high);
            let gap = if below > above { below } else { above };
            sum = M::join(sum, M::term(if gap > 0.0 { gap } else { 0.0 }));
        }
        Neighbor { sum, row: self.first[at] }
    }

    /// The halves of a node of several leaves, the one to look at first in front.
    #[inline(always)]
    fn halves<M: Metric>(&self, Node { at, a, b, .. }: Node, query: &[f64]) -> [Node; 2] {
        let m = middle(a, b);
        let (left, right) = (at + 1, at + 2 * (m - a));
        let left = Node { at: left, a, b: m, bound: self.bound::<M>(left, query) };
        let right = Node { at: right, a: m, b, bound: self.bound::<M>(right, query) };
        if right.bound.before(&left.bound) { [right, left] } else { [left, right] }
    }
}

/// Brings every search of `group` to its end on `index`, whose boxes are `boxes`.
pub(super) fn descend<M: Metric>(index: &Index, boxes: &Boxes, group: &mut [Search]) {
    let mut open = Vec::new();
    for search in group {
        let root = Node { at: 0, a: 0, b: index.leaves(), bound: Neighbor::NEAREST };
        open.clear();
        open.push(root);
        while let Some(node) = open.pop()
            && !search.decided()
        {
            search.down::<M>(index, boxes, node, &mut open);
        }
    }
}

impl Search {
    /// Visits the nearest leaf of a node, unless no row of it can count, and leaves the rest of the node in `open`.
    fn down<M: Metric>(&mut self, index: &Index, boxes: &Boxes, mut node: Node, open: &mut Vec<Node>) {
        let worst = self.worst();
        while node.bound.before(&worst) {
            if node.b - node.a == 1 {
                return self.visit_few::<M>(index, node.a, boxes.columns);
            }
            let [near, far] = boxes.halves::<M>(node, &self.query);
            if far.bound.before(&worst) {
                open.push(far);
            }
            node = near;
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::super::index::LEAF;
    use super::super::search::search;
    use super::super::{Chebyshev, Euclidean, Manhattan, Power};
    use super::*;
    use crate::numeric::mt19937::Mt19937;

    /// Rows of many equal values: each is one of `levels`, and `alike` of 64 rows are all zeros. The last column is constant.
    fn table(random: &mut Mt19937, rows: usize, columns: usize, levels: u64, alike: u64) -> Array2<f64> {
        let mut x = Array2::zeros((rows, columns));
        for mut row in x.rows_mut() {
            if random.interval(63) < alike {
                continue;
            }
            // Powers of a third: sums are rounded, so that their order counts.
            let values = row.iter_mut().take(columns.max(2) - 1).enumerate();
            values.for_each(|(column, to)| *to = random.interval(levels - 1) as f64 / 3_f64.powi(column as i32));
        }
        x
    }

    fn indexed(x: &Array2<f64>) -> Index {
        let columns: Vec<usize> = (0..x.ncols()).collect();
        Index::new(x.view(), (0..x.nrows() as u32).collect(), &columns)
    }

    fn start(index: &Index, x: &Array2<f64>, row: usize, k: usize) -> Search {
        let mut query = x.row(row).to_vec();
        query.resize(index.width, 0.0);
        Search { query, best: Vec::new(), k, exclude: row as u32, rival: Neighbor::NEAREST }
    }

    /// Searches down the tree and through the leaves, for every `step`-th row.
    fn both_ways_agree<M: Metric>(x: &Array2<f64>, step: usize, k: usize) -> Result<(), TestCaseError> {
        let mut index = indexed(x);
        let group: Vec<Search> = (0..x.nrows()).step_by(step).map(|row| start(&index, x, row, k)).collect();
        let (mut down, mut through) = (group.clone(), group);
        let Some(boxes) = index.boxes.take() else { return Ok(()) };
        descend::<M>(&index, &boxes, &mut down);
        search::<M>(&index, &mut through);
        for (down, through) in down.iter().zip(&through) {
            prop_assert_eq!(&down.best, &through.best);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_tree_has_the_neighbours_of_the_leaves(
            seed: u32, rows in LEAF + 1..4000, columns in 1usize..=FEW_COLUMNS, levels in 1u64..2000, alike in 0u64..64, k in 1usize..80,
        ) {
            let x = table(&mut Mt19937::new(seed), rows, columns, levels, alike);
            let step = rows / 40 + 1;
            both_ways_agree::<Euclidean>(&x, step, k)?;
            both_ways_agree::<Manhattan>(&x, step, k)?;
            both_ways_agree::<Chebyshev>(&x, step, k)?;
            both_ways_agree::<Power<3>>(&x, step, k)?;
        }

        #[test]
        fn no_row_of_a_node_comes_before_its_bound(seed: u32, rows in LEAF + 1..1500, columns in 1usize..=FEW_COLUMNS, alike in 0u64..64) {
            let x = table(&mut Mt19937::new(seed), rows, columns, 500, alike);
            let index = indexed(&x);
            let boxes = index.boxes.as_ref().unwrap();
            let query = x.row(rows - 1).mapv(|value| value * 1.5 - 20.0).to_vec();
            let mut open = vec![Node { at: 0, a: 0, b: index.leaves(), bound: boxes.bound::<Euclidean>(0, &query) }];
            let mut leaves = 0;
            while let Some(node) = open.pop() {
                for &row in (node.a..node.b).flat_map(|leaf| index.leaf(leaf)).filter(|&&row| row != u32::MAX) {
                    let terms = x.row(row as usize).into_iter().zip(&query).map(|(a, b)| Euclidean::term(a - b));
                    let found = Neighbor { sum: terms.fold(0.0, Euclidean::join), row };
                    prop_assert!(!found.before(&node.bound), "{:?} {:?}", found, node.bound);
                }
                match node.b - node.a {
                    1 => leaves += 1,
                    _ => open.extend(boxes.halves::<Euclidean>(node, &query)),
                }
            }
            prop_assert_eq!(leaves, index.leaves());
        }
    }

    #[test]
    fn equal_rows_end_a_search_by_their_numbers() {
        let x = Array2::from_elem((32 * LEAF, 3), 0.5);
        let index = indexed(&x);
        let boxes = index.boxes.as_ref().unwrap();
        let (mut search, mut open) = (start(&index, &x, 700, 3), Vec::new());
        let root = Node { at: 0, a: 0, b: index.leaves(), bound: Neighbor::NEAREST };
        search.down::<Euclidean>(&index, boxes, root, &mut open);
        assert_eq!(search.best, [0, 1, 2].map(|row| Neighbor { sum: 0.0, row }));
        // What is left of the root after one leaf.
        assert_eq!(open.len(), 5);
        assert!(open.iter().all(|node| !node.bound.before(&search.worst())));
    }
}
