//! A file's bytes, uncompressed.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use memmap2::Mmap;

use super::missing::{Wanted, unread};
use crate::error::{Error, Result};
use crate::os::memory::available_bytes;

/// What a compressed file may unpack to whatever its size: 256 MiB.
const ALWAYS: u64 = 256 << 20;
/// Beyond it, how many times its own size.
const RATIO: u64 = 250;
/// Bytes that are unpacked at a time.
const CHUNK: u64 = 16 << 20;

/// A file's uncompressed bytes.
pub(super) enum Source {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl Deref for Source {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Source::Mapped(map) => map,
            Source::Owned(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Source {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Source {
    /// Reads or maps a file. What begins as gzip or Zstandard is unpacked, whatever the file is called.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |e| Error::io("read", path, e);
        let file = File::open(path).map_err(|e| unread("read", path, Wanted::Table, e))?;
        let meta = file.metadata().map_err(failed)?;
        let bytes = if meta.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        } else if !meta.is_file() {
            // A pipe has no length and cannot be mapped.
            Source::Owned(std::fs::read(path).map_err(failed)?)
        } else if meta.len() == 0 {
            Source::Owned(Vec::new())
        } else {
            // SAFETY: the map is read-only and lives until the data set is made. Another process that shortens the file
            // meanwhile would end this one (SIGBUS); one that overwrites it would give a table with another hash. Both are
            // theirs to avoid: no data set is read while it is being written, `fetch` renames whole files into place.
            Source::Mapped(unsafe { Mmap::map(&file) }.map_err(failed)?)
        };
        let unpacked = match bytes[..bytes.len().min(4)] {
            [0x1f, 0x8b, ..] => unpack(path, "gzip", MultiGzDecoder::new(&bytes[..]), bytes.len())?,
            [0x28, 0xb5, 0x2f, 0xfd] => {
                let decoder = zstd::Decoder::with_buffer(&bytes[..]).map_err(failed)?;
                unpack(path, "Zstandard", decoder, bytes.len())?
            }
            _ => return Ok(bytes),
        };
        Ok(Source::Owned(unpacked))
    }
}

fn unpack(path: &Path, format: &str, mut decoder: impl Read, packed: usize) -> Result<Vec<u8>> {
    let free = available_bytes().map_or(u64::MAX, |free| free / 5 * 4);
    let most = ALWAYS.max(packed as u64 * RATIO).min(free);
    let mut bytes = Vec::new();
    loop {
        let read = decoder.by_ref().take(CHUNK).read_to_end(&mut bytes);
        let read = read
            .map_err(|e| Error::Data(format!("{}: the {format} file is damaged or cut short: {e}", path.display())))?;
        if read == 0 {
            return Ok(bytes);
        }
        if bytes.len() as u64 > most {
            return Err(Error::Data(format!(
                "{}: the {format} file of {} KiB unpacks to more than {} MiB, which is {}: unpack it and look at what it is",
                path.display(),
                packed >> 10,
                most >> 20,
                if most == free {
                    "the memory that is free".into()
                } else {
                    format!("more than {RATIO} times its size")
                }
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unpacks_without_end_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zeros.csv.zst");
        std::fs::write(&path, zstd::encode_all(io::repeat(b'0').take(300 << 20), 1).unwrap()).unwrap();
        let said = Source::open(&path).err().unwrap().to_string();
        assert!(said.contains("unpacks to more than 256 MiB, which is more than 250 times its size"), "{said}");
    }
}
