//! `complement-nb`: how unlike the columns' shares in the other class are, the columns taken for counts.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::class_moments::{Priors, check_priors};
use super::gaussian_nb::posterior;
use super::naive_counts::{FORCE_ALPHA, check_alpha, smoothing, sums};
use super::two_class;
use crate::component::{Classifier, Context, Cost, Entry, Idle, Model, Prediction, ScoreKind, Train, build};
use crate::error::{COLUMN, Error, Result};
use crate::numeric::gram::map_rows;
use crate::words::short;

const ID: &str = "complement-nb";

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// Added to each column's count.
    alpha: f64,
    /// Whether an `alpha` below 1e-10 is taken as it is; if not, it counts as 1e-10.
    force_alpha: bool,
    /// Means nothing where there are two classes, in scikit-learn either.
    fit_prior: bool,
    /// Means nothing where there are two classes, in scikit-learn either.
    class_prior: Priors,
    /// Whether a class's weights are divided by their sum.
    norm: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { alpha: 1.0, force_alpha: true, fit_prior: true, class_prior: None, norm: false }
    }
}

struct ComplementNb(Params);

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    check_priors("class_prior", params.class_prior)?;
    check_alpha(params.alpha)?;
    Ok(Box::new(ComplementNb(params)))
}

/// The columns' weights of either class.
struct Fitted([Vec<f64>; 2]);

impl Classifier for ComplementNb {
    fn random_states(&self) -> usize {
        0
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let x = train.x();
        if let Some(((_, at), value)) = x.indexed_iter().find(|(_, value)| **value < 0.0) {
            let value = short(*value);
            let said = format!("{ID}: {COLUMN} holds {value}, and counts are never negative: use the scaler `min-max`");
            return Err(Error::Column { at, said });
        }
        if self.0.norm && x.ncols() == 1 {
            return Err(Error::Component(format!(
                "{ID}: `norm = true` divides a column by all columns, and there is one only: write `norm = false`, or give it two"
            )));
        }
        let (_, sums) = sums(ID, x, (train.y, train.weight), |value| value)?;
        let alpha = smoothing(self.0.alpha, self.0.force_alpha);
        let is_empty = |sums: &Vec<f64>| sums.iter().position(|sum| sum + alpha == 0.0);
        if let Some(at) = sums.iter().find_map(is_empty) {
            let said = format!(
                "{ID}: {COLUMN} adds up to 0 in a class: an `alpha` of 0 leaves it no probability; write a larger one"
            );
            return Err(Error::Column { at, said });
        }
        // A class's weights come from the other class's rows.
        let weights = [1, 0].map(|other: usize| {
            let counts: Vec<f64> = sums[other].iter().map(|sum| sum + alpha).collect();
            let all: f64 = counts.iter().sum();
            let logs: Vec<f64> = counts.iter().map(|count| (count / all).ln()).collect();
            let by = if self.0.norm { logs.iter().sum() } else { -1.0 };
            logs.into_iter().map(|log| log / by).collect::<Vec<f64>>()
        });
        if weights.iter().flatten().any(|weight| !weight.is_finite()) {
            return Err(two_class::too_large(ID, x, "add"));
        }
        Ok(Box::new(Fitted(weights)))
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.0[0].len(), x.ncols())?;
        let joint = |row: &[f64], class: usize| row.iter().zip(&self.0[class]).map(|(v, w)| v * w).sum::<f64>();
        let (score, label) = map_rows(x, |row| posterior(joint(row, 0), joint(row, 1))).into_iter().unzip();
        two_class::finite(ID, x, Prediction { score, label, kind: ScoreKind::Probability })
    }
}

/// `ComplementNB`: <https://scikit-learn.org/1.9/modules/generated/sklearn.naive_bayes.ComplementNB.html>; the score is
/// `predict_proba[:, 1]`.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "naive Bayes of counts: how unlike the other class a row is", |table| {
        build::<Params, _>(ID, table, checked)
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.naive_bayes.ComplementNB.html")
    .cost(Cost::seconds(0.04))
    .idle(&[
        Idle::new(&["fit_prior", "class_prior"], "training rows of one class alone", "class_prior", |_| false),
        FORCE_ALPHA,
    ])
    .look(37);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_values_are_refused_with_their_column() {
        let x = ndarray::array![[0.0, 1.0], [1.0, -0.5], [1.0, 0.0]];
        let fit = ComplementNb(Params::default()).fit(&Train::numbers(x.view(), &[0, 1, 0]), &Context { seed: 0 });
        let said = fit.err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said.contains("column 1") && said.contains("holds -0.5") && said.contains("min-max"), "{said}");
    }

    #[test]
    fn a_single_column_has_no_norm() {
        let x = ndarray::array![[6.0], [1.0], [2.0]];
        let fit = |norm| {
            let nb = checked(Params { norm, ..Params::default() }).unwrap();
            nb.fit(&Train::numbers(x.view(), &[0, 1, 0]), &Context { seed: 0 }).err().map(|e| e.to_string())
        };
        assert_eq!(fit(false), None);
        let said = fit(true).unwrap();
        assert!(
            said.starts_with("complement-nb: `norm = true` divides") && said.contains("write `norm = false`"),
            "{said}"
        );
    }

    #[test]
    fn a_value_is_told_in_few_characters_whatever_its_size() {
        for (value, told) in [(-1e200, "holds -1e200,"), (-2.5e-200, "holds -2.5e-200,")] {
            let x = ndarray::array![[value], [1.0]];
            let fit = ComplementNb(Params::default()).fit(&Train::numbers(x.view(), &[0, 1]), &Context { seed: 0 });
            let said = fit.err().map(|e| e.to_string()).unwrap_or_default();
            assert!(said.contains(told), "{said}");
        }
    }

    #[test]
    fn no_smoothing_is_taken_where_no_column_is_empty_in_a_class() {
        let fit = |last: f64| {
            let x = ndarray::array![[0.0, 1.0], [1.0, 2.0], [1.0, last]];
            let nb = checked(Params { alpha: 0.0, ..Params::default() }).unwrap();
            nb.fit(&Train::numbers(x.view(), &[0, 0, 1]), &Context { seed: 0 }).err().map(|e| e.to_string())
        };
        assert_eq!(fit(1.0), None);
        assert!(fit(0.0).unwrap().starts_with("complement-nb: column 1 (counted from 0) adds up to 0 in a class"));
    }
}
