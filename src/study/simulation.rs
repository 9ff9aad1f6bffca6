//! `simulate = { ... }` of a study's `[data]`.

use toml::{Table, Value};

use super::read::{check_keys, string};
use super::{DataSource, DataSpec};
use crate::data::ReadOptions;
use crate::error::{Error, Result};
use crate::simulate::{Positives, Simulation};

const KEYS: &[&str] = &["rows", "positives", "columns", "seed"];

/// Reads `simulate`, which is the only key of `data`: what else there is speaks of files.
pub(super) fn read(simulate: &Table, data: &Table) -> Result<DataSpec> {
    if let Some(other) = data.keys().find(|key| *key != "simulate" && *key != "name") {
        return Err(Error::Study(match other.as_str() {
            "path" => "data: give `path` or `simulate`, not both".into(),
            _ => {
                format!("data: `{other}` does not go with `simulate`, whose columns and labels are known and complete")
            }
        }));
    }
    check_keys(simulate, "key of data.simulate", KEYS)?;
    let default = Simulation::default();
    let whole = |key: &str, least: u64| match simulate.get(key) {
        None => Ok(None),
        Some(value) => match value.as_integer().and_then(|n| u64::try_from(n).ok()).filter(|n| *n >= least) {
            Some(n) => Ok(Some(n)),
            None => {
                Err(Error::Study(format!("data.simulate.{key}: {value} must be a whole number of at least {least}")))
            }
        },
    };
    let positives = match simulate.get("positives") {
        Some(Value::Float(share)) => Positives::Share(*share),
        _ => whole("positives", 1)?.map_or(default.positives, |count| Positives::Count(count as usize)),
    };
    let simulation = Simulation {
        rows: whole("rows", 2)?.ok_or_else(|| Error::Study("data.simulate: `rows` is missing".into()))? as usize,
        positives,
        columns: whole("columns", 3)?.map_or(default.columns, |n| n as usize),
        seed: whole("seed", 0)?.unwrap_or(default.seed),
    };
    simulation.check()?;
    let name = string(data, "name")?.unwrap_or_else(|| "simulated".into());
    let source = DataSource::Simulated(simulation);
    Ok(DataSpec { name, source, options: ReadOptions::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<DataSource, String> {
        let data: Table = text.parse().unwrap();
        let simulate = data["simulate"].as_table().unwrap();
        read(simulate, &data).map(|spec| spec.source).map_err(|e| e.to_string())
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
    fn mistakes_are_told_by_their_key() {
        for (text, named) in [
            ("simulate = {}", "`rows` is missing"),
            ("simulate = { row = 5 }", "did you mean `rows`"),
            ("simulate = { rows = 1e6 }", "data.simulate.rows: 1000000.0 must be a whole number"),
            ("simulate = { rows = 5000, positives = 0 }", "data.simulate.positives: 0 must be"),
            ("simulate = { rows = 5000, positives = 1.5 }", "not 1.5"),
            ("simulate = { rows = 5000, seed = -1 }", "data.simulate.seed: -1"),
            ("simulate = { rows = 5000, columns = 2 }", "data.simulate.columns: 2"),
            ("simulate = { rows = 5000 }\npath = 'x.csv'", "give `path` or `simulate`, not both"),
            ("simulate = { rows = 5000 }\nlabel = 'Class'", "`label` does not go with `simulate`"),
        ] {
            let said = parsed(text).unwrap_err();
            assert!(said.contains(named), "{text}: {said}");
        }
    }
}
