//! `random-forest`: CART trees on bootstrap samples, each node looking at a few random columns.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::tree::{self, Forest, MaxFeatures, MaxSamples, NamedShare, Sampling, Settings, fit_forest};
use crate::component::{
    Classifier, Context, Cost, Entry, InPython, Model, N_JOBS, Shape, Train, VERBOSE, WARM_START, build, later,
};
use crate::error::{Error, Result};

/// Parameters; names and defaults are `RandomForestClassifier`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Params {
    pub(super) n_estimators: usize,
    #[serde(flatten)]
    pub(super) settings: Settings,
    pub(super) bootstrap: bool,
    pub(super) max_samples: Option<MaxSamples>,
    /// Whether the record holds the accuracy on the training rows by the trees that did not draw them.
    pub(super) oob_score: bool,
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
            oob_score: false,
            random_state: None,
        }
    }
}

struct RandomForest(Params);

impl Classifier for RandomForest {
    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.0.settings.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let params = &self.0;
        let random_state = params.random_state.unwrap_or(context.seed as u32);
        let sampling = params.sampling();
        let forest =
            fit_forest(train, (y, train.weight), &params.settings, params.n_estimators, sampling, random_state)?;
        Ok(Box::new(params.judged(forest, (x, y, train.weight), random_state)?))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Params {
    pub(super) fn sampling(&self) -> Sampling {
        if self.bootstrap { Sampling::Bootstrap(self.max_samples) } else { Sampling::All }
    }

    /// The forest with its out-of-bag score, where that is asked for.
    pub(super) fn judged(
        &self,
        forest: Forest,
        rows: (ArrayView2<'_, f64>, &[u8], Option<&[f64]>),
        random_state: u32,
    ) -> Result<Forest> {
        match self.oob_score {
            true => forest.with_out_of_bag(rows, &self.settings, self.sampling(), random_state),
            false => Ok(forest),
        }
    }
}

/// Came after the first records.
pub(super) const LATER: &[&str] = &["oob_score"];

/// Refuses what scikit-learn refuses.
pub(super) fn check(params: &Params) -> Result<()> {
    let refuse = |what: &str| Err(Error::Component(what.into()));
    params.settings.check()?;
    tree::check_members(params.n_estimators)?;
    if params.oob_score && !params.bootstrap {
        return refuse("`oob_score` needs `bootstrap = true`");
    }
    match params.max_samples {
        Some(_) if !params.bootstrap => refuse("`max_samples` needs `bootstrap = true`"),
        Some(MaxSamples::Count(0)) => refuse("`max_samples` must be at least 1, not 0"),
        // Rows are drawn with replacement, so that there may be more draws than rows.
        Some(MaxSamples::Share(share)) if !(share > 0.0 && share.is_finite()) => {
            refuse(&format!("`max_samples` as a share must be above 0, not {share}"))
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
    |table| {
        build::<Params, _>("random-forest", table, make)
            .map(|built| later::<Params, _>(built, tree::LATER))
            .map(|built| later::<Params, _>(built, LATER))
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.RandomForestClassifier.html")
.in_python(InPython::new().calibrated_alike())
.cost(Cost::seconds(2.6).per("n_estimators", 100.0))
.also(&[N_JOBS, VERBOSE, WARM_START])
.space(
    r#"
    n_estimators = { low = 50, high = 200 }
    criterion = ["gini", "entropy"]
    max_features = { low = 0.05, high = 0.6 }
    min_samples_split = { low = 2, high = 20 }
    bootstrap = [true, false]
    "#,
)
.look(0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    /// Values of scikit-learn 1.9.1 and imbalanced-learn 0.14.2.
    #[test]
    fn a_tree_may_draw_more_rows_than_there_are() {
        let x = ndarray::Array2::from_shape_fn((60, 3), |(i, j)| {
            ((i * i * 7 + i * (j + 3) * 13 + j * 5) % 97) as f64 / 4.0
        });
        let y: Vec<u8> = (0..60).map(|i| u8::from((i * 11) % 7 < 2)).collect();
        let scores = |entry: &Entry<dyn Classifier>, more: &str| {
            let table = format!("n_estimators = 5\nrandom_state = 0\nbootstrap = true\n{more}").parse().unwrap();
            let built = entry.build(&table, &Registry::empty()).unwrap().component;
            let model = built.fit(&Train::numbers(x.view(), &y), &Context { seed: 1 }).unwrap();
            model.predict(x.view()).unwrap().score
        };
        for (entry, wanted) in [
            (&ENTRY, [1.0, 0.0, 0.8, 0.0, 0.2, 0.0, 0.4, 1.0]),
            (&crate::classify::extra_trees::ENTRY, [1.0, 0.0, 0.8, 0.0, 0.0, 0.0, 0.4, 1.0]),
        ] {
            let score = scores(entry, "max_samples = 1.5");
            for (ours, theirs) in score.iter().zip(wanted) {
                assert!((ours - theirs).abs() < 1e-12, "{}: {score:?}", entry.id);
            }
            assert_eq!(score, scores(entry, "max_samples = 90"), "{}", entry.id);
            assert_ne!(score, scores(entry, "max_samples = 1.0"), "{}", entry.id);
        }
    }
}
