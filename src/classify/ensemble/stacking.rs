//! `stacking`: a classifier that is fitted on what its members say of rows that they have not seen.

use ndarray::{Array2, ArrayView2, Axis, concatenate};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::named::Listed;
use super::{Member, final_seed, with_facts};
use crate::classify::limit;
use crate::component::two_class::{IMPUTED, SCALED};
use crate::component::{
    Also, Built, Classifier, Context, Entry, Features, InnerCut, InnerFold, Model, N_JOBS, Prediction, Registry,
    SavedModel, Shape, Train, VERBOSE, build,
};
use crate::data::{Column, Role};
use crate::error::{COLUMN, Error, Result};
use crate::split::{cut, labels, with_key};
use crate::words::listed;

const ID: &str = "stacking";
/// Where a study has the number of inner folds.
const KEY: &str = "`cv`";

/// Parameters; names and defaults are `StackingClassifier`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// Families with their parameters.
    estimators: Vec<Value>,
    /// What is fitted on the members' probabilities (decision values where a member has none); `null`: `logistic-regression`.
    final_estimator: Option<Value>,
    /// Inner folds, without a shuffle.
    cv: u32,
    /// Whether the final estimator sees the columns too.
    passthrough: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self { estimators: Vec::new(), final_estimator: None, cv: 5, passthrough: false }
    }
}

struct Stacking {
    members: Listed,
    last: Box<dyn Classifier>,
    folds: u32,
    passthrough: bool,
}

/// What members that have not seen them say of some rows: rows x columns of the final estimator.
struct Told {
    x: Array2<f64>,
    y: Vec<u8>,
    weight: Option<Vec<f64>>,
}

impl Stacking {
    /// The rows of all folds, in the order of the rows.
    fn told(&self, folds: &[InnerFold<'_>], context: &Context) -> Result<Told> {
        let jobs: Vec<(usize, &InnerFold<'_>)> =
            (0..self.members.count()).flat_map(|nth| folds.iter().map(move |fold| (nth, fold))).collect();
        let members: Vec<&dyn Classifier> = self.members.classifiers().collect();
        let said: Vec<Result<Vec<f64>>> = jobs
            .into_par_iter()
            .with_max_len(1)
            .map(|(nth, fold)| {
                let model = members[nth].fit(&fold.training(), &self.members.context(context, nth))?;
                Ok(model.predict(fold.test.view())?.score)
            })
            .collect();
        // Collected twice: of several failures the first is told, whichever was there first.
        let said = said.into_iter().collect::<Result<Vec<_>>>()?;
        let mut parts = Vec::new();
        for (number, fold) in folds.iter().enumerate() {
            let columns: Vec<&[f64]> = (0..members.len()).map(|nth| &said[nth * folds.len() + number][..]).collect();
            parts.push(beside(&columns, self.passthrough.then_some(fold.test.view()))?);
        }
        let mut order: Vec<(usize, usize, usize)> = Vec::new();
        for (number, fold) in folds.iter().enumerate() {
            order.extend(fold.places.iter().enumerate().map(|(row, &place)| (place, number, row)));
        }
        order.sort_unstable();
        let width = parts.first().map_or(0, Array2::ncols);
        let mut x = Array2::zeros((order.len(), width));
        for (mut to, &(_, number, row)) in x.rows_mut().into_iter().zip(&order) {
            to.assign(&parts[number].row(row));
        }
        let y = order.iter().map(|&(_, number, row)| folds[number].test_y[row]).collect();
        let of = |&(_, number, row): &(usize, usize, usize)| folds[number].sides.weight.as_ref().map(|all| all[row]);
        Ok(Told { x, y, weight: order.iter().map(of).collect() })
    }

    /// The columns that the final estimator sees.
    fn columns(&self, given: &[Column]) -> Vec<Column> {
        let told = (0..self.members.count()).map(|nth| Column::number(format!("member {nth}")));
        // No columns are listed where all are numbers.
        match self.passthrough && !given.is_empty() {
            true => told.chain(given.iter().cloned()).collect(),
            false => Vec::new(),
        }
    }
}

/// The members' scores as columns, and the columns that pass by them behind.
fn beside(scores: &[&[f64]], passing: Option<ArrayView2<'_, f64>>) -> Result<Array2<f64>> {
    let rows = scores.first().map_or(0, |scores| scores.len());
    let told = Array2::from_shape_fn((rows, scores.len()), |(row, column)| scores[column][row]);
    let Some(passing) = passing else { return Ok(told) };
    // A view is invariant in its lifetime: it has to be shortened by hand.
    let all =
        concatenate(Axis(1), &[told.view(), passing.reborrow()]).map_err(|e| Error::Component(format!("{ID}: {e}")))?;
    Ok(all.as_standard_layout().into_owned())
}

/// What the final estimator says of a column, by what is in it: a member's score, or, behind these, a column of the table.
fn by_source(e: Error, members: usize) -> Error {
    match e {
        Error::Column { at, said } if at < members => {
            let said = said.replace(COLUMN, &format!("the score of `estimators[{at}]`"));
            // No scaler can stand between the members and the final estimator.
            let remedy = "scale the columns before the members";
            Error::Component(said.replace(IMPUTED, remedy).replace(SCALED, remedy))
        }
        Error::Column { at, said } => Error::Column { at: at - members, said },
        other => other,
    }
}

impl Classifier for Stacking {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.members.accept(given)?;
        if self.passthrough { self.last.accepts(given) } else { Ok(()) }
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.members.never_fits(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let all: Vec<usize> = (0..labels(train).len()).collect();
        let folds = cut(train, &all, (self.folds, None)).map_err(|e| with_key(e, KEY))?;
        let told = self.told(&folds, context)?;
        drop(folds);
        let members = self.members.fit(train, context)?;
        let columns = self.columns(train.features.columns);
        let features = Features { x: told.x.view(), columns: &columns };
        let seed = final_seed(context.seed);
        let mut of_last = Train::new(features, &told.y);
        // Inner folds of a table with weights have these beside them; a fit without weights has no use for them.
        of_last.weight = told.weight.as_deref().filter(|_| train.weight.is_some());
        let last = self.last.fit(&of_last, &Context { seed });
        let last = last.map_err(|e| by_source(e, self.members.count()))?;
        Ok(Box::new(Stacked { members, last, passthrough: self.passthrough }))
    }

    fn weights(&self) -> Result<(), String> {
        self.members.weights()?;
        self.last.weights().map_err(|said| format!("`final_estimator`: {said}"))
    }

    fn uses_raw_rows(&self) -> bool {
        true
    }

    fn inner_cuts(&self) -> Vec<InnerCut> {
        let own = InnerCut { folds: self.folds, seed: None, key: KEY, judges: false };
        [vec![own], self.members.inner_cuts()].concat()
    }

    fn judged_by(&self) -> Vec<Role> {
        self.members.judged_by()
    }

    fn cannot_stop_early(&self, y: &[u8], _has_validation: bool) -> Option<String> {
        // Inner folds have none.
        self.members.cannot_stop_early(y, false)
    }

    fn says_probabilities(&self) -> bool {
        // The final estimator learns from rows that were not resampled.
        false
    }

    fn cannot_be_saved(&self) -> bool {
        self.members.cannot_be_saved() || self.last.cannot_be_saved()
    }
}

pub(super) struct Stacked {
    pub(super) members: Vec<Box<dyn Model>>,
    pub(super) last: Box<dyn Model>,
    pub(super) passthrough: bool,
}

impl Stacked {
    fn told(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let said: Vec<Vec<f64>> =
            self.members.iter().map(|member| Ok(member.predict(x)?.score)).collect::<Result<_>>()?;
        let columns: Vec<&[f64]> = said.iter().map(Vec::as_slice).collect();
        beside(&columns, self.passthrough.then_some(x))
    }
}

impl Model for Stacked {
    fn details(&self) -> Option<Value> {
        limit::details(limit::told_by(self.members.iter().chain([&self.last]).map(|member| member.as_ref())))
    }

    fn saved(&self) -> Option<SavedModel> {
        let members = self.members.iter().map(|member| member.saved()).collect::<Option<_>>()?;
        Some(SavedModel::Stacked { members, last: Box::new(self.last.saved()?), passthrough: self.passthrough })
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let said = self.last.predict(self.told(x)?.view());
        said.map_err(|e| by_source(e, self.members.len()))
    }

    fn shares(&self, x: ArrayView2<'_, f64>) -> Result<Vec<[f64; 2]>> {
        let said = self.last.shares(self.told(x)?.view());
        said.map_err(|e| by_source(e, self.members.len()))
    }

    fn close(&self) -> Result<()> {
        self.members.iter().try_for_each(|member| member.close())?;
        self.last.close()
    }
}

/// Refuses a final estimator that judges by more than labels: what members say of rows stands alone.
fn check_last(last: &dyn Classifier) -> Result<()> {
    let roles: Vec<String> = last.judged_by().iter().map(|role| format!("`{}`", role.key())).collect();
    match roles.is_empty() {
        true => Ok(()),
        false => Err(Error::Study(format!(
            "`final_estimator` has a `goal` that reads the role {}, and sees only what the members say: write another `goal`",
            listed(&roles)
        ))),
    }
}

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Classifier>> {
    let (mut members_facts, mut last_facts) = (Value::Null, Value::Null);
    let built = build::<Params, dyn Classifier>(ID, table, |params| {
        let members = Listed::read("estimators", params.estimators, registry);
        let last = Member::read("final_estimator", params.final_estimator, "logistic-regression", registry);
        let folds = match params.cv {
            2.. => Ok(params.cv),
            few => Err(Error::Study(format!("`cv` must be at least 2, but is {few}"))),
        };
        let (members, (last, folds)) = Error::both(members, Error::both(last, folds))?;
        check_last(last.classifier.as_ref())?;
        (members_facts, last_facts) = (members.facts(), last.facts);
        Ok(Box::new(Stacking { members, last: last.classifier, folds, passthrough: params.passthrough }))
    })?;
    Ok(with_facts(with_facts(built, "estimators", members_facts), "final_estimator", last_facts))
}

/// `StackingClassifier`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.StackingClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::of_others(ID, "a classifier fitted on what its members say of rows that they have not seen", make)
        .source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.StackingClassifier.html")
        .also(&[
            N_JOBS,
            VERBOSE,
            Also::only(
                "stack_method",
                "\"auto\"",
                "a member tells its probabilities, or its decision values if it has none",
            ),
        ])
        .unset(&[("cv", "none")])
        .least("estimators = [\"decision-tree\", \"gaussian-nb\"]")
        .look(26);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_estimator_that_judges_by_a_role_is_refused() {
        let said = |goal: &str| {
            let last = format!("{{ family = 'tpot', params = {{ goal = '{goal}' }} }}");
            let table = format!("estimators = ['lda']\nfinal_estimator = {last}").parse().unwrap();
            ENTRY.build(&table, &Registry::built_in()).map(drop).map_err(|e| e.to_string())
        };
        assert_eq!(
            said("amount-recall").unwrap_err(),
            "`stacking`: `final_estimator` has a `goal` that reads the role `amount`, and sees only what the members say: write another \
             `goal`"
        );
        assert_eq!(said("roc-auc"), Ok(()));
    }

    #[test]
    fn what_stops_the_final_estimator_is_told_by_its_source() {
        let said = |at: usize| by_source(Error::Column { at, said: format!("{COLUMN} holds -1") }, 2).to_string();
        assert_eq!(said(1), "the score of `estimators[1]` holds -1");
        assert_eq!(said(2), "column 0 (counted from 0) holds -1");
        assert_eq!(by_source(Error::Component("no rows".into()), 2).to_string(), "no rows");
    }

    #[test]
    fn a_score_that_stops_the_final_estimator_is_not_taken_for_a_column_of_the_table() {
        let registry = Registry::built_in();
        let x = ndarray::array![[1.0], [2.0], [3.0], [9.0]];
        let fit = |family: &str, params: &str| {
            let built = registry.classifier(family, None).unwrap().build(&params.parse().unwrap(), &registry).unwrap();
            built.component.fit(&Train::numbers(x.view(), &[0, 0, 0, 1]), &Context { seed: 0 }).unwrap()
        };
        let (members, last) = (vec![fit("ridge", "")], fit("svc", "kernel = 'poly'"));
        let stacked = Stacked { members, last, passthrough: false };
        assert_eq!(stacked.predict(x.view()).unwrap().score.len(), 4);
        // The member's score is a number, whose third power is none.
        let far = ndarray::array![[1e200]];
        let said = stacked.predict(far.view()).unwrap_err().to_string();
        // Ridge's slope is 10.5 / (38.75 + 1).
        let score = stacked.members[0].predict(far.view()).unwrap().score[0];
        assert!((score / 1e200 - 10.5 / 39.75).abs() < 1e-12, "{score}");
        let holds = format!(
            "svc: the score of `estimators[0]` holds {score:e}, too large to score: scale the columns before the members"
        );
        assert_eq!(said, holds);
    }
}
