//! `balanced-random-forest`: a random forest whose every tree sees as many rows of either class.

use serde::{Deserialize, Serialize};

use crate::classify::random_forest::{Params as ForestParams, check};
use crate::classify::tree::fit_balanced_forest;
use crate::component::{Classifier, Context, Cost, Entry, Model, N_JOBS, Shape, Train, VERBOSE, WARM_START, build};
use crate::error::{Error, Result};
use crate::sampling::{Strategy, undersampled};

const ID: &str = "balanced-random-forest";

/// Parameters; names and defaults are `BalancedRandomForestClassifier`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    #[serde(flatten)]
    forest: ForestParams,
    /// What a tree's rows are undersampled to.
    #[serde(deserialize_with = "Strategy::read_leaving")]
    sampling_strategy: Strategy,
    /// Whether undersampling draws with replacement.
    replacement: bool,
}

impl Default for Params {
    fn default() -> Self {
        let forest = ForestParams { bootstrap: false, ..ForestParams::default() };
        Self { forest, sampling_strategy: Strategy::all(), replacement: true }
    }
}

struct BalancedRandomForest(Params);

impl Classifier for BalancedRandomForest {
    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.0.forest.settings.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let Params { forest, sampling_strategy, replacement } = &self.0;
        let sampling = forest.sampling();
        let random_state = forest.random_state.unwrap_or(context.seed as u32);
        let undersample = |seed| undersampled(ID, train.y, *sampling_strategy, *replacement, seed);
        Ok(Box::new(fit_balanced_forest(
            (train.x(), train.y, train.weight),
            (&forest.settings, sampling),
            undersample,
            forest.n_estimators,
            random_state,
        )?))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn says_probabilities(&self) -> bool {
        false
    }
}

fn make(params: Params) -> Result<Box<dyn Classifier>> {
    check(&params.forest)?;
    if params.forest.oob_score {
        return Err(Error::Component(
            "`oob_score` is not kept of trees on undersampled rows: write `calibrate` or a search, whose rows are kept out".into(),
        ));
    }
    params.sampling_strategy.leaving()?;
    Ok(Box::new(BalancedRandomForest(params)))
}

/// `BalancedRandomForestClassifier` (Chen, Liaw and Breiman 2004):
/// <https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.BalancedRandomForestClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "a random forest, each tree on as many rows of either class", |table| {
        build::<Params, _>(ID, table, make)
    })
    .source(
        "https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.BalancedRandomForestClassifier.html",
    )
    .cost(Cost::seconds(1.0).per("n_estimators", 100.0))
    .also(&[N_JOBS, VERBOSE, WARM_START])
    .space(
        r#"
    n_estimators = { low = 50, high = 300 }
    criterion = ["gini", "entropy"]
    max_features = { low = 0.05, high = 0.6 }
    sampling_strategy = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    "#,
    )
    .look(17);
