//! Which rows of the larger class may have a row of a small smaller class among their nearest, by coarse distances alone: whoever
//! is not among them needs no search.
//!
//! Two bounds decide. From below: no row of the smaller class is nearer than the least coarse distance, less its error. From above:
//! k rows of the larger class are at most as far away as the k-th least coarse distance among the rows looked at, its error added.
//! These are first the rows of the own leaf, and then, for the few rows that this leaves in question, those of the leaves around it.
//! [`slack`] covers the one or two roundings of sums that come on top here.

use rayon::prelude::*;

use super::coarse::{ABREAST, Leaf, Query, TILES, slack, sums};
use super::index::{Index, LEAF};
use super::tile::LANES;

/// Leaves around a row whose rows are looked at before the row is searched for exactly. The number affects speed only.
const AROUND: usize = 64;

/// A row of the larger class that is in question.
struct Candidate {
    row: u32,
    /// No row of the smaller class has a smaller squared distance.
    apart: f32,
}

/// The rows of `index` that one of the rows `few` may be as near to as their `k`-th nearest other row of `index`, in the
/// index's order. `query` gives a row's values in the index's order of columns, padding included.
pub(super) fn within_reach(index: &Index, few: &[u32], k: usize, query: impl Fn(u32) -> Vec<f64> + Sync) -> Vec<u32> {
    let few: Vec<Query> = few.iter().map(|&row| Query::new(index, &query(row))).collect();
    let blocks = index.leaves().div_ceil(AROUND);
    let of_block = |block: usize| {
        let leaves = block * AROUND..((block + 1) * AROUND).min(index.leaves());
        let mut rows = Leaf::new(index.width);
        let mut open = Vec::new();
        for leaf in leaves.clone() {
            rows.load(index, leaf);
            open.extend(in_question(index, leaf, &rows, &few, k));
        }
        let queries: Vec<Query> = open.iter().map(|candidate| Query::new(index, &query(candidate.row))).collect();
        let mut nearest: Vec<Nearest> = open.iter().map(|candidate| Nearest::new(candidate.row, k)).collect();
        for leaf in leaves {
            rows.load(index, leaf);
            for (queries, nearest) in queries.chunks(ABREAST).zip(nearest.chunks_mut(ABREAST)) {
                rows.offer(index.leaf(leaf), queries, nearest);
            }
        }
        let reached =
            |((candidate, query), nearest): &((Candidate, Query), Nearest)| nearest.reaches(query, candidate.apart);
        open.into_iter()
            .zip(queries)
            .zip(nearest)
            .filter(reached)
            .map(|((candidate, _), _)| candidate.row)
            .collect::<Vec<_>>()
    };
    (0..blocks).into_par_iter().flat_map_iter(of_block).collect()
}

/// The rows of one leaf that its own rows leave in question.
fn in_question(index: &Index, leaf: usize, rows: &Leaf, few: &[Query], k: usize) -> Vec<Candidate> {
    let (apart, bounds) = (rows.apart(few), rows.bounds(k));
    let numbers = index.leaf(leaf);
    let candidate = |place: usize| Candidate { row: numbers[place], apart: apart[place] };
    let is_open = |&place: &usize| numbers[place] != u32::MAX && !is_beyond(apart[place], bounds[place]);
    (0..LEAF).filter(is_open).map(candidate).collect()
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
        let mut least = vec![[[f32::INFINITY; LANES]; TILES]; k];
        for first in (0..LEAF).step_by(ABREAST) {
            let at = |n: usize| (first + n).min(LEAF - 1);
            let several = std::array::from_fn(|n| &factors[at(n) * width..][..width]);
            for of in 0..TILES {
                let sums = sums(tile(of), &self.squares[of], several);
                for (n, mut sums) in sums.into_iter().enumerate().take(LEAF - first) {
                    let other = at(n);
                    let square = self.squares[other / LANES][other % LANES];
                    sums.iter_mut().for_each(|sum| *sum += square);
                    if other / LANES == of {
                        sums[other % LANES] = f32::INFINITY;
                    }
                    for least in &mut least {
                        let least = &mut least[of];
                        for lane in 0..LANES {
                            // Sums that are not numbers are of rows that are infinitely far away.
                            let (known, sum) = (least[lane], sums[lane]);
                            let is_less = sum < known;
                            least[lane] = if is_less { sum } else { known };
                            sums[lane] = if is_less { known } else { sum };
                        }
                    }
                }
            }
        }
        let error = slack(width, 2.0 * self.radius);
        let mut bounds = [f32::INFINITY; LEAF];
        let last = least[k - 1].iter().flatten();
        bounds.iter_mut().zip(last).for_each(|(bound, &sum)| *bound = ((f64::from(sum) + error) as f32).next_up());
        bounds
    }

    /// Offers the rows of the leaf, whose numbers `rows` are, to at most [`ABREAST`] queries.
    fn offer(&self, rows: &[u32], queries: &[Query], nearest: &mut [Nearest]) {
        let width = self.values.len() / TILES;
        let at = |n: usize| &queries[n.min(queries.len() - 1)];
        let factors = std::array::from_fn(|n| at(n).factors.as_slice());
        let slacks: [f32; ABREAST] =
            std::array::from_fn(|n| (slack(width, at(n).square.sqrt() + self.radius) as f32).next_up());
        for (tile, squares) in self.squares.iter().enumerate() {
            let sums = sums(&self.values[tile * width..][..width], squares, factors);
            let rows = &rows[tile * LANES..][..LANES];
            for ((nearest, sums), slack) in nearest.iter_mut().zip(&sums).zip(slacks) {
                nearest.offer(rows, sums, slack);
            }
        }
    }

    /// A lower bound of the squared distance from each row to the nearest of `few`.
    fn apart(&self, few: &[Query]) -> [f32; LEAF] {
        let width = self.values.len() / TILES;
        let mut apart = [f32::INFINITY; LEAF];
        for several in few.chunks(ABREAST) {
            let at = |n: usize| &several[n.min(several.len() - 1)];
            let factors = std::array::from_fn(|n| at(n).factors.as_slice());
            let bases: [f32; ABREAST] = std::array::from_fn(|n| {
                ((at(n).square - slack(width, at(n).square.sqrt() + self.radius)) as f32).next_down()
            });
            for (tile, squares) in self.squares.iter().enumerate() {
                let sums = sums(&self.values[tile * width..][..width], squares, factors);
                let apart = &mut apart[tile * LANES..][..LANES];
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
