//! `prior`: the baseline that looks at no feature. Every other family has to beat it.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::component::{
    Also, Classifier, Context, Cost, Entry, Model, NOTHING_DRAWN, Prediction, SavedModel, ScoreKind, Shape, Train,
    build,
};
use crate::error::{Error, Result};

/// No parameters.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Params {}

struct Prior;

struct Fitted {
    share: f64,
}

impl Classifier for Prior {
    fn accepts(&self, _given: &Shape) -> Result<(), String> {
        Ok(())
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let y = train.y;
        let share = match train.weight {
            None => y.iter().filter(|&&label| label == 1).count() as f64 / y.len().max(1) as f64,
            Some(weight) => {
                let of = |label: u8| y.iter().zip(weight).filter(|row| *row.0 == label).map(|row| row.1).sum::<f64>();
                let (negatives, positives) = (of(0), of(1));
                if negatives + positives <= 0.0 {
                    return Err(Error::Component("all rows weigh 0".into()));
                }
                positives / (negatives + positives)
            }
        };
        Ok(Box::new(Fitted { share }))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        Some(SavedModel::Constant { score: self.share, label: u8::from(self.share > 0.5) })
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let rows = x.nrows();
        // A tie goes to the first class, as in scikit-learn's argmax.
        let label = u8::from(self.share > 0.5);
        Ok(Prediction { score: vec![self.share; rows], label: vec![label; rows], kind: ScoreKind::Probability })
    }
}

/// The id of the baseline: what any other family has to beat, as it looks at no feature.
pub const ID: &str = "prior";

/// `DummyClassifier(strategy="prior")`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.dummy.DummyClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "baseline: the share of positives in the training rows, for every row", |table| {
        build::<Params, _>(ID, table, |_| Ok(Box::new(Prior) as Box<dyn Classifier>))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.dummy.DummyClassifier.html")
    .cost(Cost::seconds(0.0))
    .also(&[
        NOTHING_DRAWN,
        Also::only("strategy", "\"prior\"", "the baseline is the share of positives: leave it out"),
        Also::only("constant", "null", "the baseline is the share of positives: leave it out"),
    ])
    .look(40);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_the_training_share_and_breaks_ties_towards_the_negative_class() {
        let x = ndarray::Array2::<f64>::zeros((4, 2));
        let fitted = Prior
            .fit(&Train::numbers(x.view(), &[0, 1, 0, 0]), &Context { seed: 0 })
            .unwrap()
            .predict(x.view())
            .unwrap();
        assert_eq!((fitted.score, fitted.label), (vec![0.25; 4], vec![0; 4]));
        let tied = Prior
            .fit(&Train::numbers(x.view(), &[0, 1, 0, 1]), &Context { seed: 0 })
            .unwrap()
            .predict(x.view())
            .unwrap();
        assert_eq!(tied.label, vec![0; 4]);
    }
}
