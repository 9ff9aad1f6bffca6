//! The test of one pipeline by one measure: paired on the same rows, unpaired on others; the new night alone and with the one before it.

use super::sample::{Sample, Value};
use crate::analyze::folds::{Split, usual_splits};
use crate::analyze::statistics::by_rows::{ByRows, Spread};
use crate::analyze::statistics::quantile;
use crate::analyze::statistics::rounding::exceeds;
use crate::analyze::statistics::worse::{Night, Worse, paired, paired_costs, unpaired, unpaired_costs};

/// The part of alpha that the new night has for itself. Two bad nights in a row are easier to tell from chance than one, so they have
/// the rest.
const ALONE: f64 = 0.2;
/// With fewer runs before the new one, no night of theirs is taken for its companion.
const ENOUGH: usize = 3;

/// What rows the two sides are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// The same rows in the same splits, with the same features and the same columns that the metric reads: differences on each split.
    Same {
        /// Those of the new run that a run of the base has, too.
        splits: Vec<Split>,
    },
    /// Other rows, or other splits, features or columns that the metric reads of the same ones.
    Other,
}

/// Why a run of the base is not used for a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// It has no such data set.
    NoDataSet,
    /// Costs of another machine, or with other threads.
    Machine,
    /// It has no value of the pipeline.
    NoValue,
    /// Its rows, features or splits are others, while further runs have the new run's.
    OtherRows,
    /// It has fewer splits of the pipeline than is usual in the base.
    FewerSplits,
    /// It was far worse than the others.
    FarWorse,
}

/// What the test says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tested {
    pub rows: Rows,
    /// The mean of the runs that were used: on the same rows that over the splits of the means of those that have a split, else over runs.
    pub before: f64,
    /// The new run's mean over the splits that were compared.
    pub now: f64,
    /// Whether a cost below the floor is among the values that were compared: of the base, of the new run.
    pub floored: (bool, bool),
    /// Of the new night alone.
    pub worse: Worse,
    /// Of both readings, before the correction for several pipelines.
    pub p: f64,
    /// Whether the new night is beyond the threshold and it takes another one to tell.
    pub is_one_night: bool,
    /// Runs of the base that were used.
    pub runs: usize,
    /// How many were not, by why.
    pub left_out: Vec<(Why, usize)>,
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
    /// The least spread of a cost, in its unit. Of costs one night alone proves nothing: the machine may have been busy.
    pub least_spread: Option<f64>,
}

impl Level {
    /// For `alpha` over so many comparisons.
    pub fn new(threshold: f64, alpha: f64, comparisons: usize, least_spread: Option<f64>) -> Self {
        Level { threshold, told: ALONE * alpha / comparisons.max(1) as f64, least_spread }
    }
}

/// Judges `new` against the runs before it, oldest first; none where nothing tells how large chance is.
pub(super) fn test(base: &[&Sample<'_>], new: &Sample<'_>, level: Level) -> Option<Tested> {
    let same: Vec<&Sample<'_>> = base.iter().copied().filter(|sample| sample.has_rows_of(new)).collect();
    let is_on_same_rows = !same.is_empty();
    let alike = if is_on_same_rows { same } else { base.to_vec() };
    let splits_of = |sample: &Sample<'_>| match is_on_same_rows {
        true => common(&[sample], new).len(),
        false => sample.values.len(),
    };
    let whole = with_usual_splits(&alike, splits_of);
    let reading = Reading { is_on_same_rows, level };
    let Read { worse, p, used, is_one_night } = reading.read(&whole, new)?;
    let left_out = [
        (Why::OtherRows, base.len() - alike.len()),
        (Why::FewerSplits, alike.len() - whole.len()),
        (Why::FarWorse, whole.len() - used.len()),
    ];
    let floored = match is_on_same_rows {
        true => (has_floored(&used, Some(&[new])), has_floored(&[new], Some(&used))),
        false => (has_floored(&used, None), has_floored(&[new], None)),
    };
    let (rows, before, now) = if is_on_same_rows {
        let splits = common(&used, new);
        let before = splits.iter().map(|&split| mean_at(&used, split, |value| value.value)).sum::<f64>();
        let (before, now) = (before / splits.len() as f64, new.mean_over(|split| splits.contains(&split)));
        (Rows::Same { splits }, before, now)
    } else {
        let before = used.iter().map(|sample| sample.mean()).sum::<f64>() / used.len() as f64;
        (Rows::Other, before, new.mean())
    };
    let left_out = left_out.into_iter().filter(|(_, runs)| *runs > 0).collect();
    let predictions = predictions(&whole, new);
    Some(Tested { rows, before, now, floored, worse, p, is_one_night, runs: used.len(), left_out, predictions })
}

/// Whether a cost below the floor is among the values of `samples`, on splits that one of `others` has, too, if there are such.
fn has_floored(samples: &[&Sample<'_>], others: Option<&[&Sample<'_>]>) -> bool {
    let is_compared =
        |value: &Value<'_>| others.is_none_or(|others| others.iter().any(|other| other.at(value.split).is_some()));
    samples.iter().flat_map(|sample| &sample.values).any(|value| value.is_floored && is_compared(value))
}

/// The runs that have as many splits as is usual.
fn with_usual_splits<'s, 'a>(base: &[&'s Sample<'a>], splits_of: impl Fn(&Sample<'_>) -> usize) -> Vec<&'s Sample<'a>> {
    let usual = usual_splits(base.iter().map(|sample| splits_of(sample)));
    base.iter().copied().filter(|sample| splits_of(sample) >= usual).collect()
}

/// How many predictions both sides have; 0 where one has none.
fn predictions(base: &[&Sample<'_>], new: &Sample<'_>) -> usize {
    match base.iter().map(|sample| sample.predictions()).sum() {
        0 => 0,
        _ if new.predictions() == 0 => 0,
        of_base => of_base + new.predictions(),
    }
}

/// How runs are held against each other.
#[derive(Debug, Clone, Copy)]
struct Reading {
    is_on_same_rows: bool,
    level: Level,
}

/// What the new night is, read alone and with the one before it.
struct Read<'s, 'a> {
    /// Of the new night alone.
    worse: Worse,
    /// Of both readings.
    p: f64,
    /// The runs that it was judged against.
    used: Vec<&'s Sample<'a>>,
    /// Whether it takes another night like this one to tell.
    is_one_night: bool,
}

impl Reading {
    /// The test of some nights, the newest last, against a base.
    fn judge(self, base: &[&Sample<'_>], nights: &[&Sample<'_>]) -> Option<Worse> {
        let threshold = self.level.threshold;
        let least = self.level.least_spread.map(|spread| relative(spread, base, nights));
        // A single fold's cost has no differences to go by, but nights tell how it varies.
        let is_by_nights = least.is_some() && base.iter().chain(nights).all(|sample| sample.values.len() == 1);
        if self.is_on_same_rows && !is_by_nights {
            return on_same_rows(base, nights, threshold, least);
        }
        let nights_of = |samples: &[&Sample<'_>]| -> Option<Vec<Night>> {
            samples.iter().map(|s| least.map_or_else(|| s.night(), |least| s.night_of_costs(least))).collect()
        };
        let (base, nights) = (nights_of(base)?, nights_of(nights)?);
        match least {
            None => unpaired(&base, &nights, threshold),
            Some(least) => unpaired_costs(&base, &nights, least, threshold),
        }
    }

    /// The new night by both readings: alone, and with the night before it.
    fn read<'s, 'a>(self, base: &[&'s Sample<'a>], new: &Sample<'_>) -> Option<Read<'s, 'a>> {
        let level = self.level;
        let whole = self.usual(base);
        let worse = self.judge(&whole, &[new])?;
        let (previous, rest) = base.split_last()?;
        let rest = self.usual(rest);
        let read = |p: f64, used: Vec<&'s Sample<'a>>| Read { worse, p, used, is_one_night: false };
        if base.len() >= ENOUGH && level.least_spread.is_some() {
            let is_worse = |night: Worse| exceeds(night.by, level.threshold);
            let was_worse = self.judge(&rest, &[previous]).is_some_and(is_worse);
            let p = if is_worse(worse) && was_worse { self.judge(&rest, &[previous, new])?.p } else { 1.0 };
            return Some(Read { is_one_night: is_worse(worse) && !was_worse, ..read(p, whole) });
        }
        if base.len() < ENOUGH || self.judge(&rest, &[previous]).is_some_and(|before| before.p <= level.told) {
            // The night before was told already: tonight stands for itself, with all of alpha.
            return Some(read(worse.p, whole));
        }
        let both = if worse.p <= LEANS { self.judge(&rest, &[previous, new])?.p } else { 1.0 };
        Some(read((worse.p / ALONE).min(both / (1.0 - ALONE)).min(1.0), whole))
    }

    /// The runs that are not far worse than the others.
    fn usual<'s, 'a>(self, base: &[&'s Sample<'a>]) -> Vec<&'s Sample<'a>> {
        let middle = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            quantile(&values, 0.5).unwrap_or(f64::NAN)
        };
        let all: Vec<f64> = base.iter().map(|sample| self.badness(base, sample)).collect();
        let median = middle(all.clone());
        // Of a normal law the standard deviation.
        let spread = 1.4826 * middle(all.iter().map(|value| (value - median).abs()).collect());
        let is_bad = |badness: f64| base.len() >= USUAL && badness - median > (BAD * spread).max(self.level.threshold);
        base.iter().copied().zip(all).filter(|(_, badness)| !is_bad(*badness)).map(|(sample, _)| sample).collect()
    }

    /// How bad a run of the base is. On the same rows that is by how much it is worse than the others on each of its splits: one is
    /// harder than another, and runs may lack different ones.
    fn badness(self, base: &[&Sample<'_>], sample: &Sample<'_>) -> f64 {
        if !self.is_on_same_rows {
            return sample.badness();
        }
        let beyond = |value: &Value<'_>| value.badness - mean_at(base, value.split, |value| value.badness);
        sample.values.iter().map(beyond).sum::<f64>() / sample.values.len() as f64
    }
}

/// The splits of `new` that a run of the base has, too.
fn common(base: &[&Sample<'_>], new: &Sample<'_>) -> Vec<Split> {
    let splits = new.values.iter().map(|value| value.split);
    splits.filter(|split| base.iter().any(|sample| sample.at(*split).is_some())).collect()
}

/// The mean on one split, over the runs that have it.
fn mean_at(samples: &[&Sample<'_>], split: Split, of: impl Fn(&Value<'_>) -> f64) -> f64 {
    let values: Vec<f64> = samples.iter().filter_map(|sample| sample.at(split).map(&of)).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// The spread of a cost as a part of the least one that is compared: so large it is at most on the scale of logarithms.
fn relative(spread: f64, base: &[&Sample<'_>], nights: &[&Sample<'_>]) -> f64 {
    let values = base.iter().chain(nights).flat_map(|sample| &sample.values);
    spread / values.map(|value| value.badness).fold(f64::INFINITY, f64::min).exp()
}

/// `least` is the least standard deviation that costs are taken to have; none of metrics.
fn on_same_rows(base: &[&Sample<'_>], nights: &[&Sample<'_>], threshold: f64, least: Option<f64>) -> Option<Worse> {
    let splits = common(base, nights.last()?);
    let at = |samples: &[&Sample<'_>], split: Split| mean_at(samples, split, |value| value.badness);
    let differences: Vec<f64> = splits.iter().map(|&split| at(nights, split) - at(base, split)).collect();
    let ratio = nights.last()?.ratio;
    match least {
        None => paired(&differences, rows_of_difference(base, nights, &splits), ratio, threshold),
        // Costs have no predictions.
        Some(least) => paired_costs(&differences, least, ratio, threshold),
    }
}

/// What rows tell of the difference on one split: the nights' mean minus that of the base's runs with predictions. None where either side
/// has none on a split.
fn rows_of_difference(base: &[&Sample<'_>], nights: &[&Sample<'_>], splits: &[Split]) -> Option<ByRows> {
    let told: Vec<&Sample<'_>> = base.iter().copied().filter(|sample| sample.predictions() > 0).collect();
    let mean = |samples: &[&Sample<'_>], split: Split| {
        let have = samples.iter().filter(|sample| sample.at(split).is_some());
        let spreads: Option<Vec<&Spread>> = have.map(|sample| sample.spread_at(split)).collect();
        Spread::mean(&spreads?)
    };
    let of = |split: &Split| Some(mean(nights, *split)?.minus(&mean(&told, *split)?)?.by_rows());
    ByRows::over(&splits.iter().map(of).collect::<Option<Vec<_>>>()?, nights.last()?.repeats())
}
