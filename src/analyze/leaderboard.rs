//! The leaderboard: one row a pipeline, ranked by the primary metric among the pipelines that are complete.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::Results;
use crate::metric::{Better, Score};
use crate::store::{CellId, Outcome, Record};

/// What is compared: a protocol, a dataset variant and the three components, by the study's names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pipeline {
    /// The protocol's name.
    pub protocol: String,
    /// Whether exact duplicate rows were dropped first.
    pub dedup: bool,
    /// The resampler's name.
    pub resampler: String,
    /// The scaler's name.
    pub scaler: String,
    /// The classifier's name.
    pub classifier: String,
}

impl Pipeline {
    fn of(cell: &CellId) -> Self {
        Pipeline {
            protocol: cell.protocol.clone(),
            dedup: cell.dedup,
            resampler: cell.resampler.clone(),
            scaler: cell.scaler.clone(),
            classifier: cell.classifier.clone(),
        }
    }
}

/// How many of a pipeline's cells there are, and how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Cells of the plan.
    pub planned: usize,
    /// Cells with scores.
    pub scored: usize,
    /// Cells that failed.
    pub failed: usize,
    /// Cells without a record.
    pub missing: usize,
}

impl Coverage {
    /// Whether every planned cell was scored.
    pub fn is_complete(&self) -> bool {
        self.planned > 0 && self.scored == self.planned
    }
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
    /// 1 is best; equal means share a rank. None where a planned cell has no defined primary score.
    pub rank: Option<usize>,
    /// Which pipeline.
    pub pipeline: Pipeline,
    /// Its classifier's family.
    pub family: String,
    /// What implements it.
    pub backend: String,
    /// How much of it there is.
    pub coverage: Coverage,
    /// One summary a metric, in [`Leaderboard::metrics`]' order.
    pub summaries: Vec<Summary>,
    /// Mean wall seconds of fitting the classifier over the scored cells.
    pub fit_s: Option<f64>,
    /// Mean wall seconds of predicting the test rows over the scored cells.
    pub predict_s: Option<f64>,
}

/// All pipelines of a run: the ranked ones by rank, then the others in plan order.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaderboard {
    /// The metrics, in the study's order; the primary one is always among them.
    pub metrics: Vec<String>,
    /// The metric that ranks.
    pub primary: String,
    /// Which end of it is good.
    pub better: Better,
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

/// Mean and sample standard deviation (n - 1), in two passes and in the order given.
pub fn mean_and_sd(values: &[f64]) -> (Option<f64>, Option<f64>) {
    if values.is_empty() {
        return (None, None);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd =
        (values.len() > 1).then(|| (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt());
    (Some(mean), sd)
}

/// The different items in the order of their first appearance.
pub fn distinct<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// Ranks the pipelines of a run; `better` tells which end of a metric is good.
///
/// A pipeline is ranked only if every planned cell was scored with a defined primary metric, so that no two means in the
/// ranking are over unequal folds.
pub fn leaderboard(results: &Results, better: impl Fn(&str) -> Better) -> Leaderboard {
    let mut metrics = results.metrics.clone();
    if !metrics.contains(&results.primary) {
        metrics.push(results.primary.clone());
    }
    let better = better(&results.primary);
    let mut groups: Vec<(usize, Vec<Option<&Record>>)> = Vec::new();
    let mut at: HashMap<Pipeline, usize> = HashMap::new();
    for (i, record) in matched(results).into_iter().enumerate() {
        let group = *at.entry(Pipeline::of(&results.planned[i].cell)).or_insert_with(|| {
            groups.push((i, Vec::new()));
            groups.len() - 1
        });
        groups[group].1.push(record);
    }
    let rows = groups.into_iter().map(|(first, records)| row(results, first, &records, &metrics)).collect();
    let mut board = Leaderboard { metrics, primary: results.primary.clone(), better, rows };
    rank(&mut board);
    board
}

fn row(results: &Results, first: usize, records: &[Option<&Record>], metrics: &[String]) -> Row {
    let planned = &results.planned[first];
    let scored: Vec<&Record> = records.iter().flatten().copied().filter(|r| r.outcome == Outcome::Scored).collect();
    let present = records.iter().flatten().count();
    let summaries = metrics.iter().map(|metric| {
        let values: Vec<f64> = scored.iter().filter_map(|r| value(r.metrics.get(metric))).collect();
        let undefined = scored.len() - values.len();
        Summary::new(values, undefined)
    });
    let mean_of = |seconds: fn(&Record) -> f64| mean_and_sd(&scored.iter().map(|r| seconds(r)).collect::<Vec<_>>()).0;
    Row {
        rank: None,
        pipeline: Pipeline::of(&planned.cell),
        family: planned.family.clone(),
        backend: planned.backend.clone(),
        coverage: Coverage {
            planned: records.len(),
            scored: scored.len(),
            failed: present - scored.len(),
            missing: records.len() - present,
        },
        summaries: summaries.collect(),
        fit_s: mean_of(|r| r.seconds.fit),
        predict_s: mean_of(|r| r.seconds.predict),
    }
}

/// Sorts the rankable rows to the front, best first, and numbers them; the sort is stable, so ties stay in plan order.
fn rank(board: &mut Leaderboard) {
    let mut keyed: Vec<(Option<f64>, Row)> = std::mem::take(&mut board.rows)
        .into_iter()
        .map(|row| {
            let whole = board
                .summary(&row, &board.primary)
                .filter(|s| row.coverage.is_complete() && s.undefined == 0)
                .and_then(|s| s.mean);
            (whole, row)
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) if board.better == Better::Lower => a.total_cmp(b),
        (Some(a), Some(b)) => b.total_cmp(a),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
    let mut last: Option<(f64, usize)> = None;
    for (i, (mean, row)) in keyed.iter_mut().enumerate() {
        let Some(mean) = *mean else { break };
        let place = match last {
            Some((before, place)) if before == mean => place,
            _ => i + 1,
        };
        row.rank = Some(place);
        last = Some((mean, place));
    }
    board.rows = keyed.into_iter().map(|(_, row)| row).collect();
}
