//! Trees on the same rows or on bootstrap samples of them, and the mean of what they say.

use crate::component::{Model, Prediction, SavedModel, SavedTree, SavedTrees, ScoreKind, TreeSum};
use std::ops::Range;

use ndarray::ArrayView2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::bins::{Bin, Binned, checked, rare_count};
use super::extra::fit_extra;
use super::grow::{Growth, grow};
use super::histogram::Root;
use super::random::seeds;
use super::roots::{self, Roots};
use super::weighted::{fit_balanced_draws, fit_trees};
use super::{ClassWeight, Cuts, LEAF, Matrix, Settings, Tree, out_of_bag, round_down};
use crate::classify::class_weight::RowWeight;
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::numeric::sum::pairwise;

/// How many rows a bootstrap sample draws.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is a number of rows, or a share of them above 0")]
pub enum MaxSamples {
    /// So many, at least one.
    Count(usize),
    /// A share of the training rows above 0, at least one row; what draws without replacement takes none above 1.
    Share(f64),
}

/// Which rows each tree of a forest sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sampling {
    /// All rows once.
    All,
    /// Rows drawn with replacement, as many as there are unless a number is given.
    Bootstrap(Option<MaxSamples>),
}

/// Fits one tree on all rows: `DecisionTreeClassifier(random_state=...)`.
///
/// # Errors
/// No rows, no columns, labels of another length, a value that 32 bits cannot hold, or constraints for other columns.
pub fn fit_tree<'a>(
    matrix: impl Into<Matrix<'a>>,
    y: &[u8],
    settings: &Settings,
    splitter: Cuts,
    random_state: u32,
) -> Result<Forest> {
    let matrix = matrix.into();
    let weight = ClassWeight::of(settings.class_weight, class_counts(y));
    let growth = settings.growth(matrix.x.dim(), weight)?;
    match splitter {
        Cuts::Best => fit(matrix, y, &growth, &[random_state], &Draw::All),
        Cuts::Random => fit_extra(matrix, y, &growth, &[random_state], &Draw::All),
    }
}

/// Fits `n_estimators` trees: `RandomForestClassifier(random_state=...)`. With class weights, or with the rows' own beside their
/// labels, a bootstrap sample draws rows by their weight, and the drawn rows then weigh the same (scikit-learn 1.9).
///
/// # Errors
/// As [`fit_tree`]; a row drawn more than 65,535 times.
pub fn fit_forest<'a>(
    matrix: impl Into<Matrix<'a>>,
    (y, own): (&[u8], Option<&[f64]>),
    settings: &Settings,
    n_estimators: usize,
    sampling: Sampling,
    random_state: u32,
) -> Result<Forest> {
    let (matrix, seeds) = (matrix.into(), seeds(n_estimators, random_state));
    if own.is_some()
        && let Some(trees) = weighted_trees((matrix, y, own), (settings, sampling), Cuts::Best, &seeds)?
    {
        return Ok(Forest::new(trees, matrix.x.ncols()));
    }
    let (draw, weight) = drawing(settings, (y, own), sampling)?;
    fit(matrix, y, &settings.growth(matrix.x.dim(), weight)?, &seeds, &draw)
}

/// How a forest's trees draw their rows, and what a drawn row of either label then weighs.
///
/// # Errors
/// Weights of other rows; no row with a weight.
pub(super) fn drawing(
    settings: &Settings,
    (y, own): (&[u8], Option<&[f64]>),
    sampling: Sampling,
) -> Result<(Draw, [f64; 2])> {
    own.map_or(Ok(()), |own| check_weights(y, own))?;
    let Sampling::Bootstrap(max_samples) = sampling else {
        return Ok((Draw::All, ClassWeight::of(settings.class_weight, class_counts(y))));
    };
    let weights = row_weights(settings.class_weight, (y, own));
    let cumulative = weights.map(|weights| {
        // numpy adds in pairs. Where rows have no weights of their own the chances are of what is added up one by one, as ever: results
        // stay what they are.
        let in_pairs = pairwise(&weights);
        let all = if own.is_some() { in_pairs } else { weights.iter().sum() };
        (in_pairs, cumulative(&weights, all))
    });
    let draws = draws(max_samples, y.len(), cumulative.as_ref().map_or(y.len() as f64, |(all, _)| *all));
    let cumulative = cumulative.map(|(_, cumulative)| cumulative);
    let draw = match (settings.class_weight, cumulative) {
        (Some(ClassWeight::BalancedSubsample), cumulative) => Draw::Balanced(draws, cumulative),
        (_, Some(cumulative)) => Draw::Weighted(draws, cumulative),
        (_, None) => Draw::Uniform(draws),
    };
    Ok((draw, [1.0; 2]))
}

/// What rows weigh in a forest before any are drawn: their own weights times those of their classes, where balanced classes weigh
/// the same by the rows' own weights; none where all rows weigh the same.
pub(super) fn row_weights(class_weight: Option<ClassWeight>, (y, own): (&[u8], Option<&[f64]>)) -> Option<Vec<f64>> {
    let classes = match class_weight {
        None | Some(ClassWeight::BalancedSubsample) => return own.map(<[f64]>::to_vec),
        by => {
            let mut sums = [0.0; 2];
            y.iter()
                .zip(0..)
                .for_each(|(&label, row)| sums[usize::from(label == 1)] += own.map_or(1.0, |own| own[row]));
            ClassWeight::of_sums(by, sums)
        }
    };
    let weights = RowWeight { classes, own };
    Some(y.iter().zip(0..).map(|(&label, row)| weights.of(row, label)).collect())
}

/// A forest's trees on rows that weigh `own`, where their weights are no counts; none where trees count draws.
///
/// # Errors
/// Those of [`fit_trees`].
pub(super) fn weighted_trees(
    (matrix, y, own): (Matrix<'_>, &[u8], Option<&[f64]>),
    (settings, sampling): (&Settings, Sampling),
    splitter: Cuts,
    seeds: &[u32],
) -> Result<Option<Vec<Tree>>> {
    match (sampling, settings.class_weight) {
        (Sampling::All, by) => {
            own.map_or(Ok(()), |own| check_weights(y, own))?;
            // Without draws there is no subsample to balance but all rows.
            let by = by.map(|by| if by == ClassWeight::BalancedSubsample { ClassWeight::Balanced } else { by });
            let Some(weights) = row_weights(by, (y, own)) else { return Ok(None) };
            fit_trees((matrix, y, &weights), settings, splitter, seeds).map(Some)
        }
        (_, Some(ClassWeight::BalancedSubsample)) => {
            let (draw, _) = drawing(settings, (y, own), sampling)?;
            fit_balanced_draws((matrix, y), &draw, settings, splitter, seeds).map(Some)
        }
        _ => Ok(None),
    }
}

/// # Errors
/// Weights of another number of rows; no row with a weight.
pub(super) fn check_weights(y: &[u8], own: &[f64]) -> Result<()> {
    if own.len() != y.len() {
        return Err(Error::Component(format!("{} weights for {} rows", own.len(), y.len())));
    }
    match own.iter().all(|&weight| weight == 0.0) {
        true => Err(Error::Component("all rows weigh 0".into())),
        false => Ok(()),
    }
}

/// How many of `rows` rows, which weigh `all`, a bootstrap sample draws.
pub(super) fn draws(max_samples: Option<MaxSamples>, rows: usize, all: f64) -> usize {
    match max_samples {
        None => rows,
        Some(MaxSamples::Count(count)) => count,
        Some(MaxSamples::Share(share)) => ((share * all) as usize).max(1),
    }
}

/// How many rows have label 0 and label 1.
pub(super) fn class_counts(y: &[u8]) -> [usize; 2] {
    let ones = y.iter().filter(|&&label| label == 1).count();
    [y.len() - ones, ones]
}

/// Cumulative probabilities of rows of these weights, which are `total` together, as in numpy's `choice(p=...)`.
pub(super) fn cumulative(weights: &[f64], total: f64) -> Vec<f64> {
    let mut sum = 0.0;
    let mut cumulative: Vec<f64> = weights
        .iter()
        .map(|weight| {
            sum += weight / total;
            sum
        })
        .collect();
    cumulative.iter_mut().for_each(|part| *part /= sum);
    cumulative
}

/// How a tree's rows are drawn.
pub(super) enum Draw {
    All,
    Uniform(usize),
    Weighted(usize, Vec<f64>),
    /// As many as given, each with the same chance or by its weight; the classes then weigh the same in all.
    Balanced(usize, Option<Vec<f64>>),
}

impl Draw {
    /// How often each of `rows` training rows is drawn by a tree of this `random_state`.
    pub(super) fn counts(&self, rows: usize, random_state: u32) -> Result<Vec<u16>> {
        let mut counts = vec![0_u16; rows];
        let mut stream = Mt19937::new(random_state);
        let mut count = |row: usize| match counts[row].checked_add(1) {
            Some(more) => {
                counts[row] = more;
                Ok(())
            }
            None => {
                Err(Error::Component(format!("`max_samples`: row {row} is drawn more often than a tree can count")))
            }
        };
        match self {
            Draw::All => counts.fill(1),
            Draw::Uniform(draws) | Draw::Balanced(draws, None) => {
                for _ in 0..*draws {
                    count(stream.interval(rows as u64 - 1) as usize)?;
                }
            }
            Draw::Weighted(draws, cumulative) | Draw::Balanced(draws, Some(cumulative)) => {
                for _ in 0..*draws {
                    let drawn = stream.next_f64();
                    count(cumulative.partition_point(|&part| part <= drawn))?;
                }
            }
        }
        Ok(counts)
    }

    /// How a tree of these drawn rows is grown.
    pub(super) fn growth(&self, growth: &Growth, y: &[u8], counts: &[u16]) -> Growth {
        let mut growth = growth.clone();
        if matches!(self, Draw::Balanced(..)) {
            let drawn =
                |label: u8| y.iter().zip(counts).filter(|(l, _)| **l == label).map(|(_, n)| usize::from(*n)).sum();
            growth.class_weight = ClassWeight::of(Some(ClassWeight::Balanced), [drawn(0), drawn(1)]);
        }
        growth
    }
}

/// Fits a tree for each of `seeds`; errors as for [`fit_forest`].
pub(super) fn fit(matrix: Matrix<'_>, y: &[u8], growth: &Growth, seeds: &[u32], draw: &Draw) -> Result<Forest> {
    let values = matrix.values(y)?;
    // With a least number of rows a side, a cut inside a bin of ordinary values may be the best.
    let with_cells = growth.min_samples_leaf == 1;
    let trees = if 2 * rare_count(y) < usize::from(u16::MAX) {
        grow_all(&Binned::<u16>::of(&matrix, &values, y, with_cells)?, y, growth, seeds, draw)?
    } else {
        grow_all(&Binned::<u32>::of(&matrix, &values, y, with_cells)?, y, growth, seeds, draw)?
    };
    Ok(Forest::new(trees, matrix.x.ncols()))
}

fn grow_all<B: Bin>(data: &Binned<B>, y: &[u8], growth: &Growth, seeds: &[u32], draw: &Draw) -> Result<Vec<Tree>> {
    // Where rows count, and one may be drawn twice, draws and rows are counted apart.
    let grow = match (growth.min_samples_leaf, draw) {
        (1, _) | (_, Draw::All) => grow::<B, u32>,
        _ => grow::<B, u64>,
    };
    let together = |seeds: &[u32]| -> Result<Vec<Tree>> {
        let counts: Vec<Vec<u16>> =
            seeds.par_iter().map(|&seed| draw.counts(data.rows, seed)).collect::<Result<_>>()?;
        let roots = Roots::of(data, &counts);
        let tree = |((counts, &seed), nth): ((Vec<u16>, &u32), usize)| {
            let root = roots.as_ref().map(|roots| Root { roots, nth });
            grow(data, &draw.growth(growth, y, &counts), (counts, root), seed)
        };
        // One tree a task: trees differ in time, and their results do not depend on who grows them.
        Ok(counts.into_par_iter().zip(seeds).zip(0..seeds.len()).with_max_len(1).map(tree).collect())
    };
    let trees: Vec<Vec<Tree>> = seeds.par_chunks(roots::TOGETHER).map(together).collect::<Result<_>>()?;
    Ok(trees.into_iter().flatten().collect())
}

/// Fitted trees. The score of a row is the mean of its leaves' shares of label 1.
pub struct Forest {
    trees: Vec<Tree>,
    columns: usize,
    steps: Vec<Step>,
    /// The shares in the nodes of `steps`.
    shares: Vec<[f64; 2]>,
    roots: Vec<u32>,
    /// What the rows that were not drawn say, for the record.
    out_of_bag: Option<serde_json::Value>,
}

/// A node as prediction walks it; a leaf leads to itself.
struct Step {
    threshold: f32,
    column: u32,
    next: [u32; 2],
}

/// Rows predicted together, tree after tree, so that a tree stays in the cache.
const BLOCK: usize = 256;

/// Rows that walk down a tree abreast: the processor waits for memory for all of them at once.
const ABREAST: usize = 16;

impl Forest {
    pub(super) fn new(trees: Vec<Tree>, columns: usize) -> Self {
        let mut forest = Self {
            columns,
            steps: Vec::new(),
            shares: Vec::new(),
            roots: Vec::new(),
            trees: Vec::new(),
            out_of_bag: None,
        };
        for tree in &trees {
            let root = forest.steps.len() as u32;
            forest.roots.push(root);
            for (at, node) in (root..).zip(&tree.nodes) {
                forest.steps.push(match node.column {
                    LEAF => Step { threshold: f32::INFINITY, column: 0, next: [at; 2] },
                    column => Step { threshold: round_down(node.threshold), column, next: [root + node.right, at + 1] },
                });
                forest.shares.push(node.shares);
            }
        }
        forest.trees = trees;
        forest
    }

    /// The trees alone.
    pub(super) fn into_trees(self) -> Vec<Tree> {
        self.trees
    }

    /// The same forest, which `sampling` and `random_state` have made of `x` and `y`, with its out-of-bag score among its details.
    ///
    /// # Errors
    /// A value that 32 bits cannot hold.
    pub fn with_out_of_bag(
        mut self,
        (x, y, own): (ArrayView2<'_, f64>, &[u8], Option<&[f64]>),
        settings: &Settings,
        sampling: Sampling,
        random_state: u32,
    ) -> Result<Self> {
        let (draw, _) = drawing(settings, (y, own), sampling)?;
        let seeds = seeds(self.trees.len(), random_state);
        self.out_of_bag = Some(out_of_bag::score(x, y, &self.trees, (&draw, &seeds))?);
        Ok(self)
    }

    /// The trees, in the order of their seeds.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Sums of the leaves' shares of labels 0 and 1 for the rows of a block of 32-bit values.
    pub(super) fn sums(&self, block: &[f32], sums: &mut [[f64; 2]]) {
        self.roots.iter().for_each(|&root| self.add_leaves(root, block, sums));
    }

    /// Adds the shares of the leaves of one tree that rows come to. A row that has come to its leaf makes way for the next one, as leaves
    /// lie at very different depths.
    fn add_leaves(&self, root: u32, block: &[f32], sums: &mut [[f64; 2]]) {
        let mut walks: [(u32, usize); ABREAST] = std::array::from_fn(|row| (root, row));
        let mut open = sums.len().min(ABREAST);
        let mut waiting = open..sums.len();
        while open > 0 {
            let mut nth = 0;
            while nth < open {
                let (at, row) = walks[nth];
                let step = &self.steps[at as usize];
                let value = block[row * self.columns + step.column as usize];
                let next = step.next[usize::from(value <= step.threshold)];
                if next != at {
                    walks[nth].0 = next;
                    nth += 1;
                    continue;
                }
                let shares = self.shares[at as usize];
                sums[row][0] += shares[0];
                sums[row][1] += shares[1];
                match waiting.next() {
                    Some(row) => {
                        walks[nth] = (root, row);
                        nth += 1;
                    }
                    None => {
                        open -= 1;
                        walks[nth] = walks[open];
                    }
                }
            }
        }
    }
}

/// The values of some rows as trees see them. Row numbers in errors count from `rows.start`.
///
/// # Errors
/// A value that 32 bits cannot hold.
pub(super) fn narrowed(x: &ArrayView2<'_, f64>, rows: Range<usize>) -> Result<Vec<f32>> {
    let mut block = Vec::with_capacity(rows.len() * x.ncols());
    for row in rows {
        for (column, &value) in x.row(row).iter().enumerate() {
            block.push(checked(column, value)?);
        }
    }
    Ok(block)
}

/// Calls `score` with blocks of rows in parallel; it fills score and label for each row of its block.
pub(super) fn predict_blocks(
    x: ArrayView2<'_, f64>,
    columns: usize,
    score: impl Fn(&[f32], &mut [f64], &mut [u8]) + Sync,
) -> Result<Prediction> {
    same_columns(columns, &x)?;
    let rows = x.nrows();
    let (mut scores, mut labels) = (vec![0.0; rows], vec![0; rows]);
    scores.par_chunks_mut(BLOCK).zip(labels.par_chunks_mut(BLOCK)).enumerate().try_for_each(
        |(block, (scores, labels))| {
            let from = block * BLOCK;
            score(&narrowed(&x, from..from + scores.len())?, scores, labels);
            Ok(())
        },
    )?;
    Ok(Prediction { score: scores, label: labels, kind: ScoreKind::Probability })
}

impl Model for Forest {
    fn saved(&self) -> Option<SavedModel> {
        let trees = self.trees.iter().map(saved).collect();
        Some(SavedModel::Trees(SavedTrees { columns: self.columns, narrow: true, trees, says: TreeSum::Mean }))
    }

    fn details(&self) -> Option<serde_json::Value> {
        self.out_of_bag.clone()
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        predict_blocks(x, self.columns, |block, scores, labels| {
            let mut sums = vec![[0.0; 2]; scores.len()];
            self.sums(block, &mut sums);
            for ((sum, score), label) in sums.iter().zip(scores).zip(labels) {
                let [zero, one] = sum.map(|sum| sum / self.trees.len() as f64);
                *score = one;
                // A tie goes to the first class, as in scikit-learn's argmax.
                *label = u8::from(one > zero);
            }
        })
    }

    fn shares(&self, x: ArrayView2<'_, f64>) -> Result<Vec<[f64; 2]>> {
        same_columns(self.columns, &x)?;
        let mut shares = vec![[0.0; 2]; x.nrows()];
        shares.par_chunks_mut(BLOCK).enumerate().try_for_each(|(block, shares)| {
            let from = block * BLOCK;
            self.sums(&narrowed(&x, from..from + shares.len())?, shares);
            shares.iter_mut().for_each(|share| *share = share.map(|sum| sum / self.trees.len() as f64));
            Ok(())
        })?;
        Ok(shares)
    }
}

/// A tree as data; its thresholds are those of 32 bits, with which it compares.
fn saved(tree: &Tree) -> SavedTree {
    let mut saved = SavedTree::default();
    for (at, node) in (0..).zip(&tree.nodes) {
        let is_leaf = node.column == LEAF;
        saved.column.push(if is_leaf { 0 } else { node.column });
        saved.threshold.push(if is_leaf { 0.0 } else { f64::from(round_down(node.threshold)) });
        saved.next.push(if is_leaf { [at; 2] } else { [at + 1, node.right] });
        saved.value.push(if is_leaf { node.shares[1] } else { 0.0 });
        saved.other.push(if is_leaf { node.shares[0] } else { 0.0 });
    }
    saved
}

fn same_columns(fitted: usize, x: &ArrayView2<'_, f64>) -> Result<()> {
    match x.ncols() {
        given if given == fitted => Ok(()),
        given => Err(Error::Component(format!("fitted on {fitted} columns, but asked about {given}"))),
    }
}
