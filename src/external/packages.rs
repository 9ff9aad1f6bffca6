//! Which packages the Python has in which classes run: what another set of packages computes is another result, so a record and its
//! key name them. `FRAUDBENCH_PYTHON` is asked what it has; the installed Python has what this version pins.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::python::{own, pinned};

/// Prints what a Python has. It imports nothing of a study.
const PROGRAM: &str = include_str!("packages.py");
/// The parameter of a record that lists them.
const KEY: &str = "packages";

/// What was asked already: a study may name a module a hundred times.
static ASKED: Mutex<Vec<Asked>> = Mutex::new(Vec::new());

/// A Python, a module, and what it said.
type Asked = (PathBuf, String, Vec<String>);

/// The packages that a class of `module` may use, `name==version` each. Of a Python of one's own these are those that it has of the
/// pinned ones, and after them what the module comes from with all that it requires; none where it does not say, as the cells will
/// say why.
pub(super) fn of(module: &str) -> Vec<String> {
    match own() {
        None => pinned().map(str::to_owned).collect(),
        Some(python) => {
            let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
            let module = module.split('.').next().unwrap_or_default();
            if let Some((_, _, known)) = asked.iter().find(|(by, of, _)| *by == python && of == module) {
                return known.clone();
            }
            let found = said_by(&python, module);
            asked.push((python, module.to_owned(), found.clone()));
            found
        }
    }
}

fn said_by(python: &Path, module: &str) -> Vec<String> {
    let names = pinned().filter_map(|package| package.split_once("==")).map(|(name, _)| name);
    let asked = Command::new(python).args(["-c", PROGRAM, module]).args(names).stdin(Stdio::null()).output();
    match asked {
        Ok(said) if said.status.success() => String::from_utf8_lossy(&said.stdout).lines().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Adds them to the parameters of a class of Python.
pub(super) fn add(params: &mut Value) {
    let estimator = params["estimator"].as_str().unwrap_or_default();
    let packages = of(estimator.split(':').next().unwrap_or_default());
    if let Value::Object(params) = params {
        params.insert(KEY.into(), packages.into());
    }
}

/// Whether parameters differ in nothing but the packages of a Python.
pub(crate) fn are_alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let is_in_b = |(key, value): (&String, &Value)| {
                b.get(key).is_some_and(|other| {
                    let are_packages = key == KEY && listed(value).is_some() && listed(other).is_some();
                    are_packages || are_alike(value, other)
                })
            };
            a.len() == b.len() && a.iter().all(is_in_b)
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| are_alike(a, b)),
        _ => a == b,
    }
}

/// The packages that parameters name, also those of a component's parts: names and versions.
pub(crate) fn named(params: &Value) -> Vec<(&str, &str)> {
    match params {
        Value::Object(params) => params
            .iter()
            .flat_map(|(key, value)| match listed(value).filter(|_| key == KEY) {
                Some(packages) => packages,
                None => named(value),
            })
            .collect(),
        Value::Array(parts) => parts.iter().flat_map(named).collect(),
        _ => Vec::new(),
    }
}

/// What a list of packages says, or the one package of CatBoost; none for what is no such list.
fn listed(value: &Value) -> Option<Vec<(&str, &str)>> {
    match value {
        // A Python that has no CatBoost.
        Value::String(text) if text.is_empty() => Some(Vec::new()),
        Value::String(text) => text.split_once("==").map(|package| vec![package]),
        Value::Array(all) => all.iter().map(|value| value.as_str()?.split_once("==")).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_are_alike_that_differ_in_packages_only() {
        let of = |packages: Value, c: f64| json!({ "estimator": "a:B", "params": { "C": c }, "packages": packages });
        let (pinned, others) = (json!(["numpy==2.4.6"]), json!(["numpy==2.0.0", "scipy==1.0"]));
        assert!(are_alike(&of(pinned.clone(), 1.0), &of(others.clone(), 1.0)));
        assert!(are_alike(&of(pinned.clone(), 1.0), &of(json!([]), 1.0)));
        assert!(!are_alike(&of(pinned.clone(), 1.0), &of(others.clone(), 2.0)));
        // A parameter of a program that only has the name.
        assert!(!are_alike(&of(json!(3), 1.0), &of(json!(4), 1.0)));
        assert!(!are_alike(&of(json!(["a"]), 1.0), &of(json!(["b"]), 1.0)));
        assert!(!are_alike(&json!({ "packages": ["a==1"] }), &json!({})));
        let part =
            |packages: &Value| json!({ "estimators": [{ "family": "python", "params": of(packages.clone(), 1.0) }] });
        assert!(are_alike(&part(&pinned), &part(&others)));
        assert!(are_alike(&json!({ "packages": "catboost==1.2.10" }), &json!({ "packages": "" })));
    }

    #[test]
    fn packages_are_found_in_a_component_and_its_parts() {
        let params =
            json!({ "packages": ["numpy==2.4.6", "scipy==1.17.1"], "of": [{ "packages": "catboost==1.2.10" }] });
        assert_eq!(named(&params), [("numpy", "2.4.6"), ("scipy", "1.17.1"), ("catboost", "1.2.10")]);
        assert_eq!(named(&json!({ "packages": 3, "C": 1.0 })), []);
    }

    /// What the program prints in the Python of the machine, which has been given two packages by their metadata alone.
    #[test]
    fn a_python_names_what_a_module_comes_from_and_requires() {
        let folder = tempfile::tempdir().unwrap();
        let package = |name: &str, version: &str, more: &str, module: &str| {
            let info = folder.path().join(format!("{}-{version}.dist-info", name.replace('-', "_")));
            std::fs::create_dir(&info).unwrap();
            let text = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}");
            std::fs::write(info.join("METADATA"), text).unwrap();
            std::fs::write(info.join("top_level.txt"), module).unwrap();
        };
        let needs = "Requires-Dist: Fraud_Base>=1\nRequires-Dist: fraud-extra; extra == 'more'\n";
        package("Fraud.Learn", "0.9", needs, "fraudlearn\n");
        package("fraud-base", "1.5", "", "fraudbase\n");
        package("fraud-extra", "2.0", "", "fraudextra\n");
        package("numpy", "0.0.1", "", "numpy\n");
        // It would end the program, was it imported.
        std::fs::write(folder.path().join("fraudlearn.py"), "raise SystemExit(1)").unwrap();
        let said = Command::new("python3")
            .args(["-c", PROGRAM, "fraudlearn", "numpy", "nowhere"])
            .env("PYTHONPATH", folder.path())
            .output()
            .unwrap();
        let said = (said.status.success(), String::from_utf8(said.stdout).unwrap());
        assert_eq!(said, (true, "numpy==0.0.1\nfraud-base==1.5\nfraud-learn==0.9\n".to_owned()));
    }

    #[test]
    fn what_is_no_python_says_nothing() {
        assert_eq!(said_by(Path::new("/nowhere/python"), "sklearn"), Vec::<String>::new());
        assert_eq!(said_by(Path::new("false"), "sklearn"), Vec::<String>::new());
    }
}
