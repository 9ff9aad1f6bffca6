//! How time and memory grow with the number of rows: each component on simulated data of growing size, each measurement in
//! a process of its own.
//!
//! ```text
//! Sizes -> tasks -> [a process each: simulate -> dedup -> split -> gather -> stages] -> points.jsonl -> tables and charts
//! ```

mod child;
mod growth;
mod measure;
mod picture;
mod point;
mod report;
mod runner;
mod series;

pub use child::{Bounds, serve};
pub use growth::exponent;
pub use picture::{percent, pictures};
pub use point::{Ending, Measured, Point, Stage, Subject, SubjectKind, Task};
pub use report::write_all;
pub use runner::{Sizes, Step, run, step};
pub use series::{ALL, Cell, Group, Series, Table};

/// The file in a results directory that holds the points, one a line.
pub const POINTS_FILE: &str = "points.jsonl";
