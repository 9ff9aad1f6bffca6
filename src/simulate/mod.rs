//! Simulated data: rare-event tables of any size, payments in two fields, and card transactions as the Fraud Detection Handbook
//! simulates them.

pub mod handbook;
mod normal;
mod payments;
mod rare;

use crate::error::{Error, Result};
use crate::words::counted;

pub use handbook::Handbook;
pub use normal::Normal;
pub use payments::Payments;
pub use rare::{Positives, Simulation, simulate};

/// Rows are counted in 32 bits.
const MOST_ROWS: usize = u32::MAX as usize;

/// That a table would have one class only.
fn no_two_classes(positives: usize, rows: usize) -> String {
    let (positives, rows) = (counted(positives as u64, "positive"), counted(rows as u64, "row"));
    format!("{positives} among {rows} are no two classes: choose other `rows` or `positives`")
}

/// Refuses parameters of which these things are wrong, a sentence each.
fn all_told(faults: &[String]) -> Result<()> {
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Error::Data(format!("simulate: {}", faults.join("; ")))),
    }
}
