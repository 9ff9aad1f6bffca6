//! What a run and its cells may use.

use std::time::Duration;

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
    /// Whether cells run in the run's own process, without protection.
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

    /// Memory in all where nobody chose it.
    pub fn default_memory() -> u64 {
        let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
        let kib: Option<u64> = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        // Where the system does not tell, nothing is known to be too much.
        kib.map_or(u64::MAX / 4, |kib| ((kib << 10) as f64 * MEMORY_SHARE) as u64)
    }

    /// A worker's share where nobody chose it: workers divide half of the memory, live prefixes take the other half.
    pub fn default_cell_memory(memory: u64, workers: usize) -> u64 {
        memory / 2 / workers.max(1) as u64
    }
}

/// The most memory that this process had since it was last reset, in MiB, where the system tells.
pub fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
}
