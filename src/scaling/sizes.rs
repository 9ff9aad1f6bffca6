//! From numbers of rows, shares and names of components to a study and its filter.

use std::path::Path;

use toml::{Table, Value};

use super::series::percent;
use crate::classify::BASELINE;
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::study::Study;

/// Scales the columns for the families.
const SCALER: &str = "standard";
/// Fits in no time, whatever the rows: it follows the scalers and resamplers that are measured.
const CARRIER: &str = BASELINE;
/// The share of rows that test.
const TEST: f64 = 0.2;
/// What the study's text is called in messages.
const FILE: &str = "scaling";
/// How its text begins.
const HEAD: &str = "# Made by `fraudbench scaling`.";

/// What is measured, at which sizes and shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Sizes {
    /// Numbers of rows.
    pub rows: Vec<usize>,
    /// Shares of positives, between 0 and 1. Scalers do not look at labels and are measured at the first share only.
    pub positives: Vec<f64>,
    /// Feature columns.
    pub columns: usize,
    /// The seed of the data, the split and the components.
    pub seed: u32,
    /// Families, `NAME` or `NAME/BACKEND`, each fitted on standardised columns.
    pub families: Vec<String>,
    /// Scalers.
    pub scalers: Vec<String>,
    /// Resamplers.
    pub resamplers: Vec<String>,
    /// Deadline of a cell, and of its prefix's resampler and scaler each, in seconds.
    pub seconds: u64,
    /// MiB that a cell may take beside the shared matrices; none for the run's default.
    pub memory: Option<u64>,
}

impl Sizes {
    /// Every family of `registry` that needs no parameters, once.
    pub fn all_families(registry: &Registry) -> Vec<String> {
        let usable = |id: &str| {
            let entry = registry.classifier(id, None).ok().filter(|entry| entry.id != "debug");
            entry.is_some_and(|entry| entry.build(&Table::new(), registry).is_ok())
        };
        distinct(registry.classifiers().iter().map(|entry| entry.id.to_owned()).filter(|id| usable(id)))
    }

    /// The study, and the filter that leaves out what nobody asked for: families behind other scalers, and scalers at other
    /// shares than the first.
    ///
    /// # Errors
    /// [`Error::Usage`] where nothing is to be measured; what [`Study::parse`] refuses.
    pub fn study(&self, registry: &Registry) -> Result<(Study, String)> {
        let families = distinct(self.families.iter().cloned());
        let resamplers = distinct(self.resamplers.iter().filter(|name| *name != "none").cloned());
        let mut scalers = distinct(self.scalers.iter().cloned());
        let measured_scalers = scalers.clone();
        if families.is_empty() && scalers.is_empty() && resamplers.is_empty() {
            return Err(Error::Usage("nothing to measure: name a family, a scaler or a resampler".into()));
        }
        if !families.is_empty() && !scalers.iter().any(|name| name == SCALER) {
            scalers.insert(0, SCALER.into());
        }
        if scalers.is_empty() {
            scalers.push("none".into());
        }
        let is_carried = families.iter().any(|name| name == CARRIER);
        let mut classifiers: Vec<Value> = families.iter().map(|name| classifier(name)).collect();
        if !is_carried {
            classifiers.push(CARRIER.into());
        }
        let grid = [
            ("dedup", Value::Boolean(true)),
            ("resamplers", names(std::iter::once("none").chain(resamplers.iter().map(String::as_str)))),
            ("scalers", names(scalers.iter().map(String::as_str))),
            ("classifiers", Value::Array(classifiers)),
        ];
        let text = toml::to_string(&self.table(grid)).map_err(|e| Error::Usage(format!("{FILE}: {e}")))?;
        let text = format!("{HEAD}\n{text}");
        let study = Study::parse(&text, FILE, Path::new("."), registry)?;
        let mut parts = Vec::new();
        if !families.is_empty() {
            let fitted = study.classifiers.iter().map(|c| &c.name).filter(|name| is_carried || *name != CARRIER);
            parts.push(format!("resampler=none,scaler={SCALER}{}", any("classifier", fitted)));
        }
        if !measured_scalers.is_empty() {
            let first = study.data.iter().map(|spec| &spec.name).step_by(self.shares().len());
            parts.push(format!(
                "resampler=none,classifier={CARRIER}{}{}",
                any("scaler", &measured_scalers),
                any("data-set", first)
            ));
        }
        if !resamplers.is_empty() {
            parts.push(format!("scaler={},classifier={CARRIER}{}", scalers[0], any("resampler", &resamplers)));
        }
        Ok((study, parts.join("; ")))
    }

    /// Whether a study with this file's name and text is one of [`Sizes::study`]. Its text alone does not tell: it may have been copied
    /// into a file, whose runs are a user's own.
    pub fn is_study(file: &str, text: &str) -> bool {
        file == FILE && text.starts_with(HEAD)
    }

    fn shares(&self) -> Vec<f64> {
        distinct(self.positives.iter().map(|share| share.to_bits())).into_iter().map(f64::from_bits).collect()
    }

    fn table(&self, grid: [(&str, Value); 4]) -> Table {
        let table = |pairs: &[(&str, Value)]| -> Table {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
        };
        let mut rows = distinct(self.rows.iter().copied());
        // Smaller sizes first, so that what there is at any time reaches equally far for all.
        rows.sort_unstable();
        let mut data = Vec::new();
        for rows in rows {
            for share in self.shares() {
                let simulate = [
                    ("rows", Value::Integer(rows as i64)),
                    ("positives", share.into()),
                    ("columns", Value::Integer(self.columns as i64)),
                    ("seed", Value::Integer(i64::from(self.seed))),
                ];
                let name = format!("{rows}-rows-{}-percent", percent(share));
                data.push(Value::Table(table(&[("name", name.into()), ("simulate", table(&simulate).into())])));
            }
        }
        let mut limits = vec![("cell_seconds", Value::Integer(self.seconds as i64))];
        limits.extend(self.memory.map(|mib| ("cell_memory", Value::Integer(mib as i64))));
        limits.extend(["one_table", "fresh_workers", "skip_larger"].map(|key| (key, Value::Boolean(true))));
        table(&[
            ("name", FILE.into()),
            ("title", "Growth with the number of rows".into()),
            ("seed", Value::Integer(i64::from(self.seed))),
            ("data", Value::Array(data)),
            ("protocol", table(&[("kind", "hold-out".into()), ("test", TEST.into())]).into()),
            ("grid", table(&grid).into()),
            ("limits", table(&limits).into()),
        ])
    }
}

/// `NAME` or `NAME/BACKEND` as a study writes it.
fn classifier(name: &str) -> Value {
    match name.split_once('/') {
        None => name.into(),
        Some((family, backend)) => {
            Table::from_iter([("family".to_owned(), family.into()), ("backend".to_owned(), backend.into())]).into()
        }
    }
}

fn names<'n>(names: impl Iterator<Item = &'n str>) -> Value {
    Value::Array(names.map(Value::from).collect())
}

/// Further conditions of a filter: any of these values.
fn any<'v>(key: &str, values: impl IntoIterator<Item = &'v String>) -> String {
    values.into_iter().map(|value| format!(",{key}={value}")).collect()
}

fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{Filter, Plan};

    fn sizes(families: &[&str], scalers: &[&str], resamplers: &[&str]) -> Sizes {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Sizes {
            rows: vec![1_000, 100],
            positives: vec![0.1, 0.5],
            columns: 5,
            seed: 1,
            families: own(families),
            scalers: own(scalers),
            resamplers: own(resamplers),
            seconds: 60,
            memory: None,
        }
    }

    /// Data set, resampler, scaler, classifier of every cell.
    fn cells(sizes: &Sizes) -> Vec<String> {
        let (study, filter) = sizes.study(&Registry::built_in()).unwrap();
        let plan = Plan::of(&study, &[], &Filter::parse(&filter).unwrap()).unwrap();
        let said =
            |id: &crate::cell::CellId| format!("{} {} {} {}", id.data_set, id.resampler, id.scaler, id.classifier);
        plan.cells.iter().map(|cell| said(&cell.id)).collect()
    }

    #[test]
    fn every_component_is_measured_once_per_size_and_scalers_at_one_share() {
        let all = cells(&sizes(&["svc"], &["quantile"], &["tomek-links"]));
        let at = |rows: usize, share: u32| {
            let name = format!("{rows}-rows-{share}-percent");
            let scaler = (share == 10).then(|| format!("{name} none quantile prior"));
            let mut cells = vec![format!("{name} none standard svc")];
            cells.extend(scaler);
            cells.push(format!("{name} tomek-links standard prior"));
            cells
        };
        assert_eq!(all, [at(100, 10), at(100, 50), at(1_000, 10), at(1_000, 50)].concat());
    }

    #[test]
    fn what_is_not_asked_for_is_not_in_the_plan() {
        assert_eq!(cells(&sizes(&["prior"], &[], &[])).len(), 4);
        assert_eq!(
            cells(&sizes(&[], &["standard"], &[])),
            ["100-rows-10-percent none standard prior", "1000-rows-10-percent none standard prior"]
        );
        assert_eq!(cells(&sizes(&[], &[], &["tomek-links"]))[0], "100-rows-10-percent tomek-links none prior");
        let backends = cells(&sizes(&["svc", "decision-tree/linfa", "svc"], &[], &[]));
        assert!(backends.len() == 8 && backends[1].ends_with("standard decision-tree-linfa"), "{backends:?}");
        let said = sizes(&[], &[], &["none"]).study(&Registry::built_in()).err().unwrap().to_string();
        assert!(said.contains("nothing to measure"), "{said}");
    }

    #[test]
    fn all_families_can_be_built_without_parameters() {
        let families = Sizes::all_families(&Registry::built_in());
        assert!(families.iter().any(|id| id == "prior") && families.iter().any(|id| id == "lightgbm"), "{families:?}");
        assert!(families.iter().all(|id| !["debug", "external", "python"].contains(&id.as_str())), "{families:?}");
    }
}
