//! `fraudbench run`: a study, or the rest of one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::progress::{Progress, duration};
use super::target::{Place, Target, data_facts, load, planned};
use super::{limits, results};
use crate::analyze::Results;
use crate::error::{Error, Result};
use crate::report::write_all;
use crate::run::{Event, Job, Limits, Order, Rows, Sink, Summary, peak_memory_mib, run};
use crate::store::{Directory, LOG_FILE, read_records};
use crate::study::{Cell, Filter, Plan, Study, outstanding};

/// The exit code after Ctrl-C, as shells have it: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fraudbench run experiments/quick.toml\n  \
                        fraudbench run experiments/ruchay-2023.toml --filter scaler=standard,scaler=none,fold=0 --out runs/two\n  \
                        fraudbench run --resume runs/two\n\n\
                        Every finished cell is on disk at once: Ctrl-C, a kill or a power cut loses the cells in flight only.")]
pub struct Arguments {
    /// The study file; may be left out with --resume
    #[arg(required_unless_present = "resume")]
    study: Option<PathBuf>,
    /// Run only the cells that fit: key=value,... with the keys dedup (on, off), resampler, scaler, family, classifier,
    /// backend, repeat, fold (the same key again: either value; several of these with ; between: any of them)
    #[arg(long, value_name = "KEY=VALUE,...", conflicts_with = "resume")]
    filter: Option<String>,
    /// The new results directory [default: runs/STUDY]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Go on with this results directory: run exactly the planned cells that have no record yet
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
    /// With --resume: run failed cells again
    #[arg(long, requires = "resume")]
    retry_failed: bool,
    /// Threads in all
    #[arg(long, value_name = "N", default_value_t = default_threads(), value_parser = positive)]
    threads: usize,
    /// Threads a cell as long as there are cells enough; threads / cell-threads cells run side by side
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = positive)]
    cell_threads: usize,
    #[command(flatten)]
    limits: limits::Arguments,
    /// Fit every cell, even one whose input is bit for bit another cell's
    #[arg(long)]
    no_reuse: bool,
    /// Which test rows' scores and labels to keep, in DIR/predictions: about 3 bytes a row and cell at most
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = Keep::All)]
    predictions: Keep,
}

/// Which predictions a run keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Keep {
    All,
    None,
}

/// As many threads as the process may use.
pub fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

pub fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if n >= 1 => Ok(n),
        _ => Err("must be a whole number of at least 1".into()),
    }
}

/// Which cells are run again although they need not be, and what is kept of them.
#[derive(Default)]
pub(super) struct Again {
    /// Those that failed.
    pub failed: bool,
    /// Those whose input is another's.
    pub equal: bool,
    /// Whether predictions are kept.
    pub predictions: bool,
}

pub fn main(arguments: &Arguments) -> Result<u8> {
    if arguments.cell_threads > arguments.threads {
        return Err(Error::Usage(format!(
            "--cell-threads {} is more than --threads {}",
            arguments.cell_threads, arguments.threads
        )));
    }
    let (study, plan, place) = match &arguments.resume {
        None => {
            // clap requires STUDY unless --resume is there.
            let study = Study::read(arguments.study.as_deref().unwrap_or(Path::new("")))?;
            let plan = Plan::of(&study, &Filter::parse(arguments.filter.as_deref().unwrap_or(""))?)?;
            let path = arguments.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(&study.name));
            let place = Place::New { path, filter: arguments.filter.clone().unwrap_or_default() };
            (study, plan, place)
        }
        Some(path) => {
            let (directory, manifest) = Directory::open(path)?;
            let (study, plan) = planned(&manifest, arguments.study.as_deref())?;
            (study, plan, Place::Begun(directory, Box::new(manifest)))
        }
    };
    let limits = arguments.limits.decide(&study.limits, arguments.threads, arguments.cell_threads);
    let (dataset, dedup) = load(&study)?;
    let facts = data_facts(&dataset, &dedup);
    let job = Job::new(&study, Rows::of(&dataset)?, dedup.keep)?;
    let (directory, manifest) = place.enter(&study, limits, facts)?;
    let target = Target { directory, manifest, study: study.clone(), plan };
    let predictions = arguments.predictions == Keep::All;
    let again = Again { failed: arguments.retry_failed, equal: arguments.no_reuse, predictions };
    let stop = stop_on_interrupt()?;
    execute(&job, &target, limits, &again, &stop)
}

/// What Ctrl-C sets: the run ends after the cells in flight, a second one ends it at once. To be called once a process.
pub(super) fn stop_on_interrupt() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let pressed = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if pressed.swap(true, Ordering::SeqCst) {
            // The log only ever holds whole records or an unfinished last line, which the next run cuts.
            std::process::exit(i32::from(INTERRUPTED));
        }
    })
    .map_err(|e| Error::Usage(format!("cannot listen for Ctrl-C: {e}")))?;
    Ok(stop)
}

/// Runs what is outstanding until it is done or `stop` is set, and writes the report; returns the exit code.
pub(super) fn execute(job: &Job<'_>, target: &Target, limits: Limits, again: &Again, stop: &AtomicBool) -> Result<u8> {
    let log_path = target.directory.path().join(LOG_FILE);
    let mut log = target.directory.log()?;
    let records = results::as_kept(target.directory.path(), target.manifest.clone(), read_records(&log_path)?)?.records;
    let keys: Vec<String> = target.plan.cells.iter().map(|c| c.key(&target.study, job.data.sha256)).collect();
    let todo = outstanding(&keys, &records, again.failed);
    let cells: Vec<&Cell> = todo.iter().map(|&i| &target.plan.cells[i]).collect();
    let mut progress = Progress::new();
    progress.on(&Event::Started { planned: keys.len(), outstanding: cells.len(), workers: limits.workers() });
    // Which rows a cell tests on is kept by its split, and that is not all that decides under a leaky protocol.
    let honest = target.plan.cells.iter().all(|cell| cell.leaks.is_empty());
    let predictions = (again.predictions && honest).then(|| target.directory.path().to_owned());
    let order = Order { cells: &cells, records: &records, refit: again.equal, limits, predictions };
    let summary = run(job, &order, &mut log, &mut progress, stop)?;
    drop(progress);
    let results = Results::of(target.manifest.clone(), read_records(&log_path)?)?;
    write_all(&results, target.directory.path())?;
    close(&summary, target, &results, limits)
}

/// Says how the run ended and decides the exit code.
fn close(summary: &Summary, target: &Target, results: &Results, limits: Limits) -> Result<u8> {
    let directory = target.directory.path().display();
    let busy = 100.0 * summary.busy / (summary.wall * limits.threads as f64).max(1e-9);
    let copied = match summary.copied {
        0 => String::new(),
        n => format!(" ({n} of them not fitted again, their input is another cell's)"),
    };
    eprintln!(
        "{} scored{copied}, {} failed in {}; fit and predict took {busy:.1}% of threads x time; peak memory {} MiB",
        summary.scored,
        summary.failed,
        duration(summary.wall),
        (summary.peak_bytes >> 20).max(peak_memory_mib().unwrap_or(0)),
    );
    if summary.left > 0 {
        eprintln!("stopped with {} cells left; go on with: fraudbench run --resume {directory}", summary.left);
        return Ok(INTERRUPTED);
    }
    let written = if results.is_leaky() { "audit.md" } else { "report.md" };
    println!("{}", target.directory.path().join(written).display());
    let failed = results.records.iter().filter(|r| r.outcome != crate::store::Outcome::Scored).count();
    if failed > 0 {
        eprintln!("{failed} cells failed; the reasons are in {directory}/{written}");
    }
    Ok(u8::from(failed > 0))
}
