//! Texts that a CSV file's reader takes for missing values where they may be levels: `none` is a discount, too.

use super::Called;
use super::assign::listed;
use super::levels::Level;
use super::table::{Raw, Table};
use super::texts::shown;
use crate::words::{agree, counted};

/// The features of texts or words in which texts are taken for missing values, in one sentence; none where there are none.
pub(super) fn note(table: &Table<'_>, called: Called) -> Option<String> {
    let columns = table.assigned.uses.iter().zip(&table.columns).filter(|(column, _)| column.feature || column.kept);
    let of = |raw: &Raw<'_>| {
        let rows = |level: &Level<'_>| format!("`{}` in {}", shown(&level.text), counted(level.count as u64, "row"));
        raw.missing.iter().map(rows).collect::<Vec<_>>().join(", ")
    };
    let told: Vec<String> = columns
        .filter_map(|(column, raw)| Some((column, raw.as_ref().filter(|raw| !raw.missing.is_empty())?)))
        .map(|(column, raw)| format!("`{}` ({})", column.name, of(raw)))
        .collect();
    let write = called.no_text_missing();
    (!told.is_empty())
        .then(|| format!("texts are taken for missing values in {}: if they are levels, {write}", told.join(", ")))
}

/// What else may be done about the rows of a column without a value, of which there are `rows`: none where a field is empty, which
/// no spelling makes a level.
pub(super) fn or_levels(raw: &Raw<'_>, rows: usize, called: Called) -> Option<String> {
    let texts: Vec<String> = raw.missing.iter().map(|level| shown(&level.text)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let by_text: usize = raw.missing.iter().map(|level| level.count).sum();
    (by_text == rows && rows > 0).then(|| {
        let are = agree(texts.len(), "is a level", "are levels");
        format!("if {} {are}, {}", listed(&texts), called.no_text_missing())
    })
}
