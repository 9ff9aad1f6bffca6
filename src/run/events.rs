//! What a run says while it runs.

use crate::store::Record;

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// The run begins.
    Started {
        /// Cells of the plan.
        planned: usize,
        /// Cells without a valid record: what this run will do.
        outstanding: usize,
        /// Cells that run side by side.
        workers: usize,
    },
    /// A cell ended; its record is on disk.
    Finished {
        /// Its record.
        record: &'a Record,
        /// Estimated seconds until all outstanding cells are done, once that can be told.
        remaining: Option<f64>,
    },
    /// The run was asked to stop; cells in flight are being finished.
    Stopping {
        /// How many.
        in_flight: usize,
    },
}

/// Consumes events; called from worker threads, one event at a time.
pub trait Sink: Send {
    /// Takes one event.
    fn on(&mut self, event: &Event<'_>);
}
