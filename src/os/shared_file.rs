//! Files in memory that other processes map: nothing is copied to a worker, and nothing is left over when a process is
//! killed, whichever.

use std::fs::{File, OpenOptions};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use memmap2::{Mmap, MmapMut};
use rustix::fs::{MemfdFlags, memfd_create};

use crate::error::{Error, Result};

/// A file that lives in memory until it is dropped and unmapped everywhere.
#[derive(Debug)]
pub struct SharedFile(OwnedFd);

impl SharedFile {
    /// An empty one. `name` is for the operating system's lists only.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn create(name: &str) -> Result<Self> {
        let made = memfd_create(name, MemfdFlags::CLOEXEC);
        made.map(SharedFile).map_err(|e| Error::io("make memory to share for", Path::new(name), e.into()))
    }

    /// Where this process and its children find it.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd()))
    }
}

/// Gives the shared file at `path` its size and maps it for writing.
///
/// # Errors
/// [`Error::Io`].
pub fn map_new(path: &Path, bytes: usize) -> Result<MmapMut> {
    let opened = OpenOptions::new().read(true).write(true).open(path).and_then(|file| {
        file.set_len(bytes as u64)?;
        // SAFETY: only this program knows the file, and nobody cuts it after this.
        unsafe { MmapMut::map_mut(&file) }
    });
    // The path is one of this process: nobody would know it.
    opened.map_err(|e| {
        let context = format!("cannot share {} MiB of memory with worker processes", bytes.div_ceil(1 << 20));
        Error::io_without_path(context, e)
    })
}

/// Maps the shared file at `path`, which has `bytes` bytes, for reading.
///
/// # Errors
/// [`Error::Io`]; [`Error::Component`] when it has another size.
pub fn map(path: &Path, bytes: usize) -> Result<Mmap> {
    let mapped = File::open(path).and_then(|file| {
        // SAFETY: the writer is done before the path is handed on, and nobody cuts the file.
        unsafe { Mmap::map(&file) }
    });
    let map = mapped.map_err(|e| Error::io("map", path, e))?;
    match map.len() == bytes {
        true => Ok(map),
        false => Err(Error::Component(format!("{} has {} bytes instead of {bytes}", path.display(), map.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_cannot_be_shared_is_told_by_its_size() {
        let said = map_new(Path::new("/proc/nobody/fd/5"), (3 << 20) + 1).unwrap_err().to_string();
        assert!(
            said.starts_with("cannot share 4 MiB of memory with worker processes: ") && !said.contains("fd/5"),
            "{said}"
        );
    }
}
