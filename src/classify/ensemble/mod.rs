//! Ensembles of other families: a study names the members as it names any classifier.
//!
//! ```toml
//! { family = "balanced-bagging", params = { estimator = { family = "decision-tree", params = { max_depth = 6 } } } }
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `bag` | the rows and columns that a member of bagging is fitted on |
//! | `mean` | fitted members whose probabilities are averaged |
//! | `samme` | boosting with members of any family that takes weights |
//! | `named` | members that a study lists one by one |
//! | `restored` | ensembles that were told as data |
//! | one file per family | its parameters and how it fits its members |

mod bag;
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
use crate::component::{Also, Built, Classifier, Registry, part};
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
        if let Some(Value::Object(table)) = &mut given {
            table.shift_remove(RANDOM_STATE);
            if let Some(Value::Object(params)) = table.get_mut("params") {
                params.shift_remove(RANDOM_STATE);
            }
        }
        let member = Self::read(place, given, default, registry)?;
        let family = member.facts.get("family").or(member.facts.get("id")).and_then(Value::as_str).unwrap_or_default();
        match family {
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
