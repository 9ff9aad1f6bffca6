//! What a run says while it runs, and to whom.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::cell::{CellId, Plan};
use crate::data::TableFacts;
use crate::os::panic_words;
use crate::store::Record;

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// A data set is there.
    Opened {
        /// What they are.
        data: &'a TableFacts,
    },
    /// All data are there, and what does not fit them is left out of the plan.
    Planned {
        /// The cells, and what is left out.
        plan: &'a Plan,
    },
    /// Something that does not keep the run from going on, and that a person should know.
    Warning {
        /// In one sentence.
        said: &'a str,
    },
    /// The run begins.
    Started {
        /// Cells of the plan.
        planned: usize,
        /// Cells without a valid record: what this run will do.
        outstanding: usize,
        /// Cells that run side by side.
        workers: usize,
        /// Whether they run in this process: without deadline and memory limit, and a crash ends the run.
        in_process: bool,
    },
    /// A cell was given to somebody who runs it now.
    Begun {
        /// Its name.
        cell: &'a CellId,
    },
    /// A cell ended; its record is on disk.
    Finished {
        /// Its record.
        record: &'a Record,
        /// How long the others will take.
        remaining: Remaining<'a>,
    },
    /// The run was asked to stop; cells in flight are being finished.
    Stopping {
        /// How many.
        in_flight: usize,
    },
    /// No cell is in flight, and none will be begun: the run is done, was stopped or failed.
    Ended,
}

/// Estimated seconds until all outstanding cells are done. They are summed up when they are asked for, over every kind of cell that is
/// left: that takes longer than a small cell, and most displays show them every few seconds only.
#[derive(Clone, Copy)]
pub struct Remaining<'a>(&'a dyn Fn() -> Option<f64>);

impl<'a> Remaining<'a> {
    /// Those that `sum` adds up.
    pub fn of(sum: &'a dyn Fn() -> Option<f64>) -> Self {
        Remaining(sum)
    }

    /// The seconds; none before they can be told. With one table in memory at a time they are told of the last one.
    pub fn seconds(&self) -> Option<f64> {
        (self.0)()
    }
}

impl fmt::Debug for Remaining<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Remaining").field(&self.seconds()).finish()
    }
}

/// A display: consumes events, one at a time, from the threads of the run. The record log is not one of these: when it
/// fails the run ends, when a display fails the run goes on without it.
pub trait Sink: Send {
    /// Takes one event.
    ///
    /// # Errors
    /// It cannot show it; it is not told of any further event then.
    fn on(&mut self, event: &Event<'_>) -> io::Result<()>;
}

/// The displays of a run, and why some of them were given up. By default there is none.
#[derive(Default)]
pub struct Displays<'d> {
    sinks: Vec<&'d mut dyn Sink>,
    given_up: Vec<String>,
}

impl<'d> Displays<'d> {
    /// None of them has failed yet.
    pub fn new(sinks: Vec<&'d mut dyn Sink>) -> Self {
        Displays { sinks, given_up: Vec::new() }
    }

    /// Tells every display that has not failed yet.
    pub fn tell(&mut self, event: &Event<'_>) {
        let given_up = &mut self.given_up;
        self.sinks.retain_mut(|sink| match catch_unwind(AssertUnwindSafe(|| sink.on(event))) {
            Ok(Ok(())) => true,
            Ok(Err(e)) => {
                given_up.push(e.to_string());
                false
            }
            Err(payload) => {
                given_up.push(format!("it panicked: {}", panic_words(payload.as_ref())));
                false
            }
        });
    }

    /// Why displays were given up, a sentence for each.
    pub fn given_up(&self) -> &[String] {
        &self.given_up
    }
}
