//! From a study file's text to a checked [`Study`]. Every error names the file, the key, the allowed values and the
//! nearest one.

use std::io::Read;
use std::path::Path;

use toml::{Table, Value};

use super::components::{Grid, is_name};
use super::keys::{TOP, unknown_keys};
use super::limits::{self, LimitSpec};
use super::{Component, DataSpec, Study, beyond, data, features, leaks};
use crate::component::{Classifier, Metric, Registry};
use crate::data::Role;
use crate::error::{Error, Result, unknown};
use crate::split::{Leaks, Protocol};
use crate::words::counted;

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
        let file = path.display();
        return Err(Error::Usage(format!(
            "{file} is a table and not a study: `fraudbench try {file}` runs a first study on it"
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
    let primary = string(table, "primary").and_then(|id| registry.metric(id.as_deref().unwrap_or("pr-auc")));
    let primary = faults.without("primary", primary);
    let protocol_table = faults.without("", needed(table, "protocol"));
    let protocol = protocol_table.map(|table| read_protocol(table, seed.unwrap_or_default(), registry));
    let protocol = protocol.and_then(|protocol| faults.without("", protocol));
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
    check_days(&metrics, &grid.classifiers, &protocol, at_random)?;
    for spec in &data {
        features::check(&spec.features, &protocol)?;
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
    Ok(name)
}

fn read_seed(table: &Table) -> Result<u32> {
    let Some(value) = table.get("seed") else { return Ok(42) };
    let seed = value.as_integer().and_then(|seed| u32::try_from(seed).ok());
    seed.ok_or_else(|| Error::Study(format!("seed: {value} must be a whole number from 0 to {}", u32::MAX)))
}

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
            Err(e) if key.is_empty() => self.0.push(e.to_string()),
            Err(e) => self.0.push(prefixed(key, e).to_string()),
        }
        None
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

/// What counts by the day needs parts, inner ones too, that follow the time: others would spread each day's rows over all of
/// them, and so does a leak that divides rows at random.
fn check_days(
    metrics: &[&'static Metric],
    classifiers: &[Component<dyn Classifier>],
    protocol: &Protocol,
    at_random: Option<Leaks>,
) -> Result<()> {
    if protocol.keeps_days() && at_random.is_none() {
        return Ok(());
    }
    let metric = metrics.iter().find(|metric| metric.whole_days).map(|metric| format!("metrics: `{}`", metric.id));
    let judged = || classifiers.iter().find(|c| c.component.judged_by().contains(&Role::Time));
    match metric.or_else(|| judged().map(|c| format!("grid.classifiers: `{}`", c.name))) {
        None => Ok(()),
        Some(by_day) if protocol.keeps_days() => Err(Error::Study(format!(
            "{by_day} counts by the day, and the leak `{}` spreads a day's rows over the parts: leave one of them out",
            at_random.unwrap_or_default()
        ))),
        Some(by_day) => Err(Error::Study(format!(
            "{by_day} counts by the day, and `{}` spreads a day's rows over its parts: use a protocol that follows the time, such as \
             `time-ordered`, `time-series` or `prequential`",
            protocol.name()
        ))),
    }
}

fn read_metrics(table: &Table, registry: &Registry, faults: &mut Faults) -> Result<Vec<&'static Metric>> {
    let Some(value) = table.get("metrics") else { return Ok(registry.metrics_of_any_data().collect()) };
    let ids = strings(value).ok_or_else(|| Error::Study("metrics: must be a list of metric names".into()))?;
    let mut metrics: Vec<&'static Metric> = Vec::new();
    for id in &ids {
        match faults.without("metrics", registry.metric(id)) {
            Some(metric) if metrics.iter().any(|other| other.id == metric.id) => {
                faults.0.push(format!("metrics: `{id}` is listed twice"));
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
    for table in &tables {
        faults.0.extend(unknown_keys(table, "key in [data]", data::KEYS));
    }
    let read = tables.into_iter().map(|table| faults.without("", data::read(table, folder)));
    let specs: Vec<DataSpec> = read.collect::<Vec<_>>().into_iter().flatten().collect();
    for (place, spec) in specs.iter().enumerate() {
        if specs[..place].iter().any(|other| other.name == spec.name) {
            return Err(Error::Study(format!(
                "data: two data sets are called `{0}`: give one of them another `name` beside its `path` or `simulate`",
                spec.name
            )));
        }
        // Each has a folder of that name in the report.
        if specs.len() > 1 && !is_name(&spec.name) {
            return Err(Error::Study(format!(
                "data: the name `{}` must begin with a letter or a digit, and hold letters, digits, and - _ . + only: give it another `name`",
                spec.name
            )));
        }
    }
    Ok(specs)
}

fn read_protocol(table: &Table, seed: u32, registry: &Registry) -> Result<Protocol> {
    let kind = string(table, "kind")?.ok_or_else(|| missing("protocol.kind"))?;
    let entry = registry.split(&kind)?;
    let mut params = table.clone();
    params.remove("kind");
    params.remove(leaks::KEY);
    // No kind has it as a parameter, so no kind can suggest it.
    let is_like_leaks = |key: &&String| strsim::normalized_damerau_levenshtein(key, leaks::KEY) > 0.7;
    if let Some(key) = params.keys().find(is_like_leaks) {
        return Err(Error::Study(unknown("key in [protocol]", key, &[leaks::KEY])));
    }
    let with = |params: &Table| Protocol::new(entry, params, registry).map_err(|e| prefixed("protocol", e));
    let protocol = with(&params)?;
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
    match table.get(key) {
        None => Ok(None),
        Some(Value::Table(inner)) => Ok(Some(inner)),
        Some(_) => Err(Error::Study(format!("{key}: must be a table"))),
    }
}

pub(super) fn string(table: &Table, key: &str) -> Result<Option<String>> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(Error::Study(format!("{key}: {other} must be a text in quotes"))),
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
}
