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
use crate::error::{Error, Result, unknown_but};
use crate::split::Protocol;
use crate::words::{counted, quoted_path};

impl Study {
    /// Reads and checks the study file at `path`; what it may name stands in `registry`.
    ///
    /// # Errors
    /// [`Error::Study`] with one sentence that names file and key; [`Error::Usage`] for a table; [`Error::Io`].
    pub fn read(path: &Path, registry: &Registry) -> Result<Self> {
        refuse_table(path)?;
        let text = std::fs::read_to_string(path).map_err(|e| Error::io("read the study", path, e))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, &path.display().to_string(), folder, registry)
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
    let primary = faults.without("", string(table, "primary"));
    let primary = primary.map(|id| registry.metric(id.as_deref().unwrap_or("pr-auc")));
    let primary = primary.and_then(|metric| faults.without("primary", metric));
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
    if !metrics.iter().any(|metric| metric.id == primary.id) {
        return Err(Error::Study(format!("primary: `{}` is not among `metrics`: add it there", primary.id)));
    }
    let leaks = leaks::read(protocol_table, &protocol, &dedup)?;
    let at_random = leaks.iter().copied().find(|leaks| leaks.divide_at_random());
    days::check(&metrics, &grid.classifiers, (&protocol, at_random), registry, &mut faults);
    for (place, spec) in data.iter().enumerate() {
        let which = if data.len() > 1 { which(place, Some(&spec.name)) } else { String::new() };
        faults.without(&which, features::check(&spec.features, &protocol));
    }
    faults.without("", data::check_parts(&data, &protocol));
    if !faults.0.is_empty() {
        return Err(faults.error());
    }
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
    study.check_leaks()?;
    Ok(study)
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
                    more => format!("\n  and {more} more"),
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
        faults.without(&which, check_keys(table, "key in [data]", data::KEYS));
        let Some(spec) = faults.without(&which, data::read(table, folder)) else { continue };
        faults.without(&which, check_name(&spec.name, several));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Study::parse(text, "x.toml", Path::new("."), &Registry::built_in()).err().unwrap().to_string()
    }

    #[test]
    fn a_study_that_is_all_wrong_is_refused_in_few_lines() {
        let classifiers: Vec<String> = (0..300).map(|i| format!("'wrong-{i}'")).collect();
        let grid = format!("[grid]\nclassifiers = [{}]\n", classifiers.join(", "));
        let said = refused(&format!("name = 'x'\n[data]\npath = 'x.csv'\n[protocol]\nkind = 'hold-out'\n{grid}"));
        assert!(said.starts_with("x.toml: 300 problems:") && said.ends_with("\n  and 275 more"), "{said:.200}");
        assert_eq!(said.lines().count(), 27);
    }

    #[test]
    fn what_stands_three_times_is_one_problem() {
        let text = "name = 'x'\nmetrics = ['recall', 'recall', 'recall']\nprimary = 'recall'\n[[data]]\nname = 'a'\npath = 'x.csv'\n\
                    [[data]]\nname = 'a'\npath = 'y.csv'\n[[data]]\nname = 'a'\npath = 'z.csv'\n[protocol]\nkind = \
                    'stratified-k-fold'\n[grid]\nscalers = ['none', 'none', 'none']\nclassifiers = ['prior', 'svc', 'svc', 'svc']\n";
        let said = refused(text);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], "x.toml: 4 problems:", "{said}");
        for wanted in [
            "  metrics: `recall` is listed twice",
            "  grid.scalers: two are called `none`: give one of them another `name`",
            "  grid.classifiers: two are called `svc`: give one of them another `name`",
            "  data: two data sets are called `a`: give one of them another `name` beside its `path` or `simulate`",
        ] {
            assert!(lines[1..].contains(&wanted), "{wanted}: {said}");
        }
    }

    #[test]
    fn every_name_and_parameter_that_does_not_fit_is_told_at_once() {
        let text = "name = 'x'\nmetrics = ['pr-auk', 'recall', 'recall']\nprimary = 'recall'\n[data]\npath = 'x.csv'\n[protocol]\n\
                    kind = 'hold-out'\ntesst = 0.3\n[grid]\nimputers = ['meen']\nresamplers = ['tomek-lincs']\nscalers = ['none', \
                    'none']\nclassifiers = ['random-forrest', { family = 'random-forest', params = { n_estimatorz = 5, max_dept = 3, \
                    criterion = 7 } }, 'svc/']\n";
        let said = refused(text);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], "x.toml: 9 problems:", "{said}");
        for (line, wanted) in lines[1..].iter().zip([
            "  metrics: unknown metric `pr-auk`; did you mean `pr-auc`?",
            "  metrics: `recall` is listed twice",
            "  protocol: unknown parameter of `hold-out` `tesst`; did you mean `test`?",
            "  grid.imputers: unknown imputer `meen`; did you mean `mean`?",
            "  grid.resamplers: unknown resampler `tomek-lincs`; did you mean `tomek-links`?",
            "  grid.scalers: two are called `none`: give one of them another `name`",
            "  grid.classifiers: unknown classifier `random-forrest`; did you mean `random-forest`?",
            "  grid.classifiers: unknown parameter of `random-forest` `",
            "  grid.classifiers: unknown classifier `svc/`; did you mean `svc`?",
        ]) {
            assert!(line.starts_with(wanted), "{wanted}: {said}");
        }
        let parameters = lines.iter().find(|line| line.contains("max_dept")).unwrap();
        assert!(parameters.contains("`max_dept`; did you mean `max_depth`?"), "{parameters}");
        assert!(parameters.contains("`n_estimatorz`; did you mean `n_estimators`?"), "{parameters}");
        assert!(parameters.contains("`random-forest`, parameter `criterion`: "), "{parameters}");
    }

    #[test]
    fn keys_of_other_tools_and_at_wrong_places_are_told_at_once_with_what_is_meant() {
        let said = refused(
            "name = 'X'\nmodels = ['svc']\ncv = 3\nseed = -1\n[data]\npath = 'x.csv'\ndrop = ['id']\nimpute = 'median'\n[grid]\n\
             dedup = 'yes'\nscaler = ['none']\nclassifiers = ['svc']\n[limits]\nseed = 3\ncell_secondz = 5\n",
        );
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], "x.toml: 11 problems:", "{said}");
        for (line, wanted) in lines[1..].iter().zip([
            "  unknown key `models`; did you mean `classifiers` in [grid]? Allowed: name, title,",
            "  unknown key `cv`; did you mean `protocol`? Allowed: ",
            "  name: `X` must be kebab-case",
            "  seed: -1 must be a whole number",
            "  `protocol` is missing",
            "  unknown key in [grid] `scaler`; did you mean `scalers`? Allowed: ",
            "  grid.dedup: \"yes\" must be a list",
            "  unknown key in [data] `drop`; did you mean `ignore`? Allowed: ",
            "  unknown key in [data] `impute`; did you mean `imputers` in [grid]? Allowed: ",
            "  unknown key in [limits] `seed`; did you mean `seed` outside of all tables? Allowed: ",
            "  unknown key in [limits] `cell_secondz`; did you mean `cell_seconds`? Allowed: ",
        ]) {
            assert!(line.starts_with(wanted), "{wanted}: {said}");
        }
    }

    #[test]
    fn one_problem_stands_in_one_line() {
        let said =
            refused("name = 'x'\n[data]\npath = 'x'\n[protocol]\nkind = 'hold-out'\n[grid]\nclassifiers = ['svcc']\n");
        assert!(said.starts_with("x.toml: grid.classifiers: unknown classifier `svcc`; did you mean `svc`?"), "{said}");
    }

    /// A study of [[data]] or [data] with a protocol and a grid.
    fn with(top: &str, data: &str, protocol: &str) -> String {
        format!("{top}\n{data}\n[protocol]\n{protocol}\n[grid]\nclassifiers = ['prior']\n")
    }

    #[test]
    fn what_is_wrong_with_one_of_several_tables_says_with_which() {
        let data = "[[data]]\npath = 'a.csv'\nfoo = 1\n[[data]]\npath = 'b.csv'\nlabel = 3\nbar = 2\n[[data]]\nname = 'third'\n\
                    path = 'c.csv'\nsample = 4";
        let said = refused(&with("name = 'x'", data, "kind = 'hold-out'"));
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], "x.toml: 4 problems:", "{said}");
        for (line, wanted) in lines[1..].iter().zip([
            "  [[data]] 1 (a.csv): unknown key in [data] `foo`",
            "  [[data]] 2 (b.csv): unknown key in [data] `bar`",
            "  [[data]] 2 (b.csv): data.label: 3 must be a text in quotes",
            "  [[data]] 3 (third): data.sample: must be a table",
        ]) {
            assert!(line.starts_with(wanted), "{wanted}: {said}");
        }
        let one = refused(&with("name = 'x'", "[data]\npath = 'a.csv'\nlabel = 3", "kind = 'hold-out'"));
        assert_eq!(one, "x.toml: data.label: 3 must be a text in quotes");
        assert_eq!(
            refused(&with("name = 'x'", "[data]\npath = 'a.csv'", "kind = 5")),
            "x.toml: protocol.kind: 5 must be a text in quotes"
        );
    }

    #[test]
    fn an_empty_list_of_metrics_and_a_primary_that_is_no_text_are_told_as_that() {
        let said =
            |top: &str| refused(&with(&format!("name = 'x'\n{top}"), "[data]\npath = 'a.csv'", "kind = 'hold-out'"));
        assert_eq!(
            said("metrics = []"),
            "x.toml: metrics: must name at least one; leave it out for all that any data have"
        );
        assert_eq!(said("primary = ['f1']"), "x.toml: primary: [\"f1\"] must be a text in quotes");
        let short = format!("name = '{}'", "a".repeat(200));
        let long = format!("name = '{}'", "a".repeat(201));
        let parsed = |top: &str| {
            let text = with(top, "[data]\npath = 'a.csv'", "kind = 'hold-out'");
            Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).map(drop).map_err(|e| e.to_string())
        };
        assert_eq!(parsed(&short), Ok(()));
        let wanted = "x.toml: name: it has 201 letters, and a folder is called by it: write at most 200";
        assert_eq!(parsed(&long), Err(wanted.to_owned()));
    }

    #[test]
    fn a_protocol_says_all_its_keys_and_that_a_seed_decides_nothing() {
        let said = |protocol: &str| refused(&with("name = 'x'", "[data]\npath = 'a.csv'", protocol));
        assert_eq!(
            said("kind = 'time-ordered'\nleak = ['honest']\ntest = 2"),
            "x.toml: 2 problems:\n  unknown key in [protocol] `leak`; did you mean `leaks`? Allowed: kind, leaks, column, test, validation, \
             groups\n  protocol: `time-ordered`: `test` is a share between 0 and 1 (neither), not 2"
        );
        let idle = |kind: &str| {
            format!(
                "x.toml: protocol.seed: it decides nothing, as `{kind}` draws nothing without `shuffle = true`: leave it out"
            )
        };
        assert_eq!(said("kind = 'stratified-k-fold'\nshuffle = false\nseed = 3"), idle("stratified-k-fold"));
        assert_eq!(said("kind = 'group-k-fold'\nseed = 3"), idle("group-k-fold"));
    }

    #[test]
    fn names_of_several_tables_can_be_folders() {
        let parsed = |data: &str| {
            let text = with("name = 'x'", data, "kind = 'hold-out'");
            Study::parse(&text, "x.toml", Path::new("."), &Registry::built_in()).map(drop).map_err(|e| e.to_string())
        };
        let long = "a".repeat(201);
        for name in ["a b/c", &long] {
            let said =
                parsed(&format!("[[data]]\npath = 'a.csv'\nname = '{name}'\n[[data]]\npath = 'b.csv'")).unwrap_err();
            assert!(said.contains(&format!("data: the name `{name}` must begin with a letter")), "{said}");
            // A table that is alone has no folder of its own.
            assert_eq!(parsed(&format!("[data]\npath = 'a.csv'\nname = '{name}'")), Ok(()));
        }
        let empty = parsed("[data]\npath = 'a.csv'\nname = ''").unwrap_err();
        assert_eq!(empty, "x.toml: data.name: it is empty: write a name, or leave the key out");
        assert_eq!(parsed("[data]\npath = 'my table.csv'"), Ok(()));
        assert!(
            parsed("[[data]]\npath = 'my table.csv'\n[[data]]\npath = 'b.csv'").unwrap_err().contains("`my table`")
        );
    }
}
