//! What a fitted component is, as data: scoring, the ONNX graph and the SHAP values are all derived from it.
//!
//! A step or model that can say it gets all three; one that cannot is refused by name. The forms are few, as most families are one
//! of them: a plane, trees, Gaussians, a network, a library's own file, or a sum of others.
//!
//! | file | what it holds |
//! |---|---|
//! | `models` | classifiers |
//! | `trees` | trees |
//! | `maps` | what makes probabilities of scores |
//! | `exact` | how numbers that are not finite stand in JSON |

mod exact;
mod maps;
mod models;
mod trees;

use serde::{Deserialize, Serialize};

pub use maps::{Isotonic, SavedMap, Sigmoid, VennAbers};
pub use models::{
    Library, Link, MemberSum, SavedDistance, SavedGaussian, SavedKernel, SavedLayer, SavedLibrary, SavedLinear,
    SavedMember, SavedModel, SavedNeighbors, SavedNetwork, SavedVectors, is_model_file,
};
pub use trees::{SavedTree, SavedTrees, TreeSum};

use crate::data::Column;

/// What a fitted scaler does to columns of numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum SavedScaler {
    /// Nothing.
    Same,
    /// `(v - centre) / scale`, by column.
    Centred {
        /// One per column.
        centre: Vec<f64>,
        /// One per column.
        scale: Vec<f64>,
    },
    /// `v * scale + offset`, by column, kept within bounds where there are any.
    Ranged {
        /// One per column.
        scale: Vec<f64>,
        /// One per column.
        offset: Vec<f64>,
        /// The least and the largest value that comes out.
        bounds: Option<(f64, f64)>,
    },
    /// `v / scale`, by column, kept within `-bound` and `bound` where there is one.
    Divided {
        /// One per column.
        scale: Vec<f64>,
        /// The largest absolute value that comes out.
        bound: Option<f64>,
    },
    /// Each row divided by its norm.
    Normed {
        /// Which norm.
        norm: RowNorm,
    },
    /// Each value's place among quantiles.
    Quantiles {
        /// Whether the places become normal values; else they stay uniform.
        normal: bool,
        /// The probability of each quantile.
        references: Vec<f64>,
        /// The quantiles, by column.
        quantiles: Vec<Vec<f64>>,
    },
    /// A power of each column, then `(v - mean) / scale`.
    Powers {
        /// One per column.
        columns: Vec<SavedPower>,
    },
    /// One function of every value, by its name in a study.
    Function {
        /// The name.
        func: String,
    },
    /// Products of the columns, in scikit-learn's order.
    Products {
        /// Columns that go in.
        columns: usize,
        /// Factors of the largest product.
        degree: usize,
        /// Whether no column is multiplied by itself.
        interaction_only: bool,
        /// Whether a column of ones stands first.
        include_bias: bool,
    },
    /// Rows less their centre, on directions.
    Projected(SavedProjection),
}

/// A norm of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowNorm {
    /// The sum of absolute values.
    L1,
    /// The root of the sum of squares.
    #[default]
    L2,
    /// The largest absolute value.
    Max,
}

/// What a column becomes under `power`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SavedPower {
    /// The curve.
    pub curve: Curve,
    /// Taken off what the curve gives.
    pub mean: f64,
    /// Divides what is left.
    pub scale: f64,
}

/// A curve that makes values more normal; with its power.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Curve {
    /// A constant column keeps its values.
    Identity,
    /// Yeo and Johnson's.
    YeoJohnson(f64),
    /// Box and Cox's.
    BoxCox(f64),
}

/// `(x - centre) . weights`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedProjection {
    /// One per column that goes in.
    pub centre: Vec<f64>,
    /// For each column that goes in, its weight in each that comes out.
    pub weights: Vec<Vec<f64>>,
}

/// What a fitted imputer, encoder or selection does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedStep {
    /// What it does.
    #[serde(flatten)]
    pub form: StepForm,
    /// The columns that come out.
    pub columns: Vec<Column>,
}

/// The ways in which a step changes columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum StepForm {
    /// Not at all.
    Same,
    /// One value per column stands for what is missing; behind the columns stands a mark for each of `indicated`.
    Filled {
        /// One per column.
        fill: Vec<f64>,
        /// Categories that got a level: the column, and the number that the level has among the others, which move on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        inserted: Vec<(usize, usize)>,
        /// The columns whose blanks are marked.
        indicated: Vec<usize>,
    },
    /// Each category's level becomes numbers, in its place.
    Coded {
        /// One per column.
        codes: Vec<SavedCode>,
    },
    /// Some columns stay.
    Kept {
        /// Columns that go in.
        given: usize,
        /// Those that stay, in order.
        kept: Vec<usize>,
    },
    /// Columns become sums of columns.
    Projected(SavedProjection),
}

/// What becomes of a column under an encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum SavedCode {
    /// It stays as it is.
    Same,
    /// Its levels become these numbers, all equally many.
    Levels {
        /// Of each level of the table that was fitted.
        #[serde(with = "exact::table")]
        values: Vec<Vec<f64>>,
        /// Of a missing value.
        #[serde(with = "exact::list")]
        missing: Vec<f64>,
        /// Of a level that the table did not have.
        #[serde(with = "exact::list")]
        unseen: Vec<f64>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_to_the_bit_and_so_do_those_that_json_lacks() {
        let odd = vec![0.1 + 0.2, -0.0, f64::MIN_POSITIVE / 3.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300];
        let code =
            SavedCode::Levels { values: vec![odd.clone()], missing: odd.clone(), unseen: vec![std::f64::consts::PI] };
        let text = serde_json::to_string(&code).unwrap();
        let SavedCode::Levels { values, missing, unseen } = serde_json::from_str(&text).unwrap() else {
            panic!("{text}")
        };
        let bits = |all: &[f64]| all.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!((bits(&values[0]), bits(&missing)), (bits(&odd), bits(&odd)));
        assert_eq!(unseen, [std::f64::consts::PI]);
    }
}
