//! Curves over out-of-fold scores: precision and recall, ROC, what is found among the highest scores.

/// Test rows of a fold in the order of a model's scores, ties together.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    steps: Vec<Step>,
    rows: f64,
    positives: f64,
    amount: Option<f64>,
}

/// All rows with at least some score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The score.
    pub score: f64,
    /// How many rows.
    pub alarms: f64,
    /// How many of them are positive.
    pub found: f64,
    /// What these are worth; 0 without amounts.
    pub amount: f64,
}

/// Mean and range over folds at one place of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The place.
    pub x: f64,
    /// Mean over the folds.
    pub mean: f64,
    /// The least fold.
    pub least: f64,
    /// The largest fold.
    pub largest: f64,
}

impl Ranking {
    /// Ranks rows by `score`, largest first; one element a row in each. None unless there are rows of both classes and all
    /// scores are finite.
    pub fn of(positive: &[bool], score: &[f64], amount: Option<&[f64]>) -> Option<Self> {
        let positives = positive.iter().filter(|&&p| p).count();
        let fits = positive.len() == score.len() && amount.is_none_or(|a| a.len() == score.len());
        if !fits || positives == 0 || positives == positive.len() || score.iter().any(|s| !s.is_finite()) {
            return None;
        }
        let mut order: Vec<usize> = (0..score.len()).collect();
        order.sort_by(|&a, &b| score[b].total_cmp(&score[a]));
        let mut steps: Vec<Step> = Vec::new();
        let mut at = Step { score: f64::NAN, alarms: 0.0, found: 0.0, amount: 0.0 };
        for (place, &row) in order.iter().enumerate() {
            at.score = score[row];
            at.alarms += 1.0;
            if positive[row] {
                at.found += 1.0;
                at.amount += amount.map_or(0.0, |a| a[row]);
            }
            if order.get(place + 1).is_none_or(|&next| score[next] != score[row]) {
                steps.push(at);
            }
        }
        Some(Ranking {
            steps,
            rows: score.len() as f64,
            positives: positives as f64,
            amount: amount.map(|_| at.amount),
        })
    }

    /// Precision at the highest threshold that finds at least this share of the positives.
    pub fn precision_at_recall(&self, recall: f64) -> f64 {
        // A share of whole rows: the smallest number of rows that is not less, up to rounding.
        let wanted = (recall * self.positives - 1e-9).max(1e-9);
        let step = self.steps.iter().find(|s| s.found >= wanted).or(self.steps.last());
        step.map_or(f64::NAN, |s| s.found / s.alarms)
    }

    /// Recall at a false-positive rate on the ROC curve: the largest one there; among rows of one score each is as likely as the other,
    /// so that the area below the curve is the ROC-AUC.
    pub fn recall_at_false_positive_rate(&self, rate: f64) -> f64 {
        let most = rate * (self.rows - self.positives);
        let end = |s: &Step| (s.alarms - s.found, s.found);
        let after = self.steps.partition_point(|s| end(s).0 <= most + 1e-9);
        let (negatives, found) = after.checked_sub(1).map_or((0.0, 0.0), |last| end(&self.steps[last]));
        let more = self.steps.get(after).map(end).map_or(0.0, |(next_negatives, next_found)| {
            // A nudge above may have let a step in that ends a rounding error past `most`.
            (next_found - found) * (most - negatives).max(0.0) / (next_negatives - negatives)
        });
        (found + more) / self.positives
    }

    /// Share of the positives among the `n` highest scores; among rows of one score each is as likely as the other.
    pub fn recall_at_top(&self, n: f64) -> f64 {
        self.among(n, |step| step.found) / self.positives
    }

    /// The positives' amount among the `n` highest scores; none without amounts.
    pub fn amount_at_top(&self, n: f64) -> Option<f64> {
        self.amount.map(|_| self.among(n, |step| step.amount))
    }

    /// Its share of what all positives are worth; none without amounts or where they sum to 0.
    pub fn share_at_top(&self, n: f64) -> Option<f64> {
        let all = self.amount.filter(|all| *all > 0.0)?;
        Some(self.amount_at_top(n)? / all)
    }

    fn among(&self, n: f64, of: impl Fn(&Step) -> f64) -> f64 {
        let after = self.steps.partition_point(|s| s.alarms < n);
        let Some(next) = self.steps.get(after) else { return self.steps.last().map_or(0.0, of) };
        let before = after.checked_sub(1).map(|i| self.steps[i]);
        let (alarms, value) = before.map_or((0.0, 0.0), |s| (s.alarms, of(&s)));
        value + (of(next) - value) * (n - alarms) / (next.alarms - alarms)
    }

    /// The distinct scores, largest first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How many positives there are.
    pub fn positives(&self) -> f64 {
        self.positives
    }

    /// What the positives are worth together; none without amounts.
    pub fn amount(&self) -> Option<f64> {
        self.amount
    }

    /// How many rows there are.
    pub fn rows(&self) -> f64 {
        self.rows
    }
}

/// `value` at each of `places`, over the folds; places where it is undefined on a fold are left out.
pub fn bands(folds: &[Ranking], places: &[f64], value: impl Fn(&Ranking, f64) -> Option<f64>) -> Vec<Band> {
    let at = |x: f64| {
        let values: Option<Vec<f64>> = folds.iter().map(|fold| value(fold, x).filter(|v| v.is_finite())).collect();
        let values = values.filter(|v| !v.is_empty())?;
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Band { x, mean, least, largest })
    };
    places.iter().filter_map(|&x| at(x)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores 9 (+, 10 money), 8 (-), 7 (+ 20 and - tied), 1 (+, 70), 0 (- -).
    fn ranking() -> Ranking {
        let positive = [true, false, true, false, true, false, false];
        let score = [9.0, 8.0, 7.0, 7.0, 1.0, 0.0, 0.0];
        Ranking::of(&positive, &score, Some(&[10.0, 1.0, 20.0, 1.0, 70.0, 1.0, 1.0])).unwrap()
    }

    #[test]
    fn by_hand() {
        let r = ranking();
        assert_eq!([0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0].map(|x| r.precision_at_recall(x)), [1.0, 1.0, 0.5, 0.6]);
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|x| r.recall_at_false_positive_rate(x) * 3.0), [1.0, 1.0, 3.0, 3.0]);
        // Half of the tie of a positive and a negative; between two negatives nothing is found.
        assert_eq!([0.125, 0.375, 0.75].map(|x| r.recall_at_false_positive_rate(x) * 3.0), [1.0, 1.5, 3.0]);
        // The third and the fourth row are tied: half a find each.
        assert_eq!(
            [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 99.0].map(|n| r.recall_at_top(n) * 3.0),
            [0.0, 1.0, 1.0, 1.5, 2.0, 3.0, 3.0]
        );
        assert_eq!((r.amount_at_top(3.0), r.share_at_top(3.0)), (Some(20.0), Some(0.2)));
    }

    #[test]
    fn a_constant_score_is_the_diagonal_of_the_roc_curve() {
        let constant = Ranking::of(&[true, false, true, false, false], &[0.5; 5], None).unwrap();
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|x| constant.recall_at_false_positive_rate(x)), [0.0, 0.25, 0.5, 1.0]);
        // A tree of two leaves, 3 of 4 positives and 1 of 4 negatives above: the curve's corners are (0, 0), (1/4, 3/4), (1, 1), and
        // the area 0.75 below it is what ROC-AUC has with ties counted half.
        let positive = [true, true, true, false, true, false, false, false];
        let tree = Ranking::of(&positive, &[0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1], None).unwrap();
        assert_eq!([0.125, 0.25, 0.625, 1.0].map(|x| tree.recall_at_false_positive_rate(x)), [0.375, 0.75, 0.875, 1.0]);
    }

    #[test]
    fn what_cannot_be_ranked_is_not() {
        assert_eq!(Ranking::of(&[true, true], &[1.0, 2.0], None), None);
        assert_eq!(Ranking::of(&[true, false], &[1.0, f64::NAN], None), None);
        assert_eq!(Ranking::of(&[true, false], &[1.0], None), None);
        let without = Ranking::of(&[true, false], &[1.0, 2.0], None).unwrap();
        assert_eq!((without.amount_at_top(1.0), without.share_at_top(1.0)), (None, None));
        // What is worth nothing has no share, and is an amount.
        let worthless = Ranking::of(&[true, false], &[1.0, 2.0], Some(&[0.0, 5.0])).unwrap();
        assert_eq!((worthless.amount_at_top(1.0), worthless.share_at_top(1.0)), (Some(0.0), None));
    }

    #[test]
    fn scores_that_32_bits_cannot_tell_apart_are_ranked() {
        // By twos: beside 1, far below the smallest 32-bit number, beyond the largest, and a thousandth apart at a billion.
        for [high, low] in [[1.0, 1.0 - 1e-12], [2e-300, 1e-300], [2e300, 1e300], [1e9 + 0.001, 1e9]] {
            let ranked = Ranking::of(&[true, false, false], &[high, low, low], None).unwrap();
            assert_eq!(
                ranked.steps().iter().map(|s| (s.score, s.alarms)).collect::<Vec<_>>(),
                [(high, 1.0), (low, 3.0)]
            );
            assert_eq!((ranked.precision_at_recall(1.0), ranked.recall_at_false_positive_rate(0.0)), (1.0, 1.0));
        }
    }

    #[test]
    fn a_band_is_mean_and_range_over_folds() {
        let other = Ranking::of(&[false, true], &[1.0, 0.0], None).unwrap();
        let band = bands(&[ranking(), other], &[1.0], |fold, n| Some(fold.recall_at_top(n)));
        assert_eq!(band, [Band { x: 1.0, mean: 1.0 / 6.0, least: 0.0, largest: 1.0 / 3.0 }]);
        assert_eq!(bands(&[], &[1.0], |_, _| Some(1.0)), []);
    }
}
