//! `rus-boost`: AdaBoost whose every round sees as many rows of either class.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bag::Part;
use super::{Member, check_members, own_seed, with_facts};
use crate::classify::tree::seed;
use crate::classify::two_class::{counts, same_columns};
use crate::component::{
    Also, Built, Classifier, Context, Cost, Entry, Model, Prediction, Registry, ScoreKind, Shape, Train, build,
};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::numeric::sum::pairwise;
use crate::sampling::{Strategy, undersampled};

const ID: &str = "rus-boost";

/// Parameters; names and defaults are `RUSBoostClassifier`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// A family that takes weights, and its parameters; `null`: a `decision-tree` of one cut.
    estimator: Option<Value>,
    n_estimators: usize,
    learning_rate: f64,
    /// What a round's rows are undersampled to.
    sampling_strategy: Strategy,
    /// Whether undersampling draws with replacement.
    replacement: bool,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            estimator: None,
            n_estimators: 50,
            learning_rate: 1.0,
            sampling_strategy: Strategy::default(),
            replacement: false,
            random_state: None,
        }
    }
}

struct RusBoost {
    member: Box<dyn Classifier>,
    params: Params,
}

/// What a round makes of the weights.
enum Round {
    /// A member and its say.
    Kept(Box<dyn Model>, f64),
    /// The same, and nothing is left to learn.
    Perfect(Box<dyn Model>),
    /// No better than guessing.
    Useless,
}

impl RusBoost {
    /// A round of SAMME (Zhu, Zou, Rosset and Hastie 2009), with the member fitted on an undersample.
    fn round(&self, train: &Train<'_>, weight: &mut [f64], is_last: bool, stream: &mut Mt19937) -> Result<Round> {
        let own = own_seed(stream, self.member.random_states()).unwrap_or(0);
        let rows = undersampled(train.y, self.params.sampling_strategy, self.params.replacement, seed(stream))?;
        let part = Part::of(train, &rows, None);
        let of_rows: Vec<f64> = rows.iter().map(|&row| weight[row]).collect();
        let model = self.member.fit(&part.train().weighted(&of_rows), &Context { seed: u64::from(own) })?;
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
        let say = self.params.learning_rate * ((1.0 - error) / error).ln();
        if !is_last {
            let factor = say.exp();
            let told = said.iter().zip(train.y);
            weight.iter_mut().zip(told).filter(|(_, (said, y))| said != y).for_each(|(weight, _)| *weight *= factor);
        }
        Ok(Round::Kept(model, say))
    }
}

impl Classifier for RusBoost {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.member.accepts(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let rows = train.x().nrows();
        counts(ID, rows, train.y)?;
        let mut stream = Mt19937::new(self.params.random_state.unwrap_or(context.seed as u32));
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
        for round in 0..self.params.n_estimators {
            let is_last = round + 1 == self.params.n_estimators;
            let weighing = weight.iter_mut().filter(|weight| **weight > 0.0);
            weighing.for_each(|weight| *weight = weight.max(f64::EPSILON));
            match self.round(train, &mut weight, is_last, &mut stream)? {
                Round::Kept(model, say) => members.push((model, say)),
                Round::Perfect(model) => {
                    members.push((model, 1.0));
                    break;
                }
                Round::Useless if members.is_empty() => {
                    return Err(Error::Component(format!(
                        "{ID}: the first member is no better than guessing on the training rows, so there is nothing to \
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
        Ok(Box::new(Vote { members, columns: train.x().ncols() }))
    }

    fn takes_weights(&self) -> bool {
        true
    }

    fn says_probabilities(&self) -> bool {
        false
    }

    fn random_states(&self) -> usize {
        self.member.random_states() + 1
    }
}

/// Members that vote, each with its say. The score is scikit-learn's `predict_proba`, which ranks as its decision function.
struct Vote {
    members: Vec<(Box<dyn Model>, f64)>,
    columns: usize,
}

impl Model for Vote {
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        same_columns(ID, self.columns, x.ncols())?;
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

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Classifier>> {
    let mut facts = Value::Null;
    let built = build::<Params, dyn Classifier>(ID, table, |params| {
        let stump = || serde_json::json!({ "family": "decision-tree", "params": { "max_depth": 1 } });
        let given = params.estimator.clone().unwrap_or_else(stump);
        let member = Member::seeded("estimator", Some(given), "", registry)?;
        check_members(params.n_estimators)?;
        params.sampling_strategy.leaving()?;
        if !(params.learning_rate > 0.0 && params.learning_rate.is_finite()) {
            return Err(Error::Component("`learning_rate` must be positive and finite".into()));
        }
        if !member.classifier.takes_weights() {
            return Err(Error::Component(format!(
                "`estimator` must take weights of rows, which {} does not",
                member.facts["family"].as_str().or(member.facts["id"].as_str()).unwrap_or_default()
            )));
        }
        facts = member.facts;
        Ok(Box::new(RusBoost { member: member.classifier, params }))
    })?;
    Ok(with_facts(built, "estimator", facts))
}

/// `RUSBoostClassifier` (Seiffert, Khoshgoftaar, Van Hulse and Napolitano 2010):
/// <https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.RUSBoostClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::of_others(ID, "AdaBoost, each round on a random undersample of the weighted rows", make)
        .source("https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.RUSBoostClassifier.html")
        .cost(Cost::seconds(1.5).per("n_estimators", 50.0))
        .also(&[Also::harmless("algorithm", "SAMME is the only one")])
        .space(
            r#"
    n_estimators = { low = 20, high = 200 }
    learning_rate = { low = 0.05, high = 1.5, log = true }
    sampling_strategy = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    "#,
        );
