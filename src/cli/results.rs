//! Reading results directories, for every subcommand that does: what cannot be trusted is left out, and told.

use std::path::Path;

use crate::analyze::Results;
use crate::component::Registry;
use crate::error::Result;
use crate::store::{Directory, Manifest, Record};

/// Reads the results directory at `path`.
///
/// # Errors
/// Those of [`Directory::read`] and [`Results::of`].
pub(super) fn read(path: &Path, registry: &Registry) -> Result<Results> {
    let (manifest, records) = Directory::read(path)?;
    Ok(told(path, Results::of(manifest, records, registry)?))
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
