//! The options of `run` that bound what it and its cells may use.

use std::time::Duration;

use crate::run::{CELL_SECONDS, Limits, RETRIES};
use crate::study::LimitSpec;

#[derive(Debug, clap::Args)]
#[group(id = "limits")]
pub struct Arguments {
    /// Seconds from a cell's fit to its scores, 0 for no end; it is killed then and recorded as timed-out [default: the
    /// study's limits.cell_seconds, or 3600]
    #[arg(long, value_name = "S")]
    cell_seconds: Option<u64>,
    /// MiB of memory of a cell beside the shared matrices; it is killed when it takes more and recorded as out-of-memory
    /// [default: the study's limits.cell_memory, or an even share of half of --memory]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    cell_memory: Option<u64>,
    /// MiB of memory in all [default: the study's limits.memory, or four fifths of what is free]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    memory: Option<u64>,
    /// How often a cell whose worker process died is tried again [default: the study's limits.retries, or 2]
    #[arg(long, value_name = "N")]
    retries: Option<u32>,
    /// Run cells in this process, for debugging: no deadline, no memory limit, and a crash ends the run
    #[arg(long)]
    in_process: bool,
}

impl Arguments {
    /// The command line first, then the study, then the defaults.
    pub fn decide(&self, study: &LimitSpec, threads: usize, cell_threads: usize) -> Limits {
        let bytes = |mib: u64| mib.saturating_mul(1 << 20);
        let seconds = self.cell_seconds.or(study.cell_seconds).unwrap_or(CELL_SECONDS);
        let memory = self.memory.or(study.memory).map_or_else(Limits::default_memory, bytes);
        let workers = (threads / cell_threads.max(1)).max(1);
        let cell_memory = self.cell_memory.or(study.cell_memory).map(bytes);
        Limits {
            threads,
            cell_threads,
            cell_time: (seconds > 0).then(|| Duration::from_secs(seconds)),
            cell_memory: cell_memory.unwrap_or_else(|| Limits::default_cell_memory(memory, workers)),
            memory,
            retries: self.retries.or(study.retries).unwrap_or(RETRIES),
            in_process: self.in_process,
        }
    }
}
