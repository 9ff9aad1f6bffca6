//! What a run and its cells may use.

use std::time::Duration;

use crate::os::memory;
use crate::study::LimitSpec;

/// What a run may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Threads in all.
    pub threads: usize,
    /// Threads a cell; `threads / cell_threads` cells run side by side.
    pub cell_threads: usize,
    /// Wall time of a cell from its fit to its scores; of a prefix's resampler and of its scaler each.
    pub cell_time: Option<Duration>,
    /// Bytes of private memory of a worker, on top of the shared matrices; workers only.
    pub cell_memory: u64,
    /// Bytes in all: live prefixes may take half of them.
    pub memory: u64,
    /// How often a cell is tried again whose worker died.
    pub retries: u32,
    /// Whether every cell, and every prefix's resampler and scaler, gets a worker of its own.
    pub fresh_workers: bool,
    /// Whether cells that were too much on a simulated table are skipped on larger ones.
    pub skip_larger: bool,
    /// Whether cells run in the run's own process, without protection. They do in any case where `main` does not begin with
    /// [`crate::worker`].
    pub in_process: bool,
}

/// Wall time of a cell unless the study or the command line says otherwise.
pub const CELL_SECONDS: u64 = 3600;
/// Retries unless the study or the command line says otherwise.
pub const RETRIES: u32 = 2;
/// Share of the memory that is available at the start that a run takes unless it is told otherwise.
const MEMORY_SHARE: f64 = 0.8;

impl Limits {
    /// Cells that run side by side.
    pub fn workers(&self) -> usize {
        (self.threads / self.cell_threads.max(1)).max(1)
    }

    /// What `given` says, then what the study says, then the defaults; `threads` are those that this process may use where
    /// nobody chose.
    pub fn of(given: &LimitSpec, study: &LimitSpec, threads: Option<usize>, cell_threads: usize) -> Limits {
        let threads = threads.unwrap_or_else(default_threads);
        let workers = (threads / cell_threads.max(1)).max(1);
        let bytes = |mib: u64| mib.saturating_mul(1 << 20);
        let seconds = given.cell_seconds.or(study.cell_seconds).unwrap_or(CELL_SECONDS);
        let memory = given.memory.or(study.memory).map_or_else(default_memory, bytes);
        let cell_memory = given.cell_memory.or(study.cell_memory).map(bytes);
        Limits {
            threads,
            cell_threads,
            cell_time: (seconds > 0).then(|| Duration::from_secs(seconds)),
            // Workers divide half of the memory, live prefixes take the other half.
            cell_memory: cell_memory.unwrap_or(memory / 2 / workers as u64),
            memory,
            retries: given.retries.or(study.retries).unwrap_or(RETRIES),
            fresh_workers: given.fresh_workers.or(study.fresh_workers).unwrap_or(false),
            skip_larger: given.skip_larger.or(study.skip_larger).unwrap_or(false),
            in_process: false,
        }
    }
}

/// As many threads as the process may use.
pub fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Memory in all where nobody chose it.
fn default_memory() -> u64 {
    // Where the system does not tell, nothing is known to be too much.
    memory::available_bytes().map_or(u64::MAX / 4, |bytes| (bytes as f64 * MEMORY_SHARE) as u64)
}

/// The most memory that this process had since it was last reset, in MiB, where the system tells.
pub fn peak_memory_mib() -> Option<u64> {
    memory::peak_bytes().map(|bytes| bytes >> 20)
}
