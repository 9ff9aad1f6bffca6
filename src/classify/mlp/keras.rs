//! The losses of Keras, batch by batch and epoch by epoch, from the same weights and in the same order.
//! `scripts/golden/keras_losses.py` wrote the file.

use serde::Deserialize;
use serde_json::Value;

use super::history::{Course, History, Watch};
use super::optimizer::Optimizer;
use super::training::Pass;
use super::*;

#[derive(Deserialize)]
struct Golden {
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    name: String,
    hidden_layer_sizes: Vec<usize>,
    activation: String,
    output: String,
    solver: String,
    class_weight: Option<f64>,
    stopping: Option<toml::Table>,
    epochs: usize,
    x: Vec<Vec<f64>>,
    y: Vec<u8>,
    held_x: Vec<Vec<f64>>,
    held_y: Vec<u8>,
    order: Vec<usize>,
    /// Of each layer its weights, then its biases.
    weights: Vec<Value>,
    batches: Vec<f64>,
    history: Curves,
    said: Vec<f64>,
}

#[derive(Deserialize)]
struct Curves {
    loss: Vec<f64>,
    accuracy: Vec<f64>,
    val_loss: Vec<f64>,
    val_accuracy: Vec<f64>,
}

impl Run {
    fn params(&self) -> Params {
        let mut table: toml::Table = format!(
            "hidden_layer_sizes = {:?}\nactivation = '{}'\noutput = '{}'\nsolver = '{}'\nmax_iter = {}\nbatch_size = 32\nalpha = 0.0\n\
             epsilon = 1e-7\nlearning_rate_init = {}\nearly_stopping = true",
            self.hidden_layer_sizes,
            self.activation,
            self.output,
            self.solver,
            self.epochs,
            match (self.solver.as_str(), &self.stopping) {
                ("sgd", _) => 0.05,
                (_, Some(_)) => 0.02,
                _ => 0.001,
            }
        )
        .parse()
        .unwrap();
        table.extend(self.stopping.clone().unwrap_or_default());
        table.extend(self.class_weight.map(|weight| ("class_weight".to_owned(), weight.into())));
        serde_json::from_value(
            serde_json::to_value(&ENTRY.build(&table, &crate::component::Registry::empty()).unwrap().all).unwrap(),
        )
        .unwrap()
    }

    fn layers(&self, params: &Params) -> Layers {
        fn numbers(value: &Value) -> Vec<f64> {
            match value {
                Value::Array(values) => values.iter().flat_map(numbers).collect(),
                number => vec![number.as_f64().unwrap()],
            }
        }
        let (weights, biases): (Vec<_>, Vec<_>) =
            self.weights.iter().map(numbers).enumerate().partition(|(at, _)| at % 2 == 0);
        let packed: Vec<f64> = weights.into_iter().chain(biases).flat_map(|(_, numbers)| numbers).collect();
        let mut layers = Layers::zeros(&params.units(self.x[0].len()));
        assert_eq!(layers.packed().len(), packed.len(), "{}", self.name);
        layers.unpack(&packed);
        layers
    }
}

fn same(what: &str, ours: &[f64], theirs: &[f64], tolerance: f64) {
    for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert!((ours - theirs).abs() < tolerance, "{what} {at}: {ours}, and Keras {theirs}");
    }
}

#[test]
fn losses_are_those_of_keras() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data/keras.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(golden.runs.len(), 4);
    for run in &golden.runs {
        let name = &run.name;
        let params = run.params();
        let rows = Rows { x: run.x.concat().into(), y: (&run.y[..]).into(), weight: None };
        let held = Rows { x: run.held_x.concat().into(), y: (&run.held_y[..]).into(), weight: None };
        let mut training = Training {
            params: &params,
            network: Network::new(&params),
            rows,
            class_weight: params.class_weight.map(|_| ClassWeight::of(params.class_weight, [1, 1])),
            layers: run.layers(&params),
            order: run.order.clone(),
            validation: Some(held),
            history: History::default(),
        };
        let mut stream = Mt19937::new(0);
        let mut optimizer = Optimizer::new(&params, &training.layers);
        let mut pass = Pass::new(&training);
        // The first epoch batch by batch, the last batch being smaller.
        let starts = (0..run.order.len()).step_by(32);
        let batches: Vec<f64> = starts
            .map(|from| {
                let to = (from + 32).min(run.order.len());
                training.step(from..to, &mut pass, &mut optimizer, &mut stream).0
            })
            .collect();
        assert_eq!(batches.len(), run.batches.len());
        same(&format!("{name}: batch"), &batches, &run.batches, 1e-5);
        // Then all epochs from the start, as a fit has them.
        training.layers = run.layers(&params);
        optimizer = Optimizer::new(&params, &training.layers);
        let mut watch = Watch::new(&params);
        for _ in 0..run.epochs {
            training.pass(&mut pass, &mut optimizer, &mut stream);
            training.validate();
            if params.monitor.is_some() && watch.after(&training.history, None, &training.layers) == Course::Stop {
                break;
            }
        }
        let Curves { loss, accuracy, val_loss, val_accuracy } = &run.history;
        let ours = &training.history;
        assert_eq!(ours.loss.len(), loss.len(), "{name}: epochs");
        same(&format!("{name}: first loss"), &ours.loss[..1], loss, 1e-5);
        same(&format!("{name}: first validation loss"), &ours.val_loss[..1], val_loss, 1e-5);
        // Keras computes with 32 bits, and what that rounds away grows with the steps.
        same(&format!("{name}: loss"), &ours.loss, loss, 1e-4);
        same(&format!("{name}: validation loss"), &ours.val_loss, val_loss, 1e-4);
        same(&format!("{name}: accuracy"), &ours.accuracy, accuracy, 1e-6);
        same(&format!("{name}: validation accuracy"), &ours.val_accuracy, val_accuracy, 1e-6);
        let layers = watch.best().map_or(training.layers, |(_, layers)| layers);
        let x = run.held_x.concat();
        let scratch = &mut Scratch::default();
        let said: Vec<f64> = training.network.probabilities(&layers, &x, run.held_y.len(), scratch).collect();
        same(&format!("{name}: probability"), &said, &run.said, 1e-4);
    }
}
