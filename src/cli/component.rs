//! What `fraudbench list COMPONENT` prints: parameters with their defaults, what it takes, where it is described. All of it comes
//! from the component's entry and from the component itself.

use std::io::{self, Write};

use crate::component::{ColumnShape, Entry, Metric, Registry, Shape};
use crate::data::Role;
use crate::error::Result;

/// Prints every component called `id`; false where there is none.
///
/// # Errors
/// [`crate::error::Error::Study`] for a metric with a number that it does not take; within, when it cannot be written.
pub fn print(out: &mut impl Write, id: &str, registry: &Registry) -> Result<io::Result<bool>> {
    let metric = metric(id, registry)?;
    Ok(print_found(out, id, metric, registry))
}

/// The metric called `id`: by its name alone, as listings have it (`recall-at-fpr(x)`), or as a study does (`recall-at-fpr(0.05)`).
fn metric(id: &str, registry: &Registry) -> Result<Option<&'static Metric>> {
    let name = id.split('(').next().unwrap_or(id);
    let found = registry.metrics().iter().copied().find(|metric| metric.id == name);
    match found {
        Some(metric) if id != name && id != metric.shown() => registry.metric(id).map(|_| Some(metric)),
        found => Ok(found),
    }
}

fn print_found(
    out: &mut impl Write,
    id: &str,
    metric: Option<&'static Metric>,
    registry: &Registry,
) -> io::Result<bool> {
    let mut found = metric.is_some();
    found |= each(out, ("imputer", id), (registry.imputers(), registry), |c| taken(|s| c.shape(s).is_ok()))?;
    found |= each(out, ("resampler", id), (registry.resamplers(), registry), |c| taken(|s| c.shape(s).is_ok()))?;
    found |= each(out, ("encoder", id), (registry.encoders(), registry), |c| taken(|s| c.shape(s).is_ok()))?;
    found |= each(out, ("scaler", id), (registry.scalers(), registry), |c| taken(|s| c.shape(s).is_ok()))?;
    found |= each(out, ("select", id), (registry.selects(), registry), |c| taken(|s| c.shape(s).is_ok()))?;
    found |= each(out, ("classifier", id), (registry.classifiers(), registry), |c| taken(|s| c.accepts(s).is_ok()))?;
    found |= each(out, ("split", id), (registry.splits(), registry), |c| looked_at(&c.needs()))?;
    if let Some(metric) = metric {
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
        if registry.metrics_of_any_data().all(|other| other.id != metric.id) {
            writeln!(out, "  default     no: only studies that name it have it")?;
        }
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
                    // A study hands its splits its own seed.
                    let is_the_studys = kind == "split" && name == "seed";
                    let default = if is_the_studys { "the study's `seed`".to_owned() } else { default.to_string() };
                    writeln!(out, "  {heading:<11} {name:<width$}  {default}")?;
                }
            }
        }
        for (place, note) in entry.notes.iter().enumerate() {
            let heading = if place == 0 { "note" } else { "" };
            writeln!(out, "  {heading:<11} {note}")?;
        }
        for (place, idle) in entry.idle.iter().enumerate() {
            let heading = if place == 0 { "together" } else { "" };
            writeln!(out, "  {heading:<11} {}; without effect else", idle.said())?;
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
    let of = |first, second, blanks| takes(&Shape::new(1_000, vec![column(first, false), column(second, blanks)]));
    let category = Some(3);
    let (numbers, both, categories) = (of(None, None, false), of(None, category, false), of(category, category, false));
    let (kinds, first, second) = match (numbers, both, categories) {
        (false, true, false) => ("numbers together with categories", None, category),
        (false, _, true) => ("categories", category, category),
        (_, true, _) => ("numbers and categories", None, None),
        _ => ("numbers", None, None),
    };
    let blanks = if of(first, second, true) { "missing values too" } else { "no missing values" };
    format!("{kinds}, {blanks}")
}

/// What a kind of split looks at.
fn looked_at(needs: &[Role]) -> String {
    let roles = needs.iter().map(|role| format!("and the role `{role}`"));
    std::iter::once("labels of both classes".to_owned()).chain(roles).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn which_columns_are_taken_is_told_of_resamplers_for_categories() {
        let registry = crate::component::Registry::built_in();
        let of = |id: &str| {
            let built = registry.resampler(id).unwrap().build(&toml::Table::new(), &registry).unwrap();
            super::taken(|shape| built.component.shape(shape).is_ok())
        };
        assert_eq!(of("smote"), "numbers, no missing values");
        assert_eq!(of("smote-n"), "categories, no missing values");
        assert_eq!(of("smote-nc"), "numbers together with categories, no missing values");
        assert_eq!(of("random-undersampling"), "numbers and categories, missing values too");
    }
}
