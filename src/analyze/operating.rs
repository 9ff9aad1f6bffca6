//! Operating points: what follows from calling every row above a threshold an alarm.

use super::curves::{Ranking, Step};
use super::out_of_fold::Fold;

/// What a threshold, or the models' own labels, come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatingPoint {
    /// Rows of at least this score are alarms; none for the models' own labels.
    pub threshold: Option<f64>,
    /// How many rows that are.
    pub alarms: f64,
    /// How many of them are positive.
    pub found: f64,
    /// Precision; none without alarms.
    pub precision: Option<f64>,
    /// Recall.
    pub recall: f64,
    /// F1.
    pub f1: f64,
    /// False positives times the cost of a check, plus the amount of the positives that were missed; none without amounts.
    pub cost: Option<f64>,
}

/// All positives and what they are worth.
#[derive(Clone, Copy)]
struct All {
    positives: f64,
    amount: Option<f64>,
}

impl All {
    fn point(self, threshold: Option<f64>, step: Step, check_cost: f64) -> OperatingPoint {
        let Step { alarms, found, amount, .. } = step;
        OperatingPoint {
            threshold,
            alarms,
            found,
            precision: (alarms > 0.0).then(|| found / alarms),
            recall: found / self.positives,
            f1: 2.0 * found / (alarms + self.positives),
            cost: self.amount.map(|all| (alarms - found) * check_cost + all - amount),
        }
    }
}

/// For each of the ascending numbers of rows `most`, the threshold with the most alarms that are not more; each threshold once.
/// Rows of one score are alarms together, so there may be no threshold near a number.
pub fn thresholds(ranking: &Ranking, most: &[f64], check_cost: f64) -> Vec<OperatingPoint> {
    let all = All { positives: ranking.positives(), amount: ranking.amount() };
    let steps = ranking.steps();
    let mut places: Vec<usize> =
        most.iter().filter_map(|n| steps.partition_point(|step| step.alarms <= *n).checked_sub(1)).collect();
    places.dedup();
    places.into_iter().map(|place| all.point(Some(steps[place].score), steps[place], check_cost)).collect()
}

/// The operating point of the models' own labels.
pub fn at_labels(fold: &Fold, check_cost: f64) -> OperatingPoint {
    let mut step = Step { score: f64::NAN, alarms: 0.0, found: 0.0, amount: 0.0 };
    let amounts = fold.amount();
    for (row, positive) in fold.positive.iter().enumerate().filter(|(row, _)| fold.label[*row]) {
        step.alarms += 1.0;
        if *positive {
            step.found += 1.0;
            step.amount += amounts.map_or(0.0, |amount| amount[row]);
        }
    }
    let all = All { positives: fold.positives() as f64, amount: fold.positive_amount() };
    all.point(None, step, check_cost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Sides;

    /// Scores 9 (+, 10 money), 8 (-), 7 (+ 20 and two -), 1 (+, 70), 0 (-); labelled are 9 and 8.
    fn fold(amounts: bool) -> Fold {
        Fold {
            split: (0, 0),
            positive: vec![true, false, true, false, false, true, false],
            score: vec![9.0, 8.0, 7.0, 7.0, 7.0, 1.0, 0.0],
            label: vec![true, true, false, false, false, false, false],
            sides: Sides { amount: amounts.then(|| vec![10.0, 1.0, 20.0, 1.0, 1.0, 70.0, 1.0]), ..Sides::default() },
        }
    }

    #[test]
    fn by_hand() {
        let ranking = fold(true).ranking().unwrap();
        let found = thresholds(&ranking, &[0.5, 1.0, 3.0, 4.0, 5.0, 6.0], 3.0);
        let of = |p: &OperatingPoint| (p.threshold.unwrap(), p.alarms, p.found, p.cost.unwrap());
        // With four alarms at most it is still the threshold 8; missed at 8: 20 + 70, and one check.
        assert_eq!(
            found.iter().map(of).collect::<Vec<_>>(),
            [(9.0, 1.0, 1.0, 90.0), (8.0, 2.0, 1.0, 93.0), (7.0, 5.0, 2.0, 79.0), (1.0, 6.0, 3.0, 9.0)]
        );
        assert_eq!((found[2].precision, found[2].recall, found[2].f1), (Some(0.4), 2.0 / 3.0, 0.5));
    }

    #[test]
    fn a_threshold_is_a_score_and_gives_the_alarms_beside_it() {
        // 14 and 13 of 15 trees; the 32-bit number nearest to 14 / 15 is larger than it.
        let score = vec![1.0, 14.0 / 15.0, 14.0 / 15.0, 13.0 / 15.0, 0.0];
        let positive = vec![true, true, false, false, false];
        let fold = Fold { label: vec![false; 5], sides: Sides::default(), split: (0, 0), positive, score };
        let found = thresholds(&fold.ranking().unwrap(), &[1.0, 2.0, 3.0, 4.0, 5.0], 3.0);
        assert_eq!(found.iter().map(|p| p.alarms).collect::<Vec<_>>(), [1.0, 3.0, 4.0, 5.0]);
        for point in found {
            let alarms = fold.score.iter().filter(|score| **score >= point.threshold.unwrap()).count();
            assert_eq!(alarms as f64, point.alarms, "{point:?}");
        }
    }

    #[test]
    fn own_labels_are_an_operating_point_too() {
        let point = at_labels(&fold(true), 3.0);
        assert_eq!((point.threshold, point.alarms, point.found, point.cost), (None, 2.0, 1.0, Some(93.0)));
        let silent = at_labels(&Fold { label: vec![false; 7], ..fold(false) }, 3.0);
        assert_eq!((silent.precision, silent.recall, silent.f1, silent.cost), (None, 0.0, 0.0, None));
    }
}
