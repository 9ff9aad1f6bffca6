//! Hands take tasks from the schedule until none is left or the run is stopped.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::events::{Event, Sink};
use super::hands::{Hands, begin, share_data};
use super::job::Job;
use super::limits::Limits;
use super::pace::{Kind, Pace};
use super::reuse::{Inputs, Verdict};
use super::schedule::{Budget, Live, Schedule, SharedChoice, Task};
use super::worker::private_bytes;
use super::{cell, estimate};
use crate::error::{Error, Result};
use crate::store::{Log, Outcome, Record, TestRows, rows_path};
use crate::study::Cell;

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Summary {
    /// Cells scored by this run.
    pub scored: usize,
    /// Of these, cells whose result is another cell's, because their input is.
    pub copied: usize,
    /// Cells of this run without scores, whatever the reason.
    pub failed: usize,
    /// Cells that were to be run and were not begun, because the run was stopped.
    pub left: usize,
    /// Wall seconds.
    pub wall: f64,
    /// Thread-seconds in fit and predict, summed over the cells that were fitted.
    pub busy: f64,
    /// The most memory at a time: this process, its workers, the live prefixes.
    pub peak_bytes: u64,
}

/// What a run goes by.
pub struct Order<'o> {
    /// The outstanding cells, in plan order.
    pub cells: &'o [&'o Cell],
    /// Records that are there already: their times tell what the rest will take, their inputs are not fitted again.
    pub records: &'o [Record],
    /// Whether a cell with another's input is fitted all the same.
    pub refit: bool,
    /// What may be used.
    pub limits: Limits,
    /// The results directory that predictions are kept in, if they are.
    pub predictions: Option<PathBuf>,
}

/// What the hands share: record log, display, pace, who has which input.
struct Shared<'a> {
    log: &'a mut Log,
    sink: &'a mut dyn Sink,
    pace: Pace,
    outstanding: HashMap<Kind, usize>,
    inputs: Inputs,
    parked: HashMap<usize, Arc<Live>>,
    summary: Summary,
    error: Option<Error>,
}

struct Run<'r> {
    job: &'r Job<'r>,
    order: &'r Order<'r>,
    schedule: Schedule,
    shared: Mutex<Shared<'r>>,
}

/// Runs the outstanding cells, appending a record for each to `log`. Set `stop` to end the run after the cells in flight.
///
/// # Errors
/// [`Error::Io`] when a record cannot be written or no worker can be started; all earlier records are on disk then.
pub fn run<'r>(
    job: &'r Job<'r>,
    order: &'r Order<'r>,
    log: &'r mut Log,
    sink: &'r mut dyn Sink,
    stop: &AtomicBool,
) -> Result<Summary> {
    let started = Instant::now();
    let limits = order.limits;
    let budget = Budget { threads: limits.threads, cell_threads: limits.cell_threads, prefix_bytes: limits.memory / 2 };
    let (rows, columns) = job.data.x().dim();
    let bytes = |cell: &Cell| (rows * estimate::width(job.study, cell.scaler, columns) * size_of::<f64>()) as u64;
    let run = Run {
        job,
        order,
        schedule: Schedule::new(order.cells, budget, bytes),
        shared: Mutex::new(Shared {
            log,
            sink,
            pace: pace(job, order),
            outstanding: HashMap::new(),
            inputs: if order.refit { Inputs::default() } else { Inputs::of(order.records) },
            parked: HashMap::new(),
            summary: Summary { left: order.cells.len(), ..Summary::default() },
            error: None,
        }),
    };
    for index in 0..order.cells.len() {
        *run.shared().outstanding.entry(run.kind(index)).or_default() += 1;
    }
    let data = share_data(job)?;
    let begin = begin(job, data.path(), limits);
    let gauges: Vec<AtomicU64> = (0..limits.workers()).map(|_| AtomicU64::new(0)).collect();
    let finished = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| run.watch(stop, &finished, &gauges));
        let threads: Vec<_> = gauges
            .iter()
            .map(|gauge| scope.spawn(|| run.work(Hands::new(job, &begin, limits, gauge, order.predictions.as_deref()))))
            .collect();
        for thread in threads {
            // A panic here is a bug of ours, not of a component: it is passed on once the others are done.
            if let Err(panic) = thread.join() {
                finished.store(true, Ordering::SeqCst);
                std::panic::resume_unwind(panic);
            }
        }
        finished.store(true, Ordering::SeqCst);
    });
    let shared = run.shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    match shared.error {
        Some(e) => Err(e),
        None => Ok(Summary { wall: started.elapsed().as_secs_f64(), ..shared.summary }),
    }
}

/// What is known before the first cell: the estimates, corrected by the records that are there.
fn pace(job: &Job<'_>, order: &Order<'_>) -> Pace {
    let (rows, columns) = job.data.x().dim();
    let mut estimates = HashMap::new();
    for classifier in 0..job.study.classifiers.len() {
        for scaler in 0..job.study.scalers.len() {
            let seconds = estimate::cell_seconds(job.study, scaler, classifier, rows, columns);
            estimates.insert((classifier, scaler), seconds);
        }
    }
    let mut pace = Pace::new(estimates);
    for record in order.records.iter().filter(|r| r.outcome == Outcome::Scored && r.equals.is_none()) {
        let classifier = job.study.classifiers.iter().position(|c| c.name == record.cell.classifier);
        let scaler = job.study.scalers.iter().position(|s| s.name == record.cell.scaler);
        if let (Some(classifier), Some(scaler)) = (classifier, scaler) {
            pace.add((classifier, scaler), thread_seconds(record));
        }
    }
    pace.into_estimates()
}

fn thread_seconds(record: &Record) -> f64 {
    (record.seconds.fit + record.seconds.predict) * f64::from(record.threads.max(1))
}

impl<'r> Run<'r> {
    fn shared(&self) -> MutexGuard<'_, Shared<'r>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kind(&self, index: usize) -> Kind {
        (self.order.cells[index].classifier, self.order.cells[index].scaler)
    }

    /// Waits for the wish to stop, as the others are busy and cannot look, and keeps count of the memory.
    fn watch(&self, stop: &AtomicBool, finished: &AtomicBool, gauges: &[AtomicU64]) {
        let mut stopping = false;
        while !finished.load(Ordering::SeqCst) {
            if !stopping && stop.load(Ordering::SeqCst) {
                stopping = true;
                let in_flight = self.schedule.stop();
                self.shared().sink.on(&Event::Stopping { in_flight });
            }
            let workers: u64 = gauges.iter().map(|gauge| gauge.load(Ordering::Relaxed)).sum();
            let bytes = private_bytes(std::process::id()) + workers + self.schedule.live_bytes();
            let mut shared = self.shared();
            shared.summary.peak_bytes = shared.summary.peak_bytes.max(bytes);
            drop(shared);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// One worker's life. An error of its hands ends the run.
    fn work(&self, mut hands: Hands<'_>) {
        while let Some(task) = self.schedule.next() {
            let done = match task {
                Task::Prepare { group, first, choice, threads } => {
                    let done = self.prepare(&mut hands, group, first, &choice, threads);
                    self.schedule.release(threads, false);
                    done
                }
                Task::Run { cell, live, threads } => {
                    let record = hands.execute(self.order.cells[cell], &live, threads);
                    drop(live);
                    self.schedule.release(threads, true);
                    record.map(|record| self.finish(cell, &record))
                }
            };
            if let Err(error) = done {
                self.shared().error.get_or_insert(error);
                self.schedule.stop();
            }
        }
    }

    fn prepare(
        &self,
        hands: &mut Hands<'_>,
        group: usize,
        first: usize,
        choice: &SharedChoice,
        threads: usize,
    ) -> Result<()> {
        let cell = self.order.cells[first];
        let mut chosen = choice.lock().unwrap_or_else(PoisonError::into_inner);
        if chosen.is_none() {
            *chosen = Some(hands.resample(cell, threads)?);
        }
        let live = match chosen.as_ref() {
            Some(Ok(choice)) => hands.prepare(cell, choice, threads)?,
            Some(Err(failure)) => Err(failure.clone()),
            None => return Ok(()),
        };
        drop(chosen);
        match live {
            Ok(live) => {
                self.keep_rows(cell)?;
                self.open(group, &Arc::new(live));
            }
            Err(failure) => {
                self.schedule.abandon(group);
                for &index in self.schedule.cells(group) {
                    let record = cell::failed(self.job, self.order.cells[index], None, failure.clone());
                    self.finish(index, &record);
                }
            }
        }
        Ok(())
    }

    /// Writes which rows a split tests on, once, beside the predictions.
    fn keep_rows(&self, cell: &Cell) -> Result<()> {
        let Some(directory) = &self.order.predictions else { return Ok(()) };
        let path = rows_path(directory, &cell.id);
        if path.exists() {
            return Ok(());
        }
        let (data, keep) = (&self.job.data, self.job.variant_rows(cell.id.dedup));
        let rows: Vec<usize> = self.job.split(cell).test.iter().map(|&p| keep.map_or(p, |k| k[p])).collect();
        let amount = data.columns.iter().position(|column| column.name.eq_ignore_ascii_case("amount"));
        let x = data.x();
        TestRows {
            row: rows.iter().map(|&row| row as u32).collect(),
            positive: rows.iter().map(|&row| data.y[row] == 1).collect(),
            amount: amount.map(|column| rows.iter().map(|&row| x[(row, column)]).collect()),
        }
        .write(&path)
    }

    /// Hands a prepared prefix's cells out, those that are expected to take longest first; those whose input an earlier
    /// cell has are copied, at once or when that one is done.
    fn open(&self, group: usize, live: &Arc<Live>) {
        let mut shared = self.shared();
        let (mut cells, mut parked, mut copies) = (Vec::new(), 0, Vec::new());
        for &index in self.schedule.cells(group) {
            let verdict = match self.order.refit {
                true => Verdict::Run,
                false => self.enter(&mut shared, index, live),
            };
            match verdict {
                Verdict::Run => cells.push(index),
                Verdict::Wait => parked += 1,
                Verdict::Copy(record) => copies.push((index, record)),
            }
        }
        cells.sort_by(|&a, &b| shared.pace.expect(self.kind(b)).total_cmp(&shared.pace.expect(self.kind(a))));
        self.schedule.open(group, live, cells, parked);
        drop(shared);
        for (index, record) in copies {
            self.finish(index, &cell::copied(self.job, self.order.cells[index], &live.facts, &record));
        }
    }

    fn enter(&self, shared: &mut Shared<'_>, index: usize, live: &Arc<Live>) -> Verdict {
        let input = super::reuse::input(self.job, self.order.cells[index], &live.facts);
        let verdict = shared.inputs.enter(&input, index);
        if matches!(verdict, Verdict::Wait) {
            shared.parked.insert(index, Arc::clone(live));
        }
        verdict
    }

    /// Records a cell, then those that waited for its result.
    fn finish(&self, index: usize, record: &Record) {
        let waiting = {
            let mut shared = self.shared();
            if !self.record(&mut shared, index, record) {
                return;
            }
            match self.order.refit || record.equals.is_some() {
                true => Vec::new(),
                false => shared.inputs.finished(record),
            }
        };
        for waiter in waiting {
            let Some(live) = self.shared().parked.remove(&waiter) else { continue };
            if record.outcome == Outcome::Scored {
                let copy = cell::copied(self.job, self.order.cells[waiter], &live.facts, record);
                self.schedule.unpark(waiter, None);
                self.finish(waiter, &copy);
            } else {
                let verdict = self.enter(&mut self.shared(), waiter, &live);
                if matches!(verdict, Verdict::Run) {
                    self.schedule.unpark(waiter, Some(live));
                }
            }
        }
    }

    /// Appends a record and tells of it; false when it could not be written, which ends the run.
    fn record(&self, shared: &mut Shared<'_>, index: usize, record: &Record) -> bool {
        if shared.error.is_some() {
            return false;
        }
        if let Err(e) = shared.log.append(record) {
            shared.error = Some(e);
            self.schedule.stop();
            return false;
        }
        if let Some(count) = shared.outstanding.get_mut(&self.kind(index)) {
            *count -= 1;
        }
        let fitted = record.equals.is_none();
        match record.outcome {
            Outcome::Scored => shared.summary.scored += 1,
            _ => shared.summary.failed += 1,
        }
        shared.summary.copied += usize::from(!fitted);
        if fitted {
            shared.pace.add(self.kind(index), thread_seconds(record));
            shared.summary.busy += thread_seconds(record);
        }
        shared.summary.left -= 1;
        let remaining = shared.pace.remaining(&shared.outstanding, self.order.limits.threads);
        shared.sink.on(&Event::Finished { record, remaining });
        true
    }
}
