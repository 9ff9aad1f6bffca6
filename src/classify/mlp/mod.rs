//! `mlp`: a multilayer perceptron, trained on batches by Adam or gradient descent, or on all rows by L-BFGS.

mod history;
mod layers;
mod network;
mod optimizer;
mod params;
mod product;
mod training;
mod work;

use std::borrow::Cow;

use ndarray::{ArrayView2, s};
use rayon::prelude::*;

use super::class_weight::ClassWeight;
use super::limit::{self, Reached};
use super::two_class;
use crate::component::{
    Classifier, Context, Cost, Entry, Idle, InPython, Model, Prediction, Remedy, SavedModel, SavedNetwork, ScoreKind,
    Train, VERBOSE, WARM_START, build, later,
};
use crate::error::{Error, Result};
use crate::numeric::gram::BLOCK;
use crate::numeric::mt19937::Mt19937;
use crate::split::stratified_parts;
use history::History;
use layers::Layers;
use network::{Network, Scratch};
use params::{LATER, OWN, Params, Solver, Validation};
use training::{Rows, Training};

const ID: &str = "mlp";

struct Mlp(Params);

struct Fitted {
    columns: usize,
    network: Network,
    layers: Layers,
    /// Of passes; none of L-BFGS.
    history: Option<History>,
    reached: Reached,
    /// Whether a record holds the weights.
    keep_weights: bool,
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    params.check()?;
    Ok(Box::new(Mlp(params)))
}

impl Classifier for Mlp {
    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn cannot_stop_early(&self, y: &[u8], has_validation: bool) -> Option<String> {
        let share = self.0.validation_fraction;
        let why = match self.0.validation {
            _ if !self.keeps_rows_out() => return None,
            // Whether there are enough rows of either class is the same for every seed.
            Validation::Stratified => stratified_parts(y, share, "validation", &mut Mt19937::new(0)).err()?.to_string(),
            Validation::Last => self.first_of_last(y.len()).err()?,
            Validation::Protocol if has_validation => return None,
            Validation::Protocol => return Some(NO_PART.to_owned()),
        };
        Some(format!("{why}: take another `validation_fraction`, or write `early_stopping = false`"))
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        two_class::counts(ID, x.nrows(), y)?;
        let params = &self.0;
        let mut stream = Mt19937::new(params.random_state.unwrap_or(context.seed as u32));
        let units = params.units(x.ncols());
        let layers = Layers::drawn(&units, params.activation, params.kernel_initializer, &mut stream);
        let rows = Rows { x: in_order(&x), y: y.into(), weight: train.weight.map(Cow::from) };
        let (order, validation) = self.parts(train, &rows, &mut stream)?;
        let positives = order.iter().filter(|&&row| y[row] == 1).count();
        let class_weight =
            params.class_weight.map(|_| ClassWeight::of(params.class_weight, [order.len() - positives, positives]));
        let network = Network::new(params);
        let history = History::default();
        let mut training = Training { params, network, rows, class_weight, layers, order, validation, history };
        let reached = match params.solver {
            Solver::Lbfgs => training.descend(),
            Solver::Adam | Solver::Sgd => training.run(&mut stream),
        };
        let Training { network, layers, history, .. } = training;
        if !layers.is_finite() {
            return Err(Error::Component(format!("{ID}: the weights are not finite; scale the columns")));
        }
        let history = (params.solver != Solver::Lbfgs).then_some(history);
        Ok(Box::new(Fitted {
            columns: x.ncols(),
            network,
            layers,
            history,
            reached,
            keep_weights: params.keep_weights,
        }))
    }
}

/// Why there is nothing to watch.
const NO_PART: &str = "`validation = \"protocol\"` needs the protocol's own validation part, which inner folds do not have either: write \
                       \"stratified\" or \"last\"";

impl Mlp {
    /// Whether early stopping watches rows; L-BFGS has no passes.
    fn keeps_rows_out(&self) -> bool {
        self.0.early_stopping && self.0.solver != Solver::Lbfgs
    }

    /// The first of the last ones among `all` rows that early stopping watches, or why there are none.
    fn first_of_last(&self, all: usize) -> Result<usize, String> {
        let share = self.0.validation_fraction;
        // Keras cuts at the floor of the training rows' share.
        let cut = (all as f64 * (1.0 - share)).floor() as usize;
        match cut == 0 || cut == all {
            true => Err(format!("a `validation_fraction` of {share} of {all} rows leaves a part empty")),
            false => Ok(cut),
        }
    }

    /// The rows to learn from, in the order of the first pass, and those that early stopping watches.
    fn parts<'a>(
        &self,
        train: &'a Train<'_>,
        rows: &Rows<'_>,
        stream: &mut Mt19937,
    ) -> Result<(Vec<usize>, Option<Rows<'a>>)> {
        let (params, all) = (&self.0, rows.y.len());
        if !self.keeps_rows_out() {
            return Ok(((0..all).collect(), None));
        }
        match params.validation {
            Validation::Stratified => {
                let (order, kept_out) = stratified_parts(&rows.y, params.validation_fraction, "validation", stream)?;
                let kept_out = rows.select(&kept_out);
                Ok((order, Some(kept_out)))
            }
            Validation::Last => {
                let cut = self.first_of_last(all).map_err(|said| Error::Component(format!("{ID}: {said}")))?;
                Ok(((0..cut).collect(), Some(rows.select(&(cut..all).collect::<Vec<_>>()))))
            }
            Validation::Protocol => {
                let Some((x, y)) = &train.validation else {
                    return Err(Error::Component(format!("{ID}: {NO_PART}")));
                };
                Ok(((0..all).collect(), Some(Rows { x: in_order(x), y: (*y).into(), weight: None })))
            }
        }
    }
}

/// The numbers of a matrix row after row; copied only where it is not in C order.
fn in_order<'x>(x: &'x ArrayView2<'_, f64>) -> Cow<'x, [f64]> {
    x.as_slice().map_or_else(|| x.iter().copied().collect(), Cow::from)
}

impl Model for Fitted {
    fn saved(&self) -> Option<SavedModel> {
        let (activation, output) = self.network.functions();
        let layers = (0..self.layers.len()).map(|layer| self.layers.saved(layer)).collect();
        Some(SavedModel::Network(SavedNetwork { activation, output, layers }))
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.columns, x.ncols())?;
        let starts: Vec<usize> = (0..x.nrows()).step_by(BLOCK).collect();
        let part = |start: usize| -> Vec<f64> {
            let rows = x.slice(s![start..(start + BLOCK).min(x.nrows()), ..]);
            self.network.probabilities(&self.layers, &in_order(&rows), rows.nrows(), &mut Scratch::default()).collect()
        };
        let parts: Vec<Vec<f64>> = starts.into_par_iter().map(part).collect();
        let score = parts.concat();
        if score.iter().any(|score| score.is_nan()) {
            return Err(Error::Component(format!("{ID}: a row's values are too large for the network")));
        }
        let label = score.iter().map(|&score| u8::from(score > 0.5)).collect();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }

    fn details(&self) -> Option<serde_json::Value> {
        let mut details = limit::told(self.reached);
        if let Some(history) = &self.history {
            details.insert("history".into(), history.details());
        }
        if self.keep_weights {
            details.insert("weights".into(), self.layers.details());
        }
        limit::details(details)
    }
}

/// The network that said this of itself.
///
/// # Errors
/// [`Error::Store`] for functions of units that this version does not know, and for layers that do not fit each other.
pub(super) fn restored(saved: SavedNetwork) -> Result<Box<dyn Model>> {
    let SavedNetwork { activation, output, layers } = saved;
    let network = Network::of_functions(&activation, &output)
        .ok_or_else(|| Error::Store(format!("the network's functions `{activation}` and `{output}` are not known")))?;
    let layers = Layers::restored(&layers).ok_or_else(|| Error::Store("the network's layers do not fit".into()))?;
    let columns = layers.shape(0).inputs;
    Ok(Box::new(Fitted { columns, network, layers, history: None, reached: None, keep_weights: false }))
}

/// `MLPClassifier`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.neural_network.MLPClassifier.html>; the score is
/// `predict_proba[:, 1]`. Weights and batches are drawn as there; what differs is the order of additions in products of
/// matrices, which grows with the number of steps. What it adds has Keras's names and does what Keras does:
/// `kernel_initializer`, `class_weight`, and with `monitor` the `EarlyStopping` of `patience`, `min_delta` and
/// `restore_best_weights`. `kernel_initializer = "torch"` draws the first weights as PyTorch's `Linear` does.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "multilayer perceptron, trained by Adam, gradient descent or L-BFGS", |table| {
        build::<Params, _>(ID, table, checked).map(|built| later::<Params, _>(later::<Params, _>(built, LATER), OWN))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.neural_network.MLPClassifier.html")
    .remedy(
        &[
            Remedy::scaler("a scaler such as `standard`"),
            Remedy::params(
                "a smaller `learning_rate_init`",
                &[("learning_rate_init", |given| given.as_f64().is_some_and(|given| given < 0.001))],
            ),
        ],
        "units that a large step has switched off stay off",
    )
    .cost(Cost::seconds(3.6).by(work::times))
    .idle(&[
        Idle::new(
            &["learning_rate", "momentum", "nesterovs_momentum", "power_t"],
            "`solver = \"sgd\"`",
            "solver",
            |solver| solver == "sgd",
        ),
        Idle::new(&["power_t"], "`learning_rate = \"invscaling\"`", "learning_rate", |rate| rate == "invscaling"),
        Idle::new(&["nesterovs_momentum"], "a `momentum` above 0", "momentum", |momentum| *momentum != 0.0),
        Idle::new(
            &["batch_size", "learning_rate_init", "shuffle", "early_stopping", "n_iter_no_change"],
            "`solver = \"adam\"` or `\"sgd\"`",
            "solver",
            |solver| solver != "lbfgs",
        ),
        Idle::new(&["n_iter_no_change", "tol"], "`monitor` to be left out", "monitor", |monitor| monitor.is_null()),
        Idle::new(&["beta_1", "beta_2", "epsilon"], "`solver = \"adam\"`", "solver", |solver| solver == "adam"),
        Idle::new(&["max_fun"], "`solver = \"lbfgs\"`", "solver", |solver| solver == "lbfgs"),
        Idle::new(&["validation_fraction"], "`early_stopping = true`", "early_stopping", |early| *early == true),
    ])
    .also(&[VERBOSE, WARM_START])
    .in_python(InPython::new().lacks(OWN))
    .look(11);

#[cfg(test)]
mod keras;
#[cfg(test)]
mod tests;
