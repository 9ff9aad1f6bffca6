//! Limits that a process sets on itself.

use std::path::Path;

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

use crate::error::{Error, Result};

/// Which memory the operating system counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoryLimit {
    /// Private, writable memory; mapped files are free.
    Private,
    /// Every address that is in use.
    Addresses,
}

/// Limits this process's memory to so many bytes; the operating system refuses what asks for more.
///
/// # Errors
/// [`Error::Io`] when the operating system does not take the limit.
pub(crate) fn limit_memory(which: MemoryLimit, bytes: u64) -> Result<()> {
    let resource = match which {
        MemoryLimit::Private => Resource::Data,
        MemoryLimit::Addresses => Resource::As,
    };
    let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
    setrlimit(resource, limit).map_err(|e| Error::io("limit the memory of", Path::new("a worker"), e.into()))
}

/// Lets this process be killed when the thread that started it ends, so that nothing goes on unseen. Best effort: where it
/// is refused, the process ends when its input does.
pub(crate) fn die_with_parent() {
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
}
