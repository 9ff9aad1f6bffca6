//! The rows a tree is grown on, kept so that the rows of a node are neighbours.

use super::bins::{Bin, Binned, too_near};

/// Where the rows of one node are in a [`Sample`]: half-open ranges among the common and among the rare rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) common: (usize, usize),
    pub(super) rare: (usize, usize),
}

impl Span {
    /// Rows of the common class.
    pub(super) fn common_len(&self) -> usize {
        self.common.1 - self.common.0
    }

    /// Rows of both classes.
    pub(super) fn len(&self) -> usize {
        self.common_len() + self.rare.1 - self.rare.0
    }
}

/// A row that is not in the sample.
const ABSENT: u32 = u32::MAX;

/// The rows of one tree. A row drawn several times is there once and counts so often.
pub(super) struct Sample {
    /// How often each training row was drawn.
    pub(super) counts: Vec<u16>,
    common: Vec<u32>,
    /// How often each row of `common` was drawn: beside it, as `counts` would have to be searched for row by row.
    draws: Vec<u16>,
    /// Where in `common` a training row is.
    place: Vec<u32>,
    rare: Vec<u32>,
    /// Room for the rows of a side of a node.
    inside: Vec<u32>,
    /// Zeros, a bit a training row, for [`Sample::put_in_order`].
    bits: Vec<u64>,
}

/// A child of more than this part of all rows is sorted.
const ROWS_PER_ORDERED: usize = 256;

impl Sample {
    /// The rows that `counts` (an element a training row) does not leave out.
    pub(super) fn new<B: Bin>(data: &Binned<B>, counts: Vec<u16>) -> Self {
        let mut place = vec![ABSENT; data.rows];
        // Two thirds of the rows, which ones by chance: a branch would be guessed wrong as often as not.
        let mut common = vec![0; data.common_rows.len()];
        let mut draws = vec![0; data.common_rows.len()];
        let mut drawn = 0;
        for &row in &data.common_rows {
            let count = counts[row as usize];
            let is_drawn = count > 0;
            (common[drawn], draws[drawn]) = (row, count);
            place[row as usize] = if is_drawn { drawn as u32 } else { ABSENT };
            drawn += usize::from(is_drawn);
        }
        common.truncate(drawn);
        draws.truncate(drawn);
        let rare = data.rare_rows.iter().copied().filter(|&row| counts[row as usize] > 0).collect();
        Self { counts, common, draws, place, rare, inside: Vec::new(), bits: Vec::new() }
    }

    /// All rows of the sample.
    pub(super) fn all(&self) -> Span {
        Span { common: (0, self.common.len()), rare: (0, self.rare.len()) }
    }

    /// The common rows in a range.
    pub(super) fn common(&self, range: (usize, usize)) -> &[u32] {
        &self.common[range.0..range.1]
    }

    /// How often each of the common rows in a range was drawn.
    pub(super) fn draws(&self, range: (usize, usize)) -> &[u16] {
        &self.draws[range.0..range.1]
    }

    /// The rare rows in a range.
    pub(super) fn rare(&self, range: (usize, usize)) -> &[u32] {
        &self.rare[range.0..range.1]
    }

    /// How many draws `rows` stand for.
    pub(super) fn weight(&self, rows: &[u32]) -> u64 {
        rows.iter().map(|&row| u64::from(self.counts[row as usize])).sum()
    }

    /// Whether a column has one value only in a node, by scikit-learn's measure. Seldom looks at more than a few rows.
    pub(super) fn is_constant<B: Bin>(&self, data: &Binned<B>, span: Span, column: usize) -> bool {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for &row in self.rare(span.rare).iter().chain(self.common(span.common)) {
            let value = data.value(row, column);
            low = low.min(value);
            high = high.max(value);
            if !too_near(low, high) {
                return false;
            }
        }
        true
    }

    /// The values, smallest and largest, of a node's rows in one bin of a column; the bin is not empty there.
    pub(super) fn extremes<B: Bin>(&self, data: &Binned<B>, span: Span, column: usize, bin: usize) -> (f32, f32) {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        self.each_in_bin(data, span, column, bin, |row| {
            let value = data.value(row, column);
            (low, high) = (low.min(value), high.max(value));
        });
        // Only odd bins hold rare rows.
        if bin % 2 == 1 {
            let bins = data.column(column);
            let here = |row: &&u32| Into::<u32>::into(bins[**row as usize]) as usize == bin;
            for &row in self.rare(span.rare).iter().filter(here) {
                let value = data.value(row, column);
                (low, high) = (low.min(value), high.max(value));
            }
        }
        (low, high)
    }

    /// Calls `visit` with each of a node's common rows in one bin of a column, in any order.
    pub(super) fn each_in_bin<B: Bin>(
        &self,
        data: &Binned<B>,
        span: Span,
        column: usize,
        bin: usize,
        mut visit: impl FnMut(u32),
    ) {
        let everywhere = data.common_rows_in(column, bin, bin + 1);
        if everywhere.len() < span.common_len() {
            everywhere.iter().filter(|&&row| self.contains(span, row)).for_each(|&row| visit(row));
            return;
        }
        let bins = data.column(column);
        let here = |row: &&u32| Into::<u32>::into(bins[**row as usize]) as usize == bin;
        self.common(span.common).iter().filter(here).for_each(|&row| visit(row));
    }

    fn contains(&self, span: Span, row: u32) -> bool {
        let place = self.place[row as usize];
        // The absent ones' number is larger than any place.
        (span.common.0..span.common.1).contains(&(place as usize))
    }

    /// Reorders a node's rows so that those in bins below `cut` come first; returns the children's spans.
    pub(super) fn split_at_bin<B: Bin>(
        &mut self,
        data: &Binned<B>,
        span: Span,
        column: usize,
        cut: usize,
    ) -> (Span, Span) {
        let bins = data.column(column);
        let below = |row: u32| (Into::<u32>::into(bins[row as usize]) as usize) < cut;
        let left = data.common_rows_in(column, 0, cut);
        let right = data.common_rows_in(column, cut, data.bin_count(column));
        self.split(span, [left, right], |_, _| true, below)
    }

    /// The same for those in bins below `bin`, and in that bin with values up to `threshold`.
    pub(super) fn split_inside<B: Bin>(
        &mut self,
        data: &Binned<B>,
        span: Span,
        column: usize,
        bin: usize,
        threshold: f64,
    ) -> (Span, Span) {
        let below = |row: u32| f64::from(data.value(row, column)) <= threshold;
        let left = data.common_rows_in(column, 0, bin + 1);
        let right = data.common_rows_in(column, bin, data.bin_count(column));
        self.split(span, [left, right], |row, is_left| below(row) == is_left, below)
    }

    /// Reorders a node's rows so that those `below` come first. `[left, right]` are training rows that hold those of each
    /// side, where `belongs` tells. The work is that of the smaller of them, if that is less than the node.
    fn split(
        &mut self,
        span: Span,
        [left, right]: [&[u32]; 2],
        belongs: impl Fn(u32, bool) -> bool,
        below: impl Fn(u32) -> bool,
    ) -> (Span, Span) {
        let middle = if left.len().min(right.len()) >= span.common_len() {
            self.split_common(span.common, &below)
        } else {
            let is_left = left.len() <= right.len();
            self.keep_inside(span, if is_left { left } else { right }, |row| belongs(row, is_left));
            let inside = std::mem::take(&mut self.inside);
            let start = if is_left { span.common.0 } else { span.common.1 - inside.len() };
            for (to, &row) in (start..).zip(&inside) {
                self.swap(to, self.place[row as usize] as usize);
            }
            let middle = if is_left { start + inside.len() } else { start };
            self.inside = inside;
            middle
        };
        let smaller = match middle - span.common.0 <= span.common.1 - middle {
            true => (span.common.0, middle),
            false => (middle, span.common.1),
        };
        self.put_in_order(smaller);
        let rare = split_rows(&mut self.rare, span.rare, below);
        halves(span, middle, rare)
    }

    /// Puts those of `rows` that a node holds, and that belong, into `self.inside`.
    fn keep_inside(&mut self, span: Span, rows: &[u32], belongs: impl Fn(u32) -> bool) {
        let mut inside = std::mem::take(&mut self.inside);
        inside.resize(rows.len(), 0);
        // Whether a row is inside is as good as chance, and a branch would be guessed wrong.
        let mut kept = 0;
        for &row in rows {
            inside[kept] = row;
            kept += usize::from(self.contains(span, row) & belongs(row));
        }
        inside.truncate(kept);
        self.inside = inside;
    }

    /// Sorts the common rows in a range, if they are so many that what is looked up for them row by row comes faster then.
    fn put_in_order(&mut self, range: (usize, usize)) {
        if range.1 - range.0 < self.place.len() / ROWS_PER_ORDERED {
            return;
        }
        self.bits.resize(self.place.len().div_ceil(64), 0);
        for &row in &self.common[range.0..range.1] {
            self.bits[row as usize / 64] |= 1 << (row % 64);
        }
        let mut at = range.0;
        for (word, bits) in (0..).zip(&mut self.bits) {
            let mut left = std::mem::take(bits);
            while left != 0 {
                let row = 64 * word + left.trailing_zeros();
                (self.common[at], self.draws[at]) = (row, self.counts[row as usize]);
                self.place[row as usize] = at as u32;
                at += 1;
                left &= left - 1;
            }
        }
    }

    /// Reorders a node's rows so that those up to `threshold` come first; returns the children's spans.
    pub(super) fn split_at_value<B: Bin>(
        &mut self,
        data: &Binned<B>,
        span: Span,
        column: usize,
        threshold: f64,
    ) -> (Span, Span) {
        let below = |row: u32| f64::from(data.value(row, column)) <= threshold;
        let middle = self.split_common(span.common, below);
        let rare = split_rows(&mut self.rare, span.rare, below);
        halves(span, middle, rare)
    }

    fn split_common(&mut self, range: (usize, usize), below: impl Fn(u32) -> bool) -> usize {
        let (mut front, mut back) = range;
        while front < back {
            if below(self.common[front]) {
                front += 1;
            } else {
                back -= 1;
                self.swap(front, back);
            }
        }
        front
    }

    #[inline]
    fn swap(&mut self, one: usize, other: usize) {
        self.common.swap(one, other);
        self.draws.swap(one, other);
        self.place[self.common[one] as usize] = one as u32;
        self.place[self.common[other] as usize] = other as u32;
    }
}

fn split_rows(rows: &mut [u32], range: (usize, usize), below: impl Fn(u32) -> bool) -> usize {
    let (mut front, mut back) = range;
    while front < back {
        if below(rows[front]) {
            front += 1;
        } else {
            back -= 1;
            rows.swap(front, back);
        }
    }
    front
}

fn halves(span: Span, common: usize, rare: usize) -> (Span, Span) {
    (
        Span { common: (span.common.0, common), rare: (span.rare.0, rare) },
        Span { common: (common, span.common.1), rare: (rare, span.rare.1) },
    )
}
