//! Numbers and draws that components share, and that know nothing of data sets or studies: numpy's legacy random stream,
//! Python's `random`, dense products, Gram matrices, factorisations, sums and sorts in numpy's order, and places between two ends.

mod blocked;
pub(crate) mod cholesky;
pub(crate) mod dense;
mod divide;
pub(crate) mod eigen;
pub(crate) mod gram;
#[cfg(target_arch = "x86_64")]
mod gram_wide;
pub(crate) mod introsort;
pub(crate) mod lbfgs;
pub(crate) mod legacy;
pub mod mt19937;
pub(crate) mod pcg64;
pub(crate) mod penalised;
pub(crate) mod percentile;
pub(crate) mod python_random;
pub(crate) mod quicksort;
pub(crate) mod reflections;
pub(crate) mod rising;
pub(crate) mod row_products;
pub(crate) mod row_space;
mod secular;
pub(crate) mod span;
pub(crate) mod sum;
mod tridiagonal;
