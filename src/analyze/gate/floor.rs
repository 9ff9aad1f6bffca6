//! Values that the best pipeline must reach, whatever it was before.

use super::sample::Part;
use super::{Gate, Measure};
use crate::analyze::folds::Group;
use crate::analyze::leaderboard::{Pipeline, ranked_over};
use crate::analyze::statistics::rounding::{equal, runs};
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
    /// The best pipeline by that metric and its mean; none where none has a value of it on all its splits.
    pub best: Option<(Pipeline, f64)>,
    /// Whether a pipeline has scores on all its splits, so that without a best it is the metric that is undefined on some.
    pub has_whole: bool,
    /// Whether it is reached.
    pub is_reached: bool,
}

/// Adds those of one data set, if the filter takes a pipeline there. Pipelines that lack a split have no mean that could be taken for
/// theirs.
pub(super) fn judge(gate: &mut Gate, data_set: &str, part: &Part<'_>) {
    let taken: Vec<&Group<'_>> = part.groups.iter().filter(|group| part.takes(&gate.rules, &group.pipeline)).collect();
    if taken.is_empty() && !gate.rules.filter.text().is_empty() {
        return;
    }
    let splits = ranked_over(&part.groups);
    let planned = |pipeline: &Pipeline| splits.get(&pipeline.variant()).map(Vec::len);
    let has_whole = taken.iter().any(|group| Some(group.scored().count()) == planned(&group.pipeline));
    for (metric, wanted) in gate.rules.floors.clone() {
        let better = part.results.better(&metric);
        let measure = Measure::Metric { id: metric.clone(), better };
        let of = |pipeline: &Pipeline| {
            let sample = part.sample(pipeline, &measure)?;
            (Some(sample.values.len()) == planned(pipeline)).then(|| (pipeline.clone(), sample.mean()))
        };
        let whole: Vec<(Pipeline, f64)> = taken.iter().filter_map(|group| of(&group.pipeline)).collect();
        // Of equally good ones the first of the plan.
        let order = runs(&whole.iter().map(|(_, mean)| measure.badness(*mean)).collect::<Vec<_>>());
        let best = order.first().and_then(|first| whole.get(*first.first()?)).cloned();
        let is_reached = best.as_ref().is_some_and(|(_, mean)| match better {
            _ if equal(*mean, wanted) => true,
            Better::Higher => *mean > wanted,
            Better::Lower => *mean < wanted,
        });
        gate.floors.push(Floor { data_set: data_set.to_owned(), metric, wanted, best, has_whole, is_reached });
    }
}
