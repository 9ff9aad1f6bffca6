//! The dual on all rows, solved on few of them.
//!
//! Nearly all rows end with coefficient 0, so the solver works on a small set and asks all rows only whether they agree.
//! Rows are put in an order (the minority first, the majority shuffled), and prefixes of it, each four times the last,
//! are solved in turn: the set that solves one prefix starts the next. On a prefix: solve the working set, bring
//! the decision values of the prefix up to date, add the rows that violate the optimality conditions, until none does.
//! What comes out fulfils libsvm's stopping rule on all rows.

use ndarray::ArrayView2;

use super::kernel::{Kernel, Vectors};
use super::smo::{Ended, Working};
use crate::classify::class_weight::RowWeight;

/// A minority above this is sampled like the majority.
const LARGEST_MINORITY: usize = 8_192;
/// The first prefix: the minority, and this many more rows.
pub(super) const FIRST: usize = 4_096;
/// Each prefix is this many times the one before.
const GROWTH: usize = 4;
/// The fewest rows that a round may add; a larger working set may double.
const ADDED: usize = 2_048;

/// A dual problem.
pub(super) struct Problem<'a> {
    pub(super) x: ArrayView2<'a, f64>,
    pub(super) y: &'a [u8],
    /// Subtracted from every row.
    pub(super) centre: &'a [f64],
    pub(super) kernel: Kernel,
    /// The largest coefficient of a row.
    pub(super) c: RowWeight<'a>,
    pub(super) tol: f64,
    pub(super) max_iter: Option<u64>,
    pub(super) cache_bytes: usize,
    /// [`FIRST`]; tests take less, so that small data pass through several prefixes.
    pub(super) first: usize,
}

/// Decision value of a row r: sum of coefficients[s] K(vectors[s], r - centre) + intercept.
pub(super) struct Solution {
    pub(super) vectors: Vectors,
    pub(super) coefficients: Vec<f64>,
    pub(super) intercept: f64,
    /// Whether the steps ran out before the optimum.
    pub(super) exhausted: bool,
}

impl<'d> Problem<'d> {
    pub(super) fn solve(&self, counts: [usize; 2]) -> Solution {
        self.solved(counts).solution()
    }

    /// The rows whose coefficient is not 0, ascending.
    pub(super) fn support(&self, counts: [usize; 2]) -> Vec<usize> {
        let state = self.solved(counts);
        let held = state.places.iter().zip(&state.working.beta).filter(|(_, beta)| **beta != 0.0);
        let mut rows: Vec<usize> = held.map(|(&place, _)| state.order[place as usize] as usize).collect();
        rows.sort_unstable();
        rows
    }

    fn solved(&self, counts: [usize; 2]) -> State<'_, 'd> {
        let mut state = State::new(self, order(self.y, counts));
        let mut iterations = self.max_iter;
        for (last, prefix) in prefixes(self.y.len(), counts, self.first) {
            // A prefix is only a start for the next one.
            let tol = if last { self.tol } else { self.tol.max(1e-2) };
            state.extend(prefix);
            let mut solved = false;
            while state.add_violators(tol) || !solved {
                solved = true;
                let ended = state.working.solve(tol, &mut iterations);
                state.bring_up_to_date();
                if ended == Ended::Exhausted {
                    state.exhausted = true;
                    return state;
                }
            }
        }
        state
    }

    fn sign(&self, row: usize) -> f64 {
        if self.y[row] == 1 { 1.0 } else { -1.0 }
    }

    /// Between what the signed coefficient of a row must stay.
    fn bounds(&self, row: usize) -> [f64; 2] {
        let most = self.c.of(row, self.y[row]);
        if self.y[row] == 1 { [0.0, most] } else { [-most, 0.0] }
    }
}

/// Rows in the order in which prefixes take them. The shuffle is a hash of the row's number: the answer does not
/// depend on it beyond the tolerance, so it needs no seed.
fn order(y: &[u8], counts: [usize; 2]) -> Vec<u32> {
    let minority = u8::from(counts[1] < counts[0]);
    let first = counts[usize::from(minority)] <= LARGEST_MINORITY;
    let mut rows: Vec<u32> = (0..y.len() as u32).collect();
    rows.sort_by_cached_key(|&row| {
        let early = first && y[row as usize] == minority;
        (
            !early,
            u64::from(row)
                .wrapping_add(1)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                .rotate_left(32)
                .wrapping_mul(0xBF58_476D_1CE4_E5B9),
        )
    });
    rows
}

/// The lengths of the prefixes, and whether each is the last.
fn prefixes(n: usize, counts: [usize; 2], first: usize) -> Vec<(bool, usize)> {
    let few = counts[0].min(counts[1]);
    let mut length = if few <= LARGEST_MINORITY { few + first } else { 2 * first };
    let mut lengths = Vec::new();
    while length < n {
        lengths.push((false, length));
        length *= GROWTH;
    }
    lengths.push((true, n));
    lengths
}

struct State<'p, 'd> {
    problem: &'p Problem<'d>,
    /// Place in the order -> row.
    order: Vec<u32>,
    /// By place: sum of `applied` K. As long as the prefix.
    sums: Vec<f64>,
    /// By place: whether the row is in the working set.
    taken: Vec<bool>,
    working: Working,
    /// By member of the working set: its place, and its coefficient as far as `sums` knows it.
    places: Vec<u32>,
    applied: Vec<f64>,
    /// Whether the steps ran out before the optimum.
    exhausted: bool,
}

impl<'p, 'd> State<'p, 'd> {
    fn new(problem: &'p Problem<'d>, order: Vec<u32>) -> Self {
        State {
            problem,
            taken: vec![false; order.len()],
            order,
            sums: Vec::new(),
            working: Working::new(problem.kernel, problem.x.ncols(), problem.cache_bytes),
            places: Vec::new(),
            applied: Vec::new(),
            exhausted: false,
        }
    }

    /// Makes the prefix longer. The first prefix is the first working set; a later one starts from the support vectors.
    fn extend(&mut self, prefix: usize) {
        let known = self.sums.len();
        self.keep_support_vectors();
        self.sums.resize(prefix, 0.0);
        let applied = self.applied.clone();
        self.add_to_sums(known, &applied);
        if known == 0 {
            (0..prefix).for_each(|place| self.take(place));
        }
    }

    fn keep_support_vectors(&mut self) {
        let kept: Vec<usize> = (0..self.working.len()).filter(|&t| self.working.beta[t] != 0.0).collect();
        self.places.iter().for_each(|&place| self.taken[place as usize] = false);
        self.working.keep(&kept);
        self.places = kept.iter().map(|&t| self.places[t]).collect();
        self.applied = kept.iter().map(|&t| self.applied[t]).collect();
        self.places.iter().for_each(|&place| self.taken[place as usize] = true);
    }

    fn take(&mut self, place: usize) {
        let row = self.order[place] as usize;
        let v = self.problem.sign(row) - self.sums[place];
        self.working.push(self.problem.x.row(row), self.problem.centre, self.problem.bounds(row), v);
        self.taken[place] = true;
        self.places.push(place as u32);
        self.applied.push(0.0);
    }

    /// sums[from..] += sum of change K over the members of the working set.
    fn add_to_sums(&mut self, from: usize, change: &[f64]) {
        let changed: Vec<usize> = (0..change.len()).filter(|&t| change[t] != 0.0).collect();
        let coefficients: Vec<f64> = changed.iter().map(|&t| change[t]).collect();
        let vectors = self.working.vectors.select(changed);
        let (problem, order) = (self.problem, &self.order);
        let row_of = |p: usize| order[from + p] as usize;
        vectors.add_weighted(problem.kernel, &coefficients, problem.x, row_of, problem.centre, &mut self.sums[from..]);
    }

    fn bring_up_to_date(&mut self) {
        let change: Vec<f64> = self.working.beta.iter().zip(&self.applied).map(|(now, then)| now - then).collect();
        self.add_to_sums(0, &change);
        self.applied.copy_from_slice(&self.working.beta);
    }

    /// How far the row at `place`, which has coefficient 0, lies beyond `level` on the wrong side.
    fn violation(&self, place: usize, level: f64) -> f64 {
        let sign = self.problem.sign(self.order[place] as usize);
        sign * (sign - self.sums[place] - level)
    }

    /// Takes the rows that violate the conditions by more than tol / 2, the worst first; false when there are none.
    ///
    /// With the working set's extremes less than tol apart and every other row within tol / 2 of their middle, the
    /// extremes of all rows are less than tol apart.
    fn add_violators(&mut self, tol: f64) -> bool {
        let (highest, lowest) = self.working.extremes();
        let level = (highest + lowest) / 2.0;
        let mut violators: Vec<(f64, usize)> = (0..self.sums.len())
            .filter(|&place| !self.taken[place])
            .map(|place| (self.violation(place, level), place))
            .filter(|&(violation, _)| violation > tol / 2.0)
            .collect();
        violators.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        violators.truncate(self.working.len().max(ADDED));
        violators.iter().for_each(|&(_, place)| self.take(place));
        !violators.is_empty()
    }

    /// The support vectors, and libsvm's intercept: the mean of v over the coefficients between their bounds, or else
    /// the middle of what the conditions allow.
    fn solution(&self) -> Solution {
        let working = &self.working;
        let free: Vec<f64> = (0..working.len())
            .filter(|&t| working.free_to_rise_and_fall(t) == (true, true))
            .map(|t| working.v[t])
            .collect();
        let intercept = if free.is_empty() {
            let (mut highest, mut lowest) = working.extremes();
            for place in (0..self.sums.len()).filter(|&place| !self.taken[place]) {
                let sign = self.problem.sign(self.order[place] as usize);
                let v = sign - self.sums[place];
                (highest, lowest) = if sign > 0.0 { (highest.max(v), lowest) } else { (highest, lowest.min(v)) };
            }
            (highest + lowest) / 2.0
        } else {
            free.iter().sum::<f64>() / free.len() as f64
        };
        let support: Vec<usize> = (0..working.len()).filter(|&t| working.beta[t] != 0.0).collect();
        Solution {
            coefficients: support.iter().map(|&t| working.beta[t]).collect(),
            vectors: working.vectors.select(support),
            intercept,
            exhausted: self.exhausted,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, Axis};
    use proptest::prelude::*;

    use super::*;

    /// Few distinct values, so that rows repeat, also with opposite labels; the third column is constant.
    fn rows() -> impl Strategy<Value = (Array2<f64>, Vec<u8>)> {
        prop::collection::vec((0_i8..12, -3_i8..4, 0_u8..7), 30..200).prop_map(|cells| {
            let x = Array2::from_shape_fn((cells.len(), 3), |(i, j)| match j {
                0 => f64::from(cells[i].0) * 0.4,
                1 => f64::from(cells[i].1).powi(3),
                _ => 1e6,
            });
            let mut y: Vec<u8> = cells.iter().map(|cell| u8::from(cell.2 == 0 || cell.0 == 11)).collect();
            (y[0], y[1]) = (0, 1);
            (x, y)
        })
    }

    fn kernel_matrix(x: &Array2<f64>, gamma: f64) -> Array2<f64> {
        Array2::from_shape_fn((x.nrows(), x.nrows()), |(a, b)| {
            (-gamma * x.row(a).iter().zip(x.row(b)).map(|(p, q)| (p - q) * (p - q)).sum::<f64>()).exp()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Bounds, the sum, and the optimality conditions with a plainly computed gradient of every row.
        #[test]
        fn the_answer_is_optimal_over_all_rows((x, y) in rows(), c in 0.1_f64..20.0, gamma in 0.01_f64..2.0, tight in any::<bool>()) {
            // The tight one is reached by Newton's steps.
            let tol = if tight { 1e-9 } else { 1e-3 };
            let centre = x.mean_axis(Axis(0)).unwrap().to_vec();
            let positives = y.iter().filter(|&&label| label == 1).count();
            let counts = [y.len() - positives, positives];
            // Rows weigh differently in every second case.
            let weight = |row: usize| if y.len() % 2 == 0 { 1.0 } else { 0.2 + (row % 5) as f64 };
            let own: Vec<f64> = (0..y.len()).map(weight).collect();
            let problem = Problem {
                x: x.view(), y: &y, centre: &centre, kernel: Kernel::Rbf { gamma }, c: RowWeight { classes: [c, 3.0 * c], own: Some(&own) }, tol,
                max_iter: None, cache_bytes: 8 * 300, first: 4,
            };
            let state = problem.solved(counts);
            let mut beta = Array1::<f64>::zeros(y.len());
            for (&place, &b) in state.places.iter().zip(&state.working.beta) {
                beta[state.order[place as usize] as usize] = b;
            }
            prop_assert!(beta.sum().abs() < 1e-9);
            let sums = kernel_matrix(&x, gamma).dot(&beta);
            let (mut highest, mut lowest) = (f64::NEG_INFINITY, f64::INFINITY);
            for i in 0..y.len() {
                let v = problem.sign(i) - sums[i];
                let [low, high] = problem.bounds(i);
                prop_assert!(beta[i] >= low && beta[i] <= high);
                highest = if beta[i] < high { highest.max(v) } else { highest };
                lowest = if beta[i] > low { lowest.min(v) } else { lowest };
            }
            prop_assert!(highest - lowest < tol + 1e-9, "{highest} {lowest}");
            let solution = state.solution();
            // Where no row is between its bounds, `highest` may lie far below `lowest`, and every intercept between is optimal.
            let (from, to) = (highest.min(lowest), highest.max(lowest));
            prop_assert!(solution.intercept >= from - 1e-3 && solution.intercept <= to + 1e-3);
        }
    }

    #[test]
    fn prefixes_grow_to_all_rows_and_start_with_the_minority() {
        assert_eq!(prefixes(100, [97, 3], 5), [(false, 8), (false, 32), (true, 100)]);
        assert_eq!(prefixes(6, [3, 3], 5), [(true, 6)]);
        let y: Vec<u8> = (0..50).map(|i| u8::from(i % 13 == 5)).collect();
        let mut places = order(&y, [46, 4]);
        assert!(places[..4].iter().all(|&row| y[row as usize] == 1));
        assert_ne!(places[4..8], [0, 1, 2, 3]);
        places.sort();
        assert_eq!(places, (0..50).collect::<Vec<u32>>());
    }

    #[test]
    fn a_limit_on_the_steps_ends_with_what_there_is() {
        let x = Array2::from_shape_fn((40, 2), |(i, j)| ((i * 7 + j) % 11) as f64);
        let y: Vec<u8> = (0..40).map(|i| u8::from(i % 3 == 0)).collect();
        let centre = vec![5.0, 5.0];
        let problem = |max_iter| {
            Problem {
                x: x.view(),
                y: &y,
                centre: &centre,
                kernel: Kernel::Linear,
                c: RowWeight { classes: [1.0, 1.0], own: None },
                tol: 1e-3,
                max_iter: Some(max_iter),
                cache_bytes: 1 << 20,
                first: 4,
            }
            .solve([26, 14])
        };
        assert_eq!(problem(0).coefficients.len(), 0);
        assert_eq!(problem(1).coefficients.len(), 2);
        assert!(problem(3).intercept.is_finite());
        assert!(problem(0).exhausted && problem(3).exhausted);
        assert!(!problem(1_000_000).exhausted);
    }
}
