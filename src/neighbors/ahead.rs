//! Of which of many queries the `k` nearest rows are surely of the larger class, where both classes have few rows and the smaller one
//! hardly any: the rule that `one-sided-selection` asks about every row of a table.
//!
//! A few scouts of the larger class, those that are most often nearest, bound the distance of the k-th of its rows from above, and
//! coarse distances to all rows of the smaller class bound that of the nearest from below. Which rows are scouts affects speed only.

use rayon::prelude::*;

use super::Euclidean;
use super::coarse::{ABREAST, Leaf, Least, Query, TILES, slack};
use super::index::{Index, LEAF};
use super::pair::FEW_LEAVES;
use super::tile::{self, LANES};

/// Queries that choose the scouts.
const SAMPLED: usize = 256;

/// Scouts, and how many at least for each neighbour wanted.
const SCOUTS: usize = 4 * ABREAST;
const SCOUTS_EACH: usize = 4;

/// Rows of the larger class for each of the smaller one, at least.
const RARE: usize = 8;

/// Whether it pays to look at the scouts first.
pub(super) fn pays(many: &Index, few: &Index, queries: usize, k: usize) -> bool {
    let (rows, rare) = (many.members().count(), few.members().count());
    (1..=rows / RARE).contains(&rare)
        && many.leaves() <= FEW_LEAVES
        && SCOUTS.max(k * SCOUTS_EACH) <= rows
        && queries >= 4 * SAMPLED
}

/// For each of `rows`, at least one, whether `k` rows of `many` surely come before every row of `few`, which holds at least one.
/// `columns` puts the rows' columns in the indexes' order.
pub(super) fn ahead(many: &Index, few: &Index, rows: &[&[f64]], columns: &[usize], k: usize) -> Vec<bool> {
    let step = rows.len().div_ceil(SAMPLED);
    let values = |row: &[f64]| {
        let mut values: Vec<f64> = columns.iter().map(|&column| row[column]).collect();
        values.resize(many.width, 0.0);
        values
    };
    let sample: Vec<Vec<f64>> = rows.iter().step_by(step).map(|row| values(row)).collect();
    let scouts = scouts(many, &sample, SCOUTS.max(k * SCOUTS_EACH));
    let scouts: Vec<Query> = scouts.into_iter().map(|place| Query::new(many, &many.values(place))).collect();
    let places = (0..few.rows.len()).filter(|&place| few.rows[place] != u32::MAX);
    let rare: Vec<Query> = places.map(|place| Query::new(many, &few.values(place))).collect();
    let rare: Vec<&Query> = rare.iter().collect();
    let of_leaf = |rows: &[&[f64]]| {
        let mut leaf = Leaf::new(many.width);
        leaf.fill(many, columns, rows);
        let (within, apart) = (leaf.within(&scouts, k), leaf.apart(&rare));
        (0..rows.len()).map(move |place| within[place] < apart[place])
    };
    rows.par_chunks(LEAF).flat_map_iter(of_leaf).collect()
}

/// The places of the rows that are nearest to most of the queries.
fn scouts(many: &Index, sample: &[Vec<f64>], count: usize) -> Vec<usize> {
    let nearest = |query: &Vec<f64>| {
        let mut nearest = (f64::INFINITY, 0);
        for (nth, tile) in many.tiles.chunks_exact(LANES * many.width).enumerate() {
            // Lanes beyond the last row are infinitely far away.
            let Some(sums) = tile::sums::<Euclidean>(tile, query, nearest.0) else { continue };
            for (lane, &sum) in sums.iter().enumerate().filter(|(_, sum)| **sum < f64::INFINITY) {
                nearest = if sum < nearest.0 { (sum, nth * LANES + lane) } else { nearest };
            }
        }
        nearest.1
    };
    let nearest: Vec<usize> = sample.par_iter().map(nearest).collect();
    let mut won = vec![0_usize; many.rows.len()];
    nearest.into_iter().for_each(|place| won[place] += 1);
    let mut places: Vec<usize> = (0..won.len()).filter(|&place| many.rows[place] != u32::MAX).collect();
    places.sort_by_key(|&place| std::cmp::Reverse(won[place]));
    places.truncate(count);
    places
}

impl Leaf {
    /// Upper bounds of the squared distance from each row to the `k`-th nearest of `queries`, of which there are at least `k`.
    fn within(&self, queries: &[Query], k: usize) -> [f32; LEAF] {
        let width = self.values.len() / TILES;
        let mut least = vec![Least::new(k); TILES];
        for several in queries.chunks(ABREAST) {
            let at = |n: usize| &several[n.min(several.len() - 1)];
            let factors: [&[f32]; ABREAST] = std::array::from_fn(|n| &at(n).factors[..]);
            let bases: [f32; ABREAST] = std::array::from_fn(|n| {
                ((at(n).square + slack(width, at(n).square.sqrt() + self.radius)) as f32).next_up()
            });
            for (least, sums) in least.iter_mut().zip(self.sums(factors)) {
                for (sums, base) in sums.iter().zip(&bases).take(several.len()) {
                    least.offer(sums.map(|sum| sum + base));
                }
            }
        }
        let mut within = [f32::INFINITY; LEAF];
        within.iter_mut().zip(least.iter().flat_map(Least::last)).for_each(|(within, &sum)| *within = sum);
        within
    }
}
