//! The keys of `data.simulate` and of its tables: what they hold, with all that is wrong with them at once.

use toml::{Table, Value};

use super::keys::unknown_keys;
use crate::data::Called;
use crate::error::{Error, Result};
use crate::words::short;

impl Called {
    /// The name of a key of `data.simulate` such as `drift.day`, which is `day` of `--drift` on the command line; without one that of
    /// the whole.
    pub(super) fn key(self, key: &str) -> String {
        match (self, key.split_once('.')) {
            (Called::InStudy, _) if key.is_empty() => "data.simulate".into(),
            (Called::InStudy, _) => format!("data.simulate.{key}"),
            (Called::OnLine | Called::ToTry, None) => format!("--{key}"),
            (Called::OnLine | Called::ToTry, Some((option, key))) => format!("`{key}` of --{option}"),
        }
    }
}

/// `data.simulate`, or a table of it.
pub(super) struct Numbers<'a> {
    table: &'a Table,
    called: Called,
    /// The key of the table, with the dot behind it.
    within: String,
    /// What is wrong, a sentence each.
    pub faults: Vec<String>,
}

impl<'a> Numbers<'a> {
    /// All of `data.simulate`.
    pub fn of(table: &'a Table, called: Called) -> Self {
        Numbers { table, called, within: String::new(), faults: Vec::new() }
    }

    /// The table `key` of it, which may have these keys; none where it is not there. Where it is no table, that is added to `faults`.
    pub fn within(
        all: &'a Table,
        (key, keys): (&str, &[&str]),
        called: Called,
        faults: &mut Vec<String>,
    ) -> Option<Self> {
        let name = called.key(key);
        match all.get(key)? {
            Value::Table(table) => {
                let strange = unknown_keys(table, &format!("key of {name}"), keys);
                Some(Numbers { table, called, within: format!("{key}."), faults: strange })
            }
            other => {
                faults.push(format!("{name}: {} must be a table of {}", found(other), keys.join(", ")));
                None
            }
        }
    }

    fn wrong<T>(&mut self, key: &str, value: &Value, what: &str) -> Option<T> {
        let name = self.called.key(&format!("{}{key}", self.within));
        self.faults.push(format!("{name}: {} {what}", found(value)));
        None
    }

    /// A whole number; none where it is not there, or is wrong.
    pub fn whole(&mut self, key: &str, least: u64) -> Option<u64> {
        let value = self.table.get(key)?;
        match value.as_integer().and_then(|n| u64::try_from(n).ok()).filter(|n| *n >= least) {
            Some(n) => Some(n),
            None => self.wrong(key, value, &format!("must be a whole number of at least {least}")),
        }
    }

    /// A whole number that counts something.
    pub fn count(&mut self, key: &str, least: u64) -> Option<usize> {
        self.whole(key, least).map(|n| n as usize)
    }

    /// A whole number of 32 bits.
    pub fn short(&mut self, key: &str, least: u64) -> Option<u32> {
        let n = self.whole(key, least)?;
        match u32::try_from(n) {
            Ok(n) => Some(n),
            Err(_) => {
                let said = format!("is too large: it must be at most {}", u32::MAX);
                self.wrong(key, &Value::Integer(n as i64), &said)
            }
        }
    }

    /// A number.
    pub fn number(&mut self, key: &str) -> Option<f64> {
        match self.table.get(key)? {
            Value::Integer(whole) => Some(*whole as f64),
            Value::Float(number) => Some(*number),
            other => self.wrong(key, other, "must be a number"),
        }
    }

    /// A text of which `read` makes something; `what` it has to be is said of another one.
    pub fn text<T>(&mut self, key: &str, what: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        match self.table.get(key)? {
            Value::String(text) => match read(text) {
                Some(found) => Some(found),
                None => {
                    let name = self.called.key(&format!("{}{key}", self.within));
                    self.faults.push(format!("{name}: `{text}` {what}"));
                    None
                }
            },
            other => self.wrong(key, other, "must be a text in quotes"),
        }
    }
}

/// A value as a message has it.
fn found(value: &Value) -> String {
    match value {
        // TOML would write all digits of a number.
        Value::Float(number) if short(*number).contains('e') => short(*number),
        other => other.to_string(),
    }
}

/// Refuses what has faults, a sentence each.
pub(super) fn all_told(faults: &[String]) -> Result<()> {
    Error::of_all(faults.to_vec()).map_or(Ok(()), Err)
}
