//! Which packages the Python has in which classes run: what another set of packages computes is another result, so a record and its
//! key name them. `FRAUDBENCH_PYTHON` is asked what it has; the installed Python has what this version pins.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::pipe::Pipe;
use super::python::{INSTEAD, VARIABLE, own, pinned};
use crate::error::{Error, Result};

/// Prints what a Python has. It imports nothing of a study.
const PROGRAM: &str = include_str!("packages.py");
/// How long a Python may take to say what it has. It reads the names of its packages, on a slow disk perhaps.
const PATIENCE: Duration = Duration::from_secs(120);
/// The parameter of a record that lists them.
const KEY: &str = "packages";

/// What was asked already: a study may name a module a hundred times.
static ASKED: Mutex<Vec<Asked>> = Mutex::new(Vec::new());

/// A Python, a module, and what it said, or that it has not answered.
type Asked = (PathBuf, String, Result<Vec<String>, String>);

/// The packages that a class of `module` may use, `name==version` each. Of a Python of one's own these are those that it has of the
/// pinned ones, and after them what the module comes from with all that it requires; none where it does not say, as the cells will
/// say why.
///
/// # Errors
/// It has not answered in time: a record would not name what made it.
pub(super) fn of(module: &str) -> Result<Vec<String>> {
    match own() {
        None => Ok(pinned().map(str::to_owned).collect()),
        Some(python) => {
            let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
            once(&mut asked, python, module.split('.').next().unwrap_or_default(), PATIENCE)
        }
    }
}

/// What a Python said, or says now. One that has not answered about a module would not about another.
fn once(asked: &mut Vec<Asked>, python: PathBuf, module: &str, patience: Duration) -> Result<Vec<String>> {
    let is_answer = |(by, of, said): &&Asked| *by == python && (of == module || said.is_err());
    let said = match asked.iter().find(is_answer) {
        Some((_, _, known)) => known.clone(),
        None => {
            let found = said_by(&python, module, patience).map_err(|e| e.to_string());
            asked.push((python, module.to_owned(), found.clone()));
            found
        }
    };
    said.map_err(Error::Component)
}

fn said_by(python: &Path, module: &str, patience: Duration) -> Result<Vec<String>> {
    let names = pinned().filter_map(|package| package.split_once("==")).map(|(name, _)| name);
    let python = python.to_string_lossy();
    let words = [&*python, "-c", PROGRAM, module].into_iter().chain(names);
    let Ok(mut pipe) = Pipe::start(&words.map(str::to_owned).collect::<Vec<_>>(), false) else { return Ok(Vec::new()) };
    pipe.close();
    let until = Instant::now() + patience;
    let mut said = Vec::new();
    loop {
        let line = pipe.line(Some(until));
        if Instant::now() > until {
            return Err(Error::Component(format!(
                "{VARIABLE} names `{}`, which has not said within {} s which packages it has: {INSTEAD}",
                python,
                patience.as_secs_f64()
            )));
        }
        if line.is_empty() {
            break;
        }
        said.push(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
    Ok(if pipe.child.end().is_well() { said } else { Vec::new() })
}

/// Adds them to the parameters of a class of Python.
///
/// # Errors
/// Those of [`of`].
pub(super) fn add(params: &mut Value) -> Result<()> {
    let estimator = params["estimator"].as_str().unwrap_or_default();
    let packages = of(estimator.split(':').next().unwrap_or_default())?;
    if let Value::Object(params) = params {
        params.insert(KEY.into(), packages.into());
    }
    Ok(())
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
    use std::process::Command;

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
        for python in ["/nowhere/python", "false"] {
            assert_eq!(said_by(Path::new(python), "sklearn", PATIENCE).unwrap(), Vec::<String>::new(), "{python}");
        }
    }

    #[test]
    fn a_python_that_never_answers_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let python = folder.path().join("python");
        // Written by another process: a fork of a test beside this one may hold a file open that this one has written.
        let script = "printf '#!/bin/sh\necho numpy==1.0\nsleep 1000\n' > \"$0\"; chmod +x \"$0\"";
        assert!(Command::new("sh").args(["-c", script]).arg(&python).status().unwrap().success());
        let (started, patience) = (Instant::now(), Duration::from_millis(500));
        let said = said_by(&python, "sklearn", patience).unwrap_err().to_string();
        assert!(said.contains("which has not said within 0.5 s which packages it has: set it to a Python"), "{said}");
        assert!(started.elapsed() < Duration::from_secs(100), "{:?}", started.elapsed());
    }

    #[test]
    fn a_python_that_never_answers_is_waited_for_once() {
        let folder = tempfile::tempdir().unwrap();
        let (python, asked) = (folder.path().join("python"), folder.path().join("asked"));
        let script = "printf '#!/bin/sh\necho >> %s\nsleep 1000\n' \"$1\" > \"$0\"; chmod +x \"$0\"";
        assert!(Command::new("sh").args(["-c", script]).args([&python, &asked]).status().unwrap().success());
        let mut known = Vec::new();
        let mut said =
            |module: &str| once(&mut known, python.clone(), module, Duration::from_secs(3)).unwrap_err().to_string();
        let first = said("sklearn");
        assert!(first.contains("which has not said within 3 s which packages it has"), "{first}");
        assert_eq!([said("sklearn"), said("imblearn")], [first.clone(), first]);
        // On a busy machine its time may be over before its first line is done.
        let lines = std::fs::read_to_string(asked).unwrap_or_default();
        assert!(lines.len() <= 1 && known.len() == 1, "it was started once: {lines:?}, {known:?}");
        let other = once(&mut known, "false".into(), "sklearn", PATIENCE);
        assert_eq!(other.unwrap(), Vec::<String>::new(), "another Python is asked all the same");
    }
}
