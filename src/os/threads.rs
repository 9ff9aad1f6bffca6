//! The threads of this process.

use std::error::Error as _;
use std::path::Path;

use crate::error::{Error, Result};

/// Starts the thread pool of this process, which whatever works outside a cell uses; once it runs, nothing happens.
///
/// # Errors
/// [`Error::Io`] when a thread cannot be started. Left to itself, the pool would panic at its first use.
pub(crate) fn start_threads() -> Result<()> {
    let Err(error) = rayon::ThreadPoolBuilder::new().build_global() else { return Ok(()) };
    match error.source().and_then(|source| source.downcast_ref::<std::io::Error>()) {
        Some(source) => {
            Err(Error::io("start", Path::new("a thread"), std::io::Error::new(source.kind(), source.to_string())))
        }
        // It runs already.
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_pool_that_runs_is_no_error() {
        super::start_threads().unwrap();
        super::start_threads().unwrap();
    }
}
