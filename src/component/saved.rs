//! What a fitted component is, as data: scoring, the ONNX graph and the SHAP values are all derived from it.
//!
//! A step or model that can say it gets all three; one that cannot is refused by name. The forms are few, as most families are one
//! of them: a plane, trees, Gaussians, a network, or a library's own file.

use serde::{Deserialize, Serialize};

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

/// What a fitted classifier is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum SavedModel {
    /// The same score for every row.
    Constant {
        /// The score.
        score: f64,
        /// The label.
        label: u8,
    },
    /// A plane.
    Linear(SavedLinear),
    /// Trees.
    Trees(SavedTrees),
    /// A Gaussian per class and column.
    Gaussians {
        /// By class, then column.
        means: [Vec<f64>; 2],
        /// By class, then column.
        variances: [Vec<f64>; 2],
        /// By class.
        log_priors: [f64; 2],
        /// Logarithms of the Gaussians' constants, by class.
        constants: [f64; 2],
    },
    /// Layers of units.
    Network(SavedNetwork),
    /// What a library wrote in its own format.
    Library(SavedLibrary),
    /// The labels are `score >= threshold`; the scores are those of `model`.
    Thresholded {
        /// What scores.
        model: Box<SavedModel>,
        /// The least score that is an alarm.
        threshold: f64,
    },
    /// Probabilities `p` become `p r / (p r + 1 - p)`.
    PriorCorrected {
        /// What scores.
        model: Box<SavedModel>,
        /// The ratio of the odds.
        ratio: f64,
    },
}

impl SavedModel {
    /// The model that scores, without what is done to its scores and labels.
    pub fn inner(&self) -> &SavedModel {
        match self {
            SavedModel::Thresholded { model, .. } | SavedModel::PriorCorrected { model, .. } => model.inner(),
            other => other,
        }
    }

    /// The same, to be changed.
    pub fn inner_mut(&mut self) -> &mut SavedModel {
        match self {
            SavedModel::Thresholded { model, .. } | SavedModel::PriorCorrected { model, .. } => model.inner_mut(),
            other => other,
        }
    }
}

/// A plane: the decision is `intercept + (x - centre) . coefficients`, its label 1 above 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedLinear {
    /// One per column; none where nothing is taken off.
    pub centre: Option<Vec<f64>>,
    /// One per column.
    pub coefficients: Vec<f64>,
    /// The decision at the centre.
    pub intercept: f64,
    /// What the score is of the decision.
    pub link: Link,
}

/// What a score is of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// The decision itself, which is no probability.
    Identity,
    /// `1 / (1 + exp(-decision))`.
    Logistic,
    /// The decision within -1 and 1, mapped to 0 and 1.
    ModifiedHuber,
}

impl Link {
    /// The score of a decision.
    pub fn score(self, decision: f64) -> f64 {
        match self {
            Link::Identity => decision,
            Link::Logistic => 1.0 / (1.0 + (-decision).exp()),
            Link::ModifiedHuber => (decision.clamp(-1.0, 1.0) + 1.0) / 2.0,
        }
    }
}

/// Trees, and what their leaves say together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedTrees {
    /// Columns that go in.
    pub columns: usize,
    /// Whether values are rounded to 32 bits before they are compared.
    pub narrow: bool,
    /// The trees.
    pub trees: Vec<SavedTree>,
    /// What is made of the leaves that a row comes to.
    pub says: TreeSum,
}

/// What is made of the leaves that a row comes to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TreeSum {
    /// The score is their mean; the label is 1 where it is above that of the leaves' shares of label 0.
    Mean,
    /// The decision is twice their sum divided by this; the score is its logistic.
    Vote(f64),
    /// The decision is this and their sum; the score is its logistic.
    LogOdds(f64),
}

/// One tree. The root is the first node; a node without children (`next` is itself twice) is a leaf.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedTree {
    /// The column that a node looks at, by node; 0 in a leaf.
    pub column: Vec<u32>,
    /// Values up to this one go left, by node; 0 in a leaf.
    #[serde(with = "exact::list")]
    pub threshold: Vec<f64>,
    /// The left and the right child, by node.
    pub next: Vec<[u32; 2]>,
    /// Where a missing value goes left, by node; empty where none does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_left: Vec<bool>,
    /// The levels that go left, in nodes that cut a category; empty where no node does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Option<Vec<u32>>>,
    /// What a leaf says, by node; 0 in other nodes.
    pub value: Vec<f64>,
    /// The shares of label 0, by node; there where the sum is a mean of shares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<f64>,
}

impl SavedTree {
    /// Whether a node has no children.
    pub fn is_leaf(&self, node: usize) -> bool {
        self.next[node][0] as usize == node
    }

    /// The child that a value goes to.
    pub fn child(&self, node: usize, value: f64) -> usize {
        let blank_left = || self.missing_left.get(node).copied().unwrap_or(false);
        let goes_left = match self.levels.get(node).and_then(Option::as_ref) {
            Some(levels) => match value.is_nan() {
                true => blank_left(),
                false => levels.contains(&(value as u32)),
            },
            None => value <= self.threshold[node] || value.is_nan() && blank_left(),
        };
        self.next[node][usize::from(!goes_left)] as usize
    }

    /// The leaf that a row comes to.
    pub fn leaf(&self, row: &[f64]) -> usize {
        let mut node = 0;
        while !self.is_leaf(node) {
            node = self.child(node, row[self.column[node] as usize]);
        }
        node
    }
}

/// A network whose last layer's last unit gives the probability of label 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedNetwork {
    /// The function of hidden units: `identity`, `logistic`, `tanh`, `relu`.
    pub activation: String,
    /// The function of the output: `logistic` or `softmax`.
    pub output: String,
    /// The layers.
    pub layers: Vec<SavedLayer>,
}

/// A layer of a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedLayer {
    /// For each input, its weight in each unit.
    pub weights: Vec<Vec<f64>>,
    /// One per unit.
    pub biases: Vec<f64>,
}

/// A library's own model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedLibrary {
    /// Which library.
    pub library: Library,
    /// The value that is taken as missing besides blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<f64>,
    /// Whether the score is a probability.
    pub probability: bool,
    /// What it wrote; it stands in a file beside the model's description.
    #[serde(skip)]
    pub bytes: Vec<u8>,
    /// The same trees, where we can read them.
    #[serde(skip)]
    pub trees: Option<SavedTrees>,
}

/// A library that writes models of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Library {
    /// XGBoost, in UBJSON.
    Xgboost,
    /// LightGBM, in its text.
    Lightgbm,
    /// CatBoost, in its own binary format.
    Catboost,
}

impl Library {
    /// All of them.
    pub const ALL: [Library; 3] = [Library::Xgboost, Library::Lightgbm, Library::Catboost];

    /// The name of its file in a model's folder.
    pub fn file(self) -> &'static str {
        match self {
            Library::Xgboost => "model.ubj",
            Library::Lightgbm => "model.txt",
            Library::Catboost => "model.cbm",
        }
    }
}

/// Numbers that may not be finite: JSON has none such, so they stand there as `null` (no number) and as texts.
mod exact {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Written {
        Finite(f64),
        Word(String),
        Blank(()),
    }

    impl From<f64> for Written {
        fn from(value: f64) -> Self {
            match value {
                value if value.is_finite() => Written::Finite(value),
                value if value.is_nan() => Written::Blank(()),
                value => Written::Word(value.to_string()),
            }
        }
    }

    impl From<Written> for f64 {
        fn from(written: Written) -> Self {
            match written {
                Written::Finite(value) => value,
                Written::Word(text) => text.parse().unwrap_or(f64::NAN),
                Written::Blank(()) => f64::NAN,
            }
        }
    }

    pub mod list {
        use super::Written;
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        pub fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
            values.iter().map(|&value| Written::from(value)).collect::<Vec<_>>().serialize(serializer)
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
            Ok(Vec::<Written>::deserialize(deserializer)?.into_iter().map(f64::from).collect())
        }
    }

    pub mod table {
        use super::Written;
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        pub fn serialize<S: Serializer>(rows: &[Vec<f64>], serializer: S) -> Result<S::Ok, S::Error> {
            let written = |row: &Vec<f64>| row.iter().map(|&value| Written::from(value)).collect::<Vec<_>>();
            rows.iter().map(written).collect::<Vec<_>>().serialize(serializer)
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<f64>>, D::Error> {
            let read = |row: Vec<Written>| row.into_iter().map(f64::from).collect();
            Ok(Vec::<Vec<Written>>::deserialize(deserializer)?.into_iter().map(read).collect())
        }
    }
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

    #[test]
    fn values_levels_and_blanks_go_where_a_tree_sends_them() {
        let tree = SavedTree {
            column: vec![0, 1, 0, 0, 0],
            threshold: vec![2.0, 0.0, 0.0, 0.0, 0.0],
            next: vec![[1, 2], [3, 4], [2, 2], [3, 3], [4, 4]],
            missing_left: vec![true, false, false, false, false],
            levels: vec![None, Some(vec![0, 3]), None, None, None],
            value: vec![0.0, 0.0, 1.0, 2.0, 3.0],
            other: Vec::new(),
        };
        assert_eq!(tree.leaf(&[2.5, 0.0]), 2);
        assert_eq!(tree.leaf(&[2.0, 3.0]), 3);
        assert_eq!(tree.leaf(&[f64::NAN, 1.0]), 4);
        assert_eq!(tree.leaf(&[0.0, f64::NAN]), 4);
    }
}
