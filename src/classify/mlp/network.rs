//! A network of dense layers with one output: forward, backward, and the steps of Adam and gradient descent.

use ndarray::{Array1, Array2, ArrayView2, Axis, Zip, linalg::general_mat_mul};
use serde::{Deserialize, Serialize};

use crate::numeric::mt19937::Mt19937;

/// What a hidden neuron makes of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Activation {
    Identity,
    Logistic,
    Tanh,
    Relu,
}

impl Activation {
    fn apply(self, z: &mut Array2<f64>) {
        match self {
            Activation::Identity => {}
            Activation::Logistic => z.mapv_inplace(logistic),
            Activation::Tanh => z.mapv_inplace(f64::tanh),
            Activation::Relu => z.mapv_inplace(|z| if z > 0.0 { z } else { 0.0 }),
        }
    }

    /// Multiplies `delta` by the derivative where the activation's value is `z`.
    fn derive(self, z: &Array2<f64>, delta: &mut Array2<f64>) {
        match self {
            Activation::Identity => {}
            Activation::Logistic => Zip::from(delta).and(z).for_each(|d, &z| *d *= z * (1.0 - z)),
            Activation::Tanh => Zip::from(delta).and(z).for_each(|d, &z| *d *= 1.0 - z * z),
            Activation::Relu => Zip::from(delta).and(z).for_each(|d, &z| *d = if z == 0.0 { 0.0 } else { *d }),
        }
    }
}

fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// Weights (inputs x outputs) and biases of each layer; also gradients, and Adam's moments, in the same shape.
#[derive(Clone)]
pub(super) struct Layers {
    pub(super) weights: Vec<Array2<f64>>,
    pub(super) biases: Vec<Array1<f64>>,
}

impl Layers {
    /// Drawn as scikit-learn's `_init_coef` draws them (Glorot and Bengio 2010), layer by layer.
    pub(super) fn drawn(units: &[usize], activation: Activation, stream: &mut Mt19937) -> Self {
        let factor = if activation == Activation::Logistic { 2.0 } else { 6.0 };
        let mut layers = Layers { weights: Vec::new(), biases: Vec::new() };
        for pair in units.windows(2) {
            let bound = (factor / (pair[0] + pair[1]) as f64).sqrt();
            let mut draw = || -bound + (bound + bound) * stream.next_f64();
            layers.weights.push(Array2::from_shape_simple_fn((pair[0], pair[1]), &mut draw));
            layers.biases.push(Array1::from_shape_simple_fn(pair[1], &mut draw));
        }
        layers
    }

    /// The same shapes, all zeros.
    pub(super) fn zeros_like(&self) -> Self {
        Layers {
            weights: self.weights.iter().map(|w| Array2::zeros(w.dim())).collect(),
            biases: self.biases.iter().map(|b| Array1::zeros(b.dim())).collect(),
        }
    }

    pub(super) fn is_finite(&self) -> bool {
        let weights = self.weights.iter().flatten();
        weights.chain(self.biases.iter().flatten()).all(|value| value.is_finite())
    }

    /// The activations of every layer; the last has the probabilities, rows x 1.
    fn activations(&self, activation: Activation, x: ArrayView2<'_, f64>) -> Vec<Array2<f64>> {
        let mut done: Vec<Array2<f64>> = Vec::with_capacity(self.weights.len());
        for (layer, (weights, biases)) in self.weights.iter().zip(&self.biases).enumerate() {
            let mut z = match done.last() {
                None => x.dot(weights),
                Some(before) => before.dot(weights),
            };
            z += biases;
            let last = layer + 1 == self.weights.len();
            if last {
                Activation::Logistic.apply(&mut z)
            } else {
                activation.apply(&mut z)
            }
            done.push(z);
        }
        done
    }

    /// The probability of label 1 for every row.
    pub(super) fn probabilities(&self, activation: Activation, x: ArrayView2<'_, f64>) -> Vec<f64> {
        self.activations(activation, x).pop().map_or(Vec::new(), |last| last.iter().copied().collect())
    }

    /// `_backprop`: the mean log loss of a batch with the penalty, and its gradient in `gradient`.
    pub(super) fn backpropagate(
        &self,
        activation: Activation,
        alpha: f64,
        x: ArrayView2<'_, f64>,
        y: &[f64],
        gradient: &mut Layers,
    ) -> f64 {
        let rows = y.len() as f64;
        let mut activations = self.activations(activation, x);
        // `activations` yields a matrix a layer, and there is at least the output layer.
        let Some(mut delta) = activations.pop() else { return 0.0 };
        let squares: f64 = self.weights.iter().map(|w| w.iter().map(|w| w * w).sum::<f64>()).sum();
        let loss = -delta.iter().zip(y).map(|(&p, &y)| log_likelihood(p, y)).sum::<f64>() / rows
            + 0.5 * alpha * squares / rows;
        delta.iter_mut().zip(y).for_each(|(delta, y)| *delta -= y);
        for layer in (0..self.weights.len()).rev() {
            let weights = &mut gradient.weights[layer];
            weights.assign(&self.weights[layer]);
            gradient.biases[layer] = delta.sum_axis(Axis(0)) / rows;
            let Some(before) = activations.pop() else {
                general_mat_mul(1.0 / rows, &x.t(), &delta, alpha / rows, weights);
                break;
            };
            general_mat_mul(1.0 / rows, &before.t(), &delta, alpha / rows, weights);
            delta = delta.dot(&self.weights[layer].t());
            activation.derive(&before, &mut delta);
        }
        loss
    }
}

/// `y ln p + (1 - y) ln (1 - p)`, with p kept off 0 and 1 by the machine's epsilon as in `binary_log_loss`.
fn log_likelihood(p: f64, y: f64) -> f64 {
    let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    if y == 1.0 { p.ln() } else { (1.0 - p).ln() }
}

impl Layers {
    /// All numbers in a row: the weights of every layer, then the biases.
    pub(super) fn packed(&self) -> Vec<f64> {
        self.weights.iter().flatten().chain(self.biases.iter().flatten()).copied().collect()
    }

    /// Takes over numbers that were [`Self::packed`].
    pub(super) fn unpack(&mut self, numbers: &[f64]) {
        let own = self.weights.iter_mut().flatten().chain(self.biases.iter_mut().flatten());
        own.zip(numbers).for_each(|(own, number)| *own = *number);
    }
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

/// Gradient descent's parameters, named as scikit-learn's.
#[derive(Debug, Clone, Copy)]
pub(super) struct SgdSettings {
    pub(super) learning_rate_init: f64,
    pub(super) schedule: Schedule,
    pub(super) power_t: f64,
    pub(super) momentum: f64,
    pub(super) nesterovs_momentum: bool,
}

/// Stochastic gradient descent with momentum: `SGDOptimizer`.
pub(super) struct Sgd {
    settings: SgdSettings,
    rate: f64,
    velocities: Layers,
}

impl Sgd {
    fn step(&mut self, layers: &mut Layers, gradient: &Layers) {
        let (rate, SgdSettings { momentum, nesterovs_momentum, .. }) = (self.rate, self.settings);
        let update = |value: &mut f64, &gradient: &f64, velocity: &mut f64| {
            *velocity = momentum * *velocity - rate * gradient;
            *value += if nesterovs_momentum { momentum * *velocity - rate * gradient } else { *velocity };
        };
        for layer in 0..layers.weights.len() {
            Zip::from(&mut layers.weights[layer])
                .and(&gradient.weights[layer])
                .and(&mut self.velocities.weights[layer])
                .for_each(update);
            Zip::from(&mut layers.biases[layer])
                .and(&gradient.biases[layer])
                .and(&mut self.velocities.biases[layer])
                .for_each(update);
        }
    }
}

/// What moves the weights after every batch.
pub(super) enum Optimizer {
    Adam(Adam),
    Sgd(Sgd),
}

impl Optimizer {
    pub(super) fn sgd(settings: SgdSettings, layers: &Layers) -> Self {
        let rate = settings.learning_rate_init;
        Optimizer::Sgd(Sgd { settings, rate, velocities: layers.zeros_like() })
    }

    /// Moves `layers` against `gradient`.
    pub(super) fn step(&mut self, layers: &mut Layers, gradient: &Layers) {
        match self {
            Optimizer::Adam(adam) => adam.step(layers, gradient),
            Optimizer::Sgd(sgd) => sgd.step(layers, gradient),
        }
    }

    /// After a pass, with so many rows seen in all.
    pub(super) fn end_pass(&mut self, rows_seen: f64) {
        if let Optimizer::Sgd(Sgd { settings, rate, .. }) = self
            && settings.schedule == Schedule::InvScaling
        {
            *rate = settings.learning_rate_init / (rows_seen + 1.0).powf(settings.power_t);
        }
    }

    /// Nothing improves any more: whether that is the end.
    pub(super) fn gives_up(&mut self) -> bool {
        match self {
            Optimizer::Sgd(Sgd { settings, rate, .. }) if settings.schedule == Schedule::Adaptive && *rate > 1e-6 => {
                *rate /= 5.0;
                false
            }
            _ => true,
        }
    }
}

/// Adam's parameters, named as scikit-learn's.
#[derive(Debug, Clone, Copy)]
pub(super) struct AdamSettings {
    pub(super) learning_rate_init: f64,
    pub(super) beta_1: f64,
    pub(super) beta_2: f64,
    pub(super) epsilon: f64,
}

/// Kingma and Ba 2014, "Adam: a method for stochastic optimization".
pub(super) struct Adam {
    settings: AdamSettings,
    steps: i32,
    first: Layers,
    second: Layers,
}

impl Adam {
    pub(super) fn new(settings: AdamSettings, layers: &Layers) -> Self {
        Adam { settings, steps: 0, first: layers.zeros_like(), second: layers.zeros_like() }
    }

    fn step(&mut self, layers: &mut Layers, gradient: &Layers) {
        let AdamSettings { learning_rate_init, beta_1, beta_2, epsilon } = self.settings;
        self.steps = self.steps.saturating_add(1);
        let rate = learning_rate_init * (1.0 - beta_2.powi(self.steps)).sqrt() / (1.0 - beta_1.powi(self.steps));
        let update = |value: &mut f64, &gradient: &f64, first: &mut f64, second: &mut f64| {
            *first = beta_1 * *first + (1.0 - beta_1) * gradient;
            *second = beta_2 * *second + (1.0 - beta_2) * (gradient * gradient);
            *value += -rate * *first / (second.sqrt() + epsilon);
        };
        for layer in 0..layers.weights.len() {
            Zip::from(&mut layers.weights[layer])
                .and(&gradient.weights[layer])
                .and(&mut self.first.weights[layer])
                .and(&mut self.second.weights[layer])
                .for_each(update);
            Zip::from(&mut layers.biases[layer])
                .and(&gradient.biases[layer])
                .and(&mut self.first.biases[layer])
                .and(&mut self.second.biases[layer])
                .for_each(update);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_those_of_the_loss() {
        let x = Array2::from_shape_fn((7, 3), |(i, j)| ((i * 5 + j * 3) % 7) as f64 / 3.0 - 1.0);
        let y = [0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0];
        for activation in [Activation::Identity, Activation::Logistic, Activation::Tanh, Activation::Relu] {
            let layers = Layers::drawn(&[3, 4, 2, 1], activation, &mut Mt19937::new(5));
            let mut gradient = layers.zeros_like();
            layers.backpropagate(activation, 0.3, x.view(), &y, &mut gradient);
            for (layer, at) in [(0, (2, 3)), (1, (1, 0)), (2, (1, 0))] {
                let loss = |by: f64| {
                    let mut moved = layers.clone();
                    moved.weights[layer][at] += by;
                    moved.backpropagate(activation, 0.3, x.view(), &y, &mut layers.zeros_like())
                };
                let slope = (loss(1e-6) - loss(-1e-6)) / 2e-6;
                assert!((slope - gradient.weights[layer][at]).abs() < 1e-8, "{activation:?}, layer {layer}");
            }
            let loss = |by: f64| {
                let mut moved = layers.clone();
                moved.biases[0][1] += by;
                moved.backpropagate(activation, 0.3, x.view(), &y, &mut layers.zeros_like())
            };
            assert!(((loss(1e-6) - loss(-1e-6)) / 2e-6 - gradient.biases[0][1]).abs() < 1e-8, "{activation:?}");
        }
    }
}
