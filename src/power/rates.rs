//! How often what reports say is true.

use super::studies::Design;
use super::trial::{Ends, Trial};
use crate::analyze::best::ALPHA;
use crate::analyze::leaderboard::{LEVEL, mean_and_sd};

/// How often something happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// How often it did.
    pub count: usize,
    /// Among how many.
    pub of: usize,
}

impl Rate {
    fn of(happened: impl Iterator<Item = bool>) -> Self {
        happened.fold(Rate::default(), |rate, did| Rate { count: rate.count + usize::from(did), of: rate.of + 1 })
    }

    /// The share; none of nothing.
    pub fn share(&self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }

    /// Its standard error.
    pub fn error(&self) -> Option<f64> {
        self.share().map(|share| (share * (1.0 - share) / self.of as f64).sqrt())
    }
}

/// What the trials of one data set come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    /// What was drawn.
    pub design: Design,
    /// Draws.
    pub draws: usize,
    /// The worth of the first pipeline, and of the others: means over all draws.
    pub worth: [f64; 2],
    /// Draws in which a pipeline that is no worse than the best one is told from it.
    pub false_alarms: Rate,
    /// Draws in which two pipelines that were named before, and do not differ, are told apart at [`ALPHA`].
    pub named_alarms: Rate,
    /// Intervals of those two's difference that hold 0.
    pub named_coverage: Rate,
    /// Intervals of a pipeline's mean that hold its worth, over all pipelines.
    pub coverage: Rate,
    /// Intervals of the best one's mean, chosen on the same folds, that hold its worth.
    pub best_coverage: Rate,
    /// The same with the flattered end that allows for choosing.
    pub corrected_coverage: Rate,
    /// Bootstrap intervals over rows of a pipeline that was named before.
    pub rows_coverage: Rate,
    /// The same of the best one, whose flattered end allows for choosing.
    pub best_rows_coverage: Rate,
    /// How much the best one's mean is above its worth, on average.
    pub flattery: f64,
    /// The same of its mean on folds on which it was not chosen.
    pub corrected_flattery: f64,
    /// The smallest difference that is called, on average.
    pub callable: Option<f64>,
    /// With a lead: draws in which the first pipeline comes out best.
    pub found: Rate,
    /// With a lead: of the others in those draws, how many are told from it.
    pub told: Rate,
}

impl Rates {
    /// Of the trials of a data set.
    pub fn of(design: &Design, trials: &[Trial]) -> Self {
        let worth = worth(trials, design.data.lead != 0.0);
        let of = |pipeline: usize| worth[usize::from(pipeline > 0)];
        let whole: Vec<(&Trial, usize)> = trials.iter().filter_map(|trial| Some((trial, trial.best?))).collect();
        let is_equal = |best: usize, other: usize| other != best && of(other) >= of(best);
        let alarm =
            |(trial, best): &(&Trial, usize)| (0..trial.told.len()).any(|i| trial.told[i] && is_equal(*best, i));
        let named: Vec<_> = trials.iter().filter_map(|trial| trial.named).collect();
        let choices = || whole.iter().filter_map(|(trial, best)| Some((trial.choice?, of(*best))));
        let pooled_worth = mean(trials.iter().filter_map(|trial| Some(trial.pooled[1]?.0)));
        let has_lead = design.data.lead != 0.0;
        let led: Vec<&(&Trial, usize)> = whole.iter().filter(|(_, best)| has_lead && *best == 0).collect();
        // The others differ from the first in what they are worth on pooled rows, too.
        let pooled = |which: usize| {
            let known =
                trials.iter().filter(|trial| which == 1 || !has_lead || trial.best.is_some_and(|best| best > 0));
            Rate::of(known.filter_map(|trial| trial.pooled[which]?.1).map(|ends| holds(ends, pooled_worth)))
        };
        Rates {
            design: design.clone(),
            draws: trials.len(),
            worth,
            false_alarms: Rate::of(whole.iter().map(alarm)),
            named_alarms: Rate::of(named.iter().map(|t| t.p_value() <= ALPHA)),
            named_coverage: Rate::of(named.iter().filter_map(|t| t.interval(LEVEL)).map(|ends| holds(ends, 0.0))),
            coverage: Rate::of(trials.iter().flat_map(|trial| {
                trial.means.iter().enumerate().filter_map(|(i, (_, ends))| Some(holds((*ends)?, of(i))))
            })),
            best_coverage: Rate::of(
                whole.iter().filter_map(|(trial, best)| Some(holds(interval(trial, *best)?, of(*best)))),
            ),
            corrected_coverage: Rate::of(choices().filter_map(|(choice, worth)| Some(holds(choice.interval?, worth)))),
            rows_coverage: pooled(1),
            best_rows_coverage: pooled(0),
            flattery: mean(whole.iter().map(|(trial, best)| trial.means[*best].0 - of(*best))),
            corrected_flattery: mean(choices().map(|(choice, worth)| choice.mean - worth)),
            callable: mean_and_sd(&trials.iter().filter_map(|trial| trial.callable).collect::<Vec<_>>()).0,
            found: if has_lead { Rate::of(whole.iter().map(|(_, best)| *best == 0)) } else { Rate::default() },
            told: Rate::of(led.iter().flat_map(|(trial, _)| trial.told[1..].iter().copied())),
        }
    }
}

fn holds((low, high): (f64, f64), worth: f64) -> bool {
    (low..=high).contains(&worth)
}

fn interval(trial: &Trial, pipeline: usize) -> Ends {
    trial.means[pipeline].1
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    mean_and_sd(&values.collect::<Vec<_>>()).0.unwrap_or(f64::NAN)
}

/// Means over all draws; without a lead all pipelines are worth the same.
fn worth(trials: &[Trial], has_lead: bool) -> [f64; 2] {
    let of = |keep: fn(usize) -> bool| {
        mean(trials.iter().flat_map(|t| t.means.iter().enumerate().filter(|(i, _)| keep(*i)).map(|(_, m)| m.0)))
    };
    match has_lead {
        true => [of(|i| i == 0), of(|i| i > 0)],
        false => [of(|_| true); 2],
    }
}
