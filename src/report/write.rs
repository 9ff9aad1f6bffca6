//! The one place where a report's bytes become files.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::os::replace;

/// A file to be written: its path inside the report's folder, and its bytes.
pub type File = (PathBuf, Vec<u8>);

/// Writes files into `dir`, which exists, each whole or not at all, and returns their paths. Folders inside it are made.
///
/// # Errors
/// [`Error::Io`] for the first that cannot be written.
pub fn write_files(dir: &Path, files: &[File]) -> Result<Vec<PathBuf>> {
    let write = |(name, bytes): &File| {
        let path = dir.join(name);
        if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
            fs::create_dir_all(folder).map_err(|e| Error::io("create", folder, e))?;
        }
        replace(&path, bytes).map(|()| path)
    };
    files.iter().map(write).collect()
}

/// Removes the files of these names that an earlier report left in `dir` and this one did not write.
///
/// # Errors
/// [`Error::Io`] for one that cannot be removed.
pub(super) fn remove_old<'n>(dir: &Path, names: impl Iterator<Item = &'n str>, written: &[PathBuf]) -> Result<()> {
    for path in names.map(|name| dir.join(name)).filter(|path| !written.contains(path) && path.exists()) {
        fs::remove_file(&path).map_err(|e| Error::io("remove", &path, e))?;
    }
    Ok(())
}

/// Removes the pictures in `folder` that an earlier report left and this one did not write; `is_ours` tells the charts' names,
/// and files of other names stay. A folder that does not exist has none.
///
/// # Errors
/// [`Error::Io`] when the folder cannot be read or a file not removed.
pub(crate) fn remove_others(folder: &Path, written: &[PathBuf], is_ours: fn(&str) -> bool) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let entries = fs::read_dir(folder).map_err(|e| Error::io("read", folder, e))?;
    for entry in entries {
        let path = entry.map_err(|e| Error::io("read", folder, e))?.path();
        let is_picture = path.extension().is_some_and(|e| e == "svg" || e == "png");
        let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        if is_picture && is_ours(&name) && !written.contains(&path) {
            fs::remove_file(&path).map_err(|e| Error::io("remove", &path, e))?;
        }
    }
    Ok(())
}

/// Removes a folder that a report's files have left empty; one that is not there, or holds files of others, is left as it is.
///
/// # Errors
/// [`Error::Io`] when it is empty and cannot be removed.
pub(super) fn remove_empty(folder: &Path) -> Result<()> {
    match fs::remove_dir(folder) {
        Err(e)
            if !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty | ErrorKind::NotADirectory) =>
        {
            Err(Error::io("remove", folder, e))
        }
        _ => Ok(()),
    }
}
