//! Whether the files that a run has kept of its cells are there still.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{Record, predictions_path, rows_path};
use crate::error::{Error, Result};

/// The first bytes of a Parquet file, and its last.
const MAGIC: &[u8; 4] = b"PAR1";

/// Which of the files that were kept in a results directory are there; each is looked at once.
pub struct KeptFiles<'d> {
    directory: &'d Path,
    looked_at: HashMap<PathBuf, bool>,
}

impl<'d> KeptFiles<'d> {
    /// Those of a directory, of which none was looked at.
    pub fn of(directory: &'d Path) -> Self {
        KeptFiles { directory, looked_at: HashMap::new() }
    }

    /// Whether what was kept of a scored record is there, each file with its end; whether it is what the run wrote is told where it is
    /// read. A file of rows that was cut is removed, as it would be taken for one that is there.
    ///
    /// # Errors
    /// [`Error::Io`] when such a file cannot be removed; [`Error::Store`] when the record names no files.
    pub fn has(&mut self, record: &Record) -> Result<bool> {
        if let Some(rows) = record.rows_file() {
            let path = rows_path(self.directory, rows)?;
            if !self.is_whole(&path) {
                if path.exists() {
                    std::fs::remove_file(&path).map_err(|e| Error::io("remove", &path, e))?;
                }
                return Ok(false);
            }
        }
        Ok(self.is_whole(&predictions_path(self.directory, record.equals.as_ref().unwrap_or(&record.key))?))
    }

    /// Cells of one split share its rows, and cells of equal input their predictions.
    fn is_whole(&mut self, path: &Path) -> bool {
        if let Some(&known) = self.looked_at.get(path) {
            return known;
        }
        let is_whole = has_end(path).unwrap_or(false);
        self.looked_at.insert(path.to_owned(), is_whole);
        is_whole
    }
}

/// Whether a Parquet file ends as one does; only its end is read.
fn has_end(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut end = [0; MAGIC.len()];
    // The same bytes are its beginning.
    if file.metadata()?.len() <= 2 * MAGIC.len() as u64 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-(MAGIC.len() as i64)))?;
    file.read_exact(&mut end)?;
    Ok(end == *MAGIC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Prediction, ScoreKind};
    use crate::store::{KeptRows, Predictions, SplitRows, read_records};

    const ONE: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "0123456789abcdef0123456789abcdee";

    #[test]
    fn each_kept_file_is_looked_at_once_and_a_cut_one_is_none() {
        let folder = tempfile::TempDir::new().unwrap();
        let folder = folder.path();
        let test = KeptRows { row: vec![7, 9], y: vec![1, 0], ..KeptRows::default() };
        let rows = SplitRows { test, validation: None };
        rows.write(folder).unwrap();
        let said = Prediction { score: vec![0.1, 0.9], label: vec![0, 1], kind: ScoreKind::Probability };
        Predictions { test: said, validation: None }.write(folder, ONE).unwrap();
        let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/families-10-fold/records.jsonl");
        let mut one: Record = read_records(&log).unwrap().swap_remove(0);
        (one.key, one.equals, one.rows) = (ONE.into(), None, Some(rows.digest()));
        let equal = Record { key: OTHER.into(), equals: Some(ONE.into()), ..one.clone() };
        let other = Record { key: OTHER.into(), ..one.clone() };
        let mut files = KeptFiles::of(folder);
        assert_eq!([&one, &equal, &other].map(|record| files.has(record).unwrap()), [true, true, false]);
        // What was seen is not asked for again.
        let (kept, path) = (predictions_path(folder, ONE).unwrap(), rows_path(folder, &rows.digest()).unwrap());
        let bytes = std::fs::read(&kept).unwrap();
        std::fs::remove_file(&kept).unwrap();
        assert_eq!([&one, &equal].map(|record| files.has(record).unwrap()), [true, true]);
        for (bytes, is_there) in
            [(&bytes[..], true), (&bytes[..bytes.len() - 1], false), (b"PAR1PAR1", false), (b"", false)]
        {
            std::fs::write(&kept, bytes).unwrap();
            assert_eq!(KeptFiles::of(folder).has(&one).unwrap(), is_there);
        }
        // Cut rows would be taken for those that are there.
        std::fs::write(&kept, &bytes).unwrap();
        std::fs::write(&path, "PAR1").unwrap();
        let mut files = KeptFiles::of(folder);
        assert_eq!([files.has(&one).unwrap(), files.has(&equal).unwrap(), path.exists()], [false; 3]);
    }
}
