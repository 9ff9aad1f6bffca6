//! What the Handbook does not simulate; all of it is off by default: change over time, other rates and kinds of fraud, labels
//! that are wrong or late.

use super::Handbook;
use crate::words::short;

/// A change that comes on a day and stays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// Its first day; 0 is the first day of all.
    pub day: u32,
    /// Over how many days it grows evenly to its full size; with 1 it is there at once.
    pub over: u32,
    /// The factor of what customers spend.
    pub amounts: f64,
    /// The factor of how many terminals and customers fraud begins with per day.
    pub rates: f64,
    /// The factor of what is stolen: the amounts of scenarios 3, 4 and 5.
    pub stolen: f64,
}

impl Default for Drift {
    fn default() -> Self {
        Drift { day: 0, over: 1, amounts: 1.0, rates: 1.0, stolen: 1.0 }
    }
}

impl Drift {
    /// What is left of a factor on a day: 1 before the change.
    pub(super) fn factor(&self, full: f64, day: u32) -> f64 {
        match day.checked_sub(self.day) {
            None => 1.0,
            Some(since) if since + 1 >= self.over => full,
            Some(since) => 1.0 + (full - 1.0) * f64::from(since + 1) / f64::from(self.over),
        }
    }
}

/// How much of each scenario of fraud there is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scenarios {
    /// Scenario 1: every amount above this is fraud.
    pub large: f64,
    /// Scenario 2: so many terminals are compromised per day.
    pub terminals: f64,
    /// Scenario 3: of so many customers per day the credentials leak.
    pub customers: f64,
    /// Scenario 4, which the Handbook does not have: so many cards per day are tested with small payments, and then a large one
    /// follows.
    pub testing: f64,
    /// Scenario 5, which the Handbook does not have: so many terminals per day begin to take payments of stolen cards.
    pub mules: f64,
}

impl Default for Scenarios {
    fn default() -> Self {
        Scenarios { large: 220.0, terminals: 2.0, customers: 3.0, testing: 0.0, mules: 0.0 }
    }
}

/// What the label column says, and when.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Labels {
    /// The share of frauds that nobody reports: their label is 0.
    pub unreported: f64,
    /// The share of genuine rows that are reported all the same: their label is 1.
    pub misreported: f64,
    /// Labels from this day on are right; none where all days have wrong ones.
    pub until: Option<u32>,
    /// How many days pass on average until a label is known, exponentially distributed.
    pub delay: f64,
    /// Another seed, other labels of the same rows.
    pub seed: u32,
}

impl Labels {
    /// Whether the label column differs from the truth.
    pub(super) fn are_noisy(&self) -> bool {
        self.unreported > 0.0 || self.misreported > 0.0
    }
}

/// The longest mean delay of labels.
const MOST_DELAY: f64 = 3_650.0;
/// The largest factor of a drift.
const MOST_TIMES: f64 = 1_000.0;

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Its key in a study's `data.simulate`, such as `drift.day`.
    pub key: &'static str,
    /// What it has to be and what it is: the sentence behind the key.
    pub said: String,
}

impl Fault {
    pub(super) fn new(key: &'static str, said: String) -> Self {
        Fault { key, said }
    }
}

/// What is out of range. What is compared with the numbers of days, customers and terminals is left out where these are not known.
pub(super) fn faults(of: &Handbook, are_sizes_known: bool) -> Vec<Fault> {
    let mut faults = drift(of, are_sizes_known);
    faults.extend(scenarios(of, are_sizes_known));
    faults.extend(labels(&of.labels));
    faults
}

fn drift(Handbook { days, drift, .. }: &Handbook, are_sizes_known: bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    if are_sizes_known && drift.day >= *days {
        faults.push(Fault::new("drift.day", format!("is below the number of days, not {} of {days}", drift.day)));
    }
    if drift.over == 0 {
        faults.push(Fault::new("drift.over", "is a number of days of at least 1, not 0".into()));
    }
    for (key, factor) in [("drift.amounts", drift.amounts), ("drift.stolen", drift.stolen)] {
        if !(factor > 0.0 && factor <= MOST_TIMES) {
            faults.push(Fault::new(key, format!("is a factor above 0, up to {MOST_TIMES}, not {}", short(factor))));
        }
    }
    if !(0.0..=MOST_TIMES).contains(&drift.rates) {
        let said = format!("is a factor from 0 to {MOST_TIMES}, not {}", short(drift.rates));
        faults.push(Fault::new("drift.rates", said));
    }
    faults
}

fn scenarios(of: &Handbook, are_sizes_known: bool) -> Vec<Fault> {
    let (mut faults, scenarios) = (Vec::new(), of.scenarios);
    if scenarios.large.is_nan() || scenarios.large <= 0.0 {
        let said = format!("is an amount above 0, not {}", short(scenarios.large));
        faults.push(Fault::new("scenarios.large", said));
    }
    let rates = [
        ("scenarios.terminals", scenarios.terminals, of.terminals),
        ("scenarios.customers", scenarios.customers, of.customers),
        ("scenarios.testing", scenarios.testing, of.customers),
        ("scenarios.mules", scenarios.mules, of.terminals),
    ];
    for (key, rate, most) in rates.into_iter().filter(|_| are_sizes_known) {
        if !(0.0..=most as f64).contains(&rate) {
            let said = format!("is a number per day from 0 to {most}, not {}", short(rate));
            faults.push(Fault::new(key, said));
        }
    }
    faults
}

fn labels(labels: &Labels) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (key, share) in [("labels.unreported", labels.unreported), ("labels.misreported", labels.misreported)] {
        if !(0.0..1.0).contains(&share) {
            faults.push(Fault::new(key, format!("is a share from 0 to below 1, not {}", short(share))));
        }
    }
    // A share that is wrong is told, and need not be told as one that is not there.
    if labels.until.is_some() && !labels.are_noisy() && faults.is_empty() {
        let said = "goes with `labels.unreported` or `labels.misreported`";
        faults.push(Fault::new("labels.until", said.into()));
    }
    if !(0.0..=MOST_DELAY).contains(&labels.delay) {
        let said = format!("is a number of days from 0 to {MOST_DELAY}, not {}", short(labels.delay));
        faults.push(Fault::new("labels.delay", said));
    }
    faults
}

/// Every option that is not at its default, as the data's hash has it; nothing where all are.
pub(super) fn told(of: &Handbook) -> String {
    let Handbook { drift, scenarios, labels, .. } = of;
    let mut told = String::new();
    if *drift != Drift::default() {
        let Drift { day, over, amounts, rates, stolen } = drift;
        told += &format!(", drift {day} {over} {amounts:?} {rates:?} {stolen:?}");
    }
    if *scenarios != Scenarios::default() {
        let Scenarios { large, terminals, customers, testing, mules } = scenarios;
        told += &format!(", scenarios {large:?} {terminals:?} {customers:?} {testing:?} {mules:?}");
    }
    if *labels != Labels::default() {
        let Labels { unreported, misreported, until, delay, seed } = labels;
        told += &format!(", labels {unreported:?} {misreported:?} {until:?} {delay:?} {seed}");
    }
    told
}

/// With how many places fraud begins on each day, of so many: fractions add up over days.
pub(super) fn daily(of: &Handbook, rate: f64, most: usize) -> Vec<usize> {
    let (mut total, mut begun) = (0.0, 0.0);
    // No day begins behind which there is no row.
    let day = |day: u32| {
        total += rate * of.drift.factor(of.drift.rates, day);
        // Tenths do not add up exactly.
        let due = f64::floor(total + 1e-9);
        let count = due - begun;
        begun = due;
        (count as usize).min(most)
    };
    (0..of.days - 1).map(day).collect()
}
