//! Early stopping of the two foreign boosting libraries: a stratified part of the training rows is kept out, and the
//! rounds after the one that is best there are dropped. Test rows play no part.

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::boosting::require;
use crate::component::{Built, Classifier, Context};
use crate::error::{Error, Result};
use crate::metric::Better;
use crate::numeric::mt19937::Mt19937;
use crate::split::stratified_parts;

/// What the kept-out rows are judged by: a library's own metric.
pub(super) trait EvalMetric: Copy + Default + PartialEq {
    /// The library's name of it.
    fn id(self) -> &'static str;

    /// Which values are better.
    fn better(self) -> Better;
}

/// The parameters, for `#[serde(flatten)]` into a family's own; without `early_stopping_rounds` all are at their defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EarlyStopping<M> {
    /// So many rounds without a better value end the training; without it every round is trained, on all rows.
    early_stopping_rounds: Option<u32>,
    /// The share of the training rows that are kept out.
    validation_fraction: f64,
    eval_metric: M,
}

/// The names of the fields above.
const NAMES: [&str; 3] = ["early_stopping_rounds", "validation_fraction", "eval_metric"];
const FRACTION: f64 = 0.1;

impl<M: EvalMetric> Default for EarlyStopping<M> {
    fn default() -> Self {
        Self { early_stopping_rounds: None, validation_fraction: FRACTION, eval_metric: M::default() }
    }
}

/// Rows and their labels.
pub(super) type Rows = (Array2<f64>, Vec<u8>);

impl<M: EvalMetric> EarlyStopping<M> {
    /// # Errors
    /// Names the parameter that is out of range, or that has no meaning because nothing stops early.
    pub(super) fn validate(&self) -> Result<()> {
        let Self { early_stopping_rounds, validation_fraction: share, eval_metric } = self;
        let Some(rounds) = early_stopping_rounds else {
            let stray = [(*share != FRACTION, NAMES[1]), (*eval_metric != M::default(), NAMES[2])];
            return match stray.into_iter().find(|(given, _)| *given) {
                Some((_, name)) => Err(Error::Study(format!("`{name}` goes with `early_stopping_rounds` only"))),
                None => Ok(()),
            };
        };
        require(*rounds > 0, NAMES[0], rounds, "at least 1")?;
        require(*share > 0.0 && *share < 1.0, NAMES[1], share, "between 0 and 1 (neither)")
    }

    /// Rows that are kept out judge without weights, so that a watched training takes none.
    ///
    /// # Errors
    /// Why it takes none.
    pub(super) fn weights(&self) -> Result<(), String> {
        match self.early_stopping_rounds {
            None => Ok(()),
            Some(_) => Err(format!("with `{}` it takes no weights of rows", NAMES[0])),
        }
    }

    /// What the kept-out rows are judged by.
    pub(super) fn metric(&self) -> M {
        self.eval_metric
    }

    /// What watches over a training; none where nothing stops early.
    pub(super) fn watch(&self) -> Option<Watch> {
        let metric = self.eval_metric;
        self.early_stopping_rounds.map(|patience| Watch {
            patience,
            metric: metric.id(),
            better: metric.better(),
            best: None,
            trained: 0,
        })
    }

    /// The rows to train on and those that are kept out, in the order of scikit-learn's
    /// `train_test_split(test_size=validation_fraction, stratify=y, random_state=seed)`.
    ///
    /// # Errors
    /// Too few rows for both classes in both parts.
    pub(super) fn parts(&self, x: ArrayView2<'_, f64>, y: &[u8], seed: u32) -> Result<(Rows, Rows)> {
        let (train, kept_out) =
            self.drawn(y, seed).map_err(|said| Error::Component(format!("early stopping: {said}")))?;
        let part = |rows: &[usize]| -> Rows { (x.select(Axis(0), rows), rows.iter().map(|&row| y[row]).collect()) };
        Ok((part(&train), part(&kept_out)))
    }

    /// The same rows by their numbers, or why they cannot be drawn.
    fn drawn(&self, y: &[u8], seed: u32) -> Result<(Vec<usize>, Vec<usize>), String> {
        let mut stream = Mt19937::new(seed);
        let (train, kept_out) =
            stratified_parts(y, self.validation_fraction, "validation", &mut stream).map_err(|e| e.to_string())?;
        for (name, rows) in [("training", &train), ("validation", &kept_out)] {
            let positives = rows.iter().filter(|&&row| y[row] == 1).count();
            if positives == 0 || positives == rows.len() {
                return Err(format!(
                    "with a `validation_fraction` of {} the {name} part would hold {positives} positives among {} rows, and both \
                     parts need both classes",
                    self.validation_fraction,
                    rows.len()
                ));
            }
        }
        Ok((train, kept_out))
    }

    /// Why no seed draws rows to keep out of rows with these labels, and what to write instead; none where one does, and where nothing
    /// stops early.
    pub(super) fn cannot_draw(&self, y: &[u8]) -> Option<String> {
        self.early_stopping_rounds?;
        let mut why = String::new();
        for seed in 0..EITHER_WAY {
            match self.drawn(y, seed) {
                Ok(_) => return None,
                Err(said) => why = said,
            }
        }
        Some(format!("{why}: take another `{}`, or leave `{}` out", NAMES[1], NAMES[0]))
    }
}

/// Where both classes are as near to one row more, the seed alone decides which of them gets it: among the first ones are seeds for
/// either.
const EITHER_WAY: u32 = 8;

/// Leaves the parameters above out of the key where nothing stops early, as it was before they existed.
pub(super) fn key_as_before(mut built: Built<dyn Classifier>) -> Built<dyn Classifier> {
    if let Value::Object(params) = &mut built.params
        && params[NAMES[0]].is_null()
    {
        NAMES.iter().for_each(|name| drop(params.remove(*name)));
    }
    built
}

/// The seed of the draw of rows: the family's `random_state`, or the cell's own.
pub(super) fn seed(random_state: Option<u32>, context: &Context) -> u32 {
    random_state.unwrap_or(context.seed as u32)
}

/// What the rounds were worth so far on the rows that were kept out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Watch {
    patience: u32,
    metric: &'static str,
    better: Better,
    /// Round, from 0, and value.
    best: Option<(u32, f64)>,
    trained: u32,
}

impl Watch {
    /// Takes a round's value; true when the training is to end. Equal is not better, and neither is what is not a number.
    pub(super) fn stops(&mut self, value: f64) -> bool {
        let round = self.trained;
        self.trained += 1;
        let improved = self.best.is_none_or(|(_, best)| match self.better {
            Better::Lower => value < best,
            Better::Higher => value > best,
        });
        if improved {
            self.best = Some((round, value));
        }
        round - self.best_round() >= self.patience
    }

    /// The best round, from 0.
    pub(super) fn best_round(&self) -> u32 {
        self.best.map_or(0, |(round, _)| round)
    }

    /// For the record.
    pub(super) fn details(&self, kept_out: &[u8]) -> Value {
        json!({ "early_stopping": {
            "eval_metric": self.metric,
            "best_iteration": self.best_round(),
            "best_value": self.best.map(|(_, value)| value),
            "rounds_kept": self.best_round() + 1,
            "rounds_trained": self.trained,
            "validation_rows": kept_out.len(),
            "validation_positives": kept_out.iter().filter(|&&label| label == 1).count(),
        }})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, Default, PartialEq)]
    struct Loss;

    impl EvalMetric for Loss {
        fn id(self) -> &'static str {
            "loss"
        }

        fn better(self) -> Better {
            Better::Lower
        }
    }

    fn stopping(rounds: u32, share: f64) -> EarlyStopping<Loss> {
        EarlyStopping { early_stopping_rounds: Some(rounds), validation_fraction: share, eval_metric: Loss }
    }

    /// Rounds trained, and the best one.
    fn watched(better: Better, patience: u32, values: &[f64]) -> (u32, u32) {
        let mut watch = Watch { better, ..stopping(patience, 0.1).watch().unwrap() };
        let _ = values.iter().any(|&value| watch.stops(value));
        (watch.trained, watch.best_round())
    }

    #[test]
    fn training_ends_after_so_many_rounds_without_a_better_value() {
        let values = [0.5, 0.4, 0.4, 0.45, 0.3, 0.31, 0.32, 0.2];
        assert_eq!(watched(Better::Lower, 2, &values), (4, 1));
        assert_eq!(watched(Better::Lower, 3, &values), (8, 7));
        assert_eq!(watched(Better::Lower, 1, &values), (3, 1));
        // Upwards the first value is never beaten.
        assert_eq!(watched(Better::Higher, 5, &values), (6, 0));
        assert_eq!(watched(Better::Higher, 2, &[0.1, 0.2, f64::NAN, 0.2, 0.9]), (4, 1));
        // Rounds that run out first: the best of them.
        assert_eq!(watched(Better::Lower, 50, &values), (8, 7));
    }

    #[test]
    fn what_no_seed_can_keep_out_is_known_before_a_fit() {
        let labels =
            |positives: usize, rows: usize| -> Vec<u8> { (0..rows).map(|row| u8::from(row < positives)).collect() };
        // Of 30 rows 3 are kept out, and 2 positives are too few for a share of one of them.
        let said = stopping(5, 0.1).cannot_draw(&labels(2, 30)).unwrap();
        assert_eq!(
            said,
            "with a `validation_fraction` of 0.1 the validation part would hold 0 positives among 3 rows, and both parts need both \
             classes: take another `validation_fraction`, or leave `early_stopping_rounds` out"
        );
        assert_eq!(stopping(5, 0.5).cannot_draw(&labels(2, 30)), None);
        let one = stopping(5, 0.1).cannot_draw(&labels(1, 30)).unwrap();
        assert!(one.contains("cannot be taken from 1 positive and 29 negatives"), "{one}");
        assert!(stopping(5, 0.1).cannot_draw(&[]).is_some(), "no rows are too few");
        let never = EarlyStopping { early_stopping_rounds: None, ..stopping(5, 0.1) };
        assert_eq!(never.cannot_draw(&labels(2, 30)), None);
        // Of 5 positives 4.5 are left, and of 25 negatives 22.5: the seed decides which class gives a row more.
        let y = labels(5, 30);
        let kept_out = |seed| stopping(5, 0.1).drawn(&y, seed).is_ok();
        assert!((0..EITHER_WAY).any(kept_out) && !(0..EITHER_WAY).all(kept_out), "both ways are among the seeds");
        assert_eq!(stopping(5, 0.1).cannot_draw(&y), None);
    }

    #[test]
    fn parts_are_stratified_and_need_both_classes() {
        let y: Vec<u8> = (0..200).map(|row| u8::from(row % 10 == 3)).collect();
        let x = Array2::from_shape_fn((200, 2), |(row, column)| (row * 2 + column) as f64);
        let ((train, train_y), (kept_out, kept_out_y)) = stopping(5, 0.25).parts(x.view(), &y, 3).unwrap();
        assert_eq!((train.nrows(), kept_out.nrows()), (150, 50));
        let positives = |y: &[u8]| y.iter().filter(|&&label| label == 1).count();
        assert_eq!((positives(&train_y), positives(&kept_out_y)), (15, 5));
        let mut rows: Vec<usize> = train.rows().into_iter().chain(kept_out.rows()).map(|r| r[0] as usize / 2).collect();
        assert!(rows.iter().zip(train_y.iter().chain(&kept_out_y)).all(|(&row, &label)| y[row] == label));
        rows.sort_unstable();
        assert_eq!(rows, (0..200).collect::<Vec<_>>());
        assert_ne!(stopping(5, 0.25).parts(x.view(), &y, 4).unwrap().0.0, train);
        // Three positives: a tenth of them is none.
        let few: Vec<u8> = (0..200).map(|row| u8::from(row < 3)).collect();
        let said = stopping(5, 0.1).parts(x.view(), &few, 3).err().unwrap().to_string();
        assert!(said.contains("the validation part would hold 0 positives among 20 rows"), "{said}");
    }
}
