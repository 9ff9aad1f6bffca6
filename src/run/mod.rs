//! Running a plan: prefixes are prepared once, cells are fitted, scored and recorded, in worker processes that can be
//! killed. Emits events; displays and the record log consume them.

mod blocks;
mod cell;
mod choice;
mod derived;
pub mod estimate;
mod events;
mod fitted;
mod foreseen;
mod groups;
mod hands;
mod inner;
mod job;
mod larger;
mod ledger;
mod limits;
mod matrices;
mod needs;
mod pace;
mod parts;
mod prefix;
pub mod rescore;
mod reuse;
mod runner;
mod schedule;
mod tables;
mod whole;
mod worker;

pub(crate) use derived::{Derived, asked, under};
pub use events::{Displays, Event, Remaining, Sink};
pub(crate) use foreseen::Foreseen;
pub(crate) use groups::{Prefix, prefixes};
pub use job::{Job, Rows, Table};
pub(crate) use ledger::{expected, thread_seconds};
pub use limits::{Limits, default_threads, peak_memory_mib};
pub(crate) use needs::{Need, PartSizes, Shape};
pub use pace::{Alike, Pace};
pub(crate) use prefix::Failure;
pub use runner::{Order, Summary, run};
pub(crate) use whole::{Fit, SavedPipeline, SavedSteps, Whole, fit_on, halves};
pub use worker::worker;

#[cfg(test)]
mod tests;
