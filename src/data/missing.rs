//! What is told of a file that is not there: where it was looked for, what lies there that could be meant, and how to get it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::catalogue::CATALOGUE;
use super::read::stem;
use crate::error::{Error, lost_link};
use crate::words::{count, quoted_path};

/// Files of a folder that are named.
const NAMED: usize = 5;
/// Names that are so much alike may be meant for each other.
const ALIKE: f64 = 0.5;
/// Folders within a folder in which a file of the same name is looked for.
const FOLDERS: usize = 200;

/// A file that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Study,
    Table,
}

impl Wanted {
    const fn called(self) -> &'static str {
        match self {
            Wanted::Study => "study",
            Wanted::Table => "table",
        }
    }

    /// Whether a file of this name is one.
    fn is(self, name: &str) -> bool {
        let endings: &[&str] = match self {
            Wanted::Study => &[".toml"],
            Wanted::Table => &[".csv", ".csv.gz", ".csv.zst", ".tsv", ".tsv.gz", ".tsv.zst", ".txt", ".parquet", ".pq"],
        };
        let name = name.to_lowercase();
        endings.iter().any(|ending| name.ends_with(ending))
    }

    /// A file's name without what most names of its kind share.
    fn stem(self, path: &Path) -> String {
        let stem = stem(path);
        let short = if self == Wanted::Study { stem.strip_suffix(".toml") } else { None };
        short.unwrap_or(&stem).to_lowercase()
    }

    /// How to get the file, where that is known.
    fn remedy(self, path: &Path) -> Option<String> {
        let stem = stem(path);
        match self {
            Wanted::Study if !self.is(&path.to_string_lossy()) => None,
            Wanted::Study => Some(format!("`fraudbench init --study {}` writes a template", quoted_path(path))),
            Wanted::Table if stem.starts_with("handbook") => Some(format!(
                "`fraudbench data simulate handbook --out {}` makes the Handbook's table",
                quoted_path(path)
            )),
            Wanted::Table => {
                let Some(known) = CATALOGUE.iter().find(|known| known.name == stem) else { return described(path) };
                let name = format!("name = \"{stem}\" instead of `path`");
                Some(match known.carried {
                    None => format!("`fraudbench data fetch {stem}` gets it, and a study reads it with {name}"),
                    Some(_) => format!("fraudbench carries this table: {name} reads it"),
                })
            }
        }
    }
}

/// Where the folder says where the file is from, if it does.
fn described(path: &Path) -> Option<String> {
    let readme = path.with_file_name("README.md");
    let text = fs::read_to_string(&readme).ok()?;
    let name = path.file_name()?.to_string_lossy();
    text.contains(&*name).then(|| format!("{} says where {name} is from", readme.display()))
}

/// The error of a file that could not be opened to `what`; where there is none, with what can be done.
pub(crate) fn unread(what: &str, path: &Path, wanted: Wanted, source: io::Error) -> Error {
    if source.kind() != io::ErrorKind::NotFound {
        return Error::io(what, path, source);
    }
    let remedy = wanted.remedy(path).map_or_else(String::new, |remedy| format!("; {remedy}"));
    Error::io(what, path, io::Error::new(source.kind(), format!("{source}{}{remedy}", around(path, wanted))))
}

/// What lies where a file was looked for.
fn around(path: &Path, wanted: Wanted) -> String {
    // To the eye, the file or its folder is there.
    if let Some(link) = path.ancestors().find_map(lost_link) {
        return format!("; {link}");
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let lie = files(folder, wanted);
    let meant = elsewhere(path, folder).or_else(|| nearest(path, &lie, wanted).map(|name| format!("`{name}`")));
    let hint = meant.map_or_else(|| ".".to_owned(), |meant| format!("; did you mean {meant}?"));
    let shown = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let shown = shown.display();
    if !folder.is_dir() {
        return format!("{hint} There is no folder {shown}");
    }
    let listed = lie[..lie.len().min(NAMED)].join(", ");
    match lie.len().saturating_sub(NAMED) {
        _ if lie.is_empty() => format!("{hint} There is no {} in {shown}", wanted.called()),
        0 => format!("{hint} In {shown} there is {listed}"),
        more => format!("{hint} In {shown} there is {listed} and {} more", count(more as u64)),
    }
}

/// The files of a folder that could be meant, by name.
fn files(folder: &Path, wanted: Wanted) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| wanted.is(name) && !name.starts_with('.')).collect();
    names.sort();
    names
}

/// A file of the same name in a folder of `folder`, or in the folder in which the program was started.
fn elsewhere(path: &Path, folder: &Path) -> Option<String> {
    let name = path.file_name()?;
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.truncate(FOLDERS);
    folders.extend(std::env::current_dir());
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    found.map(|file| format!("`{}`", file.display()))
}

/// The name that is most like that of `path`, if any is.
fn nearest<'n>(path: &Path, names: &'n [String], wanted: Wanted) -> Option<&'n str> {
    let stem = wanted.stem(path);
    let likeness = |name: &String| strsim::normalized_damerau_levenshtein(&stem, &wanted.stem(Path::new(name)));
    let near = names.iter().map(|name| (likeness(name), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    near.filter(|(likeness, _)| *likeness > ALIKE).map(|(_, name)| name.as_str())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// What is told of `name` in a folder with these files, whose path stands as `DIR`.
    fn said(name: &str, files: &[&str], wanted: Wanted) -> String {
        let folder = TempDir::new().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let path = folder.path().join(name);
        let error = fs::read(&path).unwrap_err();
        unread("read", &path, wanted, error).to_string().replace(&folder.path().display().to_string(), "DIR")
    }

    const GONE: &str = "No such file or directory (os error 2)";

    #[test]
    fn what_lies_in_the_folder_is_told_with_the_nearest_name() {
        assert_eq!(
            said("crads.csv", &["cards.csv", "notes.md", "other.parquet", ".hidden.csv"], Wanted::Table),
            format!(
                "cannot read DIR/crads.csv: {GONE}; did you mean `cards.csv`? In DIR there is cards.csv, other.parquet"
            )
        );
        // The same table in another form.
        assert!(said("cards.csv", &["cards.parquet"], Wanted::Table).contains("did you mean `cards.parquet`?"));
        let many = ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv", "f.csv", "g.csv"];
        let unlike = said("unlike.csv", &many, Wanted::Table);
        assert!(unlike.ends_with(&format!("{GONE}. In DIR there is a.csv, b.csv, c.csv, d.csv, e.csv and 2 more")));
        assert!(said("x.csv", &[], Wanted::Table).ends_with(". There is no table in DIR"));
        assert!(said("no/x.csv", &[], Wanted::Table).ends_with(". There is no folder DIR/no"));
    }

    #[test]
    fn a_file_of_the_same_name_in_a_folder_below_is_found() {
        let said = said("x.csv", &["data/x.csv", "x.toml"], Wanted::Table);
        assert!(said.ends_with("; did you mean `DIR/data/x.csv`? There is no table in DIR"), "{said}");
    }

    #[test]
    fn how_to_get_the_file_is_told() {
        assert_eq!(
            said("mien.toml", &["mine.toml", "mine.csv"], Wanted::Study),
            format!(
                "cannot read DIR/mien.toml: {GONE}; did you mean `mine.toml`? In DIR there is mine.toml; `fraudbench init --study \
                 DIR/mien.toml` writes a template"
            )
        );
        // It may be the name of a component.
        assert!(
            said("mine", &["mine.toml"], Wanted::Study)
                .ends_with("did you mean `mine.toml`? In DIR there is mine.toml")
        );
        let fetched = said("creditcard.csv", &[], Wanted::Table);
        let wanted = "; `fraudbench data fetch creditcard` gets it, and a study reads it with name = \"creditcard\" instead of `path`";
        assert!(fetched.ends_with(wanted), "{fetched}");
        let carried = said("creditcard-sample.csv", &[], Wanted::Table);
        assert!(
            carried.ends_with(
                "There is no table in DIR; fraudbench carries this table: name = \"creditcard-sample\" instead of `path` reads it"
            ),
            "{carried}"
        );
        // What lies beside it is not what the advice is about.
        let beside = said("creditcard-sample.csv", &["small.csv"], Wanted::Table);
        assert!(beside.contains("In DIR there is small.csv; fraudbench carries this table: name = "), "{beside}");
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("cards.csv.gz");
        fs::write(folder.path().join("README.md"), "- `cards.csv.gz`: of the bank").unwrap();
        let told = unread("read", &path, Wanted::Table, fs::read(&path).unwrap_err()).to_string();
        let wanted = format!("; {} says where cards.csv.gz is from", folder.path().join("README.md").display());
        assert!(told.ends_with(&wanted), "{told}");
        let made = said("handbook.parquet", &[], Wanted::Table);
        let wanted = "; `fraudbench data simulate handbook --out DIR/handbook.parquet` makes the Handbook's table";
        assert!(made.ends_with(wanted), "{made}");
    }

    #[test]
    fn a_link_to_what_is_not_there_is_told_as_such() {
        let folder = TempDir::new().unwrap();
        let shown = folder.path().display().to_string();
        for (link, target) in [("x.csv", "disk/x.csv"), ("tables", "/nowhere/tables")] {
            std::os::unix::fs::symlink(target, folder.path().join(link)).unwrap();
        }
        let said = |name: &str| {
            let path = folder.path().join(name);
            unread("read", &path, Wanted::Table, fs::read(&path).unwrap_err()).to_string().replace(&shown, "DIR")
        };
        let lost = "DIR/x.csv is a link to disk/x.csv, which is not there";
        assert_eq!(said("x.csv"), format!("cannot read DIR/x.csv: {GONE}; {lost}"));
        let lost = "DIR/tables is a link to /nowhere/tables, which is not there";
        assert_eq!(said("tables/y.csv"), format!("cannot read DIR/tables/y.csv: {GONE}; {lost}"));
    }

    #[test]
    fn what_cannot_be_read_for_another_reason_is_told_as_ever() {
        let refused = unread("read", Path::new("x.csv"), Wanted::Table, io::Error::from_raw_os_error(13));
        let advice = "you may not read it: have that changed (`chmod`), or name another one";
        assert_eq!(refused.to_string(), format!("cannot read x.csv: Permission denied (os error 13); {advice}"));
    }
}
