//! `leaks = [...]` of a study's `[protocol]`: leaky variants of the protocol, under their names.

use toml::{Table, Value};

use crate::error::{Error, Result};
use crate::split::{Leaks, Protocol};

/// The key in `[protocol]`, whatever its kind.
pub(super) const KEY: &str = "leaks";

/// Reads the variants of a protocol; the honest one alone where the study says nothing.
pub(super) fn read(table: &Table, protocol: &Protocol, dedup: &[bool]) -> Result<Vec<Leaks>> {
    let Some(value) = table.get(KEY) else { return Ok(vec![Leaks::NONE]) };
    let fault = || Error::Study(format!("protocol.{KEY}: {value} must be a list of names, each at most once"));
    let items = value.as_array().filter(|items| !items.is_empty()).ok_or_else(fault)?;
    let mut variants = Vec::with_capacity(items.len());
    for item in items {
        let text = item.as_str().ok_or_else(fault)?;
        let leaks = Leaks::parse(text).map_err(|e| Error::Study(format!("protocol.{KEY}: {e}")))?;
        if variants.contains(&leaks) {
            return Err(fault());
        }
        variants.push(leaks);
    }
    if variants.iter().any(|leaks| !leaks.is_empty()) && dedup.contains(&false) {
        return Err(Error::Study(format!(
            "protocol.{KEY}: goes with `dedup = true` in [grid]: else equal rows may train and test under no name"
        )));
    }
    match variants.iter().find_map(|leaks| leaks.refused_by(protocol)) {
        Some(said) => Err(Error::Study(format!("protocol.{KEY}: {said}"))),
        None => Ok(variants),
    }
}

/// A list of variants as a study has it.
pub(crate) fn value(variants: &[Leaks]) -> Value {
    Value::Array(variants.iter().map(|leaks| Value::String(leaks.to_string())).collect())
}
