//! Temporary files and folders beside their place: hidden, no other writer's, and gone with the process that made them. What a
//! killed one has left is cleared by the next that writes into the same folder.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// What has not changed for so long is written by nobody any more, on whichever machine: a week.
const ABANDONED: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The temporary files and folders that there are now.
static ALL: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Among which processes a number means the same one: this boot of this machine, and the container. None where it cannot be told.
static HERE: LazyLock<Option<u64>> = LazyLock::new(|| {
    let boot = fs::read("/proc/sys/kernel/random/boot_id").ok()?;
    let container = fs::read_link("/proc/self/ns/pid").ok()?;
    let digest = Sha256::new().chain_update(boot).chain_update(container.as_os_str().as_encoded_bytes()).finalize();
    Some(digest.iter().take(8).fold(0, |number, &byte| (number << 8) | u64::from(byte)))
});

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So many bytes of a file's name are in its temporary one: with what stands behind them no file system finds that too long.
const KEPT: usize = 60;

/// A name beside `path` that no other process and no other thread uses, on this machine or on another one that shares the
/// folder. [`Writer::of`] reads it.
pub(super) fn beside(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_nanos());
    let own = path.file_name().unwrap_or_default().to_string_lossy();
    let kept = &own[..own.floor_char_boundary(KEPT)];
    let here = HERE.map_or_else(String::new, |here| format!("-{here:x}"));
    path.with_file_name(format!(".{kept}.{nanoseconds:x}-{:x}-{count:x}{here}.new", std::process::id()))
}

/// Who made a temporary file, as its name tells.
struct Writer {
    process: u32,
    /// As [`HERE`]; none in names of before.
    place: Option<u64>,
}

impl Writer {
    /// None for a name that is not one of [`beside`].
    fn of(name: &str) -> Option<Self> {
        let (_, numbers) = name.strip_prefix('.')?.strip_suffix(".new")?.rsplit_once('.')?;
        let numbers: Vec<u64> =
            numbers.split('-').map(|number| u64::from_str_radix(number, 16).ok()).collect::<Option<_>>()?;
        let (process, place) = match numbers[..] {
            [_, process, _] => (process, None),
            [_, process, _, place] => (process, Some(place)),
            _ => return None,
        };
        Some(Writer { process: u32::try_from(process).ok()?, place })
    }

    /// Whether it is certain that the process has ended. One that another has the number of by now is not.
    fn has_ended(&self) -> bool {
        let is_here = self.place.is_some() && self.place == *HERE;
        let process = i32::try_from(self.process).ok().and_then(Pid::from_raw);
        is_here && process.is_some_and(|process| test_kill_process(process) == Err(Errno::SRCH))
    }
}

/// Removes from `folder` what processes have left there that were killed: where it is certain, see [`Writer::has_ended`], or where
/// nobody has written for a week. Once per folder, as folders may be large and files many.
fn clear(folder: &Path) {
    static CLEARED: Mutex<Option<HashSet<PathBuf>>> = Mutex::new(None);
    if !locked(&CLEARED).get_or_insert_default().insert(folder.to_owned()) {
        return;
    }
    // Who writes into a folder that cannot be listed is told why.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Some(writer) = entry.file_name().to_str().and_then(Writer::of) else { continue };
        let age = entry.metadata().and_then(|facts| facts.modified()).ok().and_then(|then| then.elapsed().ok());
        if writer.has_ended() || age.is_some_and(|age| age > ABANDONED) {
            remove(&entry.path());
        }
    }
}

/// Removes a file, a link or a folder. It may not be there yet, or be in its place already.
fn remove(path: &Path) {
    let is_folder = path.symlink_metadata().is_ok_and(|facts| facts.is_dir());
    let _ = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

/// A file or a folder that is gone when dropped, if it did not reach its place before.
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// A path in the folder of `path`, at which nothing is yet.
    pub(super) fn beside(path: &Path) -> Self {
        clear(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
        let temporary = beside(path);
        locked(&ALL).push(temporary.clone());
        Temporary(temporary)
    }

    /// A new folder in that of `path`, which is made where it is not there.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn folder(path: &Path) -> Result<Self> {
        let temporary = Temporary::beside(path);
        match fs::create_dir_all(&temporary.0) {
            Ok(()) => Ok(temporary),
            Err(e) => Err(Error::io("make the folder", &temporary.0, e)),
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After success nothing is there; after a failure it is the failure that is told.
        remove(&self.0);
        locked(&ALL).retain(|path| *path != self.0);
    }
}

/// Ends the process at once, and leaves no half-written file. To be called by a thread that writes none.
pub(crate) fn exit_without_traces(code: u8) -> ! {
    // It is held to the end, so that no file is begun meanwhile.
    let all = locked(&ALL);
    all.iter().for_each(|path| remove(path));
    std::process::exit(i32::from(code))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_are_the_same_and_each_tells_its_writer() {
        let path = Path::new("some/.new-rows.1-2.csv");
        assert_ne!(beside(path), beside(path));
        let name = beside(path);
        let writer = Writer::of(name.file_name().unwrap().to_str().unwrap()).unwrap();
        assert_eq!((writer.process, writer.place), (std::process::id(), *HERE));
        assert!(writer.place.is_some() && !writer.has_ended());
        for other in [".lock", ".fraudbench", ".a.new", ".a.1-2.new", ".a.1-2-x.new", "a.1-2-3.new", ".a.1-2-3.old"] {
            assert!(Writer::of(other).is_none(), "{other}");
        }
    }

    #[test]
    fn what_a_killed_process_has_left_is_cleared_once_it_is_certain() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = child.id();
        child.wait().unwrap();
        let (here, own) = (HERE.unwrap(), std::process::id());
        let elsewhere = here ^ 1;
        let make = |name: &str, is_old: bool| {
            let file = fs::File::create(at(name)).unwrap();
            let days = if is_old { 8 } else { 6 };
            file.set_modified(SystemTime::now() - Duration::from_secs(days * 24 * 3_600)).unwrap();
        };
        let killed = format!(".a.csv.17-{gone:x}-0-{here:x}.new");
        let old_elsewhere = format!(".b.csv.17-{gone:x}-0-{elsewhere:x}.new");
        let old_before = format!(".c.csv.17-{gone:x}-0.new");
        let lives = format!(".d.csv.17-{own:x}-0-{here:x}.new");
        let may_live = format!(".e.csv.17-{gone:x}-0-{elsewhere:x}.new");
        let of_before = format!(".f.csv.17-{gone:x}-0.new");
        for (name, is_old) in [
            (&*killed, false),
            (&old_elsewhere, true),
            (&old_before, true),
            (&lives, false),
            (&may_live, false),
            (&of_before, false),
            (".others.new", true),
            ("rows.csv", true),
        ] {
            make(name, is_old);
        }
        let scratch = format!(".g.csv.17-{gone:x}-1-{here:x}.new");
        fs::create_dir(at(&scratch)).unwrap();
        fs::write(at(&scratch).join("wheel"), "half").unwrap();
        drop(Temporary::beside(&at("rows.csv")));
        for cleared in [&killed, &old_elsewhere, &old_before, &scratch] {
            assert!(!at(cleared).exists(), "{cleared}");
        }
        for stays in [&*lives, &may_live, &of_before, ".others.new", "rows.csv"] {
            assert!(at(stays).exists(), "{stays}");
        }
    }

    #[test]
    fn a_long_name_is_cut_between_letters_and_still_tells_its_writer() {
        let name = |of: &str| beside(Path::new(of)).file_name().unwrap().to_str().unwrap().to_owned();
        // 59 bytes, and a letter of two of which the 60th would be the first.
        let cut = name(&format!("{}\u{e4}{}", "a".repeat(59), "b".repeat(190)));
        assert!(cut.starts_with(&format!(".{}.", "a".repeat(59))), "{cut}");
        assert_eq!(Writer::of(&cut).unwrap().process, std::process::id());
        assert!(name(&"a".repeat(255)).starts_with(&format!(".{}.", "a".repeat(60))));
        assert!(name(&"a".repeat(255)).len() <= 143, "the longest name of an encrypted folder");
    }

    #[test]
    fn a_folder_goes_with_what_is_in_it() {
        let place = tempfile::TempDir::new().unwrap();
        let folder = Temporary::folder(&place.path().join("cache/rows.csv")).unwrap();
        fs::write(folder.path().join("half"), "x").unwrap();
        assert!(folder.path().starts_with(place.path().join("cache")));
        drop(folder);
        assert_eq!(fs::read_dir(place.path().join("cache")).unwrap().count(), 0);
    }
}
