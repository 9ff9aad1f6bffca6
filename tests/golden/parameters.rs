//! Every parameter of the libraries' estimators: taken with the same default, or explained by the family's entry.
//! `scripts/golden/parameters.py` wrote the file.

use std::collections::BTreeMap;

use fraudbench::classify::CATALOGUE;
use fraudbench::component::{Also, Classifier, Entry, Registry, Treated, find};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Estimator {
    class: String,
    params: BTreeMap<String, Value>,
}

fn estimators() -> BTreeMap<String, Estimator> {
    serde_json::from_str(include_str!("data/parameters.json")).unwrap()
}

fn entry(family: &str) -> &'static Entry<dyn Classifier> {
    find("classifier", CATALOGUE, family, None).unwrap()
}

/// What a family needs to be told: members have no default.
fn least(entry: &Entry<dyn Classifier>) -> toml::Table {
    entry.least.parse().unwrap()
}

/// What is wrong with how a family treats a parameter of its library's class.
fn wrong(entry: &Entry<dyn Classifier>, name: &str, default: &Value) -> Option<String> {
    let all = entry.build(&least(entry), &Registry::built_in()).unwrap().all;
    let also = entry.also.iter().find(|also| also.name == name);
    match (all.get(name), also) {
        (None, None) => Some("neither taken nor explained".into()),
        (Some(_), Some(_)) => Some("both taken and explained".into()),
        (Some(ours), None) => (!same(ours, default)).then(|| format!("default {ours} instead of {default}")),
        (None, Some(also)) => refused_default(entry, also, default),
    }
}

/// `xgboost`'s class leaves its defaults to the library, where they are not parameters of it.
fn same(ours: &Value, default: &Value) -> bool {
    match (ours.as_f64(), default.as_f64()) {
        (Some(ours), Some(default)) => ours == default,
        // What is shown of a member that the library chooses where none is given.
        _ if default.is_null() && ours.get("family").is_some() => true,
        _ => ours == default,
    }
}

/// The library's default must be taken, whatever becomes of other values.
fn refused_default(entry: &Entry<dyn Classifier>, also: &Also, default: &Value) -> Option<String> {
    let given = match default {
        Value::Null => toml::Value::String("none".into()),
        other => toml::Value::try_from(other).unwrap(),
    };
    // scikit-learn's mark of a parameter that goes away.
    if default == "deprecated" {
        return None;
    }
    let mut table = least(entry);
    table.insert(also.name.to_owned(), given);
    entry.build(&table, &Registry::built_in()).err().map(|e| format!("its default is refused: {e}"))
}

#[test]
fn every_parameter_of_a_library_is_taken_or_explained() {
    let mut faults = Vec::new();
    for (family, estimator) in estimators() {
        for (name, default) in &estimator.params {
            faults.extend(
                wrong(entry(&family), name, default)
                    .map(|said| format!("{family} ({}): {name}: {said}", estimator.class)),
            );
        }
    }
    assert!(faults.is_empty(), "{} parameters:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn other_names_lead_to_parameters_and_refusals_say_what_to_write() {
    for entry in CATALOGUE {
        let all = entry.build(&least(entry), &Registry::built_in()).unwrap().all;
        for also in entry.also {
            match also.treated {
                Treated::Alias(of) => assert!(all.get(of).is_some(), "{}: {} leads nowhere", entry.id, also.name),
                Treated::Harmless(why) => assert!(why.len() > 10, "{}: {}", entry.id, also.name),
                Treated::Only(_, why) => {
                    let mut table = least(entry);
                    table.insert(also.name.to_owned(), toml::Value::String("something else".into()));
                    let said =
                        entry.build(&table, &Registry::built_in()).err().map(|e| e.to_string()).unwrap_or_default();
                    assert!(said.contains(also.name) && said.ends_with(why), "{}: {said}", entry.id);
                }
            }
        }
    }
}

/// The parameters of scikit-learn 1.9.1's scalers, encoders, imputers and selections that are not ours, with their defaults in
/// TOML. `scripts/golden/parameters.py` writes those of families only.
const OF_STEPS: [(&str, &str); 17] = [
    ("constant", "missing_values = nan\ncopy = true\nkeep_empty_features = false\nstrategy = 'constant'"),
    ("mean", "missing_values = nan\ncopy = true\nkeep_empty_features = false\nfill_value = 'none'\nstrategy = 'mean'"),
    (
        "median",
        "missing_values = nan\ncopy = true\nkeep_empty_features = false\nfill_value = 'none'\nstrategy = 'median'",
    ),
    (
        "most-frequent",
        "missing_values = nan\ncopy = true\nkeep_empty_features = false\nfill_value = 'none'\nstrategy = 'most_frequent'",
    ),
    (
        "function",
        "inverse_func = 'none'\nvalidate = false\naccept_sparse = false\ncheck_inverse = true\nfeature_names_out = 'none'\n\
         kw_args = 'none'\ninv_kw_args = 'none'",
    ),
    ("max-abs", "copy = true"),
    ("min-max", "copy = true"),
    ("normalizer", "copy = true"),
    ("power", "copy = true"),
    ("robust", "copy = true"),
    ("standard", "copy = true"),
    ("polynomial", "order = 'C'"),
    ("quantile", "ignore_implicit_zeros = false\nsubsample = 10000\nrandom_state = 'none'\ncopy = true"),
    (
        "pca",
        "copy = true\ntol = 0.0\niterated_power = 'auto'\nn_oversamples = 10\npower_iteration_normalizer = 'auto'\n\
         random_state = 'none'",
    ),
    (
        "truncated-svd",
        "n_iter = 5\nn_oversamples = 10\npower_iteration_normalizer = 'auto'\nrandom_state = 'none'\ntol = 0.0",
    ),
    ("one-hot", "categories = 'auto'\nsparse_output = true\ndtype = 'float64'\nfeature_name_combiner = 'concat'"),
    ("target", "categories = 'auto'\ntarget_type = 'auto'"),
];

/// What a step of any kind makes of parameters: all of them, or why it refuses some.
fn step(id: &str, study: &str) -> Result<Value, String> {
    let (registry, table) = (Registry::built_in(), study.parse().unwrap());
    let built = match registry.scaler(id) {
        Ok(entry) => entry.build(&table, &registry).map(|built| built.all),
        Err(_) => {
            let entry = registry.encoder(id).or_else(|_| registry.imputer(id)).or_else(|_| registry.select(id));
            entry.and_then(|entry| entry.build(&table, &registry)).map(|built| built.all)
        }
    };
    built.map_err(|e| e.to_string())
}

#[test]
fn the_defaults_of_steps_are_taken_and_change_nothing() {
    for (id, study) in OF_STEPS {
        assert_eq!(step(id, study), step(id, ""), "{id}");
        assert!(step(id, study).is_ok(), "{id}");
    }
    // Their class does something else by default; what they do may be said.
    for (id, study) in [
        ("ordinal", "handle_unknown = 'use_encoded_value'\ncategories = 'auto'\ndtype = 'float64'"),
        ("whitening", "whiten = true\nn_components = 'none'\nsvd_solver = 'auto'\ntol = 0.0\ncopy = true"),
        ("target", "target_type = 'binary'"),
        ("hashing", "input_type = 'dict'\ndtype = 'float64'"),
    ] {
        assert_eq!(step(id, study), step(id, ""), "{id}");
        assert!(step(id, study).is_ok(), "{id}");
    }
}

#[test]
fn what_steps_do_not_do_says_what_to_write() {
    for (id, study, said) in [
        (
            "mean",
            "strategy = 'median'",
            "`mean`: `strategy = \"median\"` is refused: every strategy is an imputer by itself: write `mean`, `median`, \
             `most-frequent` or `constant`",
        ),
        (
            "mean",
            "fill_value = 0\nmissing_values = -1",
            "`mean`: `missing_values = -1` is refused: write the texts that are missing values as `missing = [...]` in [data], and \
             leave it out here; `mean`: `fill_value = 0` is refused: it is a parameter of the imputer `constant`: write that one, \
             or leave it out",
        ),
        (
            "median",
            "keep_empty_features = true",
            "`median`: `keep_empty_features = true` is refused: a column without any value is refused: put it under `ignore` in \
             [data], or use the imputer `constant`",
        ),
        (
            "ordinal",
            "handle_unknown = 'error'",
            "`ordinal`: `handle_unknown = \"error\"` is refused: a level that the training rows lack becomes `unknown_value` and \
             fails nothing: leave it out",
        ),
        (
            "one-hot",
            "categories = [['a', 'b']]",
            "`one-hot`: `categories = [[\"a\", \"b\"]]` is refused: the levels are those of the training rows, in the order of \
             their texts: leave it out",
        ),
        (
            "target",
            "target_type = 'continuous'",
            "`target`: `target_type = \"continuous\"` is refused: labels are 0 and 1: leave it out",
        ),
        (
            "whitening",
            "whiten = false",
            "`whitening`: `whiten = false` is refused: without it, it is the selection `pca`: write `selects = [\"pca\"]` in [grid]",
        ),
    ] {
        assert_eq!(step(id, study), Err(said.to_owned()), "{id}");
    }
}
