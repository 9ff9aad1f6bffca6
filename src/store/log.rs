//! The append-only record log: one JSON object a line, flushed to disk a record at a time. A kept folder has it packed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use serde_json::error::Category;

use super::zipped::{pack, text, unpack, whole};
use super::{FORMAT, NO_FORMAT};
use crate::error::{Error, Result};
use crate::words::{count, counted, listed, one_line};

/// An open log, positioned after its last whole record.
#[derive(Debug)]
pub struct Log {
    file: File,
    path: PathBuf,
    end: u64,
}

impl Log {
    /// Opens or creates the log at `path`; a packed one is unpacked first. A line that a killed process left unfinished is cut off.
    ///
    /// # Errors
    /// [`Error::Usage`] when another process has it open; [`Error::Store`] when a packed one is damaged; [`Error::Io`] when the file
    /// cannot be opened or cut.
    pub fn open(path: &Path) -> Result<Self> {
        unpack(path)?;
        // Whatever is written goes to the end, wherever another process has put that.
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(|e| Error::io("open", path, e))?;
        // The directory's lock may have been removed while another run held it; the log itself cannot be without being missed.
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Usage(format!(
                    "{} is in use by another fraudbench: wait until it ends, or choose another directory",
                    path.display()
                )));
            }
            Err(TryLockError::Error(e)) => return Err(Error::io("lock", path, e)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| Error::io("read", path, e))?;
        let end = whole(&bytes) as u64;
        file.set_len(end).map_err(|e| Error::io("cut the unfinished last line of", path, e))?;
        Ok(Log { file, path: path.to_owned(), end })
    }

    /// Appends one record, a line of JSON, and hands it to the disk before it returns.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written whole (a full disk); the log then still ends after its last whole record.
    /// Those of [`Log::check`].
    pub fn append<T: serde::Serialize>(&mut self, record: &T) -> Result<()> {
        let before = self.end;
        self.add(record)?;
        self.sync().inspect_err(|_| self.cut_to(before))
    }

    /// The same, but for the disk: of many records together [`Log::sync`] hands them to it.
    ///
    /// # Errors
    /// Those of [`Log::append`].
    pub fn add<T: serde::Serialize>(&mut self, record: &T) -> Result<()> {
        let mut line = serde_json::to_vec(record).map_err(|e| Error::Store(format!("cannot encode a record: {e}")))?;
        line.push(b'\n');
        self.check()?;
        match self.file.write_all(&line) {
            Ok(()) => {
                self.end += line.len() as u64;
                Ok(())
            }
            Err(e) => {
                self.cut_to(self.end);
                Err(Error::io("append a record to", &self.path, e))
            }
        }
    }

    /// Hands to the disk what was added.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(|e| Error::io("append a record to", &self.path, e))
    }

    /// The byte after its last record.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The records from the byte `from` on, at which [`Log::end`] was.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Store`] for lines that are no records.
    pub fn since<T: serde::de::DeserializeOwned>(&self, from: u64) -> Result<Vec<T>> {
        let mut bytes = vec![0; self.end.saturating_sub(from) as usize];
        self.file.read_exact_at(&mut bytes, from).map_err(|e| Error::io("read", &self.path, e))?;
        records(&self.path, &bytes)
    }

    /// Checks that the file at the log's path is still the one that was opened, with what was appended to it and no more: a
    /// log that is deleted, moved or cut meanwhile would take records that nobody finds.
    ///
    /// # Errors
    /// [`Error::Store`] when it is not; [`Error::Io`] when it cannot be looked at.
    pub fn check(&self) -> Result<()> {
        let own = self.file.metadata().map_err(|e| Error::io("look at", &self.path, e))?;
        let wrong = match std::fs::metadata(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => "was deleted or moved".to_owned(),
            Err(e) => return Err(Error::io("look at", &self.path, e)),
            Ok(found) if (found.dev(), found.ino()) != (own.dev(), own.ino()) => "was replaced by another file".into(),
            Ok(found) if found.len() != self.end => {
                format!("has {} bytes instead of the {} that were written", found.len(), self.end)
            }
            Ok(_) => return Ok(()),
        };
        Err(Error::Store(format!(
            "{} {wrong} while the run was going on: leave the directory alone until the run ends; what is gone is run \
             again when the run is resumed",
            self.path.display()
        )))
    }

    /// Ends it as a folder keeps it: packed.
    ///
    /// # Errors
    /// Those of [`Log::check`]; [`Error::Io`].
    pub fn pack(self) -> Result<()> {
        self.check()?;
        pack(&self.path, &std::fs::read(&self.path).map_err(|e| Error::io("read", &self.path, e))?)
    }

    /// Cuts off what was not written whole. Best effort: a reader and the next run cut an unfinished line, too.
    fn cut_to(&mut self, end: u64) {
        self.end = end;
        let _ = self.file.set_len(end);
    }
}

/// Reads all whole records of the log at `path`, packed or not; a missing one has none. An unfinished last line is not a record.
///
/// # Errors
/// [`Error::Store`] for lines that are no records, naming their numbers, one of a newer format, a packed log that is damaged, and a
/// packed log beside a plain one with other records; [`Error::Io`].
pub fn read_records<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    match text(path)? {
        None => Ok(Vec::new()),
        Some(text) => records(&text.file, &text.bytes),
    }
}

/// The whole records in `bytes`, which were read from `file`.
fn records<T: serde::de::DeserializeOwned>(file: &Path, bytes: &[u8]) -> Result<Vec<T>> {
    let (mut records, mut wrong) = (Vec::new(), Vec::new());
    // An editor leaves an empty line at the end.
    let lines = bytes[..whole(bytes)].split(|&byte| byte == b'\n').enumerate();
    for (at, line) in lines.filter(|(_, line)| !line.trim_ascii().is_empty()) {
        match read_line(line) {
            Ok(record) => records.push(record),
            Err(No::Newer(format)) => {
                return Err(Error::Store(format!(
                    "{}, line {} has format {format}, and this fraudbench reads up to {FORMAT}: use a newer fraudbench",
                    file.display(),
                    at + 1
                )));
            }
            Err(No::Record(found)) => wrong.push((at + 1, found)),
        }
    }
    match wrong.is_empty() {
        true => Ok(records),
        false => Err(no_records(file, &wrong)),
    }
}

/// Why a line is no record that can be read.
enum No {
    /// It has this format.
    Newer(u32),
    /// What it is instead, in words.
    Record(String),
}

fn read_line<T: serde::de::DeserializeOwned>(line: &[u8]) -> Result<T, No> {
    #[derive(serde::Deserialize)]
    struct Version {
        v: u32,
    }
    let line = std::str::from_utf8(line).map_err(|e| {
        let said = format!("is not UTF-8 text from byte {} on", e.valid_up_to() + 1);
        No::Record(begun(&String::from_utf8_lossy(line), &said))
    })?;
    let no_record = |e: serde_json::Error| No::Record(found(line, &e));
    let version: Version = serde_json::from_str(line).map_err(no_record)?;
    if version.v > FORMAT {
        return Err(No::Newer(version.v));
    }
    if version.v == 0 {
        return Err(No::Record(begun(line, NO_FORMAT)));
    }
    serde_json::from_str(line).map_err(no_record)
}

/// Characters of a line that are quoted, from its beginning.
const QUOTED: usize = 30;

/// What a line is that is no record.
fn found(line: &str, error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Eof => "ends too early".to_owned(),
        Category::Data => "is JSON of something else".to_owned(),
        Category::Syntax | Category::Io => format!("is no JSON from byte {} on", error.column()),
    };
    begun(line, &what)
}

/// The beginning of a line, and what it is.
fn begun(line: &str, what: &str) -> String {
    let begin: String = line.chars().take(QUOTED).collect();
    let more = if begin.len() < line.len() { "…" } else { "" };
    format!("`{}{more}` {what}", one_line(&begin))
}

/// Lines that are named one by one.
const NAMED: usize = 5;

/// That lines of a log are no records, and what to do.
fn no_records(file: &Path, wrong: &[(usize, String)]) -> Error {
    let (what, them) = match wrong {
        [(line, found)] => (format!(", line {line} is no record: {found}"), "the line"),
        _ => {
            let named = wrong.iter().take(NAMED).map(|(line, found)| format!("line {line} ({found})"));
            let more = wrong.len().saturating_sub(NAMED);
            let more = (more > 0).then(|| format!("{} more", count(more as u64)));
            let named: Vec<String> = named.chain(more).collect();
            (
                format!(" has {} that are no records: {}", counted(wrong.len() as u64, "line"), listed(&named)),
                "these lines",
            )
        }
    };
    Error::Store(format!(
        "{}{what}; put back a whole copy of the file, or remove {them} and resume the run, which then runs the cells that it lacks",
        file.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::zipped::zipped_path;

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Line {
        v: u32,
        key: String,
    }

    fn line(key: &str) -> Line {
        Line { v: FORMAT, key: key.into() }
    }

    /// A log of three records, packed, and its path.
    fn kept() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("records.jsonl");
        let mut log = Log::open(&path).unwrap();
        ["one", "two", "three"].iter().for_each(|key| log.append(&line(key)).unwrap());
        log.pack().unwrap();
        (folder, path)
    }

    fn keys(path: &Path) -> Vec<String> {
        read_records::<Line>(path).unwrap().into_iter().map(|line| line.key).collect()
    }

    #[test]
    fn a_packed_log_is_read_and_gone_on_with() {
        let (_folder, path) = kept();
        assert!(!path.exists());
        assert_eq!(keys(&path), ["one", "two", "three"]);
        let bytes = std::fs::read(zipped_path(&path)).unwrap();
        // No flags, no time, no system: equal records, equal bytes.
        assert_eq!((&bytes[..8], bytes[9]), (&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0][..], 255));
        let mut log = Log::open(&path).unwrap();
        assert!(!zipped_path(&path).exists());
        log.append(&line("four")).unwrap();
        assert_eq!(keys(&path), ["one", "two", "three", "four"]);
        log.pack().unwrap();
        assert_eq!(keys(&path), ["one", "two", "three", "four"]);
    }

    #[test]
    fn a_private_log_is_private_packed_and_unpacked() {
        use std::os::unix::fs::PermissionsExt;

        let (_folder, path) = kept();
        let zipped = zipped_path(&path);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        std::fs::set_permissions(&zipped, std::fs::Permissions::from_mode(0o600)).unwrap();
        let log = Log::open(&path).unwrap();
        assert_eq!((mode(&path), zipped.exists()), (0o600, false));
        log.pack().unwrap();
        assert_eq!((mode(&zipped), path.exists()), (0o600, false));
    }

    #[test]
    fn of_two_logs_the_one_that_holds_both_counts_and_else_none() {
        let (_folder, path) = kept();
        let zipped = zipped_path(&path);
        let bytes = std::fs::read(&zipped).unwrap();
        // Killed after unpacking, and then gone on with.
        let mut log = Log::open(&path).unwrap();
        log.append(&line("four")).unwrap();
        std::fs::write(&zipped, &bytes).unwrap();
        assert_eq!(keys(&path), ["one", "two", "three", "four"]);
        drop(log);
        drop(Log::open(&path).unwrap());
        assert!(!zipped.exists());
        assert_eq!(keys(&path), ["one", "two", "three", "four"]);
        // Another log, and one with less.
        let plain = std::fs::read_to_string(&path).unwrap();
        for other in [plain.replace("two", "2"), plain.lines().take(2).map(|line| format!("{line}\n")).collect()] {
            std::fs::write(&zipped, &bytes).unwrap();
            std::fs::write(&path, &other).unwrap();
            for e in [read_records::<Line>(&path).unwrap_err(), Log::open(&path).unwrap_err()] {
                assert!(e.to_string().contains("hold different records: move one"), "{e}");
                assert_eq!(e.exit_code(), 3);
            }
            assert_eq!(
                (std::fs::read(&zipped).unwrap(), std::fs::read_to_string(&path).unwrap()),
                (bytes.clone(), other)
            );
        }
    }

    #[test]
    fn a_damaged_packed_log_is_told_and_stays() {
        let (_folder, path) = kept();
        let zipped = zipped_path(&path);
        let whole = std::fs::read(&zipped).unwrap();
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 4;
        for bytes in [&whole[..whole.len() - 9], &changed, b"no gzip", b"", &[&whole[..], b"more"].concat()] {
            std::fs::write(&zipped, bytes).unwrap();
            for e in [read_records::<Line>(&path).unwrap_err(), Log::open(&path).unwrap_err()] {
                let said = e.to_string();
                assert!(said.contains("records.jsonl.gz is damaged or cut (") && e.exit_code() == 3, "{said}");
            }
            assert!(!path.exists() && std::fs::read(&zipped).unwrap() == bytes);
        }
        // A line that was not finished when somebody packed the log by hand is no record there either.
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"{\"v\":1,\"key\":\"one\"}\n{\"v\":1,").unwrap();
        std::fs::write(&zipped, encoder.finish().unwrap()).unwrap();
        assert_eq!(keys(&path), ["one"]);
        // Such a file is named where a line in it is no record.
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"{\"v\":1,\"key\":\"one\"}\n[]\n").unwrap();
        std::fs::write(&zipped, encoder.finish().unwrap()).unwrap();
        let said = read_records::<Line>(&path).unwrap_err().to_string();
        assert!(said.contains("records.jsonl.gz, line 2 is no record"), "{said}");
    }

    #[test]
    fn bytes_that_are_no_text_are_told_with_their_lines() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("records.jsonl");
        let lines = [&br#"{"v":1,"key":"one"}"#[..], b"{\"v\":1,\"\xffey\":\"two\"}", b"\xc3", b"\r", b""];
        std::fs::write(&path, lines.join(&b'\n')).unwrap();
        let said = read_records::<Line>(&path).unwrap_err().to_string();
        let named = "line 2 (`{\"v\":1,\"\u{fffd}ey\":\"two\"}` is not UTF-8 text from byte 9 on) and line 3 (`\u{fffd}` is not UTF-8 \
                     text from byte 1 on)";
        assert!(said.contains(&format!("has 2 lines that are no records: {named}; put back")), "{said}");
        // What was not written whole is cut as ever, text or not.
        std::fs::write(&path, [lines[0], b"\n\xff\xff"].concat()).unwrap();
        assert_eq!(keys(&path), ["one"]);
    }

    #[test]
    fn what_was_added_since_a_place_is_read_from_there() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("records.jsonl");
        let mut log = Log::open(&path).unwrap();
        log.append(&line("one")).unwrap();
        let end = log.end();
        assert_eq!(log.since::<Line>(end).unwrap(), []);
        for key in ["two", "three"] {
            log.add(&line(key)).unwrap();
        }
        log.sync().unwrap();
        assert_eq!(log.since::<Line>(end).unwrap(), [line("two"), line("three")]);
        assert_eq!(keys(&path), ["one", "two", "three"]);
        // What is before it is not looked at again.
        let text = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&vec![b'x'; end as usize][..], &text[end as usize..]].concat()).unwrap();
        assert_eq!(log.since::<Line>(end).unwrap(), [line("two"), line("three")]);
    }

    #[test]
    fn all_lines_that_are_no_records_are_told_in_words_and_empty_ones_are_none() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("records.jsonl");
        let (one, two) = (r#"{"v":1,"key":"one"}"#, r#"{"v":1,"key":"two"}"#);
        std::fs::write(&path, format!("{one}\n\n{two}\n  \n\n")).unwrap();
        assert_eq!(keys(&path), ["one", "two"]);
        // What is appended behind them is read.
        Log::open(&path).unwrap().append(&line("three")).unwrap();
        assert_eq!(keys(&path), ["one", "two", "three"]);
        let said = |text: &str| {
            std::fs::write(&path, text).unwrap();
            read_records::<Line>(&path).unwrap_err().to_string()
        };
        let place = path.display();
        let instead = "; put back a whole copy of the file, or remove the line and resume the run, which then runs the cells that it lacks";
        for (wrong, found) in [
            ("x", "`x` is no JSON from byte 1 on"),
            (r#"{"v":1,,"key":"a"}"#, r#"`{"v":1,,"key":"a"}` is no JSON from byte 8 on"#),
            (r#"{"v":1,"key":"#, r#"`{"v":1,"key":` ends too early"#),
            (r#"{"v":1,"kye":"a"}"#, r#"`{"v":1,"kye":"a"}` is JSON of something else"#),
            (r#"{"v":0,"key":"a"}"#, r#"`{"v":0,"key":"a"}` has format 0, which no fraudbench writes"#),
            (
                r#"{"v":1,"kye":"0123456789012345678901234567"}"#,
                r#"`{"v":1,"kye":"0123456789012345…` is JSON of something else"#,
            ),
        ] {
            assert_eq!(said(&format!("{one}\n{wrong}\n")), format!("{place}, line 2 is no record: {found}{instead}"));
        }
        let all = said(&format!("x\n{one}\n\n[]\n{two}\n"));
        let named = "line 1 (`x` is no JSON from byte 1 on) and line 4 (`[]` is JSON of something else)";
        assert!(all.starts_with(&format!("{place} has 2 lines that are no records: {named}; put back")), "{all}");
        assert!(all.contains("or remove these lines and resume"), "{all}");
        let many = said(&"x\n".repeat(1_007));
        assert!(
            many.contains("has 1,007 lines that are no records: line 1 (") && many.contains(" and 1,002 more; "),
            "{many}"
        );
    }
}
