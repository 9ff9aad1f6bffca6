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

use super::adaboost::as_stump;
use super::tree::{check_members, seed, seeds};
use crate::component::{Also, Built, Classifier, Registry, Takes, Treated, part};
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
        let own = given.as_ref().and_then(own_member).cloned();
        let is_stump = named == "adaboost" && own.as_ref().and_then(as_stump).is_some();
        let mut member = Self::read(place, given, default, registry)?;
        // Records of the time when such members all drew alike, cut inner folds out of the bag, or drew by another seed are those of
        // another ensemble.
        if entry.is_some_and(|entry| entry.has_fixed_seed) || member.classifier.uses_raw_rows() || is_stump {
            member.facts["version"] = DRAWN.into();
        }
        // Whether its own member is named decides the seeds, so that the record tells it.
        if own.is_none()
            && let Some(filled) = own_member_mut(&mut member.facts)
        {
            *filled = Value::Null;
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
)
.takes(Takes::TRUTHS);

const RANDOM_STATE: &str = "random_state";

/// The version of a member that draws by the ensemble's seed where it would draw by its library's own, whose inner folds are cut from
/// the rows ahead of the bag, or whose written out stump has a seed too.
const DRAWN: u32 = 2;

/// The family of a member, by its name alone or in a table; empty where none is named.
fn family_of(given: &Value) -> String {
    let named = given.as_str().or_else(|| given.get("family").or(given.get("id")).and_then(Value::as_str));
    named.unwrap_or_default().to_owned()
}

/// The parameter by which an ensemble names its members' family.
const ESTIMATOR: &str = "estimator";

/// The member that a study gives to an ensemble which is a member itself; none where it leaves it out.
fn own_member(given: &Value) -> Option<&Value> {
    let own = given.get("params").unwrap_or(given).get(ESTIMATOR)?;
    (!own.is_null() && !matches!(own.as_str(), Some("none" | "None"))).then_some(own)
}

/// Where the facts of an ensemble hold its member.
fn own_member_mut(facts: &mut Value) -> Option<&mut Value> {
    match facts.get("params").is_some() {
        true => facts.get_mut("params")?.get_mut(ESTIMATOR),
        false => facts.get_mut(ESTIMATOR),
    }
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

/// How many parameters called `random_state` an ensemble has, its own and those of the member that a study gives. One whose member is
/// left out has its own alone: it is None there, which has nothing to set.
pub(super) fn random_states(member: &dyn Classifier, is_given: bool) -> usize {
    1 + if is_given { member.random_states() } else { 0 }
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

    /// Values of scikit-learn 1.9.1 and imbalanced-learn 0.14.2, with `estimator=None` in the member and with the same written out.
    #[test]
    fn a_member_whose_own_member_is_left_out_has_scikit_learns_seeds() {
        let x = Array2::from_shape_fn((60, 3), |(i, j)| ((i * i * 7 + i * (j + 3) * 13 + j * 5) % 97) as f64 / 4.0);
        let y: Vec<u8> = (0..60).map(|i| u8::from((i * 11) % 7 < 2)).collect();
        for (family, member, own, wanted) in [
            ("bagging", "bagging", "'none'", [1.0, 0.25, 0.5, 0.25]),
            ("bagging", "bagging", "'decision-tree'", [0.5, 0.0, 0.5, 0.25]),
            (
                "bagging",
                "rus-boost",
                "'none'",
                [0.5639880195443734, 0.18319094156649102, 0.28810938268681135, 0.18319094156649102],
            ),
            (
                "bagging",
                "rus-boost",
                "{ family = 'decision-tree', params = { max_depth = 1 } }",
                [0.49999999999999994, 0.12721384935635077, 0.12721384935635077, 0.5080109273342331],
            ),
            ("bagging", "balanced-bagging", "'none'", [0.75, 0.75, 0.5, 0.5]),
            ("bagging", "balanced-bagging", "'decision-tree'", [0.25, 0.5, 0.5, 0.25]),
            (
                "bagging",
                "easy-ensemble",
                "'none'",
                [0.5711873193285234, 0.4180171031871724, 0.4897987834880883, 0.42725259559766315],
            ),
            (
                "bagging",
                "easy-ensemble",
                "'adaboost'",
                [0.5481441182428187, 0.4181079561462454, 0.5529148462964809, 0.5025883827330553],
            ),
            ("balanced-bagging", "bagging", "'none'", [0.75, 0.75, 0.5, 0.5]),
            ("balanced-bagging", "bagging", "'decision-tree'", [0.5, 0.5, 1.0, 0.5]),
            (
                "rus-boost",
                "bagging",
                "'none'",
                [0.8807970779778823, 0.11920292202211755, 0.8807970779778823, 0.11920292202211755],
            ),
            (
                "rus-boost",
                "bagging",
                "'decision-tree'",
                [0.6199549893778215, 0.6199549893778215, 0.6199549893778215, 0.11920292202211755],
            ),
            ("easy-ensemble", "balanced-bagging", "'none'", [0.5, 0.75, 0.75, 0.75]),
            ("easy-ensemble", "balanced-bagging", "'decision-tree'", [0.75, 0.5, 1.0, 0.25]),
        ] {
            let estimator = format!("{{ family = '{member}', params = {{ n_estimators = 2, estimator = {own} }} }}");
            let params = format!("n_estimators = 2\nrandom_state = 0\nestimator = {estimator}");
            let model = built(family, &params).component.fit(&Train::numbers(x.view(), &y), &Context { seed: 1 });
            let score = model.unwrap().predict(x.view()).unwrap().score;
            for (ours, theirs) in score.iter().zip(wanted) {
                assert!((ours - theirs).abs() < 1e-12, "{family} of {member} of {own}: {score:?}");
            }
        }
    }

    #[test]
    fn an_ensemble_has_the_random_states_of_the_members_that_are_named() {
        let stump = "{ family = 'decision-tree', params = { max_depth = 1 } }";
        for (family, params, wanted) in [
            ("bagging", String::new(), 1),
            ("bagging", "estimator = 'decision-tree'".into(), 2),
            ("bagging", "estimator = 'gaussian-nb'".into(), 1),
            ("bagging", "estimator = 'bagging'".into(), 2),
            ("balanced-bagging", "estimator = 'none'".into(), 1),
            ("easy-ensemble", String::new(), 1),
            ("easy-ensemble", "estimator = 'adaboost'".into(), 2),
            ("rus-boost", format!("estimator = {stump}"), 2),
            ("adaboost", String::new(), 1),
            ("adaboost", format!("estimator = {stump}"), 2),
            ("bagging", format!("estimator = {{ family = 'adaboost', params = {{ estimator = {stump} }} }}"), 3),
        ] {
            assert_eq!(built(family, &params).component.random_states(), wanted, "{family}: {params}");
        }
    }

    #[test]
    fn a_record_tells_a_member_that_is_left_out_from_one_that_is_named() {
        let facts = |family: &str, params: &str| built(family, params).params["estimator"].clone();
        let tree = facts("bagging", "");
        assert_eq!(tree["family"], json!("decision-tree"));
        assert_eq!(facts("bagging", "estimator = 'rus-boost'")["params"]["estimator"], json!(null));
        assert_eq!(facts("bagging", "estimator = { id = 'bagging' }")["estimator"], json!(null));
        let named = facts("bagging", "estimator = { family = 'bagging', params = { estimator = 'decision-tree' } }");
        assert_eq!(named["params"]["estimator"], tree);
        assert_eq!(named.get("version"), None);
        // A member is built of its facts, too.
        let again = |facts: &Value| {
            let registry = Registry::built_in();
            Member::seeded("estimator", Some(facts.clone()), "", &registry).unwrap().facts
        };
        for facts in [named, facts("bagging", "estimator = 'rus-boost'")] {
            assert_eq!(again(&facts), facts);
        }
        let stump = "{ family = 'decision-tree', params = { max_depth = 1 } }";
        let boosted = format!("estimator = {{ family = 'adaboost', params = {{ estimator = {stump} }} }}");
        assert_eq!(facts("bagging", &boosted)["version"], json!(2));
        assert_eq!(facts("bagging", "estimator = 'adaboost'").get("version"), None);
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
