//! `easy-ensemble`: AdaBoost on one random undersample after the other.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bag::Bag;
use super::balanced_bagging::Balanced;
use super::{Member, with_facts};
use crate::classify::tree::MaxSamples;
use crate::component::{Built, Classifier, Cost, Entry, N_JOBS, Registry, VERBOSE, WARM_START, build};
use crate::error::Result;
use crate::sampling::Strategy;

const ID: &str = "easy-ensemble";

/// Parameters; names and defaults are `EasyEnsembleClassifier`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    n_estimators: usize,
    /// A family and its parameters; `null`: `adaboost`.
    estimator: Option<Value>,
    /// What a member's rows are undersampled to.
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
            n_estimators: 10,
            estimator: None,
            sampling_strategy: Strategy::default(),
            replacement: false,
            random_state: None,
        }
    }
}

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Classifier>> {
    let mut facts = Value::Null;
    let built = build::<Params, dyn Classifier>(ID, table, |params| {
        let is_given = params.estimator.is_some();
        let member = Member::seeded("estimator", params.estimator, "adaboost", registry)?;
        facts = member.facts;
        // Of columns that cut few rows equally well rounding decides, so that the order of sums must be scikit-learn's.
        let weighs = ["family", "id"].iter().any(|key| facts.get(key).is_some_and(|name| name == "adaboost"));
        // All rows and all columns reach every undersampler.
        let whole = MaxSamples::Share(1.0);
        let balanced = Balanced {
            family: ID,
            member: member.classifier,
            n_estimators: params.n_estimators,
            bag: Bag { bootstrap: false, bootstrap_features: false, max_samples: None, max_features: whole },
            strategy: params.sampling_strategy,
            replacement: params.replacement,
            sampler: None,
            random_state: params.random_state,
            weighs,
            is_given,
        };
        balanced.checked()
    })?;
    Ok(with_facts(built, "estimator", facts))
}

/// `EasyEnsembleClassifier` (Liu, Wu and Zhou 2009):
/// <https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.EasyEnsembleClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::of_others(ID, "AdaBoost (or another family) on several random undersamples, averaged", make)
        .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.EasyEnsembleClassifier.html")
        .cost(Cost::seconds(0.3).per("n_estimators", 10.0))
        .also(&[N_JOBS, VERBOSE, WARM_START])
        .space(
            r#"
    n_estimators = { low = 5, high = 50 }
    sampling_strategy = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    "#,
        )
        .look(23);
