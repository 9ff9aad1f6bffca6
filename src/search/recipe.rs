//! Pipelines as something that a search varies: a [`Recipe`] names the steps, a [`Menu`] says what there is.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use toml::Table;

use super::inner::Candidate;
use super::pipeline::Steps;
use super::score::Goal;
use super::select::Selector;
use super::space::Space;
use super::trial::{Trial, ranked};
use crate::component::{Classifier, Context, Registry, Resampler, Scaler, Train};
use crate::error::{Error, Result, unknown};
use crate::numeric::mt19937::Mt19937;

/// The steps in the order in which they are fitted; the last one is always there, the others may be left out.
const SLOTS: [&str; 4] = ["resampler", "scaler", "selector", "classifier"];
const RESAMPLER: usize = 0;
const SCALER: usize = 1;
const CLASSIFIER: usize = 3;

/// What there is for each step, in this order; which parameters vary stands in each component's entry (`space`). The lists are
/// part of what the searching families are: a component that comes later does not change their results, as it is on the
/// menu only where a study names it. Left out is what takes minutes on whole data (`svc`, polynomial columns).
const MENU: [&[&str]; 4] = [
    &["tomek-links", "random-undersampling"],
    &["min-max", "standard", "robust", "quantile", "power", "normalizer"],
    &["best-share", "variance"],
    &[
        "logistic-regression",
        "decision-tree",
        "random-forest",
        "adaboost",
        "k-neighbors",
        "xgboost",
        "hist-gradient-boosting",
    ],
];

/// The selectors' parameters.
const SELECTORS: [&str; 2] = ["share = [0.25, 0.5, 0.75]", "threshold = [0.0, 0.0001, 0.001, 0.01, 0.1]"];

/// One step: a component and the parameters that are not left at their defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The component's id.
    pub id: String,
    /// Its parameters.
    pub params: Table,
}

impl Step {
    /// Equal for equal steps only.
    fn name(&self) -> String {
        format!("{} {}", self.id, json!(self.params))
    }
}

/// A pipeline, as named steps in the order in which they are fitted.
#[derive(Debug, Clone)]
pub struct Recipe {
    steps: [Option<Step>; 4],
    /// What the steps' names mean.
    registry: Arc<Registry>,
}

impl Recipe {
    /// The family that it ends in.
    pub fn family(&self) -> &str {
        self.id(CLASSIFIER)
    }

    /// The component of a step; nothing where the step is left out.
    fn id(&self, slot: usize) -> &str {
        self.steps[slot].as_ref().map_or("", |step| &step.id)
    }

    /// How many steps it has: what NSGA-II keeps small.
    pub fn complexity(&self) -> usize {
        self.steps.iter().flatten().count()
    }
}

impl Candidate for Recipe {
    fn describe(&self) -> Value {
        let named = SLOTS.iter().zip(&self.steps).filter_map(|(slot, step)| Some((slot, step.as_ref()?)));
        named.map(|(slot, step)| ((*slot).to_owned(), json!({ "id": step.id, "params": step.params }))).collect()
    }

    fn build(&self) -> Result<Box<dyn Classifier>> {
        Ok(Box::new(self.classifier()?))
    }

    fn learns(&self, train: &Train<'_>, context: &Context) -> Option<String> {
        self.classifier().and_then(|steps| steps.learns(train, context)).ok()
    }

    /// Those of the same first steps, and among these the same family: it has the same bins.
    fn kin(&self) -> String {
        let name = |step: &Option<Step>| step.as_ref().map_or_else(String::new, Step::name);
        format!("{:?} {}", [0, 1, 2].map(|slot| name(&self.steps[slot])), self.family())
    }

    fn cost(&self) -> f64 {
        // Many, where the difference counts.
        const ROWS: f64 = 1e5;
        let of =
            |step: &Step| Some(self.registry.classifier(&step.id, None).ok()?.cost?.of(ROWS, 1.0, &json!(step.params)));
        self.steps[CLASSIFIER].as_ref().and_then(of).unwrap_or_default()
    }
}

impl Recipe {
    fn classifier(&self) -> Result<Steps> {
        let registry = &self.registry;
        let [resampler, scaler, selector, classifier] = &self.steps;
        let resampler_of = |step: &Step| -> Result<Box<dyn Resampler>> {
            Ok(registry.resampler(&step.id)?.build(&step.params, registry)?.component)
        };
        let scaler_of = |step: &Step| -> Result<Box<dyn Scaler>> {
            Ok(registry.scaler(&step.id)?.build(&step.params, registry)?.component)
        };
        let resampler = resampler.as_ref().map(resampler_of).transpose()?;
        let scaler = scaler.as_ref().map(scaler_of).transpose()?;
        let selector = selector.as_ref().map(build_selector).transpose()?;
        let step = classifier.as_ref().ok_or_else(|| Error::Component("a pipeline needs a classifier".into()))?;
        let classifier = registry.classifier(&step.id, None)?.build(&step.params, registry)?.component;
        let names = [0, 1, CLASSIFIER].map(|slot| self.steps[slot].as_ref().map_or_else(String::new, Step::name));
        Ok(Steps { resampler, scaler, selector, classifier, names })
    }
}

/// Which of `recipes` are tried on more rows: the best of each family, then of each family the best behind another resampler or
/// scaler, then the best others, `count` in all, from best to worst. What more negatives do to a pipeline hangs on these (some
/// collapse), so what leads on few rows must not be all that is left. Of recipes with the same scores, the first stands for all.
pub fn finalists(recipes: &[Recipe], trials: &[Trial], goal: Goal, count: usize) -> Vec<usize> {
    let mut sound: Vec<usize> = Vec::new();
    for i in ranked(trials, goal).into_iter().filter(|&i| trials[i].mean.is_some()) {
        if !sound.iter().any(|&other| trials[other].scores == trials[i].scores) {
            sound.push(i);
        }
    }
    let mut found: HashMap<&str, (&Recipe, usize)> = HashMap::new();
    let mut turns: Vec<(usize, usize)> = Vec::new();
    for (place, &i) in sound.iter().enumerate() {
        let recipe = &recipes[i];
        let (first, of_family) = found.entry(recipe.family()).or_insert((recipe, 0));
        let is_other = [RESAMPLER, SCALER].iter().any(|&slot| first.id(slot) != recipe.id(slot));
        let turn = match of_family {
            0 => 0,
            1 if is_other => 1,
            _ => 2,
        };
        *of_family += usize::from(turn < 2);
        turns.push((turn, place));
    }
    turns.sort_unstable();
    turns.truncate(count);
    let mut chosen: Vec<usize> = turns.into_iter().map(|(_, place)| place).collect();
    chosen.sort_unstable();
    chosen.into_iter().map(|place| sound[place]).collect()
}

fn build_selector(step: &Step) -> Result<Selector> {
    let number = |key: &str| step.params.get(key).and_then(toml::Value::as_float);
    match (step.id.as_str(), number("share"), number("threshold")) {
        ("best-share", Some(share), None) => Ok(Selector::BestShare(share)),
        ("variance", None, Some(threshold)) => Ok(Selector::Variance(threshold)),
        _ => Err(Error::Component(format!("there is no selector `{}` with {}", step.id, step.params))),
    }
}

/// The component `id`, whose entry has this `space`.
fn choice(id: &str, space: Option<&'static str>) -> Result<Choice> {
    let fault = |said: String| Error::Component(format!("the search space of `{id}`: {said}"));
    let space = space.ok_or_else(|| fault("its entry has none".into()))?;
    let table: Table = space.parse().map_err(|e: toml::de::Error| fault(e.message().to_owned()))?;
    Ok(Choice { id: id.to_owned(), space: Space::read(&table)? })
}

/// What a step can be, and which of its parameters vary.
#[derive(Debug, Clone)]
struct Choice {
    id: String,
    space: Space,
}

/// Everything that recipes are made of.
#[derive(Debug, Clone)]
pub struct Menu {
    slots: [Vec<Choice>; 4],
    registry: Arc<Registry>,
}

impl Menu {
    /// The menu with these families; if none is named, with the built-in ones.
    ///
    /// # Errors
    /// [`Error::Study`] for a family that cannot be searched, with the nearest one that can.
    pub fn of(families: &[String], registry: &Registry) -> Result<Self> {
        let mut known: Vec<&str> = MENU[CLASSIFIER].to_vec();
        let searchable = registry.classifiers().iter().filter(|entry| entry.space.is_some()).map(|entry| entry.id);
        known.extend(searchable.filter(|id| !MENU[CLASSIFIER].contains(id)));
        let strange = families.iter().filter(|family| !known.contains(&family.as_str()));
        if let Some(e) = Error::of_all(
            strange.map(|family| format!("`families`: {}", unknown("family of a search", family, &known))).collect(),
        ) {
            return Err(e);
        }
        let named = |id: &&str| match families.is_empty() {
            true => MENU[CLASSIFIER].contains(id),
            false => families.iter().any(|family| family == id),
        };
        let resampler = |id: &&str| choice(id, registry.resampler(id)?.space);
        let scaler = |id: &&str| choice(id, registry.scaler(id)?.space);
        let selector = |(id, space): (&&str, &'static str)| choice(id, Some(space));
        let classifier = |id: &str| choice(id, registry.classifier(id, None)?.space);
        let slots = [
            MENU[0].iter().map(resampler).collect::<Result<_>>()?,
            MENU[1].iter().map(scaler).collect::<Result<_>>()?,
            MENU[2].iter().zip(SELECTORS).map(selector).collect::<Result<_>>()?,
            known.into_iter().filter(named).map(classifier).collect::<Result<_>>()?,
        ];
        Ok(Menu { slots, registry: Arc::new(registry.clone()) })
    }

    /// Whether every family that a pipeline may end in takes weights of rows.
    ///
    /// # Errors
    /// In one sentence which does not, and what to write.
    pub fn weights(&self) -> Result<(), String> {
        let takes = |id: &str| {
            let entry = self.registry.classifier(id, None).map_err(|e| e.to_string())?;
            let built = entry.build(&Table::new(), &self.registry).map_err(|e| e.to_string())?;
            built.component.weights()
        };
        self.slots[CLASSIFIER].iter().try_for_each(|choice| {
            takes(&choice.id).map_err(|said| {
                format!("`{}` is among its `families`, and {said}: name families that take them", choice.id)
            })
        })
    }

    /// Leaves out undersampling to ratios that these classes have or exceed already.
    pub fn fit_to(mut self, y: &[u8]) -> Self {
        let positives = y.iter().filter(|&&label| label == 1).count();
        let few = positives.min(y.len() - positives).max(1) as f64;
        let have = few / (y.len() as f64 - few).max(1.0);
        for choice in &mut self.slots[0] {
            for (_, domain) in choice.space.0.iter_mut().filter(|(name, _)| name == "sampling_strategy") {
                if let super::space::Domain::List(values) = domain {
                    values.retain(|value| value.as_float().is_some_and(|ratio| ratio > have));
                }
            }
        }
        self.slots[0].retain(|choice| {
            choice.space.0.iter().all(|(_, d)| !matches!(d, super::space::Domain::List(values) if values.is_empty()))
        });
        self
    }

    /// Each family by itself, all parameters at their defaults.
    pub fn defaults(&self) -> Vec<Recipe> {
        let bare = |choice: &Choice| Step { id: choice.id.clone(), params: Table::new() };
        self.slots[CLASSIFIER].iter().map(|choice| self.recipe([None, None, None, Some(bare(choice))])).collect()
    }

    /// A draw: each step that may be left out is, half of the time.
    pub fn random(&self, random: &mut Mt19937) -> Recipe {
        let steps = std::array::from_fn(|slot| {
            let there = slot == CLASSIFIER || random.next_f64() < 0.5;
            if there { self.step(slot, random) } else { None }
        });
        self.recipe(steps)
    }

    fn recipe(&self, steps: [Option<Step>; 4]) -> Recipe {
        Recipe { steps, registry: Arc::clone(&self.registry) }
    }

    fn step(&self, slot: usize, random: &mut Mt19937) -> Option<Step> {
        let choices = &self.slots[slot];
        let last = choices.len().checked_sub(1)?;
        let choice = &choices[random.interval(last as u64) as usize];
        Some(Step { id: choice.id.clone(), params: choice.space.sample(random) })
    }

    fn space(&self, slot: usize, id: &str) -> Option<&Space> {
        self.slots[slot].iter().find(|choice| choice.id == id).map(|choice| &choice.space)
    }

    /// A recipe that differs in one thing: a step is added, left out or replaced, or one of its parameters drawn anew.
    pub fn mutate(&self, recipe: &Recipe, random: &mut Mt19937) -> Recipe {
        let mut new = recipe.clone();
        let slot = random.interval(SLOTS.len() as u64 - 1) as usize;
        let Some(step) = &mut new.steps[slot] else {
            new.steps[slot] = self.step(slot, random);
            return new;
        };
        let space = self.space(slot, &step.id).filter(|space| !space.0.is_empty());
        match (space, random.next_f64()) {
            (Some(space), u) if u < 0.6 || (slot == CLASSIFIER && u < 0.75) => {
                let (name, domain) = &space.0[random.interval(space.0.len() as u64 - 1) as usize];
                step.params.insert(name.clone(), domain.sample(random));
            }
            (_, u) if slot != CLASSIFIER && u < 0.8 => new.steps[slot] = None,
            _ => new.steps[slot] = self.step(slot, random),
        }
        new
    }

    /// The steps of `a` up to a random place, then those of `b`.
    pub fn cross(&self, a: &Recipe, b: &Recipe, random: &mut Mt19937) -> Recipe {
        let cut = 1 + random.interval(SLOTS.len() as u64 - 2) as usize;
        let of = |slot: usize| if slot < cut { a.steps[slot].clone() } else { b.steps[slot].clone() };
        self.recipe(std::array::from_fn(of))
    }

    /// The recipe as numbers for a surrogate: for every choice whether it is taken, and its parameters' places in [0, 1]
    /// (-1 where it is not taken, or the parameter is left at its default).
    pub fn encode(&self, recipe: &Recipe) -> Vec<f64> {
        let mut code = Vec::new();
        for (choices, step) in self.slots.iter().zip(&recipe.steps) {
            for choice in choices {
                let taken = step.as_ref().filter(|step| step.id == choice.id);
                code.push(f64::from(u8::from(taken.is_some())));
                code.extend(choice.space.0.iter().map(|(name, domain)| {
                    taken.and_then(|step| step.params.get(name)).map_or(-1.0, |value| domain.place(value))
                }));
            }
        }
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_builds_at_the_ends_of_its_parameters() {
        let registry = Registry::built_in();
        let searchable = registry.classifiers().iter().filter(|entry| entry.space.is_some());
        let all: Vec<String> = searchable.map(|entry| entry.id.to_owned()).collect();
        let menu = Menu::of(&all, &registry).unwrap();
        let bare = &menu.defaults()[0];
        let mut built = 0;
        for (slot, choices) in menu.slots.iter().enumerate() {
            for choice in choices {
                let probes = choice.space.probes();
                let tables = if probes.is_empty() { vec![Table::new()] } else { probes };
                for params in tables {
                    let mut recipe = bare.clone();
                    recipe.steps[slot] = Some(Step { id: choice.id.clone(), params });
                    recipe.build().unwrap_or_else(|e| panic!("{}: {e}", recipe.describe()));
                    built += 1;
                }
            }
        }
        assert!(built > 60, "{built}");
        assert!(menu.defaults().iter().all(|recipe| recipe.build().is_ok() && recipe.complexity() == 1));
        let said = Menu::of(&["xgbost".into()], &Registry::built_in()).unwrap_err().to_string();
        assert!(said.contains("did you mean `xgboost`"), "{said}");
    }

    #[test]
    fn weights_of_rows_need_families_that_take_them() {
        let said = |families: &[String]| Menu::of(families, &Registry::built_in()).unwrap().weights();
        let refused = said(&[]).unwrap_err();
        assert!(refused.starts_with("`k-neighbors` is among its `families`, and "), "{refused}");
        assert!(refused.ends_with("takes no weights of rows: name families that take them"), "{refused}");
        assert_eq!(said(&["decision-tree".into(), "xgboost".into()]), Ok(()));
    }

    #[test]
    fn a_mutation_changes_one_step_and_a_crossing_takes_each_from_a_parent() {
        let menu = Menu::of(&[], &Registry::built_in()).unwrap();
        let mut random = Mt19937::new(4);
        let mut changed = [0; 4];
        for _ in 0..400 {
            let (a, b) = (menu.random(&mut random), menu.random(&mut random));
            let mutant = menu.mutate(&a, &mut random);
            let different: Vec<usize> = (0..4).filter(|&slot| mutant.steps[slot] != a.steps[slot]).collect();
            assert!(different.len() <= 1 && mutant.steps[CLASSIFIER].is_some());
            different.iter().for_each(|&slot| changed[slot] += 1);
            let child = menu.cross(&a, &b, &mut random);
            assert!((0..4).all(|slot| child.steps[slot] == a.steps[slot] || child.steps[slot] == b.steps[slot]));
            assert_eq!(child.steps[CLASSIFIER], b.steps[CLASSIFIER]);
            assert_eq!(menu.encode(&a).len(), menu.encode(&child).len());
        }
        assert!(changed.iter().all(|&n| n > 50), "{changed:?}");
    }

    #[test]
    fn undersampling_that_would_need_more_rows_is_left_out() {
        let y: Vec<u8> = (0..120).map(|row| u8::from(row % 12 == 5)).collect();
        let menu = Menu::of(&[], &Registry::built_in()).unwrap().fit_to(&y);
        let space = menu.space(0, "random-undersampling").unwrap();
        assert_eq!(space.0[0].1.extremes().len(), 3);
        let half: Vec<u8> = (0..120).map(|row| u8::from(row % 2 == 0)).collect();
        assert!(Menu::of(&[], &Registry::built_in()).unwrap().fit_to(&half).space(0, "random-undersampling").is_none());
    }

    #[test]
    fn finalists_are_the_best_of_each_family_then_the_best_others() {
        let goal = Goal::find("pr-auc", &Registry::built_in()).unwrap();
        let family = |id: &str, depth: i64| {
            let classifier = Step { id: id.into(), params: toml::Table::from_iter([("d".to_owned(), depth.into())]) };
            Recipe { steps: [None, None, None, Some(classifier)], registry: Arc::default() }
        };
        let tried = [("a", 0.9), ("a", 0.8), ("a", 0.9), ("b", 0.5), ("a", 0.7), ("c", 0.1), ("b", 0.4)];
        let recipes: Vec<Recipe> = tried.iter().zip(0..).map(|((id, _), depth)| family(id, depth)).collect();
        let mut trials: Vec<Trial> =
            tried.iter().zip(&recipes).map(|((_, mean), r)| Trial::new(r.describe(), 1, Ok(vec![*mean]))).collect();
        assert_eq!(finalists(&recipes, &trials, goal, 4), [0, 1, 3, 5]);
        assert_eq!(finalists(&recipes, &trials, goal, 2), [0, 3]);
        assert_eq!(finalists(&recipes, &trials, goal, 99), [0, 1, 4, 3, 6, 5]);
        trials[5] = Trial::new(recipes[5].describe(), 1, Err("no".into()));
        assert_eq!(finalists(&recipes, &trials, goal, 3), [0, 1, 3]);
        // Another scaler or resampler goes before another parameter or selector, one of each family.
        let mut recipes = recipes;
        recipes[4].steps[SCALER] = Some(Step { id: "robust".into(), params: Table::new() });
        recipes[6].steps[RESAMPLER] = Some(Step { id: "tomek-links".into(), params: Table::new() });
        recipes[1].steps[2] = Some(Step { id: "variance".into(), params: Table::new() });
        assert_eq!(finalists(&recipes, &trials, goal, 3), [0, 4, 3]);
        assert_eq!(finalists(&recipes, &trials, goal, 4), [0, 4, 3, 6]);
        assert_eq!(finalists(&recipes, &trials, goal, 5), [0, 1, 4, 3, 6]);
        recipes[1].steps[SCALER] = Some(Step { id: "power".into(), params: Table::new() });
        assert_eq!(finalists(&recipes, &trials, goal, 3), [0, 1, 3]);
        assert_eq!(finalists(&recipes, &trials, goal, 4), [0, 1, 3, 6]);
    }
}
