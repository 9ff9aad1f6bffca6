//! What the Handbook does not simulate; all of it is off by default: change over time, other rates and kinds of fraud, labels
//! that are wrong or late.

use super::Handbook;

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

/// # Errors
/// Names the option that is out of range, and what goes.
pub(super) fn check(of: &Handbook) -> Result<(), String> {
    let Handbook { drift, scenarios, labels, .. } = of;
    if drift.day >= of.days || drift.over == 0 {
        return Err(format!(
            "`drift.day` is below the number of days and `drift.over` at least 1, not {} of {} and {}",
            drift.day, of.days, drift.over
        ));
    }
    for (key, factor) in [("amounts", drift.amounts), ("rates", drift.rates), ("stolen", drift.stolen)] {
        if !(0.0..=MOST_TIMES).contains(&factor) || (factor == 0.0 && key != "rates") {
            return Err(format!(
                "`drift.{key}` is a factor up to {MOST_TIMES}, above 0 unless it is `rates`, not {factor}"
            ));
        }
    }
    if scenarios.large.is_nan() || scenarios.large <= 0.0 {
        return Err(format!("`scenarios.large` is an amount above 0, not {}", scenarios.large));
    }
    for (key, rate, most) in [
        ("terminals", scenarios.terminals, of.terminals),
        ("customers", scenarios.customers, of.customers),
        ("testing", scenarios.testing, of.customers),
        ("mules", scenarios.mules, of.terminals),
    ] {
        if !(0.0..=most as f64).contains(&rate) {
            return Err(format!("`scenarios.{key}` is a number per day from 0 to {most}, not {rate}"));
        }
    }
    for (key, share) in [("unreported", labels.unreported), ("misreported", labels.misreported)] {
        if !(0.0..1.0).contains(&share) {
            return Err(format!("`labels.{key}` is a share from 0 to below 1, not {share}"));
        }
    }
    if labels.until.is_some() && !labels.are_noisy() {
        return Err("`labels.until` goes with `labels.unreported` or `labels.misreported`".into());
    }
    if !(0.0..=MOST_DELAY).contains(&labels.delay) {
        return Err(format!("`labels.delay` is a number of days from 0 to {MOST_DELAY}, not {}", labels.delay));
    }
    Ok(())
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
