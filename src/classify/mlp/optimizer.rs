//! What moves the weights after every batch: Adam, and gradient descent with momentum.

use super::layers::Layers;
use super::params::{Params, Schedule, Solver};

/// Stochastic gradient descent with momentum: `SGDOptimizer`.
pub(super) struct Sgd {
    learning_rate_init: f64,
    schedule: Schedule,
    power_t: f64,
    momentum: f64,
    nesterovs_momentum: bool,
    rate: f64,
    velocities: Layers,
}

impl Sgd {
    fn step(&mut self, layers: &mut Layers, gradient: &Layers) {
        let Sgd { rate, momentum, nesterovs_momentum, .. } = *self;
        let numbers = layers.numbers_mut().iter_mut().zip(gradient.numbers());
        for ((value, gradient), velocity) in numbers.zip(self.velocities.numbers_mut()) {
            *velocity = momentum * *velocity - rate * gradient;
            *value += if nesterovs_momentum { momentum * *velocity - rate * gradient } else { *velocity };
        }
    }
}

/// Kingma and Ba 2014, "Adam: a method for stochastic optimization".
pub(super) struct Adam {
    learning_rate_init: f64,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    steps: i32,
    first: Layers,
    second: Layers,
}

impl Adam {
    fn step(&mut self, layers: &mut Layers, gradient: &Layers) {
        self.steps = self.steps.saturating_add(1);
        let Adam { learning_rate_init, beta_1, beta_2, epsilon, steps, .. } = *self;
        let rate = learning_rate_init * (1.0 - beta_2.powi(steps)).sqrt() / (1.0 - beta_1.powi(steps));
        let numbers = layers.numbers_mut().iter_mut().zip(gradient.numbers());
        let moments = self.first.numbers_mut().iter_mut().zip(self.second.numbers_mut());
        for ((value, gradient), (first, second)) in numbers.zip(moments) {
            *first = beta_1 * *first + (1.0 - beta_1) * gradient;
            *second = beta_2 * *second + (1.0 - beta_2) * (gradient * gradient);
            *value += -rate * *first / (second.sqrt() + epsilon);
        }
    }
}

/// What moves the weights after every batch.
pub(super) enum Optimizer {
    Adam(Adam),
    Sgd(Sgd),
}

impl Optimizer {
    /// The one of the parameters, for numbers in the shape of `layers`.
    pub(super) fn new(params: &Params, layers: &Layers) -> Self {
        let Params { learning_rate_init, beta_1, beta_2, epsilon, power_t, momentum, nesterovs_momentum, .. } = *params;
        let (first, second) = (layers.zeros_like(), layers.zeros_like());
        match params.solver {
            Solver::Sgd => Optimizer::Sgd(Sgd {
                learning_rate_init,
                schedule: params.learning_rate,
                power_t,
                momentum,
                nesterovs_momentum,
                rate: learning_rate_init,
                velocities: first,
            }),
            Solver::Adam | Solver::Lbfgs => {
                Optimizer::Adam(Adam { learning_rate_init, beta_1, beta_2, epsilon, steps: 0, first, second })
            }
        }
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
        if let Optimizer::Sgd(Sgd { schedule: Schedule::InvScaling, learning_rate_init, power_t, rate, .. }) = self {
            *rate = *learning_rate_init / (rows_seen + 1.0).powf(*power_t);
        }
    }

    /// Nothing improves any more: whether that is the end.
    pub(super) fn gives_up(&mut self) -> bool {
        match self {
            Optimizer::Sgd(Sgd { schedule: Schedule::Adaptive, rate, .. }) if *rate > 1e-6 => {
                *rate /= 5.0;
                false
            }
            _ => true,
        }
    }
}
