//! Reading results directories, for every subcommand that does: what cannot be trusted is left out, and told.

use std::path::Path;

use crate::analyze::Results;
use crate::analyze::gate::Run;
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::store::{Directory, MANIFEST_FILE, Manifest, Night, Record, nights};
use crate::words::counted;

/// Reads the results directory at `path`.
///
/// # Errors
/// Those of [`Directory::read`] and [`Results::of`].
pub(super) fn read(path: &Path, registry: &Registry) -> Result<Results> {
    let (manifest, records) = Directory::read(path)?;
    Ok(told(path, Results::of(manifest, records, registry)?))
}

/// Reads several results directories, the oldest run first. A folder of nights stands for its complete ones; with it comes that folder, where
/// it is the only one.
///
/// # Errors
/// Those of [`read`]; [`Error::Store`] for a folder that is neither; [`Error::Usage`] for one that is named twice.
pub(super) fn runs<'p>(paths: &[&'p Path], registry: &Registry) -> Result<(Vec<Run>, Option<&'p Path>)> {
    let (mut runs, mut roots) = (Vec::new(), Vec::new());
    let mut seen = Vec::new();
    for path in paths {
        let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if seen.contains(&whole) {
            return Err(Error::Usage(format!("{} is named twice", path.display())));
        }
        seen.push(whole);
        let of_root = nights_in(path)?;
        if of_root.is_empty() {
            runs.push(Run { name: path.display().to_string(), results: read(path, registry)? });
            continue;
        }
        roots.push(*path);
        let mut unfinished = Vec::new();
        for night in of_root {
            let (manifest, records) = Directory::read(&night.path)?;
            let results = Results::of(manifest, records, registry)?;
            match results.is_complete() {
                true => runs.push(Run { name: night.path.display().to_string(), results: told(&night.path, results) }),
                false => unfinished.push(night.path.display().to_string()),
            }
        }
        if !unfinished.is_empty() {
            let said = counted(unfinished.len() as u64, "unfinished night");
            say!("warning: {said} of {} left out: {}", path.display(), unfinished.join(", "));
        }
    }
    runs.sort_by_key(|run| run.results.manifest.started_unix);
    Ok((runs, if roots.len() == 1 && paths.len() == 1 { Some(roots[0]) } else { None }))
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
