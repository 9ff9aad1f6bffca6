//! `adaboost`: boosted stumps, discrete SAMME.

use serde::{Deserialize, Serialize};

use super::tree::{Criterion, boost};
use crate::component::{Also, Classifier, Context, Cost, Entry, Model, Train, build};
use crate::error::{Error, Result};

/// Parameters; names and defaults are `AdaBoostClassifier`'s, `criterion` that of its default estimator.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    n_estimators: usize,
    learning_rate: f64,
    criterion: Criterion,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
}

impl Default for Params {
    fn default() -> Self {
        Self { n_estimators: 50, learning_rate: 1.0, criterion: Criterion::Gini, random_state: None }
    }
}

struct AdaBoost(Params);

impl Classifier for AdaBoost {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let Params { n_estimators, learning_rate, criterion, random_state } = self.0;
        let random_state = random_state.unwrap_or(context.seed as u32);
        Ok(Box::new(boost(x, y, n_estimators, learning_rate, criterion, random_state)?))
    }
}

fn make(params: Params) -> Result<Box<dyn Classifier>> {
    if params.n_estimators == 0 {
        return Err(Error::Component("`n_estimators` must be at least 1".into()));
    }
    if !(params.learning_rate > 0.0 && params.learning_rate.is_finite()) {
        return Err(Error::Component("`learning_rate` must be positive and finite".into()));
    }
    Ok(Box::new(AdaBoost(params)))
}

/// `AdaBoostClassifier` (SAMME, the only algorithm since scikit-learn 1.6) over `DecisionTreeClassifier(max_depth=1)`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.AdaBoostClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new("adaboost", "boosted stumps (SAMME); a round costs only the rows that some round got wrong", |table| {
        build::<Params, _>("adaboost", table, make)
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.AdaBoostClassifier.html")
    .cost(Cost::seconds(0.5))
    .also(&[Also::only("estimator", "null", "rounds are trees of depth 1; write `criterion` for how they cut")])
    .space(
        r#"
    n_estimators = { low = 50, high = 300 }
    learning_rate = { low = 0.05, high = 1.5, log = true }
    "#,
    );
