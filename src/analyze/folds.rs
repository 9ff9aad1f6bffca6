//! Which splits a pipeline has scores on, and how large their test parts are: what pairing and rankings rest on.

use std::collections::{HashMap, HashSet};

use super::Results;
use super::leaderboard::{Pipeline, matched, value};
use crate::cell::CellId;
use crate::store::{Outcome, Record};

/// Repeat and fold.
pub type Split = (u32, u32);

/// The cells of one pipeline.
pub struct Group<'a> {
    /// The place of its first cell in the plan.
    pub first: usize,
    /// Which pipeline.
    pub pipeline: Pipeline,
    /// Its planned cells, in plan order.
    pub cells: Vec<&'a CellId>,
    /// A place a planned cell, in plan order; none where there is no record.
    pub records: Vec<Option<&'a Record>>,
}

impl<'a> Group<'a> {
    /// The records with scores; those of any other outcome are as good as missing.
    pub fn scored(&self) -> impl Iterator<Item = &'a Record> {
        self.records.iter().flatten().copied().filter(|r| r.outcome == Outcome::Scored)
    }

    /// The splits on which `metric` has a value, with the values, in plan order.
    pub fn values(&self, metric: &str) -> Vec<(Split, f64)> {
        self.scored().filter_map(|r| Some(((r.cell.repeat, r.cell.fold), value(r.metrics.get(metric))?))).collect()
    }
}

/// The upper median of how many splits runs have: a run with fewer lacks some, and a mean over those that it has is not one over all.
/// Where most runs lack some, that is what is usual. 0 without runs.
pub(crate) fn usual_splits(counts: impl Iterator<Item = usize>) -> usize {
    let mut counts: Vec<usize> = counts.collect();
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied().unwrap_or(0)
}

/// The cells by pipeline, in plan order.
pub fn by_pipeline(results: &Results) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut at: HashMap<Pipeline, usize> = HashMap::new();
    for (first, (planned, record)) in results.planned.iter().zip(matched(results)).enumerate() {
        let pipeline = Pipeline::of(&planned.cell);
        let group = *at.entry(pipeline.clone()).or_insert_with(|| {
            groups.push(Group { first, pipeline, cells: Vec::new(), records: Vec::new() });
            groups.len() - 1
        });
        groups[group].cells.push(&planned.cell);
        groups[group].records.push(record);
    }
    groups
}

/// The splits on which every pipeline that has any value of `metric` has one, in plan order.
pub fn common(groups: &[Group<'_>], metric: &str) -> Vec<Split> {
    let mut having = groups.iter().map(|group| group.values(metric)).filter(|values| !values.is_empty());
    let first = having.next().unwrap_or_default();
    let mut kept: Vec<Split> = first.into_iter().map(|(split, _)| split).collect();
    for values in having {
        let splits: HashSet<Split> = values.into_iter().map(|(split, _)| split).collect();
        kept.retain(|split| splits.contains(split));
    }
    kept
}

/// `n_test / n_train` of every split, by variant: which rows are tested is a matter of protocol and dedup.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ratios(HashMap<(String, bool), HashMap<Split, f64>>);

impl Ratios {
    /// Of the scored records of a run.
    ///
    /// The training rows are those before resampling. Records of the first builds do not tell which rows a resampler added, so the
    /// smallest number that any pipeline of the variant reports is taken.
    pub fn of(results: &Results) -> Self {
        let mut rows: HashMap<(String, bool), HashMap<Split, (u64, u64)>> = HashMap::new();
        for r in results.records.iter().filter(|r| r.outcome == Outcome::Scored) {
            let train = r.rows_before_resampling();
            let of_variant = rows.entry((r.cell.protocol.clone(), r.cell.dedup)).or_default();
            let known = of_variant.entry((r.cell.repeat, r.cell.fold)).or_insert((r.test_rows, train));
            known.1 = known.1.min(train);
        }
        let ratio = |(split, (test, train)): (Split, (u64, u64))| (split, test as f64 / train as f64);
        Ratios(rows.into_iter().map(|(variant, splits)| (variant, splits.into_iter().map(ratio).collect())).collect())
    }

    /// That of one split; none where no cell of the variant tells it.
    pub fn at(&self, (protocol, dedup): (&str, bool), split: Split) -> Option<f64> {
        self.0.get(&(protocol.to_owned(), dedup))?.get(&split).copied()
    }

    /// The mean over `splits`; NaN where there is none.
    pub fn mean(&self, variant: (&str, bool), splits: &[Split]) -> f64 {
        let known: Vec<f64> = splits.iter().filter_map(|split| self.at(variant, *split)).collect();
        known.iter().sum::<f64>() / known.len() as f64
    }
}
