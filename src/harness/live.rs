//! The page of a run that goes on: `report.html` of the records so far, made again from time to time.

use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::analyze::Results;
use crate::component::Registry;
use crate::error::Result;
use crate::report::write_live;
use crate::store::Directory;

/// The time before the first page.
const FIRST: Duration = Duration::from_secs(10);
/// The shortest time between two pages.
const BETWEEN: Duration = Duration::from_secs(15);
/// How many times longer a page is left alone than it took: the run comes first.
const SHARE: u32 = 30;

/// Whether the run has come to its end.
#[derive(Default)]
pub(super) struct Finished {
    is: Mutex<bool>,
    changed: Condvar,
}

impl Finished {
    /// Says that it has.
    pub fn say(&self) {
        *self.is.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits for the end, so long at most; whether it has come.
    fn within(&self, time: Duration) -> bool {
        let is = self.is.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(is, time, |is| !*is);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Writes the page of what stands in the results directory, again and again until the run has finished.
///
/// # Errors
/// What keeps a page from being made; none is made after that.
pub(super) fn keep_page(directory: &Path, registry: &Registry, finished: &Finished) -> Result<()> {
    let mut pause = FIRST;
    while !finished.within(pause) {
        let begun = Instant::now();
        let (manifest, records) = Directory::read(directory)?;
        write_live(&Results::of(manifest, records, registry)?, directory)?;
        pause = BETWEEN.max(SHARE * begun.elapsed());
    }
    Ok(())
}
