//! Simulated data: rare-event tables of any size, payments in two fields, and card transactions as the Fraud Detection Handbook
//! simulates them.

pub mod handbook;
mod normal;
mod payments;
mod rare;

pub use handbook::Handbook;
pub use normal::Normal;
pub use payments::Payments;
pub use rare::{Positives, Simulation, simulate};
