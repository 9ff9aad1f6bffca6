//! Workers take tasks from the schedule until none is left or the run is stopped.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::events::{Event, Sink};
use super::pace::{Kind, Pace};
use super::schedule::{Schedule, Task};
use super::{cell, estimate, prefix};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::split::Split;
use crate::store::{Log, Outcome, Record};
use crate::study::{Cell, Study};

/// What a run may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Threads in all.
    pub threads: usize,
    /// Threads a cell; `threads / cell_threads` cells run side by side.
    pub cell_threads: usize,
}

/// A study, its data, and the splits of each dataset variant.
pub struct Job<'a> {
    /// The study.
    pub study: &'a Study,
    /// The data.
    pub data: &'a Dataset,
    /// What the run may use.
    pub limits: Limits,
    deduplicated: Vec<usize>,
    splits: [Vec<Split>; 2],
}

impl<'a> Job<'a> {
    /// Makes the splits of every dataset variant that the study has. `deduplicated` are the rows that dedup keeps.
    ///
    /// # Errors
    /// [`Error::Data`] when the data cannot be split as the study asks.
    pub fn new(study: &'a Study, data: &'a Dataset, deduplicated: Vec<usize>, limits: Limits) -> Result<Self> {
        let time_column = study.protocol.order_column();
        let order_by = match time_column {
            None => None,
            Some(name) => {
                let names: Vec<&str> = data.columns.iter().map(String::as_str).collect();
                let at = names
                    .iter()
                    .position(|c| *c == name)
                    .ok_or_else(|| Error::Data(crate::error::unknown("column for time order", name, &names)))?;
                Some(data.x.column(at).to_vec())
            }
        };
        let splits_of = |rows: Option<&[usize]>| {
            let pick = |all: &[f64]| rows.map_or_else(|| all.to_vec(), |r| r.iter().map(|&i| all[i]).collect());
            let y: Vec<u8> = rows.map_or_else(|| data.y.clone(), |r| r.iter().map(|&i| data.y[i]).collect());
            study.protocol.splits(&y, order_by.as_deref().map(pick).as_deref())
        };
        let mut splits = [Vec::new(), Vec::new()];
        for &dedup in &study.dedup {
            splits[usize::from(dedup)] = splits_of(dedup.then_some(deduplicated.as_slice()))?;
        }
        Ok(Job { study, data, limits, deduplicated, splits })
    }

    /// The rows of a dataset variant; `None` means all.
    pub fn variant_rows(&self, dedup: bool) -> Option<&[usize]> {
        dedup.then_some(self.deduplicated.as_slice())
    }

    /// The split of a cell.
    pub fn split(&self, cell: &Cell) -> &Split {
        &self.splits[usize::from(cell.id.dedup)][cell.split]
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Summary {
    /// Cells scored by this run.
    pub scored: usize,
    /// Cells failed in this run.
    pub failed: usize,
    /// Cells that were to be run and were not begun, because the run was stopped.
    pub left: usize,
    /// Wall seconds.
    pub wall: f64,
    /// Seconds in fit and predict, summed over cells.
    pub busy: f64,
}

struct Shared<'a> {
    log: &'a mut Log,
    sink: &'a mut dyn Sink,
    pace: Pace,
    outstanding: HashMap<Kind, usize>,
    summary: Summary,
    error: Option<Error>,
}

/// Runs `cells` (outstanding ones, in plan order), appending a record for each to `log`. Set `stop` to end the run after
/// the cells in flight.
///
/// # Errors
/// [`Error::Io`] when a record cannot be written; all earlier ones are on disk then.
pub fn run(job: &Job<'_>, cells: &[&Cell], log: &mut Log, sink: &mut dyn Sink, stop: &AtomicBool) -> Result<Summary> {
    let started = Instant::now();
    let workers = (job.limits.threads / job.limits.cell_threads.max(1)).max(1);
    let schedule = Schedule::new(cells);
    let mut outstanding: HashMap<Kind, usize> = HashMap::new();
    for cell in cells {
        *outstanding.entry((cell.classifier, cell.scaler)).or_default() += 1;
    }
    let (rows, columns) = job.data.x.dim();
    let estimates = outstanding
        .keys()
        .map(|&(classifier, scaler)| {
            let seconds = estimate::cell_seconds(job.study, scaler, classifier, rows, columns);
            ((classifier, scaler), seconds)
        })
        .collect();
    let shared = Mutex::new(Shared {
        log,
        sink,
        pace: Pace::new(estimates),
        outstanding,
        summary: Summary { left: cells.len(), ..Summary::default() },
        error: None,
    });
    let pools = (0..workers)
        .map(|_| rayon::ThreadPoolBuilder::new().num_threads(job.limits.cell_threads.max(1)).build())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| Error::Usage(format!("cannot start {workers} workers: {e}")))?;
    let finished = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| watch(stop, &finished, &schedule, &shared));
        let threads: Vec<_> =
            pools.iter().map(|pool| scope.spawn(|| pool.install(|| work(job, cells, &schedule, &shared)))).collect();
        for thread in threads {
            // A worker's own panic is a bug of ours, not of a component: it is passed on once the others are done.
            if let Err(panic) = thread.join() {
                finished.store(true, Ordering::SeqCst);
                std::panic::resume_unwind(panic);
            }
        }
        finished.store(true, Ordering::SeqCst);
    });
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    match shared.error {
        Some(e) => Err(e),
        None => Ok(Summary { wall: started.elapsed().as_secs_f64(), ..shared.summary }),
    }
}

fn lock<'l, 'a>(shared: &'l Mutex<Shared<'a>>) -> std::sync::MutexGuard<'l, Shared<'a>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for the wish to stop; workers are busy in fits and cannot look.
fn watch(stop: &AtomicBool, finished: &AtomicBool, schedule: &Schedule, shared: &Mutex<Shared<'_>>) {
    while !finished.load(Ordering::SeqCst) {
        if stop.load(Ordering::SeqCst) {
            let in_flight = schedule.stop();
            lock(shared).sink.on(&Event::Stopping { in_flight });
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn work(job: &Job<'_>, cells: &[&Cell], schedule: &Schedule, shared: &Mutex<Shared<'_>>) {
    let kind = |index: usize| (cells[index].classifier, cells[index].scaler);
    while let Some(task) = schedule.next() {
        match task {
            Task::Prepare { group, first, kept } => {
                let cell = cells[first];
                let kept = kept.get_or_init(|| prefix::resample(job, cell));
                let prepared = match kept {
                    Ok(kept) => prefix::prepare(job, cell, kept),
                    Err(failure) => Err(failure.clone()),
                };
                match prepared {
                    Ok(prepared) => schedule.open(group, prepared, &lock(shared).pace, kind),
                    Err(failure) => {
                        for index in schedule.abandon(group) {
                            let record = cell::failed(job, cells[index], failure.clone());
                            finish(&record, kind(index), schedule, shared, job);
                        }
                    }
                }
            }
            Task::Run { cell: index, prepared } => {
                let record = cell::execute(job, cells[index], &prepared);
                drop(prepared);
                schedule.done();
                finish(&record, kind(index), schedule, shared, job);
            }
        }
    }
}

fn finish(record: &Record, kind: Kind, schedule: &Schedule, shared: &Mutex<Shared<'_>>, job: &Job<'_>) {
    let mut shared = lock(shared);
    if shared.error.is_some() {
        return;
    }
    if let Err(e) = shared.log.append(record) {
        shared.error = Some(e);
        schedule.stop();
        return;
    }
    let seconds = record.seconds.fit + record.seconds.predict;
    shared.pace.add(kind, seconds);
    if let Some(count) = shared.outstanding.get_mut(&kind) {
        *count -= 1;
    }
    match record.outcome {
        Outcome::Scored => shared.summary.scored += 1,
        Outcome::Failed => shared.summary.failed += 1,
    }
    shared.summary.left -= 1;
    shared.summary.busy += seconds;
    let workers = (job.limits.threads / job.limits.cell_threads.max(1)).max(1);
    let remaining = shared.pace.remaining(&shared.outstanding, workers);
    shared.sink.on(&Event::Finished { record, remaining });
}
