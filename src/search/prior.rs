//! Probabilities under the share of positives that the training rows had before they were resampled.

use ndarray::ArrayView2;
use serde_json::{Value, json};

use super::Detailed;
use crate::component::{
    Classifier, Context, InnerCut, Model, Prediction, SavedModel, ScoreKind, Shape, Train, TrainingRows,
};
use crate::data::Role;
use crate::error::{Error, Result};

/// A classifier whose probabilities are mapped back to the share of positives before resampling.
///
/// Elkan (2001), "The foundations of cost-sensitive learning", theorem 2; for undersampled negatives this is the formula of Dal
/// Pozzolo, Caelen, Johnson, Bontempi (2015), "Calibrating probability with undersampling for unbalanced classification". Exact
/// where resampling changes the shares of the classes and nothing within them.
pub struct PriorCorrected {
    /// What says probabilities.
    pub classifier: Box<dyn Classifier>,
}

/// Rows and positives.
type Counts = (usize, usize);

fn counts(y: &[u8]) -> Counts {
    (y.len(), y.iter().filter(|&&label| label == 1).count())
}

/// The odds of the true share of positives, divided by those of the rows that were learnt from; none where they are the same.
fn ratio(real: Counts, learnt: Counts) -> Option<f64> {
    let cross = |(rows, positives): Counts, (others, other_positives): Counts| {
        positives as f64 * (others - other_positives) as f64 / ((rows - positives) as f64 * other_positives as f64)
    };
    // Compared as whole numbers: the same share must change nothing.
    let same = real.1 as u128 * learnt.0 as u128 == learnt.1 as u128 * real.0 as u128;
    (!same).then(|| cross(real, learnt))
}

impl Classifier for PriorCorrected {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.classifier.accepts(given)
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.classifier.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let model = self.classifier.fit(train, context)?;
        let (real, learnt) = (counts(train.rows.map_or(train.y, TrainingRows::labels)), counts(train.y));
        let Some(ratio) = ratio(real, learnt) else { return Ok(model) };
        let share = |(rows, positives): Counts| positives as f64 / rows as f64;
        let details = json!({ "correct_prior": { "before": share(real), "learnt": share(learnt) } });
        Ok(Detailed::boxed(Box::new(Corrected { model, ratio }), details))
    }

    /// Shares of positives are those of rows that weigh the same.
    fn weights(&self) -> Result<(), String> {
        Err("with `correct_prior` it takes no weights of rows".into())
    }

    fn uses_raw_rows(&self) -> bool {
        true
    }

    fn inner_cuts(&self) -> Vec<InnerCut> {
        self.classifier.inner_cuts()
    }

    fn cannot_stop_early(&self, y: &[u8], has_validation: bool) -> Option<String> {
        self.classifier.cannot_stop_early(y, has_validation)
    }

    fn judged_by(&self) -> Vec<Role> {
        self.classifier.judged_by()
    }

    fn cannot_be_saved(&self) -> bool {
        self.classifier.cannot_be_saved()
    }
}

struct Corrected {
    model: Box<dyn Model>,
    ratio: f64,
}

impl Model for Corrected {
    fn saved(&self) -> Option<SavedModel> {
        Some(SavedModel::PriorCorrected { model: Box::new(self.model.saved()?), ratio: self.ratio })
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let said = self.model.predict(x)?;
        if said.kind != ScoreKind::Probability {
            return Err(Error::Component(
                "correct_prior: the model's scores are no probabilities; `calibrate` makes such of them".into(),
            ));
        }
        let corrected = |p: f64| p * self.ratio / (p * self.ratio + (1.0 - p));
        let score: Vec<f64> = said.score.into_iter().map(corrected).collect();
        let label = score.iter().map(|&p| u8::from(p > 0.5)).collect();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }

    fn details(&self) -> Option<Value> {
        self.model.details()
    }

    fn close(&self) -> Result<()> {
        self.model.close()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::component::{InnerFold, Registry};

    #[test]
    fn of_undersampled_negatives_it_is_the_formula_of_dal_pozzolo() {
        // 1,000 rows with 20 positives; one negative in 49 was kept.
        let ratio = ratio((1000, 20), (40, 20)).unwrap();
        let beta = 20.0 / 980.0;
        for p in [0.0, 0.1, 0.5, 0.9, 1.0] {
            let ours = p * ratio / (p * ratio + (1.0 - p));
            assert!((ours - beta * p / (beta * p - p + 1.0)).abs() < 1e-12, "{p}");
        }
        assert_eq!(super::ratio((1000, 20), (500, 10)), None);
    }

    /// Labels before resampling.
    struct Before(Vec<u8>);

    impl TrainingRows for Before {
        fn labels(&self) -> &[u8] {
            &self.0
        }

        fn inner_folds(&self, _: &[usize], _: u32, _: Option<u32>) -> Result<Vec<InnerFold<'_>>> {
            Err(Error::Component("nobody asks".into()))
        }
    }

    #[test]
    fn leaves_say_the_shares_that_they_had_before_negatives_were_dropped() {
        // Two groups with 1 positive in 10 and 1 in 100; of the negatives, every third is kept.
        let rows: Vec<(f64, u8)> = (0..1000)
            .map(|row| (0.0, u8::from(row % 10 == 0)))
            .chain((0..1000).map(|row| (1.0, u8::from(row % 100 == 0))))
            .collect();
        let before = Before(rows.iter().map(|row| row.1).collect());
        let mut negatives = 0;
        let kept: Vec<(f64, u8)> = rows
            .into_iter()
            .filter(|row| {
                negatives += usize::from(row.1 == 0);
                row.1 == 1 || negatives % 3 == 0
            })
            .collect();
        let x = Array2::from_shape_fn((kept.len(), 1), |(row, _)| kept[row].0);
        let y: Vec<u8> = kept.iter().map(|row| row.1).collect();
        let registry = Registry::built_in();
        let entry = registry.classifier("decision-tree", None).unwrap();
        let tree = || entry.build(&toml::Table::new(), &registry).unwrap();
        let classifier = PriorCorrected { classifier: tree().component };
        let shown = ndarray::array![[0.0], [1.0]];
        let train = Train::numbers(x.view(), &y);
        let context = Context { seed: 1 };
        let said = classifier.fit(&train.made_of(&before), &context).unwrap().predict(shown.view()).unwrap();
        assert!((said.score[0] - 0.1).abs() < 1e-12 && (said.score[1] - 0.01).abs() < 1e-12, "{:?}", said.score);
        assert_eq!(said.label, [0, 0]);
        // Where nothing was resampled, nothing changes.
        let as_is = tree().component.fit(&train, &context).unwrap().predict(shown.view()).unwrap();
        let same = Before(y.clone());
        for train in [train, train.made_of(&same)] {
            assert_eq!(classifier.fit(&train, &context).unwrap().predict(shown.view()).unwrap(), as_is);
        }
        assert!(as_is.score[0] > 0.2);
    }
}
