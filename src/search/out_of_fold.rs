//! What models say of the rows that they have not seen: predictions of all rows of the inner folds.

use super::beside::beside;
use super::inner::{Candidate, Inner, Tried};
use super::trial::Trial;
use crate::component::{Classifier, Prediction};
use crate::data::Sides;
use crate::error::{Error, Result};

impl Inner<'_> {
    /// Puts what is known of the folds' test rows in the order of the rows.
    fn pooled<T: Copy + Default>(&self, parts: &[&[T]]) -> Vec<T> {
        let mut all = vec![T::default(); self.tested.iter().map(Vec::len).sum()];
        for (places, part) in self.tested.iter().zip(parts) {
            places.iter().zip(*part).for_each(|(&place, &value)| all[place] = value);
        }
        all
    }

    /// What models that have not seen a row say of it: an element per row that a fold tests, in the order of the rows.
    ///
    /// # Errors
    /// Whatever a fit or a prediction refuses.
    pub fn out_of_fold(&self, classifier: &dyn Classifier) -> Result<Prediction> {
        let parts: Result<Vec<Prediction>> =
            beside(self.folds.len(), |fold| self.predict(classifier, fold)).into_iter().collect();
        self.whole(&parts?).ok_or_else(|| Error::Component("there are no inner folds".into()))
    }

    /// The same of each candidate, all of them side by side and the first fold first, as in [`Inner::race`]; `stays` gets what their
    /// models say of the first fold, too. There are predictions where there is a mean.
    pub fn out_of_fold_race<C: Candidate>(
        &self,
        candidates: &[C],
        stays: impl Fn(&[(usize, f64)], &[&Prediction]) -> Vec<bool>,
    ) -> Vec<(Trial, Option<Prediction>)> {
        let stays = |first: &[(usize, f64)], tried: &[Vec<Tried>]| {
            let said: Vec<&Prediction> = first.iter().filter_map(|(i, _)| tried[*i][0].said.as_ref()).collect();
            stays(first, &said)
        };
        let tried = self.rounds(&candidates.iter().collect::<Vec<_>>(), Some(&stays), true);
        let of_one = |(candidate, tried): (&C, Vec<Tried>)| {
            let trial = self.trial(candidate.describe(), &tried);
            let parts: Option<Vec<Prediction>> = tried.into_iter().map(|tried| tried.said).collect();
            let whole = parts.filter(|_| trial.mean.is_some()).and_then(|parts| self.whole(&parts));
            (trial, whole)
        };
        candidates.iter().zip(tried).map(of_one).collect()
    }

    /// What the folds' predictions are together, in the order of the rows; none without folds.
    fn whole(&self, parts: &[Prediction]) -> Option<Prediction> {
        Some(Prediction {
            score: self.pooled(&parts.iter().map(|part| &part.score[..]).collect::<Vec<_>>()),
            label: self.pooled(&parts.iter().map(|part| &part.label[..]).collect::<Vec<_>>()),
            kind: parts.first()?.kind,
        })
    }

    /// The true classes of the rows of [`Inner::out_of_fold`].
    pub fn labels(&self) -> Vec<u8> {
        self.pooled(&self.folds.iter().map(|fold| &fold.test_y[..]).collect::<Vec<_>>())
    }

    fn pooled_side<T: Copy + Default>(&self, side: impl Fn(&Sides) -> Option<&Vec<T>>) -> Option<Vec<T>> {
        let parts: Option<Vec<&[T]>> = self.folds.iter().map(|fold| side(&fold.sides).map(Vec::as_slice)).collect();
        parts.map(|parts| self.pooled(&parts))
    }

    /// What the data say of the rows of [`Inner::out_of_fold`] beside their features.
    pub fn sides(&self) -> Sides {
        Sides {
            group: self.pooled_side(|sides| sides.group.as_ref()),
            time: self.pooled_side(|sides| sides.time.as_ref()),
            amount: self.pooled_side(|sides| sides.amount.as_ref()),
            ..Sides::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use ndarray::Axis;

    use super::*;
    use crate::component::{Context, Registry, Train};
    use crate::search::inner::tests::{Depth, rows};
    use crate::search::score::Goal;
    use crate::split::stratified_by;

    #[test]
    fn out_of_fold_scores_are_those_of_models_that_have_not_seen_the_row() {
        let (x, y) = rows(130);
        let goal = Goal::find("f1", &Registry::built_in()).unwrap();
        let some: Vec<usize> = (0..130).filter(|row| row % 5 != 0).collect();
        let inner = Inner::new(&Train::numbers(x.view(), &y), Some(&some), (3, 7), goal, Context { seed: 1 }).unwrap();
        let built = AtomicUsize::new(0);
        let tree = Depth(4, &built);
        let whole = inner.out_of_fold(tree.build().unwrap().as_ref()).unwrap();
        let labels = inner.labels();
        let all = [3, 0, 4, 1].map(|depth| Depth(depth, &built));
        let raced = inner.out_of_fold_race(&all, |first, said| {
            assert_eq!(first.iter().map(|(i, _)| *i).collect::<Vec<_>>(), [0, 2, 3]);
            let (y, sides) = inner.first_fold();
            assert!(first.iter().zip(said).all(|((_, utility), said)| goal.value(y, said, sides) == Ok(*utility)));
            vec![true, true, false]
        });
        let (trials, said): (Vec<Trial>, Vec<Option<Prediction>>) = raced.into_iter().unzip();
        assert!(said[0].as_ref().is_some_and(|other| *other != whole) && said[1].is_none() && said[3].is_none());
        assert_eq!(said[2].as_ref(), Some(&whole));
        let tried = inner.try_all(&all);
        assert_eq!(trials[..3], tried[..3]);
        assert_eq!((&trials[3].scores[..], trials[3].mean), (&tried[3].scores[..1], None));
        assert_eq!(labels, some.iter().map(|&row| y[row]).collect::<Vec<u8>>());
        for split in stratified_by(&labels, 3, Some(7)).unwrap() {
            let part = |places: &[usize]| {
                let rows: Vec<usize> = places.iter().map(|&place| some[place]).collect();
                (x.select(Axis(0), &rows), rows.iter().map(|&row| y[row]).collect::<Vec<u8>>())
            };
            let ((train, train_y), (test, _)) = (part(&split.train), part(&split.test));
            let model =
                tree.build().unwrap().fit(&Train::numbers(train.view(), &train_y), &Context { seed: 1 }).unwrap();
            let said = model.predict(test.view()).unwrap();
            let ours: Vec<f64> = split.test.iter().map(|&place| whole.score[place]).collect();
            assert_eq!(ours, said.score);
        }
    }
}
