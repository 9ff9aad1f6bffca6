//! The parameters, and how the library is told them.

use serde::{Deserialize, Serialize};

use crate::classify::boosting::{
    ROW_WEIGHTS, narrow_weights, require, require_not_negative, require_positive, require_share, require_signed,
};
use crate::classify::class_weight::ClassWeight;
use crate::classify::directions::Directions;
use crate::classify::early_stopping::{EarlyStopping, EvalMetric};
use crate::error::{Error, Result};
use crate::metric::Better;

/// The parameters of Python's `LGBMClassifier`, and `max_bin`, `is_unbalance` and `scale_pos_weight`, which it takes
/// as keywords. <https://lightgbm.readthedocs.io/en/stable/Parameters.html>
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Params {
    pub(super) n_estimators: u32,
    pub(super) num_leaves: u32,
    pub(super) max_depth: i32,
    pub(super) max_bin: u32,
    pub(super) learning_rate: f64,
    pub(super) min_child_samples: u32,
    pub(super) min_child_weight: f64,
    pub(super) min_split_gain: f64,
    pub(super) subsample: f64,
    pub(super) subsample_freq: u32,
    pub(super) subsample_for_bin: u32,
    pub(super) colsample_bytree: f64,
    pub(super) reg_alpha: f64,
    pub(super) reg_lambda: f64,
    pub(super) scale_pos_weight: f64,
    pub(super) is_unbalance: bool,
    /// Without it the library's own default seeds, as in Python: only sampling draws at random (of rows for the
    /// bins, beyond `subsample_for_bin` rows; of rows and columns, if asked for).
    pub(super) random_state: Option<i32>,
    /// Levels of fewer rows are not told apart from the rest of their category.
    pub(super) min_data_per_group: u32,
    /// The most levels on one side of a split of a category.
    pub(super) max_cat_threshold: u32,
    /// L2 regularization of splits of categories, beyond `reg_lambda`.
    pub(super) cat_l2: f64,
    /// Added to the rows of a level where levels are put in order.
    pub(super) cat_smooth: f64,
    /// Categories of so many levels or fewer are split into one level and the others.
    pub(super) max_cat_to_onehot: u32,
    pub(super) boosting_type: Boosting,
    pub(super) class_weight: Option<ClassWeight>,
    /// For each column whether the score may only rise with it (1), only fall (-1), or both (0); or for columns by name.
    pub(super) monotone_constraints: Option<Directions>,
    pub(super) monotone_constraints_method: Monotone,
    pub(super) monotone_penalty: f64,
    /// Groups of columns, by number, that may meet in one branch.
    pub(super) interaction_constraints: Option<Vec<Vec<u32>>>,
    /// Of `dart`: the share of trees dropped, how often none is, how many at most, and how they are drawn and weighed.
    pub(super) drop_rate: f64,
    pub(super) skip_drop: f64,
    pub(super) max_drop: i32,
    pub(super) uniform_drop: bool,
    pub(super) xgboost_dart_mode: bool,
    pub(super) drop_seed: i32,
    /// Of `goss`: the shares of rows of large and of small gradients that are kept.
    pub(super) top_rate: f64,
    pub(super) other_rate: f64,
    pub(super) pos_bagging_fraction: f64,
    pub(super) neg_bagging_fraction: f64,
    pub(super) feature_fraction_bynode: f64,
    pub(super) extra_trees: bool,
    pub(super) path_smooth: f64,
    pub(super) max_delta_step: f64,
    pub(super) min_data_in_bin: u32,
    pub(super) boost_from_average: bool,
    pub(super) zero_as_missing: bool,
    pub(super) use_missing: bool,
    #[serde(flatten)]
    pub(super) stopping: EarlyStopping<Metric>,
}

/// The parameter of monotone constraints.
pub(super) const MONOTONE_CONSTRAINTS: &str = "monotone_constraints";

/// Came after the first records: out of the key while at their defaults.
pub(super) const LATER: &[&str] = &[
    "min_data_per_group",
    "max_cat_threshold",
    "cat_l2",
    "cat_smooth",
    "max_cat_to_onehot",
    "boosting_type",
    "class_weight",
    "monotone_constraints",
    "monotone_constraints_method",
    "monotone_penalty",
    "interaction_constraints",
    "drop_rate",
    "skip_drop",
    "max_drop",
    "uniform_drop",
    "xgboost_dart_mode",
    "drop_seed",
    "top_rate",
    "other_rate",
    "pos_bagging_fraction",
    "neg_bagging_fraction",
    "feature_fraction_bynode",
    "extra_trees",
    "path_smooth",
    "max_delta_step",
    "min_data_in_bin",
    "boost_from_average",
    "zero_as_missing",
    "use_missing",
];

/// What a round adds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Boosting {
    #[default]
    Gbdt,
    /// A tree in the place of earlier ones, which are dropped for the round.
    Dart,
    /// Gradient boosting on the rows of large gradients and some others.
    Goss,
    /// A forest: trees that do not know of each other.
    Rf,
}

impl Boosting {
    pub(super) fn id(self) -> &'static str {
        match self {
            Boosting::Gbdt => "gbdt",
            Boosting::Dart => "dart",
            Boosting::Goss => "goss",
            Boosting::Rf => "rf",
        }
    }
}

/// How monotone constraints are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Monotone {
    #[default]
    Basic,
    Intermediate,
    Advanced,
}

/// LightGBM's own metrics of two classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Metric {
    #[default]
    BinaryLogloss,
    Auc,
    AveragePrecision,
}

impl EvalMetric for Metric {
    fn id(self) -> &'static str {
        match self {
            Metric::BinaryLogloss => "binary_logloss",
            Metric::Auc => "auc",
            Metric::AveragePrecision => "average_precision",
        }
    }

    fn better(self) -> Better {
        if self == Metric::BinaryLogloss { Better::Lower } else { Better::Higher }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            num_leaves: 31,
            max_depth: -1,
            max_bin: 255,
            learning_rate: 0.1,
            min_child_samples: 20,
            min_child_weight: 1e-3,
            min_split_gain: 0.0,
            subsample: 1.0,
            subsample_freq: 0,
            subsample_for_bin: 200_000,
            colsample_bytree: 1.0,
            reg_alpha: 0.0,
            reg_lambda: 0.0,
            scale_pos_weight: 1.0,
            is_unbalance: false,
            random_state: None,
            min_data_per_group: 100,
            max_cat_threshold: 32,
            cat_l2: 10.0,
            cat_smooth: 10.0,
            max_cat_to_onehot: 4,
            boosting_type: Boosting::Gbdt,
            class_weight: None,
            monotone_constraints: None,
            monotone_constraints_method: Monotone::Basic,
            monotone_penalty: 0.0,
            interaction_constraints: None,
            drop_rate: 0.1,
            skip_drop: 0.5,
            max_drop: 50,
            uniform_drop: false,
            xgboost_dart_mode: false,
            drop_seed: 4,
            top_rate: 0.2,
            other_rate: 0.1,
            pos_bagging_fraction: 1.0,
            neg_bagging_fraction: 1.0,
            feature_fraction_bynode: 1.0,
            extra_trees: false,
            path_smooth: 0.0,
            max_delta_step: 0.0,
            min_data_in_bin: 3,
            boost_from_average: true,
            zero_as_missing: false,
            use_missing: true,
            stopping: EarlyStopping::default(),
        }
    }
}

impl Params {
    pub(super) fn validate(&self) -> Result<()> {
        require(self.n_estimators > 0, "n_estimators", self.n_estimators, "at least 1")?;
        require((2..=131_072).contains(&self.num_leaves), "num_leaves", self.num_leaves, "from 2 to 131072")?;
        require((2..=65_535).contains(&self.max_bin), "max_bin", self.max_bin, "from 2 to 65535")?;
        require(self.subsample_for_bin > 0, "subsample_for_bin", self.subsample_for_bin, "at least 1")?;
        require_signed(&[
            ("n_estimators", self.n_estimators),
            ("subsample_for_bin", self.subsample_for_bin),
            ("subsample_freq", self.subsample_freq),
            ("min_child_samples", self.min_child_samples),
            ("min_data_per_group", self.min_data_per_group),
            ("min_data_in_bin", self.min_data_in_bin),
            ("max_cat_to_onehot", self.max_cat_to_onehot),
            ("max_cat_threshold", self.max_cat_threshold),
        ])?;
        require_positive("learning_rate", self.learning_rate)?;
        require_positive("scale_pos_weight", self.scale_pos_weight)?;
        require_share("subsample", self.subsample)?;
        require_share("colsample_bytree", self.colsample_bytree)?;
        require_not_negative("min_child_weight", self.min_child_weight)?;
        require_not_negative("min_split_gain", self.min_split_gain)?;
        require_not_negative("reg_alpha", self.reg_alpha)?;
        require_not_negative("reg_lambda", self.reg_lambda)?;
        require(self.min_data_per_group > 0, "min_data_per_group", self.min_data_per_group, "at least 1")?;
        require(self.max_cat_threshold > 0, "max_cat_threshold", self.max_cat_threshold, "at least 1")?;
        require(self.max_cat_to_onehot > 0, "max_cat_to_onehot", self.max_cat_to_onehot, "at least 1")?;
        require_not_negative("cat_l2", self.cat_l2)?;
        require_not_negative("cat_smooth", self.cat_smooth)?;
        self.stopping.validate()?;
        ClassWeight::refuse_subsample(self.class_weight)?;
        for (name, share) in [
            ("drop_rate", self.drop_rate),
            ("skip_drop", self.skip_drop),
            ("top_rate", self.top_rate),
            ("other_rate", self.other_rate),
        ] {
            require((0.0..=1.0).contains(&share), name, share, "from 0 to 1")?;
        }
        require_share("pos_bagging_fraction", self.pos_bagging_fraction)?;
        require_share("neg_bagging_fraction", self.neg_bagging_fraction)?;
        require_share("feature_fraction_bynode", self.feature_fraction_bynode)?;
        require_not_negative("path_smooth", self.path_smooth)?;
        require_not_negative("monotone_penalty", self.monotone_penalty)?;
        require(self.min_data_in_bin > 0, "min_data_in_bin", self.min_data_in_bin, "at least 1")?;
        self.monotone_constraints.as_ref().map_or(Ok(()), |all| all.check(MONOTONE_CONSTRAINTS))?;
        if self.boosting_type == Boosting::Dart && self.stopping.watch().is_some() {
            return Err(Error::Study(
                "`early_stopping_rounds` keeps the trees of the best round, which later rounds of `boosting_type = \"dart\"` \
                 change: give `n_estimators`"
                    .into(),
            ));
        }
        self.check_draws()?;
        match self.is_unbalance && self.scale_pos_weight != 1.0 {
            true => Err(Error::Study("`is_unbalance` and `scale_pos_weight` exclude each other".into())),
            false => Ok(()),
        }
    }

    /// What the library checks of rows and columns that are drawn when it begins to train.
    fn check_draws(&self) -> Result<()> {
        let Self { top_rate, other_rate, subsample, subsample_freq, .. } = *self;
        let draws_rows = subsample_freq > 0 && subsample < 1.0;
        let refused = match self.boosting_type {
            Boosting::Goss if top_rate <= 0.0 || other_rate <= 0.0 => format!(
                "`top_rate` and `other_rate` must be above 0 with `boosting_type = \"goss\"`, not {top_rate} and {other_rate}"
            ),
            Boosting::Goss if top_rate + other_rate > 1.0 => format!(
                "`top_rate` and `other_rate` are shares of the same rows: together they must be at most 1, not {top_rate} + \
                 {other_rate}"
            ),
            Boosting::Goss if draws_rows => {
                "`boosting_type = \"goss\"` draws its rows by `top_rate` and `other_rate`: leave out \
                                             `subsample` and `subsample_freq`"
                    .into()
            }
            Boosting::Rf if !draws_rows && self.colsample_bytree >= 1.0 => {
                "trees of `boosting_type = \"rf\"` must see different rows or columns: write `subsample = 0.8` and \
                 `subsample_freq = 1`, or `colsample_bytree = 0.8`"
                    .into()
            }
            _ => return Ok(()),
        };
        Err(Error::Study(refused))
    }

    /// All settings in the library's own form and under its own names; `categories` are the columns that are some.
    pub(super) fn settings(&self, categories: &[usize]) -> String {
        // Deterministic by columns: the same bits whatever the number of threads. By default the library times both
        // orders of summation and takes the faster.
        let mut settings = format!(
            "objective=binary metric={} verbosity=-1 deterministic=true force_col_wise=true num_threads={} \
             num_leaves={} max_depth={} max_bin={} learning_rate={} min_data_in_leaf={} min_sum_hessian_in_leaf={} \
             min_gain_to_split={} bagging_fraction={} bagging_freq={} bin_construct_sample_cnt={} feature_fraction={} \
             lambda_l1={} lambda_l2={} scale_pos_weight={} is_unbalance={}",
            self.stopping.watch().map_or("None", |_| self.stopping.metric().id()),
            rayon::current_num_threads(),
            self.num_leaves,
            self.max_depth,
            self.max_bin,
            self.learning_rate,
            self.min_child_samples,
            self.min_child_weight,
            self.min_split_gain,
            self.subsample,
            self.subsample_freq,
            self.subsample_for_bin,
            self.colsample_bytree,
            self.reg_alpha,
            self.reg_lambda,
            self.scale_pos_weight,
            self.is_unbalance,
        );
        self.special_settings(&mut settings);
        if let Some(seed) = self.random_state {
            settings.push_str(&format!(" seed={seed}"));
        }
        if !categories.is_empty() {
            let columns: Vec<String> = categories.iter().map(usize::to_string).collect();
            settings.push_str(&format!(
                " categorical_feature={} min_data_per_group={} max_cat_threshold={} cat_l2={} cat_smooth={} \
                 max_cat_to_onehot={}",
                columns.join(","),
                self.min_data_per_group,
                self.max_cat_threshold,
                self.cat_l2,
                self.cat_smooth,
                self.max_cat_to_onehot,
            ));
        }
        settings
    }
}

impl Params {
    /// What came later: said to the library only where it differs from its default.
    pub(super) fn special_settings(&self, settings: &mut String) {
        let default = Params::default();
        let mut say = |name: &str, value: String, default: String| {
            if value != default {
                settings.push_str(&format!(" {name}={value}"));
            }
        };
        macro_rules! say {
            ($($name:ident),*) => { $(say(stringify!($name), self.$name.to_string(), default.$name.to_string());)* };
        }
        say!(drop_rate, skip_drop, max_drop, uniform_drop, xgboost_dart_mode, drop_seed, top_rate, other_rate);
        say!(pos_bagging_fraction, neg_bagging_fraction, feature_fraction_bynode, extra_trees, path_smooth);
        say!(max_delta_step, min_data_in_bin, boost_from_average, zero_as_missing, use_missing, monotone_penalty);
        say("boosting", self.boosting_type.id().into(), default.boosting_type.id().into());
        if let Some(constraints) = &self.monotone_constraints {
            let all: Vec<String> = constraints.each().iter().map(i8::to_string).collect();
            let method = match self.monotone_constraints_method {
                Monotone::Basic => "basic",
                Monotone::Intermediate => "intermediate",
                Monotone::Advanced => "advanced",
            };
            say("monotone_constraints", all.join(","), String::new());
            say("monotone_constraints_method", method.into(), String::new());
        }
        if let Some(groups) = &self.interaction_constraints {
            let text = serde_json::json!(groups).to_string();
            // The library's lists have no brackets around the whole.
            say("interaction_constraints", text[1..text.len() - 1].to_owned(), String::new());
        }
    }

    /// What the library's bins hang on beside the rows: all `settings` but those of the training alone, and weights of classes.
    pub(super) fn of_rows(&self, settings: &str) -> String {
        let of_training =
            |setting: &&str| !setting.split_once('=').is_some_and(|(name, _)| OF_TRAINING.contains(&name));
        let settings: Vec<&str> = settings.split_whitespace().filter(|setting| of_training(setting)).collect();
        format!("{} {:?}", settings.join(" "), self.class_weight)
    }

    /// The weights of the rows, where these or the classes have any.
    ///
    /// # Errors
    /// Weights that 32-bit floats do not hold.
    pub(super) fn weights(&self, y: &[u8], of_rows: Option<&[f64]>) -> Result<Option<Vec<f32>>> {
        let from = match (self.class_weight.is_some(), of_rows.is_some()) {
            (false, false) => return Ok(None),
            (true, false) => "`class_weight`".to_owned(),
            (false, true) => ROW_WEIGHTS.to_owned(),
            (true, true) => format!("`class_weight`, or {ROW_WEIGHTS},"),
        };
        let positives = y.iter().filter(|&&label| label == 1).count();
        let of_class = match self.class_weight {
            None => [1.0; 2],
            given => ClassWeight::of(given, [y.len() - positives, positives]),
        };
        let of_row = |row: usize| of_rows.map_or(1.0, |all| all[row]);
        let weight: Vec<f64> = (0..y.len()).map(|row| of_row(row) * of_class[usize::from(y[row])]).collect();
        narrow_weights("lightgbm", &weight, y, &from).map(Some)
    }
}

/// Settings that no bin hangs on. `min_data_in_leaf` is none of them: the library leaves out columns that it allows no cut of.
const OF_TRAINING: &[&str] = &[
    "num_threads",
    "num_leaves",
    "max_depth",
    "learning_rate",
    "min_sum_hessian_in_leaf",
    "min_gain_to_split",
    "bagging_fraction",
    "bagging_freq",
    "feature_fraction",
    "lambda_l1",
    "lambda_l2",
    "scale_pos_weight",
    "is_unbalance",
];
