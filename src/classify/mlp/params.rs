//! The parameters: scikit-learn's names and defaults where it has the thing, else those of Keras.

use serde::{Deserialize, Deserializer, Serialize};

use crate::classify::class_weight::ClassWeight;
use crate::component::infinite;
use crate::error::{Error, Result};

/// What a hidden neuron makes of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Activation {
    Identity,
    Logistic,
    Tanh,
    Relu,
}

/// The last layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Output {
    /// One unit, as scikit-learn has it for two classes.
    Logistic,
    /// A unit per class, as Keras's `Dense(2, activation='softmax')`.
    Softmax,
}

/// How the first weights are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Init {
    #[serde(rename = "scikit-learn")]
    ScikitLearn,
    /// As Keras: biases are 0, and the bound is the same for every activation.
    #[serde(rename = "glorot_uniform")]
    GlorotUniform,
    /// As `torch.nn.Linear`: weights and biases up to one by the root of the inputs.
    #[serde(rename = "torch")]
    Torch,
}

/// How the step length of gradient descent changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Schedule {
    Constant,
    /// By the number of rows seen so far, to the power of `-power_t`.
    InvScaling,
    /// A fifth, each time that nothing improves any more.
    Adaptive,
}

/// Rows a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is `auto` or a number of rows")]
pub(super) enum BatchSize {
    /// 200, or all rows if there are fewer.
    Named(Auto),
    /// So many, or all rows if there are fewer.
    Count(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Auto {
    Auto,
}

/// What finds the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Solver {
    Adam,
    Sgd,
    /// On all rows at once; knows no batches and no early stopping.
    Lbfgs,
}

/// Which share of a hidden layer's units is left out in a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "it is a number, or a list of one for each hidden layer")]
pub(super) enum Dropout {
    Every(f64),
    /// By hidden layer.
    Each(Vec<f64>),
}

impl Dropout {
    /// The rate of every hidden layer; none where nothing is left out.
    pub(super) fn rates(&self, hidden: usize) -> Option<Vec<f64>> {
        let rates = match self {
            Dropout::Every(rate) => vec![*rate; hidden],
            Dropout::Each(rates) => rates.clone(),
        };
        rates.iter().any(|rate| *rate > 0.0).then_some(rates)
    }
}

/// Which rows early stopping watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Validation {
    /// A stratified draw of `validation_fraction` of the training rows, as scikit-learn.
    Stratified,
    /// The last `validation_fraction` of the training rows, as Keras's `validation_split`.
    Last,
    /// The protocol's validation part.
    Protocol,
}

/// What Keras's `EarlyStopping` looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Monitor {
    ValLoss,
    ValAccuracy,
    Loss,
    Accuracy,
}

impl Monitor {
    fn needs_validation(self) -> bool {
        matches!(self, Monitor::ValLoss | Monitor::ValAccuracy)
    }
}

/// Units of the hidden layers, as scikit-learn takes them.
#[derive(Deserialize)]
#[serde(untagged, expecting = "it is a list of numbers of units, one for each hidden layer, or a number for one layer")]
enum Sizes {
    One(usize),
    More(Vec<usize>),
}

fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    Ok(match Sizes::deserialize(deserializer)? {
        Sizes::One(units) => vec![units],
        Sizes::More(units) => units,
    })
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Params {
    /// A single number is one layer.
    #[serde(deserialize_with = "one_or_more")]
    pub(super) hidden_layer_sizes: Vec<usize>,
    pub(super) activation: Activation,
    /// The weight of the squared weights in the loss.
    pub(super) alpha: f64,
    pub(super) batch_size: BatchSize,
    pub(super) learning_rate_init: f64,
    /// The most passes over the training rows.
    pub(super) max_iter: usize,
    pub(super) shuffle: bool,
    pub(super) tol: f64,
    /// Keeps rows out and stops, with the best weights so far, when their accuracy rises no more; with `monitor`, by Keras's
    /// rule.
    pub(super) early_stopping: bool,
    pub(super) validation_fraction: f64,
    pub(super) beta_1: f64,
    pub(super) beta_2: f64,
    pub(super) epsilon: f64,
    #[serde(with = "infinite::count")]
    pub(super) n_iter_no_change: usize,
    /// Without one, the cell's own seed decides.
    pub(super) random_state: Option<u32>,
    pub(super) solver: Solver,
    /// Of `sgd`: how `learning_rate_init` changes.
    pub(super) learning_rate: Schedule,
    pub(super) power_t: f64,
    pub(super) momentum: f64,
    pub(super) nesterovs_momentum: bool,
    /// Of `lbfgs`: the most evaluations of the loss.
    pub(super) max_fun: usize,
    pub(super) output: Output,
    pub(super) kernel_initializer: Init,
    pub(super) dropout: Dropout,
    pub(super) class_weight: Option<ClassWeight>,
    pub(super) validation: Validation,
    /// With it passes end by Keras's `EarlyStopping` and not by `tol` and `n_iter_no_change`.
    pub(super) monitor: Option<Monitor>,
    pub(super) patience: usize,
    pub(super) min_delta: f64,
    pub(super) restore_best_weights: bool,
    /// Puts the fitted weights into the record, as `coefs_` and `intercepts_` of scikit-learn.
    pub(super) keep_weights: bool,
}

/// scikit-learn's that came after the first records: out of the key while at their defaults, as [`OWN`] are.
pub(super) const LATER: &[&str] = &["solver", "learning_rate", "power_t", "momentum", "nesterovs_momentum", "max_fun"];

/// What scikit-learn's class lacks.
pub(super) const OWN: &[&str] = &[
    "output",
    "kernel_initializer",
    "dropout",
    "class_weight",
    "validation",
    "monitor",
    "patience",
    "min_delta",
    "restore_best_weights",
    "keep_weights",
];

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
            output: Output::Logistic,
            kernel_initializer: Init::ScikitLearn,
            dropout: Dropout::Every(0.0),
            class_weight: None,
            validation: Validation::Stratified,
            monitor: None,
            patience: 0,
            min_delta: 0.0,
            restore_best_weights: false,
            keep_weights: false,
        }
    }
}

/// With more units a layer, the weights between two layers could be more than an address reaches.
const MOST_UNITS: usize = 1_000_000;

impl Params {
    /// Units of each layer behind so many inputs.
    pub(super) fn units(&self, inputs: usize) -> Vec<usize> {
        let outputs = match self.output {
            Output::Logistic => 1,
            Output::Softmax => 2,
        };
        [&[inputs], &self.hidden_layer_sizes[..], &[outputs]].concat()
    }

    /// Rows a step, of so many training rows.
    pub(super) fn batch_rows(&self, rows: usize) -> usize {
        match self.batch_size {
            BatchSize::Named(Auto::Auto) => 200.min(rows),
            BatchSize::Count(count) => count.min(rows),
        }
    }

    /// # Errors
    /// Names the first parameter that is out of range or that nothing would come of.
    pub(super) fn check(&self) -> Result<()> {
        self.check_numbers()?;
        self.check_together()
    }

    fn check_numbers(&self) -> Result<()> {
        if self.hidden_layer_sizes.contains(&0) {
            return refuse(format!("`hidden_layer_sizes` must be at least 1 each, not {:?}", self.hidden_layer_sizes));
        }
        if self.hidden_layer_sizes.iter().any(|units| *units > MOST_UNITS) {
            let sizes = &self.hidden_layer_sizes;
            return refuse(format!("`hidden_layer_sizes` must be at most {MOST_UNITS} each, not {sizes:?}"));
        }
        let batch_size = match self.batch_size {
            BatchSize::Count(count) => count,
            BatchSize::Named(Auto::Auto) => 1,
        };
        let counts = [
            ("batch_size", batch_size),
            ("max_iter", self.max_iter),
            ("n_iter_no_change", self.n_iter_no_change),
            ("max_fun", self.max_fun),
        ];
        if let Some((name, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            return refuse(format!("`{name}` must be at least 1, not 0"));
        }
        for (name, value) in [("alpha", self.alpha), ("tol", self.tol), ("min_delta", self.min_delta)] {
            if !(value >= 0.0 && value.is_finite()) {
                return refuse(format!("`{name}` must be 0 or more, not {value}"));
            }
        }
        for (name, value) in [("learning_rate_init", self.learning_rate_init), ("epsilon", self.epsilon)] {
            if !(value > 0.0 && value.is_finite()) {
                return refuse(format!("`{name}` must be positive, not {value}"));
            }
        }
        for (name, value) in [("beta_1", self.beta_1), ("beta_2", self.beta_2)] {
            if !(0.0..1.0).contains(&value) {
                return refuse(format!("`{name}` must lie in [0, 1), not {value}"));
            }
        }
        if !(0.0..=1.0).contains(&self.momentum) {
            return refuse(format!("`momentum` must lie in [0, 1], not {}", self.momentum));
        }
        if !(self.power_t >= 0.0 && self.power_t.is_finite()) {
            return refuse(format!("`power_t` must be 0 or more, not {}", self.power_t));
        }
        if !(0.0..1.0).contains(&self.validation_fraction) {
            return refuse(format!("`validation_fraction` must lie in [0, 1), not {}", self.validation_fraction));
        }
        ClassWeight::refuse_subsample(self.class_weight)
    }

    fn check_together(&self) -> Result<()> {
        let hidden = self.hidden_layer_sizes.len();
        let rates = match &self.dropout {
            Dropout::Every(rate) => std::slice::from_ref(rate),
            Dropout::Each(rates) if rates.len() != hidden => {
                return refuse(format!("`dropout` has {} rates for {hidden} hidden layers", rates.len()));
            }
            Dropout::Each(rates) => rates,
        };
        if let Some(rate) = rates.iter().find(|rate| !(0.0..1.0).contains(*rate)) {
            return refuse(format!("`dropout` must lie in [0, 1), not {rate}"));
        }
        let is_lbfgs = self.solver == Solver::Lbfgs;
        if is_lbfgs && (self.monitor.is_some() || self.dropout.rates(hidden).is_some()) {
            return refuse("`solver = \"lbfgs\"` has no passes: it takes neither `monitor` nor `dropout`");
        }
        let is_watched = !is_lbfgs && self.early_stopping;
        if self.validation != Validation::Stratified && !is_watched {
            return refuse("`validation` goes with `early_stopping = true` and solver `adam` or `sgd` only");
        }
        if is_watched && self.validation != Validation::Protocol && self.validation_fraction == 0.0 {
            return refuse("`validation_fraction` must be above 0 with `early_stopping = true`, not 0");
        }
        match self.monitor {
            Some(monitor) if monitor.needs_validation() && !self.early_stopping => {
                refuse("this `monitor` looks at validation rows: write `early_stopping = true`, too")
            }
            None if (self.patience, self.min_delta, self.restore_best_weights) != (0, 0.0, false) => refuse(
                "`patience`, `min_delta` and `restore_best_weights` go with `monitor`, such as \"val_loss\", only",
            ),
            _ => Ok(()),
        }
    }
}

fn refuse<T>(what: impl Into<String>) -> Result<T> {
    Err(Error::Component(what.into()))
}
