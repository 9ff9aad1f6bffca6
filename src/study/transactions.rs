//! `simulate = { kind = "handbook", ... }`: card transactions, with what can be changed of them.

use toml::{Table, Value};

use super::keys::check_keys;
use super::read::string;
use super::simulation::{number_of, whole_of};
use crate::data::day_of;
use crate::error::{Error, Result};
use crate::simulate::Handbook;
use crate::simulate::handbook::{Drift, Labels, Scenarios};

const KEYS: &[&str] =
    &["kind", "customers", "terminals", "days", "radius", "start", "seed", "drift", "scenarios", "labels"];
const DRIFT: &[&str] = &["day", "over", "amounts", "rates", "stolen"];
const SCENARIOS: &[&str] = &["large", "terminals", "customers", "testing", "mules"];
const LABELS: &[&str] = &["unreported", "misreported", "until", "delay", "seed"];

pub(super) fn read(simulate: &Table) -> Result<Handbook> {
    check_keys(simulate, "key of data.simulate", KEYS)?;
    let (default, all) = (Handbook::default(), Options { table: simulate, called: "data.simulate".into() });
    let of = Handbook {
        customers: all.whole("customers", 3)?.map_or(default.customers, |n| n as usize),
        terminals: all.whole("terminals", 2)?.map_or(default.terminals, |n| n as usize),
        days: all.short("days", 2)?.unwrap_or(default.days),
        radius: all.number("radius")?.unwrap_or(default.radius),
        start: match string(simulate, "start")? {
            None => default.start,
            Some(text) => day_of(&text).ok_or_else(|| {
                Error::Study(format!("data.simulate.start: `{text}` must be a day such as `2018-04-01`"))
            })?,
        },
        seed: all.short("seed", 0)?.unwrap_or(default.seed),
        ..default
    };
    changed(of, simulate)
}

/// The transactions with what the tables `drift`, `scenarios` and `labels` among `options` change of them.
///
/// # Errors
/// [`Error::Study`] and [`Error::Data`], naming the key.
pub fn changed(mut of: Handbook, options: &Table) -> Result<Handbook> {
    if let Some(table) = Options::of(options, "drift", DRIFT)? {
        let default = Drift::default();
        of.drift = Drift {
            day: table.short("day", 0)?.ok_or_else(|| {
                Error::Study(
                    "data.simulate.drift: `day` is missing, the first day of the change, counted from 0".into(),
                )
            })?,
            over: table.short("over", 1)?.unwrap_or(default.over),
            amounts: table.number("amounts")?.unwrap_or(default.amounts),
            rates: table.number("rates")?.unwrap_or(default.rates),
            stolen: table.number("stolen")?.unwrap_or(default.stolen),
        };
        if (of.drift.amounts, of.drift.rates, of.drift.stolen) == (1.0, 1.0, 1.0) {
            return Err(Error::Study(
                "data.simulate.drift: nothing changes: give a factor as `amounts`, `rates` or `stolen`".into(),
            ));
        }
    }
    if let Some(table) = Options::of(options, "scenarios", SCENARIOS)? {
        let default = Scenarios::default();
        of.scenarios = Scenarios {
            large: table.number("large")?.unwrap_or(default.large),
            terminals: table.number("terminals")?.unwrap_or(default.terminals),
            customers: table.number("customers")?.unwrap_or(default.customers),
            testing: table.number("testing")?.unwrap_or(default.testing),
            mules: table.number("mules")?.unwrap_or(default.mules),
        };
    }
    if let Some(table) = Options::of(options, "labels", LABELS)? {
        let default = Labels::default();
        of.labels = Labels {
            unreported: table.number("unreported")?.unwrap_or(default.unreported),
            misreported: table.number("misreported")?.unwrap_or(default.misreported),
            until: table.short("until", 0)?,
            delay: table.number("delay")?.unwrap_or(default.delay),
            seed: table.short("seed", 0)?.unwrap_or(default.seed),
        };
    }
    of.check()?;
    Ok(of)
}

/// `data.simulate`, or a table of it.
struct Options<'a> {
    table: &'a Table,
    called: String,
}

impl<'a> Options<'a> {
    fn of(all: &'a Table, key: &str, keys: &[&str]) -> Result<Option<Self>> {
        let called = format!("data.simulate.{key}");
        match all.get(key) {
            None => Ok(None),
            Some(Value::Table(table)) => {
                check_keys(table, &format!("key of {called}"), keys)?;
                Ok(Some(Options { table, called }))
            }
            Some(other) => Err(Error::Study(format!("{called}: {other} must be a table of {}", keys.join(", ")))),
        }
    }

    fn number(&self, key: &str) -> Result<Option<f64>> {
        number_of(self.table, key, &format!("{}.{key}", self.called))
    }

    fn whole(&self, key: &str, least: u64) -> Result<Option<u64>> {
        whole_of(self.table, key, &format!("{}.{key}", self.called), least)
    }

    /// A whole number of 32 bits.
    fn short(&self, key: &str, least: u64) -> Result<Option<u32>> {
        let fits = |n| {
            let refused = || format!("{}.{key}: {n} is too large: it must be at most {}", self.called, u32::MAX);
            u32::try_from(n).map_err(|_| Error::Study(refused()))
        };
        self.whole(key, least)?.map(fits).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Handbook, String> {
        let data: Table = text.parse().unwrap();
        read(data["simulate"].as_table().unwrap()).map_err(|e| e.to_string())
    }

    #[test]
    fn transactions_are_the_published_ones_by_default() {
        assert_eq!(parsed("simulate = { kind = 'handbook' }"), Ok(Handbook::default()));
        let of = Handbook {
            customers: 50,
            terminals: 90,
            days: 30,
            radius: 7.5,
            start: 17_623,
            seed: 3,
            ..Handbook::default()
        };
        let text = "simulate = { kind = 'handbook', customers = 50, terminals = 90, days = 30, radius = 7.5, \
                    start = '2018-04-02', seed = 3 }";
        assert_eq!(parsed(text), Ok(of));
    }

    #[test]
    fn options_are_tables_of_their_own() {
        let of = Handbook {
            drift: Drift { day: 90, over: 30, amounts: 1.5, rates: 2.0, stolen: 0.5 },
            scenarios: Scenarios { large: f64::INFINITY, terminals: 0.0, customers: 1.5, testing: 4.0, mules: 1.0 },
            labels: Labels { unreported: 0.1, misreported: 0.001, until: Some(120), delay: 7.0, seed: 5 },
            ..Handbook::default()
        };
        let text = "[simulate]\nkind = 'handbook'\ndrift = { day = 90, over = 30, amounts = 1.5, rates = 2, stolen = 0.5 }\n\
                    scenarios = { large = inf, terminals = 0, customers = 1.5, testing = 4, mules = 1 }\n\
                    labels = { unreported = 0.1, misreported = 0.001, until = 120, delay = 7, seed = 5 }\n";
        assert_eq!(parsed(text), Ok(of));
        let some = parsed("simulate = { labels = { delay = 2 } }").unwrap();
        assert_eq!(some, Handbook { labels: Labels { delay: 2.0, ..Labels::default() }, ..Handbook::default() });
    }

    #[test]
    fn mistakes_are_told_by_their_key() {
        for (keys, named) in [
            ("rows = 5000", "unknown key of data.simulate `rows`"),
            ("start = '1.4.2018'", "data.simulate.start: `1.4.2018` must be a day"),
            ("customers = 2", "data.simulate.customers: 2 must be"),
            ("seed = 4294967296", "data.simulate.seed: 4294967296 is too large"),
            ("drift = 3", "data.simulate.drift: 3 must be a table of day, over"),
            ("drift = { amounts = 2 }", "data.simulate.drift: `day` is missing"),
            ("drift = { day = 9 }", "data.simulate.drift: nothing changes"),
            ("drift = { day = 9, amount = 2 }", "did you mean `amounts`"),
            ("drift = { day = 183, amounts = 2 }", "`drift.day` is below the number of days"),
            (
                "drift = { day = 9, over = 0, rates = 2 }",
                "data.simulate.drift.over: 0 must be a whole number of at least 1",
            ),
            ("drift = { day = 9, stolen = 0 }", "`drift.stolen` is a factor"),
            ("drift = { day = 9, rates = -1 }", "`drift.rates` is a factor"),
            ("scenarios = { tests = 2 }", "unknown key of data.simulate.scenarios `tests`"),
            ("scenarios = { large = 0 }", "`scenarios.large` is an amount above 0"),
            ("scenarios = { testing = 6000 }", "`scenarios.testing` is a number per day from 0 to 5000, not 6000"),
            ("scenarios = { mules = nan }", "`scenarios.mules` is a number per day"),
            ("scenarios = { mules = '1' }", "data.simulate.scenarios.mules: \"1\" must be a number"),
            ("labels = { unreported = 1 }", "`labels.unreported` is a share from 0 to below 1, not 1"),
            ("labels = { misreported = -0.1 }", "`labels.misreported` is a share"),
            ("labels = { until = 9 }", "`labels.until` goes with `labels.unreported`"),
            ("labels = { delay = -1 }", "`labels.delay` is a number of days"),
            ("labels = { delay = '7d' }", "data.simulate.labels.delay: \"7d\" must be a number"),
            ("labels = { unreported = 0.1, seed = 4294967296 }", "data.simulate.labels.seed: 4294967296 is too large"),
        ] {
            let said = parsed(&format!("simulate = {{ {keys} }}")).unwrap_err();
            assert!(said.contains(named), "{keys}: {said}");
        }
    }
}
