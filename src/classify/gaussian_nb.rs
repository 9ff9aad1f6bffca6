//! `gaussian-nb`: a Gaussian a class and column, the columns taken for independent.

use std::f64::consts::TAU;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::class_moments::{ClassMoments, Priors, check_priors};
use super::two_class;
use crate::component::{
    Classifier, Context, Cost, Entry, InPython, Model, Prediction, SavedModel, ScoreKind, Train, build,
};
use crate::error::{COLUMN, Error, Result};
use crate::numeric::dense::pairwise;
use crate::numeric::gram::map_rows;

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

pub(super) struct Fitted {
    pub(super) means: [Vec<f64>; 2],
    pub(super) variances: [Vec<f64>; 2],
    pub(super) log_priors: [f64; 2],
    /// Logarithms of the Gaussians' constants.
    pub(super) constants: [f64; 2],
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    check_priors("priors", params.priors)?;
    if !(params.var_smoothing >= 0.0 && params.var_smoothing.is_finite()) {
        return Err(Error::Component(format!("`var_smoothing` must be 0 or more, not {}", params.var_smoothing)));
    }
    Ok(Box::new(GaussianNb(params)))
}

impl Classifier for GaussianNb {
    fn random_states(&self) -> usize {
        0
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let x = x.as_standard_layout();
        let moments = ClassMoments::of(ID, x.view(), y)?;
        let epsilon = self.0.var_smoothing * largest_variance(&moments);
        let weighed = train.weight.map(|weight| Weighed::of(x.view(), y, weight)).transpose()?;
        let Weighed { totals, means, squares } = match weighed {
            Some(weighed) => weighed,
            None => Weighed {
                totals: moments.counts.map(|count| count as f64),
                means: moments.means.clone(),
                squares: moments.squares.clone(),
            },
        };
        let variances = [0, 1].map(|class: usize| {
            let variance = |sum: &f64| if totals[class] > 0.0 { sum / totals[class] } else { 0.0 };
            squares[class].iter().map(|sum| variance(sum) + epsilon).collect::<Vec<f64>>()
        });
        if let Some(column) = variances.iter().flat_map(|v| v.iter().position(|&v| v <= 0.0)).next() {
            let said = format!("{ID}: {COLUMN} has no variance in a class; raise `var_smoothing` or leave it out");
            return Err(Error::Column { at: column, said });
        }
        let priors = self.0.priors.unwrap_or(totals.map(|total| total / (totals[0] + totals[1])));
        let constants = [0, 1].map(|class: usize| {
            let of: &Vec<f64> = &variances[class];
            -0.5 * pairwise(0..of.len(), &|column| (TAU * of[column]).ln())
        });
        let log_priors = priors.map(f64::ln);
        Ok(Box::new(Fitted { means, variances, log_priors, constants }))
    }
}

/// What [`ClassMoments`] are where rows weigh differently.
struct Weighed {
    /// What the rows of each class weigh together.
    totals: [f64; 2],
    means: [Vec<f64>; 2],
    squares: [Vec<f64>; 2],
}

impl Weighed {
    fn of(x: ArrayView2<'_, f64>, y: &[u8], weight: &[f64]) -> Result<Self> {
        let totals = two_class::weighed(ID, x.nrows(), y, Some(weight))?;
        let sums = |term: &dyn Fn(f64, usize, usize) -> f64| {
            let mut sums = [vec![0.0; x.ncols()], vec![0.0; x.ncols()]];
            for ((row, &label), weight) in x.rows().into_iter().zip(y).zip(weight) {
                let class = usize::from(label);
                let own = sums[class].iter_mut().zip(row).enumerate();
                own.for_each(|(column, (sum, &value))| *sum += weight * term(value, class, column));
            }
            sums
        };
        let mut means = sums(&|value, _, _| value);
        // A class that weighs nothing has means of 0 and no variance, as in scikit-learn; its prior of 0 then decides.
        let divided = means.iter_mut().zip(totals).filter(|(_, total)| *total > 0.0);
        divided.for_each(|(mean, total)| mean.iter_mut().for_each(|sum| *sum /= total));
        let squares = sums(&|value, class, column| (value - means[class][column]).powi(2));
        Ok(Weighed { totals, means, squares })
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
    fn saved(&self) -> Option<SavedModel> {
        Some(SavedModel::Gaussians {
            means: self.means.clone(),
            variances: self.variances.clone(),
            log_priors: self.log_priors,
            constants: self.constants,
        })
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.means[0].len(), x.ncols())?;
        let joint = |row: &[f64], class: usize| {
            let (means, variances) = (&self.means[class], &self.variances[class]);
            let square = |column: usize| (row[column] - means[column]).powi(2) / variances[column];
            self.log_priors[class] + (self.constants[class] - 0.5 * pairwise(0..row.len(), &square))
        };
        let (score, label) = map_rows(x, |row| posterior(joint(row, 0), joint(row, 1))).into_iter().unzip();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }
}

/// The probability of class 1 and the label, from the joint log-likelihoods. The difference of these large numbers is taken
/// as scikit-learn takes it, rounding included: many rows' probabilities differ from 1 by little else, and rank by it.
pub(super) fn posterior(negative: f64, positive: f64) -> (f64, u8) {
    let largest = negative.max(positive);
    if largest == f64::NEG_INFINITY {
        // A row so far away that both overflow is as likely in either class.
        return (0.5, 0);
    }
    let total = (negative.min(positive) - largest).exp().ln_1p() + largest;
    ((positive - total).exp().min(1.0), u8::from(positive > negative))
}

/// `GaussianNB`: <https://scikit-learn.org/1.9/modules/generated/sklearn.naive_bayes.GaussianNB.html>; the score is
/// `predict_proba[:, 1]`.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "naive Bayes: a Gaussian a class and column", |table| build::<Params, _>(ID, table, checked))
        .source("https://scikit-learn.org/1.9/modules/generated/sklearn.naive_bayes.GaussianNB.html")
        .in_python(InPython::new().calibrated_alike())
        .cost(Cost::seconds(0.04))
        .look(14);

#[cfg(test)]
mod tests {
    use crate::component::Registry;
    use ndarray::arr2;

    use super::*;

    #[test]
    fn a_class_that_weighs_nothing_is_never_said_by_the_model_or_by_what_is_stored_of_it() {
        let x = arr2(&[[1.0], [2.0], [4.0], [8.0]]);
        let train = Train::numbers(x.view(), &[0, 0, 1, 0]);
        let nb = GaussianNb(Params::default());
        let model = nb.fit(&train.weighted(&[1.0, 2.0, 0.0, 1.0]), &Context { seed: 0 }).unwrap();
        let stored = serde_json::to_string(&model.saved().unwrap()).unwrap();
        let restored = crate::classify::restored(serde_json::from_str(&stored).unwrap()).unwrap();
        for model in [model, restored] {
            let said = model.predict(x.view()).unwrap();
            assert_eq!((said.score, said.label), (vec![0.0; 4], vec![0; 4]));
        }
    }

    #[test]
    fn what_cannot_be_fitted_is_one_sentence() {
        let said = |table: &str, x: &ndarray::Array2<f64>| {
            let built = ENTRY.build(&table.parse().unwrap(), &Registry::empty()).map_err(|e| e.to_string())?;
            built
                .component
                .fit(&Train::numbers(x.view(), &[0, 1, 0]), &Context { seed: 0 })
                .map(|_| ())
                .map_err(|e| e.to_string())
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
