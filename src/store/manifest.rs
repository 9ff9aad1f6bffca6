//! `manifest.toml`: the study, the data, the versions and the machine of a run.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::{FORMAT, check_format};
use crate::data::TableFacts;
use crate::error::{Error, Result};
use crate::words::quoted;

/// What a results directory says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format version of the directory.
    pub format: u32,
    /// The program's version and build, [`crate::VERSION`]; those before had the version alone.
    pub fraudbench: String,
    /// The command line, as a shell reads it.
    pub command: String,
    /// When the run started, seconds since 1970-01-01 UTC.
    pub started_unix: u64,
    /// The study file's name.
    pub study_file: String,
    /// `--filter` as given; empty without one.
    pub filter: String,
    /// Threads in all.
    pub threads: u32,
    /// Threads a cell.
    pub cell_threads: u32,
    /// The data sets, in the study's order.
    pub data: Vec<TableFacts>,
    /// The machine.
    pub machine: Machine,
    /// The study file's whole text: with `filter` it gives the plan again.
    pub study: String,
    /// The way from the results directory to the study file's folder, where a study's relative paths start; empty where it
    /// is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub study_folder: String,
    /// Whether the scores and labels of test rows are kept, as the last run into the directory had it.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub predictions: bool,
    /// Every run into this directory after the first, and those of the parts that were merged into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<Ran>,
    /// Which of the runs that were merged into this directory had different results of a cell, a sentence for each division of the
    /// runs; it stays true when the cell is run again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<String>,
}

/// What a manifest means that does not say whether predictions are kept.
fn yes() -> bool {
    true
}

// serde hands over a reference.
fn is_yes(kept: &bool) -> bool {
    *kept
}

/// A run into a results directory that was there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ran {
    /// The program's version and build, [`crate::VERSION`]; those before had the version alone.
    pub fraudbench: String,
    /// The command line, as a shell reads it.
    pub command: String,
    /// When it started, seconds since 1970-01-01 UTC.
    pub started_unix: u64,
    /// Where it ran.
    pub machine: Machine,
}

impl Ran {
    /// This process.
    pub fn here() -> Self {
        // A path need not be UTF-8.
        let mut words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
        let program = words.next().map(PathBuf::from).unwrap_or_default();
        let name = program.file_name().map_or_else(|| "fraudbench".into(), |name| name.to_string_lossy().into_owned());
        Ran {
            fraudbench: crate::VERSION.into(),
            command: std::iter::once(name).chain(words).map(|word| quoted(&word)).collect::<Vec<_>>().join(" "),
            // 0 where the clock stands before 1970.
            started_unix: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()),
            machine: Machine::here(),
        }
    }
}

/// The machine of a run, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Processor model.
    pub cpu: String,
    /// Processors that the process may use.
    pub cores: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Operating system and architecture.
    pub os: String,
}

impl Machine {
    /// This machine.
    pub fn here() -> Self {
        let field = |file: &str, name: &str| {
            std::fs::read_to_string(file)
                .ok()
                .and_then(|text| text.lines().find(|l| l.starts_with(name)).map(str::to_owned))
                .and_then(|line| line.split_once(':').map(|(_, value)| value.trim().to_owned()))
        };
        Machine {
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".into()),
            cores: std::thread::available_parallelism().map_or(1, |n| n.get() as u32),
            memory_mib: crate::os::memory::machine_bytes().unwrap_or(0) >> 20,
            os: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

impl Manifest {
    /// The first table: the only one of most studies. [`Manifest::read`] has seen to it that there is one.
    pub fn table(&self) -> &TableFacts {
        &self.data[0]
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`Error::Store`] when it is missing, no manifest, or of a newer format.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path)
            .map_err(|e| Error::Store(format!("not a results directory: cannot read {}: {e}", path.display())))?;
        let no_manifest = |why: &str| {
            let way = "put back the one that was written, or run the study again with another `--out`";
            Error::Store(format!("{} is no manifest, or was cut short: {why}: {way}", path.display()))
        };
        let text = String::from_utf8(bytes)
            .map_err(|e| no_manifest(&format!("byte {} is not UTF-8 text", e.utf8_error().valid_up_to() + 1)))?;
        // The parser's own text draws the place on lines of its own; a sentence is told.
        let cut = |e: toml::de::Error| no_manifest(e.message());
        let table: toml::Table = text.parse().map_err(cut)?;
        // What is no count is told with the other fields.
        if let Some(format) = table.get("format").and_then(|format| u64::try_from(format.as_integer()?).ok()) {
            check_format(path.display(), format, FORMAT)?;
        }
        let manifest: Manifest = toml::from_str(&text).map_err(cut)?;
        match manifest.data.is_empty() {
            true => Err(no_manifest("it names no data")),
            false => Ok(manifest),
        }
    }

    /// The run that it was made by, as one of several.
    pub fn first_run(&self) -> Ran {
        Ran {
            fraudbench: self.fraudbench.clone(),
            command: self.command.clone(),
            started_unix: self.started_unix,
            machine: self.machine.clone(),
        }
    }

    /// Writes the manifest; a killed process leaves a whole one or none.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        let text =
            toml::to_string_pretty(self).map_err(|e| Error::Store(format!("cannot encode the manifest: {e}")))?;
        crate::os::replace(path, text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_was_cut_short_is_told_in_one_line() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("manifest.toml");
        let way = ": put back the one that was written, or run the study again with another `--out`";
        for text in [&b""[..], b"format = 1\nfraudbench = \"0.1", b"format = 1\n", b"format = 1\nname = \"\xff\"\n"] {
            std::fs::write(&path, text).unwrap();
            let said = Manifest::read(&path).unwrap_err().to_string();
            let named = format!("{} is no manifest, or was cut short: ", path.display());
            assert!(said.starts_with(&named) && said.ends_with(way) && said.lines().count() == 1, "{said}");
            assert_eq!(said.contains("byte 20 is not UTF-8 text"), text.contains(&0xff), "{said}");
        }
    }

    #[test]
    fn a_format_that_was_never_written_or_is_newer_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("manifest.toml");
        for (format, what) in [
            ("0", "has format 0, which no fraudbench writes: put back the file that was written"),
            ("99", "has format 99, and this fraudbench reads up to 2: use a newer fraudbench"),
        ] {
            std::fs::write(&path, format!("format = {format}\n")).unwrap();
            let said = Manifest::read(&path).unwrap_err();
            assert_eq!(said.to_string(), format!("{} {what}", path.display()));
            assert_eq!(said.exit_code(), 3);
        }
    }
}
