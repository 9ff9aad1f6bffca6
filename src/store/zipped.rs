//! The record log of a folder that is kept: `records.jsonl.gz`, a tenth of the room, which `zcat`, pandas and Python's own library read.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};

use crate::error::{Error, Result};
use crate::os::{ask_to_pack, replace_like};

/// Where the packed form of the log at `path` is.
pub(super) fn zipped_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".gz");
    name.into()
}

/// What a log holds, and the file that it was read from.
pub(super) struct Text {
    pub file: PathBuf,
    pub bytes: Vec<u8>,
}

/// Reads the log at `path`, packed or not; none where there is neither file.
///
/// Both are there where a process ended between unpacking a log and removing the packed one. The plain one then begins with all
/// that is in the other, and stands for both. Of two logs with different records neither is taken.
///
/// # Errors
/// [`Error::Store`] for a damaged file and for two different logs; [`Error::Io`].
pub(super) fn text(path: &Path) -> Result<Option<Text>> {
    let zipped_path = zipped_path(path);
    let packed = || bytes(&zipped_path)?.map(|bytes| unzipped(&zipped_path, &bytes)).transpose();
    let (before, plain) = (packed()?, bytes(path)?);
    // The log may have been packed between the two looks.
    let found = if before.is_none() && plain.is_none() { packed()? } else { before };
    match (plain, found) {
        (Some(plain), Some(packed)) if !plain.starts_with(&packed) => Err(Error::Store(format!(
            "{} and {} hold different records: move one of them out of the folder",
            path.display(),
            zipped_path.display()
        ))),
        (Some(bytes), _) => Ok(Some(Text { file: path.to_owned(), bytes })),
        (None, packed) => Ok(packed.map(|bytes| Text { file: zipped_path, bytes })),
    }
}

fn bytes(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("read", path, e)),
    }
}

/// The whole lines in a packed log.
fn unzipped(path: &Path, packed: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed).read_to_end(&mut bytes).map_err(|e| {
        Error::Store(format!("{} is damaged or cut ({e}): restore it from where it was kept", path.display()))
    })?;
    bytes.truncate(whole(&bytes));
    Ok(bytes)
}

/// How many bytes the whole lines take.
pub(super) fn whole(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1)
}

/// Puts a plain log in the place of the packed one at `path`, so that records can be appended; nothing where none is packed.
///
/// # Errors
/// As [`text`]; [`Error::Io`] where the packed log is read-only, and nothing is changed then.
pub(super) fn unpack(path: &Path) -> Result<()> {
    let packed = zipped_path(path);
    if !packed.exists() {
        return Ok(());
    }
    if let Some(text) = text(path)?
        && text.file == packed
    {
        // The plain log is as the packed one is: where that may not be written, nothing may be appended to this, either.
        std::fs::File::options().append(true).open(&packed).map_err(|e| Error::io("open", &packed, e))?;
        replace_like(&packed, path, &text.bytes)?;
    }
    std::fs::remove_file(&packed).map_err(|e| Error::io("remove", &packed, e))
}

/// Puts a packed log in the place of the one at `path`, whose whole lines are `lines`. Equal records give equal bytes: no name and no
/// time is in the file.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn pack(path: &Path, lines: &[u8]) -> Result<()> {
    let packed = zipped_path(path);
    let failed = |e: io::Error| Error::io("write", &packed, e);
    ask_to_pack();
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    let bytes = encoder.write_all(lines).and_then(|()| encoder.finish()).map_err(failed)?;
    replace_like(path, &packed, &bytes)?;
    // Reports that were made of the plain one are not older than its records.
    let changed =
        std::fs::metadata(path).and_then(|facts| facts.modified()).map_err(|e| Error::io("look at", path, e))?;
    std::fs::File::options().write(true).open(&packed).and_then(|file| file.set_modified(changed)).map_err(failed)?;
    std::fs::remove_file(path).map_err(|e| Error::io("remove", path, e))
}
