//! A classifier whose parameters are chosen among candidates by inner cross-validation, then fitted on all training rows.

use serde_json::json;
use toml::{Table, Value};

use super::calibrate::{Calibrated, Calibration};
use super::halving::{Halving, all_failed};
use super::inner::{Candidate, Inner};
use super::read::corrected;
use super::score::Goal;
use super::space::Space;
use super::threshold::{Rule, Thresholded};
use super::trial::{Trial, best};
use super::{Detailed, FOLDS_OF_SEARCH, findings, stream, tpe};
use crate::component::infinite::in_json;
use crate::component::{Classifier, Context, Entry, InnerCut, Model, Registry, Shape, Train, in_toml};
use crate::data::Role;
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::split::with_key;

/// Draws in vain before a space counts as exhausted.
const PATIENCE: usize = 200;

/// How candidates are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// Every combination of lists, as scikit-learn's `GridSearchCV`.
    Grid,
    /// So many distinct draws.
    Random {
        /// How many.
        candidates: usize,
    },
    /// So many distinct draws, on rungs of rows.
    Halving {
        /// How many.
        candidates: usize,
        /// One in so many candidates stays after a rung.
        factor: usize,
    },
    /// So many trials, proposed by the tree-structured Parzen estimator.
    Tpe {
        /// How many.
        candidates: usize,
    },
}

/// The names of the kinds, and what charts call them.
pub const KINDS: [(&str, &str); 4] = [
    ("grid", "Grid search"),
    ("random", "Random search"),
    ("halving", "Successive halving"),
    ("tpe", "Search by tree-structured Parzen estimator"),
];

impl Method {
    /// Its name in a study and in records.
    pub fn name(&self) -> &'static str {
        match self {
            Method::Grid => "grid",
            Method::Random { .. } => "random",
            Method::Halving { .. } => "halving",
            Method::Tpe { .. } => "tpe",
        }
    }
}

/// What is searched, and how.
#[derive(Clone)]
pub struct Spec {
    /// How candidates are found.
    pub kind: Method,
    /// The parameters that vary.
    pub space: Space,
    /// Inner folds, and the seed of their shuffle.
    pub folds: (u32, u32),
    /// What the candidates strive for.
    pub goal: Goal,
}

/// A family with fixed parameters and a search over others.
pub struct Searched {
    /// The family.
    pub entry: &'static Entry<dyn Classifier>,
    /// Where the family finds what it is made of.
    pub registry: Registry,
    /// Parameters that do not vary.
    pub fixed: Table,
    /// The search.
    pub spec: Spec,
    /// Whether probabilities of every candidate are mapped back to the share of positives before resampling.
    pub correct_prior: bool,
    /// How scores of the chosen candidate become probabilities.
    pub calibrate: Option<Calibration>,
    /// A threshold for the labels of the chosen candidate.
    pub threshold: Option<Rule>,
}

/// One candidate of a [`Searched`].
#[derive(Clone)]
struct Setting<'a> {
    family: Family<'a>,
    fixed: &'a Table,
    params: Table,
    correct_prior: bool,
}

impl Candidate for Setting<'_> {
    fn describe(&self) -> serde_json::Value {
        in_json(&self.params)
    }

    fn build(&self) -> Result<Box<dyn Classifier>> {
        Ok(corrected(build(self.family, self.fixed, &self.params)?, self.correct_prior))
    }
}

/// A family, and where it finds what it is made of.
pub type Family<'f> = (&'static Entry<dyn Classifier>, &'f Registry);

/// The family with `fixed` parameters and those of a candidate.
///
/// # Errors
/// Parameters that do not fit the family or each other.
pub fn build(family: Family<'_>, fixed: &Table, params: &Table) -> Result<Box<dyn Classifier>> {
    let (entry, registry) = family;
    let mut all = fixed.clone();
    all.extend(params.clone());
    Ok(entry.build(&all, registry)?.component)
}

impl Searched {
    fn family(&self) -> Family<'_> {
        (self.entry, &self.registry)
    }

    fn setting(&self, params: Table) -> Setting<'_> {
        Setting { family: self.family(), fixed: &self.fixed, params, correct_prior: self.correct_prior }
    }

    /// Every trial, the chosen one marked, the chosen parameters, and the inner folds of all rows.
    fn choose<'t>(&self, train: &Train<'t>, context: &Context) -> Result<(Vec<Trial>, Table, Inner<'t>)> {
        let Spec { kind, space, folds, goal } = &self.spec;
        let mut random = stream(context.seed, "candidates");
        let settings: Vec<Setting<'_>> = match kind {
            Method::Grid => space.grid()?,
            Method::Random { candidates } | Method::Halving { candidates, .. } => draw(space, *candidates, &mut random),
            Method::Tpe { candidates } => draw(space, tpe::STARTUP.min(*candidates), &mut random),
        }
        .into_iter()
        .map(|params| self.setting(params))
        .collect();
        if let Method::Halving { factor, .. } = *kind {
            // So many rungs that about one candidate is left for all rows.
            let rungs = settings.len().max(1).ilog(factor) + 1;
            let seed = stream(context.seed, "rungs").next_u32();
            let halving = Halving { rungs, factor, folds: *folds, goal: *goal, context: *context, seed };
            let (trials, chosen, inner) = halving.run(train, &settings)?;
            return Ok((trials, settings[chosen].params.clone(), inner));
        }
        let inner = Inner::new(train, None, *folds, *goal, *context).map_err(|e| with_key(e, FOLDS_OF_SEARCH))?;
        let inner = inner.sharing(train.shared);
        let mut trials = inner.try_all(&settings);
        let mut params: Vec<Table> = settings.into_iter().map(|setting| setting.params).collect();
        if let Method::Tpe { candidates } = *kind {
            self.propose(candidates, &inner, &mut trials, &mut params, &mut random);
        }
        let chosen = best(&trials, *goal).ok_or_else(|| all_failed(&trials))?;
        trials[chosen].chosen = true;
        Ok((trials, params.swap_remove(chosen), inner))
    }

    /// Adds one proposal after the other, until there are `candidates` trials or nothing new is proposed any more.
    fn propose(
        &self,
        candidates: usize,
        inner: &Inner<'_>,
        trials: &mut Vec<Trial>,
        params: &mut Vec<Table>,
        random: &mut Mt19937,
    ) {
        let Spec { space, goal, .. } = &self.spec;
        let mut tried: Vec<(Table, f64)> =
            params.iter().cloned().zip(trials.iter().map(|trial| trial.utility(*goal))).collect();
        while trials.len() < candidates {
            let fresh = (0..PATIENCE).find_map(|_| {
                let next = tpe::propose(space, &tried, random);
                (!params.contains(&next)).then_some(next)
            });
            let Some(next) = fresh.or_else(|| others(space, params, random).pop()) else { break };
            trials.extend(inner.try_all(&[self.setting(next.clone())]));
            tried.push((next.clone(), trials[trials.len() - 1].utility(*goal)));
            params.push(next);
        }
    }

    /// Why columns of this shape are refused with the `value` of a parameter, be it alone, beside the first values of the others, or
    /// beside their last. What is in the way of some columns only, as categories are, is no fault of the value: a study may have
    /// another encoder; `numbers` are the same columns without it.
    fn of_no_use(&self, (name, value): (&str, &Value), given: &Shape, numbers: &Shape) -> Option<String> {
        let with = |mut params: Table| {
            params.insert(name.to_owned(), value.clone());
            build(self.family(), &self.fixed, &params).ok()
        };
        let ends = [0.0, 1.0].map(|place| {
            self.spec.space.0.iter().map(|(name, domain)| (name.clone(), domain.at(place))).collect::<Table>()
        });
        let refuses = |classifier: Box<dyn Classifier>| {
            let why = |shape: &Shape| classifier.accepts(shape).err().or_else(|| classifier.never_fits(shape));
            why(given).filter(|_| why(numbers).is_some())
        };
        let mut tried = [vec![Table::new()], ends.to_vec()].concat().into_iter().filter_map(with).map(refuses);
        // What cannot be built is told elsewhere.
        let first = tried.next()??;
        tried.all(|why| why.is_some()).then_some(first)
    }

    /// Fits the chosen candidate on all rows; calibration and threshold look at the inner folds of the search.
    fn fit_chosen(
        &self,
        params: &Table,
        train: &Train<'_>,
        context: &Context,
        inner: Inner<'_>,
    ) -> Result<Box<dyn Model>> {
        let classifier = self.setting(params.clone()).build()?;
        let folds = self.spec.folds;
        match (self.calibrate, self.threshold) {
            (None, None) => {
                drop(inner);
                classifier.fit(train, context)
            }
            (Some(method), None) => Calibrated { classifier, method, folds }.fit_on(train, context, inner),
            (None, Some(rule)) => Thresholded { classifier, rule, folds }.fit_on(train, context, Some(inner)),
            (Some(method), Some(rule)) => {
                let classifier = Box::new(Calibrated { classifier, method, folds });
                Thresholded { classifier, rule, folds }.fit_on(train, context, Some(inner))
            }
        }
    }
}

/// `count` distinct draws; all candidates where the space has no more.
fn draw(space: &Space, count: usize, random: &mut Mt19937) -> Vec<Table> {
    let (mut drawn, mut in_vain): (Vec<Table>, usize) = (Vec::new(), 0);
    while drawn.len() < count && in_vain < PATIENCE {
        let next = space.sample(random);
        if drawn.contains(&next) {
            in_vain += 1;
        } else {
            in_vain = 0;
            drawn.push(next);
        }
    }
    if drawn.len() < count {
        let left = others(space, &drawn, random);
        drawn.extend(left.into_iter().take(count - drawn.len()));
    }
    drawn
}

/// All candidates but the `known` ones, in random order: few of many are seldom drawn by chance. None of a space without an end.
fn others(space: &Space, known: &[Table], random: &mut Mt19937) -> Vec<Table> {
    let mut others = space.every().unwrap_or_default();
    others.retain(|one| !known.contains(one));
    random.shuffle(&mut others);
    others
}

impl Classifier for Searched {
    /// What the family takes with its fixed parameters; a candidate that takes less fails as a trial.
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        build(self.family(), &self.fixed, &Table::new()).map_err(|e| e.to_string())?.accepts(given)
    }

    /// By what every listed value of the space makes of them, and both ends of every range.
    fn never_fits(&self, given: &Shape) -> Option<String> {
        let own = build(self.family(), &self.fixed, &Table::new()).ok().and_then(|family| family.never_fits(given));
        let mut told: Vec<String> = own.into_iter().collect();
        // Once: a table may have thousands of columns, and a space as many values.
        let numbers = given.of_numbers();
        for (name, domain) in &self.spec.space.0 {
            for value in domain.extremes() {
                let why = self.of_no_use((name, &value), given, &numbers);
                let said = why.map(|why| format!("`{name} = {value}` in the `space` of `search`: {why}"));
                told.extend(said);
            }
        }
        (!told.is_empty()).then(|| told.join("; "))
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (trials, params, inner) = self.choose(train, context)?;
        let model = self.fit_chosen(&params, train, context, inner);
        let model = model.map_err(|e| match e {
            Error::Component(said) => Error::Component(format!("the chosen candidate {}: {said}", in_json(&params))),
            other => other,
        })?;
        let more = json!({ "chosen": in_json(&params) });
        Ok(Detailed::boxed(model, findings(self.spec.kind.name(), self.spec.goal, &trials, more)))
    }

    /// As the family does with its fixed parameters; a candidate that takes no weights fails as a trial.
    fn weights(&self) -> Result<(), String> {
        if self.calibrate.is_some() {
            return Err("with `calibrate` it takes no weights of rows".into());
        }
        build(self.family(), &self.fixed, &Table::new()).map_err(|e| e.to_string())?.weights()
    }

    fn uses_raw_rows(&self) -> bool {
        true
    }

    fn inner_cuts(&self) -> Vec<InnerCut> {
        let (folds, seed) = (self.spec.folds.0, Some(self.spec.folds.1));
        vec![InnerCut { folds, seed, key: FOLDS_OF_SEARCH, judges: true }]
    }

    fn settled(&self, chosen: &serde_json::Map<String, serde_json::Value>) -> Option<Result<Box<dyn Classifier>>> {
        let params = in_toml(chosen).map_err(|e| Error::Component(format!("the chosen parameters: {e}")));
        let folds = self.spec.folds;
        let classifier = params.and_then(|params| self.setting(params).build());
        Some(classifier.map(|mut classifier| {
            if let Some(method) = self.calibrate {
                classifier = Box::new(Calibrated { classifier, method, folds });
            }
            match self.threshold {
                Some(rule) => Box::new(Thresholded { classifier, rule, folds }),
                None => classifier,
            }
        }))
    }

    /// By the goal, the rule of the threshold, and what the family judges by with its fixed parameters.
    fn judged_by(&self) -> Vec<Role> {
        let family = build(self.family(), &self.fixed, &Table::new());
        let mut more = family.map(|family| family.judged_by()).unwrap_or_default();
        more.extend(self.threshold.and_then(Rule::role));
        let mut roles = self.spec.goal.roles();
        for role in more {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        roles
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::in_words;

    #[test]
    fn a_candidate_is_told_so_that_it_can_be_built_again() {
        let registry = Registry::built_in();
        let member = "estimator = { family = 'logistic-regression', params = { C = inf } }";
        for (family, given, told) in [
            ("bagging", member, json!({ "estimator": { "family": "logistic-regression", "params": { "C": "inf" } } })),
            ("xgboost", "missing = nan", json!({ "missing": null })),
        ] {
            let family = (registry.classifier(family, None).unwrap(), &registry);
            let setting =
                |params| Setting { family, fixed: &Table::new(), params, correct_prior: false }.build().map(|_| ());
            let params: Table = given.parse().unwrap();
            assert_eq!(in_json(&params), told);
            setting(params).unwrap();
            setting(in_toml(told.as_object().unwrap()).unwrap()).unwrap();
        }
    }

    #[test]
    fn as_many_candidates_are_tried_as_are_asked_for_until_the_space_has_no_more() {
        let values: Vec<String> = (1..=300).map(|value| value.to_string()).collect();
        let many = format!("a = [{}]", values.join(", "));
        let space = |text: &str| Space::read(&text.parse().unwrap()).unwrap();
        for seed in 0..5 {
            let mut drawn = draw(&space(&many), 300, &mut Mt19937::new(seed));
            drawn.sort_by_key(|one| one["a"].as_integer());
            assert_eq!(drawn, space(&many).grid().unwrap());
            // Where chance finds enough, nothing else decides.
            let (mut one, mut other) = (Mt19937::new(seed), Mt19937::new(seed));
            let mut by_chance: Vec<Table> = Vec::new();
            while by_chance.len() < 20 {
                let next = space(&many).sample(&mut other);
                if !by_chance.contains(&next) {
                    by_chance.push(next);
                }
            }
            assert_eq!(draw(&space(&many), 20, &mut one), by_chance);
        }
        assert_eq!(draw(&space("a = [1, 2]"), 60, &mut Mt19937::new(1)).len(), 2);
        // One draw in 5,500 is the largest value of both.
        let steep = space("a = { low = 1, high = 20, log = true }\nb = { low = 1, high = 20, log = true }");
        assert_eq!(draw(&steep, 400, &mut Mt19937::new(1)).len(), 400);
    }

    #[test]
    fn proposals_go_on_until_every_candidate_is_tried() {
        let y: Vec<u8> = (0..60).map(|row| u8::from(row % 3 == 0)).collect();
        let x = ndarray::Array2::from_shape_fn((60, 2), |(row, at)| ((row * (at + 3)) % 7) as f64);
        let keys = "[search]\nkind = 'tpe'\ncandidates = 100\nfolds = 2\n[search.space]\nmax_depth = [1, 2, 3]\nmin_samples_leaf = \
                    [1, 2, 3]\nmin_samples_split = [2, 3, 4]\ncriterion = ['gini', 'entropy', 'log_loss']";
        let built = crate::search::read::tests::wrapped("decision-tree", keys).unwrap().component;
        let model = built.fit(&Train::numbers(x.view(), &y), &Context { seed: 3 }).unwrap();
        let details = model.details().unwrap();
        assert_eq!(details["search"]["candidates"].as_array().unwrap().len(), 81);
    }

    #[test]
    fn every_kind_of_search_has_words_for_charts() {
        let registry = Registry::built_in();
        for (kind, words) in [
            ("grid", "Grid search"),
            ("random", "Random search"),
            ("halving", "Successive halving"),
            ("tpe", "Search by tree-structured Parzen estimator"),
            ("tpot", "Genetic programming over pipelines"),
            ("autosklearn", "Model-based optimisation over pipelines"),
        ] {
            assert_eq!(in_words(kind, &registry), Some(words));
        }
        assert_eq!((in_words("svc", &registry), in_words("mine", &registry)), (None, None));
        let (candidates, factor) = (9, 3);
        for method in [
            Method::Grid,
            Method::Random { candidates },
            Method::Halving { candidates, factor },
            Method::Tpe { candidates },
        ] {
            assert!(KINDS.iter().any(|(name, _)| *name == method.name()), "{method:?}");
        }
    }
}
