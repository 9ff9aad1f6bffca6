//! `rus-boost`: AdaBoost whose every round sees as many rows of either class.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::samme::{Samme, must_take_weights};
use super::{Member, check_members, random_states, with_facts};
use crate::classify::tree::seed;
use crate::component::{Also, Built, Classifier, Context, Cost, Entry, Model, Registry, Shape, Train, build};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::sampling::{Strategy, undersampled};

const ID: &str = "rus-boost";

/// Parameters; names and defaults are `RUSBoostClassifier`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// A family that takes weights, and its parameters; `null`: a `decision-tree` of one cut.
    estimator: Option<Value>,
    n_estimators: usize,
    learning_rate: f64,
    /// What a round's rows are undersampled to.
    #[serde(deserialize_with = "Strategy::read_leaving")]
    sampling_strategy: Strategy,
    /// Whether undersampling draws with replacement.
    replacement: bool,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            estimator: None,
            n_estimators: 50,
            learning_rate: 1.0,
            sampling_strategy: Strategy::default(),
            replacement: false,
            random_state: None,
        }
    }
}

struct RusBoost {
    member: Box<dyn Classifier>,
    params: Params,
}

impl Classifier for RusBoost {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.member.accepts(given)
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.member.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let Params { n_estimators, learning_rate, sampling_strategy, replacement, random_state, .. } = &self.params;
        let mut stream = Mt19937::new(random_state.unwrap_or(context.seed as u32));
        let (n_estimators, learning_rate) = (*n_estimators, *learning_rate);
        let samme =
            Samme { family: ID, member: self.member.as_ref(), n_estimators, learning_rate, by_logarithm: false };
        samme.fit(train, &mut stream, |stream| {
            undersampled(ID, train.y, *sampling_strategy, *replacement, seed(stream)).map(Some)
        })
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn says_probabilities(&self) -> bool {
        false
    }

    fn random_states(&self) -> usize {
        random_states(self.member.as_ref(), self.params.estimator.is_some())
    }

    fn cannot_be_saved(&self) -> bool {
        self.member.cannot_be_saved()
    }
}

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Classifier>> {
    let mut facts = Value::Null;
    let built = build::<Params, dyn Classifier>(ID, table, |params| {
        let stump = || serde_json::json!({ "family": "decision-tree", "params": { "max_depth": 1 } });
        let given = params.estimator.clone().unwrap_or_else(stump);
        let member = Member::seeded("estimator", Some(given), "", registry)?;
        check_members(params.n_estimators)?;
        params.sampling_strategy.leaving()?;
        if !(params.learning_rate > 0.0 && params.learning_rate.is_finite()) {
            return Err(Error::Component(format!(
                "`learning_rate` must be positive and finite, not {}",
                params.learning_rate
            )));
        }
        must_take_weights(&member)?;
        facts = member.facts;
        Ok(Box::new(RusBoost { member: member.classifier, params }))
    })?;
    Ok(with_facts(built, "estimator", facts))
}

/// `RUSBoostClassifier` (Seiffert, Khoshgoftaar, Van Hulse and Napolitano 2010):
/// <https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.RUSBoostClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::of_others(ID, "AdaBoost, each round on a random undersample of the weighted rows", make)
        .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.RUSBoostClassifier.html")
        .cost(Cost::seconds(1.5).per("n_estimators", 50.0))
        .also(&[Also::only("algorithm", "\"SAMME\"", "SAMME alone is fitted: leave it out")])
        .unset(&[("algorithm", "deprecated")])
        .space(
            r#"
    n_estimators = { low = 20, high = 200 }
    learning_rate = { low = 0.05, high = 1.5, log = true }
    sampling_strategy = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    "#,
        )
        .look(24);
