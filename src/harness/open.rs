//! The data of a study, and the results directory that fits them.

use std::path::PathBuf;

use super::plan::Planned;
use crate::data::{self, Dataset, Deduplicated};
use crate::error::Result;
use crate::os::start_threads;
use crate::run::{Displays, Event};
use crate::store::DataFacts;
use crate::study::Study;

/// A planned study with its data; nothing is written yet.
pub struct Opened {
    pub(super) planned: Planned,
    pub(super) data: Dataset,
    pub(super) dedup: Deduplicated,
    pub(super) facts: DataFacts,
    /// Files that are written into the results directory before the first cell.
    pub(super) beside: Vec<(PathBuf, Vec<u8>)>,
}

impl Planned {
    /// Loads the data: the first step of [`super::run`], for those who want to look at them before the run.
    ///
    /// # Errors
    /// [`crate::error::Error::Data`] when they are not there, not readable, or have missing values that the study does not
    /// say what to do about.
    pub fn open(self, displays: &mut Displays<'_>) -> Result<Opened> {
        start_threads()?;
        let data = data::load(&self.study.data)?;
        if self.study.data.impute.is_none() {
            data::refuse_missing(&data)?;
        }
        let dedup = data::dedup(&data);
        let facts = facts(&data, &dedup);
        displays.tell(&Event::Opened { data: &facts });
        Ok(Opened { planned: self, data, dedup, facts, beside: Vec::new() })
    }
}

impl Opened {
    /// The study.
    pub fn study(&self) -> &Study {
        &self.planned.study
    }

    /// Its data.
    pub fn data(&self) -> &Dataset {
        &self.data
    }

    /// Which of their rows dedup keeps.
    pub fn dedup(&self) -> &Deduplicated {
        &self.dedup
    }

    /// Has a file written into the results directory before the first cell.
    #[must_use]
    pub fn beside(mut self, name: impl Into<PathBuf>, bytes: Vec<u8>) -> Self {
        self.beside.push((name.into(), bytes));
        self
    }
}

fn facts(data: &Dataset, dedup: &Deduplicated) -> DataFacts {
    let kept = dedup.keep.iter().filter(|&&row| data.y[row] == 1).count();
    DataFacts {
        name: data.name.clone(),
        sha256: data.sha256.clone(),
        rows: data.y.len() as u64,
        columns: data.columns.len() as u64,
        positives: data.positives() as u64,
        duplicate_rows: (data.y.len() - dedup.keep.len()) as u64,
        duplicate_positives: (data.positives() - kept) as u64,
        conflicting: dedup.conflicting as u64,
    }
}
