//! The rows: each customer's from its own streams, then all of some days sorted by time.

use std::ops::Range;

use rayon::prelude::*;

use super::added::added;
use super::frauds::Frauds;
use super::people::People;
use super::{Handbook, SECONDS};
use crate::error::Error;
use crate::numeric::legacy::Legacy;
use crate::numeric::mt19937::Mt19937;
use crate::numeric::python_random::PythonRandom;
use crate::numeric::quicksort::argsort;

/// Rows that are held at a time, about; what a day holds is held whole.
const HELD: f64 = 8e6;
/// When customers buy: mean and standard deviation of the second of the day.
const NOON: (f64, f64) = (43_200.0, 20_000.0);

/// A row, with its place among those that its customer drew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub amount: f64,
    /// Since the start.
    pub second: u32,
    pub customer: u32,
    pub terminal: u32,
    /// `(place << BITS) | scenario`.
    place: u32,
}

/// The bits of a row's place that hold the scenario.
const BITS: u32 = 3;
const SCENARIO: u32 = (1 << BITS) - 1;

impl Row {
    /// A genuine row; `place` is below 2^29.
    pub fn new(customer: u32, terminal: u32, second: u32, amount: f64, place: u32) -> Self {
        Row { amount, second, customer, terminal, place: place << BITS }
    }

    pub fn day(&self) -> u32 {
        self.second / SECONDS
    }

    /// 0 for a genuine row, else the scenario of the fraud.
    pub fn scenario(&self) -> u8 {
        (self.place & SCENARIO) as u8
    }

    /// The place among the rows that its customer drew.
    pub fn place(&self) -> u32 {
        self.place >> BITS
    }

    pub fn becomes(&mut self, scenario: u32) {
        self.place = self.place & !SCENARIO | scenario;
    }

    pub fn with(mut self, scenario: u32) -> Self {
        self.becomes(scenario);
        self
    }

    /// Rows of one second in the order of their customers, and then as they were drawn.
    pub fn order(&self) -> (u32, u32, u32) {
        (self.second, self.customer, self.place)
    }
}

/// Everything that is decided before the rows are drawn.
pub(super) struct Rows<'a> {
    of: &'a Handbook,
    people: People,
    frauds: Frauds,
    /// Sorted by time.
    added: Vec<Row>,
}

impl<'a> Rows<'a> {
    pub fn new(of: &'a Handbook) -> Self {
        let people = People::new(of);
        let frauds = Frauds::new(of, |customer| {
            let mut found = Vec::new();
            draw(of, &people, customer, of.days, &mut |row| found.push(row));
            found
        });
        let added = added(of, &people);
        Rows { of, people, frauds, added }
    }

    /// Why there is no row at all.
    pub fn why_none(&self) -> Error {
        match self.people.anybody_pays() {
            false => self.of.nobody_pays(),
            true => Error::Data(
                "handbook: there is no row, as no customer pays on any of the days: raise `days` or `customers`".into(),
            ),
        }
    }

    /// Stretches of days whose rows are about as many as may be held.
    pub fn blocks(&self) -> Vec<Range<u32>> {
        let per_day: f64 = self.people.customers.iter().filter(|customer| customer.pays).map(|c| c.per_day).sum();
        let days = (HELD / per_day.max(1.0)).floor().clamp(1.0, f64::from(self.of.days)) as u32;
        (0..self.of.days.div_ceil(days)).map(|n| n * days..((n + 1) * days).min(self.of.days)).collect()
    }

    /// The rows of these days, sorted by time. Every customer's draws of the days before are made again: they cost less
    /// than keeping the state of all streams.
    ///
    /// Where these are all days, rows of one second stand as numpy's quicksort leaves rows that came customer by customer: the
    /// published order, on which bootstrap samples and resamplers hang. Blocks of a larger table have [`Row::order`].
    pub fn of_days(&self, days: &Range<u32>) -> Vec<Row> {
        let some = |numbers: &[u32]| {
            let mut rows = Vec::new();
            for &customer in numbers {
                draw(self.of, &self.people, customer, days.end, &mut |row| {
                    if row.day() >= days.start {
                        rows.push(self.frauds.applied(row));
                    }
                });
            }
            rows
        };
        let numbers: Vec<u32> = (0..self.people.customers.len() as u32).collect();
        let parts: Vec<Vec<Row>> = numbers.par_chunks(64).map(some).collect();
        let mut rows: Vec<Row> = parts.concat();
        drop(parts);
        let first = |day: u32| self.added.partition_point(|row| row.day() < day);
        rows.extend(&self.added[first(days.start)..first(days.end)]);
        if *days != (0..self.of.days) {
            rows.par_sort_unstable_by_key(Row::order);
            return rows;
        }
        let seconds: Vec<u32> = rows.iter().map(|row| row.second).collect();
        argsort(&seconds).into_iter().map(|place| rows[place as usize]).collect()
    }
}

/// Draws the rows of a customer up to a day, in drawn order.
fn draw(of: &Handbook, people: &People, customer: u32, days: u32, with: &mut impl FnMut(Row)) {
    let own = &people.customers[customer as usize];
    let (mean, per_day, terminals) = (own.mean, own.per_day, people.terminals(own));
    let Some(count) = u32::try_from(terminals.len()).ok().filter(|count| *count > 0) else { return };
    let seed = of.stream(customer);
    let mut stream = Mt19937::new(seed);
    let mut draws = Legacy::new(&mut stream);
    let mut choices = PythonRandom::new(seed);
    let mut place = 0;
    for day in 0..days {
        let drift = of.drift.factor(of.drift.amounts, day);
        for _ in 0..draws.poisson(per_day) {
            // Towards 0, as Python's int().
            let second = draws.normal_of(NOON.0, NOON.1) as i64;
            if second <= 0 || second >= i64::from(SECONDS) {
                continue;
            }
            let mut amount = draws.normal_of(mean, mean / 2.0);
            if amount < 0.0 {
                amount = draws.uniform(0.0, mean * 2.0);
            }
            let terminal = terminals[choices.below(count) as usize];
            with(Row::new(customer, terminal, day * SECONDS + second as u32, cents(amount * drift), place));
            place += 1;
        }
    }
}

/// As numpy rounds.
pub(super) fn cents(amount: f64) -> f64 {
    (amount * 100.0).round_ties_even() / 100.0
}
