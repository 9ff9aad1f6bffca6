//! A network of dense layers: forward and backward over a batch.

use super::layers::{Layers, padded};
use super::params::{Activation, Output, Params};
use super::product::{Left, add_product};
use crate::numeric::mt19937::Mt19937;

/// What a network does beside its numbers.
#[derive(Debug, Clone)]
pub(super) struct Network {
    activation: Activation,
    output: Output,
    alpha: f64,
    /// By hidden layer.
    dropout: Option<Vec<f64>>,
}

/// Rows to learn from or to judge, one after another.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    /// Rows x inputs.
    pub(super) x: &'a [f64],
    /// Labels, 0 or 1.
    pub(super) y: &'a [u8],
    /// What each row weighs.
    pub(super) weight: Option<&'a [f64]>,
    /// What the weighted sums are divided by; positive.
    pub(super) total: f64,
}

/// What a network says of rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said {
    /// The sum of the log losses, weighted.
    pub(super) loss: f64,
    /// How many labels are right.
    pub(super) right: usize,
    /// The same, weighted.
    pub(super) right_weight: f64,
}

impl Said {
    pub(super) fn and(self, other: Said) -> Said {
        Said {
            loss: self.loss + other.loss,
            right: self.right + other.right,
            right_weight: self.right_weight + other.right_weight,
        }
    }
}

/// Memory that batches share.
#[derive(Default)]
pub(super) struct Scratch {
    /// What each layer gives: rows x padded outputs.
    given: Vec<Vec<f64>>,
    /// What is left of hidden layers after dropout, and by what their units were multiplied.
    kept: Vec<Vec<f64>>,
    masks: Vec<Vec<f64>>,
    delta: Vec<f64>,
    before: Vec<f64>,
    turned: Vec<f64>,
}

impl Network {
    pub(super) fn new(params: &Params) -> Self {
        Network {
            activation: params.activation,
            output: params.output,
            alpha: params.alpha,
            dropout: params.dropout.rates(params.hidden_layer_sizes.len()),
        }
    }

    /// The names of its functions: that of hidden units, and that of the output.
    pub(super) fn functions(&self) -> (String, String) {
        let name = |written: serde_json::Result<serde_json::Value>| {
            // Both are written as their names.
            written.ok().as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned()
        };
        (name(serde_json::to_value(self.activation)), name(serde_json::to_value(self.output)))
    }

    /// A network of these functions, which learns nothing any more; none where they are not known.
    pub(super) fn of_functions(activation: &str, output: &str) -> Option<Self> {
        let activation = serde_json::from_value(activation.into()).ok()?;
        let output = serde_json::from_value(output.into()).ok()?;
        Some(Network { activation, output, alpha: 0.0, dropout: None })
    }

    /// The probabilities of label 1 for rows one after another.
    pub(super) fn probabilities<'s>(
        &self,
        layers: &Layers,
        x: &[f64],
        rows: usize,
        scratch: &'s mut Scratch,
    ) -> impl Iterator<Item = f64> + use<'s> {
        self.forward(layers, x, rows, None, scratch);
        let last = layers.shape(layers.len() - 1);
        let given: &[f64] = scratch.given.last().map_or(&[], |given| given);
        given.iter().skip(last.outputs - 1).step_by(last.width()).copied()
    }

    /// What the network says of the rows of `batch`.
    pub(super) fn judge(&self, layers: &Layers, batch: Batch<'_>, scratch: &mut Scratch) -> Said {
        self.forward(layers, batch.x, batch.y.len(), None, scratch);
        let last = layers.shape(layers.len() - 1);
        said(scratch.given.last().map_or(&[], |given| given), (last.outputs, last.width()), batch)
    }

    /// `_backprop`: the mean log loss of a batch with the penalty and how many labels are right, and the loss's gradient in
    /// `gradient`. Units are left out by draws from `stream`, where dropout is asked for.
    pub(super) fn learn(
        &self,
        layers: &Layers,
        batch: Batch<'_>,
        stream: &mut Mt19937,
        scratch: &mut Scratch,
        gradient: &mut Layers,
    ) -> (f64, usize) {
        let rows = batch.y.len();
        self.forward(layers, batch.x, rows, Some(stream), scratch);
        let last = layers.shape(layers.len() - 1);
        let Scratch { given, kept, masks, delta, before, turned } = scratch;
        let Some(probabilities) = given.last() else { return (0.0, 0) };
        let said = said(probabilities, (last.outputs, last.width()), batch);
        let mut loss = said.loss / batch.total;
        if self.alpha > 0.0 {
            loss += self.alpha * layers.half_squares() / batch.total;
        }
        last_delta(probabilities, (last.outputs, last.width()), batch, delta);
        for layer in (0..layers.len()).rev() {
            let shape = layers.shape(layer);
            let (weights, biases) = gradient.layer_mut(layer);
            match self.alpha {
                0.0 => weights.fill(0.0),
                alpha => weights.iter_mut().zip(layers.layer(layer).0).for_each(|(to, weight)| *to = alpha * weight),
            }
            let (inputs, stride) = match layer {
                0 => (batch.x, shape.inputs),
                _ if kept.is_empty() => (&given[layer - 1][..], padded(shape.inputs)),
                _ => (&kept[layer - 1][..], padded(shape.inputs)),
            };
            let turned_inputs = Left { values: inputs, row: 1, column: stride };
            add_product(turned_inputs, rows, (delta, shape.width()), weights);
            biases.fill(0.0);
            for row in delta.chunks_exact(shape.width()) {
                biases.iter_mut().zip(row).for_each(|(sum, delta)| *sum += delta);
            }
            if layer == 0 {
                break;
            }
            turn(layers.layer(layer).0, (shape.inputs, shape.outputs), turned);
            before.clear();
            before.resize(rows * padded(shape.inputs), 0.0);
            let deltas = Left { values: delta, row: shape.width(), column: 1 };
            add_product(deltas, shape.outputs, (turned, padded(shape.inputs)), before);
            if let Some(mask) = masks.get(layer - 1) {
                before.iter_mut().zip(mask).for_each(|(delta, mask)| *delta *= mask);
            }
            self.activation.derive(&given[layer - 1], before);
            std::mem::swap(delta, before);
        }
        let share = 1.0 / batch.total;
        gradient.numbers_mut().iter_mut().for_each(|number| *number *= share);
        (loss, said.right)
    }

    /// Fills `scratch.given`; with a stream, units are left out.
    fn forward(
        &self,
        layers: &Layers,
        x: &[f64],
        rows: usize,
        mut stream: Option<&mut Mt19937>,
        scratch: &mut Scratch,
    ) {
        let Scratch { given, kept, masks, .. } = scratch;
        given.resize_with(layers.len(), Vec::new);
        let dropout = stream.as_ref().and(self.dropout.as_ref());
        if dropout.is_none() {
            kept.clear();
            masks.clear();
        }
        for layer in 0..layers.len() {
            let (shape, (weights, biases)) = (layers.shape(layer), layers.layer(layer));
            let (done, to_do) = given.split_at_mut(layer);
            let (inputs, stride) = match done.last() {
                None => (x, shape.inputs),
                Some(_) if !kept.is_empty() => (&kept[layer - 1][..], padded(shape.inputs)),
                Some(before) => (&before[..], padded(shape.inputs)),
            };
            let z = &mut to_do[0];
            z.clear();
            (0..rows).for_each(|_| z.extend_from_slice(biases));
            add_product(Left { values: inputs, row: stride, column: 1 }, shape.inputs, (weights, shape.width()), z);
            if layer + 1 < layers.len() {
                self.activation.apply(z);
                if let (Some(rates), Some(stream)) = (dropout, stream.as_deref_mut()) {
                    leave_out(z, (rates[layer], layer), stream, (kept, masks));
                }
            } else {
                self.output.apply(z, shape.width());
            }
        }
    }
}

/// Inverted dropout: a unit of a row stays with the probability 1 - rate, and then counts so much more.
fn leave_out(
    given: &[f64],
    (rate, layer): (f64, usize),
    stream: &mut Mt19937,
    (kept, masks): (&mut Vec<Vec<f64>>, &mut Vec<Vec<f64>>),
) {
    if masks.len() <= layer {
        kept.resize_with(layer + 1, Vec::new);
        masks.resize_with(layer + 1, Vec::new);
    }
    let (kept, mask) = (&mut kept[layer], &mut masks[layer]);
    let factor = 1.0 / (1.0 - rate);
    mask.clear();
    mask.extend(given.iter().map(|_| if rate > 0.0 && stream.next_f64() < rate { 0.0 } else { factor }));
    kept.clear();
    kept.extend(given.iter().zip(&*mask).map(|(value, factor)| value * factor));
}

impl Activation {
    fn apply(self, z: &mut [f64]) {
        match self {
            Activation::Identity => {}
            Activation::Logistic => z.iter_mut().for_each(|z| *z = logistic(*z)),
            Activation::Tanh => z.iter_mut().for_each(|z| *z = z.tanh()),
            Activation::Relu => z.iter_mut().for_each(|z| *z = if *z > 0.0 { *z } else { 0.0 }),
        }
    }

    /// Multiplies `delta` by the derivative where the activation's value is `z`.
    fn derive(self, z: &[f64], delta: &mut [f64]) {
        let both = delta.iter_mut().zip(z);
        match self {
            Activation::Identity => {}
            Activation::Logistic => both.for_each(|(d, &z)| *d *= z * (1.0 - z)),
            Activation::Tanh => both.for_each(|(d, &z)| *d *= 1.0 - z * z),
            Activation::Relu => both.for_each(|(d, &z)| *d = if z == 0.0 { 0.0 } else { *d }),
        }
    }
}

impl Output {
    /// Makes probabilities of the last layer's sums, rows of `width`.
    fn apply(self, z: &mut [f64], width: usize) {
        for row in z.chunks_exact_mut(width) {
            match self {
                Output::Logistic => row[0] = logistic(row[0]),
                Output::Softmax => {
                    let largest = row[0].max(row[1]);
                    let (first, second) = ((row[0] - largest).exp(), (row[1] - largest).exp());
                    (row[0], row[1]) = (first / (first + second), second / (first + second));
                }
            }
        }
    }
}

fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// The probabilities of both labels.
fn both(row: &[f64], outputs: usize) -> [f64; 2] {
    if outputs == 1 { [1.0 - row[0], row[0]] } else { [row[0], row[1]] }
}

fn said(probabilities: &[f64], (outputs, width): (usize, usize), batch: Batch<'_>) -> Said {
    let mut said = Said::default();
    for (nth, (row, &label)) in probabilities.chunks_exact(width).zip(batch.y).enumerate() {
        let probability = both(row, outputs);
        let weight = batch.weight.map_or(1.0, |weight| weight[nth]);
        // Kept off 0 and 1 by the machine's epsilon as in `binary_log_loss`.
        said.loss -= weight * probability[usize::from(label)].clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln();
        if u8::from(probability[1] > 0.5) == label {
            said.right += 1;
            said.right_weight += weight;
        }
    }
    said
}

/// The loss's derivative by the sums of the last layer, for either output: probability - truth.
fn last_delta(probabilities: &[f64], (outputs, width): (usize, usize), batch: Batch<'_>, delta: &mut Vec<f64>) {
    delta.clear();
    delta.resize(probabilities.len(), 0.0);
    let rows = delta.chunks_exact_mut(width).zip(probabilities.chunks_exact(width)).zip(batch.y);
    for (nth, ((delta, row), &label)) in rows.enumerate() {
        let weight = batch.weight.map_or(1.0, |weight| weight[nth]);
        let truth = f64::from(label);
        delta[outputs - 1] = (row[outputs - 1] - truth) * weight;
        if outputs == 2 {
            delta[0] = (row[0] - (1.0 - truth)) * weight;
        }
    }
}

/// Transposes weights (inputs x outputs, rows padded) into outputs x inputs, rows padded.
fn turn(weights: &[f64], (inputs, outputs): (usize, usize), turned: &mut Vec<f64>) {
    let width = padded(inputs);
    turned.clear();
    turned.resize(outputs * width, 0.0);
    for (input, row) in weights.chunks_exact(padded(outputs)).enumerate() {
        for (output, weight) in row[..outputs].iter().enumerate() {
            turned[output * width + input] = *weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::mlp::params::{Dropout, Init};

    const ROWS: usize = 7;

    /// The gradient at the first layers against differences of the loss.
    fn check(params: &Params, weight: Option<&[f64]>) {
        let x: Vec<f64> = (0..ROWS * 3).map(|at| ((at / 3 * 5 + at % 3 * 3) % 7) as f64 / 3.0 - 1.0).collect();
        let y = [0, 1, 0, 0, 1, 1, 0];
        let network = Network::new(params);
        let batch = Batch { x: &x, y: &y, weight, total: 5.5 };
        let mut layers = Layers::drawn(&params.units(3), params.activation, Init::ScikitLearn, &mut Mt19937::new(5));
        let mut gradient = layers.zeros_like();
        // The same units are left out every time.
        let loss = |layers: &Layers, gradient: &mut Layers| {
            network.learn(layers, batch, &mut Mt19937::new(9), &mut Scratch::default(), gradient).0
        };
        loss(&layers, &mut gradient);
        let (slopes, packed) = (gradient.packed(), layers.packed());
        for (at, slope) in slopes.iter().enumerate() {
            let mut at_distance = |by: f64| {
                let mut moved = packed.clone();
                moved[at] += by;
                layers.unpack(&moved);
                loss(&layers, &mut layers.zeros_like())
            };
            let measured = (at_distance(1e-6) - at_distance(-1e-6)) / 2e-6;
            assert!((measured - slope).abs() < 1e-8, "{params:?}: number {at}: {measured}, not {slope}");
        }
    }

    #[test]
    fn gradients_are_those_of_the_loss() {
        for activation in [Activation::Identity, Activation::Logistic, Activation::Tanh, Activation::Relu] {
            for output in [Output::Logistic, Output::Softmax] {
                let base = Params { hidden_layer_sizes: vec![4, 2], activation, output, ..Params::default() };
                check(&Params { alpha: 0.3, ..base.clone() }, None);
                check(&Params { alpha: 0.0, ..base.clone() }, Some(&[1.0, 0.5, 2.0, 0.0, 3.0, 1.0, 0.25]));
                check(&Params { dropout: Dropout::Each(vec![0.4, 0.2]), ..base }, None);
            }
        }
    }

    #[test]
    fn dropout_keeps_the_mean_and_leaves_predictions_alone() {
        let given = vec![1.0; 40_000];
        let (mut kept, mut masks) = (Vec::new(), Vec::new());
        leave_out(&given, (0.3, 0), &mut Mt19937::new(1), (&mut kept, &mut masks));
        let mean = kept[0].iter().sum::<f64>() / given.len() as f64;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert!(kept[0].iter().all(|value| *value == 0.0 || (*value - 1.0 / 0.7).abs() < 1e-15));
        let params = Params { hidden_layer_sizes: vec![8], dropout: Dropout::Every(0.5), ..Params::default() };
        let layers = Layers::drawn(&params.units(2), params.activation, Init::GlorotUniform, &mut Mt19937::new(2));
        let (x, mut scratch) = ([0.5, -1.0, 2.0, 0.1], Scratch::default());
        let said = |params: &Params, scratch: &mut Scratch| -> Vec<f64> {
            Network::new(params).probabilities(&layers, &x, 2, scratch).collect()
        };
        let plain = Params { dropout: Dropout::Every(0.0), ..params.clone() };
        assert_eq!(said(&params, &mut scratch), said(&plain, &mut Scratch::default()));
    }
}
