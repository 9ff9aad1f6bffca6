//! The test of one pipeline by one measure: paired on the same rows, unpaired on others; the new night alone and with the one before it.

use super::sample::Sample;
use crate::analyze::folds::Split;
use crate::analyze::statistics::by_rows::{ByRows, Spread};
use crate::analyze::statistics::quantile;
use crate::analyze::statistics::worse::{Night, Worse, paired, unpaired};

/// The part of alpha that the new night has for itself. Two bad nights in a row are easier to tell from chance than one, so they have
/// the rest.
const ALONE: f64 = 0.2;
/// With fewer runs before the new one, no night of theirs is taken for its companion.
const ENOUGH: usize = 3;

/// What rows the two sides are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// The same rows in the same splits: differences on each split.
    Same {
        /// Those that all have.
        splits: Vec<Split>,
    },
    /// Other rows, or other splits of the same ones.
    Other,
}

/// What the test says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tested {
    pub rows: Rows,
    /// Of the new night alone.
    pub worse: Worse,
    /// Of both readings, before the correction for several pipelines.
    pub p: f64,
    /// Runs of the base that were used.
    pub runs: usize,
    /// From how many kept predictions chance is known; 0 where splits or nights alone tell it.
    pub predictions: usize,
}

/// A night before that is so many robust standard deviations worse than the base's median is no part of the base: it was bad, and would hide
/// others like it. Chance does that once in three million nights.
const BAD: f64 = 5.0;
/// Without so many runs nobody knows what is usual.
const USUAL: usize = 5;
/// The second night of two must lean the same way by itself, or a night that was mended would be told once more.
const LEANS: f64 = 0.25;

/// How one pipeline is judged by one measure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    /// What is worse by no more than this is no regression.
    pub threshold: f64,
    /// A night alone with a p-value of at most this was an alarm for sure.
    pub told: f64,
    /// Whether one night alone proves nothing, as of seconds: the machine may have been busy.
    pub is_patient: bool,
}

impl Level {
    /// For `alpha` over so many comparisons.
    pub fn new(threshold: f64, alpha: f64, comparisons: usize, is_patient: bool) -> Self {
        Level { threshold, told: ALONE * alpha / comparisons.max(1) as f64, is_patient }
    }
}

/// Judges `new` against the runs before it, oldest first; none where nothing tells how large chance is.
pub(super) fn test(base: &[&Sample<'_>], new: &Sample<'_>, level: Level) -> Option<Tested> {
    let same: Vec<&Sample<'_>> = base.iter().copied().filter(|sample| sample.has_rows_of(new)).collect();
    let threshold = level.threshold;
    if !same.is_empty() {
        let splits = common(&same, new);
        let (worse, p, runs) = read(&same, new, level, &|base, nights| on_same_rows(base, nights, threshold))?;
        let predictions = predictions(&same, new);
        return Some(Tested { rows: Rows::Same { splits }, worse, p, runs, predictions });
    }
    let (worse, p, runs) = read(base, new, level, &|base, nights| {
        let nights_of = |samples: &[&Sample<'_>]| samples.iter().map(|s| s.night()).collect::<Option<Vec<Night>>>();
        unpaired(&nights_of(base)?, &nights_of(nights)?, threshold)
    })?;
    Some(Tested { rows: Rows::Other, worse, p, runs, predictions: predictions(base, new) })
}

/// How many predictions both sides have; 0 where one has none.
fn predictions(base: &[&Sample<'_>], new: &Sample<'_>) -> usize {
    match base.iter().map(|sample| sample.predictions()).sum() {
        0 => 0,
        _ if new.predictions() == 0 => 0,
        of_base => of_base + new.predictions(),
    }
}

/// A test of some nights against a base.
type Judge<'j> = &'j dyn Fn(&[&Sample<'_>], &[&Sample<'_>]) -> Option<Worse>;

/// The new night alone, the p-value of both readings (alone, and with the night before it), and how many runs it was judged against.
fn read(base: &[&Sample<'_>], new: &Sample<'_>, level: Level, judge: Judge<'_>) -> Option<(Worse, f64, usize)> {
    let whole = usual(base, level.threshold);
    let worse = judge(&whole, &[new])?;
    let (previous, rest) = base.split_last()?;
    let rest = usual(rest, level.threshold);
    if base.len() >= ENOUGH && level.is_patient {
        let is_worse = |night: Worse| night.by > level.threshold;
        let are_both = is_worse(worse) && judge(&rest, &[previous]).is_some_and(is_worse);
        let p = if are_both { judge(&rest, &[previous, new])?.p } else { 1.0 };
        return Some((worse, p, whole.len()));
    }
    if base.len() < ENOUGH || judge(&rest, &[previous]).is_some_and(|before| before.p <= level.told) {
        // The night before was told already: tonight stands for itself, with all of alpha.
        return Some((worse, worse.p, whole.len()));
    }
    let both = if worse.p <= LEANS { judge(&rest, &[previous, new])?.p } else { 1.0 };
    Some((worse, (worse.p / ALONE).min(both / (1.0 - ALONE)).min(1.0), whole.len()))
}

/// The runs that are not far worse than the others.
fn usual<'s, 'a>(base: &[&'s Sample<'a>], threshold: f64) -> Vec<&'s Sample<'a>> {
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        quantile(&values, 0.5).unwrap_or(f64::NAN)
    };
    let all: Vec<f64> = base.iter().map(|sample| sample.badness()).collect();
    let median = middle(all.clone());
    // Of a normal law the standard deviation.
    let spread = 1.4826 * middle(all.iter().map(|value| (value - median).abs()).collect());
    let is_bad =
        |sample: &&Sample<'_>| base.len() >= USUAL && sample.badness() - median > (BAD * spread).max(threshold);
    base.iter().copied().filter(|sample| !is_bad(sample)).collect()
}

/// The splits that all have.
fn common(base: &[&Sample<'_>], new: &Sample<'_>) -> Vec<Split> {
    let splits = new.values.iter().map(|value| value.split);
    splits.filter(|split| base.iter().all(|sample| sample.at(*split).is_some())).collect()
}

fn on_same_rows(base: &[&Sample<'_>], nights: &[&Sample<'_>], threshold: f64) -> Option<Worse> {
    let all: Vec<&Sample<'_>> = base.iter().chain(nights).copied().collect();
    let splits = common(&all, nights.last()?);
    let mean = |samples: &[&Sample<'_>], split: Split| {
        let values: Vec<f64> = samples.iter().filter_map(|s| Some(s.at(split)?.badness)).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    let differences: Vec<f64> = splits.iter().map(|&split| mean(nights, split) - mean(base, split)).collect();
    let rows = rows_of_difference(base, nights, &splits);
    paired(&differences, rows, nights.last()?.ratio, threshold)
}

/// What rows tell of the difference on one split: the nights' mean minus that of the base's runs with predictions. None where either side
/// has none.
fn rows_of_difference(base: &[&Sample<'_>], nights: &[&Sample<'_>], splits: &[Split]) -> Option<ByRows> {
    let told: Vec<&Sample<'_>> = base.iter().copied().filter(|sample| sample.predictions() > 0).collect();
    let mean = |samples: &[&Sample<'_>], split: Split| {
        let spreads: Option<Vec<&Spread>> = samples.iter().map(|sample| sample.spread_at(split)).collect();
        Spread::mean(&spreads?)
    };
    let of = |split: &Split| Some(mean(nights, *split)?.minus(&mean(&told, *split)?)?.by_rows());
    ByRows::over(&splits.iter().map(of).collect::<Option<Vec<_>>>()?, nights.last()?.repeats())
}
