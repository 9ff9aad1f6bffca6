//! Two runs of the same cells: which scores differ.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::Results;
use super::leaderboard::matched;
use crate::cell::CellId;
use crate::data::TableFacts;
use crate::error::{Error, Result};
use crate::metric::Score;
use crate::store::{Outcome, Record};

/// What makes two runs of one study alike that saw different data: another version, or other options of
/// `[data]`, can make other features of the same file.
pub(crate) const ON_SAME_DATA: &str = "run one of them again, on the data of the other, with the same `[data]` in its study and the same version of fraudbench";

/// What differs between two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Regression {
    /// Cells that both runs planned.
    pub both: usize,
    /// Cells that only the first run planned.
    pub only_first: usize,
    /// Cells that only the second run planned.
    pub only_second: usize,
    /// Cells with scores in both: these are compared.
    pub compared: usize,
    /// Compared cells of which a component, parameter, seed or version differs, by their key.
    pub redefined: usize,
    /// The metrics that were compared: those that both runs have.
    pub metrics: Vec<String>,
    /// Cells that ended differently, with both ends (`missing` without a record), in plan order.
    pub outcomes: Vec<(CellId, &'static str, &'static str)>,
    /// Scores that differ, the largest difference first; a score with a value in one run only comes before all.
    pub changes: Vec<Change>,
}

/// One score that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which cell.
    pub cell: CellId,
    /// Which metric.
    pub metric: String,
    /// Its value in the first run; none where it is undefined.
    pub first: Option<f64>,
    /// Its value in the second run.
    pub second: Option<f64>,
}

impl Change {
    /// Second minus first; none where one of them is undefined.
    pub fn difference(&self) -> Option<f64> {
        Some(self.second? - self.first?)
    }
}

impl Regression {
    /// The cells of which any score differs, in the order of `changes`.
    pub fn changed_cells(&self) -> Vec<&CellId> {
        let mut seen = HashSet::new();
        self.changes.iter().map(|change| &change.cell).filter(|cell| seen.insert(*cell)).collect()
    }

    /// Whether every cell that both planned ended in the same way, with the same scores.
    pub fn is_clean(&self) -> bool {
        self.changes.is_empty() && self.outcomes.is_empty()
    }
}

/// Compares two runs cell by cell; values that differ by no more than `tolerance` are the same. `metric` picks one metric.
///
/// # Errors
/// [`Error::Data`] when the runs saw different data; [`Error::Usage`] when they have no cell or no metric in common.
pub fn regression(first: &Results, second: &Results, metric: Option<&str>, tolerance: f64) -> Result<Regression> {
    let alike = |a: &TableFacts| second.manifest.data.iter().find(|b| b.name == a.name);
    let mut tables: Vec<_> = first.manifest.data.iter().filter_map(|a| Some((a, alike(a)?))).collect();
    if tables.is_empty() {
        tables.push((first.manifest.table(), second.manifest.table()));
    }
    let others: Vec<String> = tables.into_iter().filter_map(|(a, b)| other(a, b)).collect();
    if !others.is_empty() {
        return Err(Error::Data(format!(
            "the runs saw different data ({}), so their scores cannot be compared cell by cell: {ON_SAME_DATA}",
            others.join("; ")
        )));
    }
    let shared = |m: &&String| second.metrics.contains(*m) && metric.is_none_or(|wanted| wanted == m.as_str());
    let metrics: Vec<String> = first.metrics.iter().filter(shared).cloned().collect();
    if metrics.is_empty() {
        return Err(Error::Usage(match metric {
            Some(wanted) => format!("the two runs do not both have the metric {wanted}"),
            None => "the two runs have no metric in common".to_owned(),
        }));
    }
    let others: HashMap<&CellId, Option<&Record>> =
        second.planned.iter().map(|p| &p.cell).zip(matched(second)).collect();
    let pairs: Vec<(&CellId, Option<&Record>, Option<&Record>)> = first
        .planned
        .iter()
        .zip(matched(first))
        .filter_map(|(p, record)| Some((&p.cell, record, *others.get(&p.cell)?)))
        .collect();
    if pairs.is_empty() {
        return Err(Error::Usage("the two runs have no cell in common".to_owned()));
    }
    let name = |record: Option<&Record>| record.map_or("missing", |r| r.outcome.name());
    let outcomes = pairs.iter().filter(|(_, a, b)| name(*a) != name(*b));
    let scored: Vec<(&CellId, &Record, &Record)> = pairs
        .iter()
        .filter_map(|(cell, a, b)| Some((*cell, (*a)?, (*b)?)))
        .filter(|(_, a, b)| a.outcome == Outcome::Scored && b.outcome == Outcome::Scored)
        .collect();
    let mut changes: Vec<Change> =
        scored.iter().flat_map(|(cell, a, b)| changes_of(cell, a, b, &metrics, tolerance)).collect();
    changes.sort_by(largest_first);
    Ok(Regression {
        both: pairs.len(),
        only_first: first.planned.len() - pairs.len(),
        only_second: second.planned.len() - pairs.len(),
        compared: scored.len(),
        redefined: scored.iter().filter(|(_, a, b)| a.key != b.key).count(),
        outcomes: outcomes.map(|(cell, a, b)| ((*cell).clone(), name(*a), name(*b))).collect(),
        metrics,
        changes,
    })
}

/// What two tables differ in; none where they are the same. The same values in another file are the same data, and one file is not where
/// other features were made of it: by another version, or from another study.
fn other(a: &TableFacts, b: &TableFacts) -> Option<String> {
    let what = a.digests.other_than(&b.digests)?;
    Some(match a.sha256 == b.sha256 {
        true => format!("{} {:.12}… in both, with a difference in {what}", a.name, a.sha256),
        false => format!("{} {:.12}… and {} {:.12}…, with a difference in {what}", a.name, a.sha256, b.name, b.sha256),
    })
}

fn changes_of(cell: &CellId, a: &Record, b: &Record, metrics: &[String], tolerance: f64) -> Vec<Change> {
    let value = |record: &Record, metric: &str| record.metrics.get(metric).and_then(Score::value);
    let differs = |change: &Change| match (change.first, change.second) {
        // Bit for bit, so that NaN equals NaN and infinity infinity.
        (Some(a), Some(b)) => a.to_bits() != b.to_bits() && ((a - b).abs() > tolerance || (a - b).is_nan()),
        (a, b) => a.is_some() != b.is_some(),
    };
    metrics
        .iter()
        .map(|m| Change { cell: cell.clone(), metric: m.clone(), first: value(a, m), second: value(b, m) })
        .filter(differs)
        .collect()
}

fn largest_first(a: &Change, b: &Change) -> Ordering {
    let size = |change: &Change| change.difference().map_or(f64::INFINITY, f64::abs);
    size(b).total_cmp(&size(a))
}
