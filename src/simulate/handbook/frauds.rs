//! The Handbook's three scenarios of fraud. What they need to know of all rows is found beforehand, so that each row is then decided
//! alone.

use std::collections::HashMap;

use super::options::daily;
use super::rows::Row;
use super::{Drift, Handbook};
use crate::numeric::mt19937::Mt19937;
use crate::numeric::python_random::PythonRandom;

/// Scenario 2: so many days all rows of a terminal are fraud.
const TERMINAL_DAYS: u32 = 28;
/// Scenario 3: for so many days of rows of a customer ...
const CUSTOMER_DAYS: u32 = 14;
/// ... one in so many is fraud, and its amount is so many times as large.
const ONE_IN: u32 = 3;
const TIMES: f64 = 5.0;

pub(super) struct Frauds {
    /// Scenario 1: an amount above this.
    large: f64,
    drift: Drift,
    /// The days from which on a terminal is compromised.
    terminals: HashMap<u32, Vec<u32>>,
    /// How often scenario 3 chose a row: (customer, place among its rows).
    chosen: HashMap<(u32, u32), u32>,
}

impl Frauds {
    /// `rows_of` gives all rows of a customer, genuine ones.
    pub fn new(of: &Handbook, rows_of: impl Fn(u32) -> Vec<Row>) -> Self {
        let mut frauds =
            Frauds { large: of.scenarios.large, drift: of.drift, terminals: HashMap::new(), chosen: HashMap::new() };
        let mut known: HashMap<u32, Vec<Row>> = HashMap::new();
        let terminals = daily(of, of.scenarios.terminals, of.terminals);
        let customers = daily(of, of.scenarios.customers, of.customers);
        for ((day, terminals), customers) in (0..).zip(terminals).zip(customers) {
            for terminal in Mt19937::new(of.stream(day)).choice(of.terminals, terminals) {
                frauds.terminals.entry(terminal as u32).or_default().push(day);
            }
            let customers = Mt19937::new(of.stream(day)).choice(of.customers, customers);
            let mut rows: Vec<Row> = Vec::new();
            for customer in customers {
                let all = known.entry(customer as u32).or_insert_with(|| rows_of(customer as u32));
                rows.extend(all.iter().filter(|row| (day..day + CUSTOMER_DAYS).contains(&row.day())));
            }
            rows.sort_unstable_by_key(Row::order);
            let count = rows.len() as u32;
            for place in PythonRandom::new(of.stream(day)).sample(count, count / ONE_IN) {
                let row = &rows[place as usize];
                *frauds.chosen.entry((row.customer, row.place())).or_default() += 1;
            }
        }
        frauds
    }

    /// The row with what the scenarios make of it; the number is that of the last one that applied.
    pub fn applied(&self, mut row: Row) -> Row {
        if row.amount > self.large {
            row.becomes(1);
        }
        let day = row.day();
        let since = self.terminals.get(&row.terminal);
        if since.is_some_and(|days| days.iter().any(|from| (*from..from + TERMINAL_DAYS).contains(&day))) {
            row.becomes(2);
        }
        if let Some(times) = self.chosen.get(&(row.customer, row.place())) {
            row.becomes(3);
            let factor = TIMES * self.drift.factor(self.drift.stolen, day);
            (0..*times).for_each(|_| row.amount *= factor);
        }
        row
    }
}
