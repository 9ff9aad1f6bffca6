//! Pure functions over records: the leaderboard and what else is said of a run. No I/O.

pub mod effect;
pub mod leaderboard;

use crate::metric::Better;
use crate::store::{CellId, Manifest, Record};

/// A run as its results directory tells it: what was planned, and what was left behind.
#[derive(Debug, Clone)]
pub struct Results {
    /// The manifest.
    pub manifest: Manifest,
    /// The study's title.
    pub title: String,
    /// The metrics, in the study's order.
    pub metrics: Vec<String>,
    /// The metric that ranks.
    pub primary: String,
    /// Every planned cell, in plan order.
    pub planned: Vec<Planned>,
    /// One record a cell at most: where a cell was run again, its last.
    pub records: Vec<Record>,
}

/// A cell of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub cell: CellId,
    /// Its classifier's family.
    pub family: String,
    /// What implements it.
    pub backend: String,
}

/// Which end of `metric` is the good one; larger for a metric that is not known.
pub fn better(metric: &str) -> Better {
    match metric {
        "log-loss" | "brier" | "false-negative-rate" | "false-positive-rate" => Better::Lower,
        _ => Better::Higher,
    }
}
