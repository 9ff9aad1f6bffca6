//! Scenarios 4 and 5, which the Handbook does not have: rows that thieves add to those of the customers.

use super::options::daily;
use super::people::People;
use super::rows::{Row, cents};
use super::{Handbook, SECONDS};
use crate::numeric::legacy::Legacy;
use crate::numeric::mt19937::Mt19937;
use crate::seed::{Purpose, derive};

/// Scenario 4: a card is tested so many times (below the second), with payments of so much, so many seconds apart.
const TESTS: (f64, f64) = (3.0, 9.0);
const TEST_AMOUNT: (f64, f64) = (0.5, 3.0);
const TEST_GAP: (f64, f64) = (20.0, 120.0);
/// The large payment follows after so many seconds, and is so many times what the customer spends on average.
const PAUSE: (f64, f64) = (600.0, 3_600.0);
const LARGE_TIMES: (f64, f64) = (4.0, 8.0);
/// When the first test may be, so that the large payment is on the same day.
const FIRST_TEST: (f64, f64) = (1.0, 80_000.0);

/// Scenario 5: for so many days a terminal takes so many payments per day, of so much each.
const MULE_DAYS: u32 = 7;
const MULE_PAYMENTS: u32 = 4;
const MULE_AMOUNT: (f64, f64) = (80.0, 180.0);

/// The place of the first added row among its customer's rows, beyond those that a customer draws.
const FIRST_PLACE: u32 = 1 << 28;

/// How many rows the two scenarios add, as expected.
pub(super) fn expected(of: &Handbook) -> usize {
    let cards: usize = daily(of, of.scenarios.testing, of.customers).into_iter().sum();
    // The tests are drawn evenly from the whole numbers of their range.
    let tests = (TESTS.0 + TESTS.1 - 1.0) / 2.0;
    let payments = |day: u32| (MULE_DAYS.min(of.days - day) * MULE_PAYMENTS) as usize;
    let mules = (0..).zip(daily(of, of.scenarios.mules, of.terminals));
    (cards as f64 * (tests + 1.0)) as usize + mules.map(|(day, begun)| begun * payments(day)).sum::<usize>()
}

/// Whether the added rows have places of their own.
pub(super) fn are_too_many(of: &Handbook) -> bool {
    expected(of) >= FIRST_PLACE as usize
}

/// The added rows, sorted by time. A day's thieves have a stream of their own, so that no other row changes.
pub(super) fn added(of: &Handbook, people: &People) -> Vec<Row> {
    let mut all = Added { of, rows: Vec::new() };
    let testing = daily(of, of.scenarios.testing, of.customers);
    let mules = daily(of, of.scenarios.mules, of.terminals);
    for ((day, cards), terminals) in (0..).zip(testing).zip(mules) {
        if cards > 0 {
            all.testing(people, day, cards);
        }
        if terminals > 0 {
            all.mules(day, terminals);
        }
    }
    all.rows.sort_unstable_by_key(Row::order);
    all.rows
}

struct Added<'a> {
    of: &'a Handbook,
    rows: Vec<Row>,
}

impl Added<'_> {
    fn stream(&self, what: &str, day: u32) -> Mt19937 {
        Mt19937::new(derive(u64::from(self.of.seed), Purpose::Simulate, &format!("handbook {what} {day}")) as u32)
    }

    fn row(&mut self, (customer, terminal): (usize, u32), second: u32, amount: f64, scenario: u32) {
        let place = FIRST_PLACE + self.rows.len() as u32;
        self.rows.push(Row::new(customer as u32, terminal, second, cents(amount), place).with(scenario));
    }

    /// Small payments at one terminal after another, and a large one, on one day.
    fn testing(&mut self, people: &People, day: u32, cards: usize) {
        let mut stream = self.stream("testing", day);
        let victims = stream.choice(self.of.customers, cards);
        let mut draws = Legacy::new(&mut stream);
        let terminals = self.of.terminals as f64;
        let stolen = self.of.drift.factor(self.of.drift.stolen, day);
        for customer in victims {
            let tests = draws.uniform(TESTS.0, TESTS.1) as u32;
            let mut second = draws.uniform(FIRST_TEST.0, FIRST_TEST.1);
            for _ in 0..tests {
                let amount = draws.uniform(TEST_AMOUNT.0, TEST_AMOUNT.1);
                let terminal = draws.uniform(0.0, terminals) as u32;
                self.row((customer, terminal), day * SECONDS + second as u32, amount, 4);
                second += draws.uniform(TEST_GAP.0, TEST_GAP.1);
            }
            second += draws.uniform(PAUSE.0, PAUSE.1);
            let amount = people.customers[customer].mean * draws.uniform(LARGE_TIMES.0, LARGE_TIMES.1) * stolen;
            let terminal = draws.uniform(0.0, terminals) as u32;
            self.row((customer, terminal), day * SECONDS + second as u32, amount, 4);
        }
    }

    /// Payments by cards of anyone; what the terminal's own customers pay there stays genuine.
    fn mules(&mut self, day: u32, terminals: usize) {
        let mut stream = self.stream("mules", day);
        let mules = stream.choice(self.of.terminals, terminals);
        let mut draws = Legacy::new(&mut stream);
        let customers = self.of.customers as f64;
        for terminal in mules {
            for on in (day..day + MULE_DAYS).filter(|on| *on < self.of.days) {
                let stolen = self.of.drift.factor(self.of.drift.stolen, on);
                for _ in 0..MULE_PAYMENTS {
                    let customer = draws.uniform(0.0, customers) as usize;
                    let second = draws.uniform(1.0, f64::from(SECONDS)) as u32;
                    let amount = draws.uniform(MULE_AMOUNT.0, MULE_AMOUNT.1) * stolen;
                    self.row((customer, terminal as u32), on * SECONDS + second, amount, 5);
                }
            }
        }
    }
}
