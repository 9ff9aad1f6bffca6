//! From a study file's text to a checked [`Study`]. Every error names the file, the key, the allowed values and the
//! nearest one.

use std::io::Read;
use std::path::Path;

use toml::{Table, Value};

use super::components::{Grid, is_name};
use super::keys::{TOP, check_keys, unknown_keys};
use super::limits::{self, LimitSpec};
use super::{DataSpec, Study, beyond, data, days, features, leaks};
use crate::component::{Metric, Registry};
use crate::data::{Wanted, unread};
use crate::error::{Error, Result, unknown_but};
use crate::split::Protocol;
use crate::words::{and_more, counted, quoted_path};

impl Study {
    /// Reads and checks the study file at `path`; what it may name stands in `registry`.
    ///
    /// # Errors
    /// [`Error::Study`] with one sentence that names file and key; [`Error::Usage`] for a table; [`Error::Io`].
    pub fn read(path: &Path, registry: &Registry) -> Result<Self> {
        refuse_table(path)?;
        let text = std::fs::read_to_string(path).map_err(|e| unread("read the study", path, Wanted::Study, e))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let study = Self::parse(&text, &path.display().to_string(), folder, registry)?;
        study.check_to_run()?;
        Ok(study)
    }

    /// Refuses what a study is not run with any more. Not as its text is checked: runs were made by such studies, and stay readable.
    fn check_to_run(&self) -> Result<()> {
        let mut faults = Faults(self.same_metrics());
        faults.without("", self.check_costs());
        faults.without("", self.check_searches());
        match faults.0.is_empty() {
            true => Ok(()),
            false => Err(Error::Study(format!("{}: {}", self.file, faults.error()))),
        }
    }

    /// The metrics that are listed with and without the number that they have by default, a sentence each.
    fn same_metrics(&self) -> Vec<String> {
        let twice = self.metrics.iter().enumerate().filter_map(|(place, metric)| {
            let same = self.metrics[..place].iter().find(|other| other.is_same(metric))?;
            Some(format!(
                "metrics: `{}` is listed twice, as `{}` is the same: leave one of them out",
                metric.id, same.id
            ))
        });
        twice.collect()
    }

    /// Checks a study's text. Relative data paths start at `folder`; `file` is named in errors.
    ///
    /// # Errors
    /// [`Error::Study`] with one sentence that names file and key.
    pub fn parse(text: &str, file: &str, folder: &Path, registry: &Registry) -> Result<Self> {
        let readable = beyond::parse(text).map_err(|e| Error::Study(format!("{file}: {e}")))?;
        let (study, refused) = match read_study(&readable.table, (text, file), folder, registry) {
            Ok(study) => (Some(study), None),
            Err(Error::Study(said) | Error::Data(said)) => (None, Some(said)),
            Err(other) => return Err(other),
        };
        match (study, readable.said(refused)) {
            (Some(study), None) => Ok(study),
            (_, said) => Err(Error::Study(format!("{file}: {}", said.unwrap_or_default()))),
        }
    }
}

/// Says of a table, which is taken for a study by whoever has no study yet, what to do with it.
fn refuse_table(path: &Path) -> Result<()> {
    let name = path.to_string_lossy().to_lowercase();
    let ends = [".csv", ".csv.gz", ".csv.zst", ".tsv", ".parquet", ".pq"].iter().any(|ending| name.ends_with(ending));
    let mut start = [0; 4];
    let mut begins = || {
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
        // Parquet, gzip and Zstandard.
        read.is_ok() && (start == *b"PAR1" || start[..2] == [0x1f, 0x8b] || start == [0x28, 0xb5, 0x2f, 0xfd])
    };
    if path.is_file() && (ends || begins()) {
        return Err(Error::Usage(format!(
            "{} is a table and not a study: `fraudbench try {}` runs a first study on it",
            path.display(),
            quoted_path(path)
        )));
    }
    Ok(())
}

fn read_study(table: &Table, (text, file): (&str, &str), folder: &Path, registry: &Registry) -> Result<Study> {
    let mut faults = Faults::default();
    faults.0.extend(unknown_keys(table, "key", TOP));
    let name = faults.without("", read_name(table));
    let title = faults.without("", string(table, "title"));
    let seed = faults.without("", read_seed(table));
    let metrics = faults.or_told(|faults| read_metrics(table, registry, faults));
    let primary = read_primary(table, registry, &mut faults);
    let protocol_table = faults.without("", needed(table, "protocol"));
    let protocol = protocol_table
        .and_then(|table| faults.or_told(|faults| read_protocol(table, seed.unwrap_or_default(), registry, faults)));
    let grid = faults.without("", needed(table, "grid")).map(|grid| Grid::read(grid, registry, &mut faults));
    let data = faults.or_told(|faults| read_tables(table, folder, faults));
    let limits = faults.or_told(|faults| read_limits(table, faults));
    let (Some(name), Some(title), Some(seed), Some(metrics), Some(primary)) = (name, title, seed, metrics, primary)
    else {
        return Err(faults.error());
    };
    let (Some(protocol_table), Some(protocol), Some(grid)) = (protocol_table, protocol, grid) else {
        return Err(faults.error());
    };
    let (Some(data), Some(limits), Some(dedup), true) = (data, limits, grid.dedup, faults.0.is_empty()) else {
        return Err(faults.error());
    };
    let Some(primary) = metrics.iter().copied().find(|metric| metric.is_same(primary)) else {
        return Err(unranked(primary, &metrics, table.contains_key("primary")));
    };
    let leaks = faults.without("", leaks::read(protocol_table, &protocol, &dedup));
    let at_random = leaks.iter().flatten().copied().find(|leaks| leaks.divide_at_random());
    days::check(&metrics, &grid.classifiers, (&protocol, at_random), registry, &mut faults);
    check_tables(&data, &protocol, &mut faults);
    let (Some(leaks), true) = (leaks, faults.0.is_empty()) else {
        return Err(faults.error());
    };
    let study = Study {
        title: title.unwrap_or_else(|| name.clone()),
        name,
        seed: u64::from(seed),
        data,
        leaks,
        protocol,
        dedup,
        imputers: grid.imputers,
        resamplers: grid.resamplers,
        encoders: grid.encoders,
        scalers: grid.scalers,
        selects: grid.selects,
        classifiers: grid.classifiers,
        metrics,
        primary,
        limits,
        registry: registry.clone(),
        text: text.to_owned(),
        file: file.to_owned(),
        folder: folder.to_owned(),
    };
    match faults.without("", study.check_leaks()) {
        Some(()) => Ok(study),
        None => Err(faults.error()),
    }
}

/// Refuses tables that do not go with the protocol.
fn check_tables(data: &[DataSpec], protocol: &Protocol, faults: &mut Faults) {
    let several = data.len() > 1;
    for (place, spec) in data.iter().enumerate() {
        let which = if several { which(place, Some(&spec.name)) } else { String::new() };
        faults.without(&which, of_one(several, features::check(&spec.features, protocol)));
    }
    faults.without("", data::check_parts(data, protocol));
}

/// A table that every study has.
fn needed<'t>(table: &'t Table, key: &str) -> Result<&'t Table> {
    section(table, key)?.ok_or_else(|| missing(key))
}

fn read_name(table: &Table) -> Result<String> {
    let name = string(table, "name")?.ok_or_else(|| missing("name"))?;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return Err(Error::Study(format!("name: `{name}` must be kebab-case (a-z, 0-9 and -)")));
    }
    match name.len() {
        long if long > LONGEST_NAME => Err(Error::Study(format!(
            "name: it has {long} letters, and a folder is called by it: write at most {LONGEST_NAME}"
        ))),
        _ => Ok(name),
    }
}

fn read_seed(table: &Table) -> Result<u32> {
    let Some(value) = table.get("seed") else { return Ok(42) };
    let seed = value.as_integer().and_then(|seed| u32::try_from(seed).ok());
    seed.ok_or_else(|| Error::Study(format!("seed: {value} must be a whole number from 0 to {}", u32::MAX)))
}

/// The letters of a name that folders are called by: file systems take 255 bytes, and what is written beside a folder has an ending.
const LONGEST_NAME: usize = 200;

/// Problems that are told at once: more are of a study that was generated, and alike.
const MOST_TOLD: usize = 25;

/// What is wrong with the names and the parameters of a study: all of it is told at once.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<String>);

impl Faults {
    /// The value, or none and one fault more; `key` is where it stands, where the error does not say that.
    pub(super) fn without<T>(&mut self, key: &str, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => return Some(value),
            Err(Error::Several(all)) if key.is_empty() => self.0.extend(all),
            Err(Error::Several(all)) => self.0.extend(all.iter().map(|said| format!("{key}: {said}"))),
            Err(e) if key.is_empty() => self.0.push(e.to_string()),
            Err(e) => self.0.push(prefixed(key, e).to_string()),
        }
        None
    }

    /// One fault more, where it is not told yet: of three that are called alike, say, the third one is no other problem.
    pub(super) fn once(&mut self, said: String) {
        if !self.0.contains(&said) {
            self.0.push(said);
        }
    }

    /// The value where nothing is wrong.
    pub(super) fn or<T>(self, value: T) -> Result<T> {
        Error::of_all(self.0).map_or(Ok(value), Err)
    }

    /// The value of what tells its faults itself, or none and one fault more.
    fn or_told<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Option<T> {
        let result = read(self);
        self.without("", result)
    }

    fn error(self) -> Error {
        Error::Study(match &self.0[..] {
            [one] => one.clone(),
            several => {
                let told = several.len().min(MOST_TOLD);
                let more = match several.len() - told {
                    0 => String::new(),
                    more => format!("\n  {}", and_more(more)),
                };
                format!("{}:\n  {}{more}", counted(several.len() as u64, "problem"), several[..told].join("\n  "))
            }
        })
    }
}

fn read_metrics(table: &Table, registry: &Registry, faults: &mut Faults) -> Result<Vec<&'static Metric>> {
    let Some(value) = table.get("metrics") else { return Ok(registry.metrics_of_any_data().collect()) };
    let ids = strings(value).ok_or_else(|| Error::Study("metrics: must be a list of metric names".into()))?;
    if ids.is_empty() {
        return Err(Error::Study("metrics: must name at least one; leave it out for all that any data have".into()));
    }
    let mut metrics: Vec<&'static Metric> = Vec::new();
    for id in &ids {
        match faults.without("metrics", registry.metric(id)) {
            Some(metric) if metrics.iter().any(|other| other.id == metric.id) => {
                faults.once(format!("metrics: `{id}` is listed twice"));
            }
            known => metrics.extend(known),
        }
    }
    Ok(metrics)
}

fn read_primary(table: &Table, registry: &Registry, faults: &mut Faults) -> Option<&'static Metric> {
    let id = faults.without("", string(table, "primary"))?;
    faults.without("primary", registry.metric(id.as_deref().unwrap_or("pr-auc")))
}

/// That what ranks is not among the metrics; where the study `names` nothing that ranks, that it is the usual metric then.
fn unranked(primary: &Metric, metrics: &[&Metric], names: bool) -> Error {
    let (id, first) = (primary.id, metrics.first().map_or(primary.id, |metric| metric.id));
    Error::Study(match names {
        true => format!("primary: `{id}` is not among `metrics`: add it there"),
        false => format!(
            "primary: it is left out, and is `{id}` then, which is not among `metrics`: write what ranks, such as `primary = \"{first}\"`, or \
             add `{id}` to `metrics`"
        ),
    })
}

/// `[data]`, or several `[[data]]` with names of their own.
fn read_tables(table: &Table, folder: &Path, faults: &mut Faults) -> Result<Vec<DataSpec>> {
    let tables: Vec<&Table> = match table.get("data") {
        None => return Err(missing("data")),
        Some(Value::Table(one)) => vec![one],
        Some(Value::Array(many)) if many.iter().all(Value::is_table) && !many.is_empty() => {
            many.iter().filter_map(Value::as_table).collect()
        }
        Some(_) => return Err(Error::Study("data: must be a table [data], or several [[data]]".into())),
    };
    let several = tables.len() > 1;
    let mut specs: Vec<DataSpec> = Vec::new();
    for (place, table) in tables.into_iter().enumerate() {
        let called = || ["name", "path"].into_iter().find_map(|key| table.get(key)?.as_str());
        let which = if several { which(place, called()) } else { String::new() };
        let key = if several { "key" } else { "key in [data]" };
        faults.without(&which, check_keys(table, key, data::KEYS));
        let Some(spec) = faults.without(&which, of_one(several, data::read(table, folder))) else { continue };
        faults.without(&which, of_one(several, check_name(&spec.name, several)));
        if specs.iter().any(|other| other.name == spec.name) {
            faults.once(format!(
                "data: two data sets are called `{0}`: give one of them another `name` beside its `path` or `simulate`",
                spec.name
            ));
        }
        specs.push(spec);
    }
    Ok(specs)
}

/// Which one of several [[data]], counted from 1, with its name or its file.
fn which(place: usize, called: Option<&str>) -> String {
    match called.filter(|called| !called.is_empty()) {
        Some(called) => format!("[[data]] {} ({called})", place + 1),
        None => format!("[[data]] {}", place + 1),
    }
}

/// What is wrong with one of `several` tables without the `data` that keys begin with: which table it is says it already.
fn of_one<T>(several: bool, result: Result<T>) -> Result<T> {
    let bare = |said: String| {
        let kinds = ["unknown value of ", "unknown key of ", ""];
        let kind = kinds.into_iter().find(|kind| said.starts_with(kind)).unwrap_or_default();
        let key = ["data: ", "data."].iter().find_map(|start| said[kind.len()..].strip_prefix(start));
        key.map_or_else(|| said.clone(), |key| format!("{kind}{key}"))
    };
    result.map_err(|e| match e {
        Error::Study(said) if several => Error::Study(bare(said)),
        Error::Several(all) if several => Error::Several(all.into_iter().map(bare).collect()),
        other => other,
    })
}

/// Refuses an empty name of a table, and names of several that no folder can have: each has one in the report. A table that is alone may be
/// called anything.
fn check_name(name: &str, several: bool) -> Result<()> {
    match name {
        "" => Err(Error::Study("data.name: it is empty: write a name, or leave the key out".into())),
        name if several && (!is_name(name) || name.len() > LONGEST_NAME) => Err(Error::Study(format!(
            "data: the name `{name}` must begin with a letter or a digit, and hold at most {LONGEST_NAME} letters, digits, and - _ . + only: \
             give it another `name`"
        ))),
        _ => Ok(()),
    }
}

fn read_protocol(table: &Table, seed: u32, registry: &Registry, faults: &mut Faults) -> Result<Protocol> {
    let kind = string_of(table, "kind", "protocol.kind")?.ok_or_else(|| missing("protocol.kind"))?;
    let entry = registry.split(&kind)?;
    let mut params = table.clone();
    params.remove("kind");
    params.remove(leaks::KEY);
    // No kind has it as a parameter, so no kind can suggest it.
    let is_like_leaks = |key: &&String| strsim::normalized_damerau_levenshtein(key, leaks::KEY) > 0.7;
    if let Some(key) = params.keys().find(is_like_leaks).cloned() {
        params.remove(&key);
        let own = entry.build(&Table::new(), registry).map(|built| built.all).unwrap_or_default();
        let own = own.as_object().into_iter().flat_map(|own| own.keys().map(String::as_str));
        let allowed: Vec<&str> = ["kind", leaks::KEY].into_iter().chain(own).collect();
        let meant = Some(format!("`{}`", leaks::KEY));
        faults.0.push(unknown_but("key in [protocol]", &key, &allowed, meant));
    }
    let with = |params: &Table| Protocol::new(entry, params, registry).map_err(|e| prefixed("protocol", e));
    let protocol = with(&params)?;
    if params.contains_key("seed") && protocol.params()["shuffle"] == false {
        return Err(Error::Study(format!(
            "protocol.seed: it decides nothing, as `{}` draws nothing without `shuffle = true`: leave it out",
            protocol.name()
        )));
    }
    if params.contains_key("seed") || protocol.params().get("seed").is_none() {
        return Ok(protocol);
    }
    params.insert("seed".into(), Value::Integer(i64::from(seed)));
    with(&params)
}

fn read_limits(table: &Table, faults: &mut Faults) -> Result<LimitSpec> {
    let Some(limits) = section(table, "limits")? else { return Ok(LimitSpec::default()) };
    faults.0.extend(unknown_keys(limits, "key in [limits]", limits::KEYS));
    LimitSpec::read(limits)
}

pub(super) fn section<'a>(table: &'a Table, key: &str) -> Result<Option<&'a Table>> {
    section_of(table, key, key)
}

/// The same, with what the key is called in messages.
pub(super) fn section_of<'a>(table: &'a Table, key: &str, called: &str) -> Result<Option<&'a Table>> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::Table(inner)) => Ok(Some(inner)),
        Some(_) => Err(Error::Study(format!("{called}: must be a table"))),
    }
}

pub(super) fn string(table: &Table, key: &str) -> Result<Option<String>> {
    string_of(table, key, key)
}

/// The same, with what the key is called in messages.
pub(super) fn string_of(table: &Table, key: &str, called: &str) -> Result<Option<String>> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(Error::Study(format!("{called}: {other} must be a text in quotes"))),
    }
}

pub(super) fn strings(value: &Value) -> Option<Vec<String>> {
    let items = value.as_array()?;
    items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

pub(super) fn missing(key: &str) -> Error {
    Error::Study(format!("`{key}` is missing"))
}

fn prefixed(key: &str, e: Error) -> Error {
    match e {
        Error::Study(said) | Error::Data(said) | Error::Usage(said) | Error::Component(said) => {
            Error::Study(format!("{key}: {said}"))
        }
        other => other,
    }
}
