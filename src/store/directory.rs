//! A results directory: where its files are, and the lock that keeps two runs apart.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::zipped::zipped_path;
use super::{Log, Manifest, Record, read_records};
use crate::error::{Error, Result};
use crate::words::quoted_path;

/// The manifest's file name.
pub const MANIFEST_FILE: &str = "manifest.toml";
/// The record log's file name.
pub const LOG_FILE: &str = "records.jsonl";
const LOCK_FILE: &str = "lock";
/// Says of a folder outside a results directory that fraudbench writes reports into it.
const MARKER_FILE: &str = ".fraudbench";
const MARKER: &str = "fraudbench writes its reports into this folder, over those that are there.\n";

/// Refuses a folder in which somebody else's files are; `is_ours` tells what else is none of theirs. Hidden ones are nobody's: no
/// file of ours has such a name.
fn refuse_foreign(path: &Path, is_ours: fn(&Path) -> bool) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(path) else { return Ok(()) };
    let entries = entries.filter_map(Result::ok).filter(|entry| !is_ours(&entry.path()));
    let names = entries.map(|entry| entry.file_name());
    match names.filter(|name| name != LOCK_FILE && !name.as_encoded_bytes().starts_with(b".")).min() {
        None => Ok(()),
        Some(name) => Err(Error::Usage(format!(
            "{} holds files that are not fraudbench's, such as {}: nothing was written; choose another `--out`",
            path.display(),
            name.display()
        ))),
    }
}

/// Whether a folder holds results or reports of ours.
fn is_of_us(path: &Path) -> bool {
    path.join(MANIFEST_FILE).exists() || path.join(MARKER_FILE).exists()
}

/// Refuses a folder that [`enter_reports`] would refuse, and leaves it as it is.
///
/// # Errors
/// [`Error::Usage`] when it holds files that are not ours.
pub fn check_reports(path: &Path) -> Result<()> {
    if is_of_us(path) { Ok(()) } else { refuse_foreign(path, is_of_us) }
}

/// Takes the folder at `path` for reports: a results directory, one that reports were written into before, or one that is new or
/// holds such folders only.
///
/// # Errors
/// [`Error::Usage`] when it holds other files; [`Error::Io`].
pub fn enter_reports(path: &Path) -> Result<()> {
    if is_of_us(path) {
        return Ok(());
    }
    check_reports(path)?;
    std::fs::create_dir_all(path).map_err(|e| Error::io("create", path, e))?;
    let marker = path.join(MARKER_FILE);
    std::fs::write(&marker, MARKER).map_err(|e| Error::io("write", &marker, e))
}

/// Whether the folder at `path` holds results, whole or begun.
fn has_results(path: &Path) -> bool {
    let log = path.join(LOG_FILE);
    path.join(MANIFEST_FILE).exists() || log.exists() || zipped_path(&log).exists()
}

fn taken(path: &Path) -> Error {
    Error::Usage(format!(
        "{} holds results already: go on with `--resume {}`, or choose another `--out`",
        path.display(),
        quoted_path(path)
    ))
}

/// A results directory that this process may write to, until it is dropped.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    // Held for its lock; the operating system lets go of it when the process ends, however it ends.
    _lock: File,
}

impl Directory {
    /// Refuses a path at which no new results directory can be made.
    ///
    /// # Errors
    /// [`Error::Usage`] when there are results already, other files, or another run is using it; [`Error::Io`].
    pub fn refuse_taken(path: &Path) -> Result<()> {
        // A run that goes on there is said before its results. The lock is let go at once.
        if path.join(LOCK_FILE).exists() {
            drop(Self::lock(path)?);
        }
        match has_results(path) {
            true => Err(taken(path)),
            false => refuse_foreign(path, |_| false),
        }
    }

    /// Creates a new results directory at `path`.
    ///
    /// # Errors
    /// [`Error::Usage`] when there are results already, other files, or another run is using it; [`Error::Io`].
    pub fn create(path: &Path) -> Result<Self> {
        Self::refuse_taken(path)?;
        std::fs::create_dir_all(path).map_err(|e| Error::io("create", path, e))?;
        let directory = Self::lock(path)?;
        // Another run may have been quicker.
        match has_results(path) {
            true => Err(taken(path)),
            false => Ok(directory),
        }
    }

    /// Opens an existing one to go on with it.
    ///
    /// # Errors
    /// [`Error::Store`] when it is no results directory or of a newer format; [`Error::Usage`] when it is in use;
    /// [`Error::Io`].
    pub fn open(path: &Path) -> Result<(Self, Manifest)> {
        let manifest = Manifest::read(&path.join(MANIFEST_FILE))?;
        Ok((Self::lock(path)?, manifest))
    }

    /// Whether a run is using the directory at `path` now.
    pub fn is_in_use(path: &Path) -> bool {
        // Without that file nobody has it.
        let lock = File::options().write(true).open(path.join(LOCK_FILE));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Manifest and records, for reading only: no lock is needed, the log only ever grows by whole lines.
    ///
    /// # Errors
    /// [`Error::Store`] when it is no results directory or of a newer format; [`Error::Io`].
    pub fn read(path: &Path) -> Result<(Manifest, Vec<Record>)> {
        Ok((Manifest::read(&path.join(MANIFEST_FILE))?, read_records(&path.join(LOG_FILE))?))
    }

    /// Its log, open for appending; one that was packed is not any more.
    ///
    /// # Errors
    /// Those of [`Log::open`].
    pub fn log(&self) -> Result<Log> {
        Log::open(&self.path.join(LOG_FILE))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn lock(path: &Path) -> Result<Self> {
        let file_path = path.join(LOCK_FILE);
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file_path)
            .map_err(|e| Error::io("open", &file_path, e))?;
        match lock.try_lock() {
            Ok(()) => Ok(Directory { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::Usage(format!(
                "{} is in use by another fraudbench: wait until it ends, or choose another directory",
                path.display()
            ))),
            Err(TryLockError::Error(e)) => Err(Error::io("lock", &file_path, e)),
        }
    }
}
