//! `xgboost`: gradient boosted trees, by the XGBoost library itself.
//!
//! The values a Python user gets: same parameters, same defaults, same library version (see
//! `scripts/native-requirements.txt`), checked by `tests/golden/boosting.rs`.

mod matrix;
mod params;
mod trees;

use std::borrow::Cow;

use ndarray::{Array2, ArrayView2, Axis};
use xgb::parameters::BoosterParameters;
use xgb::{Booster, DMatrix};

use super::boosting::{FIXED_SEED, as_floats, check_groups, labels};
use super::directions::placed;
use super::early_stopping::{self, EvalMetric, Watch};
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Idle, InPython, Library, Model, N_JOBS, Prediction, Remedy, SavedLibrary,
    SavedModel, ScoreKind, Shape, Shared, Takes, Train, build, later, threads, without_nones,
};
use crate::error::Result;
use matrix::{Asked, BLOCK, Rows, failed, labelled, matrix};
use params::{LATER, MONOTONE_CONSTRAINTS, Params, TreeMethod};
use trees::read_trees;

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
    fn weights(&self) -> Result<(), String> {
        self.0.stopping.weights()
    }

    fn cannot_stop_early(&self, y: &[u8], _has_validation: bool) -> Option<String> {
        self.0.stopping.cannot_draw(y)
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.0.monotone_constraints.as_ref().and_then(|all| all.never_fits(MONOTONE_CONSTRAINTS, given))
    }

    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.0.monotone_constraints.as_ref().map_or(Ok(()), |all| all.in_shape(MONOTONE_CONSTRAINTS, given))?;
        if self.0.tree_method != TreeMethod::Exact {
            return Ok(());
        }
        given.numbers_only().map_err(|said| format!("with tree_method = \"exact\" {said}"))
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let labels = labels("xgboost", train.x(), train.y)?;
        check_groups(self.0.interaction_constraints.as_ref(), train.x().ncols())?;
        if let Some(placed) = placed(self.0.monotone_constraints.as_ref(), MONOTONE_CONSTRAINTS, train)? {
            return XgBoost(Params { monotone_constraints: Some(placed), ..self.0.clone() }).fit(train, context);
        }
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

    fn fit_drawn(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let random_state = self.0.random_state.or(Some(context.seed as u32));
        XgBoost(Params { random_state, ..self.0.clone() }).fit(train, context)
    }

    fn decides_only(&self) -> bool {
        self.0.objective.kind() == ScoreKind::Decision
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

/// The parameters, with the linear model's own defaults where a study gives none: Python's class passes on what it is given alone.
fn with_linear_defaults(table: &toml::Table) -> Cow<'_, toml::Table> {
    if table.get("booster").and_then(toml::Value::as_str) != Some("gblinear") {
        return Cow::Borrowed(table);
    }
    let mut table = table.clone();
    for (name, value) in [("learning_rate", 0.5), ("reg_lambda", 0.0)] {
        table.entry(name).or_insert(value.into());
    }
    Cow::Owned(table)
}

/// `XGBClassifier`: <https://xgboost.readthedocs.io/en/release_3.2.0/python/python_api.html#xgboost.XGBClassifier>
/// (Chen and Guestrin 2016).
pub const ENTRY: Entry<dyn Classifier> = Entry::new("xgboost", "gradient boosted trees by XGBoost", |table| {
    let built = build::<Params, _>("xgboost", &with_linear_defaults(&without_nones(table)), |params| {
        params.validate()?;
        Ok(Box::new(XgBoost(params)) as Box<dyn Classifier>)
    });
    built.map(early_stopping::key_as_before).map(|built| later::<Params, _>(built, LATER))
})
.source("https://xgboost.readthedocs.io/en/release_3.2.0/python/python_api.html#xgboost.XGBClassifier")
.in_python(InPython::new().calibrated_alike().with_categories("enable_categorical = true"))
.remedy(
    &[
        Remedy::params("`base_score = 0.5`", &[("base_score", |given| given.is_number())]),
        Remedy::params("a `scale_pos_weight`", &[("scale_pos_weight", |given| given.as_f64().is_some_and(|given| given != 1.0))]),
    ],
    "at the base score that it estimates, the Hessians of rare positives are so small that `min_child_weight` allows hardly any split",
)
.backend("xgboost")
.fixed_seed()
.notes(&[FIXED_SEED])
.cost(Cost::seconds(2.8).fixed(0.03).per("n_estimators", 100.0).per("max_depth", 6.0))
.idle(&[
    Idle::new(
        &["max_bin", "max_leaves", "grow_policy"],
        "`tree_method = \"hist\"` or `\"approx\"`",
        "tree_method",
        |method| method != "exact",
    ),
    // Where nothing is dropped.
    Idle::new(
        &["sample_type", "normalize_type", "skip_drop"],
        "a `rate_drop` above 0, or `one_drop = true`",
        "rate_drop",
        |rate| *rate != 0.0,
    )
    .or(&[("one_drop", |one| *one == true)]),
    Idle::new(
        &["top_k"],
        "`feature_selector = \"greedy\"` or `\"thrifty\"`",
        "feature_selector",
        |selector| selector == "greedy" || selector == "thrifty",
    ),
])
.also(&[
    N_JOBS,
    Also::alias("eta", "learning_rate"),
    Also::alias("min_split_loss", "gamma"),
    Also::alias("lambda", "reg_lambda"),
    Also::alias("alpha", "reg_alpha"),
    Also::alias("seed", "random_state"),
    Also::alias("num_boost_round", "n_estimators"),
    threads("nthread"),
    Also::harmless("verbosity", "a cell prints nothing").takes(Takes::WHOLES_OR_NONE),
    Also::harmless("silent", "a cell prints nothing").takes(Takes::WHOLES_OR_NONE),
    Also::harmless("use_label_encoder", "labels are 0 and 1").takes(Takes::TRUTHS_OR_NONE),
    Also::harmless("validate_parameters", "every parameter is checked").takes(Takes::TRUTHS_OR_NONE),
    Also::harmless("importance_type", "importances are not reported")
        .takes(&[Takes::Texts(&["gain", "weight", "cover", "total_gain", "total_cover"]), Takes::Nothing]),
    Also::harmless("multi_strategy", "two classes have one output")
        .takes(&[Takes::Texts(&["one_output_per_tree", "multi_output_tree"]), Takes::Nothing]),
    Also::harmless("enable_categorical", "the encoder decides: `native` passes categories on")
        .takes(Takes::TRUTHS_OR_NONE),
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
).look(2);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    #[test]
    fn the_linear_model_has_its_own_defaults() {
        let all = |text: &str| ENTRY.build(&text.parse().unwrap(), &Registry::empty()).unwrap().all;
        let rates = |text: &str| ["learning_rate", "reg_lambda"].map(|name| all(text)[name].as_f64().unwrap());
        assert_eq!(rates(""), [0.3, 1.0]);
        assert_eq!(rates("booster = 'gblinear'"), [0.5, 0.0]);
        assert_eq!(rates("booster = 'gblinear'\neta = 0.3\nreg_lambda = 2"), [0.3, 2.0]);
    }
}
