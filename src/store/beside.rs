//! Files that other commands leave beside the records, as reports read them: what is in them is known where they are shown.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The bytes of a file; none where there is no such file.
///
/// # Errors
/// What the operating system says where it is there and cannot be read.
pub(crate) fn read_beside(path: &Path) -> io::Result<Option<Vec<u8>>> {
    unless_absent(std::fs::read(path))
}

/// What is in a folder, sorted by name; nothing where there is no such folder.
///
/// # Errors
/// What the operating system says where it is there and cannot be read.
pub(crate) fn names_in(folder: &Path) -> io::Result<Vec<OsString>> {
    let Some(entries) = unless_absent(std::fs::read_dir(folder))? else { return Ok(Vec::new()) };
    let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn unless_absent<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_none_and_what_cannot_be_read_is_told() {
        let folder = tempfile::TempDir::new().unwrap();
        let folder = folder.path();
        std::fs::write(folder.join("b"), "x").unwrap();
        std::fs::create_dir(folder.join("a")).unwrap();
        assert_eq!(read_beside(&folder.join("b")).unwrap(), Some(b"x".to_vec()));
        assert_eq!(names_in(folder).unwrap(), ["a", "b"]);
        for absent in ["c", "b/c"] {
            assert_eq!(read_beside(&folder.join(absent)).unwrap(), None, "{absent}");
            assert_eq!(names_in(&folder.join(absent)).unwrap(), [""; 0], "{absent}");
        }
        assert_eq!(read_beside(&folder.join("a")).unwrap_err().kind(), ErrorKind::IsADirectory);
    }
}
