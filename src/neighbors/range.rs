//! Whether distances between rows can be measured: those that overflow have no order.

use ndarray::{ArrayView2, s};
use rayon::prelude::*;

use super::{Metric, check};
use crate::component::two_class::too_large;
use crate::error::{COLUMN, Error, Result};
use crate::words::short;

/// Rows that are looked at together.
const BLOCK: usize = 4096;

/// The lowest and the highest value of each column.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranges(Vec<[f64; 2]>);

impl Ranges {
    /// Those of the rows of `x`.
    pub fn of(x: ArrayView2<'_, f64>) -> Self {
        let none = Ranges(vec![[f64::INFINITY, f64::NEG_INFINITY]; x.ncols()]);
        let blocks: Vec<usize> = (0..x.nrows()).step_by(BLOCK).collect();
        let of_block = |&from: &usize| {
            let mut ranges = none.clone();
            for row in x.slice(s![from..x.nrows().min(from + BLOCK), ..]).rows() {
                let columns = ranges.0.iter_mut().zip(row);
                columns.for_each(|([low, high], value)| (*low, *high) = (low.min(*value), high.max(*value)));
            }
            ranges
        };
        blocks.par_iter().map(of_block).reduce(|| none.clone(), |a, b| a.joined(&b))
    }

    /// Those of these rows and of others.
    #[must_use]
    pub fn joined(&self, other: &Ranges) -> Self {
        let both = self.0.iter().zip(&other.0);
        Ranges(both.map(|(a, b)| [a[0].min(b[0]), a[1].max(b[1])]).collect())
    }

    /// Whether no distance between such rows overflows.
    pub fn can_measure<M: Metric>(&self) -> bool {
        self.can_sum(M::term, M::join)
    }

    /// The same of a distance whose terms are put together so, each of which grows with the difference in a column.
    pub fn can_sum(&self, term: impl Fn(f64) -> f64, join: impl Fn(f64, f64) -> f64) -> bool {
        // Without rows there is no difference.
        let most = self.0.iter().map(|[low, high]| term((high - low).max(0.0)));
        most.fold(0.0, join).is_finite()
    }
}

/// That distances to rows of `x` overflow, by the column with the largest value.
pub fn cannot_measure(family: &str, x: ArrayView2<'_, f64>) -> Error {
    let to = "measure distances with";
    match x.indexed_iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())) {
        Some(((_, at), largest)) if largest.is_finite() => {
            Error::Column { at, said: format!("{family}: {COLUMN} holds {}, too large to {to}", short(*largest)) }
        }
        _ => too_large(family, x, to),
    }
}

/// Refuses rows between which a distance overflows.
///
/// # Errors
/// One that names the column; those of an index of the rows.
pub fn measurable<M: Metric>(family: &str, x: ArrayView2<'_, f64>) -> Result<()> {
    check(&x)?;
    match Ranges::of(x).can_measure::<M>() {
        true => Ok(()),
        false => Err(cannot_measure(family, x)),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::neighbors::{Chebyshev, Euclidean, Manhattan, Power};

    #[test]
    fn ranges_of_many_rows_are_those_of_their_parts() {
        let x =
            Array2::from_shape_fn((3 * BLOCK + 5, 2), |(row, column)| ((row * 7919) % 10_007) as f64 - column as f64);
        let part = |from: usize, to: usize| Ranges::of(x.slice(s![from..to, ..]));
        let whole = Ranges::of(x.view());
        assert_eq!(whole, part(0, BLOCK + 3).joined(&part(BLOCK + 3, x.nrows())));
        assert_eq!(whole, Ranges(vec![[0.0, 10_006.0], [-1.0, 10_005.0]]));
    }

    #[test]
    fn a_distance_that_overflows_is_refused_with_its_column() {
        // 2e200 squared is beyond 1.8e308, and so are its second and third power; the difference itself is not.
        let x = array![[1.0, 1e200], [3.0, -1e200]];
        let said = measurable::<Euclidean>("smote", x.view()).unwrap_err().to_string();
        assert_eq!(said, "smote: column 1 (counted from 0) holds -1e200, too large to measure distances with");
        assert!(measurable::<Power<3>>("smote", x.view()).is_err());
        assert!(
            measurable::<Manhattan>("smote", x.view()).is_ok() && measurable::<Chebyshev>("smote", x.view()).is_ok()
        );
        // 1e150 squared is not, twice or in two columns.
        let large = array![[0.0, 1e150], [1e150, 0.0]];
        assert!(measurable::<Euclidean>("smote", large.view()).is_ok());
        // The largest numbers have a difference that is none.
        let largest = array![[f64::MAX], [-f64::MAX]];
        assert!(measurable::<Chebyshev>("smote", largest.view()).is_err());
        let blank = array![[1.0], [f64::NAN]];
        let said = measurable::<Euclidean>("smote", blank.view()).unwrap_err().to_string();
        assert_eq!(said, "neighbours need finite values, but column 0 (counted from 0) holds NaN");
    }
}
