//! `[limits]`: what a run and its cells may use. They decide whether a cell is scored, never what its scores are, so they
//! are no part of a record's key.

use serde::Deserialize;
use toml::{Table, Value};

use crate::error::{Error, Result};

/// The keys of `[limits]`.
pub(super) const KEYS: &[&str] =
    &["cell_seconds", "cell_memory", "memory", "retries", "fresh_workers", "skip_larger", "one_table"];
/// Those of them that are true or false.
const FLAGS: &[&str] = &["fresh_workers", "skip_larger", "one_table"];

/// What a study's `[limits]` says; what it leaves out is decided when the study is run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
pub struct LimitSpec {
    /// Seconds of a cell; 0 means none.
    pub cell_seconds: Option<u64>,
    /// MiB of private memory of a cell's worker.
    pub cell_memory: Option<u64>,
    /// MiB in all.
    pub memory: Option<u64>,
    /// How often a cell whose worker died is tried again.
    pub retries: Option<u32>,
    /// Whether every cell, and every prefix's resampler and scaler, gets a worker of its own, so that what it needs is not mixed
    /// with what others left behind.
    pub fresh_workers: Option<bool>,
    /// Whether a cell that took too long or too much memory on a simulated table is skipped on larger ones.
    pub skip_larger: Option<bool>,
    /// Whether one data set at a time is in memory: each is read again when its cells come.
    pub one_table: Option<bool>,
}

impl LimitSpec {
    /// Checks a `[limits]` table whose keys are known ones.
    ///
    /// # Errors
    /// Every key that is wrong, a sentence each.
    pub(super) fn read(table: &Table) -> Result<Self> {
        let wrong = |(key, value): (&String, &Value)| {
            if FLAGS.contains(&key.as_str()) {
                return (!value.is_bool()).then(|| format!("limits.{key}: {value} must be true or false"));
            }
            let least = if key == "cell_memory" || key == "memory" { 1 } else { 0 };
            let fits = value.as_integer().is_some_and(|n| (least..=i64::from(u32::MAX)).contains(&n));
            let is_large = value.as_integer().is_some_and(|n| n > i64::from(u32::MAX));
            let must_be = || match is_large {
                true => format!("at most {}", u32::MAX),
                false => format!("a whole number of at least {least}"),
            };
            (!fits).then(|| format!("limits.{key}: {value} must be {}", must_be()))
        };
        if let Some(e) = Error::of_all(table.iter().filter_map(wrong).collect()) {
            return Err(e);
        }
        Value::Table(table.clone())
            .try_into()
            .map_err(|e: toml::de::Error| Error::Study(format!("limits: {}", e.message())))
    }
}
