//! Fits that a limit such as `max_iter` ended before they had converged.

use super::Results;
use super::folds::by_pipeline;
use super::leaderboard::Pipeline;
use crate::classify::limit::Limit;
use crate::store::Record;

/// A pipeline with such a fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Which.
    pub pipeline: Pipeline,
    /// Scored cells whose fit was ended.
    pub cells: usize,
    /// Scored cells in all.
    pub scored: usize,
    /// The parameters that ended the fits.
    pub limits: Vec<&'static str>,
}

/// The pipelines with a cell whose record says so, in plan order; records of older builds say it of `svc` alone.
pub fn unfinished_fits(results: &Results) -> Vec<Unfinished> {
    let of = |record: &Record, limit: Limit| record.details.as_ref().and_then(|details| limit.reached(details));
    let is_ended = |record: &Record| Limit::ALL.iter().any(|limit| of(record, *limit).is_some());
    let groups = by_pipeline(results).into_iter().filter_map(|group| {
        let cells = group.scored().filter(|record| is_ended(record)).count();
        let ends = |limit: &Limit| group.scored().any(|record| of(record, *limit).is_some());
        let limits = Limit::ALL.into_iter().filter(ends).map(Limit::name).collect();
        let scored = group.scored().count();
        (cells > 0).then_some(Unfinished { pipeline: group.pipeline, cells, scored, limits })
    });
    groups.collect()
}
