//! Running a plan: prefixes are prepared once, cells are fitted, scored and recorded, in worker processes that can be
//! killed. Emits events; displays and the record log consume them.

mod cell;
pub mod estimate;
mod events;
mod hands;
mod job;
mod limits;
mod matrices;
mod pace;
mod parts;
mod prefix;
mod reuse;
mod runner;
mod schedule;
mod worker;

pub use events::{Event, Sink};
pub use job::{Job, Rows};
pub use limits::{CELL_SECONDS, Limits, RETRIES, peak_memory_mib};
pub use pace::{Kind, Pace};
pub use runner::{Order, Summary, run};
pub use worker::serve;
