//! Runs of one study over time: what each pipeline's scores, seconds and memory did, and since when they are worse.

mod left_out;
mod night;
mod series;

pub use left_out::Gone;
pub use night::Night;
pub use series::{Change, Point, Series};

use std::collections::BTreeSet;

use rayon::prelude::*;

use night::Table;

use super::folds::usual_splits;
use super::gate::{Rules, refuse_unknown};
use super::leaderboard::distinct;
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

/// Follows the pipelines of the newest of `nights` through all of them.
///
/// # Errors
/// [`Error::Usage`] for a metric that the newest run does not have, a threshold that none can pass, or a filter that takes no pipeline;
/// [`Error::Data`] without runs.
pub fn trend(mut nights: Vec<Night>, rules: &Rules, registry: &Registry) -> Result<Trend> {
    nights.sort_by_key(|night| night.started_unix);
    let Some(newest) = nights.pop() else { return Err(Error::Data("there is no run to tell the history of".into())) };
    let rules = Rules { metrics: rules.metrics_of(&newest.primary), ..rules.clone() };
    refuse_unknown(&rules.metrics, (&newest.name, &newest.metrics), registry)?;
    rules.refuse_impossible(registry)?;
    let mut notes = left_out::others(&mut nights, &newest, &rules.metrics);
    let title = newest.title.clone();
    let is_any_taken = newest.tables.iter().any(|table| !table.taken(&rules).is_empty());
    nights.push(newest);
    let (mut series, mut partial) = (Vec::new(), BTreeSet::new());
    if let Some(newest) = nights.last() {
        for own in &newest.tables {
            series.extend(of_data_set((newest, own), &nights, &rules, &mut partial));
        }
    }
    if !partial.is_empty() {
        let names: Vec<&str> = partial.iter().map(|&run| nights[run].name.as_str()).collect();
        let said = "left out for pipelines of which they have fewer folds than other runs";
        notes.push(format!("{said}: {}", names.join(", ")));
    }
    if series.is_empty() {
        return Err(match is_any_taken {
            true => Error::Data(format!("no run has a value of {}: no cell is scored", followed(&rules))),
            false => Error::Usage(format!("no pipeline passes `{}`", rules.filter.text())),
        });
    }
    let enough = find_changes(&mut series, &rules);
    let facts = nights.iter().map(|night| Facts {
        name: night.name.clone(),
        started_unix: night.started_unix,
        version: night.version.clone(),
        cells: night.cells,
    });
    let gone = left_out::gone(&nights, &rules);
    Ok(Trend { title, runs: facts.collect(), series, rules, enough, gone, notes })
}

/// The pipelines that are followed, in words.
fn followed(rules: &Rules) -> String {
    match rules.filter.text() {
        "" => "any pipeline".to_owned(),
        filter => format!("a pipeline that passes `{filter}`"),
    }
}

/// The series of the pipelines of one data set of the newest run; `partial` gets the runs that are no point of one because they have
/// fewer of its splits than is usual.
fn of_data_set(
    (newest, own): (&Night, &Table),
    nights: &[Night],
    rules: &Rules,
    partial: &mut BTreeSet<usize>,
) -> Vec<Series> {
    let tables: Vec<Option<&Table>> =
        nights.iter().map(|night| night.tables.iter().find(|table| table.name == own.name)).collect();
    let measures = newest.measures(rules);
    let mut series = Vec::new();
    for (pipeline, family) in own.taken(rules) {
        for (measure, threshold) in &measures {
            let point = |(run, night): (usize, &Night)| {
                let is_told = !measure.is_cost() || night.is_on_machine_of(newest);
                let figure = tables[run]?.figure(pipeline, measure).filter(|_| is_told)?;
                Some(Point { run, value: figure.value, badness: figure.badness, splits: figure.splits })
            };
            let points: Vec<Point> = nights.iter().enumerate().filter_map(point).collect();
            let usual = usual_splits(points.iter().map(|point| point.splits));
            let (points, lacking): (Vec<Point>, Vec<Point>) =
                points.into_iter().partition(|point| point.splits >= usual);
            partial.extend(lacking.iter().map(|point| point.run));
            series.push(Series {
                data_set: own.name.clone(),
                pipeline: pipeline.clone(),
                family: family.to_owned(),
                measure: measure.clone(),
                threshold: *threshold,
                points,
                changes: Vec::new(),
            });
        }
    }
    series.retain(|series| !series.points.is_empty());
    series
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
