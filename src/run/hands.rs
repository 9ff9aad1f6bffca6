//! What does a task's work: a worker process, or the run's own process for debugging.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::job::Job;
use super::limits::Limits;
use super::prefix::{Failure, Kept, Prepared, judged_rows};
use super::rescore::{complete, is_of_worker};
use super::tables::TableLayout;
use super::worker::protocol::{Begin, Reply, Request, Work};
use super::worker::{Ending, Process, Usage, answer};
use crate::cell::Cell;
use crate::error::{Error, Result};
use crate::os::SharedFile;
use crate::store::{Outcome, Record, SplitRows, Stage};

/// Room between a worker's memory limit as we count it and as the operating system enforces it. Ours looks every few
/// hundredths of a second at memory in use; the system's is hard, but counts what was asked for and not yet touched too.
const SLACK_BYTES: u64 = 512 << 20;

/// How often a worker is started before the run is given up, and the pause before the next time: what one meets may be over
/// by then.
const STARTS: usize = 3;
const PAUSE: Duration = Duration::from_millis(200);

/// A resampler's choice and the file that holds it.
pub struct Choice {
    pub file: SharedFile,
    pub kept: Kept,
}

/// A prefix whose matrices are in memory.
pub struct Live {
    pub file: SharedFile,
    pub facts: Prepared,
    /// The rows that it is judged on, where predictions are kept or a metric reads more of them than a worker has.
    pub rows: Option<SplitRows>,
}

/// One of the run's hands; each works alone.
pub struct Hands<'a> {
    job: &'a Job<'a>,
    begin: &'a Begin,
    limits: Limits,
    gauge: &'a AtomicU64,
    ended: &'a AtomicBool,
    predictions: Option<&'a Path>,
    worker: Option<Process>,
}

/// What became of a task: its result or the cells' failure; the outer error ends the run.
type Done<T> = Result<Result<T, Failure>>;

impl<'a> Hands<'a> {
    /// `begin` is what a worker is started with; `gauge` is told its private memory; what is in flight is given up when
    /// `ended` is set; predictions go into the results directory `predictions`, where there is one.
    pub fn new(
        job: &'a Job<'a>,
        begin: &'a Begin,
        limits: Limits,
        (gauge, ended): (&'a AtomicU64, &'a AtomicBool),
        predictions: Option<&'a Path>,
    ) -> Self {
        Hands { job, begin, limits, gauge, ended, predictions, worker: None }
    }

    /// Has the cell's resampler choose.
    ///
    /// # Errors
    /// No worker can be started.
    pub fn resample(&mut self, cell: &Cell, threads: usize) -> Done<Arc<Choice>> {
        let file = SharedFile::create("fraudbench-choice")?;
        let request = self.task(cell, threads, Work::Resample { into: file.path() });
        Ok(self.request(&request)?.and_then(|reply| match reply {
            Reply::Kept(kept) => Ok(Arc::new(Choice { file, kept })),
            other => Err(unexpected(Stage::Resample, &other)),
        }))
    }

    /// Makes the matrices of the cell's prefix.
    ///
    /// # Errors
    /// No worker can be started.
    pub fn prepare(&mut self, cell: &Cell, choice: &Choice, threads: usize) -> Done<Live> {
        let file = SharedFile::create("fraudbench-prefix")?;
        let work = Work::Prepare { choice: choice.file.path(), kept: choice.kept, into: file.path() };
        let request = self.task(cell, threads, work);
        Ok(self.request(&request)?.and_then(|reply| match reply {
            Reply::Prepared(mut facts) => {
                let rows = self.keeps_said().then(|| judged_rows(self.job, cell)).flatten();
                // Within one data set the same rows have the same sides.
                let of_several = rows.as_ref().filter(|_| self.job.study.data.len() > 1);
                facts.sided_rows = of_several.and_then(SplitRows::sided_digest);
                Ok(Live { file, facts, rows })
            }
            other => Err(unexpected(Stage::Scale, &other)),
        }))
    }

    /// Runs a cell; its predictions are on disk when it returns.
    ///
    /// # Errors
    /// No worker can be started, or the predictions cannot be written.
    pub fn execute(&mut self, cell: &Cell, live: &Live, threads: usize) -> Result<Record> {
        let (matrices, prepared): (PathBuf, Prepared) = (live.file.path(), live.facts.clone());
        let said = self.keeps_said().then(|| SharedFile::create("fraudbench-said")).transpose()?;
        let path = said.as_ref().map(SharedFile::path);
        let request = self.task(cell, threads, Work::Run { matrices, prepared, said: path.clone() });
        Ok(match self.request(&request)? {
            Ok(Reply::Record(mut record)) => {
                if let (Outcome::Scored, Some(path)) = (record.outcome, path) {
                    self.keep(&mut record, live, &path)?;
                }
                *record
            }
            Ok(other) => super::cell::failed(self.job, cell, Some(&live.facts), unexpected(Stage::Fit, &other)),
            Err(failure) => super::cell::failed(self.job, cell, Some(&live.facts), failure),
        })
    }

    /// Whether what a model said of its test rows is needed here: to be kept, or for metrics that a worker cannot compute.
    fn keeps_said(&self) -> bool {
        self.predictions.is_some() || self.job.study.metrics.iter().any(|metric| !is_of_worker(metric))
    }

    /// Completes a record by what its model said, and keeps that where it is to be kept.
    fn keep(&self, record: &mut Record, live: &Live, said: &Path) -> Result<()> {
        // Where the split's rows are not what the cell was judged on, nothing could be told of single rows.
        let Some(rows) = &live.rows else { return Ok(()) };
        let said = super::cell::read_said(said, &live.facts)?;
        if !self.job.study.metrics.iter().all(|metric| is_of_worker(metric)) {
            complete(record, &said, rows, self.job.study)?;
        }
        match self.predictions {
            Some(directory) => {
                record.kept = true;
                said.write(directory, &record.key)
            }
            None => Ok(()),
        }
    }

    fn task(&self, cell: &Cell, threads: usize, work: Work) -> Request {
        let memory = self.limits.memory_of(threads).saturating_add(SLACK_BYTES);
        Request { threads, memory, cell: cell.clone(), work }
    }

    fn request(&mut self, request: &Request) -> Done<Reply> {
        if self.limits.in_process {
            return Ok(match answer(self.job, request, &mut |_| ()) {
                Reply::Failed(failure) => Err(failure),
                reply => Ok(reply),
            });
        }
        if self.limits.fresh_workers {
            self.worker = None;
        }
        let mut tried = 0;
        loop {
            let worker = match &mut self.worker {
                Some(worker) => worker,
                none => none.insert(start(self.begin, self.ended)?),
            };
            let usage = Usage {
                deadline: self.limits.cell_time,
                memory: Some(self.limits.memory_of(request.threads)),
                gauge: self.gauge,
                ended: self.ended,
            };
            let ending = worker.ask(request, usage);
            let taken = worker.taken();
            let failure = match ending {
                Ending::Reply(Reply::Failed(failure)) => return Ok(Err(failure)),
                Ending::Reply(mut reply) => {
                    if let Reply::Record(record) = &mut reply {
                        record.peak_memory_mib = record.peak_memory_mib.map(|own| own.max(worker.most_bytes() >> 20));
                    }
                    return Ok(Ok(reply));
                }
                Ending::TimedOut(stage) => Failure::other(Outcome::TimedOut, stage, self.late()),
                Ending::OutOfMemory(stage, how) => {
                    Failure::other(Outcome::OutOfMemory, stage, self.much(request.threads, how.as_deref()))
                }
                Ending::GivenUp => {
                    self.worker = None;
                    return Err(Error::Usage("the run has ended".into()));
                }
                Ending::Died(stage, reason) => Failure::other(Outcome::Crashed, stage, reason),
            };
            let failure = Failure { taken: Some(taken), ..failure };
            self.worker = None;
            // Time and memory would run out again; a crash may have come from outside.
            if failure.outcome != Outcome::Crashed || tried == self.limits.retries {
                return Ok(Err(failure));
            }
            tried += 1;
        }
    }

    fn late(&self) -> String {
        let seconds = self.limits.cell_time.map_or(0.0, |time| time.as_secs_f64());
        format!("not done after {seconds} s (`cell_seconds` of the limits)")
    }

    fn much(&self, threads: usize, how: Option<&str>) -> String {
        let limit = self.limits.memory_of(threads) >> 20;
        let whose = match self.limits.cell_memory {
            Some(_) => "`cell_memory` of the limits",
            None => "its share of `memory` of the limits; `cell_memory` gives a cell more",
        };
        match how {
            None => format!("took more memory than {limit} MiB ({whose})"),
            Some(how) => format!("got no more memory than {limit} MiB ({whose}): {how}"),
        }
    }
}

/// Starts a worker; one that cannot be started again and again ends the run.
fn start(begin: &Begin, ended: &AtomicBool) -> Result<Process> {
    let mut tried = 1;
    loop {
        match Process::start(begin) {
            Err(_) if tried < STARTS && !ended.load(Ordering::SeqCst) => {
                tried += 1;
                std::thread::sleep(PAUSE);
            }
            started => return started,
        }
    }
}

/// What a worker is started with. `data` is the shared file of the tables.
pub fn begin(job: &Job<'_>, (data, tables): (PathBuf, Vec<TableLayout>)) -> Begin {
    Begin {
        study: job.study.text.clone(),
        study_file: job.study.file.clone(),
        data,
        first: job.first,
        derived: job.derived.clone(),
        tables,
    }
}

fn unexpected(stage: Stage, reply: &Reply) -> Failure {
    Failure::new(stage, format!("the worker gave an answer to another question: {reply:?}"))
}
