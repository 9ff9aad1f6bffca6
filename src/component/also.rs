//! Parameters of a library's estimator that a component does not have itself: they are told apart from typing errors.
//!
//! A study often begins as a notebook, whose calls carry parameters that mean nothing here (`n_jobs`), have another name, or
//! have one value only that is possible. An entry lists them beside its own ones, so that `fraudbench list` shows them and a test
//! that walks the library's parameters finds none that is forgotten.

use std::borrow::Cow;

use serde_json::Value;

/// A parameter that a component does not have itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Also {
    /// The library's name of it.
    pub name: &'static str,
    /// What becomes of it.
    pub treated: Treated,
}

/// What becomes of a parameter that a component does not have itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treated {
    /// It is another name of this parameter.
    Alias(&'static str),
    /// Any value is taken and left out, for the reason given.
    Harmless(&'static str),
    /// Only this value, in JSON, is taken, as it changes nothing; any other is refused with the reason, which says what to write
    /// instead.
    Only(&'static str, &'static str),
}

impl Also {
    /// Another name of a parameter.
    pub const fn alias(name: &'static str, of: &'static str) -> Self {
        Also { name, treated: Treated::Alias(of) }
    }

    /// A parameter without effect here.
    pub const fn harmless(name: &'static str, why: &'static str) -> Self {
        Also { name, treated: Treated::Harmless(why) }
    }

    /// A parameter that has one possible value, in JSON.
    pub const fn only(name: &'static str, value: &'static str, why: &'static str) -> Self {
        Also { name, treated: Treated::Only(value, why) }
    }

    /// In words, for listings.
    pub fn said(&self) -> String {
        match self.treated {
            Treated::Alias(of) => format!("another name of `{of}`"),
            Treated::Harmless(why) => format!("taken, without effect: {why}"),
            Treated::Only("null", why) => format!("refused: {why}"),
            Treated::Only(value, why) => format!("{value} only: {why}"),
        }
    }
}

/// Threads are the run's.
pub const N_JOBS: Also = Also::harmless("n_jobs", "the run sets the threads of a cell (`--cell-threads`)");
/// Nothing is printed.
pub const VERBOSE: Also = Also::harmless("verbose", "a cell prints nothing");
/// Every cell is fitted once.
pub const WARM_START: Also = Also::harmless("warm_start", "every fit starts anew");
/// Of preprocessors.
pub const COPY: Also = Also::harmless("copy", "the table is never overwritten");
/// Why a parameter of sparse matrices is harmless.
pub const DENSE: &str = "no matrix is sparse here";
/// Why a parameter of a solver that comes close to directions is harmless.
pub const EXACT: &str = "the directions are exact, and not found step by step";
/// Why the type of made values is harmless.
pub const DTYPE: &str = "numbers have 64 bits here, which hold the same values";
/// For what draws nothing.
pub const NOTHING_DRAWN: Also = Also::harmless("random_state", "nothing is drawn at random");

/// The table with what the component itself takes: other names replaced, what has no effect left out. Beside it what is refused,
/// a sentence each: a value, with the reason, and a parameter that is given twice.
pub(super) fn translated<'t>(id: &str, also: &[Also], table: &'t toml::Table) -> (Cow<'t, toml::Table>, Vec<String>) {
    let mut refused = Vec::new();
    if !also.iter().any(|also| table.contains_key(also.name)) {
        return (Cow::Borrowed(table), refused);
    }
    let mut own = table.clone();
    for Also { name, treated } in also {
        let Some(given) = own.remove(*name) else { continue };
        match treated {
            Treated::Harmless(_) => {}
            Treated::Alias(of) if own.contains_key(*of) => {
                refused.push(format!("`{id}`: `{name}` is another name of `{of}`: give one of them"));
            }
            Treated::Alias(of) => {
                own.insert((*of).to_owned(), given);
            }
            // None is the library's own default.
            Treated::Only(value, _) if is_none(&given) || is(&given, value) => {}
            Treated::Only(_, why) => refused.push(format!("`{id}`: `{name} = {given}` is refused: {why}")),
        }
    }
    (Cow::Owned(own), refused)
}

/// Whether a study's value is this one in JSON.
fn is(given: &toml::Value, value: &str) -> bool {
    if let (Some(given), Ok(value)) = (number(given), value.parse::<f64>()) {
        return given == value || (given.is_nan() && value.is_nan());
    }
    serde_json::to_value(given).ok() == serde_json::from_str::<Value>(value).ok()
}

fn number(value: &toml::Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

/// How a study writes Python's None.
pub(super) const NONE: &str = "none";

/// Whether it is Python's None, which may be written as there, too.
pub(super) fn is_none(value: &toml::Value) -> bool {
    matches!(value.as_str(), Some(NONE | "None"))
}

/// The table without the parameters that have the text by which their library leaves them out.
pub(super) fn without<'t>(table: &'t toml::Table, unset: &[(&str, &str)]) -> Cow<'t, toml::Table> {
    let is_unset = |(name, text): &&(&str, &str)| match table.get(*name) {
        Some(given) if *text == NONE => is_none(given),
        Some(given) => given.as_str() == Some(text),
        None => false,
    };
    let left_out: Vec<&str> = unset.iter().filter(is_unset).map(|(name, _)| *name).collect();
    if left_out.is_empty() {
        return Cow::Borrowed(table);
    }
    let stays = table.iter().filter(|(name, _)| !left_out.contains(&name.as_str()));
    Cow::Owned(stays.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// The table without the parameters that are None: for a library whose None is its own default, whatever the parameter.
pub(crate) fn without_nones(table: &toml::Table) -> toml::Table {
    table.iter().filter(|(_, value)| !is_none(value)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::component::Registry;
    use crate::component::registry::built;

    const LIST: &[Also] = &[
        Also::alias("eta", "learning_rate"),
        N_JOBS,
        Also::only("loss", "\"log_loss\"", "there is no other"),
        Also::only("part", "null", "write `whole`"),
        Also::only("power", "1.0", "higher ones are not taken"),
    ];

    fn of(table: &str) -> Result<String, String> {
        let table: toml::Table = table.parse().unwrap();
        let (own, refused) = translated("family", LIST, &table);
        if refused.is_empty() { Ok(own.to_string()) } else { Err(refused.join("; ")) }
    }

    #[test]
    fn parameters_of_a_notebook_are_translated() {
        assert_eq!(
            of("eta = 0.5\nn_jobs = -1\nloss = 'log_loss'\npart = 'None'\npower = 1").unwrap(),
            "learning_rate = 0.5\n"
        );
        assert_eq!(of("depth = 3").unwrap(), "depth = 3\n");
    }

    #[test]
    fn what_is_refused_says_why() {
        assert_eq!(of("power = 2").unwrap_err(), "`family`: `power = 2` is refused: higher ones are not taken");
        assert_eq!(of("part = 'a'").unwrap_err(), "`family`: `part = \"a\"` is refused: write `whole`");
        assert!(of("loss = 'hinge'").unwrap_err().contains("there is no other"));
        assert!(of("eta = 0.5\nlearning_rate = 0.1").unwrap_err().contains("give one of them"));
    }

    #[test]
    fn all_that_is_refused_is_told_at_once() {
        assert_eq!(
            of("eta = 0.5\nlearning_rate = 0.1\npart = 'a'\npower = 2").unwrap_err(),
            "`family`: `eta` is another name of `learning_rate`: give one of them; `family`: `part = \"a\"` is refused: write `whole`; \
             `family`: `power = 2` is refused: higher ones are not taken"
        );
        // With what the component refuses of its own parameters.
        let said = built("lof", "metric = 'cosine'\nmetric_params = 3\nn_neighbours = 5", "").unwrap_err();
        assert!(
            said.starts_with(
                "`lof`: `metric = \"cosine\"` is refused: write `p = 1`, `p = 2` or `p = inf` for the distance; `lof`: \
                 `metric_params = 3` is refused: no distance here has further parameters: leave it out; unknown parameter of `lof` \
                 `n_neighbours`; did you mean `n_neighbors`? Allowed: "
            ),
            "{said}"
        );
    }

    #[test]
    fn none_is_what_no_value_means() {
        for (family, table, name, value) in [
            ("bagging", "estimator = 'none'\nmax_samples = 'None'", "max_samples", json!(null)),
            ("adaboost", "estimator = 'none'", "random_state", json!(null)),
            ("balanced-bagging", "max_samples = 'none'\nsampler = 'none'", "max_samples", json!(null)),
            ("hist-gradient-boosting", "max_leaf_nodes = 'none'", "max_leaf_nodes", json!(null)),
            ("hist-gradient-boosting", "validation_fraction = 'none'", "validation_fraction", json!(null)),
            ("hist-gradient-boosting", "scoring = 'none'", "scoring", json!(null)),
            ("sgd", "l1_ratio = 'none'", "l1_ratio", json!(null)),
            ("logistic-regression", "l1_ratio = 'none'", "l1_ratio", json!(null)),
            ("k-neighbors", "weights = 'none'", "weights", json!("uniform")),
            ("xgboost", "max_depth = 'none'\nmax_delta_step = 'None'\nbooster = 'none'", "max_depth", json!(6)),
            ("mlp", "hidden_layer_sizes = 7", "hidden_layer_sizes", json!([7])),
        ] {
            assert_eq!(built(family, table, name), Ok(value), "{family}: {table}");
        }
        for (family, table, name) in [
            ("svc", "probability = 'deprecated'", "C"),
            ("stacking", "estimators = ['ridge']\ncv = 'none'", "cv"),
            ("stacking", "estimators = ['ridge']\ncv = 'None'", "cv"),
        ] {
            let without = table.rsplit_once('\n').map_or("", |(rest, _)| rest);
            assert_eq!(built(family, table, name), built(family, without, name), "{family}: {table}");
            assert!(built(family, table, name).is_ok(), "{family}: {table}");
        }
        let registry = Registry::built_in();
        let resampler = registry.resamplers().iter().find(|entry| entry.id == "instance-hardness-threshold").unwrap();
        let encoder = registry.encoders().iter().find(|entry| entry.id == "target").unwrap();
        let params = |table: &str| -> [Value; 2] {
            let table = table.parse().unwrap();
            [
                resampler.build(&table, &registry).map(|built| built.params),
                encoder.build(&table, &registry).map(|built| built.params),
            ]
            .map(|params| params.unwrap_or_default())
        };
        assert_eq!(params("estimator = 'none'")[0], params("")[0]);
        let left_out = ["random_state = 'none'", "random_state = 'deprecated'", "shuffle = 'deprecated'"];
        left_out.iter().for_each(|table| assert_eq!(params(table)[1], params("")[1], "{table}"));
        assert!(params("").iter().all(Value::is_object));
        // Another text is none.
        assert!(
            built("svc", "probability = 'depricated'", "").unwrap_err().contains("write `calibrate = \"sigmoid\"`")
        );
        assert!(built("stacking", "estimators = ['ridge']\ncv = 'auto'", "").unwrap_err().contains("`cv`"));
        for (family, table) in [
            ("sgd", "l1_ratio = 'none'\npenalty = 'elasticnet'"),
            ("logistic-regression", "l1_ratio = 'none'\npenalty = 'elasticnet'"),
        ] {
            assert!(built(family, table, "").unwrap_err().contains("needs an `l1_ratio`"), "{family}");
        }
    }
}
