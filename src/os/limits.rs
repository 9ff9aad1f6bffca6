//! Limits that a process sets on itself.

use std::path::Path;

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

use crate::error::{Error, Result};

/// Limits this process's private, writable memory to so many bytes (mapped files are free); the operating system refuses what
/// asks for more.
///
/// # Errors
/// [`Error::Io`] when the operating system does not take the limit.
pub(crate) fn limit_memory(bytes: u64) -> Result<()> {
    let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
    setrlimit(Resource::Data, limit).map_err(|e| Error::io("limit the memory of", Path::new("a worker"), e.into()))
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
