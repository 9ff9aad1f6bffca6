//! What families that need both classes share: counting them, and refusals.

use super::Prediction;
use crate::error::{COLUMN, Error, Result};
use crate::words::{count, counted, short};
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
        false => Err(Error::Component(format!(
            "{family} was fitted on {}, but is given {}",
            counted(trained as u64, "column"),
            count(given as u64)
        ))),
    }
}

/// What a model says of the rows of `x`, where every score is a number that ranks.
///
/// # Errors
/// A score that is NaN or infinite: values as large as that give one.
pub(crate) fn finite(family: &str, x: ArrayView2<'_, f64>, said: Prediction) -> Result<Prediction> {
    match said.score.iter().all(|score| score.is_finite()) {
        true => Ok(said),
        false => Err(too_large(family, x, "score")),
    }
}

/// What is to be done where a column's values are too large.
pub(crate) const SCALED: &str = "use a scaler before it";
/// The same where a value is no number.
pub(crate) const IMPUTED: &str = "use another imputer or scaler before it";
/// Squares and sums of smaller values have room to spare: it is the model's own numbers that are too large then.
const LARGE: f64 = 1e100;

/// Says which column holds a value that cannot be reckoned with: the largest, or one that is no number.
pub(crate) fn too_large(family: &str, x: ArrayView2<'_, f64>, to: &str) -> Error {
    let size = |value: &f64| if value.is_nan() { f64::INFINITY } else { value.abs() };
    let Some(((_, at), value)) = x.indexed_iter().max_by(|a, b| size(a.1).total_cmp(&size(b.1))) else {
        return Error::Component(format!("{family}: there are no values to {to}"));
    };
    let why = match value.is_finite() {
        true if value.abs() < LARGE => format!("and the model's numbers are too large to {to}"),
        true => format!("too large to {to}: {SCALED}"),
        false => format!("no finite number: {IMPUTED}"),
    };
    Error::Column { at, said: format!("{family}: {COLUMN} holds {}, {why}", short(*value)) }
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
    fn scores_that_rank_nothing_are_refused_with_their_column() {
        let x = ndarray::array![[1.0, 2.0], [3.0, -1e200]];
        let said = |score: f64| {
            let said =
                Prediction { score: vec![0.5, score], label: vec![0, 1], kind: super::super::ScoreKind::Decision };
            finite("sgd", x.view(), said).map(|said| said.score).map_err(|e| e.to_string())
        };
        assert_eq!(said(-7.0), Ok(vec![0.5, -7.0]));
        for score in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(
                said(score).unwrap_err(),
                "sgd: column 1 (counted from 0) holds -1e200, too large to score: use a scaler before it"
            );
        }
    }

    #[test]
    fn no_family_scores_rows_whose_values_overflow() {
        // The last row is so far away that products and squares of its values have no number.
        let x = ndarray::Array2::from_shape_fn((40, 2), |(row, column)| ((row * (3 + 4 * column)) % 11) as f64);
        let y: Vec<u8> = (0..40).map(|row| u8::from(row % 4 == 0)).collect();
        let mut far = x.clone();
        far[(39, 1)] = -1.7e308;
        far[(39, 0)] = 1.7e308;
        let registry = crate::component::Registry::built_in();
        for family in ["lof", "sgd", "ridge", "linear-svc", "svc", "linear-regression", "lda", "logistic-regression"] {
            let entry = registry.classifier(family, None).unwrap();
            let params = if family == "svc" { "kernel = 'poly'" } else { "" };
            let component = entry.build(&params.parse().unwrap(), &registry).unwrap().component;
            let train = crate::component::Train::numbers(x.view(), &y);
            let model = component.fit(&train, &crate::component::Context { seed: 0 }).unwrap();
            assert!(model.predict(x.view()).unwrap().score.iter().all(|score| score.is_finite()), "{family}");
            // Small coefficients may make a number of such a value all the same.
            match model.predict(far.view()) {
                Ok(said) if !["lof", "svc"].contains(&family) => {
                    assert!(said.score.iter().all(|score| score.is_finite()), "{family}: {:?}", said.score[39])
                }
                Ok(said) => panic!("{family}: {:?}", said.score[39]),
                Err(e) => assert!(e.to_string().contains("too large to score"), "{family}: {e}"),
            }
        }
    }

    #[test]
    fn the_column_that_cannot_be_reckoned_with_is_told() {
        let said = |x| too_large("lda", x, "square").to_string();
        let large = ndarray::array![[1.0, -1e200, 3.0], [1e10, 5.0, 4.0]];
        assert_eq!(
            said(large.view()),
            "lda: column 1 (counted from 0) holds -1e200, too large to square: use a scaler before it"
        );
        let none =
            "lda: column 2 (counted from 0) holds NaN, no finite number: use another imputer or scaler before it";
        assert_eq!(said(ndarray::array![[1e300, 0.0, f64::NAN]].view()), none);
    }

    #[test]
    fn a_small_value_is_not_blamed_for_numbers_of_the_model() {
        let x = ndarray::array![[5.0, 1.0], [-2.0, 3.0]];
        let said =
            Prediction { score: vec![f64::INFINITY, 0.0], label: vec![1, 0], kind: super::super::ScoreKind::Decision };
        assert_eq!(
            finite("sgd", x.view(), said).unwrap_err().to_string(),
            "sgd: column 0 (counted from 0) holds 5, and the model's numbers are too large to score"
        );
    }
}
