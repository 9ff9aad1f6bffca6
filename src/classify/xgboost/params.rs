//! The parameters, and how the library is told them.

use serde::{Deserialize, Serialize};

use crate::classify::boosting::{require, require_not_negative, require_positive, require_share, require_signed};
use crate::classify::directions::Directions;
use crate::classify::early_stopping::{EarlyStopping, EvalMetric};
use crate::component::ScoreKind;
use crate::error::{Error, Result, unknown};
use crate::metric::Better;
use crate::words::{agree, listed};

/// The parameters of Python's `XGBClassifier` that bear on two classes and trees, with the values that its `None`s
/// stand for; a study may write `"none"` for any of them. <https://xgboost.readthedocs.io/en/release_3.2.0/parameter.html>
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Params {
    pub(super) n_estimators: u32,
    pub(super) max_depth: u32,
    pub(super) max_leaves: u32,
    pub(super) max_bin: u32,
    pub(super) grow_policy: GrowPolicy,
    pub(super) learning_rate: f64,
    pub(super) tree_method: TreeMethod,
    pub(super) gamma: f64,
    pub(super) min_child_weight: f64,
    pub(super) max_delta_step: f64,
    pub(super) subsample: f64,
    pub(super) colsample_bytree: f64,
    pub(super) colsample_bylevel: f64,
    pub(super) colsample_bynode: f64,
    pub(super) reg_alpha: f64,
    pub(super) reg_lambda: f64,
    pub(super) scale_pos_weight: f64,
    pub(super) num_parallel_tree: u32,
    /// The prediction before the first tree; without it the library estimates it from the labels.
    pub(super) base_score: Option<f64>,
    /// Without it the library's own default seed, 0, as in Python: the defaults draw nothing at random, and a study
    /// that samples rows or columns then gives what the same Python call gives.
    pub(super) random_state: Option<u32>,
    /// Categories of fewer levels are split into one level and the others.
    pub(super) max_cat_to_onehot: u32,
    /// The most levels on one side of a split of a category.
    pub(super) max_cat_threshold: u32,
    pub(super) booster: Kind,
    pub(super) objective: Objective,
    /// A value that stands for a missing one, beside blanks.
    pub(super) missing: Option<f64>,
    /// For each column whether the score may only rise with it (1), only fall (-1), or both (0); or for columns by name.
    pub(super) monotone_constraints: Option<Directions>,
    /// Groups of columns, by number, that may meet in one branch.
    pub(super) interaction_constraints: Option<Vec<Vec<u32>>>,
    /// Of `dart`: which trees are dropped, how the new one is weighed, how many are dropped, how often none is.
    pub(super) sample_type: String,
    pub(super) normalize_type: String,
    pub(super) rate_drop: f64,
    pub(super) one_drop: bool,
    pub(super) skip_drop: f64,
    /// Of `gblinear`: how a round goes through the columns.
    pub(super) updater: String,
    pub(super) feature_selector: String,
    pub(super) top_k: u32,
    #[serde(flatten)]
    pub(super) stopping: EarlyStopping<Metric>,
}

/// The parameter of monotone constraints.
pub(super) const MONOTONE_CONSTRAINTS: &str = "monotone_constraints";

/// Came after the first records: out of the key while at their defaults.
pub(super) const LATER: &[&str] = &[
    "max_cat_to_onehot",
    "max_cat_threshold",
    "booster",
    "objective",
    "missing",
    "monotone_constraints",
    "interaction_constraints",
    "sample_type",
    "normalize_type",
    "rate_drop",
    "one_drop",
    "skip_drop",
    "updater",
    "feature_selector",
    "top_k",
];

/// What a round adds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    #[default]
    GbTree,
    /// A tree in the place of earlier ones, which are dropped for the round.
    Dart,
    /// A step of a linear model.
    GbLinear,
}

/// What is minimised, and what a score then is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Objective {
    #[default]
    #[serde(rename = "binary:logistic")]
    Logistic,
    #[serde(rename = "reg:logistic")]
    Regression,
    /// The score is the logarithm of the odds.
    #[serde(rename = "binary:logitraw")]
    Raw,
    /// The score is the label.
    #[serde(rename = "binary:hinge")]
    Hinge,
}

impl Objective {
    pub(super) fn id(self) -> &'static str {
        match self {
            Objective::Logistic => "binary:logistic",
            Objective::Regression => "reg:logistic",
            Objective::Raw => "binary:logitraw",
            Objective::Hinge => "binary:hinge",
        }
    }

    pub(super) fn kind(self) -> ScoreKind {
        match self {
            Objective::Logistic | Objective::Regression => ScoreKind::Probability,
            Objective::Raw | Objective::Hinge => ScoreKind::Decision,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum GrowPolicy {
    Depthwise,
    Lossguide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TreeMethod {
    #[serde(alias = "auto")]
    Hist,
    Approx,
    Exact,
}

/// XGBoost's own metrics of two classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Metric {
    #[default]
    LogLoss,
    AucPr,
    Auc,
}

impl EvalMetric for Metric {
    fn id(self) -> &'static str {
        match self {
            Metric::LogLoss => "logloss",
            Metric::AucPr => "aucpr",
            Metric::Auc => "auc",
        }
    }

    fn better(self) -> Better {
        if self == Metric::LogLoss { Better::Lower } else { Better::Higher }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            max_depth: 6,
            max_leaves: 0,
            max_bin: 256,
            grow_policy: GrowPolicy::Depthwise,
            learning_rate: 0.3,
            tree_method: TreeMethod::Hist,
            gamma: 0.0,
            min_child_weight: 1.0,
            max_delta_step: 0.0,
            subsample: 1.0,
            colsample_bytree: 1.0,
            colsample_bylevel: 1.0,
            colsample_bynode: 1.0,
            reg_alpha: 0.0,
            reg_lambda: 1.0,
            scale_pos_weight: 1.0,
            num_parallel_tree: 1,
            base_score: None,
            random_state: None,
            max_cat_to_onehot: 4,
            max_cat_threshold: 64,
            booster: Kind::GbTree,
            objective: Objective::Logistic,
            missing: None,
            monotone_constraints: None,
            interaction_constraints: None,
            sample_type: "uniform".into(),
            normalize_type: "tree".into(),
            rate_drop: 0.0,
            one_drop: false,
            skip_drop: 0.0,
            updater: "shotgun".into(),
            feature_selector: "cyclic".into(),
            top_k: 0,
            stopping: EarlyStopping::default(),
        }
    }
}

/// Refuses parameters that change nothing; `only` says what they go with.
fn idle<'n>(names: impl Iterator<Item = &'n str>, only: &str) -> Result<()> {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => Ok(()),
        false => Err(Error::Study(format!(
            "{} {} with {only}: leave {} out",
            listed(&names),
            agree(names.len(), "goes", "go"),
            agree(names.len(), "it", "them")
        ))),
    }
}

impl Params {
    pub(super) fn validate(&self) -> Result<()> {
        require(self.n_estimators > 0, "n_estimators", self.n_estimators, "at least 1")?;
        require(self.num_parallel_tree > 0, "num_parallel_tree", self.num_parallel_tree, "at least 1")?;
        require(self.max_bin > 1, "max_bin", self.max_bin, "at least 2")?;
        require_signed(&[
            ("n_estimators", self.n_estimators),
            ("num_parallel_tree", self.num_parallel_tree),
            ("max_depth", self.max_depth),
            ("max_leaves", self.max_leaves),
            ("max_bin", self.max_bin),
            ("max_cat_to_onehot", self.max_cat_to_onehot),
            ("max_cat_threshold", self.max_cat_threshold),
            ("top_k", self.top_k),
        ])?;
        require(self.max_cat_to_onehot > 0, "max_cat_to_onehot", self.max_cat_to_onehot, "at least 1")?;
        require(self.max_cat_threshold > 0, "max_cat_threshold", self.max_cat_threshold, "at least 1")?;
        require_positive("learning_rate", self.learning_rate)?;
        require_positive("scale_pos_weight", self.scale_pos_weight)?;
        require_share("subsample", self.subsample)?;
        require_share("colsample_bytree", self.colsample_bytree)?;
        require_share("colsample_bylevel", self.colsample_bylevel)?;
        require_share("colsample_bynode", self.colsample_bynode)?;
        require_not_negative("gamma", self.gamma)?;
        require_not_negative("min_child_weight", self.min_child_weight)?;
        require_not_negative("max_delta_step", self.max_delta_step)?;
        require_not_negative("reg_alpha", self.reg_alpha)?;
        require_not_negative("reg_lambda", self.reg_lambda)?;
        self.stopping.validate()?;
        let share = |name: &str, value: f64| require((0.0..=1.0).contains(&value), name, value, "from 0 to 1");
        share("rate_drop", self.rate_drop)?;
        share("skip_drop", self.skip_drop)?;
        for (name, given, allowed) in [
            ("sample_type", &self.sample_type, &["uniform", "weighted"][..]),
            ("normalize_type", &self.normalize_type, &["tree", "forest"]),
            ("updater", &self.updater, &["shotgun", "coord_descent"]),
            ("feature_selector", &self.feature_selector, &["cyclic", "shuffle", "random", "greedy", "thrifty"]),
        ] {
            if !allowed.contains(&given.as_str()) {
                return Err(Error::Study(unknown(&format!("`{name}`"), given, allowed)));
            }
        }
        self.monotone_constraints.as_ref().map_or(Ok(()), |all| all.check(MONOTONE_CONSTRAINTS))?;
        if self.booster == Kind::GbLinear && self.stopping.watch().is_some() {
            return Err(Error::Study(
                "`early_stopping_rounds` keeps the trees of the best round, and `booster = \"gblinear\"` has no trees: give \
                 `n_estimators`"
                    .into(),
            ));
        }
        self.check_booster()?;
        match self.base_score {
            Some(score) => require(score > 0.0 && score < 1.0, "base_score", score, "between 0 and 1"),
            None => Ok(()),
        }
    }

    /// Refuses what the booster does not look at, as Python warns of it, and what the library checks when it begins to train.
    fn check_booster(&self) -> Result<()> {
        let default = Params::default();
        macro_rules! given {
            ($($name:ident),*) => {
                [$((self.$name != default.$name, stringify!($name))),*].into_iter().filter(|(is, _)| *is).map(|(_, name)| name)
            };
        }
        let of_dart = given!(sample_type, normalize_type, rate_drop, one_drop, skip_drop);
        let of_linear = given!(updater, feature_selector, top_k);
        let of_trees = given!(max_depth, max_leaves, max_bin, grow_policy, tree_method, gamma, min_child_weight)
            .chain(given!(max_delta_step, subsample, colsample_bytree, colsample_bylevel, colsample_bynode))
            .chain(given!(num_parallel_tree, max_cat_to_onehot, max_cat_threshold))
            .chain(given!(monotone_constraints, interaction_constraints));
        let (is_dart, is_linear) = (self.booster == Kind::Dart, self.booster == Kind::GbLinear);
        idle(of_dart.filter(|_| !is_dart), "`booster = \"dart\"` only")?;
        idle(of_linear.filter(|_| !is_linear), "`booster = \"gblinear\"` only")?;
        idle(of_trees.filter(|_| is_linear), "trees only, and `booster = \"gblinear\"` has none")?;
        let selects = ["greedy", "thrifty"].contains(&self.feature_selector.as_str());
        if is_linear && self.updater == "shotgun" && (selects || self.feature_selector == "random") {
            return Err(Error::Study(format!(
                "`feature_selector = \"{}\"` goes with `updater = \"coord_descent\"` only: `shotgun` takes `cyclic` or `shuffle`",
                self.feature_selector
            )));
        }
        if is_linear && self.updater == "shotgun" && self.top_k != default.top_k {
            return Err(Error::Study("`top_k` goes with `updater = \"coord_descent\"` only".into()));
        }
        match self.tree_method == TreeMethod::Exact && self.max_depth == 0 && !is_linear {
            true => Err(Error::Study("`max_depth` must be at least 1 with `tree_method = \"exact\"`, not 0".into())),
            false => Ok(()),
        }
    }

    /// Name and value of each setting, as the library reads them.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("verbosity", "0".to_owned()),
            ("objective", self.objective.id().to_owned()),
            // Threads of a linear model overwrite each other's steps: its bits would depend on their number.
            ("nthread", if self.booster == Kind::GbLinear { 1 } else { rayon::current_num_threads() }.to_string()),
            ("seed", self.random_state.unwrap_or(0).to_string()),
            ("max_depth", self.max_depth.to_string()),
            ("max_leaves", self.max_leaves.to_string()),
            ("max_bin", self.max_bin.to_string()),
            ("eta", self.learning_rate.to_string()),
            ("gamma", self.gamma.to_string()),
            ("min_child_weight", self.min_child_weight.to_string()),
            ("max_delta_step", self.max_delta_step.to_string()),
            ("subsample", self.subsample.to_string()),
            ("colsample_bytree", self.colsample_bytree.to_string()),
            ("colsample_bylevel", self.colsample_bylevel.to_string()),
            ("colsample_bynode", self.colsample_bynode.to_string()),
            ("alpha", self.reg_alpha.to_string()),
            ("lambda", self.reg_lambda.to_string()),
            ("scale_pos_weight", self.scale_pos_weight.to_string()),
            ("num_parallel_tree", self.num_parallel_tree.to_string()),
            ("max_cat_to_onehot", self.max_cat_to_onehot.to_string()),
            ("max_cat_threshold", self.max_cat_threshold.to_string()),
        ];
        self.special_settings(&mut settings);
        settings.push(match self.grow_policy {
            GrowPolicy::Depthwise => ("grow_policy", "depthwise".to_owned()),
            GrowPolicy::Lossguide => ("grow_policy", "lossguide".to_owned()),
        });
        settings.push(match self.tree_method {
            TreeMethod::Hist => ("tree_method", "hist".to_owned()),
            TreeMethod::Approx => ("tree_method", "approx".to_owned()),
            TreeMethod::Exact => ("tree_method", "exact".to_owned()),
        });
        settings.push(match self.base_score {
            Some(score) => ("base_score", score.to_string()),
            // The crate always sends base_score = 0.5, which switches the library's estimate off; this switches it on
            // again, and the 0.5 is then overwritten before the first tree.
            None => ("boost_from_average", "1".to_owned()),
        });
        settings
    }

    /// What only some boosters take, and constraints.
    pub(super) fn special_settings(&self, settings: &mut Vec<(&'static str, String)>) {
        match self.booster {
            Kind::GbTree => {}
            Kind::Dart => settings.extend([
                ("booster", "dart".to_owned()),
                ("sample_type", self.sample_type.clone()),
                ("normalize_type", self.normalize_type.clone()),
                ("rate_drop", self.rate_drop.to_string()),
                ("one_drop", u8::from(self.one_drop).to_string()),
                ("skip_drop", self.skip_drop.to_string()),
            ]),
            Kind::GbLinear => settings.extend([
                ("booster", "gblinear".to_owned()),
                ("updater", self.updater.clone()),
                ("feature_selector", self.feature_selector.clone()),
                ("top_k", self.top_k.to_string()),
            ]),
        }
        if let Some(constraints) = &self.monotone_constraints {
            let all: Vec<String> = constraints.each().iter().map(i8::to_string).collect();
            settings.push(("monotone_constraints", format!("({})", all.join(","))));
        }
        if let Some(groups) = &self.interaction_constraints {
            settings.push(("interaction_constraints", serde_json::json!(groups).to_string()));
        }
    }

    /// Whether the matrix keeps the rows in bins from fit to fit: `approx` makes bins of its own for every tree, and the others none.
    pub(super) fn keeps_bins(&self) -> bool {
        self.tree_method == TreeMethod::Hist && self.booster != Kind::GbLinear
    }
}
