//! What the wrappers of other libraries share: what they refuse, and how a probability becomes a prediction.

use crate::component::{Model, Prediction, ScoreKind};
use ndarray::{ArrayView1, ArrayView2};

use super::two_class;
use crate::error::{Error, Result};

/// Refuses training data that the libraries would answer with a panic, a constant or a message of their own: no columns,
/// lengths that differ, one class.
pub(super) fn check_training(family: &str, x: ArrayView2<'_, f64>, y: &[u8]) -> Result<()> {
    two_class::counts(family, x.nrows(), y)?;
    match x.ncols() {
        0 => Err(Error::Component(format!("{family} needs at least one column"))),
        _ => Ok(()),
    }
}

/// A fitting or predicting library's own words as a component's error.
pub(super) fn said(library: &str, family: &str, words: impl std::fmt::Display) -> Error {
    Error::Component(format!("{library}'s {family}: {words}"))
}

/// Refuses a parameter, for use where a component is built.
pub(super) fn require(holds: bool, sentence: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Study(sentence.into())) }
}

/// Labels by scikit-learn's argmax: a tie goes to the negative class.
pub(super) fn from_probabilities(score: Vec<f64>) -> Prediction {
    let label = score.iter().map(|&p| u8::from(p > 0.5)).collect();
    Prediction { score, label, kind: ScoreKind::Probability }
}

/// A library's fitted logistic regression: what is needed of it is its plane.
#[derive(Debug)]
pub(super) struct LogisticModel {
    family: &'static str,
    weights: Vec<f64>,
    intercept: f64,
}

impl LogisticModel {
    /// Takes the plane over from `library`.
    ///
    /// # Errors
    /// When the library's solver has diverged.
    pub(super) fn boxed(
        library: &str,
        family: &'static str,
        weights: Vec<f64>,
        intercept: f64,
    ) -> Result<Box<dyn Model>> {
        if !weights.iter().chain([&intercept]).all(|value| value.is_finite()) {
            return Err(said(library, family, "the solver diverged; scaled columns may help"));
        }
        Ok(Box::new(LogisticModel { family, weights, intercept }))
    }
}

impl Model for LogisticModel {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(self.family, self.weights.len(), x.ncols())?;
        let probability = |row: ArrayView1<'_, f64>| {
            let z = row.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum::<f64>() + self.intercept;
            1.0 / (1.0 + (-z).exp())
        };
        Ok(from_probabilities(x.rows().into_iter().map(probability).collect()))
    }
}

/// What every wrapper's tests ask of it, on a small imbalanced set that can nearly be separated.
#[cfg(test)]
pub(super) mod conformance {
    use ndarray::Array2;

    use crate::component::{Classifier, Context, Entry, Prediction, Registry, Train};
    use crate::metric::Scored;

    /// 600 rows, 8% positive: two telling columns, one of noise, one constant, one with ties.
    pub fn rows(start: u64) -> (Array2<f64>, Vec<u8>) {
        let mut state = start;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let y: Vec<u8> = (0..600).map(|i| u8::from(i % 25 < 2)).collect();
        let mut x = Array2::zeros((600, 5));
        for (i, &label) in y.iter().enumerate() {
            let shift = f64::from(label);
            x[(i, 0)] = uniform() + uniform() + uniform() + 1.4 * shift;
            x[(i, 1)] = uniform() - uniform() - 0.9 * shift;
            x[(i, 2)] = uniform();
            x[(i, 3)] = 7.0;
            x[(i, 4)] = (uniform() * 4.0 + shift).floor();
        }
        (x, y)
    }

    pub fn build(entry: &Entry<dyn Classifier>, params: &str) -> Box<dyn Classifier> {
        entry.build(&params.parse().unwrap(), &Registry::empty()).unwrap_or_else(|e| panic!("{e}")).component
    }

    /// Trains on one draw, predicts another.
    pub fn predict(entry: &Entry<dyn Classifier>, params: &str, seed: u64) -> Prediction {
        let ((x, y), (test, _)) = (rows(1), rows(2));
        build(entry, params)
            .fit(&Train::numbers(x.view(), &y), &Context { seed })
            .unwrap()
            .predict(test.view())
            .unwrap()
    }

    /// A useful ranking, labels that follow from the scores, the same again; one sentence for what cannot be fitted.
    pub fn check(entry: &Entry<dyn Classifier>, params: &str) {
        let (x, y) = rows(1);
        let (_, truth) = rows(2);
        let first = predict(entry, params, 3);
        assert_eq!(first, predict(entry, params, 3), "not the same twice");
        assert!(first.score.iter().all(|p| (0.0..=1.0).contains(p)));
        assert!(first.label.iter().zip(&first.score).all(|(&label, &p)| label == u8::from(p > 0.5)));
        assert!(first.label.contains(&1));
        let auc = Registry::built_in()
            .metric("roc-auc")
            .unwrap()
            .score(&Scored::new(&truth, &first).unwrap())
            .value()
            .unwrap();
        assert!(auc > 0.9, "AUC {auc}");

        let classifier = build(entry, params);
        let refused = |x: &Array2<f64>, y: &[u8]| {
            classifier
                .fit(&Train::numbers(x.view(), y), &Context { seed: 0 })
                .err()
                .expect("must be refused")
                .to_string()
        };
        assert!(refused(&x, &[0; 600]).contains("all rows are negative"));
        assert!(refused(&x, &[1; 600]).contains("all rows are positive"));
        assert!(refused(&Array2::zeros((0, 5)), &[]).contains("no rows"));
        assert!(refused(&Array2::zeros((600, 0)), &y).contains("at least one column"));
        assert!(refused(&x, &[0, 1]).contains("600 rows but 2 labels"));
        let model = classifier.fit(&Train::numbers(x.view(), &y), &Context { seed: 0 }).unwrap();
        let other = model.predict(Array2::zeros((2, 3)).view()).unwrap_err().to_string();
        assert!(other.contains("5 columns, but is given 3"), "{other}");
        assert_eq!(model.predict(Array2::zeros((0, 5)).view()).unwrap().score.len(), 0);
    }
}
