//! Putting a file in another's place: readers see the old file or the whole new one, never a half one. What is no file (a pipe, a
//! terminal, a device) has no place that another could take, and is written into.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::temporary::Temporary;
use crate::error::{Error, Result};

/// Links that are followed at most, as the system does.
const LINKS: usize = 40;

/// Where a file is that a link leads to, or will be: the link stays. Links that go round are a place as any other.
pub(super) fn behind_links(path: &Path) -> PathBuf {
    let mut place = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = fs::read_link(&place) else { return place };
        // From the folder that the link is in.
        place = place.parent().unwrap_or(Path::new("")).join(target);
    }
    path.to_owned()
}

/// What a file is called that is written through `path` to `place`: by the name that was given, unless what that leads to is not there.
pub(super) fn called<'p>(path: &'p Path, place: &'p Path) -> &'p Path {
    if path.exists() { path } else { place }
}

/// What this process prints on, where `path` leads there as `/dev/stdout` does: put in the place of a file that output goes to, a new
/// one would take nothing of what is printed later.
fn own_output(path: &Path) -> Option<File> {
    let there = path.metadata().ok()?;
    let (output, errors) = (io::stdout(), io::stderr());
    let own = [output.as_fd(), errors.as_fd()].into_iter().filter_map(|own| own.try_clone_to_owned().ok());
    let is_there = |own: &File| own.metadata().is_ok_and(|own| (own.dev(), own.ino()) == (there.dev(), there.ino()));
    own.map(File::from).find(is_there)
}

/// Whether what `path` leads to is a pipe, a terminal, a device, or what this process prints on.
pub(crate) fn is_stream(path: &Path) -> bool {
    path.metadata().is_ok_and(|facts| !facts.is_file() && !facts.is_dir()) || own_output(path).is_some()
}

/// What [`is_stream`], open for writing. None for every other path.
fn stream(path: &Path) -> Option<io::Result<File>> {
    let opened = || File::options().write(true).open(path);
    own_output(path).map(Ok).or_else(|| is_stream(path).then(opened))
}

/// Gives a file a name that nothing may have yet.
fn name_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system knows that. Most of them know second names, which nothing may have, either.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match fs::hard_link(from, to) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists && to.symlink_metadata().is_err() => fs::rename(from, to),
            linked => linked,
        },
        renamed => Ok(renamed?),
    }
}

/// Has `make` make a file at a temporary path in the folder of `path`, and puts it in the place of what is at `path`, a link too.
///
/// # Errors
/// What `make` returns, and [`Error::Io`]; the old file is untouched then.
pub(crate) fn replace_at(path: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let failed = |e| Error::io("write", path, e);
    let temporary = Temporary::beside(path);
    make(temporary.path())?;
    keep_access(temporary.path(), path).map_err(failed)?;
    fs::rename(temporary.path(), path).map_err(failed)
}

/// Who may read and write a file.
const MODE: u32 = 0o777;

/// Gives a new file mode, group and owner of the one whose place it will take, if any: what was private stays so, and who could read
/// it still can.
fn keep_access(new: &Path, place: &Path) -> io::Result<()> {
    // Links have no mode of their own.
    let of_file = |path: &Path| path.symlink_metadata().ok().filter(fs::Metadata::is_file);
    let (Some(made), Some(kept)) = (of_file(new), of_file(place)) else { return Ok(()) };
    // Not everybody may give a file away, nor to any group; what then stays of the old file is its mode. The group comes before the
    // mode, which is meant for it, and the owner last: who gives a file away may not change it any more.
    if made.gid() != kept.gid() {
        let _ = chown(new, None, Some(kept.gid()));
    }
    let mode = kept.mode() & MODE;
    // Where both are alike nothing is set: some file systems know one mode only, and refuse to be told any.
    if made.mode() & MODE != mode {
        fs::set_permissions(new, Permissions::from_mode(mode))?;
    }
    if made.uid() != kept.uid() {
        let _ = chown(new, Some(kept.uid()), None);
    }
    Ok(())
}

/// A new file that will take this place, with mode, group and owner of the one that is there: nobody else may open it meanwhile, either.
fn create(temporary: &Temporary, place: &Path) -> io::Result<File> {
    let is_there = place.symlink_metadata().is_ok_and(|facts| facts.is_file());
    let mode = if is_there { 0o600 } else { 0o666 };
    let file = File::options().write(true).create(true).truncate(true).mode(mode).open(temporary.path())?;
    keep_access(temporary.path(), place)?;
    Ok(file)
}

/// Has `fill` write the new file at `path`. A link at `path` stays, and the file is that which it leads to.
///
/// # Errors
/// What `fill` returns, and [`Error::Io`]; the old file is untouched then. Unless it is to `overwrite`, of
/// [`ErrorKind::AlreadyExists`] where a file is there in the end.
pub(crate) fn put(path: &Path, overwrite: bool, fill: impl FnOnce(File) -> Result<()>) -> Result<()> {
    if let Some(opened) = stream(path) {
        return fill(opened.map_err(|e| Error::io("write", path, e))?);
    }
    // A link is there, whatever it leads to.
    let place = if overwrite { behind_links(path) } else { path.to_owned() };
    let failed = |e| Error::io("write", called(path, &place), e);
    let temporary = Temporary::beside(&place);
    fill(create(&temporary, &place).map_err(failed)?)?;
    let named = if overwrite { fs::rename(temporary.path(), &place) } else { name_new(temporary.path(), &place) };
    named.map_err(failed)
}

/// Writes `bytes` as the new file at `path`; they are on the disk when it returns.
///
/// # Errors
/// Those of [`put`].
pub(crate) fn put_bytes(path: &Path, overwrite: bool, bytes: &[u8]) -> Result<()> {
    put(path, overwrite, |mut file| write(&mut file, bytes).map_err(|e| Error::io("write", path, e)))
}

/// Writes all of them, to the disk where it is a file.
fn write(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    if file.metadata()?.is_file() { file.sync_all() } else { Ok(()) }
}

/// Has `fill` write the new file that takes the place of the one at `path`.
///
/// # Errors
/// [`Error::Io`]; the old file is untouched then.
pub(crate) fn replace_with(path: &Path, fill: impl FnOnce(&File) -> io::Result<()>) -> Result<()> {
    put(path, true, |file| fill(&file).map_err(|e| Error::io("write", path, e)))
}

/// Puts `bytes` in the place of the file at `path`; they are on the disk when it returns.
///
/// # Errors
/// [`Error::Io`]; the old file is untouched then.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    put_bytes(path, true, bytes)
}

/// Puts `bytes` in the place of the file at `path`, readable for whom `other` is, which holds the same in another form; they are on
/// the disk when it returns.
///
/// # Errors
/// [`Error::Io`]; the old file is untouched then.
pub(crate) fn replace_like(other: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    Staged::like(other, path, bytes)?.put()
}

/// A file that is written, but not in its place yet: of several that belong together, the first takes its place when all are written.
pub(crate) struct Staged {
    written: Temporary,
    place: PathBuf,
}

impl Staged {
    /// Writes `bytes` beside their place `path`; they are on the disk when it returns.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn new(path: &Path, bytes: &[u8]) -> Result<Self> {
        Staged::like(path, path, bytes)
    }

    /// The same with mode, group and owner of `other`.
    fn like(other: &Path, path: &Path, bytes: &[u8]) -> Result<Self> {
        let place = behind_links(path);
        let written = Temporary::beside(&place);
        let done = create(&written, &behind_links(other)).and_then(|mut file| write(&mut file, bytes));
        done.map_err(|e| Error::io("write", called(path, &place), e))?;
        Ok(Staged { written, place })
    }

    /// Removes the file that is in its place, if any.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove_old(&self) -> Result<()> {
        match fs::remove_file(&self.place) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io("remove", &self.place, e)),
            _ => Ok(()),
        }
    }

    /// Puts it in its place.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn put(self) -> Result<()> {
        fs::rename(self.written.path(), &self.place).map_err(|e| Error::io("write", &self.place, e))
    }
}

/// Removes a folder with all that is in it. It loses its name in one step, so that nobody finds a part of it; what a killed process has
/// left of it is cleared as every temporary folder.
///
/// # Errors
/// [`Error::Io`]. A folder that cannot lose its name is untouched then.
pub(crate) fn remove_folder(path: &Path) -> Result<()> {
    let removed = Temporary::beside(path);
    fs::rename(path, removed.path()).map_err(|e| Error::io("remove", path, e))?;
    match fs::remove_dir_all(removed.path()) {
        // Another process has cleared it meanwhile.
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        done => done.map_err(|e| Error::io("remove", removed.path(), e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        replace(&path, b"old").unwrap();
        let failed = replace_with(&path, |mut file| {
            file.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(failed.unwrap_err().to_string().contains("the disk is full"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_the_file_behind_it_is_replaced() {
        let (folder, other) = (tempfile::TempDir::new().unwrap(), tempfile::TempDir::new().unwrap());
        let (link, file) = (folder.path().join("link"), other.path().join("file"));
        fs::write(&file, b"old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!((fs::read(&file).unwrap(), fs::read_dir(other.path()).unwrap().count()), (b"new".to_vec(), 1));
        // So is one that is not there yet, be it behind two links of which one is seen from its folder.
        let second = other.path().join("second");
        std::os::unix::fs::symlink("file", &second).unwrap();
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(&second, &link).unwrap();
        let writers: [fn(&Path) -> Result<()>; 2] =
            [|path| replace(path, b"newer"), |path| Staged::new(path, b"newer")?.put()];
        for write in writers {
            fs::remove_file(&file).unwrap();
            write(&link).unwrap();
            assert!(link.is_symlink() && second.is_symlink() && file.symlink_metadata().unwrap().is_file());
            assert_eq!(fs::read(&file).unwrap(), b"newer");
        }
        // Where its folder is not there either, that is told, and the link stays.
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(other.path().join("no/file"), &link).unwrap();
        let said = replace(&link, b"lost").unwrap_err().to_string();
        let folder = other.path().join("no");
        let told = format!("there is no folder {}: make it first, or name another place", folder.display());
        assert!(said.ends_with(&told) && link.is_symlink(), "{said}");
        // Links that go round lead to nothing that could be written.
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(&link, &link).unwrap();
        replace(&link, b"plain").unwrap();
        assert!(!link.is_symlink() && fs::read(&link).unwrap() == b"plain");
    }

    #[test]
    fn who_may_read_a_file_stays_when_it_is_replaced() {
        let folder = tempfile::TempDir::new().unwrap();
        let (path, link) = (folder.path().join("file"), folder.path().join("link"));
        let mode = |path: &Path| path.metadata().unwrap().mode() & MODE;
        fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        for wanted in [0o600, 0o640, 0o400] {
            fs::set_permissions(&path, Permissions::from_mode(wanted)).unwrap();
            // Nobody else may read it while it is written, either.
            put(&link, true, |file| {
                assert_eq!(file.metadata().unwrap().mode() & MODE, wanted);
                Ok(())
            })
            .unwrap();
            assert_eq!(mode(&path), wanted);
            replace(&path, b"new").unwrap();
            replace_at(&path, |new| fs::write(new, "newer").map_err(|e| Error::io("write", new, e))).unwrap();
            assert_eq!((mode(&path), fs::read(&path).unwrap()), (wanted, b"newer".to_vec()));
            Staged::new(&path, b"newest").unwrap().put().unwrap();
            assert_eq!((mode(&path), fs::read(&path).unwrap()), (wanted, b"newest".to_vec()));
        }
        // A new file has the mode of any new file.
        fs::write(folder.path().join("any"), "").unwrap();
        replace(&folder.path().join("other"), b"new").unwrap();
        assert_eq!(mode(&folder.path().join("other")), mode(&folder.path().join("any")));
    }

    #[test]
    fn owner_and_group_of_a_file_stay_when_it_is_replaced() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        // Only root may give files away.
        if chown(&path, Some(1000), Some(2000)).is_err() {
            return;
        }
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let of = |path: &Path| {
            let facts = path.metadata().unwrap();
            (facts.uid(), facts.gid(), facts.mode() & MODE)
        };
        replace(&path, b"new").unwrap();
        assert_eq!((of(&path), fs::read(&path).unwrap()), ((1000, 2000, 0o640), b"new".to_vec()));
        replace_at(&path, |new| fs::write(new, "newer").map_err(|e| Error::io("write", new, e))).unwrap();
        assert_eq!((of(&path), fs::read(&path).unwrap()), ((1000, 2000, 0o640), b"newer".to_vec()));
        Staged::new(&path, b"newest").unwrap().put().unwrap();
        assert_eq!((of(&path), fs::read(&path).unwrap()), ((1000, 2000, 0o640), b"newest".to_vec()));
        // A log and its packed form are one thing.
        let other = folder.path().join("packed");
        replace_like(&path, &other, b"packed").unwrap();
        assert_eq!(of(&other), (1000, 2000, 0o640));
    }

    #[test]
    fn two_writers_at_once_do_not_share_a_temporary_file() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        // The second one comes and goes while the first one is not done.
        replace_with(&path, |mut first| {
            first.write_all(b"fir")?;
            replace(&path, b"second").map_err(io::Error::other)?;
            first.write_all(b"st")
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }

    /// The names in a folder.
    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn what_is_no_file_is_written_into_and_stays() {
        use std::os::unix::fs::{FileTypeExt, symlink};

        let folder = tempfile::TempDir::new().unwrap();
        let [pipe, link] = ["pipe", "link"].map(|name| folder.path().join(name));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        symlink(&pipe, &link).unwrap();
        for (path, overwrite) in [(&pipe, true), (&link, true), (&pipe, false)] {
            assert!(is_stream(path));
            let reader = std::thread::spawn({
                let pipe = pipe.clone();
                move || fs::read(pipe).unwrap()
            });
            put_bytes(path, overwrite, b"told").unwrap();
            assert!(pipe.symlink_metadata().unwrap().file_type().is_fifo() && link.is_symlink());
            assert_eq!(reader.join().unwrap(), b"told");
        }
        assert_eq!(names(folder.path()).len(), 2);
        // Files, folders and nothing are none.
        fs::write(folder.path().join("file"), "x").unwrap();
        assert!(!["file", "", "none"].iter().any(|name| is_stream(&folder.path().join(name))));
    }

    #[test]
    fn what_came_meanwhile_is_not_written_over_unless_it_is_to_be() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        let refused = put(&path, false, |mut file| {
            // Another one is quicker.
            put_bytes(&path, false, b"first")?;
            write(&mut file, b"second").map_err(|e| Error::io("write", &path, e))
        });
        assert!(matches!(refused, Err(Error::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists));
        assert_eq!((fs::read(&path).unwrap(), names(folder.path()).len()), (b"first".to_vec(), 1));
        // A link that leads nowhere is there, too.
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert!(put_bytes(&link, false, b"new").is_err() && link.is_symlink());
        put_bytes(&path, true, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_name_may_be_as_long_as_the_file_system_lets_it() {
        let folder = tempfile::TempDir::new().unwrap();
        // 255 bytes are the most on Linux.
        for name in ["a".repeat(255), format!("{}.xml", "a".repeat(230)), format!("{}b", "\u{e4}".repeat(127))] {
            let path = folder.path().join(&name);
            replace(&path, b"new").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"new", "{name}");
        }
        assert_eq!(names(folder.path()).len(), 3);
    }

    #[test]
    fn files_that_are_staged_take_their_places_when_they_are_put() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let staged = Staged::new(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        staged.remove_old().unwrap();
        staged.remove_old().unwrap();
        assert!(!path.exists());
        staged.put().unwrap();
        assert_eq!((fs::read(&path).unwrap(), names(folder.path()).len()), (b"new".to_vec(), 1));
    }
}
