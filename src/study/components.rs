//! The lists of components in `[grid]`: names or tables, built of the registry's entries.

use std::collections::HashSet;
use std::sync::Arc;

use toml::{Table, Value};

use super::Component;
use super::keys::{GRID, check_keys, unknown_keys};
use super::read::{Faults, missing, section, string};
use crate::component::{Built, Classifier, ComponentFacts, Entry, Registry, Resampler, Scaler, Transformer, find};
use crate::error::{Error, Result, unknown, unknown_but};
use crate::search;
use crate::words::count;

/// The resampler that `a+b` is short for.
const CHAIN: &str = "chain";
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

/// What the further keys make of a component: given the table, the entry, its `params`, and what was built of them.
type Wrap<T> = fn(&Table, (&'static Entry<T>, &Registry), &Table, Built<T>) -> Result<Built<T>>;

impl<'r, T: ?Sized> Slot<'r, T> {
    fn plain(entries: &'r [&'static Entry<T>], registry: &'r Registry) -> Self {
        Slot { id_key: "id", entries, registry, more_keys: &[], wrap: |_, _, _, built| Ok(built) }
    }
}

fn resampler_slot(registry: &Registry) -> Slot<'_, dyn Resampler> {
    let wrap: Wrap<dyn Resampler> = |table, _, _, mut built| {
        match string(table, ON)?.as_deref() {
            None | Some(RAW) => {}
            // Part of its facts, as it changes what comes out; left out at its default, so that records stay.
            Some(SCALED) => {
                built.component.on_scaled().map_err(Error::Study)?;
                built.params[ON] = SCALED.into();
            }
            Some(other) => return Err(Error::Study(unknown("value of `on`", other, &[RAW, SCALED]))),
        }
        Ok(built)
    };
    Slot { more_keys: &[ON], wrap, ..Slot::plain(registry.resamplers(), registry) }
}

fn classifier_slot(registry: &Registry) -> Slot<'_, dyn Classifier> {
    let plain = Slot::plain(registry.classifiers(), registry);
    Slot { id_key: "family", more_keys: search::KEYS, wrap: search::wrap, ..plain }
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
    let Slot { id_key, entries, registry, .. } = *of;
    let none = Table::new();
    let kind = key.trim_end_matches('s');
    let (mut id, backend, mut name, mut params, table) = match item {
        Value::String(id) => (id.clone(), None, None, Table::new(), &none),
        Value::Table(table) => {
            let given = |key: &str| table.get(key).and_then(Value::as_str);
            let (id, params) =
                named(table, kind, of).map_err(|e| told(e, given(id_key).unwrap_or_default(), given("name")))?;
            (id, string(table, "backend")?, string(table, "name")?, params, table)
        }
        other => return Err(Error::Study(format!("{other} must be a name or a table with `{id_key}`"))),
    };
    if id.contains('+') && entries.iter().any(|entry| entry.id == CHAIN) {
        params = chain_steps(&id, &params)?;
        name = name.or(Some(id));
        id = CHAIN.to_owned();
    }
    let with_name = |e: Error| told(e, &id, name.as_deref());
    let entry = find(kind, entries, &id, backend.as_deref()).map_err(with_name)?;
    let called = || name.clone().unwrap_or_else(|| id.clone());
    // What a component says of its own parameters begins with its id; what is said of the keys beside them does not.
    let wrapped = (of.wrap)(table, (entry, registry), &params, entry.build(&params, registry).map_err(with_name)?);
    let built = wrapped.map_err(|e| match e {
        Error::Study(said) if !said.starts_with('`') => Error::Study(format!("`{}`: {said}", called())),
        Error::Study(said) if said.starts_with(&format!("`{id}`")) => with_name(Error::Study(said)),
        other => other,
    })?;
    let default_name = match backend {
        Some(backend) if find(kind, entries, &id, None)?.backend != backend => format!("{id}-{backend}"),
        _ => id,
    };
    let name = name.unwrap_or(default_name);
    if !is_name(&name) {
        return Err(Error::Study(format!(
            "the name `{name}` must begin with a letter or a digit, and hold letters, digits, and - _ . + only"
        )));
    }
    let facts = ComponentFacts {
        id: entry.id.into(),
        backend: entry.backend.into(),
        version: entry.version,
        params: built.params,
    };
    Ok(Component { name, facts, component: Arc::from(built.component), given: item.clone() })
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

/// Id and parameters of a component's table. It may be a class of Python instead of one of ours, `python = "module:Class"`, and a
/// classifier may be any program, `family = "external"` with a `command`; what stands in `params` is then the program's.
fn named<T: ?Sized>(table: &Table, kind: &str, of: &Slot<'_, T>) -> Result<(String, Table)> {
    let id_key = of.id_key;
    let params = section(table, "params")?.cloned().unwrap_or_default();
    let given = |key: &str, value: &Value, rest: &str| {
        Table::from_iter([(key.to_owned(), value.clone()), (rest.to_owned(), Value::Table(params.clone()))])
    };
    let allowed = |keys: &[&str], more: &[&str]| check_keys(table, &format!("key of a {kind}"), &[keys, more].concat());
    // What is searched are parameters of ours, which a program's are not.
    let tuned: Vec<&str> = of.more_keys.iter().copied().filter(|key| *key != "search").collect();
    if let Some(estimator) = table.get("python").filter(|_| of.entries.iter().any(|entry| entry.id == "python")) {
        allowed(&["python", "name", "params"], &tuned)?;
        return Ok(("python".into(), given("estimator", estimator, "params")));
    }
    let id = string(table, id_key)?;
    if let ("family", Some("external")) = (id_key, id.as_deref()) {
        allowed(&["family", "command", "protocol", "name", "params"], &tuned)?;
        let command = table.get("command").ok_or_else(|| missing("command"))?;
        let mut program = given("command", command, "parameters");
        program.extend(table.get("protocol").map(|version| ("protocol".to_owned(), version.clone())));
        return Ok(("external".into(), program));
    }
    let keys = [&[id_key, "backend", "name", "params"], of.more_keys].concat();
    Error::of_all(strange_keys(table, kind, (id.as_deref(), of), &keys)).map_or(Ok(()), Err)?;
    Ok((id.ok_or_else(|| missing(id_key))?, params))
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

/// `a+b` is short for the chain of `a`, then `b` on what `a` left.
///
/// # Errors
/// [`Error::Study`] where `params` are given, which are no step's.
fn chain_steps(ids: &str, params: &Table) -> Result<Table> {
    if !params.is_empty() {
        return Err(Error::Study(format!(
            "`{ids}` has no `params` of its own: write `id = \"{CHAIN}\"` with `steps` in `params`, each with its own parameters"
        )));
    }
    let step = |id: &str| Value::Table(Table::from_iter([("id".to_owned(), Value::String(id.trim().into()))]));
    Ok(Table::from_iter([("steps".to_owned(), Value::Array(ids.split('+').map(step).collect()))]))
}

/// The same resampler, a name or a table, on encoded and scaled rows.
pub(super) fn on_scaled(given: &Value) -> Value {
    let named = |id: &Value| Table::from_iter([("id".to_owned(), id.clone())]);
    let mut table = given.as_table().cloned().unwrap_or_else(|| named(given));
    table.insert(ON.to_owned(), SCALED.into());
    table.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resamplers(listed: &str) -> Result<Vec<Component<dyn Resampler>>, String> {
        let (registry, mut faults) = (Registry::built_in(), Faults::default());
        let grid: Table = format!("resamplers = [{listed}]").parse().unwrap();
        let read = components(&grid, "resamplers", &resampler_slot(&registry), &["none"], &mut faults);
        if faults.0.is_empty() { Ok(read) } else { Err(faults.0.join("; ")) }
    }

    #[test]
    fn a_parameter_outside_of_params_is_told_where_it_belongs() {
        let said = |table: &str| resamplers(table).err().unwrap();
        let beside = said("{ id = 'smote', k_neighbors = 3, sampling_strategy = 0.5, of = 7 }");
        assert!(
            beside.contains("`k_neighbors`; did you mean `k_neighbors` in its `params`? Allowed: id, "),
            "{beside}"
        );
        assert!(beside.contains("`sampling_strategy`; did you mean `sampling_strategy` in its `params`?"), "{beside}");
        assert!(beside.contains("`of`") && !beside.contains("`of` in its"), "{beside}");
        // What the component would refuse is no parameter of it.
        assert!(!said("{ id = 'smote', k_neighbours = 3 }").contains("in its `params`"));
    }

    #[test]
    fn what_is_said_of_one_of_several_has_its_name() {
        let said = |table: &str| resamplers(table).err().unwrap();
        assert_eq!(
            said("{ id = 'smote', name = 'few', params = { k_neighbors = 0 } }"),
            said("{ id = 'smote', params = { k_neighbors = 0 } }").replace("`smote`: ", "`smote` (`few`): ")
        );
        let both = said("{ id = 'smote', name = 'few', params = { k_neighbours = 3, m = 1 } }");
        assert_eq!(both.matches("unknown parameter of `smote` (`few`) `").count(), 2, "{both}");
        let key = said("{ id = 'smote', name = 'few', parms = {} }");
        assert!(
            key.starts_with("grid.resamplers: `few`: unknown key of a resampler `parms`; did you mean `params`?"),
            "{key}"
        );
        let backend = said("{ id = 'smote', name = 'few', backend = 'nativ' }");
        assert!(
            backend.starts_with("grid.resamplers: unknown backend of resampler `smote` (`few`) `nativ`"),
            "{backend}"
        );
        // A name that says no more than the id is not told.
        assert!(!said("{ id = 'smote', name = 'smote', params = { k_neighbors = 0 } }").contains('('));
    }

    #[test]
    fn a_chain_in_short_may_act_on_scaled_rows() {
        let plain = resamplers("'near-miss+edited-nearest-neighbours'").unwrap().remove(0);
        let scaled = resamplers("{ id = 'near-miss+edited-nearest-neighbours', on = 'scaled' }").unwrap().remove(0);
        assert_eq!((scaled.name.as_str(), scaled.facts.id.as_str()), ("near-miss+edited-nearest-neighbours", "chain"));
        assert!(scaled.is_on_scaled() && !plain.is_on_scaled());
        assert_eq!(scaled.facts.params["steps"], plain.facts.params["steps"]);
        let named = resamplers("{ id = 'near-miss+tomek-links', name = 'both' }").unwrap().remove(0);
        assert_eq!((named.name.as_str(), named.facts.params["steps"][1]["id"].as_str()), ("both", Some("tomek-links")));
        let said = resamplers("{ id = 'smote+tomek-links', params = { k_neighbors = 3 } }").err().unwrap();
        assert!(said.contains("`smote+tomek-links` has no `params` of its own: write `id = \"chain\"`"), "{said}");
    }

    #[test]
    fn what_is_written_for_scaled_rows_is_the_same_resampler() {
        for given in [
            "'smote'",
            "'near-miss+edited-nearest-neighbours'",
            "{ id = 'smote', name = 'few', params = { k_neighbors = 3 } }",
            "{ id = 'chain', params = { steps = [{ id = 'tomek-links' }, { id = 'smote', k_neighbors = 3 }] } }",
            "{ id = 'random-undersampling', on = 'raw' }",
        ] {
            let before = resamplers(given).unwrap().remove(0);
            let written = before.written_on_scaled();
            assert!(!written.contains('\n'), "{written}");
            let mut behind = resamplers(&written).unwrap().remove(0);
            assert!(behind.is_on_scaled() && behind.name == before.name, "{written}");
            behind.facts.params.as_object_mut().unwrap().remove(ON);
            assert_eq!(behind.facts, before.facts, "{written}");
        }
        assert_eq!(resamplers("'smote'").unwrap()[0].written_on_scaled(), "{ id = \"smote\", on = \"scaled\" }");
    }
}
