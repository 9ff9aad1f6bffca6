//! Results directories: `manifest.toml` (what was run, on what, where) and `records.jsonl` (append-only, one record a
//! cell; `records.jsonl.gz` where a folder is kept). Every report is made from these two alone.

mod beside;
mod directory;
#[cfg(test)]
mod documented;
mod folder_name;
mod kept;
mod log;
mod manifest;
mod nights;
mod pack;
mod predictions;
mod record;
mod table;
mod zipped;

use std::fmt::Display;

use crate::error::{Error, Result};

pub(crate) use beside::{names_in, read_beside};
pub(crate) use directory::has_results;
pub use directory::{
    Directory, LOG_FILE, MANIFEST_FILE, MERGED_FOLDER, PLAN_FILE, check_reports, enter_alone, enter_reports,
};
pub(crate) use folder_name::folder_name_beside;
pub use kept::KeptFiles;
pub use log::{Log, read_records};
pub use manifest::{Machine, Manifest, Ran};
pub use nights::{
    HISTORY_FILE, Night, check_root, clear_unbegun, latest, link_latest, link_resumed, nights, remove, reserve,
    study_name, to_come,
};
pub use predictions::{KeptRows, PREDICTIONS_FOLDER, Predictions, SplitRows, copy_kept, predictions_path, rows_path};
pub use record::{Outcome, Record, Seconds, Sieve, Stage, StageCost, Tied, is_key};

/// The version of the format of a results directory. A newer one is refused (exit code 3), an older one is read.
pub const FORMAT: u32 = 2;

/// Refuses a file of a format that this program does not read: one after `newest`, and 0, which was never written. `named` is the file.
///
/// # Errors
/// [`Error::Store`].
pub(crate) fn check_format(named: impl Display, format: u64, newest: u32) -> Result<()> {
    match format {
        0 => Err(Error::Store(format!("{named} {NO_FORMAT}: put back the file that was written"))),
        format if format > u64::from(newest) => Err(Error::Store(format!(
            "{named} has format {format}, and this fraudbench reads up to {newest}: use a newer fraudbench"
        ))),
        _ => Ok(()),
    }
}

/// What a file is whose format was never written.
const NO_FORMAT: &str = "has format 0, which no fraudbench writes";
