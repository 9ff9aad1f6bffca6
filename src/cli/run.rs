//! `fraudbench run`: a study, or the rest of one.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::progress::{Form, Progress, duration};
use super::together::go_with;
use super::waiting::telling;
use super::{limits, nightly, shard};
use crate::analyze::Results;
use crate::analyze::leaderboard::Over;
use crate::cell::Filter;
use crate::component::Registry;
use crate::error::{Error, Result};
use crate::harness::{self, Done, How, Planned, Worked};
use crate::os::{columns, exit_without_traces, past_hangups, past_ignored};
use crate::report::scaling::is_of_command;
use crate::report::{in_words, terminal};
use crate::run::{Displays, Limits, Summary, default_threads, peak_memory_mib};
use crate::study::Study;
use crate::words::{count, counted, quoted_path};

/// The exit code after Ctrl-C, as shells have it: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fraudbench run experiments/quick.toml\n  \
                        fraudbench run experiments/ruchay-2023.toml --filter scaler=standard,scaler=none,fold=0 --out runs/two\n  \
                        fraudbench run --resume runs/two\n  fraudbench run experiments/quick.toml --nightly --keep 28\n  fraudbench run --plan runs/plan --shard 0/8\n\n\
                        Every finished cell is on disk at once: Ctrl-C, a kill or a power cut loses the cells in flight only.")]
pub struct Arguments {
    /// The study file; may be left out with --resume
    #[arg(required_unless_present_any = ["resume", "plan"])]
    pub(super) study: Option<PathBuf>,
    // Its help names the keys that there are.
    #[arg(long, value_name = "KEY=VALUE,...", conflicts_with = "resume", help = filter_help())]
    pub(super) filter: Option<String>,
    /// The new results directory [default: runs/STUDY]; with --nightly the folder of the nights [default: results/STUDY]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub(super) out: Option<PathBuf>,
    /// A results directory of its own for every night, DATE.N, and a link `latest` to the newest finished one. A night of today that
    /// was interrupted is resumed
    #[arg(long, conflicts_with = "resume")]
    nightly: bool,
    /// With --nightly: keep so many finished nights, and remove those that are older
    #[arg(long, value_name = "N", requires = "nightly", value_parser = positive)]
    pub(super) keep: Option<usize>,
    /// Resume this results directory: run exactly the planned cells that have no record yet
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
    /// With --resume or --plan: run failed cells again
    #[arg(long)]
    pub(super) retry_failed: bool,
    /// The folder of a plan that `fraudbench submit` made; its shard's results go to DIR/shard-I, and the same command resumes them
    #[arg(long, value_name = "DIR", requires = "shard", conflicts_with_all = ["study", "filter", "out", "resume", "nightly"])]
    plan: Option<PathBuf>,
    /// Which shard of the plan, counted from 0 as Slurm's and Kubernetes' indices are: 0/8 to 7/8
    #[arg(long, value_name = "I/N", requires = "plan", value_parser = shard::shard, allow_hyphen_values = true)]
    shard: Option<(usize, usize)>,
    /// Threads in all
    #[arg(long, value_name = "N", default_value_t = default_threads(), value_parser = threads)]
    pub(super) threads: usize,
    /// Threads per cell (while enough cells are left); threads / cell-threads cells run side by side
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = positive)]
    pub(super) cell_threads: usize,
    #[command(flatten)]
    pub(super) limits: limits::Arguments,
    /// Fit every cell, even if its input is bit for bit the same as another cell's
    #[arg(long)]
    pub(super) no_reuse: bool,
    /// Which test rows' scores and labels to keep, in DIR/predictions: at most about 8 bytes per row and cell [default: as the
    /// resumed run has it, or all]
    #[arg(long, value_name = "WHICH", value_enum)]
    predictions: Option<Keep>,
    /// How progress is shown on standard error
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Auto)]
    pub(super) progress: Form,
}

impl Arguments {
    /// Whether scores and labels of test rows are kept.
    pub(super) fn keeps_predictions(&self, planned: &Planned) -> bool {
        self.predictions.map_or_else(|| planned.keeps_predictions(), |keep| keep == Keep::All)
    }

    /// The options with which a run goes on as it began, beside what its manifest says. How many threads there are is of a machine and
    /// not of a run.
    fn going_on(&self) -> String {
        let flags = [(" --retry-failed", self.retry_failed), (" --no-reuse", self.no_reuse)];
        let flags = flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag);
        flags.collect::<String>() + &self.limits.given()
    }
}

fn filter_help() -> String {
    format!(
        "Run only the cells that match: key=value,... with the keys {} (the same key again: either value; several of these with ; \
         between: any of them); dedup is on or off",
        Filter::keys().join(", ")
    )
}

/// Which predictions a run keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Keep {
    All,
    None,
}

pub fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if n >= 1 => Ok(n),
        _ => Err("must be a whole number of at least 1".into()),
    }
}

/// A reader of whole numbers from `least` to `most`.
pub fn between(least: u64, most: u64) -> impl Fn(&str) -> Result<u64, String> + Clone + Send + Sync + 'static {
    move |text: &str| match text.parse() {
        Ok(n) if (least..=most).contains(&n) => Ok(n),
        _ => Err(format!("must be a whole number from {least} to {}", count(most))),
    }
}

/// A reader of whole numbers from 1 to `most`.
pub fn up_to(most: usize) -> impl Fn(&str) -> Result<usize, String> + Clone + Send + Sync + 'static {
    let read = between(1, most as u64);
    move |text: &str| read(text).map(|n| n as usize)
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<u8> {
    // Whatever is said from here on.
    arguments.progress.begin();
    check_threads(arguments.threads, arguments.cell_threads)?;
    go_with(("--plan", arguments.plan.is_some()), &[("--shard", arguments.shard.is_some())])?;
    let goes_on = arguments.resume.is_some() || arguments.plan.is_some();
    go_with(("--resume` or `--plan", goes_on), &[("--retry-failed", arguments.retry_failed)])?;
    go_with(("--nightly", arguments.nightly), &[("--keep", arguments.keep.is_some())])?;
    if let (Some(folder), Some(shard)) = (&arguments.plan, arguments.shard) {
        return shard::main(arguments, folder, shard, registry);
    }
    if arguments.nightly {
        return nightly::main(arguments, registry);
    }
    let planned = match &arguments.resume {
        None => {
            // clap requires STUDY unless --resume is there.
            let study = Study::read(arguments.study.as_deref().unwrap_or(Path::new("")), registry)?;
            let path = arguments.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(&study.name));
            harness::begin(study, arguments.filter.as_deref().unwrap_or(""), &path)?
        }
        Some(path) => harness::resume(path, arguments.study.as_deref(), registry)?,
    };
    let (done, code) = work(arguments, planned, &mut None)?;
    if arguments.resume.is_some() && done.summary.left == 0 {
        nightly::resumed(&done.directory);
    }
    Ok(code)
}

/// What Ctrl-C sets, from when on it does.
pub(super) type Stop = Option<Arc<AtomicBool>>;

/// Runs what was planned as the arguments say, and says how it ended; what is done, and the exit code.
pub(super) fn work(arguments: &Arguments, planned: Planned, stop: &mut Stop) -> Result<(Done, u8)> {
    let mut progress = Progress::of(arguments.progress);
    arguments.limits.tell_programs(planned.study())?;
    let limits = arguments.limits.decide(&planned.study().limits, arguments.threads, arguments.cell_threads);
    let mut displays = Displays::new(vec![&mut progress]);
    let predictions = arguments.keeps_predictions(&planned);
    reading_for(&planned);
    let opened = planned.check_place()?.open(&mut displays)?;
    let how = How {
        limits: Some(limits),
        retry_failed: arguments.retry_failed,
        refit: arguments.no_reuse,
        live_page: true,
        predictions,
        // Not before: while the data are read, Ctrl-C ends the program at once.
        stop: armed(stop),
    };
    let done = close(opened.work(&how, &mut displays)?, &how.stop)?;
    let code = end(&done, &how, &displays, &arguments.going_on());
    Ok((done, code))
}

/// Threads for each processor, and in all on a machine with few, that may be asked for: more could only wait for each other.
const THREADS_PER_PROCESSOR: usize = 16;
const THREADS: usize = 256;

/// The value of `--threads`.
pub(super) fn threads(text: &str) -> Result<usize, String> {
    let (asked, processors) = (positive(text)?, default_threads());
    let most = (processors * THREADS_PER_PROCESSOR).max(THREADS);
    match asked > most {
        true => Err(format!("this machine has {}: at most {most}", counted(processors as u64, "processor"))),
        false => Ok(asked),
    }
}

/// Refuses more threads per cell than there are in all.
pub(super) fn check_threads(threads: usize, cell_threads: usize) -> Result<()> {
    match cell_threads > threads {
        true => Err(Error::Usage(format!("--cell-threads {cell_threads} is more than --threads {threads}"))),
        false => Ok(()),
    }
}

/// What Ctrl-C, SIGTERM and SIGHUP do.
enum OnSignal {
    /// No cell is in flight: the process ends at once.
    End(Stands),
    /// The run ends after the cells in flight; a second signal ends it at once.
    Stop(Arc<AtomicBool>),
}

/// How far a run is that has no cell in flight.
enum Stands {
    /// It has not begun a cell.
    Before {
        /// Whether it is known to be new: what goes on with others' cells is not stopped before the first.
        is_new: bool,
    },
    /// Its cells are done, and these words say what is not.
    After(String),
}

impl Stands {
    /// What a signal ends.
    fn said(&self) -> &str {
        match self {
            Stands::Before { is_new: true } => "stopped before the first cell",
            Stands::Before { is_new: false } => "stopped; no cell was begun",
            Stands::After(said) => said,
        }
    }
}

static ON_SIGNAL: Mutex<OnSignal> = Mutex::new(OnSignal::End(Stands::Before { is_new: false }));

fn on_signal() -> MutexGuard<'static, OnSignal> {
    ON_SIGNAL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens for Ctrl-C, SIGTERM and SIGHUP: for commands that finish the cells which they have begun. Until they have any, a signal
/// ends them at once, with the same exit code.
pub(super) fn listen() -> Result<()> {
    let heard = || match &*on_signal() {
        OnSignal::End(stands) => {
            say!("{}", stands.said());
            exit_without_traces(INTERRUPTED);
        }
        // The log only ever holds whole records or an unfinished last line, which the next run cuts.
        OnSignal::Stop(stop) if stop.swap(true, Ordering::SeqCst) => exit_without_traces(INTERRUPTED),
        OnSignal::Stop(_) => {}
    };
    past_hangups(|| ctrlc::set_handler(heard)).map_err(|e| Error::Usage(format!("cannot listen for Ctrl-C: {e}")))
}

/// The data of what was planned are read from here on: a signal that comes meanwhile says whether there are cells already.
pub(super) fn reading_for(planned: &Planned) {
    *on_signal() = OnSignal::End(Stands::Before { is_new: planned.manifest().is_none() });
}

/// What a signal sets from here on: the run ends after the cells in flight, a second one ends it at once.
pub(super) fn stop_on_interrupt() -> Arc<AtomicBool> {
    armed(&mut None)
}

/// The same for a run that others of the same wish to stop may have gone before.
fn armed(stop: &mut Stop) -> Arc<AtomicBool> {
    let stop = Arc::clone(stop.get_or_insert_with(Arc::default));
    stop_by(&stop);
    stop
}

/// What a signal sets from here on, for what is short or must come to its end: a second one ends the process at once.
pub(super) fn stop_by(stop: &Arc<AtomicBool>) {
    *on_signal() = OnSignal::Stop(Arc::clone(stop));
}

/// The cells are done: from here on a signal ends the process at once with these words, which say what is not.
pub(super) fn after_cells(said: String) {
    *on_signal() = OnSignal::End(Stands::After(said));
}

/// The same while the report on `directory` is written, which `command` writes, too.
pub(super) fn reporting(directory: &Path, command: &str) {
    after_cells(format!(
        "stopped after the cells, before the report was written; to write it: {command} {}",
        quoted_path(directory)
    ));
}

/// Reads the records of a run back and writes the report, which a signal ends at once. What comes after it is done to its end, as a
/// signal sets `stop` again.
pub(super) fn close(worked: Worked, stop: &Arc<AtomicBool>) -> Result<Done> {
    reporting(worked.directory(), "fraudbench report");
    let done = telling("writing the report", || worked.close())?;
    stop_by(stop);
    Ok(done)
}

/// Lets Ctrl-C end the process at once, without a half-written file: for commands with no cells to finish. Where somebody wants
/// signals to be ignored, as `nohup` does, that stays so.
pub(super) fn end_on_interrupt() {
    // Only a second handler is refused, and there is one a process.
    let _ = past_ignored(|| ctrlc::set_handler(|| exit_without_traces(INTERRUPTED)));
}

/// Says how the run ended and decides the exit code; the command that resumes it has these options.
pub(super) fn end(done: &Done, how: &How, displays: &Displays<'_>, options: &str) -> u8 {
    let summary = &done.summary;
    tell(summary, how, displays);
    unread(&done.directory, &done.unread);
    if summary.left > 0 {
        let left = counted(summary.left as u64, "cell");
        say!("stopped with {left} left; to resume: fraudbench run --resume {}{options}", quoted_path(&done.directory));
        return INTERRUPTED;
    }
    who_won(&done.results, &done.directory, Over::Planned);
    u8::from(done.failed() > 0)
}

/// Says what of the results in `directory` a report could not read, all at once.
pub(super) fn unread(directory: &Path, said: &[String]) {
    if !said.is_empty() {
        say!("warning: {}: {}", directory.display(), said.join(" "));
    }
}

/// Says who won, what failed, and where the report on `results` is.
pub(super) fn who_won(results: &Results, directory: &Path, over: Over) {
    let bold = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let is_ranked = !is_of_command(results);
    if is_ranked {
        super::say::bold(&terminal::summary(results, over, bold, columns().unwrap_or(terminal::WIDTH)));
    }
    let report = directory.join(in_words(results));
    if let Some(failed) = terminal::failed(results) {
        say!("{failed}; the reasons are in {}", report.display());
    }
    if is_ranked {
        show!("Page: {}", directory.join("report.html").display());
    }
    show!("Words and tables: {}", report.display());
}

/// What to do where more memory was taken than allowed; `of_cells` is what was taken while cells were running, by so many workers.
fn instead(of_cells: bool, workers: usize) -> &'static str {
    match (of_cells, workers) {
        (false, _) => "to read the data and to write the report took it, not the cells; allow more memory",
        (true, 1) => "allow more memory",
        (true, _) => "take fewer `--threads`, or allow more memory",
    }
}

/// Says how many cells ended how, and what they took.
pub(super) fn tell(summary: &Summary, how: &How, displays: &Displays<'_>) {
    let threads = how.limits.map_or(1, |limits: Limits| limits.threads);
    let busy = 100.0 * summary.busy / (summary.wall * threads as f64).max(1e-9);
    let copied = match summary.copied {
        0 => String::new(),
        1 => " (1 of them not fitted again: its input is another cell's)".to_owned(),
        n => format!(" ({n} of them not fitted again: their inputs are other cells')"),
    };
    let peak = (summary.peak_bytes >> 20).max(peak_memory_mib().unwrap_or(0));
    say!(
        "{} scored{copied}, {} failed in {}; fit and predict took {busy:.1}% of threads x time; peak memory {peak} MiB",
        summary.scored,
        summary.failed,
        duration(summary.wall),
    );
    if let Some(limits) = how.limits.filter(|limits| peak > limits.memory >> 20) {
        let of_cells = summary.peak_bytes > limits.memory || limits.in_process;
        say!(
            "warning: that is more than the {} MiB that the run may use (`memory`): {}",
            count(limits.memory >> 20),
            instead(of_cells, limits.workers())
        );
    }
    for reason in displays.given_up() {
        say!("warning: the progress display failed ({reason}); the run went on without it");
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command};

    use super::*;

    #[test]
    fn only_what_is_new_is_stopped_before_the_first_cell() {
        let said = |is_new| Stands::Before { is_new }.said().to_owned();
        assert_eq!([true, false].map(said), ["stopped before the first cell", "stopped; no cell was begun"]);
    }

    #[test]
    fn a_signal_stops_a_second_run_as_the_first_and_says_what_is_left_after_the_cells() {
        let mut stop = None;
        let first = armed(&mut stop);
        let stops = |by: &Arc<AtomicBool>| matches!(&*on_signal(), OnSignal::Stop(of) if Arc::ptr_eq(of, by));
        assert!(stops(&first));
        reporting(Path::new("runs/s"), "fraudbench scaling --report");
        let said = match &*on_signal() {
            OnSignal::End(stands) => stands.said().to_owned(),
            OnSignal::Stop(_) => panic!("a signal would only set a flag"),
        };
        let wanted =
            "stopped after the cells, before the report was written; to write it: fraudbench scaling --report runs/s";
        assert_eq!(said, wanted);
        // A night whose data are others by now is left, and a new one begun.
        let second = armed(&mut stop);
        assert!(Arc::ptr_eq(&first, &second) && stops(&first));
        // What follows the report, such as the link to a night, is not cut off.
        let folder = tempfile::TempDir::new().unwrap();
        let study = Study::parse(SMALL, "small.toml", Path::new("."), &Registry::built_in()).unwrap();
        let mut displays = Displays::default();
        let opened = harness::begin(study, "", &folder.path().join("out")).unwrap().open(&mut displays).unwrap();
        let how = How { stop: second, ..How::default() };
        let done = close(opened.work(&how, &mut displays).unwrap(), &how.stop).unwrap();
        assert!(done.summary.left == 0 && stops(&first));
    }

    /// A study of two cells in no time.
    const SMALL: &str = "name = 'small'\n[data]\nsimulate = { rows = 600, positives = 60, columns = 3, seed = 1 }\n[protocol]\nkind = \
                         'stratified-k-fold'\nfolds = 2\n[grid]\nclassifiers = ['prior']\n";

    #[test]
    fn fewer_threads_are_advised_where_they_take_less_memory() {
        let advised = [(true, 2), (true, 1), (false, 2)].map(|(of_cells, workers)| instead(of_cells, workers));
        assert_eq!(advised.map(|said| said.contains("--threads")), [true, false, false]);
        assert!(advised.iter().all(|said| said.ends_with("allow more memory")), "{advised:?}");
    }

    #[test]
    fn the_help_names_every_key_of_a_filter() {
        let help = Arguments::augment_args(Command::new("run")).render_long_help().to_string();
        let line = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(line.contains(&format!("with the keys {} (", Filter::keys().join(", "))), "{help}");
        for key in ["data-set", "protocol", "imputer", "encoder", "select", "family", "fold"] {
            assert!(Filter::keys().contains(&key), "{key}");
        }
    }
}
