//! Card transactions as in Le Borgne, Siblini, Lebichot and Bontempi, "Reproducible Machine Learning for Credit Card Fraud
//! Detection - Practical Handbook" (2022), chapter 3: with the default parameters its published rows, every field to the bit.
//!
//! ```text
//! customers, terminals -> frauds (which terminals and rows) -> rows per customer -> sorted by time -> a table or a file
//! ```
//!
//! A customer's rows are a function of the parameters and of its number alone, so threads change nothing.

mod frauds;
mod people;
mod rows;
mod table;
mod write;

use sha2::{Digest, Sha256};

use crate::data::{day_text, hex};
use crate::error::{Error, Result};

pub use table::{LEAKING, options, table};
pub use write::write;

/// Bumped whenever the same parameters give other values; part of the data's hash.
const VERSION: u32 = 2;
const SECONDS: u32 = 86_400;
/// A third of these customers' rows become fraud (scenario 3), each day that many customers.
const CUSTOMERS_A_DAY: usize = 3;
/// Each day so many terminals are compromised (scenario 2).
const TERMINALS_A_DAY: usize = 2;
/// The rows of the published parameters.
const PUBLISHED_ROWS: usize = 1_754_155;
/// A customer's rows per day, on average: 2 are drawn, and 96.9% of them have a time within the day (normal, noon, 20,000 s).
const ROWS_A_DAY: f64 = 2.0 * 0.969_23;
/// A side of the map.
const SIDE: f64 = 100.0;
/// So many days that seconds since the start fit 31 bits.
const MOST_DAYS: u32 = 24_000;

/// What to simulate.
#[derive(Debug, Clone, PartialEq)]
pub struct Handbook {
    /// Customers; 3 or more.
    pub customers: usize,
    /// Terminals; 2 or more.
    pub terminals: usize,
    /// Days; 2 or more.
    pub days: u32,
    /// How near a customer's terminals are; the map is a square with sides of 100.
    pub radius: f64,
    /// The first day, counted from 1970-01-01.
    pub start: i64,
    /// Another seed, another draw of the same process. 0 draws what was published.
    pub seed: u32,
}

impl Default for Handbook {
    fn default() -> Self {
        // 2018-04-01.
        Handbook { customers: 5_000, terminals: 10_000, days: 183, radius: 5.0, start: 17_622, seed: 0 }
    }
}

impl Handbook {
    /// # Errors
    /// [`Error::Data`] naming the parameter that is out of range.
    pub fn check(&self) -> Result<()> {
        let wrong = |said: String| Err(Error::Data(format!("simulate: {said}")));
        let most = i32::MAX as usize;
        if !(CUSTOMERS_A_DAY..most).contains(&self.customers) {
            return wrong(format!("{} customers: 3 or more, below {most}", self.customers));
        }
        if !(TERMINALS_A_DAY..most).contains(&self.terminals) {
            return wrong(format!("{} terminals: 2 or more, below {most}", self.terminals));
        }
        if !(2..=MOST_DAYS).contains(&self.days) {
            return wrong(format!("{} days: 2 to {MOST_DAYS}", self.days));
        }
        if !(self.radius > 0.0 && self.radius.is_finite()) {
            return wrong(format!("the radius is above 0, not {}", self.radius));
        }
        Ok(())
    }

    /// How many rows there are: exactly with the published parameters, else as expected, which is a few per cent off.
    pub fn expected_rows(&self) -> usize {
        let Handbook { customers, terminals, days, radius, .. } = self;
        if *self == (Handbook { start: self.start, ..Handbook::default() }) {
            return PUBLISHED_ROWS;
        }
        // Away from the map's edges; whoever has no terminal within the radius pays nowhere.
        let near = *terminals as f64 * std::f64::consts::PI * (radius / SIDE).powi(2);
        let paying = *customers as f64 * (1.0 - (-near).exp());
        (paying * f64::from(*days) * ROWS_A_DAY) as usize
    }

    /// The seed of the `nth` stream. Seed 0 counts from 0, as published; other seeds begin far from each other.
    fn stream(&self, nth: u32) -> u32 {
        self.seed.wrapping_mul(0x9e37_79b1).wrapping_add(nth)
    }

    /// SHA-256 over the simulator's version and the parameters, which decide every value; lower-case hex.
    pub(crate) fn sha256(&self) -> String {
        let Handbook { customers, terminals, days, radius, seed, .. } = self;
        let parameters = format!(
            "fraudbench handbook {VERSION}: customers {customers}, terminals {terminals}, days {days}, radius {radius:?}, \
             start {}, seed {seed}",
            day_text(self.start)
        );
        hex(&Sha256::digest(parameters.as_bytes()))
    }
}

#[cfg(test)]
mod tests;
