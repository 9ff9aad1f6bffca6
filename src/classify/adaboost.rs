//! `adaboost`: discrete SAMME of stumps, or of any family that takes weights.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::decision_tree::stump;
use super::ensemble::samme::{Samme, must_take_weights};
use super::ensemble::{Member, with_facts};
use super::tree::{Criterion, boost, check_members};
use crate::component::{Built, Classifier, Context, Cost, Entry, Model, Registry, Shape, Train, build, later};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;

const ID: &str = "adaboost";

/// Parameters; names and defaults are `AdaBoostClassifier`'s, `criterion` that of its default estimator.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    n_estimators: usize,
    learning_rate: f64,
    criterion: Criterion,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
    /// A family that takes weights, and its parameters; `null`: a `decision-tree` of one cut.
    estimator: Option<Value>,
}

impl Default for Params {
    fn default() -> Self {
        Self { n_estimators: 50, learning_rate: 1.0, criterion: Criterion::Gini, random_state: None, estimator: None }
    }
}

struct AdaBoost {
    params: Params,
    /// None: stumps, which are boosted by their own learner.
    member: Option<Box<dyn Classifier>>,
}

impl Classifier for AdaBoost {
    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let y = train.y;
        let Params { n_estimators, learning_rate, criterion, random_state, .. } = self.params;
        let random_state = random_state.unwrap_or(context.seed as u32);
        let Some(member) = &self.member else {
            // The stumps' own learner begins with equal weights, and says where rounding would decide.
            if train.weight.is_none()
                && let Some(boosted) = boost(train, y, n_estimators, learning_rate, criterion, random_state)?
            {
                return Ok(Box::new(boosted));
            }
            let samme =
                Samme { family: ID, member: &stump(criterion), n_estimators, learning_rate, by_logarithm: true };
            return samme.fit(train, &mut Mt19937::new(random_state), |_| Ok(None));
        };
        let samme = Samme { family: ID, member: member.as_ref(), n_estimators, learning_rate, by_logarithm: true };
        samme.fit(train, &mut Mt19937::new(random_state), |_| Ok(None))
    }

    fn accepts(&self, given: &Shape) -> Result<(), String> {
        match &self.member {
            Some(member) => member.accepts(given),
            None => given.numbers_only().and_then(|()| given.complete()),
        }
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.member.as_ref().and_then(|member| member.never_fits(given))
    }

    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn random_states(&self) -> usize {
        // A stump that a study writes out is boosted by the stumps' own learner, and is a tree with a `random_state` all the same.
        let of_member = |_| self.member.as_ref().map_or(1, |member| member.random_states());
        1 + self.params.estimator.as_ref().map_or(0, of_member)
    }

    fn cannot_be_saved(&self) -> bool {
        self.member.as_ref().is_some_and(|member| member.cannot_be_saved())
    }
}

/// Whether it is the default's tree of one cut, however that cut is judged; and then how.
pub(super) fn as_stump(given: &Value) -> Option<Criterion> {
    let params = given.get("params")?.as_object()?;
    let is_stump = given.get("family") == Some(&json!("decision-tree"))
        && params.get("max_depth") == Some(&json!(1))
        && params.keys().all(|name| ["max_depth", "criterion", "random_state"].contains(&name.as_str()));
    let criterion = params.get("criterion").cloned().unwrap_or_else(|| "gini".into());
    serde_json::from_value(criterion).ok().filter(|_| is_stump)
}

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Classifier>> {
    let mut facts = None;
    let built = build::<Params, dyn Classifier>(ID, table, |mut params| {
        check_members(params.n_estimators)?;
        if !(params.learning_rate > 0.0 && params.learning_rate.is_finite()) {
            return Err(Error::Component(format!(
                "`learning_rate` must be positive and finite, not {}",
                params.learning_rate
            )));
        }
        let Some(given) = params.estimator.clone() else { return Ok(Box::new(AdaBoost { params, member: None })) };
        if params.criterion != Criterion::Gini {
            return Err(Error::Component(
                "`criterion` is that of stumps: write it among the params of `estimator`".into(),
            ));
        }
        let own = as_stump(&given);
        let member = Member::seeded("estimator", Some(given), "", registry)?;
        must_take_weights(&member)?;
        facts = Some(member.facts);
        params.criterion = own.unwrap_or(params.criterion);
        Ok(Box::new(AdaBoost { params, member: own.is_none().then_some(member.classifier) }))
    })?;
    let built = later::<Params, _>(built, &["estimator"]);
    Ok(match facts {
        Some(facts) => with_facts(built, "estimator", facts),
        None => built,
    })
}

/// `AdaBoostClassifier` (SAMME, the only algorithm since scikit-learn 1.6), by default over `DecisionTreeClassifier(max_depth=1)`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.AdaBoostClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> = Entry::of_others(
    ID,
    "boosting (SAMME), by default of stumps: a round of these costs only the rows that some round got wrong",
    make,
)
.source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.AdaBoostClassifier.html")
.cost(Cost::seconds(0.5).per("n_estimators", 50.0))
.space(
    r#"
    n_estimators = { low = 50, high = 300 }
    learning_rate = { low = 0.05, high = 1.5, log = true }
    "#,
)
.look(7);
