//! The rows a tree is grown on, kept so that the rows of a node are neighbours.

use std::rc::Rc;

use super::bins::{Bin, Binned, too_near};
use super::packed::{Packed, Packing, ROWS_PER_PACKED};

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

/// Where a node's rows are, with the columns that it has of its own, if any: what a [`Sample`] needs to read them.
#[derive(Clone, Copy)]
pub(super) struct Located<'p, B> {
    pub(super) span: Span,
    pub(super) packed: Option<&'p Packed<B>>,
}

/// Common rows of a node.
#[derive(Clone, Copy)]
pub(super) struct Rows<'s, B> {
    /// Row numbers, or places in `packed` if the node has columns of its own.
    places: &'s [u32],
    /// How often each was drawn, if it has none.
    draws: &'s [u16],
    packed: Option<&'s Packed<B>>,
    /// Whether bins lie row by row, too.
    has_lines: bool,
}

impl<'s, B: Bin> Rows<'s, B> {
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Numbers of training rows.
    #[inline]
    pub(super) fn numbers(self) -> impl Iterator<Item = u32> + use<'s, B> {
        self.places.iter().map(move |&place| self.packed.map_or(place, |packed| packed.rows()[place as usize]))
    }

    /// Calls `visit` with each row's bin in a column, and with how often the row was drawn.
    #[inline]
    pub(super) fn each_bin(&self, data: &Binned<B>, column: usize, mut visit: impl FnMut(usize, u16)) {
        let Some(packed) = self.packed else {
            let bins = data.column(column);
            self.places
                .iter()
                .zip(self.draws)
                .for_each(|(&row, &draws)| visit(bins[row as usize].into() as usize, draws));
            return;
        };
        let (bins, draws) = (packed.column(data, column), packed.draws());
        self.places.iter().for_each(|&at| visit(bins[at as usize].into() as usize, draws[at as usize]));
    }

    /// The same for several columns, whose number among them `visit` is told first.
    pub(super) fn each_bin_of(&self, data: &Binned<B>, columns: &[usize], mut visit: impl FnMut(usize, usize, u16)) {
        if !self.has_lines || self.packed.is_some() || self.len() * ROWS_PER_LINE >= data.rows {
            for (nth, &column) in columns.iter().enumerate() {
                self.each_bin(data, column, |bin, draws| visit(nth, bin, draws));
            }
            return;
        }
        let lines = data.lines();
        let together = lines.together();
        for group in 0..data.columns.div_ceil(together) {
            let nths: Vec<usize> = (0..columns.len()).filter(|&nth| columns[nth] / together == group).collect();
            lines.read(self.places, group, |from, read| {
                for &nth in &nths {
                    let bins = read.chunks_exact(together).map(|line| line[columns[nth] % together]);
                    bins.zip(&self.draws[from..]).for_each(|(bin, &draws)| visit(nth, bin.into() as usize, draws));
                }
            });
        }
    }
}

/// Where rows are fewer than this part of all, all their columns are read at once.
const ROWS_PER_LINE: usize = 8;

/// A row that is not in the sample.
const ABSENT: u32 = u32::MAX;

/// The rows of one tree. A row drawn several times is there once and counts so often.
pub(super) struct Sample {
    /// How often each training row was drawn.
    pub(super) counts: Vec<u16>,
    /// Rows, or places in the columns of a node that has some of its own.
    common: Vec<u32>,
    /// How often each row of `common` was drawn: beside it, as `counts` would have to be searched for row by row.
    draws: Vec<u16>,
    /// Where in `common` a training row is; of the rows of a small node only that it is among them (see [`Sample::is_large`]).
    place: Vec<u32>,
    rare: Vec<u32>,
    /// Room for the rows of a side of a node, and for how often each was drawn.
    inside: Vec<u32>,
    inside_draws: Vec<u16>,
    /// See [`Packing::fewest`].
    fewest_packed: Option<usize>,
    /// Zeros, a bit a training row, for [`Sample::put_in_order`].
    bits: Vec<u64>,
}

/// A node of fewer than this part of all rows is small: to look at its rows costs less than to know where each of them is.
const ROWS_PER_LARGE: usize = 256;

/// Rows that a cut moves are looked up one by one, in several places each, where they are fewer than this part of the node; else the
/// node is read from end to end.
const ROWS_PER_MOVED: usize = 8;

impl Sample {
    /// The rows that `counts` (an element a training row) does not leave out.
    pub(super) fn new<B: Bin>(data: &Binned<B>, counts: Vec<u16>, packing: Packing) -> Self {
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
        Self {
            counts,
            draws,
            place,
            common,
            rare,
            inside: Vec::new(),
            inside_draws: Vec::new(),
            fewest_packed: packing.fewest(data),
            bits: Vec::new(),
        }
    }

    /// All rows of the sample.
    pub(super) fn all(&self) -> Span {
        Span { common: (0, self.common.len()), rare: (0, self.rare.len()) }
    }

    /// The common rows in a range.
    pub(super) fn common(&self, range: (usize, usize)) -> &[u32] {
        &self.common[range.0..range.1]
    }

    /// The common rows of a node.
    pub(super) fn rows<'s, B>(&'s self, Located { span, packed }: Located<'s, B>) -> Rows<'s, B> {
        let (from, to) = span.common;
        let has_lines = self.fewest_packed.is_some();
        Rows { places: &self.common[from..to], draws: &self.draws[from..to], packed, has_lines }
    }

    /// Gives a node columns of its own, if that pays.
    pub(super) fn pack<B: Bin>(
        &mut self,
        data: &Binned<B>,
        (from, to): (usize, usize),
        packed: &mut Option<Rc<Packed<B>>>,
    ) {
        let among = packed.as_ref().map_or(data.rows, |packed| packed.rows().len());
        if self.fewest_packed.is_none_or(|fewest| to - from < fewest) || (to - from) * ROWS_PER_PACKED > among {
            return;
        }
        let places = &mut self.common[from..to];
        let (rows, draws) = match packed {
            Some(wider) => (
                places.iter().map(|&at| wider.rows()[at as usize]).collect(),
                places.iter().map(|&at| wider.draws()[at as usize]).collect(),
            ),
            None => (places.to_vec(), self.draws[from..to].to_vec()),
        };
        *packed = Some(Rc::new(Packed::new(data, rows, draws)));
        places.iter_mut().zip(0..).for_each(|(place, at)| *place = at);
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
    pub(super) fn is_constant<B: Bin>(&self, data: &Binned<B>, node: Located<'_, B>, column: usize) -> bool {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for row in self.rare(node.span.rare).iter().copied().chain(self.rows(node).numbers()) {
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
    pub(super) fn extremes<B: Bin>(
        &self,
        data: &Binned<B>,
        node: Located<'_, B>,
        column: usize,
        bin: usize,
    ) -> (f32, f32) {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        self.each_in_bin(data, node, column, bin, |row| {
            let value = data.value(row, column);
            (low, high) = (low.min(value), high.max(value));
        });
        // Only odd bins hold rare rows.
        if bin % 2 == 1 {
            let bins = data.column(column);
            let here = |row: &&u32| Into::<u32>::into(bins[**row as usize]) as usize == bin;
            for &row in self.rare(node.span.rare).iter().filter(here) {
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
        node: Located<'_, B>,
        column: usize,
        bin: usize,
        mut visit: impl FnMut(u32),
    ) {
        let Located { span, packed } = node;
        let everywhere = data.common_rows_in(column, bin, bin + 1);
        let here = |here: B| Into::<u32>::into(here) as usize == bin;
        if let Some(packed) = packed {
            let bins = packed.column(data, column);
            let places = self.common(span.common).iter().map(|&at| at as usize);
            places.filter(|&at| here(bins[at])).for_each(|at| visit(packed.rows()[at]));
            return;
        }
        if everywhere.len() < span.common_len() && self.is_large(span.common) {
            everywhere.iter().filter(|&&row| self.contains(span, row)).for_each(|&row| visit(row));
            return;
        }
        let bins = data.column(column);
        self.common(span.common).iter().filter(|&&row| here(bins[row as usize])).for_each(|&row| visit(row));
    }

    /// Whether the places of a node's rows are known.
    fn is_large(&self, (from, to): (usize, usize)) -> bool {
        (to - from) * ROWS_PER_LARGE >= self.place.len()
    }

    /// Whether a row is in a large node.
    fn contains(&self, span: Span, row: u32) -> bool {
        let place = self.place[row as usize];
        // The absent ones' number is larger than any place.
        (span.common.0..span.common.1).contains(&(place as usize))
    }

    /// Reorders a node's rows so that those in bins below `cut` come first; returns the children's spans.
    pub(super) fn split_at_bin<B: Bin>(
        &mut self,
        data: &Binned<B>,
        node: Located<'_, B>,
        (column, cut): (usize, usize),
    ) -> (Span, Span) {
        let Located { span, packed } = node;
        let bins = data.column(column);
        let below = |row: u32| (Into::<u32>::into(bins[row as usize]) as usize) < cut;
        if let Some(packed) = packed {
            let near = packed.column(data, column);
            let middle = self.split_packed(span.common, |at| (Into::<u32>::into(near[at as usize]) as usize) < cut);
            let rare = split_rows(&mut self.rare, span.rare, below);
            return halves(span, middle, rare);
        }
        let left = data.common_rows_in(column, 0, cut);
        let right = data.common_rows_in(column, cut, data.bin_count(column));
        self.split(span, [left, right], |_, _| true, below)
    }

    /// The same for those in bins below `bin`, and in that bin with values up to `threshold`.
    pub(super) fn split_inside<B: Bin>(
        &mut self,
        data: &Binned<B>,
        node: Located<'_, B>,
        (column, bin, threshold): (usize, usize, f64),
    ) -> (Span, Span) {
        if node.packed.is_some() {
            return self.split_at_value(data, node, (column, threshold));
        }
        let below = |row: u32| f64::from(data.value(row, column)) <= threshold;
        let left = data.common_rows_in(column, 0, bin + 1);
        let right = data.common_rows_in(column, bin, data.bin_count(column));
        self.split(node.span, [left, right], |row, is_left| below(row) == is_left, below)
    }

    /// Reorders a node's rows so that those `below` come first. `[left, right]` are training rows that hold those of each
    /// side, where `belongs` tells. The work is that of the smaller of them, if that is far less than the node.
    fn split(
        &mut self,
        span: Span,
        [left, right]: [&[u32]; 2],
        belongs: impl Fn(u32, bool) -> bool,
        below: impl Fn(u32) -> bool,
    ) -> (Span, Span) {
        let moved = left.len().min(right.len());
        let middle = if moved * ROWS_PER_MOVED >= span.common_len() || !self.is_large(span.common) {
            self.split_common(span.common, &below)
        } else {
            let is_left = left.len() <= right.len();
            self.keep_inside(span, if is_left { left } else { right }, |row| belongs(row, is_left));
            let inside = std::mem::take(&mut self.inside);
            let start = if is_left { span.common.0 } else { span.common.1 - inside.len() };
            for (to, &row) in (start..).zip(&inside) {
                self.swap(to, self.place[row as usize] as usize);
            }
            let end = start + inside.len();
            self.inside = inside;
            // They came bin by bin.
            self.put_in_order((start, end));
            if is_left { end } else { start }
        };
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
        if !self.is_large(range) {
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
        node: Located<'_, B>,
        (column, threshold): (usize, f64),
    ) -> (Span, Span) {
        let Located { span, packed } = node;
        let below = |row: u32| f64::from(data.value(row, column)) <= threshold;
        let middle = match packed {
            Some(packed) => self.split_packed(span.common, |at| below(packed.rows()[at as usize])),
            None => self.split_common(span.common, below),
        };
        let rare = split_rows(&mut self.rare, span.rare, below);
        halves(span, middle, rare)
    }

    /// Both sides keep their order, so that what is looked up for rows in order goes through memory in one direction.
    fn split_common(&mut self, range: (usize, usize), below: impl Fn(u32) -> bool) -> usize {
        let count = range.1 - range.0;
        let (rows, draws) = (&mut self.common[range.0..range.1], &mut self.draws[range.0..range.1]);
        let inside = room(&mut self.inside, count);
        let inside_draws = room(&mut self.inside_draws, count);
        let (mut on_left, mut on_right) = (0, 0);
        // Which side a row is on is hard to guess, so there is no branch.
        for at in 0..count {
            let (row, drawn) = (rows[at], draws[at]);
            let is_left = below(row);
            (rows[on_left], draws[on_left]) = (row, drawn);
            (inside[on_right], inside_draws[on_right]) = (row, drawn);
            on_left += usize::from(is_left);
            on_right += usize::from(!is_left);
        }
        rows[on_left..].copy_from_slice(&inside[..on_right]);
        draws[on_left..].copy_from_slice(&inside_draws[..on_right]);
        self.find_again(range);
        range.0 + on_left
    }

    /// The same in a node with columns of its own, where rows are places in them.
    fn split_packed(&mut self, range: (usize, usize), below: impl Fn(u32) -> bool) -> usize {
        let places = &mut self.common[range.0..range.1];
        let inside = room(&mut self.inside, places.len());
        let (mut on_left, mut on_right) = (0, 0);
        for at in 0..places.len() {
            let place = places[at];
            let is_left = below(place);
            (places[on_left], inside[on_right]) = (place, place);
            on_left += usize::from(is_left);
            on_right += usize::from(!is_left);
        }
        places[on_left..].copy_from_slice(&inside[..on_right]);
        range.0 + on_left
    }

    /// Notes where the rows of a large node are after they were moved.
    fn find_again(&mut self, range: (usize, usize)) {
        if self.is_large(range) {
            for (&row, at) in self.common[range.0..range.1].iter().zip(range.0 as u32..) {
                self.place[row as usize] = at;
            }
        }
    }

    #[inline]
    fn swap(&mut self, one: usize, other: usize) {
        self.common.swap(one, other);
        self.draws.swap(one, other);
        self.place[self.common[one] as usize] = one as u32;
        self.place[self.common[other] as usize] = other as u32;
    }
}

/// The first so many elements; there may be more.
fn room<T: Copy + Default>(all: &mut Vec<T>, count: usize) -> &mut [T] {
    if all.len() < count {
        all.resize(count, T::default());
    }
    &mut all[..count]
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
