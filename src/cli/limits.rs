//! The options of `run` that bound what it and its cells may use.

use super::run::between;
use crate::error::{Error, Result};
use crate::run::Limits;
use crate::study::{LimitSpec, Study};
use crate::words::{count, counted};

/// What a limit may be at most, as in a study.
pub(super) const MOST: u64 = u32::MAX as u64;

#[derive(Debug, clap::Args)]
#[group(id = "limits")]
pub struct Arguments {
    /// Seconds that a cell may take from its fit to its scores, 0 for no limit; a cell that takes longer is killed and
    /// recorded as timed-out [default: the study's limits.cell_seconds, or 3600]
    #[arg(long, value_name = "S", value_parser = between(0, MOST))]
    cell_seconds: Option<u64>,
    /// MiB of memory that a cell may take besides the shared matrices; a cell that takes more is killed and recorded as
    /// out-of-memory [default: the study's limits.cell_memory, or half of --memory, shared by the cells that run side by side]
    #[arg(long, value_name = "MIB", value_parser = between(1, MOST))]
    cell_memory: Option<u64>,
    /// MiB of memory in all [default: the study's limits.memory, or 80% of the memory that is available]
    #[arg(long, value_name = "MIB", value_parser = between(1, MOST))]
    memory: Option<u64>,
    /// How often a cell whose worker process died is tried again [default: the study's limits.retries, or 2]
    #[arg(long, value_name = "N")]
    retries: Option<u32>,
    /// Run cells in this process, for debugging: no deadline, no memory limit, and a crash ends the run
    #[arg(long)]
    in_process: bool,
    /// Refuse studies that start programs (`external` commands, classes of Python)
    #[arg(long)]
    no_external: bool,
}

/// What a study starts, as a sentence; none where it starts nothing.
pub(super) fn starts(study: &Study) -> Option<String> {
    let programs = study.programs();
    (!programs.is_empty()).then(|| format!("the study starts programs, with your rights: {}", programs.join(", ")))
}

impl Arguments {
    /// Says which programs a study starts, before it does.
    ///
    /// # Errors
    /// [`Error::Usage`] where none may be started.
    pub fn tell_programs(&self, study: &Study) -> Result<()> {
        match starts(study) {
            Some(said) if self.no_external => Err(Error::Usage(format!("--no-external: {said}"))),
            Some(said) => {
                say!("{said} (--no-external refuses that)");
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether any of them is given.
    pub fn is_given(&self) -> bool {
        let Arguments { cell_seconds, cell_memory, memory, retries, in_process, no_external } = self;
        [cell_seconds, cell_memory, memory].into_iter().any(Option::is_some)
            || retries.is_some()
            || *in_process
            || *no_external
    }

    /// Those that are given, as they are written behind a command.
    pub fn given(&self) -> String {
        let numbers = [
            ("--cell-seconds", self.cell_seconds),
            ("--cell-memory", self.cell_memory),
            ("--memory", self.memory),
            ("--retries", self.retries.map(u64::from)),
        ];
        let numbers = numbers.into_iter().filter_map(|(name, value)| Some(format!(" {name} {}", value?)));
        let flags = [(" --in-process", self.in_process), (" --no-external", self.no_external)];
        let flags = flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag.to_owned());
        numbers.chain(flags).collect()
    }

    /// The command line first, then the study, then the defaults.
    pub fn decide(&self, study: &LimitSpec, threads: usize, cell_threads: usize) -> Limits {
        let given = LimitSpec {
            cell_seconds: self.cell_seconds,
            cell_memory: self.cell_memory,
            memory: self.memory,
            retries: self.retries,
            ..LimitSpec::default()
        };
        let limits = Limits { in_process: self.in_process, ..Limits::of(&given, study, Some(threads), cell_threads) };
        let is_chosen = given.memory.or(study.memory).is_some();
        if let Some(said) = beyond(&limits).filter(|_| is_chosen) {
            say!("warning: {said}");
        }
        limits
    }
}

/// That cells side by side may take more than the run, where it is so. It is no error: who knows that no cell takes as much keeps the
/// matrices few in this way.
fn beyond(limits: &Limits) -> Option<String> {
    let cell = limits.cell_memory.filter(|_| !limits.in_process)?;
    let all = cell.saturating_mul(limits.workers() as u64);
    let mib = |bytes: u64| count(bytes >> 20);
    // One thread alone is the fewest.
    let fewer = if limits.workers() > 1 { ", or take fewer `--threads`" } else { "" };
    (all > limits.memory).then(|| {
        format!(
            "{} at a time may take {} MiB each (`cell_memory`), {} MiB in all, which is more than the {} MiB of the run (`memory`): lower the one \
             or raise the other{fewer}",
            counted(limits.workers() as u64, "cell"),
            mib(cell),
            mib(all),
            mib(limits.memory)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_may_take_more_than_the_run_are_told() {
        let said = |memory, cell_memory, threads, cell_threads| {
            let given = LimitSpec { memory: Some(memory), cell_memory, ..LimitSpec::default() };
            beyond(&Limits::of(&given, &LimitSpec::default(), Some(threads), cell_threads))
        };
        let two = said(300, Some(1_500), 4, 2).unwrap();
        assert!(
            two.starts_with("2 cells at a time may take 1,500 MiB each (`cell_memory`), 3,000 MiB in all, which"),
            "{two}"
        );
        assert!(two.contains("more than the 300 MiB of the run (`memory`)"), "{two}");
        assert!(two.ends_with("lower the one or raise the other, or take fewer `--threads`"), "{two}");
        let one = said(300, Some(9_000), 1, 1).unwrap();
        assert!(one.starts_with("1 cell at a time may take 9,000 MiB each"), "{one}");
        assert!(one.ends_with("lower the one or raise the other"), "{one}");
        // Two of 150 are 300.
        assert_eq!(said(300, Some(150), 2, 1), None);
        assert!(said(300, Some(151), 2, 1).is_some());
        // A share of the memory is always within it.
        assert_eq!(said(10, None, 4, 1), None);
        let given = LimitSpec { memory: Some(300), cell_memory: Some(9_000), ..LimitSpec::default() };
        let limits = Limits::of(&given, &LimitSpec::default(), Some(1), 1);
        assert_eq!(beyond(&Limits { in_process: true, ..limits }), None, "there no cell has a limit");
    }
}
