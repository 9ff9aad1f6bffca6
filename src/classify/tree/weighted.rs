//! Trees on rows of any weights, sum by sum as scikit-learn adds them up: of columns that cut equally well rounding decides,
//! and here it decides as there. The work is scikit-learn's too, as every node sorts its rows; where the weights are whole
//! numbers, sums are exact in any order, and the minority-first learner counts rows instead.

use rayon::prelude::*;

use super::bins::{Bin, Binned, midpoint, rare_count, too_near};
use super::build::{Best, Cutter, Seen, build};
use super::drawn_rows::Ordered;
use super::forest::{Draw, Forest, check_weights, class_counts};
use super::grow::{Growth, grow};
use super::impurity::Sums;
use super::limits::Bounds;
use super::random::{ColumnDraw, XorShift};
use super::random_cuts::{self, Goal, Values};
use super::{ClassWeight, Cuts, Matrix, Settings, Tree};
use crate::classify::class_weight::RowWeight;
use crate::error::Result;
use crate::numeric::introsort::sort_together;

/// Fits a tree on rows that weigh `own` times their class: `DecisionTreeClassifier.fit(sample_weight=...)`. Rows of weight 0 play no
/// part.
///
/// # Errors
/// As [`super::fit_tree`]; weights of another number of rows; no row with a weight.
pub fn fit_weighted<'a>(
    matrix: impl Into<Matrix<'a>>,
    (y, own): (&[u8], &[f64]),
    settings: &Settings,
    splitter: Cuts,
    random_state: u32,
) -> Result<Forest> {
    check_weights(y, own)?;
    let classes = ClassWeight::of(settings.class_weight, class_counts(y));
    let weights = RowWeight { classes, own: Some(own) };
    let weights: Vec<f64> = y.iter().zip(0..).map(|(&label, row)| weights.of(row, label)).collect();
    let matrix = matrix.into();
    let columns = matrix.x.ncols();
    Ok(Forest::new(fit_trees((matrix, y, &weights), settings, splitter, &[random_state])?, columns))
}

/// A tree for each of `seeds` on rows that weigh `weight`, whatever their class.
///
/// # Errors
/// Those of [`fit_weighted`].
pub(super) fn fit_trees(
    (matrix, y, weight): (Matrix<'_>, &[u8], &[f64]),
    settings: &Settings,
    splitter: Cuts,
    seeds: &[u32],
) -> Result<Vec<Tree>> {
    let growth = settings.growth(matrix.x.dim(), [1.0; 2])?;
    let row_major = matrix.values(y)?;
    let whole = counts(weight);
    if let (Some(counts), Cuts::Best) = (&whole, splitter) {
        let rows = (&matrix, &row_major[..], y);
        return match 2 * rare_count(y) < usize::from(u16::MAX) {
            true => counted::<u16>(rows, &growth, counts, seeds),
            false => counted::<u32>(rows, &growth, counts, seeds),
        };
    }
    let values = Values::all(&matrix)?;
    let ordered = match &whole {
        Some(_) => Ordered::of(&matrix, &values, seeds.len() * growth.columns)?,
        None => None,
    };
    let goal = Goal::Labels(growth.criterion);
    let tree = |&seed: &u32| match &whole {
        Some(counts) => random_cuts::grow((&values, ordered.as_deref()), y, &growth, &goal, Some(counts.clone()), seed),
        None => {
            let mut grower = Grower::new(&values, (y, weight), &growth, splitter, seed);
            let root = grower.root();
            build(&mut grower, root, growth.max_leaf_nodes, growth.ccp_alpha)
        }
    };
    Ok(seeds.par_iter().with_max_len(1).map(tree).collect())
}

/// A tree for each of `seeds` on the rows that `draw` gives it, which weigh by how often they are drawn and so that both classes
/// weigh the same.
///
/// # Errors
/// As [`super::fit_forest`].
pub(super) fn fit_balanced_draws(
    (matrix, y): (Matrix<'_>, &[u8]),
    draw: &Draw,
    settings: &Settings,
    splitter: Cuts,
    seeds: &[u32],
) -> Result<Vec<Tree>> {
    let growth = settings.growth(matrix.x.dim(), [1.0; 2])?;
    let values = Values::all(&matrix)?;
    let tree = |&seed: &u32| {
        let counts = draw.counts(y.len(), seed)?;
        let classes = draw.growth(&growth, y, &counts).class_weight;
        let weight: Vec<f64> =
            counts.iter().zip(y).map(|(&count, &label)| f64::from(count) * classes[usize::from(label)]).collect();
        let mut grower = Grower::new(&values, (y, &weight), &growth, splitter, seed);
        let root = grower.root();
        Ok(build(&mut grower, root, growth.max_leaf_nodes, growth.ccp_alpha))
    };
    seeds.par_iter().with_max_len(1).map(tree).collect()
}

/// The same by adding weights up, even where they are whole numbers that could be counted.
#[cfg(test)]
pub(super) fn added_up(
    (matrix, y, weight): (Matrix<'_>, &[u8], &[f64]),
    settings: &Settings,
    splitter: Cuts,
    seed: u32,
) -> Tree {
    let growth = settings.growth(matrix.x.dim(), [1.0; 2]).unwrap();
    let values = Values::all(&matrix).unwrap();
    let mut grower = Grower::new(&values, (y, weight), &growth, splitter, seed);
    let root = grower.root();
    build(&mut grower, root, growth.max_leaf_nodes, growth.ccp_alpha)
}

/// Trees on rows that count so often.
fn counted<B: Bin>(
    (matrix, values, y): (&Matrix<'_>, &[f64], &[u8]),
    growth: &Growth,
    counts: &[u16],
    seeds: &[u32],
) -> Result<Vec<Tree>> {
    let data = Binned::<B>::of(matrix, values, y, growth.min_samples_leaf == 1)?;
    let grow = match growth.min_samples_leaf {
        1 => grow::<B, u32>,
        // Rows count, and one may stand for several: both are counted.
        _ => grow::<B, u64>,
    };
    Ok(seeds.par_iter().with_max_len(1).map(|&seed| grow(&data, growth, (counts.to_vec(), None), seed)).collect())
}

/// Weights that are small whole numbers, which a tally can hold.
fn counts(weight: &[f64]) -> Option<Vec<u16>> {
    let total: f64 = weight.iter().sum();
    let fits = |weight: &&f64| weight.fract() == 0.0 && **weight <= f64::from(u16::MAX);
    if total > f64::from(u32::MAX) || !weight.iter().all(|weight| fits(&weight)) {
        return None;
    }
    Some(weight.iter().map(|&weight| weight as u16).collect())
}

/// What a node's rows weigh.
#[derive(Debug, Clone, Copy)]
struct Weights {
    sums: Sums,
    /// Added up by itself, so that it may differ from the sums' by rounding.
    total: f64,
}

impl Weights {
    const NONE: Weights = Weights { sums: [0.0; 2], total: 0.0 };

    fn without(self, left: Weights) -> Weights {
        let sums = [self.sums[0] - left.sums[0], self.sums[1] - left.sums[1]];
        Weights { sums, total: self.total - left.total }
    }
}

/// A node: the rows at these places.
struct Part {
    from: usize,
    to: usize,
    depth: usize,
    /// Unknown for the root.
    impurity: Option<f64>,
    /// How many columns are constant in the parent.
    constants: usize,
    bounds: Bounds,
}

/// A cut of a node.
#[derive(Clone, Copy)]
struct Cut {
    column: usize,
    /// The first place on the right.
    at: usize,
    threshold: f64,
}

/// A cut whose rows have been put on its sides.
struct Divided {
    /// The first place on the right.
    at: usize,
    all: Weights,
    left: Weights,
    /// Of the left and the right side.
    impurities: [f64; 2],
}

struct Grower<'d> {
    values: &'d Values,
    y: &'d [u8],
    weight: &'d [f64],
    growth: &'d Growth,
    splitter: Cuts,
    /// The rows, those of a node side by side, in the order that the searches so far have left.
    places: Vec<u32>,
    /// Values of the column at hand, by place.
    keys: Vec<f32>,
    total: f64,
    draw: Option<ColumnDraw>,
    /// The column whose drawn cut the rows of the node at hand lie by.
    parted_by: Option<usize>,
}

impl<'d> Grower<'d> {
    fn new(
        values: &'d Values,
        (y, weight): (&'d [u8], &'d [f64]),
        growth: &'d Growth,
        splitter: Cuts,
        random_state: u32,
    ) -> Self {
        Grower {
            values,
            y,
            weight,
            growth,
            splitter,
            places: (0..y.len() as u32).filter(|&row| weight[row as usize] != 0.0).collect(),
            keys: vec![0.0; y.len()],
            total: weight.iter().fold(0.0, |total, weight| total + weight),
            draw: Some(ColumnDraw::new(values.columns(), growth.columns, random_state)),
            parted_by: None,
        }
    }

    fn root(&self) -> Part {
        Part { from: 0, to: self.places.len(), depth: 0, impurity: None, constants: 0, bounds: Bounds::NONE }
    }

    fn weights(&self, from: usize, to: usize) -> Weights {
        let mut all = Weights::NONE;
        self.places[from..to].iter().for_each(|&row| self.add(&mut all, row, 1.0));
        all
    }

    #[inline]
    fn add(&self, weights: &mut Weights, row: u32, sign: f64) {
        let weight = sign * self.weight[row as usize];
        weights.sums[usize::from(self.y[row as usize])] += weight;
        weights.total += weight;
    }

    /// What lies left of `to`, made of what lies left of `from` or of the whole node, whichever is nearer.
    fn left_of(&self, node: &Part, all: Weights, (from, left): (usize, Weights), to: usize) -> Weights {
        if to - from <= node.to - to {
            let mut left = left;
            self.places[from..to].iter().for_each(|&row| self.add(&mut left, row, 1.0));
            return left;
        }
        let mut left = all;
        self.places[to..node.to].iter().rev().for_each(|&row| self.add(&mut left, row, -1.0));
        left
    }

    /// Draws columns and chooses the first best cut. Afterwards `constants` counts this node's.
    fn best_cut(&mut self, node: &mut Part, all: Weights) -> Option<Cut> {
        let mut best: Option<(f64, Cut)> = None;
        // Taken out, so that the search may change everything else; put back below.
        let mut draw = self.draw.take()?;
        let known = node.constants;
        node.constants = draw.visit(known, |column, stream| match self.splitter {
            Cuts::Best => {
                self.sort(node, column);
                if too_near(self.keys[node.from], self.keys[node.to - 1]) {
                    return true;
                }
                self.search(node, all, column, &mut best);
                false
            }
            Cuts::Random => self.draw_cut(node, all, (column, stream), &mut best),
        });
        self.draw = Some(draw);
        best.map(|(_, cut)| cut)
    }

    fn read(&mut self, node: &Part, column: usize) {
        let column = self.values.column(column);
        let (keys, places) = (&mut self.keys[node.from..node.to], &self.places[node.from..node.to]);
        keys.iter_mut().zip(places).for_each(|(key, &row)| *key = column[row as usize]);
    }

    fn sort(&mut self, node: &Part, column: usize) {
        self.read(node, column);
        sort_together(&mut self.keys[node.from..node.to], &mut self.places[node.from..node.to]);
    }

    /// Draws a cut of a column and puts the rows on its sides, whether it becomes the best one or not; true where the column is
    /// constant.
    fn draw_cut(
        &mut self,
        node: &Part,
        all: Weights,
        (column, stream): (usize, &mut XorShift),
        best: &mut Option<(f64, Cut)>,
    ) -> bool {
        self.read(node, column);
        self.parted_by = None;
        let keys = &self.keys[node.from..node.to];
        let (low, high) = keys.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &key| {
            (if key < low { key } else { low }, if key > high { key } else { high })
        });
        if too_near(low, high) {
            return true;
        }
        let mut threshold = stream.uniform(f64::from(low), f64::from(high));
        if threshold == f64::from(high) {
            threshold = f64::from(low);
        }
        let at = self.part(node, column, threshold);
        self.parted_by = Some(column);
        let least = self.growth.min_samples_leaf;
        if at - node.from < least || node.to - at < least {
            return false;
        }
        let left = self.left_of(node, all, (node.from, Weights::NONE), at);
        let limits = self.growth.limits(column, node.bounds, self.total);
        if limits.is_some_and(|limits| !limits.allow(all.sums, left.sums)) {
            return false;
        }
        let proxy = self.proxy(all, left);
        if best.is_none_or(|(best, _)| proxy > best) {
            *best = Some((proxy, Cut { column, at, threshold }));
        }
        false
    }

    /// How good a cut is: larger is better.
    fn proxy(&self, all: Weights, left: Weights) -> f64 {
        let (criterion, right) = (self.growth.criterion, all.without(left));
        -right.total * criterion.impurity(right.sums, right.total)
            - left.total * criterion.impurity(left.sums, left.total)
    }

    /// Puts a node's rows on the sides of a cut; returns the first place on the right.
    fn part(&mut self, node: &Part, column: usize, threshold: f64) -> usize {
        let column = self.values.column(column);
        let (mut front, mut back) = (node.from, node.to);
        while front < back {
            if f64::from(column[self.places[front] as usize]) <= threshold {
                front += 1;
            } else {
                back -= 1;
                self.places.swap(front, back);
            }
        }
        front
    }

    fn search(&self, node: &Part, all: Weights, column: usize, best: &mut Option<(f64, Cut)>) {
        let least = self.growth.min_samples_leaf;
        let limits = self.growth.limits(column, node.bounds, self.total);
        let mut left = (node.from, Weights::NONE);
        for at in node.from + 1..node.to {
            let (low, high) = (self.keys[at - 1], self.keys[at]);
            if too_near(low, high) || at - node.from < least || node.to - at < least {
                continue;
            }
            left = (at, self.left_of(node, all, left, at));
            if limits.is_some_and(|limits| !limits.allow(all.sums, left.1.sums)) {
                continue;
            }
            let proxy = self.proxy(all, left.1);
            if best.is_none_or(|(best, _)| proxy > best) {
                *best = Some((proxy, Cut { column, at, threshold: midpoint(low, high) }));
            }
        }
    }

    /// Puts a node's rows on the sides of a cut; by how much it lowers the impurity of the tree.
    fn carry_out(&mut self, node: &Part, all: Weights, cut: Cut, impurity: f64) -> (Divided, f64) {
        // Of drawn cuts the rows may lie by this one already: to part them again would change their order.
        if self.parted_by != Some(cut.column) {
            self.part(node, cut.column, cut.threshold);
        }
        let left = self.left_of(node, all, (node.from, Weights::NONE), cut.at);
        let right = all.without(left);
        let impurities = [left, right].map(|side| self.growth.criterion.impurity(side.sums, side.total));
        let improvement = all.total / self.total
            * (impurity - right.total / all.total * impurities[1] - left.total / all.total * impurities[0]);
        (Divided { at: cut.at, all, left, impurities }, improvement)
    }
}

impl Cutter for Grower<'_> {
    type Part = Part;
    type How = Divided;

    /// Reorders the rows for the cut that it finds, as scikit-learn's splitter does even where the cut is not worth it.
    fn look(&mut self, node: &mut Part) -> Seen<Divided> {
        let all = self.weights(node.from, node.to);
        let growth = self.growth;
        let impurity = node.impurity.unwrap_or_else(|| growth.criterion.impurity(all.sums, all.total));
        let rows = node.to - node.from;
        let is_leaf = growth.ends(node.depth, rows, all.total, self.total) || impurity <= f64::EPSILON;
        let best = if is_leaf { None } else { self.best_cut(node, all) };
        let cut = best.and_then(|cut| {
            let (how, improvement) = self.carry_out(node, all, cut, impurity);
            let Cut { column, threshold, .. } = cut;
            growth.is_worth(improvement).then_some(Best { column, threshold, improvement, how })
        });
        let shares = all.sums.map(|sum| sum / all.total);
        let shares = if growth.monotonic.is_some() { node.bounds.clip(shares) } else { shares };
        Seen { shares, impurity, weight: all.total, cut }
    }

    fn divide(&mut self, node: Part, column: usize, how: &Divided) -> [Part; 2] {
        let bounds = node.bounds.of_children(self.growth.constraint(column), how.all.sums, how.left.sums);
        // Only depth first is the memory of a parent's constant columns that of the node at hand.
        let constants = if self.growth.max_leaf_nodes.is_none() { node.constants } else { 0 };
        let child = |from, to, side: usize| Part {
            from,
            to,
            depth: node.depth + 1,
            impurity: Some(how.impurities[side]),
            constants,
            bounds: bounds[side],
        };
        [child(node.from, how.at, 0), child(how.at, node.to, 1)]
    }

    /// Nothing is kept for a node.
    fn forget(&mut self, _node: Part) {}
}
