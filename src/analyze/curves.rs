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
    pub score: f32,
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
    pub fn of(positive: &[bool], score: &[f32], amount: Option<&[f64]>) -> Option<Self> {
        let positives = positive.iter().filter(|&&p| p).count();
        let fits = positive.len() == score.len() && amount.is_none_or(|a| a.len() == score.len());
        if !fits || positives == 0 || positives == positive.len() || score.iter().any(|s| !s.is_finite()) {
            return None;
        }
        let mut order: Vec<usize> = (0..score.len()).collect();
        order.sort_by(|&a, &b| score[b].total_cmp(&score[a]));
        let mut steps: Vec<Step> = Vec::new();
        let mut at = Step { score: f32::NAN, alarms: 0.0, found: 0.0, amount: 0.0 };
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

    /// Largest recall at a false-positive rate of at most `rate`.
    pub fn recall_at_false_positive_rate(&self, rate: f64) -> f64 {
        let most = rate * (self.rows - self.positives) + 1e-9;
        let last = self.steps.iter().take_while(|s| s.alarms - s.found <= most).last();
        last.map_or(0.0, |s| s.found / self.positives)
    }

    /// Share of the positives among the `n` highest scores; among rows of one score each is as likely as the other.
    pub fn recall_at_top(&self, n: f64) -> f64 {
        self.among(n, |step| step.found) / self.positives
    }

    /// Share of the positives' amount among the `n` highest scores; none without amounts or where they sum to 0.
    pub fn amount_at_top(&self, n: f64) -> Option<f64> {
        let all = self.amount.filter(|all| *all > 0.0)?;
        Some(self.among(n, |step| step.amount) / all)
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
        // The third and the fourth row are tied: half a find each.
        assert_eq!(
            [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 99.0].map(|n| r.recall_at_top(n) * 3.0),
            [0.0, 1.0, 1.0, 1.5, 2.0, 3.0, 3.0]
        );
        assert_eq!(r.amount_at_top(3.0), Some(0.2));
    }

    #[test]
    fn what_cannot_be_ranked_is_not() {
        assert_eq!(Ranking::of(&[true, true], &[1.0, 2.0], None), None);
        assert_eq!(Ranking::of(&[true, false], &[1.0, f32::NAN], None), None);
        assert_eq!(Ranking::of(&[true, false], &[1.0], None), None);
        assert_eq!(Ranking::of(&[true, false], &[1.0, 2.0], None).unwrap().amount_at_top(1.0), None);
    }

    #[test]
    fn a_band_is_mean_and_range_over_folds() {
        let other = Ranking::of(&[false, true], &[1.0, 0.0], None).unwrap();
        let band = bands(&[ranking(), other], &[1.0], |fold, n| Some(fold.recall_at_top(n)));
        assert_eq!(band, [Band { x: 1.0, mean: 1.0 / 6.0, least: 0.0, largest: 1.0 / 3.0 }]);
        assert_eq!(bands(&[], &[1.0], |_, _| Some(1.0)), []);
    }
}
