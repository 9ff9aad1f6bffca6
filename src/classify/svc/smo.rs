//! Sequential minimal optimisation on a working set of rows, with libsvm's second-order choice of pairs
//! (Fan, Chen and Lin 2005, "Working set selection using second order information", algorithm 2).
//!
//! In the signed coefficients b_t = y_t a_t the dual is: minimise 1/2 b' K b - y' b with sum b = 0 and b_t between
//! 0 and C (positive rows) or -C and 0. The only gradient needed is v_t = y_t - sum_s b_s K(s, t), and a pair (i, j) moves
//! b_i up and b_j down by the same amount.

use super::kernel::{Kernel, Vectors};
use super::polish::polish;
use crate::numeric::dense::{add_scaled, fma};

/// libsvm's stand-in for a curvature that is not positive, as between equal rows.
const TAU: f64 = 1e-12;

/// The rows that the solver works on, and their coefficients.
pub(super) struct Working {
    pub(super) vectors: Vectors,
    /// Signed dual coefficients.
    pub(super) beta: Vec<f64>,
    /// y - sum of beta K.
    pub(super) v: Vec<f64>,
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
    kernel: Kernel,
    diagonal: Vec<f64>,
    cache: Cache,
    /// One value a row, kept to save the allocation.
    scratch: Vec<f64>,
}

/// Pairs are improved up to this tolerance; for a smaller one, Newton's steps come then.
const BY_PAIRS: f64 = 1e-3;
/// Pairs after which Newton's steps are tried at any tolerance: so many, and so many for each row.
const PAIRS: u64 = 100_000;
const PAIRS_A_ROW: u64 = 100;

/// Kernel rows that are made beside one that is needed. Of the rows that violate the conditions most nearly all are asked for
/// soon: with seven, one in twenty was made in vain. The numbers affect speed only.
const AHEAD: usize = 7;
/// With fewer columns the kernel's exponentials are most of the work, and rows that were made in vain cost more than is saved.
const AHEAD_COLUMNS: usize = 64;
/// Rows that are made together take at most this share of what may be held.
const SHARE: usize = 32;

/// How a call to [`Working::solve`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// No pair violates the optimality conditions by more than the tolerance.
    Converged,
    /// The iterations ran out.
    Exhausted,
}

impl Working {
    pub(super) fn new(kernel: Kernel, columns: usize, cache_bytes: usize) -> Self {
        Working {
            vectors: Vectors::new(columns),
            beta: Vec::new(),
            v: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
            kernel,
            diagonal: Vec::new(),
            cache: Cache { rows: Vec::new(), used: Vec::new(), clock: 0, held: 0, limit: cache_bytes / 8 },
            scratch: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.beta.len()
    }

    /// Adds a row with coefficient 0, the bounds `[low, high]` and its present `v`.
    pub(super) fn push<'a>(
        &mut self,
        row: impl IntoIterator<Item = &'a f64>,
        centre: &[f64],
        bounds: [f64; 2],
        v: f64,
    ) {
        self.vectors.push_centred(row, centre);
        self.beta.push(0.0);
        self.v.push(v);
        self.low.push(bounds[0]);
        self.high.push(bounds[1]);
        self.diagonal.push(self.kernel.diagonal(self.vectors.norm(self.vectors.len() - 1)));
        self.cache.rows.push(Vec::new());
        self.cache.used.push(0);
    }

    /// Keeps the chosen rows only, in this order; their kernel rows are made anew when needed.
    pub(super) fn keep(&mut self, kept: &[usize]) {
        let chosen = |values: &[f64]| kept.iter().map(|&t| values[t]).collect::<Vec<f64>>();
        self.beta = chosen(&self.beta);
        self.v = chosen(&self.v);
        self.low = chosen(&self.low);
        self.high = chosen(&self.high);
        self.diagonal = chosen(&self.diagonal);
        self.vectors = self.vectors.select(kept.iter().copied());
        self.cache.clear(kept.len());
    }

    /// Whether the coefficient may still rise, and still fall.
    pub(super) fn free_to_rise_and_fall(&self, t: usize) -> (bool, bool) {
        (self.beta[t] < self.high[t], self.beta[t] > self.low[t])
    }

    /// The largest v of a row that may rise and the smallest of one that may fall.
    pub(super) fn extremes(&self) -> (f64, f64) {
        let mut found = (f64::NEG_INFINITY, f64::INFINITY);
        for t in 0..self.len() {
            let (rise, fall) = self.free_to_rise_and_fall(t);
            found.0 = if rise { found.0.max(self.v[t]) } else { found.0 };
            found.1 = if fall { found.1.min(self.v[t]) } else { found.1 };
        }
        found
    }

    /// Improves the coefficients until the extremes are less than `tol` apart. With a limit, pairs alone, each taken from
    /// `iterations`.
    pub(super) fn solve(&mut self, tol: f64, iterations: &mut Option<u64>) -> Ended {
        if iterations.is_some() {
            return self.solve_by_pairs(tol, iterations);
        }
        let pairs = PAIRS + PAIRS_A_ROW * self.len() as u64;
        let mut near = tol.max(BY_PAIRS);
        loop {
            let ended = self.solve_by_pairs(near, &mut Some(pairs));
            if ended == Ended::Converged && near <= tol {
                return ended;
            }
            polish(self, tol);
            near = tol;
        }
    }

    fn solve_by_pairs(&mut self, tol: f64, iterations: &mut Option<u64>) -> Ended {
        loop {
            let Some((i, highest)) = self.most_violating() else { return Ended::Converged };
            self.cache.fill(&self.vectors, self.kernel, [i, i], &self.scratch);
            let (best, lowest) = self.best_partner(i, highest);
            let Some(j) = best.filter(|_| highest - lowest >= tol) else { return Ended::Converged };
            match iterations {
                Some(0) => return Ended::Exhausted,
                Some(left) => *left -= 1,
                None => {}
            }
            self.cache.fill(&self.vectors, self.kernel, [j, i], &self.scratch);
            self.step(i, j);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.beta.is_empty()
    }

    /// Whether the kernel rows of so many rows may be held.
    pub(super) fn has_room(&self, rows: usize) -> bool {
        rows * self.len() <= self.cache.limit
    }

    /// The kernel values of row `i` with the working set.
    pub(super) fn kernel_row(&mut self, i: usize) -> &[f64] {
        self.cache.fill(&self.vectors, self.kernel, [i, i], &[]);
        &self.cache.rows[i]
    }

    /// v += factor K(i, .)
    pub(super) fn add_row(&mut self, i: usize, factor: f64) {
        self.cache.fill(&self.vectors, self.kernel, [i, i], &[]);
        add_scaled(&mut self.v, factor, &self.cache.rows[i]);
    }

    fn most_violating(&mut self) -> Option<(usize, f64)> {
        self.scratch.clear();
        let rows = self.v.iter().zip(&self.beta).zip(&self.high);
        self.scratch.extend(rows.map(|((&v, &beta), &high)| if beta < high { v } else { f64::NEG_INFINITY }));
        argmax(&self.scratch)
    }

    /// The partner that lowers the dual most, and the smallest v that may fall.
    fn best_partner(&mut self, i: usize, highest: f64) -> (Option<usize>, f64) {
        let rows = || self.v.iter().zip(&self.beta).zip(&self.low);
        self.scratch.clear();
        self.scratch.extend(rows().map(|((&v, &beta), &low)| if beta > low { -v } else { f64::NEG_INFINITY }));
        let lowest = -largest(&self.scratch);
        let (row, own) = (&self.cache.rows[i], self.diagonal[i]);
        self.scratch.clear();
        self.scratch.extend(rows().zip(row).zip(&self.diagonal).map(|((((&v, &beta), &low), &k), &diagonal)| {
            let distance = highest - v;
            let curvature = fma(-2.0, k, own + diagonal);
            let gain = distance * distance / if curvature > TAU { curvature } else { TAU };
            if beta > low && distance > 0.0 { gain } else { f64::NEG_INFINITY }
        }));
        (argmax(&self.scratch).map(|(t, _)| t), lowest)
    }

    /// Moves along the pair to its optimum or the nearest bound.
    fn step(&mut self, i: usize, j: usize) {
        let (row_i, row_j) = (&self.cache.rows[i], &self.cache.rows[j]);
        let curvature = (self.diagonal[i] + self.diagonal[j] - 2.0 * row_i[j]).max(TAU);
        let wanted = (self.v[i] - self.v[j]) / curvature;
        let (room_i, room_j) = (self.high[i] - self.beta[i], self.beta[j] - self.low[j]);
        let delta = wanted.min(room_i).min(room_j);
        // At a bound the coefficient is set to it exactly, so that "at the bound" can be told by comparison.
        self.beta[i] = if delta >= room_i { self.high[i] } else { self.beta[i] + delta };
        self.beta[j] = if delta >= room_j { self.low[j] } else { self.beta[j] - delta };
        for ((v, &k_i), &k_j) in self.v.iter_mut().zip(row_i).zip(row_j) {
            *v = fma(-delta, k_i - k_j, *v);
        }
    }
}

/// The largest value, in lanes so that it becomes vector code.
fn largest(values: &[f64]) -> f64 {
    const LANES: usize = 16;
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut best = [f64::NEG_INFINITY; LANES];
    for chunk in whole {
        for lane in 0..LANES {
            best[lane] = if chunk[lane] > best[lane] { chunk[lane] } else { best[lane] };
        }
    }
    best.iter().chain(rest).fold(f64::NEG_INFINITY, |a, &b| if b > a { b } else { a })
}

/// The first largest value and its index; `None` when nothing is above minus infinity.
fn argmax(values: &[f64]) -> Option<(usize, f64)> {
    let best = largest(values);
    let at = values.iter().position(|&value| value == best)?;
    (best > f64::NEG_INFINITY).then_some((at, best))
}

/// Kernel rows over the working set. A row is made when it is first needed, made longer when the working set has
/// grown, and given up, least recently used first, when there is no more room.
struct Cache {
    rows: Vec<Vec<f64>>,
    used: Vec<u64>,
    clock: u64,
    held: usize,
    limit: usize,
}

impl Cache {
    fn clear(&mut self, rows: usize) {
        self.rows = vec![Vec::new(); rows];
        self.used = vec![0; rows];
        self.held = 0;
    }

    /// Makes row `i` complete; row `keep` stays. The rows that are `likely` to be asked for next, by a number each, are made with
    /// it: the working set is then read once for all of them.
    fn fill(&mut self, vectors: &Vectors, kernel: Kernel, [i, keep]: [usize; 2], likely: &[f64]) {
        self.clock += 1;
        self.used[i] = self.clock;
        let missing = vectors.len() - self.rows[i].len();
        if missing == 0 {
            return;
        }
        let ahead = if vectors.columns < AHEAD_COLUMNS { 0 } else { AHEAD.min(self.limit / missing / SHARE) };
        let mut made = vec![i];
        made.extend(self.likeliest(i, likely, ahead));
        made.iter().for_each(|&t| self.used[t] = self.clock);
        while self.held + missing * made.len() > self.limit {
            let held =
                (0..self.rows.len()).filter(|&t| t != keep && self.used[t] < self.clock && !self.rows[t].is_empty());
            let Some(oldest) = held.min_by_key(|&t| self.used[t]) else { break };
            self.held -= self.rows[oldest].len();
            self.rows[oldest] = Vec::new();
        }
        let mut values: Vec<Vec<f64>> = made.iter().map(|&t| std::mem::take(&mut self.rows[t])).collect();
        vectors.extend_kernel_rows(kernel, &made, &mut values);
        self.held += missing * made.len();
        made.into_iter().zip(values).for_each(|(t, values)| self.rows[t] = values);
    }

    /// At most `count` rows beside `i` that are as far from complete as it is, the likeliest first; none whose number is minus
    /// infinity.
    fn likeliest(&self, i: usize, likely: &[f64], count: usize) -> Vec<usize> {
        if count == 0 {
            return Vec::new();
        }
        let mut found: Vec<(f64, usize)> = Vec::with_capacity(count + 1);
        let mut least = f64::NEG_INFINITY;
        for (t, &value) in likely.iter().enumerate() {
            if value > least && t != i && self.rows[t].len() == self.rows[i].len() {
                let at = found.partition_point(|known| known.0 >= value);
                found.insert(at, (value, t));
                found.truncate(count);
                least = if found.len() == count { found[count - 1].0 } else { f64::NEG_INFINITY };
            }
        }
        found.into_iter().map(|found| found.1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argmax_takes_the_first_of_equal_values() {
        let mut values = vec![f64::NEG_INFINITY; 50];
        assert_eq!(argmax(&values), None);
        (values[33], values[47]) = (2.5, 2.5);
        assert_eq!(argmax(&values), Some((33, 2.5)));
        values[49] = 3.0;
        assert_eq!(argmax(&values), Some((49, 3.0)));
        assert_eq!(argmax(&[]), None);
    }

    /// A cache over `rows` rows of so many columns, each of its own value in the first.
    fn cache(rows: usize, columns: usize, limit: usize) -> (Vectors, Cache) {
        let mut vectors = Vectors::new(columns);
        for row in 0..rows {
            let mut values = vec![0.0; columns];
            values[0] = row as f64;
            vectors.push_centred(&values, &vec![0.0; columns]);
        }
        let (rows, used) = (vec![Vec::new(); rows], vec![0; rows]);
        (vectors, Cache { rows, used, clock: 0, held: 0, limit })
    }

    fn complete(cache: &Cache, length: usize) -> Vec<usize> {
        (0..cache.rows.len()).filter(|&t| cache.rows[t].len() == length).collect()
    }

    #[test]
    fn the_likeliest_rows_are_made_with_the_one_that_is_needed() {
        let (vectors, mut cache) = cache(40, AHEAD_COLUMNS, 40 * 400);
        let mut likely = vec![f64::NEG_INFINITY; 40];
        for (at, t) in [9, 31, 4, 17, 22, 8, 35, 3, 28].into_iter().enumerate() {
            likely[t] = 10.0 - at as f64;
        }
        cache.fill(&vectors, Kernel::Linear, [31, 31], &likely);
        // Seven beside the one that is needed, which is likely itself; 28 is the least likely.
        assert_eq!(complete(&cache, 40), [3, 4, 8, 9, 17, 22, 31, 35]);
        assert_eq!((cache.rows[22][7], cache.held), (22.0 * 7.0, 8 * 40));
        cache.fill(&vectors, Kernel::Linear, [3, 31], &likely);
        assert_eq!(cache.held, 8 * 40, "what is there is not made again");
        cache.fill(&vectors, Kernel::Linear, [0, 31], &likely);
        assert_eq!(complete(&cache, 40), [0, 3, 4, 8, 9, 17, 22, 28, 31, 35]);
    }

    #[test]
    fn rows_of_few_columns_are_made_one_at_a_time() {
        let (vectors, mut cache) = cache(40, AHEAD_COLUMNS - 1, 40 * 400);
        cache.fill(&vectors, Kernel::Linear, [31, 31], &[1.0; 40]);
        assert_eq!(complete(&cache, 40), [31]);
    }

    #[test]
    fn rows_make_room_for_each_other_the_longest_unused_first() {
        let (vectors, mut cache) = cache(40, AHEAD_COLUMNS, 40 * 3);
        for i in [5, 6, 7, 5] {
            cache.fill(&vectors, Kernel::Linear, [i, 5], &[1.0; 40]);
        }
        assert_eq!(complete(&cache, 40), [5, 6, 7], "where so little is held, nothing is made ahead");
        cache.fill(&vectors, Kernel::Linear, [8, 6], &[1.0; 40]);
        assert_eq!((complete(&cache, 40), cache.held), (vec![5, 6, 8], 3 * 40));
    }
}
