//! Whether the files that a run has kept of its cells are there still, as it wrote them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{Predictions, Record, SplitRows, predictions_path, rows_path};
use crate::error::{Error, Result};

/// Which of the files that were kept in a results directory are as the run wrote them; each is read once.
pub struct KeptFiles<'d> {
    directory: &'d Path,
    looked_at: HashMap<PathBuf, bool>,
}

impl<'d> KeptFiles<'d> {
    /// Those of a directory, of which none was looked at.
    pub fn of(directory: &'d Path) -> Self {
        KeptFiles { directory, looked_at: HashMap::new() }
    }

    /// Reads the predictions of all these records, by all threads.
    pub fn look_at(&mut self, records: &[Record]) {
        let keys: HashSet<&str> = records.iter().filter(|record| record.kept).map(key_of).collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        let directory = self.directory;
        // A name that is none is told where the record is asked about.
        let look =
            |key: &str| Some((predictions_path(directory, key).ok()?, is_there(directory, key).unwrap_or(false)));
        let found: Vec<(PathBuf, bool)> = keys.into_par_iter().filter_map(look).collect();
        self.looked_at.extend(found);
    }

    /// Whether what was kept of a scored record is there, as the run wrote it: not cut, swapped or edited. A file of rows that is not
    /// is removed, as it would be taken for one that is there.
    ///
    /// # Errors
    /// [`Error::Io`] when such a file cannot be removed; [`Error::Store`] when the record names no files.
    pub fn has(&mut self, record: &Record) -> Result<bool> {
        let directory = self.directory;
        if let Some(rows) = record.rows_file() {
            let path = rows_path(directory, rows)?;
            if !self.is_as_written(&path, || Ok(SplitRows::read(directory, rows)?.is_some())) {
                if path.exists() {
                    std::fs::remove_file(&path).map_err(|e| Error::io("remove", &path, e))?;
                }
                return Ok(false);
            }
        }
        let key = key_of(record);
        let path = predictions_path(directory, key)?;
        Ok(self.is_as_written(&path, || is_there(directory, key)))
    }

    /// Cells of one split share its rows, and cells of equal input their predictions. A file that cannot be read is as good as gone.
    fn is_as_written(&mut self, path: &Path, read: impl FnOnce() -> Result<bool>) -> bool {
        if let Some(&known) = self.looked_at.get(path) {
            return known;
        }
        let is_as_written = read().unwrap_or(false);
        self.looked_at.insert(path.to_owned(), is_as_written);
        is_as_written
    }
}

/// The key whose predictions are a record's.
fn key_of(record: &Record) -> &str {
    record.equals.as_ref().unwrap_or(&record.key)
}

fn is_there(directory: &Path, key: &str) -> Result<bool> {
    Ok(Predictions::read(directory, key)?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Prediction, ScoreKind};
    use crate::store::{KeptRows, read_records};

    const ONE: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "0123456789abcdef0123456789abcdee";

    #[test]
    fn each_kept_file_is_read_once_and_one_that_is_cut_or_swapped_is_none() {
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
        // The same of all at once.
        let all = [&one, &equal, &other].map(|record| Record { kept: true, ..record.clone() });
        let mut at_once = KeptFiles::of(folder);
        at_once.look_at(&all);
        assert_eq!(at_once.looked_at.len(), 2);
        assert_eq!(all.each_ref().map(|record| at_once.has(record).unwrap()), [true, true, false]);
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
        // Whole files: another cell's, and one of which the digest in it is that of other content.
        let another = Prediction { score: vec![0.2, 0.8], label: vec![0, 1], kind: ScoreKind::Probability };
        Predictions { test: another, validation: None }.write(folder, OTHER).unwrap();
        std::fs::copy(predictions_path(folder, OTHER).unwrap(), &kept).unwrap();
        assert!(!KeptFiles::of(folder).has(&one).unwrap());
        let name = b"fraudbench.digest";
        let at = bytes.windows(name.len()).position(|part| part == name).unwrap() + name.len() + 10;
        let digit = if bytes[at] == b'0' { b'1' } else { b'0' };
        std::fs::write(&kept, [&bytes[..at], &[digit], &bytes[at + 1..]].concat()).unwrap();
        assert!(!KeptFiles::of(folder).has(&one).unwrap());
        // The rows of another split under this one's name.
        std::fs::write(&kept, &bytes).unwrap();
        let test = KeptRows { row: vec![8, 9], y: vec![1, 0], ..KeptRows::default() };
        let others = SplitRows { test, validation: None };
        others.write(folder).unwrap();
        std::fs::copy(rows_path(folder, &others.digest()).unwrap(), &path).unwrap();
        assert_eq!([KeptFiles::of(folder).has(&one).unwrap(), path.exists()], [false; 2]);
        rows.write(folder).unwrap();
        assert!(KeptFiles::of(folder).has(&one).unwrap());
        // Cut rows would be taken for those that are there.
        std::fs::write(&kept, &bytes).unwrap();
        std::fs::write(&path, "PAR1").unwrap();
        let mut files = KeptFiles::of(folder);
        assert_eq!([files.has(&one).unwrap(), files.has(&equal).unwrap(), path.exists()], [false; 3]);
    }
}
