//! The page's data: fold scores, what follows from them by the tests of `analyze`, failed cells and copies.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::analyze::Results;
use crate::analyze::best::{ALPHA, Best, ROPE};
use crate::analyze::folds::{Group, Split, by_pipeline, ratios};
use crate::analyze::leaderboard::{LEVEL, Leaderboard, Pipeline, Row, distinct, value};
use crate::cell::axis::Axis;
use crate::metric::Better;
use crate::report::columns::of_pipelines;
use crate::report::run::beside;
use crate::store::{Outcome, Record, Stage};

/// All of it. Pipelines are named by their place in `rows`, splits by theirs in `splits`.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    primary: &'a str,
    metrics: Vec<Metric<'a>>,
    /// Those that the leaderboard shows beside the primary one at first.
    beside: Vec<&'a str>,
    level: f64,
    alpha: f64,
    rope: f64,
    cell_threads: u32,
    /// Repeat and fold.
    splits: Vec<Split>,
    /// `n_test / n_train` by split, without and with dedup; null where no cell tells.
    ratios: [Vec<Option<f64>>; 2],
    families: Vec<String>,
    axes: Vec<Places>,
    rows: Vec<Line<'a>>,
    failed: Vec<Failed<'a>>,
}

#[derive(Serialize)]
struct Metric<'a> {
    id: &'a str,
    /// Whether smaller is better.
    lower: bool,
}

/// One of the axes that tell pipelines apart, with its places in plan order, which `rows` do not keep.
#[derive(Serialize)]
struct Places {
    id: &'static str,
    values: Vec<String>,
    /// The place that is not printed.
    default: Option<&'static str>,
}

/// A pipeline.
#[derive(Serialize)]
struct Line<'a> {
    rank: Option<usize>,
    /// By axis, its place among the axis's values.
    places: Vec<usize>,
    /// Which rows it is tested on.
    dedup: bool,
    family: &'a str,
    backend: &'a str,
    planned: usize,
    scored: usize,
    imputed: usize,
    /// Cells whose model learnt nothing.
    idle: usize,
    failed: usize,
    missing: usize,
    /// Whether it has every split that is ranked over.
    whole: bool,
    /// Splits that its numbers are over.
    used: usize,
    interval: Option<(f64, f64)>,
    fit: Option<f64>,
    predict: Option<f64>,
    /// By metric, by split; null where there is no value.
    values: Vec<Vec<Option<f64>>>,
    /// Mean and SD by metric, as in `leaderboard.csv`.
    summaries: Vec<(Option<f64>, Option<f64>)>,
    /// Whether it is the best of its dataset variant.
    best: bool,
    /// Against that best one.
    #[serde(skip_serializing_if = "Option::is_none")]
    versus: Option<Versus>,
    /// Pipelines whose cells had the same input, and how many cells were taken over from each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    copies: Vec<(usize, usize)>,
}

#[derive(Serialize, Clone, Copy)]
struct Versus {
    p_adjusted: f64,
    /// Null where the folds tell no variance.
    best_better: Option<f64>,
    equal: Option<f64>,
    this_better: Option<f64>,
}

/// Cells that failed alike: pipeline and split of each.
#[derive(Serialize)]
struct Failed<'a> {
    outcome: &'a str,
    stage: &'a str,
    reason: &'a str,
    cells: Vec<(usize, usize)>,
}

impl Places {
    fn new(axis: &Axis, results: &Results) -> Self {
        let values = distinct(results.planned.iter().map(|p| axis.value(&p.cell).to_string()));
        Places { id: axis.id, values, default: axis.default }
    }

    /// The place of a pipeline; all of them are planned ones.
    fn of(&self, pipeline: &Pipeline) -> usize {
        let axis = of_pipelines().find(|axis| axis.id == self.id);
        let value = axis.map(|axis| axis.value(pipeline).to_string());
        self.values.iter().position(|known| Some(known) == value.as_ref()).unwrap_or(0)
    }
}

/// Gathers the data of a run.
pub(super) fn of<'a>(results: &'a Results, board: &'a Leaderboard, bests: &[Best<'_>]) -> Data<'a> {
    let splits = distinct(results.planned.iter().map(|p| (p.cell.repeat, p.cell.fold)));
    let groups: HashMap<Pipeline, Group<'_>> =
        by_pipeline(results).into_iter().map(|group| (group.pipeline.clone(), group)).collect();
    let places: HashMap<&Pipeline, usize> = board.rows.iter().enumerate().map(|(i, row)| (&row.pipeline, i)).collect();
    let sources: HashMap<&str, usize> = results
        .records
        .iter()
        .filter(|r| r.equals.is_none())
        .filter_map(|r| Some((r.key.as_str(), *places.get(&Pipeline::of(&r.cell))?)))
        .collect();
    let versus: HashMap<&Pipeline, Versus> = bests.iter().flat_map(against_best).collect();
    let known = ratios(results);
    let ratio = |dedup: bool| splits.iter().map(|split| known.get(&(dedup, *split)).copied()).collect();
    let axes: Vec<Places> = of_pipelines().map(|axis| Places::new(axis, results)).collect();
    let line = |row: &'a Row| {
        let scored: HashMap<Split, &Record> = groups
            .get(&row.pipeline)
            .map_or_else(HashMap::new, |group| group.scored().map(|r| ((r.cell.repeat, r.cell.fold), r)).collect());
        let used = |split: &Split| scored.get(split).filter(|_| row.splits.contains(split)).copied();
        let records: Vec<Option<&Record>> = splits.iter().map(used).collect();
        let versus = versus.get(&row.pipeline).copied();
        let best = bests.iter().any(|best| best.best.pipeline == row.pipeline);
        let places = axes.iter().map(|axis| axis.of(&row.pipeline)).collect();
        Line { places, best, versus, copies: copies(scored.values(), &sources), ..line(board, row, &records) }
    };
    Data {
        primary: &board.primary,
        metrics: board.metrics.iter().map(|id| Metric { id, lower: results.better(id) == Better::Lower }).collect(),
        beside: beside(board),
        level: LEVEL,
        alpha: ALPHA,
        rope: ROPE,
        cell_threads: results.manifest.cell_threads,
        ratios: [ratio(false), ratio(true)],
        families: board.families(results),
        rows: board.rows.iter().map(line).collect(),
        axes,
        failed: failed(results, &places, &splits),
        splits,
    }
}

fn line<'a>(board: &Leaderboard, row: &'a Row, records: &[Option<&Record>]) -> Line<'a> {
    let of = |metric: &String| records.iter().map(|r| value(r.and_then(|r| r.metrics.get(metric)))).collect();
    Line {
        rank: row.rank,
        places: Vec::new(),
        dedup: row.pipeline.dedup,
        family: &row.family,
        backend: &row.backend,
        planned: row.coverage.planned,
        scored: row.coverage.scored,
        imputed: row.imputed,
        idle: row.idle,
        failed: row.coverage.failed,
        missing: row.coverage.missing,
        whole: row.is_whole(),
        used: row.splits.len(),
        interval: row.interval,
        fit: row.fit_s,
        predict: row.predict_s,
        values: board.metrics.iter().map(of).collect(),
        summaries: row.summaries.iter().map(|s| (s.mean, s.sd)).collect(),
        best: false,
        versus: None,
        copies: Vec::new(),
    }
}

fn against_best<'a>(best: &Best<'a>) -> Vec<(&'a Pipeline, Versus)> {
    let of = |other: &crate::analyze::best::Compared<'a>| {
        let p = other.probabilities;
        let versus = Versus {
            p_adjusted: other.p_adjusted,
            best_better: p.map(|p| p.above),
            equal: p.map(|p| p.within),
            this_better: p.map(|p| p.below),
        };
        (&other.row.pipeline, versus)
    };
    best.compared.iter().map(of).collect()
}

/// From which pipelines the copied cells among `records` come, in the leaderboard's order, with their number.
fn copies<'a>(records: impl Iterator<Item = &'a &'a Record>, sources: &HashMap<&str, usize>) -> Vec<(usize, usize)> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for source in records.filter_map(|r| sources.get(r.equals.as_deref()?)) {
        *counts.entry(*source).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// The failed cells by outcome, stage and reason; the largest group first.
fn failed<'a>(results: &'a Results, places: &HashMap<&Pipeline, usize>, splits: &[Split]) -> Vec<Failed<'a>> {
    let mut groups: Vec<Failed<'a>> = Vec::new();
    let mut at: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for r in results.records.iter().filter(|r| r.outcome != Outcome::Scored) {
        let (outcome, stage) = (r.outcome.name(), r.stage.map_or("", Stage::name));
        let reason = r.reason.as_deref().unwrap_or("");
        let group = *at.entry((outcome, stage, reason)).or_insert_with(|| {
            groups.push(Failed { outcome, stage, reason, cells: Vec::new() });
            groups.len() - 1
        });
        let split = splits.iter().position(|split| *split == (r.cell.repeat, r.cell.fold));
        if let (Some(row), Some(split)) = (places.get(&Pipeline::of(&r.cell)), split) {
            groups[group].cells.push((*row, split));
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.cells.len()));
    groups
}
