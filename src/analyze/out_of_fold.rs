//! Out-of-fold rows: what the models of a pipeline said of rows that they had not seen.

use super::curves::Ranking;
use super::folds::Split;

/// The test rows of a fold, one element a row in each.
#[derive(Debug, Clone, PartialEq)]
pub struct Fold {
    /// Repeat and fold.
    pub split: Split,
    /// Whether they are positive.
    pub positive: Vec<bool>,
    /// The model's scores.
    pub score: Vec<f32>,
    /// The model's own labels.
    pub label: Vec<bool>,
    /// What the rows are worth, where the data tell it of every positive; nothing is asked of the others.
    pub amount: Option<Vec<f64>>,
}

impl Fold {
    /// A fold; none unless there are rows of both classes, all scores are finite, and each part has as many rows.
    pub fn new(
        split: Split,
        positive: Vec<bool>,
        score: Vec<f32>,
        label: Vec<bool>,
        amount: Option<Vec<f64>>,
    ) -> Option<Self> {
        let rows = positive.len();
        let fits = score.len() == rows && label.len() == rows && amount.as_ref().is_none_or(|a| a.len() == rows);
        let both = positive.iter().any(|p| *p) && positive.iter().any(|p| !*p);
        let amount = amount.filter(|amount| unworthy(&positive, amount) == 0);
        (fits && both && score.iter().all(|s| s.is_finite())).then_some(Fold { split, positive, score, label, amount })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.positive.len()
    }

    /// How many of them are positive.
    pub fn positives(&self) -> usize {
        self.positive.iter().filter(|p| **p).count()
    }

    /// What the positives are worth together; none without amounts.
    pub fn positive_amount(&self) -> Option<f64> {
        let amount = self.amount.as_ref()?;
        Some(amount.iter().zip(&self.positive).filter(|(_, positive)| **positive).map(|(amount, _)| amount).sum())
    }

    /// The rows in the order of their scores.
    pub fn ranking(&self) -> Option<Ranking> {
        Ranking::of(&self.positive, &self.score, self.amount.as_deref())
    }
}

/// How many positives have an amount that is blank, negative or infinite.
pub fn unworthy(positive: &[bool], amount: &[f64]) -> usize {
    let known = |amount: f64| (0.0..f64::INFINITY).contains(&amount);
    positive.iter().zip(amount).filter(|(positive, amount)| **positive && !known(**amount)).count()
}

/// The folds of the first repeat put end to end, so that no row counts twice; none without folds.
///
/// This treats the scores of different models as one scale. Amounts are kept where every fold has them.
pub fn pooled(folds: &[Fold]) -> Option<Fold> {
    let first = folds.first()?.split;
    let of: Vec<&Fold> = folds.iter().filter(|fold| fold.split.0 == first.0).collect();
    Some(Fold {
        split: first,
        positive: of.iter().flat_map(|fold| fold.positive.iter().copied()).collect(),
        score: of.iter().flat_map(|fold| fold.score.iter().copied()).collect(),
        label: of.iter().flat_map(|fold| fold.label.iter().copied()).collect(),
        amount: of.iter().map(|fold| fold.amount.clone()).collect::<Option<Vec<_>>>().map(|parts| parts.concat()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(split: Split, amount: Option<Vec<f64>>) -> Option<Fold> {
        Fold::new(split, vec![true, false, true], vec![0.5, 0.25, 0.75], vec![true, false, false], amount)
    }

    #[test]
    fn the_first_repeat_is_pooled_and_no_other() {
        let amount = Some(vec![1.0, 2.0, 4.0]);
        let folds = [((1, 0), amount.clone()), ((1, 2), amount.clone()), ((2, 0), amount)];
        let folds = folds.map(|(split, amount)| fold(split, amount).unwrap());
        let all = pooled(&folds).unwrap();
        assert_eq!((all.rows(), all.positives(), all.positive_amount()), (6, 4, Some(10.0)));
        assert_eq!(all.score, [0.5, 0.25, 0.75, 0.5, 0.25, 0.75]);
        let without = [folds[0].clone(), fold((1, 3), None).unwrap()];
        assert_eq!(pooled(&without).unwrap().amount, None);
        assert_eq!(pooled(&[]), None);
    }

    #[test]
    fn what_is_not_whole_is_no_fold() {
        assert!(fold((0, 0), Some(vec![f64::NAN, 1.0, 1.0])).unwrap().amount.is_none());
        assert!(fold((0, 0), Some(vec![1.0, 1.0, -1.0])).unwrap().amount.is_none());
        // The second row is no positive.
        assert!(fold((0, 0), Some(vec![1.0, f64::NAN, 1.0])).unwrap().amount.is_some());
        assert_eq!(fold((0, 0), Some(vec![1.0])), None);
        assert_eq!(Fold::new((0, 0), vec![true; 2], vec![0.5; 2], vec![true; 2], None), None);
        assert_eq!(Fold::new((0, 0), vec![true, false], vec![0.5, f32::INFINITY], vec![true; 2], None), None);
        assert_eq!(Fold::new((0, 0), vec![true, false], vec![0.5; 2], vec![true], None), None);
    }
}
