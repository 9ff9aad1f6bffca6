//! `sample = { ... }` of a study's `[data]`.

use toml::Table;

use super::keys::check_keys;
use super::read::{Faults, section_of};
use crate::data::Sample;
use crate::error::{Error, Result};

const KEYS: &[&str] = &["positives", "negatives", "seed"];

/// Reads `sample`; none where the whole table is used.
pub(super) fn read(data: &Table) -> Result<Option<Sample>> {
    let Some(table) = section_of(data, "sample", "data.sample")? else { return Ok(None) };
    let mut faults = Faults::default();
    faults.without("", check_keys(table, "key of data.sample", KEYS));
    let whole = |key: &str, least: u32| match table.get(key) {
        None => Err(Error::Study(format!("data.sample: `{key}` is missing: how many rows of that class"))),
        Some(value) => match value.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| *n >= least) {
            Some(n) => Ok(n),
            None => Err(Error::Study(format!(
                "data.sample.{key}: {value} must be a whole number from {least} to {}",
                u32::MAX
            ))),
        },
    };
    let seed = if table.contains_key("seed") { faults.without("", whole("seed", 0)) } else { None };
    let [positives, negatives] =
        ["positives", "negatives"].map(|key| faults.without("", whole(key, 1)).map_or(0, |rows| rows as usize));
    faults.or(Some(Sample { positives, negatives, seed: seed.unwrap_or(0) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_classes_are_named_and_mistakes_told() {
        let parsed = |text: &str| read(&text.parse().unwrap()).map_err(|e| e.to_string());
        assert_eq!(parsed("name = 'x'"), Ok(None));
        let sample = Sample { positives: 5, negatives: 7, seed: 3 };
        assert_eq!(parsed("sample = { positives = 5, negatives = 7, seed = 3 }"), Ok(Some(sample)));
        assert_eq!(parsed("sample = { positives = 5, negatives = 7 }"), Ok(Some(Sample { seed: 0, ..sample })));
        for (text, said) in [
            ("sample = { positives = 5 }", "`negatives` is missing"),
            ("sample = { positives = 0, negatives = 7 }", "data.sample.positives: 0 must be a whole number from 1"),
            ("sample = { positives = 5, negatives = 7, seed = -1 }", "data.sample.seed: -1 must be"),
            ("sample = { positive = 5, negatives = 7 }", "did you mean `positives`"),
            ("sample = 5", "data.sample: must be a table"),
            (
                "sample = { positives = 0, seed = -1 }",
                "data.sample.seed: -1 must be a whole number from 0 to 4294967295; data.sample.positives: 0 must be a whole number from \
                 1 to 4294967295; data.sample: `negatives` is missing",
            ),
        ] {
            let found = parsed(text).unwrap_err();
            assert!(found.contains(said), "{text}: {found}");
        }
    }
}
