//! `extra-trees`: trees on all rows, each node cutting a few random columns at random places.

use serde::{Deserialize, Serialize};

use super::random_forest::{LATER, Params as ForestParams, check};
use super::tree::{self, fit_extra_trees};
use crate::component::{
    Classifier, Context, Cost, Entry, InPython, Model, N_JOBS, Shape, Train, VERBOSE, WARM_START, build, later,
};
use crate::error::Result;

/// Parameters; names and defaults are `ExtraTreesClassifier`'s: those of the random forest, but `bootstrap`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Params(ForestParams);

impl Default for Params {
    fn default() -> Self {
        Self(ForestParams { bootstrap: false, ..ForestParams::default() })
    }
}

struct ExtraTrees(ForestParams);

impl Classifier for ExtraTrees {
    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.0.settings.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let params = &self.0;
        let random_state = params.random_state.unwrap_or(context.seed as u32);
        let sampling = params.sampling();
        let forest =
            fit_extra_trees(train, (y, train.weight), &params.settings, params.n_estimators, sampling, random_state)?;
        Ok(Box::new(params.judged(forest, (x, y, train.weight), random_state)?))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }
}

fn make(Params(params): Params) -> Result<Box<dyn Classifier>> {
    check(&params)?;
    Ok(Box::new(ExtraTrees(params)))
}

/// `ExtraTreesClassifier`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.ExtraTreesClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new("extra-trees", "extremely randomised trees; scikit-learn's node for node", |table| {
        build::<Params, _>("extra-trees", table, make)
            .map(|built| later::<Params, _>(built, tree::LATER))
            .map(|built| later::<Params, _>(built, LATER))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.ExtraTreesClassifier.html")
    .in_python(InPython::new().calibrated_alike())
    .cost(Cost::seconds(1.9).per("n_estimators", 100.0))
    .also(&[N_JOBS, VERBOSE, WARM_START])
    .space(
        r#"
    n_estimators = { low = 50, high = 200 }
    criterion = ["gini", "entropy"]
    max_features = { low = 0.05, high = 0.6 }
    min_samples_split = { low = 2, high = 20 }
    bootstrap = [false, true]
    "#,
    )
    .look(12);
