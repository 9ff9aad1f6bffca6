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
    /// Bytes of private memory of a cell, on top of the shared matrices; workers only. Where nobody chose it, see
    /// [`Limits::memory_of`].
    pub cell_memory: Option<u64>,
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
const CELL_SECONDS: u64 = 3600;
/// Retries unless the study or the command line says otherwise.
const RETRIES: u32 = 2;
/// Share of the memory that is available at the start that a run takes unless it is told otherwise.
const MEMORY_SHARE: f64 = 0.8;

impl Limits {
    /// Cells that run side by side.
    pub fn workers(&self) -> usize {
        (self.threads / self.cell_threads.max(1)).max(1)
    }

    /// Bytes of private memory that a task with so many threads may take. Workers divide half of the memory evenly, live
    /// prefixes take the other half; a task with the threads of several workers has their shares: they have nothing to do.
    pub fn memory_of(&self, threads: usize) -> u64 {
        let workers = self.workers();
        let shares = (threads / self.cell_threads.max(1)).clamp(1, workers);
        self.cell_memory.unwrap_or(self.memory / 2 / workers as u64 * shares as u64)
    }

    /// What `given` says, then what the study says, then the defaults; `threads` are those that this process may use where
    /// nobody chose.
    pub fn of(given: &LimitSpec, study: &LimitSpec, threads: Option<usize>, cell_threads: usize) -> Limits {
        let threads = threads.unwrap_or_else(default_threads);
        let bytes = |mib: u64| mib.saturating_mul(1 << 20);
        let seconds = given.cell_seconds.or(study.cell_seconds).unwrap_or(CELL_SECONDS);
        let memory = given.memory.or(study.memory).map_or_else(default_memory, bytes);
        Limits {
            threads,
            cell_threads,
            cell_time: (seconds > 0).then(|| Duration::from_secs(seconds)),
            cell_memory: given.cell_memory.or(study.cell_memory).map(bytes),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(threads: usize, cell_threads: usize, cell_memory: Option<u64>) -> Vec<u64> {
        let given = LimitSpec { memory: Some(1200), cell_memory, ..LimitSpec::default() };
        let limits = Limits::of(&given, &LimitSpec::default(), Some(threads), cell_threads);
        (1..=threads).map(|threads| limits.memory_of(threads) >> 20).collect()
    }

    #[test]
    fn a_task_has_the_memory_of_the_workers_whose_threads_it_has() {
        assert_eq!(shares(4, 1, None), [150, 300, 450, 600]);
        assert_eq!(shares(6, 2, None), [200, 200, 200, 400, 400, 600]);
        // Two workers, and a thread that is nobody's as long as both are busy.
        assert_eq!(shares(5, 2, None), [300, 300, 300, 600, 600]);
        assert_eq!(shares(3, 3, None), [600; 3]);
        assert_eq!(shares(2, 8, None), [600; 2]);
        assert_eq!(shares(4, 1, Some(100)), [100; 4]);
    }
}
