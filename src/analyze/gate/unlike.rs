//! Nights of a folder that a new one cannot be held against: those of before its study was changed, and another study's.

use std::collections::HashSet;

use super::{Rules, Run};
use crate::analyze::leaderboard::Pipeline;

/// Why a run of a folder is no part of the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    let metrics = rules.metrics_of(&new.results);
    let own = pipelines(new);
    let unlike = |run: &Run| {
        let is_other = [
            (run.results.protocol != new.results.protocol, Unlike::Protocol),
            (metrics.iter().any(|id| !run.results.metrics.contains(id)), Unlike::Metric),
            (pipelines(run).is_disjoint(&own), Unlike::Pipelines),
        ];
        is_other.into_iter().find(|(is_so, _)| *is_so).map(|(_, why)| why)
    };
    let (mut alike, mut others) = (Vec::new(), Vec::new());
    for run in runs {
        match unlike(&run) {
            None => alike.push(run),
            Some(why) => others.push((run.name, why)),
        }
    }
    (alike, others)
}

/// The pipelines of a run, each on its data set.
pub(in crate::analyze) fn pipelines(run: &Run) -> HashSet<(&str, Pipeline)> {
    run.results.planned.iter().map(|planned| (planned.cell.data_set.as_str(), Pipeline::of(&planned.cell))).collect()
}
