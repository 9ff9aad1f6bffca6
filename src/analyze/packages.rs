//! Which packages of Python a run's scores are by.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::external::packages::named;
use crate::external::python::pinned;
use crate::store::{Outcome, Record};
use crate::words::counted;

/// A package of Python, and how many scored cells each of its versions computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The cells by version.
    pub versions: BTreeMap<String, usize>,
}

impl Package {
    /// `scikit-learn 1.6.1`, or `scikit-learn 1.6.1 in 3 cells and 1.9.1 in 1 cell`.
    pub fn said(&self) -> String {
        let versions = self.versions.iter().map(|(version, cells)| match self.is_mixed() {
            true => format!("{version} in {}", counted(*cells as u64, "cell")),
            false => version.clone(),
        });
        format!("{} {}", self.name, versions.collect::<Vec<_>>().join(" and "))
    }

    /// Whether cells are by different versions of it.
    pub fn is_mixed(&self) -> bool {
        self.versions.len() > 1
    }
}

/// The packages of which some scored cell has another version than the pinned one, or of which none is pinned; by name.
pub fn others_than_pinned(records: &[Record]) -> Vec<Package> {
    let mut all: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
    for record in records.iter().filter(|record| record.outcome == Outcome::Scored) {
        for (name, version) in of_one(record) {
            *all.entry(name).or_default().entry(version.to_owned()).or_default() += 1;
        }
    }
    let is_pinned = |name: &str, version: &str| pinned().any(|own| own.split_once("==") == Some((name, version)));
    let is_other = |(name, versions): &(&str, BTreeMap<String, usize>)| versions.keys().any(|v| !is_pinned(name, v));
    let package = |(name, versions): (&str, BTreeMap<String, usize>)| Package { name: name.to_owned(), versions };
    all.into_iter().filter(is_other).map(package).collect()
}

/// What a record's components name. What the Python said itself counts more: older records name the pinned packages whatever Python
/// there was.
fn of_one(record: &Record) -> BTreeMap<&str, &str> {
    let mut all: BTreeMap<&str, &str> = record.components().into_iter().flat_map(|(_, f)| named(&f.params)).collect();
    let installed = record.details.as_ref().and_then(found).map(Vec::as_slice).unwrap_or_default();
    for (name, version) in installed.iter().filter_map(|package| package.as_str()?.split_once("==")) {
        all.entry(name).and_modify(|own| *own = version);
    }
    all
}

/// The packages that the model's process had imported, however deep below a search the model is.
fn found(details: &Value) -> Option<&Vec<Value>> {
    details.get("installed").and_then(Value::as_array).or_else(|| details.get("model").and_then(found))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::store::Directory;

    /// Two cells of a class of Python with these packages, of which the process said `installed`.
    fn records(packages: [&[&str]; 2], installed: &Value) -> Vec<Record> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/families-5-fold");
        let (_, records) = Directory::read(&folder).unwrap();
        let record = records.into_iter().find(|record| record.outcome == Outcome::Scored).unwrap();
        let with = |packages: &[&str]| {
            let mut record = record.clone();
            record.classifier_facts.params = json!({ "estimator": "sklearn.svm:SVC", "packages": packages });
            record.details = Some(installed.clone());
            record
        };
        packages.map(with).into()
    }

    fn said(packages: [&[&str]; 2], installed: &Value) -> Vec<String> {
        others_than_pinned(&records(packages, installed)).iter().map(Package::said).collect()
    }

    #[test]
    fn packages_that_are_not_the_pinned_ones_are_named_with_their_cells() {
        let pinned: &[&str] = &["numpy==2.4.6", "scikit-learn==1.9.1"];
        let old: &[&str] = &["interpret==0.6", "numpy==2.4.6", "scikit-learn==1.6.1"];
        assert_eq!(said([pinned, pinned], &Value::Null), Vec::<String>::new());
        assert_eq!(said([old, old], &Value::Null), ["interpret 0.6", "scikit-learn 1.6.1"]);
        assert_eq!(
            said([old, pinned], &Value::Null),
            ["interpret 0.6", "scikit-learn 1.6.1 in 1 cell and 1.9.1 in 1 cell"]
        );
    }

    #[test]
    fn what_the_python_said_itself_counts_more_than_what_older_records_claim() {
        let pinned: &[&str] = &["numpy==2.4.6", "scikit-learn==1.9.1"];
        // What is imported beside the packages of the key, such as setuptools, is none of them.
        let installed = json!(["numpy==2.4.6", "scikit-learn==1.6.1", "setuptools==65.5.0"]);
        for details in [json!({ "installed": installed }), json!({ "model": { "installed": installed } })] {
            assert_eq!(said([pinned, pinned], &details), ["scikit-learn 1.6.1"]);
        }
    }

    #[test]
    fn committed_results_are_by_the_pinned_packages() {
        for run in ["families-5-fold", "ruchay-2023-reproduction/hold-out"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results").join(run);
            let (_, records) = Directory::read(&folder).unwrap();
            assert!(records.iter().any(|record| record.family == "catboost"), "{run}");
            assert_eq!(others_than_pinned(&records), [], "{run}");
        }
    }
}
