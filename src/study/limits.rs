//! `[limits]`: what a run and its cells may use. They decide whether a cell is scored, never what its scores are, so they
//! are no part of a record's key.

use serde::Deserialize;
use toml::{Table, Value};

use crate::error::{Error, Result};

/// The keys of `[limits]`.
pub(super) const KEYS: &[&str] = &["cell_seconds", "cell_memory", "memory", "retries"];

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
}

impl LimitSpec {
    /// Checks a `[limits]` table whose keys are known ones.
    ///
    /// # Errors
    /// [`Error::Study`] naming the key.
    pub(super) fn read(table: &Table) -> Result<Self> {
        for (key, value) in table {
            let least = if key == "cell_memory" || key == "memory" { 1 } else { 0 };
            if !value.as_integer().is_some_and(|n| (least..=i64::from(u32::MAX)).contains(&n)) {
                return Err(Error::Study(format!("limits.{key}: {value} must be a whole number of at least {least}")));
            }
        }
        Value::Table(table.clone())
            .try_into()
            .map_err(|e: toml::de::Error| Error::Study(format!("limits: {}", e.message())))
    }
}
