//! `balanced-bagging`: bagging whose every member sees as many rows of either class.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bag::{Bag, Part};
use super::mean::{Fitted, Mean};
use super::{Member, OOB_SCORE, check_members, fitted, own_seed, with_facts};
use crate::classify::tree::{MaxSamples, seed};
use crate::component::{
    Also, Built, Classifier, Context, Cost, Entry, Model, N_JOBS, Registry, Shape, Train, VERBOSE, WARM_START, build,
};
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::sampling::{Strategy, undersampled};

const ID: &str = "balanced-bagging";

/// Parameters; names and defaults are `BalancedBaggingClassifier`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// A family and its parameters; `null`: `decision-tree`.
    estimator: Option<Value>,
    n_estimators: usize,
    max_samples: MaxSamples,
    max_features: MaxSamples,
    bootstrap: bool,
    bootstrap_features: bool,
    /// What a member's rows are undersampled to.
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
            n_estimators: 10,
            max_samples: MaxSamples::Share(1.0),
            max_features: MaxSamples::Share(1.0),
            bootstrap: true,
            bootstrap_features: false,
            sampling_strategy: Strategy::default(),
            replacement: false,
            random_state: None,
        }
    }
}

/// Bagging over pipelines of an undersampler and a member, which `easy-ensemble` is too.
pub(super) struct Balanced {
    pub family: &'static str,
    pub member: Box<dyn Classifier>,
    pub n_estimators: usize,
    pub bag: Bag,
    pub strategy: Strategy,
    pub replacement: bool,
    pub random_state: Option<u32>,
}

impl Balanced {
    /// Refuses what imbalanced-learn refuses.
    pub fn checked(self) -> Result<Box<dyn Classifier>> {
        check_members(self.n_estimators)?;
        self.strategy.leaving()?;
        self.bag.check()?;
        Ok(Box::new(self))
    }

    /// The member that is seeded with `of_member`.
    fn member(&self, train: &Train<'_>, sizes: (usize, usize), of_member: u32) -> Result<Fitted> {
        let x = train.x();
        let drawn = self.bag.draw(of_member, x.dim(), sizes, None)?;
        let labels: Vec<u8> = drawn.rows.iter().map(|&row| train.y[row]).collect();
        // The names of the pipeline's steps, `classifier` and `sampler`, are drawn for in this order.
        let mut stream = Mt19937::new(of_member);
        let own = own_seed(&mut stream, self.member.random_states());
        let kept = undersampled(&labels, self.strategy, self.replacement, seed(&mut stream))
            .map_err(|e| Error::Component(format!("a member's rows: {e}")))?;
        let rows: Vec<usize> = kept.into_iter().map(|place| drawn.rows[place]).collect();
        let part = Part::of(train, &rows, drawn.columns.as_deref());
        let model = self.member.fit(&part.train(), &Context { seed: u64::from(own.unwrap_or(0)) })?;
        Ok(Fitted { model, columns: drawn.columns })
    }
}

impl Classifier for Balanced {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.member.accepts(given)
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (rows, columns) = train.x().dim();
        let sizes = self.bag.sizes(rows, columns, None)?;
        let random_state = self.random_state.unwrap_or(context.seed as u32);
        let members = fitted(self.n_estimators, random_state, |of_member| self.member(train, sizes, of_member))?;
        Ok(Box::new(Mean { family: self.family, members, columns }))
    }

    fn says_probabilities(&self) -> bool {
        false
    }

    fn random_states(&self) -> usize {
        self.member.random_states() + 1
    }
}

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Classifier>> {
    let mut facts = Value::Null;
    let built = build::<Params, dyn Classifier>(ID, table, |params| {
        let member = Member::seeded("estimator", params.estimator, "decision-tree", registry)?;
        facts = member.facts;
        let Params { max_features, bootstrap, bootstrap_features, .. } = params;
        let balanced = Balanced {
            family: ID,
            member: member.classifier,
            n_estimators: params.n_estimators,
            bag: Bag { bootstrap, bootstrap_features, max_samples: Some(params.max_samples), max_features },
            strategy: params.sampling_strategy,
            replacement: params.replacement,
            random_state: params.random_state,
        };
        balanced.checked()
    })?;
    Ok(with_facts(built, "estimator", facts))
}

/// `BalancedBaggingClassifier`:
/// <https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.BalancedBaggingClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::of_others(ID, "bagging of any family, each member on as many rows of either class", make)
        .source(
            "https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.BalancedBaggingClassifier.html",
        )
        .cost(Cost::seconds(0.3).per("n_estimators", 10.0))
        .also(&[
            N_JOBS,
            VERBOSE,
            WARM_START,
            OOB_SCORE,
            Also::only("sampler", "null", "members see random undersamples; write a resampler of the study for others"),
        ])
        .space(
            r#"
    n_estimators = { low = 5, high = 100 }
    sampling_strategy = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    "#,
        );
