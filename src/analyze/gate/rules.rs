//! What a gate is asked to do.

use crate::analyze::best::{ALPHA, ROPE};
use crate::cell::Filter;

/// Which differences count, and how sure they must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The metrics that are judged; empty for the study's primary one.
    pub metrics: Vec<String>,
    /// Only what is worse by more than this is a regression, in the metric's units.
    pub threshold: f64,
    /// The share of nights without a regression on which any alarm of this kind may be raised.
    pub alpha: f64,
    /// Fits that take more than so many times the seconds are a regression; none: not judged.
    pub seconds: Option<f64>,
    /// Likewise of peak memory.
    pub memory: Option<f64>,
    /// Metrics and the values that the best pipeline must reach.
    pub floors: Vec<(String, f64)>,
    /// The pipelines that are judged.
    pub filter: Filter,
}

/// The ratio of seconds, and of memory, from which on it is a regression.
pub const RATIO: f64 = 1.5;

impl Default for Rules {
    fn default() -> Self {
        Rules {
            metrics: Vec::new(),
            threshold: ROPE,
            alpha: ALPHA,
            seconds: Some(RATIO),
            memory: Some(RATIO),
            floors: Vec::new(),
            filter: Filter::default(),
        }
    }
}
