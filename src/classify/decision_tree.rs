//! `decision-tree`: one CART tree.

use serde::{Deserialize, Serialize};

use super::class_weight::ClassWeight;
use super::tree::{self, Criterion, Cuts, Settings, fit_tree, fit_weighted};
use crate::component::{Classifier, Context, Cost, Doing, Entry, InPython, Model, Remedy, Shape, Train, build, later};
use crate::error::Result;

/// Parameters; names and defaults are `DecisionTreeClassifier`'s.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Params {
    #[serde(flatten)]
    settings: Settings,
    /// Whether cuts are the best ones or drawn.
    splitter: Cuts,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
}

struct DecisionTree(Params);

impl Classifier for DecisionTree {
    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.0.settings.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let y = train.y;
        let random_state = self.0.random_state.unwrap_or(context.seed as u32);
        Ok(Box::new(match train.weight {
            None => fit_tree(train, y, &self.0.settings, self.0.splitter, random_state)?,
            Some(weight) => fit_weighted(train, (y, weight), &self.0.settings, self.0.splitter, random_state)?,
        }))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }
}

/// The tree of one cut that `adaboost` boosts by default.
pub(super) fn stump(criterion: Criterion) -> impl Classifier {
    DecisionTree(Params {
        settings: Settings { criterion, max_depth: Some(1), ..Settings::default() },
        ..Params::default()
    })
}

fn make(params: Params) -> Result<Box<dyn Classifier>> {
    params.settings.check()?;
    ClassWeight::refuse_subsample(params.settings.class_weight)?;
    Ok(Box::new(DecisionTree(params)))
}

/// What limits a tree: without any of them it grows until its leaves are pure. Leaves are a number of rows, or a share of all.
const LIMITS: &[Doing] =
    &[("max_depth", |given| given.is_number()), ("min_samples_leaf", |given| given.as_f64() != Some(1.0))];

/// `DecisionTreeClassifier`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.tree.DecisionTreeClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> = Entry::new(
    "decision-tree",
    "CART; scikit-learn's tree node for node, from cuts next to the rarer class's values only",
    |table| {
        build::<Params, _>("decision-tree", table, make)
            .map(|built| later::<Params, _>(built, tree::LATER))
            .map(|built| later::<Params, _>(built, &["splitter"]))
    },
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.tree.DecisionTreeClassifier.html")
.in_python(InPython::new().calibrated_alike())
.remedy(
    &[
        Remedy::params("a limit of the depth or of the leaves' size (`max_depth`, `min_samples_leaf`)", LIMITS),
        Remedy::new("an ensemble of trees such as `random-forest`"),
    ],
    "leaves of single rows keep what is chance",
)
.cost(Cost::seconds(0.2))
.space(
    r#"
    criterion = ["gini", "entropy"]
    max_depth = { low = 2, high = 11 }
    min_samples_split = { low = 2, high = 20 }
    "#,
)
.look(5);
