//! `lightgbm`: gradient boosted trees grown leaf by leaf, by the LightGBM library itself.
//!
//! The values a Python user gets: same parameters, same defaults, same library version, checked by
//! `tests/golden/boosting.rs`.

mod aside;
mod binned;
mod dataset;
mod library;
mod params;
mod sampled;
mod text;

use ndarray::ArrayView2;

use self::text::read_trees;
use super::boosting::{FIXED_SEED, as_floats, categories, check_groups, labels};
use super::directions::placed;
use super::early_stopping::{self, Watch};
use crate::component::{
    Also, Classifier, Context, Cost, Entry, Idle, Library, Model, N_JOBS, Prediction, Remedy, SavedLibrary, SavedModel,
    ScoreKind, Shape, Shared, Takes, Train, build, later, threads,
};
use crate::error::{Error, Result};
use library::{Labels, Matrix, Watched};
use params::{LATER, MONOTONE_CONSTRAINTS, Params};

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
        let labels = Labels { labels: &as_floats(&y), weights: self.0.weights(&y, None)? };
        let trees = library::train_watched(&matrix, &labels, &settings, self.0.n_estimators, &mut watched)?;
        Ok(Fitted { trees, details: Some(watched.watch.details(&kept_out_y)) })
    }
}

impl Classifier for LightGbm {
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
        self.0.monotone_constraints.as_ref().map_or(Ok(()), |all| all.in_shape(MONOTONE_CONSTRAINTS, given))
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        let labels = labels("lightgbm", x, y)?;
        check_groups(self.0.interaction_constraints.as_ref(), x.ncols())?;
        if let Some(placed) = placed(self.0.monotone_constraints.as_ref(), MONOTONE_CONSTRAINTS, train)? {
            return LightGbm(Params { monotone_constraints: Some(placed), ..self.0.clone() }).fit(train, context);
        }
        if let Some(watch) = self.0.stopping.watch() {
            // The library's seeds are signed; the bits are what counts.
            let seed = early_stopping::seed(self.0.random_state.map(|seed| seed as u32), context);
            return Ok(Box::new(self.fit_watched(train, seed, watch)?));
        }
        let settings = self.0.settings(&categories(&train.features));
        let make = || {
            let values = x.as_standard_layout();
            let matrix = Matrix::new(values.as_slice().unwrap_or_default(), x.ncols())?;
            let labels = Labels { labels: &labels, weights: self.0.weights(y, train.weight)? };
            library::Rows::new(&matrix, &labels, &settings)
        };
        let rows = Shared::or_own(train.shared, || self.0.of_rows(&settings), make)?;
        let trees = library::train(&rows, &settings, self.0.n_estimators)?;
        Ok(Box::new(Fitted { trees, details: None }))
    }

    fn fit_drawn(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let random_state = self.0.random_state.or(Some(context.seed as u32 as i32));
        LightGbm(Params { random_state, ..self.0.clone() }).fit(train, context)
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
    .remedy(
        &[
            Remedy::params(
                "`reg_lambda = 10`",
                &[("reg_lambda", |given| given.as_f64().is_some_and(|given| given >= 10.0))],
            ),
            Remedy::params(
                "a smaller `learning_rate`",
                &[("learning_rate", |given| given.as_f64().is_some_and(|given| given < 0.1))],
            ),
        ],
        "where positives are rare, its leaves' values run away",
    )
    .backend("lightgbm")
    .fixed_seed()
    .notes(&[FIXED_SEED])
    .cost(Cost::seconds(2.9).fixed(0.17).per("n_estimators", 100.0))
    .idle(&[
        Idle::new(
            &["subsample", "pos_bagging_fraction", "neg_bagging_fraction"],
            "`subsample_freq` of 1 or more",
            "subsample_freq",
            |freq| *freq != 0,
        ),
        Idle::new(
            &["subsample_freq"],
            "a `subsample`, `pos_bagging_fraction` or `neg_bagging_fraction` below 1",
            "subsample",
            |share| *share != 1.0,
        )
        .or(&[("pos_bagging_fraction", |share| *share != 1.0), ("neg_bagging_fraction", |share| *share != 1.0)]),
        // With one of these the library draws each class by its own share.
        Idle::new(&["subsample"], "`pos_bagging_fraction` to be left out", "pos_bagging_fraction", |share| {
            *share == 1.0
        }),
        Idle::new(&["subsample"], "`neg_bagging_fraction` to be left out", "neg_bagging_fraction", |share| {
            *share == 1.0
        }),
        Idle::new(&["learning_rate"], "another `boosting_type` than \"rf\"", "boosting_type", |boosting| {
            boosting != "rf"
        }),
        Idle::new(&["zero_as_missing"], "`use_missing = true`", "use_missing", |uses| *uses == true),
        Idle::new(
            &["drop_rate", "skip_drop", "max_drop", "uniform_drop", "xgboost_dart_mode", "drop_seed"],
            "`boosting_type = \"dart\"`",
            "boosting_type",
            |boosting| boosting == "dart",
        ),
        Idle::new(&["top_rate", "other_rate"], "`boosting_type = \"goss\"`", "boosting_type", |boosting| {
            boosting == "goss"
        }),
        Idle::new(
            &["monotone_constraints_method", "monotone_penalty"],
            "`monotone_constraints`",
            "monotone_constraints",
            |constraints| !constraints.is_null(),
        ),
    ])
    .also(&[
        N_JOBS,
        Also::only("objective", "\"binary\"", "there are two classes"),
        Also::alias("boosting", "boosting_type"),
        Also::alias("boost", "boosting_type"),
        Also::alias("colsample_bynode", "feature_fraction_bynode"),
        Also::alias("extra_tree", "extra_trees"),
        Also::alias("monotonic_cst", "monotone_constraints"),
        Also::alias("interaction_cst", "interaction_constraints"),
        Also::harmless("importance_type", "importances are not reported").takes(&[Takes::Texts(&["split", "gain"])]),
        Also::harmless("verbose", "a cell prints nothing").takes(Takes::WHOLES_OR_NONE),
        Also::harmless("verbosity", "a cell prints nothing").takes(Takes::WHOLES_OR_NONE),
        Also::harmless("silent", "a cell prints nothing").takes(&[Takes::Truth, Takes::Texts(&["warn"])]),
        threads("num_threads"),
        Also::harmless("deterministic", "every fit is").takes(Takes::TRUTHS),
        Also::harmless("force_col_wise", "every fit is, so that its bits do not depend on the threads")
            .takes(Takes::TRUTHS),
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
    )
    .look(6);
