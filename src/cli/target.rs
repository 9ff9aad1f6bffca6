//! Where a run's records go, and what belongs to them: study, plan and the facts of the data.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::data::{self, Dataset, Deduplicated};
use crate::error::{Error, Result};
use crate::run::Limits;
use crate::store::{DataFacts, Directory, FORMAT, MANIFEST_FILE, Machine, Manifest};
use crate::study::{Filter, Plan, Study};

/// A results directory, and what is planned in it.
pub(super) struct Target {
    pub directory: Directory,
    pub manifest: Manifest,
    pub study: Study,
    pub plan: Plan,
}

/// The study that a results directory was made with, and its plan; a study file given beside it must be the same.
pub(super) fn planned(manifest: &Manifest, given: Option<&Path>) -> Result<(Study, Plan)> {
    let study = study_of(manifest, given)?;
    let plan = Plan::of(&study, &Filter::parse(&manifest.filter)?)?;
    Ok((study, plan))
}

/// Results on different data do not mix.
fn refuse_other_data(directory: &Directory, manifest: &Manifest, facts: &DataFacts) -> Result<()> {
    match manifest.data.sha256 == facts.sha256 {
        true => Ok(()),
        false => Err(Error::Data(format!(
            "{} was run on data with sha256 {}, and these have {}: results on different data do not mix",
            directory.path().display(),
            manifest.data.sha256,
            facts.sha256
        ))),
    }
}

/// A results directory before the data are loaded: one that was begun, or one that is to be made.
pub(super) enum Place {
    /// It is locked from here on.
    Begun(Directory, Box<Manifest>),
    New {
        path: PathBuf,
        filter: String,
    },
}

impl Place {
    /// Opens it for records of these data; a new one gets its manifest.
    ///
    /// # Errors
    /// [`Error::Data`] where it holds results on other data; those of [`Directory::create`].
    pub(super) fn enter(self, study: &Study, limits: Limits, facts: DataFacts) -> Result<(Directory, Manifest)> {
        match self {
            Place::Begun(directory, manifest) => {
                refuse_other_data(&directory, &manifest, &facts)?;
                Ok((directory, *manifest))
            }
            Place::New { path, filter } => {
                let directory = Directory::create(&path)?;
                let manifest = new_manifest(study, filter, limits, facts);
                manifest.write(&directory.path().join(MANIFEST_FILE))?;
                Ok((directory, manifest))
            }
        }
    }
}

fn study_of(manifest: &Manifest, given: Option<&Path>) -> Result<Study> {
    let folder = Path::new(&manifest.study_file).parent().unwrap_or(Path::new("."));
    let study = Study::parse(&manifest.study, &manifest.study_file, folder)?;
    if let Some(path) = given
        && Study::read(path)?.text != study.text
    {
        return Err(Error::Study(format!(
            "{} is not the study that these results were begun with; leave it out, or start a new run",
            path.display()
        )));
    }
    Ok(study)
}

pub(super) fn load(study: &Study) -> Result<(Dataset, Deduplicated)> {
    let dataset = data::load(&study.data)?;
    if study.data.impute.is_none() {
        data::refuse_missing(&dataset)?;
    }
    let dedup = data::dedup(&dataset);
    let rows = dataset.y.len();
    let positives = dataset.y.iter().filter(|&&label| label == 1).count();
    eprintln!(
        "{}: {rows} rows, {positives} positive, {} columns; {} exact duplicate rows",
        dataset.name,
        dataset.columns.len(),
        rows - dedup.keep.len()
    );
    if dedup.conflicting > 0 {
        eprintln!(
            "warning: {} groups of equal feature rows have different labels; they are kept as they are",
            dedup.conflicting
        );
    }
    Ok((dataset, dedup))
}

pub(super) fn data_facts(data: &Dataset, dedup: &Deduplicated) -> DataFacts {
    let positives = data.y.iter().filter(|&&label| label == 1).count();
    let kept = dedup.keep.iter().filter(|&&row| data.y[row] == 1).count();
    DataFacts {
        name: data.name.clone(),
        sha256: data.sha256.clone(),
        rows: data.y.len() as u64,
        columns: data.columns.len() as u64,
        positives: positives as u64,
        duplicate_rows: (data.y.len() - dedup.keep.len()) as u64,
        duplicate_positives: (positives - kept) as u64,
        conflicting: dedup.conflicting as u64,
    }
}

fn new_manifest(study: &Study, filter: String, limits: Limits, data: DataFacts) -> Manifest {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    Manifest {
        format: FORMAT,
        fraudbench: env!("CARGO_PKG_VERSION").into(),
        command: format!("fraudbench {}", arguments.join(" ")),
        started_unix: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()),
        study_file: study.file.clone(),
        filter,
        threads: limits.threads as u32,
        cell_threads: limits.cell_threads as u32,
        data,
        machine: Machine::here(),
        study: study.text.clone(),
    }
}
