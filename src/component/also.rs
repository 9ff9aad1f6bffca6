//! Parameters of a library's estimator that a component does not have itself: they are told apart from typing errors.
//!
//! A study often begins as a notebook, whose calls carry parameters that mean nothing here (`n_jobs`), have another name, or
//! have one value only that is possible. An entry lists them beside its own ones, so that `fraudbench list` shows them and a test
//! that walks the library's parameters finds none that is forgotten.

use std::borrow::Cow;

use serde_json::Value;

use crate::words::{beginning, one_line};

/// A parameter that a component does not have itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Also {
    /// The library's name of it.
    pub name: &'static str,
    /// What becomes of it.
    pub treated: Treated,
    /// The values that the library takes of one that is left out; none listed: whatever it is.
    pub takes: &'static [Takes],
}

/// Values that a library takes of a parameter. Python's True and False are numbers, too, and `verbose = true` is usual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Takes {
    /// Python's None.
    Nothing,
    /// True or false.
    Truth,
    /// One of these texts.
    Texts(&'static [&'static str]),
    /// A whole number from the first to the last.
    Whole(i64, i64),
    /// A number of 0 or more.
    Positive,
}

impl Takes {
    /// True or false.
    pub const TRUTHS: &[Takes] = &[Takes::Truth];
    /// A whole number of at least 1.
    pub const COUNTS: &[Takes] = &[Takes::Whole(1, i64::MAX)];
    /// A number of at least 0, as tolerances are.
    pub const POSITIVES: &[Takes] = &[Takes::Positive];
    /// A truth value, or None.
    pub const TRUTHS_OR_NONE: &[Takes] = &[Takes::Truth, Takes::Nothing];
    /// A whole number of any size, or None, as of threads.
    pub const WHOLES_OR_NONE: &[Takes] = &[Takes::Whole(i64::MIN, i64::MAX), Takes::Nothing];

    fn has(self, given: &toml::Value) -> bool {
        let whole = given.as_integer().or_else(|| given.as_bool().map(i64::from));
        match self {
            Takes::Nothing => is_none(given),
            Takes::Truth => given.is_bool(),
            Takes::Texts(texts) => given.as_str().is_some_and(|text| texts.contains(&text)),
            Takes::Whole(low, high) => whole.is_some_and(|whole| (low..=high).contains(&whole)),
            Takes::Positive => {
                whole.is_some_and(|whole| whole >= 0) || given.as_float().is_some_and(|real| real >= 0.0)
            }
        }
    }

    /// What to write, in words.
    fn words(self) -> Vec<String> {
        match self {
            Takes::Nothing => vec![format!("\"{NONE}\"")],
            Takes::Truth => vec!["true".into(), "false".into()],
            Takes::Texts(texts) => texts.iter().map(|text| format!("\"{text}\"")).collect(),
            Takes::Whole(i64::MIN, i64::MAX) => vec!["a whole number".into()],
            Takes::Whole(low, i64::MAX) => vec![format!("a whole number of {low} or more")],
            Takes::Whole(low, high) if low == high => vec![low.to_string()],
            Takes::Whole(low, high) => vec![format!("a whole number from {low} to {high}")],
            Takes::Positive => vec!["a number of 0 or more".into()],
        }
    }
}

/// What becomes of a parameter that a component does not have itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treated {
    /// It is another name of this parameter.
    Alias(&'static str),
    /// It is left out, for the reason given, whichever of the values it has that [`Also::takes`] lists.
    Harmless(&'static str),
    /// Only this value, in JSON, is taken, as it changes nothing; any other is refused with the reason, which says what to write
    /// instead.
    Only(&'static str, &'static str),
}

impl Also {
    /// Another name of a parameter.
    pub const fn alias(name: &'static str, of: &'static str) -> Self {
        Also { name, treated: Treated::Alias(of), takes: &[] }
    }

    /// A parameter without effect here.
    pub const fn harmless(name: &'static str, why: &'static str) -> Self {
        Also { name, treated: Treated::Harmless(why), takes: &[] }
    }

    /// The same that has one of these values only.
    pub const fn takes(self, takes: &'static [Takes]) -> Self {
        Also { takes, ..self }
    }

    /// A parameter that has one possible value, in JSON.
    pub const fn only(name: &'static str, value: &'static str, why: &'static str) -> Self {
        Also { name, treated: Treated::Only(value, why), takes: &[] }
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
pub const N_JOBS: Also = threads("n_jobs");
/// Nothing is printed.
pub const VERBOSE: Also = Also::harmless("verbose", "a cell prints nothing").takes(&[Takes::Whole(0, i64::MAX)]);
/// Every cell is fitted once.
pub const WARM_START: Also = Also::harmless("warm_start", "every fit starts anew").takes(Takes::TRUTHS);
/// Of preprocessors.
pub const COPY: Also = Also::harmless("copy", "the table is never overwritten").takes(Takes::TRUTHS);
/// Why a parameter of sparse matrices is harmless.
pub const DENSE: &str = "no matrix is sparse here";
/// Why a parameter of a solver that comes close to directions is harmless.
pub const EXACT: &str = "the directions are exact, and not found step by step";
/// Why the type of made values is harmless.
pub const DTYPE: &str = "numbers have 64 bits here, which hold the same values";
/// For what draws nothing.
pub const NOTHING_DRAWN: Also = Also::harmless("random_state", "nothing is drawn at random")
    .takes(&[Takes::Whole(0, u32::MAX as i64), Takes::Nothing]);
/// How often a solver that comes close to directions normalises them.
pub const POWER_ITERATION_NORMALIZER: Also =
    Also::harmless("power_iteration_normalizer", EXACT).takes(&[Takes::Texts(&["auto", "QR", "LU", "none"])]);

/// Threads are the run's, however the library calls their number.
pub const fn threads(name: &'static str) -> Also {
    Also::harmless(name, "the run sets the threads of a cell (`--cell-threads`)").takes(Takes::WHOLES_OR_NONE)
}

/// The table with what the component itself takes: other names replaced, what has no effect left out. Beside it what is refused,
/// a sentence each: a value, with the reason, and a parameter that is given twice.
pub(super) fn translated<'t>(id: &str, also: &[Also], table: &'t toml::Table) -> (Cow<'t, toml::Table>, Vec<String>) {
    let mut refused = Vec::new();
    if !also.iter().any(|also| table.contains_key(also.name)) {
        return (Cow::Borrowed(table), refused);
    }
    let mut own = table.clone();
    for Also { name, treated, takes } in also {
        let Some(given) = own.remove(*name) else { continue };
        match treated {
            Treated::Harmless(_) if takes.is_empty() || takes.iter().any(|takes| takes.has(&given)) => {}
            Treated::Harmless(_) => {
                let words: Vec<String> = takes.iter().flat_map(|takes| takes.words()).collect();
                let given = beginning(&one_line(&given.to_string()), 60);
                refused
                    .push(format!("`{id}`: `{name} = {given}` is refused: write {}, or leave it out", either(&words)));
            }
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

/// "a", "a or b", "a, b or c".
fn either(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
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
        WARM_START,
        VERBOSE,
        Also::harmless("solver", "all have one optimum").takes(&[Takes::Texts(&["auto", "svd"]), Takes::Nothing]),
        Also::harmless("tol", "there are no steps").takes(Takes::POSITIVES),
        Also::harmless("components", "nothing is transformed").takes(&[Takes::Whole(1, 1)]),
        NOTHING_DRAWN,
        Also::harmless("dtype", DTYPE),
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
    fn what_has_no_effect_has_a_value_that_the_library_takes() {
        for taken in [
            "n_jobs = 'none'\nsolver = 'auto'\ntol = 0\ncomponents = 1\nrandom_state = 4294967295",
            "n_jobs = -2\nsolver = 'None'\ntol = inf\nverbose = true\nwarm_start = false\nrandom_state = 'none'",
            "verbose = 3\ntol = 1e-9\ndtype = 'float32'",
        ] {
            assert_eq!(of(taken), Ok(String::new()), "{taken}");
        }
        for (given, said) in [
            ("n_jobs = \"many\"", "a whole number or \"none\""),
            ("n_jobs = 1.5", "a whole number or \"none\""),
            ("warm_start = 3", "true or false"),
            ("warm_start = \"none\"", "true or false"),
            ("verbose = -1", "a whole number of 0 or more"),
            ("solver = \"foo\"", "\"auto\", \"svd\" or \"none\""),
            ("tol = -1.0", "a number of 0 or more"),
            ("tol = nan", "a number of 0 or more"),
            ("components = 2", "1"),
            ("random_state = -1", "a whole number from 0 to 4294967295 or \"none\""),
            ("random_state = 4294967296", "a whole number from 0 to 4294967295 or \"none\""),
        ] {
            let told = format!("`family`: `{given}` is refused: write {said}, or leave it out");
            assert_eq!(of(given), Err(told));
        }
    }

    #[test]
    fn every_parameter_without_effect_refuses_what_its_library_refuses() {
        for (family, table) in [
            ("k-neighbors", "algorithm = 'foo'"),
            ("k-neighbors", "leaf_size = -3"),
            ("ridge", "solver = 'foo'"),
            ("ridge", "tol = -1.0"),
            ("ridge", "max_iter = 'many'"),
            ("qda", "tol = -1.0"),
            ("lda", "n_components = 2"),
            ("sgd", "epsilon = -1.0"),
            ("linear-regression", "tol = 'x'"),
            ("random-forest", "n_jobs = 'many'"),
            ("svc", "shrinking = 'perhaps'"),
            ("svc", "decision_function_shape = 'foo'"),
            ("lof", "algorithm = 7"),
            ("mlp", "verbose = 'x'"),
            ("mlp", "warm_start = 3"),
            ("bagging", "oob_score = 'foo'"),
            // They would have an effect.
            ("linear-svc", "multi_class = 'crammer_singer'"),
            ("rus-boost", "algorithm = 'SAMME.R'"),
            ("rus-boost", "algorithm = 'foo'"),
        ] {
            let key = table.split(' ').next().unwrap();
            let said = built(family, table, "").unwrap_err();
            assert!(said.contains(&format!("`{family}`: `{key} = ")) && said.contains("is refused"), "{said}");
        }
        for (family, table) in [
            ("k-neighbors", "algorithm = 'kd_tree'\nleaf_size = 1"),
            ("ridge", "solver = 'saga'\ntol = 0\nmax_iter = 'none'"),
            ("lda", "n_components = 1"),
            ("linear-svc", "multi_class = 'ovr'"),
            ("rus-boost", "algorithm = 'SAMME'"),
            ("rus-boost", "algorithm = 'deprecated'"),
            ("xgboost", "importance_type = 'none'\nverbosity = 0\nenable_categorical = true"),
        ] {
            assert_eq!(built(family, table, "").map(drop), Ok(()), "{family}: {table}");
        }
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
