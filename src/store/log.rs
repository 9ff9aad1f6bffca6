//! The append-only record log: one JSON object a line, flushed to disk a record at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::FORMAT;
use crate::error::{Error, Result};

/// An open log, positioned after its last whole record.
#[derive(Debug)]
pub struct Log {
    file: File,
    path: PathBuf,
    end: u64,
}

impl Log {
    /// Opens or creates the log at `path`. A line that a killed process left unfinished is cut off.
    ///
    /// # Errors
    /// [`Error::Usage`] when another process has it open; [`Error::Io`] when the file cannot be opened or cut.
    pub fn open(path: &Path) -> Result<Self> {
        // Whatever is written goes to the end, wherever another process has put that.
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(|e| Error::io("open", path, e))?;
        // The directory's lock may have been removed while another run held it; the log itself cannot be without being missed.
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Usage(format!(
                    "{} is in use by another fraudbench: wait until it ends, or choose another directory",
                    path.display()
                )));
            }
            Err(TryLockError::Error(e)) => return Err(Error::io("lock", path, e)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| Error::io("read", path, e))?;
        let end = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1) as u64;
        let mut log = Log { file, path: path.to_owned(), end };
        log.cut_to_end().map_err(|e| Error::io("cut the unfinished last line of", path, e))?;
        Ok(log)
    }

    /// Appends one record, a line of JSON, and hands it to the disk before it returns.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written whole (a full disk); the log then still ends after its last whole record.
    /// Those of [`Log::check`].
    pub fn append<T: serde::Serialize>(&mut self, record: &T) -> Result<()> {
        let mut line = serde_json::to_vec(record).map_err(|e| Error::Store(format!("cannot encode a record: {e}")))?;
        line.push(b'\n');
        self.check()?;
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => {
                self.end += line.len() as u64;
                Ok(())
            }
            Err(e) => {
                // Best effort: a reader and the next run cut an unfinished line too.
                let _ = self.cut_to_end();
                Err(Error::io("append a record to", &self.path, e))
            }
        }
    }

    /// Checks that the file at the log's path is still the one that was opened, with what was appended to it and no more: a
    /// log that is deleted, moved or cut meanwhile would take records that nobody finds.
    ///
    /// # Errors
    /// [`Error::Store`] when it is not; [`Error::Io`] when it cannot be looked at.
    pub fn check(&self) -> Result<()> {
        let own = self.file.metadata().map_err(|e| Error::io("look at", &self.path, e))?;
        let wrong = match std::fs::metadata(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => "was deleted or moved".to_owned(),
            Err(e) => return Err(Error::io("look at", &self.path, e)),
            Ok(found) if (found.dev(), found.ino()) != (own.dev(), own.ino()) => "was replaced by another file".into(),
            Ok(found) if found.len() != self.end => {
                format!("has {} bytes instead of the {} that were written", found.len(), self.end)
            }
            Ok(_) => return Ok(()),
        };
        Err(Error::Store(format!(
            "{} {wrong} while the run was going on: leave the directory alone until the run ends; what is gone is run \
             again when the run is resumed",
            self.path.display()
        )))
    }

    fn cut_to_end(&mut self) -> io::Result<()> {
        self.file.set_len(self.end)
    }
}

/// Reads all whole records of the log at `path`; a missing file has none. An unfinished last line is not a record.
///
/// # Errors
/// [`Error::Store`] for a line that is no record, naming its number, or one of a newer format; [`Error::Io`].
pub fn read_records<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) if e.kind() == io::ErrorKind::InvalidData => {
            return Err(Error::Store(format!("{} is not a record log: it is not UTF-8 text", path.display())));
        }
        Err(e) => return Err(Error::io("read", path, e)),
    };
    let whole = text.rfind('\n').map_or("", |at| &text[..at]);
    whole.lines().enumerate().map(|(i, line)| read_line(path, i + 1, line)).collect()
}

fn read_line<T: serde::de::DeserializeOwned>(path: &Path, number: usize, line: &str) -> Result<T> {
    #[derive(serde::Deserialize)]
    struct Version {
        v: u32,
    }
    let bad = |e: serde_json::Error| Error::Store(format!("{}, line {number} is no record: {e}", path.display()));
    let version: Version = serde_json::from_str(line).map_err(bad)?;
    if version.v > FORMAT {
        return Err(Error::Store(format!(
            "{}, line {number} has format {}, and this fraudbench reads up to {FORMAT}: use a newer fraudbench",
            path.display(),
            version.v
        )));
    }
    serde_json::from_str(line).map_err(bad)
}
