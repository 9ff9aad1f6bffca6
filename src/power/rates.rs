//! How often what reports say is true.

use super::studies::Design;
use super::trial::{Ends, Trial};
use crate::analyze::best::ALPHA;
use crate::analyze::leaderboard::LEVEL;
use crate::analyze::statistics::mean::mean_and_sd;
use crate::analyze::statistics::wilson::wilson;
use crate::metric::Better;

/// How often something happened.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rate {
    /// How often it did.
    pub count: usize,
    /// Among how many.
    pub of: usize,
    /// In how many draws these are.
    pub draws: usize,
    error: Option<f64>,
}

impl Rate {
    /// Of what happens once a draw, or not.
    fn of(happened: impl Iterator<Item = bool>) -> Self {
        Self::by_draw(happened.map(|did| (usize::from(did), 1)))
    }

    /// Of what can happen several times a draw: how often it did, and among how many.
    ///
    /// What is of one draw shares its rows, labels and folds, so that the draws alone are independent. The error is that of a ratio of
    /// sums over `D` draws, `p = sum(count) / sum(of)`: its square is `D / (D - 1) sum((count - p of)^2) / sum(of)^2`. With one a
    /// draw that is `p (1 - p) / (D - 1)`.
    pub(super) fn by_draw(draws: impl Iterator<Item = (usize, usize)>) -> Self {
        let draws: Vec<(usize, usize)> = draws.filter(|(_, of)| *of > 0).collect();
        let (count, of) = draws.iter().fold((0, 0), |sum, draw| (sum.0 + draw.0, sum.1 + draw.1));
        let share = count as f64 / of as f64;
        let squares = draws.iter().map(|(count, of)| (*count as f64 - share * *of as f64).powi(2)).sum::<f64>();
        let n = draws.len() as f64;
        // Where it never happened, or always, draws that are alike say nothing of others.
        let has_error = draws.len() > 1 && count > 0 && count < of;
        let error = has_error.then(|| (n / (n - 1.0) * squares).sqrt() / of as f64);
        Rate { count, of, draws: draws.len(), error }
    }

    /// The share; none of nothing.
    pub fn share(&self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }

    /// Its standard error over the draws; none of one draw, and where it never happened or always did.
    pub fn error(&self) -> Option<f64> {
        self.error
    }

    /// Where it never happened the most that the share may be, and where it always did the least, at 95%: the end of the interval by
    /// Wilson of as many independent trials as there are draws.
    pub(super) fn bound(&self) -> Option<f64> {
        let draws = self.draws as u64;
        match self.count {
            0 => wilson(0, draws).map(|(_, high)| high),
            count if count == self.of => wilson(draws, draws).map(|(low, _)| low),
            _ => None,
        }
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
    /// With a lead: by how much the first is better, by [`Rates::worth`].
    pub lead: Option<f64>,
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
    /// How much better the best one's mean is than its worth, on average; none of one draw.
    pub flattery: Option<f64>,
    /// The same of its mean on folds on which it was not chosen, of the draws that tell one.
    pub corrected_flattery: Option<f64>,
    /// The smallest difference that is called, on average.
    pub callable: Option<f64>,
    /// With a lead: draws in which the first pipeline comes out best, and no other as good.
    pub found: Rate,
    /// With a lead: of the others in those draws, how many are told from it.
    pub told: Rate,
}

impl Rates {
    /// Of the trials of a data set; `better` are the metric's better values.
    pub fn of(design: &Design, trials: &[Trial], better: Better) -> Self {
        let has_lead = design.data.lead != 0.0;
        let sign = if better == Better::Lower { -1.0 } else { 1.0 };
        let worth = worth(trials, has_lead);
        let of = |pipeline: usize| worth[usize::from(pipeline > 0)];
        let whole: Vec<(&Trial, usize)> = trials.iter().filter_map(|trial| Some((trial, trial.best?))).collect();
        let is_equal = |best: usize, other: usize| other != best && sign * of(other) >= sign * of(best);
        let alarm =
            |(trial, best): &(&Trial, usize)| (0..trial.told.len()).any(|i| trial.told[i] && is_equal(*best, i));
        // Of two columns, one is the first: with a lead they differ.
        let has_equals = !has_lead || design.data.columns > 2;
        let named: Vec<_> = trials.iter().filter_map(|trial| trial.named.filter(|_| has_equals)).collect();
        let is_first = |(trial, best): &&(&Trial, usize)| has_lead && *best == 0 && is_alone(trial, *best);
        let led = whole.iter().filter(is_first).map(|(trial, _)| *trial);
        let told = |trial: &Trial| (trial.told[1..].iter().filter(|told| **told).count(), trial.told.len() - 1);
        let known = Known::of(trials, has_lead, &of, sign);
        Rates {
            design: design.clone(),
            draws: trials.len(),
            worth,
            lead: has_lead.then(|| sign * (worth[0] - worth[1])),
            false_alarms: Rate::of(whole.iter().map(alarm)),
            named_alarms: Rate::of(named.iter().map(|t| t.p_value() <= ALPHA)),
            named_coverage: Rate::of(named.iter().filter_map(|t| t.interval(LEVEL)).map(|ends| holds(ends, 0.0))),
            coverage: known.coverage,
            best_coverage: known.best_coverage,
            corrected_coverage: known.corrected_coverage,
            rows_coverage: known.pooled_coverage[1],
            best_rows_coverage: known.pooled_coverage[0],
            flattery: known.flattery,
            corrected_flattery: known.corrected_flattery,
            callable: mean_and_sd(&trials.iter().filter_map(|trial| trial.callable).collect::<Vec<_>>()).0,
            found: if has_lead { Rate::of(whole.iter().map(|led| is_first(&led))) } else { Rate::default() },
            told: Rate::by_draw(led.map(told)),
        }
    }
}

/// Whether no other pipeline's mean is as good as the best's.
fn is_alone(trial: &Trial, best: usize) -> bool {
    trial.means.iter().filter(|(mean, _)| *mean == trial.means[best].0).count() == 1
}

/// What is held against what pipelines are worth.
#[derive(Default)]
struct Known {
    coverage: Rate,
    best_coverage: Rate,
    corrected_coverage: Rate,
    /// Of the best, and of the last pipeline.
    pooled_coverage: [Rate; 2],
    flattery: Option<f64>,
    corrected_flattery: Option<f64>,
}

impl Known {
    /// `of` is what a pipeline is worth, `sign` -1 where smaller is better. Nothing of a single draw: its own mean is no truth.
    fn of(trials: &[Trial], has_lead: bool, of: &dyn Fn(usize) -> f64, sign: f64) -> Self {
        if trials.len() < 2 {
            return Known::default();
        }
        let whole: Vec<(&Trial, usize)> = trials.iter().filter_map(|trial| Some((trial, trial.best?))).collect();
        let choices = || whole.iter().filter_map(|(trial, best)| Some((trial.choice?, of(*best))));
        let pooled_worth = mean(trials.iter().filter_map(|trial| Some(trial.pooled[1]?.0)));
        // The others differ from the first in what they are worth on pooled rows, too.
        let pooled = |which: usize| {
            let known =
                trials.iter().filter(|trial| which == 1 || !has_lead || trial.best.is_some_and(|best| best > 0));
            Rate::of(known.filter_map(|trial| trial.pooled[which]?.1).map(|ends| holds(ends, pooled_worth)))
        };
        let covered = |trial: &Trial| {
            let ends = trial.means.iter().enumerate().filter_map(|(i, (_, ends))| Some(holds((*ends)?, of(i))));
            ends.fold((0, 0), |(count, all), holds| (count + usize::from(holds), all + 1))
        };
        Known {
            coverage: Rate::by_draw(trials.iter().map(covered)),
            best_coverage: Rate::of(
                whole.iter().filter_map(|(trial, best)| Some(holds(interval(trial, *best)?, of(*best)))),
            ),
            corrected_coverage: Rate::of(choices().filter_map(|(choice, worth)| Some(holds(choice.interval?, worth)))),
            pooled_coverage: [pooled(0), pooled(1)],
            flattery: some_mean(whole.iter().map(|(trial, best)| sign * (trial.means[*best].0 - of(*best)))),
            corrected_flattery: some_mean(choices().filter_map(|(choice, worth)| Some(sign * (choice.mean? - worth)))),
        }
    }
}

fn holds((low, high): (f64, f64), worth: f64) -> bool {
    (low..=high).contains(&worth)
}

fn interval(trial: &Trial, pipeline: usize) -> Ends {
    trial.means[pipeline].1
}

fn some_mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    mean_and_sd(&values.collect::<Vec<_>>()).0
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    some_mean(values).unwrap_or(f64::NAN)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::choice::Choice;
    use crate::analyze::statistics::corrected_t::CorrectedT;
    use crate::simulate::Normal;

    fn design(columns: usize, lead: f64) -> Design {
        Design { name: "x".into(), data: Normal { columns, lead, ..Normal::default() } }
    }

    /// The means of the pipelines, which one is best, and which are told from it.
    fn trial(means: &[f64], best: usize, told: &[usize]) -> Trial {
        Trial {
            means: means.iter().map(|mean| (*mean, Some((mean - 0.15, mean + 0.15)))).collect(),
            best: Some(best),
            told: (0..means.len()).map(|i| told.contains(&i)).collect(),
            choice: None,
            callable: None,
            named: CorrectedT::new(&[0.1, 0.2, 0.1], 0.25),
            pooled: [None, None],
        }
    }

    fn near(found: Option<f64>, wanted: f64) {
        assert!(found.is_some_and(|found| (found - wanted).abs() < 1e-12), "{found:?} is not {wanted}");
    }

    #[test]
    fn where_smaller_is_better_the_truly_worse_are_no_false_alarms() {
        // The first is worth 0.1, the others 0.3.
        let trials = [trial(&[0.08, 0.3, 0.3], 0, &[1, 2]), trial(&[0.12, 0.3, 0.3], 0, &[1])];
        let rates = Rates::of(&design(3, 1.0), &trials, Better::Lower);
        assert_eq!((rates.false_alarms.count, rates.false_alarms.of), (0, 2));
        assert_eq!((rates.found.count, rates.told.count, rates.told.of), (2, 3, 4));
        near(rates.lead, 0.2);
        // Read the other way round, the first is the worst, and whoever is told from it is better.
        let rates = Rates::of(&design(3, 1.0), &trials, Better::Higher);
        assert_eq!(rates.false_alarms.count, 2);
        near(rates.lead, -0.2);
        // All are worth 0.3, and each time 0.1 smaller is chosen.
        let trials = [trial(&[0.2, 0.3, 0.4], 0, &[]), trial(&[0.3, 0.2, 0.4], 1, &[2])];
        let rates = Rates::of(&design(3, 0.0), &trials, Better::Lower);
        near(rates.flattery, 0.1);
        assert_eq!((rates.lead, rates.false_alarms.count), (None, 1));
    }

    #[test]
    fn a_draw_that_tells_no_estimate_does_not_count_in_their_mean() {
        // All are worth 0.3. One draw says 0.35 of its best, the other cannot say.
        let choice =
            |mean: Option<f64>| Choice { read: 0.3, factor: 3.0, mean, flattery: None, interval: Some((0.1, 0.5)) };
        let trials = [Some(0.35), None].map(|mean| Trial { choice: Some(choice(mean)), ..trial(&[0.4, 0.2], 0, &[]) });
        let rates = Rates::of(&design(2, 0.0), &trials, Better::Higher);
        near(rates.corrected_flattery, 0.05);
        assert_eq!((rates.corrected_coverage.count, rates.corrected_coverage.of), (2, 2));
    }

    #[test]
    fn pipelines_of_a_draw_are_no_independent_trials() {
        // All are worth 0.5. In three draws both intervals hold it, in one none does: 6 of 8.
        let mut trials = vec![trial(&[0.5, 0.5], 0, &[]); 4];
        trials[3].means.iter_mut().for_each(|(_, ends)| *ends = Some((0.6, 0.9)));
        let coverage = Rates::of(&design(2, 0.0), &trials, Better::Higher).coverage;
        assert_eq!((coverage.count, coverage.of, coverage.draws), (6, 8, 4));
        // By hand: squares of 0.5, 0.5, 0.5 and -1.5 are 3; sqrt(4/3 * 3) / 8. Eight independent ones would have 0.153.
        near(coverage.error(), 0.25);
        // Of two of four draws: sqrt(0.5 * 0.5 / 3).
        near(Rate::of([true, false, true, false].into_iter()).error(), (0.25_f64 / 3.0).sqrt());
        // Draws that have none do not count.
        assert_eq!(Rate::by_draw([(1, 2), (0, 0), (1, 2)].into_iter()).draws, 2);
    }

    #[test]
    fn never_and_always_have_a_bound_and_no_error() {
        let bound = |did: bool, draws: usize| {
            let rate = Rate::of(std::iter::repeat_n(did, draws));
            assert_eq!(rate.error(), None);
            rate.bound().unwrap()
        };
        // z^2 = 3.841459 at 95%; z^2 / (D + z^2).
        assert!((bound(false, 150) - 0.024_970).abs() < 1e-6 && (bound(true, 150) - 0.975_030).abs() < 1e-6);
        assert!((bound(false, 1) - 0.793_451).abs() < 1e-6);
        // Twenty pipelines of one draw are one draw.
        assert!((Rate::by_draw([(0, 20)].into_iter()).bound().unwrap() - 0.793_451).abs() < 1e-6);
        assert_eq!(Rate::default().bound(), None);
    }

    #[test]
    fn a_single_draw_is_no_truth() {
        let rates = Rates::of(&design(2, 0.0), &[trial(&[0.5, 0.5], 0, &[])], Better::Higher);
        assert_eq!((rates.coverage.of, rates.best_coverage.of, rates.flattery), (0, 0, None));
        // That two do not differ is known without it.
        assert_eq!((rates.named_coverage.of, rates.false_alarms.of), (1, 1));
    }

    #[test]
    fn of_two_columns_with_a_lead_none_do_not_differ() {
        let of = |columns: usize, lead: f64| {
            let means = vec![0.5; columns];
            let rates =
                Rates::of(&design(columns, lead), &[trial(&means, 0, &[]), trial(&means, 0, &[])], Better::Higher);
            (rates.named_alarms.of, rates.named_coverage.of)
        };
        assert_eq!([of(2, 1.0), of(3, 1.0), of(2, 0.0)], [(0, 0), (2, 2), (2, 2)]);
    }

    #[test]
    fn as_good_as_the_others_is_not_found() {
        let trials = [trial(&[0.5, 0.5, 0.5], 0, &[]), trial(&[0.6, 0.5, 0.5], 0, &[1])];
        let rates = Rates::of(&design(3, 1.0), &trials, Better::Higher);
        assert_eq!((rates.found.count, rates.found.of, rates.told.count, rates.told.of), (1, 2, 1, 2));
    }
}
