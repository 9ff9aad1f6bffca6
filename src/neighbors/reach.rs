//! Which rows of the larger class may have a row of a small smaller class among their nearest, by coarse distances alone: whoever
//! is not among them needs no search.
//!
//! Two bounds decide. From below: no row of the smaller class is nearer than the least coarse distance, less its error. From above:
//! k rows of the larger class are at most as far away as the k-th least coarse distance among the rows looked at, its error added.
//! These are first the rows of the own leaf, and then, for the few rows that this leaves in question, those of the leaves around it.
//! Most rows of the smaller class are farther from a leaf's box than all of its rows' bounds: they are not compared with its rows.
//! [`slack`] covers the one or two roundings of sums that come on top here.

use std::ops::Range;

use rayon::prelude::*;

use super::Euclidean;
use super::coarse::{self, ABREAST, Leaf, Least, Query, TILES, slack};
use super::index::{Index, LEAF};
use super::tile::{self, LANES};

/// Leaves around a row, and how many of them, those with the nearest means, are looked at before the row is searched for exactly.
/// The numbers affect speed only.
const AROUND: usize = 4 * LANES;
const NEAR: usize = 16;

/// What is added to the sums of a tile, so that the row in this lane is not near itself.
const ITSELF: [[f32; LANES]; LANES] = {
    let mut all = [[0.0; LANES]; LANES];
    let mut lane = 0;
    while lane < LANES {
        all[lane][lane] = f32::INFINITY;
        lane += 1;
    }
    all
};

/// A row of the larger class that is in question.
struct Candidate {
    row: u32,
    /// No row of the smaller class has a smaller squared distance.
    apart: f32,
}

/// A row of the smaller class.
struct Rare {
    values: Vec<f64>,
    query: Query,
}

/// The rows of `index` that one of the rows `few` may be as near to as their `k`-th nearest other row of `index`, in the
/// index's order. `query` gives a row's values in the index's order of columns, padding included.
pub(super) fn within_reach(index: &Index, few: &[u32], k: usize, query: impl Fn(u32) -> Vec<f64> + Sync) -> Vec<u32> {
    // A single leaf has no box: all of its few rows are searched.
    if index.leaves() <= 1 {
        return index.members().collect();
    }
    let rare = |&row: &u32| {
        let values = query(row);
        Rare { query: Query::new(index, &values), values }
    };
    let few: Vec<Rare> = few.iter().map(rare).collect();
    let blocks = index.leaves().div_ceil(AROUND);
    let of_block = |block: usize| {
        let leaves = block * AROUND..((block + 1) * AROUND).min(index.leaves());
        let loaded: Vec<Leaf> = leaves.clone().map(|leaf| Leaf::loaded(index, leaf)).collect();
        let bounds: Vec<[f32; LEAF]> = loaded.iter().map(|rows| rows.bounds(k)).collect();
        let limits: Vec<f64> = bounds.iter().map(largest).collect();
        let facing = facing(index, leaves.start, &limits, &few);
        let around = Around { index, leaves: leaves.clone(), loaded: &loaded };
        let mut open = Vec::new();
        for (nth, leaf) in leaves.clone().enumerate() {
            open.extend(in_question(index.leaf(leaf), loaded[nth].apart(&facing[nth]), &bounds[nth], limits[nth]));
        }
        open.chunks(ABREAST).flat_map(|several| around.reached(several, k, &query)).collect::<Vec<_>>()
    };
    (0..blocks).into_par_iter().flat_map_iter(of_block).collect()
}

/// The largest of a leaf's bounds; infinite if one is not a number.
fn largest(bounds: &[f32; LEAF]) -> f64 {
    let number = |bound: f32| if bound.is_nan() { f32::INFINITY } else { bound };
    f64::from(bounds.iter().fold(0.0, |most: f32, &bound| most.max(number(bound))))
}

/// For each leaf from `first` on, the rows of `few` whose distance from its box, an exact lower bound, is within its limit: the
/// others lie beyond the bounds of all of its rows. `first` is a multiple of [`LANES`].
fn facing<'f>(index: &Index, first: usize, limits: &[f64], few: &'f [Rare]) -> Vec<Vec<&'f Query>> {
    let size = LANES * index.width;
    let mut facing = vec![Vec::new(); limits.len()];
    let leaves = limits.chunks(LANES).zip(facing.chunks_mut(LANES)).enumerate();
    for (nth, (limits, facing)) in leaves {
        let at = (first / LANES + nth) * size;
        let (low, high) = (&index.low[at..][..size], &index.high[at..][..size]);
        let most = limits.iter().fold(0.0, |most: f64, &limit| most.max(limit));
        for rare in few {
            let Some(sums) = tile::box_sums::<Euclidean>(low, high, &rare.values, most) else { continue };
            for ((facing, limit), sum) in facing.iter_mut().zip(limits).zip(sums) {
                if sum <= *limit {
                    facing.push(&rare.query);
                }
            }
        }
    }
    facing
}

/// The rows of one leaf that its own rows leave in question. Rows of the smaller class that do not face the leaf are farther from
/// its rows than `limit`.
fn in_question<'a>(
    rows: &'a [u32],
    apart: [f32; LEAF],
    bounds: &'a [f32; LEAF],
    limit: f64,
) -> impl Iterator<Item = Candidate> + 'a {
    let is_open = move |&place: &usize| rows[place] != u32::MAX && !is_beyond(apart[place], bounds[place]);
    let candidate = move |place: usize| {
        let apart = apart[place];
        Candidate { row: rows[place], apart: if apart > limit as f32 { limit as f32 } else { apart } }
    };
    (0..LEAF).filter(is_open).map(candidate)
}

/// A block of leaves.
struct Around<'l> {
    index: &'l Index,
    leaves: Range<usize>,
    loaded: &'l [Leaf],
}

impl Around<'_> {
    /// Which of at most [`ABREAST`] rows the leaves with the nearest means leave in question.
    fn reached(&self, several: &[Candidate], k: usize, query: impl Fn(u32) -> Vec<f64>) -> Vec<u32> {
        let queries: Vec<Query> =
            several.iter().map(|candidate| Query::new(self.index, &query(candidate.row))).collect();
        let by_mean = self.index.means.nearest(self.leaves.clone(), &queries.iter().collect::<Vec<_>>(), NEAR);
        let is_reached = |((candidate, query), leaves): &((&Candidate, &Query), Vec<usize>)| {
            let mut nearest = Nearest::new(candidate.row, k);
            leaves.iter().all(|&leaf| {
                self.loaded[leaf - self.leaves.start].offer(self.index.leaf(leaf), query, &mut nearest);
                nearest.reaches(query, candidate.apart)
            })
        };
        several.iter().zip(&queries).zip(by_mean).filter(is_reached).map(|((candidate, _), _)| candidate.row).collect()
    }
}

/// Whether a distance is surely the larger one: what is not a number is not, and must not be left out.
fn is_beyond(apart: f32, bound: f32) -> bool {
    apart > bound
}

/// Upper bounds of a row's squared distances to the rows nearest to it, the part that its own square adds left out.
struct Nearest {
    own: u32,
    /// The k least, in order.
    sums: Vec<f32>,
}

impl Nearest {
    fn new(own: u32, k: usize) -> Self {
        Nearest { own, sums: vec![f32::INFINITY; k] }
    }

    /// Sums that are not numbers are of rows that are infinitely far away.
    fn offer(&mut self, rows: &[u32], sums: &[f32; LANES], slack: f32) {
        let last = self.sums.len() - 1;
        let limit = self.sums[last] - slack;
        if !sums.iter().fold(false, |near, sum| near | (*sum < limit)) {
            return;
        }
        for (&row, sum) in rows.iter().zip(sums) {
            let sum = sum + slack;
            if sum < self.sums[last] && row != self.own {
                let at = self.sums.partition_point(|known| *known <= sum);
                self.sums[at..].rotate_right(1);
                self.sums[at] = sum;
            }
        }
    }

    /// Whether a row at least this far away may be as near as the last of them.
    fn reaches(&self, query: &Query, apart: f32) -> bool {
        let bound = f64::from(self.sums[self.sums.len() - 1]) + query.square;
        !is_beyond(apart, (bound as f32).next_up())
    }
}

impl Leaf {
    /// Upper bounds of the squared distance from each row of the leaf to its `k`-th nearest other one.
    fn bounds(&self, k: usize) -> [f32; LEAF] {
        let width = self.values.len() / TILES;
        let tile = |of: usize| &self.values[of * width..][..width];
        let mut factors = vec![0.0; LEAF * width];
        for (place, factors) in factors.chunks_exact_mut(width).enumerate() {
            let lanes = tile(place / LANES);
            factors.iter_mut().zip(lanes).for_each(|(factor, lanes)| *factor = -2.0 * lanes[place % LANES]);
        }
        // The rows are both: side by side in lanes, and one after another as what the lanes are compared with.
        let mut least = vec![Least::new(k); TILES];
        for first in (0..LEAF).step_by(ABREAST) {
            let at = |n: usize| (first + n).min(LEAF - 1);
            let several: [&[f32]; ABREAST] = std::array::from_fn(|n| &factors[at(n) * width..][..width]);
            for (of, (least, sums)) in least.iter_mut().zip(self.sums(several)).enumerate() {
                for (n, sums) in sums.into_iter().enumerate().take(LEAF - first) {
                    let other = at(n);
                    let square = self.squares[other / LANES][other % LANES];
                    let beside = if other / LANES == of { &ITSELF[other % LANES] } else { &[0.0; LANES] };
                    least.offer(std::array::from_fn(|lane| sums[lane] + square + beside[lane]));
                }
            }
        }
        let error = slack(width, 2.0 * self.radius);
        let mut bounds = [f32::INFINITY; LEAF];
        let last = least.iter().flat_map(Least::last);
        bounds.iter_mut().zip(last).for_each(|(bound, &sum)| *bound = ((f64::from(sum) + error) as f32).next_up());
        bounds
    }

    /// Offers the rows of the leaf, whose numbers are `rows`, to a query.
    fn offer(&self, rows: &[u32], query: &Query, nearest: &mut Nearest) {
        let width = self.values.len() / TILES;
        let slack = (slack(width, query.square.sqrt() + self.radius) as f32).next_up();
        let tiles = self.values.chunks_exact(width).zip(&self.squares);
        for ((values, squares), rows) in tiles.zip(rows.chunks_exact(LANES)) {
            let [sums] = coarse::sums(values, squares, [&query.factors]);
            nearest.offer(rows, &sums, slack);
        }
    }

    /// A lower bound of the squared distance from each row to the nearest of `few`.
    pub(super) fn apart(&self, few: &[&Query]) -> [f32; LEAF] {
        let width = self.values.len() / TILES;
        let mut apart = [f32::INFINITY; LEAF];
        for several in few.chunks(ABREAST) {
            let at = |n: usize| several[n.min(several.len() - 1)];
            let factors: [&[f32]; ABREAST] = std::array::from_fn(|n| &at(n).factors[..]);
            let bases: [f32; ABREAST] = std::array::from_fn(|n| {
                ((at(n).square - slack(width, at(n).square.sqrt() + self.radius)) as f32).next_down()
            });
            for (apart, sums) in apart.chunks_exact_mut(LANES).zip(self.sums(factors)) {
                for (sums, base) in sums.iter().zip(&bases) {
                    for (apart, sum) in apart.iter_mut().zip(sums) {
                        let lower = sum + base;
                        // What is not a number stays, and is no bound.
                        *apart = if lower < *apart || lower.is_nan() { lower } else { *apart };
                    }
                }
            }
        }
        apart
    }
}
