//! `simulate = { kind = "handbook", ... }`: card transactions, with what can be changed of them.

use toml::Table;

use super::keys::check_keys;
use super::numbers::{Numbers, all_told};
use crate::data::{Called, day_of};
use crate::error::Result;
use crate::simulate::Handbook;
use crate::simulate::handbook::{Drift, Labels, Scenarios};

const KEYS: &[&str] =
    &["kind", "customers", "terminals", "days", "radius", "start", "seed", "drift", "scenarios", "labels"];
const DRIFT: &[&str] = &["day", "over", "amounts", "rates", "stolen"];
const SCENARIOS: &[&str] = &["large", "terminals", "customers", "testing", "mules"];
const LABELS: &[&str] = &["unreported", "misreported", "until", "delay", "seed"];

pub(super) fn read(simulate: &Table) -> Result<Handbook> {
    let called = Called::InStudy;
    check_keys(simulate, "key of data.simulate", KEYS)?;
    let (default, mut sizes, mut all) =
        (Handbook::default(), Numbers::of(simulate, called), Numbers::of(simulate, called));
    let of = Handbook {
        customers: sizes.count("customers", 3).unwrap_or(default.customers),
        terminals: sizes.count("terminals", 2).unwrap_or(default.terminals),
        days: sizes.short("days", 2).unwrap_or(default.days),
        radius: all.number("radius").unwrap_or(default.radius),
        start: all.text("start", "must be a day such as `2018-04-01`", day_of).unwrap_or(default.start),
        seed: all.short("seed", 0).unwrap_or(default.seed),
        ..default
    };
    let are_sizes_known = sizes.faults.is_empty();
    finished(of, simulate, called, (are_sizes_known, [sizes.faults, all.faults].concat()))
}

/// The transactions with what the tables `drift`, `scenarios` and `labels` among `options` change of them.
///
/// # Errors
/// [`Error::Study`](crate::error::Error::Study) with all that is wrong, by its key.
pub(crate) fn changed(of: Handbook, options: &Table, called: Called) -> Result<Handbook> {
    finished(of, options, called, (true, Vec::new()))
}

fn finished(
    mut of: Handbook,
    options: &Table,
    called: Called,
    (are_sizes_known, mut faults): (bool, Vec<String>),
) -> Result<Handbook> {
    if let Some(table) = Numbers::within(options, ("drift", DRIFT), called, &mut faults) {
        of.drift = drift(table, called, &mut faults);
    }
    if let Some(mut table) = Numbers::within(options, ("scenarios", SCENARIOS), called, &mut faults) {
        let default = Scenarios::default();
        of.scenarios = Scenarios {
            large: table.number("large").unwrap_or(default.large),
            terminals: table.number("terminals").unwrap_or(default.terminals),
            customers: table.number("customers").unwrap_or(default.customers),
            testing: table.number("testing").unwrap_or(default.testing),
            mules: table.number("mules").unwrap_or(default.mules),
        };
        faults.append(&mut table.faults);
    }
    if let Some(mut table) = Numbers::within(options, ("labels", LABELS), called, &mut faults) {
        let default = Labels::default();
        of.labels = Labels {
            unreported: table.number("unreported").unwrap_or(default.unreported),
            misreported: table.number("misreported").unwrap_or(default.misreported),
            until: table.short("until", 0),
            delay: table.number("delay").unwrap_or(default.delay),
            seed: table.short("seed", 0).unwrap_or(default.seed),
        };
        // Whether it goes with a share can be said where the share is known.
        of.labels.until = of.labels.until.filter(|_| table.faults.is_empty());
        faults.append(&mut table.faults);
    }
    faults.extend(of.faults(are_sizes_known).into_iter().map(|fault| match called {
        Called::InStudy => format!("{}: `{}` {}", called.key(""), fault.key, fault.said),
        Called::OnLine | Called::ToTry => format!("{} {}", called.key(fault.key), fault.said),
    }));
    all_told(&faults).map(|()| of)
}

fn drift(mut table: Numbers<'_>, called: Called, faults: &mut Vec<String>) -> Drift {
    let (default, day) = (Drift::default(), table.short("day", 0));
    let drift = Drift {
        day: day.unwrap_or(default.day),
        over: table.short("over", 1).unwrap_or(default.over),
        amounts: table.number("amounts").unwrap_or(default.amounts),
        rates: table.number("rates").unwrap_or(default.rates),
        stolen: table.number("stolen").unwrap_or(default.stolen),
    };
    let name = called.key("drift");
    // A key that is misspelt, or a value that is no number, is told already.
    if table.faults.is_empty() {
        if day.is_none() {
            faults.push(format!("{name}: `day` is missing, the first day of the change, counted from 0"));
        }
        if (drift.amounts, drift.rates, drift.stolen) == (1.0, 1.0, 1.0) {
            faults.push(format!("{name}: nothing changes: give a factor as `amounts`, `rates` or `stolen`"));
        }
    }
    faults.append(&mut table.faults);
    drift
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

    #[test]
    fn all_mistakes_are_told_at_once_by_the_names_that_were_written() {
        for (keys, wanted) in [
            (
                "customers = 2, terminals = 1, days = 1, scenarios = { testing = 6000 }",
                "data.simulate.customers: 2 must be a whole number of at least 3; data.simulate.terminals: 1 must be a whole number of \
                 at least 2; data.simulate.days: 1 must be a whole number of at least 2",
            ),
            (
                "start = '2018-13-01', seed = 5000000000, radius = '5'",
                "data.simulate.radius: \"5\" must be a number; data.simulate.start: `2018-13-01` must be a day such as `2018-04-01`; \
                 data.simulate.seed: 5000000000 is too large: it must be at most 4294967295",
            ),
            ("start = 2018-04-01", "data.simulate.start: 2018-04-01 must be a text in quotes"),
            (
                "radius = -3, scenarios = { terminals = 10001, customers = 5001 }, labels = { delay = 1e300 }",
                "data.simulate: `radius` is a number above 0, not -3; data.simulate: `scenarios.terminals` is a number per day from 0 to \
                 10000, not 10001; data.simulate: `scenarios.customers` is a number per day from 0 to 5000, not 5001; data.simulate: \
                 `labels.delay` is a number of days from 0 to 3650, not 1e300",
            ),
            ("customers = 1e300", "data.simulate.customers: 1e300 must be a whole number of at least 3"),
        ] {
            assert_eq!(parsed(&format!("simulate = {{ {keys} }}")).unwrap_err(), wanted);
        }
    }

    #[test]
    fn on_the_command_line_keys_are_options() {
        let of = Handbook { customers: 0, terminals: 0, days: 0, radius: -3.0, ..Handbook::default() };
        // What is compared with a number that is wrong itself is not told.
        let options = "drift = { day = 5, amounts = 1e300, over = 'x' }\nscenarios = { mule = 2 }".parse().unwrap();
        let said = changed(of, &options, Called::OnLine).unwrap_err().to_string();
        let (first, rest) = said.split_once("; unknown key of --scenarios `mule`; did you mean `mules`?").unwrap();
        assert_eq!(first, "`over` of --drift: \"x\" must be a whole number of at least 1");
        let (_, rest) = rest.split_once("; ").unwrap();
        assert_eq!(
            rest,
            "--customers is a number from 3 to 2147483646, not 0; --terminals is a number from 2 to 2147483646, not 0; --days is a \
             number from 2 to 24000, not 0; --radius is a number above 0, not -3; `amounts` of --drift is a factor above 0, up to \
             1000, not 1e300"
        );
    }

    #[test]
    fn dates_that_could_not_be_read_again_are_refused() {
        // The last day is 9999-12-31 with 2 days, and 10000-01-01 with 3.
        assert!(parsed("simulate = { start = '9999-12-30', days = 2 }").is_ok());
        let said = parsed("simulate = { start = '9999-12-30', days = 3 }").unwrap_err();
        assert_eq!(
            said,
            "data.simulate: `start` is so late that with `days` dates go to 10000-01-01, and the last one that can be read is \
             9999-12-31: begin earlier"
        );
        // A mean delay of 10 days is 370 at the longest: 9998-12-20 and 9 more days go to 9998-12-29, and 370 more to 10000-01-03.
        assert!(parsed("simulate = { start = '9998-12-20', days = 10 }").is_ok());
        let said = parsed("simulate = { start = '9998-12-20', days = 10, labels = { delay = 10 } }").unwrap_err();
        assert!(said.contains("with `days` and the longest `labels.delay` dates go to 10000-01-03"), "{said}");
        assert!(parsed("simulate = { start = '9998-12-10', days = 10, labels = { delay = 10 } }").is_ok());
    }
}
