//! SAMME for two classes, with members of any family that takes weights: what `rus-boost` and `adaboost` share.

use ndarray::ArrayView2;
use serde_json::Value;

use super::bag::Part;
use super::{Member, own_seed};
use crate::classify::limit;
use crate::classify::two_class::{counts, same_columns};
use crate::component::{Classifier, Context, MemberSum, Model, Prediction, SavedMember, SavedModel, ScoreKind, Train};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::numeric::sum::pairwise;

/// What a round makes of the weights.
enum Round {
    /// A member and its say.
    Kept(Box<dyn Model>, f64),
    /// The same, and nothing is left to learn.
    Perfect(Box<dyn Model>),
    /// No better than guessing.
    Useless,
}

/// Boosting by SAMME (Zhu, Zou, Rosset and Hastie 2009), with `AdaBoostClassifier`'s early ends.
pub(in crate::classify) struct Samme<'m> {
    pub(in crate::classify) family: &'static str,
    pub(in crate::classify) member: &'m dyn Classifier,
    pub(in crate::classify) n_estimators: usize,
    pub(in crate::classify) learning_rate: f64,
    /// How weights are raised: `AdaBoostClassifier` adds to their logarithms, `RUSBoostClassifier` multiplies them. The last bit may
    /// differ, and of columns that cut equally well that decides.
    pub(in crate::classify) by_logarithm: bool,
}

impl Samme<'_> {
    /// Boosts members on the rows that `choose` names for each round, all of them where it names none.
    ///
    /// # Errors
    /// A class without rows; a first member that is no better than guessing; those of members and of `choose`.
    pub(in crate::classify) fn fit(
        &self,
        train: &Train<'_>,
        stream: &mut Mt19937,
        mut choose: impl FnMut(&mut Mt19937) -> Result<Option<Vec<usize>>>,
    ) -> Result<Box<dyn Model>> {
        let rows = train.x().nrows();
        counts(self.family, rows, train.y)?;
        let mut weight = match train.weight {
            None => vec![1.0 / rows as f64; rows],
            Some(given) => {
                let total = pairwise(given);
                given.iter().map(|weight| weight / total).collect()
            }
        };
        if !weight.iter().all(|weight| weight.is_finite()) {
            return Err(Error::Component("all rows weigh 0".into()));
        }
        let mut members = Vec::new();
        for round in 0..self.n_estimators {
            let is_last = round + 1 == self.n_estimators;
            let weighing = weight.iter_mut().filter(|weight| **weight > 0.0);
            weighing.for_each(|weight| *weight = weight.max(f64::EPSILON));
            match self.round(train, &mut weight, is_last, stream, &mut choose)? {
                Round::Kept(model, say) => members.push((model, say)),
                Round::Perfect(model) => {
                    members.push((model, 1.0));
                    break;
                }
                Round::Useless if members.is_empty() => {
                    let family = self.family;
                    return Err(Error::Component(format!(
                        "{family}: the first member is no better than guessing on the training rows, so there is nothing to \
                         boost"
                    )));
                }
                Round::Useless => break,
            }
            let total = pairwise(&weight);
            if !total.is_finite() || total <= 0.0 {
                break;
            }
            if !is_last {
                weight.iter_mut().for_each(|weight| *weight /= total);
            }
        }
        Ok(Box::new(Vote { family: self.family, members, columns: train.x().ncols() }))
    }

    fn round(
        &self,
        train: &Train<'_>,
        weight: &mut [f64],
        is_last: bool,
        stream: &mut Mt19937,
        choose: &mut impl FnMut(&mut Mt19937) -> Result<Option<Vec<usize>>>,
    ) -> Result<Round> {
        let own = own_seed(stream, self.member.random_states()).unwrap_or(0);
        let context = Context { seed: u64::from(own) };
        let model = match choose(stream)? {
            None => self.member.fit_drawn(&train.weighted(weight), &context)?,
            Some(rows) => {
                let part = Part::of(train, &rows, None);
                let of_rows: Vec<f64> = rows.iter().map(|&row| weight[row]).collect();
                self.member.fit_drawn(&part.train().weighted(&of_rows), &context)?
            }
        };
        let said = model.predict(train.x())?.label;
        let wrong: Vec<f64> = weight
            .iter()
            .zip(said.iter().zip(train.y))
            .map(|(w, (said, y))| if said == y { 0.0 } else { *w })
            .collect();
        let error = pairwise(&wrong) / pairwise(weight);
        if error <= 0.0 {
            return Ok(Round::Perfect(model));
        }
        if error >= 0.5 {
            return Ok(Round::Useless);
        }
        let say = self.learning_rate * ((1.0 - error) / error).ln();
        if !is_last {
            let factor = say.exp();
            let is_wrong = said.iter().zip(train.y).map(|(said, y)| said != y);
            weight.iter_mut().zip(is_wrong).for_each(|(weight, is_wrong)| match self.by_logarithm {
                true if *weight > 0.0 => *weight = (weight.ln() + if is_wrong { say } else { 0.0 }).exp(),
                false if is_wrong => *weight *= factor,
                _ => {}
            });
        }
        Ok(Round::Kept(model, say))
    }
}

/// Refuses a member that takes no weights, and one that cuts inner folds, out of rows ahead of the resampler: what boosting makes a
/// row weigh is known of those behind it alone.
///
/// # Errors
/// One sentence that names its family.
pub(in crate::classify) fn must_take_weights(member: &Member) -> Result<()> {
    let family = member.facts["family"].as_str().or(member.facts["id"].as_str()).unwrap_or_default();
    if !member.classifier.takes_weights() {
        return Err(Error::Component(format!("`estimator` must take weights of rows, which {family} does not")));
    }
    if member.classifier.uses_raw_rows() {
        return Err(Error::Component(format!(
            "`estimator` must not cut inner folds, whose rows boosting does not weigh, and {family} cuts some: write another family, \
             or put {family} into `bagging`"
        )));
    }
    Ok(())
}

/// Members that vote, each with its say. The score is scikit-learn's `predict_proba`, which ranks as its decision function.
pub(super) struct Vote {
    pub(super) family: &'static str,
    pub(super) members: Vec<(Box<dyn Model>, f64)>,
    pub(super) columns: usize,
}

impl Model for Vote {
    fn details(&self) -> Option<Value> {
        limit::details(limit::told_by(self.members.iter().map(|(member, _)| member.as_ref())))
    }

    fn saved(&self) -> Option<SavedModel> {
        let one = |(model, say): &(Box<dyn Model>, f64)| {
            Some(SavedMember { model: model.saved()?, columns: None, weight: *say })
        };
        let members = self.members.iter().map(one).collect::<Option<_>>()?;
        Some(SavedModel::Members { columns: self.columns, says: MemberSum::Boosted, members })
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        same_columns(self.family, self.columns, x.ncols())?;
        let mut votes = vec![0.0; x.nrows()];
        for (model, say) in &self.members {
            let said = model.predict(x)?.label;
            votes.iter_mut().zip(said).for_each(|(vote, label)| *vote += if label == 1 { *say } else { -*say });
        }
        let total: f64 = self.members.iter().map(|(_, say)| say).sum();
        // The decision function is the sum of both classes' columns, hence twice the vote.
        let decisions = votes.into_iter().map(|vote| 2.0 * (vote / total));
        let (score, label) =
            decisions.map(|decision| (1.0 / (1.0 + (-decision).exp()), u8::from(decision > 0.0))).unzip();
        Ok(Prediction { score, label, kind: ScoreKind::Probability })
    }
}

#[cfg(test)]
mod tests {
    use crate::component::Registry;

    #[test]
    fn a_member_that_boosting_cannot_weigh_is_refused() {
        let registry = Registry::built_in();
        let said = |family: &str, estimator: &str| {
            let table = format!("estimator = {estimator}").parse().unwrap();
            registry.classifier(family, None).unwrap().build(&table, &registry).err().unwrap().to_string()
        };
        for family in ["adaboost", "rus-boost"] {
            assert_eq!(
                said(family, "{ family = 'tpot', params = { families = ['decision-tree', 'xgboost'] } }"),
                format!(
                    "`{family}`: `estimator` must not cut inner folds, whose rows boosting does not weigh, and tpot cuts some: write \
                     another family, or put tpot into `bagging`"
                )
            );
            assert_eq!(
                said(family, "'lda'"),
                format!("`{family}`: `estimator` must take weights of rows, which lda does not")
            );
        }
    }
}
