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
    /// Whether it is for the worse, and no later change for the better has brought the series back, to within its threshold of what it
    /// was before. A part of the way back leaves it worse than it was.
    pub is_in_force: bool,
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

    /// Whether it has so few runs that no change could be told, however large: of so many it could, `enough`. Where all values lie within
    /// the threshold, nothing has changed all the same.
    pub fn is_too_short(&self, enough: usize) -> bool {
        let badness = || self.points.iter().map(|point| point.badness);
        let spread = badness().fold(f64::NEG_INFINITY, f64::max) - badness().fold(f64::INFINITY, f64::min);
        self.points.len() < enough && (self.points.len() < 2 || spread > self.threshold)
    }

    /// The changes for the worse from which the series has not come back, the oldest first.
    pub fn in_force(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_in_force)
    }

    /// The mean since a change, where the series has changed again since then.
    pub fn now(&self, change: &Change) -> Option<f64> {
        self.changes.last().filter(|last| last.at != change.at).map(|last| last.after)
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
        let sides = |nth: usize| (badness(cuts[nth], cuts[nth + 1]), badness(cuts[nth + 1], cuts[nth + 2]));
        let change = |(nth, one): (usize, &ChangePoint)| {
            let [from, at, to] = [cuts[nth], cuts[nth + 1], cuts[nth + 2]];
            let (was, became) = sides(nth);
            let is_back = (nth + 1..found.len()).map(sides).any(|(a, b)| b < a && b - was <= self.threshold);
            Change {
                at,
                before: self.mean(from, at),
                after: self.mean(at, to),
                is_worse: became > was,
                is_in_force: became > was && !is_back,
                p: (one.p * series as f64).min(1.0),
            }
        };
        self.changes = found.iter().enumerate().map(change).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::CellId;
    use crate::metric::Better;

    /// A pipeline's metric of which more is better: five nights at each of these means, with a change at each step.
    fn stepped(means: &[f64]) -> Series {
        let none = || "none".to_owned();
        let cell = CellId {
            data_set: String::new(),
            protocol: "hold-out".to_owned(),
            dedup: false,
            imputer: none(),
            resampler: none(),
            encoder: none(),
            scaler: none(),
            select: none(),
            classifier: "k-neighbors".to_owned(),
            repeat: 0,
            fold: 0,
        };
        let values = means.iter().flat_map(|mean| [*mean; 5]).enumerate();
        let mut series = Series {
            data_set: "t".to_owned(),
            pipeline: Pipeline::of(&cell),
            family: "k-neighbors".to_owned(),
            measure: Measure::Metric { id: "pr-auc".to_owned(), better: Better::Higher },
            threshold: 0.01,
            points: values.map(|(run, value)| Point { run, value, badness: -value, splits: 4 }).collect(),
            changes: Vec::new(),
        };
        let found: Vec<ChangePoint> = (1..means.len()).map(|step| ChangePoint { at: 5 * step, p: 0.001 }).collect();
        series.set_changes(&found, 1);
        series
    }

    /// At which steps the changes in force are.
    fn in_force(means: &[f64]) -> Vec<usize> {
        stepped(means).in_force().map(|change| change.at / 5).collect()
    }

    #[test]
    fn a_part_of_the_way_back_leaves_a_regression_in_force() {
        assert_eq!(in_force(&[0.3532, 0.1744, 0.2350]), [1]);
        // Back within the threshold of 0.01, and beyond what it was.
        assert!(in_force(&[0.3532, 0.1744, 0.3442]).is_empty());
        assert!(in_force(&[0.35, 0.17, 0.40]).is_empty());
        // Back to what it was before the second fall alone.
        assert_eq!(in_force(&[0.9, 0.8, 0.7, 0.8]), [1]);
        assert_eq!(in_force(&[0.9, 0.8, 0.7]), [1, 2]);
        // What was made good once is over, whatever came later.
        assert_eq!(in_force(&[0.9, 0.8, 0.9, 0.85]), [3]);
        // Small steps down are no way back.
        assert_eq!(in_force(&[0.9, 0.893, 0.886, 0.879]), [1, 2, 3]);
    }

    #[test]
    fn a_series_is_too_short_where_its_values_differ_and_no_order_could_tell() {
        let of = |means: &[f64], enough: usize| stepped(means).is_too_short(enough);
        // Ten nights.
        assert!(of(&[0.7, 0.1], 11) && !of(&[0.7, 0.1], 10));
        // Less apart than matters, and all the same.
        assert!(!of(&[0.700, 0.695], 11) && !of(&[0.7], 11));
        let mut one = stepped(&[0.7]);
        one.points.truncate(1);
        assert!(one.is_too_short(9));
    }

    #[test]
    fn what_it_is_now_is_told_where_it_has_changed_since() {
        let series = stepped(&[0.35, 0.17, 0.25]);
        let now: Vec<Option<f64>> = series.changes.iter().map(|change| series.now(change)).collect();
        assert!((now[0].unwrap() - 0.25).abs() < 1e-12 && now[1].is_none(), "{now:?}");
    }
}
