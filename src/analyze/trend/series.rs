//! One pipeline by one measure, run after run.

use crate::analyze::gate::Measure;
use crate::analyze::leaderboard::Pipeline;
use crate::analyze::statistics::change_point::ChangePoint;

/// A run's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The run's place among the runs.
    pub run: usize,
    /// The mean over its splits.
    pub value: f64,
    /// The mean on the scale on which larger is worse.
    pub badness: f64,
    /// Splits with a value.
    pub splits: usize,
}

/// A place at which a series changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The place among the points of the first one after it.
    pub at: usize,
    /// The mean of the points since the change before.
    pub before: f64,
    /// The mean of the points up to the next change.
    pub after: f64,
    /// Whether it is for the worse.
    pub is_worse: bool,
    /// The p-value, corrected for all series.
    pub p: f64,
}

/// One pipeline by one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The data set's name.
    pub data_set: String,
    /// Which pipeline.
    pub pipeline: Pipeline,
    /// Its classifier's family.
    pub family: String,
    /// What is followed.
    pub measure: Measure,
    /// Changes up to this do not count, on the scale on which larger is worse.
    pub threshold: f64,
    /// The runs that have a value, the oldest first.
    pub points: Vec<Point>,
    /// The changes, the oldest first.
    pub changes: Vec<Change>,
}

impl Series {
    /// Whether all values are the same: nothing can have changed.
    pub fn is_constant(&self) -> bool {
        self.points.windows(2).all(|pair| pair[0].badness == pair[1].badness)
    }

    /// The change for the worse after which the series did not become better again.
    pub fn in_force(&self) -> Option<&Change> {
        self.changes.last().filter(|change| change.is_worse)
    }

    /// The parts between changes: first and last place of the points, and their mean value.
    pub fn parts(&self) -> Vec<(usize, usize, f64)> {
        let cuts: Vec<usize> = self.changes.iter().map(|change| change.at).collect();
        let from = std::iter::once(0).chain(cuts.iter().copied());
        let to = cuts.iter().copied().chain([self.points.len()]);
        from.zip(to).filter(|(from, to)| from < to).map(|(from, to)| (from, to - 1, self.mean(from, to))).collect()
    }

    fn mean(&self, from: usize, to: usize) -> f64 {
        self.points[from..to].iter().map(|point| point.value).sum::<f64>() / (to - from) as f64
    }

    /// Takes what was found; `series` is how many share alpha.
    pub(super) fn set_changes(&mut self, found: &[ChangePoint], series: usize) {
        let cuts: Vec<usize> =
            std::iter::once(0).chain(found.iter().map(|f| f.at)).chain([self.points.len()]).collect();
        let badness =
            |from: usize, to: usize| self.points[from..to].iter().map(|p| p.badness).sum::<f64>() / (to - from) as f64;
        let change = |(nth, found): (usize, &ChangePoint)| {
            let [from, at, to] = [cuts[nth], cuts[nth + 1], cuts[nth + 2]];
            Change {
                at,
                before: self.mean(from, at),
                after: self.mean(at, to),
                is_worse: badness(at, to) > badness(from, at),
                p: (found.p * series as f64).min(1.0),
            }
        };
        self.changes = found.iter().enumerate().map(change).collect();
    }
}
