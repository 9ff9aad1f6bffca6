//! Ensembles of other families: a study names the members as it names any classifier.
//!
//! ```toml
//! { family = "balanced-bagging", params = { estimator = { family = "decision-tree", params = { max_depth = 6 } } } }
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `bag`, `bagged` | the rows and columns that a member of bagging is fitted on; the inner folds that it cuts |
//! | `mean` | fitted members whose probabilities are averaged |
//! | `samme` | boosting with members of any family that takes weights |
//! | `named` | members that a study lists one by one |
//! | `restored` | ensembles that were told as data |
//! | one file per family | its parameters and how it fits its members |

mod bag;
mod bagged;
pub(super) mod bagging;
pub(super) mod balanced_bagging;
pub(super) mod balanced_random_forest;
pub(super) mod cascade;
pub(super) mod easy_ensemble;
mod mean;
mod named;
pub(super) mod restored;
pub(super) mod rus_boost;
pub(super) mod samme;
pub(super) mod stacking;
pub(super) mod voting;

use rayon::prelude::*;
use serde_json::Value;

use super::tree::{seed, seeds};
use crate::component::{Also, Built, Classifier, Registry, Treated, part};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::seed::{Purpose, derive};

/// A classifier that an ensemble is made of, and its facts.
pub(super) struct Member {
    pub(super) classifier: Box<dyn Classifier>,
    pub(super) facts: Value,
}

impl Member {
    /// The member that stands in the parameter `place`; none given: the family `default`.
    fn read(place: &str, given: Option<Value>, default: &str, registry: &Registry) -> Result<Self> {
        let given = given.unwrap_or_else(|| default.into());
        let (classifier, facts) = part(&format!("`{place}`"), "family", (registry.classifiers(), registry), given)?;
        Ok(Member { classifier, facts })
    }

    /// The same for an ensemble that draws its members' seeds: a `random_state` of the member has no effect, as in
    /// scikit-learn, so that it is left out of the facts too.
    pub(super) fn seeded(place: &str, mut given: Option<Value>, default: &str, registry: &Registry) -> Result<Self> {
        let named = given.as_ref().map_or_else(|| default.to_owned(), family_of);
        let entry = registry.classifier(&named, None).ok();
        let aliases = entry.into_iter().flat_map(|entry| entry.also);
        let aliases = aliases.filter(|also| also.treated == Treated::Alias(RANDOM_STATE)).map(|also| also.name);
        let names: Vec<&str> = aliases.chain([RANDOM_STATE]).collect();
        if let Some(Value::Object(table)) = &mut given {
            table.retain(|name, _| !names.contains(&name.as_str()));
            if let Some(Value::Object(params)) = table.get_mut("params") {
                params.retain(|name, _| !names.contains(&name.as_str()));
            }
        }
        let mut member = Self::read(place, given, default, registry)?;
        // Records of the time when such members all drew alike, or cut inner folds out of the bag, are those of another ensemble.
        if entry.is_some_and(|entry| entry.has_fixed_seed) || member.classifier.uses_raw_rows() {
            member.facts["version"] = DRAWN.into();
        }
        let family = family_of(&member.facts);
        match family.as_str() {
            "voting" | "stacking" => Err(Error::Study(format!(
                "`{place}`: `{family}` cannot be a member here, as its own members are seeded one by one: make this ensemble one \
                 of its members instead"
            ))),
            _ => Ok(member),
        }
    }
}

/// A parameter of bagging that changes no prediction.
const OOB_SCORE: Also = Also::harmless(
    "oob_score",
    "rows that a member did not draw judge nothing; `calibrate` and searches keep rows out",
);

const RANDOM_STATE: &str = "random_state";

/// The version of a member that draws by the ensemble's seed where it would draw by its library's own, or whose inner folds are cut from
/// the rows ahead of the bag.
const DRAWN: u32 = 2;

/// The family of a member, by its name alone or in a table; empty where none is named.
fn family_of(given: &Value) -> String {
    let named = given.as_str().or_else(|| given.get("family").or(given.get("id")).and_then(Value::as_str));
    named.unwrap_or_default().to_owned()
}

/// Puts the members' facts where their parameter stands, so that the record holds their defaults too.
pub(super) fn with_facts(mut built: Built<dyn Classifier>, place: &str, facts: Value) -> Built<dyn Classifier> {
    built.all[place] = facts.clone();
    built.params[place] = facts;
    built
}

/// The seed of the member number `nth` of those that a study lists one by one, in an ensemble of this seed.
pub(crate) fn member_seed(seed: u64, nth: usize) -> u64 {
    derive(seed, Purpose::Classify, &format!("member {nth}"))
}

/// The seed of the final estimator of `stacking`.
pub(crate) fn final_seed(seed: u64) -> u64 {
    derive(seed, Purpose::Classify, "final estimator")
}

/// The seed that scikit-learn's `_set_random_states` draws for an estimator of so many `random_state`s; none where it has none.
fn own_seed(stream: &mut Mt19937, states: usize) -> Option<u32> {
    (0..states).map(|_| seed(stream)).last()
}

/// The members that `fit` makes of their seeds, side by side.
///
/// # Errors
/// Of several members that fail, the first one's, whichever was there first.
fn fitted<T: Send>(
    n_estimators: usize,
    random_state: u32,
    fit: impl Fn(u32) -> Result<T> + Send + Sync,
) -> Result<Vec<T>> {
    let seeds = seeds(n_estimators, random_state).into_par_iter().with_max_len(1);
    let members: Vec<Result<T>> = seeds.map(fit).collect();
    members.into_iter().collect()
}

/// At least one member.
fn check_members(n_estimators: usize) -> Result<()> {
    match n_estimators {
        0 => Err(Error::Component("`n_estimators` must be at least 1, not 0".into())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use serde_json::json;

    use super::*;
    use crate::component::{Context, Train};

    fn built(family: &str, params: &str) -> Built<dyn Classifier> {
        let registry = Registry::built_in();
        registry.classifier(family, None).unwrap().build(&params.parse().unwrap(), &registry).unwrap()
    }

    #[test]
    fn members_whose_draws_have_become_the_ensembles_have_another_version() {
        let version = |estimator: &str| {
            built("bagging", &format!("estimator = {estimator}")).params["estimator"]["version"].clone()
        };
        for changed in ["'xgboost'", "{ family = 'lightgbm' }", "{ id = 'xgboost', n_estimators = 3 }", "'tpot'"] {
            assert_eq!(version(changed), json!(2), "{changed}");
        }
        for same in ["'decision-tree'", "{ family = 'random-forest', params = { n_estimators = 3 } }", "'gaussian-nb'"]
        {
            assert_eq!(version(same), json!(null), "{same}");
        }
    }

    #[test]
    fn stages_of_a_cascade_draw_by_the_seed_of_the_bag_around_it() {
        let mut state = 9_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64
        };
        let x = Array2::from_shape_fn((300, 3), |_| next());
        let y: Vec<u8> = (0..300).map(|row| u8::from(row % 4 == 0)).collect();
        let stage = "{ family = 'xgboost', params = { n_estimators = 3, subsample = 0.3 } }";
        let bag = |seed: u32| {
            let estimator = format!("{{ family = 'cascade', params = {{ stages = [{stage}], max_missed = 0.5 }} }}");
            let params = format!("bootstrap = false\nn_estimators = 3\nrandom_state = {seed}\nestimator = {estimator}");
            let model = built("bagging", &params).component.fit(&Train::numbers(x.view(), &y), &Context { seed: 1 });
            model.unwrap().predict(x.view()).unwrap().score
        };
        assert_ne!(bag(1), bag(2));
        assert_eq!(bag(1), bag(1));
    }
}
