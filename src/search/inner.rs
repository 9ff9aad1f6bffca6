//! Inner cross-validation: candidates are judged on folds of the training rows alone.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde_json::Value;

use super::beside::beside;
use super::score::Goal;
use super::trial::{CandidateSeconds, DROPPED, Trial};
use crate::component::{Classifier, Context, InnerFold, Model, Prediction, Shared, Train};
use crate::data::Sides;
use crate::error::{Error, Result};
use crate::split::judging;
pub use crate::split::labels;

/// Something that can be tried: what it is called in records, and the classifier that it stands for.
pub trait Candidate: Sync {
    /// Its parameters, for the record; equal descriptions are the same candidate.
    fn describe(&self) -> Value;

    /// The unfitted classifier.
    ///
    /// # Errors
    /// Parameters that do not go together, in one sentence.
    fn build(&self) -> Result<Box<dyn Classifier>>;

    /// What it learns from these rows, where that shows before it is fitted: candidates that say the same are fitted once.
    fn learns(&self, _train: &Train<'_>, _context: &Context) -> Option<String> {
        None
    }

    /// Candidates that say the same here share most of their fits' work on a fold: they are tried one after the other.
    fn kin(&self) -> String {
        String::new()
    }
}

/// The candidates `which` on each of `folds`, in an order in which kin follow each other on a fold: what they share is there,
/// and what they no longer need may go.
fn jobs(kin: &[String], which: &[usize], folds: Range<usize>) -> Vec<(usize, usize)> {
    let mut jobs: Vec<(usize, usize)> = which.iter().flat_map(|&i| folds.clone().map(move |fold| (i, fold))).collect();
    jobs.sort_by_key(|&(i, fold)| (kin.iter().position(|other| *other == kin[i]), fold));
    jobs
}

/// A candidate's value on a fold, and the seconds of the fit and of what came after it.
type Tried = (Result<f64, String>, [f64; 2]);

/// What the candidate of this number learns on a fold; see [`Candidate::learns`].
type Learns<'l> = dyn Fn(usize, usize) -> Option<String> + Sync + 'l;

/// See [`Inner::race`].
type Stays<'s> = dyn Fn(&[(usize, f64)]) -> Vec<bool> + 's;

/// The inner folds of some rows, with matrices that all candidates share, and what is known of candidates.
pub struct Inner<'t> {
    folds: Vec<InnerFold<'t>>,
    /// For each fold the places of its test rows among all test rows.
    tested: Vec<Vec<usize>>,
    rows: usize,
    goal: Goal,
    context: Context,
    known: Mutex<HashMap<String, Trial>>,
    /// What came out on a fold, by what was learnt there.
    learnt: Mutex<HashMap<(usize, String), Result<f64, String>>>,
    /// What candidates share on these folds; none where there is one candidate only.
    shared: Option<Shared>,
}

/// The store outlives a search that is part of another one.
impl Drop for Inner<'_> {
    fn drop(&mut self) {
        if let Some(shared) = &self.shared {
            shared.forget();
        }
    }
}

impl<'t> Inner<'t> {
    /// Cuts `rows` of those that `train` was made of (all of them without it) into `folds` folds. They are those of
    /// `StratifiedKFold(folds, shuffle=True, random_state=seed)`, unless the rows know better. Every fit gets `context`.
    ///
    /// # Errors
    /// [`Error::Component`] when the rows of a class are fewer than the folds, or a step of the pipeline fails on one.
    pub fn new(
        train: &Train<'t>,
        rows: Option<&[usize]>,
        (folds, seed): (u32, u32),
        goal: Goal,
        context: Context,
    ) -> Result<Self> {
        let all: Vec<usize>;
        let rows = match rows {
            Some(rows) => rows,
            None => {
                all = (0..labels(train).len()).collect();
                &all
            }
        };
        let folds = judging(train, rows, (folds, Some(seed)))?;
        let mut all: Vec<usize> = folds.iter().flat_map(|fold| fold.places.iter().copied()).collect();
        all.sort_unstable();
        let among = |place: &usize| all.binary_search(place).unwrap_or_else(|missing| missing);
        let tested = folds.iter().map(|fold| fold.places.iter().map(among).collect()).collect();
        let (known, learnt) = (Mutex::default(), Mutex::default());
        Ok(Inner { folds, tested, rows: rows.len(), goal, context, known, learnt, shared: None })
    }

    /// The same folds for several candidates, which share what hangs on the rows alone. `within` is what `train` shares itself.
    #[must_use]
    pub fn sharing(mut self, within: Option<&Shared>) -> Self {
        let values: usize = self.folds.iter().map(|fold| fold.train.len() + fold.test.len()).sum();
        let own = || Shared::for_rows(values * size_of::<f64>());
        self.shared = Some(within.map_or_else(own, Shared::fresh));
        self
    }

    /// What candidates share, if they do.
    #[cfg(test)]
    pub(super) fn shared(&self) -> Option<&Shared> {
        self.shared.as_ref()
    }

    /// How many rows the folds have together.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Tries all candidates, folds and candidates side by side on the current rayon pool. What was tried before on these
    /// rows is not fitted again. The result does not depend on the pool.
    pub fn try_all<C: Candidate>(&self, candidates: &[C]) -> Vec<Trial> {
        self.attempt(candidates, None)
    }

    /// The same, but the first fold goes first: `stays` gets the places among the candidates and the goal's utilities there of
    /// those that could be scored on it, and says which of them are worth the other folds.
    pub fn race<C: Candidate>(&self, candidates: &[C], stays: impl Fn(&[(usize, f64)]) -> Vec<bool>) -> Vec<Trial> {
        self.attempt(candidates, Some(&stays))
    }

    fn attempt<C: Candidate>(&self, candidates: &[C], stays: Option<&Stays<'_>>) -> Vec<Trial> {
        let described: Vec<Value> = candidates.iter().map(Candidate::describe).collect();
        let keys: Vec<String> = described.iter().map(Value::to_string).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = HashSet::new();
        let fresh: Vec<usize> =
            (0..keys.len()).filter(|&i| !known.contains_key(&keys[i]) && asked.insert(&keys[i])).collect();
        let built: Vec<Result<Box<dyn Classifier>>> = fresh.iter().map(|&i| candidates[i].build()).collect();
        let kin: Vec<String> = fresh.iter().map(|&i| candidates[i].kin()).collect();
        let all: Vec<usize> = (0..fresh.len()).collect();
        let folds = self.folds.len();
        // Only a store makes it cheap to ask: the rows after the first steps are then there for the fit.
        let learns = |i: usize, fold: usize| {
            let shared = self.part(fold, "train")?;
            candidates[fresh[i]].learns(&self.folds[fold].training().sharing(Some(&shared)), &self.context)
        };
        let tried: Vec<Vec<Tried>> = match stays {
            Some(stays) if folds > 1 => {
                let mut tried = self.attempts((&built, &learns), &kin, &all, 0..1);
                let utility = |i: usize| Some((fresh[i], self.goal.utility(*tried[i][0].0.as_ref().ok()?)));
                let sound: Vec<usize> = all.into_iter().filter(|&i| utility(i).is_some()).collect();
                let first: Vec<(usize, f64)> = sound.iter().filter_map(|&i| utility(i)).collect();
                let on = sound.into_iter().zip(stays(&first)).filter(|(_, stays)| *stays).map(|(i, _)| i);
                let on: Vec<usize> = on.collect();
                for (i, more) in on.iter().zip(self.attempts((&built, &learns), &kin, &on, 1..folds)) {
                    tried[*i].extend(more);
                }
                tried
            }
            _ => self.attempts((&built, &learns), &kin, &all, 0..folds),
        };
        for (&i, tried) in fresh.iter().zip(tried) {
            let trial = self.trial(described[i].clone(), tried);
            known.insert(keys[i].clone(), trial);
        }
        keys.iter().map(|key| known[key].clone()).collect()
    }

    /// What became of a candidate on the folds that it was tried on.
    fn trial(&self, params: Value, tried: Vec<Tried>) -> Trial {
        let [fit, score] = [0, 1].map(|part| tried.iter().map(|(_, seconds)| seconds[part]).collect());
        let count = tried.len();
        let scores: Result<Vec<f64>, String> = tried.into_iter().map(|(score, _)| score).collect();
        let is_dropped = count < self.folds.len() && scores.is_ok();
        let mut trial = Trial::new(params, self.rows, scores);
        if is_dropped {
            trial.mean = None;
            trial.failed = Some(DROPPED.to_owned());
        }
        Trial { seconds: CandidateSeconds { fit, score }, ..trial }
    }

    /// The candidates `which` on these folds, a list for each of them.
    fn attempts(
        &self,
        (built, learns): (&[Result<Box<dyn Classifier>>], &Learns<'_>),
        kin: &[String],
        which: &[usize],
        folds: Range<usize>,
    ) -> Vec<Vec<Tried>> {
        let jobs = jobs(kin, which, folds.clone());
        let try_one = |job: usize| {
            let (i, fold) = jobs[job];
            match &built[i] {
                Ok(classifier) => self.score_once(classifier.as_ref(), fold, || learns(i, fold)),
                Err(e) => (Err(e.to_string()), [0.0; 2]),
            }
        };
        let done = beside(jobs.len(), try_one);
        let mut of: HashMap<(usize, usize), Tried> = jobs.into_iter().zip(done).collect();
        let mut folds_of = |&i: &usize| folds.clone().filter_map(|fold| of.remove(&(i, fold))).collect();
        which.iter().map(&mut folds_of).collect()
    }

    /// What fits on the part of a fold share that learns, and predictions on the part that judges.
    fn part(&self, fold: usize, name: &str) -> Option<Shared> {
        self.shared.as_ref().map(|shared| shared.part(&format!("{fold}/{name}")))
    }

    /// The goal's value on a fold, and the seconds of the fit and of what came after it. What has learnt the same before is not
    /// fitted again.
    fn score_once(&self, classifier: &dyn Classifier, fold: usize, learns: impl FnOnce() -> Option<String>) -> Tried {
        let started = Instant::now();
        let Some(learnt) = learns().map(|learnt| (fold, learnt)) else { return self.score(classifier, fold) };
        let all = || self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all().get(&learnt).cloned();
        let asked = started.elapsed().as_secs_f64();
        let (value, [fit, score]) = known.map_or_else(|| self.score(classifier, fold), |value| (value, [0.0; 2]));
        all().insert(learnt, value.clone());
        (value, [asked + fit, score])
    }

    /// The goal's value on a fold, and the seconds of the fit and of what came after it.
    fn score(&self, classifier: &dyn Classifier, fold: usize) -> Tried {
        let started = Instant::now();
        let model = self.fit(classifier, fold);
        let fitted = started.elapsed();
        let prediction = model.and_then(|model| self.said(model.as_ref(), fold)).map_err(|e| e.to_string());
        let InnerFold { test_y, sides, .. } = &self.folds[fold];
        let value = prediction.and_then(|prediction| self.goal.value(test_y, &prediction, sides));
        (value, [fitted.as_secs_f64(), (started.elapsed() - fitted).as_secs_f64()])
    }

    fn fit(&self, classifier: &dyn Classifier, fold: usize) -> Result<Box<dyn Model>> {
        let shared = self.part(fold, "train");
        let fold = &self.folds[fold];
        if fold.weight.is_some() {
            classifier.weights().map_err(Error::Component)?;
        }
        classifier.fit(&fold.training().sharing(shared.as_ref()), &self.context)
    }

    fn said(&self, model: &dyn Model, fold: usize) -> Result<Prediction> {
        let test = self.folds[fold].test.view();
        match self.part(fold, "test") {
            Some(shared) => model.predict_sharing(test, &shared),
            None => model.predict(test),
        }
    }

    fn predict(&self, classifier: &dyn Classifier, fold: usize) -> Result<Prediction> {
        self.said(self.fit(classifier, fold)?.as_ref(), fold)
    }

    /// The labels of all rows that the folds learn from, one fold after the other: what a classifier is fitted on.
    pub fn learnt_labels(&self) -> Vec<u8> {
        self.folds.iter().flat_map(|fold| fold.train_y.iter().copied()).collect()
    }

    /// Puts what is known of the folds' test rows in the order of the rows.
    fn pooled<T: Copy + Default>(&self, parts: &[&[T]]) -> Vec<T> {
        let mut all = vec![T::default(); self.tested.iter().map(Vec::len).sum()];
        for (places, part) in self.tested.iter().zip(parts) {
            places.iter().zip(*part).for_each(|(&place, &value)| all[place] = value);
        }
        all
    }

    /// What models that have not seen a row say of it: an element per row that a fold tests, in the order of the rows.
    ///
    /// # Errors
    /// Whatever a fit or a prediction refuses.
    pub fn out_of_fold(&self, classifier: &dyn Classifier) -> Result<Prediction> {
        self.whole(beside(self.folds.len(), |fold| self.predict(classifier, fold)))
    }

    /// The same of each candidate, all of them side by side.
    pub fn out_of_fold_each<C: Candidate>(&self, candidates: &[C]) -> Vec<Result<Prediction>> {
        let built: Vec<Result<Box<dyn Classifier>>> = candidates.iter().map(Candidate::build).collect();
        let kin: Vec<String> = candidates.iter().map(Candidate::kin).collect();
        let jobs = jobs(&kin, &(0..kin.len()).collect::<Vec<_>>(), 0..self.folds.len());
        let done = beside(jobs.len(), |job| {
            let (i, fold) = jobs[job];
            built[i].as_ref().ok().map(|classifier| self.predict(classifier.as_ref(), fold))
        });
        let mut parts: Vec<_> = jobs.into_iter().zip(done).collect();
        parts.sort_unstable_by_key(|(job, _)| *job);
        let mut parts = parts.into_iter().filter_map(|(_, part)| part);
        built.into_iter().map(|built| built.and_then(|_| self.whole(parts.by_ref().take(self.folds.len())))).collect()
    }

    /// What the folds' predictions are together, in the order of the rows.
    fn whole(&self, parts: impl IntoIterator<Item = Result<Prediction>>) -> Result<Prediction> {
        // All are taken, even behind one that failed.
        let parts: Vec<Result<Prediction>> = parts.into_iter().collect();
        let parts = parts.into_iter().collect::<Result<Vec<Prediction>>>()?;
        let first = parts.first().ok_or_else(|| Error::Component("there are no inner folds".into()))?;
        Ok(Prediction {
            score: self.pooled(&parts.iter().map(|part| &part.score[..]).collect::<Vec<_>>()),
            label: self.pooled(&parts.iter().map(|part| &part.label[..]).collect::<Vec<_>>()),
            kind: first.kind,
        })
    }

    /// The true classes of the rows of [`Inner::out_of_fold`].
    pub fn labels(&self) -> Vec<u8> {
        self.pooled(&self.folds.iter().map(|fold| &fold.test_y[..]).collect::<Vec<_>>())
    }

    fn pooled_side<T: Copy + Default>(&self, side: impl Fn(&Sides) -> Option<&Vec<T>>) -> Option<Vec<T>> {
        let parts: Option<Vec<&[T]>> = self.folds.iter().map(|fold| side(&fold.sides).map(Vec::as_slice)).collect();
        parts.map(|parts| self.pooled(&parts))
    }

    /// What the data say of the rows of [`Inner::out_of_fold`] beside their features.
    pub fn sides(&self) -> Sides {
        Sides {
            group: self.pooled_side(|sides| sides.group.as_ref()),
            time: self.pooled_side(|sides| sides.time.as_ref()),
            amount: self.pooled_side(|sides| sides.amount.as_ref()),
            ..Sides::default()
        }
    }

    /// The goal's value on each fold for what [`Inner::out_of_fold`] gave.
    ///
    /// # Errors
    /// Why there is none on some fold.
    pub fn fold_values(&self, whole: &Prediction) -> Result<Vec<f64>, String> {
        let part = |places: &[usize]| Prediction {
            score: places.iter().map(|&place| whole.score[place]).collect(),
            label: places.iter().map(|&place| whole.label[place]).collect(),
            kind: whole.kind,
        };
        let folds = self.folds.iter().zip(&self.tested);
        folds.map(|(fold, places)| self.goal.value(&fold.test_y, &part(places), &fold.sides)).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ndarray::{Array2, Axis};

    use super::*;
    use crate::component::Registry;
    use crate::numeric::mt19937::Mt19937;
    use crate::search::trial::{best, ranked};
    use crate::split::stratified_by;

    /// A tree of at most this depth; 0 is refused. Counts how often it is built.
    #[derive(Clone)]
    pub struct Depth<'a>(pub i64, pub &'a AtomicUsize);

    impl Candidate for Depth<'_> {
        fn describe(&self) -> Value {
            Value::from(self.0)
        }

        fn build(&self) -> Result<Box<dyn Classifier>> {
            self.1.fetch_add(1, Ordering::Relaxed);
            let params = toml::Table::from_iter([("max_depth".to_owned(), self.0.into())]);
            Ok(Registry::built_in().classifier("decision-tree", None)?.build(&params, &Registry::empty())?.component)
        }
    }

    pub fn rows(count: usize) -> (Array2<f64>, Vec<u8>) {
        let mut random = Mt19937::new(12);
        let y: Vec<u8> = (0..count).map(|row| u8::from(row % 11 == 3)).collect();
        let x = Array2::from_shape_fn((count, 3), |(row, column)| {
            (random.next_f64() * 20.0).floor() + if column == 1 { 8.0 * f64::from(y[row]) } else { 0.0 }
        });
        (x, y)
    }

    #[test]
    fn a_candidate_is_fitted_once_and_of_equals_the_first_is_best() {
        let (x, y) = rows(220);
        let goal = Goal::find("pr-auc", &Registry::built_in()).unwrap();
        let inner = Inner::new(&Train::numbers(x.view(), &y), None, (3, 42), goal, Context { seed: 1 }).unwrap();
        let built = AtomicUsize::new(0);
        let all = [0, 2, 3, 2, 90, 91].map(|depth| Depth(depth, &built));
        let trials = inner.try_all(&all);
        assert_eq!(built.load(Ordering::Relaxed), 5);
        assert_eq!(trials, inner.try_all(&all));
        assert_eq!(built.load(Ordering::Relaxed), 5);
        assert_eq!(trials[1], trials[3]);
        assert!(trials[0].failed.as_ref().unwrap().contains("max_depth") && trials[0].mean.is_none());
        // No tree is as deep as 90, so both of these are the whole tree.
        assert_eq!(trials[4].scores, trials[5].scores);
        assert_eq!(ranked(&trials[4..], goal), [0, 1]);
        assert_eq!(ranked(&trials, goal)[5], 0);
        assert_eq!(best(&trials[..1], goal), None);
        let mean = trials[1].scores.iter().sum::<f64>() / 3.0;
        assert_eq!(trials[1].mean, Some(mean));
        let log_loss = Goal::find("log-loss", &Registry::built_in()).unwrap();
        let of = |mean: f64| Trial::new(Value::Null, 1, Ok(vec![mean]));
        assert_eq!(best(&[of(0.5), of(0.2), of(0.2)], log_loss), Some(1));
    }

    #[test]
    fn who_falls_behind_on_the_first_fold_is_not_tried_on_the_others() {
        let (x, y) = rows(220);
        let goal = Goal::find("log-loss", &Registry::built_in()).unwrap();
        let inner = || Inner::new(&Train::numbers(x.view(), &y), None, (3, 42), goal, Context { seed: 1 }).unwrap();
        let built = AtomicUsize::new(0);
        let all = [1, 0, 5, 2].map(|depth| Depth(depth, &built));
        let whole = inner().try_all(&all);
        let racing = inner();
        let raced = racing.race(&all, |first| {
            let expected = |i: usize| (i, -whole[i].scores[0]);
            assert_eq!(first, [0, 2, 3].map(expected), "without the one that failed; more is better");
            vec![true, false, true]
        });
        assert_eq!([&raced[0], &raced[1], &raced[3]], [&whole[0], &whole[1], &whole[3]]);
        assert_eq!((&raced[2].scores[..], raced[2].mean), (&whole[2].scores[..1], None));
        assert_eq!(raced[2].failed.as_deref(), Some("dropped after fold 1"));
        assert_eq!(raced[2].seconds.fit.len(), 1);
        assert_eq!(raced[2].utility(goal), f64::NEG_INFINITY);
        assert_eq!(racing.race(&all, |first| vec![true; first.len()]), raced, "nothing is tried again");
    }

    #[test]
    fn out_of_fold_scores_are_those_of_models_that_have_not_seen_the_row() {
        let (x, y) = rows(130);
        let goal = Goal::find("f1", &Registry::built_in()).unwrap();
        let some: Vec<usize> = (0..130).filter(|row| row % 5 != 0).collect();
        let inner = Inner::new(&Train::numbers(x.view(), &y), Some(&some), (3, 7), goal, Context { seed: 1 }).unwrap();
        let built = AtomicUsize::new(0);
        let tree = Depth(4, &built);
        let whole = inner.out_of_fold(tree.build().unwrap().as_ref()).unwrap();
        let labels = inner.labels();
        let each = inner.out_of_fold_each(&[3, 0, 4].map(|depth| Depth(depth, &built)));
        assert!(each[0].as_ref().is_ok_and(|other| *other != whole) && each[1].is_err());
        assert_eq!(*each[2].as_ref().unwrap(), whole);
        assert_eq!(inner.fold_values(&whole).unwrap(), inner.try_all(std::slice::from_ref(&tree))[0].scores);
        assert_eq!(labels, some.iter().map(|&row| y[row]).collect::<Vec<u8>>());
        for split in stratified_by(&labels, 3, Some(7)).unwrap() {
            let part = |places: &[usize]| {
                let rows: Vec<usize> = places.iter().map(|&place| some[place]).collect();
                (x.select(Axis(0), &rows), rows.iter().map(|&row| y[row]).collect::<Vec<u8>>())
            };
            let ((train, train_y), (test, _)) = (part(&split.train), part(&split.test));
            let model =
                tree.build().unwrap().fit(&Train::numbers(train.view(), &train_y), &Context { seed: 1 }).unwrap();
            let said = model.predict(test.view()).unwrap();
            let ours: Vec<f64> = split.test.iter().map(|&place| whole.score[place]).collect();
            assert_eq!(ours, said.score);
        }
    }
}
