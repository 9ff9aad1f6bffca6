//! `--filter key=value,...`: which cells of a plan to take.

use crate::error::{Error, Result, unknown};
use crate::store::CellId;

const KEYS: &[&str] =
    &["protocol", "dedup", "resampler", "scaler", "family", "classifier", "backend", "repeat", "fold"];

/// A conjunction over keys; a key given several times takes any of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    conditions: Vec<(&'static str, Vec<String>)>,
}

impl Filter {
    /// Reads `key=value,...`; an empty text takes everything.
    ///
    /// # Errors
    /// [`Error::Usage`] for a condition without `=`, or an unknown key.
    pub fn parse(text: &str) -> Result<Self> {
        let mut conditions: Vec<(&'static str, Vec<String>)> = Vec::new();
        for condition in text.split(',').map(str::trim).filter(|c| !c.is_empty()) {
            let (key, value) = condition
                .split_once('=')
                .ok_or_else(|| Error::Usage(format!("--filter: `{condition}` must be key=value")))?;
            let key = KEYS
                .iter()
                .find(|k| **k == key.trim())
                .ok_or_else(|| Error::Usage(format!("--filter: {}", unknown("key", key, KEYS))))?;
            let value = value.trim().to_owned();
            match conditions.iter_mut().find(|(k, _)| k == key) {
                Some((_, values)) => values.push(value),
                None => conditions.push((key, vec![value])),
            }
        }
        Ok(Filter { text: text.to_owned(), conditions })
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The keys that are used, each with its values.
    pub fn conditions(&self) -> &[(&'static str, Vec<String>)] {
        &self.conditions
    }

    /// Whether a cell passes.
    pub fn takes(&self, cell: &CellId, family: &str, backend: &str) -> bool {
        self.conditions.iter().all(|(key, values)| values.contains(&Self::value(key, cell, family, backend)))
    }

    /// A cell's value under `key`, as a filter writes it.
    pub fn value(key: &str, cell: &CellId, family: &str, backend: &str) -> String {
        match key {
            "protocol" => cell.protocol.clone(),
            "dedup" => (if cell.dedup { "on" } else { "off" }).to_owned(),
            "resampler" => cell.resampler.clone(),
            "scaler" => cell.scaler.clone(),
            "family" => family.to_owned(),
            "classifier" => cell.classifier.clone(),
            "backend" => backend.to_owned(),
            "repeat" => cell.repeat.to_string(),
            _ => cell.fold.to_string(),
        }
    }
}
