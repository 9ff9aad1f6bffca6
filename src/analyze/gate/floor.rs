//! Values that the best pipeline must reach, whatever it was before.

use super::sample::Part;
use super::{Gate, Measure};
use crate::analyze::leaderboard::{Pipeline, ranked_over};
use crate::metric::Better;

/// One value that had to be reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Floor {
    /// The data set's name.
    pub data_set: String,
    /// The metric.
    pub metric: String,
    /// What its mean had to reach: at least, or for a metric of which less is better at most.
    pub wanted: f64,
    /// The best pipeline by that metric and its mean; none where none has all its splits.
    pub best: Option<(Pipeline, f64)>,
    /// Whether it is reached.
    pub is_reached: bool,
}

/// Adds those of one data set. Pipelines that lack a split have no mean that could be taken for theirs.
pub(super) fn judge(gate: &mut Gate, data_set: &str, part: &Part<'_>) {
    for (metric, wanted) in gate.rules.floors.clone() {
        let better = part.results.better(&metric);
        let splits = ranked_over(&part.groups);
        let measure = Measure::Metric { id: metric.clone(), better };
        let of = |pipeline: &Pipeline| {
            let sample = part.sample(pipeline, &measure)?;
            let all = splits.get(&pipeline.variant()).map(Vec::len);
            (Some(sample.values.len()) == all).then(|| (pipeline.clone(), sample.mean()))
        };
        let taken = part.groups.iter().filter(|group| part.takes(&gate.rules, &group.pipeline));
        let best = taken
            .filter_map(|group| of(&group.pipeline))
            .min_by(|a, b| measure.badness(a.1).total_cmp(&measure.badness(b.1)));
        let is_reached = best.as_ref().is_some_and(|(_, mean)| match better {
            Better::Higher => *mean >= wanted,
            Better::Lower => *mean <= wanted,
        });
        gate.floors.push(Floor { data_set: data_set.to_owned(), metric, wanted, best, is_reached });
    }
}
