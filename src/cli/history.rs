//! `fraudbench history`: the runs of a study over time.

use std::path::{Path, PathBuf};

use super::outputs::{Input, apart};
use super::results::{meant, runs};
use super::words::sections;
use crate::analyze::gate::Rules;
use crate::analyze::trend::{Night, trend};
use crate::cell::Filter;
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::os::replace;
use crate::report::trend::{json, line, page, words};
use crate::store::HISTORY_FILE;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fraudbench history results/night\n  \
                        fraudbench history results/night --fail-on regression --json history.json\n  \
                        fraudbench history runs/monday runs/tuesday runs/wednesday runs/thursday --page history.html\n\n\
                        Exit codes: 0; with --fail-on regression 1 when a pipeline is worse than it was and did not recover; 2 and 3 as in \
                        `fraudbench --help`. Nights of a folder that cannot be read are told and left out, and the exit code is 3 unless it is 1.")]
pub struct Arguments {
    /// A folder of nights (`run --nightly`), or results directories of one study
    #[arg(value_name = "DIR", required = true)]
    directories: Vec<PathBuf>,
    /// The metric; may be given several times [default: the study's primary one]
    #[arg(long, value_name = "ID")]
    metric: Vec<String>,
    /// Follow these pipelines only: key=value,... as in `run --filter`
    #[arg(long, value_name = "KEY=VALUE,...")]
    filter: Option<String>,
    /// Changes of the mean up to this do not count, in the metric's units [default: 0.01]
    #[arg(long, value_name = "WIDTH", value_parser = super::compare::width)]
    threshold: Option<f64>,
    /// At most this share of histories without a change shows one for chance [default: 0.05]
    #[arg(long, value_name = "SHARE", value_parser = super::compare::share)]
    alpha: Option<f64>,
    /// Fail when a pipeline is worse than it was
    #[arg(long, value_name = "WHAT", value_enum)]
    fail_on: Option<FailOn>,
    /// The page [default: history.html in the folder of the nights]
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Write what was found as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What makes it fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// A change for the worse from which a pipeline has not come back
    Regression,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    let mut nights = Vec::new();
    let read = runs(&meant(&arguments.directories), None, registry, |found| nights.push(Night::of(&found.run)))?;
    let page_path = arguments.page.clone().or_else(|| read.root.map(|root| root.join(HISTORY_FILE)));
    // A run's name is its directory.
    let inputs: Vec<Input> = nights.iter().flat_map(|night| Input::results(Path::new(night.name()))).collect();
    apart(&[("--page", page_path.as_deref()), ("--json", arguments.json.as_deref())], &inputs)?;
    let rules = Rules::default();
    let rules = Rules {
        metrics: arguments.metric.clone(),
        filter: Filter::parse(arguments.filter.as_deref().unwrap_or(""))?,
        threshold: arguments.threshold.unwrap_or(rules.threshold),
        alpha: arguments.alpha.unwrap_or(rules.alpha),
        ..rules
    };
    let found = trend(nights, &rules, registry)?;
    let (page, json) = (page(&found), json(&found)?);
    let mut unwritten = Vec::new();
    super::say::text(sections(&words(&found), |_| true));
    if let Some(path) = &page_path {
        match replace(path, page.as_bytes()) {
            Ok(()) => show!("Page: {}", path.display()),
            // Nobody named that place.
            Err(Error::Io { context, source, .. }) if arguments.page.is_none() => {
                unwritten.push(Error::Usage(format!("{context}: {source}; name another place with `--page FILE`")));
            }
            Err(e) => unwritten.push(e),
        }
    }
    unwritten.extend(arguments.json.as_ref().and_then(|path| replace(path, &json).err()));
    show!("{}", line(&found));
    // What was found is told all the same.
    match Error::all(unwritten) {
        Some(e) => Err(e),
        None => Ok(read.code(arguments.fail_on.is_some() && !found.regressions().is_empty())),
    }
}
