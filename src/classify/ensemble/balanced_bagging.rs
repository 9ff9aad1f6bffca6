//! `balanced-bagging`: bagging whose every member sees as many rows of either class.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::bag::{Bag, Drawn, Part};
use super::bagged::BaggedRows;
use super::mean::{Fitted, Mean};
use super::{Member, OOB_SCORE, RANDOM_STATE, check_members, fitted, own_seed, random_states, with_facts};
use crate::classify::tree::{MaxSamples, seed};
use crate::component::{
    Built, CHAIN, Classifier, Context, Cost, Entry, Idle, InnerCut, Model, N_JOBS, PYTHON, Registry, Resampler, Shape,
    Train, TrainingRows, VERBOSE, WARM_START, build, flat, later, part, steps_of,
};
use crate::data::Role;
use crate::error::{Error, Result};
use crate::numeric::mt19937::Mt19937;
use crate::sampling::{Strategy, undersampled};
use crate::words::listed;

const ID: &str = "balanced-bagging";

/// Parameters; names and defaults are `BalancedBaggingClassifier`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Params {
    /// A family and its parameters; `null`: `decision-tree`.
    estimator: Option<Value>,
    n_estimators: usize,
    /// None: as many as there are rows.
    max_samples: Option<MaxSamples>,
    max_features: MaxSamples,
    bootstrap: bool,
    bootstrap_features: bool,
    /// What a member's rows are undersampled to.
    #[serde(deserialize_with = "Strategy::read_any")]
    sampling_strategy: Strategy,
    /// Whether undersampling draws with replacement.
    replacement: bool,
    /// Without one, the cell's own seed decides.
    random_state: Option<u32>,
    /// A resampler, as one of a study's is written, instead of random undersampling; `sampling_strategy` reaches it, `replacement` does
    /// not.
    sampler: Option<Value>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            estimator: None,
            n_estimators: 10,
            max_samples: Some(MaxSamples::Share(1.0)),
            max_features: MaxSamples::Share(1.0),
            bootstrap: true,
            bootstrap_features: false,
            sampling_strategy: Strategy::default(),
            replacement: false,
            random_state: None,
            sampler: None,
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
    /// None: random undersampling.
    pub sampler: Option<Box<dyn Resampler>>,
    pub random_state: Option<u32>,
    /// Whether members are told that each row weighs 1, as some then add up in scikit-learn's order.
    pub weighs: bool,
    /// Whether a study names the member.
    pub is_given: bool,
}

impl Balanced {
    /// Refuses what imbalanced-learn refuses.
    pub fn checked(self) -> Result<Box<dyn Classifier>> {
        check_members(self.n_estimators)?;
        if self.sampler.is_none() {
            self.strategy.leaving()?;
        }
        self.bag.check()?;
        Ok(Box::new(self))
    }

    /// The member that is seeded with `of_member`.
    fn member(&self, train: &Train<'_>, of_member: u32) -> Result<Fitted> {
        let own = own_seed(&mut Mt19937::new(of_member), self.member.random_states());
        let context = Context { seed: u64::from(own.unwrap_or(0)) };
        let draw = |fold: &Train<'_>| self.part(fold, of_member);
        let inner = BaggedRows::new(train, &draw);
        let inner: &dyn TrainingRows = &inner;
        let rows = self.member.uses_raw_rows().then_some(inner);
        let (part, columns) = self.part(train, of_member)?;
        let model = self.member.fit_drawn(&Train { rows, ..part.train() }, &context);
        let model = model.map_err(|e| e.of_columns(columns.as_deref()))?;
        Ok(Fitted { model, columns })
    }

    /// What is drawn and resampled of `train` for the member that is seeded with `of_member`, and the drawn columns.
    fn part(&self, train: &Train<'_>, of_member: u32) -> Result<(Part, Option<Vec<usize>>)> {
        let (rows, columns) = train.x().dim();
        let sizes = self.bag.sizes(rows, columns, None)?;
        let drawn = self.bag.draw(of_member, (rows, columns), sizes, None)?;
        // The names of the pipeline's steps, `classifier` and `sampler`, are drawn for in this order.
        let mut stream = Mt19937::new(of_member);
        own_seed(&mut stream, self.member.random_states());
        let part = self.resampled(train, &drawn, seed(&mut stream));
        let columns = drawn.columns.as_deref();
        let mut part = part.map_err(|e| Error::Component(format!("a member's rows: {}", e.of_columns(columns))))?;
        if self.weighs {
            part.weight = Some(vec![1.0; part.y.len()]);
        }
        Ok((part, drawn.columns))
    }

    /// The drawn rows, resampled.
    fn resampled(&self, train: &Train<'_>, drawn: &Drawn, random_state: u32) -> Result<Part> {
        let columns = drawn.columns.as_deref();
        if let Some(sampler) = &self.sampler {
            let bag = Part::of(train, &drawn.rows, columns);
            let resampled = sampler.resample(&bag.train(), &Context { seed: u64::from(random_state) })?;
            return bag.resampled(&resampled);
        }
        let labels: Vec<u8> = drawn.rows.iter().map(|&row| train.y[row]).collect();
        let kept = undersampled(self.family, &labels, self.strategy, self.replacement, random_state)?;
        let rows: Vec<usize> = kept.into_iter().map(|place| drawn.rows[place]).collect();
        Ok(Part::of(train, &rows, columns))
    }
}

impl Classifier for Balanced {
    fn accepts(&self, given: &Shape) -> Result<(), String> {
        if let Some(sampler) = &self.sampler {
            sampler.shape(given).map_err(|said| format!("`sampler`: {said}"))?;
        }
        self.member.accepts(given)
    }

    fn never_fits(&self, given: &Shape) -> Option<String> {
        self.bag.never_fits(given, self.member.as_ref())
    }

    fn fit(&self, train: &Train<'_>, context: &Context) -> Result<Box<dyn Model>> {
        let random_state = self.random_state.unwrap_or(context.seed as u32);
        let members = fitted(self.n_estimators, random_state, |of_member| self.member(train, of_member))?;
        Ok(Box::new(Mean { family: self.family, members, columns: train.x().ncols() }))
    }

    fn weights(&self) -> Result<(), String> {
        Err("imbalanced-learn's class takes no weights of rows".into())
    }

    fn says_probabilities(&self) -> bool {
        false
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
    let mut of_sampler = None;
    let built = build::<Params, dyn Classifier>(ID, table, |params| {
        let sampler = match params.sampler {
            None => None,
            Some(given) => {
                let (sampler, facts) = read_sampler(given, params.sampling_strategy, registry)?;
                of_sampler = Some(facts);
                Some(sampler)
            }
        };
        let is_given = params.estimator.is_some();
        let member = Member::seeded("estimator", params.estimator, "decision-tree", registry)?;
        facts = member.facts;
        let Params { max_samples, max_features, bootstrap, bootstrap_features, .. } = params;
        let balanced = Balanced {
            family: ID,
            member: member.classifier,
            n_estimators: params.n_estimators,
            bag: Bag { bootstrap, bootstrap_features, max_samples, max_features },
            strategy: params.sampling_strategy,
            replacement: params.replacement,
            sampler,
            random_state: params.random_state,
            weighs: false,
            is_given,
        };
        balanced.checked()
    })?;
    let built = with_facts(later::<Params, _>(built, &["sampler"]), "estimator", facts);
    Ok(match of_sampler {
        Some(facts) => with_facts(built, "sampler", facts),
        None => built,
    })
}

/// Keys of a study's resampler that one in here has no use for.
const OF_A_STUDY: [&str; 2] = ["on", "name"];

/// What a study names as one of its resamplers, as a table with its parameters beside its `id`. `a+b` is short for a chain there.
fn as_in_a_study(given: Value) -> Result<Value> {
    let mut table = match given {
        Value::String(id) => Map::from_iter([("id".to_owned(), id.into())]),
        Value::Object(table) => flat("`sampler`", table)?,
        other => return Ok(other),
    };
    let id = table.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if table.contains_key(PYTHON) || id == PYTHON {
        return Err(Error::Study(
            "`sampler` cannot be a class of Python: name a resampler, such as `sampler = \"smote\"`, or put the class into \
             `resamplers`"
                .into(),
        ));
    }
    let strange: Vec<String> =
        OF_A_STUDY.iter().filter(|key| table.contains_key(**key)).map(|key| format!("`{key}`")).collect();
    if !strange.is_empty() {
        return Err(Error::Study(format!(
            "`sampler` acts on the rows of a bag and needs no name: leave {} out",
            listed(&strange)
        )));
    }
    if let Some(steps) = steps_of(&id) {
        if table.len() > 1 {
            return Err(Error::Study(format!(
                "`sampler`: `{id}` has no parameters of its own: write `id = \"{CHAIN}\"` with `steps`, each with its own \
                 parameters"
            )));
        }
        let steps: Value = steps.into_iter().map(Value::from).collect();
        table = Map::from_iter([("id".to_owned(), CHAIN.into()), ("steps".to_owned(), steps)]);
    }
    Ok(table.into())
}

/// The resampler of a study's `sampler`, which gets the ensemble's `sampling_strategy` if it takes one, and its facts.
///
/// # Errors
/// No resampler; one that the strategy does not fit; a strategy of its own.
fn read_sampler(given: Value, strategy: Strategy, registry: &Registry) -> Result<(Box<dyn Resampler>, Value)> {
    const STRATEGY: &str = "sampling_strategy";
    let mut given = as_in_a_study(given)?;
    if let Value::Object(table) = &mut given {
        // Drawn for each member, as a member's is.
        table.shift_remove(RANDOM_STATE);
        let strategy = serde_json::to_value(strategy).unwrap_or_default();
        if table.get(STRATEGY).is_some_and(|own| *own != strategy) {
            return Err(Error::Study(format!("`sampler`: its `{STRATEGY}` is the one of `{ID}`: write it there")));
        }
        let id = table.get("id").and_then(Value::as_str).unwrap_or_default();
        let takes_one = || -> Result<bool> {
            let built = registry.resampler(id)?.build(&toml::Table::new(), registry)?;
            Ok(built.all.get(STRATEGY).is_some())
        };
        // What cannot be built without parameters, such as a chain, has none of its own.
        if takes_one().unwrap_or(false) {
            table.insert(STRATEGY.to_owned(), strategy);
        }
    }
    part("`sampler`", "resampler", (registry.resamplers(), registry), given)
}

/// `BalancedBaggingClassifier`:
/// <https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.BalancedBaggingClassifier.html>.
pub const ENTRY: Entry<dyn Classifier> =
    Entry::of_others(ID, "bagging of any family, each member on as many rows of either class", make)
        .source(
            "https://imbalanced-learn.org/0.14/references/generated/imblearn.ensemble.BalancedBaggingClassifier.html",
        )
        .cost(Cost::seconds(0.3).per("n_estimators", 10.0))
        .idle(&[Idle::new(&["replacement"], "`sampler` to be left out", "sampler", |sampler| sampler.is_null())])
        .also(&[N_JOBS, VERBOSE, WARM_START, OOB_SCORE])
        .space(
            r#"
    n_estimators = { low = 5, high = 100 }
    sampling_strategy = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    "#,
        )
        .look(22);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sampler(given: &str) -> Result<Value, String> {
        let built = ENTRY.build(&format!("sampler = {given}").parse().unwrap(), &Registry::built_in());
        built.map(|built| built.params["sampler"].clone()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_sampler_is_written_as_a_resampler_of_a_study_is() {
        let beside = sampler("{ id = 'smote', k_neighbors = 3 }").unwrap();
        assert_eq!((&beside["id"], &beside["k_neighbors"]), (&json!("smote"), &json!(3)));
        assert_eq!(sampler("{ id = 'smote', params = { k_neighbors = 3 } }").unwrap(), beside);
        assert_eq!(sampler("'smote'").unwrap(), sampler("{ id = 'smote' }").unwrap());
        let chain = sampler("{ id = 'chain', steps = ['smote', 'tomek-links'] }").unwrap();
        assert_eq!(chain["steps"][1]["id"], "tomek-links");
        for short in ["'smote+tomek-links'", "{ id = 'smote+tomek-links' }"] {
            assert_eq!(sampler(short).unwrap(), chain, "{short}");
        }
    }

    #[test]
    fn what_is_no_sampler_is_told_with_what_to_write() {
        let said = |given: &str| sampler(given).unwrap_err();
        assert!(said("'smoten'").contains("did you mean `smote-n`?"), "{}", said("'smoten'"));
        assert_eq!(said("3"), "`balanced-bagging`: `sampler` must be a name or a table, and is 3");
        assert!(
            said("{ python = 'imblearn.over_sampling:SMOTE' }")
                .contains("`sampler` cannot be a class of Python: name a")
        );
        assert!(said("{ id = 'smote+tomek-links', k_neighbors = 3 }").contains("write `id = \"chain\"` with `steps`"));
        let place = "`balanced-bagging`: `sampler` acts on the rows of a bag and needs no name: leave";
        assert_eq!(said("{ id = 'smote', on = 'scaled' }"), format!("{place} `on` out"));
        assert_eq!(said("{ id = 'smote+tomek-links', name = 'both' }"), format!("{place} `name` out"));
        assert_eq!(said("{ id = 'smote', name = 'one', on = 'raw' }"), format!("{place} `on` and `name` out"));
        let twice = said("{ id = 'smote', k_neighbors = 3, params = { k_neighbors = 4 } }");
        assert!(twice.contains("`sampler` has `k_neighbors` beside `params` and in it: write it once"), "{twice}");
    }

    #[test]
    fn parameters_of_members_by_scikit_learns_names_are_told_as_they_are_written_here() {
        let registry = Registry::built_in();
        for key in ["estimator__max_depth", "\"estimator.max_depth\""] {
            let said = ENTRY.build(&format!("{key} = 1").parse().unwrap(), &registry).err().unwrap().to_string();
            let name = key.trim_matches('"');
            assert_eq!(
                said,
                format!(
                    "unknown parameter of `balanced-bagging` `{name}`: write `estimator = {{ family = \"decision-tree\", params = {{ \
                     max_depth = ... }} }}`, and in a `space` a list of these, `estimator = [{{ family = \"decision-tree\", params = {{ \
                     max_depth = ... }} }}, ...]`"
                )
            );
        }
        let said = ENTRY.build(&"estimators__x = 1".parse().unwrap(), &registry).err().unwrap().to_string();
        assert!(said.contains("did you mean"), "{said}");
    }
}
