//! Money: what frauds that were caught were worth, less what the checks of all alarms cost.

use super::curves::Ranking;
use super::out_of_fold::Fold;
use super::statistics::rounding::exceeds;

/// What alarms bring, over folds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Saved {
    /// Amount of the frauds caught less alarms times the cost of a check, mean a fold.
    pub money: f64,
    /// The least fold.
    pub least: f64,
    /// The largest fold.
    pub largest: f64,
    /// Alarms, mean a fold.
    pub alarms: f64,
    /// The share of the frauds' amount that was caught, over all folds together.
    pub share: f64,
}

/// Alarms of a fold, and the amount of the frauds among them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Caught {
    alarms: f64,
    amount: f64,
}

/// What checking the `n` rows with the highest scores saves; none without amounts.
pub fn saved_at_top(ranking: &Ranking, n: f64, check_cost: f64) -> Option<f64> {
    Some(ranking.amount_at_top(n)? - n.min(ranking.rows()) * check_cost)
}

/// What the models' own labels save; none without amounts or folds, and where the positives of all folds are worth nothing, or more
/// than a number holds.
pub fn at_labels(folds: &[Fold], check_cost: f64) -> Option<Saved> {
    saved(folds, &folds.iter().map(|fold| caught(fold, |row| fold.label[row])).collect::<Option<Vec<_>>>()?, check_cost)
}

/// What each fold's alarms save at the threshold that would have saved the most on the *other* folds of its repeat; none without
/// amounts, or where a fold has no others.
///
/// A threshold is a positive's score: between two of these, a lower one only adds checks. Of equally good ones the largest is
/// taken; where none saves anything on the other folds, there are no alarms.
pub fn at_threshold_of_others(folds: &[Fold], check_cost: f64) -> Option<Saved> {
    let mut alarms = vec![Caught::default(); folds.len()];
    let mut repeats: Vec<u32> = folds.iter().map(|fold| fold.split.0).collect();
    repeats.dedup();
    for repeat in repeats {
        let places: Vec<usize> = (0..folds.len()).filter(|&i| folds[i].split.0 == repeat).collect();
        if places.len() < 2 {
            return None;
        }
        let thresholds = positives_scores(places.iter().map(|&i| &folds[i]));
        let by_threshold: Vec<Vec<Caught>> =
            places.iter().map(|&i| at_thresholds(&folds[i], &thresholds)).collect::<Option<_>>()?;
        for (one, &place) in places.iter().enumerate() {
            let mut best = (0.0, Caught::default());
            for at in 0..thresholds.len() {
                let others = by_threshold.iter().enumerate().filter(|(other, _)| *other != one).map(|(_, c)| c[at]);
                let money: f64 = others.map(|caught| caught.amount - caught.alarms * check_cost).sum();
                if exceeds(money, best.0) {
                    best = (money, by_threshold[one][at]);
                }
            }
            alarms[place] = best.1;
        }
    }
    saved(folds, &alarms, check_cost)
}

fn saved(folds: &[Fold], alarms: &[Caught], check_cost: f64) -> Option<Saved> {
    let is_share_of = |all: &f64| *all > 0.0 && all.is_finite();
    let all: f64 = folds.iter().map(Fold::positive_amount).sum::<Option<f64>>().filter(is_share_of)?;
    let money: Vec<f64> = alarms.iter().map(|caught| caught.amount - caught.alarms * check_cost).collect();
    let n = folds.len() as f64;
    Some(Saved {
        money: money.iter().sum::<f64>() / n,
        least: money.iter().copied().fold(f64::INFINITY, f64::min),
        largest: money.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        alarms: alarms.iter().map(|caught| caught.alarms).sum::<f64>() / n,
        share: alarms.iter().map(|caught| caught.amount).sum::<f64>() / all,
    })
}

fn caught(fold: &Fold, alarm: impl Fn(usize) -> bool) -> Option<Caught> {
    let amount = fold.amount()?;
    let mut sum = Caught::default();
    for row in (0..fold.rows()).filter(|row| alarm(*row)) {
        sum.alarms += 1.0;
        sum.amount += if fold.positive[row] { amount[row] } else { 0.0 };
    }
    Some(sum)
}

/// The positives' distinct scores, largest first.
fn positives_scores<'a>(folds: impl Iterator<Item = &'a Fold>) -> Vec<f64> {
    let mut scores: Vec<f64> = folds
        .flat_map(|fold| fold.score.iter().zip(&fold.positive))
        .filter(|(_, positive)| **positive)
        .map(|(score, _)| *score)
        .collect();
    scores.sort_unstable_by(|a, b| b.total_cmp(a));
    scores.dedup_by(|a, b| a == b);
    scores
}

/// The alarms at each of the descending `thresholds`.
fn at_thresholds(fold: &Fold, thresholds: &[f64]) -> Option<Vec<Caught>> {
    let amount = fold.amount()?;
    let mut caught = vec![Caught::default(); thresholds.len()];
    for (row, &score) in fold.score.iter().enumerate() {
        // Rows below the last threshold are never alarms.
        if let Some(place) = caught.get_mut(thresholds.partition_point(|threshold| *threshold > score)) {
            place.alarms += 1.0;
            place.amount += if fold.positive[row] { amount[row] } else { 0.0 };
        }
    }
    let mut sum = Caught::default();
    for place in &mut caught {
        sum = Caught { alarms: sum.alarms + place.alarms, amount: sum.amount + place.amount };
        *place = sum;
    }
    Some(caught)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Sides;

    fn fold(split: (u32, u32), rows: &[(bool, f64, bool, f64)]) -> Fold {
        let column = |i: usize| rows[i];
        Fold {
            split,
            positive: (0..rows.len()).map(|i| column(i).0).collect(),
            score: (0..rows.len()).map(|i| column(i).1).collect(),
            label: (0..rows.len()).map(|i| column(i).2).collect(),
            sides: Sides { amount: Some((0..rows.len()).map(|i| column(i).3).collect()), ..Sides::default() },
        }
    }

    /// A is best cut at 0.7 (100 + 20 - 2 checks), B at 0.9 (50 - 1 check); a check costs 10.
    fn folds() -> [Fold; 2] {
        [
            fold(
                (0, 0),
                &[
                    (true, 0.9, true, 100.0),
                    (true, 0.7, false, 20.0),
                    (false, 0.6, true, 999.0),
                    (true, 0.1, false, 5.0),
                ],
            ),
            fold(
                (0, 1),
                &[
                    (true, 0.9, true, 50.0),
                    (false, 0.85, true, 7.0),
                    (false, 0.8, false, 7.0),
                    (true, 0.2, false, 25.0),
                ],
            ),
        ]
    }

    #[test]
    fn own_labels_by_hand() {
        // Fold A: 100 for two checks; fold B: 50 for two.
        let wanted = Saved { money: 55.0, least: 30.0, largest: 80.0, alarms: 2.0, share: 150.0 / 200.0 };
        assert_eq!(at_labels(&folds(), 10.0), Some(wanted));
    }

    #[test]
    fn what_rounding_adds_is_no_saving() {
        // A saves 0.8 - 0.3 at 0.9, and as much at 0.7: 1.1 - 2 * 0.3, which is more by rounding.
        let (first, second) = (0.8 - 0.3, 0.8 + 0.3 - 2.0 * 0.3);
        assert!(second > first);
        let a = fold((0, 0), &[(true, 0.9, true, 0.8), (true, 0.7, true, 0.3)]);
        let b = fold((0, 1), &[(true, 0.8, true, 50.0)]);
        // B has no alarm from 0.9 on. B itself is best cut at 0.8, where A has one.
        assert_eq!(at_threshold_of_others(&[a, b], 0.3).unwrap().alarms, 0.5);
    }

    #[test]
    fn a_threshold_is_chosen_on_the_other_folds_alone() {
        // Fold A is cut where B is best, at 0.9: 100 - 10. Fold B where A is best, at 0.7: 50 - 3 checks.
        let wanted = Saved { money: 55.0, least: 20.0, largest: 90.0, alarms: 2.0, share: 150.0 / 200.0 };
        assert_eq!(at_threshold_of_others(&folds(), 10.0), Some(wanted));
        // Where every check costs more than it brings, nothing is checked.
        let none = at_threshold_of_others(&folds(), 1_000.0).unwrap();
        assert_eq!((none.money, none.alarms, none.share), (0.0, 0.0, 0.0));
    }

    #[test]
    fn other_repeats_are_no_other_folds() {
        let [a, b] = folds();
        let apart = [a.clone(), Fold { split: (1, 0), ..b.clone() }];
        assert_eq!(at_threshold_of_others(&apart, 10.0), None);
        let again = [a.clone(), b.clone(), Fold { split: (1, 0), ..a }, Fold { split: (1, 1), ..b }];
        assert_eq!(at_threshold_of_others(&again, 10.0).unwrap().money, 55.0);
    }

    #[test]
    fn the_highest_scores_and_what_has_no_amount() {
        let [a, b] = folds();
        let ranking = a.ranking().unwrap();
        assert_eq!([1.0, 2.0, 3.0, 9.0].map(|n| saved_at_top(&ranking, n, 10.0)), [90.0, 100.0, 90.0, 85.0].map(Some));
        let without = [Fold { sides: Sides::default(), ..a }, b];
        assert_eq!((at_labels(&without, 10.0), at_threshold_of_others(&without, 10.0)), (None, None));
        assert_eq!(saved_at_top(&without[0].ranking().unwrap(), 1.0, 10.0), None);
        assert_eq!(at_labels(&[], 10.0), None);
    }

    #[test]
    fn a_fold_whose_positives_are_worth_nothing_loses_its_checks() {
        let [a, b] = folds();
        let worthless = |fold: &Fold| {
            let sides = Sides { amount: Some(vec![0.0; fold.rows()]), ..Sides::default() };
            Fold { sides, ..fold.clone() }
        };
        let ranking = worthless(&a).ranking().unwrap();
        assert_eq!([1.0, 2.0, 9.0].map(|n| saved_at_top(&ranking, n, 10.0)), [-10.0, -20.0, -40.0].map(Some));
        // Fold A: nothing for two checks; fold B: 50 for two, of 75 in all.
        let found = at_labels(&[worthless(&a), b.clone()], 10.0);
        assert_eq!(found, Some(Saved { money: 5.0, least: -20.0, largest: 30.0, alarms: 2.0, share: 50.0 / 75.0 }));
        assert_eq!(at_labels(&[worthless(&a), worthless(&b)], 10.0), None);
    }
}
