//! `voting`: members of several families that vote, or whose probabilities are averaged.

use ndarray::{ArrayView2, s};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::named::Listed;
use super::with_facts;
use crate::classify::limit;
use crate::component::{
    Also, Built, Classifier, Context, Entry, InnerCut, MemberSum, Model, N_JOBS, Prediction, Registry, SavedMember,
    SavedModel, ScoreKind, Shape, Takes, Train, VERBOSE, build,
};
use crate::data::Role;
use crate::error::{Error, Result};
use crate::words::{agree, counted, listed};

const ID: &str = "voting";

/// How members are put together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    /// By their labels.
    #[default]
    Hard,
    /// By their probabilities.
    Soft,
}

/// Parameters; names and defaults are `VotingClassifier`'s.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Params {
    /// Families with their parameters.
    estimators: Vec<Value>,
    voting: How,
    /// A weight per member; `null`: all the same.
    weights: Option<Vec<f64>>,
}

struct Voting {
    members: Listed,
    how: How,
    weights: Option<Vec<f64>>,
}

impl Classifier for Voting {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.members.accept(given)
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.members.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let members = self.members.fit(train, context)?;
        if self.how == How::Soft {
            // One row tells what the scores are.
            let first = train.x().slice_move(s![..1, ..]);
            for (nth, member) in members.iter().enumerate() {
                if member.predict(first)?.kind == ScoreKind::Decision {
                    return Err(Error::Component(format!("{ID}: {}", no_probabilities(&[nth]))));
                }
            }
        }
        Ok(Box::new(Voters { members, columns: train.x().ncols(), how: self.how, weights: self.weights.clone() }))
    }

    fn weights(&self) -> Result<(), String> {
        self.members.weights()
    }

    fn uses_raw_rows(&self) -> bool {
        self.members.classifiers().any(|member| member.uses_raw_rows())
    }

    fn inner_cuts(&self) -> Vec<InnerCut> {
        self.members.inner_cuts()
    }

    fn judged_by(&self) -> Vec<Role> {
        self.members.judged_by()
    }

    fn cannot_stop_early(&self, y: &[u8], has_validation: bool) -> Option<String> {
        self.members.cannot_stop_early(y, has_validation)
    }

    fn decides_only(&self) -> bool {
        self.how == How::Hard
    }

    fn says_probabilities(&self) -> bool {
        self.how == How::Soft && self.members.classifiers().all(|member| member.says_probabilities())
    }

    fn cannot_be_saved(&self) -> bool {
        self.members.cannot_be_saved()
    }
}

/// Fitted members. Without probabilities the score is the share of votes for the positive class.
struct Voters {
    members: Vec<Box<dyn Model>>,
    columns: usize,
    how: How,
    weights: Option<Vec<f64>>,
}

/// The members that said this of themselves, by their labels or by their shares.
pub(super) fn restored(columns: usize, by_labels: bool, members: Vec<(Box<dyn Model>, f64)>) -> Box<dyn Model> {
    let (members, weights) = members.into_iter().unzip();
    let how = if by_labels { How::Hard } else { How::Soft };
    Box::new(Voters { members, columns, how, weights: Some(weights) })
}

impl Model for Voters {
    fn details(&self) -> Option<Value> {
        limit::details(limit::told_by(self.members.iter().map(|member| member.as_ref())))
    }

    fn saved(&self) -> Option<SavedModel> {
        let mut members = Vec::with_capacity(self.members.len());
        for (nth, member) in self.members.iter().enumerate() {
            let weight = self.weights.as_ref().map_or(1.0, |weights| weights[nth]);
            members.push(SavedMember { model: member.saved()?, columns: None, weight });
        }
        let says = if self.how == How::Hard { MemberSum::Labels } else { MemberSum::Shares };
        Some(SavedModel::Members { columns: self.columns, says, members })
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let shares = self.shares(x)?;
        Ok(Prediction {
            score: shares.iter().map(|share| share[1]).collect(),
            // A tie goes to the first class, as in scikit-learn's argmax.
            label: shares.iter().map(|share| u8::from(share[1] > share[0])).collect(),
            kind: if self.how == How::Soft { ScoreKind::Probability } else { ScoreKind::Decision },
        })
    }

    fn shares(&self, x: ArrayView2<'_, f64>) -> Result<Vec<[f64; 2]>> {
        let mut sums = vec![[0.0; 2]; x.nrows()];
        let mut total = 0.0;
        for (nth, member) in self.members.iter().enumerate() {
            let weight = self.weights.as_ref().map_or(1.0, |weights| weights[nth]);
            total += weight;
            let said = match self.how {
                How::Soft => member.shares(x)?,
                How::Hard => {
                    let labels = member.predict(x)?.label.into_iter();
                    labels.map(|label| [f64::from(1 - label), f64::from(label)]).collect()
                }
            };
            let add = |(sum, share): (&mut [f64; 2], [f64; 2])| {
                *sum = [sum[0] + share[0] * weight, sum[1] + share[1] * weight];
            };
            sums.iter_mut().zip(said).for_each(add);
        }
        Ok(sums.into_iter().map(|sum| sum.map(|sum| sum / total)).collect())
    }

    fn close(&self) -> Result<()> {
        self.members.iter().try_for_each(|member| member.close())
    }
}

/// That these members have no probabilities, and what to do.
fn no_probabilities(members: &[usize]) -> String {
    let named: Vec<String> = members.iter().map(|nth| format!("`estimators[{nth}]`")).collect();
    let them = agree(members.len(), "it", "them");
    format!(
        "{} {} no probabilities, which `voting = \"soft\"` averages: take {them} out, or use `voting = \"hard\"`",
        listed(&named),
        agree(members.len(), "has", "have")
    )
}

/// Members without probabilities are known before a fit, but for those of a program or of Python.
fn check_soft(how: How, members: &Listed) -> Result<()> {
    let without = members.classifiers().enumerate().filter(|(_, member)| member.decides_only());
    let without: Vec<usize> = without.map(|(nth, _)| nth).collect();
    match how == How::Soft && !without.is_empty() {
        true => Err(Error::Study(no_probabilities(&without))),
        false => Ok(()),
    }
}

fn check(params: &Params) -> Result<()> {
    let members = params.estimators.len();
    // That there are no members is told by themselves.
    let Some(weights) = params.weights.as_ref().filter(|_| members > 0) else { return Ok(()) };
    if weights.len() != members {
        let (numbers, members) = (counted(weights.len() as u64, "number"), counted(members as u64, "member"));
        return Err(Error::Study(format!("`weights` has {numbers} for {members}")));
    }
    let fits = |weight: &f64| *weight >= 0.0 && weight.is_finite();
    if !weights.iter().all(fits) || weights.iter().sum::<f64>() <= 0.0 {
        return Err(Error::Study(format!("`weights` must be finite, at least 0, and not all 0, not {weights:?}")));
    }
    Ok(())
}

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Classifier>> {
    let mut facts = Value::Null;
    let built = build::<Params, dyn Classifier>(ID, table, |params| {
        let members = Listed::read("estimators", params.estimators.clone(), registry);
        let (members, ()) = Error::both(members, check(&params))?;
        check_soft(params.voting, &members)?;
        facts = members.facts();
        Ok(Box::new(Voting { members, how: params.voting, weights: params.weights }))
    })?;
    Ok(with_facts(built, "estimators", facts))
}

/// `VotingClassifier`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.VotingClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::of_others(ID, "members of several families: a vote, or the mean of their probabilities", make)
        .source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.VotingClassifier.html")
        .also(&[
            N_JOBS,
            VERBOSE,
            Also::harmless("flatten_transform", "nothing is transformed here").takes(Takes::TRUTHS),
        ])
        .least("estimators = [\"logistic-regression\", \"decision-tree\"]")
        .look(25);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_without_probabilities_are_refused_before_a_fit() {
        let registry = Registry::built_in();
        let said = |table: &str| ENTRY.build(&table.parse().unwrap(), &registry).map(drop).map_err(|e| e.to_string());
        let members = "estimators = ['svc', 'decision-tree', { family = 'sgd' }]\n";
        assert_eq!(
            said(&format!("{members}voting = 'soft'")).unwrap_err(),
            "`voting`: `estimators[0]` and `estimators[2]` have no probabilities, which `voting = \"soft\"` averages: take them out, \
             or use `voting = \"hard\"`"
        );
        assert_eq!(said(members), Ok(()));
        // A bag of them votes, and what an undersampled forest says are probabilities.
        let both = "estimators = [{ family = 'bagging', params = { estimator = 'svc' } }, 'balanced-random-forest', { family = \
                    'sgd', params = { loss = 'log_loss' } }]\nvoting = 'soft'";
        assert_eq!(said(both), Ok(()));
    }
}
