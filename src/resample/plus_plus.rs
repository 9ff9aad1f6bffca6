//! k-means++ with numpy's draws: the rows that scikit-learn's `KMeans` starts from.

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::neighbors::Euclidean;
use crate::neighbors::tile::{LANES, STRETCH, sums};
use crate::numeric::mt19937::Mt19937;

/// Sums that are added up side by side, as each addition waits for the one before it of its own sum.
const SIDE_BY_SIDE: usize = 4;
/// Tiles of a task at least.
const TILES: usize = 16;

/// A number of each row of a tile.
type Lanes = [f64; LANES];

/// The rows of a matrix, sixteen side by side. A distance is added up column after column, whatever is beside it.
struct Tiles {
    rows: usize,
    /// Columns of a tile.
    columns: usize,
    values: Vec<f64>,
}

impl Tiles {
    fn of(x: ArrayView2<'_, f64>) -> Self {
        let (rows, width) = x.dim();
        // Zeros behind the last column and the last row add nothing. Few columns are added up at once, without a look at the bound.
        let columns = if width < STRETCH { width } else { width.next_multiple_of(STRETCH) };
        let mut values = vec![0.0; rows.div_ceil(LANES) * LANES * columns];
        for (at, row) in x.rows().into_iter().enumerate() {
            let tile = &mut values[at / LANES * LANES * columns..];
            row.iter().enumerate().for_each(|(column, value)| tile[column * LANES + at % LANES] = *value);
        }
        Self { rows, columns, values }
    }

    fn count(&self) -> usize {
        self.rows.div_ceil(LANES)
    }

    fn tile(&self, nth: usize) -> &[f64] {
        &self.values[nth * LANES * self.columns..][..LANES * self.columns]
    }

    fn row(&self, at: usize) -> Vec<f64> {
        self.tile(at / LANES).iter().skip(at % LANES).step_by(LANES).copied().collect()
    }

    /// The squared distances of a tile's rows to `query`, where they are less than `own`, of which `most` is the largest.
    fn nearer(&self, nth: usize, query: &[f64], own: &Lanes, most: f64) -> Lanes {
        let sums = match self.columns < STRETCH {
            true => Some(few_sums(self.tile(nth), query)),
            // None where all are beyond `most`.
            false => sums::<Euclidean>(self.tile(nth), query, most),
        };
        sums.map_or(*own, |sums| {
            std::array::from_fn(|lane| if sums[lane] < own[lane] { sums[lane] } else { own[lane] })
        })
    }

    /// The squared distance of each row to row `first`; 0 behind the last row.
    fn squares(&self, first: usize) -> Vec<Lanes> {
        let query = self.row(first);
        let far = [f64::INFINITY; LANES];
        let mut squares: Vec<Lanes> =
            (0..self.count()).into_par_iter().map(|nth| self.nearer(nth, &query, &far, f64::INFINITY)).collect();
        squares.as_flattened_mut()[self.rows..].fill(0.0);
        squares
    }
}

/// The squared distances of the rows of a tile of few columns.
fn few_sums(tile: &[f64], query: &[f64]) -> Lanes {
    let mut sums = [0.0; LANES];
    for (values, at) in tile.as_chunks::<LANES>().0.iter().zip(query) {
        sums = std::array::from_fn(|lane| sums[lane] + (values[lane] - at) * (values[lane] - at));
    }
    sums
}

/// Rows that the centres start from: of several drawn by their squared distance to the nearest one so far, each time the one
/// that leaves the least.
pub(super) fn plus_plus(x: ArrayView2<'_, f64>, clusters: usize, random: &mut Mt19937) -> Vec<usize> {
    let tiles = Tiles::of(x);
    let rows = tiles.rows;
    let trials = 2 + (clusters as f64).ln() as usize;
    let first = ((random.next_f64() * rows as f64) as usize).min(rows - 1);
    let mut chosen = vec![first];
    let mut squares = tiles.squares(first);
    let mut left: f64 = squares.as_flattened().iter().sum();
    // Tile after tile what each trial would leave; sums of zeros for trials that there are not.
    let room = trials.next_multiple_of(SIDE_BY_SIDE);
    let mut near = vec![[0.0; LANES]; room * tiles.count()];
    while chosen.len() < clusters {
        let draws: Vec<f64> = (0..trials).map(|_| random.next_f64() * left).collect();
        let candidates = found(&squares.as_flattened()[..rows], &draws);
        let queries: Vec<Vec<f64>> = candidates.iter().map(|&candidate| tiles.row(candidate)).collect();
        near.par_chunks_mut(room).with_min_len(TILES).zip(&squares).enumerate().for_each(|(nth, (near, own))| {
            let most = own.iter().fold(0.0, |most, &own| if own > most { own } else { most });
            for (near, query) in near.iter_mut().zip(&queries) {
                *near = tiles.nearer(nth, query, own, most);
            }
        });
        let sums = added_up(&near, room);
        // Of equal sums the first one, as `argmin` has it.
        let best = (1..trials).fold(0, |best, at| if sums[at] < sums[best] { at } else { best });
        squares.iter_mut().zip(near.iter().skip(best).step_by(room)).for_each(|(own, near)| *own = *near);
        left = sums[best];
        chosen.push(candidates[best]);
    }
    chosen
}

/// For each of `room` trials the sum over all rows, one row after the other.
fn added_up(near: &[Lanes], room: usize) -> Vec<f64> {
    let mut sums = vec![[0.0; SIDE_BY_SIDE]; room / SIDE_BY_SIDE];
    for near in near.chunks_exact(room) {
        for (sums, near) in sums.iter_mut().zip(near.as_chunks::<SIDE_BY_SIDE>().0) {
            for lane in 0..LANES {
                for (sum, near) in sums.iter_mut().zip(near) {
                    *sum += near[lane];
                }
            }
        }
    }
    sums.into_flattened()
}

/// For each draw the first row up to which the squares add up to it.
fn found(squares: &[f64], draws: &[f64]) -> Vec<usize> {
    let mut sum = 0.0;
    let sums: Vec<f64> = squares
        .iter()
        .map(|square| {
            sum += square;
            sum
        })
        .collect();
    draws.iter().map(|draw| sums.partition_point(|sum| sum < draw).min(squares.len() - 1)).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;

    /// The same, every distance by itself.
    fn one_by_one(x: &Array2<f64>, clusters: usize, random: &mut Mt19937) -> Vec<usize> {
        let distance = |a: usize, b: usize| x.row(a).iter().zip(x.row(b)).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
        let rows = x.nrows();
        let trials = 2 + (clusters as f64).ln() as usize;
        let first = ((random.next_f64() * rows as f64) as usize).min(rows - 1);
        let mut chosen = vec![first];
        let mut squares: Vec<f64> = (0..rows).map(|row| distance(row, first)).collect();
        let mut left: f64 = squares.iter().sum();
        while chosen.len() < clusters {
            let draws: Vec<f64> = (0..trials).map(|_| random.next_f64() * left).collect();
            let mut best: Option<(f64, usize, Vec<f64>)> = None;
            for candidate in found(&squares, &draws) {
                let now: Vec<f64> = (0..rows).map(|row| squares[row].min(distance(row, candidate))).collect();
                let sum: f64 = now.iter().sum();
                if best.as_ref().is_none_or(|best| sum < best.0) {
                    best = Some((sum, candidate, now));
                }
            }
            let best = best.unwrap();
            chosen.push(best.1);
            (left, squares) = (best.0, best.2);
        }
        chosen
    }

    proptest! {
        #[test]
        fn rows_side_by_side_are_chosen_as_one_by_one(
            seed: u32, rows in 1_usize..120, width in 1_usize..21, levels in 1_u64..400, part in 0.0..1.0_f64,
        ) {
            let mut random = Mt19937::new(seed);
            // Tied and equal rows where levels are few, a constant column, and sizes that rounding tells apart.
            let mut x = Array2::from_shape_fn((rows, width), |(_, column)| {
                random.interval(levels) as f64 * (0.1 + column as f64).powi(3) - 7.3
            });
            x.column_mut(width / 2).fill(0.7);
            for row in (3..rows).step_by(5) {
                let copied = x.row(row / 2).to_owned();
                x.row_mut(row).assign(&copied);
            }
            let clusters = 1 + (part * (rows - 1) as f64) as usize;
            let chosen = |x: ArrayView2<'_, f64>| plus_plus(x, clusters, &mut Mt19937::new(seed));
            prop_assert_eq!(chosen(x.view()), one_by_one(&x, clusters, &mut Mt19937::new(seed)));
            // However the matrix lies in memory.
            let turned = x.t().as_standard_layout().into_owned();
            prop_assert_eq!(chosen(turned.t()), chosen(x.view()));
        }
    }
}
