//! A results directory: where its files are, and the lock that keeps two runs apart.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::nights::LATEST;
use super::zipped::zipped_path;
use super::{Log, Manifest, Record, latest, nights, read_records, to_come};
use crate::data::today;
use crate::error::{Error, Result};
use crate::os::{check_folder, check_locks};
use crate::words::{count, listed, quoted_path};

/// The manifest's file name.
pub const MANIFEST_FILE: &str = "manifest.toml";
/// The record log's file name.
pub const LOG_FILE: &str = "records.jsonl";
const LOCK_FILE: &str = "lock";
/// How often a lock that another process has is tried again, and after which time: who looks whether a directory is in use has its lock
/// for a moment.
const TRIES: usize = 10;
const PAUSE: Duration = Duration::from_millis(20);
/// The file of a plan of shards, whose folder is no results directory.
pub const PLAN_FILE: &str = "plan.json";
/// The folder of a plan's joined results.
pub const MERGED_FOLDER: &str = "merged";
/// Says of a folder outside a results directory that fraudbench writes reports into it.
const MARKER_FILE: &str = ".fraudbench";
const MARKER: &str = "fraudbench writes its reports into this folder, over those that are there.\n";

/// Refuses a folder in which somebody else's files are, or that cannot be listed to its end; `is_ours` tells what else is none of
/// theirs. Hidden ones are nobody's: no file of ours has such a name.
pub(super) fn refuse_foreign(path: &Path, is_ours: fn(&Path) -> bool) -> Result<()> {
    let entries = match std::fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        // It is not there yet; of a file in its place there is more to say than that it has no entries.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        Err(e) => {
            return Err(Error::Usage(format!(
                "{} cannot be listed ({e}), and may hold files that are not fraudbench's: nothing was written; allow this user to \
                 read the folder, or choose another `--out`",
                path.display()
            )));
        }
    };
    let entries = entries.into_iter().filter(|entry| !is_ours(&entry.path()));
    let names = entries.map(|entry| entry.file_name());
    match names.filter(|name| name != LOCK_FILE && !name.as_encoded_bytes().starts_with(b".")).min() {
        None => Ok(()),
        Some(name) => Err(Error::Usage(format!(
            "{} holds files that are not fraudbench's, such as {}: nothing was written; choose another `--out`",
            path.display(),
            name.display()
        ))),
    }
}

/// Whether a folder holds results or reports of ours.
pub(super) fn is_of_us(path: &Path) -> bool {
    path.join(MANIFEST_FILE).exists() || path.join(MARKER_FILE).exists()
}

/// Refuses a folder that [`enter_reports`] would refuse, and leaves it as it is.
///
/// # Errors
/// [`Error::Usage`] when it holds files that are not ours; [`Error::Io`] when nothing can be written there.
pub fn check_reports(path: &Path) -> Result<()> {
    check_folder(path)?;
    match refuse_foreign(path, is_of_us) {
        // In this order, as another one may be entering it: it says so before its files come.
        Err(_) if is_of_us(path) => Ok(()),
        checked => checked,
    }
}

/// Takes the folder at `path` for reports: a results directory, one that reports were written into before, or one that is new or
/// holds such folders only.
///
/// # Errors
/// [`Error::Usage`] when it holds other files; [`Error::Io`].
pub fn enter_reports(path: &Path) -> Result<()> {
    check_reports(path)?;
    if is_of_us(path) {
        return Ok(());
    }
    std::fs::create_dir_all(path).map_err(|e| Error::io("create", path, e))?;
    let marker = path.join(MARKER_FILE);
    std::fs::write(&marker, MARKER).map_err(|e| Error::io("write", &marker, e))
}

/// As [`enter_reports`]; all others who come this way wait until what it gives is dropped.
///
/// # Errors
/// Those of [`enter_reports`].
pub fn enter_alone(path: &Path) -> Result<File> {
    enter_reports(path)?;
    let marker = path.join(MARKER_FILE);
    // A results directory has none.
    let opened = File::options().append(true).create(true).open(&marker);
    let locked = opened.and_then(|file| file.lock().map(|()| file));
    locked.map_err(|e| Error::io("lock", &marker, e))
}

/// Whether the folder at `path` holds results, whole or begun, as far as one may look.
pub(crate) fn has_results(path: &Path) -> bool {
    let log = path.join(LOG_FILE);
    path.join(MANIFEST_FILE).exists() || log.exists() || zipped_path(&log).exists()
}

/// Whether there is a file at `path`, or one that only others may look at: a folder that may not be entered does not tell.
fn may_be_there(path: &Path) -> bool {
    let gone = |e: io::Error| matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
    !path.metadata().is_err_and(gone)
}

/// That a folder has the log of records alone, where it is so.
fn without_manifest(path: &Path) -> Option<String> {
    let log = path.join(LOG_FILE);
    let name = [zipped_path(&log), log].into_iter().rfind(|log| log.exists())?.file_name()?.display().to_string();
    (!may_be_there(&path.join(MANIFEST_FILE)))
        .then(|| format!("has no {MANIFEST_FILE} beside its {name} (was it copied in part?): copy it again"))
}

/// The manifest of the results directory at `path`.
fn manifest_of(path: &Path) -> Result<Manifest> {
    let file = path.join(MANIFEST_FILE);
    let other = match may_be_there(&file) {
        true => None,
        false => {
            let alone = without_manifest(path).map(|said| format!("{} {said}, or move it away", path.display()));
            alone.or_else(|| meant(path))
        }
    };
    match other {
        Some(said) => Err(Error::Store(format!("not a results directory: {said}"))),
        None => Manifest::read(&file),
    }
}

/// What a folder is that holds results directories, and which of them may be meant; none where it is no such folder.
fn meant(path: &Path) -> Option<String> {
    let place = path.display();
    if path.join(PLAN_FILE).is_file() {
        return Some(format!(
            "{place} is the folder of a plan: name its joined results, {} (`fraudbench merge {}` makes them)",
            path.join(MERGED_FOLDER).display(),
            quoted_path(path)
        ));
    }
    // Who may not list it is told that there is no manifest. What is of a day to come is not the newest.
    let today = today();
    let (mut come, to_come) = to_come(nights(path).unwrap_or_default(), &today);
    let Some(newest) = come.pop().or_else(|| to_come.into_iter().next()) else { return holding(path) };
    let newest = newest.path;
    let leads_to_come = latest(path).is_some_and(|night| night.date > today);
    let link = Some(path.join(LATEST)).filter(|link| !leads_to_come && link.exists());
    Some(format!("{place} is a folder of nights: name one of them, such as {}", link.unwrap_or(newest).display()))
}

/// Results directories of a folder that are named.
const NAMED: usize = 10;

/// That a folder holds results directories, and which; none where it holds none.
fn holding(path: &Path) -> Option<String> {
    let folders = std::fs::read_dir(path).ok()?.flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = folders.filter(|folder| folder.join(MANIFEST_FILE).is_file()).collect();
    found.sort();
    let named = found.iter().take(NAMED).map(|folder| folder.display().to_string());
    let more = found.len().saturating_sub(NAMED);
    let named: Vec<String> = named.chain((more > 0).then(|| format!("{} more", count(more as u64)))).collect();
    (!found.is_empty()).then(|| {
        format!("{} is a folder of results directories: name one of them ({})", path.display(), listed(&named))
    })
}

fn taken(path: &Path) -> Error {
    if let Some(said) = without_manifest(path) {
        let place = path.display();
        return Error::Taken(format!(
            "{place} holds results already, and {said}, move it away, or choose another `--out`"
        ));
    }
    Error::Taken(format!(
        "{} holds results already: go on with `fraudbench run --resume {}`, or choose another `--out`",
        path.display(),
        quoted_path(path)
    ))
}

/// A results directory that this process may write to, until it is dropped.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    // Held for its lock; the operating system lets go of it when the process ends, however it ends.
    _lock: File,
}

impl Directory {
    /// Refuses a path at which no new results directory can be made.
    ///
    /// # Errors
    /// [`Error::Taken`] when there are results already, or another run is using it; [`Error::Usage`] when there are other files;
    /// [`Error::Io`].
    pub fn refuse_taken(path: &Path) -> Result<()> {
        // A run that goes on there is said before its results. The lock is let go at once.
        if path.join(LOCK_FILE).exists() {
            drop(Self::lock(path)?);
        }
        match has_results(path) {
            true => Err(taken(path)),
            false => refuse_foreign(path, |_| false).and_then(|()| check_folder(path)).and_then(|()| check_locks(path)),
        }
    }

    /// Creates a new results directory at `path`.
    ///
    /// # Errors
    /// [`Error::Taken`] when there are results already, or another run is using it; [`Error::Usage`] when there are other files;
    /// [`Error::Io`].
    pub fn create(path: &Path) -> Result<Self> {
        Self::refuse_taken(path)?;
        std::fs::create_dir_all(path).map_err(|e| Error::io("create", path, e))?;
        let directory = Self::lock(path)?;
        // Another run may have been quicker.
        match has_results(path) {
            true => Err(taken(path)),
            false => Ok(directory),
        }
    }

    /// Opens an existing one to go on with it.
    ///
    /// # Errors
    /// [`Error::Store`] when it is no results directory or of a newer format; [`Error::Taken`] when it is in use;
    /// [`Error::Io`].
    pub fn open(path: &Path) -> Result<(Self, Manifest)> {
        let manifest = manifest_of(path)?;
        Ok((Self::lock(path)?, manifest))
    }

    /// Takes a folder that is there, whatever is in it, so that nobody else does the same there at the same time.
    ///
    /// # Errors
    /// [`Error::Taken`] when it is in use; [`Error::Io`].
    pub fn hold(path: &Path) -> Result<Self> {
        Self::lock(path)
    }

    /// Whether a run was begun in the directory at `path`, whatever is left of it; also where only others may look.
    pub fn is_begun(path: &Path) -> bool {
        may_be_there(&path.join(MANIFEST_FILE)) || has_results(path)
    }

    /// Whether a run was ended in the directory at `path` before it had anything: there is its lock, and else nothing but hidden files.
    pub(super) fn is_unbegun(path: &Path) -> bool {
        // In this order: who has begun there meanwhile has the lock.
        path.join(LOCK_FILE).exists() && !Self::is_in_use(path) && Self::has_nothing(path)
    }

    /// Whether in the folder at `path` there is nothing but hidden files and a lock, whoever has it.
    pub(super) fn has_nothing(path: &Path) -> bool {
        // What is no folder has nothing in it and is none of these; one that cannot be listed to its end may hold a whole night.
        !Self::is_begun(path) && path.is_dir() && refuse_foreign(path, |_| false).is_ok()
    }

    /// Ends it as if it had never been: for one that nothing could be written into. What is in it all the same stays.
    pub fn give_up(self) {
        let _ = std::fs::remove_file(self.path.join(LOCK_FILE)).and_then(|()| std::fs::remove_dir(&self.path));
    }

    /// Whether a run is using the directory at `path` now.
    pub fn is_in_use(path: &Path) -> bool {
        // Without that file nobody has it.
        let lock = File::options().write(true).open(path.join(LOCK_FILE));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Manifest and records, for reading only: no lock is needed, the log only ever grows by whole lines.
    ///
    /// # Errors
    /// [`Error::Store`] when it is no results directory or of a newer format; [`Error::Io`].
    pub fn read(path: &Path) -> Result<(Manifest, Vec<Record>)> {
        Ok((manifest_of(path)?, read_records(&path.join(LOG_FILE))?))
    }

    /// Its log, open for appending; one that was packed is not any more.
    ///
    /// # Errors
    /// Those of [`Log::open`].
    pub fn log(&self) -> Result<Log> {
        Log::open(&self.path.join(LOG_FILE))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn lock(path: &Path) -> Result<Self> {
        // Whoever has it writes there, and not only into files that are there.
        check_folder(path)?;
        let file_path = path.join(LOCK_FILE);
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file_path)
            .map_err(|e| Error::io("open", &file_path, e))?;
        let mut tried = lock.try_lock();
        for _ in 0..TRIES {
            if !matches!(tried, Err(TryLockError::WouldBlock)) {
                break;
            }
            sleep(PAUSE);
            tried = lock.try_lock();
        }
        match tried {
            Ok(()) => Ok(Directory { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::Taken(format!(
                "{} is in use by another fraudbench: wait until it ends, or choose another directory",
                path.display()
            ))),
            Err(TryLockError::Error(e)) => Err(Error::io("lock", &file_path, e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn who_looks_whether_a_directory_is_in_use_keeps_no_run_out() {
        let place = tempfile::tempdir().unwrap();
        drop(Directory::lock(place.path()).unwrap());
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    Directory::is_in_use(place.path());
                }
            });
            let refused = (0..50).filter(|_| Directory::lock(place.path()).is_err()).count();
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(refused, 0);
        });
        // Who keeps it does.
        let kept = Directory::lock(place.path()).unwrap();
        assert!(Directory::is_in_use(place.path()));
        assert!(Directory::lock(place.path()).unwrap_err().to_string().contains("is in use by another fraudbench"));
        drop(kept);
        assert!(!Directory::is_in_use(place.path()));
    }

    #[test]
    fn a_folder_of_nights_names_none_of_a_day_to_come_where_there_is_another() {
        let place = tempfile::tempdir().unwrap();
        let made = |name: &str| {
            std::fs::create_dir(place.path().join(name)).unwrap();
            std::fs::write(place.path().join(name).join(MANIFEST_FILE), "").unwrap();
        };
        let named = |name: &str| {
            let said = Directory::read(place.path()).unwrap_err().to_string();
            assert!(said.ends_with(&format!("such as {}", place.path().join(name).display())), "{said}");
        };
        made("2999-01-01.1");
        named("2999-01-01.1");
        made("2020-01-01.1");
        made("2020-01-02.1");
        named("2020-01-02.1");
        let link = place.path().join(LATEST);
        std::os::unix::fs::symlink("2999-01-01.1", &link).unwrap();
        named("2020-01-02.1");
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("2020-01-01.1", &link).unwrap();
        named(LATEST);
    }

    #[test]
    fn a_folder_of_results_directories_names_them() {
        let place = tempfile::tempdir().unwrap();
        let of = |name: &str| place.path().join(name);
        let said = || Directory::read(place.path()).unwrap_err().to_string();
        std::fs::create_dir(of("empty")).unwrap();
        assert!(said().contains("cannot read "), "{}", said());
        for name in ["b", "a"] {
            std::fs::create_dir(of(name)).unwrap();
            std::fs::write(of(name).join(MANIFEST_FILE), "").unwrap();
        }
        let named = format!("({} and {})", of("a").display(), of("b").display());
        let what = "is a folder of results directories: name one of them";
        assert_eq!(said(), format!("not a results directory: {} {what} {named}", place.path().display()));
        for number in 10..20 {
            std::fs::create_dir(of(&format!("c{number}"))).unwrap();
            std::fs::write(of(&format!("c{number}")).join(MANIFEST_FILE), "").unwrap();
        }
        assert!(said().ends_with(&format!("{} and 2 more)", of("c17").display())), "{}", said());
    }

    #[test]
    fn a_folder_that_cannot_be_listed_does_not_count_as_empty() {
        let place = tempfile::tempdir().unwrap();
        let of = |name: &str| place.path().join(name);
        std::fs::create_dir(of("empty")).unwrap();
        std::fs::write(of("empty").join(LOCK_FILE), "").unwrap();
        assert!(Directory::has_nothing(&of("empty")));
        // Nobody can list these, not even who may do all.
        std::fs::write(of("file"), "").unwrap();
        std::os::unix::fs::symlink("circle", of("circle")).unwrap();
        for name in ["file", "circle", "nowhere"] {
            assert!(!Directory::has_nothing(&of(name)), "{name}");
        }
        // Nothing is written where files of others may be.
        let said = refuse_foreign(&of("circle"), |_| false).unwrap_err().to_string();
        assert!(
            said.contains("circle cannot be listed (") && said.contains("nothing was written; allow this user"),
            "{said}"
        );
        assert!(refuse_foreign(&of("nowhere"), |_| false).is_ok() && refuse_foreign(&of("empty"), |_| false).is_ok());
    }
}
