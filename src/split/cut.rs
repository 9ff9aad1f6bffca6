//! Inner folds of the rows that a classifier is fitted on.

use ndarray::Axis;

use super::stratified_by;
use crate::component::{InnerFold, Train, TrainingRows};
use crate::data::Sides;
use crate::error::{Error, Result};

/// How an error of inner folds begins.
pub(crate) const INNER: &str = "inner cross-validation";

/// Says in an error of inner folds which key of a study has their number: the remedy may be fewer.
pub(crate) fn with_key(e: Error, key: &str) -> Error {
    match e {
        Error::Component(said) => match said.strip_prefix(INNER) {
            Some(why) => Error::Component(format!("{INNER} ({key}){why}")),
            None => Error::Component(said),
        },
        other => other,
    }
}

/// The labels of the rows that inner folds are cut from.
pub fn labels<'t>(train: &Train<'t>) -> &'t [u8] {
    train.rows.map_or(train.y, TrainingRows::labels)
}

/// Inner folds of the matrix itself.
fn folds_of<'t>(train: &Train<'t>, rows: &[usize], (folds, seed): (u32, Option<u32>)) -> Result<Vec<InnerFold<'t>>> {
    let (x, y) = (train.x(), train.y);
    if x.nrows() != y.len() {
        return Err(Error::Component(format!("{} rows but {} labels", x.nrows(), y.len())));
    }
    let labels: Vec<u8> = rows.iter().map(|&row| y[row]).collect();
    let splits = stratified_by(&labels, folds, seed).map_err(|e| Error::Component(format!("{INNER}: {e}")))?;
    let part = |places: &[usize]| {
        let rows: Vec<usize> = places.iter().map(|&place| rows[place]).collect();
        (x.select(Axis(0), &rows), rows.iter().map(|&row| y[row]).collect::<Vec<u8>>())
    };
    let folds = splits.into_iter().map(|split| {
        let ((train_x, train_y), (test, test_y)) = (part(&split.train), part(&split.test));
        let of = |places: &[usize]| train.weight.map(|all| places.iter().map(|&place| all[rows[place]]).collect());
        let (columns, weight) = (train.features.columns.to_vec(), of(&split.train));
        let sides = Sides { weight: of(&split.test), ..Sides::default() };
        InnerFold { train: train_x, train_y, weight, columns, test, test_y, places: split.test, sides, rows: None }
    });
    Ok(folds.collect())
}

/// Cuts the rows at the places `rows` of those that `train` was made of into folds: the protocol's where the rows know better,
/// else those of `StratifiedKFold`, shuffled if there is a seed.
///
/// # Errors
/// [`Error::Component`] when the rows of a class are fewer than the folds, or a step of the pipeline fails on one.
pub(crate) fn cut<'t>(train: &Train<'t>, rows: &[usize], folds: (u32, Option<u32>)) -> Result<Vec<InnerFold<'t>>> {
    match train.rows {
        Some(before) => before.inner_folds(rows, folds.0, folds.1),
        None => folds_of(train, rows, folds),
    }
}

/// The folds by which a search, a threshold or a calibration judges: those of [`cut`], but for a leak.
///
/// # Errors
/// As [`cut`].
pub(crate) fn judging<'t>(train: &Train<'t>, rows: &[usize], folds: (u32, Option<u32>)) -> Result<Vec<InnerFold<'t>>> {
    match train.rows {
        Some(before) => before.judging_folds(rows, folds.0, folds.1),
        None => folds_of(train, rows, folds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stands_in_errors_of_inner_folds_alone() {
        let said = |e: &str| with_key(Error::Component(e.to_owned()), "`cv`").to_string();
        assert_eq!(
            said("inner cross-validation: use at most 2 folds"),
            "inner cross-validation (`cv`): use at most 2 folds"
        );
        assert_eq!(said("inner fold 2, scale: no rows"), "inner fold 2, scale: no rows");
    }
}
