//! `simulate = { ... }` of a study's `[data]`.

use toml::{Table, Value};

use super::keys::check_keys;
use super::numbers::{Numbers, all_told};
use super::read::{Faults, string_of};
use super::{DataSource, DataSpec, features, sample, transactions};
use crate::data::{Called, ReadOptions};
use crate::error::{Error, Result, unknown};
use crate::features::FeatureSpec;
use crate::simulate::{Normal, Payments, Positives, Simulation};

/// The kinds of simulation; the first is that of a study that names none.
const KINDS: [&str; 4] = ["rare", "handbook", "payments", "normal"];
const RARE: &[&str] = &["kind", "rows", "positives", "columns", "seed"];
const PAYMENTS: &[&str] = &["kind", "legitimate", "frauds", "later", "larger", "seed"];
const NORMAL: &[&str] = &["kind", "rows", "positives", "columns", "separation", "lead", "correlation", "seed"];
/// Keys of `data` beside `simulate` where the simulated table has columns to choose among.
const CHOOSING: &[&str] = &["ignore", "categorical", "numeric", "features", "sample"];

/// Reads `simulate`. Other keys of `data` speak of files, but for those that choose among the columns of transactions, which
/// `options` reads.
pub(super) fn read(
    simulate: &Table,
    data: &Table,
    options: impl FnOnce(&Table) -> Result<ReadOptions>,
) -> Result<DataSpec> {
    let kind = string_of(simulate, "kind", "data.simulate.kind")?.unwrap_or_else(|| KINDS[0].into());
    let choosing = match kind.as_str() {
        "rare" | "payments" | "normal" => &[][..],
        "handbook" => CHOOSING,
        _ => return Err(Error::Study(unknown("value of data.simulate.kind", &kind, &KINDS))),
    };
    let goes = |key: &str| key == "simulate" || key == "name" || choosing.contains(&key);
    refuse(&data.keys().map(String::as_str).filter(|key| !goes(key)).collect::<Vec<_>>(), &kind)?;
    let name = string_of(data, "name", "data.name")?;
    if kind == "handbook" {
        let name = name.unwrap_or_else(|| "handbook".into());
        let mut faults = Faults::default();
        let (of, chosen) = (faults.without("", transactions::read(simulate)), faults.without("", options(data)));
        let (features, sample) = (faults.without("", features::read(data)), faults.without("", sample::read(data)));
        if let (Some(of), Some(features)) = (&of, &features) {
            faults.without("", features::check_simulated(features, of));
        }
        let (Some(of), Some(chosen), Some(features), Some(sample), true) =
            (of, chosen, features, sample, faults.0.is_empty())
        else {
            return Err(Error::Several(faults.0));
        };
        let mut whole = of.options();
        whole.ignore.extend(chosen.ignore);
        let options = ReadOptions {
            categorical: chosen.categorical,
            numeric: chosen.numeric,
            keep: chosen.keep,
            keys: chosen.keys,
            ..whole
        };
        let source = DataSource::Transactions(of);
        return Ok(DataSpec { name, source, options, no_amount: false, features, sample });
    }
    let (usual, source) = match kind.as_str() {
        "payments" => ("payments", DataSource::Payments(payments(simulate)?)),
        "normal" => ("normal", DataSource::Normal(normal(simulate)?)),
        _ => ("simulated", DataSource::Simulated(rare(simulate)?)),
    };
    Ok(DataSpec {
        name: name.unwrap_or_else(|| usual.into()),
        source,
        options: ReadOptions::default(),
        no_amount: false,
        features: FeatureSpec::default(),
        sample: None,
    })
}

/// Refuses keys of files beside a simulation of that kind, all of them at once.
fn refuse(keys: &[&str], kind: &str) -> Result<()> {
    if keys.contains(&"path") {
        // The others are the file's.
        return Err(Error::Study("data: give `path` or `simulate`, not both".into()));
    }
    let counts = if kind == "payments" { "`legitimate` and `frauds`" } else { "`rows` and `positives`" };
    let said = |key: &&str| match *key {
        "sample" => format!(
            "data: `sample` does not go with `simulate` of kind `{kind}`, whose rows are drawn already: write smaller {counts} there"
        ),
        key => format!("data: `{key}` does not go with `simulate`, whose columns and labels are known and complete"),
    };
    Error::of_all(keys.iter().map(said).collect()).map_or(Ok(()), Err)
}

fn payments(simulate: &Table) -> Result<Payments> {
    check_keys(simulate, "key of data.simulate", PAYMENTS)?;
    let (default, mut all) = (Payments::default(), Numbers::of(simulate, Called::InStudy));
    let payments = Payments {
        legitimate: all.count("legitimate", 1).unwrap_or(default.legitimate),
        frauds: all.count("frauds", 1).unwrap_or(default.frauds),
        later: all.number("later").unwrap_or(default.later),
        larger: all.number("larger").unwrap_or(default.larger),
        seed: all.whole("seed", 0).unwrap_or(default.seed),
    };
    all_told(&all.faults)?;
    payments.check()?;
    Ok(payments)
}

fn normal(simulate: &Table) -> Result<Normal> {
    check_keys(simulate, "key of data.simulate", NORMAL)?;
    let (default, mut all) = (Normal::default(), Numbers::of(simulate, Called::InStudy));
    let normal = Normal {
        rows: all.count("rows", 1).unwrap_or(default.rows),
        positives: all.count("positives", 1).unwrap_or(default.positives),
        columns: all.count("columns", 1).unwrap_or(default.columns),
        separation: all.number("separation").unwrap_or(default.separation),
        lead: all.number("lead").unwrap_or(default.lead),
        correlation: all.number("correlation").unwrap_or(default.correlation),
        seed: all.whole("seed", 0).unwrap_or(default.seed),
    };
    all_told(&all.faults)?;
    normal.check()?;
    Ok(normal)
}

fn rare(simulate: &Table) -> Result<Simulation> {
    check_keys(simulate, "key of data.simulate", RARE)?;
    let (default, mut all) = (Simulation::default(), Numbers::of(simulate, Called::InStudy));
    if !simulate.contains_key("rows") {
        all.faults.push("data.simulate: `rows` is missing".into());
    }
    let simulation = Simulation {
        rows: all.count("rows", 2).unwrap_or(default.rows),
        positives: match simulate.get("positives") {
            Some(Value::Float(share)) => Positives::Share(*share),
            _ => all.count("positives", 1).map_or(default.positives, Positives::Count),
        },
        columns: all.count("columns", 3).unwrap_or(default.columns),
        seed: all.whole("seed", 0).unwrap_or(default.seed),
    };
    all_told(&all.faults)?;
    simulation.check()?;
    Ok(simulation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<DataSource, String> {
        let data: Table = text.parse().unwrap();
        let simulate = data["simulate"].as_table().unwrap();
        read(simulate, &data, super::super::data::options).map(|spec| spec.source).map_err(|e| e.to_string())
    }

    #[test]
    fn parameters_have_defaults_and_shares_or_counts() {
        let base = Simulation { rows: 5_000, ..Simulation::default() };
        assert_eq!(parsed("simulate = { rows = 5000 }"), Ok(DataSource::Simulated(base)));
        let whole = Simulation { positives: Positives::Count(7), columns: 4, seed: 3, ..base };
        let text = "simulate = { rows = 5000, positives = 7, columns = 4, seed = 3 }";
        assert_eq!(parsed(text), Ok(DataSource::Simulated(whole)));
        let half = Simulation { positives: Positives::Share(0.5), ..base };
        assert_eq!(parsed("simulate = { rows = 5000, positives = 0.5 }"), Ok(DataSource::Simulated(half)));
    }

    #[test]
    fn payments_are_as_many_as_the_papers_by_default() {
        assert_eq!(parsed("simulate = { kind = 'payments' }"), Ok(DataSource::Payments(Payments::default())));
        let of = Payments { legitimate: 500, frauds: 7, later: -5.5, larger: 2.0, seed: 3 };
        let text = "simulate = { kind = 'payments', legitimate = 500, frauds = 7, later = -5.5, larger = 2, seed = 3 }";
        assert_eq!(parsed(text), Ok(DataSource::Payments(of)));
    }

    #[test]
    fn columns_of_transactions_can_be_chosen_among() {
        let spec = |text: &str| {
            let data: Table = text.parse().unwrap();
            read(data["simulate"].as_table().unwrap(), &data, super::super::data::options).unwrap()
        };
        let one = spec("simulate = { kind = 'handbook' }\nignore = ['TX_TIME_DAYS']\ncategorical = ['TERMINAL_ID']");
        assert_eq!(one.options.ignore, ["TRANSACTION_ID", "TX_FRAUD_SCENARIO", "TX_TIME_DAYS"]);
        assert_eq!((one.options.categorical, one.name.as_str()), (vec!["TERMINAL_ID".to_owned()], "handbook"));
        // The truth behind noisy labels, and when labels are known, are no features.
        let noisy = spec("simulate = { kind = 'handbook', labels = { unreported = 0.1, delay = 3 } }");
        let ignored = ["TRANSACTION_ID", "TX_FRAUD_SCENARIO", "TX_FRAUD_TRUE", "TX_LABEL_TIME"];
        assert_eq!(noisy.options.ignore, ignored);
    }

    #[test]
    fn what_tells_the_labels_of_transactions_goes_into_no_feature() {
        let read = |labels: &str, features: &str| {
            let text = format!(
                "simulate = {{ kind = 'handbook', labels = {{ {labels} }} }}\n[[features]]\nby = 'CUSTOMER_ID'\nwindows = ['1s']\n{features}"
            );
            let data: Table = text.parse().unwrap();
            read(data["simulate"].as_table().unwrap(), &data, super::super::data::options)
                .map(drop)
                .map_err(|e| e.to_string())
        };
        let noisy = "unreported = 0.1, delay = 3";
        assert_eq!(
            read(noisy, "make = ['max', 'distinct']\nof = 'TX_FRAUD_TRUE'\ndistinct = 'TX_FRAUD_SCENARIO'")
                .unwrap_err(),
            "data.features: `TX_FRAUD_SCENARIO` and `TX_FRAUD_TRUE` tell which rows are frauds, which rows do not know: make no feature \
             of them"
        );
        assert_eq!(
            read(noisy, "make = ['mean']\nof = 'TX_LABEL_TIME'").unwrap_err(),
            "data.features: `TX_LABEL_TIME` says when labels are known, which nobody knows with the row: name it in `known` alone, not in \
             `by`, `of` or `distinct`"
        );
        assert_eq!(read(noisy, "make = ['fraud-share']\nknown = 'TX_LABEL_TIME'"), Ok(()));
        assert_eq!(read(noisy, "make = ['max']\nof = 'TX_AMOUNT'"), Ok(()));
        // A column that these labels do not have is told as any other that is not there.
        assert_eq!(read("misreported = 0", "make = ['max']\nof = 'TX_FRAUD_TRUE'"), Ok(()));
    }

    #[test]
    fn mistakes_are_told_by_their_key() {
        for (text, named) in [
            ("simulate = {}", "`rows` is missing"),
            ("simulate = { row = 5 }", "did you mean `rows`"),
            ("simulate = { rows = 1e6 }", "data.simulate.rows: 1000000.0 must be a whole number"),
            ("simulate = { rows = 5000, positives = 0 }", "data.simulate.positives: 0 must be"),
            ("simulate = { rows = 5000, positives = 1.5 }", "not 1.5"),
            ("simulate = { rows = 5000, seed = -1 }", "data.simulate.seed: -1"),
            ("simulate = { rows = 5000, columns = 2 }", "data.simulate.columns: 2"),
            (
                "simulate = { rows = 9223372036854775807, positives = 10, columns = 9223372036854775806 }",
                "simulate: `rows` must be at most 4294967295, not 9223372036854775807; `columns` must be at most 1000000, not \
                 9223372036854775806",
            ),
            (
                "simulate = { kind = 'normal', rows = 4294967296, positives = 10 }",
                "simulate: `rows` must be at most 4294967295, not 4294967296",
            ),
            // All of them at once, by the whole name of the key.
            (
                "simulate = { rows = 1, columns = 2, seed = 'x' }",
                "data.simulate.rows: 1 must be a whole number of at least 2; data.simulate.columns: 2 must be a whole number of at least \
                 3; data.simulate.seed: \"x\" must be a whole number of at least 0",
            ),
            (
                "simulate = { kind = 'payments', frauds = 0, later = 'x' }",
                "data.simulate.frauds: 0 must be a whole number of at least 1; data.simulate.later: \"x\" must be a number",
            ),
            (
                "simulate = { kind = 'normal', rows = 0, lead = true }",
                "data.simulate.rows: 0 must be a whole number of at least 1; data.simulate.lead: true must be a number",
            ),
            (
                "simulate = { kind = 'handbook', days = 0 }\nignore = 3\nfeatures = 'handbok'",
                "data.simulate.days: 0 must be a whole number of at least 2; data.ignore: must be a list of column names; \
                 data.features: must be",
            ),
            ("simulate = { kind = 3 }", "data.simulate.kind: 3 must be a text in quotes"),
            ("simulate = { kind = 'payments' }\nname = 3", "data.name: 3 must be a text in quotes"),
            ("simulate = { kind = 'payments', fraud = 2 }", "did you mean `frauds`"),
            ("simulate = { kind = 'payments', larger = 0 }", "`larger` is a factor above 0"),
            ("simulate = { kind = 'payments', later = 'x' }", "data.simulate.later: \"x\" must be a number"),
            ("simulate = { kind = 'handbok' }", "did you mean `handbook`"),
            ("simulate = { kind = 'handbook' }\nlabel = 'TX_FRAUD'", "`label` does not go with `simulate`"),
            ("simulate = { rows = 5000 }\npath = 'x.csv'", "give `path` or `simulate`, not both"),
            ("simulate = { rows = 5000 }\nlabel = 'Class'", "`label` does not go with `simulate`"),
            (
                "simulate = { rows = 5000 }\nlabel = 'Class'\nsample = { positives = 9 }",
                "whose columns and labels are known and complete; data: `sample` does not go with `simulate` of kind `rare`, whose rows \
                 are drawn already: write smaller `rows` and `positives` there",
            ),
            (
                "simulate = { kind = 'payments' }\nsample = { positives = 9 }",
                "of kind `payments`, whose rows are drawn already: write smaller `legitimate` and `frauds` there",
            ),
        ] {
            let said = parsed(text).unwrap_err();
            assert!(said.contains(named), "{text}: {said}");
        }
    }
}
