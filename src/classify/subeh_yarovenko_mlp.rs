//! `subeh-yarovenko-mlp`: the 9-5-2 network that Subeh and Yarovenko (2017) print, ready-made.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::two_class;
use crate::component::{Classifier, Context, Cost, Entry, Model, Prediction, ScoreKind, Shape, Train, build};
use crate::error::Result;
use crate::numeric::gram::map_rows;

const ID: &str = "subeh-yarovenko-mlp";
const INPUTS: usize = 9;
/// X4 to X7, which the paper's table 2 calls standardised.
const STANDARDISED: std::ops::Range<usize> = 3..7;

/// Figure 5, weights 1 to 50: a hidden unit's nine weights, and its bias.
#[rustfmt::skip]
const HIDDEN: [([f64; INPUTS], f64); 5] = [
    ([-16.3151, 4.3070, -4.5189, -0.5108, 4.2696, 7.3127, 2.5316, 0.5070, 0.4482], 11.3964),
    ([-5.9908, -39.7783, -3.0862, 3.3070, -39.6615, -25.1488, -5.3583, -0.8634, 1.1390], 26.5653),
    ([-6.6870, -12.1640, -8.6583, -1.4266, -12.1605, -3.3846, 0.4699, 5.5582, -18.9207], 20.8532),
    ([-44.9813, -6.3691, -6.6700, 8.6082, -6.3382, 21.2503, 0.0703, 0.9060, 3.5797], 23.4448),
    ([-3.7488, -13.9347, -0.2131, 1.1454, -13.8279, -9.2675, -1.7795, -0.9497, 3.0873], 9.4744),
];
/// Figure 5, weights 51 to 62: y(0) and y(1), five weights and a bias each. Formula 14 for y(1) is printed garbled, without its
/// bias; formula 15 for y(0) names unit 3 where unit 5 is meant.
const OUTPUTS: [([f64; 5], f64); 2] =
    [([-0.6631, 0.3032, 4.9860, 36.0276, -1.0766], -15.8054), ([0.0085, -0.4928, 10.4615, -11.2608, 2.9223], 8.6566)];

/// What the paper leaves to the data.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Params {
    /// Standardises X4 to X7 by mean and standard deviation (divisor n - 1) of the training rows; without it the columns are taken
    /// as they come.
    standardise: bool,
}

impl Default for Params {
    fn default() -> Self {
        Params { standardise: true }
    }
}

struct Printed(Params);

/// Mean and standard deviation of each input; 0 and 1 where it is taken as it comes.
struct Fitted {
    scale: [(f64, f64); INPUTS],
}

/// Formula 8 with the slope 1.
fn logistic(net: f64) -> f64 {
    1.0 / (1.0 + (-net).exp())
}

fn unit<const N: usize>(inputs: &[f64; N], (weights, bias): &([f64; N], f64)) -> f64 {
    inputs.iter().zip(weights).map(|(input, weight)| input * weight).sum::<f64>() + bias
}

/// Formulas 6 and 7 ahead of their logistic function: what y(0) and y(1) are made of.
fn nets(inputs: &[f64; INPUTS]) -> [f64; 2] {
    let hidden = HIDDEN.each_ref().map(|of| logistic(unit(inputs, of)));
    OUTPUTS.each_ref().map(|of| unit(&hidden, of))
}

/// y(1) by the sum of both outputs: above a half where y(1) is the larger.
fn share([no, yes]: [f64; 2]) -> f64 {
    // y(1) / y(0), without dividing by an output that is 0 in 64 bits.
    let ratio = (1.0 + (-no).exp()) / (1.0 + (-yes).exp());
    if ratio.is_finite() { ratio / (1.0 + ratio) } else { 1.0 }
}

impl Classifier for Printed {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        given.numbers_only()?;
        given.complete()?;
        match given.columns.len() {
            INPUTS => Ok(()),
            other => Err(format!(
                "it takes the paper's nine inputs X1 to X9, and there are {other} columns: make them by `inputs = \
                 \"subeh-yarovenko\"` in [[data.features]]"
            )),
        }
    }

    fn random_states(&self) -> usize {
        0
    }

    fn fit(&self, train: &Train<'_>, _context: &Context) -> Result<Box<dyn Model>> {
        let x = train.x();
        two_class::same_columns(ID, INPUTS, x.ncols())?;
        let mut scale = [(0.0, 1.0); INPUTS];
        for column in STANDARDISED.filter(|_| self.0.standardise) {
            let values = x.column(column);
            let mean = values.mean().unwrap_or(0.0);
            let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
            let deviation = (squares / (values.len().max(2) - 1) as f64).sqrt();
            // A constant column becomes 0.
            scale[column] = (mean, if deviation > 0.0 { deviation } else { 1.0 });
        }
        Ok(Box::new(Fitted { scale }))
    }

    fn cannot_be_saved(&self) -> bool {
        true
    }
}

impl Model for Fitted {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        two_class::same_columns(ID, INPUTS, x.ncols())?;
        let of = |row: &[f64]| {
            let mut inputs = [0.0; INPUTS];
            for (input, (value, (mean, deviation))) in inputs.iter_mut().zip(row.iter().zip(&self.scale)) {
                *input = (value - mean) / deviation;
            }
            let nets = nets(&inputs);
            (share(nets), u8::from(nets[1] > nets[0]))
        };
        let (score, label) = map_rows(x, of).into_iter().unzip();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }
}

/// Musa A. Subeh, Hanna Yarovenko: "Data Mining of Operations with Card Accounts of Bank Clients" (2017), figure 5 and formulas 8 to
/// 15. Nothing is trained; the score is y(1) / (y(0) + y(1)).
pub const ENTRY: Entry<dyn Classifier> =
    Entry::new(ID, "a published network for card transactions, 9-5-2, with its printed weights", |table| {
        build::<Params, _>(ID, table, |params| Ok(Box::new(Printed(params)) as Box<dyn Classifier>))
    })
    .source("Subeh, Yarovenko: Data Mining of Operations with Card Accounts of Bank Clients (2017), figure 5")
    .cost(Cost::seconds(0.2))
    .look(38);

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_outputs_are_those_of_the_printed_formulas() {
        // Formulas 9 to 13 at x = 0: the units are the logistic of the biases.
        let h = [11.3964_f64, 26.5653, 20.8532, 23.4448, 9.4744].map(|bias| 1.0 / (1.0 + (-bias).exp()));
        let y1 = 0.0085 * h[0] - 0.4928 * h[1] + 10.4615 * h[2] - 11.2608 * h[3] + 2.9223 * h[4] + 8.6566;
        let y0 = -0.6631 * h[0] + 0.3032 * h[1] + 4.9860 * h[2] + 36.0276 * h[3] - 1.0766 * h[4] - 15.8054;
        let found = nets(&[0.0; INPUTS]);
        assert!((found[0] - y0).abs() < 1e-12 && (found[1] - y1).abs() < 1e-12, "{found:?} {y0} {y1}");
        // By hand, to the fourth digit: nearly all units are 1.
        assert!((y1 - 10.2949).abs() < 2e-3 && (y0 - 23.7718).abs() < 2e-3, "{y0} {y1}");
        // At another place, formula by formula.
        let x = [0.5, -0.2, 0.1, 1.0, -0.4, 0.3, 2.0, 1.0, 0.0];
        let f = |net: f64| 1.0 / (1.0 + (-net).exp());
        let h1 = f(-16.3151 * x[0] + 4.3070 * x[1] - 4.5189 * x[2] - 0.5108 * x[3]
            + 4.2696 * x[4]
            + 7.3127 * x[5]
            + 2.5316 * x[6]
            + 0.5070 * x[7]
            + 0.4482 * x[8]
            + 11.3964);
        let h2 = f(-5.9908 * x[0] - 39.7783 * x[1] - 3.0862 * x[2] + 3.3070 * x[3]
            - 39.6615 * x[4]
            - 25.1488 * x[5]
            - 5.3583 * x[6]
            - 0.8634 * x[7]
            + 1.1390 * x[8]
            + 26.5653);
        let h3 = f(-6.6870 * x[0] - 12.1640 * x[1] - 8.6583 * x[2] - 1.4266 * x[3] - 12.1605 * x[4] - 3.3846 * x[5]
            + 0.4699 * x[6]
            + 5.5582 * x[7]
            - 18.9207 * x[8]
            + 20.8532);
        let h4 = f(-44.9813 * x[0] - 6.3691 * x[1] - 6.6700 * x[2] + 8.6082 * x[3] - 6.3382 * x[4]
            + 21.2503 * x[5]
            + 0.0703 * x[6]
            + 0.9060 * x[7]
            + 3.5797 * x[8]
            + 23.4448);
        let h5 = f(-3.7488 * x[0] - 13.9347 * x[1] - 0.2131 * x[2] + 1.1454 * x[3]
            - 13.8279 * x[4]
            - 9.2675 * x[5]
            - 1.7795 * x[6]
            - 0.9497 * x[7]
            + 3.0873 * x[8]
            + 9.4744);
        let y1 = f(0.0085 * h1 - 0.4928 * h2 + 10.4615 * h3 - 11.2608 * h4 + 2.9223 * h5 + 8.6566);
        let y0 = f(-0.6631 * h1 + 0.3032 * h2 + 4.9860 * h3 + 36.0276 * h4 - 1.0766 * h5 - 15.8054);
        let fitted = Fitted { scale: [(0.0, 1.0); INPUTS] };
        let found = fitted.predict(ndarray::ArrayView2::from_shape((1, INPUTS), &x).unwrap()).unwrap();
        assert!((found.score[0] - y1 / (y0 + y1)).abs() < 1e-14, "{found:?} {y0} {y1}");
        assert_eq!(found.label[0], u8::from(y1 > y0));
    }

    #[test]
    fn outputs_that_are_0_in_64_bits_leave_a_share() {
        assert_eq!(share([-2000.0, 0.0]), 1.0);
        assert_eq!(share([0.0, -2000.0]), 0.0);
        assert!((share([3.0, 3.0]) - 0.5).abs() < 1e-15);
    }

    #[test]
    fn the_standardised_inputs_are_so_by_the_training_rows() {
        let x = array![[1.0; INPUTS], [3.0; INPUTS]];
        let train = Train::numbers(x.view(), &[0, 1]);
        let with = Printed(Params { standardise: true }).fit(&train, &Context { seed: 0 }).unwrap();
        let half = 1.0 / 2.0_f64.sqrt();
        let by_hand = array![[1.0, 1.0, 1.0, -half, -half, -half, -half, 1.0, 1.0]];
        let without = Printed(Params { standardise: false }).fit(&train, &Context { seed: 0 }).unwrap();
        let (a, b) = (with.predict(x.slice(ndarray::s![..1, ..])).unwrap(), without.predict(by_hand.view()).unwrap());
        assert!((a.score[0] - b.score[0]).abs() < 1e-12);
    }
}
