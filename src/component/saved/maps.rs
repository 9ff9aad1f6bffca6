//! What makes probabilities of scores, as data.

use serde::{Deserialize, Serialize};

/// A fitted map from scores to probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum SavedMap {
    /// A rising function, interpolated.
    Isotonic(Isotonic),
    /// Platt's logistic function.
    Sigmoid(Sigmoid),
    /// Both ends of a Venn-Abers predictor, merged.
    VennAbers(VennAbers),
}

impl SavedMap {
    /// The probability at a score.
    pub fn at(&self, score: f64) -> f64 {
        match self {
            SavedMap::Isotonic(map) => map.at(score),
            SavedMap::Sigmoid(map) => map.at(score),
            SavedMap::VennAbers(map) => map.at(score),
        }
    }
}

/// A rising function from scores to probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    /// Scores where the function bends, ascending, and its values there.
    pub knots: Vec<(f64, f64)>,
}

impl Isotonic {
    /// The probability at a score; beyond the scores seen, that of the outermost.
    pub fn at(&self, score: f64) -> f64 {
        let above = self.knots.partition_point(|(knot, _)| *knot < score);
        match (above.checked_sub(1).map(|i| self.knots[i]), self.knots.get(above)) {
            (Some((low, from)), Some(&(high, to))) => from + (to - from) * ((score - low) / (high - low)),
            (Some((_, value)), None) | (None, Some(&(_, value))) => value,
            (None, None) => 0.5,
        }
    }
}

/// `1 / (1 + exp(a * score + b))`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sigmoid {
    /// Below 0 where larger scores mean more positives.
    pub a: f64,
    /// The logarithm of the odds against a positive at score 0.
    pub b: f64,
}

impl Sigmoid {
    /// The probability at a score.
    pub fn at(&self, score: f64) -> f64 {
        Self::expit(-(self.a * score + self.b))
    }

    /// `1 / (1 + exp(-z))`, without overflow.
    pub fn expit(z: f64) -> f64 {
        if z >= 0.0 {
            1.0 / (1.0 + (-z).exp())
        } else {
            let e = z.exp();
            e / (1.0 + e)
        }
    }
}

/// Both bounds between any two scores of the calibration rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VennAbers {
    /// Distinct scores of the calibration rows, ascending.
    pub scores: Vec<f64>,
    /// `p0` at each score and up to the next one.
    pub lower: Vec<f64>,
    /// `p1` at each score and down to the one before.
    pub upper: Vec<f64>,
}

impl VennAbers {
    /// `p0` and `p1` of a score. Below all scores `p0` is 0, above all of them `p1` is 1.
    pub fn bounds(&self, score: f64) -> (f64, f64) {
        let upper = self.scores.partition_point(|known| *known < score);
        let lower = self.scores.partition_point(|known| *known <= score);
        (lower.checked_sub(1).map_or(0.0, |at| self.lower[at]), self.upper.get(upper).copied().unwrap_or(1.0))
    }

    /// One probability that is minimax for log loss: `p1 / (1 - p0 + p1)`.
    pub fn at(&self, score: f64) -> f64 {
        let (p0, p1) = self.bounds(score);
        p1 / (1.0 - p0 + p1)
    }
}
