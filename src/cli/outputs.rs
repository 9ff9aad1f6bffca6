//! Files that a command writes: none of them may be a file that it reads, or another one that it writes. What may be the only one of
//! its kind (a table, scores, a model, a study) is written over only where `--overwrite` says so; reports, which are made of records,
//! are made anew, in the place of our own reports of their form alone.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::os::{is_same_file, is_stream};
use crate::report::own;
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
/// [`Error::Usage`] for a file that is read, by whatever path or link, for one that two options name, and for a folder or a file of
/// somebody's in the place of a report; [`Error::Io`].
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
    let mut foreign = Vec::new();
    for (option, path) in given {
        if let Some(form) = Form::of(option) {
            foreign.extend(form.refuses(option, path)?);
        }
    }
    if foreign.is_empty() { Ok(()) } else { Err(Error::Usage(foreign.join("; "))) }
}

/// A form of reports.
struct Form {
    /// In words, as they stand behind `is not`.
    name: &'static str,
    /// Whether a file that begins so is ours, and has it.
    is_of: fn(&str) -> bool,
}

/// Bytes of a file's beginning that tell its form.
const BEGINNING: u64 = 1 << 16;

impl Form {
    /// The form of what an option names; none where that is no report.
    fn of(option: &str) -> Option<Self> {
        let (name, is_of): (_, fn(&str) -> bool) = match option {
            "--junit" => ("JUnit XML of fraudbench", own::is_junit),
            "--json" => ("JSON of fraudbench", own::is_json),
            "--page" => ("a page of fraudbench", own::is_page),
            "--markdown" => ("Markdown of fraudbench", own::is_markdown),
            _ => return None,
        };
        Some(Form { name, is_of })
    }

    /// Why a report is not written to `path`, if it is not: nobody asked to lose a table or a study. What is written into (a terminal, a
    /// pipe, what this process prints on) and an empty file have nothing to lose.
    fn refuses(&self, option: &str, path: &Path) -> Result<Option<String>> {
        let said = path.display();
        let Ok(facts) = path.metadata() else { return Ok(None) };
        if facts.is_dir() {
            return Ok(Some(format!("`{option}` {said} is a folder: name a file in it")));
        }
        if is_stream(path) || facts.len() == 0 {
            return Ok(None);
        }
        let mut begin = Vec::new();
        let read = File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut begin));
        read.map_err(|e| Error::io("read", path, e))?;
        let is_ours = (self.is_of)(String::from_utf8_lossy(&begin).trim_start());
        Ok((!is_ours).then(|| {
            format!(
                "`{option}` {said} is there already, is not {}, and is not written over: name another file",
                self.name
            )
        }))
    }
}

/// Refuses to write over what is there; `what` is the kind of thing that `--out` names, `file` or `folder`. What is written into has
/// nothing to lose.
///
/// # Errors
/// [`Error::Usage`], unless `overwrite` is given.
pub(super) fn refuse_existing(path: &Path, what: &str, overwrite: bool) -> Result<()> {
    // A link that leads nowhere is there, too.
    match overwrite || is_stream(path) || path.symlink_metadata().is_err() {
        true => Ok(()),
        false => Err(not_overwritten(path, what)),
    }
}

fn not_overwritten(path: &Path, what: &str) -> Error {
    is_there(path, &format!("name another {what} with --out, or give --overwrite"))
}

/// What writing to `path` failed with. What came there after [`refuse_existing`] had looked is told in the same words.
pub(super) fn came_meanwhile(error: Error, path: &Path, what: &str) -> Error {
    match &error {
        Error::Io { source, .. } if source.kind() == ErrorKind::AlreadyExists => not_overwritten(path, what),
        _ => error,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Document, Text};
    use crate::report::render::html;

    #[test]
    fn a_report_takes_the_place_of_a_report_of_its_form_alone() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("out");
        let options = ["--junit", "--json", "--page", "--markdown"];
        let taken = |text: &str| -> Vec<&str> {
            std::fs::write(&path, text).unwrap();
            options.into_iter().filter(|option| apart(&[(option, Some(&path))], &[]).is_ok()).collect()
        };
        assert_eq!(taken(""), options);
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"";
        assert_eq!(taken(&format!("{head}gate: runs/new\" tests=\"0\">\n")), ["--junit"]);
        let case = "<testcase classname=\"svc\" name=\"repeat 0 fold 0\" time=\"0.1\"/>";
        assert_eq!(taken(&format!("{head}My study\" tests=\"1\">\n{case}\n")), ["--junit"]);
        assert_eq!(taken("{\n  \"layout\": 1,\n  \"passed\": true\n}\n"), ["--json"]);
        assert_eq!(taken("# Quality gate\n\n**GATE passed: 3 comparisons**\n\n## All comparisons\n"), ["--markdown"]);
        let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/results/families-5-fold/report.md");
        assert_eq!(taken(&std::fs::read_to_string(committed).unwrap()), ["--markdown"]);
        let document = Document { title: Text::plain("History: x"), lead: Vec::new(), sections: Vec::new() };
        assert_eq!(taken(&html::page(&document, &[])), ["--page"]);
        for others in [
            "a,b,label\n1,2,0\n",
            "name = \"x\"\n",
            "# My study\n\nname = \"x\"\n",
            "#!/bin/sh\n\n## a\n",
            "{\"mine\": {\"layout\": 1}}\n",
            "{\"layout\": {\"width\": 3}}\n",
            "<?xml version=\"1.0\"?>\n<mine/>\n",
            // Of others, though they begin as ours do.
            "# What I found\n\nThe gate failed.\n\n## Why\n\n| run | score |\n| --- | --- |\n| a | 0.7 |\n",
            "# Quality gate\n\nHow we use it.\n\n## Runs\n",
            "# Quality gates\n\n**GATE passed: is what we want**\n",
            "<!DOCTYPE html>\n<html></html>\n",
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><testsuites><testsuite name=\"pytest\" errors=\"0\">",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"units\"><testcase name=\"a\"/>",
        ] {
            assert_eq!(taken(others), Vec::<&str>::new(), "{others}");
        }
        std::fs::write(&path, [0xff, 0xfe, 0]).unwrap();
        assert!(options.iter().all(|option| apart(&[(option, Some(&path))], &[]).is_err()));
        // What is no report has rules of its own, and a place where nothing is is free.
        assert!(apart(&[("--out", Some(&path))], &[]).is_ok());
        assert!(apart(&[("--json", Some(&place.path().join("new")))], &[]).is_ok());
        assert!(apart(&[("--json", Some(Path::new("/dev/null")))], &[]).is_ok());
    }

    #[test]
    fn all_files_in_the_place_of_reports_are_told_at_once() {
        let place = tempfile::tempdir().unwrap();
        let (folder, table) = (place.path().join("folder"), place.path().join("data.csv"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&table, "a\n1\n").unwrap();
        let said = apart(&[("--junit", Some(&table)), ("--json", Some(&folder))], &[]).unwrap_err().to_string();
        let wanted = format!(
            "`--junit` {} is there already, is not JUnit XML of fraudbench, and is not written over: name another file; `--json` {} is a folder: name \
             a file in it",
            table.display(),
            folder.display()
        );
        assert_eq!(said, wanted);
    }
}
