//! Simulated data: rare-event tables of any size.

mod rare;

pub use rare::{Positives, Simulation, simulate};
