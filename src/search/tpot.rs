//! The family `tpot`: pipelines bred by genetic programming.
//!
//! Olson, Bartley, Urbanowicz, Moore (2016), "Evaluation of a Tree-based Pipeline Optimization Tool for Automating Data
//! Science", GECCO: pipelines of several steps are mutated and crossed, and survive by NSGA-II over their score (more) and
//! their number of steps (less). METHODOLOGY.md says where this one differs.

use std::collections::HashSet;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::genetic::{Point, fronts, survivors};
use super::halving::{all_failed, bounded, subsample};
use super::inner::{Candidate, Inner, labels};
use super::recipe::{Menu, Recipe, finalists};
use super::score::Goal;
use super::trial::{Trial, best, ranked, spread, within_reach};
use super::{Detailed, FOLD_SEED, FOLDS_OF_FAMILY, MOST_VALUES, OUT_OF_TIME, findings, require_seconds, stream};
use crate::classify::require;
use crate::component::{Classifier, Context, Cost, Entry, InnerCut, Model, Registry, Train, build};
use crate::data::{Role, Sides};
use crate::error::Result;
use crate::numeric::mt19937::Mt19937;
use crate::split::with_key;

/// Finalists that are tried on all folds of all rows, at least: the first fold tells who fails there, not who is best.
const CONTENDERS: usize = 3;

/// Tries to breed a pipeline that was not there before; TPOT's number.
const PATIENCE: usize = 50;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// Pipelines in a generation.
    population: usize,
    /// Pipelines tried in all, on a part of the rows.
    evaluations: usize,
    /// Ends the search when the best score has not risen for so many generations; 0: never.
    early_stop: usize,
    /// The chance that a child is a mutation; else it is a crossing.
    mutation_rate: f64,
    /// Inner folds.
    folds: u32,
    /// The metric that is striven for.
    goal: String,
    /// Negatives a positive in the rows of the search.
    negatives_per_positive: usize,
    /// Pipelines that are tried again on all rows.
    finalists: usize,
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
            population: 20,
            evaluations: 100,
            early_stop: 3,
            mutation_rate: 0.9,
            folds: 3,
            goal: "pr-auc".into(),
            negatives_per_positive: 50,
            finalists: 9,
            families: Vec::new(),
            seconds: None,
            random_state: None,
        }
    }
}

struct Tpot {
    params: Params,
    goal: Goal,
    menu: Menu,
}

/// Everything that was tried, and how the search ended.
struct Evolution {
    recipes: Vec<Recipe>,
    trials: Vec<Trial>,
    generations: usize,
    stopped: &'static str,
}

/// What was chosen in the end.
struct Fit {
    /// Its place among the finalists.
    chosen: usize,
    model: Box<dyn Model>,
    /// Better finalists whose models collapsed on all rows.
    passed_over: Vec<Value>,
}

impl Classifier for Tpot {
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
        let Evolution { recipes, mut trials, generations, stopped } =
            self.evolve(&inner, &menu, &mut stream(seed, "tpot"));
        drop(inner);
        let front = self.front(&recipes, &trials);
        let leading = finalists(&recipes, &trials, self.goal, params.finalists);
        let finalists: Vec<Recipe> = leading.iter().map(|&i| recipes[i].clone()).collect();
        if finalists.is_empty() {
            return Err(all_failed(&trials));
        }
        let on_all = rows.len() == y.len();
        let mut tried = match on_all {
            true => leading.iter().map(|&i| trials[i].clone()).collect(),
            false => self.finish(train, &finalists, (spread(&trials), context))?,
        };
        let Fit { chosen, model, passed_over } = self.fitted(train, &finalists, (&tried, context))?;
        tried[chosen].chosen = true;
        match on_all {
            true => trials[leading[chosen]].chosen = true,
            false => trials.extend(tried),
        }
        let mut more = json!({
            "chosen": finalists[chosen].describe(), "generations": generations, "stopped": stopped, "front": front,
        });
        if !passed_over.is_empty() {
            more["passed_over"] = passed_over.into();
        }
        Ok(Detailed::boxed(model, findings("tpot", self.goal, &trials, more)))
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

impl Tpot {
    /// Breeds until the evaluations are used up, the best score rises no more, or the time is up.
    fn evolve(&self, inner: &Inner<'_>, menu: &Menu, random: &mut Mt19937) -> Evolution {
        let params = &self.params;
        let started = Instant::now();
        let mut seen = HashSet::new();
        // The families as they come, then draws: so that the first generation holds what a careful user tries first.
        let mut defaults = menu.defaults().into_iter();
        let first = params.population.min(params.evaluations);
        let mut children = fresh(first, &mut seen, || defaults.next().unwrap_or_else(|| menu.random(random)));
        let (mut recipes, mut trials): (Vec<Recipe>, Vec<Trial>) = (Vec::new(), Vec::new());
        let (mut population, mut best): (Vec<usize>, f64) = (Vec::new(), f64::NEG_INFINITY);
        let (mut generations, mut stale) = (0, 0);
        let stopped = loop {
            trials.extend(inner.race(&children, |first| self.stay((&population, &recipes, &trials), &children, first)));
            population.extend(recipes.len()..trials.len());
            recipes.append(&mut children);
            generations += 1;
            population = self.survive(&population, &recipes, &trials);
            let now = trials.iter().map(|trial| trial.utility(self.goal)).fold(f64::NEG_INFINITY, f64::max);
            stale = if now > best { 0 } else { stale + 1 };
            best = now;
            if trials.len() >= params.evaluations {
                break "evaluations";
            }
            if params.early_stop > 0 && stale >= params.early_stop {
                break "early";
            }
            if params.seconds.is_some_and(|seconds| started.elapsed().as_secs_f64() >= seconds) {
                break OUT_OF_TIME;
            }
            if population.is_empty() {
                break "nothing to breed from";
            }
            let room = params.population.min(params.evaluations - trials.len());
            children = fresh(room, &mut seen, || self.child(&population, &recipes, menu, random));
            if children.is_empty() {
                break "nothing new";
            }
        };
        Evolution { recipes, trials, generations, stopped }
    }

    /// Which of the `children` that could be scored are worth more than the `first` fold: those that would survive among their
    /// parents by it alone, if it were so much better as half of the trials' means were better than their first fold said.
    fn stay(
        &self,
        (population, recipes, trials): (&[usize], &[Recipe], &[Trial]),
        children: &[Recipe],
        first: &[(usize, f64)],
    ) -> Vec<bool> {
        if population.is_empty() {
            return vec![true; first.len()];
        }
        let slack = spread(trials);
        let point = |recipe: &Recipe, utility: f64| [utility, -(recipe.complexity() as f64)];
        let of_parent = |&i: &usize| point(&recipes[i], self.goal.utility(trials[i].scores[0]));
        let mut points: Vec<Point> = population.iter().map(of_parent).collect();
        points.extend(first.iter().map(|&(i, utility)| point(&children[i], utility + slack)));
        let stay: HashSet<usize> = survivors(&points, self.params.population).into_iter().collect();
        (0..first.len()).map(|nth| stay.contains(&(population.len() + nth))).collect()
    }

    /// Tries the finalists on all rows. Those whose first fold is behind that of the third by more than `slack` are dropped: on few
    /// rows some lead that fail on all.
    fn finish(&self, train: &Train<'_>, finalists: &[Recipe], (slack, context): (f64, Context)) -> Result<Vec<Trial>> {
        let inner = Inner::new(train, None, (self.params.folds, FOLD_SEED), self.goal, context);
        let inner = inner.map_err(|e| with_key(e, FOLDS_OF_FAMILY))?.sharing(train.shared);
        let trials = inner.race(finalists, |first| within_reach(first, CONTENDERS, slack));
        if best(&trials, self.goal).is_some() { Ok(trials) } else { Err(all_failed(&trials)) }
    }

    /// The best of the finalists that were `tried`, fitted on all rows. Boosting can collapse on some rows and not on others: a model
    /// that fails on the very rows that it was fitted on is passed over for the next best, unless all do.
    fn fitted(&self, train: &Train<'_>, finalists: &[Recipe], (tried, context): (&[Trial], Context)) -> Result<Fit> {
        let mut passed_over = Vec::new();
        let mut first = None;
        for place in ranked(tried, self.goal).into_iter().filter(|&place| tried[place].mean.is_some()) {
            let model = finalists[place].build()?.fit(train, &context)?;
            let said = model.predict(train.x())?;
            // A goal of amounts or times has no value here.
            let value = self.goal.value(train.y, &said, &Sides::default());
            if value.is_ok_and(|value| collapsed(self.goal, &tried[place].scores, value)) {
                passed_over.push(finalists[place].describe());
                first.get_or_insert((place, model));
            } else {
                return Ok(Fit { chosen: place, model, passed_over });
            }
        }
        let (chosen, model) = first.ok_or_else(|| all_failed(tried))?;
        Ok(Fit { chosen, model, passed_over: Vec::new() })
    }

    /// A mutation of one parent or a crossing of two.
    fn child(&self, population: &[usize], recipes: &[Recipe], menu: &Menu, random: &mut Mt19937) -> Recipe {
        let mutate = random.next_f64() < self.params.mutation_rate;
        let mut parent = || &recipes[population[random.interval(population.len() as u64 - 1) as usize]];
        let (a, b) = (parent(), parent());
        if mutate { menu.mutate(a, random) } else { menu.cross(a, b, random) }
    }

    /// The next population, out of parents and children that did not fail.
    fn survive(&self, population: &[usize], recipes: &[Recipe], trials: &[Trial]) -> Vec<usize> {
        let sound: Vec<usize> = population.iter().copied().filter(|&i| trials[i].mean.is_some()).collect();
        let points = self.points(&sound, recipes, trials);
        survivors(&points, self.params.population).into_iter().map(|place| sound[place]).collect()
    }

    fn points(&self, of: &[usize], recipes: &[Recipe], trials: &[Trial]) -> Vec<[f64; 2]> {
        of.iter().map(|&i| [trials[i].utility(self.goal), -(recipes[i].complexity() as f64)]).collect()
    }

    /// What no other pipeline beats in score and size, smallest first.
    fn front(&self, recipes: &[Recipe], trials: &[Trial]) -> Vec<Value> {
        let sound: Vec<usize> = (0..trials.len()).filter(|&i| trials[i].mean.is_some()).collect();
        let points = self.points(&sound, recipes, trials);
        let mut front: Vec<usize> =
            fronts(&points).into_iter().next().unwrap_or_default().into_iter().map(|place| sound[place]).collect();
        front.sort_by_key(|&i| recipes[i].complexity());
        let one =
            |i: usize| json!({ "steps": recipes[i].complexity(), "mean": trials[i].mean, "params": trials[i].params });
        front.into_iter().map(one).collect()
    }
}

/// Whether a model's `value` on its own training rows is behind the worst of its folds' `scores` by more than these lie apart.
fn collapsed(goal: Goal, scores: &[f64], value: f64) -> bool {
    let utilities = scores.iter().map(|&score| goal.utility(score));
    let (worst, best) =
        utilities.fold((f64::INFINITY, f64::NEG_INFINITY), |(worst, best), one| (worst.min(one), best.max(one)));
    goal.utility(value) < worst - (best - worst)
}

/// `count` recipes that were not seen before; fewer when `make` repeats itself too often.
fn fresh(count: usize, seen: &mut HashSet<String>, mut make: impl FnMut() -> Recipe) -> Vec<Recipe> {
    let mut one = || (0..PATIENCE).map(|_| make()).find(|recipe| seen.insert(recipe.describe().to_string()));
    (0..count).map_while(|_| one()).collect()
}

fn make(params: Params, registry: &Registry) -> Result<Box<dyn Classifier>> {
    let Params { population, evaluations, mutation_rate, folds, negatives_per_positive, finalists, seconds, .. } =
        &params;
    require(*population >= 2, "population", population, "at least 2")?;
    require(*evaluations >= 1, "evaluations", evaluations, "at least 1")?;
    require((0.0..=1.0).contains(mutation_rate), "mutation_rate", mutation_rate, "between 0 and 1")?;
    require(*folds >= 2, "folds", folds, "at least 2")?;
    require(*negatives_per_positive >= 1, "negatives_per_positive", negatives_per_positive, "at least 1")?;
    require(*finalists >= 1, "finalists", finalists, "at least 1")?;
    require_seconds(*seconds)?;
    let goal = Goal::of_parameter(&params.goal, registry)?;
    let menu = Menu::of(&params.families, registry)?;
    Ok(Box::new(Tpot { params, goal, menu }))
}

/// Genetic programming over resampler, scaler, feature selection and classifier.
pub const ENTRY: Entry<dyn Classifier> = Entry::of_others(
    "tpot",
    "pipelines bred by genetic programming, NSGA-II over inner score and size",
    |table, registry| build::<Params, _>("tpot", table, |params| make(params, registry)),
)
.version(3)
.cost(Cost::seconds(40.0).fixed(1.8).per("evaluations", 100.0))
.searches("Genetic programming over pipelines")
.look(9);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::tests::{rows, searched};
    use crate::search::trial::DROPPED;

    #[test]
    fn a_model_that_fails_on_its_own_training_rows_has_collapsed() {
        let goal = |id: &str| Goal::find(id, &Registry::built_in()).unwrap();
        let is_out = |value: f64| collapsed(goal("pr-auc"), &[0.75, 0.875, 0.8], value);
        assert_eq!([0.0022, 0.62, 0.63, 0.7, 1.0].map(is_out), [true, true, false, false, false]);
        let is_out = |value: f64| collapsed(goal("log-loss"), &[0.5, 0.25], value);
        assert_eq!([0.1, 0.5, 0.75, 0.76].map(is_out), [false, false, false, true]);
    }

    #[test]
    fn a_best_finalist_that_collapses_is_passed_over_for_the_next() {
        let registry = Registry::built_in();
        let menu = Menu::of(&["decision-tree".into(), "logistic-regression".into()], &registry).unwrap();
        let goal = Goal::find("pr-auc", &registry).unwrap();
        let tpot = Tpot { params: Params::default(), goal, menu };
        let (finalists, (x, y)) = (tpot.menu.defaults(), rows());
        let chosen = |means: [f64; 2]| {
            let tried = means.map(|mean| Trial::new(Value::Null, y.len(), Ok(vec![mean; 3])));
            let train = Train::numbers(x.view(), &y);
            let Fit { chosen, passed_over, .. } =
                tpot.fitted(&train, &finalists, (&tried, Context { seed: 1 })).unwrap();
            (chosen, passed_over)
        };
        assert_eq!(chosen([0.1, 0.05]), (0, Vec::new()));
        // No model is worth 2 on its own rows.
        assert_eq!(chosen([2.0, 0.05]), (1, vec![finalists[0].describe()]));
        assert_eq!(chosen([2.0, 3.0]), (1, Vec::new()), "where all collapse the best is taken");
    }

    #[test]
    fn the_first_generation_is_tried_whole_and_later_ones_race() {
        let said = searched(&ENTRY, "population = 8\nevaluations = 24\nfinalists = 6");
        let trials = said["candidates"].as_array().unwrap();
        let is_dropped = |trial: &Value| trial["failed"] == DROPPED;
        // Those that were dropped count among the evaluations; the finalists' trials come behind.
        let searched = &trials[..24];
        assert!(searched.iter().all(|trial| trial["rows"] == trials[0]["rows"]));
        assert!(!searched[..8].iter().any(is_dropped));
        let dropped: Vec<&Value> = trials.iter().filter(|trial| is_dropped(trial)).collect();
        assert!(dropped.len() > 3 && dropped.len() < 16, "{}", dropped.len());
        assert!(dropped.iter().all(|trial| trial["mean"].is_null() && trial["scores"].as_array().unwrap().len() == 1));
        assert!(dropped.iter().all(|trial| trial["chosen"] == false));
        let chosen: Vec<&Value> = trials.iter().filter(|trial| trial["chosen"] == true).collect();
        assert_eq!((chosen.len(), &chosen[0]["params"]), (1, &said["chosen"]));
        let first = |trial: &Value| trial["scores"][0].as_f64().unwrap();
        let whole = searched.iter().filter(|trial| trial["mean"].is_f64());
        let best = whole.map(first).fold(0.0, f64::max);
        assert!(searched.iter().all(|trial| !is_dropped(trial) || first(trial) < best));
        let finalists = &trials[24..];
        assert!(finalists.len() == 6 && finalists.iter().all(|trial| trial["rows"] == 900));
        assert!(finalists.iter().any(is_dropped) && finalists.iter().any(|trial| trial["chosen"] == true));
        assert!(finalists.iter().filter(|trial| trial["mean"].is_f64()).count() >= CONTENDERS);
    }
}
