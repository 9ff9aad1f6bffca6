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
        faults.without("", entry.build(params, of.registry).map_err(|e| with_name(e, &name)))
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
        let is_chain = |id: &String| id.contains('+') && of.entries.iter().any(|entry| entry.id == CHAIN);
        if let Some(id) = self.id.take_if(|id| is_chain(id)) {
            self.params = self.params.and_then(|params| faults.without("", chain_steps(&id, &params)));
            self.name = self.name.or(Some(id));
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
    fn wrong_parameters_hide_nothing_of_the_keys_beside_them() {
        let (registry, mut faults) = (Registry::built_in(), Faults::default());
        let grid: Table = "classifiers = [{ family = 'svc', name = 'a b', backend = 3, parms = {}, threshold = 'max-f2', search = { \
                           kind = 'grid', space = { C = [] } } }, { family = 'svc', name = 'mine', params = { D = 1, C = -1 }, calibrate = \
                           'isotnic', search = { kind = 'grid', space = { C = [1.0] } } }, { family = 'swc', threshold = 'max-f2' }, { \
                           threshold = 'max-f2', params = 3 }]"
            .parse()
            .unwrap();
        components(&grid, "classifiers", &classifier_slot(&registry), &[], &mut faults);
        let wanted = [
            "`a b`: unknown key of a classifier `parms`; did you mean `params`?",
            "backend: 3 must be a text in quotes",
            "`a b`: threshold: unknown rule `max-f2`; did you mean `max-f1`?",
            "`a b`: search: space, `C`: the list is empty",
            "the name `a b` must begin with a letter",
            // Both parameters are told, by the component itself.
            "unknown parameter of `svc` (`mine`) `D`",
            "`mine`: unknown calibrate `isotnic`; did you mean `isotonic`?",
            "`mine`: search: `C` is in `params` and in `space`: a parameter is fixed or searched",
            "unknown classifier `swc`; did you mean `svc`?",
            "`swc`: threshold: unknown rule `max-f2`; did you mean `max-f1`?",
            "params: must be a table",
            "`family` is missing",
            "threshold: unknown rule `max-f2`; did you mean `max-f1`?",
        ];
        assert_eq!(faults.0.len(), wanted.len(), "{:#?}", faults.0);
        for (said, wanted) in faults.0.iter().zip(wanted) {
            assert!(said.starts_with(&format!("grid.classifiers: {wanted}")), "{wanted}: {said}");
        }
        let said = resamplers("{ id = 'smote', params = { k_neighbors = 0 }, on = 'scald' }").err().unwrap();
        assert!(said.contains("`k_neighbors`"), "{said}");
        assert!(
            said.contains("; grid.resamplers: `smote`: unknown value of `on` `scald`; did you mean `scaled`?"),
            "{said}"
        );
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
