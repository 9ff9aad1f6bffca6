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

    /// About what a fit costs beside other candidates' fits.
    fn cost(&self) -> f64 {
        0.0
    }
}

/// The candidates `which` on each of `folds`, in an order in which kin follow each other on a fold: what they share is there,
/// and what they no longer need may go. The dearest begin first, so that none of them is left alone at the end.
fn jobs(kin: &[(String, f64)], which: &[usize], folds: Range<usize>) -> Vec<(usize, usize)> {
    let mut groups: Vec<(&str, f64)> = Vec::new();
    for &i in which {
        let (name, cost) = &kin[i];
        match groups.iter_mut().find(|(other, _)| other == name) {
            Some((_, most)) => *most = most.max(*cost),
            None => groups.push((name, *cost)),
        }
    }
    groups.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut jobs: Vec<(usize, usize)> = which.iter().flat_map(|&i| folds.clone().map(move |fold| (i, fold))).collect();
    jobs.sort_by_key(|&(i, fold)| (groups.iter().position(|(other, _)| *other == kin[i].0), fold));
    jobs
}

/// What came of a candidate on a fold.
pub(super) struct Tried {
    /// The goal's value.
    value: Result<f64, String>,
    /// Seconds of the fit and of what came after it.
    seconds: [f64; 2],
    /// What its model says of the test rows, where that is kept.
    pub(super) said: Option<Prediction>,
}

/// Says which of those that could be scored on the first fold are tried on the others, by their places and utilities there, and by
/// what came of each candidate.
type Stays<'s> = dyn Fn(&[(usize, f64)], &[Vec<Tried>]) -> Vec<bool> + 's;

/// The inner folds of some rows, with matrices that all candidates share, and what is known of candidates.
pub struct Inner<'t> {
    pub(super) folds: Vec<InnerFold<'t>>,
    /// For each fold the places of its test rows among all test rows.
    pub(super) tested: Vec<Vec<usize>>,
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

    /// The labels of the first fold's test rows, and what the data say of them beside their features.
    pub fn first_fold(&self) -> (&[u8], &Sides) {
        (&self.folds[0].test_y, &self.folds[0].sides)
    }

    /// Tries all candidates, folds and candidates side by side on the current rayon pool. What was tried before on these
    /// rows is not fitted again. The result does not depend on the pool.
    pub fn try_all<C: Candidate>(&self, candidates: &[C]) -> Vec<Trial> {
        self.attempt(candidates, None)
    }

    /// The same, but the first fold goes first: `stays` gets the places among the candidates and the goal's utilities there of
    /// those that could be scored on it, and says which of them are worth the other folds.
    pub fn race<C: Candidate>(&self, candidates: &[C], stays: impl Fn(&[(usize, f64)]) -> Vec<bool>) -> Vec<Trial> {
        self.attempt(candidates, Some(&|first, _| stays(first)))
    }

    fn attempt<C: Candidate>(&self, candidates: &[C], stays: Option<&Stays<'_>>) -> Vec<Trial> {
        let described: Vec<Value> = candidates.iter().map(Candidate::describe).collect();
        let keys: Vec<String> = described.iter().map(Value::to_string).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = HashSet::new();
        let fresh: Vec<usize> =
            (0..keys.len()).filter(|&i| !known.contains_key(&keys[i]) && asked.insert(&keys[i])).collect();
        let some: Vec<&C> = fresh.iter().map(|&i| &candidates[i]).collect();
        let tried = match stays {
            Some(stays) => {
                let places = |first: &[(usize, f64)]| -> Vec<_> { first.iter().map(|&(i, u)| (fresh[i], u)).collect() };
                self.rounds(&some, Some(&|first, tried| stays(&places(first), tried)), false)
            }
            None => self.rounds(&some, None, false),
        };
        for (&i, tried) in fresh.iter().zip(tried) {
            let trial = self.trial(described[i].clone(), &tried);
            known.insert(keys[i].clone(), trial);
        }
        keys.iter().map(|key| known[key].clone()).collect()
    }

    /// The candidates on all folds, or on the first one and the others if they stay, a list for each candidate. What their models
    /// say of the test rows is kept on demand.
    pub(super) fn rounds<C: Candidate>(
        &self,
        candidates: &[&C],
        stays: Option<&Stays<'_>>,
        keep: bool,
    ) -> Vec<Vec<Tried>> {
        let kin: Vec<(String, f64)> = candidates.iter().map(|candidate| (candidate.kin(), candidate.cost())).collect();
        let built: Vec<Result<Box<dyn Classifier>>> = candidates.iter().map(|candidate| candidate.build()).collect();
        // Only a store makes it cheap to ask: the rows after the first steps are then there for the fit.
        let learns = |i: usize, fold: usize| {
            let shared = self.part(fold, "train")?;
            candidates[i].learns(&self.folds[fold].training().sharing(Some(&shared)), &self.context)
        };
        let try_one = |(i, fold): (usize, usize)| match &built[i] {
            Ok(classifier) if keep => self.score(classifier.as_ref(), fold, true),
            Ok(classifier) => self.score_once(classifier.as_ref(), fold, || learns(i, fold)),
            Err(e) => Tried { value: Err(e.to_string()), seconds: [0.0; 2], said: None },
        };
        let attempts = |which: &[usize], folds: Range<usize>| {
            let jobs = jobs(&kin, which, folds.clone());
            let done = beside(jobs.len(), |job| try_one(jobs[job]));
            let mut of: HashMap<(usize, usize), Tried> = jobs.into_iter().zip(done).collect();
            let mut folds_of = |&i: &usize| folds.clone().filter_map(|fold| of.remove(&(i, fold))).collect();
            which.iter().map(&mut folds_of).collect::<Vec<Vec<Tried>>>()
        };
        let (all, folds): (Vec<usize>, usize) = ((0..built.len()).collect(), self.folds.len());
        let Some(stays) = stays.filter(|_| folds > 1) else { return attempts(&all, 0..folds) };
        let mut tried = attempts(&all, 0..1);
        let utility = |i: usize| Some((i, self.goal.utility(*tried[i][0].value.as_ref().ok()?)));
        let first: Vec<(usize, f64)> = all.into_iter().filter_map(utility).collect();
        let on: Vec<usize> =
            first.iter().zip(stays(&first, &tried)).filter(|(_, stays)| *stays).map(|((i, _), _)| *i).collect();
        for (i, more) in on.iter().zip(attempts(&on, 1..folds)) {
            tried[*i].extend(more);
        }
        tried
    }

    /// What became of a candidate on the folds that it was tried on.
    pub(super) fn trial(&self, params: Value, tried: &[Tried]) -> Trial {
        let [fit, score] = [0, 1].map(|part| tried.iter().map(|tried| tried.seconds[part]).collect());
        let scores: Result<Vec<f64>, String> = tried.iter().map(|tried| tried.value.clone()).collect();
        let is_dropped = tried.len() < self.folds.len() && scores.is_ok();
        let mut trial = Trial::new(params, self.rows, scores);
        if is_dropped {
            trial.mean = None;
            trial.failed = Some(DROPPED.to_owned());
        }
        Trial { seconds: CandidateSeconds { fit, score }, ..trial }
    }

    /// What fits on the part of a fold share that learns, and predictions on the part that judges.
    fn part(&self, fold: usize, name: &str) -> Option<Shared> {
        self.shared.as_ref().map(|shared| shared.part(&format!("{fold}/{name}")))
    }

    /// As [`Inner::score`], but what has learnt the same before is not fitted again.
    fn score_once(&self, classifier: &dyn Classifier, fold: usize, learns: impl FnOnce() -> Option<String>) -> Tried {
        let started = Instant::now();
        let Some(learnt) = learns().map(|learnt| (fold, learnt)) else { return self.score(classifier, fold, false) };
        let all = || self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all().get(&learnt).cloned();
        let asked = started.elapsed().as_secs_f64();
        let again = |value| Tried { value, seconds: [0.0; 2], said: None };
        let Tried { value, seconds: [fit, score], said } =
            known.map_or_else(|| self.score(classifier, fold, false), again);
        all().insert(learnt, value.clone());
        Tried { value, seconds: [asked + fit, score], said }
    }

    fn score(&self, classifier: &dyn Classifier, fold: usize, keep: bool) -> Tried {
        let started = Instant::now();
        let model = self.fit(classifier, fold);
        let fitted = started.elapsed();
        let prediction = model.and_then(|model| self.said(model.as_ref(), fold)).map_err(|e| e.to_string());
        let InnerFold { test_y, sides, .. } = &self.folds[fold];
        let value = match &prediction {
            Ok(prediction) => self.goal.value(test_y, prediction, sides),
            Err(reason) => Err(reason.clone()),
        };
        let seconds = [fitted.as_secs_f64(), (started.elapsed() - fitted).as_secs_f64()];
        Tried { value, seconds, said: prediction.ok().filter(|_| keep) }
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

    pub(super) fn predict(&self, classifier: &dyn Classifier, fold: usize) -> Result<Prediction> {
        self.said(self.fit(classifier, fold)?.as_ref(), fold)
    }

    /// The labels of all rows that the folds learn from, one fold after the other: what a classifier is fitted on.
    pub fn learnt_labels(&self) -> Vec<u8> {
        self.folds.iter().flat_map(|fold| fold.train_y.iter().copied()).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ndarray::Array2;

    use super::*;
    use crate::component::Registry;
    use crate::numeric::mt19937::Mt19937;
    use crate::search::trial::{best, ranked};

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
    fn the_dearest_begin_and_kin_follow_each_other_on_a_fold() {
        let kin =
            [("a", 1.0), ("b", 2.0), ("a", 5.0), ("c", 2.0), ("d", 9.0)].map(|(name, cost)| (name.to_owned(), cost));
        let said = jobs(&kin, &[0, 1, 2, 3], 1..3);
        assert_eq!(said, [(0, 1), (2, 1), (0, 2), (2, 2), (1, 1), (1, 2), (3, 1), (3, 2)]);
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
}
