//! Exact counts of points in rectangles, from tables of sums over ranks.
//!
//! Points get ranks in both columns, so that a rectangle becomes two ranges of ranks, whatever the values are. A summed-area
//! table has the number of points below every `block`-th pair of ranks; what lies between its lines is counted in two
//! stretches of ranks, from the nearest line. Few points (the positives) have blocks of one rank: the table alone answers.

use rayon::prelude::*;

/// Lines of the table at most, so that it has 16 MiB at most.
const LINES: usize = 2_047;

/// The points of one class.
#[derive(Debug)]
pub struct Counter {
    /// The coordinates of each column, ascending.
    sorted: [Vec<f64>; 2],
    /// The rank in the second column of the points in the order of the first one, and the other way round.
    ranks: [Vec<u32>; 2],
    block: usize,
    side: usize,
    /// `side` x `side`: points whose ranks are both below `block` times the place.
    table: Vec<u32>,
}

impl Counter {
    /// Ranks the points; none of their coordinates is NaN.
    pub fn new(points: &[[f64; 2]]) -> Self {
        let orders = [0, 1].map(|axis| order(points, axis));
        let sorted = [0, 1].map(|axis: usize| orders[axis].iter().map(|&at| points[at as usize][axis]).collect());
        let ranks = [0, 1].map(|axis: usize| {
            let mut other = vec![0; points.len()];
            orders[1 - axis].iter().zip(0..).for_each(|(&at, rank)| other[at as usize] = rank);
            orders[axis].iter().map(|&at| other[at as usize]).collect::<Vec<u32>>()
        });
        let block = points.len().div_ceil(LINES).max(1);
        let side = points.len() / block + 1;
        let mut table = vec![0_u32; side * side];
        for (x, &y) in ranks[0].iter().enumerate() {
            let (x, y) = (x / block + 1, y as usize / block + 1);
            // What lies beyond the last line is below none.
            if x < side && y < side {
                table[x * side + y] += 1;
            }
        }
        for x in 1..side {
            let (before, own) = table[(x - 1) * side..][..2 * side].split_at_mut(side);
            let mut row = 0;
            for (sum, above) in own.iter_mut().zip(before.iter()) {
                row += *sum;
                *sum = row + above;
            }
        }
        Counter { sorted, ranks, block, side, table }
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.ranks[0].len()
    }

    /// The ranks of the points whose coordinate in the column `axis` is from `low` to `high`, both included: the first one,
    /// and the one after the last.
    pub fn span(&self, axis: usize, low: f64, high: f64) -> [u32; 2] {
        let sorted = &self.sorted[axis];
        let first = sorted.partition_point(|&value| value < low);
        let end = sorted.partition_point(|&value| value <= high);
        [first as u32, end.max(first) as u32]
    }

    /// Points whose ranks are below `x` and `y`.
    pub fn below(&self, x: u32, y: u32) -> u32 {
        let (of_x, of_y) = (self.nearest(x), self.nearest(y));
        let (line_x, line_y) = ((of_x * self.block) as u32, (of_y * self.block) as u32);
        // What lies between the line and the rank is added to the table's count, or taken from it.
        let mut count = self.table[of_x * self.side + of_y];
        match line_y <= y {
            true => count += lower_than(&self.ranks[1][line_y as usize..y as usize], line_x),
            false => count -= lower_than(&self.ranks[1][y as usize..line_y as usize], line_x),
        }
        match line_x <= x {
            true => count += lower_than(&self.ranks[0][line_x as usize..x as usize], y),
            false => count -= lower_than(&self.ranks[0][x as usize..line_x as usize], y),
        }
        count
    }

    /// The place of the table's line that is nearest to a rank.
    fn nearest(&self, rank: u32) -> usize {
        ((rank as usize + self.block / 2) / self.block).min(self.side - 1)
    }

    /// Points whose ranks lie in both spans.
    pub fn inside(&self, x: [u32; 2], y: [u32; 2]) -> u32 {
        if x[0] >= x[1] || y[0] >= y[1] {
            return 0;
        }
        self.below(x[1], y[1]) + self.below(x[0], y[0]) - self.below(x[0], y[1]) - self.below(x[1], y[0])
    }
}

fn lower_than(ranks: &[u32], bound: u32) -> u32 {
    ranks.iter().map(|&rank| u32::from(rank < bound)).sum()
}

/// The points in the order of a column; of equal ones the earlier comes first.
fn order(points: &[[f64; 2]], axis: usize) -> Vec<u32> {
    let mut order: Vec<(f64, u32)> = points.iter().map(|point| point[axis]).zip(0..).collect();
    order.par_sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    order.into_iter().map(|(_, at)| at).collect()
}
