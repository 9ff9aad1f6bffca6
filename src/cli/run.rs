//! `fraudbench run`: a study, or the rest of one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::limits;
use super::progress::{Progress, duration};
use crate::analyze::Results;
use crate::data::{self, Dataset, Deduplicated};
use crate::error::{Error, Result};
use crate::report::write_all;
use crate::run::{Event, Job, Limits, Order, Rows, Sink, Summary, peak_memory_mib, run};
use crate::store::{DataFacts, Directory, FORMAT, LOG_FILE, MANIFEST_FILE, Machine, Manifest, Record, read_records};
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

/// A results directory, and what is planned in it.
pub(super) struct Target {
    pub directory: Directory,
    pub manifest: Manifest,
    pub study: Study,
    pub plan: Plan,
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
    let (study, plan, resumed) = match &arguments.resume {
        None => {
            // clap requires STUDY unless --resume is there.
            let study = Study::read(arguments.study.as_deref().unwrap_or(Path::new("")))?;
            let plan = Plan::of(&study, &Filter::parse(arguments.filter.as_deref().unwrap_or(""))?)?;
            (study, plan, None)
        }
        Some(path) => {
            let (directory, manifest) = Directory::open(path)?;
            let (study, plan) = planned(&manifest, arguments.study.as_deref())?;
            (study, plan, Some((directory, manifest)))
        }
    };
    let limits = arguments.limits.decide(&study.limits, arguments.threads, arguments.cell_threads);
    let (dataset, dedup) = load(&study)?;
    let facts = data_facts(&dataset, &dedup);
    let job = Job::new(&study, Rows::of(&dataset)?, dedup.keep)?;
    let (directory, manifest) = match resumed {
        Some((directory, manifest)) => {
            refuse_other_data(&directory, &manifest, &facts)?;
            (directory, manifest)
        }
        None => {
            let default = PathBuf::from("runs").join(&study.name);
            let filter = arguments.filter.clone().unwrap_or_default();
            begin(arguments.out.as_deref().unwrap_or(&default), &study, filter, limits, facts)?
        }
    };
    let target = Target { directory, manifest, study: study.clone(), plan };
    let predictions = arguments.predictions == Keep::All;
    let again = Again { failed: arguments.retry_failed, equal: arguments.no_reuse, predictions };
    let stop = stop_on_interrupt()?;
    execute(&job, &target, limits, &again, &stop)
}

/// The study that a results directory was made with, and its plan; a study file given beside it must be the same.
pub(super) fn planned(manifest: &Manifest, given: Option<&Path>) -> Result<(Study, Plan)> {
    let study = study_of(manifest, given)?;
    let plan = Plan::of(&study, &Filter::parse(&manifest.filter)?)?;
    Ok((study, plan))
}

/// Results on different data do not mix.
pub(super) fn refuse_other_data(directory: &Directory, manifest: &Manifest, facts: &DataFacts) -> Result<()> {
    match manifest.data.sha256 == facts.sha256 {
        true => Ok(()),
        false => Err(Error::Data(format!(
            "{} was run on data with sha256 {}, and these have {}: results on different data do not mix",
            directory.path().display(),
            manifest.data.sha256,
            facts.sha256
        ))),
    }
}

/// A new results directory with its manifest.
pub(super) fn begin(
    path: &Path,
    study: &Study,
    filter: String,
    limits: Limits,
    facts: DataFacts,
) -> Result<(Directory, Manifest)> {
    let directory = Directory::create(path)?;
    let manifest = new_manifest(study, filter, limits, facts);
    manifest.write(&directory.path().join(MANIFEST_FILE))?;
    Ok((directory, manifest))
}

fn study_of(manifest: &Manifest, given: Option<&Path>) -> Result<Study> {
    let folder = Path::new(&manifest.study_file).parent().unwrap_or(Path::new("."));
    let study = Study::parse(&manifest.study, &manifest.study_file, folder)?;
    if let Some(path) = given
        && Study::read(path)?.text != study.text
    {
        return Err(Error::Study(format!(
            "{} is not the study that these results were begun with; leave it out, or start a new run",
            path.display()
        )));
    }
    Ok(study)
}

pub(super) fn load(study: &Study) -> Result<(Dataset, Deduplicated)> {
    let dataset = data::load(&study.data)?;
    if study.data.impute.is_none() {
        data::refuse_missing(&dataset)?;
    }
    let dedup = data::dedup(&dataset);
    let rows = dataset.y.len();
    let positives = dataset.y.iter().filter(|&&label| label == 1).count();
    eprintln!(
        "{}: {rows} rows, {positives} positive, {} columns; {} exact duplicate rows",
        dataset.name,
        dataset.columns.len(),
        rows - dedup.keep.len()
    );
    if dedup.conflicting > 0 {
        eprintln!(
            "warning: {} groups of equal feature rows have different labels; they are kept as they are",
            dedup.conflicting
        );
    }
    Ok((dataset, dedup))
}

pub(super) fn data_facts(data: &Dataset, dedup: &Deduplicated) -> DataFacts {
    let positives = data.y.iter().filter(|&&label| label == 1).count();
    let kept = dedup.keep.iter().filter(|&&row| data.y[row] == 1).count();
    DataFacts {
        name: data.name.clone(),
        sha256: data.sha256.clone(),
        rows: data.y.len() as u64,
        columns: data.columns.len() as u64,
        positives: positives as u64,
        duplicate_rows: (data.y.len() - dedup.keep.len()) as u64,
        duplicate_positives: (positives - kept) as u64,
        conflicting: dedup.conflicting as u64,
    }
}

fn new_manifest(study: &Study, filter: String, limits: Limits, data: DataFacts) -> Manifest {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    Manifest {
        format: FORMAT,
        fraudbench: env!("CARGO_PKG_VERSION").into(),
        command: format!("fraudbench {}", arguments.join(" ")),
        started_unix: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()),
        study_file: study.file.clone(),
        filter,
        threads: limits.threads as u32,
        cell_threads: limits.cell_threads as u32,
        data,
        machine: Machine::here(),
        study: study.text.clone(),
    }
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
    let records: Vec<Record> = read_records(&log_path)?;
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
