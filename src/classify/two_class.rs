//! What families that need both classes share: counting them, and scikit-learn's `class_weight`.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::error::{COLUMN, Error, Result};

/// scikit-learn's `class_weight`, where `None` weighs every row alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ClassWeight {
    /// Rows / (2 x rows of the class), so that both classes weigh the same in all.
    Balanced,
}

/// How many rows of `y` are negative and positive.
///
/// # Errors
/// When `x_rows` differs from the number of labels, or a class is missing, as scikit-learn refuses.
pub(super) fn counts(family: &str, x_rows: usize, y: &[u8]) -> Result<[usize; 2]> {
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

/// The weight of a negative and of a positive row.
pub(super) fn weights(class_weight: Option<ClassWeight>, counts: [usize; 2]) -> [f64; 2] {
    let rows = (counts[0] + counts[1]) as f64;
    match class_weight {
        None => [1.0, 1.0],
        Some(ClassWeight::Balanced) => counts.map(|count| rows / (2.0 * count as f64)),
    }
}

/// Refuses a matrix that has not the columns of the training matrix.
///
/// # Errors
/// One sentence with both numbers.
pub(super) fn same_columns(family: &str, trained: usize, given: usize) -> Result<()> {
    match trained == given {
        true => Ok(()),
        false => Err(Error::Component(format!("{family} was fitted on {trained} columns, but is given {given}"))),
    }
}

/// Says which column holds values that cannot be reckoned with: the one with the largest, or with one that is no number.
pub(super) fn too_large(family: &str, x: ArrayView2<'_, f64>, to: &str) -> Error {
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
    fn balanced_weights_give_both_classes_half_of_the_rows() {
        assert_eq!(weights(Some(ClassWeight::Balanced), [6, 2]), [8.0 / 12.0, 2.0]);
        assert_eq!(weights(None, [6, 2]), [1.0, 1.0]);
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
