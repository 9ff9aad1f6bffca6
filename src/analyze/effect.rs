//! What resampling did: rows removed a fold, and the paired change of the primary metric.

use std::collections::{HashMap, HashSet};

use super::Results;
use super::leaderboard::{distinct, matched, value};
use super::statistics::mean::mean_and_sd;
use crate::cell::CellId;
use crate::metric::Better;
use crate::store::{Outcome, Record};

/// Training rows that one resampler removed a fold.
#[derive(Debug, Clone, PartialEq)]
pub struct Removed {
    /// Whether exact duplicate rows were dropped first.
    pub dedup: bool,
    /// The resampler's name.
    pub resampler: String,
    /// Folds of the plan.
    pub planned: usize,
    /// Folds that have a scored cell.
    pub folds: usize,
    /// Mean over those folds.
    pub mean: f64,
    /// Smallest.
    pub least: u64,
    /// Largest.
    pub most: u64,
}

/// Change of the primary metric by a resampler against none, over cells that differ in nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The classifiers' family.
    pub family: String,
    /// The resampler's name.
    pub resampler: String,
    /// Pairs of planned cells.
    pub planned: usize,
    /// Pairs of cells of which both have a defined primary score.
    pub pairs: usize,
    /// Mean of (with - without).
    pub mean: f64,
    /// Sample standard deviation of (with - without); none for one pair.
    pub sd: Option<f64>,
    /// Pairs in which the resampler's cell is the better one.
    pub better: usize,
    /// Pairs in which both are equal.
    pub equal: usize,
}

/// Rows removed a fold, by dataset variant and resampler, in plan order. Every fold counts once, however many pipelines
/// used it.
pub fn removed_rows(results: &Results) -> Vec<Removed> {
    let scored: Vec<&Record> =
        matched(results).into_iter().flatten().filter(|r| r.outcome == Outcome::Scored).collect();
    let variants = distinct(scored.iter().map(|r| (r.cell.dedup, &r.cell.resampler)));
    let of = |(dedup, resampler): (bool, &String)| {
        let mut by_split: HashMap<(&str, u32, u32), u64> = HashMap::new();
        let mut rows = Vec::new();
        for r in scored.iter().filter(|r| r.cell.dedup == dedup && r.cell.resampler == *resampler) {
            let split = (r.cell.protocol.as_str(), r.cell.repeat, r.cell.fold);
            if by_split.insert(split, r.removed_rows).is_none() {
                rows.push(r.removed_rows);
            }
        }
        let plan = results.planned.iter().filter(|p| p.cell.dedup == dedup && p.cell.resampler == *resampler);
        Removed {
            dedup,
            resampler: resampler.clone(),
            planned: distinct(plan.map(|p| (&p.cell.protocol, p.cell.repeat, p.cell.fold))).len(),
            folds: rows.len(),
            mean: rows.iter().sum::<u64>() as f64 / rows.len().max(1) as f64,
            least: rows.iter().copied().min().unwrap_or(0),
            most: rows.iter().copied().max().unwrap_or(0),
        }
    };
    variants.into_iter().map(of).collect()
}

/// The name under which the study uses no resampling, if it does.
pub fn baseline_resampler(results: &Results) -> Option<String> {
    let by_facts = results.records.iter().find(|r| r.resampler_facts.id == "none").map(|r| r.cell.resampler.clone());
    by_facts.or_else(|| results.planned.iter().map(|p| &p.cell.resampler).find(|name| *name == "none").cloned())
}

/// The paired change by each resampler against no resampling, a row a family and resampler, in plan order; empty without
/// pairs. The differences keep the metric's sign; `better` says which sign is good.
pub fn resampler_effects(results: &Results, better: Better) -> Vec<Effect> {
    let Some(baseline) = baseline_resampler(results) else { return Vec::new() };
    let records = matched(results);
    let scores: HashMap<&CellId, f64> = records
        .iter()
        .flatten()
        .filter(|r| r.outcome == Outcome::Scored)
        .filter_map(|r| Some((&r.cell, value(r.metrics.get(&results.primary))?)))
        .collect();
    let planned: HashSet<&CellId> = results.planned.iter().map(|p| &p.cell).collect();
    let mut effects = Vec::new();
    let resamplers = distinct(results.planned.iter().map(|p| &p.cell.resampler).filter(|name| **name != baseline));
    for family in distinct(results.planned.iter().map(|p| &p.family)) {
        for resampler in &resamplers {
            let with = results.planned.iter().filter(|p| p.family == *family && p.cell.resampler == **resampler);
            let pairs: Vec<(&CellId, CellId)> = with
                .map(|p| (&p.cell, CellId { resampler: baseline.clone(), ..p.cell.clone() }))
                .filter(|(_, without)| planned.contains(without))
                .collect();
            let changes: Vec<f64> =
                pairs.iter().filter_map(|(with, without)| Some(scores.get(with)? - scores.get(without)?)).collect();
            let (Some(mean), sd) = mean_and_sd(&changes) else { continue };
            let good = |change: &&f64| if better == Better::Lower { **change < 0.0 } else { **change > 0.0 };
            effects.push(Effect {
                family: family.clone(),
                resampler: (*resampler).clone(),
                planned: pairs.len(),
                pairs: changes.len(),
                mean,
                sd,
                better: changes.iter().filter(good).count(),
                equal: changes.iter().filter(|change| **change == 0.0).count(),
            });
        }
    }
    effects
}
