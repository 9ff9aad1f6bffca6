//! `xgboost`: gradient boosted trees, by the XGBoost library itself.
//!
//! The values a Python user gets: same parameters, same defaults, same library version (see
//! `scripts/native-requirements.txt`), checked by `tests/golden/boosting.rs`.

use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use xgb::parameters::BoosterParameters;
use xgb::{Booster, DMatrix};

use super::boosting::{as_floats, labels, require, require_not_negative, require_positive, require_share};
use super::early_stopping::{self, EarlyStopping, EvalMetric, Watch};
use super::xgboost_matrix::{Asked, BLOCK, Rows, failed, labelled, matrix};
use super::xgboost_trees::read_trees;
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Library, Model, N_JOBS, Prediction, SavedLibrary, SavedModel, ScoreKind,
    Shape, Shared, Train, build, later,
};
use crate::error::{Error, Result, unknown};
use crate::metric::Better;

/// The parameters of Python's `XGBClassifier` that bear on two classes and trees, with the values that its `None`s
/// stand for. <https://xgboost.readthedocs.io/en/release_3.2.0/parameter.html>
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    n_estimators: u32,
    max_depth: u32,
    max_leaves: u32,
    max_bin: u32,
    grow_policy: GrowPolicy,
    learning_rate: f64,
    tree_method: TreeMethod,
    gamma: f64,
    min_child_weight: f64,
    max_delta_step: f64,
    subsample: f64,
    colsample_bytree: f64,
    colsample_bylevel: f64,
    colsample_bynode: f64,
    reg_alpha: f64,
    reg_lambda: f64,
    scale_pos_weight: f64,
    num_parallel_tree: u32,
    /// The prediction before the first tree; without it the library estimates it from the labels.
    base_score: Option<f64>,
    /// Without it the library's own default seed, 0, as in Python: the defaults draw nothing at random, and a study
    /// that samples rows or columns then gives what the same Python call gives.
    random_state: Option<u32>,
    /// Categories of fewer levels are split into one level and the others.
    max_cat_to_onehot: u32,
    /// The most levels on one side of a split of a category.
    max_cat_threshold: u32,
    booster: Kind,
    objective: Objective,
    /// A value that stands for a missing one, beside blanks.
    missing: Option<f64>,
    /// For each column whether the score may only rise with it (1), only fall (-1), or both (0).
    monotone_constraints: Option<Vec<i8>>,
    /// Groups of columns, by number, that may meet in one branch.
    interaction_constraints: Option<Vec<Vec<u32>>>,
    /// Of `dart`: which trees are dropped, how the new one is weighed, how many are dropped, how often none is.
    sample_type: String,
    normalize_type: String,
    rate_drop: f64,
    one_drop: bool,
    skip_drop: f64,
    /// Of `gblinear`: how a round goes through the columns.
    updater: String,
    feature_selector: String,
    top_k: u32,
    #[serde(flatten)]
    stopping: EarlyStopping<Metric>,
}

/// Came after the first records: out of the key while at their defaults.
const LATER: &[&str] = &[
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
enum Kind {
    #[default]
    GbTree,
    /// A tree in the place of earlier ones, which are dropped for the round.
    Dart,
    /// A step of a linear model.
    GbLinear,
}

/// What is minimised, and what a score then is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Objective {
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
    fn id(self) -> &'static str {
        match self {
            Objective::Logistic => "binary:logistic",
            Objective::Regression => "reg:logistic",
            Objective::Raw => "binary:logitraw",
            Objective::Hinge => "binary:hinge",
        }
    }

    fn kind(self) -> ScoreKind {
        match self {
            Objective::Logistic | Objective::Regression => ScoreKind::Probability,
            Objective::Raw | Objective::Hinge => ScoreKind::Decision,
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum GrowPolicy {
    Depthwise,
    Lossguide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TreeMethod {
    #[serde(alias = "auto")]
    Hist,
    Approx,
    Exact,
}

/// XGBoost's own metrics of two classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Metric {
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

impl Params {
    fn validate(&self) -> Result<()> {
        require(self.n_estimators > 0, "n_estimators", self.n_estimators, "at least 1")?;
        require(self.num_parallel_tree > 0, "num_parallel_tree", self.num_parallel_tree, "at least 1")?;
        require(self.max_bin > 1, "max_bin", self.max_bin, "at least 2")?;
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
        if self.monotone_constraints.iter().flatten().any(|cst| !(-1..=1).contains(cst)) {
            return Err(Error::Study("`monotone_constraints` must be -1, 0 or 1 for each column".into()));
        }
        if self.booster == Kind::GbLinear && self.stopping.watch().is_some() {
            return Err(Error::Study(
                "`early_stopping_rounds` keeps the trees of the best round, and `booster = \"gblinear\"` has no trees: give \
                 `n_estimators`"
                    .into(),
            ));
        }
        match self.base_score {
            Some(score) => require(score > 0.0 && score < 1.0, "base_score", score, "between 0 and 1"),
            None => Ok(()),
        }
    }

    /// Name and value of each setting, as the library reads them.
    fn settings(&self) -> Vec<(&'static str, String)> {
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
    fn special_settings(&self, settings: &mut Vec<(&'static str, String)>) {
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
            let all: Vec<String> = constraints.iter().map(i8::to_string).collect();
            settings.push(("monotone_constraints", format!("({})", all.join(","))));
        }
        if let Some(groups) = &self.interaction_constraints {
            settings.push(("interaction_constraints", serde_json::json!(groups).to_string()));
        }
    }

    /// Whether the matrix keeps the rows in bins from fit to fit: `approx` makes bins of its own for every tree, and the others none.
    fn keeps_bins(&self) -> bool {
        self.tree_method == TreeMethod::Hist && self.booster != Kind::GbLinear
    }

    /// # Errors
    /// Constraints for another number of columns.
    fn check_columns(&self, columns: usize) -> Result<()> {
        if let Some(given) = self.monotone_constraints.as_ref().map(Vec::len).filter(|given| *given != columns) {
            return Err(Error::Component(format!(
                "`monotone_constraints` has {given} numbers, but there are {columns} columns"
            )));
        }
        match self.interaction_constraints.iter().flatten().flatten().find(|column| **column as usize >= columns) {
            Some(column) => Err(Error::Component(format!(
                "`interaction_constraints` names column {column}, but there are {columns} columns, counted from 0"
            ))),
            None => Ok(()),
        }
    }
}

struct XgBoost(Params);

/// The trained trees in the library's binary format. Not a live handle: that is not `Sync`, and it would keep the
/// training buffers.
struct Fitted {
    trees: Vec<u8>,
    kind: ScoreKind,
    missing: Option<f64>,
    details: Option<serde_json::Value>,
}

impl XgBoost {
    /// A booster without trees. Its matrices are named at creation, so that the library updates their rows' predictions
    /// from tree to tree.
    fn booster(&self, matrices: &[&DMatrix]) -> Result<Booster> {
        let mut booster = Booster::new_with_cached_dmats(&BoosterParameters::default(), matrices).map_err(failed)?;
        for (name, value) in self.0.settings() {
            booster.set_param(name, &value).map_err(failed)?;
        }
        Ok(booster)
    }

    /// Trains until `watch` says so, and keeps the rounds up to the best.
    fn fit_watched(&self, train: &Train<'_>, seed: u32, mut watch: Watch) -> Result<Fitted> {
        let ((x, y), (kept_out, kept_out_y)) = self.0.stopping.parts(train.x(), train.y, seed)?;
        let matrix = |x: &Array2<f64>, y: &[u8]| labelled(&train.with(x.view(), y), &as_floats(y), self.0.missing);
        let (train, validation) = (matrix(&x, &y)?, matrix(&kept_out, &kept_out_y)?);
        let metric = self.0.stopping.metric().id();
        let mut booster = self.booster(&[&train, &validation])?;
        booster.set_param("eval_metric", metric).map_err(failed)?;
        for round in 0..self.0.n_estimators {
            booster.update(&train, round as i32).map_err(failed)?;
            let values = booster.evaluate(&validation).map_err(failed)?;
            let value = values.get(metric).copied().unwrap_or(f32::NAN);
            // The number that 32 bits were printed for, so that records do not show digits that nobody computed.
            if watch.stops(value.to_string().parse().unwrap_or(f64::NAN)) {
                break;
            }
        }
        let best = booster.slice(0, watch.best_round() as i32 + 1).map_err(failed)?;
        self.fitted(&best, Some(watch.details(&kept_out_y)))
    }

    fn fitted(&self, booster: &Booster, details: Option<serde_json::Value>) -> Result<Fitted> {
        let Params { objective, missing, .. } = self.0;
        Ok(Fitted { trees: booster.save_buffer(true).map_err(failed)?, kind: objective.kind(), missing, details })
    }
}

impl Classifier for XgBoost {
    /// Rows that are kept out judge without weights, so that a watched training takes none.
    fn weights(&self) -> Result<(), String> {
        match self.0.stopping.watch() {
            None => Ok(()),
            Some(_) => Err("with `early_stopping_rounds` it takes no weights of rows".into()),
        }
    }

    fn accepts(&self, given: &Shape) -> Result<(), String> {
        if self.0.tree_method != TreeMethod::Exact {
            return Ok(());
        }
        given.numbers_only().map_err(|said| format!("with tree_method = \"exact\" {said}"))
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let labels = labels("xgboost", train.x(), train.y)?;
        self.0.check_columns(train.x().ncols())?;
        if let Some(watch) = self.0.stopping.watch() {
            let seed = early_stopping::seed(self.0.random_state, context);
            return Ok(Box::new(self.fit_watched(train, seed, watch)?));
        }
        let shared = train.shared.filter(|_| self.0.keeps_bins());
        let matrix = Shared::or_own(
            shared,
            || format!("{} bins, missing {:?}", self.0.max_bin, self.0.missing),
            || {
                let rows = Rows::new(train, &labels, self.0.missing)?;
                if shared.is_some() { rows.quantised(self.0.max_bin) } else { Ok(rows) }
            },
        )?;
        let mut booster = self.booster(&[matrix.get()])?;
        for round in 0..self.0.n_estimators {
            booster.update(matrix.get(), round as i32).map_err(failed)?;
        }
        Ok(Box::new(self.fitted(&booster, None)?))
    }

    fn says_probabilities(&self) -> bool {
        self.0.objective.kind() == ScoreKind::Probability
    }
}

impl Fitted {
    fn booster(&self) -> Result<Booster> {
        let mut booster = Booster::load_buffer(&self.trees).map_err(failed)?;
        booster.set_param("nthread", &rayon::current_num_threads().to_string()).map_err(failed)?;
        Ok(booster)
    }

    fn said(&self, score: &[f32]) -> Prediction {
        let score: Vec<f64> = score.iter().copied().map(f64::from).collect();
        let label = score.iter().map(|&p| u8::from(p > 0.5)).collect();
        Prediction { score, label, kind: self.kind }
    }
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        let probability = self.kind == ScoreKind::Probability;
        let json = Booster::load_buffer(&self.trees).and_then(|booster| booster.save_buffer(false)).ok();
        let trees = json.filter(|_| probability).and_then(|json| read_trees(&json));
        Some(SavedModel::Library(SavedLibrary {
            library: Library::Xgboost,
            missing: self.missing,
            probability,
            bytes: self.trees.clone(),
            trees,
        }))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let booster = self.booster()?;
        let mut score = Vec::with_capacity(x.nrows());
        for block in x.axis_chunks_iter(Axis(0), BLOCK) {
            score.extend(booster.predict(&matrix(block, self.missing)?).map_err(failed)?);
        }
        Ok(self.said(&score))
    }

    fn predict_sharing(&self, x: ArrayView2<'_, f64>, shared: &Shared) -> Result<Prediction> {
        let asked = shared.get(format!("missing {:?}", self.missing), || Asked::new(x, self.missing))?;
        let booster = self.booster()?;
        let mut score = Vec::with_capacity(x.nrows());
        for block in asked.blocks() {
            score.extend(booster.predict(block).map_err(failed)?);
        }
        Ok(self.said(&score))
    }

    fn details(&self) -> Option<serde_json::Value> {
        self.details.clone()
    }
}

/// The model that wrote this.
pub(super) fn restored(saved: SavedLibrary) -> Box<dyn Model> {
    let kind = if saved.probability { ScoreKind::Probability } else { ScoreKind::Decision };
    Box::new(Fitted { trees: saved.bytes, kind, missing: saved.missing, details: None })
}

/// `XGBClassifier`: <https://xgboost.readthedocs.io/en/release_3.2.0/python/python_api.html#xgboost.XGBClassifier>
/// (Chen and Guestrin 2016).
pub const ENTRY: Entry<dyn Classifier> = Entry::new("xgboost", "gradient boosted trees by XGBoost", |table| {
    let built = build::<Params, _>("xgboost", table, |params| {
        params.validate()?;
        Ok(Box::new(XgBoost(params)) as Box<dyn Classifier>)
    });
    built.map(early_stopping::key_as_before).map(|built| later::<Params, _>(built, LATER))
})
.source("https://xgboost.readthedocs.io/en/release_3.2.0/python/python_api.html#xgboost.XGBClassifier")
.remedy("`base_score = 0.5` or a `scale_pos_weight`: at the base score that it estimates, the Hessians of rare positives are so small that \
         `min_child_weight` allows hardly any split")
.backend("xgboost")
.cost(Cost::seconds(2.8).fixed(0.03).per("n_estimators", 100.0).per("max_depth", 6.0))
.also(&[
    N_JOBS,
    Also::alias("eta", "learning_rate"),
    Also::alias("min_split_loss", "gamma"),
    Also::alias("lambda", "reg_lambda"),
    Also::alias("alpha", "reg_alpha"),
    Also::alias("seed", "random_state"),
    Also::alias("num_boost_round", "n_estimators"),
    Also::harmless("nthread", "the run sets the threads of a cell (`--cell-threads`)"),
    Also::harmless("verbosity", "a cell prints nothing"),
    Also::harmless("silent", "a cell prints nothing"),
    Also::harmless("use_label_encoder", "labels are 0 and 1"),
    Also::harmless("validate_parameters", "every parameter is checked"),
    Also::harmless("importance_type", "importances are not reported"),
    Also::harmless("multi_strategy", "two classes have one output"),
    Also::harmless("enable_categorical", "the encoder decides: `native` passes categories on"),
    Also::only("feature_types", "null", "the kinds of the columns in [data] say it: write `categorical` there"),
    Also::only(
        "feature_weights",
        "null",
        "columns are drawn with equal chances: leave columns out with `ignore` of [data]",
    ),
    Also::only("device", "\"cpu\"", "the library is built for the processor only"),
    Also::only("sampling_method", "\"uniform\"", "the other one needs a graphics card"),
    Also::only("class_weight", "null", "the library has none: write `scale_pos_weight`, the weight of a positive row"),
    Also::only("callbacks", "null", "they are objects of Python: write `early_stopping_rounds`"),
])
.space(
    r#"
    n_estimators = { low = 50, high = 300 }
    max_depth = { low = 2, high = 10 }
    learning_rate = { low = 0.02, high = 0.5, log = true }
    subsample = { low = 0.5, high = 1.0 }
    min_child_weight = { low = 1, high = 20, log = true }
    "#,
);
