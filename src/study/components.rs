//! The lists of components in `[grid]`: names or tables, built of the registry's entries.

use std::collections::HashSet;
use std::sync::Arc;

use toml::{Table, Value};

use super::Component;
use super::keys::{GRID, check_keys, unknown_keys};
use super::read::{Faults, missing, section, string};
use crate::component::{
    Built, CHAIN, Classifier, ComponentFacts, Entry, Registry, Resampler, Scaler, Transformer, find, steps_of,
};
use crate::error::{Error, Result, unknown, unknown_but};
use crate::search;
use crate::words::count;

/// The key of a resampler that says which rows it acts on: those that were read, or encoded and scaled ones.
pub(super) const ON: &str = "on";
pub(super) const SCALED: &str = "scaled";
const RAW: &str = "raw";

/// What a study's `[grid]` asks for; `dedup` is none where it cannot be read.
pub(super) struct Grid {
    pub(super) dedup: Option<Vec<bool>>,
    pub(super) imputers: Vec<Component<dyn Transformer>>,
    pub(super) resamplers: Vec<Component<dyn Resampler>>,
    pub(super) encoders: Vec<Component<dyn Transformer>>,
    pub(super) scalers: Vec<Component<dyn Scaler>>,
    pub(super) selects: Vec<Component<dyn Transformer>>,
    pub(super) classifiers: Vec<Component<dyn Classifier>>,
}

impl Grid {
    /// Reads all of it; what does not fit is left out and told to `faults`.
    pub(super) fn read(grid: &Table, registry: &Registry, faults: &mut Faults) -> Self {
        faults.0.extend(unknown_keys(grid, "key in [grid]", GRID));
        Grid {
            dedup: faults.without("", read_dedup(grid)),
            imputers: components(grid, "imputers", &Slot::plain(registry.imputers(), registry), &["none"], faults),
            resamplers: components(grid, "resamplers", &resampler_slot(registry), &["none"], faults),
            encoders: components(grid, "encoders", &Slot::plain(registry.encoders(), registry), &["native"], faults),
            scalers: components(grid, "scalers", &Slot::plain(registry.scalers(), registry), &["none"], faults),
            selects: components(grid, "selects", &Slot::plain(registry.selects(), registry), &["none"], faults),
            classifiers: components(grid, "classifiers", &classifier_slot(registry), &[], faults),
        }
    }
}

fn read_dedup(grid: &Table) -> Result<Vec<bool>> {
    let Some(value) = grid.get("dedup") else { return Ok(vec![false]) };
    let fault = || Error::Study(format!("grid.dedup: {value} must be a list of true and false, each at most once"));
    let variants: Vec<bool> = match value {
        Value::Boolean(one) => vec![*one],
        Value::Array(many) => many.iter().map(|v| v.as_bool().ok_or_else(fault)).collect::<Result<_>>()?,
        _ => return Err(fault()),
    };
    if variants.is_empty() || variants.len() > 2 || (variants.len() == 2 && variants[0] == variants[1]) {
        return Err(fault());
    }
    Ok(variants)
}

/// What is particular about one list of components in `[grid]`.
struct Slot<'r, T: ?Sized + 'static> {
    /// The key that holds the component's id.
    id_key: &'static str,
    entries: &'r [&'static Entry<T>],
    registry: &'r Registry,
    /// Keys beside those that every component has.
    more_keys: &'static [&'static str],
    wrap: Wrap<T>,
}

/// What the further keys of a table make of a component: given its `params`, its entry and what was built of them. Without these, as
/// its name or its `params` are wrong, what is wrong with the keys is told all the same.
type Wrap<T> = fn(&Table, (&Registry, &Table), Option<(&'static Entry<T>, Built<T>)>) -> Result<Option<Built<T>>>;

impl<'r, T: ?Sized> Slot<'r, T> {
    fn plain(entries: &'r [&'static Entry<T>], registry: &'r Registry) -> Self {
        Slot { id_key: "id", entries, registry, more_keys: &[], wrap: |_, _, made| Ok(made.map(|(_, built)| built)) }
    }
}

fn resampler_slot(registry: &Registry) -> Slot<'_, dyn Resampler> {
    let wrap: Wrap<dyn Resampler> = |table, _, made| {
        let mut built = made.map(|(_, built)| built);
        match string(table, ON)?.as_deref() {
            None | Some(RAW) => {}
            // Part of its facts, as it changes what comes out; left out at its default, so that records stay.
            Some(SCALED) => {
                if let Some(built) = &mut built {
                    built.component.on_scaled().map_err(Error::Study)?;
                    built.params[ON] = SCALED.into();
                }
            }
            Some(other) => return Err(Error::Study(unknown("value of `on`", other, &[RAW, SCALED]))),
        }
        Ok(built)
    };
    Slot { more_keys: &[ON], wrap, ..Slot::plain(registry.resamplers(), registry) }
}

fn classifier_slot(registry: &Registry) -> Slot<'_, dyn Classifier> {
    let wrap: Wrap<dyn Classifier> = |table, (registry, params), made| match made {
        Some((entry, built)) => search::wrap(table, (entry, registry), params, built).map(Some),
        None => search::check(table, (registry, params)).map(|()| None),
    };
    Slot { id_key: "family", more_keys: search::KEYS, wrap, ..Slot::plain(registry.classifiers(), registry) }
}

/// The most components of one kind.
const LONGEST: usize = 10_000;

/// Reads a list of components: each a name, or a table with the id, and optionally `backend`, `name` and `params`. Those that
/// do not fit are left out and told to `faults`.
fn components<T: ?Sized>(
    grid: &Table,
    key: &str,
    of: &Slot<'_, T>,
    default: &[&str],
    faults: &mut Faults,
) -> Vec<Component<T>> {
    let listed = match grid.get(key) {
        None => default.iter().map(|id| Value::String((*id).into())).collect(),
        Some(Value::Array(items)) => items.clone(),
        Some(_) => {
            faults.0.push(format!("grid.{key}: must be a list"));
            return Vec::new();
        }
    };
    if listed.is_empty() {
        faults.0.push(format!("grid.{key}: must name at least one"));
    }
    if listed.len() > LONGEST {
        let (many, most) = (count(listed.len() as u64), count(LONGEST as u64));
        faults.0.push(format!("grid.{key}: names {many} components, and at most {most} can be told apart in a report"));
        return Vec::new();
    }
    let (mut components, mut names) = (Vec::new(), HashSet::new());
    for item in &listed {
        match faults.without(&format!("grid.{key}"), component(item, key, of)) {
            Some(twice) if !names.insert(twice.name.clone()) => {
                faults.once(format!("grid.{key}: two are called `{}`: give one of them another `name`", twice.name));
            }
            read => components.extend(read),
        }
    }
    components
}

fn component<T: ?Sized>(item: &Value, key: &str, of: &Slot<'_, T>) -> Result<Component<T>> {
    let kind = key.trim_end_matches('s');
    let mut faults = Faults::default();
    let named = match item {
        Value::String(id) => Named::of(id.clone()),
        Value::Table(table) => Named::read(table, kind, of, &mut faults),
        other => return Err(Error::Study(format!("{other} must be a name or a table with `{}`", of.id_key))),
    };
    let Named { id, backend, mut name, params, table } = named.chained(of, &mut faults);
    let said_id = id.clone().unwrap_or_default();
    let with_name = |e: Error, name: &Option<String>| told(e, &said_id, name.as_deref());
    let entry = id.as_deref().zip(backend.as_ref()).and_then(|(id, backend)| {
        let found = find(kind, of.entries, id, backend.as_deref());
        faults.without("", found.map_err(|e| with_name(e, &name)))
    });
    let built = entry.zip(params.as_ref()).and_then(|(entry, params)| {
        let needed = only_searched(entry.least, params, &table);
        for key in needed.keys() {
            let said =
                format!("`{said_id}`: `{key}` must be in `params`: what a family cannot be without is not searched");
            faults.without("", Err::<(), _>(with_name(Error::Study(said), &name)));
        }
        let all: Table = params.clone().into_iter().chain(needed.clone()).collect();
        let built = faults.without("", entry.build(&all, of.registry).map_err(|e| with_name(e, &name)));
        built.filter(|_| needed.is_empty())
    });
    let made = entry.zip(built);
    let wrapped = (of.wrap)(&table, (of.registry, &params.unwrap_or_default()), made);
    let built = faults.without("", wrapped.map_err(|e| of_keys(e, &said_id, name.as_deref()))).flatten();
    if name.is_none() {
        name = entry.map(|entry| match find(kind, of.entries, &said_id, None) {
            Ok(usual) if usual.backend != entry.backend => format!("{said_id}-{}", entry.backend),
            _ => said_id.clone(),
        });
    }
    if let Some(name) = name.as_ref().filter(|name| !is_name(name)) {
        faults.0.push(format!(
            "the name `{name}` must begin with a letter or a digit, and hold letters, digits, and - _ . + only"
        ));
    }
    match (entry, built, name, faults.0.is_empty()) {
        (Some(entry), Some(built), Some(name), true) => {
            let facts = ComponentFacts {
                id: entry.id.into(),
                backend: entry.backend.into(),
                version: entry.version,
                params: built.params,
            };
            Ok(Component { name, facts, component: Arc::from(built.component), given: item.clone() })
        }
        _ => Err(Error::Several(faults.0)),
    }
}

/// What a component cannot be without and a study only searches, by the example of its entry.
fn only_searched(least: &str, params: &Table, table: &Table) -> Table {
    let space = table.get("search").and_then(|search| search.get("space"));
    let is_searched = |key: &str| space.is_some_and(|space| space.get(key).is_some());
    let needed: Table = least.parse().unwrap_or_default();
    needed.into_iter().filter(|(key, _)| !params.contains_key(key) && is_searched(key)).collect()
}

/// What is said of the keys beside a component's own, with the name of the component where it does not begin with its id: what a
/// component says of its own parameters does.
fn of_keys(e: Error, id: &str, name: Option<&str>) -> Error {
    let called = name.unwrap_or(id);
    let one = |said: String| match said.starts_with('`') {
        _ if called.is_empty() => said,
        true if said.starts_with(&format!("`{id}`")) => told(Error::Study(said), id, name).to_string(),
        true => said,
        false => format!("`{called}`: {said}"),
    };
    match e {
        Error::Study(said) => Error::Study(one(said)),
        Error::Several(all) => Error::Several(all.into_iter().map(one).collect()),
        other => other,
    }
}

/// What is said of a component, with the `name` that a study gives it beside its id: a grid may have many of one id.
fn told(e: Error, id: &str, name: Option<&str>) -> Error {
    let Some(name) = name.filter(|name| *name != id) else { return e };
    let (own, both) = (format!("`{id}`"), format!("`{id}` (`{name}`)"));
    let is_of_it = |part: &str| part.starts_with(&own) || (part.starts_with("unknown ") && part.contains(&own));
    let with_name = |said: String| {
        let parts: Vec<&str> = said.split("; ").collect();
        match !id.is_empty() && parts.iter().any(|part| is_of_it(part)) {
            true => {
                let named =
                    |part: &&str| if is_of_it(part) { part.replacen(&own, &both, 1) } else { (*part).to_owned() };
                parts.iter().map(named).collect::<Vec<String>>().join("; ")
            }
            false => format!("`{name}`: {said}"),
        }
    };
    match e {
        Error::Study(said) => Error::Study(with_name(said)),
        Error::Several(all) => Error::Several(all.into_iter().map(with_name).collect()),
        other => other,
    }
}

/// What records, tables and folders can be called.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c))
}

/// What a component's table says before it is built; none is what cannot be read.
struct Named {
    id: Option<String>,
    backend: Option<Option<String>>,
    name: Option<String>,
    params: Option<Table>,
    /// Its keys without those that it may not have.
    table: Table,
}

impl Named {
    /// A component by its name alone.
    fn of(id: String) -> Self {
        let params = Some(Table::new());
        Named { id: Some(id), backend: Some(None), name: None, params, table: Table::new() }
    }

    /// Reads a table. The component may be a class of Python instead of one of ours, `python = "module:Class"`, and a classifier may be
    /// any program, `family = "external"` with a `command`; what stands in `params` is then the program's.
    fn read<T: ?Sized>(table: &Table, kind: &str, of: &Slot<'_, T>, faults: &mut Faults) -> Self {
        let given = |key: &str| table.get(key).and_then(Value::as_str);
        let mut own = Faults::default();
        let (id, params, keys) = id_and_params(table, kind, of, &mut own);
        let own = Error::of_all(own.0).map_or(Ok(()), Err);
        faults.without("", own.map_err(|e| told(e, given(of.id_key).unwrap_or_default(), given("name"))));
        let backend = faults.without("", string(table, "backend"));
        let name = faults.without("", string(table, "name")).flatten();
        let known = table.iter().filter(|(key, _)| keys.contains(&key.as_str()));
        let table = known.map(|(key, value)| (key.clone(), value.clone())).collect();
        Named { id, backend, name, params, table }
    }

    /// The same, where the id is short for a chain.
    fn chained<T: ?Sized>(mut self, of: &Slot<'_, T>, faults: &mut Faults) -> Self {
        let steps = self.id.as_deref().filter(|_| of.entries.iter().any(|entry| entry.id == CHAIN)).and_then(steps_of);
        if let Some((id, steps)) = self.id.as_deref().zip(steps) {
            self.params = self.params.and_then(|params| faults.without("", chained(id, steps, &params)));
            self.name = self.name.or_else(|| self.id.take());
            self.id = Some(CHAIN.to_owned());
        }
        self
    }
}

/// Id and parameters of a component's table, and the keys that it may have.
fn id_and_params<T: ?Sized>(
    table: &Table,
    kind: &str,
    of: &Slot<'_, T>,
    faults: &mut Faults,
) -> (Option<String>, Option<Table>, Vec<&'static str>) {
    let params = faults.without("", section(table, "params")).map(|params| params.cloned().unwrap_or_default());
    let given = |key: &str, value: &Value, rest: &str| {
        let params = Value::Table(params.clone()?);
        Some(Table::from_iter([(key.to_owned(), value.clone()), (rest.to_owned(), params)]))
    };
    // What is searched are parameters of ours, which a program's are not.
    let tuned: Vec<&str> = of.more_keys.iter().copied().filter(|key| *key != "search").collect();
    if let Some(estimator) = table.get("python").filter(|_| of.entries.iter().any(|entry| entry.id == "python")) {
        let keys = [&["python", "name", "params"][..], &tuned].concat();
        faults.without("", check_keys(table, &format!("key of a {kind}"), &keys));
        return (Some("python".into()), given("estimator", estimator, "params"), keys);
    }
    let id = faults.without("", string(table, of.id_key).and_then(|id| id.ok_or_else(|| missing(of.id_key))));
    if let ("family", Some("external")) = (of.id_key, id.as_deref()) {
        let keys = [&["family", "command", "protocol", "name", "params"][..], &tuned].concat();
        faults.without("", check_keys(table, &format!("key of a {kind}"), &keys));
        let command = faults.without("", table.get("command").ok_or_else(|| missing("command")));
        let mut program = command.and_then(|command| given("command", command, "parameters"));
        if let (Some(program), Some(version)) = (&mut program, table.get("protocol")) {
            program.insert("protocol".to_owned(), version.clone());
        }
        return (Some("external".into()), program, keys);
    }
    let keys = [&[of.id_key, "backend", "name", "params"], of.more_keys].concat();
    faults.0.extend(strange_keys(table, kind, (id.as_deref(), of), &keys));
    (id, params, keys)
}

/// Keys that no component has; of those that are parameters of this one it is said where they belong.
fn strange_keys<T: ?Sized>(
    table: &Table,
    kind: &str,
    (id, of): (Option<&str>, &Slot<'_, T>),
    keys: &[&str],
) -> Vec<String> {
    let what = format!("key of a {kind}");
    let entry = of.entries.iter().find(|entry| Some(entry.id) == id);
    let strange = table.iter().filter(|(key, _)| !keys.contains(&key.as_str()));
    let said = strange.flat_map(|(key, value)| {
        let alone = Table::from_iter([(key.clone(), value.clone())]);
        match entry.is_some_and(|entry| entry.build(&alone, of.registry).is_ok()) {
            true => vec![unknown_but(&what, key, keys, Some(format!("`{key}` in its `params`")))],
            false => unknown_keys(&alone, &what, keys),
        }
    });
    said.collect()
}

/// The parameters of the chain that `id` is short for.
///
/// # Errors
/// [`Error::Study`] where `params` are given, which are no step's.
fn chained(id: &str, steps: Vec<&str>, params: &Table) -> Result<Table> {
    if !params.is_empty() {
        return Err(Error::Study(format!(
            "`{id}` has no `params` of its own: write `id = \"{CHAIN}\"` with `steps` in `params`, each with its own parameters"
        )));
    }
    let step = |id: &str| Value::Table(Table::from_iter([("id".to_owned(), Value::String(id.into()))]));
    Ok(Table::from_iter([("steps".to_owned(), Value::Array(steps.into_iter().map(step).collect()))]))
}

/// The same resampler, a name or a table, on encoded and scaled rows.
pub(super) fn on_scaled(given: &Value) -> Value {
    let named = |id: &Value| Table::from_iter([("id".to_owned(), id.clone())]);
    let mut table = given.as_table().cloned().unwrap_or_else(|| named(given));
    table.insert(ON.to_owned(), SCALED.into());
    table.into()
}

#[cfg(test)]
mod tests;
