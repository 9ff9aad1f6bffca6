//! Which leaves' rows are likely to be near a query: those whose mean is. It affects speed only: no row is left out by it.

use std::ops::Range;

use super::coarse::{ABREAST, Query, sums};
use super::tile::LANES;

type Lanes = [f32; LANES];

/// The leaves' means in 32 bits, sixteen side by side.
pub(super) struct Means {
    /// Less the centre, column by column; zeros behind the last leaf.
    values: Vec<Lanes>,
    /// Infinite behind the last leaf.
    squares: Vec<Lanes>,
    width: usize,
}

impl Means {
    /// `means` holds them leaf by leaf, in the order of the columns of `centre`.
    pub fn new(means: &[f64], centre: &[f64]) -> Self {
        let width = centre.len();
        let tiles = (means.len() / width).div_ceil(LANES);
        let (mut values, mut squares) = (vec![[0.0; LANES]; tiles * width], vec![[f32::INFINITY; LANES]; tiles]);
        for (leaf, mean) in means.chunks_exact(width).enumerate() {
            let (tile, lane) = (leaf / LANES, leaf % LANES);
            let mut square = 0.0;
            for ((to, value), centre) in values[tile * width..].iter_mut().zip(mean).zip(centre) {
                let narrow = (value - centre) as f32;
                to[lane] = narrow;
                square += narrow * narrow;
            }
            squares[tile][lane] = square;
        }
        Self { values, squares, width }
    }

    /// Of `leaves`, which begin at a multiple of sixteen, those nearest to each of at most [`ABREAST`] queries, nearest first, at
    /// most `count`.
    pub fn nearest(&self, leaves: Range<usize>, queries: &[&Query], count: usize) -> Vec<Vec<usize>> {
        let factors: [&[f32]; ABREAST] = std::array::from_fn(|n| &queries[n.min(queries.len() - 1)].factors[..]);
        let mut nearest: Vec<Vec<(f32, usize)>> = vec![Vec::with_capacity(count + 1); queries.len()];
        for tile in leaves.start / LANES..leaves.end.div_ceil(LANES) {
            let sums = sums(&self.values[tile * self.width..][..self.width], &self.squares[tile], factors);
            for (nearest, sums) in nearest.iter_mut().zip(&sums) {
                let limit = |nearest: &Vec<(f32, usize)>| match nearest.get(count - 1) {
                    Some(last) => last.0,
                    None => f32::INFINITY,
                };
                let least = limit(nearest);
                if !sums.iter().fold(false, |any, sum| any | (*sum < least)) {
                    continue;
                }
                for (lane, &sum) in sums.iter().enumerate() {
                    if sum < limit(nearest) {
                        let at = nearest.partition_point(|known| known.0 <= sum);
                        nearest.insert(at, (sum, tile * LANES + lane));
                        nearest.truncate(count);
                    }
                }
            }
        }
        let leaf = |(_, leaf): (f32, usize)| leaf;
        nearest.into_iter().map(|nearest| nearest.into_iter().map(leaf).collect()).collect()
    }
}
