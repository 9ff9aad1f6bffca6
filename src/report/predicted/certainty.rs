//! How sure the primary metric is, given the test rows: a bootstrap over pooled out-of-fold predictions.

use std::path::Path;

use super::read::Said;
use super::{Of, Predicted};
use crate::analyze::Results;
use crate::analyze::choice::of_family;
use crate::analyze::leaderboard::{LEVEL, Leaderboard, Row, distinct};
use crate::analyze::out_of_fold::{Fold, first_repeat, pooled};
use crate::analyze::statistics::bootstrap::{Bootstrap, Interval, Part, is_by_odds};
use crate::analyze::statistics::mean::mean_and_sd;
use crate::component::{Prediction, ScoreKind};
use crate::error::Result;
use crate::metric::{Metric, Need, Score};
use crate::report::document::Section;
use crate::report::number::score;
use crate::report::run::best::interval;
use crate::report::run::summary;
use crate::report::words::{chosen, fold_name};

/// Resamples of a metric of labels and ranks.
const RESAMPLES: usize = 1_000;
/// Resamples of a metric that reads single rows: each costs as much as scoring all of them anew.
const SLOW_RESAMPLES: usize = 200;
/// One seed for all reports: the same records give the same report.
const SEED: u64 = 0;

/// A metric of pooled rows, and how sure it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Certainty {
    /// The metric of all pooled rows, or its mean over the folds that would be pooled; none where it is undefined.
    pub value: Option<f64>,
    /// Why there is no value; nothing is resampled then.
    pub undefined: Option<String>,
    /// Its interval at [`LEVEL`].
    pub interval: Interval,
    /// Whether each fold is judged and drawn by itself, because the metric is of one test part.
    pub by_fold: bool,
}

/// Why there is a value without an interval.
const NO_VARIANCE: &str = "all resamples, or nearly all, have the same value, so these rows do not tell how it varies";

impl Certainty {
    fn none(why: String, by_fold: bool) -> Self {
        Certainty { value: None, undefined: Some(why), interval: Interval::default(), by_fold }
    }

    /// Why there is no interval; none where there is one.
    pub fn no_interval(&self) -> Option<&str> {
        match &self.undefined {
            Some(why) => Some(why),
            None if self.interval.chosen.is_some() => None,
            None if self.interval.defined == 0 => Some("no resample has a value"),
            None => Some(NO_VARIANCE),
        }
    }

    /// How many resamples there are, and how many were drawn where some have no value.
    fn resamples(&self) -> String {
        match (self.interval.defined, self.interval.undefined) {
            (0, 0) => "–".to_owned(),
            (defined, 0) => defined.to_string(),
            (defined, undefined) => format!("{defined} of {}", defined + undefined),
        }
    }
}

/// The certainty of `metric` of `row`, which said `said`, `rows` of it pooled, and is the best of `among` pipelines.
pub(super) fn of(said: &Said, rows: &Fold, row: &Row, metric: &'static Metric, among: usize) -> Result<Certainty> {
    let folds = first_repeat(&said.folds);
    // One fold is its own pool.
    let by_fold = metric.of_one_part && folds.len() > 1;
    let drawn = if by_fold { folds.clone() } else { vec![rows] };
    let lacks = |need: &&Need| drawn.iter().any(|fold| !need.is_met(Some(&fold.sides)));
    if let Some(role) = metric.needs.iter().find(lacks).and_then(|need| need.role()) {
        // The metric itself would say that the data have no such column; older runs did not keep what their data had.
        let why = format!("it reads the column with the role `{role}`, which was not kept with the rows");
        return Ok(Certainty::none(why, by_fold));
    }
    let kind = if said.probability { ScoreKind::Probability } else { ScoreKind::Decision };
    let of: Vec<(&Fold, (Vec<u8>, Prediction))> = drawn.iter().map(|fold| (*fold, fold.said(kind))).collect();
    let parts: Vec<Part<'_>> =
        of.iter().map(|(fold, (y, prediction))| Part { y, prediction, sides: Some(&fold.sides) }).collect();
    let mut values = Vec::new();
    for (part, fold) in parts.iter().zip(&drawn) {
        match metric.score(&part.scored()?) {
            Score::Value(value) => values.push(value),
            Score::Undefined { undefined } if by_fold => {
                return Ok(Certainty::none(format!("{}: {undefined}", fold_name(fold.split)), by_fold));
            }
            Score::Undefined { undefined } => return Ok(Certainty::none(undefined, by_fold)),
        }
    }
    let per_training_row = row.ratio * folds.len() as f64;
    let bootstrap =
        Bootstrap { resamples: RESAMPLES, level: LEVEL, among, per_training_row, seed: SEED, key: &said.pipeline };
    let interval = match bootstrap.interval_by_counts(&parts, metric)? {
        Some(interval) => interval,
        None => Bootstrap { resamples: SLOW_RESAMPLES, ..bootstrap }.interval(&parts, metric)?,
    };
    Ok(Certainty { value: mean_and_sd(&values).0, undefined: None, interval, by_fold })
}

/// The certainty of the primary metric of a pipeline that is the best of `among`; none without the predictions of all its folds.
///
/// # Errors
/// [`crate::error::Error::Store`] for a file of predictions that is not what it should be.
pub(crate) fn of_pipeline(results: &Results, row: &Row, directory: &Path, among: usize) -> Result<Option<Certainty>> {
    let Ok(said) = super::read::said(results, row, directory, &mut Vec::new())? else { return Ok(None) };
    let Some(rows) = pooled(&said.folds) else { return Ok(None) };
    of(&said, &rows, row, results.registry.metric(&results.primary)?, among).map(Some)
}

/// What the rows of the section are drawn from, what is to be said of their value, and its column.
fn rows_of(board: &Leaderboard, by_fold: bool, row: Option<&Row>) -> (&'static str, String, &'static str) {
    let splits = row.map_or(&[][..], |row| &row.splits);
    let of_first = splits.iter().filter(|split| split.0 == splits[0].0).count();
    match (by_fold, of_first, splits.len()) {
        (true, ..) => (
            "out-of-fold rows, each fold of the first repeat by itself",
            format!(
                "`{}` is of one test part: of the rows of several together it would be another quantity, so its value is the mean over \
                 these folds.",
                board.primary
            ),
            "mean of the first repeat",
        ),
        (false, 1, 1) => ("the rows of the one test split", String::new(), "test split"),
        (false, 1, _) => {
            ("the rows of the first test split", "Their value is that of the first split alone.".to_owned(), "first split")
        }
        _ => (
            "the pooled out-of-fold rows",
            "Pooling treats the scores of all folds' models as one scale, so the pooled value can differ from the mean over folds."
                .to_owned(),
            "pooled",
        ),
    }
}

/// Both intervals of each family's best pipeline beside each other; none without predictions.
pub(in crate::report) fn section(board: &Leaderboard, all: &Predicted) -> Option<Section> {
    let by_fold = all.certainty.iter().any(|one| one.it.by_fold);
    let first = board.first_of_families();
    let rows = first.iter().copied().filter(|row| all.certainty.iter().any(|one| one.family == row.family));
    let (drawn, value, column) = rows_of(board, by_fold, rows.clone().next());
    let is_extrapolated = rows.clone().filter_map(|row| of_family(board, row)).any(|choice| choice.is_extrapolated());
    let extrapolated = match is_extrapolated {
        true => format!(
            "Not chosen there: an estimate, extrapolated as the splits share test rows; none where that leaves the range of {}.",
            board.primary
        ),
        false => String::new(),
    };
    let chosen = chosen(board, rows).map_or_else(String::new, |who| {
        let who = if who == "Each" { "Each pipeline" } else { who };
        format!(
            "{who} was chosen as its family's best on these folds, so the flattered end of both intervals is that of as many intervals at \
             once (Bonferroni)."
        )
    });
    let said: String =
        [chosen, extrapolated, value].iter().filter(|said| !said.is_empty()).map(|said| format!(" {said}")).collect();
    let text = format!(
        "At {:.0}%. Over folds: other folds of these data (corrected resampled t). Over rows: other test rows \
         (stratified bootstrap over {drawn}, by {}) and other training rows (Nadeau and Bengio's correction).{said}{}",
        LEVEL * 100.0,
        if is_by_odds(board.range) { "log-odds" } else { "percentiles" },
        lacking(&all.certainty)
    );
    let line = |one: &Of<Certainty>| {
        let row = first.iter().copied().find(|row| row.family == one.family)?;
        let choice = of_family(board, row);
        let over_folds = choice.map_or(row.interval, |choice| choice.interval);
        Some(vec![
            one.family.clone(),
            summary(board.summary(row, &board.primary)),
            score(choice.and_then(|choice| choice.mean)),
            interval(over_folds),
            score(one.it.value),
            interval(one.it.interval.chosen),
            one.it.resamples(),
        ])
    };
    let header = [
        "family",
        "mean over folds",
        if is_extrapolated { "not chosen there (extrapolated)" } else { "not chosen there" },
        "95% CI over folds",
        column,
        "95% CI over rows",
        "resamples",
    ];
    let title = format!("How sure {} is", board.primary);
    super::section("certainty", &title, &text, &header, all.certainty.iter().filter_map(line).collect())
}

/// Why families have no pooled value, or none but no interval around it, a sentence per reason.
fn lacking(all: &[Of<Certainty>]) -> String {
    let reason = |one: &Of<Certainty>| one.it.no_interval().map(|why| (one.it.value.is_none(), why.to_owned()));
    let said = |lacking: &(bool, String)| {
        let of = all.iter().filter(|one| reason(one).as_ref() == Some(lacking));
        let families: Vec<&str> = of.map(|one| one.family.as_str()).collect();
        let what = if lacking.0 { "pooled value" } else { "interval over rows" };
        format!(" No {what} of {}: {}.", families.join(", "), lacking.1)
    };
    distinct(all.iter().filter_map(reason)).iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resamples_without_a_value_are_not_counted_as_ones_that_tell() {
        let of = |defined, undefined| {
            let interval = Interval { low: None, high: None, chosen: None, defined, undefined };
            Certainty { value: Some(0.5), undefined: None, interval, by_fold: false }.resamples()
        };
        assert_eq!([of(1_000, 0), of(950, 50), of(0, 0)], ["1000", "950 of 1000", "–"]);
    }
}
