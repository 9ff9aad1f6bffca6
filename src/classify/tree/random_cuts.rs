//! Grows a tree whose cuts are drawn at random: `node_split_random` of scikit-learn's `_splitter.pyx`.

use std::sync::Arc;

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::bins::{checked, too_near};
use super::build::{Best, Cutter, Seen, build};
use super::drawn_rows::{DrawnRows, Left, Ordered, Span, Window, len};
use super::grow::Growth;
use super::impurity::{Criterion, Sums};
use super::limits::Bounds;
use super::matrix::Matrix;
use super::random::ColumnDraw;
use super::{Tree, round_down};
use crate::component::{Common, Shared};
use crate::error::Result;

/// Columns copied by one task: as many as share a cache line of a row.
const TOGETHER: usize = 8;

/// By how much, as a part of a node's weight, what cuts are worth may differ by rounding alone; far more than it does.
const ROUNDING: f64 = 1e-12;

/// Rows as trees see them, in 32 bits, column after column.
pub(super) struct Values {
    rows: usize,
    values: Vec<f32>,
}

impl Common for Values {
    const NAME: &'static str = "columns of trees";

    fn bytes(&self) -> usize {
        size_of_val(&self.values[..])
    }
}

impl Values {
    /// Of the rows of `x` with these numbers.
    ///
    /// # Errors
    /// A value that 32 bits cannot hold.
    pub(super) fn of(x: ArrayView2<'_, f64>, rows: &[u32]) -> Result<Self> {
        let mut values = vec![0.0; rows.len() * x.ncols()];
        values.par_chunks_mut((rows.len() * TOGETHER).max(1)).enumerate().try_for_each(|(block, values)| {
            for (at, &row) in rows.iter().enumerate() {
                let row = row as usize;
                for (column, values) in values.chunks_exact_mut(rows.len()).enumerate() {
                    let column = block * TOGETHER + column;
                    values[at] = checked(column, x[(row, column)])?;
                }
            }
            Ok(())
        })?;
        Ok(Self { rows: rows.len(), values })
    }

    /// Of all rows of a matrix, which other fits on it share.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn all(matrix: &Matrix<'_>) -> Result<Arc<Self>> {
        let rows: Vec<u32> = (0..matrix.x.nrows() as u32).collect();
        Shared::or_own(matrix.shared, String::new, || Self::of(matrix.x, &rows))
    }

    /// The same of some columns, in this order. Errors name columns of `x`.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn of_columns(x: ArrayView2<'_, f64>, rows: &[u32], columns: &[usize]) -> Result<Self> {
        let value = |column: usize| rows.iter().map(move |&row| checked(column, x[(row as usize, column)]));
        let values = columns.iter().flat_map(|&column| value(column)).collect::<Result<_>>()?;
        Ok(Self { rows: rows.len(), values })
    }

    pub(super) fn columns(&self) -> usize {
        self.values.len() / self.rows.max(1)
    }

    pub(super) fn column(&self, column: usize) -> &[f32] {
        &self.values[column * self.rows..(column + 1) * self.rows]
    }
}

/// What a tree is grown for.
pub(super) enum Goal {
    /// Telling the labels apart; of the drawn cuts the best one counts.
    Labels(Criterion),
    /// Isolating rows: every cut is as good. A leaf's second share is what reaching it counts for: its depth, and the mean
    /// depth of a tree of its rows.
    Isolation,
}

struct Pending {
    span: Span,
    window: Window,
    draws: [u64; 2],
    depth: usize,
    /// How many columns are constant in the parent.
    constants: usize,
    bounds: Bounds,
}

/// A drawn cut.
#[derive(Clone, Copy)]
struct Drawn {
    column: usize,
    threshold: f64,
    proxy: f64,
    left: Left,
}

struct Grower<'d> {
    rows: DrawnRows<'d>,
    growth: &'d Growth,
    goal: &'d Goal,
    /// The weight of all rows.
    total: f64,
    draw: ColumnDraw,
}

/// Grows a tree on the rows of `values` that `counts` (none: every row once) does not leave out; `y` has their labels. The columns'
/// order saves time where there is one.
pub(super) fn grow(
    (values, ordered): (&Values, Option<&Ordered>),
    y: &[u8],
    growth: &Growth,
    goal: &Goal,
    counts: Option<Vec<u16>>,
    random_state: u32,
) -> Tree {
    grown(DrawnRows::new(values, ordered, y, counts), growth, goal, random_state)
}

/// Grows a tree that isolates these rows of `values`.
pub(super) fn isolate(values: &Values, rows: Vec<u32>, growth: &Growth, random_state: u32) -> Tree {
    grown(DrawnRows::unlabelled(values, rows), growth, &Goal::Isolation, random_state)
}

fn grown(rows: DrawnRows<'_>, growth: &Growth, goal: &Goal, random_state: u32) -> Tree {
    let (mut grower, root) = Grower::rooted(rows, growth, goal, random_state);
    build(&mut grower, root, growth.max_leaf_nodes, growth.ccp_alpha)
}

impl Cutter for Grower<'_> {
    type Part = Pending;
    type How = Drawn;

    fn look(&mut self, node: &mut Pending) -> Seen<Drawn> {
        let sums = self.weights(node.draws);
        let weight = sums[0] + sums[1];
        let growth = self.growth;
        let impurity = match self.goal {
            Goal::Labels(criterion) => criterion.impurity(sums, weight),
            Goal::Isolation => f64::INFINITY,
        };
        let is_leaf = growth.ends(node.depth, len(node.span), weight, self.total) || impurity <= f64::EPSILON;
        let chosen = if is_leaf { None } else { self.choose(node, sums) };
        let cut = chosen.and_then(|drawn| {
            let improvement = match self.goal {
                Goal::Labels(criterion) => {
                    criterion.improvement(impurity, sums, self.weights(drawn.left.draws), self.total)
                }
                Goal::Isolation => f64::INFINITY,
            };
            let Drawn { column, threshold, .. } = drawn;
            growth.is_worth(improvement).then_some(Best { column, threshold, improvement, how: drawn })
        });
        Seen { shares: self.shares(node, sums), impurity, weight, cut }
    }

    fn divide(&mut self, node: Pending, column: usize, drawn: &Drawn) -> [Pending; 2] {
        let left = drawn.left;
        let cut = (column, round_down(drawn.threshold));
        let constraint = self.growth.constraint(column);
        let bounds = node.bounds.of_children(constraint, self.weights(node.draws), self.weights(left.draws));
        let [on_left, on_right] = self.rows.part(node.span, node.window, cut, left.rows);
        // Only depth first is the memory of a parent's constant columns that of the node at hand.
        let constants = if self.growth.max_leaf_nodes.is_none() { node.constants } else { 0 };
        let depth = node.depth + 1;
        let child = |(span, window), draws, bounds| Pending { span, window, draws, depth, constants, bounds };
        let rest = [0, 1].map(|label: usize| node.draws[label] - left.draws[label]);
        [child(on_left, left.draws, bounds[0]), child(on_right, rest, bounds[1])]
    }

    fn forget(&mut self, _: Pending) {}
}

impl<'d> Grower<'d> {
    /// A tree about to be grown, and its root.
    fn rooted(rows: DrawnRows<'d>, growth: &'d Growth, goal: &'d Goal, random_state: u32) -> (Self, Pending) {
        let (span, window) = rows.all();
        let draws = rows.draws(span);
        let sums = weights(growth, draws);
        let draw = ColumnDraw::new(rows.columns(), growth.columns, random_state);
        let root = Pending { span, window, draws, depth: 0, constants: 0, bounds: Bounds::NONE };
        (Self { rows, growth, goal, total: sums[0] + sums[1], draw }, root)
    }

    /// What rows that count so often weigh.
    fn weights(&self, draws: [u64; 2]) -> Sums {
        weights(self.growth, draws)
    }

    fn shares(&self, node: &Pending, sums: Sums) -> [f64; 2] {
        match self.goal {
            Goal::Labels(_) => self.growth.shares(sums, node.bounds),
            Goal::Isolation => [0.0, node.depth as f64 + average_path_length(len(node.span))],
        }
    }

    /// Draws columns, a cut of each, and chooses the first best. Afterwards `constants` counts this node's.
    fn choose(&mut self, node: &mut Pending, all: Sums) -> Option<Drawn> {
        let Self { rows, growth, goal, draw, total } = self;
        let mut best: Option<Drawn> = None;
        node.constants = draw.visit(node.constants, |column, stream| {
            let (low, high) = rows.ends(node.span, &mut node.window, column);
            if too_near(low, high) {
                return true;
            }
            let mut threshold = stream.uniform(f64::from(low), f64::from(high));
            if threshold == f64::from(high) {
                threshold = f64::from(low);
            }
            if let (Some(best), Goal::Labels(criterion)) = (&best, *goal)
                && let Some(ends) = rows.left_between(node.span, &node.window, column, round_down(threshold))
            {
                // What a cut is worth is convex in what it leaves on the left, so at one of the ends it is worth most.
                let rounding = ROUNDING * (all[0] + all[1]);
                let worth = |left: [usize; 2]| criterion.proxy(all, weights(growth, left.map(|rows| rows as u64)));
                if ends.into_iter().all(|left| worth(left) + rounding < best.proxy) {
                    return false;
                }
            }
            let left = rows.left_of(node.span, &node.window, node.draws, column, round_down(threshold));
            let on_left = left.rows[0] + left.rows[1];
            if on_left < growth.min_samples_leaf || len(node.span) - on_left < growth.min_samples_leaf {
                return false;
            }
            let weight = weights(growth, left.draws);
            if growth.limits(column, node.bounds, *total).is_some_and(|limits| !limits.allow(all, weight)) {
                return false;
            }
            let proxy = match goal {
                Goal::Labels(criterion) => criterion.proxy(all, weight),
                Goal::Isolation => 0.0,
            };
            if best.is_none_or(|best| proxy > best.proxy) {
                best = Some(Drawn { column, threshold, proxy, left });
            }
            false
        });
        best
    }
}

fn weights(growth: &Growth, draws: [u64; 2]) -> Sums {
    [0, 1].map(|label: usize| draws[label] as f64 * growth.class_weight[label])
}

/// The mean depth of an unsuccessful search in a binary tree of so many rows: c(n) of Liu, Ting and Zhou 2008,
/// "Isolation forest", equation 1.
pub(super) fn average_path_length(rows: usize) -> f64 {
    const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;
    match rows {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let n = rows as f64;
            2.0 * ((n - 1.0).ln() + EULER_GAMMA) - 2.0 * (n - 1.0) / n
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::super::Settings;
    use super::*;

    /// Looks at a node of 892 rows of label 0 and 8 of label 1. It draws column 0 first, which `first` tells by label and half, and then
    /// column 1, which cuts both labels in half. Returns the column of the best cut, and whether rows were counted for column 1.
    fn looked(first: fn(u8, f64) -> f64) -> (usize, bool) {
        // Four rows of label 1 are in each half.
        let y: Vec<u8> = (0..1000).map(|row| u8::from(row % 125 == 0)).collect();
        let half = |row: usize| (row % 2) as f64;
        // The order of column 1 still has these 100 rows of label 0, so that it only bounds what a cut leaves on the left.
        let is_elsewhere = |row: usize| (510..610).contains(&row);
        let x = Array2::from_shape_fn((1000, 2), |(row, column)| match column {
            0 if is_elsewhere(row) => 0.0,
            0 => 1.0 + first(y[row], half(row)),
            _ => half(row),
        });
        let values = Values::of(x.view(), &(0..1000).collect::<Vec<u32>>()).unwrap();
        let ordered = Ordered::sorted(&values, 1000);
        let growth = Settings::default().growth(x.dim(), [1.0; 2]).unwrap();
        let goal = Goal::Labels(growth.criterion);
        let mut drawn = Vec::new();
        let seed = (0..).find(|&seed| {
            ColumnDraw::new(2, 2, seed).draw(0, |_| false, &mut drawn);
            drawn == [0, 1]
        });
        let rows = DrawnRows::new(&values, Some(&ordered), &y, None);
        let (mut grower, root) = Grower::rooted(rows, &growth, &goal, seed.unwrap());
        let left = Left { rows: [100, 0], draws: [100, 0] };
        let [_, mut node] = grower.divide(root, 0, &Drawn { column: 0, threshold: 0.5, proxy: 0.0, left });
        let cut = grower.look(&mut node).cut.unwrap();
        (cut.column, grower.rows.is_gathered())
    }

    #[test]
    fn a_cut_that_cannot_be_the_best_is_passed_over_and_not_counted() {
        // Column 0 tells the labels apart: its proxy is 0. Of column 1 there are 396 to 496 rows of label 0 on the left and 4 of label 1,
        // which is worth -15.856 at either end: 400 - (396^2 + 4^2) / 400 is 7.92, and 500 - (496^2 + 4^2) / 500 is 7.936.
        assert_eq!(looked(|label, _| f64::from(label)), (0, false));
        // Column 0 is as bad as column 1: twice 450 - (446^2 + 4^2) / 450 is 15.858, so that column 1 may be better until it is counted.
        assert_eq!(looked(|_, half| half), (0, true));
    }
}
