//! Feature selection inside a pipeline: which columns stay, learned from training rows.

use ndarray::{Array2, ArrayView2};

use crate::error::{Error, Result};

/// How columns are chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Selector {
    /// The share of the columns (rounded up) with the largest ANOVA F value between the classes, as scikit-learn's
    /// `SelectKBest(f_classif)`: <https://scikit-learn.org/1.9/modules/generated/sklearn.feature_selection.SelectKBest.html>.
    BestShare(f64),
    /// Columns whose population variance is above this, as scikit-learn's `VarianceThreshold`:
    /// <https://scikit-learn.org/1.9/modules/generated/sklearn.feature_selection.VarianceThreshold.html>.
    Variance(f64),
}

impl Selector {
    /// The columns that stay, ascending, out of those of `x` (rows x columns) with labels `y` (0 or 1).
    ///
    /// # Errors
    /// [`Error::Component`] when no column stays.
    pub fn columns(&self, x: ArrayView2<'_, f64>, y: &[u8]) -> Result<Vec<usize>> {
        let moments = Moments::of(x, y);
        match *self {
            Selector::BestShare(share) => {
                let f: Vec<f64> = (0..x.ncols()).map(|column| moments.f(column)).collect();
                let mut order: Vec<usize> = (0..f.len()).collect();
                // scikit-learn sorts stably upwards and takes from the end: of equal columns the later ones.
                order.sort_by(|&a, &b| f[a].total_cmp(&f[b]));
                let keep = ((share * f.len() as f64).ceil() as usize).clamp(1, f.len().max(1));
                let mut kept = order.split_off(f.len().saturating_sub(keep));
                kept.sort_unstable();
                Ok(kept)
            }
            Selector::Variance(threshold) => {
                let kept: Vec<usize> = (0..x.ncols()).filter(|&column| moments.variance(column) > threshold).collect();
                match kept.is_empty() {
                    true => Err(Error::Component(format!("no column has a variance above {threshold}"))),
                    false => Ok(kept),
                }
            }
        }
    }
}

/// The columns `kept` of `x`, in C order.
pub fn take(x: ArrayView2<'_, f64>, kept: &[usize]) -> Array2<f64> {
    Array2::from_shape_fn((x.nrows(), kept.len()), |(row, column)| x[(row, kept[column])])
}

/// Per class and column: rows, means, and squared distances from them.
struct Moments {
    rows: [f64; 2],
    mean: [Vec<f64>; 2],
    squares: [Vec<f64>; 2],
}

impl Moments {
    fn of(x: ArrayView2<'_, f64>, y: &[u8]) -> Self {
        let nothing = || [vec![0.0; x.ncols()], vec![0.0; x.ncols()]];
        let (mut rows, mut mean, mut squares) = ([0.0; 2], nothing(), nothing());
        for (row, &label) in x.rows().into_iter().zip(y) {
            let class = usize::from(label);
            rows[class] += 1.0;
            mean[class].iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        for class in 0..2 {
            mean[class].iter_mut().for_each(|sum| *sum /= f64::max(rows[class], 1.0));
        }
        // Around the means, in a second pass: sums of squares lose all digits of a column far from zero.
        for (row, &label) in x.rows().into_iter().zip(y) {
            let class = usize::from(label);
            for ((sum, value), mean) in squares[class].iter_mut().zip(row).zip(&mean[class]) {
                *sum += (value - mean) * (value - mean);
            }
        }
        Moments { rows, mean, squares }
    }

    /// Squares between the classes and within them.
    fn parts(&self, column: usize) -> (f64, f64) {
        let all = self.rows[0] + self.rows[1];
        let apart = self.mean[1][column] - self.mean[0][column];
        (self.rows[0] * self.rows[1] / all * apart * apart, self.squares[0][column] + self.squares[1][column])
    }

    /// The F value; below every other one for a constant column, which has none.
    fn f(&self, column: usize) -> f64 {
        let (between, within) = self.parts(column);
        let f = between / (within / (self.rows[0] + self.rows[1] - 2.0));
        if f.is_nan() { f64::NEG_INFINITY } else { f }
    }

    fn variance(&self, column: usize) -> f64 {
        let (between, within) = self.parts(column);
        (between + within) / (self.rows[0] + self.rows[1])
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn f_and_variance_are_those_of_the_definitions() {
        let x = array![[1.0, 5.0, 2.0], [2.0, 5.0, 9.0], [4.0, 5.0, 4.0], [9.0, 5.0, 3.0], [7.0, 5.0, 5.0]];
        let moments = Moments::of(x.view(), &[0, 0, 0, 1, 1]);
        // By hand for column 0: class means 7/3 and 8, squares within 14/3 + 2, between 6/5 * (17/3)^2.
        let expected = 6.0 / 5.0 * (17.0_f64 / 3.0).powi(2) / ((14.0 / 3.0 + 2.0) / 3.0);
        assert!((moments.f(0) - expected).abs() < 1e-12);
        assert_eq!(moments.f(1), f64::NEG_INFINITY);
        let mean = 23.0 / 5.0;
        let variance = [1.0, 2.0, 4.0, 9.0, 7.0].iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 5.0;
        assert!((moments.variance(0) - variance).abs() < 1e-12);
    }

    #[test]
    fn the_best_columns_stay_in_their_order() {
        let y = [0, 0, 0, 1, 1];
        let x = array![[1.0, 5.0, 2.0], [2.0, 5.0, 9.0], [4.0, 5.0, 4.0], [9.0, 5.0, 3.0], [7.0, 5.0, 5.0]];
        assert_eq!(Selector::BestShare(0.3).columns(x.view(), &y).unwrap(), [0]);
        assert_eq!(Selector::BestShare(0.5).columns(x.view(), &y).unwrap(), [0, 2]);
        assert_eq!(Selector::BestShare(1.0).columns(x.view(), &y).unwrap(), [0, 1, 2]);
        assert_eq!(Selector::Variance(0.0).columns(x.view(), &y).unwrap(), [0, 2]);
        let said = Selector::Variance(100.0).columns(x.view(), &y).unwrap_err().to_string();
        assert_eq!(said, "no column has a variance above 100");
        assert_eq!(take(x.view(), &[0, 2]).row(1).to_vec(), [2.0, 9.0]);
    }
}
