//! `mlp`: a multilayer perceptron, trained on batches by Adam or gradient descent, or on all rows by L-BFGS.

mod network;

use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::two_class;
use crate::component::{
    Classifier, Context, Cost, Entry, Model, Prediction, ScoreKind, Train, VERBOSE, WARM_START, build, later,
};
use crate::error::{Error, Result};
use crate::numeric::gram::BLOCK;
use crate::numeric::lbfgs;
use crate::numeric::mt19937::Mt19937;
use crate::split::stratified_parts;
use network::{Activation, Adam, AdamSettings, Layers, Optimizer, Schedule, SgdSettings};

const ID: &str = "mlp";

/// Rows a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum BatchSize {
    /// 200, or all rows if there are fewer.
    Named(Auto),
    /// So many, or all rows if there are fewer.
    Count(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Auto {
    Auto,
}

/// What finds the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Solver {
    Adam,
    Sgd,
    /// On all rows at once; knows no batches and no early stopping.
    Lbfgs,
}

/// scikit-learn's names and defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    hidden_layer_sizes: Vec<usize>,
    activation: Activation,
    /// The weight of the squared weights in the loss.
    alpha: f64,
    batch_size: BatchSize,
    learning_rate_init: f64,
    /// The most passes over the training rows.
    max_iter: usize,
    shuffle: bool,
    tol: f64,
    /// Keeps rows out and stops, with the best weights so far, when their accuracy rises no more.
    early_stopping: bool,
    validation_fraction: f64,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    n_iter_no_change: usize,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
    solver: Solver,
    /// Of `sgd`: how `learning_rate_init` changes.
    learning_rate: Schedule,
    power_t: f64,
    momentum: f64,
    nesterovs_momentum: bool,
    /// Of `lbfgs`: the most evaluations of the loss.
    max_fun: usize,
}

/// Came after the first records: out of the key while at their defaults.
const LATER: &[&str] = &["solver", "learning_rate", "power_t", "momentum", "nesterovs_momentum", "max_fun"];

impl Default for Params {
    fn default() -> Self {
        Params {
            hidden_layer_sizes: vec![100],
            activation: Activation::Relu,
            alpha: 1e-4,
            batch_size: BatchSize::Named(Auto::Auto),
            learning_rate_init: 1e-3,
            max_iter: 200,
            shuffle: true,
            tol: 1e-4,
            early_stopping: false,
            validation_fraction: 0.1,
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
            n_iter_no_change: 10,
            random_state: None,
            solver: Solver::Adam,
            learning_rate: Schedule::Constant,
            power_t: 0.5,
            momentum: 0.9,
            nesterovs_momentum: true,
            max_fun: 15_000,
        }
    }
}

struct Mlp(Params);

struct Fitted {
    columns: usize,
    activation: Activation,
    layers: Layers,
}

fn checked(params: Params) -> Result<Box<dyn Classifier>> {
    let refuse = |what: String| Err(Error::Component(what));
    if params.hidden_layer_sizes.contains(&0) {
        return refuse("`hidden_layer_sizes` must be at least 1 each".into());
    }
    if params.batch_size == BatchSize::Count(0) || params.max_iter == 0 || params.n_iter_no_change == 0 {
        return refuse("`batch_size`, `max_iter` and `n_iter_no_change` must be at least 1".into());
    }
    for (name, value) in [("alpha", params.alpha), ("tol", params.tol)] {
        if !(value >= 0.0 && value.is_finite()) {
            return refuse(format!("`{name}` must be 0 or more, not {value}"));
        }
    }
    for (name, value) in [("learning_rate_init", params.learning_rate_init), ("epsilon", params.epsilon)] {
        if !(value > 0.0 && value.is_finite()) {
            return refuse(format!("`{name}` must be positive, not {value}"));
        }
    }
    for (name, value) in [("beta_1", params.beta_1), ("beta_2", params.beta_2)] {
        if !(0.0..1.0).contains(&value) {
            return refuse(format!("`{name}` must lie in [0, 1), not {value}"));
        }
    }
    if !(0.0..=1.0).contains(&params.momentum) {
        return refuse(format!("`momentum` must lie in [0, 1], not {}", params.momentum));
    }
    if !(params.power_t >= 0.0 && params.power_t.is_finite()) || params.max_fun == 0 {
        return refuse("`power_t` must be 0 or more, and `max_fun` at least 1".into());
    }
    if !(params.validation_fraction > 0.0 && params.validation_fraction < 1.0) {
        return refuse(format!("`validation_fraction` must lie between 0 and 1, not {}", params.validation_fraction));
    }
    Ok(Box::new(Mlp(params)))
}

impl Classifier for Mlp {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (x, y) = (train.x(), train.y);
        two_class::counts(ID, x.nrows(), y)?;
        let params = &self.0;
        let mut stream = Mt19937::new(params.random_state.unwrap_or(context.seed as u32));
        let mut units = vec![x.ncols()];
        units.extend(&params.hidden_layer_sizes);
        units.push(1);
        let layers = Layers::drawn(&units, params.activation, &mut stream);
        let stops = params.early_stopping && params.solver != Solver::Lbfgs;
        let (train, validation) = if stops {
            stratified_parts(y, params.validation_fraction, "validation", &mut stream)?
        } else {
            ((0..y.len()).collect(), Vec::new())
        };
        let mut training = Training { params, x: x.view(), y, layers, train, loss: 0.0 };
        match params.solver {
            Solver::Lbfgs => training.descend(),
            Solver::Adam | Solver::Sgd => training.run(&validation, &mut stream),
        }
        let layers = training.layers;
        if !layers.is_finite() {
            return Err(Error::Component(format!("{ID}: the weights are not finite; scale the columns")));
        }
        Ok(Box::new(Fitted { columns: x.ncols(), activation: params.activation, layers }))
    }
}

/// A fit under way.
struct Training<'a> {
    params: &'a Params,
    x: ArrayView2<'a, f64>,
    y: &'a [u8],
    layers: Layers,
    /// The training rows, in the order of the coming pass.
    train: Vec<usize>,
    /// The last pass's mean loss.
    loss: f64,
}

impl Training<'_> {
    /// `_fit_stochastic`: passes until the loss, or with validation rows their accuracy, no longer improves by `tol`.
    fn run(&mut self, validation: &[usize], stream: &mut Mt19937) {
        let tol = self.params.tol;
        let mut optimizer = self.optimizer();
        let mut rows_seen = 0.0;
        let mut best = f64::NEG_INFINITY;
        let mut best_layers = self.layers.clone();
        let mut idle = 0;
        for _ in 0..self.params.max_iter {
            if self.params.shuffle {
                let order = stream.permutation(self.train.len());
                self.train = order.into_iter().map(|place| self.train[place]).collect();
            }
            self.pass(&mut optimizer);
            rows_seen += self.train.len() as f64;
            let score = if self.params.early_stopping { self.accuracy(validation) } else { -self.loss };
            idle = if score >= best + tol { 0 } else { idle + 1 };
            if score > best {
                best = score;
                if self.params.early_stopping {
                    best_layers = self.layers.clone();
                }
            }
            optimizer.end_pass(rows_seen);
            if idle > self.params.n_iter_no_change {
                if optimizer.gives_up() {
                    break;
                }
                idle = 0;
            }
        }
        if self.params.early_stopping {
            self.layers = best_layers;
        }
    }

    fn optimizer(&self) -> Optimizer {
        let Params { learning_rate_init, beta_1, beta_2, epsilon, power_t, momentum, nesterovs_momentum, .. } =
            *self.params;
        match self.params.solver {
            Solver::Sgd => {
                let schedule = self.params.learning_rate;
                let settings = SgdSettings { learning_rate_init, schedule, power_t, momentum, nesterovs_momentum };
                Optimizer::sgd(settings, &self.layers)
            }
            Solver::Adam | Solver::Lbfgs => {
                let settings = AdamSettings { learning_rate_init, beta_1, beta_2, epsilon };
                Optimizer::Adam(Adam::new(settings, &self.layers))
            }
        }
    }

    /// `_fit_lbfgs`: descends on the loss of all rows.
    fn descend(&mut self) {
        let Params { activation, alpha, tol, max_iter, max_fun, .. } = *self.params;
        let labels: Vec<f64> = self.y.iter().map(|&label| f64::from(label)).collect();
        let (mut layers, mut gradient) = (self.layers.clone(), self.layers.zeros_like());
        let loss = |at: &[f64], slope: &mut [f64]| {
            layers.unpack(at);
            let loss = layers.backpropagate(activation, alpha, self.x, &labels, &mut gradient);
            slope.copy_from_slice(&gradient.packed());
            loss
        };
        let limits = lbfgs::Limits { gradient: tol, iterations: max_iter, evaluations: max_fun };
        let found = lbfgs::minimise(loss, self.layers.packed(), limits);
        self.layers.unpack(&found);
    }

    /// One pass over the training rows, batch by batch.
    fn pass(&mut self, optimizer: &mut Optimizer) {
        let rows = self.train.len();
        let size = match self.params.batch_size {
            BatchSize::Named(Auto::Auto) => 200,
            BatchSize::Count(count) => count,
        };
        let size = size.min(rows);
        let mut batch = Array2::zeros((size, self.x.ncols()));
        let mut labels = vec![0.0; size];
        let mut gradient = self.layers.zeros_like();
        let mut sum = 0.0;
        for picked in self.train.chunks(size) {
            for (at, &row) in picked.iter().enumerate() {
                batch.row_mut(at).assign(&self.x.row(row));
                labels[at] = f64::from(self.y[row]);
            }
            let (x, y) = (batch.slice(s![..picked.len(), ..]), &labels[..picked.len()]);
            let loss = self.layers.backpropagate(self.params.activation, self.params.alpha, x, y, &mut gradient);
            sum += loss * picked.len() as f64;
            optimizer.step(&mut self.layers, &gradient);
        }
        self.loss = sum / rows as f64;
    }

    /// The share of the validation rows that are labelled right.
    fn accuracy(&self, validation: &[usize]) -> f64 {
        let right = |rows: &[usize]| {
            let x = self.x.select(ndarray::Axis(0), rows);
            let said = self.layers.probabilities(self.params.activation, x.view());
            said.iter().zip(rows).filter(|(p, row)| u8::from(**p > 0.5) == self.y[**row]).count()
        };
        let count: usize = validation.par_chunks(BLOCK).map(right).sum();
        count as f64 / validation.len() as f64
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, self.columns, x.ncols())?;
        let starts: Vec<usize> = (0..x.nrows()).step_by(BLOCK).collect();
        let part = |start: usize| {
            let rows = x.slice(s![start..(start + BLOCK).min(x.nrows()), ..]);
            self.layers.probabilities(self.activation, rows)
        };
        let parts: Vec<Vec<f64>> = starts.into_par_iter().map(part).collect();
        let score = parts.concat();
        if score.iter().any(|score| score.is_nan()) {
            return Err(Error::Component(format!("{ID}: a row's values are too large for the network")));
        }
        let label = score.iter().map(|&score| u8::from(score > 0.5)).collect();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }
}

/// `MLPClassifier`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.neural_network.MLPClassifier.html>; the score is
/// `predict_proba[:, 1]`. Weights and batches are drawn as there; what differs is the order of additions in products of
/// matrices, which grows with the number of steps.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "multilayer perceptron, trained by Adam, gradient descent or L-BFGS", |table| {
        build::<Params, _>(ID, table, checked).map(|built| later::<Params, _>(built, LATER))
    })
    .source("https://scikit-learn.org/1.9/modules/generated/sklearn.neural_network.MLPClassifier.html")
    .cost(Cost::seconds(3.6))
    .also(&[VERBOSE, WARM_START]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::Registry;

    #[test]
    fn parameters_out_of_range_are_refused() {
        let said = |table: &str| ENTRY.build(&table.parse().unwrap(), &Registry::empty()).err().map(|e| e.to_string());
        for table in ["alpha = -1.0", "beta_1 = 1.0", "epsilon = 0.0", "validation_fraction = 0.0", "max_iter = 0"] {
            let key = table.split(' ').next().unwrap();
            assert!(said(table).unwrap().contains(&format!("`{key}`")), "{table}");
        }
        assert!(said("hidden_layer_sizes = [3, 0]").is_some() && said("activation = 'step'").is_some());
        assert_eq!(said("hidden_layer_sizes = [20, 10]\nbatch_size = 50\nactivation = 'tanh'"), None);
    }
}
