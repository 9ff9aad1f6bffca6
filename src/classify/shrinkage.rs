//! Covariances of a class's rows that give way to a multiple of the identity: what `lda` and `qda` share.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::class_moments::ClassMoments;
use crate::error::{Error, Result};
use crate::numeric::dense::dot;
use crate::numeric::gram::{gram, over_segments};

/// How much of a class's covariance gives way to a multiple of the identity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `auto` or a number between 0 and 1")]
pub(super) enum Shrinkage {
    Named(Auto),
    /// Between 0 and 1.
    Share(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Auto {
    /// As much as the lemma of Ledoit and Wolf says.
    Auto,
}

/// # Errors
/// A share beyond [0, 1].
pub(super) fn check_shrinkage(shrinkage: Option<Shrinkage>) -> Result<()> {
    match shrinkage {
        Some(Shrinkage::Share(share)) if !(0.0..=1.0).contains(&share) => {
            Err(Error::Component(format!("`shrinkage` must lie in [0, 1], not {share}")))
        }
        _ => Ok(()),
    }
}

/// `_cov`: the covariance of the rows of a class, shrunk.
pub(super) fn covariance_of(
    (x, y): (ArrayView2<'_, f64>, &[u8]),
    moments: &ClassMoments,
    class: usize,
    shrinkage: Option<Shrinkage>,
) -> Array2<f64> {
    let columns = x.ncols();
    let rows: Vec<usize> = (0..x.nrows()).filter(|&row| usize::from(y[row]) == class).collect();
    let count = rows.len() as f64;
    let mut unit = vec![1.0; columns];
    if shrinkage == Some(Shrinkage::Named(Auto::Auto)) {
        for (unit, sum) in unit.iter_mut().zip(&moments.squares[class]) {
            let spread = (sum / count).sqrt();
            // As `StandardScaler`: what varies less than rounding is left as it is.
            *unit = if spread > 10.0 * f64::EPSILON { spread } else { 1.0 };
        }
    }
    let centred = |at: usize, z: &mut [f64]| {
        for (((z, x), mean), unit) in z.iter_mut().zip(x.row(rows[at])).zip(&moments.means[class]).zip(&unit) {
            *z = (x - mean) / unit;
        }
    };
    let mut covariance = gram(rows.len(), columns, centred) / count;
    let trace = covariance.diag().sum();
    let share = match shrinkage {
        None => return covariance,
        Some(Shrinkage::Share(share)) => share,
        Some(Shrinkage::Named(Auto::Auto)) => {
            let fourth = fourth_powers(rows.len(), columns, centred);
            ledoit_wolf(&covariance, trace, fourth, count)
        }
    };
    covariance *= 1.0 - share;
    for j in 0..columns {
        covariance[(j, j)] += share * trace / columns as f64;
    }
    Array2::from_shape_fn((columns, columns), |(i, j)| covariance[(i, j)] * unit[i] * unit[j])
}

/// The sum over the rows of the fourth power of their length.
fn fourth_powers(rows: usize, columns: usize, fill: impl Fn(usize, &mut [f64]) + Sync) -> f64 {
    let parts = over_segments(rows, |range| {
        let mut z = vec![0.0; columns];
        range.fold(0.0, |sum, row| {
            fill(row, &mut z);
            sum + dot(&z, &z).powi(2)
        })
    });
    parts.iter().sum()
}

/// The share by which to shrink a covariance of `count` rows: Ledoit and Wolf 2004, lemma 3.3, as `ledoit_wolf_shrinkage`
/// of <https://scikit-learn.org/1.9/modules/generated/sklearn.covariance.ledoit_wolf_shrinkage.html>.
fn ledoit_wolf(covariance: &Array2<f64>, trace: f64, fourth: f64, count: f64) -> f64 {
    let columns = covariance.nrows() as f64;
    if columns == 1.0 {
        return 0.0;
    }
    let mean = trace / columns;
    let squares: f64 = covariance.iter().map(|c| c * c).sum();
    let beta = (fourth / count - squares) / (columns * count);
    let delta = (squares - 2.0 * mean * trace + columns * mean * mean) / columns;
    let beta = beta.min(delta);
    if beta == 0.0 { 0.0 } else { beta / delta }
}
