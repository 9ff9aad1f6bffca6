//! Squared distances in 32 bits, by |x|^2 - 2<q, x>, with a bound on their error: what shows at a sixth of the cost of exact
//! distances that a row is too far away. It decides nothing else; a row that may be near enough is looked at exactly.
//!
//! **The bound.** With u = 2^-24, rows and queries rounded to 32 bits relative to a centre move by at most u(|q| + |x|) = us,
//! and their squared distance by at most 2us^2 + (us)^2. Products and sums of w columns are off by at most 2 gamma(w + 2) s^2,
//! gamma(n) = nu / (1 - nu) (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1), underflow aside.
//! [`slack`] allows twice that, which covers the rounding of the 64-bit sums too.

use super::index::{Index, LEAF};
use super::tile::LANES;
#[cfg(target_arch = "x86_64")]
use super::wide;
#[cfg(target_arch = "x86_64")]
use crate::numeric::dense::has_wide_vectors;

/// Queries that are compared with a tile at once: as many as sums of two registers a query fit the registers.
pub(super) const ABREAST: usize = 6;

/// Tiles in a leaf.
pub(super) const TILES: usize = LEAF / LANES;

type Lanes = [f32; LANES];

/// A query as [`sums`] wants it.
pub(super) struct Query {
    /// -2 (q - centre), a value a column.
    pub(super) factors: Vec<f32>,
    /// |q - centre|^2.
    pub(super) square: f64,
}

impl Query {
    /// `query` has the index's columns, padding included.
    pub(super) fn new(index: &Index, query: &[f64]) -> Self {
        let narrow = |(q, c): (&f64, &f64)| (q - c) as f32;
        let centred = query.iter().zip(&index.centre).map(narrow);
        let square = centred.clone().map(|q| f64::from(q) * f64::from(q)).sum();
        Self { factors: centred.map(|q| -2.0 * q).collect(), square }
    }

    /// What the sum of a row of `leaf` must not exceed, if the row's squared distance may be at most `bound`.
    fn limit(&self, leaf: &Leaf, bound: f64) -> f32 {
        let limit = bound - self.square + slack(self.factors.len(), self.square.sqrt() + leaf.radius);
        (limit as f32).next_up()
    }
}

/// Twice the largest error of the coarse squared distance between points whose distances from the centre add up to `span`.
pub(super) fn slack(columns: usize, span: f64) -> f64 {
    let square = span * span;
    // Beyond this, values or sums may overflow in 32 bits.
    if square < 1e36 {
        (columns + 4) as f64 * 2_f64.powi(-22) * square + f64::from(f32::MIN_POSITIVE)
    } else {
        f64::INFINITY
    }
}

/// The rows of one leaf in 32 bits.
pub(super) struct Leaf {
    /// Tile by tile, as in [`Index::tiles`], less the centre.
    pub(super) values: Vec<Lanes>,
    pub(super) squares: [Lanes; TILES],
    /// The largest distance from the centre; infinite for a leaf that is not full.
    pub(super) radius: f64,
}

impl Leaf {
    /// Room for a leaf.
    pub(super) fn new(width: usize) -> Self {
        Self { values: vec![[0.0; LANES]; TILES * width], squares: [[0.0; LANES]; TILES], radius: 0.0 }
    }

    /// Leaf number `leaf` of `index`.
    pub(super) fn loaded(index: &Index, leaf: usize) -> Self {
        let mut rows = Self::new(index.width);
        rows.load(index, leaf);
        rows
    }

    /// Makes this leaf number `leaf` of `index`.
    pub(super) fn load(&mut self, index: &Index, leaf: usize) {
        let size = LEAF * index.width;
        let rows = index.tiles[leaf * size..][..size].as_chunks::<LANES>().0;
        let tiles = rows.chunks_exact(index.width).zip(self.values.chunks_exact_mut(index.width));
        for ((from, to), squares) in tiles.zip(&mut self.squares) {
            let mut own = [0.0; LANES];
            for ((from, to), &centre) in from.iter().zip(to).zip(&index.centre) {
                // By values, not in place: that is what the compiler turns into vector instructions.
                let narrow = from.map(|value| (value - centre) as f32);
                for lane in 0..LANES {
                    own[lane] = fma(narrow[lane], narrow[lane], own[lane]);
                }
                *to = narrow;
            }
            *squares = own;
        }
        self.measure();
    }

    /// Makes this a leaf of at least one and at most [`LEAF`] rows, whose columns `columns` puts in the order of `index`. The last
    /// row stands in the places beyond it, too.
    pub(super) fn fill(&mut self, index: &Index, columns: &[usize], rows: &[&[f64]]) {
        let tiles = self.values.chunks_exact_mut(index.width).zip(&mut self.squares).enumerate();
        for (nth, (tile, squares)) in tiles {
            let row = |lane: usize| rows[(nth * LANES + lane).min(rows.len() - 1)];
            let rows: [&[f64]; LANES] = std::array::from_fn(row);
            let mut own = [0.0; LANES];
            for ((to, &column), &centre) in tile.iter_mut().zip(columns).zip(&index.centre) {
                let narrow = rows.map(|row| (row[column] - centre) as f32);
                for lane in 0..LANES {
                    own[lane] = fma(narrow[lane], narrow[lane], own[lane]);
                }
                *to = narrow;
            }
            *squares = own;
        }
        self.measure();
    }

    fn measure(&mut self) {
        // A leaf that is not full has infinite values, whose sums are not numbers.
        let largest = self.squares.iter().flatten().fold(0.0, |a: f32, &b| if b > a { b } else { a });
        self.radius = f64::from(largest).sqrt();
    }

    /// Which of the tiles may hold rows at most `bound` away from a query, for each query.
    pub(super) fn near(&self, queries: [(&Query, f64); ABREAST]) -> [[bool; ABREAST]; TILES] {
        let limits = queries.map(|(query, bound)| query.limit(self, bound));
        let sums = self.sums(queries.map(|(query, _)| query.factors.as_slice()));
        let mut near = [[false; ABREAST]; TILES];
        for (near, sums) in near.iter_mut().zip(&sums) {
            for ((near, sums), limit) in near.iter_mut().zip(sums).zip(&limits) {
                // Not "at most": what is not a number must not be left out.
                *near = !sums.iter().fold(true, |far, sum| far & (sum > limit));
            }
        }
        near
    }

    /// The squares plus the products with each query, tile by tile.
    #[inline]
    pub(super) fn sums(&self, factors: [&[f32]; ABREAST]) -> [[Lanes; ABREAST]; TILES] {
        #[cfg(target_arch = "x86_64")]
        if has_wide_vectors() {
            // SAFETY: the processor has just said that it knows the instructions.
            return unsafe { wide::sums(&self.values, &self.squares, factors) };
        }
        self.sums_by_tiles(factors)
    }

    /// The same on any processor.
    pub(super) fn sums_by_tiles(&self, factors: [&[f32]; ABREAST]) -> [[Lanes; ABREAST]; TILES] {
        let width = self.values.len() / TILES;
        std::array::from_fn(|tile| sums(&self.values[tile * width..][..width], &self.squares[tile], factors))
    }
}

/// The least sums of each lane, in order.
#[derive(Clone)]
pub(super) struct Least(Vec<Lanes>);

impl Least {
    pub(super) fn new(count: usize) -> Self {
        Self(vec![[f32::INFINITY; LANES]; count])
    }

    /// Sums that are not numbers are of rows that are infinitely far away.
    #[inline(always)]
    pub(super) fn offer(&mut self, sums: Lanes) {
        let mut sums = sums.map(|sum| if sum < f32::INFINITY { sum } else { f32::INFINITY });
        for least in &mut self.0 {
            // By values, not in place, as in `Leaf::load`.
            let known = *least;
            *least = std::array::from_fn(|lane| if sums[lane] < known[lane] { sums[lane] } else { known[lane] });
            sums = std::array::from_fn(|lane| if sums[lane] > known[lane] { sums[lane] } else { known[lane] });
        }
    }

    /// The largest of them.
    pub(super) fn last(&self) -> &Lanes {
        &self.0[self.0.len() - 1]
    }
}

/// The squares plus the products with each query.
#[inline(always)]
pub(super) fn sums<const N: usize>(values: &[Lanes], squares: &Lanes, factors: [&[f32]; N]) -> [Lanes; N] {
    let mut sums = [*squares; N];
    let factors = factors.map(|factors| &factors[..values.len()]);
    for (column, values) in values.iter().enumerate() {
        for query in 0..N {
            let factor = factors[query][column];
            for lane in 0..LANES {
                sums[query][lane] = fma(factor, values[lane], sums[query][lane]);
            }
        }
    }
    sums
}

/// `a * b + c`, fused where the target has the instruction.
#[inline(always)]
fn fma(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(target_feature = "fma") { a.mul_add(b, c) } else { a * b + c }
}
