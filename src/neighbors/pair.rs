//! Two classes, indexed apart, and the two questions that are asked of them.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::ahead;
use super::index::{self, Index};
use super::reach::within_reach;
use super::search::{Search, search};
use super::tile::STRETCH;
use super::{Metric, Neighbor, check};
use crate::error::{Error, Result};

/// Queries that are searched together, if there are many: one piece of parallel work, and enough of them that reading the rows
/// is the smaller part of it.
const GROUP: usize = 192;

/// Pieces of work a thread gets where there are few queries: threads that end early have something left to do.
const PIECES: usize = 2;

/// Leaves of a minority's index up to which every row of the majority is compared with every row in them. The number affects
/// speed only.
pub(super) const FEW_LEAVES: usize = 64;

/// Rows that the order of columns is chosen from.
const SAMPLED: usize = 4096;

/// Training rows of two classes, ready for searches. Holds one reordered copy of the rows.
pub struct Pair {
    /// Columns by falling variance, so that partial sums grow fast. Distances are summed in this order.
    columns: Vec<usize>,
    minority_label: u8,
    minority: Index,
    majority: Index,
}

/// What a search for the neighbours of training rows is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Whether rows of the smaller class are among them, and then which rows they are.
    Vote,
    /// Which rows they are.
    Rows,
}

/// What is known of a query's k nearest rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Nearest {
    /// All k are rows of the larger class; which ones was not worth finding out.
    AllMajority,
    /// The k nearest, nearest first. At least one is of the smaller class, or there is no smaller class.
    Rows(Vec<Neighbor>),
}

/// Columns by falling variance over the rows.
fn falling(x: ArrayView2<'_, f64>, rows: &[u32]) -> Vec<usize> {
    let step = rows.len().div_ceil(SAMPLED).max(1);
    let sample = rows.iter().step_by(step).filter_map(|&row| x.row(row as usize).to_slice());
    let variances = index::variances(x.ncols(), sample);
    let mut columns: Vec<usize> = (0..x.ncols()).collect();
    columns.sort_by(|&a, &b| variances[b].total_cmp(&variances[a]));
    columns
}

impl Pair {
    /// The columns of a training matrix (rows x columns, C order) in the order in which [`Pair::new`] of it sums distances.
    pub fn order(x: ArrayView2<'_, f64>) -> Vec<usize> {
        falling(x, &(0..x.nrows() as u32).collect::<Vec<u32>>())
    }

    /// Indexes `x` (rows x columns, C order, finite) with labels `y` (0 or 1).
    ///
    /// # Errors
    /// No column, a value that is not finite, a matrix not in C order, a number of labels other than that of rows, or more than
    /// 2^32 - 2 rows.
    pub fn new(x: ArrayView2<'_, f64>, y: &[u8]) -> Result<Self> {
        Self::among(x, y, &(0..y.len() as u32).collect::<Vec<u32>>())
    }

    /// The same of some rows only, in ascending order: no other row is anyone's neighbour. Rows keep their numbers in `x`.
    ///
    /// # Errors
    /// As for [`Pair::new`], of all rows of `x`.
    pub fn among(x: ArrayView2<'_, f64>, y: &[u8], rows: &[u32]) -> Result<Self> {
        check(&x)?;
        if x.nrows() != y.len() {
            return Err(Error::Component(format!("{} rows, but {} labels", x.nrows(), y.len())));
        }
        let columns = falling(x, rows);
        let positives = rows.iter().filter(|&&row| y[row as usize] == 1).count();
        let minority_label = u8::from(positives * 2 <= rows.len());
        let of = |minority: bool| {
            rows.iter().copied().filter(|&row| (y[row as usize] == minority_label) == minority).collect()
        };
        let minority = Index::new(x, of(true), &columns);
        let majority = Index::new(x, of(false), &columns);
        Ok(Pair { columns, minority_label, minority, majority })
    }

    /// The training matrix, of which all rows are there.
    pub fn training(&self) -> Array2<f64> {
        let indexes = [&self.minority, &self.majority];
        let count = indexes.iter().map(|index| index.members().count()).sum();
        let mut x = Array2::zeros((count, self.columns.len()));
        for index in indexes {
            for (place, &row) in index.rows.iter().enumerate().filter(|(_, row)| **row != u32::MAX) {
                let values = index.values(place);
                self.columns.iter().zip(values).for_each(|(&column, value)| x[(row as usize, column)] = value);
            }
        }
        x
    }

    /// The label of the smaller class; 1 if both are of one size.
    pub fn minority_label(&self) -> u8 {
        self.minority_label
    }

    /// The `k` nearest training rows of each row of `x`, which has the training matrix's columns; fewer if there are
    /// fewer training rows.
    ///
    /// # Errors
    /// Another number of columns, a value that is not finite, or a matrix not in C order.
    pub fn k_nearest<M: Metric>(&self, x: ArrayView2<'_, f64>, k: usize) -> Result<Vec<Nearest>> {
        self.k_nearest_of::<M>(x, &(0..x.nrows()).collect::<Vec<usize>>(), k)
    }

    /// The same for each of `rows` of `x`.
    ///
    /// # Errors
    /// As for [`Pair::k_nearest`], of all rows of `x`.
    pub fn k_nearest_of<M: Metric>(&self, x: ArrayView2<'_, f64>, rows: &[usize], k: usize) -> Result<Vec<Nearest>> {
        check(&x)?;
        if x.ncols() != self.columns.len() {
            let (given, trained) = (x.ncols(), self.columns.len());
            return Err(Error::Component(format!(
                "the rows to predict have {given} columns, the training rows {trained}"
            )));
        }
        let ahead = match M::SQUARES && ahead::pays(&self.majority, &self.minority, rows.len(), k) {
            true => {
                let rows: Vec<&[f64]> = rows.iter().filter_map(|&row| x.row(row).to_slice()).collect();
                ahead::ahead(&self.majority, &self.minority, &rows, &self.columns, k)
            }
            false => vec![false; rows.len()],
        };
        let open: Vec<usize> = (0..rows.len()).filter(|&at| !ahead[at]).collect();
        let start = |nth: usize| Search { k, ..self.start(x, rows[open[nth]]) };
        let told = self.run::<M, _>(open.len(), start, against_minority, told);
        let mut nearest = vec![Nearest::AllMajority; rows.len()];
        open.into_iter().zip(told).for_each(|(at, told)| nearest[at] = told);
        Ok(nearest)
    }

    /// The `k` nearest other rows of some rows of the training matrix `x` itself, for each of `rows`; fewer if there are
    /// fewer. A row is never its own neighbour, whatever equals it.
    pub fn others<M: Metric>(&self, x: ArrayView2<'_, f64>, rows: &[usize], k: usize, ask: Ask) -> Vec<Nearest> {
        let start = |at: usize| Search { k, exclude: rows[at] as u32, ..self.start(x, rows[at]) };
        match ask {
            Ask::Vote => self.run::<M, _>(rows.len(), start, against_minority, told),
            Ask::Rows => self.run::<M, _>(rows.len(), start, |_| (), told),
        }
    }

    /// The majority rows of the training matrix `x` itself that have minority rows among their `k` nearest others, with all of
    /// these, by row. A row is never its own neighbour.
    ///
    /// The rows near a majority row bound the distance of its k-th neighbour. Hardly any row has a minority row within it, and
    /// the others need no search.
    pub fn mixed<M: Metric>(&self, x: ArrayView2<'_, f64>, k: usize) -> Vec<(usize, Vec<Neighbor>)> {
        let mut minority = vec![false; x.nrows()];
        self.minority.members().for_each(|row| minority[row as usize] = true);
        let near = |leaf: usize| {
            let rows = self.majority.leaf(leaf).iter().copied().filter(|&row| row != u32::MAX);
            let start = |row: u32| Search { k, exclude: row, ..self.start(x, row as usize) };
            let mut group: Vec<Search> = rows.map(start).collect();
            group.iter_mut().for_each(|search| search.visit::<M>(&self.majority, leaf));
            search::<M>(&self.minority, &mut group);
            let mixed = |search: &Search| search.best.iter().any(|n| minority[n.row as usize]);
            group.into_iter().filter(mixed).map(|search| search.exclude).collect::<Vec<_>>()
        };
        let candidates: Vec<u32> = match M::SQUARES && self.minority.leaves() <= FEW_LEAVES {
            true => {
                let few: Vec<u32> = self.minority.members().collect();
                within_reach(&self.majority, &few, k, |row| self.start(x, row as usize).query)
            }
            false => (0..self.majority.leaves()).into_par_iter().flat_map_iter(near).collect(),
        };
        let candidates: Vec<usize> = candidates.into_iter().map(|row| row as usize).collect();
        let told = self.others::<M>(x, &candidates, k, Ask::Vote);
        let mut mixed: Vec<(usize, Vec<Neighbor>)> = candidates
            .into_iter()
            .zip(told)
            .filter_map(|(row, nearest)| match nearest {
                Nearest::Rows(near) if near.iter().any(|n| minority[n.row as usize]) => Some((row, near)),
                _ => None,
            })
            .collect();
        mixed.sort_unstable_by_key(|found| found.0);
        mixed
    }

    /// Pairs (minority row, majority row) that are each other's nearest row, by minority row, of the training matrix
    /// `x` itself. A row is never its own neighbour.
    pub fn mutual<M: Metric>(&self, x: ArrayView2<'_, f64>) -> Vec<(u32, u32)> {
        let rows: Vec<u32> = self.minority.members().collect();
        let start = |at: usize| Search { exclude: rows[at], ..self.start(x, rows[at] as usize) };
        let nearest = self.run::<M, _>(rows.len(), start, |_| (), |search| search.best.first().copied());
        let is_minority: std::collections::HashSet<u32> = rows.iter().copied().collect();
        let mut pairs: Vec<(u32, Neighbor)> = rows
            .iter()
            .zip(nearest)
            .filter_map(|(&row, nearest)| nearest.filter(|n| !is_minority.contains(&n.row)).map(|n| (row, n)))
            .collect();
        pairs.sort_unstable_by_key(|pair| pair.0);
        // Is there any row that the majority row has nearer than its suitor? d(a, b) = d(b, a) bit for bit.
        let start = |at: usize| {
            let (row, nearest) = pairs[at];
            let suitor = Neighbor { sum: nearest.sum, row };
            Search { best: vec![suitor], rival: suitor, exclude: nearest.row, ..self.start(x, nearest.row as usize) }
        };
        let jilted = self.run::<M, _>(pairs.len(), start, |_| (), |search| search.decided());
        pairs.iter().zip(jilted).filter(|(_, jilted)| !jilted).map(|((row, nearest), _)| (*row, nearest.row)).collect()
    }

    /// A search for the nearest row of `x`'s row number `row`.
    fn start(&self, x: ArrayView2<'_, f64>, row: usize) -> Search {
        let mut query: Vec<f64> = self.columns.iter().map(|&column| x[(row, column)]).collect();
        query.resize(query.len().next_multiple_of(STRETCH), 0.0);
        Search { query, best: Vec::new(), k: 1, exclude: u32::MAX, rival: Neighbor::NEAREST }
    }

    /// Runs `count` searches, minority rows first, then `between`, then majority rows; one result a search, in order.
    fn run<M: Metric, T: Send>(
        &self,
        count: usize,
        start: impl Fn(usize) -> Search + Sync,
        between: impl Fn(&mut Search) + Sync,
        finish: impl Fn(Search) -> T + Sync,
    ) -> Vec<T> {
        // Queries from one neighbourhood go together: they need the same leaves.
        let mut order: Vec<(usize, usize)> =
            (0..count).into_par_iter().map(|at| (self.majority.home(&start(at).query), at)).collect();
        order.par_sort_unstable();
        let group = count.div_ceil(PIECES * rayon::current_num_threads()).clamp(1, GROUP);
        let mut done: Vec<(usize, T)> = order
            .par_chunks(group)
            .flat_map_iter(|chunk| {
                let mut group: Vec<Search> = chunk.iter().map(|&(_, at)| start(at)).collect();
                search::<M>(&self.minority, &mut group);
                group.iter_mut().for_each(&between);
                search::<M>(&self.majority, &mut group);
                chunk.iter().zip(group).map(|(&(_, at), search)| (at, finish(search))).collect::<Vec<_>>()
            })
            .collect();
        done.par_sort_unstable_by_key(|result| result.0);
        done.into_iter().map(|result| result.1).collect()
    }
}

/// Between the minority and the majority rows: from here on only the question whether the nearest minority row stays among the
/// k is open.
fn against_minority(search: &mut Search) {
    search.rival = search.best.first().copied().unwrap_or(Neighbor::NEAREST);
}

fn told(search: Search) -> Nearest {
    match search.decided() {
        true => Nearest::AllMajority,
        false => Nearest::Rows(search.best),
    }
}
