//! What was measured for a paper.

use std::path::{Path, PathBuf};

use super::{Part, Probe};
use crate::analyze::Results;
use crate::error::Result;
use crate::metric::Scored;
use crate::run::rescore::{kept, misranked};
use crate::store::{Predictions, Record, SplitRows};

/// All that was measured; what was not is not in it.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    parts: Vec<(&'static str, Results)>,
    probes: Vec<(&'static str, String)>,
    directories: Vec<(&'static str, PathBuf)>,
}

impl Evidence {
    /// With the results of a part, in the place of those that it had.
    pub fn with(mut self, part: &Part, results: Results) -> Self {
        self.parts.retain(|(name, _)| *name != part.name);
        self.parts.push((part.name, results));
        self
    }

    /// With the directory of a part, where its predictions are.
    pub fn at(mut self, part: &Part, directory: &Path) -> Self {
        self.directories.retain(|(name, _)| *name != part.name);
        self.directories.push((part.name, directory.to_owned()));
        self
    }

    /// What the model of a record of a part said, and of which rows; none where that was not kept, or is not what the run wrote.
    pub fn said(&self, part: &Part, record: &Record) -> Option<(Predictions, SplitRows)> {
        let (_, directory) = self.directories.iter().find(|(name, _)| *name == part.name)?;
        let (said, rows) = kept(directory, record).ok()??;
        let scored = Scored::new(&rows.test.y, &said.test).ok()?;
        misranked(&scored, record, &self.part(part)?.registry).is_none().then_some((said, rows))
    }

    /// With what a probe has measured: the text of its file, which is named.
    ///
    /// # Errors
    /// What the probe's check says of it.
    pub fn with_probe(mut self, probe: &Probe, text: String, file: &str) -> Result<Self> {
        (probe.check)(&text, file)?;
        self.probes.retain(|(name, _)| *name != probe.file);
        self.probes.push((probe.file, text));
        Ok(self)
    }

    /// A part's results.
    pub fn part(&self, part: &Part) -> Option<&Results> {
        self.parts.iter().find(|(name, _)| *name == part.name).map(|(_, results)| results)
    }

    /// The text of a probe's file.
    pub fn probe(&self, probe: &Probe) -> Option<&str> {
        self.probes.iter().find(|(name, _)| *name == probe.file).map(|(_, text)| text.as_str())
    }

    /// The results of any part.
    pub fn any(&self) -> Option<&Results> {
        self.parts.first().map(|(_, results)| results)
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.probes.is_empty()
    }
}
