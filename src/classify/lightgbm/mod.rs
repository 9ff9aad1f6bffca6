//! `lightgbm`: gradient boosted trees grown leaf by leaf, by the LightGBM library itself.
//!
//! The values a Python user gets: same parameters, same defaults, same library version, checked by
//! `tests/golden/boosting.rs`.

mod library;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::boosting::{as_floats, categories, labels, require, require_not_negative, require_positive, require_share};
use super::early_stopping::{self, EarlyStopping, EvalMetric, Watch};
use crate::component::{Classifier, Context, Cost, Entry, Model, Prediction, ScoreKind, Shape, Train, build, later};
use crate::error::{Error, Result};
use crate::metric::Better;
use library::{Matrix, Watched};

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
    #[serde(flatten)]
    stopping: EarlyStopping<Metric>,
}

/// Came after the first records: out of the key while at their defaults.
const LATER: &[&str] = &["min_data_per_group", "max_cat_threshold", "cat_l2", "cat_smooth", "max_cat_to_onehot"];

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
        let trees = library::train_watched(&matrix, &as_floats(&y), &settings, self.0.n_estimators, &mut watched)?;
        Ok(Fitted { trees, details: Some(watched.watch.details(&kept_out_y)) })
    }
}

impl Classifier for LightGbm {
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
        let values = x.as_standard_layout();
        let matrix = Matrix::new(values.as_slice().unwrap_or_default(), x.ncols())?;
        let settings = self.0.settings(&categories(&train.features));
        let trees = library::train(&matrix, &labels, &settings, self.0.n_estimators)?;
        Ok(Box::new(Fitted { trees, details: None }))
    }
}

impl Model for Fitted {
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
    .backend("lightgbm")
    .cost(Cost::seconds(2.9).fixed(0.17))
    .space(
        r#"
    n_estimators = { low = 50, high = 300 }
    num_leaves = { low = 4, high = 128, log = true }
    learning_rate = { low = 0.01, high = 0.3, log = true }
    min_child_samples = { low = 5, high = 100, log = true }
    "#,
    );
