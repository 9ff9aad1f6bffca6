//! Before the data are loaded: which cells, and into which directory their records go.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::work::way;
use crate::cell::{Filter, Plan};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::os::is_same_file;
use crate::store::{Directory, Manifest};
use crate::study::{MAY_CHANGE, Study, are_alike_but};
use crate::words::quoted_path;

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
    New { path: PathBuf, filter: String, within: Option<Reserve> },
}

/// What makes the directory of a run in a folder, and says so.
pub(crate) type Reserve = fn(&Path) -> Result<PathBuf>;

/// Plans a study from its beginning: the cells that `filter` takes, with their records in a new results directory.
///
/// # Errors
/// [`Error::Usage`] for a filter that is none, names what the study has not, or takes no cell.
pub fn begin(study: Study, filter: &str, directory: &Path) -> Result<Planned> {
    begun(study, filter, directory, None)
}

/// The same, with the directory made by `reserve` in `folder`, when all else that a run could be refused for is looked at.
///
/// # Errors
/// Those of [`begin`].
pub(crate) fn begin_within(study: Study, filter: &str, folder: &Path, reserve: Reserve) -> Result<Planned> {
    begun(study, filter, folder, Some(reserve))
}

fn begun(study: Study, filter: &str, path: &Path, within: Option<Reserve>) -> Result<Planned> {
    let place = Place::New { path: path.to_owned(), filter: filter.to_owned(), within };
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
    let (directory, mut manifest) = Directory::open(directory)?;
    let study = match given {
        None => {
            let folder = study_folder(directory.path(), &manifest);
            Study::parse(&manifest.study, &manifest.study_file, &folder, registry)?
        }
        Some(path) => {
            let study = same_but_metrics(Study::read(path, registry)?, &manifest)?;
            // It may have been moved: it is looked for there from now on.
            manifest.study_file.clone_from(&study.file);
            manifest.study_folder = way(directory.path(), &study.folder).unwrap_or_default();
            study
        }
    };
    let filter = Filter::parse(&manifest.filter)?;
    let plan = Plan::of(&study, &manifest.data, &filter)?;
    Ok(Planned { study, filter, plan, place: Place::Begun(directory, Box::new(manifest)) })
}

/// Refuses a study that differs from that of the manifest in more than what cells are scored by.
fn same_but_metrics(study: Study, manifest: &Manifest) -> Result<Study> {
    if !are_alike_but(&study.text, &manifest.study, MAY_CHANGE) {
        return Err(Error::Study(format!(
            "{} is not the study that these results were begun with, and differs in more than `metrics` and `primary`: \
             leave it out, or start a new run",
            study.file
        )));
    }
    Ok(study)
}

/// The folder of a study file, where its relative paths start.
fn folder_of(file: &str) -> &Path {
    Path::new(file).parent().unwrap_or(Path::new("."))
}

/// The folder of the manifest's study: as it is seen from the results, unless the study lies only where its file's name leads from here.
/// A copy of the study for another table may lie where one stands.
pub(super) fn study_folder(directory: &Path, manifest: &Manifest) -> PathBuf {
    let (seen, here) = (directory.join(&manifest.study_folder), folder_of(&manifest.study_file));
    // The folder of a bare name is empty.
    let is_elsewhere = seen.is_dir() && !is_same_file(&seen, &here.join("."));
    let is_seen = !manifest.study_folder.is_empty() && is_elsewhere;
    match is_seen && (lies_in(&seen, manifest) || !lies_in(here, manifest)) {
        true => seen,
        false => here.to_owned(),
    }
}

/// Whether there is no such file.
pub(super) fn is_gone(fault: &Error) -> bool {
    matches!(fault, Error::Io { source, .. } if source.kind() == ErrorKind::NotFound)
}

/// That the study does not lie where its data were looked for, which `fault` may come from, and what to do; none where it does.
pub(super) fn moved(directory: &Path, manifest: &Manifest, study: &Study, fault: &Error) -> Option<Error> {
    (is_gone(fault) && !lies_in(&study.folder, manifest)).then(|| {
        Error::Data(format!(
            "the study of {} is not there either: where it was moved with its data, name it once, and its new place is kept: fraudbench \
             run STUDY --resume {}",
            directory.display(),
            quoted_path(directory)
        ))
    })
}

/// Whether a folder has the manifest's study. Another one may have the same name.
fn lies_in(folder: &Path, manifest: &Manifest) -> bool {
    let name = Path::new(&manifest.study_file).file_name().unwrap_or_default();
    let text = std::fs::read_to_string(folder.join(name));
    text.is_ok_and(|text| are_alike_but(&text, &manifest.study, MAY_CHANGE))
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

    /// The results directory; one that is not made yet may be within it.
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
        if let Place::New { path, within: None, .. } = &self.place {
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
