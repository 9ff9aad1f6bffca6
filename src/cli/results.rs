//! Reading results directories, for every subcommand that does: what cannot be trusted is left out, and told.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::analyze::Results;
use crate::analyze::gate::Run;
use crate::component::Registry;
use crate::data::today;
use crate::error::{Error, Result};
use crate::store::{Directory, HISTORY_FILE, MANIFEST_FILE, Manifest, Night, Record, nights, to_come};
use crate::words::{agree, counted, one_line};

/// Reads the results directory at `path`.
///
/// # Errors
/// Those of [`Directory::read`] and [`Results::of`].
pub(super) fn read(path: &Path, registry: &Registry) -> Result<Results> {
    let (manifest, records) = Directory::read(path)?;
    Ok(told(path, Results::of(manifest, records, registry)?))
}

/// What is meant by paths that a shell has made of `nights/*`: not the page of `history`, and not the link to a night that is
/// named as well.
pub(super) fn meant(paths: &[PathBuf]) -> Vec<&Path> {
    let is_page = |path: &Path| path.file_name().is_some_and(|name| name == HISTORY_FILE) && path.is_file();
    // With a slash at its end a path would be what the link leads to.
    let is_link = |path: &Path| path.components().collect::<PathBuf>().is_symlink();
    let is_named = |place: Option<PathBuf>| {
        place.is_some() && paths.iter().any(|other| !is_link(other) && other.canonicalize().ok() == place)
    };
    let mut left: Vec<&Path> = paths.iter().map(PathBuf::as_path).filter(|path| !is_page(path)).collect();
    left.retain(|path| !(is_link(path) && is_named(path.canonicalize().ok())));
    // Where there was nothing else, that it is no results directory has to be told.
    if left.is_empty() { paths.iter().map(PathBuf::as_path).collect() } else { left }
}

/// A run, and the folder of nights that it was found in; none where it was named itself.
pub(super) struct Found<'p> {
    pub run: Run,
    pub folder: Option<&'p Path>,
}

/// Runs that were read, beside what became of each.
pub(super) struct Runs<'p> {
    /// The folder of nights that was named, where nothing else was.
    pub root: Option<&'p Path>,
    /// Whether a night of a folder could not be read, which has been told.
    pub lacks_nights: bool,
}

impl Runs<'_> {
    /// The exit code: 1 where something is wrong with what was read, else 3 where a night could not be.
    pub fn code(&self, is_wrong: bool) -> u8 {
        match (is_wrong, self.lacks_nights) {
            (true, _) => 1,
            (false, true) => UNREADABLE,
            (false, false) => 0,
        }
    }
}

/// The exit code of results that cannot be read.
const UNREADABLE: u8 = 3;

/// Reads several results directories and gives each to `take`, one at a time: a year of nights is more than memory holds. A folder of
/// nights stands for its complete ones, the oldest first; those that cannot be read are told. Of `judged`, which is judged against
/// them, a folder's nights are the others.
///
/// # Errors
/// Those of [`read`]; [`Error::Store`] for a folder that is neither, and where no night can be read; [`Error::Usage`] for one
/// that is named twice.
pub(super) fn runs<'p>(
    paths: &[&'p Path],
    judged: Option<&Path>,
    registry: &Registry,
    mut take: impl FnMut(Found<'p>),
) -> Result<Runs<'p>> {
    let judged = judged.and_then(|path| path.canonicalize().ok());
    let mut runs = Runs { root: None, lacks_nights: false };
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let named: HashSet<PathBuf> = paths.iter().map(|path| whole(path)).collect();
    // A night that was named as well is one run.
    let is_named = |run: &Run| Path::new(&run.name).canonicalize().is_ok_and(|place| named.contains(&place));
    let mut seen = HashSet::new();
    for path in paths {
        if !seen.insert(whole(path)) {
            return Err(Error::Usage(format!("{} is named twice", path.display())));
        }
        let of_root = nights_in(path)?;
        if of_root.is_empty() {
            let run = Run { name: path.display().to_string(), results: read(path, registry)? };
            take(Found { run, folder: None });
            continue;
        }
        runs.root = (paths.len() == 1).then_some(*path);
        runs.lacks_nights |= complete(path, of_root, judged.as_deref(), registry, |run| {
            if !is_named(&run) {
                take(Found { run, folder: Some(*path) });
            }
        })?;
    }
    Ok(runs)
}

/// Gives the complete ones of a folder's nights but the `judged` one to `take`. Returns whether some cannot be read. Both these, the
/// unfinished ones and those of a day to come are told.
///
/// # Errors
/// [`Error::Store`] where none can be read, or all are of a day to come.
fn complete(
    folder: &Path,
    nights: Vec<Night>,
    judged: Option<&Path>,
    registry: &Registry,
    mut take: impl FnMut(Run),
) -> Result<bool> {
    let (mut unfinished, mut unread) = (Vec::new(), Vec::new());
    let is_judged = |night: &Night| judged.is_some() && night.path.canonicalize().ok().as_deref() == judged;
    let (own, others): (Vec<Night>, Vec<Night>) = nights.into_iter().partition(is_judged);
    let nights = come(folder, others, own.is_empty())?;
    let all = own.len() + nights.len();
    for night in nights {
        let name = night.path.display().to_string();
        let results =
            Directory::read(&night.path).and_then(|(manifest, records)| Results::of(manifest, records, registry));
        match results {
            Ok(results) if results.is_complete() => take(Run { name, results: told(&night.path, results) }),
            Ok(_) => unfinished.push(name),
            Err(e) => unread.push(format!("{name} ({})", one_line(&e.to_string()))),
        }
    }
    let of = |nights: &[String], kind: &str| {
        format!("{} of {}", counted(nights.len() as u64, &format!("{kind} night")), folder.display())
    };
    if unread.len() == all {
        return Err(Error::Store(format!("no night of {} can be read: {}", folder.display(), unread.join("; "))));
    }
    if !unfinished.is_empty() {
        say!("warning: {} left out: {}", of(&unfinished, "unfinished"), unfinished.join(", "));
    }
    if !unread.is_empty() {
        let them = agree(unread.len(), "it", "them");
        let of = of(&unread, "unreadable");
        say!("warning: {of} left out: {}; mend {them}, or move {them} away", unread.join("; "));
    }
    Ok(!unread.is_empty())
}

/// Those of a folder's nights whose day has come; the others, of a clock that was wrong, are told: one of them would be taken for
/// the newest for weeks. Where there are no others, and `must_be`, that is refused.
fn come(folder: &Path, nights: Vec<Night>, must_be: bool) -> Result<Vec<Night>> {
    let today = today();
    let (come, to_come) = to_come(nights, &today);
    let names: Vec<String> = to_come.iter().map(|night| night.path.display().to_string()).collect();
    match (names.len(), come.is_empty() && must_be) {
        (0, _) => {}
        (_, true) => {
            return Err(Error::Store(format!(
                "all nights of {} are of days after today, {today}: {}; set the clock, or name these nights themselves",
                folder.display(),
                names.join(", ")
            )));
        }
        (n, false) => {
            let (is, them) = (agree(n, "is", "are"), agree(n, "it", "them"));
            let names = names.join(", ");
            say!("warning: {names} {is} of a day after today, {today}, and {is} left out: move {them} away");
        }
    }
    Ok(come)
}

/// The nights in a folder that is no results directory itself, the oldest first.
///
/// # Errors
/// Those of [`nights`].
pub(super) fn nights_in(path: &Path) -> Result<Vec<Night>> {
    if path.join(MANIFEST_FILE).exists() { Ok(Vec::new()) } else { nights(path) }
}

/// What was read from the results directory at `path`, as [`Results::as_kept`] has it.
///
/// # Errors
/// Those of [`Results::as_kept`].
pub(super) fn as_kept(
    path: &Path,
    (manifest, records): (Manifest, Vec<Record>),
    registry: &Registry,
) -> Result<Results> {
    Ok(told(path, Results::as_kept(manifest, records, registry)?))
}

fn told(path: &Path, results: Results) -> Results {
    if let Some(warning) = results.warning(path) {
        say!("{warning}");
    }
    results
}
