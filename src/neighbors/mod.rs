//! Exact nearest neighbours for two classes of very unequal size, used by `k-neighbors`, `tomek-links`
//! and the resamplers that look at neighbours.
//!
//! Minority first: a query takes its distances to the few minority rows, and then looks among the majority rows only
//! until k of them are known to lie nearer than the nearest minority row. From then on no minority row can be among the
//! k nearest, so the vote is decided. What is left undecided is answered in full, by the same search.
//!
//! **Distances are exact.** A distance is the sum of one term a column (`(a-b)^2`, or `|a-b|` for Manhattan; for Chebyshev the
//! largest of them), added one
//! column after the other in f64, in the order of [`Pair`]'s columns; never by the expansion `a^2 - 2ab + b^2`, which
//! loses the small distances of unscaled columns. Equal rows are at distance 0 and d(a, b) = d(b, a), bit for bit.
//!
//! **Ties have one order.** Neighbours are ordered by (distance, training row number). scikit-learn leaves the order of
//! equally distant rows open.
//!
//! **Bounds are exact too.** Floating-point subtraction, product and sum are monotone in their arguments, so a partial
//! sum, or the same sum over the nearest point of a bounding box, never exceeds the distance it bounds: rows are skipped
//! without any tolerance, and results do not depend on the order of visits or on the number of threads.
//!
//! **In few columns boxes bound much.** There a search goes down the tree of each class (module `descend`).
//!
//! **Where neither class is rare and boxes bound little,** most rows have to be compared with most queries. Then products in
//! 32 bits, with a bound on their error (module `coarse`), rule out most of them; exact distances decide among the rest. They also
//! tell which rows of a large class have none of a small one near (module `reach`), and where both classes are small, of which of many
//! queries the vote is beyond doubt (module `ahead`).

mod ahead;
mod coarse;
mod descend;
mod index;
mod means;
mod pair;
mod range;
mod reach;
mod search;
#[cfg(test)]
mod tests;
pub(crate) mod tile;
#[cfg(target_arch = "x86_64")]
mod wide;

pub use pair::{Ask, Nearest, Pair};
pub use range::{Ranges, cannot_measure, measurable};
use rayon::prelude::*;

use crate::error::{COLUMN, Error, Result};

/// How the terms of a distance are formed. `Send + Sync` and without state: chosen at compile time for the inner loops.
pub trait Metric: Copy + Send + Sync + 'static {
    /// Whether a term is the square of the difference.
    const SQUARES: bool;
    /// A column's contribution, from the difference in that column. Must be even and grow with `|difference|`.
    fn term(difference: f64) -> f64;
    /// The sum with one more term; never less than either.
    #[inline(always)]
    fn join(sum: f64, term: f64) -> f64 {
        sum + term
    }
    /// The distance whose ordering the sum of terms has.
    fn distance(sum: f64) -> f64;
}

/// Minkowski's distance with p = 2; sums hold squares.
#[derive(Debug, Clone, Copy)]
pub struct Euclidean;

/// Minkowski's distance with p = 1.
#[derive(Debug, Clone, Copy)]
pub struct Manhattan;

impl Metric for Euclidean {
    const SQUARES: bool = true;

    #[inline(always)]
    fn term(difference: f64) -> f64 {
        difference * difference
    }

    fn distance(sum: f64) -> f64 {
        sum.sqrt()
    }
}

impl Metric for Manhattan {
    const SQUARES: bool = false;

    #[inline(always)]
    fn term(difference: f64) -> f64 {
        difference.abs()
    }

    fn distance(sum: f64) -> f64 {
        sum
    }
}

/// Minkowski's distance with a whole p; sums hold powers.
#[derive(Debug, Clone, Copy)]
pub struct Power<const P: i32>;

/// The largest difference in any column.
#[derive(Debug, Clone, Copy)]
pub struct Chebyshev;

impl<const P: i32> Metric for Power<P> {
    const SQUARES: bool = false;

    #[inline(always)]
    fn term(difference: f64) -> f64 {
        difference.abs().powi(P)
    }

    fn distance(sum: f64) -> f64 {
        sum.powf(1.0 / f64::from(P))
    }
}

impl Metric for Chebyshev {
    const SQUARES: bool = false;

    #[inline(always)]
    fn term(difference: f64) -> f64 {
        difference.abs()
    }

    #[inline(always)]
    fn join(sum: f64, term: f64) -> f64 {
        if term > sum { term } else { sum }
    }

    fn distance(sum: f64) -> f64 {
        sum
    }
}

/// A row near a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbor {
    /// Sum of the metric's terms: the squared distance for [`Euclidean`].
    pub sum: f64,
    /// Number of the row in the matrix that the [`Pair`] was made from.
    pub row: u32,
}

impl Neighbor {
    /// Behind every real row: where a list that is not yet full ends.
    pub(crate) const FARTHEST: Self = Neighbor { sum: f64::INFINITY, row: u32::MAX };
    /// Ahead of every real row.
    pub(crate) const NEAREST: Self = Neighbor { sum: f64::NEG_INFINITY, row: 0 };

    /// The strict order (distance, row number).
    #[inline]
    pub(crate) fn before(&self, other: &Self) -> bool {
        self.sum < other.sum || (self.sum == other.sum && self.row < other.row)
    }
}

/// Refuses what distances cannot be taken on.
///
/// # Errors
/// No column, a value that is not finite, more than 2^32 - 2 rows, or a matrix that is not in C order.
fn check(x: &ndarray::ArrayView2<'_, f64>) -> Result<()> {
    if x.nrows() >= u32::MAX as usize {
        return Err(Error::Component(format!("neighbours of {} rows: at most 2^32 - 2 rows are possible", x.nrows())));
    }
    if x.ncols() == 0 {
        return Err(Error::Component("neighbours need at least one column".into()));
    }
    match x.as_slice() {
        None => Err(Error::Component("neighbours need a matrix in C order".into())),
        // Without an early end the loop is one of vector instructions.
        Some(values) if values.par_chunks(1 << 14).all(|some| some.iter().fold(true, |all, v| all & v.is_finite())) => {
            Ok(())
        }
        Some(values) => match values.iter().position(|v| !v.is_finite()) {
            Some(at) => Err(Error::Column {
                at: at % x.ncols(),
                said: format!("neighbours need finite values, but {COLUMN} holds {}", values[at]),
            }),
            None => Ok(()),
        },
    }
}
