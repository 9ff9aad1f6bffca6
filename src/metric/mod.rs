//! The metrics, a file each, over one confusion matrix and one score vector.

use serde::{Deserialize, Serialize};

/// Counts at the model's own labels; the positive class is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// True positives.
    pub tp: u64,
    /// False positives.
    pub fp: u64,
    /// False negatives.
    #[serde(rename = "fn")]
    pub fn_: u64,
    /// True negatives.
    pub tn: u64,
}

/// The value of a metric, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Score {
    /// Its value.
    Value(f64),
    /// The reason why it is not defined here, never a made-up zero.
    Undefined {
        /// One sentence.
        undefined: String,
    },
}

/// Whether larger or smaller values are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Larger is better.
    Higher,
    /// Smaller is better.
    Lower,
}
