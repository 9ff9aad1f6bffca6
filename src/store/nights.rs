//! The nights of a study: a folder with a results directory per run, named by date and number, and a link to the newest finished
//! one.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::directory::{is_of_us, refuse_foreign};
use super::{Directory, MANIFEST_FILE, Manifest, names_in};
use crate::data::day_of;
use crate::error::{Error, Result};
use crate::os::{check_folder, check_locks, remove_folder, replace_at};

/// The name of the link to the newest finished night.
pub(super) const LATEST: &str = "latest";
/// The page of their history in the folder of nights.
pub const HISTORY_FILE: &str = "history.html";

/// One results directory among the nights of a study.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Night {
    /// The day, `2026-11-28`.
    pub date: String,
    /// Its number on that day, from 1.
    pub number: u32,
    /// Where it is.
    pub path: PathBuf,
}

impl Night {
    /// A directory whose name is a night's.
    fn of(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_owned();
        let (date, number) = name.rsplit_once('.')?;
        let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = date.split('-').collect();
        let [year, month, day] = parts[..] else { return None };
        let is_date = digits(year, 4) && digits(month, 2) && digits(day, 2) && day_of(date).is_some();
        let number = number.parse().ok().filter(|n: &u32| *n > 0 && n.to_string() == number)?;
        is_date.then(|| Night { date: date.to_owned(), number, path })
    }
}

/// The nights in `root`, the oldest first: directories with a night's name in which a run was begun. One that may not be entered
/// or was copied in part is a night, too: whoever reads it tells. Whatever else lies there is not ours.
///
/// # Errors
/// [`Error::Io`] when the folder cannot be read; one that does not exist has none, and neither has a file.
pub fn nights(root: &Path) -> Result<Vec<Night>> {
    let mut found: Vec<Night> = in_folder(root)?.filter(|night| Directory::is_begun(&night.path)).collect();
    found.sort();
    Ok(found)
}

/// The folders in `root` that have a night's name.
fn in_folder(root: &Path) -> Result<impl Iterator<Item = Night>> {
    let names = names_in(root).map_err(|e| Error::io("read", root, e))?;
    // A link leads to what may be anybody's.
    let is_folder = |path: &PathBuf| path.symlink_metadata().is_ok_and(|facts| facts.is_dir());
    let paths = names.into_iter().map(|name| root.join(name));
    Ok(paths.filter(is_folder).filter_map(Night::of))
}

/// The nights up to `today`, and those of a day to come, of a clock that was wrong: these are not the newest.
pub fn to_come(nights: Vec<Night>, today: &str) -> (Vec<Night>, Vec<Night>) {
    nights.into_iter().partition(|night| *night.date <= *today)
}

/// Removes the folders of earlier days in which a night was ended before its manifest was written: they hold its lock, which
/// nobody has, and nothing that anybody can see. Those of `today` may be begun right now.
///
/// # Errors
/// Those of [`nights`].
pub fn clear_unbegun(root: &Path, today: &str) -> Result<Vec<Night>> {
    let is_unbegun = |night: &Night| *night.date < *today && Directory::is_unbegun(&night.path);
    let mut found: Vec<Night> = in_folder(root)?.filter(is_unbegun).collect();
    // A night may have begun and ended there before the folder was held. One that cannot be removed harms nobody.
    found.retain(|night| {
        let held = Directory::hold(&night.path);
        held.is_ok_and(|_held| Directory::has_nothing(&night.path) && remove_folder(&night.path).is_ok())
    });
    found.sort();
    Ok(found)
}

/// Refuses a folder into which no nights may go: results, in which they would go with them; one with files that are not ours and
/// no night yet; and one whose `latest` is no link, which could never lead to them.
///
/// # Errors
/// [`Error::Usage`]; [`Error::Io`] where nothing can be written there.
pub fn check_root(root: &Path) -> Result<()> {
    let refused = |said: String| Err(Error::Usage(said));
    if root.join(MANIFEST_FILE).exists() {
        let said = "is a results directory, and nights go into a folder of their own: name another `--out`";
        return refused(format!("{} {said}", root.display()));
    }
    check_folder(root)?;
    check_locks(root)?;
    if is_blocked(root) {
        return refused(format!("{} is no link, and is left as it is: move it away", root.join(LATEST).display()));
    }
    let has_nights =
        || std::fs::read_dir(root).is_ok_and(|there| there.flatten().any(|e| Night::of(e.path()).is_some()));
    if is_of_us(root) || latest(root).is_some() || has_nights() {
        return Ok(());
    }
    // The page stays where somebody removes all nights.
    refuse_foreign(root, |path| is_of_us(path) || path.file_name().is_some_and(|name| name == HISTORY_FILE))
}

/// Whether something that is no link stands in the place of `latest` in `root`.
fn is_blocked(root: &Path) -> bool {
    root.join(LATEST).symlink_metadata().is_ok_and(|facts| !facts.is_symlink())
}

/// Makes the directory of the next night of `date` in `root`; no other run can have the same.
///
/// # Errors
/// [`Error::Io`].
pub fn reserve(root: &Path, date: &str) -> Result<PathBuf> {
    std::fs::create_dir_all(root).map_err(|e| Error::io("create", root, e))?;
    // Above all that are there: the number of one that was removed would make the new night older than those that were kept. Of the
    // newest one the link still tells.
    let there = names_in(root).map_err(|e| Error::io("read", root, e))?;
    let there = there.into_iter().filter_map(|name| Night::of(root.join(name))).chain(latest(root));
    let of_day = there.filter(|night| night.date == date);
    let mut number = of_day.map(|night| night.number).max().unwrap_or(0) + 1;
    loop {
        let path = root.join(format!("{date}.{number}"));
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(e) => return Err(Error::io("create", &path, e)),
        }
    }
}

/// The night that `latest` in `root` leads to, whether it is still there or not.
pub fn latest(root: &Path) -> Option<Night> {
    Night::of(root.join(std::fs::read_link(root.join(LATEST)).ok()?))
}

/// Has `latest` in `root` lead to a night, unless it leads to a newer one. Readers find the old link or the new one. A night of a
/// day after `today` is not newer: a clock was wrong.
///
/// # Errors
/// [`Error::Usage`] when what is there is no link; [`Error::Io`].
pub fn link_latest(root: &Path, night: &Path, today: &str) -> Result<()> {
    let link = root.join(LATEST);
    if is_blocked(root) {
        return Err(Error::Usage(format!("{} is no link, so it was left as it is: move it away", link.display())));
    }
    let target = night.file_name().map_or_else(|| night.to_owned(), PathBuf::from);
    // One that began later may have ended sooner.
    let there = latest(root).filter(|there| there.path.is_dir() && *there.date <= *today);
    if let (Some(there), Some(new)) = (there, Night::of(night.to_owned()))
        && (&there.date, there.number) > (&new.date, new.number)
    {
        return Ok(());
    }
    replace_at(&link, |temporary| {
        std::os::unix::fs::symlink(&target, temporary).map_err(|e| Error::io("link", &link, e))
    })
}

/// The same for a results directory that was resumed by itself, if it has a night's name: the link where it leads to it now and
/// did not before. A link of somebody else's stays.
///
/// # Errors
/// Those of [`link_latest`].
pub fn link_resumed(directory: &Path, today: &str) -> Result<Option<PathBuf>> {
    // It may be named by a link, or from inside.
    let Some(night) = directory.canonicalize().ok().and_then(Night::of) else { return Ok(None) };
    let Some(root) = night.path.parent() else { return Ok(None) };
    let link = root.join(LATEST);
    let before = latest(root);
    let is_anothers = before.is_none() && link.is_symlink();
    if *night.date > *today || is_anothers || before.is_some_and(|before| before.path == night.path) {
        return Ok(None);
    }
    link_latest(root, &night.path, today)?;
    Ok(latest(root).filter(|now| now.path == night.path).map(|_| link))
}

/// The name of the study that a manifest is of; empty where it has none.
pub fn study_name(manifest: &Manifest) -> String {
    let table: Option<toml::Table> = manifest.study.parse().ok();
    let name = table.as_ref().and_then(|table| table.get("name")).and_then(toml::Value::as_str);
    name.unwrap_or("").to_owned()
}

/// Removes a night that is of the study `name` and that no run holds.
///
/// # Errors
/// [`Error::Usage`] when it is another study's, or in use; [`Error::Store`] when it is no results directory; [`Error::Io`].
pub fn remove(night: &Night, name: &str) -> Result<()> {
    // Held until all is gone.
    let (_held, manifest) = Directory::open(&night.path)?;
    if study_name(&manifest) != name {
        return Err(Error::Usage(format!("{} is another study's", night.path.display())));
    }
    remove_folder(&night.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: &str = "2026-11-30";

    #[test]
    fn nights_are_told_by_their_names_and_manifests() {
        let root = tempfile::tempdir().unwrap();
        let made = |name: &str| {
            std::fs::create_dir(root.path().join(name)).unwrap();
            std::fs::write(root.path().join(name).join(MANIFEST_FILE), "").unwrap();
        };
        ["2026-11-02.10", "2026-11-02.9", "2026-10-30.1"].into_iter().for_each(made);
        let others =
            ["2026-11-02.09", "2026-11-2.1", "2026-11-02", "notes", "2026-11-02.0", "20261102.1", "2026-99-99.1"];
        others.into_iter().for_each(made);
        std::fs::create_dir(root.path().join("2026-11-03.1")).unwrap();
        std::os::unix::fs::symlink("2026-11-02.9", root.path().join("2026-11-04.1")).unwrap();
        let found = nights(root.path()).unwrap();
        let names: Vec<String> = found.iter().map(|n| format!("{}.{}", n.date, n.number)).collect();
        assert_eq!(names, ["2026-10-30.1", "2026-11-02.9", "2026-11-02.10"]);
        // Whatever has the name, nothing is written over it.
        assert!(reserve(root.path(), "2026-11-03").unwrap().ends_with("2026-11-03.2"));
        // A number below is free, and the night would be older than its elders.
        assert!(reserve(root.path(), "2026-11-02").unwrap().ends_with("2026-11-02.11"));
        assert!(nights(&root.path().join("nowhere")).unwrap().is_empty());
        assert!(nights(&root.path().join("2026-11-02.9").join(MANIFEST_FILE)).unwrap().is_empty(), "a file has none");
    }

    #[test]
    fn folders_in_which_a_night_had_nothing_yet_are_removed() {
        let root = tempfile::tempdir().unwrap();
        let made = |name: &str, files: &[&str]| {
            let folder = root.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            files.iter().for_each(|file| std::fs::write(folder.join(file), "").unwrap());
            folder
        };
        made("2026-11-02.1", &["lock"]);
        made("2026-11-03.1", &["lock", ".manifest.toml.1-2.new"]);
        // Somebody's, of a run, in use, of today, and no night.
        made("2026-11-04.1", &[]);
        made("2026-11-05.1", &["lock", "notes.txt"]);
        made("2026-11-06.1", &["lock", MANIFEST_FILE]);
        let _held = Directory::hold(&made("2026-11-07.1", &["lock"])).unwrap();
        made(&format!("{TODAY}.1"), &["lock"]);
        made("notes", &["lock"]);
        let removed = clear_unbegun(root.path(), TODAY).unwrap();
        let removed: Vec<_> = removed.iter().map(|night| night.path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(removed, ["2026-11-02.1", "2026-11-03.1"]);
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 6);
        assert!(clear_unbegun(&root.path().join("nowhere"), TODAY).unwrap().is_empty());
    }

    #[test]
    fn a_night_that_cannot_be_listed_is_not_removed() {
        use std::os::unix::fs::PermissionsExt;

        let root = tempfile::tempdir().unwrap();
        let made = |name: &str, files: &[&str]| {
            let folder = root.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            files.iter().for_each(|file| std::fs::write(folder.join(file), "kept").unwrap());
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o300)).unwrap();
            folder
        };
        let finished = made("2026-11-02.1", &["lock", MANIFEST_FILE, "records.jsonl"]);
        let closed = made("2026-11-03.1", &["lock", "notes.txt"]);
        assert!(clear_unbegun(root.path(), TODAY).unwrap().is_empty());
        assert_eq!(std::fs::read(finished.join(MANIFEST_FILE)).unwrap(), b"kept");
        assert_eq!(std::fs::read(closed.join("notes.txt")).unwrap(), b"kept");
        // So that who may not do all can remove them.
        for folder in [finished, closed] {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
    }

    #[test]
    fn a_night_whose_manifest_cannot_be_looked_at_is_a_night() {
        let root = tempfile::tempdir().unwrap();
        let night = root.path().join("2026-11-02.1");
        std::fs::create_dir(&night).unwrap();
        // A circle of links is refused to everybody; a folder of another user is not refused to who may do all.
        std::os::unix::fs::symlink(MANIFEST_FILE, night.join(MANIFEST_FILE)).unwrap();
        let found = nights(root.path()).unwrap();
        assert_eq!(found.iter().map(|night| &night.path).collect::<Vec<_>>(), [&night]);
        assert!(Directory::read(&night).unwrap_err().to_string().contains("cannot read"));
        // Nor is one passed over that was copied in part.
        let copied = root.path().join("2026-11-03.1");
        std::fs::create_dir(&copied).unwrap();
        std::fs::write(copied.join("records.jsonl"), "").unwrap();
        assert_eq!(nights(root.path()).unwrap().pop().map(|night| night.path), Some(copied.clone()));
        let said = Directory::read(&copied).unwrap_err().to_string();
        assert!(said.contains("2026-11-03.1 has no manifest.toml beside its records.jsonl"), "{said}");
    }

    #[test]
    fn the_number_of_the_latest_night_is_not_given_again_when_it_is_removed() {
        let root = tempfile::tempdir().unwrap();
        for number in 1..=3 {
            let night = reserve(root.path(), "2026-11-02").unwrap();
            assert!(night.ends_with(format!("2026-11-02.{number}")), "{night:?}");
            link_latest(root.path(), &night, TODAY).unwrap();
        }
        std::fs::remove_dir(root.path().join("2026-11-02.3")).unwrap();
        let night = reserve(root.path(), "2026-11-02").unwrap();
        assert!(night.ends_with("2026-11-02.4"), "{night:?}");
        link_latest(root.path(), &night, TODAY).unwrap();
        assert_eq!(std::fs::read_link(root.path().join(LATEST)).unwrap(), Path::new("2026-11-02.4"));
        // Another day begins with 1.
        assert!(reserve(root.path(), "2026-11-03").unwrap().ends_with("2026-11-03.1"));
    }

    #[test]
    fn latest_is_replaced_if_it_is_a_link() {
        let root = tempfile::tempdir().unwrap();
        for name in ["2026-11-02.1", "2026-11-02.2"] {
            link_latest(root.path(), &root.path().join(name), TODAY).unwrap();
            assert_eq!(std::fs::read_link(root.path().join(LATEST)).unwrap(), Path::new(name));
        }
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
        // A newer night that is there stays the latest.
        std::fs::create_dir(root.path().join("2026-11-02.2")).unwrap();
        link_latest(root.path(), &root.path().join("2026-11-02.1"), TODAY).unwrap();
        assert_eq!(std::fs::read_link(root.path().join(LATEST)).unwrap(), Path::new("2026-11-02.2"));
        link_latest(root.path(), &root.path().join("2026-11-02.10"), TODAY).unwrap();
        assert_eq!(std::fs::read_link(root.path().join(LATEST)).unwrap(), Path::new("2026-11-02.10"));
        std::fs::remove_file(root.path().join(LATEST)).unwrap();
        std::fs::write(root.path().join(LATEST), "mine").unwrap();
        assert!(link_latest(root.path(), Path::new("x"), TODAY).unwrap_err().to_string().contains("is no link"));
        assert_eq!(std::fs::read(root.path().join(LATEST)).unwrap(), b"mine");
    }

    #[test]
    fn a_night_of_a_day_to_come_is_not_newer() {
        let root = tempfile::tempdir().unwrap();
        let of = |name: &str| root.path().join(name);
        std::fs::create_dir(of("2027-01-01.1")).unwrap();
        std::os::unix::fs::symlink("2027-01-01.1", of(LATEST)).unwrap();
        link_latest(root.path(), &of("2026-11-30.1"), TODAY).unwrap();
        assert_eq!(std::fs::read_link(of(LATEST)).unwrap(), Path::new("2026-11-30.1"));
    }

    #[test]
    fn a_night_that_is_resumed_by_itself_becomes_the_latest_where_it_is_the_newest() {
        let root = tempfile::tempdir().unwrap();
        let of = |name: &str| root.path().canonicalize().unwrap().join(name);
        let leads = || std::fs::read_link(of(LATEST)).unwrap();
        for name in ["2026-11-29.1", "2026-11-30.1", "2026-11-30.2", "2027-01-01.1", "plain"] {
            std::fs::create_dir(of(name)).unwrap();
        }
        let resumed = |name: &str| link_resumed(&of(name), TODAY).unwrap();
        // Also where no night came to its end before.
        assert_eq!((resumed("2026-11-30.1"), leads()), (Some(of(LATEST)), PathBuf::from("2026-11-30.1")));
        assert_eq!((resumed("2026-11-30.1"), leads()), (None, PathBuf::from("2026-11-30.1")), "it leads there already");
        assert_eq!((resumed("2026-11-29.1"), leads()), (None, PathBuf::from("2026-11-30.1")), "an older one");
        assert_eq!((resumed("2027-01-01.1"), leads()), (None, PathBuf::from("2026-11-30.1")), "of a day to come");
        assert_eq!((resumed("plain"), leads()), (None, PathBuf::from("2026-11-30.1")), "no night");
        assert_eq!((resumed("2026-11-30.2"), leads()), (Some(of(LATEST)), PathBuf::from("2026-11-30.2")));
        std::fs::remove_file(of(LATEST)).unwrap();
        std::os::unix::fs::symlink("plain", of(LATEST)).unwrap();
        assert_eq!((resumed("2026-11-30.2"), leads()), (None, PathBuf::from("plain")), "somebody else's link");
    }

    #[test]
    fn nobody_finds_a_part_of_a_night_that_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let night = Night::of(root.path().join("2026-11-02.1")).unwrap();
        std::fs::create_dir(&night.path).unwrap();
        // On either side of the manifest, as a file system may list them in any order.
        let files = |names: std::ops::Range<u32>| {
            names.for_each(|nth| std::fs::write(night.path.join(format!("file-{nth}")), "x").unwrap());
        };
        files(0..2_000);
        let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/results/families-5-fold/manifest.toml");
        std::fs::copy(committed, night.path.join(MANIFEST_FILE)).unwrap();
        files(2_000..4_000);
        let name = study_name(&Manifest::read(Path::new(committed)).unwrap());
        let is_over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let mut parts = 0;
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    // In this order: it may go between the two.
                    parts += usize::from(!night.path.join(MANIFEST_FILE).exists() && night.path.exists());
                }
                parts
            });
            remove(&night, &name).unwrap();
            is_over.store(true, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(watching.join().unwrap(), 0);
        });
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn nights_go_into_a_folder_of_their_own() {
        let root = tempfile::tempdir().unwrap();
        let said = |name: &str| check_root(&root.path().join(name)).err().map(|e| e.to_string());
        assert_eq!(said("new"), None);
        for name in ["run", "mine", "nights/2026-11-30.1", "copied/latest"] {
            std::fs::create_dir_all(root.path().join(name)).unwrap();
        }
        std::fs::write(root.path().join("run").join(MANIFEST_FILE), "").unwrap();
        assert!(said("run").unwrap().contains("run is a results directory, and nights go into a folder of their own"));
        assert_eq!(
            said(""),
            Some(format!(
                "{} holds files that are not fraudbench's, such as copied: nothing was written; choose another `--out`",
                root.path().join("").display()
            ))
        );
        assert_eq!(said("mine"), None, "an empty one");
        std::fs::write(root.path().join("mine").join(HISTORY_FILE), "").unwrap();
        assert_eq!(said("mine"), None, "what is left where all nights were removed");
        std::fs::write(root.path().join("mine/zebra.csv"), "").unwrap();
        assert!(said("mine").unwrap().contains("not fraudbench's, such as zebra.csv"));
        assert!(said("copied").unwrap().ends_with("copied/latest is no link, and is left as it is: move it away"));
        // Beside nights anything may lie, such as the page of their history.
        std::fs::write(root.path().join("nights/history.html"), "").unwrap();
        assert_eq!(said("nights"), None);
    }
}
