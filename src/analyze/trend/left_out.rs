//! What a history does not follow: runs that cannot be held against the newest one, and pipelines that it lacks.

use std::collections::HashMap;

use super::Night;
use crate::analyze::gate::Rules;
use crate::analyze::leaderboard::Pipeline;

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

/// Takes out of `nights` those that have nothing in common with `newest`, and says which, and which have no point of one of `metrics`.
pub(super) fn others(nights: &mut Vec<Night>, newest: &Night, metrics: &[String]) -> Vec<String> {
    let splits_alike = |night: &Night| night.protocol == newest.protocol;
    let has_protocol = take(nights, "left out, as they split by another protocol than the newest run", splits_alike);
    let own = newest.pipelines();
    let shares = |night: &Night| !night.pipelines().is_disjoint(&own);
    let has_pipeline = take(nights, "left out, as they have no pipeline of the newest run", shares);
    let lacking = |metric: &String| {
        let nights = nights.iter().filter(|night| !night.metrics.contains(metric));
        let names: Vec<&str> = nights.map(|night| night.name.as_str()).collect();
        (!names.is_empty())
            .then(|| format!("without a point of {metric}, which they do not have: {}", names.join(", ")))
    };
    has_protocol.into_iter().chain(has_pipeline).chain(metrics.iter().filter_map(lacking)).collect()
}

/// Leaves the nights that `stays` takes, and names the others.
fn take(nights: &mut Vec<Night>, why: &str, stays: impl Fn(&Night) -> bool) -> Option<String> {
    let names: Vec<String> = nights.extract_if(.., |night| !stays(night)).map(|night| night.name).collect();
    (!names.is_empty()).then(|| format!("{why}: {}", names.join(", ")))
}

/// The pipelines that pass the filter and that the last of `nights` lacks, in the order of their first runs.
pub(super) fn gone(nights: &[Night], rules: &Rules) -> Vec<Gone> {
    let Some((newest, earlier)) = nights.split_last() else { return Vec::new() };
    let mut gone: Vec<Gone> = Vec::new();
    let mut places: HashMap<(&str, &Pipeline), usize> = HashMap::new();
    for (run, table) in earlier.iter().enumerate().flat_map(|(run, night)| night.tables.iter().map(move |t| (run, t))) {
        let now = newest.tables.iter().find(|other| other.name == table.name);
        for (pipeline, _) in table.taken(rules) {
            if now.is_some_and(|now| now.has(pipeline)) {
                continue;
            }
            let place = *places.entry((table.name.as_str(), pipeline)).or_insert(gone.len());
            match gone.get_mut(place) {
                Some(one) => one.run = run,
                None => gone.push(Gone { data_set: table.name.clone(), pipeline: pipeline.clone(), run }),
            }
        }
    }
    gone
}
