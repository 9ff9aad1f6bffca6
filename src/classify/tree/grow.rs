//! Grows one tree, depth first, as scikit-learn's `DepthFirstTreeBuilder` does.

use std::rc::Rc;

use super::Tree;
use super::bins::{Bin, Binned, midpoint, row_and_side, too_near};
use super::build::{Best, Cutter, Seen, build};
use super::cells::Cells;
use super::cut::{At, Cut, Judge, key, value_of};
use super::histogram::{Pool, Root, Tally};
use super::impurity::{Criterion, Sums};
use super::least;
use super::limits::{Bounds, Limits};
use super::packed::{Packed, Packing};
use super::random::ColumnDraw;
use super::sample::{Located, Sample, Span};

/// A tree's settings with names and shares resolved to numbers.
#[derive(Debug, Clone)]
pub(super) struct Growth {
    pub(super) criterion: Criterion,
    pub(super) max_depth: usize,
    pub(super) min_samples_split: usize,
    pub(super) min_samples_leaf: usize,
    /// Columns to look at in a node.
    pub(super) columns: usize,
    /// Weight of a draw of label 0 and of label 1.
    pub(super) class_weight: Sums,
    /// With a number of leaves the best cut comes first, else depth does.
    pub(super) max_leaf_nodes: Option<usize>,
    pub(super) min_impurity_decrease: f64,
    pub(super) min_weight_fraction_leaf: f64,
    pub(super) ccp_alpha: f64,
    /// By column, of the share of label 0.
    pub(super) monotonic: Option<Vec<i8>>,
    /// [`BINS_PER_ROW`]; 0: all columns are sorted.
    pub(super) bins_per_row: usize,
    pub(super) packing: Packing,
}

impl Growth {
    /// What cuts of a column must keep in a tree whose rows weigh `total`; none: nothing.
    pub(super) fn limits(&self, column: usize, bounds: Bounds, total: f64) -> Option<Limits> {
        let is_limited = self.monotonic.is_some() || self.min_weight_fraction_leaf > 0.0;
        is_limited.then(|| Limits {
            least_weight: self.min_weight_fraction_leaf * total,
            constraint: self.constraint(column),
            bounds,
        })
    }

    /// The constraint of a column.
    pub(super) fn constraint(&self, column: usize) -> i8 {
        self.monotonic.as_ref().map_or(0, |all| all[column])
    }

    /// Whether a node is a leaf whatever its cuts are.
    pub(super) fn ends(&self, depth: usize, rows: usize, weight: f64, total: f64) -> bool {
        depth >= self.max_depth
            || rows < self.min_samples_split
            || rows < 2 * self.min_samples_leaf
            || weight < 2.0 * self.min_weight_fraction_leaf * total
    }

    /// What a node says.
    pub(super) fn shares(&self, sums: Sums, bounds: Bounds) -> [f64; 2] {
        let weight = sums[0] + sums[1];
        let shares = [sums[0] / weight, sums[1] / weight];
        if self.monotonic.is_some() { bounds.clip(shares) } else { shares }
    }

    /// Whether a cut is worth it. Rounding may make a useless cut look harmful, as in scikit-learn.
    pub(super) fn is_worth(&self, improvement: f64) -> bool {
        improvement + f64::EPSILON >= self.min_impurity_decrease
    }
}

/// A node that is still to be looked at.
struct Pending<B> {
    span: Span,
    /// Columns of its own or of a node above it.
    packed: Option<Rc<Packed<B>>>,
    /// Draws of the common and of the rare class.
    weight: (u64, u64),
    depth: usize,
    /// Unknown for the root.
    impurity: Option<f64>,
    /// How many columns are constant in the parent.
    constants: usize,
    bounds: Bounds,
    histograms: Option<usize>,
}

impl<B> Pending<B> {
    fn located(&self) -> Located<'_, B> {
        Located { span: self.span, packed: self.packed.as_deref() }
    }
}

/// A cut with everything that carrying it out needs.
struct Chosen {
    column: usize,
    cut: Cut<u64>,
    threshold: f64,
}

/// With fewer rows than this share of the bins, sorting the rows beats summing the bins.
pub(super) const BINS_PER_ROW: usize = 16;

/// With more rows than this share of all, picking them out of a column in order beats sorting them.
const ROWS_PER_SORTED: usize = 8;

struct Grower<'d, B, T> {
    data: &'d Binned<'d, B>,
    growth: &'d Growth,
    sample: Sample,
    root: Option<Root<'d>>,
    /// The weight of all rows.
    total: f64,
    draw: ColumnDraw,
    pool: Pool<T>,
    drawn: Vec<usize>,
    keys: Vec<u64>,
    rare: Vec<T>,
    /// The rows of the node that was last searched in order, a bit a training row.
    members: Members,
}

/// Grows a tree on the rows that `counts` (an element a training row) says how often to count; `root` has their histograms, if
/// they were counted before.
pub(super) fn grow<B: Bin, T: Tally>(
    data: &Binned<B>,
    growth: &Growth,
    (counts, root): (Vec<u16>, Option<Root<'_>>),
    random_state: u32,
) -> Tree {
    let mut grower: Grower<B, T> = Grower {
        data,
        growth,
        sample: Sample::new(data, counts, growth.packing),
        root,
        total: 0.0,
        draw: ColumnDraw::new(data.columns, growth.columns, random_state),
        pool: Pool::new(data),
        drawn: Vec::new(),
        keys: Vec::new(),
        rare: Vec::new(),
        members: Members::default(),
    };
    let root = grower.root();
    build(&mut grower, root, growth.max_leaf_nodes, growth.ccp_alpha)
}

impl<B: Bin, T: Tally> Cutter for Grower<'_, B, T> {
    type Part = Pending<B>;
    type How = Cut<u64>;

    fn look(&mut self, node: &mut Pending<B>) -> Seen<Cut<u64>> {
        let all = self.sums(node.weight.0, node.weight.1);
        let weight = all[0] + all[1];
        let growth = self.growth;
        let impurity = node.impurity.unwrap_or_else(|| growth.criterion.impurity(all, weight));
        let is_leaf = growth.ends(node.depth, node.span.len(), weight, self.total) || impurity <= f64::EPSILON;
        let chosen = if is_leaf { None } else { self.choose(node, all) };
        let cut = chosen.and_then(|Chosen { column, cut, threshold }| {
            let left = self.sums(cut.common, cut.rare);
            let improvement = growth.criterion.improvement(impurity, all, left, self.total);
            growth.is_worth(improvement).then_some(Best { column, threshold, improvement, how: cut })
        });
        Seen { shares: growth.shares(all, node.bounds), impurity, weight, cut }
    }

    /// Reorders the rows.
    fn divide(&mut self, node: Pending<B>, column: usize, cut: &Cut<u64>) -> [Pending<B>; 2] {
        let (left, right) = match cut.at {
            At::Bin(bin) => self.sample.split_at_bin(self.data, node.located(), (column, bin)),
            At::Inside(bin, threshold) => self.sample.split_inside(self.data, node.located(), (column, bin, threshold)),
            At::Value(threshold) => self.sample.split_at_value(self.data, node.located(), (column, threshold)),
        };
        let all = self.sums(node.weight.0, node.weight.1);
        let weight_left = (cut.common, cut.rare);
        let weight_right = (node.weight.0 - weight_left.0, node.weight.1 - weight_left.1);
        let sums_left = self.sums(weight_left.0, weight_left.1);
        let sums_right = super::impurity::rest(all, sums_left);
        let total_left = sums_left[0] + sums_left[1];
        let total_right = (all[0] + all[1]) - total_left;
        let criterion = self.growth.criterion;
        let left_is_larger = left.common_len() >= right.common_len();
        let (larger, smaller) = if left_is_larger { (left, right) } else { (right, left) };
        if let Some(histograms) = node.histograms {
            let gone = self.sample.rows(Located { span: smaller, ..node.located() });
            // Where a child is pure, no column will be asked for.
            let columns = if larger.rare.0 < larger.rare.1 { self.growth.columns } else { 0 };
            self.pool.get(histograms).lose(self.data, &gone, (larger.common_len(), columns));
        }
        let bounds = node.bounds.of_children(self.growth.constraint(column), all, sums_left);
        let child = |span, weight, impurity, bounds, inherits| Pending {
            span,
            packed: node.packed.clone(),
            weight,
            depth: node.depth + 1,
            impurity: Some(impurity),
            // Only depth first is the memory of a parent's constant columns that of the node at hand.
            constants: if self.growth.max_leaf_nodes.is_none() { node.constants } else { 0 },
            bounds,
            histograms: if inherits { node.histograms } else { None },
        };
        let impurities = [criterion.impurity(sums_left, total_left), criterion.impurity(sums_right, total_right)];
        [
            child(left, weight_left, impurities[0], bounds[0], left_is_larger),
            child(right, weight_right, impurities[1], bounds[1], !left_is_larger),
        ]
    }

    fn forget(&mut self, node: Pending<B>) {
        if let Some(histograms) = node.histograms {
            self.pool.give_back(histograms);
        }
    }
}

impl<B: Bin, T: Tally> Grower<'_, B, T> {
    fn root(&mut self) -> Pending<B> {
        let span = self.sample.all();
        let weight =
            (self.sample.weight(self.sample.common(span.common)), self.sample.weight(self.sample.rare(span.rare)));
        let all = self.sums(weight.0, weight.1);
        self.total = all[0] + all[1];
        let histograms = self.root.as_ref().map(|root| {
            let histograms = self.pool.take();
            self.pool.get(histograms).copy(self.data, root);
            histograms
        });
        Pending { span, packed: None, weight, depth: 0, impurity: None, constants: 0, bounds: Bounds::NONE, histograms }
    }

    /// Weights of labels 0 and 1 from draws of the common and of the rare class.
    fn sums(&self, common: u64, rare: u64) -> Sums {
        label_sums(self.data.rare, self.growth.class_weight, common, rare)
    }

    /// Draws columns and chooses the best cut, the first drawn of equals. Afterwards `constants` counts this node's.
    fn choose(&mut self, node: &mut Pending<B>, all: Sums) -> Option<Chosen> {
        let mut drawn = std::mem::take(&mut self.drawn);
        let (data, sample, rows) = (self.data, &self.sample, node.located());
        node.constants = self.draw.draw(node.constants, |column| sample.is_constant(data, rows, column), &mut drawn);
        self.count_common(node, &drawn);
        let mut cuts: Vec<Option<Cut<u64>>> = drawn.iter().map(|&column| self.best_cut(node, column, all)).collect();
        let chosen = loop {
            let mut best: Option<(usize, Cut<u64>)> = None;
            for (at, cut) in cuts.iter().enumerate() {
                let Some(cut) = cut else { continue };
                if best.is_none_or(|(_, best)| cut.proxy > best.proxy) {
                    best = Some((at, *cut));
                }
            }
            let Some((at, cut)) = best else { break None };
            let column = drawn[at];
            let threshold = match cut.at {
                At::Inside(_, threshold) | At::Value(threshold) => Some(threshold),
                At::Bin(bin) => self.threshold(node, column, bin),
            };
            if let Some(threshold) = threshold {
                break Some(Chosen { column, cut, threshold });
            }
            // The two values are one to scikit-learn; it cuts elsewhere, which only all values in order can tell.
            cuts[at] = match node.span.len() * ROWS_PER_SORTED >= data.rows {
                true => self.best_cut_in_order(node, column, all),
                false => self.best_cut_by_sorting(node, column, all),
            };
        };
        self.drawn = drawn;
        chosen
    }

    /// Whether a column of a node is searched by its histogram.
    fn by_bins(&self, node: &Pending<B>, column: usize) -> bool {
        node.span.common_len() * self.growth.bins_per_row >= self.data.bin_count(column)
    }

    /// Brings the histograms of the drawn columns up to date.
    fn count_common(&mut self, node: &mut Pending<B>, drawn: &[usize]) {
        let columns: Vec<usize> = drawn.iter().copied().filter(|&column| self.by_bins(node, column)).collect();
        if !columns.is_empty() {
            let histograms = *node.histograms.get_or_insert_with(|| self.pool.take());
            self.sample.pack(self.data, node.span.common, &mut node.packed);
            let rows = self.sample.rows(node.located());
            self.pool.get(histograms).count(self.data, &columns, &rows);
        }
    }

    fn best_cut(&mut self, node: &Pending<B>, column: usize, all: Sums) -> Option<Cut<u64>> {
        let Some(histograms) = node.histograms.filter(|_| self.by_bins(node, column)) else {
            return self.best_cut_by_sorting(node, column, all);
        };
        self.count_rare(node.span, column);
        let (rare, class_weight) = (self.data.rare, self.growth.class_weight);
        let sums = |common, of_rare| label_sums(rare, class_weight, common, of_rare);
        let judge = Judge { criterion: self.growth.criterion, all, sums, limits: None };
        let data = self.data;
        if let Some(cells) = data.cells(column) {
            return self.best_cut_by_cells(cells, node, (histograms, column), all);
        }
        let common = self.pool.get(histograms).of(self.data, column);
        if self.growth.min_samples_leaf == 1 {
            return judge.by_bins(common, &self.rare, T::draws);
        }
        let (data, sample) = (self.data, &self.sample);
        least::Column { common, rare: &self.rare, least: self.growth.min_samples_leaf as u64 }.best(&judge, |bin| {
            let mut keys = Vec::new();
            sample.each_in_bin(data, node.located(), column, bin, |row| {
                keys.push(key(data.value(row, column), u32::from(sample.counts[row as usize])));
            });
            keys.sort_unstable();
            keys
        })
    }

    /// The same for a column that has cells, whose rare rows are counted.
    fn best_cut_by_cells(
        &mut self,
        cells: &Cells,
        node: &Pending<B>,
        (histograms, column): (usize, usize),
        all: Sums,
    ) -> Option<Cut<u64>> {
        let (rare, class_weight) = (self.data.rare, self.growth.class_weight);
        let sums = |common, of_rare| label_sums(rare, class_weight, common, of_rare);
        let judge = Judge { criterion: self.growth.criterion, all, sums, limits: None };
        let common = self.pool.get(histograms).of(self.data, column);
        let mut cuts = cells.cuts(&judge, (common, &self.rare), T::draws);
        loop {
            let first_best =
                |best: usize, next: usize| if cuts[next].0.proxy > cuts[best].0.proxy { next } else { best };
            let (cut, is_sure) = cuts.remove((0..cuts.len()).reduce(first_best)?);
            match cut.at {
                At::Bin(bin) if !is_sure && self.threshold(node, column, bin).is_none() => {}
                _ => return Some(cut),
            }
        }
    }

    /// Puts counts of the rare class, by value of a column, into `self.rare`.
    fn count_rare(&mut self, span: Span, column: usize) {
        let bins = self.data.column(column);
        self.rare.clear();
        self.rare.resize(self.data.cut_values(column).len(), T::default());
        for &row in self.sample.rare(span.rare) {
            let bin: u32 = bins[row as usize].into();
            self.rare[bin as usize / 2] += T::of(self.sample.counts[row as usize]);
        }
    }

    fn best_cut_by_sorting(&mut self, node: &Pending<B>, column: usize, all: Sums) -> Option<Cut<u64>> {
        let span = node.span;
        let limits = self.growth.limits(column, node.bounds, self.total);
        let (data, sample) = (self.data, &self.sample);
        self.keys.clear();
        let key = |row: u32, is_rare: u32| {
            key(data.value(row, column), u32::from(sample.counts[row as usize]) << 1 | is_rare)
        };
        self.keys.extend(sample.rows(node.located()).numbers().map(|row| key(row, 0)));
        self.keys.extend(sample.rare(span.rare).iter().map(|&row| key(row, 1)));
        let (rare, class_weight) = (data.rare, self.growth.class_weight);
        let sums = |common, of_rare| label_sums(rare, class_weight, common, of_rare);
        let judge = Judge { criterion: self.growth.criterion, all, sums, limits };
        judge.by_sorting(&mut self.keys, self.growth.min_samples_leaf, |payload| {
            let count = u64::from(payload >> 1);
            if payload & 1 == 1 { (0, count) } else { (count, 0) }
        })
    }

    /// [`Self::best_cut_by_sorting`] for a node of many rows: picks them out of the whole column in order.
    fn best_cut_in_order(&mut self, node: &Pending<B>, column: usize, all: Sums) -> Option<Cut<u64>> {
        let span = node.span;
        let limits = self.growth.limits(column, node.bounds, self.total);
        let (data, sample) = (self.data, &self.sample);
        self.members.hold(data.rows, sample, node.located());
        let members = &self.members;
        let rows = data.in_order(column).iter().filter_map(|&key| {
            let (row, is_rare) = row_and_side(key);
            members.has(row).then(|| {
                let count = u64::from(sample.counts[row as usize]);
                (value_of(key), if is_rare { (0, count) } else { (count, 0) })
            })
        });
        let (rare, class_weight) = (data.rare, self.growth.class_weight);
        let sums = |common, of_rare| label_sums(rare, class_weight, common, of_rare);
        let judge = Judge { criterion: self.growth.criterion, all, sums, limits };
        judge.in_order(rows, span.len(), self.growth.min_samples_leaf)
    }

    /// The midpoint of the node's values around the edge below `cut`; none if the two are too near to tell apart.
    fn threshold(&mut self, node: &Pending<B>, column: usize, cut: usize) -> Option<f64> {
        self.count_rare(node.span, column);
        // `choose` asks only for a cut that this node's histograms gave.
        let common = self.pool.get(node.histograms?).of(self.data, column);
        let none = T::default();
        let filled = |&bin: &usize| common[bin] != none || (bin % 2 == 1 && self.rare[bin / 2] != none);
        let below = (0..cut).rev().find(filled)?;
        let above = (cut..common.len()).find(filled)?;
        let has_cells = self.data.cells(column).is_some();
        if has_cells {
            self.members.hold(self.data.rows, &self.sample, node.located());
        }
        let ends = |bin: usize| {
            let value = self.data.cut_values(column).get(bin / 2).filter(|_| bin % 2 == 1);
            match value {
                _ if has_cells => self.extremes_in_order(node.span, column, bin),
                Some(&value) => (value, value),
                None => self.sample.extremes(self.data, node.located(), column, bin),
            }
        };
        let (low, high) = (ends(below).1, ends(above).0);
        (!too_near(low, high)).then(|| midpoint(low, high))
    }

    /// The values, smallest and largest, of the rows of the node that is held in one bin of a column with cells, where rows are in
    /// the order of their values; the bin is not empty there.
    fn extremes_in_order(&self, span: Span, column: usize, bin: usize) -> (f32, f32) {
        let (data, bins) = (self.data, self.data.column(column));
        let is_member = |row: &&u32| self.members.has(**row);
        let everywhere = data.common_rows_in(column, bin, bin + 1).iter();
        let ends = [everywhere.clone().find(is_member), everywhere.rev().find(is_member)];
        // Only odd bins hold rare rows.
        let rare = if bin % 2 == 1 { self.sample.rare(span.rare) } else { &[] };
        let here = |row: &&u32| Into::<u32>::into(bins[**row as usize]) as usize == bin;
        let both = ends.into_iter().flatten().chain(rare.iter().filter(here));
        both.map(|&row| data.value(row, column))
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    }
}

/// The rows of a node as bits, few enough bytes to stay in the nearest cache while a whole column passes by.
#[derive(Default)]
struct Members {
    span: Option<Span>,
    bits: Vec<u64>,
}

impl Members {
    /// Holds the rows of `span`; those of the node that was held last are held already.
    fn hold<B: Bin>(&mut self, rows: usize, sample: &Sample, node: Located<'_, B>) {
        let span = node.span;
        // A later node of the same span has the same rows, as it is the same node.
        if self.span == Some(span) {
            return;
        }
        self.span = Some(span);
        self.bits.clear();
        self.bits.resize(rows.div_ceil(64), 0);
        let rare = sample.rare(span.rare).iter().copied();
        for row in sample.rows(node).numbers().chain(rare) {
            self.bits[row as usize / 64] |= 1 << (row % 64);
        }
    }

    #[inline]
    fn has(&self, row: u32) -> bool {
        self.bits[row as usize / 64] >> (row % 64) & 1 == 1
    }
}

fn label_sums(rare_label: u8, class_weight: Sums, common: u64, rare: u64) -> Sums {
    let (zeros, ones) = if rare_label == 1 { (common, rare) } else { (rare, common) };
    [zeros as f64 * class_weight[0], ones as f64 * class_weight[1]]
}
