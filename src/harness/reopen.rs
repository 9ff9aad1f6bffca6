//! A results directory with its study and its data, for those who fit pipelines of it again and write no records.

use std::path::{Path, PathBuf};

use super::load;
use super::plan::{is_gone, moved, study_folder};
use crate::analyze::Results;
use crate::component::Registry;
use crate::data::{Dataset, Deduplicated, TableFacts};
use crate::error::{Error, Result};
use crate::os::start_threads;
use crate::store::Directory;
use crate::study::{DataSource, Study};

/// What a results directory was made of.
pub(crate) struct Reopened {
    /// The directory.
    pub directory: PathBuf,
    /// The study.
    pub study: Study,
    /// What is in the directory.
    pub results: Results,
}

/// Reads a results directory, which another process may be using. What the study may name stands in `registry`.
///
/// # Errors
/// [`Error::Store`] when it is no results directory or of a newer format; [`Error::Study`] when its study is none.
pub(crate) fn reopen(directory: &Path, registry: &Registry) -> Result<Reopened> {
    start_threads()?;
    let (manifest, records) = Directory::read(directory)?;
    let folder = study_folder(directory, &manifest);
    let study = Study::parse(&manifest.study, &manifest.study_file, &folder, registry)?;
    let results = Results::of(manifest, records, registry)?;
    Ok(Reopened { directory: directory.to_owned(), study, results })
}

impl Reopened {
    /// A data set of the study by its number, and what dedup keeps of it. `file` is where its table is now, if it was moved.
    ///
    /// # Errors
    /// [`Error::Data`] when it cannot be read, or is not what the run was made on.
    pub fn data(&self, number: usize, file: Option<&Path>) -> Result<(Dataset, Deduplicated)> {
        let mut spec = self.study.data[number].clone();
        if let Some(file) = file {
            spec.source = DataSource::Files(vec![file.to_owned()]);
            // It is the same table wherever it is.
            spec.options.name = Some(spec.name.clone());
        }
        let of_moved = |fault: Error| match moved(&self.directory, &self.results.manifest, &self.study, &fault) {
            Some(advice) if file.is_none() => Error::Several(vec![fault.to_string(), advice.to_string()]),
            None if file.is_none() && is_gone(&fault) => {
                Error::Several(vec![fault.to_string(), "where it was moved, name it with `--data FILE`".into()])
            }
            // The run has read its own table by the same study: what is wrong is likely to be that it is another one.
            _ => match (&fault, file) {
                (Error::Data(said), Some(file)) => Error::Data(format!(
                    "{said}; if {} is not the table that {} was run on, name that one with `--data`",
                    file.display(),
                    self.directory.display()
                )),
                _ => fault,
            },
        };
        let (mut data, dedup, _) = load::open(&self.study, &spec, number, &[]).map_err(of_moved)?;
        load::called(&self.study, &spec, &mut data);
        let now = TableFacts::of(&spec.name, &data, &dedup);
        let begun = &self.results.manifest.data[number];
        match begun.digests.other_than(&now.digests) {
            None => Ok((data, dedup)),
            Some(part) => Err(Error::Data(format!(
                "{} was run on other data: {part} of {} are not what they were{}; name the table that it was run on with --data",
                self.directory.display(),
                now.name,
                spec.source.as_read()
            ))),
        }
    }
}
