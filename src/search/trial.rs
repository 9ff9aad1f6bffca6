//! What became of candidates, and how they compare.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::score::Goal;

/// Wall seconds that a candidate of a search took on each inner fold; empty where its folds were not fitted one by one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CandidateSeconds {
    /// Fitting.
    pub fit: Vec<f64>,
    /// Predicting the fold's test rows, and scoring.
    pub score: Vec<f64>,
}

/// What became of a candidate on some rows. Trials are equal whatever time they took.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// What [`super::inner::Candidate::describe`] says.
    pub params: Value,
    /// Rows of all inner folds together.
    pub rows: usize,
    /// The goal's value on each fold; empty when the candidate failed, the first alone when it was dropped after it.
    pub scores: Vec<f64>,
    /// Their mean.
    pub mean: Option<f64>,
    /// Why it could not be fitted or scored on some fold, or was not tried on all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Whether the final model is made of it.
    pub chosen: bool,
    /// What it took; a record keeps it apart from the rest, which is the same in every run.
    pub seconds: CandidateSeconds,
}

impl PartialEq for Trial {
    fn eq(&self, other: &Trial) -> bool {
        let facts = |trial: &Trial| (trial.rows, trial.mean, trial.chosen);
        facts(self) == facts(other)
            && (&self.params, &self.scores, &self.failed) == (&other.params, &other.scores, &other.failed)
    }
}

impl Trial {
    /// A trial with these fold scores, or the reason why there are none.
    pub fn new(params: Value, rows: usize, scores: Result<Vec<f64>, String>) -> Self {
        let (scores, failed) = match scores {
            Ok(scores) => (scores, None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        let mean = (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64);
        Trial { params, rows, scores, mean, failed, chosen: false, seconds: CandidateSeconds::default() }
    }

    /// How good it is, more is better; a failed one is worse than any other.
    pub fn utility(&self, goal: Goal) -> f64 {
        self.mean.map_or(f64::NEG_INFINITY, |mean| goal.utility(mean))
    }
}

/// The best of `trials`, the first one of several; none when all have failed.
pub fn best(trials: &[Trial], goal: Goal) -> Option<usize> {
    ranked(trials, goal).first().copied().filter(|&i| trials[i].mean.is_some())
}

/// The trials from best to worst; of equals the earlier comes first.
pub fn ranked(trials: &[Trial], goal: Goal) -> Vec<usize> {
    let mut order: Vec<usize> = (0..trials.len()).collect();
    order.sort_by(|&a, &b| trials[b].utility(goal).total_cmp(&trials[a].utility(goal)));
    order
}

/// Why a trial has no mean whose first fold was too far behind.
pub const DROPPED: &str = "dropped after fold 1";

/// What means and first folds lie apart as a rule: the median of their distances. 0 where no trial has several folds.
pub fn shift<'t>(trials: impl IntoIterator<Item = &'t Trial>) -> f64 {
    median(apart(trials))
}

/// How far means and first folds lie apart beyond what all of them do: the median of the distances from their median. 0 where no
/// trial has several folds.
pub fn spread<'t>(trials: impl IntoIterator<Item = &'t Trial>) -> f64 {
    let all = apart(trials);
    let centre = median(all.clone());
    median(all.into_iter().map(|one| (one - centre).abs()).collect())
}

/// Means minus first folds.
fn apart<'t>(trials: impl IntoIterator<Item = &'t Trial>) -> Vec<f64> {
    trials.into_iter().filter_map(|trial| Some(trial.mean? - trial.scores.first()?)).collect()
}

/// Which of the `first` folds' utilities are not behind the one in place `keep`, from 1, by more than `slack`.
pub fn within_reach(first: &[(usize, f64)], keep: usize, slack: f64) -> Vec<bool> {
    let mut order: Vec<f64> = first.iter().map(|(_, utility)| *utility).collect();
    order.sort_unstable_by(|a, b| b.total_cmp(a));
    let bar = order.get(keep - 1).map_or(f64::NEG_INFINITY, |last| last - slack);
    first.iter().map(|(_, utility)| *utility >= bar).collect()
}

/// The upper one of two; 0 of none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_the_median_distance_of_means_from_first_folds_beyond_what_all_do() {
        let trial = |scores: &[f64]| Trial::new(Value::Null, 1, Ok(scores.to_vec()));
        // Means minus first folds: 1, 3, 4.
        let mut trials = vec![trial(&[2.0, 4.0]), trial(&[1.0, 7.0]), trial(&[0.0, 8.0])];
        assert_eq!((spread(&trials), shift(&trials)), (1.0, 3.0));
        trials.push(Trial::new(Value::Null, 1, Err("no".into())));
        assert_eq!(spread(&trials), 1.0);
        assert_eq!((spread(&[]), shift(&[])), (0.0, 0.0));
    }

    #[test]
    fn within_reach_is_who_may_be_among_those_that_stay() {
        let first = [(0, 0.5), (1, 0.8), (3, 0.7), (4, 0.74), (5, 0.6)];
        assert_eq!(within_reach(&first, 1, 0.07), [false, true, false, true, false]);
        assert_eq!(within_reach(&first, 3, 0.0), [false, true, true, true, false]);
        assert_eq!(within_reach(&first, 3, 0.1), [false, true, true, true, true]);
        assert_eq!(within_reach(&first, 9, 0.0), [true; 5]);
        assert_eq!(within_reach(&[], 3, 0.1), [true; 0]);
    }
}
