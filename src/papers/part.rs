//! One of the runs that a reproduction is made of.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::analyze::{Results, unfolded};
use crate::audit;
use crate::cell::axis::Facet;
use crate::cell::{AXES, Cell, Filter, Plan};
use crate::component::Registry;
use crate::data::catalogue;
use crate::error::{Error, Result};
use crate::simulate::{Handbook, Payments};
use crate::split::{Leak, Leaks};
use crate::study::Study;

/// One of the runs that a reproduction is made of: a study that is part of the program.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The name of its folder and on the command line.
    pub name: &'static str,
    /// What it is, for listings.
    pub about: &'static str,
    /// The study file, relative to the repository.
    pub file: &'static str,
    /// What the file says.
    pub text: &'static str,
    /// What it is run on.
    pub data: DataSet,
    /// The kind of its protocol.
    pub protocol: &'static str,
    /// The leak that the study is about; none where it must be honest, or is run as an audit.
    pub leak: Option<Leak>,
    /// Whether the study is run as an audit: honest and under each leak. Such a part is always whole.
    pub is_audit: bool,
    /// Whether it takes so long that it is run only when it is asked for.
    pub is_long: bool,
}

/// A part whose study is `experiments/FILE.toml`: its name, FILE, what it is, its data and kind of protocol; then its leak, or the
/// word `audit`, where it has either.
macro_rules! part {
    ($name:literal, $file:literal, $about:literal, $data:expr, $protocol:literal) => {
        part!($name, $file, $about, $data, $protocol, None, false)
    };
    ($name:literal, $file:literal, $about:literal, $data:expr, $protocol:literal, audit) => {
        part!($name, $file, $about, $data, $protocol, None, true)
    };
    ($name:literal, $file:literal, $about:literal, $data:expr, $protocol:literal, $leak:expr) => {
        part!($name, $file, $about, $data, $protocol, Some($leak), false)
    };
    ($name:literal, $file:literal, $about:literal, $data:expr, $protocol:literal, $leak:expr, $is_audit:literal) => {
        $crate::papers::Part {
            name: $name,
            about: $about,
            file: concat!("experiments/", $file, ".toml"),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/", $file, ".toml")),
            data: $data,
            protocol: $protocol,
            leak: $leak,
            is_audit: $is_audit,
            is_long: false,
        }
    };
}
pub(crate) use part;

/// What a part is run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataSet {
    /// A data set of the catalogue, which has to be downloaded.
    Catalogue(&'static str),
    /// The Fraud Detection Handbook's card transactions, which are made here.
    Transactions,
    /// Payments in two fields, which are made here.
    Payments,
}

impl DataSet {
    /// Its name in records and messages.
    pub fn name(self) -> &'static str {
        match self {
            DataSet::Catalogue(name) => name,
            DataSet::Transactions => "handbook",
            DataSet::Payments => "payments",
        }
    }

    /// What it needs, for listings.
    pub fn needs(self) -> &'static str {
        match self {
            DataSet::Catalogue(_) => "which `fraudbench data fetch` downloads",
            DataSet::Transactions | DataSet::Payments => "which is simulated: no download",
        }
    }

    /// What leaks by the data themselves, half a sentence.
    pub fn leak(self) -> Option<&'static str> {
        match self {
            DataSet::Catalogue(name) => catalogue::find(name).ok()?.leak,
            DataSet::Transactions | DataSet::Payments => None,
        }
    }

    pub(crate) fn sha256(self) -> Result<String> {
        match self {
            DataSet::Catalogue(name) => Ok(catalogue::find(name)?.sha256.to_owned()),
            DataSet::Transactions => Ok(Handbook::default().sha256()),
            DataSet::Payments => Ok(Payments::default().sha256()),
        }
    }
}

impl Part {
    /// Its study.
    ///
    /// # Errors
    /// [`Error::Study`] when the study is not valid; a test shows that it is.
    pub fn study(&self, registry: &Registry) -> Result<Study> {
        let study = self.written(registry)?;
        if self.is_audit { audit::study(&study, audit::SEEDS) } else { Ok(study) }
    }

    /// The study as its file has it; of an audit, without the leaks and repeats that an audit adds.
    ///
    /// # Errors
    /// As for [`Part::study`].
    pub fn written(&self, registry: &Registry) -> Result<Study> {
        let folder = Path::new(self.file).parent().unwrap_or(Path::new("."));
        Study::parse(self.text, self.file, folder, registry)
    }

    /// Whether `results` can stand for this part: its data, its splits, and pipelines of its grid.
    ///
    /// # Errors
    /// [`Error::Data`] naming `directory` and what does not fit.
    pub fn check(&self, results: &Results, directory: &Path) -> Result<()> {
        let place = directory.display();
        let sha256 = self.data.sha256()?;
        if results.manifest.table().sha256 != sha256 {
            return Err(Error::Data(format!(
                "{place} was run on `{}` with sha256 {}, and the paper's data are `{}` with {}",
                results.manifest.table().name,
                results.manifest.table().sha256,
                self.data.name(),
                sha256
            )));
        }
        let kind = self.protocol;
        let other = results.planned.iter().find(|p| p.cell.protocol.split('+').next() != Some(kind));
        if let Some(planned) = other {
            return Err(Error::Data(format!(
                "{place} has the protocol `{}`, and the part {} needs `{kind}`",
                planned.cell.protocol, self.name
            )));
        }
        let own = self.leak.map_or(Leaks::NONE, |leak| Leaks::of(&[leak]));
        let leaky = results.planned.iter().filter(|p| Leaks::of_protocol(&p.cell.protocol) != own).count();
        match (self.is_audit, leaky) {
            (true, 0) => {
                Err(Error::Data(format!("{place} is no audit: none of its protocols leaks; see `fraudbench audit`")))
            }
            (false, n) if n > 0 => Err(Error::Data(format!(
                "{place} has leaky protocols, and the part {} must be honest; it may be the part audit",
                self.name
            ))),
            _ => self.check_study(results, directory),
        }
    }

    /// Whether results that fit in kind are of this part's rows, divided as it divides them, and of any of its pipelines. A run may have
    /// taken fewer cells by a filter, and an audit other seeds and leaks.
    fn check_study(&self, results: &Results, directory: &Path) -> Result<()> {
        let own = self.study(&results.registry)?;
        let (given, plan) = unfolded(&results.manifest, &results.registry)?;
        let differs = |what: String| {
            Err(Error::Data(format!(
                "{} is a run of the study `{}`, and the part {} is `{}`, {what}: give the directory of that study's run",
                directory.display(),
                given.name,
                self.name,
                own.name
            )))
        };
        if self.division(&given) != self.division(&own) {
            let (other, wanted) = (given.protocol.words(), own.protocol.words());
            return differs(format!("whose rows are divided by `{wanted}` and not by `{other}`"));
        }
        for (given, own) in given.data.iter().zip(&own.data) {
            if given.sample != own.sample {
                return differs("which takes other rows of the data (`sample`)".into());
            }
            if given.features != own.features {
                return differs("which makes other features of the data".into());
            }
        }
        let whole = Plan::of(&own, &[], &Filter::default())?;
        let wanted: BTreeSet<String> = whole.cells.iter().map(|cell| pipeline(&own, cell)).collect();
        match plan.cells.iter().any(|cell| wanted.contains(&pipeline(&given, cell))) {
            true => Ok(()),
            false => differs("which has none of its pipelines".into()),
        }
    }

    /// What decides which rows a split has; of an audit without the number of repeats, which the command line may change.
    fn division<'s>(&self, study: &'s Study) -> (&'static str, Vec<(&'s String, &'s Value)>) {
        let params = study.protocol.params().as_object().into_iter().flatten();
        let decides = |(name, _): &(&String, &Value)| !(self.is_audit && *name == "repeats");
        (study.protocol.name(), params.filter(decides).collect())
    }
}

/// A cell's pipeline by its names, with what they stand for.
fn pipeline(study: &Study, cell: &Cell) -> String {
    let axes = AXES.iter().filter(|axis| axis.facet == Facet::Pipeline || axis.id == "dedup");
    let names: Vec<String> = axes.map(|axis| axis.value(&cell.id).to_string()).collect();
    format!("{names:?} {:?}", cell.components(study))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::papers::ruchay_2023::sample::manifest;
    use crate::papers::{PAPERS, find};
    use crate::store::Manifest;

    /// The manifest of a run of a part's study.
    fn run(part: &Part) -> Manifest {
        let mut manifest = manifest(&part.study(&Registry::built_in()).unwrap().text);
        let facts = &mut manifest.data[0];
        (facts.name, facts.sha256) = (part.data.name().to_owned(), part.data.sha256().unwrap());
        // `smote` is told that these are whole numbers.
        for (column, name) in facts.columns.iter_mut().zip(["TX_DURING_WEEKEND", "TX_DURING_NIGHT"]) {
            column.name = name.into();
        }
        manifest
    }

    fn check(part: &Part, manifest: Manifest) -> Result<(), String> {
        let results = Results::of(manifest, Vec::new(), &Registry::built_in()).unwrap();
        part.check(&results, Path::new("runs/x")).map_err(|e| e.to_string())
    }

    #[test]
    fn the_run_of_another_part_is_refused() {
        for paper in ["handbook", "kochnev-2023"].map(|name| find(PAPERS, name).unwrap()) {
            for other in paper.parts {
                let manifest = run(other);
                for part in paper.parts {
                    let checked = check(part, manifest.clone());
                    assert_eq!(checked.is_ok(), part == other, "{} for {}: {checked:?}", other.name, part.name);
                }
            }
        }
    }

    #[test]
    fn what_differs_is_told_with_part_directory_and_study() {
        let part = |paper: &str, name: &str| find(PAPERS, paper).unwrap().part(name).unwrap();
        let said = |part: &Part, other: &Part| check(part, run(other)).unwrap_err();
        let (validation, test) = (part("handbook", "selection-validation"), part("handbook", "selection-test"));
        let said_of_folds = said(validation, test);
        let begins = "runs/x is a run of the study `handbook-selection-test`, and the part selection-validation is \
                      `handbook-selection-validation`, whose rows are divided by `prequential (";
        assert!(said_of_folds.starts_with(begins), "{said_of_folds}");
        let (wanted, other) = said_of_folds.split_once(" and not by ").unwrap();
        assert!(wanted.contains("start 2018-06-20") && other.contains("start 2018-07-25"), "{said_of_folds}");
        assert!(said(part("handbook", "weights-test"), test).contains("which has none of its pipelines: give the dir"));
        let said = said(part("kochnev-2023", "cut"), part("kochnev-2023", "whole"));
        assert!(said.contains("which takes other rows of the data (`sample`)"), "{said}");
        // The same names for other models are other pipelines.
        let mut changed = run(part("handbook", "first"));
        for (old, new) in [("max_depth = 2", "max_depth = 3"), ("\"logistic-regression\"", "\"gaussian-nb\"")] {
            assert!(changed.study.contains(old));
            changed.study = changed.study.replace(old, new);
        }
        assert!(check(part("handbook", "first"), changed.clone()).is_ok(), "others are still the part's");
        changed.filter = "classifier=decision-tree-2".into();
        let said = check(part("handbook", "first"), changed).unwrap_err();
        assert!(said.contains("which has none of its pipelines"), "{said}");
    }

    #[test]
    fn fewer_cells_and_other_seeds_of_an_audit_are_the_parts() {
        let part = |paper: &str, name: &str| find(PAPERS, paper).unwrap().part(name).unwrap();
        let mut filtered = run(part("handbook", "selection-test"));
        filtered.filter = "classifier=tree-5,fold=0".into();
        assert_eq!(check(part("handbook", "selection-test"), filtered), Ok(()));
        let audited = part("ruchay-2023", "audit");
        let written = audited.written(&Registry::built_in()).unwrap();
        let few = manifest(&audit::study(&written, 3).unwrap().text);
        assert_eq!(check(audited, few), Ok(()));
    }
}
