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
use crate::words::short;
use people::People;

use options::Fault;
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
/// 9999-12-31, counted from 1970-01-01.
const LAST_DAY: i64 = 2_932_896;
/// Below so many rows, with so many customers at most, it is looked whether anybody pays before rows are drawn.
const IN_DOUBT: usize = 100_000;

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
    /// [`Error::Data`] naming every parameter that is out of range.
    pub fn check(&self) -> Result<()> {
        let faults: Vec<String> =
            self.faults(true).into_iter().map(|fault| format!("`{}` {}", fault.key, fault.said)).collect();
        super::all_told(&faults)
    }

    /// Every parameter that is out of range. `are_sizes_known` where the numbers of customers, terminals and days are those that
    /// were meant.
    pub(crate) fn faults(&self, are_sizes_known: bool) -> Vec<Fault> {
        let most = i32::MAX as usize - 1;
        let mut faults = Vec::new();
        for (key, count, least) in
            [("customers", self.customers, LEAST_CUSTOMERS), ("terminals", self.terminals, LEAST_TERMINALS)]
        {
            if !(least..=most).contains(&count) {
                faults.push(Fault::new(key, format!("is a number from {least} to {most}, not {count}")));
            }
        }
        if !(2..=MOST_DAYS).contains(&self.days) {
            faults.push(Fault::new("days", format!("is a number from 2 to {MOST_DAYS}, not {}", self.days)));
        }
        let are_sizes_known = are_sizes_known && faults.is_empty();
        if !(self.radius > 0.0 && self.radius.is_finite()) {
            faults.push(Fault::new("radius", format!("is a number above 0, not {}", short(self.radius))));
        }
        let more = options::faults(self, are_sizes_known);
        let are_all_known = are_sizes_known && faults.is_empty() && more.is_empty();
        faults.extend(more);
        if are_all_known {
            faults.extend(self.ends_too_late());
            if added::are_too_many(self) {
                let said = "adds, with `scenarios.mules`, more than 268 million rows: give smaller numbers";
                faults.push(Fault::new("scenarios.testing", said.into()));
            }
        }
        faults
    }

    /// Dates are read with years of four digits, those at which labels are known too.
    fn ends_too_late(&self) -> Option<Fault> {
        let last = self.start.saturating_add(i64::from(self.days) - 1);
        let known = last.saturating_add(reports::longest(&self.labels));
        let (with, latest) = match last > LAST_DAY {
            true => ("`days`", last),
            false => ("`days` and the longest `labels.delay`", known),
        };
        (latest > LAST_DAY).then(|| {
            let said = format!(
                "is so late that with {with} dates go to {}, and the last one that can be read is {}: begin earlier",
                day_text(latest),
                day_text(LAST_DAY)
            );
            Fault::new("start", said)
        })
    }

    /// Refuses parameters with which nobody could pay anywhere, without drawing a row.
    ///
    /// # Errors
    /// [`Error::Data`] naming what to raise.
    pub(crate) fn check_anybody_pays(&self) -> Result<()> {
        // Of so many customers one has a terminal, unless next to none is expected to.
        let is_in_doubt = self.expected_rows() < IN_DOUBT && self.customers < IN_DOUBT && added::expected(self) == 0;
        if is_in_doubt && !People::new(self).anybody_pays() {
            return Err(self.nobody_pays());
        }
        Ok(())
    }

    fn nobody_pays(&self) -> Error {
        let radius = short(self.radius);
        Error::Data(format!(
            "handbook: there is no row, as no customer has a terminal within `radius` {radius}: raise `radius` or `terminals`"
        ))
    }

    /// Whether [`Self::expected_rows`] is the number of rows, not an estimate of it.
    pub fn has_known_rows(&self) -> bool {
        self.is_published() && added::expected(self) == 0
    }

    /// Whether the rows of customers are the published ones. Neither drift nor labels, nor scenarios that choose among rows, change
    /// how many there are.
    fn is_published(&self) -> bool {
        let Handbook { start, drift, scenarios, labels, .. } = *self;
        *self == (Handbook { start, drift, scenarios, labels, ..Handbook::default() })
    }

    /// How many rows there are: exactly with the published parameters, else as expected, which is a few per cent off.
    pub fn expected_rows(&self) -> usize {
        let Handbook { customers, terminals, days, radius, .. } = self;
        let added = added::expected(self);
        if self.is_published() {
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
