//! The test of one pipeline by one measure: paired on the same rows, unpaired on others; the new night alone and with the one before it.

use super::sample::Sample;
use crate::analyze::folds::Split;
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
}

/// Judges nights against the runs before them.
type Judge<'j> = dyn Fn(&[&Sample<'_>], &[&Sample<'_>]) -> Option<Worse> + 'j;

/// Judges `new` against the runs before it, oldest first; none where nothing tells how large chance is.
pub(super) fn test(base: &[&Sample<'_>], new: &Sample<'_>, threshold: f64) -> Option<Tested> {
    let same: Vec<&Sample<'_>> = base.iter().copied().filter(|sample| sample.has_rows_of(new)).collect();
    let of = |base: &[&Sample<'_>], judge: &Judge<'_>| {
        let worse = judge(base, &[new])?;
        let (previous, rest) = base.split_last()?;
        let both = (base.len() >= ENOUGH).then(|| judge(rest, &[previous, new])).flatten();
        let p = both.map_or(worse.p, |both| (worse.p / ALONE).min(both.p / (1.0 - ALONE)).min(1.0));
        Some((worse, p))
    };
    if !same.is_empty() {
        let splits = common(&same, new);
        let (worse, p) = of(&same, &|base, nights| on_same_rows(base, nights, threshold))?;
        return Some(Tested { rows: Rows::Same { splits }, worse, p, runs: same.len() });
    }
    let (worse, p) = of(base, &|base, nights| {
        let nights_of = |samples: &[&Sample<'_>]| samples.iter().map(|s| s.night()).collect::<Option<Vec<Night>>>();
        unpaired(&nights_of(base)?, &nights_of(nights)?, threshold)
    })?;
    Some(Tested { rows: Rows::Other, worse, p, runs: base.len() })
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
    paired(&differences, nights.last()?.ratio, threshold)
}
