//! Out-of-fold rows: what the models of a pipeline said of rows that they had not seen.

use super::curves::Ranking;
use super::folds::Split;
use crate::component::{NO_NEGATIVES, NO_POSITIVES, Prediction, ScoreKind};
use crate::data::Sides;

/// The test rows of a fold, one element a row in each.
#[derive(Debug, Clone, PartialEq)]
pub struct Fold {
    /// Repeat and fold.
    pub split: Split,
    /// Whether they are positive.
    pub positive: Vec<bool>,
    /// The model's scores as they were kept: rounded ones would be ranked otherwise.
    pub score: Vec<f64>,
    /// The model's own labels.
    pub label: Vec<bool>,
    /// What the data say of them beside their features.
    pub sides: Sides,
}

impl Fold {
    /// A fold, as many rows in each part.
    ///
    /// # Errors
    /// Why its rows cannot be ranked: they are not of both classes, or a score is not finite.
    pub fn new(
        split: Split,
        positive: Vec<bool>,
        score: Vec<f64>,
        label: Vec<bool>,
        sides: Sides,
    ) -> Result<Self, String> {
        let rows = positive.len();
        let of_rows = [
            Some(score.len()),
            Some(label.len()),
            sides.amount.as_ref().map(Vec::len),
            sides.group.as_ref().map(Vec::len),
            sides.time.as_ref().map(Vec::len),
        ];
        if of_rows.into_iter().flatten().any(|n| n != rows) {
            return Err("its files have unequal numbers of rows".into());
        }
        if !positive.contains(&true) {
            return Err(NO_POSITIVES.into());
        }
        if !positive.contains(&false) {
            return Err(NO_NEGATIVES.into());
        }
        match score.iter().filter(|score| !score.is_finite()).count() {
            0 => Ok(Fold { split, positive, score, label, sides }),
            n => Err(format!("{n} of {rows} scores are NaN or infinite")),
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.positive.len()
    }

    /// How many of them are positive.
    pub fn positives(&self) -> usize {
        self.positive.iter().filter(|p| **p).count()
    }

    /// What the rows are worth, where the data tell it of every positive and these add up; nothing is asked of the others.
    pub fn amount(&self) -> Option<&[f64]> {
        let is_told = |amount: &&[f64]| {
            unworthy(&self.positive, amount) == 0 && worth_of_positives(&self.positive, amount).is_finite()
        };
        self.sides.amount.as_deref().filter(is_told)
    }

    /// What the positives are worth together; none without amounts.
    pub fn positive_amount(&self) -> Option<f64> {
        Some(worth_of_positives(&self.positive, self.amount()?))
    }

    /// The rows in the order of their scores.
    pub fn ranking(&self) -> Option<Ranking> {
        Ranking::of(&self.positive, &self.score, self.amount())
    }

    /// The true classes and what the model said, as metrics read them.
    pub fn said(&self, kind: ScoreKind) -> (Vec<u8>, Prediction) {
        let numbers = |flags: &[bool]| flags.iter().map(|&flag| u8::from(flag)).collect();
        let prediction = Prediction { score: self.score.clone(), label: numbers(&self.label), kind };
        (numbers(&self.positive), prediction)
    }
}

fn worth_of_positives(positive: &[bool], amount: &[f64]) -> f64 {
    amount.iter().zip(positive).filter(|(_, positive)| **positive).map(|(amount, _)| amount).sum()
}

/// How many positives have an amount that is blank, negative or infinite.
pub fn unworthy(positive: &[bool], amount: &[f64]) -> usize {
    let known = |amount: f64| (0.0..f64::INFINITY).contains(&amount);
    positive.iter().zip(amount).filter(|(positive, amount)| **positive && !known(**amount)).count()
}

/// The folds of the first repeat put end to end, so that no row counts twice; none without folds.
///
/// This treats the scores of different models as one scale. Sides are kept where every fold has them.
pub fn pooled(folds: &[Fold]) -> Option<Fold> {
    /// What each fold has, end to end.
    fn joined<T: Copy>(of: &[&Fold], side: fn(&Fold) -> Option<&Vec<T>>) -> Option<Vec<T>> {
        of.iter().map(|fold| side(fold).map(Vec::as_slice)).collect::<Option<Vec<&[T]>>>().map(|parts| parts.concat())
    }
    let of = first_repeat(folds);
    let sides = Sides {
        amount: joined(&of, |fold| fold.sides.amount.as_ref()),
        group: joined(&of, |fold| fold.sides.group.as_ref()),
        time: joined(&of, |fold| fold.sides.time.as_ref()),
        ..Sides::default()
    };
    Some(Fold {
        split: of.first()?.split,
        positive: of.iter().flat_map(|fold| fold.positive.iter().copied()).collect(),
        score: of.iter().flat_map(|fold| fold.score.iter().copied()).collect(),
        label: of.iter().flat_map(|fold| fold.label.iter().copied()).collect(),
        sides,
    })
}

/// The folds of the first one's repeat.
pub fn first_repeat(folds: &[Fold]) -> Vec<&Fold> {
    let first = folds.first().map(|fold| fold.split.0);
    folds.iter().filter(|fold| Some(fold.split.0) == first).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(split: Split, amount: Option<Vec<f64>>) -> Result<Fold, String> {
        let sides = Sides { amount, ..Sides::default() };
        Fold::new(split, vec![true, false, true], vec![0.5, 0.25, 0.75], vec![true, false, false], sides)
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
        assert_eq!(pooled(&without).unwrap().amount(), None);
        assert_eq!(pooled(&[]), None);
    }

    #[test]
    fn what_is_not_whole_is_no_fold() {
        assert!(fold((0, 0), Some(vec![f64::NAN, 1.0, 1.0])).unwrap().amount().is_none());
        assert!(fold((0, 0), Some(vec![1.0, 1.0, -1.0])).unwrap().amount().is_none());
        // The second row is no positive.
        assert!(fold((0, 0), Some(vec![1.0, f64::NAN, 1.0])).unwrap().amount().is_some());
        let unequal = "its files have unequal numbers of rows";
        assert_eq!(fold((0, 0), Some(vec![1.0])).unwrap_err(), unequal);
        let of = |positive: [bool; 2], score: [f64; 2], label: &[bool]| {
            Fold::new((0, 0), positive.to_vec(), score.to_vec(), label.to_vec(), Sides::default())
        };
        assert_eq!(of([true; 2], [0.5; 2], &[true; 2]).unwrap_err(), NO_NEGATIVES);
        assert_eq!(of([false; 2], [0.5; 2], &[true; 2]).unwrap_err(), NO_POSITIVES);
        let infinite = of([true, false], [0.5, f64::INFINITY], &[true; 2]).unwrap_err();
        assert_eq!(infinite, "1 of 2 scores are NaN or infinite");
        assert_eq!(of([true, false], [0.5; 2], &[true]).unwrap_err(), unequal);
        // Beyond what 32 bits hold, and finite.
        assert!(of([true, false], [1e300, -1e300], &[true; 2]).is_ok());
    }

    #[test]
    fn sides_of_every_fold_are_pooled() {
        let of = |fold: u32, time: Option<Vec<i64>>| {
            let sides = Sides { group: Some(vec![fold, 7]), time, ..Sides::default() };
            Fold::new((0, fold), vec![true, false], vec![0.5, 0.25], vec![true, false], sides).unwrap()
        };
        let all = pooled(&[of(0, Some(vec![1, 2])), of(1, Some(vec![3, 4]))]).unwrap().sides;
        assert_eq!((all.group, all.time), (Some(vec![0, 7, 1, 7]), Some(vec![1, 2, 3, 4])));
        assert_eq!(pooled(&[of(0, Some(vec![1, 2])), of(1, None)]).unwrap().sides.time, None);
    }
}
