//! Every pipeline by every measure, and the correction for so many of them.

use super::Gate;
use super::measure::Measure;
use super::said::{Kept, tell};
use super::sample::{Part, Sample};
use super::test::{Level, Rows, Tested, Why, test};
use crate::analyze::leaderboard::Pipeline;
use crate::analyze::statistics::holm;
use crate::analyze::statistics::mean::mean_and_sd;

/// The part of alpha that seconds and memory have together, where they are judged.
const OF_COSTS: f64 = 0.2;

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Worse by more than the threshold, beyond chance: an alarm.
    Worse,
    /// Not shown to be worse by more than the threshold.
    NotWorse,
    /// A cost that is beyond the threshold tonight and was not last night: an alarm only if the next night is so, too.
    OneNight,
    /// Nothing can be said, and why.
    NotJudged(String),
}

/// What a ratio of costs is worth where some of them are below the floor, which stands for them then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Of the base some are: the truth is this ratio or a larger one.
    AtLeast,
    /// Of the new run some are: the truth is this ratio or a smaller one.
    AtMost,
    /// Of both some are: the truth may be on either side.
    About,
}

impl Bound {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Bound::AtLeast => "at least",
            Bound::AtMost => "at most",
            Bound::About => "about",
        }
    }

    /// Of what was compared on the sides of the base and of the new run.
    fn of(floored: (bool, bool)) -> Option<Self> {
        match floored {
            (false, false) => None,
            (true, false) => Some(Bound::AtLeast),
            (false, true) => Some(Bound::AtMost),
            (true, true) => Some(Bound::About),
        }
    }
}

/// One pipeline by one measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The data set's name.
    pub data_set: String,
    /// Which pipeline.
    pub pipeline: Pipeline,
    /// What was compared.
    pub measure: Measure,
    /// Mean of the base's runs that were used, over the splits that were compared; of all where nothing could be compared.
    pub base: Option<f64>,
    /// Mean of the new run, over the same splits.
    pub new: Option<f64>,
    /// How much worse: in the metric's units, or the ratio of costs. Negative, or a ratio below 1, is better.
    pub worse: Option<f64>,
    /// What that ratio is worth, where costs below the floor are in it.
    pub bound: Option<Bound>,
    /// Its standard error, in the same units; of costs that of the logarithm.
    pub error: Option<f64>,
    /// What rows the two sides are of.
    pub rows: Option<Rows>,
    /// Runs of the base that were used.
    pub runs: usize,
    /// How many were not, by why.
    pub left_out: Vec<(Why, usize)>,
    /// Splits of the new run that no run of the base has that was used, on the same rows.
    pub alone: usize,
    /// From how many kept predictions chance is known; 0 where splits or nights alone tell it.
    pub predictions: usize,
    /// The p-value, corrected for all that were judged: an alarm where it is at most alpha.
    pub p: f64,
    /// What came out.
    pub call: Call,
}

/// Adds the comparisons of one data set, with p-values that are not corrected yet.
pub(super) fn judge(gate: &mut Gate, data_set: &str, base: &[Part<'_>], new: &Part<'_>, kept: &Kept<'_>) {
    let measures = new.measures(&gate.rules);
    // As many as there can be, in this data set: which night before was told for sure.
    let level = |measure: &Measure, threshold: f64| {
        let alike = measures.iter().filter(|(other, _)| other.is_cost() == measure.is_cost()).count();
        let part = if measure.is_cost() { OF_COSTS } else { 1.0 - OF_COSTS };
        Level::new(threshold, part * gate.rules.alpha, alike * new.groups.len(), measure.least_spread())
    };
    let mut found = Vec::new();
    for group in &new.groups {
        let pipeline = &group.pipeline;
        let has = base.iter().any(|part| part.group(pipeline).is_some());
        if !has || !new.takes(&gate.rules, pipeline) {
            continue;
        }
        let of = |(measure, threshold): &(Measure, f64)| {
            one(data_set, pipeline, measure, level(measure, *threshold), (base, new), kept)
        };
        found.extend(measures.iter().map(of));
    }
    let without = gate.base.len() - base.len();
    for (mut comparison, refused) in found {
        if without > 0 {
            comparison.left_out.push((Why::NoDataSet, without));
        }
        gate.comparisons.push(comparison);
        gate.notes.extend(refused);
    }
}

/// Compares one pipeline by one measure; with why predictions were not used.
fn one(
    data_set: &str,
    pipeline: &Pipeline,
    measure: &Measure,
    level: Level,
    (base, new): (&[Part<'_>], &Part<'_>),
    kept: &Kept<'_>,
) -> (Comparison, Vec<String>) {
    let usable: Vec<&Part<'_>> = base.iter().filter(|part| !measure.is_cost() || part.is_on_machine_of(new)).collect();
    let mut samples: Vec<(&Part<'_>, Sample<'_>)> =
        usable.iter().filter_map(|part| Some((*part, part.sample(pipeline, measure)?))).collect();
    let mut own = new.sample(pipeline, measure);
    let metric = measure.metric().and_then(|id| new.results.registry.metric(id).ok());
    let refused = match (metric, &mut own) {
        (Some(metric), Some(own)) => tell((pipeline, metric), &mut samples, (new, own), kept),
        _ => Vec::new(),
    };
    let samples: Vec<&Sample<'_>> = samples.iter().map(|(_, sample)| sample).collect();
    let tested = own.as_ref().and_then(|own| test(&samples, own, level));
    let (before, now) = means(&samples, own.as_ref(), tested.as_ref());
    // Costs below the floor are all the same, which is no ratio of 1.
    let is_below = |mean: Option<f64>| mean.zip(measure.floor()).is_some_and(|(mean, floor)| mean <= floor);
    let are_below = is_below(before) && is_below(now);
    let tested = tested.filter(|_| !are_below);
    let is_other_machine = measure.is_cost() && usable.is_empty();
    let call = match (&own, &tested) {
        (_, Some(tested)) if tested.is_one_night => Call::OneNight,
        (_, Some(_)) => Call::NotWorse,
        _ if is_other_machine => Call::NotJudged("on another machine, or with other threads".into()),
        (None, _) => Call::NotJudged("the new run has no value".into()),
        _ if samples.is_empty() => Call::NotJudged("the base has no value".into()),
        _ if are_below => Call::NotJudged(format!("both below the floor of {}", measure.floor_words())),
        (Some(own), None) => Call::NotJudged(too_little(measure, &samples, own)),
    };
    let mut left_out = vec![(Why::Machine, base.len() - usable.len()), (Why::NoValue, usable.len() - samples.len())];
    left_out.retain(|(_, runs)| *runs > 0);
    let comparison = Comparison {
        data_set: data_set.to_owned(),
        pipeline: pipeline.clone(),
        measure: measure.clone(),
        base: before,
        new: now,
        worse: None,
        bound: None,
        error: None,
        rows: None,
        runs: samples.len(),
        left_out,
        alone: 0,
        predictions: 0,
        p: f64::NAN,
        call,
    };
    let splits = own.as_ref().map_or(0, |own| own.values.len());
    let comparison = match tested {
        Some(tested) => comparison.with(tested, splits),
        None => comparison,
    };
    (comparison, refused)
}

/// The means of the base and of the new run: of what was compared, or of all where nothing could be.
fn means(base: &[&Sample<'_>], new: Option<&Sample<'_>>, tested: Option<&Tested>) -> (Option<f64>, Option<f64>) {
    match tested {
        Some(tested) => (Some(tested.before), Some(tested.now)),
        None => {
            let of_runs: Vec<f64> = base.iter().map(|sample| sample.mean()).collect();
            (mean_and_sd(&of_runs).0, new.map(Sample::mean))
        }
    }
}

impl Comparison {
    /// What the test says of a new run with so many splits.
    fn with(mut self, tested: Tested, splits: usize) -> Self {
        self.left_out.extend(tested.left_out);
        self.alone = match &tested.rows {
            Rows::Same { splits: common } => splits - common.len(),
            Rows::Other => 0,
        };
        Comparison {
            bound: Bound::of(tested.floored),
            worse: Some(if self.measure.is_cost() { tested.worse.by.exp() } else { tested.worse.by }),
            error: tested.worse.error,
            rows: Some(tested.rows),
            runs: tested.runs,
            predictions: tested.predictions,
            p: tested.p,
            ..self
        }
    }
}

/// Why nothing tells how large chance is, and what would.
fn too_little(measure: &Measure, base: &[&Sample<'_>], new: &Sample<'_>) -> String {
    let is_told = |sample: &Sample<'_>| sample.predictions() > 0;
    let several = ", or several runs before the new one";
    let lacking = match (base.iter().any(|sample| is_told(sample)), is_told(new)) {
        _ if measure.is_cost() => return format!("one value tells nothing of chance: it takes two folds{several}"),
        (true, true) => return "all values are the same, and tell nothing of chance".into(),
        // Those of the base were not looked for then.
        (_, false) => "the new run",
        (false, true) => "the base",
    };
    // On the same rows again, more runs tell no more.
    let several = if base.iter().any(|sample| sample.has_rows_of(new)) { "" } else { several };
    format!(
        "one value tells nothing of chance, and {lacking} has no predictions to judge it by: keep them in both runs (`run --predictions \
         all`, the default), or take two folds{several}"
    )
}

/// Holm's correction over the metrics and over the costs, each with its part of alpha, and the calls that follow.
pub(super) fn correct(gate: &mut Gate) {
    let alpha = gate.rules.alpha;
    let has_costs = gate.comparisons.iter().any(|c| c.measure.is_cost() && !c.p.is_nan());
    for is_cost in [false, true] {
        let part = match (is_cost, has_costs) {
            (true, _) => OF_COSTS,
            (false, true) => 1.0 - OF_COSTS,
            (false, false) => 1.0,
        };
        let mut judged: Vec<&mut Comparison> =
            gate.comparisons.iter_mut().filter(|c| c.measure.is_cost() == is_cost && !c.p.is_nan()).collect();
        let adjusted = holm::adjust(&judged.iter().map(|c| c.p).collect::<Vec<_>>());
        for (comparison, p) in judged.iter_mut().zip(adjusted) {
            comparison.p = (p / part).min(1.0);
            if comparison.p <= alpha {
                comparison.call = Call::Worse;
            }
        }
    }
}
