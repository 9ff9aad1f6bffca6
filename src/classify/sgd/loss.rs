//! What a decision costs, and how that changes with the decision.

use serde::{Deserialize, Serialize};

use crate::component::Link;

/// scikit-learn's losses for classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Loss {
    Hinge,
    #[serde(rename = "log_loss")]
    Logistic,
    ModifiedHuber,
    SquaredHinge,
    Perceptron,
}

impl Loss {
    /// The number that stands for a label: -1 or 1, but 0 or 1 for `log_loss`.
    pub fn target(self, positive: bool) -> f64 {
        match (positive, self) {
            (true, _) => 1.0,
            (false, Loss::Logistic) => 0.0,
            (false, _) => -1.0,
        }
    }

    /// The loss of the decision `p` where `y` is the target.
    pub fn value(self, y: f64, p: f64) -> f64 {
        match self {
            Loss::Hinge => margin(1.0, y, p),
            Loss::Perceptron => margin(0.0, y, p),
            Loss::SquaredHinge => {
                let z = 1.0 - p * y;
                if z > 0.0 { z * z } else { 0.0 }
            }
            Loss::ModifiedHuber => match p * y {
                z if z >= 1.0 => 0.0,
                z if z >= -1.0 => (1.0 - z) * (1.0 - z),
                z => -4.0 * z,
            },
            Loss::Logistic => log_1p_exp(p) - y * p,
        }
    }

    /// Its derivative by `p`.
    pub fn slope(self, y: f64, p: f64) -> f64 {
        match self {
            Loss::Hinge => {
                if p * y <= 1.0 {
                    -y
                } else {
                    0.0
                }
            }
            Loss::Perceptron => {
                if p * y <= 0.0 {
                    -y
                } else {
                    0.0
                }
            }
            Loss::SquaredHinge => {
                let z = 1.0 - p * y;
                if z > 0.0 { -2.0 * y * z } else { 0.0 }
            }
            Loss::ModifiedHuber => match p * y {
                z if z >= 1.0 => 0.0,
                z if z >= -1.0 => 2.0 * (1.0 - z) * -y,
                _ => -4.0 * y,
            },
            Loss::Logistic if p > -37.0 => {
                let e = (-p).exp();
                ((1.0 - y) - y * e) / (1.0 + e)
            }
            Loss::Logistic => p.exp() - y,
        }
    }

    /// Whether scores are probabilities.
    pub fn says_probabilities(self) -> bool {
        matches!(self, Loss::Logistic | Loss::ModifiedHuber)
    }

    /// What is told of a row with this decision.
    pub fn score(self, decision: f64) -> f64 {
        self.link().score(decision)
    }

    /// What that is of the decision.
    pub fn link(self) -> Link {
        match self {
            Loss::Logistic => Link::Logistic,
            Loss::ModifiedHuber => Link::ModifiedHuber,
            _ => Link::Identity,
        }
    }
}

fn margin(threshold: f64, y: f64, p: f64) -> f64 {
    let z = p * y;
    if z <= threshold { threshold - z } else { 0.0 }
}

/// ln(1 + e^x) in scikit-learn's pieces (Mächler 2012).
fn log_1p_exp(x: f64) -> f64 {
    match x {
        x if x <= -37.0 => x.exp(),
        x if x <= -2.0 => x.exp().ln_1p(),
        x if x <= 18.0 => (1.0 + x.exp()).ln(),
        x if x <= 33.3 => x + (-x).exp(),
        x => x,
    }
}
