//! What chooses hyperparameters, thresholds or whole pipelines. All of it happens inside a classifier's `fit`: on the
//! training rows of a cell, in inner folds of them, and never on its test rows.
//!
//! | file | what it does |
//! |---|---|
//! | `space`, `score`, `inner`, `out_of_fold`, `trial`, `halving` | parameter domains; the goal; inner folds; what their models say of rows that they have not seen; what became of candidates there; rungs of rows |
//! | `beside` | candidates and folds side by side |
//! | `asked`, `read`, `searched` | the `search` of a study's classifier: grid, random, halving, TPE |
//! | `tpe` | the tree-structured Parzen estimator |
//! | `threshold` | labels by a threshold, given or tuned |
//! | `calibrate`, `isotonic`, `sigmoid`, `venn_abers`, `prior` | probabilities from scores; probabilities after resampling |
//! | `select`, `pipeline`, `recipe` | feature selection; steps as one classifier; pipelines as what a search varies |
//! | `genetic`, `tpot` | NSGA-II; the family `tpot` |
//! | `surrogate`, `ensemble`, `autosklearn` | regression forest; ensemble selection; the family `autosklearn` |

mod asked;
pub mod autosklearn;
mod beside;
pub mod calibrate;
pub mod constraint;
mod ensemble;
pub mod genetic;
pub mod halving;
pub mod inner;
pub mod isotonic;
mod out_of_fold;
mod pipeline;
pub mod prior;
mod read;
pub mod recipe;
mod refused;
pub mod score;
mod searched;
pub mod select;
#[cfg(test)]
mod sharing;
pub mod sigmoid;
pub mod space;
pub mod surrogate;
pub mod threshold;
pub mod tpe;
pub mod tpot;
pub mod trial;
pub mod venn_abers;

use crate::component::{Classifier, Entry, Model, Prediction, Registry, SavedModel};
use ndarray::ArrayView2;
use serde_json::{Value, json};

use crate::classify::require;
use crate::error::Result;
use crate::numeric::mt19937::Mt19937;
use crate::seed::{Purpose, derive};
use score::Goal;
use trial::Trial;

pub(crate) use read::check;
pub use read::{KEYS, fits, folds_of, wrap};
pub(crate) use refused::unjudged;
pub use searched::{Method, Searched, Spec};
pub use trial::CandidateSeconds;

/// The families that search for a pipeline.
pub static CATALOGUE: &[&Entry<dyn Classifier>] = &[&tpot::ENTRY, &autosklearn::ENTRY];

/// The seed of inner folds where a study gives none: scikit-learn's examples' number.
pub const FOLD_SEED: u32 = 42;

/// Inner folds of a threshold or a calibration without a search, where a study gives no number.
pub const FOLDS_BY_THEMSELVES: u32 = 3;

/// Where a study has the number of inner folds of a search, and of a family that searches.
const FOLDS_OF_SEARCH: &str = "`folds` in `search`";
const FOLDS_OF_FAMILY: &str = "`folds` in `params`";

/// Values (rows times columns) of the rows of the search, at most.
const MOST_VALUES: usize = 2_000_000;

/// The parameter of a family that searches which ends the search by the clock, and what its record then says has stopped it.
pub const OUT_OF_TIME: &str = "seconds";

/// What charts call a kind of search, or a family that searches for its pipeline; none for what neither is.
pub fn in_words(kind: &str, registry: &Registry) -> Option<&'static str> {
    let family = || {
        let entry = registry.classifiers().iter().find(|entry| entry.id == kind)?;
        (!entry.searches.is_empty()).then_some(entry.searches)
    };
    searched::KINDS.iter().find(|(name, _)| *name == kind).map(|(_, words)| *words).or_else(family)
}

/// Refuses a time limit that no search could keep.
///
/// # Errors
/// Those of [`require`].
fn require_seconds(given: Option<f64>) -> Result<()> {
    // None given: it ends by itself, however long that takes.
    let seconds = given.unwrap_or(f64::INFINITY);
    require(seconds > 0.0, "seconds", seconds, "above 0")
}

/// A stream of draws for `purpose`, which follows from the classifier's own seed.
fn stream(seed: u64, purpose: &str) -> Mt19937 {
    Mt19937::new(derive(seed, Purpose::Search, purpose) as u32)
}

/// A model and what led to it.
pub(crate) struct Detailed {
    model: Box<dyn Model>,
    details: Value,
}

impl Detailed {
    /// `details` is an object; what the model tells itself is put under its key `model`.
    pub(crate) fn boxed(model: Box<dyn Model>, mut details: Value) -> Box<dyn Model> {
        if let Some(inner) = model.details() {
            details["model"] = inner;
        }
        Box::new(Detailed { model, details })
    }
}

impl Model for Detailed {
    fn saved(&self) -> Option<SavedModel> {
        self.model.saved()
    }

    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Prediction> {
        self.model.predict(x)
    }

    fn details(&self) -> Option<Value> {
        Some(self.details.clone())
    }

    fn stages(&self) -> Vec<String> {
        self.model.stages()
    }

    fn passed(&self, x: ArrayView2<'_, f64>, said: &Prediction) -> Result<Vec<usize>> {
        self.model.passed(x, said)
    }

    fn close(&self) -> Result<()> {
        self.model.close()
    }
}

/// What a record holds of a search: `more` (an object) and every trial.
fn findings(kind: &str, goal: Goal, trials: &[Trial], more: Value) -> Value {
    let mut search = json!({ "kind": kind, "goal": goal.id() });
    if let (Some(search), Value::Object(more)) = (search.as_object_mut(), more) {
        search.extend(more);
    }
    search["candidates"] = json!(trials);
    json!({ "search": search })
}

/// The search in a record's details, wherever a wrapper has put it.
pub fn found(details: &Value) -> Option<&Value> {
    details.get("search").or_else(|| details.get("model").and_then(found))
}

/// Takes out of a record's details what each candidate of the search took: it differs from run to run, the rest does not.
pub fn take_seconds(details: &mut Value) -> Vec<CandidateSeconds> {
    if details.get("search").is_none() {
        return details.get_mut("model").map(take_seconds).unwrap_or_default();
    }
    let candidates = details["search"]["candidates"].as_array_mut().into_iter().flatten();
    let seconds = candidates.filter_map(|one| one.as_object_mut()?.remove("seconds"));
    // They were written by us, from this type.
    seconds.map(|seconds| serde_json::from_value(seconds).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use rayon::ThreadPoolBuilder;

    use super::*;
    use crate::component::{Context, Registry, Train};

    /// A tenth of the rows is positive, which one column of three tells with much noise.
    pub(super) fn rows() -> (Array2<f64>, Vec<u8>) {
        let mut random = Mt19937::new(3);
        let y: Vec<u8> = (0..900).map(|row| u8::from(row % 10 == 4)).collect();
        let x = Array2::from_shape_fn((900, 3), |(row, column)| {
            random.next_f64() + if column == 1 { 0.5 * f64::from(y[row]) } else { 0.0 }
        });
        (x, y)
    }

    /// What a search over pipelines says of these rows, whatever the number of threads.
    pub(super) fn searched(entry: &Entry<dyn Classifier>, table: &str) -> Value {
        let (x, y) = rows();
        let families = "['decision-tree', 'adaboost', 'logistic-regression', 'xgboost']";
        let table = format!("{table}\nnegatives_per_positive = 3\nfamilies = {families}");
        let built = entry.build(&table.parse().unwrap(), &Registry::built_in()).unwrap().component;
        let fit = || built.fit(&Train::numbers(x.view(), &y), &Context { seed: 8 }).unwrap();
        let [one, three] = [1, 3].map(|threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut details = pool.install(fit).details().unwrap();
            take_seconds(&mut details);
            found(&details).unwrap().clone()
        });
        assert_eq!(one, three, "the number of threads changes nothing");
        one
    }

    #[test]
    fn wrong_parameters_are_told_with_what_was_found() {
        let registry = Registry::built_in();
        let said = |entry: &Entry<dyn Classifier>, table: &str| {
            entry.build(&table.parse().unwrap(), &registry).err().unwrap().to_string()
        };
        for (table, told) in [
            ("evaluations = 0", "`evaluations` must be at least 1, not 0"),
            ("folds = 1", "`folds` must be at least 2, not 1"),
            ("folds = -3", "`folds` must be at least 2, not -3"),
            ("negatives_per_positive = 0", "`negatives_per_positive` must be at least 1, not 0"),
            ("seconds = -0.5", "`seconds` must be above 0, not -0.5"),
        ] {
            assert_eq!(said(&tpot::ENTRY, table), format!("`tpot`: {told}"));
            assert_eq!(said(&autosklearn::ENTRY, table), format!("`autosklearn`: {told}"));
        }
        for (table, told) in [
            ("population = 1", "`population` must be at least 2, not 1"),
            ("mutation_rate = 1.5", "`mutation_rate` must be between 0 and 1, not 1.5"),
            ("finalists = 0", "`finalists` must be at least 1, not 0"),
        ] {
            assert_eq!(said(&tpot::ENTRY, table), format!("`tpot`: {told}"));
        }
        let both =
            "`autosklearn`: `members` must be at least 1, not 0; `autosklearn`: `rounds` must be at least 1, not 0";
        assert_eq!(said(&autosklearn::ENTRY, "members = 0\nrounds = 0"), both);
        let families = said(&tpot::ENTRY, "families = ['decision-tre', 'lda', 'random-forst']");
        for told in ["`decision-tre`; did you mean `decision-tree`?", "`random-forst`; did you mean `random-forest`?"] {
            assert_eq!(families.matches(&format!("unknown family of a search {told}")).count(), 1, "{families}");
        }
    }

    #[test]
    fn a_wrong_goal_hides_no_wrong_family() {
        let registry = Registry::built_in();
        for entry in [&tpot::ENTRY, &autosklearn::ENTRY] {
            let table = "folds = 1\ngoal = 'pr-auk'\nfamilies = ['xgbost', 'decision-tre']".parse().unwrap();
            let said = entry.build(&table, &registry).err().unwrap().to_string();
            let id = entry.id;
            let begin = format!(
                "`{id}`: `folds` must be at least 2, not 1; `{id}`: `goal`: unknown metric `pr-auk`; did you mean `pr-auc`? Allowed: "
            );
            assert!(said.starts_with(&begin), "{said}");
            let one = "`families`: unknown family of a search `xgbost`; did you mean `xgboost`?";
            let other = "`families`: unknown family of a search `decision-tre`; did you mean `decision-tree`?";
            for told in [format!("; `{id}`: {one}"), format!("; {other}")] {
                assert_eq!(said.matches(&told).count(), 1, "{told}: {said}");
            }
        }
    }

    #[test]
    fn a_wide_table_is_searched_on_fewer_rows_and_ends_on_all() {
        const ROWS: usize = 1_200;
        let x = Array2::from_shape_fn((ROWS, MOST_VALUES / 1_000), |(row, column)| ((row * (column + 7)) % 31) as f64);
        let y: Vec<u8> = (0..ROWS).map(|row| u8::from(row % 12 == 5)).collect();
        for (entry, more) in [(&tpot::ENTRY, "population = 2\nfinalists = 1"), (&autosklearn::ENTRY, "members = 1")] {
            let table = format!("evaluations = 1\nfolds = 2\nfamilies = ['decision-tree']\n{more}");
            let built = entry.build(&table.parse().unwrap(), &Registry::built_in()).unwrap().component;
            let details = built.fit(&Train::numbers(x.view(), &y), &Context { seed: 1 }).unwrap().details().unwrap();
            let rows = |trial: &Value| trial["rows"].as_u64().unwrap();
            let trials: Vec<u64> =
                found(&details).unwrap()["candidates"].as_array().unwrap().iter().map(rows).collect();
            assert_eq!(trials, [1_000, ROWS as u64], "{}", entry.id);
        }
    }
}
