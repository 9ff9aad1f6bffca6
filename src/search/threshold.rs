//! Labels by a threshold of one's own: given, or tuned on scores of training rows that the scoring model has not seen.

use crate::component::{Classifier, Context, InnerCut, Model, Prediction, SavedModel, Shape, Train};
use ndarray::ArrayView2;
use serde_json::json;

use super::Detailed;
use super::constraint::Constraint;
use super::inner::Inner;
use super::score::Goal;
use crate::data::Role;
use crate::error::{Error, Result};
use crate::metric::{self, Ranks, Scored};
use crate::split::with_key;

/// How the threshold is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// It is given.
    Fixed(f64),
    /// The F1 score is largest.
    MaxF1,
    /// Matthews' correlation is largest.
    MaxMcc,
    /// What false labels cost is least.
    Cost {
        /// The cost of a missed positive.
        false_negative: f64,
        /// The cost of a false alarm.
        false_positive: f64,
    },
    /// A constraint is kept.
    Within(Constraint),
}

impl Rule {
    /// The rules that a study names by a word.
    pub const NAMES: &'static [&'static str] = &["max-f1", "max-mcc", "cost"];

    /// Its name in a study and in records.
    pub fn name(&self) -> &'static str {
        match self {
            Rule::Fixed(_) => "fixed",
            Rule::MaxF1 => "max-f1",
            Rule::MaxMcc => "max-mcc",
            Rule::Cost { .. } => "cost",
            Rule::Within(constraint) => constraint.name(),
        }
    }

    /// The role of the column that rows are judged by, beside their labels.
    pub(super) fn role(self) -> Option<Role> {
        matches!(self, Rule::Within(Constraint::AlarmsPerDay(_))).then_some(Role::Time)
    }

    /// How good labels with so many true and false positives are; more is better.
    fn merit(&self, tp: f64, fp: f64, ranks: &Ranks) -> f64 {
        let (positives, negatives) = (ranks.positives as f64, ranks.negatives as f64);
        let (fn_, tn) = (positives - tp, negatives - fp);
        match self {
            // Constraints find their thresholds themselves.
            Rule::Fixed(_) | Rule::Within(_) => 0.0,
            Rule::MaxF1 => 2.0 * tp / (2.0 * tp + fp + fn_),
            Rule::MaxMcc => {
                let margins = (tp + fp).sqrt() * (tn + fn_).sqrt() * positives.sqrt() * negatives.sqrt();
                // Without negatives left, the correlation is undefined; as bad as none is what it counts for.
                if margins == 0.0 { 0.0 } else { (tp * tn - fp * fn_) / margins }
            }
            Rule::Cost { false_negative, false_positive } => -(false_negative * fn_ + false_positive * fp),
        }
    }

    /// The threshold that is best for labels `y` and their scores, and its merit; of equally good ones the largest, which
    /// alarms least. The best one is a positive's score: from there down to the next positive's only false alarms are
    /// added. Or it lies above all scores, where alarms cost more than they find.
    fn tune(&self, ranks: &Ranks) -> (f64, f64) {
        let Some(first) = ranks.steps.first() else { return (0.0, 0.0) };
        let mut most = match self {
            Rule::Cost { .. } if first.negatives_above == 0 => (first.score.next_up(), self.merit(0.0, 0.0, ranks)),
            Rule::Cost { .. } => (f64::MAX, self.merit(0.0, 0.0, ranks)),
            _ => (first.score, f64::NEG_INFINITY),
        };
        let mut found = 0;
        for step in &ranks.steps {
            found += step.positives;
            let merit = self.merit(found as f64, (step.negatives_above + step.negatives_tied) as f64, ranks);
            if merit > most.1 {
                most = (step.score, merit);
            }
        }
        most
    }
}

/// A classifier whose labels are `score >= threshold`; its scores stay as they are.
pub struct Thresholded {
    /// What scores.
    pub classifier: Box<dyn Classifier>,
    /// How the threshold is found.
    pub rule: Rule,
    /// Inner folds for tuned ones, and the seed of their shuffle.
    pub folds: (u32, u32),
}

/// Where a study has the number of its inner folds.
const KEY: &str = "`folds` beside `threshold`";

impl Classifier for Thresholded {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.classifier.accepts(given)
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.classifier.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        // Out-of-fold scores need no goal; any will do.
        let inner = match self.rule {
            Rule::Fixed(_) => None,
            _ => {
                let inner = Inner::new(train, None, self.folds, Goal::of(&metric::PR_AUC), *context);
                Some(inner.map_err(|e| with_key(e, KEY))?)
            }
        };
        self.fit_on(train, context, inner)
    }

    fn weights(&self) -> Result<(), String> {
        self.classifier.weights()
    }

    fn uses_raw_rows(&self) -> bool {
        !matches!(self.rule, Rule::Fixed(_)) || self.classifier.uses_raw_rows()
    }

    fn inner_cuts(&self) -> Vec<InnerCut> {
        let (folds, seed) = (self.folds.0, Some(self.folds.1));
        let own = InnerCut { folds, seed, key: KEY, judges: true };
        let own = Some(own).filter(|_| !matches!(self.rule, Rule::Fixed(_)));
        own.into_iter().chain(self.classifier.inner_cuts()).collect()
    }

    fn cannot_stop_early(&self, y: &[u8], has_validation: bool) -> Option<String> {
        // Inner folds have none.
        self.classifier.cannot_stop_early(y, has_validation && matches!(self.rule, Rule::Fixed(_)))
    }

    fn judged_by(&self) -> Vec<Role> {
        let mut roles = self.classifier.judged_by();
        roles.extend(self.rule.role().filter(|role| !roles.contains(role)));
        roles
    }

    fn cannot_be_saved(&self) -> bool {
        self.classifier.cannot_be_saved()
    }
}

impl Thresholded {
    /// Tunes on the inner folds of all rows, for every rule but the fixed one; then fits.
    pub(super) fn fit_on(
        &self,
        train: &Train<'_>,
        context: &Context,
        inner: Option<Inner<'_>>,
    ) -> Result<Box<dyn Model>> {
        let (value, merit) = match (self.rule, inner) {
            (Rule::Fixed(value), _) => (value, None),
            (_, None) => return Err(Error::Component("threshold: there are no inner folds to tune it on".into())),
            (rule, Some(inner)) => {
                let prediction = inner.out_of_fold(self.classifier.as_ref())?;
                let y = inner.labels();
                let sides = inner.sides();
                let scored = Scored::new(&y, &prediction)?.with(&sides)?;
                let ranks = scored.ranks().map_err(|e| Error::Component(format!("threshold: {e}")))?;
                let (value, merit) = match rule {
                    Rule::Within(constraint) => constraint.tune(&scored)?,
                    rule => rule.tune(ranks),
                };
                (value, Some(merit))
            }
        };
        let model = self.classifier.fit(train, context)?;
        let details = json!({ "threshold": { "rule": self.rule.name(), "value": value, "out_of_fold": merit } });
        Ok(Detailed::boxed(Box::new(Relabelled { model, threshold: value }), details))
    }
}

struct Relabelled {
    model: Box<dyn Model>,
    threshold: f64,
}

impl Model for Relabelled {
    fn saved(&self) -> Option<SavedModel> {
        Some(SavedModel::Thresholded { model: Box::new(self.model.saved()?), threshold: self.threshold })
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let mut prediction = self.model.predict(x)?;
        prediction.label = prediction.score.iter().map(|&score| u8::from(score >= self.threshold)).collect();
        Ok(prediction)
    }

    fn details(&self) -> Option<serde_json::Value> {
        self.model.details()
    }

    fn stages(&self) -> Vec<String> {
        self.model.stages()
    }

    fn passed(&self, x: ArrayView2<'_, f64>, said: &Prediction) -> Result<Vec<usize>> {
        self.model.passed(x, said)
    }

    fn close(&self) -> Result<()> {
        self.model.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::ScoreKind;
    use crate::numeric::mt19937::Mt19937;

    fn tuned(rule: Rule, y: &[u8], score: &[f64]) -> (f64, f64) {
        let prediction = Prediction { score: score.to_vec(), label: vec![0; y.len()], kind: ScoreKind::Decision };
        rule.tune(Scored::new(y, &prediction).unwrap().ranks().unwrap())
    }

    /// The merit of a threshold, by counting.
    fn counted(rule: Rule, y: &[u8], score: &[f64], threshold: f64) -> f64 {
        let of = |label, above| {
            y.iter().zip(score).filter(|(l, s)| **l == label && (**s >= threshold) == above).count() as f64
        };
        let (tp, fp, fn_, tn) = (of(1, true), of(0, true), of(1, false), of(0, false));
        match rule {
            Rule::Fixed(_) | Rule::Within(_) => 0.0,
            Rule::MaxF1 => 2.0 * tp / (2.0 * tp + fp + fn_),
            Rule::MaxMcc => {
                let margins = ((tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_)).sqrt();
                if margins == 0.0 { 0.0 } else { (tp * tn - fp * fn_) / margins }
            }
            Rule::Cost { false_negative, false_positive } => -(false_negative * fn_ + false_positive * fp),
        }
    }

    #[test]
    fn no_other_threshold_is_better() {
        let mut random = Mt19937::new(11);
        let rules = [
            Rule::MaxF1,
            Rule::MaxMcc,
            Rule::Cost { false_negative: 10.0, false_positive: 1.0 },
            Rule::Cost { false_negative: 1.0, false_positive: 10.0 },
        ];
        for _ in 0..40 {
            let y: Vec<u8> = (0..60).map(|row| u8::from(row % 9 == 2)).collect();
            // Coarse, so that there are ties within and between the classes.
            let score: Vec<f64> =
                y.iter().map(|&label| (random.next_f64() * 12.0 + f64::from(label) * 4.0).floor() / 10.0).collect();
            for rule in rules {
                let (threshold, merit) = tuned(rule, &y, &score);
                assert!((counted(rule, &y, &score, threshold) - merit).abs() < 1e-12, "{rule:?}");
                let least = score.iter().chain([&-1.0, &9.0]).map(|&t| counted(rule, &y, &score, t));
                assert!(least.fold(f64::NEG_INFINITY, f64::max) <= merit + 1e-12, "{rule:?}");
            }
        }
    }

    #[test]
    fn alarms_that_cost_too_much_are_not_given() {
        let rule = Rule::Cost { false_negative: 1.0, false_positive: 50.0 };
        assert_eq!(tuned(rule, &[0, 1, 0], &[0.9, 0.8, 0.1]), (f64::MAX, -1.0));
        let (threshold, merit) = tuned(Rule::Cost { false_negative: 0.0, false_positive: 1.0 }, &[1, 0], &[0.9, 0.8]);
        assert!(threshold > 0.9 && merit == 0.0);
    }
}
