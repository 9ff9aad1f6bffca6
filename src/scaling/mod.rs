//! How time and memory grow with the number of rows: a study over simulated data sets of growing size, and what its records
//! say of each component.
//!
//! ```text
//! Sizes -> Study + filter -> [the conductor] -> records -> Growth -> tables and charts (`report::scaling`)
//! ```
//!
//! The study is an ordinary one: it is run, recorded, stopped and resumed like any other.

mod growth;
mod series;
mod sizes;

pub use growth::exponent;
pub use series::{ALL, Alike, Cell, Group, Growth, Series, percent};
pub use sizes::Sizes;
