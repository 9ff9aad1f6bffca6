//! What leaks are worth: each leaky protocol of a run against the honest one, split by split.

use super::Results;
use super::folds::{Group, Split, by_pipeline};
use super::leaderboard::{LEVEL, Pipeline};
use super::statistics::corrected_t::CorrectedT;
use super::statistics::mean::mean_and_sd;
use crate::split::Leaks;

/// The metrics that a ladder shows first after the study's primary one, where the study has them.
pub const FIRST: [&str; 3] = ["recall", "f1", "pr-auc"];

/// One pipeline under every protocol of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// The pipeline, under the first step's protocol.
    pub pipeline: Pipeline,
    /// `n_test / n_train` of the honest splits, mean.
    pub ratio: f64,
    /// Honest first, then the others in plan order.
    pub steps: Vec<Step>,
}

/// One protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What leaks.
    pub leaks: Leaks,
    /// The protocol's name in the records.
    pub protocol: String,
    /// Planned splits.
    pub planned: usize,
    /// Splits with scores.
    pub scored: usize,
    /// One a metric, in [`metrics`]' order.
    pub figures: Vec<Figure>,
}

/// One metric under one protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Values by split, in plan order.
    pub values: Vec<(Split, f64)>,
    /// Their mean.
    pub mean: Option<f64>,
    /// The mean's interval at [`LEVEL`], by the corrected resampled t; none below two values, and where they tell no variance.
    pub interval: Option<(f64, f64)>,
    /// What the leaks change; none for the honest protocol, and without a split that both have.
    pub change: Option<Change>,
}

/// The paired change from the honest protocol to a leaky one: leaky minus honest on the same split.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Splits that both have a value on.
    pub pairs: usize,
    /// Of these, splits where the values differ.
    pub moved: usize,
    /// Mean of the differences.
    pub mean: f64,
    /// Its interval at [`LEVEL`], by the corrected resampled t; none below two pairs, and where they tell no variance.
    pub interval: Option<(f64, f64)>,
    /// Two-sided p-value of no change, of the same test.
    pub p: Option<f64>,
}

/// The metrics of a run that a ladder shows first, with intervals: the primary one, which the study is about, then [`FIRST`].
pub fn first(results: &Results) -> Vec<String> {
    let beside = FIRST.into_iter().filter(|metric| *metric != results.primary);
    let wanted = std::iter::once(results.primary.as_str()).chain(beside);
    wanted.filter(|metric| results.metrics.iter().any(|known| known == metric)).map(str::to_owned).collect()
}

/// A run's metrics in a ladder's order: [`first`], then the others as the study lists them.
pub fn metrics(results: &Results) -> Vec<String> {
    let first = first(results);
    let others: Vec<String> = results.metrics.iter().filter(|metric| !first.contains(metric)).cloned().collect();
    first.into_iter().chain(others).collect()
}

/// One ladder a pipeline, in plan order. Pipelines without the honest protocol have nothing to be compared with, and are
/// left out.
pub fn ladders(results: &Results) -> Vec<Ladder> {
    let metrics: Vec<(String, (f64, f64))> =
        metrics(results).into_iter().map(|metric| (metric.clone(), results.range(&metric))).collect();
    let groups = by_pipeline(results);
    let honest = groups.iter().filter(|group| Leaks::of_protocol(&group.pipeline.protocol).is_empty());
    let same = |a: &Pipeline, b: &Pipeline| a.with(|cell| cell.protocol.clone_from(&b.protocol)) == *b;
    let of = |base: &Group<'_>| {
        let ratio = ratio(base);
        let others = groups.iter().filter(|g| g.first != base.first && same(&base.pipeline, &g.pipeline));
        let steps = std::iter::once(base).chain(others).map(|group| step(base, group, &metrics, ratio));
        Ladder { pipeline: base.pipeline.clone(), ratio, steps: steps.collect() }
    };
    honest.map(of).collect()
}

fn ratio(base: &Group<'_>) -> f64 {
    let ratios: Vec<f64> = base.scored().map(|r| r.test_rows as f64 / r.rows_before_resampling() as f64).collect();
    mean_and_sd(&ratios).0.unwrap_or(f64::NAN)
}

/// `metrics` with the range of each.
fn step(base: &Group<'_>, group: &Group<'_>, metrics: &[(String, (f64, f64))], ratio: f64) -> Step {
    let figures = metrics.iter().map(|(metric, range)| {
        let values = group.values(metric);
        let numbers: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        let change = if base.first == group.first { None } else { change(&base.values(metric), &values, ratio) };
        Figure {
            mean: mean_and_sd(&numbers).0,
            interval: CorrectedT::new(&numbers, ratio).and_then(|t| t.interval_within(LEVEL, *range)),
            change,
            values,
        }
    });
    Step {
        leaks: Leaks::of_protocol(&group.pipeline.protocol),
        protocol: group.pipeline.protocol.clone(),
        planned: group.records.len(),
        scored: group.scored().count(),
        figures: figures.collect(),
    }
}

fn change(honest: &[(Split, f64)], leaky: &[(Split, f64)], ratio: f64) -> Option<Change> {
    let differences: Vec<f64> = leaky
        .iter()
        .filter_map(|(split, value)| Some(value - honest.iter().find(|(known, _)| known == split)?.1))
        .collect();
    let mean = mean_and_sd(&differences).0?;
    let t = CorrectedT::new(&differences, ratio);
    Some(Change {
        pairs: differences.len(),
        moved: differences.iter().filter(|d| **d != 0.0).count(),
        mean,
        interval: t.and_then(|t| t.interval(LEVEL)),
        p: t.map(|t| t.p_value()),
    })
}
