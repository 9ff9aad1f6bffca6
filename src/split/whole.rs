//! Whole numbers among the parameters of splits: where something else is given, what is told is the range that is in force.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// One or more: repeats, and folds of which one is enough.
pub(super) fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    short(deserializer, "a whole number of 1 or more")
}

/// Two or more: folds of which one tests and the others train.
pub(super) fn two_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    short(deserializer, "a whole number of 2 or more")
}

/// A part in days.
pub(super) fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    short(deserializer, "a whole number of days, 1 or more, and no share")
}

/// A part in rows, where it is given.
pub(super) fn rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    Ok(Option::<Rows>::deserialize(deserializer)?.map(|rows| rows.0))
}

struct Rows(usize);

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wanted = "a whole number of rows, 1 or more, and no share";
        let number = deserializer.deserialize_u64(Whole { wanted, kind: "usize", most: usize::MAX as u64 })?;
        Ok(Rows(number as usize))
    }
}

fn short<'de, D: Deserializer<'de>>(deserializer: D, wanted: &'static str) -> Result<u32, D::Error> {
    let number = deserializer.deserialize_u64(Whole { wanted, kind: "u32", most: u64::from(u32::MAX) })?;
    Ok(number as u32)
}

struct Whole {
    wanted: &'static str,
    /// Serde's name of the type: what messages about numbers that it does not hold know.
    kind: &'static str,
    most: u64,
}

impl de::Visitor<'_> for Whole {
    type Value = u64;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.wanted)
    }

    // That a number is too small is told by whoever takes it.
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<u64, E> {
        match number <= self.most {
            true => Ok(number),
            false => Err(E::invalid_value(de::Unexpected::Unsigned(number), &self.kind)),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<u64, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(de::Unexpected::Signed(number), &self.kind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::component::Registry;
    use crate::split::Protocol;

    #[test]
    fn what_is_no_whole_number_is_told_the_range_in_force() {
        let said = |text: &str| {
            let read = Protocol::read(&text.parse().unwrap(), &Registry::built_in());
            read.map(|protocol| protocol.words()).map_err(|e| e.to_string())
        };
        for (text, wanted) in [
            (
                "kind = 'time-series'\ntest = 0.2",
                "floating point `0.2`, expected a whole number of rows, 1 or more, and no share",
            ),
            ("kind = 'time-series'\ntrain = 'all'", "expected a whole number of rows, 1 or more, and no share"),
            ("kind = 'time-series'\nfolds = 5.0", "floating point `5.0`, expected a whole number of 2 or more"),
            ("kind = 'stratified-k-fold'\nfolds = 5.0", "expected a whole number of 2 or more"),
            ("kind = 'group-k-fold'\nrepeats = 1.5", "expected a whole number of 1 or more"),
            ("kind = 'stratified-group-k-fold'\nfolds = 2.5", "expected a whole number of 2 or more"),
            ("kind = 'hold-out'\nrepeats = 1.5", "expected a whole number of 1 or more"),
            ("kind = 'prequential'\ntest = 0.2", "expected a whole number of days, 1 or more, and no share"),
            ("kind = 'prequential'\nfolds = 2.0", "expected a whole number of 1 or more"),
            ("kind = 'given'\nfolds = '3'", "expected a whole number of 1 or more"),
            // As they were.
            ("kind = 'time-series'\ntest = -2", "`test` must be at least 1, not -2"),
            ("kind = 'time-series'\ntest = 0", "`test` is a number of rows, 1 or more, not 0"),
            ("kind = 'prequential'\ntrain = 99999999999", "`train` must be at most 4294967295, not 99999999999"),
        ] {
            let found = said(text).unwrap_err();
            assert!(found.ends_with(wanted), "{text}: {found}");
        }
        assert!(said("kind = 'time-series'\ntest = 7\ntrain = 9").unwrap().contains("test 7"));
        assert_eq!(said("kind = 'prequential'\ntrain = 7\ntest = 7"), said("kind = 'prequential'"));
    }
}
