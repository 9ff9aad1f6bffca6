//! Nights of a folder that a new one cannot be held against: those of before its study was changed, and another study's.

use std::collections::HashSet;

use super::{Rules, Run};
use crate::analyze::leaderboard::Pipeline;

/// Why a run of a folder is no part of the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unlike {
    /// It splits by another protocol.
    Protocol,
    /// It lacks a metric that is judged.
    Metric,
    /// It has no pipeline of the new run.
    Pipelines,
}

/// The runs of a folder that `new` can be held against, in their order, and the names of the others with why.
pub fn alike(runs: Vec<Run>, new: &Run, rules: &Rules) -> (Vec<Run>, Vec<(String, Unlike)>) {
    let likeness = Likeness::to(new, rules);
    let (mut alike, mut others) = (Vec::new(), Vec::new());
    for run in runs {
        match likeness.lacking(&run) {
            None => alike.push(run),
            Some(why) => others.push((run.name, why)),
        }
    }
    (alike, others)
}

/// What a run of a folder must have so that a new one can be held against it.
pub struct Likeness<'n> {
    new: &'n Run,
    metrics: Vec<String>,
    pipelines: HashSet<(&'n str, Pipeline)>,
}

impl<'n> Likeness<'n> {
    /// To `new`, judged by `rules`.
    pub fn to(new: &'n Run, rules: &Rules) -> Self {
        Likeness { new, metrics: rules.metrics_of(&new.results.primary), pipelines: pipelines(new) }
    }

    /// Why `new` cannot be held against `run`; none where it can.
    pub fn lacking(&self, run: &Run) -> Option<Unlike> {
        let (own, other) = (&self.new.results, &run.results);
        if other.protocol != own.protocol {
            Some(Unlike::Protocol)
        } else if self.metrics.iter().any(|id| !other.metrics.contains(id)) {
            Some(Unlike::Metric)
        } else if pipelines(run).is_disjoint(&self.pipelines) {
            Some(Unlike::Pipelines)
        } else {
            None
        }
    }
}

/// The pipelines of a run, each on its data set.
fn pipelines(run: &Run) -> HashSet<(&str, Pipeline)> {
    run.results.planned.iter().map(|planned| (planned.cell.data_set.as_str(), Pipeline::of(&planned.cell))).collect()
}
