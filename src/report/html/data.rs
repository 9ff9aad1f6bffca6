//! The page's data: fold scores, what follows from them by the tests of `analyze`, and copies.

use std::collections::{BTreeMap, HashMap};

use serde::{Serialize, Serializer};

use crate::analyze::Results;
use crate::analyze::best::{ALPHA, ROPE, best as find_best};
use crate::analyze::folds::{Group, Ratios, Split, by_pipeline};
use crate::analyze::leaderboard::{BASELINE, LEVEL, Leaderboard, Pipeline, Row, distinct, value};
use crate::cell::axis::Axis;
use crate::metric::Better;
use crate::report::chart::style::family as look;
use crate::report::columns::of_pipelines;
use crate::report::render::Report;
use crate::report::render::html::blocks;
use crate::report::run::answer::{self, Counts};
use crate::report::run::beside;
use crate::store::Record;

use super::parts;

/// All of it. Pipelines are named by their place in `rows`, splits by theirs in `splits`.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    primary: &'a str,
    /// The family that looks at no feature: it does not set the scales of pictures.
    baseline: &'static str,
    metrics: Vec<Metric<'a>>,
    /// Those that the leaderboard shows beside the primary one at first.
    beside: Vec<&'a str>,
    level: f64,
    alpha: f64,
    rope: f64,
    cell_threads: u32,
    /// Repeat and fold.
    splits: Vec<Split>,
    /// `n_test / n_train` by variant, in plan order, and split; null where no cell tells.
    ratios: Vec<Vec<Option<f64>>>,
    families: Vec<String>,
    /// The look of each family: the place of its colour and of its mark.
    looks: Vec<usize>,
    axes: Vec<Places>,
    rows: Vec<Line<'a>>,
    /// One per metric.
    standings: Vec<Standing>,
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
    #[serde(skip)]
    place_of: HashMap<String, usize>,
    /// The place that is not printed.
    default: Option<&'static str>,
}

/// A pipeline.
#[derive(Serialize)]
struct Line<'a> {
    /// By axis, its place among the axis's values.
    places: Vec<usize>,
    /// Which rows it is tested on: the place of its variant.
    variant: usize,
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
    fit: Option<f64>,
    predict: Option<f64>,
    /// By metric, by split; null where there is no value.
    values: Vec<Vec<Option<f64>>>,
    /// Mean and SD by metric, as in `leaderboard.csv`.
    summaries: Vec<(Option<f64>, Option<f64>)>,
    /// Pipelines whose cells had the same input, and how many cells were taken over from each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    copies: Vec<(usize, usize)>,
}

/// The ranking by one metric.
#[derive(Serialize)]
struct Standing {
    /// By row.
    rows: Vec<Stand>,
    /// The ranked rows of all variants by their means.
    order: Vec<usize>,
    /// The best of each variant, the best variant first.
    bests: Vec<usize>,
    /// The best of the variant of which pictures with one axis for all pipelines are; null where no row is ranked.
    shown: Option<usize>,
    /// The answer as elements: the best, who is not told apart from it, what its alarms catch and cost.
    answer: String,
    /// The section on the best as elements.
    best: String,
}

/// A row's rank, the ends of its interval, its adjusted p-value against the best of its variant, and the probability that the two are
/// practically equal; null where there is none.
#[derive(Serialize, Clone, Copy, Default)]
struct Stand(Option<usize>, Option<Rounded>, Option<Rounded>, Option<Rounded>, Option<Rounded>);

/// A number as the page carries it.
#[derive(Clone, Copy)]
struct Rounded(f64);

impl Serialize for Rounded {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(short(self.0))
    }
}

/// Significant digits that are carried: the page's tests of picked pipelines come out the same, and the page is a sixth smaller.
const DIGITS: i32 = 12;
/// Digits after the point that are carried at least: the page shows four, which those of a large number must not change.
const DECIMALS: i32 = 8;

/// To the digits that are carried; what is not a number stays so.
fn short(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let before = value.abs().log10().floor() as i32 + 1;
    let decimals = (DIGITS - before).max(DECIMALS) as usize;
    format!("{value:.decimals$}").parse().unwrap_or(value)
}

impl Places {
    fn new(axis: &Axis, results: &Results) -> Self {
        let values = distinct(results.planned.iter().map(|p| axis.value(&p.cell).to_string()));
        let place_of = values.iter().cloned().zip(0..).collect();
        Places { id: axis.id, values, place_of, default: axis.default }
    }

    /// The place of a pipeline; all of them are planned ones.
    fn of(&self, pipeline: &Pipeline) -> usize {
        let axis = of_pipelines().find(|axis| axis.id == self.id);
        let value = axis.map(|axis| axis.value(pipeline).to_string());
        value.and_then(|value| self.place_of.get(&value).copied()).unwrap_or(0)
    }
}

/// Gathers the data of a run.
pub(super) fn of<'a>(report: &Report<'a>) -> Data<'a> {
    let Report { results, board, .. } = *report;
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
    let known = Ratios::of(results);
    // In plan order, as the page is the same for the same records.
    let variants = distinct(results.planned.iter().map(|p| (p.cell.protocol.as_str(), p.cell.dedup)));
    let ratio = |variant: &(&str, bool)| splits.iter().map(|split| known.at(*variant, *split)).collect();
    let axes: Vec<Places> = of_pipelines().map(|axis| Places::new(axis, results)).collect();
    let line = |row: &'a Row| {
        let scored: HashMap<Split, &Record> = groups
            .get(&row.pipeline)
            .map_or_else(HashMap::new, |group| group.scored().map(|r| ((r.cell.repeat, r.cell.fold), r)).collect());
        let used = |split: &Split| scored.get(split).filter(|_| row.splits.contains(split)).copied();
        let records: Vec<Option<&Record>> = splits.iter().map(used).collect();
        let places = axes.iter().map(|axis| axis.of(&row.pipeline)).collect();
        let variant = variants.iter().position(|known| *known == row.pipeline.variant()).unwrap_or(0);
        Line { places, variant, copies: copies(scored.values(), &sources), ..line(board, row, &records) }
    };
    Data {
        primary: &board.primary,
        baseline: BASELINE,
        metrics: board.metrics.iter().map(|id| Metric { id, lower: results.better(id) == Better::Lower }).collect(),
        beside: beside(board),
        level: LEVEL,
        alpha: ALPHA,
        rope: ROPE,
        cell_threads: results.manifest.cell_threads,
        ratios: variants.iter().map(ratio).collect(),
        looks: board.families(results).iter().map(|family| look(family)).collect(),
        families: board.families(results),
        rows: board.rows.iter().map(line).collect(),
        axes,
        standings: standings(report, &places),
        splits,
    }
}

fn line<'a>(board: &Leaderboard, row: &'a Row, records: &[Option<&Record>]) -> Line<'a> {
    let of =
        |metric: &String| records.iter().map(|r| value(r.and_then(|r| r.metrics.get(metric))).map(short)).collect();
    Line {
        places: Vec::new(),
        variant: 0,
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
        fit: row.fit_s,
        predict: row.predict_s,
        values: board.metrics.iter().map(of).collect(),
        summaries: row.summaries.iter().map(|s| (s.mean, s.sd.map(short))).collect(),
        copies: Vec::new(),
    }
}

/// The ranking by every metric.
fn standings(report: &Report<'_>, places: &HashMap<&Pipeline, usize>) -> Vec<Standing> {
    let counts = Counts::of(report.results);
    let of = |board: &Leaderboard| {
        let bests = find_best(board, ROPE);
        let mut rows = vec![Stand::default(); board.rows.len()];
        let mut at = |row: &Row, change: &dyn Fn(&mut Stand)| {
            if let Some(stand) = places.get(&row.pipeline).and_then(|place| rows.get_mut(*place)) {
                change(stand);
            }
        };
        for row in &board.rows {
            at(row, &|stand| {
                let ends = row.interval.map(|(low, high)| (Rounded(low), Rounded(high)));
                (stand.0, stand.1, stand.2) = (row.rank, ends.map(|ends| ends.0), ends.map(|ends| ends.1));
            });
        }
        for other in bests.iter().flat_map(|best| &best.compared) {
            at(other.row, &|stand| {
                (stand.3, stand.4) = (Some(Rounded(other.p_adjusted)), other.probabilities.map(|p| Rounded(p.within)));
            });
        }
        let ranked = board.rows.iter().filter(|row| row.rank.is_some());
        let shown = board.shown().and_then(|variant| board.best(|row| row.pipeline.variant() == variant));
        Standing {
            rows,
            order: ranked.filter_map(|row| places.get(&row.pipeline).copied()).collect(),
            bests: bests.iter().filter_map(|best| places.get(&best.best.pipeline).copied()).collect(),
            shown: shown.and_then(|row| places.get(&row.pipeline).copied()),
            answer: blocks("", &answer::blocks(board, &bests, &counts, report.predicted), &[]),
            best: parts::best(board, &bests),
        }
    };
    report.board.by_each_metric(report.results).iter().map(of).collect()
}

/// From which pipelines the copied cells among `records` come, in the leaderboard's order, with their number.
fn copies<'a>(records: impl Iterator<Item = &'a &'a Record>, sources: &HashMap<&str, usize>) -> Vec<(usize, usize)> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for source in records.filter_map(|r| sources.get(r.equals.as_deref()?)) {
        *counts.entry(*source).or_default() += 1;
    }
    counts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_that_is_shown_is_lost() {
        // An interval of money, an SD of much money, and a score whose fifth to eighth digits are nines.
        assert_eq!([5_704_982.951_527, 1_234_567_890.123_449].map(short), [5_704_982.951_527, 1_234_567_890.123_449]);
        assert_eq!(short(0.123_449_999_8), 0.123_449_999_8);
        assert_eq!([0.1 + 0.2, -2.0 / 3.0, 0.0, 1.0].map(short), [0.3, -0.666_666_666_667, 0.0, 1.0]);
        assert_eq!(short(1.234_567_890_123_456e-9), 1.234_567_890_12e-9);
        assert!(short(f64::NAN).is_nan() && short(f64::INFINITY).is_infinite());
    }
}
