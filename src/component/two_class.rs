//! What families that need both classes share: counting them, and refusals.

use crate::error::{COLUMN, Error, Result};
use ndarray::ArrayView2;

/// How many rows of `y` are negative and positive.
///
/// # Errors
/// When `x_rows` differs from the number of labels, or a class is missing, as scikit-learn refuses.
pub(crate) fn counts(family: &str, x_rows: usize, y: &[u8]) -> Result<[usize; 2]> {
    if x_rows != y.len() {
        return Err(Error::Component(format!("{family}: {x_rows} rows but {} labels", y.len())));
    }
    let positives = y.iter().filter(|&&label| label == 1).count();
    let counts = [y.len() - positives, positives];
    match counts {
        [0, 0] => Err(Error::Component(format!("{family} needs rows of both classes, but there are no rows"))),
        [0, _] => Err(Error::Component(format!("{family} needs rows of both classes, but all rows are positive"))),
        [_, 0] => Err(Error::Component(format!("{family} needs rows of both classes, but all rows are negative"))),
        _ => Ok(counts),
    }
}

/// What the rows of each class weigh in all: their number where they weigh the same.
///
/// # Errors
/// Those of [`counts`]; a class whose rows all weigh 0.
pub(crate) fn weights(family: &str, x_rows: usize, y: &[u8], weight: Option<&[f64]>) -> Result<[f64; 2]> {
    let sums = weighed(family, x_rows, y, weight)?;
    match sums.iter().all(|&sum| sum > 0.0) {
        true => Ok(sums),
        false => Err(Error::Component(format!("{family} needs rows of both classes that weigh more than 0"))),
    }
}

/// The same for families that learn from one class too as long as the other one has rows, as a member of bagging may that drew
/// none of them.
///
/// # Errors
/// Those of [`counts`]; rows that all weigh 0.
pub(crate) fn weighed(family: &str, x_rows: usize, y: &[u8], weight: Option<&[f64]>) -> Result<[f64; 2]> {
    let counts = counts(family, x_rows, y)?;
    let Some(weight) = weight else { return Ok(counts.map(|count| count as f64)) };
    let mut sums = [0.0; 2];
    y.iter().zip(weight).for_each(|(&label, weight)| sums[usize::from(label == 1)] += weight);
    match sums[0] + sums[1] > 0.0 {
        true => Ok(sums),
        false => Err(Error::Component(format!("{family}: all rows weigh 0"))),
    }
}

/// Refuses a matrix that has not the columns of the training matrix.
///
/// # Errors
/// One sentence with both numbers.
pub(crate) fn same_columns(family: &str, trained: usize, given: usize) -> Result<()> {
    match trained == given {
        true => Ok(()),
        false => Err(Error::Component(format!("{family} was fitted on {trained} columns, but is given {given}"))),
    }
}

/// Says which column holds values that cannot be reckoned with: the one with the largest, or with one that is no number.
pub(crate) fn too_large(family: &str, x: ArrayView2<'_, f64>, to: &str) -> Error {
    let size = |value: &f64| if value.is_nan() { f64::INFINITY } else { value.abs() };
    let largest = x.indexed_iter().map(|(at, value)| (at.1, size(value))).max_by(|a, b| a.1.total_cmp(&b.1));
    let at = largest.map_or(0, |(at, _)| at);
    Error::Column { at, said: format!("{family}: {COLUMN} has values that are not finite, or too large to {to}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_class_is_one_sentence() {
        let said = |y: &[u8]| counts("svc", y.len(), y).unwrap_err().to_string();
        assert_eq!(said(&[0, 0]), "svc needs rows of both classes, but all rows are negative");
        assert_eq!(said(&[1]), "svc needs rows of both classes, but all rows are positive");
        assert_eq!(said(&[]), "svc needs rows of both classes, but there are no rows");
        assert!(counts("svc", 3, &[0, 1]).is_err());
        assert_eq!(counts("svc", 3, &[0, 1, 0]).unwrap(), [2, 1]);
    }

    #[test]
    fn a_class_that_weighs_nothing_is_there_for_some_families() {
        let weight = Some([2.0, 0.0, 0.5].as_slice());
        assert_eq!(weighed("ridge", 3, &[0, 1, 0], weight).unwrap(), [2.5, 0.0]);
        assert!(weights("svc", 3, &[0, 1, 0], weight).unwrap_err().to_string().contains("weigh more than 0"));
        assert!(weighed("ridge", 3, &[0, 0, 0], weight).is_err());
        assert_eq!(weighed("ridge", 2, &[0, 1], Some(&[0.0; 2])).unwrap_err().to_string(), "ridge: all rows weigh 0");
    }

    #[test]
    fn the_column_that_cannot_be_reckoned_with_is_told() {
        let said = |x| too_large("lda", x, "square").to_string();
        let large = ndarray::array![[1.0, -1e200, 3.0], [1e10, 5.0, 4.0]];
        assert_eq!(
            said(large.view()),
            "lda: column 1 (counted from 0) has values that are not finite, or too large to square"
        );
        assert!(said(ndarray::array![[1e300, 0.0, f64::NAN]].view()).contains("column 2"));
    }
}
