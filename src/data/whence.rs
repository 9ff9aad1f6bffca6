//! Where a table was read from, for messages about its rows after it was read.

use std::path::PathBuf;

use super::ReadOptions;
use super::read::{called, row_place};
use super::recognize::Format;

/// The files of a table, in the order of its rows, and how they were read.
#[derive(Debug, Clone)]
pub(crate) struct Whence {
    pub paths: Vec<PathBuf>,
    pub options: ReadOptions,
    pub format: Format,
}

impl Whence {
    /// What messages call the files.
    pub fn file(&self) -> String {
        called(&self.paths)
    }

    /// What a row is called in its file, such as `line 2`. The file is read again for that, as only what is wrong is told so; none
    /// where it is another one by now.
    pub fn row(&self, row: usize) -> Option<String> {
        row_place(&self.paths, &self.options, row).ok().filter(|place| !place.is_empty())
    }
}
