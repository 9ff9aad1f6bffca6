//! `lightgbm`: gradient boosted trees grown leaf by leaf, by the LightGBM library itself.
//!
//! The values a Python user gets: same parameters, same defaults, same library version, checked by
//! `tests/golden/boosting.rs`.

mod library;
mod text;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use self::text::read_trees;
use super::boosting::{as_floats, categories, labels, require, require_not_negative, require_positive, require_share};
use super::class_weight::ClassWeight;
use super::early_stopping::{self, EarlyStopping, EvalMetric, Watch};
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Library, Model, N_JOBS, Prediction, SavedLibrary, SavedModel, ScoreKind,
    Shape, Shared, Train, build, later,
};
use crate::error::{Error, Result};
use crate::metric::Better;
use library::{Labels, Matrix, Watched};

/// The parameters of Python's `LGBMClassifier`, and `max_bin`, `is_unbalance` and `scale_pos_weight`, which it takes
/// as keywords. <https://lightgbm.readthedocs.io/en/stable/Parameters.html>
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    n_estimators: u32,
    num_leaves: u32,
    max_depth: i32,
    max_bin: u32,
    learning_rate: f64,
    min_child_samples: u32,
    min_child_weight: f64,
    min_split_gain: f64,
    subsample: f64,
    subsample_freq: u32,
    subsample_for_bin: u32,
    colsample_bytree: f64,
    reg_alpha: f64,
    reg_lambda: f64,
    scale_pos_weight: f64,
    is_unbalance: bool,
    /// Without it the library's own default seeds, as in Python: only sampling draws at random (of rows for the
    /// bins, beyond `subsample_for_bin` rows; of rows and columns, if asked for).
    random_state: Option<i32>,
    /// Levels of fewer rows are not told apart from the rest of their category.
    min_data_per_group: u32,
    /// The most levels on one side of a split of a category.
    max_cat_threshold: u32,
    /// L2 regularization of splits of categories, beyond `reg_lambda`.
    cat_l2: f64,
    /// Added to the rows of a level where levels are put in order.
    cat_smooth: f64,
    /// Categories of so many levels or fewer are split into one level and the others.
    max_cat_to_onehot: u32,
    boosting_type: Boosting,
    class_weight: Option<ClassWeight>,
    /// For each column whether the score may only rise with it (1), only fall (-1), or both (0).
    monotone_constraints: Option<Vec<i8>>,
    monotone_constraints_method: Monotone,
    monotone_penalty: f64,
    /// Groups of columns, by number, that may meet in one branch.
    interaction_constraints: Option<Vec<Vec<u32>>>,
    /// Of `dart`: the share of trees dropped, how often none is, how many at most, and how they are drawn and weighed.
    drop_rate: f64,
    skip_drop: f64,
    max_drop: i32,
    uniform_drop: bool,
    xgboost_dart_mode: bool,
    drop_seed: i32,
    /// Of `goss`: the shares of rows of large and of small gradients that are kept.
    top_rate: f64,
    other_rate: f64,
    pos_bagging_fraction: f64,
    neg_bagging_fraction: f64,
    feature_fraction_bynode: f64,
    extra_trees: bool,
    path_smooth: f64,
    max_delta_step: f64,
    min_data_in_bin: u32,
    boost_from_average: bool,
    zero_as_missing: bool,
    use_missing: bool,
    #[serde(flatten)]
    stopping: EarlyStopping<Metric>,
}

/// Came after the first records: out of the key while at their defaults.
const LATER: &[&str] = &[
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
enum Boosting {
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
    fn id(self) -> &'static str {
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
enum Monotone {
    #[default]
    Basic,
    Intermediate,
    Advanced,
}

/// LightGBM's own metrics of two classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Metric {
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
    fn validate(&self) -> Result<()> {
        require(self.n_estimators > 0, "n_estimators", self.n_estimators, "at least 1")?;
        require((2..=131_072).contains(&self.num_leaves), "num_leaves", self.num_leaves, "from 2 to 131072")?;
        require((2..=65_535).contains(&self.max_bin), "max_bin", self.max_bin, "from 2 to 65535")?;
        require(self.subsample_for_bin > 0, "subsample_for_bin", self.subsample_for_bin, "at least 1")?;
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
        if self.monotone_constraints.iter().flatten().any(|cst| !(-1..=1).contains(cst)) {
            return Err(Error::Study("`monotone_constraints` must be -1, 0 or 1 for each column".into()));
        }
        if self.boosting_type == Boosting::Dart && self.stopping.watch().is_some() {
            return Err(Error::Study(
                "`early_stopping_rounds` keeps the trees of the best round, which later rounds of `boosting_type = \"dart\"` \
                 change: give `n_estimators`"
                    .into(),
            ));
        }
        match self.is_unbalance && self.scale_pos_weight != 1.0 {
            true => Err(Error::Study("`is_unbalance` and `scale_pos_weight` exclude each other".into())),
            false => Ok(()),
        }
    }

    /// All settings in the library's own form and under its own names; `categories` are the columns that are some.
    fn settings(&self, categories: &[usize]) -> String {
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
    fn special_settings(&self, settings: &mut String) {
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
            let all: Vec<String> = constraints.iter().map(i8::to_string).collect();
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
    fn of_rows(&self, settings: &str) -> String {
        let of_training =
            |setting: &&str| !setting.split_once('=').is_some_and(|(name, _)| OF_TRAINING.contains(&name));
        let settings: Vec<&str> = settings.split_whitespace().filter(|setting| of_training(setting)).collect();
        format!("{} {:?}", settings.join(" "), self.class_weight)
    }

    /// The weights of the rows, where the classes have any.
    fn weights(&self, y: &[u8], of_rows: Option<&[f64]>) -> Option<Vec<f32>> {
        if self.class_weight.is_none() && of_rows.is_none() {
            return None;
        }
        let positives = y.iter().filter(|&&label| label == 1).count();
        let of_class = match self.class_weight {
            None => [1.0; 2],
            given => ClassWeight::of(given, [y.len() - positives, positives]),
        };
        let of_row = |row: usize| of_rows.map_or(1.0, |all| all[row]);
        Some((0..y.len()).map(|row| (of_row(row) * of_class[usize::from(y[row])]) as f32).collect())
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

struct LightGbm(Params);

/// The trained trees as text, loaded for each prediction, as Python does after training: a live handle is neither
/// `Send` nor `Sync`.
struct Fitted {
    trees: String,
    details: Option<serde_json::Value>,
}

impl LightGbm {
    /// Trains until `watch` says so, and keeps the rounds up to the best.
    fn fit_watched(&self, train: &Train<'_>, seed: u32, watch: Watch) -> Result<Fitted> {
        let ((x, y), (kept_out, kept_out_y)) = self.0.stopping.parts(train.x(), train.y, seed)?;
        let columns = x.ncols();
        let (x, kept_out) = (x.as_standard_layout(), kept_out.as_standard_layout());
        let matrix = Matrix::new(x.as_slice().unwrap_or_default(), columns)?;
        let kept_out = Matrix::new(kept_out.as_slice().unwrap_or_default(), columns)?;
        let mut watched = Watched { x: kept_out, labels: as_floats(&kept_out_y), watch };
        let settings = self.0.settings(&categories(&train.features));
        let labels = Labels { labels: &as_floats(&y), weights: self.0.weights(&y, None) };
        let trees = library::train_watched(&matrix, &labels, &settings, self.0.n_estimators, &mut watched)?;
        Ok(Fitted { trees, details: Some(watched.watch.details(&kept_out_y)) })
    }
}

impl Classifier for LightGbm {
    /// Rows that are kept out judge without weights, so that a watched training takes none.
    fn weights(&self) -> Result<(), String> {
        match self.0.stopping.watch() {
            None => Ok(()),
            Some(_) => Err("with `early_stopping_rounds` it takes no weights of rows".into()),
        }
    }

    fn accepts(&self, _: &Shape) -> Result<(), String> {
        Ok(())
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let labels = labels("lightgbm", x, y)?;
        if let Some(watch) = self.0.stopping.watch() {
            // The library's seeds are signed; the bits are what counts.
            let seed = early_stopping::seed(self.0.random_state.map(|seed| seed as u32), context);
            return Ok(Box::new(self.fit_watched(train, seed, watch)?));
        }
        let settings = self.0.settings(&categories(&train.features));
        let make = || {
            let values = x.as_standard_layout();
            let matrix = Matrix::new(values.as_slice().unwrap_or_default(), x.ncols())?;
            let labels = Labels { labels: &labels, weights: self.0.weights(y, train.weight) };
            library::Rows::new(&matrix, &labels, &settings)
        };
        let rows = Shared::or_own(train.shared, || self.0.of_rows(&settings), make)?;
        let trees = library::train(&rows, &settings, self.0.n_estimators)?;
        Ok(Box::new(Fitted { trees, details: None }))
    }
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        Some(SavedModel::Library(SavedLibrary {
            library: Library::Lightgbm,
            missing: None,
            probability: true,
            bytes: self.trees.clone().into_bytes(),
            trees: read_trees(&self.trees),
        }))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let values = x.as_standard_layout();
        let matrix = Matrix::new(values.as_slice().unwrap_or_default(), x.ncols())?;
        let settings = format!("verbosity=-1 num_threads={}", rayon::current_num_threads());
        let score = library::predict(&self.trees, &matrix, &settings)?;
        // argmax over (1 - p, p), where a tie goes to the negative class.
        let label = score.iter().map(|&p| u8::from(p > 1.0 - p)).collect();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }

    fn details(&self) -> Option<serde_json::Value> {
        self.details.clone()
    }
}

/// The model that wrote this.
///
/// # Errors
/// [`Error::Store`] where it is no text.
pub(super) fn restored(saved: SavedLibrary) -> Result<Box<dyn Model>> {
    let trees = String::from_utf8(saved.bytes);
    let trees = trees.map_err(|_| Error::Store("LightGBM's own file is no text".into()))?;
    Ok(Box::new(Fitted { trees, details: None }))
}

/// `LGBMClassifier`: <https://lightgbm.readthedocs.io/en/stable/pythonapi/lightgbm.LGBMClassifier.html>
/// (Ke et al. 2017).
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new("lightgbm", "gradient boosted trees, grown leaf by leaf, by LightGBM", |table| {
        let built = build::<Params, _>("lightgbm", table, |params| {
            params.validate()?;
            Ok(Box::new(LightGbm(params)) as Box<dyn Classifier>)
        });
        built.map(early_stopping::key_as_before).map(|built| later::<Params, _>(built, LATER))
    })
    .source("https://lightgbm.readthedocs.io/en/stable/pythonapi/lightgbm.LGBMClassifier.html")
    .remedy("`reg_lambda = 10` or a smaller `learning_rate`: where positives are rare, its leaves' values run away")
    .backend("lightgbm")
    .cost(Cost::seconds(2.9).fixed(0.17).per("n_estimators", 100.0))
    .also(&[
        N_JOBS,
        Also::only("objective", "\"binary\"", "there are two classes"),
        Also::alias("boosting", "boosting_type"),
        Also::alias("boost", "boosting_type"),
        Also::alias("colsample_bynode", "feature_fraction_bynode"),
        Also::alias("extra_tree", "extra_trees"),
        Also::alias("monotonic_cst", "monotone_constraints"),
        Also::alias("interaction_cst", "interaction_constraints"),
        Also::harmless("importance_type", "importances are not reported"),
        Also::harmless("verbose", "a cell prints nothing"),
        Also::harmless("verbosity", "a cell prints nothing"),
        Also::harmless("silent", "a cell prints nothing"),
        Also::harmless("num_threads", "the run sets the threads of a cell (`--cell-threads`)"),
        Also::harmless("deterministic", "every fit is"),
        Also::harmless("force_col_wise", "every fit is, so that its bits do not depend on the threads"),
        Also::only("force_row_wise", "false", "its bits depend on the number of threads"),
        Also::alias("num_iterations", "n_estimators"),
        Also::alias("num_boost_round", "n_estimators"),
        Also::alias("num_round", "n_estimators"),
        Also::alias("n_iter", "n_estimators"),
        Also::alias("eta", "learning_rate"),
        Also::alias("shrinkage_rate", "learning_rate"),
        Also::alias("max_leaves", "num_leaves"),
        Also::alias("min_data_in_leaf", "min_child_samples"),
        Also::alias("min_sum_hessian_in_leaf", "min_child_weight"),
        Also::alias("min_gain_to_split", "min_split_gain"),
        Also::alias("bagging_fraction", "subsample"),
        Also::alias("bagging_freq", "subsample_freq"),
        Also::alias("feature_fraction", "colsample_bytree"),
        Also::alias("bin_construct_sample_cnt", "subsample_for_bin"),
        Also::alias("lambda_l1", "reg_alpha"),
        Also::alias("lambda_l2", "reg_lambda"),
        Also::alias("unbalance", "is_unbalance"),
        Also::alias("seed", "random_state"),
        Also::alias("random_seed", "random_state"),
    ])
    .space(
        r#"
    n_estimators = { low = 50, high = 300 }
    num_leaves = { low = 4, high = 128, log = true }
    learning_rate = { low = 0.01, high = 0.3, log = true }
    min_child_samples = { low = 5, high = 100, log = true }
    "#,
    );
