//! Simulated data: rare-event tables of any size, and card transactions as the Fraud Detection Handbook simulates them.

pub mod handbook;
mod rare;

pub use handbook::Handbook;
pub use rare::{Positives, Simulation, simulate};
