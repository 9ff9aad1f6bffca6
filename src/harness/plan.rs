//! Before the data are loaded: which cells, and into which directory their records go.

use std::path::{Path, PathBuf};

use crate::cell::{Filter, Plan};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::store::{Directory, Manifest};
use crate::study::Study;

/// A study with its cells, and where its records go.
pub struct Planned {
    pub(super) study: Study,
    pub(super) filter: Filter,
    /// Without regard to what fits the data, which are not there yet.
    pub(super) plan: Plan,
    pub(super) place: Place,
}

/// A results directory before the data are loaded.
pub(super) enum Place {
    /// One that was begun. It is locked from here on.
    Begun(Directory, Box<Manifest>),
    /// One that is to be made.
    New { path: PathBuf, filter: String },
}

/// Plans a study from its beginning: the cells that `filter` takes, with their records in a new results directory.
///
/// # Errors
/// [`Error::Usage`] for a filter that is none, names what the study has not, or takes no cell.
pub fn begin(study: Study, filter: &str, directory: &Path) -> Result<Planned> {
    let place = Place::New { path: directory.to_owned(), filter: filter.to_owned() };
    let filter = Filter::parse(filter)?;
    let plan = Plan::of(&study, &[], &filter)?;
    Ok(Planned { study, filter, plan, place })
}

/// Plans the rest of a study from the results directory that it was begun in. A study file given beside it must be the same,
/// or differ in its metrics only, and takes the old one's place then. What the study may name stands in `registry`.
///
/// # Errors
/// [`Error::Store`] when it is no results directory or of a newer format; [`Error::Usage`] when another run is using it;
/// [`Error::Study`] when the study is another.
pub fn resume(directory: &Path, given: Option<&Path>, registry: &Registry) -> Result<Planned> {
    let (directory, manifest) = Directory::open(directory)?;
    let study = match given {
        None => {
            let folder = study_folder(directory.path(), &manifest);
            Study::parse(&manifest.study, &manifest.study_file, &folder, registry)?
        }
        Some(path) => same_but_metrics(Study::read(path, registry)?, &manifest)?,
    };
    let filter = Filter::parse(&manifest.filter)?;
    let plan = Plan::of(&study, &manifest.data, &filter)?;
    Ok(Planned { study, filter, plan, place: Place::Begun(directory, Box::new(manifest)) })
}

/// Refuses a study that differs from that of the manifest in more than what cells are scored by.
fn same_but_metrics(study: Study, manifest: &Manifest) -> Result<Study> {
    if study.text != manifest.study && without_metrics(&study.text) != without_metrics(&manifest.study) {
        return Err(Error::Study(format!(
            "{} is not the study that these results were begun with, and differs in more than `metrics` and `primary`: \
             leave it out, or start a new run",
            study.file
        )));
    }
    Ok(study)
}

/// A study's tables without what may change between the runs into one directory; none where it is no TOML.
fn without_metrics(text: &str) -> Option<toml::Table> {
    let mut table: toml::Table = text.parse().ok()?;
    table.remove("metrics");
    table.remove("primary");
    Some(table)
}

/// The folder of a study file, where its relative paths start.
fn folder_of(file: &str) -> &Path {
    Path::new(file).parent().unwrap_or(Path::new("."))
}

/// The folder of the manifest's study; where its file's name leads nowhere from here, as it is seen from the results.
pub(super) fn study_folder(directory: &Path, manifest: &Manifest) -> PathBuf {
    let seen = directory.join(&manifest.study_folder);
    // Another study may have the same name here.
    let text = std::fs::read_to_string(&manifest.study_file).ok();
    let is_here = text.is_some_and(|text| without_metrics(&text) == without_metrics(&manifest.study));
    match is_here || manifest.study_folder.is_empty() || !seen.is_dir() {
        true => folder_of(&manifest.study_file).to_owned(),
        false => seen,
    }
}

impl Planned {
    /// The study.
    pub fn study(&self) -> &Study {
        &self.study
    }

    /// Its cells; those that do not fit the data are among them until [`Planned::open`].
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The results directory.
    pub fn directory(&self) -> &Path {
        match &self.place {
            Place::Begun(directory, _) => directory.path(),
            Place::New { path, .. } => path,
        }
    }

    /// Refuses a directory for new results that cannot be taken, before the data are read.
    ///
    /// # Errors
    /// [`Error::Usage`] when it holds results or other files, or is in use.
    pub fn check_place(self) -> Result<Self> {
        if let Place::New { path, .. } = &self.place {
            Directory::refuse_taken(path)?;
        }
        Ok(self)
    }

    /// Whether scores and labels of test rows are to be kept where nobody says so: as a run that was begun had it.
    pub fn keeps_predictions(&self) -> bool {
        self.manifest().is_none_or(|manifest| manifest.predictions)
    }

    /// What the results directory says of the run that was begun in it; none where it is new.
    pub fn manifest(&self) -> Option<&Manifest> {
        match &self.place {
            Place::Begun(_, manifest) => Some(manifest),
            Place::New { .. } => None,
        }
    }
}
