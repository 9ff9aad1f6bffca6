//! What every pass left behind, and when passes end.

use serde_json::{Value, json};

use super::layers::Layers;
use super::params::{Monitor, Params};

/// By pass: mean loss and share of right labels, of the training rows as they were while they were learnt, and of the validation
/// rows after the pass.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    pub(super) loss: Vec<f64>,
    pub(super) accuracy: Vec<f64>,
    pub(super) val_loss: Vec<f64>,
    pub(super) val_accuracy: Vec<f64>,
    /// The pass, from 1, whose weights the model has.
    pub(super) kept: usize,
}

impl History {
    /// For the record, in Keras's words.
    pub(super) fn details(&self) -> Value {
        // Seven digits say all that a chart shows, in half of the room.
        let short = |values: &[f64]| values.iter().map(|value| (value * 1e7).round() / 1e7).collect::<Vec<_>>();
        let mut history = json!({
            "loss": short(&self.loss),
            "accuracy": short(&self.accuracy),
            "kept_epoch": self.kept,
        });
        if !self.val_loss.is_empty() {
            history["val_loss"] = json!(short(&self.val_loss));
            history["val_accuracy"] = json!(short(&self.val_accuracy));
        }
        history
    }

    fn last(&self, monitor: Monitor) -> f64 {
        let values = match monitor {
            Monitor::ValLoss => &self.val_loss,
            Monitor::ValAccuracy => &self.val_accuracy,
            Monitor::Loss => &self.loss,
            Monitor::Accuracy => &self.accuracy,
        };
        values.last().copied().unwrap_or(f64::NAN)
    }
}

/// What to do after a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    On,
    /// Nothing improves any more; a schedule may shorten its steps instead.
    GiveUp,
    Stop,
}

/// Decides when passes end: by scikit-learn's `_update_no_improvement_count`, or by Keras's `EarlyStopping`.
pub(super) struct Watch<'p> {
    params: &'p Params,
    best: Option<f64>,
    idle: usize,
    best_layers: Option<(usize, Layers)>,
}

impl<'p> Watch<'p> {
    pub(super) fn new(params: &'p Params) -> Self {
        Watch { params, best: None, idle: 0, best_layers: None }
    }

    /// After a pass. `validated` is the share of right labels among the validation rows, weighted as scikit-learn does it.
    pub(super) fn after(&mut self, history: &History, validated: Option<f64>, layers: &Layers) -> Course {
        let epoch = history.loss.len();
        match self.params.monitor {
            Some(monitor) => self.after_as_keras(history.last(monitor), monitor, (epoch, layers)),
            None => self.after_as_scikit_learn(history.last(Monitor::Loss), validated, (epoch, layers)),
        }
    }

    fn after_as_scikit_learn(
        &mut self,
        loss: f64,
        validated: Option<f64>,
        (epoch, layers): (usize, &Layers),
    ) -> Course {
        let score = validated.unwrap_or(-loss);
        let best = self.best.unwrap_or(f64::NEG_INFINITY);
        self.idle = if score >= best + self.params.tol { 0 } else { self.idle + 1 };
        if score > best {
            self.best = Some(score);
            if validated.is_some() {
                self.best_layers = Some((epoch, layers.clone()));
            }
        }
        if self.idle <= self.params.n_iter_no_change {
            return Course::On;
        }
        self.idle = 0;
        Course::GiveUp
    }

    fn after_as_keras(&mut self, value: f64, monitor: Monitor, (epoch, layers): (usize, &Layers)) -> Course {
        let Params { min_delta, patience, restore_best_weights, .. } = *self.params;
        let is_better = self.best.is_none_or(|best| match monitor {
            Monitor::ValLoss | Monitor::Loss => value + min_delta < best,
            Monitor::ValAccuracy | Monitor::Accuracy => value - min_delta > best,
        });
        if is_better {
            (self.best, self.idle) = (Some(value), 0);
            if restore_best_weights {
                self.best_layers = Some((epoch, layers.clone()));
            }
            return Course::On;
        }
        self.idle += 1;
        if self.idle >= patience { Course::Stop } else { Course::On }
    }

    /// The best weights and their pass, where they are to be kept.
    pub(super) fn best(self) -> Option<(usize, Layers)> {
        self.best_layers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The passes that Keras's rule lets these values have, and the one that is kept.
    fn watched(params: &Params, values: &[f64]) -> (usize, Option<usize>) {
        let (mut watch, mut history) = (Watch::new(params), History::default());
        let layers = Layers::zeros(&[1, 1]);
        for &value in values {
            history.loss.push(value);
            history.val_loss.push(value);
            history.val_accuracy.push(1.0 - value);
            if watch.after(&history, None, &layers) == Course::Stop {
                break;
            }
        }
        (history.loss.len(), watch.best().map(|(epoch, _)| epoch))
    }

    #[test]
    fn passes_end_as_keras_ends_them() {
        let monitor = Some(Monitor::ValLoss);
        let keras = Params { monitor, early_stopping: true, restore_best_weights: true, ..Params::default() };
        let values = [0.5, 0.4, 0.4, 0.45, 0.3, 0.31, 0.32, 0.2];
        // What Keras 3.15 does with these values: tests/golden/data/keras.json has whole runs.
        assert_eq!(watched(&keras, &values), (3, Some(2)));
        assert_eq!(watched(&Params { patience: 2, ..keras.clone() }, &values), (4, Some(2)));
        assert_eq!(watched(&Params { patience: 3, ..keras.clone() }, &values), (8, Some(8)));
        assert_eq!(watched(&Params { patience: 3, min_delta: 0.15, ..keras.clone() }, &values), (4, Some(1)));
        let accuracy = Params { monitor: Some(Monitor::ValAccuracy), patience: 2, ..keras.clone() };
        assert_eq!(watched(&accuracy, &values), (4, Some(2)));
        assert_eq!(watched(&Params { restore_best_weights: false, ..keras }, &values), (3, None));
    }
}
