//! What a resampler made of training rows.

use ndarray::{Array2, ArrayView2, Axis};

use crate::error::{Error, Result};

/// Chosen rows, then made-up rows: imbalanced-learn's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Resampled {
    /// Places among the rows that the resampler was given; a place that stands twice is a repeated row.
    pub rows: Vec<usize>,
    /// Made-up rows x columns; no row for resamplers that only choose.
    pub made: Array2<f64>,
    /// The made rows' labels.
    pub made_y: Vec<u8>,
    /// For each made row, the place of the row that it was made from: it inherits that row's side columns.
    pub made_from: Vec<usize>,
}

impl Resampled {
    /// Rows of the given ones, none made up.
    pub fn chosen(rows: Vec<usize>) -> Self {
        Resampled { rows, made: Array2::zeros((0, 0)), made_y: Vec::new(), made_from: Vec::new() }
    }

    /// The number of rows, made ones included.
    pub fn count(&self) -> usize {
        self.rows.len() + self.made_y.len()
    }

    /// The chosen ones of the given `rows`, and the numbers of all made-up ones.
    pub(crate) fn of(&self, rows: &[usize]) -> (Vec<usize>, Vec<usize>) {
        (self.rows.iter().map(|&place| rows[place]).collect(), (0..self.made_y.len()).collect())
    }

    /// For each row, made ones last, which of the given `rows` it is or was made from.
    pub(crate) fn origins(&self, rows: &[usize]) -> Vec<usize> {
        self.rows.iter().chain(&self.made_from).map(|&place| rows[place]).collect()
    }

    /// The rows' matrix, where `x` holds the rows that the resampler was given.
    pub fn matrix(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let (chosen, made) = (self.rows.len(), self.made.rows());
        let mut all = Array2::zeros((self.count(), x.ncols()));
        for (mut to, &row) in all.rows_mut().into_iter().zip(&self.rows) {
            to.assign(&x.row(row));
        }
        for (mut to, from) in all.rows_mut().into_iter().skip(chosen).zip(made) {
            to.assign(&from);
        }
        all
    }

    /// The rows' labels.
    pub fn labels(&self, y: &[u8]) -> Vec<u8> {
        self.rows.iter().map(|&row| y[row]).chain(self.made_y.iter().copied()).collect()
    }

    /// What the rows weigh: a made-up row as much as the row that it was made from.
    pub(crate) fn weights(&self, weight: &[f64]) -> Vec<f64> {
        self.rows.iter().chain(&self.made_from).map(|&row| weight[row]).collect()
    }

    /// What `next` made of these rows, told of the rows that these were made of.
    pub fn then(&self, next: &Resampled) -> Resampled {
        let chosen = self.rows.len();
        let origin = |place: usize| match place.checked_sub(chosen) {
            None => self.rows[place],
            Some(nth) => self.made_from[nth],
        };
        let kept: Vec<usize> = next.rows.iter().filter_map(|&place| place.checked_sub(chosen)).collect();
        let own = self.made.select(Axis(0), &kept);
        let made = match (own.nrows(), next.made_y.len()) {
            (0, _) => next.made.clone(),
            (_, 0) => own,
            // Both are rows of the same columns: each has passed `check`.
            _ => ndarray::concatenate(Axis(0), &[own.view(), next.made.view()]).unwrap_or(own),
        };
        Resampled {
            rows: next.rows.iter().filter(|&&place| place < chosen).map(|&place| self.rows[place]).collect(),
            made,
            made_y: kept.iter().map(|&nth| self.made_y[nth]).chain(next.made_y.iter().copied()).collect(),
            made_from: kept
                .iter()
                .map(|&nth| self.made_from[nth])
                .chain(next.made_from.iter().map(|&place| origin(place)))
                .collect(),
        }
    }

    /// Checks that it fits the `given` rows of so many columns.
    ///
    /// # Errors
    /// [`Error::Component`] when no row is left, or places or sizes do not fit.
    pub fn check(&self, given: usize, columns: usize) -> Result<()> {
        let made = self.made_y.len();
        let places = self.rows.iter().chain(&self.made_from).all(|&place| place < given);
        let sizes = self.made_from.len() == made && (made == 0 || self.made.dim() == (made, columns));
        match (self.count() > 0, places && sizes) {
            (false, _) => Err(Error::Component("the resampler kept no row".into())),
            (_, false) => Err(Error::Component(format!(
                "the resampler answered with rows that do not fit the {given} rows x {columns} columns that it was given"
            ))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn steps_are_told_of_the_first_rows() {
        let x = array![[0.0], [1.0], [2.0], [3.0]];
        let first =
            Resampled { rows: vec![3, 0, 0], made: array![[9.0], [8.0]], made_y: vec![1, 1], made_from: vec![3, 0] };
        let second = Resampled { rows: vec![1, 4, 0], made: array![[7.0]], made_y: vec![1], made_from: vec![3] };
        let both = first.then(&second);
        let through = second.matrix(first.matrix(x.view()).view());
        // The made row that is kept comes after the chosen ones.
        assert_eq!(through, array![[0.0], [8.0], [3.0], [7.0]]);
        assert_eq!(both.matrix(x.view()), array![[0.0], [3.0], [8.0], [7.0]]);
        assert_eq!(both.origins(&[10, 11, 12, 13]), [10, 13, 10, 13]);
        assert_eq!((both.rows, both.made_from), (vec![0, 3], vec![0, 3]));
        assert_eq!(both.made_y, [1, 1]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let made = Resampled { rows: vec![0], made: array![[1.0]], made_y: vec![1], made_from: vec![1] };
        assert!(made.check(2, 1).is_ok());
        for (given, columns) in [(1, 1), (2, 2)] {
            assert!(made.check(given, columns).is_err());
        }
        assert!(Resampled::chosen(Vec::new()).check(3, 1).is_err());
    }
}
