//! Cells: the axes that they vary along, how one is called, which there are in a study, and what is still to be run.

pub mod axis;
mod filter;
mod id;
mod key;
mod outstanding;
mod plan;

pub use axis::{AXES, Axis};
pub use filter::Filter;
pub use id::CellId;
pub(crate) use key::resampler_seed;
pub use outstanding::outstanding;
pub use plan::{Cell, Plan, Unfit};
pub(crate) use plan::{before_classifier, takes_blanks};
