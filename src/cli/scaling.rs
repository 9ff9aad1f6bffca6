//! `fraudbench scaling`: how time and memory grow with the rows.

use std::path::{Path, PathBuf};

use super::limits::MOST;
use super::progress::Progress;
use super::results;
use super::run::{INTERRUPTED, between, positive, reading_for, reporting, stop_by, stop_on_interrupt, tell};
use super::twice::{refuse, twice};
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::harness::{self, How, Planned};
use crate::report::scaling::{FILE, write};
use crate::run::{Displays, Limits, default_threads};
use crate::scaling::Sizes;
use crate::store::{MANIFEST_FILE, Machine, Outcome};
use crate::study::{LimitSpec, are_alike_but};
use crate::words::{counted, quoted_path};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fraudbench scaling --out runs/scaling\n  \
                        fraudbench scaling --rows 1e4,1e5,1e6 --positives 0.001727,0.5 --families random-forest,xgboost --seconds 60\n  \
                        fraudbench scaling --families none --scalers standard,quantile --resamplers tomek-links --out runs/stages\n  \
                        fraudbench scaling --resume runs/scaling --retry-failed --seconds 1200\n  \
                        fraudbench scaling --report runs/scaling\n\n\
                        This is a study over simulated data sets: one table in memory at a time, one cell at a time on all threads, \
                        each in a worker process of its own. Every finished cell is on disk at once, and the same command again \
                        resumes. --report takes the results of any study over simulated data sets.\n\n\
                        Exit codes: 0 every cell scored, reached a limit, or was skipped for that; 1 cells failed; 2, 3 and 130 \
                        as in `fraudbench --help`.")]
pub struct Arguments {
    /// Numbers of rows
    #[arg(long, value_name = "N,...", value_delimiter = ',', value_parser = whole, allow_hyphen_values = true,
          default_value = "10000,31623,100000,316228,1000000,3162278,10000000")]
    rows: Vec<usize>,
    /// Shares of positives; scalers do not look at labels and are measured at the first
    #[arg(long, value_name = "SHARE,...", value_delimiter = ',', value_parser = share, allow_hyphen_values = true,
          default_value = "0.001727,0.01,0.1,0.5")]
    positives: Vec<f64>,
    /// Families, NAME or NAME/BACKEND, each fitted on standardised columns; `none` for none [default: every family's
    /// default backend]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    families: Vec<String>,
    /// Scalers; `none` for none
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "standard,quantile,power")]
    scalers: Vec<String>,
    /// Resamplers; `none` for none
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "tomek-links")]
    resamplers: Vec<String>,
    /// Feature columns
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = positive)]
    columns: usize,
    /// The seed of data, splits and components
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u32,
    /// Seconds that a cell may take, and a resampler and a scaler each; larger sizes of what takes longer are skipped
    /// [default: the resumed run's, or 600]
    #[arg(long, value_name = "S", value_parser = between(1, MOST))]
    seconds: Option<u64>,
    /// MiB of memory that each of these may take beside the shared matrices; larger sizes of what takes more are skipped
    /// [default: the resumed run's, or 40% of the memory that is available]
    #[arg(long, value_name = "MIB", value_parser = between(1, MOST))]
    memory: Option<u64>,
    /// Threads of a cell [default: the resumed run's, or all]
    #[arg(long, value_name = "N", value_parser = super::run::threads)]
    threads: Option<usize>,
    /// The results directory, new or begun by the same command
    #[arg(long, value_name = "DIR", default_value = "runs/scaling")]
    out: PathBuf,
    /// Resume this results directory, whatever its sizes and components
    #[arg(long, value_name = "DIR",
          conflicts_with_all = ["rows", "positives", "families", "scalers", "resamplers", "columns", "seed", "out"])]
    resume: Option<PathBuf>,
    /// Run cells again that failed or reached a limit
    #[arg(long)]
    retry_failed: bool,
    /// Only make tables and charts of this results directory again, in it
    #[arg(long, value_name = "DIR",
          conflicts_with_all = ["rows", "positives", "families", "scalers", "resamplers", "columns", "seed", "seconds", "memory",
                                "threads", "out", "resume", "retry_failed"])]
    report: Option<PathBuf>,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    if let Some(directory) = &arguments.report {
        for path in write(&results::read(directory, registry)?, directory)? {
            show!("{}", path.display());
        }
        return Ok(0);
    }
    refuse_twice(arguments)?;
    let planned = plan(arguments, registry)?;
    let threads = threads(arguments, &planned)?;
    let given = LimitSpec { cell_seconds: arguments.seconds, cell_memory: arguments.memory, ..LimitSpec::default() };
    let limits = Limits::of(&given, &planned.study().limits, Some(threads), threads);
    let mut progress = Progress::new();
    let mut displays = Displays::new(vec![&mut progress]);
    reading_for(&planned);
    let opened = planned.check_place()?.open(&mut displays)?;
    let how = How {
        limits: Some(limits),
        retry_failed: arguments.retry_failed,
        // Another cell's seconds are no measurement of this one.
        refit: true,
        predictions: false,
        live_page: false,
        stop: stop_on_interrupt(),
    };
    let worked = opened.work(&how, &mut displays)?;
    reporting(worked.directory(), "fraudbench scaling --report");
    let done = worked.read()?;
    write(&done.results, &done.directory)?;
    stop_by(&how.stop);
    tell(&done.summary, &how, &displays);
    let directory = done.directory.display();
    if done.summary.left > 0 {
        let left = counted(done.summary.left as u64, "cell");
        let place = quoted_path(&done.directory);
        say!("stopped with {left} left; to resume: fraudbench scaling --resume {place}{}", going_on(arguments));
        return Ok(INTERRUPTED);
    }
    show!("{directory}/{FILE}");
    let broken = |outcome| matches!(outcome, Outcome::Failed | Outcome::Crashed);
    let failed = done.results.records.iter().filter(|record| broken(record.outcome)).count();
    if failed > 0 {
        say!("{} failed; see {directory}/{FILE}", counted(failed as u64, "cell"));
    }
    Ok(u8::from(failed > 0))
}

/// Refuses sizes and components that are listed twice.
fn refuse_twice(arguments: &Arguments) -> Result<()> {
    let mut said = twice("--rows", &arguments.rows);
    said.extend(twice("--positives", &arguments.positives));
    let names = [
        ("--families", &arguments.families),
        ("--scalers", &arguments.scalers),
        ("--resamplers", &arguments.resamplers),
    ];
    said.extend(names.into_iter().flat_map(|(option, names)| twice(option, names)));
    refuse(&said)
}

/// The options with which a run goes on as it began.
fn going_on(arguments: &Arguments) -> String {
    let given = [("--seconds", arguments.seconds), ("--memory", arguments.memory)];
    let given = given.into_iter().filter_map(|(name, value)| Some(format!(" {name} {}", value?)));
    given.chain(arguments.retry_failed.then(|| " --retry-failed".to_owned())).collect()
}

/// Plans the study of the arguments, or the rest of one that was begun.
fn plan(arguments: &Arguments, registry: &Registry) -> Result<Planned> {
    if let Some(directory) = &arguments.resume {
        return harness::resume(directory, None, registry);
    }
    let (study, filter) = sizes(arguments, registry).study(registry)?;
    if !arguments.out.join(MANIFEST_FILE).exists() {
        return harness::begin(study, &filter, &arguments.out);
    }
    let planned = harness::resume(&arguments.out, None, registry)?;
    let begun_as = planned.manifest().map(|manifest| manifest.filter.as_str());
    // Limits may differ between the runs into one directory: they decide what is measured, not what comes out.
    let is_same = are_alike_but(&planned.study().text, &study.text, &["limits"]);
    if begun_as != Some(filter.as_str()) || !is_same {
        return Err(Error::Usage(format!(
            "{} was begun with other sizes or components: choose another --out, or resume it with `fraudbench scaling --resume {}`",
            arguments.out.display(),
            quoted_path(&arguments.out)
        )));
    }
    Ok(planned)
}

fn sizes(arguments: &Arguments, registry: &Registry) -> Sizes {
    let named = |names: &[String]| if names == ["none"] { Vec::new() } else { names.to_vec() };
    Sizes {
        rows: arguments.rows.clone(),
        positives: arguments.positives.clone(),
        columns: arguments.columns,
        seed: arguments.seed,
        families: match &arguments.families[..] {
            [] => Sizes::all_families(registry),
            names => named(names),
        },
        scalers: named(&arguments.scalers),
        resamplers: named(&arguments.resamplers),
        seconds: arguments.seconds.unwrap_or(SECONDS),
        memory: arguments.memory,
    }
}

/// The deadline where nobody chose it.
const SECONDS: u64 = 600;

/// Threads of every cell. Points of one directory must be comparable.
fn threads(arguments: &Arguments, planned: &Planned) -> Result<usize> {
    let Some(manifest) = planned.manifest() else { return Ok(arguments.threads.unwrap_or_else(default_threads)) };
    let here = Machine::here();
    let begun = manifest.cell_threads as usize;
    let threads = arguments.threads.unwrap_or(begun);
    let said = |threads: usize, machine: &Machine| {
        let (threads, cores) = (counted(threads as u64, "thread"), counted(u64::from(machine.cores), "core"));
        format!("{threads} per cell on {cores} of {}", machine.cpu)
    };
    let (old, new) = (said(begun, &manifest.machine), said(threads, &here));
    match old == new && manifest.threads == manifest.cell_threads {
        true => Ok(threads),
        false => Err(Error::Usage(format!(
            "{} was measured with {} in all, {old}, and this would be {new}: choose another --out",
            Path::display(planned.directory()),
            counted(u64::from(manifest.threads), "thread")
        ))),
    }
}

fn whole(text: &str) -> Result<usize, String> {
    match text.parse::<f64>() {
        Ok(n) if (2.0..=1e15).contains(&n) && n.fract() == 0.0 => Ok(n as usize),
        _ => Err("must be a whole number of at least 2, such as 10000 or 1e4".into()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("must be a share between 0 and 1 (neither)".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command};

    use super::*;

    #[test]
    fn a_report_goes_with_no_other_option() {
        let command = Arguments::augment_args(Command::new("scaling"));
        let report = command.get_arguments().find(|of| of.get_id() == "report").unwrap();
        let refused = command.get_arg_conflicts_with(report);
        let missed = command.get_arguments().filter(|of| of.get_id() != "report" && !refused.contains(of));
        assert_eq!(missed.map(|of| of.get_id().as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
