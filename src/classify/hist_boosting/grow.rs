//! Grows one tree, the best cut first: scikit-learn's `grower.py`.

use rayon::prelude::*;

use super::bins::{Binned, Bins, MISSING};
use super::histograms::{Cell, Histograms, Rows};
use super::levels::LevelSet;
use super::python_set::PythonSet;
use super::split::{Bounds, Cut, Limits, Parent, Rule, Scan, Sought, Totals};
use crate::numeric::pcg64::Pcg64;

/// What stops a tree's growth.
#[derive(Debug, Clone)]
pub(super) struct Growth {
    pub(super) max_leaf_nodes: Option<usize>,
    pub(super) max_depth: Option<usize>,
    pub(super) learning_rate: f64,
    /// Bins a column can have, with scikit-learn's one for missing values.
    pub(super) bins: usize,
    pub(super) limits: Limits,
    /// By column of the matrix; empty: none.
    pub(super) monotonic: Vec<i8>,
    /// Groups of binned columns that may meet in one branch; every column is in one. None: all may meet.
    pub(super) groups: Option<Vec<PythonSet>>,
}

impl Growth {
    fn constraint(&self, column: usize) -> i8 {
        self.monotonic.get(column).copied().unwrap_or(0)
    }

    /// The groups that all binned columns of a branch are in, once it is cut at this one too.
    fn groups_with(&self, before: &[usize], column: usize) -> Vec<usize> {
        let Some(groups) = &self.groups else { return Vec::new() };
        before.iter().copied().filter(|&group| groups[group].has(column)).collect()
    }

    /// Those of so many binned columns that are in one of these groups, in scikit-learn's order.
    fn allowed(&self, within: &[usize], columns: usize) -> Vec<usize> {
        match &self.groups {
            None => (0..columns).collect(),
            Some(groups) => PythonSet::union(within.iter().map(|&group| &groups[group])).values().collect(),
        }
    }
}

/// A node; the root is the first one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// Added to a row's prediction, for a leaf.
    pub(super) value: f64,
    /// Rows that `goes` says so of go to the first of `next`; no children: a leaf.
    pub(super) column: u32,
    pub(super) goes: Goes,
    /// The first child takes rows whose value is missing.
    pub(super) missing_left: bool,
    pub(super) next: Option<[u32; 2]>,
}

/// Which known values go left.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goes {
    /// Those up to this one.
    UpTo(f64),
    /// Those in this one of the tree's sets of levels.
    In(u32),
}

/// A grown tree.
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) sets: Vec<LevelSet>,
}

/// A node while the tree grows.
struct Open {
    node: usize,
    depth: usize,
    /// Its rows: a range of the partition.
    rows: (usize, usize),
    totals: Totals,
    value: f64,
    bounds: Bounds,
    /// The groups of columns that its cuts may come from.
    groups: Vec<usize>,
    cut: Option<Cut>,
    histograms: Option<Histograms>,
}

/// A grown tree and the rows that came to each leaf.
pub(super) struct Grown {
    pub(super) tree: Tree,
    /// Row numbers, those of a leaf side by side.
    pub(super) partition: Vec<u32>,
    /// A leaf's value and its range of the partition.
    pub(super) leaves: Vec<(f64, (usize, usize))>,
}

/// Which of the columns a node looks at: so large a share of those that it may.
pub(super) struct ColumnDraw {
    pub(super) share: f64,
    pub(super) stream: Pcg64,
}

impl ColumnDraw {
    /// For so many columns whether each is looked at.
    fn of(&mut self, columns: usize) -> Vec<bool> {
        let count = ((self.share * columns as f64).ceil() as usize).max(1);
        let mut chosen: Vec<bool> = (0..columns).map(|column| column < count).collect();
        self.stream.shuffle(&mut chosen);
        chosen
    }
}

struct Grower<'d> {
    data: &'d Binned,
    draw: Option<&'d mut ColumnDraw>,
    slopes: &'d [[f32; 2]],
    growth: &'d Growth,
    grown: Grown,
    heap: Heap,
    right: Vec<u32>,
    spare: &'d mut Vec<Histograms>,
}

/// Grows a tree on all rows of `data`; `slopes` are their gradients and hessians. Without a draw a node looks at all columns.
/// `spare` are histograms of these columns that nobody needs: they are used, and left for the next tree.
pub(super) fn grow(
    data: &Binned,
    slopes: &[[f32; 2]],
    growth: &Growth,
    draw: Option<&mut ColumnDraw>,
    spare: &mut Vec<Histograms>,
) -> Grown {
    let partition: Vec<u32> = (0..data.rows as u32).collect();
    let tree = Tree { nodes: Vec::new(), sets: Vec::new() };
    let grown = Grown { tree, partition, leaves: Vec::new() };
    let mut grower = Grower { data, draw, slopes, growth, grown, heap: Heap::default(), right: Vec::new(), spare };
    grower.plant();
    while let Some(open) = grower.heap.pop() {
        grower.split(open);
    }
    grower.grown
}

impl Grower<'_> {
    fn plant(&mut self) {
        let mut histograms = self.spare_histograms();
        histograms.count(self.data, &Rows::new(&self.grown.partition, self.slopes));
        let totals = histograms.totals(self.growth.bins);
        let mut root = self.open(0, (0, self.data.rows), totals, 0.0);
        root.groups = (0..self.growth.groups.as_ref().map_or(0, Vec::len)).collect();
        if self.data.rows >= 2 * self.growth.limits.min_samples_leaf && totals.hessian >= 1e-3 {
            let sought = self.sought(&root);
            let seek =
                |scan: &mut Scan, place: usize| sought.in_column(self.data, place, histograms.column(place), scan);
            let columns = (0..self.data.columns.len()).into_par_iter().with_min_len(16);
            let found: Vec<_> = columns.map_init(Scan::new, seek).collect();
            root.cut = sought.best(|column| found[column]);
        }
        root.histograms = Some(histograms);
        self.enqueue(root);
    }

    fn spare_histograms(&mut self) -> Histograms {
        self.spare.pop().unwrap_or_else(|| Histograms::new(self.data))
    }

    fn open(&mut self, depth: usize, rows: (usize, usize), totals: Totals, value: f64) -> Open {
        let nodes = &mut self.grown.tree.nodes;
        nodes.push(Node { value, column: 0, goes: Goes::UpTo(0.0), missing_left: false, next: None });
        let (bounds, groups) = (Bounds::NONE, Vec::new());
        Open { node: nodes.len() - 1, depth, rows, totals, value, bounds, groups, cut: None, histograms: None }
    }

    /// Makes a node a leaf.
    fn finish(&mut self, open: Open) {
        let value = open.value * self.growth.learning_rate;
        self.grown.tree.nodes[open.node].value = value;
        self.grown.leaves.push((value, open.rows));
        self.spare.extend(open.histograms);
    }

    /// Puts a node in the queue; without a cut it is a leaf.
    fn enqueue(&mut self, open: Open) {
        match open.cut {
            Some(_) => self.heap.push(open),
            None => self.finish(open),
        }
    }

    /// What is looked for in a node. Draws its columns, where such are drawn.
    fn sought(&mut self, open: &Open) -> Sought {
        let rows = open.rows.1 - open.rows.0;
        let (growth, bounds) = (self.growth, open.bounds);
        let node = Parent { rows, all: open.totals, value: open.value, limits: growth.limits, bounds, constraint: 0 };
        let columns = &self.data.columns;
        let mut order = growth.allowed(&open.groups, columns.len());
        if let Some(draw) = &mut self.draw {
            let mut chosen = draw.of(order.len()).into_iter();
            order.retain(|_| chosen.next() == Some(true));
        }
        let mut constraints = vec![None; columns.len()];
        order.iter().for_each(|&column| constraints[column] = Some(growth.constraint(columns[column].source)));
        Sought { node, constraints, order }
    }

    fn split(&mut self, open: Open) {
        // Only nodes with a cut are in the queue.
        let (Some(cut), Some(histograms)) = (open.cut, open.histograms) else { return };
        let middle = self.partition(open.rows, &cut);
        let (depth, l2) = (open.depth + 1, self.growth.limits.l2);
        let values = [cut.left, cut.right].map(|side| side.value_within(l2, open.bounds));
        let mut left = self.open(depth, (open.rows.0, middle), cut.left, values[0]);
        let mut right = self.open(depth, (middle, open.rows.1), cut.right, values[1]);
        let column = self.data.columns[cut.column].source;
        [left.bounds, right.bounds] = open.bounds.of_children(self.growth.constraint(column), values);
        left.groups = self.growth.groups_with(&open.groups, cut.column);
        right.groups.clone_from(&left.groups);
        self.describe(open.node, &cut, middle - open.rows.0 > open.rows.1 - middle);
        self.grown.tree.nodes[open.node].next = Some([left.node as u32, right.node as u32]);
        let leaves = self.grown.leaves.len() + self.heap.len() + 2;
        if self.growth.max_leaf_nodes == Some(leaves) {
            self.finish(left);
            self.finish(right);
            for open in self.heap.drain() {
                self.finish(open);
            }
            self.spare.push(histograms);
        } else if self.growth.max_depth == Some(depth) {
            self.finish(left);
            self.finish(right);
            self.spare.push(histograms);
        } else {
            self.go_on([left, right], histograms);
        }
    }

    /// Tells a node how it is cut. Where training rows have no missing values, those to come go to the child of more rows.
    fn describe(&mut self, node: usize, cut: &Cut, left_is_larger: bool) {
        let (column, tree) = (&self.data.columns[cut.column], &mut self.grown.tree);
        let (goes, missing_left) = match cut.rule {
            Rule::UpTo { bin, missing_left } => {
                let threshold = match &column.bins {
                    Bins::Numbers(thresholds) => thresholds.get(usize::from(bin)).copied(),
                    Bins::Levels(_) => None,
                };
                // Beyond the last threshold: all that is known goes left, what is missing goes right.
                (Goes::UpTo(threshold.unwrap_or(f64::INFINITY)), missing_left)
            }
            Rule::Levels(set) => {
                tree.sets.push(set);
                (Goes::In(tree.sets.len() as u32 - 1), set.contains(MISSING))
            }
        };
        let node = &mut tree.nodes[node];
        node.column = column.source as u32;
        node.goes = goes;
        node.missing_left = if column.blanks { missing_left } else { left_is_larger };
    }

    /// Counts the smaller child's histograms, takes them out of the parent's for the larger one, and looks for cuts.
    fn go_on(&mut self, mut children: [Open; 2], mut parent: Histograms) {
        let size = |open: &Open| open.rows.1 - open.rows.0;
        let small = usize::from(size(&children[0]) >= size(&children[1]));
        let large = 1 - small;
        let is_splittable = |open: &Open| size(open) >= 2 * self.growth.limits.min_samples_leaf;
        let splittable = [is_splittable(&children[0]), is_splittable(&children[1])];
        if splittable[large] {
            let mut part = self.spare_histograms();
            // The left one draws its columns first.
            let sought = [0, 1].map(|nth| splittable[nth].then(|| self.sought(&children[nth])));
            let seek = |nth: usize, place: usize, cells: &[Cell], scan: &mut Scan| {
                sought[nth].as_ref().and_then(|sought| sought.in_column(self.data, place, cells, scan))
            };
            let (from, to) = children[small].rows;
            let rows = Rows::new(&self.grown.partition[from..to], self.slopes);
            let found = parent.divide(&mut part, (self.data, &rows), Scan::new, |scan, place, [counted, others]| {
                [seek(small, place, counted, scan), seek(large, place, others, scan)]
            });
            for (nth, of) in [(small, 0), (large, 1)] {
                let best = |sought: &Sought| sought.best(|column| found[column][of]);
                children[nth].cut = sought[nth].as_ref().and_then(best);
            }
            children[small].histograms = Some(part);
        }
        children[large].histograms = Some(parent);
        // The order of leaves decides nothing; that of the queue does.
        children.into_iter().for_each(|child| self.enqueue(child));
    }

    /// Reorders a node's rows, keeping their order on either side; returns where the right child's begin.
    fn partition(&mut self, rows: (usize, usize), cut: &Cut) -> usize {
        let bins = self.data.column(cut.column);
        match cut.rule {
            Rule::UpTo { bin, missing_left: false } => self.part(rows, |row| bins[row] <= bin),
            Rule::UpTo { bin, missing_left: true } => self.part(rows, |row| bins[row] <= bin || bins[row] == MISSING),
            Rule::Levels(set) => self.part(rows, |row| set.contains(bins[row])),
        }
    }

    fn part(&mut self, rows: (usize, usize), goes_left: impl Fn(usize) -> bool) -> usize {
        self.right.clear();
        let mut front = rows.0;
        for at in rows.0..rows.1 {
            let row = self.grown.partition[at];
            if goes_left(row as usize) {
                self.grown.partition[front] = row;
                front += 1;
            } else {
                self.right.push(row);
            }
        }
        self.grown.partition[front..rows.1].copy_from_slice(&self.right);
        front
    }
}

/// Python's `heapq` on falling gains: of equal gains it takes the same one out.
#[derive(Default)]
struct Heap(Vec<Open>);

impl Heap {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn before(&self, one: usize, other: usize) -> bool {
        let gain = |at: usize| self.0[at].cut.map_or(0.0, |cut: Cut| cut.gain);
        gain(one) > gain(other)
    }

    fn push(&mut self, open: Open) {
        self.0.push(open);
        self.rise(0, self.0.len() - 1);
    }

    fn pop(&mut self) -> Option<Open> {
        if self.0.is_empty() {
            return None;
        }
        let first = self.0.swap_remove(0);
        self.sink();
        Some(first)
    }

    /// `_siftdown`: moves the item at `at` towards `top` past larger ones.
    fn rise(&mut self, top: usize, mut at: usize) {
        while at > top {
            let parent = (at - 1) / 2;
            if !self.before(at, parent) {
                break;
            }
            self.0.swap(at, parent);
            at = parent;
        }
    }

    /// `_siftup`: moves the first item down to a leaf, the better child up each time, and from there up again.
    fn sink(&mut self) {
        let end = self.0.len();
        let mut at = 0;
        let mut child = 1;
        while child < end {
            if child + 1 < end && !self.before(child, child + 1) {
                child += 1;
            }
            self.0.swap(at, child);
            at = child;
            child = 2 * at + 1;
        }
        if end > 0 {
            self.rise(0, at);
        }
    }

    fn drain(&mut self) -> Vec<Open> {
        std::mem::take(&mut self.0)
    }
}
