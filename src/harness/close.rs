//! What a run leaves: its results, and the report on them.

use std::path::PathBuf;

use super::work::Worked;
use crate::analyze::Results;
use crate::error::Result;
use crate::report::{Options, in_words, write_of_command};
use crate::run::Summary;
use crate::store::{Directory, LOG_FILE, Outcome, read_records};

/// A study with its results. Until it is dropped, or [`Done::let_go`], no other run may use the directory: reports and links are
/// written after the last cell, and a night that is only recorded is not over yet.
#[derive(Debug)]
pub struct Done {
    /// The results directory.
    pub directory: PathBuf,
    /// What is in it now, of this run and of earlier ones.
    pub results: Results,
    /// How this run went.
    pub summary: Summary,
    /// What of the directory the report could not read, a sentence each.
    pub unread: Vec<String>,
    // Held for its lock.
    _held: Option<Directory>,
}

impl Worked {
    /// Reads the records back and writes the report; of a run that was stopped, on what there is so far.
    ///
    /// # Errors
    /// Those of [`super::run`].
    pub fn close(self) -> Result<Done> {
        let mut done = self.read()?;
        let place = (&*done.directory, &*done.directory);
        write_of_command(&done.results, place, &Options::default(), &mut done.unread)?;
        Ok(done)
    }

    /// Reads the records back and writes no report, for those who have a report of their own.
    ///
    /// # Errors
    /// Those of [`super::run`].
    pub fn read(self) -> Result<Done> {
        let Worked { directory, manifest, registry, summary } = self;
        let results = Results::of(manifest, read_records(&directory.path().join(LOG_FILE))?, &registry)?;
        let path = directory.path().to_owned();
        Ok(Done { directory: path, results, summary, unread: Vec::new(), _held: Some(directory) })
    }
}

impl Done {
    /// Lets other runs use the directory from now on.
    pub fn let_go(self) -> Self {
        Done { _held: None, ..self }
    }

    /// The file that says most to a person.
    pub fn report(&self) -> PathBuf {
        self.directory.join(in_words(&self.results))
    }

    /// How many cells have a record without scores.
    pub fn failed(&self) -> usize {
        self.results.records.iter().filter(|record| record.outcome != Outcome::Scored).count()
    }
}
