//! AdaBoost over stumps, in which a round touches only the rows that some round got wrong.
//!
//! All common rows that no stump has got wrong yet weigh the same. So a histogram of weights is that one weight times a
//! histogram of counts, which changes only by rows that are got wrong for the first time, plus the weights of the rows
//! that once were. The rare class is a few rows anyway.

use crate::component::{Model, Prediction, SavedModel, SavedTree, SavedTrees, TreeSum};
use ndarray::ArrayView2;
use rayon::prelude::*;

use super::bins::{Bin, Binned, midpoint, rare_count, row_and_side, too_near};
use super::cut::{At, Cut, Judge, value_of};
use super::forest::predict_blocks;
use super::impurity::{Criterion, Sums};
use super::random::{ColumnDraw, seed};
use super::{Matrix, round_down};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;

/// A tree of depth 1, or of depth 0 when nothing can be cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stump {
    /// The column and the threshold; none: all rows go left.
    pub cut: Option<(u32, f64)>,
    /// Labels said of the rows up to the threshold, and above it.
    pub labels: [u8; 2],
    /// The stump's say in the vote.
    pub weight: f64,
    /// Weighted share of the training rows that it gets wrong.
    pub error: f64,
}

/// Boosted stumps. The score of a row is scikit-learn's `predict_proba`, which ranks as its decision function.
pub struct Boosted {
    stumps: Vec<Stump>,
    columns: usize,
    /// Set when the training labels were all the same.
    only: Option<u8>,
}

impl Boosted {
    /// The stumps, in the order of the rounds.
    pub fn stumps(&self) -> &[Stump] {
        &self.stumps
    }
}

/// Boosts `n_estimators` stumps by SAMME (Zhu, Zou, Rosset and Hastie 2009), with `AdaBoostClassifier`'s early ends:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.AdaBoostClassifier.html>.
///
/// None where some round's choice turns on rounding, in tables of at most `MOST_ADDED_UP` values: these sums are scikit-learn's in
/// another order, so who wants its stumps must then add weights up as it does. In larger tables that takes too long, and the first
/// of equally good cuts is taken.
///
/// # Errors
/// As [`super::fit_tree`]; a first stump that is no better than guessing.
pub fn boost<'a>(
    matrix: impl Into<Matrix<'a>>,
    y: &[u8],
    n_estimators: usize,
    learning_rate: f64,
    criterion: Criterion,
    random_state: u32,
) -> Result<Option<Boosted>> {
    let matrix = matrix.into();
    let values = matrix.values(y)?;
    let stumps = if 2 * rare_count(y) < usize::from(u16::MAX) {
        let data = Binned::<u16>::of(&matrix, &values, y, false)?;
        Rounds::new(&data, criterion).run(n_estimators, learning_rate, random_state)?
    } else {
        let data = Binned::<u32>::of(&matrix, &values, y, false)?;
        Rounds::new(&data, criterion).run(n_estimators, learning_rate, random_state)?
    };
    let only = y.iter().all(|label| *label == y[0]).then_some(y[0]);
    Ok(stumps.map(|stumps| Boosted { stumps, columns: matrix.x.ncols(), only }))
}

/// Values of a table in which rounding is left to scikit-learn's order of additions, by its work.
const MOST_ADDED_UP: usize = 1 << 16;

/// How far scikit-learn's sums over `rows` rows and those here can lie apart after so many rounds, as a share of all weight: it
/// adds rows up one after the other, and every round's logarithm and exponential cost a weight some last bits.
fn rounding(rows: usize, round: usize) -> f64 {
    f64::EPSILON * (4 * rows + 64 * (round + 1)) as f64
}

/// Stands for the weight of a common row that was never got wrong; a weight itself is never 0.
const UNTOUCHED: f64 = 0.0;

struct Rounds<'d, B> {
    data: &'d Binned<'d, B>,
    criterion: Criterion,
    /// Columns that have one value only.
    constant: Vec<bool>,
    /// Common rows that were never got wrong, by bin, a vector a column.
    untouched: Vec<Vec<u32>>,
    untouched_count: usize,
    /// What each of those weighs.
    base: f64,
    /// The other common rows, ascending.
    touched: Vec<u32>,
    /// By training row: the weight of a touched or a rare row.
    weight: Vec<f64>,
    /// Sums that lie nearer to each other than this may be in another order in scikit-learn's; below 0 where that is not asked.
    near: f64,
}

/// The best of the cuts seen, and how good the next best is that divides the rows otherwise.
#[derive(Clone, Copy)]
struct Ahead {
    cut: Cut<f64>,
    next: f64,
}

impl Ahead {
    fn see(seen: &mut Option<Ahead>, cut: Cut<f64>) {
        match seen {
            None => *seen = Some(Ahead { cut, next: f64::NEG_INFINITY }),
            // Every row has a weight, so equal sums in one column are the same rows.
            Some(ahead) if ahead.cut.common == cut.common && ahead.cut.rare == cut.rare => {}
            Some(ahead) if cut.proxy > ahead.cut.proxy => *ahead = Ahead { cut, next: ahead.cut.proxy },
            Some(ahead) => ahead.next = ahead.next.max(cut.proxy),
        }
    }
}

/// One round's stump and where exactly it cuts.
struct Found {
    stump: Stump,
    at: Option<(usize, At)>,
}

impl<'d, B: Bin> Rounds<'d, B> {
    fn new(data: &'d Binned<'d, B>, criterion: Criterion) -> Self {
        let constant = (0..data.columns)
            .into_par_iter()
            .map(|column| {
                let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
                (0..data.rows as u32).all(|row| {
                    let value = data.value(row, column);
                    low = low.min(value);
                    high = high.max(value);
                    too_near(low, high)
                })
            })
            .collect();
        let count = |column| {
            (0..data.bin_count(column)).map(|bin| data.common_rows_in(column, bin, bin + 1).len() as u32).collect()
        };
        let base = 1.0 / data.rows as f64;
        let mut weight = vec![UNTOUCHED; data.rows];
        data.rare_rows.iter().for_each(|&row| weight[row as usize] = base);
        Self {
            data,
            criterion,
            constant,
            untouched: (0..data.columns).map(count).collect(),
            untouched_count: data.common_rows.len(),
            base,
            touched: Vec::new(),
            weight,
            near: 0.0,
        }
    }

    fn run(mut self, n_estimators: usize, learning_rate: f64, random_state: u32) -> Result<Option<Vec<Stump>>> {
        let mut stream = Mt19937::new(random_state);
        let mut stumps = Vec::new();
        for round in 0..n_estimators {
            self.rescale(|weight| weight.max(f64::EPSILON));
            let totals = self.totals();
            let is_asked = self.data.rows * self.data.columns <= MOST_ADDED_UP;
            let total = totals.0 + totals.1;
            self.near = if is_asked { rounding(self.data.rows, round) * total } else { f64::NEG_INFINITY };
            let Some(mut found) = self.find(totals, seed(&mut stream)) else { return Ok(None) };
            let wrong = self.wrong(&found);
            found.stump.error = self.weigh(&wrong) / total;
            if found.stump.error <= 0.0 {
                found.stump.weight = 1.0;
                stumps.push(found.stump);
                break;
            }
            if (found.stump.error - 0.5).abs() * total <= self.near {
                return Ok(None);
            }
            // Two classes always: with one, the first error is 0.
            if found.stump.error >= 0.5 {
                if stumps.is_empty() {
                    return Err(Error::Component(
                        "no stump is better than guessing on the training rows, so there is nothing to boost".into(),
                    ));
                }
                break;
            }
            let error = found.stump.error;
            found.stump.weight = learning_rate * ((1.0 - error) / error).ln();
            stumps.push(found.stump);
            if round + 1 < n_estimators {
                self.boost(wrong, found.stump.weight.exp());
                let (common, rare) = self.totals();
                let total = common + rare;
                if !total.is_finite() || total <= 0.0 {
                    break;
                }
                self.rescale(|weight| weight / total);
            }
        }
        Ok(Some(stumps))
    }

    /// Total weights of the common and of the rare class, summed in a fixed order.
    fn totals(&self) -> (f64, f64) {
        let sum = |rows: &[u32]| rows.iter().map(|&row| self.weight[row as usize]).sum::<f64>();
        (self.untouched_count as f64 * self.base + sum(&self.touched), sum(&self.data.rare_rows))
    }

    fn rescale(&mut self, change: impl Fn(f64) -> f64) {
        self.base = change(self.base);
        for &row in self.touched.iter().chain(&self.data.rare_rows) {
            let weight = &mut self.weight[row as usize];
            *weight = change(*weight);
        }
    }

    /// The stump that scikit-learn's tree of depth 1 would be; none where rounding decides.
    fn find(&self, totals: (f64, f64), random_state: u32) -> Option<Found> {
        let all = self.sums(totals.0, totals.1);
        let mut drawn = Vec::new();
        if self.criterion.impurity(all, all[0] + all[1]) > f64::EPSILON {
            let mut draw = ColumnDraw::new(self.data.columns, self.data.columns, random_state);
            draw.draw(0, |column| self.constant[column], &mut drawn);
        }
        let touched_weight: Vec<f64> = self.touched.iter().map(|&row| self.weight[row as usize]).collect();
        let mut cuts: Vec<Option<Ahead>> =
            drawn.par_iter().map(|&column| self.best_cut(column, all, &touched_weight)).collect();
        loop {
            let mut best: Option<(usize, Ahead)> = None;
            for (at, ahead) in cuts.iter().enumerate() {
                let Some(ahead) = ahead else { continue };
                if best.is_none_or(|(_, best)| ahead.cut.proxy > best.cut.proxy) {
                    best = Some((at, *ahead));
                }
            }
            let Some((at, Ahead { cut, next })) = best else { return self.whole(totals) };
            let column = drawn[at];
            let threshold = match cut.at {
                At::Inside(_, threshold) | At::Value(threshold) => Some(threshold),
                At::Bin(bin) => self.threshold(column, bin),
            };
            if let Some(threshold) = threshold {
                let others = cuts.iter().enumerate().filter(|(other, _)| *other != at).filter_map(|(_, cut)| *cut);
                let next = others.map(|other| other.cut.proxy).fold(next, f64::max);
                let is_clear = cut.proxy - next > self.near && self.is_clear_of_neighbours(all, &cut);
                return is_clear.then(|| self.stump(totals, column, cut, threshold)).flatten();
            }
            cuts[at] = self.best_cut_in_order(column, all);
        }
    }

    /// Whether one common row more or less on the left makes a difference that rounding cannot hide. Between two rare values the
    /// best cut lies at an end, and cuts further in are worse by more.
    fn is_clear_of_neighbours(&self, all: Sums, cut: &Cut<f64>) -> bool {
        let proxy = |common: f64| self.criterion.proxy(all, self.sums(common, cut.rare));
        let most = if self.data.rare == 1 { all[0] } else { all[1] };
        let beside = [cut.common - self.base, cut.common + self.base];
        let inside = beside.into_iter().filter(|common| (0.0..=most).contains(common));
        inside.map(|common| (proxy(common) - cut.proxy).abs()).all(|apart| apart.is_nan() || apart > self.near)
    }

    fn best_cut(&self, column: usize, all: Sums, touched_weight: &[f64]) -> Option<Ahead> {
        let bins = self.data.column(column);
        let mut common: Vec<f64> = self.untouched[column].iter().map(|&count| f64::from(count) * self.base).collect();
        for (&row, &weight) in self.touched.iter().zip(touched_weight) {
            common[bins[row as usize].into() as usize] += weight;
        }
        let mut rare = vec![0.0; self.data.cut_values(column).len()];
        for &row in &self.data.rare_rows {
            rare[bins[row as usize].into() as usize / 2] += self.weight[row as usize];
        }
        let mut ahead = None;
        self.judge(all).on_edges(&common, &rare, |weight| weight, |cut| Ahead::see(&mut ahead, cut));
        ahead
    }

    fn best_cut_in_order(&self, column: usize, all: Sums) -> Option<Ahead> {
        let rows = self.data.in_order(column).iter().map(|&key| {
            let (row, is_rare) = row_and_side(key);
            let weight = self.weight_of(row);
            (value_of(key), if is_rare { (0.0, weight) } else { (weight, 0.0) })
        });
        let mut ahead = None;
        self.judge(all).on_values(rows, self.data.rows, 1, |cut| Ahead::see(&mut ahead, cut));
        ahead
    }

    fn judge(&self, all: Sums) -> Judge<impl Fn(f64, f64) -> Sums> {
        let rare_label = self.data.rare;
        let sums = move |common, rare| if rare_label == 1 { [common, rare] } else { [rare, common] };
        Judge { criterion: self.criterion, all, sums, limits: None }
    }

    fn sums(&self, common: f64, rare: f64) -> Sums {
        if self.data.rare == 1 { [common, rare] } else { [rare, common] }
    }

    /// The midpoint of the values around the edge below bin `cut`; none if the two are too near to tell apart. Every row
    /// has a weight, so no bin is empty that has rows.
    fn threshold(&self, column: usize, cut: usize) -> Option<f64> {
        let values = self.data.cut_values(column);
        let filled = |&bin: &usize| bin % 2 == 1 || !self.data.common_rows_in(column, bin, bin + 1).is_empty();
        let below = (0..cut).rev().find(filled)?;
        let above = (cut..self.data.bin_count(column)).find(filled)?;
        let inside = |bin| self.data.common_rows_in(column, bin, bin + 1).iter().map(|&r| self.data.value(r, column));
        let low = if below % 2 == 1 { values[below / 2] } else { inside(below).fold(f32::NEG_INFINITY, f32::max) };
        let high = if above % 2 == 1 { values[above / 2] } else { inside(above).fold(f32::INFINITY, f32::min) };
        (!too_near(low, high)).then(|| midpoint(low, high))
    }

    /// What a leaf says: the heavier class; none where rounding decides which one that is.
    fn label(&self, (common, rare): (f64, f64)) -> Option<u8> {
        let sums = self.sums(common, rare);
        ((sums[1] - sums[0]).abs() > self.near).then_some(u8::from(sums[1] > sums[0]))
    }

    fn whole(&self, totals: (f64, f64)) -> Option<Found> {
        let stump = Stump { cut: None, labels: [self.label(totals)?; 2], weight: 0.0, error: 0.0 };
        Some(Found { stump, at: None })
    }

    fn stump(&self, totals: (f64, f64), column: usize, cut: Cut<f64>, threshold: f64) -> Option<Found> {
        let labels = [self.label((cut.common, cut.rare))?, self.label((totals.0 - cut.common, totals.1 - cut.rare))?];
        let stump = Stump { cut: Some((column as u32, threshold)), labels, weight: 0.0, error: 0.0 };
        Some(Found { stump, at: Some((column, cut.at)) })
    }

    /// The rows that a stump gets wrong.
    fn wrong(&self, found: &Found) -> Vec<u32> {
        let data = self.data;
        let side = |row: u32| match found.stump.cut {
            Some((column, threshold)) => usize::from(f64::from(data.value(row, column as usize)) > threshold),
            None => 0,
        };
        let labels = found.stump.labels;
        let mut wrong: Vec<u32> =
            data.rare_rows.iter().copied().filter(|&row| labels[side(row)] != data.rare).collect();
        for called_rare in (0..2).filter(|&side| labels[side] == data.rare) {
            if let Some((column, At::Bin(cut))) = found.at {
                let (from, to) = [(0, cut), (cut, data.bin_count(column))][called_rare];
                wrong.extend_from_slice(data.common_rows_in(column, from, to));
            } else {
                wrong.extend(data.common_rows.iter().filter(|&&row| side(row) == called_rare));
            }
        }
        wrong
    }

    fn weight_of(&self, row: u32) -> f64 {
        let weight = self.weight[row as usize];
        if weight == UNTOUCHED { self.base } else { weight }
    }

    fn weigh(&self, rows: &[u32]) -> f64 {
        rows.iter().map(|&row| self.weight_of(row)).sum()
    }

    /// Multiplies the weights of the rows got wrong.
    fn boost(&mut self, wrong: Vec<u32>, factor: f64) {
        let mut first_time = Vec::new();
        for row in wrong {
            if self.weight[row as usize] == UNTOUCHED {
                first_time.push(row);
            }
            self.weight[row as usize] = self.weight_of(row) * factor;
        }
        self.touch(first_time);
    }

    /// Takes rows that were got wrong for the first time out of the histograms of those that never were.
    fn touch(&mut self, rows: Vec<u32>) {
        if rows.is_empty() {
            return;
        }
        let data = self.data;
        self.untouched_count -= rows.len();
        self.untouched.par_iter_mut().enumerate().for_each(|(column, counts)| {
            let bins = data.column(column);
            rows.iter().for_each(|&row| counts[bins[row as usize].into() as usize] -= 1);
        });
        self.touched.extend(rows);
        self.touched.sort_unstable();
    }
}

/// A stump as data, with its say in its leaves.
fn saved(stump: &Stump) -> SavedTree {
    let [left, right] = stump.labels.map(|label| if label == 1 { stump.weight } else { -stump.weight });
    match stump.cut {
        None => SavedTree {
            column: vec![0],
            threshold: vec![0.0],
            next: vec![[0; 2]],
            value: vec![left],
            ..SavedTree::default()
        },
        Some((column, threshold)) => SavedTree {
            column: vec![column, 0, 0],
            threshold: vec![f64::from(round_down(threshold)), 0.0, 0.0],
            next: vec![[1, 2], [1; 2], [2; 2]],
            value: vec![0.0, left, right],
            ..SavedTree::default()
        },
    }
}

impl Model for Boosted {
    fn saved(&self) -> Option<SavedModel> {
        if let Some(only) = self.only {
            return Some(SavedModel::Constant { score: f64::from(only), label: only });
        }
        let total = self.stumps.iter().map(|stump| stump.weight).sum();
        let trees = self.stumps.iter().map(saved).collect();
        Some(SavedModel::Trees(SavedTrees { columns: self.columns, narrow: true, trees, says: TreeSum::Vote(total) }))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let total: f64 = self.stumps.iter().map(|stump| stump.weight).sum();
        let cuts: Vec<(usize, f32, [f64; 2])> = self
            .stumps
            .iter()
            .map(|stump| {
                let say = stump.labels.map(|label| if label == 1 { stump.weight } else { -stump.weight });
                let (column, threshold) = stump.cut.map_or((0, f32::INFINITY), |(c, t)| (c as usize, round_down(t)));
                (column, threshold, say)
            })
            .collect();
        predict_blocks(x, self.columns, |block, scores, labels| {
            for ((line, score), label) in block.chunks_exact(self.columns).zip(scores).zip(labels) {
                if let Some(only) = self.only {
                    (*score, *label) = (f64::from(only), only);
                    continue;
                }
                let vote: f64 = cuts.iter().map(|(column, cut, say)| say[usize::from(line[*column] > *cut)]).sum();
                // scikit-learn's decision function is the sum of both classes' columns, hence twice the vote.
                let decision = 2.0 * (vote / total);
                *score = 1.0 / (1.0 + (-decision).exp());
                *label = u8::from(decision > 0.0);
            }
        })
    }
}
