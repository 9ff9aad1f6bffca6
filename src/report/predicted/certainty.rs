//! How sure the primary metric is, given the test rows: a bootstrap over pooled out-of-fold predictions.

use std::path::Path;

use super::read::Said;
use super::{Of, Predicted};
use crate::analyze::Results;
use crate::analyze::choice::of_family;
use crate::analyze::leaderboard::{LEVEL, Leaderboard, Row};
use crate::analyze::out_of_fold::{Fold, pooled};
use crate::analyze::statistics::bootstrap::{Bootstrap, Interval};
use crate::component::{Prediction, ScoreKind};
use crate::error::Result;
use crate::metric::{Metric, Scored};
use crate::report::document::Section;
use crate::report::number::score;
use crate::report::run::best::interval;
use crate::report::run::summary;

/// Resamples of a metric of labels and ranks.
const RESAMPLES: usize = 1_000;
/// Resamples of a metric that reads single scores: each costs as much as scoring all rows anew.
const SLOW_RESAMPLES: usize = 200;
/// One seed for all reports: the same records give the same report.
const SEED: u64 = 0;

/// A metric of pooled rows, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certainty {
    /// The metric of all pooled rows; none where it is undefined.
    pub value: Option<f64>,
    /// Its interval at [`LEVEL`].
    pub interval: Interval,
}

impl Certainty {
    /// How many resamples were drawn.
    pub fn resamples(&self) -> usize {
        self.interval.defined + self.interval.undefined
    }

    /// Both ends; none without them.
    pub fn ends(&self) -> Option<(f64, f64)> {
        self.interval.low.zip(self.interval.high)
    }
}

/// The certainty of `metric` of `row`, which said `said`, `rows` of it pooled, and is the best of `among` pipelines.
pub(super) fn of(said: &Said, rows: &Fold, row: &Row, metric: &'static Metric, among: usize) -> Result<Certainty> {
    let y: Vec<u8> = rows.positive.iter().map(|&p| u8::from(p)).collect();
    let prediction = Prediction {
        score: rows.score.iter().map(|&s| f64::from(s)).collect(),
        label: rows.label.iter().map(|&l| u8::from(l)).collect(),
        kind: if said.probability { ScoreKind::Probability } else { ScoreKind::Decision },
    };
    let value = metric.score(&Scored::new(&y, &prediction)?).value();
    let pooled = said.folds.iter().filter(|fold| fold.split.0 == rows.split.0).count();
    let per_training_row = row.ratio * pooled as f64;
    let bootstrap =
        Bootstrap { resamples: RESAMPLES, level: LEVEL, among, per_training_row, seed: SEED, key: &said.pipeline };
    let interval = match bootstrap.interval_by_counts(&y, &prediction, metric)? {
        Some(interval) => interval,
        None => Bootstrap { resamples: SLOW_RESAMPLES, ..bootstrap }.interval(&y, &prediction, metric)?,
    };
    Ok(Certainty { value, interval })
}

/// The certainty of the primary metric of a pipeline that is the best of `among`; none without the predictions of all its folds.
///
/// # Errors
/// [`crate::error::Error::Store`] for a file of predictions that is not what it should be.
pub(crate) fn of_pipeline(results: &Results, row: &Row, directory: &Path, among: usize) -> Result<Option<Certainty>> {
    let Some(said) = super::read::said(results, row, directory, &mut Vec::new())? else { return Ok(None) };
    let Some(rows) = pooled(&said.folds) else { return Ok(None) };
    of(&said, &rows, row, results.registry.metric(&results.primary)?, among).map(Some)
}

/// Both intervals of each family's best pipeline beside each other; none without predictions.
pub(in crate::report) fn section(board: &Leaderboard, all: &Predicted) -> Option<Section> {
    let text = format!(
        "At {:.0}%. Over folds: other folds of these data (corrected resampled t). Over rows: other test rows \
         (stratified bootstrap over the pooled out-of-fold rows, by log-odds) and other training rows (Nadeau and Bengio's correction). \
         Each pipeline was chosen as its family's best on these folds, so the flattered end of both intervals is that of as many intervals at once (Bonferroni). Pooling treats the scores of all folds' \
         models as one scale, so the pooled value can differ from the mean over folds.",
        LEVEL * 100.0
    );
    let line = |one: &Of<Certainty>| {
        let row = board.best(|row| row.family == one.family)?;
        let choice = of_family(board, row);
        let over_folds = choice.map_or(row.interval, |choice| choice.interval);
        Some(vec![
            one.family.clone(),
            summary(board.summary(row, &board.primary)),
            choice.map_or_else(|| "–".to_owned(), |choice| score(Some(choice.mean))),
            interval(over_folds),
            score(one.it.value),
            interval(one.it.interval.chosen),
            one.it.resamples().to_string(),
        ])
    };
    let header = [
        "family",
        "mean over folds",
        "not chosen there",
        "95% CI over folds",
        "pooled",
        "95% CI over rows",
        "resamples",
    ];
    let title = format!("How sure {} is", board.primary);
    super::section("certainty", &title, &text, &header, all.certainty.iter().filter_map(line).collect())
}
