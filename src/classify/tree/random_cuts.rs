//! Grows a tree whose cuts are drawn at random: `node_split_random` of scikit-learn's `_splitter.pyx`.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::bins::{checked, too_near};
use super::build::{Best, Cutter, Seen, build};
use super::grow::Growth;
use super::impurity::{Criterion, Sums};
use super::limits::Bounds;
use super::random::ColumnDraw;
use super::{Tree, round_down};
use crate::error::Result;

/// Columns copied by one task: as many as share a cache line of a row.
const TOGETHER: usize = 8;

/// Rows as trees see them, in 32 bits, column after column.
pub(super) struct Values {
    rows: usize,
    values: Vec<f32>,
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

/// The rows of a node: half-open ranges of [`Grower::rows`], by label.
type Span = [(usize, usize); 2];

struct Pending {
    span: Span,
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
    left: Sums,
}

struct Grower<'d> {
    values: &'d Values,
    growth: &'d Growth,
    goal: &'d Goal,
    /// The weight of all rows.
    total: f64,
    /// How often each row counts; none: once.
    counts: Option<Vec<u16>>,
    /// The rows of each label, those of a node side by side.
    rows: [Vec<u32>; 2],
    draw: ColumnDraw,
    /// A node's values of one column, by label.
    scratch: [Vec<f32>; 2],
    /// Room for the rows of a right child.
    right: Vec<u32>,
}

/// Grows a tree on the rows of `values` that `counts` (none: every row once) does not leave out; `y` has their labels.
pub(super) fn grow(
    values: &Values,
    y: &[u8],
    growth: &Growth,
    goal: &Goal,
    counts: Option<Vec<u16>>,
    random_state: u32,
) -> Tree {
    let columns = values.columns();
    let rows: [Vec<u32>; 2] = [0, 1].map(|label| {
        let drawn = |row: usize| counts.as_ref().is_none_or(|counts| counts[row] > 0);
        (0..y.len()).filter(|&row| y[row] == label && drawn(row)).map(|row| row as u32).collect()
    });
    let draw = ColumnDraw::new(columns, growth.columns, random_state);
    let span: Span = [0, 1].map(|label: usize| (0, rows[label].len()));
    let scratch = [Vec::new(), Vec::new()];
    let mut grower = Grower { values, growth, goal, total: 0.0, counts, rows, draw, scratch, right: Vec::new() };
    let sums = grower.sums(span);
    grower.total = sums[0] + sums[1];
    let root = Pending { span, depth: 0, constants: 0, bounds: Bounds::NONE };
    build(&mut grower, root, growth.max_leaf_nodes, growth.ccp_alpha)
}

impl Cutter for Grower<'_> {
    type Part = Pending;
    type How = Drawn;

    fn look(&mut self, node: &mut Pending) -> Seen<Drawn> {
        let sums = self.sums(node.span);
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
                Goal::Labels(criterion) => criterion.improvement(impurity, sums, drawn.left, self.total),
                Goal::Isolation => f64::INFINITY,
            };
            let Drawn { column, threshold, .. } = drawn;
            growth.is_worth(improvement).then_some(Best { column, threshold, improvement, how: drawn })
        });
        Seen { shares: self.shares(node, sums), impurity, weight, cut }
    }

    fn divide(&mut self, node: Pending, column: usize, drawn: &Drawn) -> [Pending; 2] {
        let (left, right) = self.part(node.span, drawn);
        let bounds = node.bounds.of_children(self.growth.constraint(column), self.sums(node.span), drawn.left);
        // Only depth first is the memory of a parent's constant columns that of the node at hand.
        let constants = if self.growth.max_leaf_nodes.is_none() { node.constants } else { 0 };
        let child = |span, bounds| Pending { span, depth: node.depth + 1, constants, bounds };
        [child(left, bounds[0]), child(right, bounds[1])]
    }

    fn forget(&mut self, _: Pending) {}
}

impl Grower<'_> {
    /// Weights of the labels in a node.
    fn sums(&self, span: Span) -> Sums {
        [0, 1].map(|label| {
            let (from, to) = span[label];
            let draws = match &self.counts {
                None => (to - from) as u64,
                Some(counts) => self.rows[label][from..to].iter().map(|&row| u64::from(counts[row as usize])).sum(),
            };
            draws as f64 * self.growth.class_weight[label]
        })
    }

    fn shares(&self, node: &Pending, sums: Sums) -> [f64; 2] {
        match self.goal {
            Goal::Labels(_) => self.growth.shares(sums, node.bounds),
            Goal::Isolation => [0.0, node.depth as f64 + average_path_length(len(node.span))],
        }
    }

    /// Draws columns, a cut of each, and chooses the first best. Afterwards `constants` counts this node's.
    fn choose(&mut self, node: &mut Pending, all: Sums) -> Option<Drawn> {
        let Self { values, growth, goal, counts, rows, draw, scratch, total, .. } = self;
        let mut best: Option<Drawn> = None;
        node.constants = draw.visit(node.constants, |column, stream| {
            let column_values = values.column(column);
            let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
            for label in 0..2 {
                let (from, to) = node.span[label];
                scratch[label].clear();
                scratch[label].extend(rows[label][from..to].iter().map(|&row| column_values[row as usize]));
                let (lowest, highest) = ends(&scratch[label]);
                (low, high) = (low.min(lowest), high.max(highest));
            }
            if too_near(low, high) {
                return true;
            }
            let mut threshold = stream.uniform(f64::from(low), f64::from(high));
            if threshold == f64::from(high) {
                threshold = f64::from(low);
            }
            let cut = round_down(threshold);
            let left_rows = [0, 1].map(|label: usize| scratch[label].iter().filter(|&&value| value <= cut).count());
            let on_left = left_rows[0] + left_rows[1];
            if on_left < growth.min_samples_leaf || len(node.span) - on_left < growth.min_samples_leaf {
                return false;
            }
            let left = [0, 1].map(|label: usize| {
                let draws = match counts {
                    None => left_rows[label] as u64,
                    Some(counts) => {
                        let (from, to) = node.span[label];
                        let rows = rows[label][from..to].iter().zip(&scratch[label]);
                        rows.filter(|(_, value)| **value <= cut).map(|(&row, _)| u64::from(counts[row as usize])).sum()
                    }
                };
                draws as f64 * growth.class_weight[label]
            });
            if growth.limits(column, node.bounds, *total).is_some_and(|limits| !limits.allow(all, left)) {
                return false;
            }
            let proxy = match goal {
                Goal::Labels(criterion) => criterion.proxy(all, left),
                Goal::Isolation => 0.0,
            };
            if best.is_none_or(|best| proxy > best.proxy) {
                best = Some(Drawn { column, threshold, proxy, left });
            }
            false
        });
        best
    }

    /// Reorders a node's rows so that those on the left come first; returns the children's spans. On each side the rows stay in their
    /// order, so that looking up their values goes through memory in one direction.
    fn part(&mut self, span: Span, chosen: &Drawn) -> (Span, Span) {
        let values = self.values.column(chosen.column);
        let cut = round_down(chosen.threshold);
        let (mut left, mut right) = (span, span);
        for label in 0..2 {
            let (from, to) = span[label];
            let rows = &mut self.rows[label][from..to];
            self.right.resize(rows.len(), 0);
            let (mut on_left, mut on_right) = (0, 0);
            // Which side a row is on is hard to guess, so there is no branch.
            for at in 0..rows.len() {
                let row = rows[at];
                let is_left = values[row as usize] <= cut;
                (rows[on_left], self.right[on_right]) = (row, row);
                on_left += usize::from(is_left);
                on_right += usize::from(!is_left);
            }
            rows[on_left..].copy_from_slice(&self.right[..on_right]);
            left[label].1 = from + on_left;
            right[label].0 = from + on_left;
        }
        (left, right)
    }
}

/// Smallest and largest of some finite values, eight at a time, as each comparison would otherwise wait for the one before.
fn ends(values: &[f32]) -> (f32, f32) {
    let (mut lows, mut highs) = ([f32::INFINITY; 8], [f32::NEG_INFINITY; 8]);
    let (eights, rest) = values.as_chunks::<8>();
    for eight in eights {
        for at in 0..8 {
            lows[at] = if eight[at] < lows[at] { eight[at] } else { lows[at] };
            highs[at] = if eight[at] > highs[at] { eight[at] } else { highs[at] };
        }
    }
    let all = |ends: [f32; 8], nearer: fn(f32, f32) -> f32, start| ends.iter().chain(rest).copied().fold(start, nearer);
    (all(lows, f32::min, f32::INFINITY), all(highs, f32::max, f32::NEG_INFINITY))
}

fn len(span: Span) -> usize {
    span.iter().map(|(from, to)| to - from).sum()
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
