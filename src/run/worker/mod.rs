//! Cells run in worker processes: killed when they take too long or too much memory, replaced when they die.
//!
//! Messages are JSON lines on the worker's standard input and output; matrices are in shared files, which it maps.

mod meter;
mod process;
pub mod protocol;
mod serve;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::component::Registry;

pub use process::{Ending, Process, Usage};
pub use serve::answer;

/// The first argument of a worker process.
const ARGUMENT: &str = "fraudbench-worker";
/// Whether this program, started with [`ARGUMENT`], is a worker: it is when its `main` has called [`worker`].
static CAN_START: AtomicBool = AtomicBool::new(false);

/// Lets this program start itself as a worker. To be called first thing in `main`, before arguments are read: in a worker
/// process, this call does its work and does not return. `registry` is what studies of this program may name.
///
/// Without it cells run in the process itself: they have no deadline and no memory limit, and a crash ends the run.
pub fn worker(registry: &Registry) {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == ARGUMENT) {
        let code = match serve::serve(registry) {
            Ok(()) => 0,
            Err(error) => {
                // The run quotes it.
                let _ = writeln!(std::io::stderr(), "fraudbench: {error}");
                error.exit_code()
            }
        };
        std::process::exit(i32::from(code));
    }
    CAN_START.store(true, Ordering::SeqCst);
}

/// See [`worker`].
pub(super) fn can_start_workers() -> bool {
    CAN_START.load(Ordering::SeqCst)
}
