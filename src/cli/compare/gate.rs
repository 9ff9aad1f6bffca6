//! The quality gate: a new run against those before it.

use std::path::{Path, PathBuf};

use super::super::outputs::{Input, apart};
use super::super::results::{Found, meant, read, runs};
use super::super::say;
use super::super::words::sections;
use super::Arguments;
use crate::analyze::gate::{Gate, Likeness, RATIO, Rules, Run, Unlike, gate};
use crate::cell::Filter;
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::os::replace;
use crate::report::document::Document;
use crate::report::gate::{document, json, junit, line};
use crate::report::render::markdown;
use crate::run::rescore::kept;
use crate::words::agree;

/// What makes the comparison of two runs fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FailOn {
    /// Any score or outcome that differs
    Difference,
    /// What is worse by more than matters, beyond chance
    Regression,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Quality gate")]
pub struct Options {
    /// What makes the comparison of runs fail; with `regression` the last directory is judged against all those before it
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = FailOn::Difference)]
    pub fail_on: FailOn,
    /// Only what is worse by more than this is a regression, in the metric's units [default: 0.01]
    #[arg(long, value_name = "WIDTH", value_parser = super::width)]
    threshold: Option<f64>,
    /// At most this share of nights without a regression has an alarm for chance [default: 0.05]
    #[arg(long, value_name = "SHARE", value_parser = super::share)]
    alpha: Option<f64>,
    /// The best pipeline must reach this mean, at least or (where less is better) at most; may be given several times
    #[arg(long, value_name = "METRIC=VALUE", value_parser = floor)]
    fail_under: Vec<(String, f64)>,
    /// Judge these pipelines only: key=value,... as in `run --filter`
    #[arg(long, value_name = "KEY=VALUE,...")]
    filter: Option<String>,
    /// Fits that take more than so many times the seconds are a regression; `off` judges no seconds [default: 1.5]
    #[arg(long, value_name = "RATIO|off", value_parser = ratio)]
    time: Option<Ratio>,
    /// Likewise of peak memory [default: 1.5]
    #[arg(long, value_name = "RATIO|off", value_parser = ratio)]
    memory: Option<Ratio>,
    /// Write what was found as Markdown, for a pull request
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write it as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write it as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// A ratio from which on a cost is a regression; none for `off`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio(Option<f64>);

fn ratio(text: &str) -> Result<Ratio, String> {
    match (text, text.parse::<f64>()) {
        ("off", _) => Ok(Ratio(None)),
        (_, Ok(value)) if value.is_finite() && value >= 1.0 => Ok(Ratio(Some(value))),
        _ => Err("must be a number of at least 1, or off".to_owned()),
    }
}

fn floor(text: &str) -> Result<(String, f64), String> {
    let wrong = || "must be metric=value, such as pr-auc=0.8".to_owned();
    let (metric, value) = text.rsplit_once('=').ok_or_else(wrong)?;
    match value.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((metric.trim().to_owned(), value)),
        _ => Err(wrong()),
    }
}

impl Options {
    /// Whether runs are judged by the gate.
    pub fn is_on(&self) -> bool {
        self.fail_on == FailOn::Regression || !self.fail_under.is_empty()
    }

    /// Refuses options that the comparison cell by cell does not have.
    pub fn refuse_without_gate(&self) -> Result<()> {
        let given = [
            ("--threshold", self.threshold.is_some()),
            ("--alpha", self.alpha.is_some()),
            ("--filter", self.filter.is_some()),
            ("--time", self.time.is_some()),
            ("--memory", self.memory.is_some()),
            ("--markdown", self.markdown.is_some()),
            ("--junit", self.junit.is_some()),
            ("--json", self.json.is_some()),
        ];
        let given: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
        match given.len() {
            0 => Ok(()),
            n => Err(Error::Usage(format!(
                "{} {} to the gate: add `--fail-on regression`",
                given.join(", "),
                agree(n, "belongs", "belong")
            ))),
        }
    }

    /// The files to write, by option.
    fn files(&self) -> [(&str, Option<&Path>); 3] {
        [("--markdown", &self.markdown), ("--junit", &self.junit), ("--json", &self.json)]
            .map(|(option, path)| (option, path.as_deref()))
    }

    /// Which pipelines are judged: over all folds, else a missing one would pass.
    fn pipelines(&self) -> Result<Filter> {
        let text = self.filter.as_deref().unwrap_or("");
        let filter = Filter::parse(text)?;
        match filter.split_key() {
            Some(key) => Err(Error::Usage(format!(
                "--filter {text}: a gate judges pipelines over all folds, so `{key}` has no place here"
            ))),
            None => Ok(filter),
        }
    }

    fn rules(&self, metrics: &[String]) -> Result<Rules> {
        let rules = Rules::default();
        let of = |given: Option<Ratio>| given.map_or(Some(RATIO), |Ratio(ratio)| ratio);
        Ok(Rules {
            metrics: metrics.to_vec(),
            threshold: self.threshold.unwrap_or(rules.threshold),
            alpha: self.alpha.unwrap_or(rules.alpha),
            seconds: of(self.time),
            memory: of(self.memory),
            floors: self.fail_under.clone(),
            filter: self.pipelines()?,
        })
    }
}

/// So many nights of a folder are the base: four weeks.
const NIGHTS: usize = 28;

/// Judges the last directory against those before it; each folder of nights stands for the newest of them that are complete.
pub fn compare(arguments: &Arguments, registry: &Registry) -> Result<(String, u8)> {
    let options = &arguments.gate;
    let paths: Vec<PathBuf> =
        std::iter::once(arguments.directory.clone()).chain(arguments.with.iter().map(PathBuf::from)).collect();
    let Some((new, base)) = paths.split_last() else {
        return Err(Error::Usage("compare which runs? Name two results directories".to_owned()));
    };
    let rules = options.rules(&arguments.metric)?;
    let (place, new) = (new, Run { name: new.display().to_string(), results: read(new, registry)? });
    let mut before = Before::of(&new, &rules);
    let read = runs(&meant(base), Some(place), registry, |found| before.take(found))?;
    // A run's name is its directory.
    let names = before.names.iter().chain([&new.name]);
    let inputs: Vec<Input> = names.flat_map(|name| Input::results(Path::new(name))).collect();
    apart(&options.files(), &inputs)?;
    let (base, unlike) = before.base();
    let found = gate(&base, &new, &rules, registry, &|run, record| kept(Path::new(&run.name), record))?.without(unlike);
    let document = document(&found);
    let texts = [markdown::document(&document).into_bytes(), junit(&found).into_bytes(), json(&found)?];
    let files = options.files().into_iter().zip(&texts).filter_map(|((_, path), bytes)| Some((path?, bytes)));
    let unwritten = Error::all(files.filter_map(|(path, bytes)| replace(path, bytes).err()).collect());
    let text = text(&found, &document);
    match unwritten {
        None => Ok((text, read.code(!found.is_passed()))),
        // What was found is told all the same.
        Some(e) => {
            say::text(text);
            Err(e)
        }
    }
}

/// What the new run is held against, of the runs that are read one after the other: of each folder the newest nights before it that are
/// alike, and every run that was named itself. All others are let go at once.
struct Before<'p, 'n> {
    new: &'n Run,
    likeness: Likeness<'n>,
    /// All that were read.
    names: Vec<String>,
    named: Vec<Run>,
    /// By folder.
    nights: Vec<(&'p Path, Vec<Run>)>,
    /// Nights that the new run cannot be held against, with when they were begun and why.
    unlike: Vec<(u64, String, Unlike)>,
}

impl<'p, 'n> Before<'p, 'n> {
    /// Before any was read.
    fn of(new: &'n Run, rules: &Rules) -> Self {
        let likeness = Likeness::to(new, rules);
        Before { new, likeness, names: Vec::new(), named: Vec::new(), nights: Vec::new(), unlike: Vec::new() }
    }

    /// Looks at the next one. Of a folder the nights come in any order.
    fn take(&mut self, Found { run, folder }: Found<'p>) {
        self.names.push(run.name.clone());
        let Some(folder) = folder else { return self.named.push(run) };
        let begun = run.results.manifest.started_unix;
        // A folder may have later nights.
        if begun > self.new.results.manifest.started_unix {
            return;
        }
        // A study that was changed begins anew; its old nights go with the time.
        if let Some(why) = self.likeness.lacking(&run) {
            return self.unlike.push((begun, run.name, why));
        }
        if self.nights.last().is_none_or(|(last, _)| *last != folder) {
            self.nights.push((folder, Vec::new()));
        }
        let Some((_, kept)) = self.nights.last_mut() else { return };
        kept.push(run);
        // The first of those that were begun at once is the oldest.
        let oldest = (0..kept.len()).min_by_key(|&at| kept[at].results.manifest.started_unix);
        if let Some(oldest) = oldest.filter(|_| kept.len() > NIGHTS) {
            kept.remove(oldest);
        }
    }

    /// The runs that the new one is held against, the oldest first, and those of folders that it cannot be, with why.
    fn base(mut self) -> (Vec<Run>, Vec<(String, Unlike)>) {
        let place = Path::new(&self.new.name).canonicalize().ok();
        let is_new = |name: &String| place.is_some() && Path::new(name).canonicalize().ok() == place;
        // It is no run before itself. Alone it stays, and that is told.
        if self.names.iter().all(is_new) && !self.names.is_empty() {
            say!("warning: {} is judged against itself, which tells nothing: name a run before it", self.new.name);
        } else {
            self.named.retain(|run| !is_new(&run.name));
        }
        let nights = self.nights.into_iter().flat_map(|(_, nights)| nights);
        let mut base: Vec<Run> = self.named.into_iter().chain(nights).collect();
        base.sort_by_key(|run| run.results.manifest.started_unix);
        self.unlike.sort_by_key(|(begun, ..)| *begun);
        (base, self.unlike.into_iter().map(|(_, name, why)| (name, why)).collect())
    }
}

/// The document as plain lines, with the verdict at the end, where a log ends.
fn text(gate: &Gate, document: &Document) -> String {
    // What the first table has is among all comparisons again.
    format!("{}{}\n", sections(document, |id| id != "regressions"), line(gate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Results;
    use crate::store::Directory;

    #[test]
    fn of_a_folder_no_more_nights_are_held_than_the_new_run_is_judged_against() {
        let registry = Registry::built_in();
        let (manifest, _) = Directory::read(Path::new("results/families-5-fold")).unwrap();
        let results = Results::of(manifest, Vec::new(), &registry).unwrap();
        let night = |day: u64| {
            let mut results = results.clone();
            results.manifest.started_unix = day;
            Run { name: format!("nights/{day:02}"), results }
        };
        let new = night(40);
        let mut before = Before::of(&new, &Rules::default());
        let folder = Path::new("nights");
        // A night that was begun long ago may come last: its name is what nights are sorted by.
        for day in (2..36).chain([50, 1]) {
            let mut run = night(day);
            if [3, 20].contains(&day) {
                "another".clone_into(&mut run.results.protocol);
            }
            before.take(Found { run, folder: Some(folder) });
            assert!(before.nights.iter().all(|(_, kept)| kept.len() <= 28), "{day}");
        }
        before.take(Found { run: Run { name: "named".into(), ..night(5) }, folder: None });
        assert_eq!(before.names.len(), 37);
        let (base, unlike) = before.base();
        // Of 2 to 35 without 3 and 20 the last 28, and the one that was named.
        let wanted: Vec<u64> = [5].into_iter().chain((7..36).filter(|day| *day != 20)).collect();
        assert_eq!(base.iter().map(|run| run.results.manifest.started_unix).collect::<Vec<_>>(), wanted);
        assert_eq!(base[0].name, "named");
        let unlike: Vec<&str> = unlike.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(unlike, ["nights/03", "nights/20"]);
    }

    #[test]
    fn values_of_options_are_read_or_told() {
        assert_eq!(floor("precision-at-per-day(200)=0.5"), Ok(("precision-at-per-day(200)".into(), 0.5)));
        assert!(floor("pr-auc").is_err() && floor("pr-auc=x").is_err() && floor("pr-auc=inf").is_err());
        assert_eq!([ratio("off"), ratio("2")], [Ok(Ratio(None)), Ok(Ratio(Some(2.0)))]);
        assert!(ratio("0.5").is_err());
    }
}
