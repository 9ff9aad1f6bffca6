//! Searching one index: the home leaf, then the nearest boxes, then what is left, for a group of queries together. Few columns are
//! searched otherwise (module `descend`).

use std::ops::Range;

use super::coarse::{self, ABREAST};
use super::descend::descend;
use super::index::{Index, LEAF};
use super::tile::{self, LANES};
use super::{Metric, Neighbor};

/// Leaves that a query visits in order of their means before boxes are looked at, if they are at most half of all leaves.
const NEAR: usize = 16;

/// Leaves that a query visits in order of their boxes before it joins its group's pass over the remaining ones.
const PROBES: usize = 16;

/// From so many columns on exact distances cost so much that queries whose boxes rule out less than half of the leaves join their group's
/// pass at once: coarse distances tell there which rows to look at. The number affects speed only.
const WIDE: usize = 64;

/// Up to so many leaves a pass over all of them costs no more than visits to the nearest ones, and such queries join it at once, too.
/// The number affects speed only.
const SHORT: usize = 128;

/// Rows that are visited around a query, for each neighbour wanted, before boxes are looked at: a vote that these decide
/// costs no more. The number affects speed only.
const HOMES: usize = 4;

/// One query and what is known about it so far.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// The query's values, in the index's order of columns.
    pub query: Vec<f64>,
    /// The nearest rows so far, at most `k`, nearest first.
    pub best: Vec<Neighbor>,
    /// How many rows are wanted.
    pub k: usize,
    /// A row that does not count: the query itself, where it is a training row. `u32::MAX` for none.
    pub exclude: u32,
    /// The search is over once k rows come before this one.
    pub rival: Neighbor,
}

impl Search {
    /// The row to beat: the k-th nearest so far.
    #[inline]
    pub fn worst(&self) -> Neighbor {
        if self.best.len() < self.k { Neighbor::FARTHEST } else { self.best[self.k - 1] }
    }

    /// Whether k rows are known to come before the rival.
    #[inline]
    pub fn decided(&self) -> bool {
        self.worst().before(&self.rival)
    }

    fn offer(&mut self, candidate: Neighbor) {
        if candidate.before(&self.worst()) && candidate.row != self.exclude {
            if self.best.len() == self.k {
                self.best.pop();
            }
            let at = self.best.partition_point(|known| known.before(&candidate));
            self.best.insert(at, candidate);
        }
    }

    /// Looks at all rows of a leaf.
    pub fn visit<M: Metric>(&mut self, index: &Index, leaf: usize) {
        for at in index.lanes(leaf).step_by(LANES) {
            self.visit_tile::<M>(index, at);
        }
    }

    /// The same where there are so few `columns` that padding is most of a tile.
    pub fn visit_few<M: Metric>(&mut self, index: &Index, leaf: usize, columns: usize) {
        for at in index.lanes(leaf).step_by(LANES) {
            let bound = self.worst().sum;
            let tile = &index.tiles[at * index.width..][..LANES * columns];
            let sums = tile::few_sums::<M>(tile, &self.query);
            if tile::any_within(&sums, bound) {
                self.offer_each(&index.rows[at..at + LANES], &sums, bound);
            }
        }
    }

    /// Looks at the sixteen rows from place `at` on.
    fn visit_tile<M: Metric>(&mut self, index: &Index, at: usize) {
        let bound = self.worst().sum;
        let tile = &index.tiles[at * index.width..][..LANES * index.width];
        let Some(sums) = tile::sums::<M>(tile, &self.query, bound) else { return };
        self.offer_each(&index.rows[at..at + LANES], &sums, bound);
    }

    /// Offers those of sixteen rows that are at most `bound` away.
    #[inline]
    fn offer_each(&mut self, rows: &[u32], sums: &[f64; LANES], bound: f64) {
        for (&sum, &row) in sums.iter().zip(rows) {
            if sum <= bound {
                self.offer(Neighbor { sum, row });
            }
        }
    }

    /// Visits the leaf where the query lies and, for more neighbours than it is sure to hold, those beside it, until the
    /// vote is decided. Returns which leaves that may have been.
    fn visit_home<M: Metric>(&mut self, index: &Index) -> Range<usize> {
        let together = (self.k * HOMES).div_ceil(LEAF);
        let home = index.home(&self.query);
        let first = home / together * together;
        let around = first..(first + together).min(index.leaves());
        self.visit::<M>(index, home);
        self.visit_each::<M>(index, &around.clone().filter(|&leaf| leaf != home).collect::<Vec<usize>>());
        around
    }

    /// Visits leaves until the vote is decided.
    fn visit_each<M: Metric>(&mut self, index: &Index, leaves: &[usize]) {
        for &leaf in leaves {
            if self.decided() {
                break;
            }
            self.visit::<M>(index, leaf);
        }
    }

    /// Lower bounds of the sums in each leaf, exact where they are at most the row to beat. NaN for `visited`, so that they
    /// compare as out of reach.
    fn bounds<M: Metric>(&self, index: &Index, visited: &[usize]) -> Vec<f64> {
        let size = LANES * index.width;
        let tiles = index.low.chunks_exact(size).zip(index.high.chunks_exact(size));
        let mut bounds = Vec::with_capacity(index.leaves() + LANES);
        for (low, high) in tiles {
            match tile::box_sums::<M>(low, high, &self.query, self.worst().sum) {
                Some(sums) => bounds.extend_from_slice(&sums),
                None => bounds.extend_from_slice(&[f64::NAN; LANES]),
            }
        }
        bounds.truncate(index.leaves());
        visited.iter().for_each(|&leaf| bounds[leaf] = f64::NAN);
        bounds
    }

    /// Visits the most promising leaves, nearest box first and among equally near ones the least row number, and marks them as
    /// visited in `bounds`. Returns whether leaves may be left that hold nearer rows.
    fn probe<M: Metric>(&mut self, index: &Index, bounds: &mut [f64]) -> bool {
        let worst = self.worst();
        let mut near: Vec<(Neighbor, usize)> = bounds
            .iter()
            .enumerate()
            // Rules out nearly all leaves at less cost.
            .filter(|&(_, &sum)| sum <= worst.sum)
            .map(|(leaf, &sum)| (index.foremost(leaf, sum), leaf))
            .filter(|(bound, _)| bound.before(&worst))
            .collect();
        let more = near.len() > PROBES;
        let order =
            |a: &(Neighbor, usize), b: &(Neighbor, usize)| a.0.sum.total_cmp(&b.0.sum).then(a.0.row.cmp(&b.0.row));
        if more {
            near.select_nth_unstable_by(PROBES, order);
            near.truncate(PROBES);
        }
        near.sort_unstable_by(order);
        for (bound, leaf) in near {
            if self.decided() || !bound.before(&self.worst()) {
                return false;
            }
            self.visit::<M>(index, leaf);
            bounds[leaf] = f64::NAN;
        }
        more && !self.decided()
    }
}

/// A search that its home leaf and the nearest boxes did not end, and the bounds of the leaves it has still to visit.
struct Open<'s> {
    search: &'s mut Search,
    bounds: Vec<f64>,
}

impl Open<'_> {
    fn needs(&self, index: &Index, leaf: usize) -> bool {
        index.foremost(leaf, self.bounds[leaf]).before(&self.search.worst()) && !self.search.decided()
    }
}

/// Brings every search of `group` to its end on `index`. The last pass takes a leaf at a time for all queries that still
/// need it: where boxes are of little use, a leaf is read from memory once a group and not once a query.
pub(super) fn search<M: Metric>(index: &Index, group: &mut [Search]) {
    if index.leaves() == 0 {
        return;
    }
    if let Some(boxes) = &index.boxes {
        return descend::<M>(index, boxes, group);
    }
    let mut undecided = Vec::new();
    for search in group.iter_mut().filter(|search| !search.decided()) {
        let visited: Vec<usize> = search.visit_home::<M>(index).collect();
        // An index of few rows is no more than the home.
        if !search.decided() && visited.len() < index.leaves() {
            undecided.push((search, visited));
        }
    }
    let mut open = Vec::new();
    if M::SQUARES && (index.width >= WIDE || index.leaves() <= SHORT) && undecided.len() >= ABREAST {
        (open, undecided) = out_of_sight::<M>(index, undecided);
    }
    if index.leaves() >= 2 * NEAR {
        // Nothing is nearer than equal rows: boxes tell at once where others with lower numbers may be.
        let mut apart: Vec<&mut Begun> = undecided.iter_mut().filter(|(search, _)| search.worst().sum > 0.0).collect();
        for several in apart.chunks_mut(ABREAST) {
            visit_near::<M>(index, several);
        }
    }
    for (search, visited) in undecided.into_iter().filter(|(search, _)| !search.decided()) {
        let mut bounds = search.bounds::<M>(index, &visited);
        if search.probe::<M>(index, &mut bounds) {
            open.push(Open { search, bounds });
        }
    }
    if M::SQUARES && open.len() >= ABREAST {
        return sweep::<M>(index, &mut open);
    }
    for leaf in 0..index.leaves() {
        for open in open.iter_mut().filter(|open| open.needs(index, leaf)) {
            open.search.visit::<M>(index, leaf);
        }
    }
}

/// A search after its home leaf, and the leaves that it has visited.
type Begun<'s> = (&'s mut Search, Vec<usize>);

/// Those of the searches to which boxes tell little, ready for the last pass, and the others.
fn out_of_sight<'s, M: Metric>(index: &Index, begun: Vec<Begun<'s>>) -> (Vec<Open<'s>>, Vec<Begun<'s>>) {
    let (mut open, mut others) = (Vec::new(), Vec::new());
    for (search, visited) in begun {
        let bounds = search.bounds::<M>(index, &visited);
        let reach = search.worst().sum;
        if 2 * bounds.iter().filter(|bound| **bound <= reach).count() > index.leaves() {
            open.push(Open { search, bounds });
        } else {
            others.push((search, visited));
        }
    }
    (open, others)
}

/// Visits the leaves whose means are nearest to each of at most [`ABREAST`] queries, beside those that were visited.
fn visit_near<M: Metric>(index: &Index, several: &mut [&mut Begun<'_>]) {
    let queries: Vec<coarse::Query> = several.iter().map(|begun| coarse::Query::new(index, &begun.0.query)).collect();
    let nearest = index.means.nearest(0..index.leaves(), &queries.iter().collect::<Vec<_>>(), NEAR);
    for (begun, mut near) in several.iter_mut().zip(nearest) {
        let (search, visited) = &mut **begun;
        near.retain(|leaf| !visited.contains(leaf));
        search.visit_each::<M>(index, &near);
        visited.extend(near);
    }
}

/// The last pass for many queries: where enough of them need a leaf, coarse distances tell which of its rows to look at.
fn sweep<M: Metric>(index: &Index, open: &mut [Open]) {
    let queries: Vec<coarse::Query> = open.iter().map(|open| coarse::Query::new(index, &open.search.query)).collect();
    let mut rows = coarse::Leaf::new(index.width);
    let mut wanting = Vec::with_capacity(open.len());
    for leaf in 0..index.leaves() {
        wanting.clear();
        wanting.extend((0..open.len()).filter(|&at| open[at].needs(index, leaf)));
        if wanting.len() < ABREAST {
            wanting.iter().for_each(|&at| open[at].search.visit::<M>(index, leaf));
            continue;
        }
        rows.load(index, leaf);
        for several in wanting.chunks(ABREAST) {
            // The last few are filled up with the last one.
            let at = |place: usize| several[place.min(several.len() - 1)];
            let near =
                rows.near(std::array::from_fn(|place| (&queries[at(place)], open[at(place)].search.worst().sum)));
            for (tile, near) in near.iter().enumerate() {
                for (&at, _) in several.iter().zip(near).filter(|(_, near)| **near) {
                    open[at].search.visit_tile::<M>(index, leaf * LEAF + tile * LANES);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::neighbors::Euclidean;
    use crate::numeric::mt19937::Mt19937;

    /// Of twelve searches after their home leaves, how many join the last pass at once.
    fn at_once(x: &Array2<f64>) -> usize {
        let columns: Vec<usize> = (0..x.ncols()).collect();
        let index = Index::new(x.view(), (0..x.nrows() as u32).collect(), &columns);
        let start = |row: usize| Search {
            query: x.row(row).to_vec(),
            best: Vec::new(),
            k: 3,
            exclude: row as u32,
            rival: Neighbor::NEAREST,
        };
        let mut searches: Vec<Search> = (0..12).map(|at| start(at * 37)).collect();
        let begun = searches
            .iter_mut()
            .map(|search| {
                let visited = search.visit_home::<Euclidean>(&index).collect();
                (search, visited)
            })
            .collect();
        let (open, others) = out_of_sight::<Euclidean>(&index, begun);
        assert_eq!(open.len() + others.len(), 12);
        open.len()
    }

    /// A leaf as near as the row to beat is left out if its rows have higher numbers: of 32 leaves of equal rows, one is visited.
    #[test]
    fn equal_rows_end_a_search_by_their_numbers() {
        let x = Array2::from_elem((32 * LEAF, 20), 0.5);
        let columns: Vec<usize> = (0..20).collect();
        let index = Index::new(x.view(), (0..x.nrows() as u32).collect(), &columns);
        assert!(index.boxes.is_none());
        let mut query = vec![0.5; 20];
        query.resize(index.width, 0.0);
        let mut search = Search { query, best: Vec::new(), k: 3, exclude: 1, rival: Neighbor::NEAREST };
        let visited: Vec<usize> = search.visit_home::<Euclidean>(&index).collect();
        let mut bounds = search.bounds::<Euclidean>(&index, &visited);
        assert!(!search.probe::<Euclidean>(&index, &mut bounds));
        assert_eq!(search.best, [0, 2, 3].map(|row| Neighbor { sum: 0.0, row }));
        assert_eq!(bounds.iter().filter(|bound| bound.is_nan()).count(), 1 + visited.len());
    }

    #[test]
    fn searches_join_the_last_pass_at_once_where_boxes_tell_little() {
        let mut random = Mt19937::new(41);
        let noise = Array2::from_shape_fn((640, 64), |_| random.next_f64());
        // Sixty-four rows a heap, far from the other heaps.
        let heaps = Array2::from_shape_fn((640, 64), |(row, column)| {
            noise[(row, column)] + if column == 0 { (row / 64 * 1000) as f64 } else { 0.0 }
        });
        assert_eq!((at_once(&noise), at_once(&heaps)), (12, 0));
    }
}
