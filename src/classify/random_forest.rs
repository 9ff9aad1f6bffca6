//! `random-forest`: CART trees on bootstrap samples, each node looking at a few random columns.

use serde::{Deserialize, Serialize};

use super::tree::{MaxFeatures, MaxSamples, NamedShare, Sampling, Settings, fit_forest};
use crate::component::{Classifier, Context, Cost, Entry, Model, Train, build};
use crate::error::{Error, Result};

/// Parameters; names and defaults are `RandomForestClassifier`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Params {
    pub(super) n_estimators: usize,
    #[serde(flatten)]
    pub(super) settings: Settings,
    pub(super) bootstrap: bool,
    pub(super) max_samples: Option<MaxSamples>,
    /// Without one, the cell's own seed decides.
    pub(super) random_state: Option<u32>,
}

impl Default for Params {
    fn default() -> Self {
        let max_features = Some(MaxFeatures::Named(NamedShare::Sqrt));
        Self {
            n_estimators: 100,
            settings: Settings { max_features, ..Settings::default() },
            bootstrap: true,
            max_samples: None,
            random_state: None,
        }
    }
}

struct RandomForest(Params);

impl Classifier for RandomForest {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let params = &self.0;
        let sampling = if params.bootstrap { Sampling::Bootstrap(params.max_samples) } else { Sampling::All };
        let random_state = params.random_state.unwrap_or(context.seed as u32);
        Ok(Box::new(fit_forest(x, y, &params.settings, params.n_estimators, sampling, random_state)?))
    }
}

/// Refuses what scikit-learn refuses.
pub(super) fn check(params: &Params) -> Result<()> {
    let refuse = |what: &str| Err(Error::Component(what.into()));
    params.settings.check()?;
    if params.n_estimators == 0 {
        return refuse("`n_estimators` must be at least 1");
    }
    match params.max_samples {
        Some(_) if !params.bootstrap => refuse("`max_samples` needs `bootstrap = true`"),
        Some(MaxSamples::Count(0)) => refuse("`max_samples` must be at least 1"),
        Some(MaxSamples::Share(share)) if !(share > 0.0 && share <= 1.0) => {
            refuse("`max_samples` as a share must lie in (0, 1]")
        }
        _ => Ok(()),
    }
}

fn make(params: Params) -> Result<Box<dyn Classifier>> {
    check(&params)?;
    Ok(Box::new(RandomForest(params)))
}

/// `RandomForestClassifier`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.RandomForestClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    "random-forest",
    "bagged CART; scikit-learn's trees node for node, from cuts next to the rarer class's values only",
    |table| build::<Params, _>("random-forest", table, make),
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.RandomForestClassifier.html")
.cost(Cost::seconds(2.6))
.space(
    r#"
    n_estimators = { low = 50, high = 200 }
    criterion = ["gini", "entropy"]
    max_features = { low = 0.05, high = 0.6 }
    min_samples_split = { low = 2, high = 20 }
    bootstrap = [true, false]
    "#,
);
