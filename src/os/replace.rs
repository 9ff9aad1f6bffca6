//! Putting a file in another's place: readers see the old file or the whole new one, never a half one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};

/// A name beside `path` that no other process and no other thread uses, on this machine or on another one that shares the
/// folder.
fn beside(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_nanos());
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{:x}-{:x}-{count:x}.new", nanoseconds, std::process::id()));
    path.with_file_name(name)
}

/// Removes a temporary file that did not reach its place.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // After success nothing is there; after a failure it is the failure that is told.
        let _ = fs::remove_file(&self.0);
    }
}

/// Has `make` make a file at a temporary path in the folder of `path`, and puts it in the place of the file at `path`.
///
/// # Errors
/// What `make` returns, and [`Error::Io`]; the old file is untouched then.
pub(crate) fn replace_at(path: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let temporary = Temporary(beside(path));
    make(&temporary.0)?;
    fs::rename(&temporary.0, path).map_err(|e| Error::io("write", path, e))
}

/// Has `fill` write the new file that takes the place of the one at `path`.
///
/// # Errors
/// [`Error::Io`]; the old file is untouched then.
pub(crate) fn replace_with(path: &Path, fill: impl FnOnce(&File) -> io::Result<()>) -> Result<()> {
    replace_at(path, |temporary| {
        File::create(temporary).and_then(|file| fill(&file)).map_err(|e| Error::io("write", path, e))
    })
}

/// Puts `bytes` in the place of the file at `path`; they are on the disk when it returns.
///
/// # Errors
/// [`Error::Io`]; the old file is untouched then.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_with(path, |mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        replace(&path, b"old").unwrap();
        let failed = replace_with(&path, |mut file| {
            file.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(failed.unwrap_err().to_string().contains("the disk is full"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn two_writers_at_once_do_not_share_a_temporary_file() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        // The second one comes and goes while the first one is not done.
        replace_with(&path, |mut first| {
            first.write_all(b"fir")?;
            replace(&path, b"second").map_err(io::Error::other)?;
            first.write_all(b"st")
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_ne!(beside(&path), beside(&path));
    }
}
