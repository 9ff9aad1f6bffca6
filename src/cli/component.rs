//! What `fraudbench list COMPONENT` prints: parameters with their defaults, what it takes, where it is described. All of it comes
//! from the component's entry and from the component itself.

use std::io::{self, Write};

use crate::component::{ColumnShape, Entry, Shape, Transformer};
use crate::{classify, encode, impute, metric, resample, scale};

/// Prints every component called `id`; false where there is none.
///
/// # Errors
/// When it cannot be written.
pub fn print(out: &mut impl Write, id: &str) -> io::Result<bool> {
    let mut found = false;
    found |= transformers(out, "imputer", impute::CATALOGUE, id)?;
    found |= each(out, ("resampler", id), resample::CATALOGUE, |c, s| c.shape(s).is_ok())?;
    found |= transformers(out, "encoder", encode::CATALOGUE, id)?;
    found |= each(out, ("scaler", id), scale::CATALOGUE, |c, s| c.shape(s).is_ok())?;
    found |= each(out, ("classifier", id), classify::CATALOGUE, |c, s| c.accepts(s).is_ok())?;
    for metric in metric::CATALOGUE.iter().filter(|metric| metric.id == id) {
        writeln!(out, "metric {id}\n  {}", metric.about)?;
        found = true;
    }
    Ok(found)
}

fn transformers(out: &mut impl Write, kind: &str, catalogue: &[&Entry<dyn Transformer>], id: &str) -> io::Result<bool> {
    each(out, (kind, id), catalogue, |c, s| c.shape(s).is_ok())
}

fn each<T: ?Sized>(
    out: &mut impl Write,
    (kind, id): (&str, &str),
    catalogue: &[&Entry<T>],
    takes: impl Fn(&T, &Shape) -> bool,
) -> io::Result<bool> {
    let mut found = false;
    for entry in catalogue.iter().filter(|entry| entry.id == id) {
        found = true;
        writeln!(out, "{kind} {id}, backend {}\n  {}", entry.backend, entry.about)?;
        if !entry.source.is_empty() {
            writeln!(out, "  as in       {}", entry.source)?;
        }
        let built = match (entry.build)(&toml::Table::new()) {
            Ok(built) => built,
            Err(e) => {
                writeln!(out, "  needs       {e}\n")?;
                continue;
            }
        };
        writeln!(out, "  takes       {}", taken(|shape| takes(&*built.component, shape)))?;
        match built.params.as_object().filter(|params| !params.is_empty()) {
            None => writeln!(out, "  parameters  none")?,
            Some(params) => {
                let width = params.keys().map(String::len).max().unwrap_or(0);
                for (place, (name, default)) in params.iter().enumerate() {
                    let heading = if place == 0 { "parameters" } else { "" };
                    writeln!(out, "  {heading:<11} {name:<width$}  {default}")?;
                }
            }
        }
        writeln!(out)?;
    }
    Ok(found)
}

/// Which columns are taken.
fn taken(takes: impl Fn(&Shape) -> bool) -> String {
    let column = |levels: Option<usize>, blanks: bool| ColumnShape { name: "column".into(), levels, blanks };
    let of = |levels, blanks| takes(&Shape { rows: 1_000, columns: vec![column(None, false), column(levels, blanks)] });
    let kinds = if of(Some(3), false) { "numbers and categories" } else { "numbers" };
    let blanks = if of(None, true) { "missing values too" } else { "no missing values" };
    format!("{kinds}, {blanks}")
}
