//! `bagging`: members of any family, each on rows and columns that are drawn for it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bag::{Bag, Drawn, Part};
use super::bagged::BaggedRows;
use super::mean::{Fitted, Mean};
use super::{Member, OOB_SCORE, check_members, fitted, own_seed, random_states, with_facts};
use crate::classify::tree::MaxSamples;
use crate::component::{
    Built, Classifier, Context, Cost, Entry, InnerCut, Model, N_JOBS, Registry, Shape, Train, TrainingRows, VERBOSE,
    WARM_START, build,
};
use crate::data::Role;
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;

const ID: &str = "bagging";

/// Parameters; names and defaults are `BaggingClassifier`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// A family and its parameters; `null`: `decision-tree`.
    estimator: Option<Value>,
    n_estimators: usize,
    max_samples: Option<MaxSamples>,
    max_features: MaxSamples,
    bootstrap: bool,
    bootstrap_features: bool,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            estimator: None,
            n_estimators: 10,
            max_samples: None,
            max_features: MaxSamples::Share(1.0),
            bootstrap: true,
            bootstrap_features: false,
            random_state: None,
        }
    }
}

struct Bagging {
    member: Box<dyn Classifier>,
    n_estimators: usize,
    bag: Bag,
    random_state: Option<u32>,
    /// Whether a study names the member.
    is_given: bool,
}

impl Bagging {
    /// The member that is seeded with `of_member`.
    fn member(&self, train: &Train<'_>, sizes: (usize, usize), of_member: u32) -> Result<Fitted> {
        let drawn = self.bag.draw(of_member, train.x().dim(), sizes, train.weight)?;
        let own = own_seed(&mut Mt19937::new(of_member), self.member.random_states());
        let context = Context { seed: u64::from(own.unwrap_or(0)) };
        let draw = |fold: &Train<'_>| self.of_fold(fold, of_member);
        let inner = BaggedRows::new(train, &draw);
        let inner: &dyn TrainingRows = &inner;
        let rows = self.member.uses_raw_rows().then_some(inner);
        let takes_weights = self.member.takes_weights();
        let model = match (takes_weights, &drawn.columns) {
            // The matrix is large, and one for all members.
            (true, None) => {
                let weight = drawn.counts(train.y.len());
                let all = Train::new(train.features, train.y);
                self.member.fit_drawn(&Train { rows, ..all.weighted(&weight) }, &context)
            }
            _ => self.member.fit_drawn(&Train { rows, ..self.part(train, &drawn).train() }, &context),
        };
        let told = |e| if takes_weights { without_a_class(train.y, &drawn.rows, e) } else { e };
        let model = model.map_err(|e| told(e).of_columns(drawn.columns.as_deref()))?;
        Ok(Fitted { model, columns: drawn.columns })
    }

    /// What is drawn of the training part of an inner fold for the same member.
    fn of_fold(&self, fold: &Train<'_>, of_member: u32) -> Result<(Part, Option<Vec<usize>>)> {
        let (rows, columns) = fold.x().dim();
        let sizes = self.bag.sizes(rows, columns, fold.weight)?;
        let drawn = self.bag.draw(of_member, (rows, columns), sizes, fold.weight)?;
        Ok((self.part(fold, &drawn), drawn.columns))
    }

    /// A member that takes weights sees all rows, each as heavy as it was drawn often.
    fn part(&self, train: &Train<'_>, drawn: &Drawn) -> Part {
        match self.member.takes_weights() {
            true => Part::counted(train, drawn),
            false => Part::of(train, &drawn.rows, drawn.columns.as_deref()),
        }
    }
}

/// Why a member failed, and what is to be done where it had drawn no row of one class.
fn without_a_class(y: &[u8], drawn: &[usize], e: Error) -> Error {
    let positives = drawn.iter().filter(|&&row| y[row] == 1).count();
    match e {
        Error::Component(said) if positives == 0 || positives == drawn.len() => {
            let lacking = if positives == 0 { "positive" } else { "negative" };
            Error::Component(format!(
                "{said} (a member drew no {lacking} row: `balanced-bagging` draws rows of both classes for each)"
            ))
        }
        other => other,
    }
}

impl Classifier for Bagging {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        self.member.accepts(given)
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.bag.never_fits(given, self.member.as_ref())
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let (rows, columns) = train.x().dim();
        let sizes = self.bag.sizes(rows, columns, train.weight)?;
        let random_state = self.random_state.unwrap_or(context.seed as u32);
        let members = fitted(self.n_estimators, random_state, |of_member| self.member(train, sizes, of_member))?;
        Ok(Box::new(Mean { family: ID, members, columns }))
    }

    /// Rows are drawn by their weight, whatever the member takes.
    fn weights(&self) -> Result<(), String> {
        Ok(())
    }

    fn says_probabilities(&self) -> bool {
        self.member.says_probabilities()
    }

    fn uses_raw_rows(&self) -> bool {
        self.member.uses_raw_rows()
    }

    fn inner_cuts(&self) -> Vec<InnerCut> {
        self.member.inner_cuts()
    }

    fn judged_by(&self) -> Vec<Role> {
        self.member.judged_by()
    }

    fn random_states(&self) -> usize {
        random_states(self.member.as_ref(), self.is_given)
    }

    fn cannot_be_saved(&self) -> bool {
        self.member.cannot_be_saved()
    }
}

fn make(table: &toml::Table, registry: &Registry) -> Result<Built<dyn Classifier>> {
    let mut facts = Value::Null;
    let built = build::<Params, dyn Classifier>(ID, table, |params| {
        let is_given = params.estimator.is_some();
        let member = Member::seeded("estimator", params.estimator, "decision-tree", registry)?;
        facts = member.facts;
        let Params { max_samples, max_features, bootstrap, bootstrap_features, .. } = params;
        let bag = Bag { bootstrap, bootstrap_features, max_samples, max_features };
        check_members(params.n_estimators)?;
        bag.check()?;
        let (n_estimators, random_state) = (params.n_estimators, params.random_state);
        Ok(Box::new(Bagging { member: member.classifier, n_estimators, bag, random_state, is_given }))
    })?;
    Ok(with_facts(built, "estimator", facts))
}

/// `BaggingClassifier`:
/// <https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.BaggingClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::of_others(ID, "members of any family, each on rows and columns that are drawn for it", make)
        .source("https://scikit-learn.org/1.9/modules/generated/sklearn.ensemble.BaggingClassifier.html")
        .cost(Cost::seconds(3.0).per("n_estimators", 10.0))
        .also(&[N_JOBS, VERBOSE, WARM_START, OOB_SCORE])
        .space(
            r#"
    n_estimators = { low = 5, high = 100 }
    max_samples = { low = 0.1, high = 1.0 }
    max_features = { low = 0.3, high = 1.0 }
    "#,
        )
        .look(21);
