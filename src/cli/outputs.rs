//! Files that a command writes: none of them may be a file that it reads, or another one that it writes. What may be the only one of
//! its kind (a table, scores, a model, a study) is written over only where `--overwrite` says so; reports, which are made of records,
//! are made anew.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::os::is_same_file;
use crate::store::{LOG_FILE, MANIFEST_FILE, PREDICTIONS_FOLDER};

/// What a command reads.
pub(super) struct Input {
    /// In words: `the file of the rows`.
    what: String,
    /// A file, or a folder all of whose files are read.
    path: PathBuf,
}

impl Input {
    /// A file, or a folder all of whose files are read; `what` it is in words.
    pub fn new(what: &str, path: &Path) -> Self {
        Input { what: what.to_owned(), path: path.to_owned() }
    }

    /// What records and predictions of a results directory are read from. Its reports may be written anew.
    pub fn results(directory: &Path) -> Vec<Self> {
        let what = format!("a file of the results in {}", directory.display());
        let files =
            [MANIFEST_FILE, LOG_FILE, &format!("{LOG_FILE}.gz"), PREDICTIONS_FOLDER].map(|name| directory.join(name));
        files.into_iter().map(|path| Input { what: what.clone(), path }).collect()
    }

    fn holds(&self, file: &Path) -> bool {
        if !self.path.is_dir() {
            return is_same_file(&self.path, file);
        }
        // A folder that cannot be listed is told by who reads it.
        let entries = std::fs::read_dir(&self.path).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).any(|path| is_same_file(&path, file))
    }
}

/// The file that an argument names: `-` is standard input, and `./-` a file that is called so.
pub(super) fn named(argument: &Path) -> &Path {
    if argument == Path::new("-") { Path::new("/dev/stdin") } else { argument }
}

/// Checks the files that options name: `outputs` are the options with what they were given.
///
/// # Errors
/// [`Error::Usage`] for a file that is read, by whatever path or link, and for one that two options name.
pub(super) fn apart(outputs: &[(&str, Option<&Path>)], inputs: &[Input]) -> Result<()> {
    let given: Vec<(&str, &Path)> = outputs.iter().filter_map(|(option, path)| Some((*option, (*path)?))).collect();
    for (at, (option, path)) in given.iter().enumerate() {
        if let Some(input) = inputs.iter().filter(|_| path.exists()).find(|input| input.holds(path)) {
            return Err(Error::Usage(format!("`{option}` {} is {}: name another one", path.display(), input.what)));
        }
        if let Some((other, _)) = given[..at].iter().find(|(_, other)| is_same_place(other, path)) {
            return Err(Error::Usage(format!("`{other}` and `{option}` name one file, {}", path.display())));
        }
    }
    Ok(())
}

/// Refuses to write over what is there; `what` is the kind of thing that `--out` names, `file` or `folder`.
///
/// # Errors
/// [`Error::Usage`], unless `overwrite` is given.
pub(super) fn refuse_existing(path: &Path, what: &str, overwrite: bool) -> Result<()> {
    // A link that leads nowhere is there, too.
    match overwrite || path.symlink_metadata().is_err() {
        true => Ok(()),
        false => Err(is_there(path, &format!("name another {what} with --out, or give --overwrite"))),
    }
}

/// That something is there already, and what to write instead.
pub(super) fn is_there(path: &Path, instead: &str) -> Error {
    Error::Usage(format!("{} is there already and is not overwritten: {instead}", path.display()))
}

/// Whether two files are one, or would be.
fn is_same_place(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        folder.canonicalize().ok().map(|folder| folder.join(path.file_name().unwrap_or_default()))
    };
    is_same_file(a, b) || place(a).is_some_and(|one| place(b) == Some(one))
}
