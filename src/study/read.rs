//! From a study file's text to a checked [`Study`]. Every error names the file, the key, the allowed values and the
//! nearest one.

use std::io::Read;
use std::path::Path;

use toml::{Table, Value};

use super::components::{Slot, classifier_slot, components, is_name, resampler_slot};
use super::limits::{self, LimitSpec};
use super::{Component, DataSpec, Study, data, features, leaks};
use crate::component::{Classifier, Metric, Registry};
use crate::data::Role;
use crate::error::{Error, Result, unknown};
use crate::split::{Leaks, Protocol};
use crate::words::counted;

const TOP: &[&str] = &["name", "title", "seed", "data", "protocol", "grid", "metrics", "primary", "limits"];
const GRID: &[&str] = &["dedup", "imputers", "resamplers", "encoders", "scalers", "selects", "classifiers"];

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
        let named = |e: Error| match e {
            Error::Study(said) | Error::Data(said) => Error::Study(format!("{file}: {said}")),
            other => other,
        };
        let table: Table = text.parse().map_err(|e| Error::Study(format!("{file}: {e}")))?;
        read_study(&table, (text, file), folder, registry).map_err(named)
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
    check_keys(table, "key", TOP)?;
    let name = string(table, "name")?.ok_or_else(|| missing("name"))?;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return Err(Error::Study(format!("name: `{name}` must be kebab-case (a-z, 0-9 and -)")));
    }
    let seed = match table.get("seed") {
        None => 42,
        Some(value) => value
            .as_integer()
            .and_then(|s| u32::try_from(s).ok())
            .ok_or_else(|| Error::Study(format!("seed: {value} must be a whole number from 0 to {}", u32::MAX)))?,
    };
    let grid = section(table, "grid")?.ok_or_else(|| missing("grid"))?;
    check_keys(grid, "key in [grid]", GRID)?;
    let mut faults = Faults::default();
    let metrics = read_metrics(table, registry, &mut faults)?;
    let primary = string(table, "primary")?.unwrap_or_else(|| "pr-auc".into());
    let primary = faults.without("primary", registry.metric(&primary));
    let protocol_table = section(table, "protocol")?.ok_or_else(|| missing("protocol"))?;
    let protocol = faults.without("", read_protocol(protocol_table, seed, registry));
    let imputers =
        components(grid, "imputers", &Slot::plain("id", registry.imputers(), registry), &["none"], &mut faults);
    let resamplers = components(grid, "resamplers", &resampler_slot(registry), &["none"], &mut faults);
    let encoders =
        components(grid, "encoders", &Slot::plain("id", registry.encoders(), registry), &["native"], &mut faults);
    let scalers = components(grid, "scalers", &Slot::plain("id", registry.scalers(), registry), &["none"], &mut faults);
    let selects = components(grid, "selects", &Slot::plain("id", registry.selects(), registry), &["none"], &mut faults);
    let classifiers = components(grid, "classifiers", &classifier_slot(registry), &[], &mut faults);
    let (Some(primary), Some(protocol)) = (primary, protocol) else { return Err(faults.error()) };
    if !faults.0.is_empty() {
        return Err(faults.error());
    }
    if !metrics.iter().any(|metric| metric.id == primary.id) {
        return Err(Error::Study(format!("primary: `{}` is not among `metrics`: add it there", primary.id)));
    }
    let dedup = read_dedup(grid)?;
    let leaks = leaks::read(protocol_table, &protocol, &dedup)?;
    let at_random = leaks.iter().copied().find(|leaks| leaks.divide_at_random());
    check_days(&metrics, &classifiers, &protocol, at_random)?;
    let tables = read_tables(table, folder)?;
    for spec in &tables {
        features::check(&spec.features, &protocol)?;
    }
    let study = Study {
        title: string(table, "title")?.unwrap_or_else(|| name.clone()),
        name,
        seed: u64::from(seed),
        data: tables,
        leaks,
        protocol,
        dedup,
        imputers,
        resamplers,
        encoders,
        scalers,
        selects,
        classifiers,
        metrics,
        primary,
        limits: read_limits(table)?,
        registry: registry.clone(),
        text: text.to_owned(),
        file: file.to_owned(),
        folder: folder.to_owned(),
    };
    study.check_leaks()?;
    Ok(study)
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
fn read_tables(table: &Table, folder: &Path) -> Result<Vec<DataSpec>> {
    let specs = match table.get("data") {
        None => return Err(missing("data")),
        Some(Value::Table(one)) => vec![data::read(one, folder)?],
        Some(Value::Array(many)) if many.iter().all(Value::is_table) && !many.is_empty() => {
            many.iter().filter_map(Value::as_table).map(|one| data::read(one, folder)).collect::<Result<_>>()?
        }
        Some(_) => return Err(Error::Study("data: must be a table [data], or several [[data]]".into())),
    };
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
                "data: the name `{}` must be letters, digits, and - _ . + only: give it a `name`",
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

fn read_limits(table: &Table) -> Result<LimitSpec> {
    let Some(limits) = section(table, "limits")? else { return Ok(LimitSpec::default()) };
    check_keys(limits, "key in [limits]", limits::KEYS)?;
    LimitSpec::read(limits)
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

pub(super) fn check_keys(table: &Table, what: &str, allowed: &[&str]) -> Result<()> {
    match table.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(key) => Err(Error::Study(unknown(what, key, allowed))),
        None => Ok(()),
    }
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
    fn one_problem_stands_in_one_line() {
        let said =
            refused("name = 'x'\n[data]\npath = 'x'\n[protocol]\nkind = 'hold-out'\n[grid]\nclassifiers = ['svcc']\n");
        assert!(said.starts_with("x.toml: grid.classifiers: unknown classifier `svcc`; did you mean `svc`?"), "{said}");
    }
}
