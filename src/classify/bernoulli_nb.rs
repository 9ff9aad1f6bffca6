//! `bernoulli-nb`: whether each column is above a threshold, the columns taken for independent.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::class_moments::{Priors, check_priors};
use super::gaussian_nb::posterior;
use super::naive_counts::{FORCE_ALPHA, check_alpha, log_priors, smoothing, sums};
use super::two_class;
use crate::component::{Classifier, Context, Cost, Entry, Idle, Model, Prediction, ScoreKind, Train, build};
use crate::error::{COLUMN, Error, Result};
use crate::numeric::gram::map_rows;
use crate::words::short;

const ID: &str = "bernoulli-nb";

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// Added to the counts of either value.
    alpha: f64,
    /// Whether an `alpha` below 1e-10 is taken as it is; if not, it counts as 1e-10.
    force_alpha: bool,
    /// Values above it count as 1, others as 0; without it columns must hold 0 and 1.
    binarize: Option<f64>,
    /// Whether the classes' shares of the rows are their probabilities; if not, one half each.
    fit_prior: bool,
    /// Probabilities of the negative and the positive class instead.
    class_prior: Priors,
}

impl Default for Params {
    fn default() -> Self {
        Params { alpha: 1.0, force_alpha: true, binarize: Some(0.0), fit_prior: true, class_prior: None }
    }
}

struct BernoulliNb(Params);

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    check_priors("class_prior", params.class_prior)?;
    check_alpha(params.alpha)?;
    if let Some(binarize) = params.binarize.filter(|threshold| !(*threshold >= 0.0 && threshold.is_finite())) {
        return Err(Error::Study(format!("`binarize` must be 0 or more, not {binarize}")));
    }
    Ok(Box::new(BernoulliNb(params)))
}

struct Fitted {
    binarize: Option<f64>,
    /// What a class says of a row of zeros, with its prior.
    zeros: [f64; 2],
    /// What a 1 in a column adds to that.
    ones: [Vec<f64>; 2],
}

/// 0 or 1.
fn binary(value: f64, binarize: Option<f64>) -> f64 {
    binarize.map_or(value, |threshold| f64::from(u8::from(value > threshold)))
}

fn only_binary(x: ArrayView2<'_, f64>) -> Result<()> {
    match x.indexed_iter().find(|(_, value)| **value != 0.0 && **value != 1.0) {
        None => Ok(()),
        Some(((_, at), value)) => Err(Error::Column {
            at,
            said: format!("{ID}: {COLUMN} holds {}, and without `binarize` columns must hold 0 and 1", short(*value)),
        }),
    }
}

impl Classifier for BernoulliNb {
    fn random_states(&self) -> usize {
        0
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let Params { alpha, force_alpha, binarize, fit_prior, class_prior } = self.0;
        if binarize.is_none() {
            only_binary(train.x())?;
        }
        let (counts, ones) = sums(ID, train.x(), (train.y, train.weight), |value| binary(value, binarize))?;
        let alpha = smoothing(alpha, force_alpha);
        let priors = log_priors(class_prior, fit_prior, counts);
        let mut fitted = Fitted { binarize, zeros: priors, ones: [Vec::new(), Vec::new()] };
        for class in 0..2 {
            let all = (counts[class] + 2.0 * alpha).ln();
            for sum in &ones[class] {
                let one = (sum + alpha).ln() - all;
                let zero = (-one.exp()).ln_1p();
                fitted.zeros[class] += zero;
                fitted.ones[class].push(one - zero);
            }
        }
        // A certain value: of rows with the other one scikit-learn says that nothing is a number.
        if let Some(at) = fitted.ones.iter().find_map(|ones| ones.iter().position(|one| !one.is_finite())) {
            let said = format!(
                "{ID}: {COLUMN} has one value in all rows of a class that weigh anything: an `alpha` of {alpha} leaves the other \
                 one no probability; write a larger one"
            );
            return Err(Error::Column { at, said });
        }
        Ok(Box::new(fitted))
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.ones[0].len(), x.ncols())?;
        if self.binarize.is_none() {
            only_binary(x)?;
        }
        let joint = |row: &[f64], class: usize| {
            let added = row.iter().zip(&self.ones[class]).map(|(value, one)| binary(*value, self.binarize) * one);
            self.zeros[class] + added.sum::<f64>()
        };
        let (score, label) = map_rows(x, |row| posterior(joint(row, 0), joint(row, 1))).into_iter().unzip();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }
}

/// `BernoulliNB`: <https://scikit-learn.org/1.9/modules/generated/sklearn.naive_bayes.BernoulliNB.html>; the score is
/// `predict_proba[:, 1]`. Without `binarize` other values than 0 and 1 are refused.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "naive Bayes: whether each column is above a threshold", |table| {
        build::<Params, _>(ID, table, checked)
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.naive_bayes.BernoulliNB.html")
    .cost(Cost::seconds(0.04))
    .idle(&[
        Idle::new(&["fit_prior"], "`class_prior` to be left out", "class_prior", |prior| prior.is_null()),
        FORCE_ALPHA,
    ])
    .look(36);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    #[test]
    fn what_is_not_binary_needs_a_threshold() {
        let params = Params { binarize: None, ..Params::default() };
        let x = ndarray::array![[0.0, 1.0], [1.0, 0.5], [1.0, 0.0]];
        let fit = BernoulliNb(params).fit(&Train::numbers(x.view(), &[0, 1, 0]), &Context { seed: 0 });
        let said = fit.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said.contains("column 1") && said.contains("holds 0.5"), "{said}");
        let build = |table: &str| ENTRY.build(&table.parse().unwrap(), &Registry::empty()).err().map(|e| e.to_string());
        assert_eq!(build("binarize = -1.0").unwrap(), "`bernoulli-nb`: `binarize` must be 0 or more, not -1");
        assert_eq!(
            build("class_prior = [0.2, 0.2]").unwrap(),
            "`bernoulli-nb`: `class_prior` must be two positive numbers that add up to 1, not [0.2, 0.2]"
        );
        assert_eq!((build("binarize = 0.0"), build("binarize = 'none'")), (None, None));
        let params = Params { binarize: None, ..Params::default() };
        let fit = BernoulliNb(params).fit(&Train::numbers((&x * 1e200).view(), &[0, 1, 0]), &Context { seed: 0 });
        assert!(fit.err().unwrap().to_string().contains("holds 1e200,"));
        assert!(build("alpha = -0.5").unwrap().contains("`alpha` must be"));
        assert_eq!(build("alpha = 0.0\nforce_alpha = false"), None);
        assert_eq!(build("alpha = 0.0\nforce_alpha = true"), None);
    }

    #[test]
    fn no_smoothing_is_taken_where_every_column_has_both_values_in_each_class() {
        let fit = |last: f64| {
            let x = ndarray::array![[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, last]];
            let nb = checked(Params { alpha: 0.0, ..Params::default() }).unwrap();
            nb.fit(&Train::numbers(x.view(), &[0, 0, 1, 1]), &Context { seed: 0 }).err().map(|e| e.to_string())
        };
        assert_eq!(fit(0.0), None);
        let said = fit(1.0).unwrap();
        assert!(
            said.starts_with("bernoulli-nb: column 1 (counted from 0) has one value in all rows of a class"),
            "{said}"
        );
        assert!(checked(Params { alpha: -0.5, ..Params::default() }).is_err());
    }
}
