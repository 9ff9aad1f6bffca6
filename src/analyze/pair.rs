//! Two pipelines of one run over the folds that both have.

use super::Results;
use super::folds::{Ratios, Split, by_pipeline};
use super::leaderboard::{Pipeline, distinct};
use super::statistics::corrected_t::CorrectedT;
use crate::error::{Error, Result};

/// The paired values of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The splits on which both have a value, in plan order.
    pub splits: Vec<Split>,
    /// The first pipeline's values, one a split.
    pub a: Vec<f64>,
    /// The second's.
    pub b: Vec<f64>,
    /// Splits that either is planned on.
    pub planned: usize,
    /// `n_test / n_train`, mean over `splits`.
    pub ratio: f64,
}

impl Pair {
    /// The values of `a` minus those of `b`.
    pub fn differences(&self) -> Vec<f64> {
        self.a.iter().zip(&self.b).map(|(a, b)| a - b).collect()
    }

    /// The corrected resampled t of the differences; none below two splits.
    pub fn corrected(&self) -> Option<CorrectedT> {
        CorrectedT::new(&self.differences(), self.ratio)
    }
}

/// Pairs two pipelines of a run on one data set by split.
///
/// # Errors
/// [`Error::Usage`] when the results are of several data sets (take [`Results::on`] one), when the pipelines were tested on different
/// rows (another dataset variant), or have no split in common.
pub fn pair(results: &Results, a: &Pipeline, b: &Pipeline, metric: &str) -> Result<Pair> {
    if distinct(results.planned.iter().map(|p| p.cell.data_set.as_str())).len() > 1 {
        return Err(Error::Usage(
            "folds of several data sets hold different rows and cannot be paired together".to_owned(),
        ));
    }
    if (&a.protocol, a.dedup) != (&b.protocol, b.dedup) {
        return Err(Error::Usage(
            "the two pipelines differ in dedup, so their folds hold different rows and cannot be paired".to_owned(),
        ));
    }
    let groups = by_pipeline(results);
    let of = |pipeline: &Pipeline| groups.iter().find(|group| group.pipeline == *pipeline);
    let values = |pipeline: &Pipeline| of(pipeline).map(|group| group.values(metric)).unwrap_or_default();
    let second = values(b);
    let mut pair = Pair { splits: Vec::new(), a: Vec::new(), b: Vec::new(), planned: 0, ratio: f64::NAN };
    for (split, value) in values(a) {
        if let Some((_, other)) = second.iter().find(|(known, _)| *known == split) {
            pair.splits.push(split);
            pair.a.push(value);
            pair.b.push(*other);
        }
    }
    if pair.splits.is_empty() {
        return Err(Error::Usage(format!("there is no fold on which both pipelines have a value of {metric}")));
    }
    // A filter or a merge may leave either of them fewer.
    let cells = [a, b].into_iter().filter_map(of).flat_map(|group| &group.cells);
    pair.planned = distinct(cells.map(|cell| (cell.repeat, cell.fold))).len();
    pair.ratio = Ratios::of(results).mean(a.variant(), &pair.splits);
    Ok(pair)
}
