//! The numbers of a network of dense layers, in one vector, so that a step of an optimiser is one loop over it.

use super::params::{Activation, Init};
use crate::component::SavedLayer;
use crate::numeric::mt19937::Mt19937;

/// Rows of weights and of activations are padded with zeros to a multiple of it: whole vectors, without a rest.
const LANES: usize = 4;

/// The length of a row of so many units.
pub(super) fn padded(units: usize) -> usize {
    units.next_multiple_of(LANES)
}

/// Weights (inputs x outputs) and biases of each layer; also gradients, and an optimiser's moments, in the same shape.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layers {
    shapes: Vec<Shape>,
    numbers: Vec<f64>,
}

/// Where a layer's numbers are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Where its weights begin; its biases follow them.
    start: usize,
}

impl Shape {
    /// The length of a row of weights, of the biases, and of a row of what the layer gives.
    pub(super) fn width(self) -> usize {
        padded(self.outputs)
    }

    fn biases(self) -> usize {
        self.start + self.inputs * self.width()
    }
}

impl Layers {
    /// All zeros, for so many units from the inputs to the outputs.
    pub(super) fn zeros(units: &[usize]) -> Self {
        let (mut shapes, mut start) = (Vec::new(), 0);
        for pair in units.windows(2) {
            let shape = Shape { inputs: pair[0], outputs: pair[1], start };
            start = shape.biases() + shape.width();
            shapes.push(shape);
        }
        Layers { shapes, numbers: vec![0.0; start] }
    }

    /// Drawn layer by layer (Glorot and Bengio 2010): as scikit-learn's `_init_coef`, biases too, as Keras's
    /// `glorot_uniform` with biases of 0, or as PyTorch draws a `Linear`, biases too.
    pub(super) fn drawn(units: &[usize], activation: Activation, init: Init, stream: &mut Mt19937) -> Self {
        let mut layers = Self::zeros(units);
        for layer in 0..layers.len() {
            let Shape { inputs, outputs, .. } = layers.shapes[layer];
            let bound = match (init, activation) {
                (Init::ScikitLearn, Activation::Logistic) => (2.0 / (inputs + outputs) as f64).sqrt(),
                (Init::ScikitLearn | Init::GlorotUniform, _) => (6.0 / (inputs + outputs) as f64).sqrt(),
                (Init::Torch, _) => (1.0 / inputs as f64).sqrt(),
            };
            let mut draw = || -bound + (bound + bound) * stream.next_f64();
            let (weights, biases) = layers.layer_mut(layer);
            for row in weights.chunks_exact_mut(padded(outputs)) {
                row[..outputs].iter_mut().for_each(|weight| *weight = draw());
            }
            if init != Init::GlorotUniform {
                biases[..outputs].iter_mut().for_each(|bias| *bias = draw());
            }
        }
        layers
    }

    /// The same shapes, all zeros.
    pub(super) fn zeros_like(&self) -> Self {
        Layers { shapes: self.shapes.clone(), numbers: vec![0.0; self.numbers.len()] }
    }

    pub(super) fn len(&self) -> usize {
        self.shapes.len()
    }

    pub(super) fn shape(&self, layer: usize) -> Shape {
        self.shapes[layer]
    }

    /// A layer's weights and biases, rows padded.
    pub(super) fn layer(&self, layer: usize) -> (&[f64], &[f64]) {
        let shape = self.shapes[layer];
        self.numbers[shape.start..shape.biases() + shape.width()].split_at(shape.inputs * shape.width())
    }

    /// A layer as data.
    pub(super) fn saved(&self, layer: usize) -> SavedLayer {
        let (shape, (weights, biases)) = (self.shapes[layer], self.layer(layer));
        let weights = weights.chunks_exact(shape.width()).map(|row| row[..shape.outputs].to_vec()).collect();
        SavedLayer { weights, biases: biases[..shape.outputs].to_vec() }
    }

    /// The layers that said this of themselves; none where one does not take what the one before gives.
    pub(super) fn restored(saved: &[SavedLayer]) -> Option<Self> {
        let inputs = saved.first()?.weights.len();
        let units: Vec<usize> = std::iter::once(inputs).chain(saved.iter().map(|layer| layer.biases.len())).collect();
        let mut layers = Self::zeros(&units);
        for (at, layer) in saved.iter().enumerate() {
            let Shape { inputs, outputs, .. } = layers.shapes[at];
            if layer.weights.len() != inputs || layer.weights.iter().any(|row| row.len() != outputs) {
                return None;
            }
            let (weights, biases) = layers.layer_mut(at);
            for (to, from) in weights.chunks_exact_mut(padded(outputs)).zip(&layer.weights) {
                to[..outputs].copy_from_slice(from);
            }
            biases[..outputs].copy_from_slice(&layer.biases);
        }
        Some(layers)
    }

    /// For the record: of each layer the weights by input, and then by unit, and the biases by unit.
    pub(super) fn details(&self) -> serde_json::Value {
        let layer = |nth: usize| {
            let (shape, (weights, biases)) = (self.shapes[nth], self.layer(nth));
            let by_input: Vec<&[f64]> = weights.chunks_exact(shape.width()).map(|row| &row[..shape.outputs]).collect();
            serde_json::json!({ "weights": by_input, "biases": biases[..shape.outputs] })
        };
        (0..self.len()).map(layer).collect()
    }

    /// The same for writing.
    pub(super) fn layer_mut(&mut self, layer: usize) -> (&mut [f64], &mut [f64]) {
        let shape = self.shapes[layer];
        self.numbers[shape.start..shape.biases() + shape.width()].split_at_mut(shape.inputs * shape.width())
    }

    /// All numbers; those that pad are 0.
    pub(super) fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    /// The same for writing.
    pub(super) fn numbers_mut(&mut self) -> &mut [f64] {
        &mut self.numbers
    }

    pub(super) fn is_finite(&self) -> bool {
        self.numbers.iter().all(|value| value.is_finite())
    }

    /// Half the sum of the squared weights, biases left out.
    pub(super) fn half_squares(&self) -> f64 {
        let squares = |layer| self.layer(layer).0.iter().map(|w| w * w).sum::<f64>();
        0.5 * (0..self.len()).map(squares).sum::<f64>()
    }

    /// Where the numbers that do not pad are: the weights of every layer, then the biases.
    fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let (weights, biases) = (self.shapes.clone(), self.shapes.clone());
        let of_weights = weights.into_iter().flat_map(|shape| {
            (0..shape.inputs)
                .flat_map(move |row| (0..shape.outputs).map(move |at| shape.start + row * shape.width() + at))
        });
        of_weights.chain(biases.into_iter().flat_map(|shape| shape.biases()..shape.biases() + shape.outputs))
    }

    /// The numbers that do not pad, in a row.
    pub(super) fn packed(&self) -> Vec<f64> {
        self.places().map(|at| self.numbers[at]).collect()
    }

    /// Takes over numbers that were [`Self::packed`].
    pub(super) fn unpack(&mut self, numbers: &[f64]) {
        self.places().zip(numbers).for_each(|(at, number)| self.numbers[at] = *number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_leaves_out_what_pads() {
        let mut layers = Layers::drawn(&[3, 5, 2], Activation::Relu, Init::ScikitLearn, &mut Mt19937::new(3));
        let packed = layers.packed();
        assert_eq!(packed.len(), 3 * 5 + 5 * 2 + 5 + 2);
        assert!(packed.iter().all(|number| *number != 0.0));
        let before = layers.clone();
        layers.unpack(&vec![0.0; packed.len()]);
        assert!(layers.numbers().iter().all(|number| *number == 0.0));
        layers.unpack(&packed);
        assert_eq!(layers, before);
    }

    #[test]
    fn a_record_has_every_number_of_a_layer_and_none_that_pads() {
        let layers = Layers::drawn(&[3, 5, 2], Activation::Relu, Init::ScikitLearn, &mut Mt19937::new(3));
        let told = layers.details();
        let rows = told[0]["weights"].as_array().unwrap();
        assert_eq!((rows.len(), rows[0].as_array().unwrap().len()), (3, 5));
        assert_eq!(rows[2][4].as_f64(), Some(layers.layer(0).0[2 * padded(5) + 4]));
        assert_eq!(told[1]["biases"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn torch_bounds_weights_and_biases_by_the_inputs_alone() {
        let layers = Layers::drawn(&[16, 500, 1], Activation::Relu, Init::Torch, &mut Mt19937::new(3));
        for (layer, bound) in [(0, 0.25), (1, (1.0_f64 / 500.0).sqrt())] {
            let (weights, biases) = layers.layer(layer);
            let largest = |of: &[f64]| of.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()));
            assert!(largest(weights) <= bound && largest(weights) > 0.95 * bound, "{layer}: {}", largest(weights));
            assert!(largest(biases) <= bound && largest(biases) > 0.0, "{layer}: {}", largest(biases));
        }
        assert!(layers.layer(0).1.iter().fold(0.0_f64, |largest, b| largest.max(b.abs())) > 0.95 * 0.25);
    }

    #[test]
    fn glorot_has_no_biases_and_keeps_its_bound() {
        let layers = Layers::drawn(&[30, 16, 2], Activation::Logistic, Init::GlorotUniform, &mut Mt19937::new(3));
        let bound = (6.0_f64 / 46.0).sqrt();
        let (weights, biases) = layers.layer(0);
        assert!(biases.iter().all(|bias| *bias == 0.0));
        let largest = weights.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()));
        assert!(largest <= bound && largest > 0.95 * bound, "{largest} of {bound}");
    }
}
