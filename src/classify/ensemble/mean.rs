//! Fitted members whose probabilities are averaged.

use ndarray::{ArrayView2, s};
use rayon::prelude::*;
use serde_json::Value;

use super::bag::columns_of;
use crate::classify::limit;
use crate::component::two_class::same_columns;
use crate::component::{MemberSum, Model, Prediction, SavedMember, SavedModel, ScoreKind};
use crate::error::Result;

/// A member, and the columns that it was fitted on where these are not all of them in order.
pub(super) struct Fitted {
    pub model: Box<dyn Model>,
    pub columns: Option<Vec<usize>>,
}

/// The mean of what its members say: `BaggingClassifier.predict_proba`. A member without probabilities votes.
pub(super) struct Mean {
    pub family: &'static str,
    pub members: Vec<Fitted>,
    pub columns: usize,
}

/// Rows that all members are asked about before the next ones, which bounds what their answers take in memory.
const BLOCK: usize = 65_536;

impl Mean {
    /// Sums in the members' order, so that threads change nothing.
    fn block(&self, x: ArrayView2<'_, f64>) -> Result<Vec<[f64; 2]>> {
        let said = self.members.par_iter().map(|member| match &member.columns {
            None => member.model.shares(x),
            Some(columns) => {
                let own = columns_of(x, columns);
                member.model.shares(own.view()).map_err(|e| e.of_columns(Some(columns)))
            }
        });
        let said: Vec<Result<Vec<[f64; 2]>>> = said.collect();
        let mut sums = vec![[0.0; 2]; x.nrows()];
        for said in said {
            for (sum, share) in sums.iter_mut().zip(said?) {
                *sum = [sum[0] + share[0], sum[1] + share[1]];
            }
        }
        let count = self.members.len() as f64;
        Ok(sums.into_iter().map(|sum| sum.map(|sum| sum / count)).collect())
    }
}

impl Model for Mean {
    fn details(&self) -> Option<Value> {
        limit::details(limit::told_by(self.members.iter().map(|member| member.model.as_ref())))
    }

    fn saved(&self) -> Option<SavedModel> {
        let one = |Fitted { model, columns }: &Fitted| {
            Some(SavedMember { model: model.saved()?, columns: columns.clone(), weight: 1.0 })
        };
        let members = self.members.iter().map(one).collect::<Option<_>>()?;
        Some(SavedModel::Members { columns: self.columns, says: MemberSum::Mean, members })
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        let shares = self.shares(x)?;
        Ok(Prediction {
            score: shares.iter().map(|share| share[1]).collect(),
            // A tie goes to the first class, as in scikit-learn's argmax.
            label: shares.iter().map(|share| u8::from(share[1] > share[0])).collect(),
            kind: ScoreKind::Probability,
        })
    }

    fn shares(&self, x: ArrayView2<'_, f64>) -> Result<Vec<[f64; 2]>> {
        same_columns(self.family, self.columns, x.ncols())?;
        let mut all = Vec::with_capacity(x.nrows());
        for from in (0..x.nrows()).step_by(BLOCK) {
            let to = x.nrows().min(from + BLOCK);
            all.extend(self.block(x.slice(s![from..to, ..]))?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use crate::component::{Context, Registry, Train};

    #[test]
    fn a_column_that_stops_a_member_is_told_by_its_place_in_the_table() {
        let registry = Registry::built_in();
        let y: Vec<u8> = (0..40).map(|row| u8::from(row % 4 == 0)).collect();
        let x = Array2::from_shape_fn((40, 4), |(row, column)| ((row * (3 + 2 * column)) % 11) as f64);
        // The members that draw the last one of four columns.
        let (mut negative, mut large) = (x.clone(), x.clone());
        negative.column_mut(3).fill(-1.0);
        large[(5, 3)] = 1e200;
        let draws = "max_features = 0.5\nn_estimators = 20";
        for family in ["bagging", "balanced-bagging"] {
            let entry = registry.classifier(family, None).unwrap();
            let fit = |estimator: &str, x: &Array2<f64>| {
                let table = format!("estimator = {estimator}\n{draws}").parse().unwrap();
                let built = entry.build(&table, &registry).unwrap().component;
                built.fit(&Train::numbers(x.view(), &y), &Context { seed: 3 })
            };
            let said = fit("'complement-nb'", &negative).err().unwrap().to_string();
            assert!(said.contains("column 3 (counted from 0) holds -1,"), "{family}: {said}");
            let fitted = fit("{ family = 'svc', params = { kernel = 'poly' } }", &x).unwrap();
            let said = fitted.predict(large.view()).err().unwrap().to_string();
            assert!(said.contains("svc: column 3 (counted from 0) holds 1e200, too large"), "{family}: {said}");
        }
    }
}
