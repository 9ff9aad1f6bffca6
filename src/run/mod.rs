//! Running a plan: prefixes are prepared once, cells are fitted, scored and recorded. Emits events; displays and the
//! record log consume them.

mod cell;
pub mod estimate;
mod events;
mod pace;
mod prefix;
mod runner;
mod schedule;

pub use events::{Event, Sink};
pub use pace::{Kind, Pace};
pub use runner::{Job, Limits, Summary, run};
