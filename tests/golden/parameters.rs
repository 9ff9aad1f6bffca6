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
