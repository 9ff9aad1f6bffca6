//! The best cut of a node: scikit-learn's `splitting.pyx`.

use super::bins::{Binned, BinnedColumn, Bins};
use super::histograms::{Cell, MOST};
use super::levels::{self, LevelSet};

/// Sums over the rows of a node.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) gradient: f64,
    pub(super) hessian: f64,
}

impl Totals {
    pub(super) fn add(&mut self, cell: &Cell) {
        self.gradient += cell.gradient;
        self.hessian += cell.hessian;
    }

    /// The Newton step of a leaf: equation 5 of Chen and Guestrin 2016, "XGBoost: a scalable tree boosting system".
    pub(super) fn value(self, l2: f64) -> f64 {
        -self.gradient / (self.hessian + l2 + 1e-15)
    }

    /// The same within bounds.
    #[inline(always)]
    pub(super) fn value_within(self, l2: f64, bounds: Bounds) -> f64 {
        let value = self.value(l2);
        let value = if value < bounds.0 { bounds.0 } else { value };
        if value > bounds.1 { bounds.1 } else { value }
    }

    pub(super) fn without(self, part: Totals) -> Totals {
        Totals { gradient: self.gradient - part.gradient, hessian: self.hessian - part.hessian }
    }
}

/// What a cut has to keep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) min_samples_leaf: usize,
    pub(super) l2: f64,
}

/// Smallest and largest value of a node's leaves, so that constraints of its ancestors hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds(pub(super) f64, pub(super) f64);

impl Bounds {
    pub(super) const NONE: Self = Bounds(f64::NEG_INFINITY, f64::INFINITY);

    /// Those of children of these values, cut at a column of this constraint.
    pub(super) fn of_children(self, constraint: i8, values: [f64; 2]) -> [Self; 2] {
        let middle = (values[0] + values[1]) / 2.0;
        match constraint {
            0 => [self; 2],
            1 => [Bounds(self.0, middle), Bounds(middle, self.1)],
            _ => [Bounds(middle, self.1), Bounds(self.0, middle)],
        }
    }
}

/// Children with a smaller sum of hessians are not made (`min_hessian_to_split`).
const LEAST_HESSIAN: f64 = 1e-3;

/// Which rows of a node go left, by their bins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    /// Those in bins up to this one, and perhaps those whose value is missing.
    UpTo { bin: u8, missing_left: bool },
    /// Those of these levels; a missing value counts as a level.
    Levels(LevelSet),
}

/// The best cut of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub(super) gain: f64,
    /// A column of the binned data.
    pub(super) column: usize,
    pub(super) rule: Rule,
    pub(super) left: Totals,
    pub(super) right: Totals,
}

/// The best cut of a column: the gain, the rule, and the sums on the left.
pub(super) type Found = (f64, Rule, Totals);

/// A node that is to be cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parent {
    pub(super) rows: usize,
    pub(super) all: Totals,
    /// What it would say as a leaf, before the learning rate.
    pub(super) value: f64,
    pub(super) limits: Limits,
    pub(super) bounds: Bounds,
    /// Of the column that is being cut: 1 where values must not fall from left to right, -1 where they must not rise.
    pub(super) constraint: i8,
}

impl Parent {
    /// What a cut gains, or none where the side that a scan has filled so far (`near`) is too small, or the other one.
    pub(super) fn weigh(&self, near: Totals, near_rows: usize) -> Weighed {
        let Parent { rows, all, limits, .. } = *self;
        let far = all.without(near);
        if near_rows < limits.min_samples_leaf {
            return Weighed::TooSmall;
        }
        // Further on, what is left on the far side only shrinks.
        if rows - near_rows < limits.min_samples_leaf {
            return Weighed::TooLarge;
        }
        if near.hessian < LEAST_HESSIAN {
            return Weighed::TooSmall;
        }
        if far.hessian < LEAST_HESSIAN {
            return Weighed::TooLarge;
        }
        Weighed::Fits
    }

    /// The gain of a cut; that of one which its column's constraint forbids is less than any.
    #[inline(always)]
    pub(super) fn gain(&self, left: Totals, right: Totals) -> f64 {
        let value = |totals: Totals| totals.value_within(self.limits.l2, self.bounds);
        let (low, high) = (value(left), value(right));
        let gain = self.all.gradient * self.value - left.gradient * low - right.gradient * high;
        // No branches: many cuts are weighed side by side.
        let is_forbidden = ((self.constraint == 1) & (low > high)) | ((self.constraint == -1) & (low < high));
        if is_forbidden { -1.0 } else { gain }
    }
}

/// Whether the children of a cut are large enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weighed {
    /// The side that the scan fills is not.
    TooSmall,
    /// The other side is not, and will not be further on.
    TooLarge,
    Fits,
}

/// A node that a cut is looked for in.
pub(super) struct Sought {
    pub(super) node: Parent,
    /// The constraint of each binned column, or none for one that may not be cut here.
    pub(super) constraints: Vec<Option<i8>>,
    /// The binned columns that may be cut here; of equally good cuts the first one's is taken.
    pub(super) order: Vec<usize>,
}

impl Sought {
    /// The best cut at a column with these cells.
    pub(super) fn in_column(&self, data: &Binned, place: usize, cells: &[Cell], scan: &mut Scan) -> Option<Found> {
        let node = Parent { constraint: self.constraints[place]?, ..self.node };
        let column = &data.columns[place];
        match &column.bins {
            Bins::Numbers(_) => scan.best_number(cells, column, &node),
            Bins::Levels(_) => levels::best(cells, column, &node),
        }
    }

    /// The best of the columns' best cuts, of which `found` knows each; of equal ones the first.
    pub(super) fn best(&self, found: impl Fn(usize) -> Option<Found>) -> Option<Cut> {
        let mut best: Option<Cut> = None;
        for &column in &self.order {
            if let Some((gain, rule, left)) = found(column)
                && best.is_none_or(|best| gain > best.gain)
            {
                best = Some(Cut { gain, column, rule, left, right: self.node.all.without(left) });
            }
        }
        best
    }
}

/// The cuts of a column that leave enough on both sides, in the order in which a scan of its bins meets them. Their gains are
/// computed side by side.
pub(super) struct Scan {
    /// Sums on the side that the scan has filled, and the last bin that it took.
    gradients: [f64; MOST],
    hessians: [f64; MOST],
    bins: [u8; MOST],
    gains: [f64; MOST],
    count: usize,
}

impl Scan {
    pub(super) fn new() -> Self {
        Scan { gradients: [0.0; MOST], hessians: [0.0; MOST], bins: [0; MOST], gains: [0.0; MOST], count: 0 }
    }

    /// The best cut of a column of numbers, with the missing values on the right, or on the left where that gains more.
    fn best_number(&mut self, cells: &[Cell], column: &BinnedColumn, node: &Parent) -> Option<Found> {
        let known = &cells[..column.count()];
        // With missing values, all others can go left.
        let cuts = known.len() - usize::from(!column.blanks);
        self.fill(known[..cuts].iter().enumerate(), node);
        let best = self.best::<true>(node, 0.0);
        if !column.blanks {
            return best;
        }
        self.fill(known.iter().enumerate().skip(1).rev(), node);
        self.best::<false>(node, best.map_or(0.0, |(gain, ..)| gain)).or(best)
    }

    /// Takes one bin after the other.
    fn fill<'c>(&mut self, cells: impl Iterator<Item = (usize, &'c Cell)>, node: &Parent) {
        let (mut near, mut rows, mut count) = (Totals::default(), 0, 0);
        for (bin, cell) in cells {
            rows += cell.rows as usize;
            near.add(cell);
            let weighed = node.weigh(near, rows);
            if weighed == Weighed::TooLarge {
                break;
            }
            (self.gradients[count], self.hessians[count], self.bins[count]) = (near.gradient, near.hessian, bin as u8);
            // An empty bin changes nothing, so that cutting behind it gains no more.
            let is_empty = (cell.rows == 0) & (cell.gradient == 0.0) & (cell.hessian == 0.0);
            count += usize::from((weighed == Weighed::Fits) & !is_empty);
        }
        self.count = count;
    }

    /// The best cut if it gains more than `least`; of equal ones the first. The side that is filled is the left one, which missing
    /// values are not on, or the right one.
    fn best<const NEAR_IS_LEFT: bool>(&mut self, node: &Parent, least: f64) -> Option<Found> {
        let nears = self.gradients.iter().zip(&self.hessians).take(self.count);
        for (gain, (&gradient, &hessian)) in self.gains.iter_mut().zip(nears) {
            let near = Totals { gradient, hessian };
            let far = node.all.without(near);
            *gain = if NEAR_IS_LEFT { node.gain(near, far) } else { node.gain(far, near) };
        }
        let (mut most, mut first) = (least, None);
        for (at, &gain) in self.gains[..self.count].iter().enumerate() {
            if gain > most {
                (most, first) = (gain, Some(at));
            }
        }
        let at = first?;
        let near = Totals { gradient: self.gradients[at], hessian: self.hessians[at] };
        Some(match NEAR_IS_LEFT {
            true => (most, Rule::UpTo { bin: self.bins[at], missing_left: false }, near),
            false => (most, Rule::UpTo { bin: self.bins[at] - 1, missing_left: true }, node.all.without(near)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::bins::MISSING;
    use super::*;
    use crate::numeric::mt19937::Mt19937;

    /// Every cut, one after the other, by the definition: gain, bin, whether missing values go left, and the left side.
    fn plainly(cells: &[Cell], (bins, blanks): (usize, bool), node: &Parent) -> Option<Found> {
        let sum = |bins: &mut dyn Iterator<Item = usize>| {
            bins.fold((Totals::default(), 0), |(mut sums, rows), bin| {
                sums.add(&cells[bin]);
                (sums, rows + cells[bin].rows as usize)
            })
        };
        let mut best: Option<Found> = None;
        let mut weigh = |left: (Totals, usize), right: (Totals, usize), bin: usize, missing_left: bool| {
            let fits =
                |(sums, rows): (Totals, usize)| rows >= node.limits.min_samples_leaf && sums.hessian >= LEAST_HESSIAN;
            let gain = node.gain(left.0, right.0);
            if fits(left) && fits(right) && gain > best.map_or(0.0, |(gain, ..)| gain) {
                best = Some((gain, Rule::UpTo { bin: bin as u8, missing_left }, left.0));
            }
        };
        for bin in 0..bins - usize::from(!blanks) {
            let left = sum(&mut (0..=bin));
            weigh(left, (node.all.without(left.0), node.rows - left.1), bin, false);
        }
        for bin in (0..bins - 1).rev().filter(|_| blanks) {
            let right = sum(&mut (bin + 1..bins).rev());
            weigh((node.all.without(right.0), node.rows - right.1), right, bin, true);
        }
        best
    }

    #[test]
    fn cuts_weighed_side_by_side_are_those_weighed_one_by_one() {
        let mut random = Mt19937::new(5);
        let mut found = 0;
        for round in 0..400_usize {
            let (bins, blanks) = (2 + round * 7 % 253, round % 3 == 0);
            // Quarters, so that sums are exact, gains tie, and many bins are empty.
            let mut cells = [Cell::default(); MOST];
            for (bin, cell) in cells.iter_mut().enumerate() {
                let rows = random.next_u32() % 4;
                if (bin < bins || blanks && bin == usize::from(MISSING)) && rows > 1 {
                    let gradient = f64::from(random.next_u32() % 9) / 4.0 - 1.0;
                    *cell = Cell { gradient, hessian: f64::from(rows) / 4.0, rows: u64::from(rows) };
                }
            }
            let mut all = Totals::default();
            cells.iter().for_each(|cell| all.add(cell));
            let bounds = if round % 5 == 0 { Bounds(-0.25, 0.5) } else { Bounds::NONE };
            let limits = Limits { min_samples_leaf: 1 + round % 4 * 3, l2: (round % 2) as f64 };
            let rows = cells.iter().map(|cell| cell.rows as usize).sum();
            let node = Parent { rows, all, value: 0.0, limits, bounds, constraint: (round % 7 / 3) as i8 - 1 };
            let column = BinnedColumn { source: 0, bins: Bins::Numbers(vec![0.0; bins - 1]), blanks };
            let said = |found: Option<Found>| found.map(|(gain, rule, left)| format!("{gain} {rule:?} {left:?}"));
            let ours = Scan::new().best_number(&cells, &column, &node);
            assert_eq!(said(ours), said(plainly(&cells, (bins, blanks), &node)), "{round}");
            found += usize::from(ours.is_some());
        }
        assert!((200..400).contains(&found), "{found}");
    }
}
