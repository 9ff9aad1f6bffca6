//! Runs of one study over time: what each pipeline's scores, seconds and memory did, and since when they are worse.

mod left_out;
mod series;

pub use left_out::Gone;
pub use series::{Change, Point, Series};

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::Results;
use super::folds::usual_splits;
use super::gate::{Part, Rules, Run};
use super::leaderboard::{Pipeline, distinct};
use super::statistics::change_point::{change_points, enough};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::seed::{Purpose, derive};

/// Orders that are drawn, at least; more where many series share alpha.
const PERMUTATIONS: usize = 1_999;

/// Runs of one study, the oldest first, and what became of its pipelines.
#[derive(Debug, Clone)]
pub struct Trend {
    /// The study's title.
    pub title: String,
    /// The runs.
    pub runs: Vec<Facts>,
    /// Every pipeline by every measure, in plan order.
    pub series: Vec<Series>,
    /// The rules that it was judged by, with the metrics by name.
    pub rules: Rules,
    /// From so many runs on a change of a series can be told, with as many series as share alpha.
    pub enough: usize,
    /// Pipelines of earlier runs that the newest lacks, which are not followed.
    pub gone: Vec<Gone>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// What is said of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// By which name people know it.
    pub name: String,
    /// When it started, seconds since 1970-01-01 UTC.
    pub started_unix: u64,
    /// The program's version.
    pub version: String,
    /// Planned cells, and those with scores.
    pub cells: (usize, usize),
}

impl Trend {
    /// The changes for the worse from which a series has not come back, the oldest first: the series, and the change.
    pub fn regressions(&self) -> Vec<(&Series, &Change)> {
        let mut found: Vec<(&Series, &Change)> =
            self.series.iter().flat_map(|series| series.in_force().map(move |change| (series, change))).collect();
        found.sort_by_key(|(series, change)| series.points[change.at].run);
        found
    }

    /// The series of which nothing can be told yet.
    pub fn too_short(&self) -> Vec<&Series> {
        self.series.iter().filter(|series| series.is_too_short(self.enough)).collect()
    }
}

/// Follows the pipelines of the newest of `runs` through all of them.
///
/// # Errors
/// [`Error::Usage`] for a metric that the newest run does not have, a threshold that none can pass, or a filter that takes no pipeline;
/// [`Error::Data`] without runs.
pub fn trend(mut runs: Vec<Run>, rules: &Rules, registry: &Registry) -> Result<Trend> {
    runs.sort_by_key(|run| run.results.manifest.started_unix);
    let Some(newest) = runs.pop() else { return Err(Error::Data("there is no run to tell the history of".into())) };
    let rules = Rules { metrics: rules.metrics_of(&newest.results), ..rules.clone() };
    newest.refuse_unknown(&rules.metrics, registry)?;
    rules.refuse_impossible(registry)?;
    let mut notes = left_out::others(&mut runs, &newest, &rules.metrics);
    let title = newest.results.title.clone();
    runs.push(newest);
    let tables: Vec<Vec<Results>> = runs.iter().map(|run| run.results.data_sets()).collect();
    let parts: Vec<Vec<Part<'_>>> = tables.iter().map(|tables| tables.iter().map(Part::of).collect()).collect();
    let (mut series, mut partial) = (Vec::new(), BTreeSet::new());
    for own in parts.last().into_iter().flatten() {
        series.extend(of_data_set(own, &parts, &rules, &mut partial));
    }
    if !partial.is_empty() {
        let names: Vec<&str> = partial.iter().map(|&run| runs[run].name.as_str()).collect();
        let said = "left out for pipelines of which they have fewer folds than other runs";
        notes.push(format!("{said}: {}", names.join(", ")));
    }
    if series.is_empty() {
        let is_taken = |own: &Part<'_>| own.groups.iter().any(|group| own.takes(&rules, &group.pipeline));
        return Err(match parts.last().into_iter().flatten().any(is_taken) {
            true => Error::Data(format!("no run has a value of {}: no cell is scored", followed(&rules))),
            false => Error::Usage(format!("no pipeline passes `{}`", rules.filter.text())),
        });
    }
    let enough = find_changes(&mut series, &rules);
    let facts = runs.iter().map(|run| Facts {
        name: run.name.clone(),
        started_unix: run.results.manifest.started_unix,
        version: run.results.manifest.fraudbench.clone(),
        cells: (run.results.planned.len(), run.results.records.iter().filter(|r| is_scored(r)).count()),
    });
    let gone = left_out::gone(&parts, &rules);
    Ok(Trend { title, runs: facts.collect(), series, rules, enough, gone, notes })
}

/// The pipelines that are followed, in words.
fn followed(rules: &Rules) -> String {
    match rules.filter.text() {
        "" => "any pipeline".to_owned(),
        filter => format!("a pipeline that passes `{filter}`"),
    }
}

fn is_scored(record: &crate::store::Record) -> bool {
    record.outcome == crate::store::Outcome::Scored
}

/// The series of the pipelines of one data set of the newest run; `partial` gets the runs that are no point of one because they have
/// fewer of its splits than is usual.
fn of_data_set(own: &Part<'_>, parts: &[Vec<Part<'_>>], rules: &Rules, partial: &mut BTreeSet<usize>) -> Vec<Series> {
    let name = own.name();
    let pipelines: Vec<&Pipeline> = own.groups.iter().map(|group| &group.pipeline).collect();
    let taken = pipelines.into_iter().filter(|pipeline| own.takes(rules, pipeline));
    let of = |pipeline: &Pipeline| {
        let one = |(measure, threshold): (super::gate::Measure, f64)| {
            let point = |(run, tables): (usize, &Vec<Part<'_>>)| {
                let part = tables.iter().find(|part| part.name() == name)?;
                let is_told = !measure.is_cost() || part.is_on_machine_of(own);
                let sample = part.sample(pipeline, &measure).filter(|_| is_told)?;
                Some(Point { run, value: sample.mean(), badness: sample.badness(), splits: sample.values.len() })
            };
            let points: Vec<Point> = parts.iter().enumerate().filter_map(point).collect();
            let usual = usual_splits(points.iter().map(|point| point.splits));
            let (points, lacking): (Vec<Point>, Vec<Point>) =
                points.into_iter().partition(|point| point.splits >= usual);
            partial.extend(lacking.iter().map(|point| point.run));
            let family = own.family(pipeline);
            Series {
                data_set: name.to_owned(),
                pipeline: pipeline.clone(),
                family,
                measure,
                threshold,
                points,
                changes: Vec::new(),
            }
        };
        own.measures(rules).into_iter().map(one).collect::<Vec<_>>()
    };
    taken.flat_map(of).filter(|series| !series.points.is_empty()).collect()
}

/// Looks for changes with alpha shared among all series, so that a history without any has none with probability 1 - alpha. Returns how
/// many runs it takes to tell one.
fn find_changes(series: &mut [Series], rules: &Rules) -> usize {
    let varying = series.iter().filter(|series| !series.is_constant()).count();
    let looked_at = varying.max(1);
    let alpha = rules.alpha / looked_at as f64;
    // A p-value cannot fall below one in so many.
    let permutations = PERMUTATIONS.max((10.0 / alpha).ceil() as usize);
    series.par_iter_mut().for_each(|one| {
        let key = format!("change|{}|{}|{}", one.data_set, one.pipeline.pipeline(), one.measure.name());
        let values: Vec<f64> = one.points.iter().map(|point| point.badness).collect();
        let seed = derive(0, Purpose::Bootstrap, &key) as u32;
        let found = change_points(&values, alpha, one.threshold, permutations, seed);
        one.set_changes(&found, looked_at);
    });
    // Which series will vary is not known before the second run.
    enough(rules.alpha / if varying == 0 { series.len() } else { varying } as f64)
}

/// The different names of data sets, in order.
pub fn data_sets(trend: &Trend) -> Vec<&str> {
    distinct(trend.series.iter().map(|series| series.data_set.as_str()))
}
