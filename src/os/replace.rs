//! Putting a file in another's place: readers see the old file or the whole new one, never a half one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::temporary::Temporary;
use crate::error::{Error, Result};

/// Where a file is that a link leads to: the link stays. A link that leads nowhere is a place as any other.
fn behind_links(path: &Path) -> PathBuf {
    let is_link = path.symlink_metadata().is_ok_and(|facts| facts.is_symlink());
    let target = if is_link { fs::canonicalize(path).ok() } else { None };
    target.unwrap_or_else(|| path.to_owned())
}

/// Has `make` make a file at a temporary path in the folder of `path`, and puts it in the place of what is at `path`, a link too.
///
/// # Errors
/// What `make` returns, and [`Error::Io`]; the old file is untouched then.
pub(crate) fn replace_at(path: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let temporary = Temporary::beside(path);
    make(temporary.path())?;
    fs::rename(temporary.path(), path).map_err(|e| Error::io("write", path, e))
}

/// The same, but in the place of the file that a link at `path` leads to.
///
/// # Errors
/// As [`replace_at`].
pub(crate) fn replace_file_at(path: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    replace_at(&behind_links(path), make)
}

/// Has `fill` write the new file that takes the place of the one at `path`.
///
/// # Errors
/// [`Error::Io`]; the old file is untouched then.
pub(crate) fn replace_with(path: &Path, fill: impl FnOnce(&File) -> io::Result<()>) -> Result<()> {
    replace_file_at(path, |temporary| {
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

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_the_file_behind_it_is_replaced() {
        let (folder, other) = (tempfile::TempDir::new().unwrap(), tempfile::TempDir::new().unwrap());
        let (link, file) = (folder.path().join("link"), other.path().join("file"));
        fs::write(&file, b"old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!((fs::read(&file).unwrap(), fs::read_dir(other.path()).unwrap().count()), (b"new".to_vec(), 1));
        // Of one that leads nowhere nothing can be kept.
        fs::remove_file(&file).unwrap();
        replace(&link, b"newer").unwrap();
        assert_eq!((fs::read(&link).unwrap(), file.exists()), (b"newer".to_vec(), false));
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
    }
}
