//! The leaderboard: one row per pipeline, ranked by a metric among the pipelines that were tested on the same rows and folds.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::ops::Deref;

use super::Results;
use super::folds::{self, Ratios, Split};
use super::learnt::{Learnt, Nothing};
use super::statistics::corrected_t::CorrectedT;
use super::statistics::mean::mean_and_sd;
use super::statistics::rounding::runs;
use crate::cell::CellId;
use crate::cell::axis::Value;
use crate::metric::{Better, Score};
use crate::store::{Outcome, Record, Stage};

/// The family whose scores stand in under [`Over::Imputed`].
pub use crate::classify::BASELINE;

/// What is compared: a cell without its data set and split. Every other axis tells pipelines apart, so that a new one does too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pipeline(CellId);

impl Deref for Pipeline {
    type Target = CellId;

    fn deref(&self) -> &CellId {
        &self.0
    }
}

/// The level of a confidence interval in tables.
pub const LEVEL: f64 = 0.95;

impl Pipeline {
    /// The pipeline of a cell.
    pub fn of(cell: &CellId) -> Self {
        Pipeline(CellId { data_set: String::new(), repeat: 0, fold: 0, ..cell.clone() })
    }

    /// What decides which rows it is tested on: protocol and dedup. Only pipelines of one variant are ranked together.
    pub fn variant(&self) -> (&str, bool) {
        (&self.0.protocol, self.0.dedup)
    }

    /// The pipeline that differs from this one by `change`.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut CellId)) -> Self {
        let mut cell = self.0.clone();
        change(&mut cell);
        Pipeline::of(&cell)
    }
}

/// How many of a pipeline's cells there are, and how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Cells of the plan.
    pub planned: usize,
    /// Cells with scores.
    pub scored: usize,
    /// Cells with a record but no scores, for whatever reason.
    pub failed: usize,
    /// Cells without a record.
    pub missing: usize,
}

/// One metric over the folds of one pipeline.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// The defined values of the scored cells, in plan order.
    pub values: Vec<f64>,
    /// Scored cells where the metric is not defined.
    pub undefined: usize,
    /// Mean of `values`; none without values.
    pub mean: Option<f64>,
    /// Sample standard deviation (n - 1) of `values`; none below two values.
    pub sd: Option<f64>,
}

impl Summary {
    /// Sums up `values`; `undefined` counts the cells that have none.
    pub fn new(values: Vec<f64>, undefined: usize) -> Self {
        let (mean, sd) = mean_and_sd(&values);
        Summary { values, undefined, mean, sd }
    }
}

/// One pipeline's place and numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Among the pipelines of its variant 1 is best; means that are equal up to rounding share a rank. None where a split that is
    /// ranked over has no defined primary score.
    pub rank: Option<usize>,
    /// Which pipeline.
    pub pipeline: Pipeline,
    /// Its classifier's family.
    pub family: String,
    /// What implements it.
    pub backend: String,
    /// How much of it there is.
    pub coverage: Coverage,
    /// The splits that its numbers are over, in plan order: its scored ones, of these the common ones under [`Over::Common`].
    pub splits: Vec<Split>,
    /// How many splits a row needs to be ranked.
    pub wanted: usize,
    /// On how many of `splits` the numbers are the baseline's, because the pipeline has none of its own.
    pub imputed: usize,
    /// On how many of `splits` its model learnt nothing ([`super::learnt`]).
    pub idle: usize,
    /// `n_test / n_train`, mean over `splits`; NaN without any.
    pub ratio: f64,
    /// Confidence interval of the mean of the primary metric at [`LEVEL`], by the corrected resampled t, inside the metric's range;
    /// none below two values, and where they tell no variance.
    pub interval: Option<(f64, f64)>,
    /// One summary a metric, in [`Leaderboard::metrics`]' order.
    pub summaries: Vec<Summary>,
    /// Mean wall seconds of fitting the classifier over `splits`.
    pub fit_s: Option<f64>,
    /// Mean wall seconds of predicting the test rows over `splits`.
    pub predict_s: Option<f64>,
}

impl Row {
    /// Whether it has all the splits that are ranked over.
    pub fn is_whole(&self) -> bool {
        self.wanted > 0 && self.splits.len() == self.wanted
    }
}

/// Over which splits pipelines are summed up and ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// All that any pipeline of the same variant is planned on; one that lacks one is not ranked.
    Planned,
    /// Those on which every pipeline with any score has one: the intersection.
    Common,
    /// All planned ones; where a pipeline lacks one, the baseline's scores stand in, and the row says how often.
    Imputed,
}

/// How many splits are common to all pipelines that have any score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// Splits in common.
    pub kept: usize,
    /// Splits of the plan.
    pub planned: usize,
}

/// All pipelines of a run: the ranked ones of all variants by their means, then the others in plan order.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaderboard {
    /// The metrics, in the study's order; the primary one is always among them.
    pub metrics: Vec<String>,
    /// Whether the study names its metrics, instead of having all that any data have.
    pub names_metrics: bool,
    /// The metric that ranks.
    pub primary: String,
    /// Which end of it is good.
    pub better: Better,
    /// Its least and largest possible value.
    pub range: (f64, f64),
    /// The splits that it was asked to rank over.
    pub over: Over,
    /// The common splits, where the ranking is over these alone.
    pub common: Option<Common>,
    /// One row a pipeline.
    pub rows: Vec<Row>,
}

impl Leaderboard {
    /// The summary of `metric` in `row`; none for a metric that the study does not have.
    pub fn summary<'a>(&self, row: &'a Row, metric: &str) -> Option<&'a Summary> {
        let at = self.metrics.iter().position(|m| m == metric)?;
        row.summaries.get(at)
    }

    /// Mean of the primary metric of `row`, whether ranked or not.
    pub fn primary_mean(&self, row: &Row) -> Option<f64> {
        self.summary(row, &self.primary)?.mean
    }

    /// The best ranked row that `keep` lets through.
    pub fn best(&self, keep: impl Fn(&Row) -> bool) -> Option<&Row> {
        self.rows.iter().find(|row| row.rank.is_some() && keep(row))
    }

    /// The best ranked row of each family within a variant, best first: rows of other variants were tested on other rows.
    pub fn best_of_families(&self, variant: (&str, bool)) -> Vec<&Row> {
        let mut found: Vec<&Row> = Vec::new();
        for row in self.rows.iter().filter(|row| row.rank.is_some() && row.pipeline.variant() == variant) {
            if !found.iter().any(|known| known.family == row.family) {
                found.push(row);
            }
        }
        found
    }

    /// The variant of which what is made for one ranking alone is, by [`without_duplicates`]; else it is that of the best row.
    pub fn shown(&self) -> Option<(&str, bool)> {
        without_duplicates(&self.variants())
    }

    /// [`Leaderboard::best_of_families`] of the variant that is [shown](Leaderboard::shown).
    pub fn first_of_families(&self) -> Vec<&Row> {
        self.shown().map_or_else(Vec::new, |variant| self.best_of_families(variant))
    }

    /// The variants that have ranked rows, that of the best row first.
    pub fn variants(&self) -> Vec<(&str, bool)> {
        distinct(self.rows.iter().filter(|row| row.rank.is_some()).map(|row| row.pipeline.variant()))
    }

    /// The same rows over the same splits by each metric, in the order of the metrics.
    pub fn by_each_metric(&self, results: &Results) -> Vec<Leaderboard> {
        let planned = first_places(results);
        let ratios = Ratios::of(results);
        let mut in_order = self.clone();
        in_order.rows.sort_by_key(|row| planned.get(&row.pipeline).copied());
        let by = |metric: &String| {
            let mut board = in_order.clone();
            (board.better, board.range) = (results.better(metric), results.range(metric));
            board.primary.clone_from(metric);
            set_intervals(&mut board, &ratios);
            rank(&mut board);
            board
        };
        self.metrics.iter().map(by).collect()
    }

    /// The families in plan order.
    pub fn families(&self, results: &Results) -> Vec<String> {
        distinct(results.planned.iter().map(|p| p.family.clone()))
    }

    /// Coverage of all pipelines together.
    pub fn coverage(&self) -> Coverage {
        self.rows.iter().fold(Coverage::default(), |sum, row| Coverage {
            planned: sum.planned + row.coverage.planned,
            scored: sum.scored + row.coverage.scored,
            failed: sum.failed + row.coverage.failed,
            missing: sum.missing + row.coverage.missing,
        })
    }
}

/// Of several variants the one to show where there is room for one alone: the first without duplicate rows, since rows that stand on
/// both sides of a split flatter; else the first.
pub fn without_duplicates<'v>(variants: &[(&'v str, bool)]) -> Option<(&'v str, bool)> {
    variants.iter().find(|(_, dedup)| *dedup).or(variants.first()).copied()
}

/// What one of several variants is called: `dedup on`, with the protocol in front where they have several.
pub fn variant_name(all: &[(&str, bool)], (protocol, dedup): (&str, bool)) -> String {
    let several = all.iter().any(|(other, _)| *other != protocol);
    let protocol = if several { format!("{protocol}, ") } else { String::new() };
    format!("{protocol}dedup {}", Value::Flag(dedup))
}

/// The value of a score where it is defined and finite.
pub fn value(score: Option<&Score>) -> Option<f64> {
    match score {
        Some(Score::Value(value)) if value.is_finite() => Some(*value),
        _ => None,
    }
}

/// The record of every planned cell, in plan order; none where there is no record yet.
pub fn matched(results: &Results) -> Vec<Option<&Record>> {
    let by_cell: HashMap<&CellId, &Record> = results.records.iter().map(|r| (&r.cell, r)).collect();
    results.planned.iter().map(|p| by_cell.get(&p.cell).copied()).collect()
}

/// The different items in the order of their first appearance.
pub fn distinct<T: Clone + Eq + Hash>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let (mut known, mut different) = (HashSet::new(), Vec::new());
    for item in items {
        // Cloned only where it is new: runs have thousands of cells of each pipeline.
        if !known.contains(&item) {
            known.insert(item.clone());
            different.push(item);
        }
    }
    different
}

/// Ranks the pipelines of a run over all planned splits.
///
/// A pipeline is ranked only if it has a score with a defined primary metric on every split that any pipeline of its variant is
/// planned on, so that no two means in the ranking are over unequal folds.
pub fn leaderboard(results: &Results) -> Leaderboard {
    leaderboard_over(results, Over::Planned)
}

/// As [`leaderboard`], over the splits that `over` names. Under [`Over::Common`] all numbers of a row are over the common
/// splits; its coverage still counts all planned cells, as it does under [`Over::Imputed`].
pub fn leaderboard_over(results: &Results, over: Over) -> Leaderboard {
    let mut metrics = results.metrics.clone();
    if !metrics.contains(&results.primary) {
        metrics.push(results.primary.clone());
    }
    let better = results.better(&results.primary);
    let range = results.range(&results.primary);
    let groups = folds::by_pipeline(results);
    let planned = distinct(results.planned.iter().map(|p| (p.cell.repeat, p.cell.fold))).len();
    let kept = (over == Over::Common).then(|| folds::common(&groups, &results.primary));
    let stand_ins = if over == Over::Imputed { baseline(results) } else { HashMap::new() };
    let of_variants = ranked_over(&groups);
    let row = |group: &folds::Group<'_>| {
        let wanted = of_variants.get(&group.pipeline.variant()).map_or(&[][..], Vec::as_slice);
        let records = match over {
            Over::Imputed => with_stand_ins(group, wanted, &stand_ins),
            _ => group.scored().collect(),
        };
        row(results, group, &metrics, (&records, kept.as_deref(), wanted.len()))
    };
    let rows = groups.iter().map(row).collect();
    let common = kept.map(|kept| Common { kept: kept.len(), planned });
    let names_metrics = !results.registry.metrics_of_any_data().map(|metric| metric.id).eq(metrics.iter());
    let mut board =
        Leaderboard { metrics, names_metrics, primary: results.primary.clone(), better, range, over, common, rows };
    set_intervals(&mut board, &Ratios::of(results));
    rank(&mut board);
    board
}

/// The splits, with their data sets, that the pipelines of each variant are ranked over, in the order of their numbers: all that any
/// of them is planned on, as a filter or a merge may leave some of them fewer. A split that cannot be made is lacking everywhere
/// alike: pipelines are ranked over the others.
pub fn ranked_over<'g>(groups: &'g [folds::Group<'_>]) -> HashMap<(&'g str, bool), Vec<(&'g str, Split)>> {
    /// Whether a data set's split can be made.
    type Known<'a> = BTreeMap<(&'a str, Split), bool>;
    let mut splits: HashMap<(&str, bool), Known<'_>> = HashMap::new();
    for group in groups {
        let of_variant = splits.entry(group.pipeline.variant()).or_default();
        for (cell, record) in group.cells.iter().zip(&group.records) {
            let can_be_made = record.is_none_or(|record| record.stage != Some(Stage::Split));
            *of_variant.entry((&cell.data_set, (cell.repeat, cell.fold))).or_insert(true) &= can_be_made;
        }
    }
    let made = |splits: Known<'g>| splits.into_iter().filter(|(_, can)| *can).map(|(split, _)| split).collect();
    splits.into_iter().map(|(variant, splits)| (variant, made(splits))).collect()
}

/// Everything of a cell but its classifier.
fn setting(cell: &CellId) -> CellId {
    CellId { classifier: String::new(), ..cell.clone() }
}

/// The baseline's scored cells, by what other cells share with them.
fn baseline(results: &Results) -> HashMap<CellId, &Record> {
    let scored = |r: &&Record| r.family == BASELINE && r.outcome == Outcome::Scored;
    results.records.iter().filter(scored).map(|r| (setting(&r.cell), r)).collect()
}

/// A pipeline's scored cells on `wanted` splits, with the baseline's in the place of those that it lacks: whether they have no
/// score, or were left out of its plan.
fn with_stand_ins<'a>(
    group: &folds::Group<'a>,
    wanted: &[(&str, Split)],
    stand_ins: &HashMap<CellId, &'a Record>,
) -> Vec<&'a Record> {
    let own: HashMap<(&str, Split), &Record> =
        group.scored().map(|r| ((r.cell.data_set.as_str(), (r.cell.repeat, r.cell.fold)), r)).collect();
    let baseline = |(data_set, (repeat, fold)): (&str, Split)| {
        let cell = CellId { data_set: data_set.to_owned(), repeat, fold, ..setting(&group.pipeline) };
        stand_ins.get(&cell).copied()
    };
    wanted.iter().filter_map(|split| own.get(split).copied().or_else(|| baseline(*split))).collect()
}

/// A pipeline's row over those of its `all_used` records whose splits are `kept`.
fn row(
    results: &Results,
    group: &folds::Group<'_>,
    metrics: &[String],
    (all_used, kept, wanted): (&[&Record], Option<&[Split]>, usize),
) -> Row {
    let planned = &results.planned[group.first];
    let records = &group.records;
    let split = |r: &Record| (r.cell.repeat, r.cell.fold);
    let scored = group.scored().count();
    let used: Vec<&Record> =
        all_used.iter().copied().filter(|r| kept.is_none_or(|kept| kept.contains(&split(r)))).collect();
    let own = || used.iter().filter(|r| r.cell.classifier == planned.cell.classifier);
    let present = records.iter().flatten().count();
    let summaries = metrics.iter().map(|metric| {
        let values: Vec<f64> = used.iter().filter_map(|r| value(r.metrics.get(metric))).collect();
        let undefined = used.len() - values.len();
        Summary::new(values, undefined)
    });
    let mean_of = |seconds: fn(&Record) -> f64| mean_and_sd(&own().map(|r| seconds(r)).collect::<Vec<_>>()).0;
    Row {
        rank: None,
        pipeline: Pipeline::of(&planned.cell),
        family: planned.family.clone(),
        backend: planned.backend.clone(),
        coverage: Coverage {
            planned: records.len(),
            scored,
            failed: present - scored,
            missing: records.len() - present,
        },
        splits: used.iter().map(|r| split(r)).collect(),
        wanted: kept.map_or(wanted, <[Split]>::len),
        imputed: used.len() - own().count(),
        idle: own().filter_map(|r| Nothing::of(r)).filter(|what| what.learnt() == Learnt::Nothing).count(),
        ratio: f64::NAN,
        interval: None,
        summaries: summaries.collect(),
        fit_s: mean_of(|r| r.seconds.fit),
        predict_s: mean_of(|r| r.seconds.predict),
    }
}

/// The place in the plan of each pipeline's first cell.
fn first_places(results: &Results) -> HashMap<Pipeline, usize> {
    let mut places = HashMap::new();
    for (place, planned) in results.planned.iter().enumerate() {
        places.entry(Pipeline::of(&planned.cell)).or_insert(place);
    }
    places
}

fn set_intervals(board: &mut Leaderboard, ratios: &Ratios) {
    let Some(at) = board.metrics.iter().position(|m| *m == board.primary) else { return };
    for row in &mut board.rows {
        row.ratio = ratios.mean(row.pipeline.variant(), &row.splits);
        let t = CorrectedT::new(&row.summaries[at].values, row.ratio);
        row.interval = t.and_then(|t| t.interval_within(LEVEL, board.range));
    }
}

/// Sorts the rankable rows to the front, best first, and numbers those of each variant; rows of equal means stay in plan order.
fn rank(board: &mut Leaderboard) {
    let sign = if board.better == Better::Lower { 1.0 } else { -1.0 };
    let badness = |row: &Row| {
        let summary = board.summary(row, &board.primary).filter(|s| row.is_whole() && s.undefined == 0);
        summary.and_then(|summary| summary.mean).map(|mean| sign * mean)
    };
    let values: Vec<Option<f64>> = board.rows.iter().map(badness).collect();
    let (mut ranked, mut others): (Vec<(Row, f64)>, Vec<Row>) = (Vec::new(), Vec::new());
    for (row, value) in std::mem::take(&mut board.rows).into_iter().zip(values) {
        match value {
            Some(value) => ranked.push((row, value)),
            None => others.push(Row { rank: None, ..row }),
        }
    }
    // Rows of one variant decide no tie of another one.
    let variants = distinct(ranked.iter().map(|(row, _)| variant_of(row)));
    let mut numbered: Vec<(f64, Row)> = Vec::with_capacity(ranked.len());
    let mut of_each: Vec<Vec<(Option<Row>, f64)>> = variants.iter().map(|_| Vec::new()).collect();
    for (row, value) in ranked {
        let at = variants.iter().position(|variant| *variant == variant_of(&row)).unwrap_or_default();
        of_each[at].push((Some(row), value));
    }
    for mut own in of_each {
        let mut rank = 1;
        for equal in runs(&own.iter().map(|(_, value)| *value).collect::<Vec<f64>>()) {
            let (count, first) = (equal.len(), equal.iter().map(|&place| own[place].1).fold(f64::INFINITY, f64::min));
            for row in equal.into_iter().filter_map(|place| own[place].0.take()) {
                numbered.push((first, Row { rank: Some(rank), ..row }));
            }
            rank += count;
        }
    }
    numbered.sort_by(|a, b| a.0.total_cmp(&b.0));
    board.rows = numbered.into_iter().map(|(_, row)| row).chain(others).collect();
}

fn variant_of(row: &Row) -> (String, bool) {
    let (protocol, dedup) = row.pipeline.variant();
    (protocol.to_owned(), dedup)
}
