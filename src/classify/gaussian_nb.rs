//! `gaussian-nb`: a Gaussian a class and column, the columns taken for independent.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::class_moments::{ClassMoments, Priors, check_priors, of_log_odds};
use super::gram::map_rows;
use super::{Classifier, Context, Model, Prediction, two_class};
use crate::error::{Error, Result};
use crate::registry::{Entry, build};

const ID: &str = "gaussian-nb";

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// Probabilities of the negative and the positive class; without them, their shares of the training rows.
    priors: Priors,
    /// This share of the largest variance of a column is added to all variances.
    var_smoothing: f64,
}

impl Default for Params {
    fn default() -> Self {
        Params { priors: None, var_smoothing: 1e-9 }
    }
}

struct GaussianNb(Params);

struct Fitted {
    means: [Vec<f64>; 2],
    /// 1 / variance.
    precisions: [Vec<f64>; 2],
    /// Logarithms of prior x the Gaussians' constant.
    offsets: [f64; 2],
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    check_priors(params.priors)?;
    if !(params.var_smoothing >= 0.0 && params.var_smoothing.is_finite()) {
        return Err(Error::Component(format!("`var_smoothing` must be 0 or more, not {}", params.var_smoothing)));
    }
    Ok(Box::new(GaussianNb(params)))
}

impl Classifier for GaussianNb {
    fn fit(&self, x: ArrayView2<'_, f64>, y: &[u8], _context: &Context) -> Result<Box<dyn Model>> {
        let x = x.as_standard_layout();
        let moments = ClassMoments::of(ID, x.view(), y)?;
        let epsilon = self.0.var_smoothing * largest_variance(&moments);
        let variances = [0, 1].map(|class| {
            let count = moments.counts[class] as f64;
            moments.squares[class].iter().map(|sum| sum / count + epsilon).collect::<Vec<f64>>()
        });
        if let Some(column) = variances.iter().flat_map(|v| v.iter().position(|&v| v <= 0.0)).next() {
            return Err(Error::Component(format!(
                "{ID}: column {column} (counted from 0) has no variance in a class; raise `var_smoothing` or leave it out"
            )));
        }
        let priors = moments.priors(self.0.priors);
        let offsets = [0, 1].map(|class| {
            let logarithms: f64 = variances[class].iter().map(|v| (std::f64::consts::TAU * v).ln()).sum();
            priors[class].ln() - 0.5 * logarithms
        });
        let precisions = variances.map(|v| v.into_iter().map(|v| 1.0 / v).collect());
        Ok(Box::new(Fitted { means: moments.means, precisions, offsets }))
    }
}

/// The largest variance of a column over all rows, from the classes' moments.
fn largest_variance(moments: &ClassMoments) -> f64 {
    let [n0, n1] = moments.counts.map(|count| count as f64);
    let between = n0 * n1 / (n0 + n1);
    let variance = |column: usize| {
        let apart = moments.means[1][column] - moments.means[0][column];
        (moments.squares[0][column] + moments.squares[1][column] + between * apart * apart) / (n0 + n1)
    };
    (0..moments.constant.len()).filter(|&column| !moments.constant[column]).map(variance).fold(0.0, f64::max)
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.means[0].len(), x.ncols())?;
        let joint = |row: &[f64], class: usize| {
            let squares = row.iter().zip(&self.means[class]).zip(&self.precisions[class]);
            self.offsets[class]
                - 0.5 * squares.map(|((x, mean), precision)| (x - mean).powi(2) * precision).sum::<f64>()
        };
        Ok(of_log_odds(&map_rows(x, |row| log_odds(joint(row, 0), joint(row, 1)))))
    }
}

/// The difference of two log-likelihoods; rows so far away that both overflow are as likely in either class.
fn log_odds(negative: f64, positive: f64) -> f64 {
    let odds = positive - negative;
    if odds.is_nan() { 0.0 } else { odds }
}

/// `GaussianNB`: <https://scikit-learn.org/1.9/modules/generated/sklearn.naive_bayes.GaussianNB.html>; the score is
/// `predict_proba[:, 1]`.
pub const ENTRY: Entry<dyn Classifier> = Entry {
    id: ID,
    backend: "native",
    about: "naive Bayes: a Gaussian a class and column",
    version: 1,
    build: |table| build::<Params, _>(ID, table, checked),
};

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::*;

    #[test]
    fn what_cannot_be_fitted_is_one_sentence() {
        let said = |table: &str, x: &ndarray::Array2<f64>| {
            let built = (ENTRY.build)(&table.parse().unwrap()).map_err(|e| e.to_string())?;
            built.component.fit(x.view(), &[0, 1, 0], &Context { seed: 0 }).map(|_| ()).map_err(|e| e.to_string())
        };
        let x = arr2(&[[1.0, 5.0], [2.0, 5.0], [4.0, 5.0]]);
        assert_eq!(said("", &x), Ok(()));
        let bare = said("var_smoothing = 0.0", &x).unwrap_err();
        assert!(bare.starts_with("gaussian-nb: column 1 (counted from 0) has no variance"), "{bare}");
        assert!(said("", &arr2(&[[3.0], [3.0], [3.0]])).unwrap_err().contains("no variance"));
        assert!(said("priors = [0.5, 0.6]", &x).unwrap_err().contains("add up to 1"));
        assert!(said("var_smoothing = -1.0", &x).is_err());
        assert!(said("", &(&x * 1e200)).unwrap_err().contains("too large"));
    }
}
