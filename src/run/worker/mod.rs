//! Cells run in worker processes: killed when they take too long or too much memory, replaced when they die.
//!
//! Messages are JSON lines on the worker's standard input and output; matrices are in shared files, which it maps.

mod process;
pub mod protocol;
mod serve;

pub use process::{Ending, Process, Usage, private_bytes};
pub use serve::{answer, data_layout, serve};
