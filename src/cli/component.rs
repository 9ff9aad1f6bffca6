//! What `fraudbench list COMPONENT` prints: parameters with their defaults, what it takes, where it is described. All of it comes
//! from the component's entry and from the component itself.

use std::io::{self, Write};

use crate::component::{ColumnShape, Entry, Registry, Shape};
use crate::data::Role;

/// Prints every component called `id`; false where there is none.
///
/// # Errors
/// When it cannot be written.
pub fn print(out: &mut impl Write, id: &str, registry: &Registry) -> io::Result<bool> {
    let mut found = false;
    found |= each(out, ("imputer", id), (registry.imputers(), registry), |c| taken(|s| c.shape(s).is_ok()))?;
    found |= each(out, ("resampler", id), (registry.resamplers(), registry), |c| taken(|s| c.shape(s).is_ok()))?;
    found |= each(out, ("encoder", id), (registry.encoders(), registry), |c| taken(|s| c.shape(s).is_ok()))?;
    found |= each(out, ("scaler", id), (registry.scalers(), registry), |c| taken(|s| c.shape(s).is_ok()))?;
    found |= each(out, ("select", id), (registry.selects(), registry), |c| taken(|s| c.shape(s).is_ok()))?;
    found |= each(out, ("classifier", id), (registry.classifiers(), registry), |c| taken(|s| c.accepts(s).is_ok()))?;
    found |= each(out, ("split", id), (registry.splits(), registry), |c| looked_at(&c.needs()))?;
    for metric in registry.metrics().iter().filter(|metric| metric.id == id) {
        writeln!(out, "metric {}\n  {}", metric.shown(), metric.about)?;
        if let Some(argument) = &metric.argument {
            let default = argument.default.map_or(String::new(), |value| format!("; {value} without"));
            writeln!(out, "  in brackets {}: {}{default}", argument.name, argument.wanted())?;
        }
        let columns: Vec<String> =
            metric.needs.iter().filter_map(|need| need.role()).map(|role| format!("`{role}`")).collect();
        if !columns.is_empty() {
            writeln!(out, "  needs       columns with the roles {}", columns.join(", "))?;
        }
        found = true;
    }
    Ok(found)
}

fn each<T: ?Sized>(
    out: &mut impl Write,
    (kind, id): (&str, &str),
    (entries, registry): (&[&Entry<T>], &Registry),
    takes: impl Fn(&T) -> String,
) -> io::Result<bool> {
    let mut found = false;
    for entry in entries.iter().filter(|entry| entry.id == id) {
        found = true;
        writeln!(out, "{kind} {id}, backend {}\n  {}", entry.backend, entry.about)?;
        if !entry.source.is_empty() {
            writeln!(out, "  as in       {}", entry.source)?;
        }
        if !entry.least.is_empty() {
            writeln!(out, "  needs       {}", entry.least)?;
        }
        // An example that is no TOML is as good as none: what is missing is then told.
        let built = match entry.build(&entry.least.parse().unwrap_or_default(), registry) {
            Ok(built) => built,
            Err(e) => {
                writeln!(out, "  needs       {e}\n")?;
                continue;
            }
        };
        writeln!(out, "  takes       {}", takes(&built.component))?;
        match built.all.as_object().filter(|params| !params.is_empty()) {
            None => writeln!(out, "  parameters  none")?,
            Some(params) => {
                let width = params.keys().map(String::len).max().unwrap_or(0);
                for (place, (name, default)) in params.iter().enumerate() {
                    let heading = if place == 0 { "parameters" } else { "" };
                    writeln!(out, "  {heading:<11} {name:<width$}  {default}")?;
                }
            }
        }
        let width = entry.also.iter().map(|also| also.name.len()).max().unwrap_or(0);
        for (place, also) in entry.also.iter().enumerate() {
            let heading = if place == 0 { "also" } else { "" };
            writeln!(out, "  {heading:<11} {:<width$}  {}", also.name, also.said())?;
        }
        writeln!(out)?;
    }
    Ok(found)
}

/// Which columns are taken.
fn taken(takes: impl Fn(&Shape) -> bool) -> String {
    let column =
        |levels: Option<usize>, blanks: bool| ColumnShape { name: "column".into(), levels, blanks, empty: false };
    let of = |levels, blanks| takes(&Shape::new(1_000, vec![column(None, false), column(levels, blanks)]));
    let kinds = if of(Some(3), false) { "numbers and categories" } else { "numbers" };
    let blanks = if of(None, true) { "missing values too" } else { "no missing values" };
    format!("{kinds}, {blanks}")
}

/// What a kind of split looks at.
fn looked_at(needs: &[Role]) -> String {
    let roles = needs.iter().map(|role| format!("and the role `{role}`"));
    std::iter::once("labels of both classes".to_owned()).chain(roles).collect::<Vec<_>>().join(" ")
}
