//! Pipelines of a run by what they are, and how much of them was scored.

use crate::analyze::Results;
use crate::analyze::folds::{Group, by_pipeline};
use crate::analyze::leaderboard::{BASELINE, Summary};
use crate::papers::Cells;
use crate::split::Leaks;

/// The paper's scalers, resampler and families by our names.
pub(super) const FOREST: &str = "random-forest";
pub(super) const TPOT: &str = "tpot";
pub(super) const TOMEK: &str = "tomek-links";
pub(super) const NONE: &str = "none";
pub(super) const QUANTILE: &str = "quantile";

/// One pipeline of a run.
pub(super) struct Line<'a> {
    pub group: Group<'a>,
    pub family: &'a str,
    pub leaks: Leaks,
}

/// All pipelines of a run, in plan order; the baseline `prior` is no contender and is left out.
pub(super) fn lines(results: &Results) -> Vec<Line<'_>> {
    by_pipeline(results).into_iter().map(|group| line(results, group)).filter(|line| line.family != BASELINE).collect()
}

fn line<'a>(results: &'a Results, group: Group<'a>) -> Line<'a> {
    let leaks = Leaks::of_protocol(&group.pipeline.protocol);
    Line { family: &results.planned[group.first].family, leaks, group }
}

impl Line<'_> {
    pub fn cells(&self) -> Cells {
        let scored = self.group.scored().count();
        let present = self.group.records.iter().flatten().count();
        Cells { scored, failed: present - scored, planned: self.group.records.len() }
    }

    pub fn summary(&self, metric: &str) -> Summary {
        let values: Vec<f64> = self.group.values(metric).into_iter().map(|(_, value)| value).collect();
        let undefined = self.group.scored().count() - values.len();
        Summary::new(values, undefined)
    }

    /// The mean over all planned splits; none where one lacks a value.
    pub fn whole(&self, metric: &str) -> Option<f64> {
        let summary = self.summary(metric);
        summary.mean.filter(|_| summary.values.len() == self.group.records.len())
    }

    /// Honest, without duplicates.
    pub fn is_honest(&self) -> bool {
        self.leaks.is_empty() && self.group.pipeline.dedup
    }

    /// As the paper runs every family after its first findings: without duplicates, with Tomek links.
    pub fn is_papers(&self) -> bool {
        self.is_honest() && self.group.pipeline.resampler == TOMEK
    }
}

/// The coverage of several pipelines together.
pub(super) fn cells<'a, 'b: 'a>(lines: impl IntoIterator<Item = &'a Line<'b>>) -> Cells {
    lines.into_iter().fold(Cells::default(), |sum, line| sum.and(line.cells()))
}

/// A score in units of its fourth digit, the last that the paper prints.
pub(super) fn digits(value: f64) -> i64 {
    (value * 1e4).round() as i64
}
