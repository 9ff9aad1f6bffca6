//! What a history does not follow: runs that cannot be held against the newest one, and pipelines that it lacks.

use super::super::gate::{Part, Rules, Run, pipelines};
use super::super::leaderboard::Pipeline;

/// A pipeline that an earlier run has and the newest one lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The data set's name.
    pub data_set: String,
    /// Which pipeline.
    pub pipeline: Pipeline,
    /// The last run that has it.
    pub run: usize,
}

/// Takes out of `runs` those that have nothing in common with `newest`, and says which, and which have no point of one of `metrics`.
pub(super) fn others(runs: &mut Vec<Run>, newest: &Run, metrics: &[String]) -> Vec<String> {
    let splits_alike = |run: &Run| run.results.protocol == newest.results.protocol;
    let has_protocol = take(runs, "left out, as they split by another protocol than the newest run", splits_alike);
    let own = pipelines(newest);
    let shares = |run: &Run| !pipelines(run).is_disjoint(&own);
    let has_pipeline = take(runs, "left out, as they have no pipeline of the newest run", shares);
    let lacking = |metric: &String| {
        let runs = runs.iter().filter(|run| !run.results.metrics.contains(metric));
        let names: Vec<&str> = runs.map(|run| run.name.as_str()).collect();
        (!names.is_empty())
            .then(|| format!("without a point of {metric}, which they do not have: {}", names.join(", ")))
    };
    has_protocol.into_iter().chain(has_pipeline).chain(metrics.iter().filter_map(lacking)).collect()
}

/// Leaves the runs that `stays` takes, and names the others.
fn take(runs: &mut Vec<Run>, why: &str, stays: impl Fn(&Run) -> bool) -> Option<String> {
    let names: Vec<String> = runs.extract_if(.., |run| !stays(run)).map(|run| run.name).collect();
    (!names.is_empty()).then(|| format!("{why}: {}", names.join(", ")))
}

/// The pipelines that pass the filter and that the last of `parts` lacks, in the order of their first runs.
pub(super) fn gone(parts: &[Vec<Part<'_>>], rules: &Rules) -> Vec<Gone> {
    let Some((newest, earlier)) = parts.split_last() else { return Vec::new() };
    let mut gone: Vec<Gone> = Vec::new();
    for (run, part) in earlier.iter().enumerate().flat_map(|(run, parts)| parts.iter().map(move |part| (run, part))) {
        let is_followed = |pipeline: &Pipeline| {
            newest.iter().any(|other| other.name() == part.name() && other.group(pipeline).is_some())
        };
        let own = part.groups.iter().map(|group| &group.pipeline);
        for pipeline in own.filter(|pipeline| part.takes(rules, pipeline) && !is_followed(pipeline)) {
            match gone.iter_mut().find(|one| one.data_set == part.name() && one.pipeline == *pipeline) {
                Some(one) => one.run = run,
                None => gone.push(Gone { data_set: part.name().to_owned(), pipeline: pipeline.clone(), run }),
            }
        }
    }
    gone
}
