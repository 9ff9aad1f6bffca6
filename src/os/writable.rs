//! Whether something can be written at a place: asked before the hours of work that make it.

use std::fs::{self, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;

use super::replace::{behind_links, called, is_stream};
use crate::error::{Error, Result};

/// The folder that a path without one lies in.
fn or_here(folder: &Path) -> PathBuf {
    match folder.as_os_str().is_empty() {
        // By its name, as `.` would tell nobody which folder is meant.
        true => std::env::current_dir().unwrap_or_else(|_| ".".into()),
        false => folder.to_owned(),
    }
}

/// Why this process can make no file in `folder`, which is there, where that is certain.
fn refusal(folder: &Path) -> Option<io::Error> {
    if !folder.is_dir() {
        return Some(Errno::NOTDIR.into());
    }
    match accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS) {
        Err(e @ (Errno::ACCESS | Errno::ROFS | Errno::PERM)) => Some(e.into()),
        // Whatever else it is: who writes there is told.
        _ => None,
    }
}

/// Refuses a folder that nothing can be written into. One that is not there yet has to be such that it can be made, with those above
/// it.
///
/// # Errors
/// [`Error::Io`], which names the folder that is in the way.
pub(crate) fn check_folder(path: &Path) -> Result<()> {
    for folder in path.ancestors().map(or_here) {
        match fs::metadata(&folder) {
            Ok(_) => return refusal(&folder).map_or(Ok(()), |e| Err(Error::io("write into", &folder, e))),
            // A link that leads nowhere is in the way of the folder that it should lead to.
            Err(_) if folder.is_symlink() => return Err(Error::io("create", &folder, Errno::EXIST.into())),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(e) => return Err(Error::io("write into", &folder, e)),
        }
    }
    Ok(())
}

/// Refuses a folder, be it one that is not there yet, on a file system without locks.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn check_locks(path: &Path) -> Result<()> {
    let Some(folder) = path.ancestors().map(or_here).find(|folder| folder.is_dir()) else { return Ok(()) };
    // A file without a name, as some file systems lock folders and no files. Where it cannot be made, who writes there is told why.
    let Ok(file) = tempfile::tempfile_in(&folder) else { return Ok(()) };
    match file.try_lock() {
        Err(TryLockError::Error(e)) => Err(Error::io("lock a file in", &folder, e)),
        _ => Ok(()),
    }
}

/// Refuses a file that cannot be put in its place, as its folder is not there or nothing can be written into that. What is written into
/// needs no folder.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn check_file(path: &Path) -> Result<()> {
    if is_stream(path) {
        return Ok(());
    }
    let place = behind_links(path);
    let folder = or_here(place.parent().unwrap_or(Path::new("")));
    let refused = match fs::metadata(&folder) {
        Ok(_) => refusal(&folder),
        Err(e) => Some(e),
    };
    refused.map_or(Ok(()), |e| Err(Error::io("write", called(path, &place), e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a path in a folder with a file, whose own path stands as `DIR`.
    fn said(check: fn(&Path) -> Result<()>, path: &str) -> Option<String> {
        let place = tempfile::TempDir::new().unwrap();
        fs::write(place.path().join("file"), "x").unwrap();
        fs::create_dir(place.path().join("folder")).unwrap();
        std::os::unix::fs::symlink("nowhere", place.path().join("lost")).unwrap();
        std::os::unix::fs::symlink("round", place.path().join("round")).unwrap();
        let refused = check(&place.path().join(path)).err();
        // Nothing was made.
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 4);
        Some(refused?.to_string().replace(&place.path().display().to_string(), "DIR"))
    }

    const IN_THE_WAY: &str = "; a file stands where a folder is needed: name another place";

    #[test]
    fn a_folder_can_be_made_where_no_file_is_in_the_way() {
        for free in ["", "folder", "folder/new", "new/newer/newest"] {
            assert_eq!(said(check_folder, free), None, "{free}");
        }
        let file = format!("cannot write into DIR/file: Not a directory (os error 20){IN_THE_WAY}");
        for taken in ["file", "file/new", "file/new/newer"] {
            assert_eq!(said(check_folder, taken).as_deref(), Some(&*file), "{taken}");
        }
        let lost = "cannot create DIR/lost: File exists (os error 17); DIR/lost is a link to nowhere, which is not there: make that, or \
                    name another place"
            .to_owned();
        assert_eq!(said(check_folder, "lost/new"), Some(lost));
        assert!(
            said(check_folder, "round/new").unwrap().starts_with("cannot write into DIR/round/new: Too many levels")
        );
    }

    #[test]
    fn a_file_needs_a_folder_that_is_there() {
        for free in ["new", "file", "folder/new", "lost"] {
            assert_eq!(said(check_file, free), None, "{free}");
        }
        let gone = "cannot write DIR/no/new: No such file or directory (os error 2); there is no folder DIR/no: make it first, or name \
                    another place";
        assert_eq!(said(check_file, "no/new").as_deref(), Some(gone));
        let file = format!("cannot write DIR/file/new: Not a directory (os error 20){IN_THE_WAY}");
        assert_eq!(said(check_file, "file/new"), Some(file));
        // A device has no folder that a file would be made in.
        assert!(check_file(Path::new("/dev/null")).is_ok());
    }
}
