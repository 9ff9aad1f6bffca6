//! The family `autosklearn`: pipelines found by model-based optimisation, then an ensemble of the best ones.
//!
//! Feurer, Klein, Eggensperger, Springenberg, Blum, Hutter (2015), "Efficient and Robust Automated Machine Learning": a
//! random forest predicts how good a pipeline is, the one with the largest expected improvement is tried next (SMAC), and
//! the tried ones are put together by ensemble selection. METHODOLOGY.md says where this one differs.

use std::collections::HashSet;
use std::time::Instant;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::beside::beside;
use super::ensemble::{labelled, select};
use super::halving::{all_failed, bounded, subsample};
use super::inner::{Candidate, Inner, labels};
use super::recipe::{Menu, Recipe, finalists};
use super::score::Goal;
use super::surrogate::{Surrogate, expected_improvement};
use super::trial::{Trial, ranked, shift, spread, within_reach};
use super::{Detailed, FOLD_SEED, FOLDS_OF_FAMILY, MOST_VALUES, OUT_OF_TIME, findings, require_seconds, stream};
use crate::classify::{limit, require};
use crate::component::{
    Classifier, Context, Cost, Entry, InnerCut, Isotonic, Model, Prediction, Registry, ScoreKind, Shared, Train, build,
};
use crate::data::{Role, Sides};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::split::with_key;

/// Pipelines tried before the surrogate is asked.
const STARTUP: usize = 15;
/// A later one is tried on all folds if its first is not behind that of the trial in this place, from 1, by more than the spread.
const NEAR: usize = 5;
/// Every so many proposals, one is drawn at random, so that a surrogate that is wrong is found out.
const RANDOM_EVERY: usize = 4;
/// Random pipelines whose expected improvement is compared, and changes of each of the best ones.
const DRAWS: usize = 300;
const NEIGHBOURS: usize = 20;
const OF_BEST: usize = 5;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// Pipelines tried in all, on a part of the rows.
    evaluations: usize,
    /// Inner folds.
    folds: u32,
    /// The metric that is striven for.
    goal: String,
    /// Negatives a positive in the rows of the search.
    negatives_per_positive: usize,
    /// The best pipelines (of each family first), whose out-of-fold scores on all rows ensemble selection chooses from.
    members: usize,
    /// Rounds of ensemble selection.
    rounds: usize,
    /// Families that a pipeline may end in; empty: all of the menu.
    families: Vec<String>,
    /// Ends the search after so many seconds. The result then depends on the machine, which the record says.
    seconds: Option<f64>,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            evaluations: 60,
            folds: 3,
            goal: "pr-auc".into(),
            negatives_per_positive: 50,
            members: 10,
            rounds: 50,
            families: Vec::new(),
            seconds: None,
            random_state: None,
        }
    }
}

struct AutoSklearn {
    params: Params,
    goal: Goal,
    menu: Menu,
}

/// A pipeline that ensemble selection may choose.
struct Finalist {
    recipe: Recipe,
    /// From decision scores to probabilities; none for a pipeline that says probabilities.
    map: Option<Isotonic>,
    probability: Vec<f64>,
    /// Its place among the trials.
    trial: usize,
}

impl Classifier for AutoSklearn {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let y = labels(train);
        let params = &self.params;
        let seed = params.random_state.map_or(context.seed, u64::from);
        let context = Context { seed };
        let positives = y.iter().filter(|&&label| label == 1).count();
        let negatives = bounded(train, positives * params.negatives_per_positive, MOST_VALUES);
        let rows = subsample(y, negatives, stream(seed, "rows").next_u32());
        let folds = (params.folds, FOLD_SEED);
        let inner =
            Inner::new(train, Some(&rows), folds, self.goal, context).map_err(|e| with_key(e, FOLDS_OF_FAMILY))?;
        let inner = inner.sharing(train.shared);
        let menu = self.menu.clone().fit_to(&inner.learnt_labels());
        let (recipes, mut trials, stopped) = self.optimise(&inner, &menu, &mut stream(seed, "autosklearn"));
        drop(inner);
        let inner = Inner::new(train, None, folds, self.goal, context).map_err(|e| with_key(e, FOLDS_OF_FAMILY))?;
        let inner = inner.sharing(train.shared);
        let finalists = self.finalists(&recipes, &mut trials, &inner)?;
        let (y, sides) = (inner.labels(), inner.sides());
        drop(inner);
        let library: Vec<Vec<f64>> = finalists.iter().map(|finalist| finalist.probability.clone()).collect();
        let (counts, merit) = self.ensemble(&library, (&y, &sides));
        let total = counts.iter().sum::<usize>().max(1) as f64;
        let chosen: Vec<(Finalist, f64)> = finalists
            .into_iter()
            .zip(&counts)
            .filter(|(_, count)| **count > 0)
            .map(|(finalist, &count)| (finalist, count as f64 / total))
            .collect();
        if chosen.is_empty() {
            return Err(Error::Component(format!("no ensemble has a {}", self.goal.id())));
        }
        let models = refitted(&chosen, train, &context);
        let (mut members, mut told): (Vec<Member>, Vec<Value>) = (Vec::new(), Vec::new());
        for ((finalist, weight), model) in chosen.into_iter().zip(models) {
            trials[finalist.trial].chosen = true;
            told.push(json!({ "params": finalist.recipe.describe(), "weight": weight }));
            members.push(Member { model: model?, map: finalist.map, weight });
        }
        let more = json!({ "stopped": stopped, "members": told, "out_of_fold": self.goal.utility(merit) });
        let details = findings("autosklearn", self.goal, &trials, more);
        Ok(Detailed::boxed(Box::new(Ensemble(members)), details))
    }

    fn uses_raw_rows(&self) -> bool {
        true
    }

    fn inner_cuts(&self) -> Vec<InnerCut> {
        let (folds, seed) = (self.params.folds, Some(FOLD_SEED));
        vec![InnerCut { folds, seed, key: FOLDS_OF_FAMILY, judges: true }]
    }

    fn judged_by(&self) -> Vec<Role> {
        self.goal.roles()
    }

    fn weights(&self) -> Result<(), String> {
        self.menu.weights()
    }

    fn says_probabilities(&self) -> bool {
        false
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl AutoSklearn {
    /// Tries one pipeline after the other, as the surrogate proposes them.
    fn optimise(
        &self,
        inner: &Inner<'_>,
        menu: &Menu,
        random: &mut Mt19937,
    ) -> (Vec<Recipe>, Vec<Trial>, &'static str) {
        let (params, started) = (&self.params, Instant::now());
        let mut recipes = menu.defaults();
        let mut seen: HashSet<String> = recipes.iter().map(|recipe| recipe.describe().to_string()).collect();
        let mut in_vain = 0;
        while recipes.len() < STARTUP && in_vain < DRAWS {
            let next = menu.random(random);
            if seen.insert(next.describe().to_string()) { recipes.push(next) } else { in_vain += 1 }
        }
        recipes.truncate(params.evaluations);
        let mut trials = inner.try_all(&recipes);
        while trials.len() < params.evaluations {
            if params.seconds.is_some_and(|seconds| started.elapsed().as_secs_f64() >= seconds) {
                return (recipes, trials, OUT_OF_TIME);
            }
            let at_random = trials.len().is_multiple_of(RANDOM_EVERY);
            let Some(next) = self.propose(menu, (&recipes, &trials), &seen, at_random, random) else {
                return (recipes, trials, "nothing new");
            };
            seen.insert(next.describe().to_string());
            let stays = |first: &[(usize, f64)]| self.stays(&trials, first);
            let tried = inner.race(std::slice::from_ref(&next), stays);
            trials.extend(tried);
            recipes.push(next);
        }
        (recipes, trials, "evaluations")
    }

    /// Which of the `first` folds are not behind those of the best [`NEAR`] trials by more than the spread.
    fn stays(&self, trials: &[Trial], first: &[(usize, f64)]) -> Vec<bool> {
        let of_trial = |trial: &Trial| Some((0, self.goal.utility(*trial.scores.first()?)));
        let mut all = first.to_vec();
        all.extend(trials.iter().filter_map(of_trial));
        let mut near = within_reach(&all, NEAR, spread(trials));
        near.truncate(first.len());
        near
    }

    /// What the surrogate is told of each trial: its mean; of one that was dropped the mean that its first fold promises; of one
    /// that failed, as in SMAC, the worst of the others.
    fn worths(&self, trials: &[Trial]) -> Vec<f64> {
        let towards = self.goal.utility(shift(trials));
        let worth = |trial: &Trial| match (trial.mean, trial.scores.first()) {
            (Some(mean), _) => Some(self.goal.utility(mean)),
            (None, Some(&first)) => Some(self.goal.utility(first) + towards),
            (None, None) => None,
        };
        let known: Vec<Option<f64>> = trials.iter().map(worth).collect();
        let least = known.iter().flatten().copied().reduce(f64::min).unwrap_or_default();
        known.into_iter().map(|worth| worth.unwrap_or(least)).collect()
    }

    /// The unseen pipeline with the largest expected improvement among draws and changes of the best ones.
    fn propose(
        &self,
        menu: &Menu,
        (recipes, trials): (&[Recipe], &[Trial]),
        seen: &HashSet<String>,
        at_random: bool,
        random: &mut Mt19937,
    ) -> Option<Recipe> {
        let unseen = |recipe: &Recipe| !seen.contains(&recipe.describe().to_string());
        let mut pool: Vec<Recipe> = (0..DRAWS).map(|_| menu.random(random)).filter(unseen).collect();
        if at_random && !pool.is_empty() {
            return Some(pool.swap_remove(0));
        }
        let order = ranked(trials, self.goal);
        for &i in order.iter().take(OF_BEST) {
            pool.extend((0..NEIGHBOURS).map(|_| menu.mutate(&recipes[i], random)).filter(unseen));
        }
        let whole = trials.iter().filter(|trial| trial.mean.is_some());
        let best = whole.map(|trial| trial.utility(self.goal)).fold(f64::NEG_INFINITY, f64::max);
        let y = self.worths(trials);
        let x: Vec<Vec<f64>> = recipes.iter().map(|recipe| menu.encode(recipe)).collect();
        let surrogate = Surrogate::fit(&x, &y, random);
        let mut most: Option<(f64, Recipe)> = None;
        for recipe in pool {
            let (mean, variance) = surrogate.predict(&menu.encode(&recipe));
            let promise = expected_improvement(mean, variance, best.max(f64::MIN));
            if most.as_ref().is_none_or(|(so_far, _)| promise > *so_far) {
                most = Some((promise, recipe));
            }
        }
        most.map(|(_, recipe)| recipe)
    }

    /// How often each of the library is in the ensemble that is best for these labels, and its utility.
    fn ensemble(&self, library: &[Vec<f64>], (y, sides): (&[u8], &Sides)) -> (Vec<usize>, f64) {
        select(library, self.params.rounds, |prediction| {
            self.goal.value(y, prediction, sides).ok().map(|value| self.goal.utility(value))
        })
    }

    /// The best pipelines with out-of-fold probabilities of all rows, and their trials there. Dropped after the first fold is who is
    /// behind the better half by more than the spread and of no use to an ensemble: on few rows some lead that fail on all.
    fn finalists(&self, recipes: &[Recipe], trials: &mut Vec<Trial>, inner: &Inner<'_>) -> Result<Vec<Finalist>> {
        let best = finalists(recipes, trials, self.goal, self.params.members);
        let (before, y) = (trials.len(), inner.labels());
        let best: Vec<Recipe> = best.into_iter().map(|i| recipes[i].clone()).collect();
        let (half, slack) = (best.len().div_ceil(2).max(1), spread(trials.iter()));
        let raced = inner.out_of_fold_race(&best, |first, said| {
            let (y, sides) = inner.first_fold();
            let library: Vec<Vec<f64>> = said.iter().map(|&said| calibrated(said.clone(), y).0).collect();
            let (counts, _) = self.ensemble(&library, (y, sides));
            within_reach(first, half, slack).into_iter().zip(counts).map(|(near, count)| near || count > 0).collect()
        });
        let mut found = Vec::new();
        for (recipe, (trial, said)) in best.into_iter().zip(raced) {
            trials.push(trial);
            if let Some(prediction) = said {
                let (probability, map) = calibrated(prediction, &y);
                found.push(Finalist { recipe, map, probability, trial: trials.len() - 1 });
            }
        }
        match found.is_empty() {
            true if trials.len() > before => Err(all_failed(&trials[before..])),
            true => Err(all_failed(trials)),
            false => Ok(found),
        }
    }
}

/// The members' models on all rows, side by side.
fn refitted(chosen: &[(Finalist, f64)], train: &Train<'_>, context: &Context) -> Vec<Result<Box<dyn Model>>> {
    let own = || Shared::for_rows(train.x().len() * size_of::<f64>());
    let shared = train.shared.map_or_else(own, Shared::fresh);
    let train = train.sharing(Some(&shared));
    // The dearest begin first, so that none of them is left alone at the end.
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    order.sort_by(|&a, &b| chosen[b].0.recipe.cost().total_cmp(&chosen[a].0.recipe.cost()));
    let models = beside(order.len(), |nth| chosen[order[nth]].0.recipe.build()?.fit(&train, context));
    shared.forget();
    let mut of: Vec<_> = order.into_iter().zip(models).collect();
    of.sort_unstable_by_key(|(place, _)| *place);
    of.into_iter().map(|(_, model)| model).collect()
}

/// The probabilities of rows whose labels are known, and the map to them where the scores are none.
fn calibrated(prediction: Prediction, y: &[u8]) -> (Vec<f64>, Option<Isotonic>) {
    let map = (prediction.kind == ScoreKind::Decision).then(|| Isotonic::fit(&prediction.score, y));
    (probabilities(prediction, map.as_ref()), map)
}

fn probabilities(prediction: Prediction, map: Option<&Isotonic>) -> Vec<f64> {
    match map {
        Some(map) => prediction.score.into_iter().map(|score| map.at(score)).collect(),
        None => prediction.score,
    }
}

struct Member {
    model: Box<dyn Model>,
    map: Option<Isotonic>,
    weight: f64,
}

/// The weighted mean of its members' probabilities.
struct Ensemble(Vec<Member>);

impl Model for Ensemble {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let mut mean = vec![0.0; x.nrows()];
        for member in &self.0 {
            let probability = probabilities(member.model.predict(x)?, member.map.as_ref());
            mean.iter_mut().zip(probability).for_each(|(sum, p)| *sum += member.weight * p);
        }
        // Weights that add up to 1 but for rounding must not make a probability of 1.0000000000000002.
        Ok(labelled(mean.into_iter().map(|p| p.clamp(0.0, 1.0)).collect()))
    }

    fn details(&self) -> Option<Value> {
        limit::details(limit::told_by(self.0.iter().map(|member| member.model.as_ref())))
    }
}

fn make(params: Params, registry: &Registry) -> Result<Box<dyn Classifier>> {
    let Params { evaluations, folds, negatives_per_positive, members, rounds, seconds, .. } = &params;
    require(*evaluations >= 1, "evaluations", evaluations, "at least 1")?;
    require(*folds >= 2, "folds", folds, "at least 2")?;
    require(*negatives_per_positive >= 1, "negatives_per_positive", negatives_per_positive, "at least 1")?;
    require(*members >= 1, "members", members, "at least 1")?;
    require(*rounds >= 1, "rounds", rounds, "at least 1")?;
    require_seconds(*seconds)?;
    let goal = Goal::of_parameter(&params.goal, registry)?;
    let menu = Menu::of(&params.families, registry)?;
    Ok(Box::new(AutoSklearn { params, goal, menu }))
}

/// Sequential model-based optimisation over pipelines, and an ensemble of the best.
pub const ENTRY: Entry<dyn Classifier> = Entry::of_others(
    "autosklearn",
    "pipelines proposed by a random-forest surrogate, and a greedy ensemble of the best",
    |table, registry| build::<Params, _>("autosklearn", table, |params| make(params, registry)),
)
.version(3)
.cost(Cost::seconds(65.0).fixed(10.0).per("evaluations", 60.0))
.searches("Model-based optimisation over pipelines")
.look(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::tests::searched;
    use crate::search::trial::DROPPED;

    #[test]
    fn finalists_that_are_behind_on_the_first_fold_are_dropped() {
        let said = searched(&ENTRY, "evaluations = 31\nmembers = 6");
        let (search, finalists) = said["candidates"].as_array().unwrap().split_at(31);
        let is_dropped = |trial: &&Value| trial["failed"] == DROPPED;
        assert!(!search[..STARTUP].iter().any(|trial| is_dropped(&trial)));
        let (dropped, whole): (Vec<&Value>, Vec<&Value>) = finalists.iter().partition(is_dropped);
        assert!(dropped.len() + whole.len() == 6 && (3..6).contains(&whole.len()), "{finalists:?}");
        let first = |trial: &&Value| trial["scores"][0].as_f64().unwrap();
        let least = whole.iter().map(first).fold(1.0, f64::min);
        assert!(dropped.iter().all(|trial| first(trial) < least && trial["chosen"] == false));
        let chosen: Vec<&Value> = whole.iter().filter(|t| t["chosen"] == true).map(|trial| &trial["params"]).collect();
        let members: Vec<&Value> = said["members"].as_array().unwrap().iter().map(|member| &member["params"]).collect();
        assert_eq!(chosen, members);
    }

    #[test]
    fn proposals_race_and_the_start_does_not() {
        let said = searched(&ENTRY, "evaluations = 40\nmembers = 4");
        let trials = &said["candidates"].as_array().unwrap()[..40];
        let is_dropped = |trial: &Value| trial["failed"] == DROPPED;
        assert!(!trials[..STARTUP].iter().any(is_dropped));
        let scores = |trial: &Value| serde_json::from_value::<Vec<f64>>(trial["scores"].clone()).unwrap();
        let mut dropped = 0;
        for at in STARTUP..40 {
            let before = &trials[..at];
            let whole = before.iter().filter(|trial| trial["mean"].is_f64());
            let slack = spread(&whole.map(|trial| Trial::new(Value::Null, 1, Ok(scores(trial)))).collect::<Vec<_>>());
            let mut bars: Vec<f64> = before.iter().filter_map(|trial| scores(trial).first().copied()).collect();
            bars.sort_by(|a, b| b.total_cmp(a));
            if let Some(&first) = scores(&trials[at]).first() {
                assert_eq!(is_dropped(&trials[at]), first < bars[NEAR - 1] - slack, "{at}");
                dropped += usize::from(is_dropped(&trials[at]));
            }
        }
        assert!((2..20).contains(&dropped), "{dropped}");
    }

    #[test]
    fn the_surrogate_is_told_what_a_first_fold_promises() {
        let built = |goal: &str| {
            let params = Params { goal: goal.into(), ..Params::default() };
            let goal = Goal::find(goal, &Registry::built_in()).unwrap();
            AutoSklearn { params, goal, menu: Menu::of(&[], &Registry::built_in()).unwrap() }
        };
        let trial = |scores: &[f64]| Trial::new(Value::Null, 1, Ok(scores.to_vec()));
        let dropped = Trial { mean: None, ..trial(&[0.25]) };
        let failed = Trial::new(Value::Null, 1, Err("no".into()));
        let trials = [trial(&[0.5, 1.0]), dropped, failed.clone()];
        assert_eq!(built("pr-auc").worths(&trials), [0.75, 0.5, 0.5]);
        assert_eq!(built("log-loss").worths(&trials), [-0.75, -0.5, -0.75]);
        assert_eq!(built("pr-auc").worths(&[failed]), [0.0]);
    }

    #[test]
    fn who_is_behind_but_of_use_to_an_ensemble_goes_on() {
        let said = searched(&ENTRY, "evaluations = 20\nmembers = 8");
        let (search, finalists) = said["candidates"].as_array().unwrap().split_at(20);
        let scores = |trial: &Value| serde_json::from_value::<Vec<f64>>(trial["scores"].clone()).unwrap();
        let sound = search.iter().filter(|trial| trial["mean"].is_f64());
        let tried: Vec<Trial> = sound.map(|trial| Trial::new(Value::Null, 1, Ok(scores(trial)))).collect();
        let first: Vec<(usize, f64)> = finalists.iter().map(scores).map(|scores| scores[0]).enumerate().collect();
        let near = within_reach(&first, 4, spread(&tried));
        let goes_on: Vec<bool> = finalists.iter().map(|trial| trial["mean"].is_f64()).collect();
        let count = |near_too: bool, goes_on_too: bool| {
            near.iter().zip(&goes_on).filter(|pair| *pair == (&near_too, &goes_on_too)).count()
        };
        assert_eq!((count(true, true), count(true, false)), (4, 0), "who is near goes on");
        assert!(count(false, true) > 0 && count(false, false) > 0, "{near:?} {goes_on:?}");
    }
}
