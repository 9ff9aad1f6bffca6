//! Fitted classifiers as data.

use serde::{Deserialize, Serialize};

use super::exact;
use super::maps::SavedMap;
use super::trees::SavedTrees;

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
        /// By class; minus infinity for a class whose rows all weigh 0.
        #[serde(with = "exact::pair")]
        log_priors: [f64; 2],
        /// Logarithms of the Gaussians' constants, by class.
        constants: [f64; 2],
    },
    /// A Gaussian per class, each with a covariance of its own.
    Quadric {
        /// Columns that go in.
        columns: usize,
        /// Those that take part.
        varying: Vec<usize>,
        /// By class.
        classes: [SavedGaussian; 2],
    },
    /// Support vectors.
    Vectors(SavedVectors),
    /// Training rows that vote.
    Neighbors(SavedNeighbors),
    /// Layers of units.
    Network(SavedNetwork),
    /// What a library wrote in its own format.
    Library(SavedLibrary),
    /// Members whose shares, votes or labels are added up.
    Members {
        /// Columns that go in.
        columns: usize,
        /// What is added up.
        says: MemberSum,
        /// The members.
        members: Vec<SavedMember>,
    },
    /// The last model sees what its members score.
    Stacked {
        /// Those that it sees the scores of, in order.
        members: Vec<SavedModel>,
        /// What says the score.
        last: Box<SavedModel>,
        /// Whether it sees the columns too, behind the scores.
        passthrough: bool,
    },
    /// Scores become probabilities; the label is 1 above one half.
    Mapped {
        /// What scores.
        model: Box<SavedModel>,
        /// How.
        map: SavedMap,
    },
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
            SavedModel::Thresholded { model, .. }
            | SavedModel::PriorCorrected { model, .. }
            | SavedModel::Mapped { model, .. } => model.inner(),
            other => other,
        }
    }

    /// What stands in files of their own, with the files' names in a model's folder.
    pub fn files(&self) -> Vec<(String, &Vec<u8>)> {
        let mut found = Vec::new();
        self.gather(&mut found);
        let is_alone = self.inner().ending().is_some();
        let name = |(nth, (ending, bytes))| (file_name(is_alone, nth, ending), bytes);
        found.into_iter().enumerate().map(name).collect()
    }

    /// The same, to be filled.
    pub fn files_mut(&mut self) -> Vec<(String, &mut Vec<u8>)> {
        let is_alone = self.inner().ending().is_some();
        let mut found = Vec::new();
        self.gather_mut(&mut found);
        let name = |(nth, (ending, bytes))| (file_name(is_alone, nth, ending), bytes);
        found.into_iter().enumerate().map(name).collect()
    }

    /// The ending of its own file, if it has one.
    fn ending(&self) -> Option<&'static str> {
        match self {
            SavedModel::Library(library) => Some(library.library.ending()),
            SavedModel::Neighbors(_) => Some(ROWS),
            _ => None,
        }
    }

    fn gather<'m>(&'m self, found: &mut Vec<(&'static str, &'m Vec<u8>)>) {
        let ending = self.ending();
        match self {
            SavedModel::Library(SavedLibrary { bytes, .. }) | SavedModel::Neighbors(SavedNeighbors { bytes, .. }) => {
                found.extend(ending.map(|ending| (ending, bytes)));
            }
            SavedModel::Thresholded { model, .. }
            | SavedModel::PriorCorrected { model, .. }
            | SavedModel::Mapped { model, .. } => model.gather(found),
            SavedModel::Members { members, .. } => members.iter().for_each(|member| member.model.gather(found)),
            SavedModel::Stacked { members, last, .. } => {
                members.iter().for_each(|member| member.gather(found));
                last.gather(found);
            }
            _ => {}
        }
    }

    fn gather_mut<'m>(&'m mut self, found: &mut Vec<(&'static str, &'m mut Vec<u8>)>) {
        let ending = self.ending();
        match self {
            SavedModel::Library(SavedLibrary { bytes, .. }) | SavedModel::Neighbors(SavedNeighbors { bytes, .. }) => {
                found.extend(ending.map(|ending| (ending, bytes)));
            }
            SavedModel::Thresholded { model, .. }
            | SavedModel::PriorCorrected { model, .. }
            | SavedModel::Mapped { model, .. } => model.gather_mut(found),
            SavedModel::Members { members, .. } => members.iter_mut().for_each(|member| member.model.gather_mut(found)),
            SavedModel::Stacked { members, last, .. } => {
                members.iter_mut().for_each(|member| member.gather_mut(found));
                last.gather_mut(found);
            }
            _ => {}
        }
    }
}

/// The file of training rows: doubles, little-endian, row after row.
const ROWS: &str = "rows";

/// The files of members of an ensemble are numbered.
fn file_name(is_alone: bool, nth: usize, ending: &str) -> String {
    match is_alone {
        true => format!("{MODEL}.{ending}"),
        false => format!("{MEMBER}{}.{ending}", nth + 1),
    }
}

const MODEL: &str = "model";
const MEMBER: &str = "member-";

/// Whether a file of a model's folder has a name that [`SavedModel::files`] gives.
pub fn is_model_file(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let known = Library::ALL.map(Library::ending).contains(&ending) || ending == ROWS;
    known && (stem == MODEL || stem.strip_prefix(MEMBER).is_some_and(is_number))
}

/// A Gaussian: the log likelihood and log prior of a row are `offset - |(x - mean) whitener|^2 / 2`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedGaussian {
    /// One per column that takes part.
    pub mean: Vec<f64>,
    /// Columns x columns.
    pub whitener: Vec<Vec<f64>>,
    /// The Gaussian's constant and the class's prior.
    pub offset: f64,
}

/// Support vectors: the decision is the intercept and the sum of coefficients times `kernel(vector, x - centre)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedVectors {
    /// The kernel.
    pub kernel: SavedKernel,
    /// Taken off a row, one per column.
    pub centre: Vec<f64>,
    /// The support vectors, less the centre.
    pub vectors: Vec<Vec<f64>>,
    /// The dual coefficients with their labels' signs.
    pub coefficients: Vec<f64>,
    /// The decision without vectors.
    pub intercept: f64,
}

/// A kernel of two rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SavedKernel {
    /// `exp(-gamma |a - b|^2)`
    Rbf {
        /// gamma
        gamma: f64,
    },
    /// `<a, b>`
    Linear,
    /// `(gamma <a, b> + coef0)^degree`
    Poly {
        /// gamma
        gamma: f64,
        /// coef0
        coef0: f64,
        /// degree
        degree: i32,
    },
    /// `tanh(gamma <a, b> + coef0)`
    Sigmoid {
        /// gamma
        gamma: f64,
        /// coef0
        coef0: f64,
    },
}

/// Training rows, of which the nearest vote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedNeighbors {
    /// Columns of a row that is asked about.
    pub columns: usize,
    /// How many vote.
    pub k: usize,
    /// Whether a vote counts the inverse of its distance.
    pub by_distance: bool,
    /// How distances are taken.
    pub distance: SavedDistance,
    /// By row.
    pub labels: Vec<u8>,
    /// The rows as doubles, little-endian; for the cosine as directions, which have two columns more. They stand in a file of their
    /// own.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl SavedNeighbors {
    /// Columns of a training row.
    pub fn width(&self) -> usize {
        self.columns + if self.distance == SavedDistance::Cosine { 2 } else { 0 }
    }

    /// The training rows' values, row after row.
    pub fn values(&self) -> Vec<f64> {
        self.bytes.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect()
    }
}

/// A distance of two rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SavedDistance {
    /// The largest difference.
    Chebyshev,
    /// 1 - the cosine of the angle between the rows.
    Cosine,
    /// Minkowski's of this order.
    Minkowski(f64),
}

/// A member of an ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedMember {
    /// The member.
    pub model: SavedModel,
    /// The columns that it sees, where these are not all of them in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<usize>>,
    /// What it counts.
    pub weight: f64,
}

/// What members say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberSum {
    /// The mean of their shares; weights play no part.
    Mean,
    /// The weighted mean of their shares.
    Shares,
    /// The weighted share of their labels, which is no probability.
    Labels,
    /// The decision is twice the weighted sum of their labels as -1 and 1, divided by all weights; the score is its logistic.
    Boosted,
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

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Library::Xgboost => "ubj",
            Library::Lightgbm => "txt",
            Library::Catboost => "cbm",
        }
    }
}
