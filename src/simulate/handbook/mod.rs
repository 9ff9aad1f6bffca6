//! Card transactions as in Le Borgne, Siblini, Lebichot and Bontempi, "Reproducible Machine Learning for Credit Card Fraud
//! Detection - Practical Handbook" (2022), chapter 3: with the default parameters its published rows, every field to the bit.
//!
//! ```text
//! customers, terminals -> frauds (which terminals and rows) -> rows per customer, rows of thieves -> sorted by time -> reports (labels)
//!     -> a table or a file
//! ```
//!
//! A customer's rows are a function of the parameters and of its number alone, so threads change nothing.

mod added;
mod frauds;
mod options;
mod people;
mod reports;
mod rows;
mod table;
mod write;

use sha2::{Digest, Sha256};

use crate::data::{day_text, hex};
use crate::error::{Error, Result};

pub use options::{Drift, Labels, Scenarios};
pub use table::table;
pub use write::{Beside, Passed, write, write_with};

/// Bumped whenever the same parameters give other values; part of the data's hash.
const VERSION: u32 = 2;
const SECONDS: u32 = 86_400;
/// So many there are at least, as many as the published frauds of a day choose.
const LEAST_CUSTOMERS: usize = 3;
const LEAST_TERMINALS: usize = 2;
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
    /// Change over time.
    pub drift: Drift,
    /// How much there is of which fraud.
    pub scenarios: Scenarios,
    /// What the label column says, and when.
    pub labels: Labels,
}

impl Default for Handbook {
    fn default() -> Self {
        // 2018-04-01.
        Handbook {
            customers: 5_000,
            terminals: 10_000,
            days: 183,
            radius: 5.0,
            start: 17_622,
            seed: 0,
            drift: Drift::default(),
            scenarios: Scenarios::default(),
            labels: Labels::default(),
        }
    }
}

impl Handbook {
    /// # Errors
    /// [`Error::Data`] naming the parameter that is out of range.
    pub fn check(&self) -> Result<()> {
        let wrong = |said: String| Err(Error::Data(format!("simulate: {said}")));
        let most = i32::MAX as usize;
        if !(LEAST_CUSTOMERS..most).contains(&self.customers) {
            return wrong(format!("{} customers: 3 or more, below {most}", self.customers));
        }
        if !(LEAST_TERMINALS..most).contains(&self.terminals) {
            return wrong(format!("{} terminals: 2 or more, below {most}", self.terminals));
        }
        if !(2..=MOST_DAYS).contains(&self.days) {
            return wrong(format!("{} days: 2 to {MOST_DAYS}", self.days));
        }
        if !(self.radius > 0.0 && self.radius.is_finite()) {
            return wrong(format!("the radius is above 0, not {}", self.radius));
        }
        options::check(self).or_else(wrong)?;
        if added::are_too_many(self) {
            return wrong("`scenarios.testing` and `scenarios.mules` add more than 268 million rows".into());
        }
        Ok(())
    }

    /// How many rows there are: exactly with the published parameters, else as expected, which is a few per cent off.
    pub fn expected_rows(&self) -> usize {
        let Handbook { customers, terminals, days, radius, .. } = self;
        let Handbook { start, drift, labels, .. } = *self;
        let added = added::expected(self);
        // Neither drift nor labels, nor scenarios that choose among rows, change how many there are.
        let scenarios = self.scenarios;
        if *self == (Handbook { start, drift, scenarios, labels, ..Handbook::default() }) {
            return PUBLISHED_ROWS + added;
        }
        // Away from the map's edges; whoever has no terminal within the radius pays nowhere.
        let near = *terminals as f64 * std::f64::consts::PI * (radius / SIDE).powi(2);
        let paying = *customers as f64 * (1.0 - (-near).exp());
        (paying * f64::from(*days) * ROWS_A_DAY) as usize + added
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
             start {}, seed {seed}{}",
            day_text(self.start),
            options::told(self)
        );
        hex(&Sha256::digest(parameters.as_bytes()))
    }
}

#[cfg(test)]
mod tests;
