//! Making a results directory small, with nothing lost: predictions written anew, the record log packed.

use std::path::{Path, PathBuf};

use super::predictions::{PREDICTIONS_FOLDER, Predictions, SplitRows};
use super::table::Effort;
use super::zipped::zipped_path;
use super::{Directory, LOG_FILE, Record, is_key, names_in, read_records};
use crate::error::{Error, Result};

impl Directory {
    /// Writes the predictions anew, as small as they get, and packs the log. Each file is checked before. Whoever goes on with the run
    /// unpacks the log again. Returns the bytes that these files took before, and take now.
    ///
    /// # Errors
    /// [`Error::Store`] for the first file that is not what a run wrote, which stays as it is; [`Error::Io`].
    pub fn pack(&self) -> Result<(u64, u64)> {
        let path = self.path().join(LOG_FILE);
        // Nothing is packed that cannot be read.
        read_records::<Record>(&path)?;
        let (mut before, mut now) = (0, 0);
        for file in predictions(self.path())? {
            before += size(&file)?;
            pack(self.path(), &file)?;
            now += size(&file)?;
        }
        let zipped = zipped_path(&path);
        match path.exists() {
            true => {
                before += size(&path)?;
                self.log()?.pack()?;
            }
            false => before += if zipped.exists() { size(&zipped)? } else { 0 },
        }
        now += if zipped.exists() { size(&zipped)? } else { 0 };
        Ok((before, now))
    }
}

fn size(path: &Path) -> Result<u64> {
    std::fs::metadata(path).map(|facts| facts.len()).map_err(|e| Error::io("look at", path, e))
}

/// The files of predictions in a results directory; what has another name is not ours.
fn predictions(directory: &Path) -> Result<Vec<PathBuf>> {
    let folder = directory.join(PREDICTIONS_FOLDER);
    let names = names_in(&folder).map_err(|e| Error::io("read", &folder, e))?;
    let paths = names.into_iter().map(|name| folder.join(name));
    Ok(paths.filter(|path| path.extension().is_some_and(|ending| ending == "parquet")).collect())
}

fn pack(directory: &Path, file: &Path) -> Result<()> {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    match stem.strip_prefix("rows-") {
        Some(digest) if is_key(digest) => match SplitRows::read(directory, digest)? {
            Some(rows) => rows.write_with(file, Effort::Long),
            None => Ok(()),
        },
        None if is_key(stem) => match Predictions::read(directory, stem)? {
            Some(said) => said.write_with(directory, stem, Effort::Long),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}
