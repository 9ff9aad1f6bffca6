//! Limits that a process sets on itself.

use std::path::Path;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, prlimit, set_parent_process_death_signal};

use super::lasting::lasting;
use super::memory;
use crate::error::{Error, Result};

/// With no more memory than this, what is kept for later may be too much: the allocator learns to keep pieces of up to 32 MiB.
const LITTLE: u64 = 1 << 30;

/// Limits the private, writable memory of this process to so many bytes, and of each that lasts with it (mapped files are free);
/// the operating system refuses what asks for more. It can be called again, with more or with less.
///
/// # Errors
/// [`Error::Io`] when the operating system does not take the limit.
pub(crate) fn limit_memory(bytes: u64) -> Result<()> {
    let limit = |of: Option<Pid>| {
        let maximum = getrlimit(Resource::Data).maximum;
        let current = Some(maximum.map_or(bytes, |most| most.min(bytes)));
        prlimit(of, Resource::Data, Rlimit { current, maximum })
    };
    limit(None).map_err(|e| Error::io("limit the memory of", Path::new("a worker"), e.into()))?;
    if bytes <= LITTLE {
        memory::keep_no_large_pieces();
    }
    // One that has ended meanwhile needs no limit.
    for process in lasting().into_iter().filter_map(|id| Pid::from_raw(id as i32)) {
        let _ = limit(Some(process));
    }
    Ok(())
}

/// Lets this process be told to end (SIGTERM) when the thread that started it ends. Best effort, as [`die_with_parent`].
pub(crate) fn end_with_parent() {
    let _ = set_parent_process_death_signal(Some(Signal::TERM));
}

/// Lets this process be killed when the thread that started it ends, so that nothing goes on unseen. Best effort: where it
/// is refused, the process ends when its input does.
pub(crate) fn die_with_parent() {
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::start_lasting;
    use super::*;

    #[test]
    fn a_process_that_lasts_is_limited_with_its_parent_and_again() {
        let mut sleep = Command::new("sleep");
        sleep.arg("60");
        let (mut child, _, _) = start_lasting(sleep).unwrap();
        // Terabytes, as other tests run in this process meanwhile.
        for bytes in [3_u64 << 40, 2 << 40, 4 << 40] {
            limit_memory(bytes).unwrap();
            for process in ["self".to_owned(), child.id().to_string()] {
                let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
                let data = limits.lines().find(|line| line.starts_with("Max data size")).unwrap();
                assert_eq!(data.split_whitespace().nth(3).unwrap(), bytes.to_string());
            }
        }
        child.kill();
    }
}
