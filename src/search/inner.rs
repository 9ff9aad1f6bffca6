//! Inner cross-validation: candidates are judged on folds of the training rows alone.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::score::Goal;
use crate::classify::{Classifier, Context, Prediction};
use crate::error::{Error, Result};
use crate::split::{Protocol, StratifiedKFold};

/// Something that can be tried: what it is called in records, and the classifier that it stands for.
pub trait Candidate: Sync {
    /// Its parameters, for the record; equal descriptions are the same candidate.
    fn describe(&self) -> Value;

    /// The unfitted classifier.
    ///
    /// # Errors
    /// Parameters that do not go together, in one sentence.
    fn build(&self) -> Result<Box<dyn Classifier>>;
}

/// What became of a candidate on some rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// [`Candidate::describe`].
    pub params: Value,
    /// Rows of all inner folds together.
    pub rows: usize,
    /// The goal's value on each fold; empty when the candidate failed.
    pub scores: Vec<f64>,
    /// Their mean.
    pub mean: Option<f64>,
    /// Why it could not be fitted or scored on some fold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Whether the final model is made of it.
    pub chosen: bool,
}

impl Trial {
    /// A trial with these fold scores, or the reason why there are none.
    pub fn new(params: Value, rows: usize, scores: Result<Vec<f64>, String>) -> Self {
        let (scores, failed) = match scores {
            Ok(scores) => (scores, None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        let mean = (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64);
        Trial { params, rows, scores, mean, failed, chosen: false }
    }

    /// How good it is, more is better; a failed one is worse than any other.
    pub fn utility(&self, goal: Goal) -> f64 {
        self.mean.map_or(f64::NEG_INFINITY, |mean| goal.utility(mean))
    }
}

/// The best of `trials`, the first one of several; none when all have failed.
pub fn best(trials: &[Trial], goal: Goal) -> Option<usize> {
    ranked(trials, goal).first().copied().filter(|&i| trials[i].mean.is_some())
}

/// The trials from best to worst; of equals the earlier comes first.
pub fn ranked(trials: &[Trial], goal: Goal) -> Vec<usize> {
    let mut order: Vec<usize> = (0..trials.len()).collect();
    order.sort_by(|&a, &b| trials[b].utility(goal).total_cmp(&trials[a].utility(goal)));
    order
}

struct Fold {
    train: Array2<f64>,
    train_y: Vec<u8>,
    test: Array2<f64>,
    test_y: Vec<u8>,
    /// The test rows' places among the rows of the folds.
    places: Vec<usize>,
}

/// The inner folds of some rows, with copies of their matrices that all candidates share, and what is known of candidates.
pub struct Inner {
    folds: Vec<Fold>,
    rows: usize,
    goal: Goal,
    context: Context,
    known: Mutex<HashMap<String, Trial>>,
}

impl Inner {
    /// Cuts `rows` of `x` (rows x columns; all rows without it) with labels `y` into `folds` folds, those of
    /// `StratifiedKFold(folds, shuffle=True, random_state=seed)`. Every fit gets `context`.
    ///
    /// # Errors
    /// [`Error::Component`] when the rows of a class are fewer than the folds.
    pub fn new(
        (x, y): (ArrayView2<'_, f64>, &[u8]),
        rows: Option<&[usize]>,
        (folds, seed): (u32, u32),
        goal: Goal,
        context: Context,
    ) -> Result<Self> {
        if x.nrows() != y.len() {
            return Err(Error::Component(format!("{} rows but {} labels", x.nrows(), y.len())));
        }
        let all: Vec<usize>;
        let rows = match rows {
            Some(rows) => rows,
            None => {
                all = (0..y.len()).collect();
                &all
            }
        };
        let labels: Vec<u8> = rows.iter().map(|&row| y[row]).collect();
        let protocol = Protocol::StratifiedKFold(StratifiedKFold { folds, repeats: 1, seed, shuffle: true });
        let splits =
            protocol.splits(&labels, None).map_err(|e| Error::Component(format!("inner cross-validation: {e}")))?;
        let part = |places: &[usize]| {
            let rows: Vec<usize> = places.iter().map(|&place| rows[place]).collect();
            (x.select(Axis(0), &rows), rows.iter().map(|&row| y[row]).collect::<Vec<u8>>())
        };
        let folds = splits.into_iter().map(|split| {
            let ((train, train_y), (test, test_y)) = (part(&split.train), part(&split.test));
            Fold { train, train_y, test, test_y, places: split.test }
        });
        Ok(Inner { folds: folds.collect(), rows: labels.len(), goal, context, known: Mutex::new(HashMap::new()) })
    }

    /// How many rows the folds have together.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Tries all candidates, folds and candidates side by side on the current rayon pool. What was tried before on these
    /// rows is not fitted again. The result does not depend on the pool.
    pub fn try_all<C: Candidate>(&self, candidates: &[C]) -> Vec<Trial> {
        let described: Vec<Value> = candidates.iter().map(Candidate::describe).collect();
        let keys: Vec<String> = described.iter().map(Value::to_string).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = HashSet::new();
        let fresh: Vec<usize> =
            (0..keys.len()).filter(|&i| !known.contains_key(&keys[i]) && asked.insert(&keys[i])).collect();
        let built: Vec<Result<Box<dyn Classifier>>> = fresh.iter().map(|&i| candidates[i].build()).collect();
        let jobs: Vec<(usize, &Fold)> =
            (0..fresh.len()).flat_map(|i| self.folds.iter().map(move |fold| (i, fold))).collect();
        let scores: Vec<Result<f64, String>> = jobs
            .into_par_iter()
            .map(|(i, fold)| match &built[i] {
                Ok(classifier) => self.score(classifier.as_ref(), fold),
                Err(e) => Err(e.to_string()),
            })
            .collect();
        for (&i, scores) in fresh.iter().zip(scores.chunks(self.folds.len())) {
            let scores = scores.iter().cloned().collect();
            known.insert(keys[i].clone(), Trial::new(described[i].clone(), self.rows, scores));
        }
        keys.iter().map(|key| known[key].clone()).collect()
    }

    fn score(&self, classifier: &dyn Classifier, fold: &Fold) -> Result<f64, String> {
        let prediction = self.predict(classifier, fold).map_err(|e| e.to_string())?;
        self.goal.value(&fold.test_y, &prediction)
    }

    fn predict(&self, classifier: &dyn Classifier, fold: &Fold) -> Result<Prediction> {
        classifier.fit(fold.train.view(), &fold.train_y, &self.context)?.predict(fold.test.view())
    }

    /// What models that have not seen a row say of it: an element a row, in the order of the rows.
    ///
    /// # Errors
    /// Whatever a fit or a prediction refuses.
    pub fn out_of_fold(&self, classifier: &dyn Classifier) -> Result<Prediction> {
        let parts: Vec<Result<Prediction>> = self.folds.par_iter().map(|fold| self.predict(classifier, fold)).collect();
        let mut whole: Option<Prediction> = None;
        for (fold, part) in self.folds.iter().zip(parts) {
            let part = part?;
            let whole = whole.get_or_insert_with(|| Prediction {
                score: vec![0.0; self.rows],
                label: vec![0; self.rows],
                kind: part.kind,
            });
            for ((&place, score), label) in fold.places.iter().zip(part.score).zip(part.label) {
                (whole.score[place], whole.label[place]) = (score, label);
            }
        }
        whole.ok_or_else(|| Error::Component("there are no inner folds".into()))
    }

    /// The goal's value on each fold for a prediction that [`Inner::out_of_fold`] made.
    ///
    /// # Errors
    /// Why there is none on some fold.
    pub fn fold_values(&self, whole: &Prediction) -> Result<Vec<f64>, String> {
        let part = |fold: &Fold| Prediction {
            score: fold.places.iter().map(|&place| whole.score[place]).collect(),
            label: fold.places.iter().map(|&place| whole.label[place]).collect(),
            kind: whole.kind,
        };
        self.folds.iter().map(|fold| self.goal.value(&fold.test_y, &part(fold))).collect()
    }
}
